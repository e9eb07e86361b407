//! A used idempotency key belongs to what it was used for: whatever else comes with it is a conflict, even what could not be
//! done at all.

use jifen::base::id::Id;
use jifen::domain::points::entity::{TransferPolicy, ValidityKind};
use jifen::gql::id::{NodeKind, owned};
use serde_json::{Value as Json, json};

use super::adjust::{DECIDE, REINSTATE};
use crate::world::movement::{ADJUST, CAPTURE, HOLD, RELEASE, TRANSFER};
use crate::world::order::Call;
use crate::world::{Client, Member, World, both_databases};

both_databases!(
    the_key_of_a_hold,
    the_key_of_a_transfer,
    the_key_of_a_correction,
    the_key_of_a_reinstatement,
    a_key_of_another_operation_is_new,
);

/// Longer than any reason may be.
fn too_long() -> String {
    "x".repeat(201)
}

/// The id of something of a member that is not there.
fn missing(kind: NodeKind, member: &Member) -> Json {
    json!(owned(kind, member.member_id(), Id::from_u128(7)).to_string())
}

/// Sends each input with a new key, for which it is refused with its code, and with a used one, which is a conflict.
async fn assert_conflicts(world: &World, used: &str, call: impl Fn(Json) -> Call, inputs: &[(Json, &str)]) {
    for (input, code) in inputs {
        world.unchanged_by(call(input.clone())).await.expect_refused(code);
        let refused = world.unchanged_by(call(input.clone()).with_key(used)).await;
        assert_eq!(refused.expect_refused("IDEMPOTENCY_KEY_CONFLICT")["path"], json!(["input", "idempotencyKey"]));
    }
}

async fn the_key_of_a_hold(world: World) {
    let (member, staff) = (world.member().with_points(100).await, world.staff().await);
    let held = member.hold_points(50).with_key("k").await.expect_ok();
    let holding = [
        (json!({ "points": 0 }), "BAD_POINTS"),
        (json!({ "points": 50, "reason": too_long() }), "REASON_INVALID"),
        (json!({ "points": 50, "minutes": 0 }), "HOLD_TOO_SHORT"),
    ];
    assert_conflicts(&world, "k", |input| member.call("holdPoints", "hold", HOLD, input), &holding).await;
    let using = [
        (json!({ "holdId": held["id"], "points": 10, "reason": too_long() }), "REASON_INVALID"),
        (json!({ "holdId": held["id"], "points": 0 }), "BAD_POINTS"),
        (json!({ "holdId": missing(NodeKind::PointsHold, &member) }), "HOLD_UNKNOWN"),
    ];
    for (mutation, document) in [("captureHold", CAPTURE), ("releaseHold", RELEASE)] {
        let call = |input| staff.call(mutation, "hold", document, input);
        call(json!({ "holdId": held["id"], "points": 10 })).with_key("k").await.expect_ok();
        assert_conflicts(&world, "k", call, &using).await;
    }
}

async fn the_key_of_a_transfer(world: World) {
    world.program(|program| program.transfers = TransferPolicy::Anybody).await;
    let (alice, bob) = (world.member().with_points(100).await, world.member().await);
    let (own, number) = (alice.number().await, bob.number().await);
    alice.transfer_points_to(&number, 10).with_key("k").await.expect_ok();
    let inputs = [
        (json!({ "toMemberNumber": "nobody", "points": 10 }), "RECEIVER_UNKNOWN"),
        (json!({ "toMemberNumber": own, "points": 10 }), "RECEIVER_IS_SENDER"),
        (json!({ "toMemberNumber": number, "points": 0 }), "BAD_POINTS"),
    ];
    assert_conflicts(&world, "k", |input| alice.call("transferPoints", "transfer", TRANSFER, input), &inputs).await;
}

async fn the_key_of_a_correction(world: World) {
    world.program(|program| program.approval_threshold = 10).await;
    let (staff, other, member) = (world.staff().await, world.staff().await, world.member().await);
    let waiting = staff.adjust_points(&member, 11).with_key("k").await.expect_ok();
    let of = |points: i64, reason: &str| json!({ "memberId": member.id, "points": points, "reason": reason });
    let inputs = [
        (of(11, " "), "REASON_INVALID"),
        (of(11, &too_long()), "REASON_INVALID"),
        (of(0, "The till was wrong"), "BAD_POINTS"),
    ];
    assert_conflicts(&world, "k", |input| staff.call("adjustPoints", "adjustment", ADJUST, input), &inputs).await;
    let decide = |input| other.call("decideAdjustment", "adjustment", DECIDE, input);
    decide(json!({ "adjustmentId": waiting["id"], "approve": true })).with_key("k").await.expect_ok();
    let unknown = json!({ "adjustmentId": missing(NodeKind::PointsAdjustment, &member), "approve": true });
    assert_conflicts(&world, "k", decide, &[(unknown, "ADJUSTMENT_UNKNOWN")]).await;
}

async fn the_key_of_a_reinstatement(world: World) {
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 1)).await;
    let tea = world.product("tea").price("10.00").await;
    let mut member = world.member().await;
    for _ in 0..2 {
        member.place_order(&[(&tea, 1)]).await.expect_ok();
        world.wait_days(3);
        world.sweep().await;
        member = member.another_session().await;
    }
    let staff = world.staff().await;
    let entries = ledger(&member).await;
    let (expired, earned, first) = (&entries[0], &entries[1], &entries[2]);
    let call = |input| staff.call("reinstateExpired", "entry", REINSTATE, input);
    call(json!({ "entryId": first })).with_key("k").await.expect_ok();
    let inputs = [
        (json!({ "entryId": earned }), "EXPIRATION_UNKNOWN"),
        (json!({ "entryId": missing(NodeKind::PointsEntry, &member) }), "EXPIRATION_UNKNOWN"),
        (json!({ "entryId": expired, "reason": too_long() }), "REASON_INVALID"),
    ];
    assert_conflicts(&world, "k", call, &inputs).await;
}

/// The ids of a member's entries, newest first.
async fn ledger(client: &Client) -> Vec<Json> {
    let data = client.query("{ me { pointsAccount { pointsLedger { nodes { id } } } } }").await;
    let nodes = data["me"]["pointsAccount"]["pointsLedger"]["nodes"].as_array().expect("entries").clone();
    nodes.iter().map(|node| node["id"].clone()).collect()
}

async fn a_key_of_another_operation_is_new(world: World) {
    let (member, other) = (world.member().with_points(100).await, world.member().with_points(100).await);
    let held = member.hold_points(50).with_key("k").await.expect_ok();
    let release = member.release_hold(&held, json!({ "reason": too_long() })).with_key("k");
    world.unchanged_by(release).await.expect_refused("REASON_INVALID");
    world.unchanged_by(other.hold_points(0).with_key("k")).await.expect_refused("BAD_POINTS");
}
