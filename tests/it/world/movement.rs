//! The verbs that move points besides earning and spending them, and the documents they send.

use serde_json::{Value as Json, json};

use super::order::Call;
use super::{Client, Member};

pub const HOLD: &str = "mutation($input: HoldPointsInput!) { holdPoints(input: $input) {
    hold { id points captured released open reason createdAt expiresAt }
    userErrors { code message path requiredPoints activePoints limit } } }";
pub const CAPTURE: &str = "mutation($input: CaptureHoldInput!) { captureHold(input: $input) {
    hold { id points captured released open } userErrors { code message path limit } } }";
pub const RELEASE: &str = "mutation($input: ReleaseHoldInput!) { releaseHold(input: $input) {
    hold { id points captured released open } userErrors { code message path limit } } }";
pub const TRANSFER: &str = "mutation($input: TransferPointsInput!) { transferPoints(input: $input) {
    transfer { id points createdAt } userErrors { code message path requiredPoints activePoints limit } } }";
pub const ADJUST: &str = "mutation($input: AdjustPointsInput!) { adjustPoints(input: $input) {
    adjustment { id points reason state createdAt decidedAt }
    userErrors { code message path requiredPoints activePoints } } }";

impl Client {
    /// Sets aside points of this client's own.
    pub fn hold_points(&self, points: i64) -> Call {
        self.hold_points_of(json!({ "points": points }))
    }

    pub fn hold_points_of(&self, input: Json) -> Call {
        self.call("holdPoints", "hold", HOLD, input)
    }

    pub fn capture_hold(&self, hold: &Json, mut input: Json) -> Call {
        input["holdId"] = hold["id"].clone();
        self.call("captureHold", "hold", CAPTURE, input)
    }

    pub fn release_hold(&self, hold: &Json, mut input: Json) -> Call {
        input["holdId"] = hold["id"].clone();
        self.call("releaseHold", "hold", RELEASE, input)
    }

    /// Gives points to the member with this number.
    pub fn transfer_points_to(&self, number: &Json, points: i64) -> Call {
        self.call("transferPoints", "transfer", TRANSFER, json!({ "toMemberNumber": number, "points": points }))
    }

    /// Gives points of this client's own to a member.
    pub async fn transfer_points(&self, to: &Member, points: i64) -> super::order::Payload {
        self.transfer_points_to(&to.number().await, points).await
    }

    /// Corrects a member's points, for staff.
    pub fn adjust_points(&self, member: &Member, points: i64) -> Call {
        let input = json!({ "memberId": member.id, "points": points, "reason": "The till was wrong" });
        self.call("adjustPoints", "adjustment", ADJUST, input)
    }
}

impl Member {
    /// The number people see.
    pub async fn number(&self) -> Json {
        self.query("{ me { number } }").await["me"]["number"].clone()
    }
}
