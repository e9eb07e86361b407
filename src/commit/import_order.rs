//! Recording a purchase of the past: the order as it was, and its points by the rule as of its date.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::command::{Command, Stop};
use crate::commit::open::{open_as_of, refused, told};
use crate::commit::rows::{Changes, Keys, NewOrder, Rows};
use crate::commit::tier::{Counted, Tiers, want_tier};
use crate::domain::earning::rule::earn;
use crate::domain::member::entity::{HandleKind, handle};
use crate::domain::order::entity::{OrderStatus, order};
use crate::domain::order::rule::Rejection;
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::Cause;
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::{By, Event, Lasting};
use crate::domain::tier::entity::CountedAs;
use crate::domain::tier::rule::terms::Measures;

#[derive(Clone, Debug)]
pub struct ImportOrder {
    pub member_id: Id,
    /// What makes the purchase unique: the shop's own order number, or one made from the line.
    pub number: String,
    /// Minor units of the program's currency, not negative.
    pub amount: i64,
    pub pieces: i64,
    pub placed_at: Instant,
    // Drawn beforehand:
    pub order_id: Id,
    /// The first id of its transactions and lots.
    pub seed: Id,
    pub event_id: Id,
}

/// What became of an imported line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Imported {
    Added {
        points: i64,
    },
    /// The purchase is there already; nothing was changed.
    Skipped,
}

impl Command for ImportOrder {
    type Done = Imported;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        10
    }

    fn keys(&self, keys: &mut Keys) {
        keys.claims.push(self.handle());
        want_tier(keys, self.member_id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Imported), Stop<Rejection>> {
        let points = earn(&rows.program, self.amount).ok_or(Rejection::TooManyPoints)?;
        match rows.owner_of(HandleKind::OrderNumber, &self.number) {
            // Recorded by an earlier attempt of this very command, whose COMMIT succeeded but whose reply was lost.
            Some(owner) if owner.subject_id == self.order_id => {
                return Ok((Changes::default(), Imported::Added { points }));
            }
            Some(_) => return Ok((Changes::default(), Imported::Skipped)),
            None => {}
        }
        // Booked at the date of the purchase, with what had expired by then and nothing of what has since.
        let mut ledger = open_as_of(rows, self.member_id, self.seed, self.placed_at, now)?;
        let mut tiers = Tiers::open(rows, self.member_id, self.seed, now)?;
        let event = Event::once(Cause::ImportedOrder, self.order_id, By::SYSTEM, rows.program.version, now);
        let event = Event { occurred_at: self.placed_at, ..event };
        let mut lot_id = None;
        if points > 0 {
            let accrued = ledger.accrue_late(&event, points, &Lasting::of(&rows.program)).and_then(|lot_id| {
                ledger.repay(&event)?;
                Ok(lot_id)
            });
            lot_id =
                Some(accrued.map_err(|refusal| refused(rows, self.member_id, refusal, |_| Rejection::TooManyPoints))?);
        }
        ledger.wallet.purchases += 1;
        ledger.wallet.spent = ledger.wallet.spent.checked_add(self.amount).ok_or(Rejection::TooLarge)?;
        let order = self.order(rows, points, lot_id, now);
        tiers.count(counted(&order), &zone(&rows.program))?;
        let tier = tiers.close(&mut ledger.wallet, By::SYSTEM, None);
        let books = ledger.finish();
        let payload = serde_json::json!({ "orderId": order.id, "total": order.total, "pointsEarned": points });
        let changes = Changes {
            names: vec![self.handle()],
            events: vec![told(&books, self.event_id, Topic::OrderImported, payload, now)],
            books: vec![books],
            order: Some(NewOrder { order, lines: Vec::new(), payment: None }),
            ..Changes::default()
        };
        Ok((tier.among(changes), Imported::Added { points }))
    }
}

/// What it counts towards a tier, on its own date.
fn counted(order: &order::Model) -> Counted {
    Counted {
        source_id: order.id,
        purchase_id: order.id,
        what: CountedAs::Import,
        measures: Measures { points: order.points_earned, spend: order.total, visits: 1 },
        at: Instant(order.placed_at),
    }
}

impl ImportOrder {
    fn handle(&self) -> handle::Model {
        handle::Model {
            kind: HandleKind::OrderNumber,
            value: self.number.clone(),
            member_id: self.member_id,
            subject_id: self.order_id,
        }
    }

    fn order(&self, rows: &Rows, points: i64, lot_id: Option<Id>, now: Instant) -> order::Model {
        order::Model {
            member_id: self.member_id,
            id: self.order_id,
            number: self.number.clone(),
            status: OrderStatus::Completed,
            imported: true,
            pieces: self.pieces,
            currency: rows.program.currency.clone(),
            subtotal: self.amount,
            discount: 0,
            total: self.amount,
            points_earned: points,
            coupon_id: None,
            placed_at: self.placed_at.micros(),
            recorded_at: now.micros(),
            program_version: rows.program.version,
            lot_id,
            points_paid: 0,
            points_value: 0,
            points_txn_id: None,
            earned_in: None,
            spent_from: None,
            revision: 0,
            delivered_at: None,
            money_returned: 0,
            points_returned: 0,
            points_clawed: 0,
            channel: None,
            outlet_id: None,
            standing: None,
        }
    }
}
