//! Cancelling a redemption: the points go back to the lots they came from, the pieces to their pile, and what the member had
//! of a limit is free again, in one commit.

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::key::{Key, Made};
use crate::commit::open::{refused, told, want_lots};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::catalog::entity::stock;
use crate::domain::earning::entity::rule_use;
use crate::domain::earning::query::UseKey;
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::Cause;
use crate::domain::points::rule::{By, Event, Lasting, Refusal};
use crate::domain::reward::entity::{coupon, redemption};
use crate::domain::reward::rule::{Uncancellable, check_cancel};

/// The name under which idempotency keys of this command are kept.
pub const OPERATION: &str = "cancelRedemption";

#[derive(Clone, Debug)]
pub struct CancelRedemption {
    pub key: Key,
    pub reason: Option<String>,
    pub by: By,
    /// The redemption as it was read; all but whether it was cancelled never changes while it is its member's.
    pub redemption: redemption::Model,
    /// Of its coupons.
    pub codes: Vec<String>,
    /// It gave out codes of a partner. Its member may have read them, so they are given to nobody else: they stay taken.
    pub keeps_pieces: bool,
    /// The wallet that paid, with those that took it over since.
    pub wallets: Vec<Id>,
    // Drawn beforehand:
    pub seed: Id,
    pub event_id: Id,
}

impl Command for CancelRedemption {
    type Done = Made<redemption::Model>;
    type Rejection = Uncancellable;

    fn wallet(&self) -> Id {
        self.key.member_id
    }

    fn rows(&self) -> usize {
        20 + self.codes.len()
    }

    fn keys(&self, keys: &mut Keys) {
        let member_id = self.key.member_id;
        self.key.want(keys);
        want_lots(keys, member_id);
        self.wallets.iter().for_each(|wallet| want_lots(keys, *wallet));
        keys.redemptions.insert((member_id, self.redemption.id));
        keys.coupons.extend(self.codes.iter().map(|code| (member_id, code.clone())));
        keys.stock.extend(self.pile());
        keys.txns.extend(self.redemption.txn_id.map(|id| (self.redemption.paying_wallet(), id)));
        keys.uses.extend(self.counted_in());
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Uncancellable>> {
        if let Some(id) = self.key.replay(rows, Uncancellable::IdempotencyKeyConflict)? {
            return Ok((Changes::default(), Made::Before(id)));
        }
        let member_id = self.key.member_id;
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(member_id)?;
        let known = rows.redemptions.get(&(member_id, self.redemption.id)).ok_or(Uncancellable::RedemptionUnknown)?;
        let coupons = self.codes.iter().filter_map(|code| rows.coupons.get(&(member_id, code.clone())));
        let coupons: Vec<&coupon::Model> = coupons.collect();
        check_cancel(known, coupons.iter().copied(), now)?;
        let line = books.open_line(known.paying_wallet())?;
        let pays = line.keeper();
        self.give_back(&mut books, rows, known, (line.first(), pays), now)?;
        let redemption = redemption::Model { cancelled_at: Some(now.micros()), ..known.clone() };
        let cancelled =
            coupons.into_iter().map(|known| coupon::Model { cancelled_at: Some(now.micros()), ..known.clone() });
        let books = books.close();
        let changes = Changes {
            events: vec![told(&books[0], self.event_id, Topic::RedemptionCancelled, payload(&redemption), now)],
            books,
            stock: self.put_back(rows),
            uses: self.free(rows),
            coupons_cancelled: cancelled.collect(),
            changed_redemption: Some(redemption.clone()),
            reply: Some(self.key.reply(redemption.id, now)),
            ..Changes::default()
        };
        Ok((changes, Made::Now(redemption)))
    }
}

fn payload(redemption: &redemption::Model) -> serde_json::Value {
    serde_json::json!({
        "redemptionId": redemption.id, "rewardId": redemption.reward_id, "quantity": redemption.quantity,
        "points": redemption.points, "money": redemption.money,
    })
}

impl CancelRedemption {
    /// Points that are past their expiry expire again at once, unless the program gives them a grace. A wallet that was taken
    /// over hands on what comes back, and what is owed is repaid from it.
    fn give_back(
        &self,
        books: &mut Books,
        rows: &Rows,
        known: &redemption::Model,
        (payer, keeper): (Id, Id),
        now: Instant,
    ) -> Result<(), Stop<Uncancellable>> {
        let spending = known.txn_id.and_then(|id| rows.unreversed.get(&(known.paying_wallet(), id)));
        let spending = spending.ok_or_else(|| Stop::Failed(Error::internal("what a redemption took is missing")))?;
        let event = Event::once(Cause::Redemption, known.id, self.by, rows.program.version, now);
        let event = event.because(self.reason.clone());
        let grace = Lasting::grace_of(&rows.program);
        let mut book = || -> Result<(), Refusal> {
            books.of(payer).give_back(&event, spending, known.points, grace.as_ref())?;
            books.hand_on(&event)?;
            books.of(keeper).repay(&event)?;
            Ok(())
        };
        book().map_err(|refusal| refused(rows, keeper, refusal, |_| Uncancellable::WalletFull))
    }

    /// The pile that its pieces go back to.
    fn pile(&self) -> Option<Id> {
        self.redemption.stock_id.filter(|_| !self.keeps_pieces)
    }

    fn put_back(&self, rows: &Rows) -> Vec<stock::Model> {
        let pieces = self.redemption.quantity;
        let pile = self.pile().and_then(|id| rows.stock.get(&id));
        let back = pile.map(|pile| stock::Model {
            remaining: pile.remaining + pieces,
            used: pile.used - pieces,
            ..pile.clone()
        });
        back.into_iter().collect()
    }

    fn counted_in(&self) -> Option<UseKey> {
        let (period, from) = self.redemption.limit_period.zip(self.redemption.limit_from)?;
        Some((self.key.member_id, self.redemption.reward_id, period, from))
    }

    fn free(&self, rows: &Rows) -> Vec<rule_use::Model> {
        let known = self.counted_in().and_then(|key| rows.uses.get(&key)).filter(|row| row.times > 0);
        let freed = known
            .map(|row| rule_use::Model { times: row.times - self.redemption.quantity.min(row.times), ..row.clone() });
        freed.into_iter().collect()
    }
}
