//! Rewards, redemptions and coupons.

use sea_orm::entity::prelude::*;

/// What a reward is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RewardKind {
    /// An amount off one later order.
    Coupon,
    /// A part of a later order off, up to a ceiling.
    PercentCoupon,
    /// One piece of a product off when a later order has it.
    ProductCoupon,
    /// A product, taken from its stock.
    Product,
    /// Points given away: nothing is issued for them.
    Donation,
    /// A single-use code of the shop's partner, from those that were added to it.
    Code,
}

impl RewardKind {
    /// Whether a coupon is issued for each piece.
    pub fn is_coupon(self) -> bool {
        matches!(self, RewardKind::Coupon | RewardKind::PercentCoupon | RewardKind::ProductCoupon)
    }
}

/// Whether a reward is shown. Between its dates, one on offer can be redeemed; before, it is yet to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RewardState {
    /// Worked on; nobody sees it.
    Draft,
    Offered,
    /// Over for good.
    Ended,
}

/// Something points can be redeemed for.
pub mod reward {
    use sea_orm::entity::prelude::*;

    use super::{RewardKind, RewardState};
    use crate::domain::earning::entity::Period;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reward")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// How often it was saved.
        pub revision: i64,
        pub state: RewardState,
        pub kind: RewardKind,
        pub name: String,
        pub description: String,
        pub image_url: Option<String>,
        pub points_price: i64,
        /// Minor units that a piece costs beside its points.
        pub money_price: Option<i64>,
        pub currency: String,
        /// Minor units off; of a percentage the most that it takes off.
        pub coupon_value: Option<i64>,
        /// Hundredths of a percent off.
        pub coupon_percent: Option<i64>,
        /// The subtotal, in minor units, from which the coupon applies.
        pub minimum_spend: Option<i64>,
        /// Days from redemption to the coupon's expiry; empty for never.
        pub coupon_valid_days: Option<i64>,
        pub product_id: Option<Uuid>,
        /// The pile it is taken from; empty when there is no limit.
        pub stock_id: Option<Uuid>,
        pub starts_at: Option<i64>,
        /// The first moment at which it is no longer on offer.
        pub ends_at: Option<i64>,
        /// Who may redeem it (`rule::audience`); empty for everybody.
        pub audience: Option<String>,
        /// A member may redeem so many pieces in each period of the kind.
        pub limit_period: Option<Period>,
        pub limit_pieces: Option<i64>,
        pub created_at: i64,
        /// So many tiers have a price of their own in this revision ([`super::tier_price`]).
        pub tier_prices: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl reward::Model {
    /// A reward with nothing to it yet: on offer at any time, for everybody and without a limit.
    pub fn blank(kind: RewardKind, currency: &str) -> reward::Model {
        reward::Model {
            id: Uuid::nil(),
            revision: 1,
            state: RewardState::Offered,
            kind,
            name: String::new(),
            description: String::new(),
            image_url: None,
            points_price: 0,
            money_price: None,
            currency: currency.to_owned(),
            coupon_value: None,
            coupon_percent: None,
            minimum_spend: None,
            coupon_valid_days: None,
            product_id: None,
            stock_id: None,
            starts_at: None,
            ends_at: None,
            audience: None,
            limit_period: None,
            limit_pieces: None,
            created_at: 0,
            tier_prices: 0,
        }
    }
}

/// What a reward was worth in a revision before its present one.
pub mod past_reward {
    use sea_orm::entity::prelude::*;

    use super::RewardKind;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "past_reward")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        pub kind: RewardKind,
        pub points_price: i64,
        pub money_price: Option<i64>,
        pub currency: String,
        pub coupon_value: Option<i64>,
        pub coupon_percent: Option<i64>,
        pub minimum_spend: Option<i64>,
        pub coupon_valid_days: Option<i64>,
        pub product_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a reward costs members of a tier, in one of its revisions.
pub mod tier_price {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tier_price")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub reward_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub revision: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tier_id: Uuid,
        pub points_price: i64,
        /// Minor units that a piece costs beside its points.
        pub money_price: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A single-use code of the shop's partner. It is the shop's until a redemption takes it, and then that redemption's for
/// ever, even if it is cancelled.
pub mod reward_code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reward_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub reward_id: Uuid,
        /// Codes are given out from the lowest position on.
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub code: String,
        /// The call that added it.
        pub batch_id: Uuid,
        pub added_at: i64,
        pub redemption_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Points that were redeemed.
pub mod redemption {
    use sea_orm::entity::prelude::*;

    use crate::domain::earning::entity::Period;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "redemption")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reward_id: Uuid,
        pub quantity: i64,
        pub points: i64,
        pub created_at: i64,
        /// The wallet whose points paid, where it is not the member's own.
        pub spent_from: Option<Uuid>,
        /// The revision of the reward that it was for.
        pub reward_revision: i64,
        /// Minor units of the reward's currency paid beside the points.
        pub money: i64,
        /// The pile its pieces were taken from.
        pub stock_id: Option<Uuid>,
        /// The transaction that took its points.
        pub txn_id: Option<Uuid>,
        /// The period of its member's limit in which it counts, and when that began; empty without a limit.
        pub limit_period: Option<Period>,
        pub limit_from: Option<i64>,
        pub cancelled_at: Option<i64>,
        /// The tier whose price was paid; empty for the price of everybody.
        pub priced_for: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// The wallet whose points paid.
        pub fn paying_wallet(&self) -> Uuid {
            self.spent_from.unwrap_or(self.member_id)
        }
    }
}

/// Money off one order of its member.
pub mod coupon {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "coupon")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub code: String,
        pub redemption_id: Uuid,
        /// Minor units off, or the most that a percentage takes off.
        pub value: Option<i64>,
        /// Hundredths of a percent off.
        pub percent: Option<i64>,
        /// The product of which one piece is off.
        pub product_id: Option<Uuid>,
        pub minimum_spend: Option<i64>,
        pub currency: String,
        pub expires_at: Option<i64>,
        pub used_at: Option<i64>,
        pub order_id: Option<Uuid>,
        pub cancelled_at: Option<i64>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
