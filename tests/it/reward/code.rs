//! Single-use codes of a partner: added, given out one by one, and never twice.

use std::collections::HashSet;

use futures_util::future::join_all;
use serde_json::{Value as Json, json};

use crate::world::{Settings, World, both_databases};

both_databases!(
    codes_are_given_out_in_order_until_they_are_gone,
    each_line_that_is_not_added_is_named,
    what_cannot_be_added_changes_nothing,
    the_same_key_adds_once,
    a_cancelled_code_is_given_to_nobody_else,
    codes_stay_with_who_redeemed_them,
    a_code_goes_to_one_of_many,
    the_same_list_by_many_at_once_is_added_once,
);

fn reasons(addition: &Json) -> Vec<(i64, String)> {
    let lines = addition["skipped"].as_array().expect("lines").iter();
    let reason =
        |line: &Json| (line["line"].as_i64().expect("a line"), line["reason"].as_str().expect("why").to_owned());
    lines.map(reason).collect()
}

async fn codes_are_given_out_in_order_until_they_are_gone(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let reward = staff.code_reward(&[], json!({})).await;
    world.unchanged_by(member.redeem(&reward)).await.expect_refused("REWARD_SOLD_OUT");
    staff.add_codes(&reward, &["Z-9", "A-1", "M-5"]).await.expect_ok();
    let added = staff.add_codes(&reward, &["B-2"]).await.expect_ok();
    assert_eq!(added["reward"]["available"], 4);
    let two = member.redeem(&reward).times(2).await.expect_ok();
    assert_eq!((&two["points"], &two["codes"], &two["coupons"]), (&json!(20), &json!(["Z-9", "A-1"]), &json!([])));
    let error = world.unchanged_by(member.redeem(&reward).times(3)).await.expect_refused("REWARD_SOLD_OUT");
    assert_eq!(error["availableQuantity"], 2);
    assert_eq!(member.redeem(&reward).await.expect_ok()["codes"], json!(["M-5"]));
    assert_eq!(member.redeem(&reward).with_key("last").await.expect_ok()["codes"], json!(["B-2"]));
    let again = world.unchanged_by(member.redeem(&reward).with_key("last")).await.expect_ok();
    assert_eq!(again["codes"], json!(["B-2"]), "the same key finds the same code");
    let shown = member.query("{ rewards { nodes { kind available } } }").await["rewards"]["nodes"].clone();
    assert_eq!(shown, json!([{ "kind": "CODE", "available": 0 }]), "it is sold out, and still shown");
}

async fn each_line_that_is_not_added_is_named(world: World) {
    let (staff, member) = (world.staff().await, world.member().with_points(1_000).await);
    let coupons = world.coupon_reward(10).await;
    let coupon = member.buy_coupon(&coupons).await;
    staff.code_reward(&["theirs"], json!({})).await;
    let reward = staff.code_reward(&["ours"], json!({})).await;
    let list = ["new", " ours ", "", "new", "theirs", coupon.as_str(), "a\u{7}b", "NEW", " spaced out "];
    let addition = staff.add_codes(&reward, &list).await.expect_ok();
    let expected = [(2, "KNOWN"), (3, "MALFORMED"), (4, "REPEATED"), (5, "TAKEN"), (6, "TAKEN"), (7, "MALFORMED")];
    assert_eq!(reasons(&addition), expected.map(|(line, reason)| (line, reason.to_owned())));
    assert_eq!((&addition["added"], &addition["reward"]["available"]), (&json!(3), &json!(4)));
    let codes = member.redeem(&reward).times(4).await.expect_ok()["codes"].clone();
    assert_eq!(codes, json!(["ours", "new", "NEW", "spaced out"]));
    // A code that was given out is not new either.
    let again = world.unchanged_by(staff.add_codes(&reward, &["new"])).await.expect_ok();
    assert_eq!((&again["added"], reasons(&again)), (&json!(0), vec![(1, "KNOWN".to_owned())]));
}

async fn what_cannot_be_added_changes_nothing(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let reward = staff.code_reward(&["a"], json!({})).await;
    let other = world.coupon_reward(10).await;
    assert_eq!(member.add_codes(&reward, &["b"]).await.answer.code(), "FORBIDDEN");
    assert_eq!(world.visitor().add_codes(&reward, &["b"]).await.answer.code(), "UNAUTHENTICATED");
    world.unchanged_by(staff.add_codes(&reward, &[])).await.expect_refused("NO_CODES");
    let many: Vec<String> = (0..5_001).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    world.unchanged_by(staff.add_codes(&reward, &many)).await.expect_refused("TOO_MANY_CODES");
    world.unchanged_by(staff.add_codes(&other, &["b"])).await.expect_refused("REWARD_NOT_OF_CODES");
    let mut unknown = staff.add_codes(&reward, &["b"]);
    unknown.input["rewardId"] = json!(member.id);
    world.unchanged_by(unknown).await.expect_refused("REWARD_UNKNOWN");
    let stocked = json!({ "kind": "CODE", "name": "A", "pointsPrice": 1, "stock": 5 });
    world.unchanged_by(staff.create_reward(stocked)).await.expect_refused("STOCK_INVALID");
    let valued = json!({ "kind": "CODE", "name": "A", "pointsPrice": 1, "couponValue": "5.00" });
    world.unchanged_by(staff.create_reward(valued)).await.expect_refused("TERMS_INVALID");
    let ended = staff.end_reward(&json!({ "id": reward.id, "revision": 1 })).await.expect_ok();
    assert_eq!((&ended["kind"], &ended["available"]), (&json!("CODE"), &json!(1)));
    world.unchanged_by(staff.add_codes(&reward, &["b"])).await.expect_refused("REWARD_ENDED");
}

async fn the_same_key_adds_once(world: World) {
    let staff = world.staff().await;
    let reward = staff.code_reward(&[], json!({})).await;
    let first = staff.add_codes(&reward, &["a", "b", "a"]).with_key("k").await.expect_ok();
    assert_eq!((&first["added"], reasons(&first)), (&json!(2), vec![(3, "REPEATED".to_owned())]));
    let again = world.unchanged_by(staff.add_codes(&reward, &["a", "b", "a"]).with_key("k")).await.expect_ok();
    assert_eq!(again, first);
    for other in [vec!["a", "b"], vec!["ab", "a"], vec![]] {
        let refused = world.unchanged_by(staff.add_codes(&reward, &other).with_key("k")).await;
        refused.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
    }
    // Where nothing came of a call its key is free.
    world.unchanged_by(staff.add_codes(&reward, &["a"]).with_key("l")).await.expect_ok();
    let fresh = staff.add_codes(&reward, &["c"]).with_key("l").await.expect_ok();
    assert_eq!(fresh["reward"]["available"], 3);
    staff.end_reward(&json!({ "id": reward.id, "revision": 1 })).await.expect_ok();
    let late = world.unchanged_by(staff.add_codes(&reward, &["c"]).with_key("l")).await.expect_ok();
    assert_eq!(late["added"], 1, "the answer of a key outlives the reward's time");
}

async fn a_cancelled_code_is_given_to_nobody_else(world: World) {
    let staff = world.staff().await;
    let (one, two) = (world.member().with_points(100).await, world.member().with_points(100).await);
    let limit = json!({ "limit": { "period": "EVER", "pieces": 1 } });
    let reward = staff.code_reward(&["first", "second", "third"], limit).await;
    let redemption = one.redeem(&reward).await.expect_ok();
    let cancelled = staff.cancel_redemption(&redemption).await.expect_ok();
    assert_eq!((&cancelled["status"], &cancelled["codesToVoid"]), (&json!("CANCELLED"), &json!(["first"])));
    assert_eq!((one.points().await, world.pieces_left(reward.row).await), (100, 2));
    assert_eq!(two.redeem(&reward).await.expect_ok()["codes"], json!(["second"]));
    assert_eq!(one.redeem(&reward).await.expect_ok()["codes"], json!(["third"]), "the limit is free again");
}

async fn codes_stay_with_who_redeemed_them(world: World) {
    let staff = world.staff().await;
    let (from, into) = (world.member().with_points(100).await, world.member().await);
    let reward = staff.code_reward(&["a", "b"], json!({})).await;
    let redemption = from.redeem(&reward).times(2).await.expect_ok();
    let shown = "query($id: ID!) { node(id: $id) { ... on Redemption { codes codesToVoid } } }";
    let variables = json!({ "id": redemption["id"] });
    let expected = json!({ "codes": ["a", "b"], "codesToVoid": [] });
    assert_eq!(from.graphql(shown, variables.clone()).await.data()["node"], expected);
    assert_eq!(into.graphql(shown, variables.clone()).await.data()["node"], Json::Null);
    staff.merge(&from, &into).await.expect_ok();
    assert_eq!(into.graphql(shown, variables).await.data()["node"], expected);
}

async fn a_code_goes_to_one_of_many(world: World) {
    const CODES: usize = 30;
    let staff = world.staff().await;
    let codes: Vec<String> = (0..CODES).map(|number| format!("code-{number:02}")).collect();
    let reward = staff.code_reward(&codes.iter().map(String::as_str).collect::<Vec<_>>(), json!({})).await;
    let mut members = Vec::new();
    for _ in 0..10 {
        members.push(world.member().with_points(1_000).await);
    }
    let other = world.another_process(Settings::default()).await;
    let calls = (0..50).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        let call = door.serves(&members[turn % members.len()]).redeem(&reward).times(1 + turn as i64 % 2);
        tokio::spawn(async move { call.await })
    });
    let answers: Vec<_> = join_all(calls).await.into_iter().map(|call| call.expect("an answer")).collect();
    let mut given = Vec::new();
    for answer in &answers {
        match answer.outcome().as_str() {
            "OK" => {
                let codes = answer.expect_ok()["codes"].as_array().expect("codes").clone();
                given.extend(codes.iter().map(|code| code.as_str().expect("a code").to_owned()));
            }
            other => assert_eq!(other, "REWARD_SOLD_OUT"),
        }
    }
    let once: HashSet<&String> = given.iter().collect();
    // One is left over where only those who want two came late.
    let left = usize::try_from(world.pieces_left(reward.row).await).expect("a number of codes");
    assert!(left <= 1, "{left} are left, and some were told that it is sold out");
    assert_eq!((given.len(), once.len()), (CODES - left, CODES - left), "{given:?}");
    other.stop().await;
}

async fn the_same_list_by_many_at_once_is_added_once(world: World) {
    let staff = world.staff().await;
    let list: Vec<String> = (0..200).map(|number| format!("list-{number}")).collect();
    let list: Vec<&str> = list.iter().map(String::as_str).collect();
    let rewards = [staff.code_reward(&[], json!({})).await, staff.code_reward(&[], json!({})).await];
    let other = world.another_process(Settings::default()).await;
    let calls = (0..12).map(|turn| {
        let door = if turn % 2 == 0 { &world } else { &other };
        // Some to the one and some to the other, from both ends of the list; two with one key.
        let mut list = list.clone();
        list.rotate_left(turn / 4 * 50);
        let call = door.serves(&staff).add_codes(&rewards[turn / 2 % 2], &list);
        let call = if turn < 2 { call.with_key("once") } else { call };
        tokio::spawn(async move { call.await.expect_ok() })
    });
    let additions: Vec<Json> = join_all(calls).await.into_iter().map(|call| call.expect("an answer")).collect();
    let left = [world.pieces_left(rewards[0].row).await, world.pieces_left(rewards[1].row).await];
    assert_eq!(left[0] + left[1], 200, "{additions:?}");
    other.stop().await;
}
