//! What the mutations that move points are given, and what they answer.

use async_graphql::{ID, InputObject, SimpleObject};

use crate::domain::points::graphql::adjustment::PointsAdjustmentObject;
use crate::domain::points::graphql::entry::PointsEntryObject;
use crate::domain::points::graphql::hold::PointsHoldObject;
use crate::domain::points::graphql::movement_error::PointsUserError;
use crate::domain::points::graphql::transfer::PointsTransferObject;

/// Points to be set aside.
#[derive(InputObject)]
pub struct HoldPointsInput {
    /// Drawn by the client, new for each hold. Sent again, it gives the same hold again instead of a second one.
    pub idempotency_key: String,
    /// Whose points, for staff; the caller's own when it is left out.
    pub member_id: Option<ID>,
    /// How many, from 1 on.
    pub points: i32,
    /// How many minutes until what is still open goes back by itself; as long as the program allows when it is left out.
    pub minutes: Option<i32>,
    /// What for, up to 200 characters.
    pub reason: Option<String>,
}

/// Points to be captured from a hold.
#[derive(InputObject)]
pub struct CaptureHoldInput {
    /// Drawn by the client, new for each capture.
    pub idempotency_key: String,
    /// The hold's global id.
    pub hold_id: ID,
    /// How many, from 1 on; all that is open when it is left out.
    pub points: Option<i32>,
    /// Release what is still open afterwards.
    #[graphql(default)]
    pub release_rest: bool,
    /// What for, up to 200 characters.
    pub reason: Option<String>,
}

/// Points to be released from a hold.
#[derive(InputObject)]
pub struct ReleaseHoldInput {
    /// Drawn by the client, new for each release.
    pub idempotency_key: String,
    /// The hold's global id.
    pub hold_id: ID,
    /// How many, from 1 on; all that is open when it is left out.
    pub points: Option<i32>,
    /// Why, up to 200 characters.
    pub reason: Option<String>,
}

/// Points to be given to another member.
#[derive(InputObject)]
pub struct TransferPointsInput {
    /// Drawn by the client, new for each transfer.
    pub idempotency_key: String,
    /// The number of the member who gets them. Case does not matter.
    pub to_member_number: String,
    /// How many, from 1 on.
    pub points: i32,
}

/// A correction of a member's points.
#[derive(InputObject)]
pub struct AdjustPointsInput {
    /// Drawn by the client, new for each adjustment.
    pub idempotency_key: String,
    /// Whose points.
    pub member_id: ID,
    /// How many: positive to give, negative to take, not 0.
    pub points: i32,
    /// Why, 1 to 200 characters. The member can read it.
    pub reason: String,
}

/// A correction to be approved or rejected.
#[derive(InputObject)]
pub struct DecideAdjustmentInput {
    /// Drawn by the client, new for each decision.
    pub idempotency_key: String,
    /// The adjustment's global id.
    pub adjustment_id: ID,
    /// True books it, false turns it down.
    pub approve: bool,
}

/// Expired points to be given again.
#[derive(InputObject)]
pub struct ReinstateExpiredInput {
    /// Drawn by the client, new for each reinstatement.
    pub idempotency_key: String,
    /// The global id of the entry by which they expired.
    pub entry_id: ID,
    /// Why, up to 200 characters.
    pub reason: Option<String>,
}

/// What came of holding, capturing or releasing points.
#[derive(SimpleObject)]
pub struct HoldPayload {
    /// The hold as it is now; null when there are user errors.
    pub hold: Option<PointsHoldObject>,
    /// Why nothing was done. Then nothing was changed.
    pub user_errors: Vec<PointsUserError>,
}

/// What came of giving points away.
#[derive(SimpleObject)]
pub struct TransferPointsPayload {
    /// The transfer; null when there are user errors.
    pub transfer: Option<PointsTransferObject>,
    /// Why nothing was done. Then nothing was changed.
    pub user_errors: Vec<PointsUserError>,
}

/// What came of a correction.
#[derive(SimpleObject)]
pub struct PointsAdjustmentPayload {
    /// The adjustment as it is now; null when there are user errors.
    pub adjustment: Option<PointsAdjustmentObject>,
    /// Why nothing was done. Then nothing was changed.
    pub user_errors: Vec<PointsUserError>,
}

/// What came of giving expired points again.
#[derive(SimpleObject)]
pub struct ReinstateExpiredPayload {
    /// The entry that gave them; null when there are user errors.
    pub entry: Option<PointsEntryObject>,
    /// Why nothing was done. Then nothing was changed.
    pub user_errors: Vec<PointsUserError>,
}
