//! Placing an order: stock, coupon, payment, points and the order itself, in one commit.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::earn::{Gift, Outlook, earn, want_rules};
use crate::commit::key::{Key, Made};
use crate::commit::open::{refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, NewOrder, Rows};
use crate::commit::tier::{Counted, Tiers, want_tier};
use crate::domain::catalog::entity::product;
use crate::domain::earning::rule::occasion::{Item, Occasion, Standing};
use crate::domain::member::entity::{HandleKind, handle};
use crate::domain::order::entity::{Channel, OrderStatus, PaymentMethod, PaymentStatus, line, order, payment};
use crate::domain::order::rule::{CartLine, Priced, Rejection, Shop, price};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{Cause, program};
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::purse::Purse;
use crate::domain::points::rule::{By, Event, Lasting, Refusal, Terms};
use crate::domain::reward::entity::coupon;
use crate::domain::tier::entity::CountedAs;
use crate::domain::tier::rule::terms::Measures;

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "placeOrder";

#[derive(Clone, Debug)]
pub struct PlaceOrder {
    pub key: Key,
    pub lines: Vec<CartLine>,
    pub coupon_code: Option<String>,
    /// Points it is paid with, as far as they go; the rest is paid with money.
    pub points: i64,
    /// Whose points these are.
    pub purse: Purse,
    pub channel: Option<Channel>,
    pub outlet_id: Option<Id>,
    /// What is known of the member before their wallet is locked.
    pub standing: Standing,
    /// The earning rules of that moment, by which it asks for the budgets and counts that it may need.
    pub outlook: Outlook,
    /// The products of the lines, read before queueing: the price is the one of the moment the order was sent.
    pub products: HashMap<Id, Arc<product::Model>>,
    // Drawn beforehand:
    pub order_id: Id,
    pub number: String,
    /// The first id of its transactions and lots.
    pub seed: Id,
    pub event_id: Id,
}

impl Command for PlaceOrder {
    type Done = Made<order::Model>;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        18 + 2 * self.lines.len()
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        want_tier(keys, self.key.member_id);
        if self.points > 0 {
            want_lots(keys, self.key.member_id);
        }
        keys.stock.extend(self.lines.iter().map(|line| line.product_id));
        if !self.outlook.rules.is_empty() {
            let items = self.items_on_offer();
            let occasion = self.occasion(self.outlook.moment, &self.outlook.zone, &items, &self.standing);
            want_rules(keys, self.key.member_id, &self.outlook.rules, &occasion);
        }
        keys.coupons.extend(self.coupon_code.iter().map(|code| (self.key.member_id, code.clone())));
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(self.key.member_id)?;
        let mut tiers = Tiers::open(rows, self.key.member_id, self.seed, now)?;
        let coupon = self.coupon(rows)?;
        let shop = Shop { program: &rows.program, products: &self.products, stock: Some(&rows.stock) };
        let priced = price(&self.lines, &shop, coupon, self.points, now)?;
        let gift = self.gift(rows, &tiers, &priced, now)?;
        let points = Points { paid: priced.points_paid, earned: gift.earned.points };
        let earned_in = books.open_household(self.key.member_id)?;
        let own = books.wallet(self.key.member_id)?;
        let pays =
            if priced.points_paid > 0 { self.purse.wallet(own).map_err(Rejection::from)? } else { own.member_id };
        let booked = self.book(&mut books, pays, earned_in, &rows.program, points, now);
        let booked = booked.map_err(|refusal| refused(rows, pays, refusal, rejected))?;
        let own = &mut books.of(self.key.member_id).wallet;
        own.purchases += 1;
        own.spent = own.spent.checked_add(priced.total - priced.points_value).ok_or(Rejection::TooLarge)?;
        let order = self.order(rows, &priced, &gift, coupon, booked, now);
        tiers.count(self.counted(&order), &zone(&rows.program))?;
        let wallet = &mut books.of(self.key.member_id).wallet;
        let tier = tiers.close(wallet, By::member(self.key.member_id), None);
        let books = books.close();
        let changed_coupon = coupon.map(|coupon| coupon::Model {
            used_at: Some(now.micros()),
            order_id: Some(self.order_id),
            ..coupon.clone()
        });
        let changes = Changes {
            names: vec![self.name()],
            events: vec![told(&books[0], self.event_id, Topic::OrderPlaced, payload(&order), now)],
            books,
            changed_coupon,
            reply: Some(self.key.reply(self.order_id, now)),
            order: Some(NewOrder {
                lines: self.order_lines(&priced, &gift.earned.by_line),
                payment: Some(payment_of(&order)),
                order: order.clone(),
            }),
            stock: priced.stock,
            budgets: gift.budgets,
            uses: gift.uses,
            shares: gift.shares,
            ..Changes::default()
        };
        Ok((tier.among(changes), Made::Now(order)))
    }
}

/// Points that an order is paid with, and that it earns.
#[derive(Clone, Copy, Debug)]
struct Points {
    paid: i64,
    earned: i64,
}

/// What an order did to the books: the transaction that paid for it, and the lot it earned.
#[derive(Clone, Copy, Debug, Default)]
struct Booked {
    points_txn_id: Option<Id>,
    lot_id: Option<Id>,
    /// Where these are, if not in the member's own wallet.
    spent_from: Option<Id>,
    earned_in: Option<Id>,
}

fn rejected(refusal: Refusal) -> Rejection {
    match refusal {
        Refusal::NotEnoughPoints { required, active } => Rejection::NotEnoughPoints { required, active },
        Refusal::WalletFull | Refusal::MoreLots => Rejection::TooManyPoints,
    }
}

/// What other systems are told of a new order.
fn payload(order: &order::Model) -> serde_json::Value {
    serde_json::json!({
        "orderId": order.id, "number": order.number, "total": order.total,
        "money": order.total - order.points_value, "currency": order.currency,
        "pointsEarned": order.points_earned, "pointsPaid": order.points_paid,
    })
}

impl PlaceOrder {
    /// The lines at their full price, as far as their products are known: what rules are asked about before it is decided.
    fn items_on_offer(&self) -> Vec<Item> {
        let known = self.lines.iter().filter_map(|line| Some((line, self.products.get(&line.product_id)?)));
        let items = known.map(|(line, product)| {
            let net = product.price.saturating_mul(line.quantity);
            Item {
                product_id: line.product_id,
                sku: product.sku.clone(),
                category_id: product.category_id,
                quantity: line.quantity,
                net,
                basis: net,
            }
        });
        items.collect()
    }

    fn occasion<'a>(
        &self,
        moment: Instant,
        zone: &'a TimeZone,
        items: &'a [Item],
        standing: &'a Standing,
    ) -> Occasion<'a> {
        let channel = self.channel.map(Channel::word);
        Occasion { moment, zone, items, channel, outlet_id: self.outlet_id, event: None, standing }
    }

    /// What the order earns, by what is known of the member under the lock.
    fn gift(&self, rows: &Rows, tiers: &Tiers, priced: &Priced, now: Instant) -> Result<Gift, Stop<Rejection>> {
        self.outlook.must_cover(&rows.rules)?;
        let wallet = rows.ledgers.get(&self.key.member_id).map(|ledger| &ledger.wallet);
        let standing = Standing {
            purchases_before: wallet.map(|wallet| wallet.purchases),
            tier: tiers.standing(),
            ..self.standing.clone()
        };
        let (zone, items) = (zone(&rows.program), priced.items());
        let occasion = self.occasion(now, &zone, &items, &standing);
        let gift = earn(rows, &rows.program, (self.key.member_id, self.order_id), &occasion)?;
        gift.ok_or(Stop::Rejected(Rejection::TooManyPoints))
    }

    fn coupon<'a>(&self, rows: &'a Rows) -> Result<Option<&'a coupon::Model>, Rejection> {
        let Some(code) = &self.coupon_code else {
            return Ok(None);
        };
        rows.coupons.get(&(self.key.member_id, code.clone())).map(Some).ok_or(Rejection::CouponNotYours)
    }

    /// Points pay first; then the order earns, into the household's wallet for a member of one, pending if its program has
    /// a return window. Whoever owes points earns for themselves until that is repaid: a household is no way out of a debt.
    fn book(
        &self,
        books: &mut Books,
        pays: Id,
        household: Option<Id>,
        program: &program::Model,
        points: Points,
        now: Instant,
    ) -> Result<Booked, Refusal> {
        let own = self.key.member_id;
        let event = Event::once(Cause::Order, self.order_id, By::member(self.key.member_id), program.version, now);
        let mut booked = Booked::default();
        if points.paid > 0 {
            booked.points_txn_id = Some(books.of(pays).redeem(&event, points.paid)?);
            booked.spent_from = Some(pays).filter(|pays| *pays != own);
        }
        if points.earned > 0 {
            let lasting = Lasting::of(program);
            let terms = if program.return_window_days.is_some() { Terms::Pending } else { Terms::AtOnce(&lasting) };
            let owes = books.of(own).wallet.debt > 0 && !planted(Bug::DebtorEarnsElsewhere);
            let household = household.filter(|_| !owes);
            let ledger = books.of(household.unwrap_or(own));
            booked.lot_id = Some(ledger.accrue(&event, points.earned, terms)?);
            booked.earned_in = household;
            ledger.repay(&event)?;
        }
        Ok(booked)
    }

    fn order(
        &self,
        rows: &Rows,
        priced: &Priced,
        gift: &Gift,
        coupon: Option<&coupon::Model>,
        booked: Booked,
        now: Instant,
    ) -> order::Model {
        order::Model {
            member_id: self.key.member_id,
            id: self.order_id,
            number: self.number.clone(),
            status: OrderStatus::Paid,
            imported: false,
            pieces: priced.pieces,
            currency: rows.program.currency.clone(),
            subtotal: priced.subtotal,
            discount: priced.discount,
            total: priced.total,
            points_earned: gift.earned.points,
            coupon_id: coupon.map(|coupon| coupon.id),
            placed_at: now.micros(),
            recorded_at: now.micros(),
            program_version: rows.program.version,
            lot_id: booked.lot_id,
            points_paid: priced.points_paid,
            points_value: priced.points_value,
            points_txn_id: booked.points_txn_id,
            earned_in: booked.earned_in,
            spent_from: booked.spent_from,
            revision: 0,
            delivered_at: None,
            money_returned: 0,
            points_returned: 0,
            points_clawed: 0,
            channel: self.channel,
            outlet_id: self.outlet_id,
            standing: gift.standing.as_ref().map(Standing::write),
        }
    }

    /// What it counts towards a tier. It has earned by the tier of before.
    fn counted(&self, order: &order::Model) -> Counted {
        Counted {
            source_id: order.id,
            purchase_id: order.id,
            what: CountedAs::Order,
            measures: Measures { points: order.points_earned, spend: order.total - order.points_value, visits: 1 },
            at: Instant(order.placed_at),
        }
    }

    fn order_lines(&self, priced: &Priced, points: &[i64]) -> Vec<line::Model> {
        let numbered = priced.lines.iter().zip(points).zip(0..);
        numbered
            .map(|((line, points), position)| line::Model {
                member_id: self.key.member_id,
                order_id: self.order_id,
                position,
                product_id: line.item.product_id,
                quantity: line.item.quantity,
                unit_price: line.unit_price,
                discount: line.discount,
                total: line.item.net,
                points_earned: *points,
                points_paid: line.points_paid,
                points_value: line.points_value,
                returned: 0,
                money_returned: 0,
                points_returned: 0,
                tax_rate: line.tax_rate,
                sku: line.item.sku.clone(),
                category_id: line.item.category_id,
            })
            .collect()
    }

    fn name(&self) -> handle::Model {
        handle::Model {
            kind: HandleKind::OrderNumber,
            value: self.number.clone(),
            member_id: self.key.member_id,
            subject_id: self.order_id,
        }
    }
}

/// The one payment method there is: taken by the shop itself and captured at once.
fn payment_of(order: &order::Model) -> payment::Model {
    payment::Model {
        member_id: order.member_id,
        order_id: order.id,
        position: 0,
        method: PaymentMethod::Manual,
        status: PaymentStatus::Captured,
        amount: order.total - order.points_value,
        currency: order.currency.clone(),
        captured_at: order.placed_at,
    }
}
