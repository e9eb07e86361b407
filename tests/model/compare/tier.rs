//! Members' tiers, their histories, and what counted for them.

use std::collections::BTreeMap;

use jifen::domain::points::entity::ActorKind;
use jifen::domain::tier::entity::{Why, tier_change};
use jifen::domain::tier::rule::terms::Measures;

use super::same;
use crate::names::{Serial, Tag, id, member_id};
use crate::reference::Reference;
use crate::reference::tier::Move;
use crate::store::{Books, Store};
use crate::tiers::tier_id;

/// What a wallet says of its member's tier.
pub fn standing(books: &Books, reference: &Reference, slot: usize) -> Result<(), String> {
    let row = books.wallet.as_ref().ok_or("no wallet")?;
    let standing = reference.standings.get(&slot).cloned().unwrap_or_default();
    let named = |name: Option<Serial>| name.map(tier_id);
    let found = (row.tier_id, row.tier_before, row.tier_basis_from.zip(row.tier_basis_to));
    let expected = (named(standing.name), named(standing.before), standing.basis);
    same(|| "tier, the one before, its basis".to_owned(), found, expected)?;
    let found = (row.tier_since, row.tier_due, row.tier_kept_until, row.tier_revision, row.tier_changes);
    let changes = standing.history.len() as i64;
    let expected = (standing.since, standing.due, standing.kept_until, standing.revision, changes);
    same(|| "tier since, due, kept until, revision, changes".to_owned(), found, expected)
}

pub fn history(store: &Store, reference: &Reference, slot: usize) -> Result<(), String> {
    let mut found: Vec<&tier_change::Model> =
        store.tier_changes.iter().filter(|row| row.member_id == member_id(slot)).collect();
    found.sort_by_key(|row| row.position);
    let of_row = |row: &&tier_change::Model| {
        let when = (row.kept_until, row.effective_at, row.recorded_at);
        (row.position, row.from_id, row.to_id, row.why, row.set_revision, when)
    };
    let of_move = |(step, position): (&Move, i64)| {
        let when = (step.kept_until, step.at, step.recorded_at);
        (position, step.from.map(tier_id), step.to.map(tier_id), step.why, step.revision, when)
    };
    if let Some(row) = found.iter().find(|row| !is_theirs(row)) {
        return Err(format!("a step of a tier that was not theirs: {row:?}"));
    }
    let expected = reference.standings.get(&slot).map_or(&[][..], |standing| &standing.history);
    let expected: Vec<_> = expected.iter().zip(1..).map(of_move).collect();
    same(|| "history of tiers".to_owned(), found.iter().map(of_row).collect(), expected)
}

/// What the clock did is nobody's, whoever's command it was written with; and only staff give reasons.
fn is_theirs(row: &tier_change::Model) -> bool {
    match row.why {
        Why::Judged | Why::TiersChanged => {
            (row.actor, row.actor_id, row.reason.as_deref()) == (ActorKind::System, None, None)
        }
        Why::Qualified | Why::Returned => row.reason.is_none(),
        Why::Merged | Why::Protected => row.actor == ActorKind::Staff && row.actor_id.is_some(),
    }
}

/// Every entry, and the sums of days.
pub fn counted(store: &Store, reference: &Reference) -> Result<(), String> {
    let found: BTreeMap<_, _> = store
        .qualifying
        .iter()
        .map(|row| {
            let measures = (row.points, row.spend, row.visits);
            ((row.member_id, row.source_id), (row.purchase_id, row.what, measures, row.counted_at, row.recorded_at))
        })
        .collect();
    let expected: BTreeMap<_, _> = reference
        .counted
        .iter()
        .map(|counted| {
            let key = (member_id(counted.slot), id(Tag::Thing, counted.source));
            let measures = (counted.points, counted.spend, counted.visits);
            (key, (id(Tag::Thing, counted.purchase), counted.what, measures, counted.at, counted.recorded_at))
        })
        .collect();
    same(|| "what counted towards tiers".to_owned(), found, expected)?;
    let mut expected: BTreeMap<_, Measures> = BTreeMap::new();
    for counted in &reference.counted {
        let sum = expected.entry((member_id(counted.slot), counted.day)).or_default();
        let (points, spend, visits) = (counted.points, counted.spend, counted.visits);
        *sum = *sum + Measures { points, spend, visits };
    }
    same(|| "what counted on each day".to_owned(), &store.days, &expected)
}
