//! What rules gave, what they have left, and events.

use std::collections::BTreeMap;

use jifen::base::id::Id;
use jifen::domain::earning::entity::{Period, earned_share};

use super::{Compared, same};
use crate::names::{Tag, id, member_id};
use crate::reference::Reference;
use crate::reference::calendar::start_of_period;
use crate::reference::earning::Share;
use crate::rules::{kind_id, rule_id};
use crate::store::Store;
use crate::tiers::tier_id;

impl Compared {
    /// Budgets and counts, of which the reference keeps no books: it adds up what was given.
    pub fn earning(&self, store: &Store, reference: &Reference) -> Result<(), String> {
        same(|| "budgets".to_owned(), store.budgets.len(), reference.granted.len())?;
        for (rule, granted) in &reference.granted {
            let row = store.budgets.get(&rule_id(*rule)).ok_or_else(|| format!("rule {rule} has no budget"))?;
            let used = reference.used(*rule);
            let found = [row.granted, row.remaining, row.used];
            same(
                || format!("budget of rule {rule}: granted, remaining, used"),
                found,
                [*granted, granted - used, used],
            )?;
        }
        counts(store, reference)?;
        events(store, reference)
    }
}

fn counts(store: &Store, reference: &Reference) -> Result<(), String> {
    let mut expected: BTreeMap<(Id, Id, Period, i64), (i64, i64)> = BTreeMap::new();
    for given in reference.given().filter(|given| given.share.points > 0) {
        for most in &reference.revision(given.share.rule, given.share.revision).caps {
            let start = start_of_period(given.zone, most.period, given.at);
            let key = (member_id(given.slot), rule_id(given.share.rule), most.period, start);
            let sum = expected.entry(key).or_default();
            sum.0 += given.share.kept();
            sum.1 += i64::from(given.share.kept() > 0);
        }
    }
    let found = store.uses.iter().map(|(key, row)| (*key, (row.points, row.times))).collect();
    same(|| "what rules gave in periods".to_owned(), found, expected)
}

fn events(store: &Store, reference: &Reference) -> Result<(), String> {
    same(|| "events".to_owned(), store.events.len(), reference.events.len())?;
    for (serial, event) in &reference.events {
        let name = (member_id(event.slot), kind_id(event.told.kind), event.key.clone());
        let row = store.events.get(&name).ok_or_else(|| format!("there is no event {serial} of {name:?}"))?;
        same(|| format!("name of event {serial}"), row.id, id(Tag::Thing, *serial))?;
        let found =
            [row.points, row.occurred_at, row.recorded_at, row.program_version, i64::from(row.lot_id.is_some())];
        let is_earned = i64::from(event.points > 0);
        let expected = [event.points, event.at, event.recorded_at, event.program.version, is_earned];
        same(|| format!("event {serial}"), found, expected)?;
        let found = store.shares.get(&row.id).map_or(&[][..], Vec::as_slice);
        shares(|| format!("event {serial}"), event.slot, found, &event.shares)?;
    }
    Ok(())
}

/// What rules gave for an order or an event, in the order in which they came.
pub fn shares(
    what: impl Fn() -> String,
    slot: usize,
    found: &[earned_share::Model],
    expected: &[Share],
) -> Result<(), String> {
    let of_row = |row: &earned_share::Model| {
        let sums = [row.due, row.points, row.clawed, row.written_off];
        (row.member_id, row.of_tier, row.rule_id, row.revision, sums)
    };
    let of_share = |share: &Share| {
        let sums = [share.due, share.points, share.clawed, share.written_off];
        // Revisions of rules are counted from 0 here.
        let (by, revision) = match share.of_tier {
            true => (tier_id(share.rule), share.revision as i64),
            false => (rule_id(share.rule), share.revision as i64 + 1),
        };
        (member_id(slot), share.of_tier, by, revision, sums)
    };
    let found: Vec<_> = found.iter().map(of_row).collect();
    same(|| format!("shares of {}", what()), found, expected.iter().map(of_share).collect())
}
