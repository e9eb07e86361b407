//! What a command's events say for the statistics: everything that was booked on the house's accounts, what rules gave of it,
//! and what the clock did meanwhile.
//!
//! Statistics are added up from events alone, so the events of all commands together must tell every point that ever moved
//! there. That is seen to here, once for every command there is or will be.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::base::id::Id;
use crate::commit::rows::{Changes, Rows};
use crate::domain::earning::entity::earned_share;
use crate::domain::outbox::entity::{Topic, Uncounted, outbox};
use crate::domain::points::entity::TxnKind;
use crate::domain::points::rule::Posting;
use crate::domain::report::entity::Figure;
use crate::domain::report::rule::count::BOOKED;
use crate::domain::report::rule::roll::Moved;

type Booked = BTreeMap<Figure, i64>;

impl Rows {
    /// Completes the first event of a command, which is its own, and adds those of what was due in the wallets it opened.
    pub(super) fn tell(&self, changes: &mut Changes) {
        let postings = || changes.books.iter().flat_map(|outcome| &outcome.postings);
        let booked = sums(postings().filter(|posting| of_the_clock(posting).is_none()));
        let shares = self.shares_of(changes);
        let of_the_clock: Vec<outbox::Model> = postings().filter_map(|posting| self.event_of(posting)).collect();
        if let Some(event) = changes.events.first_mut() {
            let counts_money = matches!(event.topic, Topic::OrderPlaced | Topic::OrderReturned);
            if counts_money || !booked.is_empty() || !shares.is_empty() {
                let tier_id = changes.held_tier.or_else(|| self.tier_held_by(event.member_id));
                complete(&mut event.payload, tier_id, &booked, shares);
            }
        }
        changes.events.extend(of_the_clock);
    }

    /// The tier of a member when their wallet was locked. A household has none.
    fn tier_held_by(&self, wallet_id: Id) -> Option<Id> {
        let (set, wallet) = (self.tiers.as_ref()?.newest(), &self.ledgers.get(&wallet_id)?.wallet);
        let place = set.place_of(wallet.tier_id).unwrap_or(0);
        set.tiers.get(place).filter(|_| wallet.joined_at > 0).map(|tier| tier.row.id)
    }

    /// What each rule gave for something new, and what was taken back of what it gave before.
    fn shares_of(&self, changes: &Changes) -> Vec<Json> {
        let given = changes.shares.iter().map(|share| (share, share.points, share.clawed));
        let changed = changes.changed_order.iter().flat_map(|after| {
            let before = self.orders.get(&(after.order.member_id, after.order.id));
            let before = before.map_or(&[][..], |before| &before.shares);
            after.shares.iter().zip(before).map(|(after, before)| (after, 0, after.clawed - before.clawed))
        });
        given.chain(changed).filter_map(|(share, points, taken_back)| told(share, points, taken_back)).collect()
    }

    /// An activation or an expiration is an event by itself, whichever command wrote it down, and bears the transaction's id.
    fn event_of(&self, posting: &Posting) -> Option<outbox::Model> {
        let (topic, txn) = (of_the_clock(posting)?, &posting.txn);
        let mut payload = json!({ "entryId": txn.id, "points": txn.points.abs() }).to_string();
        let booked = sums([posting].into_iter());
        if !booked.is_empty() {
            complete(&mut payload, self.tier_held_by(txn.member_id), &booked, Vec::new());
        }
        Some(outbox::Model {
            member_id: txn.member_id,
            id: txn.id,
            topic,
            wallet_seq: txn.seq,
            payload,
            created_at: txn.recorded_at,
            uncounted: Some(Uncounted::InFull),
        })
    }
}

fn of_the_clock(posting: &Posting) -> Option<Topic> {
    match posting.txn.kind {
        TxnKind::Activation => Some(Topic::PointsActivated),
        TxnKind::Expiration => Some(Topic::PointsExpired),
        _ => None,
    }
}

/// What transactions booked on the house's accounts.
fn sums<'a>(postings: impl Iterator<Item = &'a Posting>) -> Booked {
    let mut moved = Moved::default();
    postings.flat_map(|posting| &posting.entries).for_each(|entry| moved.book(entry.account, entry.points));
    moved.figures().into_iter().filter(|(_, points)| *points != 0).collect()
}

fn told(share: &earned_share::Model, points: i64, taken_back: i64) -> Option<Json> {
    let name = if share.of_tier { "tierId" } else { "ruleId" };
    let moved = points != 0 || taken_back != 0;
    moved.then(|| json!({ name: share.rule_id, "points": points, "takenBack": taken_back }))
}

/// Puts more into a payload, which is an object of our own making: behind its last field.
fn complete(payload: &mut String, tier_id: Option<Id>, booked: &Booked, shares: Vec<Json>) {
    let named = BOOKED.iter().filter_map(|(figure, name)| Some(((*name).to_owned(), Json::from(*booked.get(figure)?))));
    let booked = Json::Object(named.collect());
    payload.pop();
    payload.push_str(&format!(",\"tierId\":{},\"booked\":{booked}", json!(tier_id)));
    if !shares.is_empty() {
        payload.push_str(&format!(",\"shares\":{}", Json::from(shares)));
    }
    payload.push('}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_stays_an_object() {
        let mut payload = json!({ "orderId": 1 }).to_string();
        let booked = Booked::from([(Figure::WrittenOff, 7), (Figure::Redeemed, -3)]);
        complete(&mut payload, None, &booked, vec![json!({ "ruleId": 2 })]);
        let expected = json!({
            "orderId": 1, "tierId": null, "booked": { "writtenOff": 7, "redeemed": -3 }, "shares": [{ "ruleId": 2 }],
        });
        assert_eq!(serde_json::from_str::<Json>(&payload).ok(), Some(expected));
    }
}
