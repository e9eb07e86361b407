//! Households: who belongs to them, what they earn, who spends it, and what becomes of it.

use futures_util::future::join_all;
use jifen::gql::id::{NodeKind, global};
use serde_json::{Value as Json, json};

use crate::world::household::household_id;
use crate::world::order::Payload;
use crate::world::{Member, World, both_databases};

both_databases!(
    a_household_is_made_joined_and_left,
    what_is_wrong_with_a_household,
    purchases_earn_for_it_and_roles_spend,
    a_return_takes_back_from_the_household,
    pending_points_of_a_household_wait_for_their_delivery,
    the_last_takes_everything_along,
    nobody_else_reads_it,
    orders_behind_its_entries_are_shown_to_who_placed_them,
    many_join_at_once_and_it_is_not_overfull,
    one_member_is_not_in_two_households,
    a_household_is_no_way_out_of_a_debt,
    whoever_joins_finds_room_by_todays_program,
);

async fn allow(world: &World) {
    world.program(|program| program.household_size = 3).await;
}

/// Active and pending points and the debt of a household.
async fn account(member: &Member) -> [i64; 3] {
    let data = member.query("{ me { household { pointsAccount { active pending debt } } } }").await;
    let account = &data["me"]["household"]["pointsAccount"];
    ["active", "pending", "debt"].map(|field| account[field].as_i64().expect("a household with points"))
}

async fn a_household_is_made_joined_and_left(world: World) {
    allow(&world).await;
    let (anna, ben) = (world.member().await, world.member().with("name", "Ben").await);
    let number = ben.number().await;
    let household = anna.create_household(" The Lins ").await.expect_ok();
    assert_eq!(household["name"], "The Lins");
    assert_eq!(household["members"].as_array().map(Vec::len), Some(1));
    let invited = anna.invite(&number, "EARNER").await.expect_ok();
    assert_eq!(invited["members"][1], json!({ "number": number, "name": null, "role": "EARNER", "joinedAt": null }));
    let asked = "{ me { household { id } householdInvitations { householdId householdName role } } }";
    let expected = json!({ "householdId": household["id"], "householdName": "The Lins", "role": "EARNER" });
    assert_eq!(ben.query(asked).await["me"], json!({ "household": null, "householdInvitations": [expected] }));
    let joined = ben.join_household(&household).await.expect_ok();
    assert_eq!(
        (&joined["members"][1]["name"], &joined["members"][1]["joinedAt"]),
        (&json!("Ben"), &json!(world.now()))
    );
    assert_eq!(ben.join_household(&household).await.expect_ok(), joined, "joining again changes nothing");
    let after = ben.query(asked).await;
    assert_eq!(after["me"], json!({ "household": { "id": household["id"] }, "householdInvitations": [] }));
    let promoted = anna.invite(&number, "SPENDER").await.expect_ok();
    assert_eq!(promoted["members"][1]["role"], "SPENDER");
    let left = ben.leave_household(&household).await;
    assert_eq!(left.answer.clone().data()["leaveHousehold"], json!({ "household": null, "userErrors": [] }));
    assert_eq!(ben.query(asked).await["me"], json!({ "household": null, "householdInvitations": [] }));
    // An invitation can be declined, and taken back.
    for by_owner in [false, true] {
        anna.invite(&number, "EARNER").await.expect_ok();
        let call =
            if by_owner { anna.leave_household(&household).sending(&number) } else { ben.leave_household(&household) };
        assert_eq!(call.await.answer.data()["leaveHousehold"]["userErrors"], json!([]));
        ben.join_household(&household).await.expect_refused("NOT_INVITED");
    }
}

async fn what_is_wrong_with_a_household(world: World) {
    let (anna, ben, eve) = (world.member().await, world.member().await, world.member().await);
    let (bens, eves) = (ben.number().await, eve.number().await);
    anna.create_household("Home").await.expect_refused("HOUSEHOLDS_OFF");
    world.program(|program| program.household_size = 2).await;
    for name in ["", "  ", "a\u{0}b", &"x".repeat(101)] {
        anna.create_household(name).await.expect_refused("NAME_INVALID");
    }
    let refused = anna.invite(&bens, "EARNER").await.expect_refused("HOUSEHOLD_UNKNOWN");
    let told = "You belong to no household to which you could invite.";
    assert_eq!((&refused["message"], &refused["path"]), (&json!(told), &Json::Null));
    let household = anna.create_household("Home").await.expect_ok();
    anna.create_household("Another").await.expect_refused("ALREADY_IN_HOUSEHOLD");
    anna.invite(&json!("nobody"), "EARNER").await.expect_refused("MEMBER_UNKNOWN");
    ben.join_household(&household).await.expect_refused("NOT_INVITED");
    let nowhere =
        [json!({ "id": anna.id }), json!({ "id": global(NodeKind::Household, world.app.ids.next()).as_str() })];
    for nowhere in &nowhere {
        for call in [ben.join_household(nowhere), ben.leave_household(nowhere)] {
            assert_eq!(call.await.expect_refused("HOUSEHOLD_UNKNOWN")["path"], json!(["input", "householdId"]));
        }
    }
    anna.shares_with(&ben, "SPENDER").await;
    let full = anna.invite(&eves, "EARNER").await.expect_refused("HOUSEHOLD_FULL");
    assert_eq!(full["limit"], 2);
    ben.invite(&eves, "EARNER").await.expect_refused("NOT_OWNER");
    ben.leave_household(&household).sending(&anna.number().await).await.expect_refused("NOT_OWNER");
    eve.leave_household(&household).await.expect_refused("HOUSEHOLD_UNKNOWN");
    eve.leave_household(&household).sending(&bens).await.expect_refused("HOUSEHOLD_UNKNOWN");
    anna.leave_household(&household).sending(&eves).await.expect_refused("MEMBER_UNKNOWN");
    world.unchanged_by(async { anna.leave_household(&household).await.expect_refused("LAST_OWNER") }).await;
    world.unchanged_by(async { anna.invite(&anna.number().await, "EARNER").await.expect_refused("LAST_OWNER") }).await;
    // Turned off, what is there goes on, and nothing is added.
    world.program(|program| program.household_size = 0).await;
    anna.invite(&bens, "OWNER").await.expect_ok();
    anna.leave_household(&household).await;
    ben.invite(&eves, "EARNER").await.expect_refused("HOUSEHOLDS_OFF");
    assert_eq!(anna.place_order(&[(&world.product("tea").price("1.00").await, 1)]).await.outcome(), "OK");
}

async fn purchases_earn_for_it_and_roles_spend(world: World) {
    allow(&world).await;
    let tea = world.product("tea").price("10.00").await;
    let coupon = world.coupon_reward(100).value("1.00").await;
    let (anna, ben) = (world.member().with_points(70).await, world.member().await);
    anna.place_order(&[(&tea, 1)]).with_points(10).by_household().await.expect_refused("NO_HOUSEHOLD");
    anna.redeem(&coupon).by_household().await.expect_refused("NO_HOUSEHOLD");
    anna.create_household("Home").await.expect_ok();
    anna.shares_with(&ben, "EARNER").await;
    // Both earn for the household; what Anna had stays hers.
    let own = anna.place_order(&[(&tea, 2)]).with_points(70).await.expect_ok();
    assert_eq!((&own["pointsPaid"], &own["pointsEarned"]), (&json!(70), &json!(193)));
    ben.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!((account(&ben).await, anna.points().await, ben.points().await), ([293, 0, 0], 0, 0));
    ben.place_order(&[(&tea, 1)]).with_points(10).by_household().await.expect_refused("EARNS_ONLY");
    ben.redeem(&coupon).by_household().await.expect_refused("EARNS_ONLY");
    anna.invite(&ben.number().await, "SPENDER").await.expect_ok();
    let short = ben.place_order(&[(&tea, 9)]).with_points(300).by_household().await.expect_refused("NOT_ENOUGH_POINTS");
    assert_eq!(short["path"], json!(["input", "points"]));
    let call = ben.place_order(&[(&tea, 1)]).with_points(93).by_household();
    let paid = call.await.expect_ok();
    assert_eq!((&paid["pointsPaid"], &paid["pointsEarned"]), (&json!(93), &json!(90)));
    assert_eq!(account(&anna).await, [290, 0, 0]);
    // The same key gives the same order; with the member's own points it is another request.
    let call = ben.place_order(&[(&tea, 1)]).with_points(50).by_household().with_key("k");
    let body = call.body();
    let first = call.await.expect_ok();
    assert_eq!(ben.send(body).await.data()["placeOrder"]["order"], first);
    ben.place_order(&[(&tea, 1)]).with_points(50).with_key("k").await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
    assert_eq!(account(&anna).await, [335, 0, 0]);
    let bought = ben.redeem(&coupon).by_household().await.expect_ok();
    let code = bought["coupon"]["code"].as_str().expect("a coupon");
    assert_eq!(account(&anna).await, [235, 0, 0]);
    // The coupon is Ben's, who paid less with it.
    assert_eq!(ben.place_order(&[(&tea, 1)]).with_coupon(code).await.expect_ok()["pointsEarned"], 90);
    let entries = "{ me { household { pointsAccount { pointsLedger { nodes { type points lots { points } } } } } } }";
    let ledger = anna.query(entries).await["me"]["household"]["pointsAccount"]["pointsLedger"]["nodes"].clone();
    assert_eq!(ledger[0]["type"], "ACCRUAL");
    assert_eq!((&ledger[1]["type"], &ledger[1]["points"]), (&json!("REDEMPTION"), &json!(-100)));
    assert_eq!(ledger[1]["lots"][0]["points"], 50, "the oldest first");
}

async fn a_return_takes_back_from_the_household(world: World) {
    allow(&world).await;
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let (anna, ben) = (world.member().with_points(500).await, world.member().await);
    anna.create_household("Home").await.expect_ok();
    anna.shares_with(&ben, "SPENDER").await;
    // Paid with Anna's own 500 points and with money; 100 of it earned for the household, where Ben spends 60.
    let order = anna.place_order(&[(&tea, 1), (&tea, 1)]).with_points(1_000).await;
    order.expect_refused("NOT_ENOUGH_POINTS");
    let order = anna.place_order(&[(&tea, 2)]).with_points(500).await.expect_ok();
    assert_eq!(order["pointsEarned"], 150);
    let other = ben.place_order(&[(&tea, 1)]).with_points(60).by_household().await.expect_ok();
    assert_eq!((account(&anna).await, other["pointsEarned"].clone()), ([184, 0, 0], json!(94)));
    let preview = staff.preview_refund(&order, None).await.data()["previewRefund"].clone();
    assert_eq!(preview["figures"]["pointsGivenBack"], 500);
    // Something else happens to the household meanwhile: the preview is stale, though Anna's own wallet is untouched.
    let third = ben.place_order(&[(&tea, 1)]).await.expect_ok();
    staff.refund_order(&order).previewed(&preview["token"]).await.expect_refused("PREVIEW_STALE");
    let back = staff.refund_order(&order).await.expect_ok();
    assert_eq!((&back["pointsGivenBack"], &back["pointsClawedBack"]), (&json!(500), &json!(150)));
    assert_eq!((account(&anna).await, anna.points().await), ([134, 0, 0], 500));
    // The household's points paid for Ben's order: they come back to it, and what it earned goes.
    staff.refund_order(&other).await.expect_ok();
    assert_eq!((account(&anna).await, ben.points().await), ([100, 0, 0], 0));
    // Ben has left; his order still takes back from the household, which then owes.
    anna.redeem(&world.coupon_reward(80).value("1.00").await).by_household().await.expect_ok();
    let household = anna.query("{ me { household { id } } }").await["me"]["household"].clone();
    ben.leave_household(&household).await;
    let back = staff.refund_order(&third).await.expect_ok();
    assert_eq!((&back["pointsClawedBack"], &back["pointsMissing"]), (&json!(100), &json!(80)));
    assert_eq!((account(&anna).await, ben.points().await), ([0, 0, 80], 0));
    // The next purchase pays the debt.
    anna.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(account(&anna).await, [20, 0, 0]);
}

async fn pending_points_of_a_household_wait_for_their_delivery(world: World) {
    world.program(|program| (program.household_size, program.return_window_days) = (3, Some(7))).await;
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let anna = world.member().await;
    anna.create_household("Home").await.expect_ok();
    let order = anna.place_order(&[(&tea, 1)]).await.expect_ok();
    assert_eq!(account(&anna).await, [0, 100, 0]);
    staff.deliver_order(&order).await.expect_ok();
    world.wait_days(9);
    let anna = anna.another_session().await;
    assert_eq!(account(&anna).await, [100, 0, 0], "readers settle");
    assert_eq!(world.sweep().await, 1, "and so does the worker");
    assert_eq!(account(&anna).await, [100, 0, 0]);
}

async fn the_last_takes_everything_along(world: World) {
    world.program(|program| (program.household_size, program.return_window_days) = (3, Some(7))).await;
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let (anna, ben) = (world.member().await, world.member().await);
    let household = anna.create_household("Home").await.expect_ok();
    anna.shares_with(&ben, "OWNER").await;
    let delivered = ben.place_order(&[(&tea, 3)]).await.expect_ok();
    staff.deliver_order(&delivered).await.expect_ok();
    world.wait_days(9);
    let (anna, ben, staff) = (anna.another_session().await, ben.another_session().await, staff.another_session().await);
    let paid = ben.place_order(&[(&tea, 1)]).with_points(120).by_household().await.expect_ok();
    let pending = anna.place_order(&[(&tea, 2)]).await.expect_ok();
    assert_eq!(account(&anna).await, [180, 288, 0]);
    ben.leave_household(&household).await;
    anna.leave_household(&household).await;
    assert_eq!(world.balances(&anna).await, [180, 288, 0]);
    assert_eq!(world.wallet(&anna).await.lifetime, 588);
    anna.leave_household(&household).await.expect_refused("HOUSEHOLD_UNKNOWN");
    ben.join_household(&household).await.expect_refused("NOT_INVITED");
    // What comes back to the household's wallet is hers, and what its orders earned is taken from there.
    let back = staff.cancel_order(&paid).await.expect_ok();
    assert_eq!((&back["pointsGivenBack"], &back["pointsClawedBack"]), (&json!(120), &json!(88)));
    assert_eq!(world.balances(&anna).await, [300, 200, 0]);
    staff.deliver_order(&pending).await.expect_ok();
    world.wait_days(9);
    assert_eq!(world.balances(&anna).await, [500, 0, 0]);
    let staff = staff.another_session().await;
    let back = staff.refund_order(&delivered).pieces(&[(0, 1)]).await.expect_ok();
    assert_eq!((&back["pointsClawedBack"], &back["pointsMissing"]), (&json!(100), &json!(0)));
    assert_eq!((world.balances(&anna).await, world.wallet(&anna).await.lifetime), ([400, 0, 0], 400));
    // In her ledger staff find Ben's order, behind the points it earned and behind its return; she does not.
    let anna = anna.another_session().await;
    let (orders, lots, _) = behind(&anna.query(&format!("{{ me {{ {BEHIND} }} }}")).await["me"]["pointsAccount"]);
    assert!(!orders.contains(&delivered["number"]) && !lots.contains(&delivered["number"]), "{orders:?} {lots:?}");
    assert!(lots.contains(&pending["number"]), "her own: {lots:?}");
    let of_member = format!("query($id: ID!) {{ member(by: {{ id: $id }}) {{ {BEHIND} }} }}");
    let data = staff.graphql(&of_member, json!({ "id": anna.id })).await.data();
    let (orders, lots, _) = behind(&data["member"]["pointsAccount"]);
    assert!(orders.contains(&delivered["number"]) && lots.contains(&delivered["number"]), "{orders:?} {lots:?}");
    // A new one begins with nothing.
    let anna = anna.another_session().await;
    let again = anna.create_household("Home again").await.expect_ok();
    assert_eq!(again["pointsAccount"], json!({ "active": 0, "pending": 0, "debt": 0 }));
}

/// The orders' numbers that somebody sees behind entries, those behind the lots that these moved, and how many redemptions.
fn behind(account: &Json) -> (Vec<Json>, Vec<Json>, usize) {
    let entries = account["pointsLedger"]["nodes"].as_array().expect("a ledger");
    let numbers = |orders: Vec<&Json>| -> Vec<Json> {
        orders.into_iter().filter(|order| order.is_object()).map(|order| order["number"].clone()).collect()
    };
    let lots = entries.iter().flat_map(|entry| entry["lots"].as_array().expect("lots"));
    let of_lots = numbers(lots.map(|part| &part["lot"]["order"]).collect());
    let redemptions = entries.iter().filter(|entry| entry["redemption"].is_object()).count();
    (numbers(entries.iter().map(|entry| &entry["order"]).collect()), of_lots, redemptions)
}

const BEHIND: &str = "pointsAccount { pointsLedger(first: 100) { nodes { type order { number } redemption { id }
    lots { lot { order { number } } } } } }";

async fn orders_behind_its_entries_are_shown_to_who_placed_them(world: World) {
    allow(&world).await;
    let tea = world.product("tea").price("10.00").await;
    let (anna, ben, staff) = (world.member().await, world.member().await, world.staff().await);
    let household = anna.create_household("Home").await.expect_ok();
    anna.shares_with(&ben, "SPENDER").await;
    let hers = anna.place_order(&[(&tea, 2)]).await.expect_ok();
    let his = ben.place_order(&[(&tea, 1)]).with_points(10).by_household().await.expect_ok();
    ben.redeem(&world.coupon_reward(20).value("1.00").await).by_household().await.expect_ok();
    staff.refund_order(&his).await.expect_ok();
    let seen_by = async |member: &Member| {
        let data = member.query(&format!("{{ me {{ household {{ {BEHIND} }} }} }}")).await;
        behind(&data["me"]["household"]["pointsAccount"])
    };
    let seen_by_staff = async || {
        let node = format!("query($id: ID!) {{ node(id: $id) {{ ... on Household {{ {BEHIND} }} }} }}");
        let data = staff.graphql(&node, json!({ "id": household["id"] })).await.data();
        behind(&data["node"]["pointsAccount"])
    };
    // Hers was placed; his paid, earned, gave back and took back, each time from or into lots that hers or his earned.
    let (orders, lots, redemptions) = seen_by(&anna).await;
    assert_eq!((orders, redemptions), (vec![hers["number"].clone()], 0));
    assert_eq!(lots, vec![hers["number"].clone(); 4]);
    let (orders, lots, redemptions) = seen_by(&ben).await;
    assert_eq!((orders, redemptions), (vec![his["number"].clone(); 4], 1));
    assert_eq!(lots, vec![his["number"].clone(); 2]);
    let (orders, lots, redemptions) = seen_by_staff().await;
    assert_eq!((orders.len(), lots.len(), redemptions), (5, 6, 1));
    // He is merged into another since: staff find his order with the one who stays.
    ben.leave_household(&household).await;
    staff.merge(&ben, &world.member().await).await.expect_ok();
    assert_eq!(seen_by_staff().await, (orders, lots, redemptions));
}

async fn nobody_else_reads_it(world: World) {
    allow(&world).await;
    let (anna, ben, eve, staff) =
        (world.member().await, world.member().await, world.member().await, world.staff().await);
    let household = anna.create_household("Home").await.expect_ok();
    anna.invite(&ben.number().await, "EARNER").await.expect_ok();
    anna.place_order(&[(&world.product("tea").price("1.00").await, 1)]).await.expect_ok();
    let entry = "{ me { household { pointsAccount { pointsLedger { nodes { id } } } } } }";
    let entry = anna.query(entry).await["me"]["household"]["pointsAccount"]["pointsLedger"]["nodes"][0]["id"].clone();
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for id in [&household["id"], &entry] {
        for (reader, may) in [(&anna, true), (&staff, true), (&ben, false), (&eve, false)] {
            let found = reader.graphql(node, json!({ "id": id })).await.data()["node"].clone();
            assert_eq!(found.is_object(), may, "{found}");
        }
    }
    assert_eq!(household_id(&household).get_version_num(), 7);
    let answer = world.visitor().create_household("Home").await.answer;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
}

async fn many_join_at_once_and_it_is_not_overfull(world: World) {
    world.program(|program| program.household_size = 4).await;
    let anna = world.member().await;
    anna.create_household("Home").await.expect_ok();
    let mut numbers = Vec::new();
    for _ in 0..8 {
        numbers.push(world.member().await.number().await);
    }
    let outcomes = join_all(numbers.iter().map(|number| anna.invite(number, "EARNER").into_future())).await;
    let mut outcomes: Vec<String> = outcomes.iter().map(Payload::outcome).collect();
    outcomes.sort();
    assert_eq!(outcomes[..5], ["HOUSEHOLD_FULL"; 5]);
    assert_eq!(outcomes[5..], ["OK"; 3]);
}

async fn one_member_is_not_in_two_households(world: World) {
    allow(&world).await;
    let (anna, ben, eve) = (world.member().await, world.member().await, world.member().await);
    let mut households: Vec<Json> = Vec::new();
    for owner in [&anna, &ben] {
        owner.create_household("Home").await.expect_ok();
        households.push(owner.invite(&eve.number().await, "EARNER").await.expect_ok());
    }
    let both = join_all(households.iter().map(|household| eve.join_household(household).into_future())).await;
    let mut outcomes: Vec<String> = both.iter().map(Payload::outcome).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["ALREADY_IN_HOUSEHOLD", "OK"]);
}

async fn a_household_is_no_way_out_of_a_debt(world: World) {
    world.program(|program| program.household_size = 1).await;
    let tea = world.product("tea").price("10.00").await;
    let (anna, staff) = (world.member().await, world.staff().await);
    let order = anna.place_order(&[(&tea, 2)]).await.expect_ok();
    anna.redeem(&world.coupon_reward(150).await).await.expect_ok();
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(world.balances(&anna).await, [0, 0, 150]);
    anna.create_household("Home").await.expect_ok();
    // The first repays, the second repays the rest, and what is over stays hers; only then she earns for all.
    for (debt, own, shared) in [(50, 0, 0), (0, 50, 0), (0, 50, 100)] {
        anna.place_order(&[(&tea, 1)]).await.expect_ok();
        assert_eq!((world.balances(&anna).await, account(&anna).await), ([own, 0, debt], [shared, 0, 0]));
    }
}

async fn whoever_joins_finds_room_by_todays_program(world: World) {
    allow(&world).await;
    let (anna, ben) = (world.member().await, world.member().await);
    let household = anna.create_household("Home").await.expect_ok();
    anna.invite(&ben.number().await, "EARNER").await.expect_ok();
    world.program(|program| program.household_size = 0).await;
    ben.join_household(&household).await.expect_refused("HOUSEHOLDS_OFF");
    world.program(|program| program.household_size = 1).await;
    ben.join_household(&household).await.expect_refused("HOUSEHOLD_FULL");
    allow(&world).await;
    ben.join_household(&household).await.expect_ok();
}
