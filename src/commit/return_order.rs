//! Taking an order back, in part or whole, in one transaction: spent points are given back, then what is no longer
//! earned is clawed back, then money, stock and the coupon follow. A preview is the same decision with nothing written.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::books::{Books, Line};
use crate::commit::command::{Command, Stop};
use crate::commit::earn::{Day, freed, want_freed};
use crate::commit::key::Key;
use crate::commit::open::{refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, OrderRows, Rows};
use crate::commit::tier::{Counted, Tiers, want_tier};
use crate::domain::catalog::entity::stock;
use crate::domain::earning::entity::earned_share;
use crate::domain::earning::rule::terms::Rules;
use crate::domain::order::entity::{PaymentMethod, order_return, return_line};
use crate::domain::order::rule::take_back::{Figures, Placed, Plan, Rejection, What, plan, shortfall, withheld};
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{Cause, program};
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::{By, Event, Lasting, Refusal, TakenBack, Unreversed};
use crate::domain::reward::entity::coupon;
use crate::domain::tier::entity::CountedAs;
use crate::domain::tier::rule::terms::Measures;

/// The names under which idempotency keys of this command are kept.
pub const CANCEL: &str = "cancelOrder";
pub const REFUND: &str = "refundOrder";

#[derive(Clone, Debug)]
pub struct ReturnOrder {
    pub key: Key,
    pub order_id: Id,
    pub what: What,
    /// Decide and write nothing.
    pub is_preview: bool,
    /// What a preview gave: the return is only made if it would do exactly that.
    pub preview: Option<String>,
    pub restock: bool,
    pub reason: Option<String>,
    pub by: By,
    /// The version of the program with which the order was decided, and its earning rules.
    pub program: Arc<program::Model>,
    pub rules: Arc<Rules>,
    /// When it was placed, and what rules gave for it.
    pub placed_at: Instant,
    pub shares: Vec<Arc<earned_share::Model>>,
    /// The wallets its points were earned in and paid from, with those that took them over since.
    pub wallets: Vec<Id>,
    /// The products of its lines by position, and the code of the coupon it used.
    pub products: Vec<(i64, Id)>,
    pub coupon_code: Option<String>,
    // Drawn beforehand:
    pub return_id: Id,
    pub seed: Id,
    pub event_id: Id,
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum Returned {
    Now {
        id: Id,
        figures: Figures,
    },
    /// The key was used before; this is the return it made then.
    Before(Id),
    /// What would come of it, and what to send along to get just that.
    Preview {
        figures: Figures,
        token: String,
    },
}

impl Command for ReturnOrder {
    type Done = Returned;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        30 + 3 * self.products.len()
    }

    fn keys(&self, keys: &mut Keys) {
        if !self.is_preview {
            self.key.want(keys);
        }
        want_lots(keys, self.key.member_id);
        want_tier(keys, self.key.member_id);
        self.wallets.iter().for_each(|wallet| want_lots(keys, *wallet));
        keys.orders.insert((self.key.member_id, self.order_id));
        keys.stock.extend(self.products.iter().filter(|_| self.restock).map(|(_, product)| *product));
        keys.coupons.extend(self.coupon_code.iter().map(|code| (self.key.member_id, code.clone())));
        want_freed(keys, self.shares.iter().map(Arc::as_ref), &self.rules, &self.period());
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Returned), Stop<Rejection>> {
        if let Some(id) = self.key.replay(rows, Rejection::IdempotencyKeyConflict)?.filter(|_| !self.is_preview) {
            return Ok((Changes::default(), Returned::Before(id)));
        }
        let member_id = self.key.member_id;
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(member_id)?;
        let mut tiers = Tiers::open(rows, member_id, self.seed, now)?;
        let known = rows.orders.get(&(member_id, self.order_id)).ok_or(Rejection::OrderUnknown)?;
        let program = if planted(Bug::FrozenProgramUnused) { &rows.program } else { &self.program };
        let placed = Placed { order: &known.order, lines: &known.lines, shares: &known.shares };
        let rules = if planted(Bug::TodaysRules) { &rows.rules } else { &self.rules };
        let mut plan = plan(program, rules, placed, &self.what)?;
        let lines = Lines {
            paying: books.open_line(known.order.paying_wallet())?,
            earning: books.open_line(self.earning_wallet(known))?,
        };
        let payment = known.order.points_txn_id.map(|id| (known.order.paying_wallet(), id));
        let spending = payment.and_then(|payment| rows.unreversed.get(&payment));
        let earner = lines.earning.keeper();
        let figures = self
            .book(&mut books, &lines, &plan, known.points_settled, spending, now)
            .map_err(|refusal| refused(rows, earner, refusal, |_| Rejection::TooLarge))?;
        let token = self.token(&books, &plan, &figures);
        if self.is_preview {
            return Ok((Changes::default(), Returned::Preview { figures, token }));
        }
        if self.preview.as_ref().is_some_and(|preview| *preview != token) && !planted(Bug::StalePreview) {
            return Err(Rejection::PreviewStale { figures: Box::new(figures), token }.into());
        }
        plan.give_up(figures.clawback.written_off);
        let points_settled = known.points_settled + figures.clawback.settled;
        let (budgets, uses) = freed(rows, &self.rules, &known.shares, &plan.shares, &self.period());
        let own = books.of(member_id);
        own.wallet.spent -= plan.money.min(own.wallet.spent);
        if plan.is_whole && !planted(Bug::ReturnedPurchaseCounts) {
            own.wallet.purchases -= 1.min(own.wallet.purchases);
        }
        if !planted(Bug::ReturnStillCounts) {
            tiers.count(self.counted(&plan, now), &self.period().zone)?;
        }
        let tier = tiers.close(&mut books.of(member_id).wallet, self.by, None);
        let changes = self.changes(rows, plan, books, (&figures, points_settled), now);
        let changes = Changes { budgets, uses, ..changes };
        Ok((tier.among(changes), Returned::Now { id: self.return_id, figures }))
    }
}

/// The wallets an order touched, each with those that took it over since.
struct Lines {
    paying: Line,
    earning: Line,
}

impl ReturnOrder {
    /// The periods of the purchase, whose counts get back what is freed.
    fn period(&self) -> Day {
        Day { moment: self.placed_at, zone: zone(&self.program) }
    }

    /// What it takes off again, on the day of the purchase.
    fn counted(&self, plan: &Plan, now: Instant) -> Counted {
        let measures = Measures { points: plan.clawback.points(), spend: plan.money, visits: i64::from(plan.is_whole) };
        Counted {
            source_id: self.return_id,
            purchase_id: self.order_id,
            what: CountedAs::Return,
            measures: -measures,
            at: if planted(Bug::ReturnCountsToday) { now } else { Instant(plan.order.placed_at) },
        }
    }

    fn earning_wallet(&self, known: &OrderRows) -> Id {
        if planted(Bug::HouseholdNotClawed) { self.key.member_id } else { known.order.earning_wallet() }
    }

    /// Gives back, claws back, and repays from what is left, in this order.
    fn book(
        &self,
        books: &mut Books,
        lines: &Lines,
        plan: &Plan,
        settled_before: i64,
        spending: Option<&Unreversed>,
        now: Instant,
    ) -> Result<Figures, Refusal> {
        let version = self.program.version;
        let event = Event::once(Cause::Return, self.return_id, self.by, version, now).because(self.reason.clone());
        let points_forfeited = match spending {
            Some(spending) if plan.points_given_back > 0 => {
                let grace = Lasting::grace_of(&self.program);
                books.of(lines.paying.first()).give_back(&event, spending, plan.points_given_back, grace.as_ref())?
            }
            _ => 0,
        };
        books.hand_on(&event)?;
        let clawback = match plan.clawback.points() {
            0 => TakenBack::default(),
            _ => self.claw_back(books, lines, &event, plan)?,
        };
        books.hand_on(&event)?;
        // What came back may meet a debt in another wallet than the one that earned.
        books.of(lines.paying.keeper()).repay(&event)?;
        let ledger = books.of(lines.earning.keeper());
        ledger.repay(&event)?;
        let money_withheld = withheld(&self.program, settled_before, clawback.settled);
        Ok(Figures {
            money: plan.money - money_withheld,
            money_withheld,
            points_given_back: plan.points_given_back,
            points_forfeited,
            clawback,
            active_after: ledger.active(),
            debt_after: ledger.wallet.debt,
        })
    }

    /// From the lot the order earned, wherever it is now; from what it lost to expiry before its wallet was taken over;
    /// then from whatever else there is.
    fn claw_back(&self, books: &mut Books, lines: &Lines, event: &Event, plan: &Plan) -> Result<TakenBack, Refusal> {
        let (earner, demanded) = (lines.earning.keeper(), plan.clawback.points());
        let lot_of = |books: &mut Books, wallet| books.of(wallet).shelf.get(plan.order.lot_id?).cloned();
        let here = lot_of(books, earner);
        // A wallet that took over an empty lot has none of it.
        let own = plan.order.lot_id.filter(|_| earner == lines.earning.first() || here.is_some());
        let here = here.map_or(0, |lot| lot.remaining + lot.expired - lot.reinstated);
        let mut lost = 0;
        for before in lines.earning.before() {
            if let Some(lot) = lot_of(books, *before) {
                lost += books.of(*before).claw_back_expired(event, lot.id, demanded - here - lost)?;
            }
        }
        if lost == demanded {
            return Ok(TakenBack { demanded, ..TakenBack::default() });
        }
        let shortfall = shortfall(&self.program, plan.money);
        let taken = books.of(earner).claw_back(event, own, demanded - lost, shortfall)?;
        Ok(TakenBack { demanded, ..taken })
    }

    /// Names what a return would do, and to what: the wallets' transactions, the order's revision, the pieces and every
    /// figure. The number of transactions is the one after settling, so anything that was due in between changes it.
    fn token(&self, books: &Books, plan: &Plan, figures: &Figures) -> String {
        let numbers = [plan.order.revision, figures.money, figures.money_withheld];
        let points = [figures.points_given_back, figures.points_forfeited, figures.active_after, figures.debt_after];
        let clawback = figures.clawback;
        let clawed = [clawback.demanded, clawback.missing, clawback.written_off, clawback.settled];
        let mut hash = Sha256::new();
        hash.update(self.order_id);
        books.numbers().chain(numbers).chain(points).chain(clawed).for_each(|number| hash.update(number.to_be_bytes()));
        for part in &plan.parts {
            [part.position, part.quantity].iter().for_each(|number| hash.update(number.to_be_bytes()));
        }
        crate::db::dialect::hex(&hash.finalize()[..16])
    }

    fn changes(
        &self,
        rows: &Rows,
        mut plan: Plan,
        books: Books,
        (figures, points_settled): (&Figures, i64),
        now: Instant,
    ) -> Changes {
        let books = books.close();
        plan.order.points_clawed -= if planted(Bug::RecoveredCounts) { figures.clawback.missing } else { 0 };
        let payload = serde_json::json!({
            "orderId": self.order_id, "number": plan.order.number, "money": figures.money,
            "currency": plan.order.currency, "pointsGivenBack": figures.points_given_back,
            "pointsClawedBack": figures.clawback.demanded, "isWhole": plan.is_whole,
        });
        Changes {
            events: vec![told(&books[0], self.event_id, Topic::OrderReturned, payload, now)],
            books,
            stock: self.restocked(rows, &plan),
            changed_coupon: self.coupon_again(rows, &plan, now),
            order_return: Some((self.row(&plan, figures, now), self.lines(&plan))),
            reply: Some(self.key.reply(self.return_id, now)),
            changed_order: Some(OrderRows {
                order: plan.order,
                lines: plan.lines,
                shares: plan.shares,
                points_settled,
            }),
            ..Changes::default()
        }
    }

    /// The pieces go back to their piles.
    fn restocked(&self, rows: &Rows, plan: &Plan) -> Vec<stock::Model> {
        let mut piles: Vec<stock::Model> = Vec::new();
        for part in plan.parts.iter().filter(|_| self.restock && !planted(Bug::NotRestocked)) {
            let product = self.products.iter().find(|(position, _)| *position == part.position).map(|(_, id)| *id);
            let Some(pile) = product.and_then(|id| rows.stock.get(&id)) else { continue };
            let place = piles.iter().position(|known| known.id == pile.id).unwrap_or_else(|| {
                piles.push(pile.clone());
                piles.len() - 1
            });
            piles[place].remaining += part.quantity;
            piles[place].used -= part.quantity;
        }
        piles
    }

    /// Of an order that came back as a whole, the coupon can be used again while it is valid.
    fn coupon_again(&self, rows: &Rows, plan: &Plan, now: Instant) -> Option<coupon::Model> {
        let code = self.coupon_code.as_ref().filter(|_| plan.is_whole)?;
        let coupon = rows.coupons.get(&(self.key.member_id, code.clone()))?;
        let is_valid = planted(Bug::ExpiredCouponBack) || coupon.expires_at.is_none_or(|end| end > now.micros());
        let is_ours = coupon.order_id == Some(self.order_id);
        (is_valid && is_ours).then(|| coupon::Model { used_at: None, order_id: None, ..coupon.clone() })
    }

    fn row(&self, plan: &Plan, figures: &Figures, now: Instant) -> order_return::Model {
        order_return::Model {
            member_id: self.key.member_id,
            id: self.return_id,
            order_id: self.order_id,
            revision: plan.order.revision,
            money: figures.money,
            money_withheld: figures.money_withheld,
            currency: plan.order.currency.clone(),
            method: PaymentMethod::Manual,
            points_given_back: figures.points_given_back,
            points_forfeited: figures.points_forfeited,
            points_clawed: figures.clawback.demanded,
            points_missing: figures.clawback.missing,
            points_written_off: figures.clawback.written_off,
            points_settled: figures.clawback.settled,
            restocked: self.restock,
            reason: self.reason.clone(),
            actor: self.by.actor,
            actor_id: self.by.actor_id,
            created_at: now.micros(),
        }
    }

    fn lines(&self, plan: &Plan) -> Vec<return_line::Model> {
        let lines = plan.parts.iter().map(|part| return_line::Model {
            member_id: self.key.member_id,
            return_id: self.return_id,
            position: part.position,
            quantity: part.quantity,
            money: part.money,
            points: part.points,
        });
        lines.collect()
    }
}
