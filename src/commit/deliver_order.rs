//! Delivering an order: its return window begins, at the end of which its points become active.

use std::sync::Arc;

use crate::base::calendar::end_of_window;
use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::told;
use crate::commit::rows::{Changes, Keys, OrderRows, Rows};
use crate::domain::order::entity::{OrderStatus, order};
use crate::domain::order::rule::Undeliverable;
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::{LotState, program};
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::{Lasting, Ledger};

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "deliverOrder";

#[derive(Clone, Debug)]
pub struct DeliverOrder {
    pub key: Key,
    pub order_id: Id,
    /// The version of the program with which the order was decided.
    pub program: Arc<program::Model>,
    /// The wallet its points were earned in, with those that took it over since.
    pub wallets: Vec<Id>,
    // Drawn beforehand:
    pub seed: Id,
    pub event_id: Id,
}

impl Command for DeliverOrder {
    type Done = Made<order::Model>;
    type Rejection = Undeliverable;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        10
    }

    fn keys(&self, keys: &mut Keys) {
        self.key.want(keys);
        keys.wallets.insert(self.key.member_id);
        keys.wallets.extend(&self.wallets);
        keys.orders.insert((self.key.member_id, self.order_id));
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Undeliverable>> {
        if let Some(id) = self.key.replay(rows, Undeliverable::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(self.key.member_id)?;
        let known = rows.orders.get(&(self.key.member_id, self.order_id)).ok_or(Undeliverable::OrderUnknown)?;
        match known.order.status {
            OrderStatus::Paid => {}
            OrderStatus::Delivered => return Err(Undeliverable::AlreadyDelivered.into()),
            OrderStatus::Cancelled | OrderStatus::Returned => return Err(Undeliverable::AlreadyReturned.into()),
            OrderStatus::Completed => return Err(Undeliverable::OrderImported.into()),
        }
        let line = books.open_line(known.order.earning_wallet())?;
        self.begin_window(books.of(line.keeper()), known, rows.program.version, now)?;
        let order = order::Model {
            status: OrderStatus::Delivered,
            delivered_at: Some(now.micros()),
            revision: known.order.revision + 1,
            ..known.order.clone()
        };
        let books = books.close();
        let payload = serde_json::json!({ "orderId": order.id, "number": order.number });
        let changes = Changes {
            events: vec![told(&books[0], self.event_id, Topic::OrderDelivered, payload, now)],
            books,
            changed_order: Some(OrderRows { order: order.clone(), ..known.clone() }),
            reply: Some(self.key.reply(self.order_id, now)),
            ..Changes::default()
        };
        Ok((changes, Made::Now(order)))
    }
}

impl DeliverOrder {
    /// Dates the lot of an order whose points are pending. A window of 0 days is over at once.
    fn begin_window<R>(
        &self,
        ledger: &mut Ledger,
        known: &OrderRows,
        version: i64,
        now: Instant,
    ) -> Result<(), Stop<R>> {
        let lot = known.order.lot_id.and_then(|id| ledger.shelf.get(id));
        let Some(lot_id) = lot.filter(|lot| lot.state == LotState::Pending).map(|lot| lot.id) else { return Ok(()) };
        let days = self.program.return_window_days.unwrap_or(0);
        let activates_at = end_of_window(now, days, &zone(&self.program));
        let expires_at = Lasting::of(&self.program).until(activates_at);
        let dated = ledger.deliver(lot_id, activates_at, expires_at).and_then(|()| ledger.settle(now, now, version));
        dated.map_err(|refusal| Stop::Failed(Error::internal(format!("a lot cannot be dated: {refusal:?}"))))
    }
}
