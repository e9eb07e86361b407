//! Whose steps the steps of a tier are.

use jifen::domain::points::entity::ActorKind;
use jifen::domain::tier::query::list_steps;
use serde_json::{Value as Json, json};

use crate::world::tier::three_tiers;
use crate::world::{Member, World, both_databases};

both_databases!(
    a_protection_leaves_the_judgement_before_it_to_the_clock,
    a_merger_leaves_the_judgement_before_it_to_the_clock,
    an_order_leaves_the_judgement_before_it_to_the_clock,
);

const HISTORY: &str = "query($id: ID!) { node(id: $id) { ... on Member { tierHistory {
    nodes { why protectedUntil reason } } } } }";

/// The steps as staff read them, the last one first: why, until when it is protected, and the reason.
async fn steps(staff: &Member, member: &Member) -> Json {
    let staff = staff.another_session().await;
    let seen = staff.graphql(HISTORY, json!({ "id": member.id })).await.data();
    let nodes = seen["node"]["tierHistory"]["nodes"].as_array().expect("steps").iter();
    nodes.map(|step| json!([step["why"], step["protectedUntil"], step["reason"]])).collect()
}

/// Who made them, the last one first.
async fn actors(world: &World, member: &Member) -> Vec<(ActorKind, Option<String>)> {
    let found = list_steps(&world.app.db, &[member.member_id()]).await.expect("steps are read");
    found.into_iter().rev().map(|step| (step.actor, step.actor_id.map(|id| id.to_string()))).collect()
}

/// Gold of 2026, and two days behind the end of 2027, which nobody has written yet.
async fn overdue(world: &World) -> (Member, Member) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff.create_tiers(three_tiers()).await.expect_ok();
    member.place_order(&[(&one, 1_000)]).await.expect_ok();
    world.travel_to("2028-01-02T02:00:00Z");
    (staff.another_session().await, member)
}

fn by(kind: ActorKind, member: &Member) -> (ActorKind, Option<String>) {
    (kind, Some(member.member_id().to_string()))
}

async fn a_protection_leaves_the_judgement_before_it_to_the_clock(world: World) {
    let (staff, member) = overdue(&world).await;
    let until = json!("2028-03-01T00:00:00Z");
    staff.protect_tier(&member, until.clone()).await.expect_ok();
    let expected = json!([["PROTECTED", until, "a long illness"], ["JUDGED", null, null], ["QUALIFIED", null, null]]);
    assert_eq!(steps(&staff, &member).await, expected);
    let system = (ActorKind::System, None);
    let expected = [by(ActorKind::Staff, &staff), system, by(ActorKind::Member, &member)];
    assert_eq!(actors(&world, &member).await, expected);
}

async fn a_merger_leaves_the_judgement_before_it_to_the_clock(world: World) {
    let (staff, member) = overdue(&world).await;
    let one = world.product("other").price("1.00").stock(1_000_000).await;
    let old = world.member().await;
    old.place_order(&[(&one, 1_000)]).await.expect_ok();
    let until = json!("2029-06-01T00:00:00Z");
    staff.protect_tier(&old, until.clone()).await.expect_ok();
    staff.merge(&old, &member).await.expect_ok();
    let seen = steps(&staff, &member).await;
    assert_eq!((&seen[0][0], &seen[0][1]), (&json!("MERGED"), &until), "as it is protected from then on");
    assert!(seen[0][2].is_string(), "the reason of the merger");
    assert_eq!((&seen[1], &seen[2][0]), (&json!(["JUDGED", null, null]), &json!("QUALIFIED")));
    let expected = [by(ActorKind::Staff, &staff), (ActorKind::System, None), by(ActorKind::Member, &member)];
    assert_eq!(actors(&world, &member).await, expected);
}

async fn an_order_leaves_the_judgement_before_it_to_the_clock(world: World) {
    let (staff, member) = overdue(&world).await;
    let one = world.product("other").price("1.00").stock(1_000_000).await;
    let order = member.another_session().await.place_order(&[(&one, 600)]).await.expect_ok();
    staff.refund_order(&order).await.expect_ok();
    let system = (ActorKind::System, None);
    let (own, theirs) = (by(ActorKind::Member, &member), by(ActorKind::Staff, &staff));
    assert_eq!(actors(&world, &member).await, [theirs, own.clone(), system, own]);
    let steps = steps(&staff, &member).await;
    let why: Vec<&Json> = steps.as_array().into_iter().flatten().map(|step| &step[0]).collect();
    assert_eq!(why, ["RETURNED", "QUALIFIED", "JUDGED", "QUALIFIED"]);
}
