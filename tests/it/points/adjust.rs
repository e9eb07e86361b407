//! Corrections by staff, and expired points given again.

use serde_json::{Value as Json, json};

use crate::world::movement::ADJUST;
use crate::world::order::Call;
use crate::world::{Client, World, both_databases};
use jifen::domain::points::entity::ValidityKind;

both_databases!(
    a_small_correction_is_booked_at_once,
    a_large_one_needs_a_second_member_of_staff,
    who_asked_and_who_decided_is_for_staff,
    what_waits_is_read_page_by_page,
    what_is_wrong_with_a_correction,
    expired_points_are_given_again_once,
);

pub const DECIDE: &str = "mutation($input: DecideAdjustmentInput!) { decideAdjustment(input: $input) {
    adjustment { id points state } userErrors { code message path requiredPoints activePoints } } }";
pub const REINSTATE: &str = "mutation($input: ReinstateExpiredInput!) { reinstateExpired(input: $input) {
    entry { id type points reason reverses { id } } userErrors { code message path limit } } }";

fn decide(staff: &Client, adjustment: &Json, approve: bool) -> Call {
    let input = json!({ "adjustmentId": adjustment["id"], "approve": approve });
    staff.call("decideAdjustment", "adjustment", DECIDE, input)
}

fn reinstate(staff: &Client, entry: &Json) -> Call {
    staff.call("reinstateExpired", "entry", REINSTATE, json!({ "entryId": entry, "reason": "Goodwill" }))
}

async fn a_small_correction_is_booked_at_once(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let given = staff.adjust_points(&member, 250).with_key("k").await.expect_ok();
    assert_eq!((&given["state"], &given["points"]), (&json!("BOOKED"), &json!(250)));
    assert_eq!(staff.adjust_points(&member, 250).with_key("k").await.expect_ok(), given);
    staff.adjust_points(&member, -100).await.expect_ok();
    assert_eq!(member.points().await, 150);
    let ledger = "{ me { pointsAccount { lifetime pointsLedger(first: 1) { nodes { type points reason } } } } }";
    let data = member.query(ledger).await;
    let entry = json!({ "type": "ADJUSTMENT", "points": -100, "reason": "The till was wrong" });
    assert_eq!(data["me"]["pointsAccount"]["pointsLedger"]["nodes"], json!([entry]));
    assert_eq!(data["me"]["pointsAccount"]["lifetime"], "0", "what the shop gives is not earned");
}

async fn a_large_one_needs_a_second_member_of_staff(world: World) {
    world.program(|program| program.approval_threshold = 1_000).await;
    let (ann, bob, member) = (world.staff().await, world.staff().await, world.member().await);
    assert_eq!(
        ann.adjust_points(&member, 1_000).await.expect_ok()["state"],
        "BOOKED",
        "the threshold itself needs nobody"
    );
    let waiting = ann.adjust_points(&member, 1_001).await.expect_ok();
    assert_eq!((&waiting["state"], &waiting["decidedAt"]), (&json!("REQUESTED"), &Json::Null));
    assert_eq!(member.points().await, 1_000);
    let listed = bob.query("{ requestedAdjustments { nodes { id points reason } } }").await;
    assert_eq!(listed["requestedAdjustments"]["nodes"][0]["id"], waiting["id"]);
    decide(&ann, &waiting, true).await.expect_refused("SECOND_APPROVER_NEEDED");
    let booked = decide(&bob, &waiting, true).with_key("k").await.expect_ok();
    assert_eq!((&booked["state"], member.points().await), (&json!("BOOKED"), 2_001));
    assert_eq!(decide(&bob, &waiting, true).with_key("k").await.expect_ok(), booked);
    decide(&bob, &waiting, false).await.expect_refused("ADJUSTMENT_DECIDED");
    // Whoever asked may take it back, and then nobody can approve it.
    let other = ann.adjust_points(&member, -2_000).await.expect_ok();
    assert_eq!(decide(&ann, &other, false).await.expect_ok()["state"], "REJECTED");
    decide(&bob, &other, true).await.expect_refused("ADJUSTMENT_DECIDED");
    assert_eq!(member.points().await, 2_001);
    let none = json!({ "nodes": [], "totalCount": 0 });
    assert_eq!(bob.query("{ requestedAdjustments { nodes { id } totalCount } }").await["requestedAdjustments"], none);
}

/// Whoever approves knows whose points they are and who asked; the member sees the correction, and nobody of the staff.
async fn who_asked_and_who_decided_is_for_staff(world: World) {
    world.program(|program| program.approval_threshold = 0).await;
    let (ann, bob, member) = (world.staff().await, world.staff().await, world.member().await);
    let waiting = ann.adjust_points(&member, 10).await.expect_ok();
    let fields = "member { number pointsAccount { active } } requestedBy { username } decidedBy { username }";
    let listed = bob.query(&format!("{{ requestedAdjustments {{ nodes {{ {fields} }} }} }}")).await;
    let expected = json!({ "member": { "number": member.number().await, "pointsAccount": { "active": 0 } },
                           "requestedBy": { "username": ann.username }, "decidedBy": null });
    assert_eq!(listed["requestedAdjustments"]["nodes"], json!([expected]));
    decide(&bob, &waiting, true).await.expect_ok();
    let node = format!("query($id: ID!) {{ node(id: $id) {{ ... on PointsAdjustment {{ {fields} }} }} }}");
    let read = |client: Client| {
        let (node, id) = (node.clone(), waiting["id"].clone());
        async move { client.graphql(&node, json!({ "id": id })).await.data()["node"].clone() }
    };
    let seen = read((*bob).clone()).await;
    assert_eq!(
        (&seen["requestedBy"]["username"], &seen["decidedBy"]["username"]),
        (&json!(ann.username), &json!(bob.username))
    );
    let seen = read((*member).clone()).await;
    assert_eq!(seen["member"]["number"], member.number().await);
    assert_eq!((&seen["requestedBy"], &seen["decidedBy"]), (&Json::Null, &Json::Null));
}

async fn what_waits_is_read_page_by_page(world: World) {
    world.program(|program| program.approval_threshold = 0).await;
    let (staff, members) = (world.staff().await, [world.member().await, world.member().await]);
    let mut asked = Vec::new();
    for turn in 0..7 {
        asked.push(staff.adjust_points(&members[turn % 2], 1 + turn as i64).await.expect_ok()["id"].clone());
    }
    let page = async |arguments: &str| {
        let document = format!(
            "{{ requestedAdjustments({arguments}) {{ totalCount nodes {{ id }} edges {{ cursor }}
                pageInfo {{ hasPreviousPage hasNextPage }} }} }}"
        );
        let data = staff.query(&document).await["requestedAdjustments"].clone();
        let ids: Vec<Json> = data["nodes"].as_array().expect("nodes").iter().map(|node| node["id"].clone()).collect();
        (ids, data)
    };
    let (first, data) = page("first: 3").await;
    assert_eq!((&first[..], &data["totalCount"]), (&asked[..3], &json!(7)));
    let info = json!({ "hasPreviousPage": false, "hasNextPage": true });
    assert_eq!(data["pageInfo"], info);
    let (next, data) = page(&format!("first: 3, after: {}", data["edges"][2]["cursor"])).await;
    assert_eq!((&next[..], &data["pageInfo"]["hasNextPage"]), (&asked[3..6], &json!(true)));
    let (before, _) = page(&format!("last: 2, before: {}", data["edges"][0]["cursor"])).await;
    assert_eq!(before[..], asked[1..3]);
    let (rest, data) = page(&format!("first: 3, after: {}", data["edges"][2]["cursor"])).await;
    assert_eq!((&rest[..], &data["pageInfo"]["hasNextPage"]), (&asked[6..], &json!(false)));
    let wrong = staff.graphql("{ requestedAdjustments(after: \"x\") { totalCount } }", Json::Null).await;
    assert_eq!(wrong.code(), "BAD_USER_INPUT");
}

async fn what_is_wrong_with_a_correction(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(10).await);
    let refused = staff.adjust_points(&member, 0).await.expect_refused("BAD_POINTS");
    let told = "Give a whole number of points: positive to give, negative to take, and not 0.";
    assert_eq!(refused["message"], told, "points may be taken as well");
    let spaced = json!({ "memberId": member.id, "points": 1, "reason": " Goodwill " });
    assert_eq!(staff.call("adjustPoints", "adjustment", ADJUST, spaced).await.expect_ok()["reason"], "Goodwill");
    staff.adjust_points(&member, -1).await.expect_ok();
    let refused = staff.adjust_points(&member, -11).await.expect_refused("NOT_ENOUGH_POINTS");
    assert_eq!((&refused["requiredPoints"], &refused["activePoints"]), (&json!(11), &json!(10)));
    staff.adjust_points(&staff, 5).await.expect_refused("OWN_POINTS");
    let blank = json!({ "memberId": member.id, "points": 5, "reason": "  " });
    staff.call("adjustPoints", "adjustment", ADJUST, blank).await.expect_refused("REASON_INVALID");
    let unknown = json!({ "memberId": "x", "points": 5, "reason": "Why not" });
    staff.call("adjustPoints", "adjustment", ADJUST, unknown).await.expect_refused("MEMBER_UNKNOWN");
    let unknown = json!({ "adjustmentId": "x", "approve": true });
    staff.call("decideAdjustment", "adjustment", DECIDE, unknown).await.expect_refused("ADJUSTMENT_UNKNOWN");
    assert_eq!(member.points().await, 10);
}

async fn expired_points_are_given_again_once(world: World) {
    world
        .program(|program| {
            (program.validity, program.validity_count) = (ValidityKind::Days, 1);
            program.reinstatement_days = 5;
        })
        .await;
    let tea = world.product("tea").price("10.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    world.wait_days(3);
    world.sweep().await;
    let (staff, member) = (staff.another_session().await, member.another_session().await);
    let ledger = "{ me { pointsAccount { pointsLedger { nodes { id type } } } } }";
    let data = member.query(ledger).await;
    let nodes = data["me"]["pointsAccount"]["pointsLedger"]["nodes"].clone();
    assert_eq!((&nodes[0]["type"], &nodes[1]["type"]), (&json!("EXPIRATION"), &json!("ACCRUAL")));
    reinstate(&staff, &nodes[1]["id"]).await.expect_refused("EXPIRATION_UNKNOWN");
    let entry = reinstate(&staff, &nodes[0]["id"]).with_key("k").await.expect_ok();
    let expected = json!({ "id": entry["id"], "type": "REINSTATEMENT", "points": 100, "reason": "Goodwill",
                           "reverses": { "id": nodes[0]["id"] } });
    assert_eq!(entry, expected);
    assert_eq!(reinstate(&staff, &nodes[0]["id"]).with_key("k").await.expect_ok(), entry);
    reinstate(&staff, &nodes[0]["id"]).await.expect_refused("NOTHING_TO_REINSTATE");
    assert_eq!(member.points().await, 100);
    // They expire again, and then it is too late for the first time.
    world.wait_days(5);
    world.sweep().await;
    let staff = staff.another_session().await;
    assert_eq!(reinstate(&staff, &nodes[0]["id"]).await.expect_refused("TOO_LATE")["limit"], 5);
}
