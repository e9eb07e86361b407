//! Orders, lines and payments. Money is in minor units.

use sea_orm::entity::prelude::*;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Placed and paid in full.
    Paid,
    /// A purchase of the past, recorded by an import.
    Completed,
}

/// How an order was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentMethod {
    /// Taken by the shop itself, such as cash at a till.
    Manual,
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// The money is the shop's.
    Captured,
}

/// One purchase.
pub mod order {
    use sea_orm::entity::prelude::*;

    use super::OrderStatus;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub status: OrderStatus,
        pub imported: bool,
        pub pieces: i64,
        pub currency: String,
        pub subtotal: i64,
        pub discount: i64,
        pub total: i64,
        pub points_earned: i64,
        pub coupon_id: Option<Uuid>,
        /// The business date: for an import the purchase's own.
        pub placed_at: i64,
        pub recorded_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One product of an order. `total = unit_price × quantity − discount`.
pub mod line {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub product_id: Uuid,
        pub quantity: i64,
        pub unit_price: i64,
        pub discount: i64,
        pub total: i64,
        pub points_earned: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Money taken for an order.
pub mod payment {
    use sea_orm::entity::prelude::*;

    use super::{PaymentMethod, PaymentStatus};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "payment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub method: PaymentMethod,
        pub status: PaymentStatus,
        pub amount: i64,
        pub currency: String,
        pub captured_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
