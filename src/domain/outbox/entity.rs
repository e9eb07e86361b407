//! The outbox.

use sea_orm::entity::prelude::*;

/// What an event tells, in the past tense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Topic {
    /// A customer became a member.
    MemberRegistered,
    /// An order was placed and paid.
    OrderPlaced,
    /// A purchase of the past was recorded.
    OrderImported,
    /// Points were redeemed for a reward.
    RewardRedeemed,
    /// A redemption was cancelled.
    RedemptionCancelled,
    /// An order reached the customer.
    OrderDelivered,
    /// An order was taken back, in part or whole.
    OrderReturned,
    /// Points were set aside, captured from what was, or released from it.
    PointsHeld,
    PointsCaptured,
    PointsReleased,
    /// Points went from a member to another: told of each of the two.
    PointsSent,
    PointsReceived,
    /// Points became active, or expired: the clock did it, whichever command wrote it down.
    PointsActivated,
    PointsExpired,
    /// The shop corrected a member's points.
    PointsAdjusted,
    /// Expired points were given again.
    PointsReinstated,
    /// A member joined a household, or made one; or left it.
    HouseholdJoined,
    HouseholdLeft,
    /// Something a member did was recorded.
    EventRecorded,
    /// A member was merged into this one.
    MembersMerged,
    /// A member's tier is another one.
    TierChanged,
}

/// How an event that the statistics have not counted yet tells what there is to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Uncounted {
    /// It is of before there were statistics, and tells some of it.
    InBrief,
    /// It tells all of it.
    InFull,
}

/// One event.
pub mod outbox {
    use sea_orm::entity::prelude::*;

    use super::{Topic, Uncounted};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub member_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub topic: Topic,
        /// The wallet's sequence number when it happened; events of a member are told in this order.
        pub wallet_seq: i64,
        /// JSON.
        pub payload: String,
        pub created_at: i64,
        /// Empty once it is counted.
        pub uncounted: Option<Uncounted>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
