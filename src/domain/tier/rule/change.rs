//! What staff set about tiers, and why it cannot be.

use std::collections::BTreeSet;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::multiplier::{MAX_MULTIPLIER, WHOLE};
use crate::base::text::has_control;
use crate::domain::tier::entity::{Basis, CountedOver, Downgrade, tier, tier_set};
use crate::domain::tier::rule::terms::{Benefit, Tier, TierSet};

pub const MAX_TIERS: usize = 20;
/// The longest code and the longest name, in characters.
pub const MAX_CODE: usize = 50;
pub const MAX_NAME: usize = 100;
/// Ten years of days in a window; a year of grace.
pub const MAX_DAYS: i64 = 3_650;
pub const MAX_GRACE: i64 = 365;
/// Points, minor units or visits.
pub const MAX_THRESHOLD: i64 = 1_000_000_000_000_000;
/// Benefits of a tier, and characters of what one says.
pub const MAX_BENEFITS: usize = 50;
pub const MAX_BENEFIT: usize = 500;

/// Why tiers cannot be. `tier` counts from 0 in what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    SetUnknown,
    /// The program has its tiers already.
    SetExists,
    /// Somebody changed them in the meantime.
    RevisionConflict {
        current: i64,
    },
    DaysInvalid,
    GraceDaysInvalid,
    /// None, or too many.
    TierCountInvalid,
    /// It names a tier that the set does not have, or names it twice.
    TierUnknown {
        tier: usize,
    },
    CodeInvalid {
        tier: usize,
    },
    CodeRepeated {
        tier: usize,
    },
    NameInvalid {
        tier: usize,
    },
    /// Not 0 for the lowest, not above the one below, or too high.
    ThresholdInvalid {
        tier: usize,
    },
    MultiplierInvalid {
        tier: usize,
    },
    BenefitsInvalid {
        tier: usize,
    },
}

/// A tier as it is wanted. One without an id is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierSettings {
    pub id: Option<Id>,
    pub code: String,
    pub name: String,
    pub threshold: i64,
    pub multiplier: i64,
    pub benefits: Vec<Benefit>,
}

/// Tiers as they are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub basis: Basis,
    pub counted_over: CountedOver,
    pub counted_days: Option<i64>,
    pub downgrade: Downgrade,
    pub grace_days: i64,
    pub undone_by_returns: bool,
    pub tiers: Vec<TierSettings>,
}

/// What is to be different. What is empty stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub basis: Option<Basis>,
    pub counted_over: Option<CountedOver>,
    pub counted_days: Option<Option<i64>>,
    pub downgrade: Option<Downgrade>,
    pub grace_days: Option<i64>,
    pub undone_by_returns: Option<bool>,
    pub tiers: Option<Vec<TierSettings>>,
}

/// What a revision is besides its settings.
#[derive(Clone, Copy, Debug)]
pub struct Revision {
    pub id: Id,
    pub revision: i64,
    pub program_id: Id,
    pub version: i64,
    pub author_id: Id,
    pub created_at: Instant,
}

impl Settings {
    pub fn of(set: &TierSet) -> Settings {
        let tiers = set.tiers.iter().map(|tier| TierSettings {
            id: Some(tier.row.id),
            code: tier.row.code.clone(),
            name: tier.row.name.clone(),
            threshold: tier.row.threshold,
            multiplier: tier.row.multiplier,
            benefits: tier.benefits.clone(),
        });
        Settings {
            basis: set.row.basis,
            counted_over: set.row.counted_over,
            counted_days: set.row.counted_days,
            downgrade: set.row.downgrade,
            grace_days: set.row.grace_days,
            undone_by_returns: set.row.undone_by_returns,
            tiers: tiers.collect(),
        }
    }

    pub fn changed(self, change: Change) -> Settings {
        let counted_over = change.counted_over.unwrap_or(self.counted_over);
        // Days that only rolling windows have go with them.
        let known = self.counted_days.filter(|_| counted_over == CountedOver::RollingDays);
        Settings {
            basis: change.basis.unwrap_or(self.basis),
            counted_over,
            counted_days: change.counted_days.unwrap_or(known),
            downgrade: change.downgrade.unwrap_or(self.downgrade),
            grace_days: change.grace_days.unwrap_or(self.grace_days),
            undone_by_returns: change.undone_by_returns.unwrap_or(self.undone_by_returns),
            tiers: change.tiers.unwrap_or(self.tiers),
        }
    }

    /// The set that these settings are. New tiers take their ids from `draw`.
    pub fn set(self, of: Revision, mut draw: impl FnMut() -> Id) -> TierSet {
        let numbered = self.tiers.into_iter().zip(0..);
        let tiers = numbered.map(|(tier, position)| Tier {
            row: tier::Model {
                set_id: of.id,
                revision: of.revision,
                position,
                id: tier.id.unwrap_or_else(&mut draw),
                code: tier.code,
                name: tier.name,
                threshold: tier.threshold,
                multiplier: tier.multiplier,
                benefits: serde_json::to_string(&tier.benefits).expect("benefits are plain data"),
            },
            benefits: tier.benefits,
        });
        TierSet {
            tiers: tiers.collect(),
            row: tier_set::Model {
                id: of.id,
                revision: of.revision,
                program_id: of.program_id,
                version: of.version,
                basis: self.basis,
                counted_over: self.counted_over,
                counted_days: self.counted_days,
                downgrade: self.downgrade,
                grace_days: self.grace_days,
                undone_by_returns: self.undone_by_returns,
                author_id: of.author_id,
                created_at: of.created_at.micros(),
            },
        }
    }
}

/// Checks everything and names all that is wrong. `known` are the ids of the set as it is.
pub fn check(settings: &Settings, known: &BTreeSet<Id>) -> Result<(), Vec<Rejection>> {
    let days = match settings.counted_over {
        CountedOver::RollingDays => settings.counted_days.is_some_and(|days| (1..=MAX_DAYS).contains(&days)),
        CountedOver::Lifetime | CountedOver::CalendarYear | CountedOver::Anniversary => settings.counted_days.is_none(),
    };
    let general = [
        unless(days, Rejection::DaysInvalid),
        unless((0..=MAX_GRACE).contains(&settings.grace_days), Rejection::GraceDaysInvalid),
        unless((1..=MAX_TIERS).contains(&settings.tiers.len()), Rejection::TierCountInvalid),
    ];
    let of_tiers = (0..settings.tiers.len()).flat_map(|at| check_tier(&settings.tiers, at, known));
    let wrong: Vec<_> = general.into_iter().flatten().chain(of_tiers).collect();
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn check_tier(tiers: &[TierSettings], at: usize, known: &BTreeSet<Id>) -> impl Iterator<Item = Rejection> {
    let (tier, below) = (&tiers[at], &tiers[..at]);
    let is_known = tier.id.is_none_or(|id| known.contains(&id) && below.iter().all(|other| other.id != Some(id)));
    let threshold = match below.last() {
        None => tier.threshold == 0,
        Some(below) => below.threshold < tier.threshold && tier.threshold <= MAX_THRESHOLD,
    };
    let is_benefit = |benefit: &Benefit| is_code(&benefit.key) && is_text(&benefit.text, MAX_BENEFIT);
    let benefits = tier.benefits.len() <= MAX_BENEFITS && tier.benefits.iter().all(is_benefit);
    let wrong = [
        unless(is_known, Rejection::TierUnknown { tier: at }),
        unless(is_code(&tier.code), Rejection::CodeInvalid { tier: at }),
        unless(below.iter().all(|other| other.code != tier.code), Rejection::CodeRepeated { tier: at }),
        unless(is_text(&tier.name, MAX_NAME), Rejection::NameInvalid { tier: at }),
        unless(threshold, Rejection::ThresholdInvalid { tier: at }),
        unless((WHOLE..=MAX_MULTIPLIER).contains(&tier.multiplier), Rejection::MultiplierInvalid { tier: at }),
        unless(benefits, Rejection::BenefitsInvalid { tier: at }),
    ];
    wrong.into_iter().flatten()
}

fn unless(holds: bool, rejection: Rejection) -> Option<Rejection> {
    (!holds).then_some(rejection)
}

/// Capital letters, digits and underscores.
fn is_code(code: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_';
    (1..=MAX_CODE).contains(&code.len()) && code.chars().all(is_letter)
}

fn is_text(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most && !has_control(text)
}

/// Why a tier is not protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotProtected {
    MemberUnknown,
    /// Staff do not protect their own.
    OwnTier,
    /// The program has no tiers.
    NoTiers,
    /// Not in the future, or more than ten years ahead.
    UntilInvalid,
    /// Empty, too long, or with characters that cannot be shown.
    ReasonInvalid,
}
