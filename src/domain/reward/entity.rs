//! Rewards, redemptions and coupons.

use sea_orm::entity::prelude::*;

/// What a reward is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RewardKind {
    /// Money off one later order.
    Coupon,
    /// A product, taken from its stock.
    Product,
}

/// Something points can be redeemed for.
pub mod reward {
    use sea_orm::entity::prelude::*;

    use super::RewardKind;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "reward")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: RewardKind,
        pub name: String,
        pub description: String,
        pub points_price: i64,
        pub currency: String,
        /// Minor units off.
        pub coupon_value: Option<i64>,
        /// The subtotal, in minor units, from which the coupon applies.
        pub minimum_spend: Option<i64>,
        /// Days from redemption to the coupon's expiry; empty for never.
        pub coupon_valid_days: Option<i64>,
        pub product_id: Option<Uuid>,
        /// The pile it is taken from; empty when there is no limit.
        pub stock_id: Option<Uuid>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Points that were redeemed.
pub mod redemption {
    use sea_orm::entity::prelude::*;

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
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
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
        pub value: i64,
        pub minimum_spend: Option<i64>,
        pub currency: String,
        pub expires_at: Option<i64>,
        pub used_at: Option<i64>,
        pub order_id: Option<Uuid>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
