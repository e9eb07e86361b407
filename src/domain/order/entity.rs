//! Orders, lines and payments. Money is in minor units.

use sea_orm::Iterable;
use sea_orm::entity::prelude::*;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Placed and paid in full.
    Paid,
    /// In the customer's hands.
    Delivered,
    /// Taken back before it was delivered.
    Cancelled,
    /// Taken back as a whole.
    Returned,
    /// A purchase of the past, recorded by an import.
    Completed,
}

/// By which way an order came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// A shop's website.
    Web,
    App,
    /// A small program within another app.
    MiniProgram,
    /// At a till.
    InStore,
}

impl Channel {
    /// The channel of a word.
    pub fn of(word: &str) -> Option<Channel> {
        Channel::iter().find(|channel| channel.word() == word)
    }

    /// Its word, by which earning rules know it.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Web => "WEB",
            Channel::App => "APP",
            Channel::MiniProgram => "MINI_PROGRAM",
            Channel::InStore => "IN_STORE",
        }
    }
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

    use super::{Channel, OrderStatus};

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
        /// The version of the program it was decided with; its return is decided with the same.
        pub program_version: i64,
        /// The lot its points are in.
        pub lot_id: Option<Uuid>,
        /// Points it was paid with …
        pub points_paid: i64,
        /// … which were worth so many minor units of its total.
        pub points_value: i64,
        /// The transaction that took them.
        pub points_txn_id: Option<Uuid>,
        /// The wallets that earned its points and that paid for it with points, where these are not the member's own: a
        /// household's, or that of a member who was merged into this one.
        pub earned_in: Option<Uuid>,
        pub spent_from: Option<Uuid>,
        /// How often it was changed since it was placed.
        pub revision: i64,
        pub delivered_at: Option<i64>,
        pub money_returned: i64,
        pub points_returned: i64,
        /// Earned points demanded back, whether or not they were found.
        pub points_clawed: i64,
        /// Where it was placed.
        pub channel: Option<Channel>,
        pub outlet_id: Option<Uuid>,
        /// What was known of the member when earning rules gave points for it, by which its return is reckoned too
        /// (`earning::rule::occasion`). Empty: none did.
        pub standing: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// The wallet its points were earned in.
        pub fn earning_wallet(&self) -> Uuid {
            self.earned_in.unwrap_or(self.member_id)
        }

        /// A wallet that is not the member's own, which it earned into or was paid from.
        pub fn other_wallet(&self) -> Option<Uuid> {
            self.earned_in.or(self.spent_from)
        }

        /// The wallet whose points paid for it.
        pub fn paying_wallet(&self) -> Uuid {
            self.spent_from.unwrap_or(self.member_id)
        }
    }
}

/// One product of an order. `total = unit_price × quantity − discount`, of which points paid `points_value`.
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
        pub points_paid: i64,
        pub points_value: i64,
        /// Pieces taken back, and what was given back for them.
        pub returned: i64,
        pub money_returned: i64,
        pub points_returned: i64,
        /// The tax that is in the price, in hundredths of a percent of the price without it.
        pub tax_rate: i64,
        /// What the product was when it was bought: its stock-keeping unit and category.
        pub sku: String,
        pub category_id: Option<Uuid>,
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

/// An order taken back in part or whole, once.
pub mod order_return {
    use sea_orm::entity::prelude::*;

    use super::PaymentMethod;
    use crate::domain::points::entity::ActorKind;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_return")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub order_id: Uuid,
        /// The revision of the order that it made.
        pub revision: i64,
        /// Money given back, less what was withheld.
        pub money: i64,
        /// Money withheld for points that were missing.
        pub money_withheld: i64,
        pub currency: String,
        pub method: PaymentMethod,
        /// Points the order was paid with, given back …
        pub points_given_back: i64,
        /// … of which so many were past their expiry and stayed so.
        pub points_forfeited: i64,
        /// Earned points demanded back …
        pub points_clawed: i64,
        /// … of which so many were not there …
        pub points_missing: i64,
        /// … and so many of those the shop gave up, or withheld money for. The rest is owed.
        pub points_written_off: i64,
        pub points_settled: i64,
        pub restocked: bool,
        pub reason: Option<String>,
        pub actor: ActorKind,
        pub actor_id: Option<Uuid>,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What a return took back of one line.
pub mod return_line {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "order_return_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub return_id: Uuid,
        /// The line's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub quantity: i64,
        pub money: i64,
        pub points: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
