//! The revisions of a program's tiers by which a member's tier is brought up to now.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::{DAY, Instant};
use crate::base::planted::{Bug, planted};
use crate::domain::points::entity::wallet;
use crate::domain::tier::rule::change::MAX_GRACE;
use crate::domain::tier::rule::terms::TierSet;
use crate::domain::tier::rule::window::start_of;

/// Revisions one behind another, the newest last. There is at least one.
#[derive(Clone, Debug)]
pub struct Revisions {
    earlier: Vec<Arc<TierSet>>,
    newest: Arc<TierSet>,
}

impl Revisions {
    pub fn new(earlier: Vec<Arc<TierSet>>, newest: Arc<TierSet>) -> Revisions {
        Revisions { earlier, newest }
    }

    /// `None` of none.
    pub fn of(mut sets: Vec<Arc<TierSet>>) -> Option<Revisions> {
        let newest = sets.pop()?;
        Some(Revisions { earlier: sets, newest })
    }

    /// From the newest to the oldest.
    pub fn newest_first(&self) -> impl Iterator<Item = &Arc<TierSet>> {
        self.earlier.iter().chain([&self.newest]).rev()
    }

    /// These and one more.
    pub fn then(mut self, newest: Arc<TierSet>) -> Revisions {
        self.earlier.push(std::mem::replace(&mut self.newest, newest));
        self
    }

    pub fn newest(&self) -> &Arc<TierSet> {
        &self.newest
    }

    /// Whether they reach as far back as is asked, or to the first there ever was.
    pub fn reach(&self, back: Back) -> bool {
        self.all().next().is_some_and(|oldest| oldest.row.revision == 1 || !back.is_beyond(oldest))
    }

    /// The one of a number, if it is among them.
    pub fn numbered(&self, revision: i64) -> Option<&Arc<TierSet>> {
        self.all().find(|set| set.row.revision == revision)
    }

    /// Those behind the one of a number.
    pub fn behind(&self, revision: i64) -> impl Iterator<Item = &Arc<TierSet>> {
        self.all().filter(move |set| set.row.revision > revision)
    }

    /// The days of grace of a judgement, by a revision: the most there have been since its day. So whoever is in their days
    /// of grace loses none by a change.
    pub fn grace(&self, due: Instant, by: &TierSet) -> i64 {
        let since = self.all().zip(self.all().skip(1)).filter(|(_, next)| {
            next.row.revision <= by.row.revision && next.row.created_at > due.micros() && !planted(Bug::GraceCutShort)
        });
        since.map(|(set, _)| set.row.grace_days).fold(by.row.grace_days, i64::max)
    }

    /// The moments of judgement whose days of grace are over on a day. What is in the longer days of grace of an earlier
    /// revision is not among them.
    pub fn out_of_grace(&self, today: i64, zone: &TimeZone) -> OutOfGrace {
        let over = |grace: i64| start_of(today - grace + 1, zone).micros();
        let shortest = self.newest.row.grace_days;
        // Of revisions with the same days of grace, the last one says for whom they hold.
        let replaced = self.all().zip(self.all().skip(1)).map(|(set, next)| (set.row.grace_days, next.row.created_at));
        let longer: BTreeMap<i64, i64> = replaced.filter(|(grace, _)| *grace > shortest).collect();
        let mut except: Vec<Range<i64>> = Vec::new();
        for (grace, replaced_at) in longer.into_iter().rev() {
            match except.last_mut() {
                Some(last) if over(grace) <= last.end => last.end = last.end.max(replaced_at),
                _ if over(grace) < replaced_at => except.push(over(grace)..replaced_at),
                _ => {}
            }
        }
        OutOfGrace { before: over(shortest), except }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<TierSet>> {
        self.earlier.iter().chain([&self.newest])
    }
}

/// Moments of judgement: all before one, but for some that lie between two others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfGrace {
    pub before: i64,
    pub except: Vec<Range<i64>>,
}

/// How far back wallets ask for revisions: to the one of a number, and to the one that was in force at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back {
    pub revision: i64,
    pub moment: i64,
}

impl Back {
    /// For the newest alone.
    pub const NOWHERE: Back = Back { revision: i64::MAX, moment: i64::MAX };

    /// To the revision by which each was reckoned last, and to the day of a judgement that is not over yet.
    pub fn of<'a>(wallets: impl IntoIterator<Item = &'a wallet::Model>, now: Instant) -> Back {
        wallets.into_iter().fold(Back::NOWHERE, |back, wallet| {
            // Who was never reckoned has no tier that could be judged.
            let reckoned = Some(wallet.tier_revision).filter(|revision| *revision > 0);
            let due = wallet.tier_due.filter(|due| *due <= now.micros() && !is_kept_beyond_grace(wallet, *due, now));
            Back {
                revision: reckoned.map_or(back.revision, |revision| revision.min(back.revision)),
                moment: due.map_or(back.moment, |due| due.min(back.moment)),
            }
        })
    }

    /// As far as days of grace reach that may not be over on a day.
    pub fn to_grace(today: i64, zone: &TimeZone) -> Back {
        Back { moment: start_of(today - MAX_GRACE, zone).micros(), ..Back::NOWHERE }
    }

    /// Whether one before this revision is asked for, too.
    pub fn is_beyond(self, set: &TierSet) -> bool {
        self.revision < set.row.revision || self.moment < set.row.created_at
    }
}

/// Whether a tier is protected for longer than any days of grace after a judgement: then it does not matter how many they are.
fn is_kept_beyond_grace(wallet: &wallet::Model, due: i64, now: Instant) -> bool {
    let longest = due.saturating_add((MAX_GRACE + 1) * DAY);
    wallet.tier_kept_until.is_some_and(|until| until > now.micros() && until > longest)
}
