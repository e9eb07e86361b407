//! A set of tiers, and a tier, in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::base::multiplier;
use crate::domain::reward::graphql::{TierRewardConnection, rewards_of};
use crate::domain::tier::entity::{Basis, CountedOver, Downgrade};
use crate::domain::tier::rule::terms::{Benefit, Tier, TierSet};
use crate::gql::connection::PageArgs;
use crate::gql::error::Result;
use crate::gql::id::{NodeKind, global};
use crate::gql::scalar::{BigInt, DateTime, Decimal, int};

/// What is measured against the thresholds of tiers (成长值的依据).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Basis", name = "TierBasis")]
pub enum TierBasis {
    /// Points that purchases and events earned.
    Points,
    /// Money paid for purchases after discounts and points, in minor units of the program's currency.
    Spend,
    /// Purchases and events, one each.
    Visits,
}

/// Over which days it is summed (考核周期), in the program's time zone.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CountedOver", name = "TierWindow")]
pub enum TierWindow {
    /// All days. A tier is never judged, and lost only with returns.
    Lifetime,
    /// The year, from 1 January on. A tier is judged on 1 January, by the year that ended.
    CalendarYear,
    /// A year from the day and month on which the member joined. A tier is judged on that day.
    Anniversary,
    /// The last so many days, today included. A tier is judged that many days after it was reached or confirmed.
    RollingDays,
}

/// How far a member falls who no longer qualifies when the tier is judged (降级方式).
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Downgrade", name = "TierDowngrade")]
pub enum TierDowngrade {
    /// One tier, and the next one when it is judged again.
    OneDown,
    /// To the tier that they qualify for.
    ToQualified,
}

/// Something that members of a tier have, in the shop's own words (权益).
#[derive(SimpleObject, InputObject, Clone)]
#[graphql(name = "TierBenefit", input_name = "TierBenefitInput")]
pub struct TierBenefit {
    /// For programs: 1 to 50 capital letters, digits and underscores, such as `FREE_SHIPPING`.
    pub key: String,
    /// For people, 1 to 500 characters.
    pub text: String,
}

impl From<&Benefit> for TierBenefit {
    fn from(benefit: &Benefit) -> TierBenefit {
        TierBenefit { key: benefit.key.clone(), text: benefit.text.clone() }
    }
}

/// A tier of the program.
#[derive(Clone)]
pub struct TierObject(pub Arc<Tier>);

/// A tier of the program (会员等级). Anybody may read it.
#[Object(name = "Tier")]
impl TierObject {
    /// Global id, the same in every revision of the tiers.
    pub async fn id(&self) -> ID {
        global(NodeKind::Tier, self.0.row.id)
    }

    /// For programs, such as `GOLD`.
    async fn code(&self) -> &str {
        &self.0.row.code
    }

    /// What members are told it is called.
    async fn name(&self) -> &str {
        &self.0.row.name
    }

    /// Its place, from 0 for the lowest on.
    async fn position(&self) -> i32 {
        int(self.0.row.position)
    }

    /// What has to be reached for it, in the unit of the set's `basis`: points, minor units of the program's currency, or
    /// visits. 0 for the lowest.
    async fn threshold(&self) -> BigInt {
        BigInt(self.0.row.threshold)
    }

    /// Its members earn the program's rate so many times (等级倍数); 1 is no more than everybody.
    async fn multiplier(&self) -> Decimal {
        Decimal(multiplier::as_decimal(self.0.row.multiplier))
    }

    /// What else its members have.
    async fn benefits(&self) -> Vec<TierBenefit> {
        self.0.benefits.iter().map(TierBenefit::from).collect()
    }

    /// The rewards that its members have for a price of their own, and those that are only for it or for it and some other
    /// tiers (等级礼品), the cheapest first by the price of everybody: those that whoever asks could redeem now if they were
    /// in the tier. Staff see those too that are drafts, not on offer yet or for other members. A reward that is for a
    /// segment is not known to be for its tiers.
    async fn rewards(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<TierRewardConnection> {
        rewards_of(ctx, &self.0.row, PageArgs { first, after, last, before }).await
    }
}

/// The tiers of the program in one revision.
pub struct TierSetObject(pub Arc<TierSet>);

/// The tiers of the program (等级体系), in one revision. A program has one set; every save makes a revision that comes in
/// force at once. Anybody may read it.
#[Object(name = "TierSet")]
impl TierSetObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::TierSet, self.0.row.id)
    }

    /// The number of this revision, from 1 on.
    async fn revision(&self) -> i32 {
        int(self.0.row.revision)
    }

    /// The version of the program that brought this revision in force.
    async fn program_version(&self) -> i32 {
        int(self.0.row.version)
    }

    /// What is measured against the thresholds.
    async fn basis(&self) -> TierBasis {
        self.0.row.basis.into()
    }

    /// Over which days it is summed.
    async fn window(&self) -> TierWindow {
        self.0.row.counted_over.into()
    }

    /// Days of the window, for `ROLLING_DAYS`; null for all others.
    async fn window_days(&self) -> Option<i32> {
        self.0.row.counted_days.map(int)
    }

    /// How far a member falls who no longer qualifies.
    async fn downgrade(&self) -> TierDowngrade {
        self.0.row.downgrade.into()
    }

    /// Local days after the one on which a tier is judged until it is lost (宽限期); what is reached in them still keeps it.
    async fn grace_days(&self) -> i32 {
        int(self.0.row.grace_days)
    }

    /// Whether a tier is lost at once when what reached it is returned.
    async fn undone_by_returns(&self) -> bool {
        self.0.row.undone_by_returns
    }

    /// The tiers, the lowest first; 1 to 20.
    async fn tiers(&self) -> Vec<TierObject> {
        self.0.tiers.iter().map(|tier| TierObject(Arc::new(tier.clone()))).collect()
    }

    /// When this revision was saved.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.row.created_at)
    }
}
