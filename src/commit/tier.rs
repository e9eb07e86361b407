//! A member's tier while a command is decided: brought up to now, grown by what counts, and closed into rows.

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::{Id, Series};
use crate::base::planted::{Bug, planted};
use crate::commit::command::Stop;
use crate::commit::rows::{Changes, Keys, Rows};
use crate::domain::earning::rule::occasion::MemberTier;
use crate::domain::outbox::entity::{Topic, Uncounted, outbox};
use crate::domain::points::entity::wallet;
use crate::domain::points::rule::By;
use crate::domain::points::rule::program::zone;
use crate::domain::tier::entity::{CountedAs, Why, qualifying, tier_change};
use crate::domain::tier::rule::career::{Career, Unknown};
use crate::domain::tier::rule::terms::{Measures, TierSet};
use crate::domain::tier::rule::window::{Window, day_at};

/// Ids for what becomes of a tier lie so many series behind those for the books.
const APART: usize = 1 << 20;

/// Asks for what a member's tier is decided by.
pub fn want_tier(keys: &mut Keys, member_id: Id) {
    keys.wallets.insert(member_id);
    keys.tiers.insert(member_id);
}

/// Something that counts towards a tier.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    pub source_id: Id,
    pub purchase_id: Id,
    pub what: CountedAs,
    pub measures: Measures,
    /// The moment of the purchase, which is when it counts.
    pub at: Instant,
}

/// A member's tier, and all that has counted for it in this command.
pub struct Tiers<'a> {
    rows: &'a Rows,
    member_id: Id,
    /// Empty where the program has no tiers: what counts is recorded all the same.
    pub career: Option<Career>,
    /// The tier of before the command.
    held: Option<Id>,
    entries: Vec<qualifying::Model>,
    ids: Series,
    now: Instant,
}

impl<'a> Tiers<'a> {
    /// The tier of a member whose wallet is locked, judged by now.
    pub fn open<R>(rows: &'a Rows, member_id: Id, seed: Id, now: Instant) -> Result<Tiers<'a>, Stop<R>> {
        let mut career = career(rows, member_id, now)?;
        if !planted(Bug::TierUnjudged) {
            career.as_mut().map_or(Ok(()), Career::settle).map_err(|unknown| missing(member_id, unknown))?;
        }
        let ids = Series::new(seed).apart(APART);
        let held = career.as_ref().and_then(standing_of).map(|tier| tier.id);
        Ok(Tiers { rows, member_id, career, held, entries: Vec::new(), ids, now })
    }

    /// What the member's tier is to earning rules.
    pub fn standing(&self) -> Option<MemberTier> {
        self.career.as_ref().and_then(standing_of)
    }

    /// Counts something on its day in a zone.
    pub fn count<R>(&mut self, counted: Counted, zone: &TimeZone) -> Result<(), Stop<R>> {
        let Counted { source_id, purchase_id, what, measures, at } = counted;
        let day = day_at(at, zone);
        self.entries.push(qualifying::Model {
            member_id: self.member_id,
            source_id,
            purchase_id,
            what,
            points: measures.points,
            spend: measures.spend,
            visits: measures.visits,
            counted_at: at.micros(),
            day,
            recorded_at: self.now.micros(),
        });
        self.settle(|career| career.count(day, measures))
    }

    /// Takes over the tier of a member who was merged into this one, and counts together what counted for the two.
    pub fn take_over<R>(&mut self, from: &Tiers) -> Result<(), Stop<R>> {
        let (rows, from_id) = (self.rows, from.member_id);
        let (Some(career), Some(other)) = (&mut self.career, &from.career) else { return Ok(()) };
        for (window, sum) in &mut career.sums {
            let theirs = rows.sums.get(&(from_id, *window)).copied();
            let theirs = theirs.ok_or_else(|| missing(from_id, Unknown(*window)))?;
            *sum = *sum + if planted(Bug::CountedApart) { Measures::default() } else { theirs };
        }
        self.settle(|career| career.take_over(other))
    }

    fn settle<R>(&mut self, change: impl FnOnce(&mut Career) -> Result<(), Unknown>) -> Result<(), Stop<R>> {
        let member_id = self.member_id;
        self.career.as_mut().map_or(Ok(()), change).map_err(|unknown| missing(member_id, unknown))
    }

    /// Writes the tier into the wallet, once everything is booked there, and the rest into the changes. The steps that the
    /// command led to are whose it is; the clock's and those by other tiers, which happened to be written with it, are not.
    pub fn close(self, wallet: &mut wallet::Model, by: By, reason: Option<&str>) -> TierRows {
        let mut rows = TierRows { held: self.held, qualifying: self.entries, ..TierRows::default() };
        let (Some(career), mut ids) = (self.career, self.ids) else { return rows };
        for step in &career.steps {
            wallet.tier_changes += 1;
            let (by, reason) = match step.why {
                Why::Judged | Why::TiersChanged => (By::SYSTEM, None),
                Why::Qualified | Why::Returned => (by, None),
                Why::Merged | Why::Protected => (by, reason),
            };
            rows.changes.push(tier_change::Model {
                member_id: self.member_id,
                position: wallet.tier_changes,
                from_id: step.from,
                to_id: step.to,
                why: step.why,
                set_revision: step.revision,
                reason: reason.map(str::to_owned),
                kept_until: step.kept_until,
                actor: by.actor,
                actor_id: by.actor_id,
                effective_at: step.at.micros(),
                recorded_at: self.now.micros(),
            });
            if step.from != step.to {
                rows.events.push(outbox::Model {
                    member_id: self.member_id,
                    id: ids.next(),
                    topic: Topic::TierChanged,
                    wallet_seq: wallet.seq,
                    payload: serde_json::json!({ "fromId": step.from, "toId": step.to, "why": step.why.word() })
                        .to_string(),
                    created_at: self.now.micros(),
                    uncounted: Some(Uncounted::InFull),
                });
            }
        }
        career.state.write(wallet);
        rows
    }
}

/// What a tier is to earning rules.
pub fn standing_of(career: &Career) -> Option<MemberTier> {
    tier_at(&career.set, career.place())
}

/// The tier of whoever has just joined.
pub fn tier_of_newcomers(set: &TierSet) -> Option<MemberTier> {
    tier_at(set, 0)
}

fn tier_at(set: &TierSet, place: usize) -> Option<MemberTier> {
    let tier = &set.tiers.get(place)?.row;
    Some(MemberTier { id: tier.id, revision: tier.revision, multiplier: tier.multiplier })
}

/// What became of a tier, as rows.
#[derive(Clone, Debug, Default)]
pub struct TierRows {
    /// The tier of before.
    pub held: Option<Id>,
    pub qualifying: Vec<qualifying::Model>,
    pub changes: Vec<tier_change::Model>,
    pub events: Vec<outbox::Model>,
}

impl TierRows {
    /// Puts them among what else a command changes.
    pub fn among(self, mut changes: Changes) -> Changes {
        changes.held_tier = self.held;
        changes.qualifying.extend(self.qualifying);
        changes.tier_changes.extend(self.changes);
        changes.events.extend(self.events);
        changes
    }
}

/// A member's tier as it was locked, with the sums that are known. `None` where the program has no tiers.
pub fn career<R>(rows: &Rows, member_id: Id, now: Instant) -> Result<Option<Career>, Stop<R>> {
    let Some(revisions) = rows.tiers.clone() else { return Ok(None) };
    let ledger = rows.ledgers.get(&member_id).ok_or_else(|| Stop::Failed(Error::unauthenticated()))?;
    let mut career = Career::new(revisions, zone(&rows.program), &ledger.wallet, now);
    for window in career.likely() {
        let sum = rows.sums.get(&(member_id, window)).copied();
        career.sums.insert(window, sum.ok_or_else(|| missing(member_id, Unknown(window)))?);
    }
    let more = rows.sums.iter().filter(|((of, _), _)| *of == member_id);
    career.sums.extend(more.map(|((_, window), sum)| (*window, *sum)));
    Ok(Some(career))
}

fn missing<R>(member_id: Id, Unknown(window): Unknown) -> Stop<R> {
    let mut keys = Keys::default();
    keys.sums.insert((member_id, window));
    Stop::Missing(Box::new(keys))
}

impl Rows {
    /// What counts for a member is in every sum of theirs that is known.
    pub fn grow_sums(&mut self, entries: &[qualifying::Model]) {
        for row in entries.iter().filter(|_| !planted(Bug::SumsOfTheGroup)) {
            let is_in = |(of, window): &(Id, Window)| *of == row.member_id && window.contains(row.day);
            for (_, sum) in self.sums.iter_mut().filter(|(key, _)| is_in(key)) {
                *sum = *sum + Measures::of(row);
            }
        }
    }
}
