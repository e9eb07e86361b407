//! Tiers as staff set them.

use async_graphql::{ID, InputObject, MaybeUndefined};

use crate::base::multiplier;
use crate::domain::tier::graphql::set::{TierBasis, TierBenefit, TierDowngrade, TierWindow};
use crate::domain::tier::rule::change::{Change, Settings, TierSettings};
use crate::domain::tier::rule::terms::Benefit;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::scalar::{BigInt, Decimal};

/// A tier.
#[derive(InputObject)]
pub struct TierInput {
    /// The global id of a tier that the set has already; left out for a new one. A tier that is not named goes.
    id: Option<ID>,
    /// For programs: 1 to 50 capital letters, digits and underscores.
    code: String,
    /// What members are told it is called, 1 to 100 characters.
    name: String,
    /// In the unit of the set's basis: points, minor units of the program's currency, or visits. 0 for the lowest, and above
    /// the one below for each other.
    threshold: BigInt,
    /// The program's rate so many times, such as `"1.5"`: 1 to 100, with up to four decimals.
    #[graphql(default_with = "Decimal(rust_decimal::Decimal::ONE)")]
    multiplier: Decimal,
    /// What else its members have, up to 50.
    #[graphql(default)]
    benefits: Vec<TierBenefit>,
}

impl TierInput {
    fn read(self) -> TierSettings {
        TierSettings {
            // An id that is not a tier's is answered like that of one that does not exist.
            id: self.id.map(|id| GlobalId::row_of(NodeKind::Tier, &id).unwrap_or_default()),
            code: self.code,
            name: self.name.trim().to_owned(),
            threshold: self.threshold.0,
            multiplier: multiplier::in_parts(self.multiplier.0),
            benefits: self.benefits.into_iter().map(|TierBenefit { key, text }| Benefit { key, text }).collect(),
        }
    }
}

/// The tiers of a program that has none.
#[derive(InputObject)]
pub struct CreateTierSetInput {
    /// What is measured against the thresholds.
    basis: TierBasis,
    /// Over which days it is summed.
    window: TierWindow,
    /// Days of the window, 1 to 3,650; for `ROLLING_DAYS` only.
    window_days: Option<i32>,
    /// How far a member falls who no longer qualifies.
    #[graphql(default_with = "TierDowngrade::ToQualified")]
    downgrade: TierDowngrade,
    /// Local days after the one on which a tier is judged until it is lost, 0 to 365.
    #[graphql(default)]
    grace_days: i32,
    /// Whether a tier is lost at once when what reached it is returned.
    #[graphql(default = true)]
    undone_by_returns: bool,
    /// The tiers, the lowest first; 1 to 20.
    tiers: Vec<TierInput>,
}

impl CreateTierSetInput {
    pub fn read(self) -> Settings {
        Settings {
            basis: self.basis.into(),
            counted_over: self.window.into(),
            counted_days: self.window_days.map(i64::from),
            downgrade: self.downgrade.into(),
            grace_days: self.grace_days.into(),
            undone_by_returns: self.undone_by_returns,
            tiers: self.tiers.into_iter().map(TierInput::read).collect(),
        }
    }
}

/// What is to be different about the tiers. What is left out stays as it is, and so does what is null, but for the days.
#[derive(InputObject)]
pub struct UpdateTierSetInput {
    /// The set's global id.
    pub id: ID,
    /// The revision this is a change of. If there is a newer one, nothing is changed.
    pub expected_revision: i32,
    /// What is measured against the thresholds. All of it was recorded all along, so nothing has to be counted again.
    basis: Option<TierBasis>,
    /// Over which days it is summed.
    window: Option<TierWindow>,
    /// Days of the window, 1 to 3,650; for `ROLLING_DAYS` only.
    window_days: MaybeUndefined<i32>,
    /// How far a member falls who no longer qualifies.
    downgrade: Option<TierDowngrade>,
    /// Local days after the one on which a tier is judged until it is lost, 0 to 365. Who is in them already loses none.
    grace_days: Option<i32>,
    /// Whether a tier is lost at once when what reached it is returned.
    undone_by_returns: Option<bool>,
    /// All tiers anew, the lowest first; 1 to 20.
    tiers: Option<Vec<TierInput>>,
}

impl UpdateTierSetInput {
    pub fn read(self) -> Change {
        let days = Option::<Option<i32>>::from(self.window_days);
        Change {
            basis: self.basis.map(Into::into),
            counted_over: self.window.map(Into::into),
            counted_days: days.map(|days| days.map(i64::from)),
            downgrade: self.downgrade.map(Into::into),
            grace_days: self.grace_days.map(i64::from),
            undone_by_returns: self.undone_by_returns,
            tiers: self.tiers.map(|tiers| tiers.into_iter().map(TierInput::read).collect()),
        }
    }
}
