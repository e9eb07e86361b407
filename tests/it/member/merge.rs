//! Merging two accounts of one person: what moves, what stays, and what becomes of orders from before.

use futures_util::future::join_all;
use jifen::domain::points::entity::{LotState, ValidityKind, lot};
use jifen::gql::id::{NodeKind, global};
use sea_orm::EntityTrait;
use serde_json::{Value as Json, json};

use crate::world::household::household_id;
use crate::world::member::PASSWORD;
use crate::world::{Member, World, both_databases};

both_databases!(
    everything_of_one_becomes_the_others,
    lots_lead_to_the_purchases_that_earned_them,
    lots_keep_their_state_and_their_dates,
    debt_moves_and_is_repaid,
    what_is_wrong_with_a_merger,
    an_order_of_before_comes_back_to_the_one_who_stays,
    what_had_expired_before_is_taken_first,
    pending_points_are_delivered_and_taken_back_where_they_are_now,
    a_line_of_mergers_is_followed_to_its_end,
    an_imported_customer_gets_the_login_of_the_other,
    a_key_sent_again_after_a_merger_does_nothing_twice,
    mergers_both_ways_at_once_end_in_one,
    a_household_is_no_member,
    an_invitation_of_a_merged_member_is_taken_back_alone,
    nobody_is_given_points_by_way_of_a_merger,
    what_was_owed_before_is_repaid_after_the_clawback,
    an_empty_pending_lot_needs_no_dates_where_it_was,
);

async fn orders(member: &Member) -> Json {
    member.query("{ me { orders { nodes { id number } totalCount } } }").await["me"]["orders"].clone()
}

async fn everything_of_one_becomes_the_others(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let coupon = world.coupon_reward(50).value("1.00").await;
    let staff = world.staff().await;
    let old = world.member().with("phone", "13800138000").with("name", "Lin").await;
    let new = world.member().await;
    let order = old.place_order(&[(&tea, 2)]).await.expect_ok();
    let code = old.buy_coupon(&coupon).await;
    let mine = new.place_order(&[(&tea, 1)]).await.expect_ok();
    let (old_number, new_number) = (old.number().await, new.number().await);
    let merged = staff.merge(&old, &new).await.expect_ok();
    let account = json!({ "active": 250, "pending": 0, "debt": 0, "lifetime": "300" });
    assert_eq!(merged["pointsAccount"], account);
    // What they had already stays, and what they lacked is taken over.
    assert_eq!((&merged["number"], &merged["username"]), (&new_number, &json!(new.username)));
    assert_eq!((&merged["phone"], &merged["name"]), (&json!("+8613800138000"), &json!("Lin")));
    assert_eq!(staff.merge(&old, &new).await.expect_ok(), merged, "asked for again it is done");
    let listed = orders(&new).await;
    assert_eq!(listed["totalCount"], 2);
    assert_eq!(listed["nodes"][0]["number"], mine["number"]);
    assert_eq!(listed["nodes"][1]["number"], order["number"]);
    assert_eq!(new.place_order(&[(&tea, 1)]).with_coupon(&code).await.expect_ok()["discount"]["amount"], "1.00");
    // The sessions of the other are over, and their name is free.
    assert_eq!(old.graphql("{ me { id } }", json!({})).await.code(), "UNAUTHENTICATED");
    assert_eq!(world.login(&old.username, PASSWORD).await["member"], Json::Null);
    world.member().with("username", &old.username).with("email", "again@example.com").await;
    assert_eq!(world.login("13800138000", PASSWORD).await["member"]["id"], new.id);
    // Card and order are still found by what is printed on them, and by ids of before.
    let by = format!(
        "{{ member(by: {{ number: {old_number} }}) {{ id }} order(by: {{ number: {} }}) {{ id }} }}",
        order["number"]
    );
    let found = staff.query(&by).await;
    assert_eq!((&found["member"]["id"], &found["order"]["id"]), (&json!(new.id), &listed["nodes"][1]["id"]));
    let node = "query($id: ID!) { node(id: $id) { id } order(by: { id: $id }) { number } }";
    for reader in [&new, &staff] {
        let found = reader.graphql(node, json!({ "id": order["id"] })).await.data();
        assert_eq!((&found["node"]["id"], &found["order"]["number"]), (&listed["nodes"][1]["id"], &order["number"]));
    }
    let stranger = world.member().await;
    let hidden = stranger.graphql(node, json!({ "id": order["id"] })).await.data();
    assert_eq!(hidden, json!({ "node": null, "order": null }));
    let gone =
        staff.graphql("query($id: ID!) { member(by: { id: $id }) { mergedInto { id } } }", json!({ "id": old.id }));
    assert_eq!(gone.await.data()["member"]["mergedInto"]["id"], new.id);
    // Points sent to the old card reach the one who has it now.
    world.program(|program| program.transfers = jifen::domain::points::entity::TransferPolicy::Anybody).await;
    let friend = world.member().with_points(10).await;
    friend.transfer_points_to(&old_number, 10).await.expect_ok();
    assert_eq!(new.points().await, 250 + 90 + 10);
}

async fn lots_lead_to_the_purchases_that_earned_them(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let coupon = world.coupon_reward(30).value("1.00").await;
    let staff = world.staff().await;
    let (oldest, old, new) = (world.member().with_points(100).await, world.member().await, world.member().await);
    let imported = orders(&oldest).await["nodes"][0]["number"].clone();
    let placed = oldest.place_order(&[(&tea, 1)]).with_points(50).await.expect_ok();
    oldest.buy_coupon(&coupon).await;
    staff.merge(&oldest, &old).await.expect_ok();
    staff.merge(&old, &new).await.expect_ok();
    let lots = "pointsAccount { lots { nodes { remaining order { number } entry { type order { number } } } } }";
    let ledger = "pointsLedger { nodes { type order { number } redemption { id } } }";
    let of_lots = |account: &Json| -> Vec<(Json, Json)> {
        let lots = account["lots"]["nodes"].as_array().expect("lots");
        lots.iter()
            .inspect(|lot| assert_eq!(lot["entry"], json!({ "type": "TRANSFER_IN", "order": null })))
            .map(|lot| (lot["order"]["number"].clone(), lot["remaining"].clone()))
            .collect()
    };
    let account = new.query(&format!("{{ me {{ {lots} }} }}")).await["me"]["pointsAccount"].clone();
    assert_eq!(of_lots(&account), [(placed["number"].clone(), json!(95)), (imported.clone(), json!(20))]);
    // In the old books the entries still lead to the order and the redemption, which are another's now.
    let read = format!("query($id: ID!) {{ member(by: {{ id: $id }}) {{ pointsAccount {{ {ledger} }} }} }}");
    let data = staff.graphql(&read, json!({ "id": oldest.id })).await.data();
    let entries = data["member"]["pointsAccount"]["pointsLedger"]["nodes"].as_array().expect("a ledger").clone();
    for entry in entries.iter().filter(|entry| entry["type"] != "TRANSFER_OUT") {
        assert!(entry["order"].is_object() != entry["redemption"].is_object(), "one of them made it: {entry}");
    }
    // What comes back to the old books later is handed on in lots of their own, which lead to the purchase as well.
    staff.refund_order(&placed).await.expect_ok();
    let account = new.query(&format!("{{ me {{ {lots} }} }}")).await["me"]["pointsAccount"].clone();
    let (handed_on, before) = (of_lots(&account)[0].clone(), of_lots(&account)[1..].to_vec());
    assert_eq!(handed_on, (imported, json!(50)));
    assert_eq!(before[0].0, placed["number"]);
    let data = staff.graphql(&read, json!({ "id": oldest.id })).await.data();
    let back = &data["member"]["pointsAccount"]["pointsLedger"]["nodes"][1];
    assert_eq!((&back["type"], &back["order"]["number"]), (&json!("REFUND"), &placed["number"]));
}

async fn lots_keep_their_state_and_their_dates(world: World) {
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 30)).await;
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let (old, new) = (world.member().await, world.member().await);
    old.place_order(&[(&tea, 1)]).await.expect_ok();
    world.program(|program| program.return_window_days = Some(5)).await;
    let delivered = old.place_order(&[(&tea, 2)]).await.expect_ok();
    staff.deliver_order(&delivered).await.expect_ok();
    old.place_order(&[(&tea, 3)]).await.expect_ok();
    let dates = |lots: Vec<lot::Model>| {
        let mut dates: Vec<_> =
            lots.into_iter().map(|lot| (lot.id, lot.state, lot.granted, lot.activates_at, lot.expires_at)).collect();
        dates.sort_by_key(|lot| lot.0);
        dates
    };
    let before = dates(lot::Entity::find().all(&world.app.db.read).await.expect("lots"));
    assert_eq!(before.iter().filter(|lot| lot.1 == LotState::Pending).count(), 2);
    staff.merge(&old, &new).await.expect_ok();
    let after = lot::Entity::find().all(&world.app.db.read).await.expect("lots");
    let after: Vec<_> = after.into_iter().filter(|lot| lot.member_id == new.member_id()).collect();
    assert_eq!(dates(after), before);
    assert_eq!(world.balances(&new).await, [100, 500, 0]);
    world.wait_days(7);
    assert_eq!(world.balances(&new).await, [300, 300, 0], "it activates when it would have");
    world.wait_days(24);
    assert_eq!(world.balances(&new).await, [200, 300, 0], "and expires when it would have");
}

async fn debt_moves_and_is_repaid(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let goods = world.coupon_reward(100).value("1.00").await;
    let staff = world.staff().await;
    let (old, new) = (world.member().await, world.member().with_points(70).await);
    let order = old.place_order(&[(&tea, 1)]).await.expect_ok();
    old.redeem(&goods).await.expect_ok();
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(world.balances(&old).await, [0, 0, 100]);
    let merged = staff.merge(&old, &new).await.expect_ok();
    let account = json!({ "active": 0, "pending": 0, "debt": 30, "lifetime": "70" });
    assert_eq!(merged["pointsAccount"], account);
    let entries = new.query("{ me { pointsAccount { pointsLedger { nodes { type points reason } } } } }").await;
    let entries = &entries["me"]["pointsAccount"]["pointsLedger"]["nodes"];
    assert_eq!(entries[0]["type"], "DEBT_REPAYMENT");
    assert_eq!(entries[1], json!({ "type": "TRANSFER_IN", "points": -100, "reason": "The same person" }));
}

async fn what_is_wrong_with_a_merger(world: World) {
    world.program(|program| program.household_size = 2).await;
    let staff = world.staff().await;
    let (old, new, third) = (world.member().with_points(10).await, world.member().await, world.member().await);
    assert_eq!(old.merge(&old, &new).await.answer.code(), "FORBIDDEN");
    assert_eq!(world.visitor().merge(&old, &new).await.answer.code(), "UNAUTHENTICATED");
    staff.merge(&old, &old).await.expect_refused("SAME_MEMBER");
    let into = json!(["input", "intoMemberId"]);
    let from = json!(["input", "fromMemberId"]);
    assert_eq!(staff.merge(&old, &staff).await.expect_refused("OWN_ACCOUNT")["path"], into);
    assert_eq!(staff.merge(&staff, &old).await.expect_refused("OWN_ACCOUNT")["path"], from);
    for (field, path) in [("intoMemberId", into), ("fromMemberId", from)] {
        for nobody in [json!("nonsense"), json!(global(NodeKind::Member, world.app.ids.next()).as_str())] {
            let mut unknown = staff.merge(&old, &new);
            unknown.input[field] = nobody;
            assert_eq!(unknown.await.expect_refused("MEMBER_UNKNOWN")["path"], path);
        }
    }
    let mut wordy = staff.merge(&old, &new);
    wordy.input["reason"] = json!("x".repeat(201));
    wordy.await.expect_refused("REASON_INVALID");
    let hold = old.hold_points(4).await.expect_ok();
    world.unchanged_by(async { staff.merge(&old, &new).await.expect_refused("HOLDS_OPEN") }).await;
    staff.release_hold(&hold, json!({})).await.expect_ok();
    let home = old.create_household("Home").await.expect_ok();
    staff.merge(&old, &new).await.expect_refused("IN_HOUSEHOLD");
    old.leave_household(&home).await;
    staff.merge(&old, &new).await.expect_ok();
    staff.merge(&old, &third).await.expect_refused("ALREADY_MERGED");
    staff.merge(&third, &old).await.expect_refused("ALREADY_MERGED");
    // Nothing is done to somebody who is gone.
    staff.adjust_points(&old, 5).await.expect_refused("MEMBER_UNKNOWN");
}

async fn an_order_of_before_comes_back_to_the_one_who_stays(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let (old, new) = (world.member().with_points(300).await, world.member().with_points(40).await);
    let order = old.place_order(&[(&tea, 2)]).with_points(300).await.expect_ok();
    assert_eq!(order["pointsEarned"], 170);
    staff.merge(&old, &new).await.expect_ok();
    let [first, second] = [0, 1].map(|_| staff.refund_order(&order).pieces(&[(0, 1)]));
    let back = first.await.expect_ok();
    assert_eq!((&back["pointsGivenBack"], &back["pointsClawedBack"]), (&json!(150), &json!(85)));
    assert_eq!(world.balances(&new).await, [40 + 170 + 150 - 85, 0, 0]);
    second.await.expect_ok();
    assert_eq!((world.balances(&new).await, world.wallet(&new).await.lifetime), ([340, 0, 0], 340));
    let returns = "{ me { orders(last: 1) { nodes { status returns { pointsGivenBack } } } } }";
    let listed = new.query("{ me { orders { nodes { number status } } } }").await;
    let nodes = listed["me"]["orders"]["nodes"].as_array().expect("orders").clone();
    assert!(nodes.iter().any(|node| node["number"] == order["number"] && node["status"] == "RETURNED"), "{nodes:?}");
    new.query(returns).await;
}

/// Points an order earned, and lost to their validity while they were the other's, are taken from there first.
async fn what_had_expired_before_is_taken_first(world: World) {
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 1)).await;
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let (old, new) = (world.member().await, world.member().await);
    let order = old.place_order(&[(&tea, 1)]).await.expect_ok();
    world.wait_days(3);
    assert_eq!(world.balances(&old).await, [0, 0, 0]);
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::None, 0)).await;
    let (new, staff) = (new.another_session().await, staff.another_session().await);
    new.place_order(&[(&tea, 1)]).await.expect_ok();
    staff.merge(&old, &new).await.expect_ok();
    let back = staff.refund_order(&order).await.expect_ok();
    assert_eq!((&back["pointsClawedBack"], &back["pointsMissing"]), (&json!(100), &json!(0)));
    assert_eq!((world.balances(&new).await, world.wallet(&new).await.lifetime), ([100, 0, 0], 100));
}

async fn pending_points_are_delivered_and_taken_back_where_they_are_now(world: World) {
    world.program(|program| program.return_window_days = Some(5)).await;
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let (old, new) = (world.member().await, world.member().with_points(500).await);
    let order = old.place_order(&[(&tea, 3)]).await.expect_ok();
    staff.merge(&old, &new).await.expect_ok();
    let back = staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    assert_eq!((&back["pointsClawedBack"], &back["pointsMissing"]), (&json!(100), &json!(0)));
    assert_eq!(world.balances(&new).await, [500, 200, 0], "from its own lot, which is pending still");
    let delivered = staff.deliver_order(&order).await.expect_ok();
    staff.deliver_order(&order).await.expect_refused("ALREADY_DELIVERED");
    world.wait_days(7);
    assert_eq!(world.balances(&new).await, [700, 0, 0]);
    let staff = staff.another_session().await;
    staff.refund_order(&delivered).await.expect_ok();
    assert_eq!(world.balances(&new).await, [500, 0, 0]);
}

async fn a_line_of_mergers_is_followed_to_its_end(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let staff = world.staff().await;
    let mut members = Vec::new();
    for _ in 0..5 {
        members.push(world.member().await);
    }
    let order = members[0].place_order(&[(&tea, 3)]).await.expect_ok();
    let paid = members[0].place_order(&[(&tea, 1)]).with_points(100).await.expect_ok();
    for pair in members.windows(2) {
        staff.merge(&pair[0], &pair[1]).await.expect_ok();
    }
    let last = &members[4];
    assert_eq!(world.balances(last).await, [290, 0, 0]);
    staff.refund_order(&paid).await.expect_ok();
    assert_eq!(world.balances(last).await, [300, 0, 0]);
    staff.refund_order(&order).await.expect_ok();
    assert_eq!((world.balances(last).await, world.wallet(last).await.lifetime), ([0, 0, 0], 0));
    assert_eq!(orders(last).await["totalCount"], 2);
    let number = members[0].id.clone();
    let gone =
        staff.graphql("query($id: ID!) { member(by: { id: $id }) { mergedInto { id } } }", json!({ "id": number }));
    assert_eq!(gone.await.data()["member"]["mergedInto"]["id"], members[1].id);
}

/// A customer of the past who registered anew: the account with the history stays, and is logged in to with the new name.
async fn an_imported_customer_gets_the_login_of_the_other(world: World) {
    let staff = world.staff().await;
    let (login, past) = (world.member().with_points(20).await, world.member().with_points(100).await);
    // As an import leaves a customer of whom it knows nothing but the purchases.
    let db = &world.app.db;
    let past_id = past.member_id();
    db.write(move |tx| async move {
        use jifen::domain::member::entity::{credential, handle, profile};
        use sea_orm::{ColumnTrait, QueryFilter};
        credential::Entity::delete_by_id(past_id).exec(&*tx).await?;
        let names = handle::Entity::delete_many().filter(handle::Column::MemberId.eq(past_id));
        let kinds =
            [jifen::domain::member::entity::HandleKind::Username, jifen::domain::member::entity::HandleKind::Email];
        names.filter(handle::Column::Kind.is_in(kinds)).exec(&*tx).await?;
        let blank =
            profile::Model { member_id: past_id, username: None, email: None, phone: None, name: None, birthday: None };
        jifen::db::rows::update::<profile::Entity>(&*tx, vec![blank]).await?;
        Ok(())
    })
    .await
    .expect("the books can be prepared");
    let merged = staff.merge(&login, &past).await.expect_ok();
    assert_eq!(merged["username"], login.username);
    let session = world.login(&login.username, PASSWORD).await;
    assert_eq!(session["member"]["id"], past.id);
    assert_eq!(Member::of(&world, &session).points().await, 120);
}

async fn a_key_sent_again_after_a_merger_does_nothing_twice(world: World) {
    let tea = world.product("tea").price("10.00").stock(100).await;
    let staff = world.staff().await;
    let (old, new) = (world.member().await, world.member().await);
    let order = old.place_order(&[(&tea, 4)]).await.expect_ok();
    let refund = || staff.refund_order(&order).pieces(&[(0, 1)]).with_key("refund");
    let first = refund().await.expect_ok();
    staff.merge(&old, &new).await.expect_ok();
    let again = world.unchanged_by(refund()).await.expect_ok();
    assert_eq!(again["pointsClawedBack"], first["pointsClawedBack"]);
    assert_eq!(world.balances(&new).await, [300, 0, 0]);
}

async fn mergers_both_ways_at_once_end_in_one(world: World) {
    let staff = world.staff().await;
    let (one, other) = (world.member().with_points(30).await, world.member().with_points(12).await);
    let calls = [staff.merge(&one, &other), staff.merge(&other, &one)].map(IntoFuture::into_future);
    let outcomes: Vec<String> = join_all(calls).await.iter().map(crate::world::order::Payload::outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "OK").count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "ALREADY_MERGED").count(), 1, "{outcomes:?}");
    let points = [world.balances(&one).await[0], world.balances(&other).await[0]];
    assert!(points.contains(&42) && points.contains(&0), "{points:?}");
}

async fn a_household_is_no_member(world: World) {
    world.program(|program| program.household_size = 2).await;
    let staff = world.staff().await;
    let (anna, ben) = (world.member().await, world.member().await);
    let home = anna.create_household("Home").await.expect_ok();
    for field in ["fromMemberId", "intoMemberId"] {
        let mut call = staff.merge(&ben, &anna);
        let id = household_id(&home);
        call.input[field] = json!(global(NodeKind::Member, id).as_str());
        call.await.expect_refused("MEMBER_UNKNOWN");
    }
}

/// The old card leads to the one who stays, who may be in the household; who is listed with it is the one who was invited.
async fn an_invitation_of_a_merged_member_is_taken_back_alone(world: World) {
    world.program(|program| program.household_size = 3).await;
    let staff = world.staff().await;
    let (anna, ben, old) = (world.member().await, world.member().await, world.member().await);
    let home = anna.create_household("Home").await.expect_ok();
    anna.shares_with(&ben, "SPENDER").await;
    let number = old.number().await;
    anna.invite(&number, "EARNER").await.expect_ok();
    staff.merge(&old, &ben).await.expect_ok();
    let left = anna.leave_household(&home).sending(&number).await.expect_ok();
    let names: Vec<&Json> = left["members"].as_array().expect("members").iter().map(|known| &known["role"]).collect();
    assert_eq!(names, [&json!("OWNER"), &json!("SPENDER")], "Ben has stayed");
}

async fn nobody_is_given_points_by_way_of_a_merger(world: World) {
    world.program(|program| (program.approval_threshold, program.household_size) = (10, 2)).await;
    let (boss, staff, helper) = (world.staff().await, world.staff().await, world.staff().await);
    let old = world.member().await;
    let waiting = helper.adjust_points(&old, 1_000).await.expect_ok();
    boss.merge(&old, &staff).await.expect_ok();
    let decide = "mutation($input: DecideAdjustmentInput!) { decideAdjustment(input: $input) {
        adjustment { state } userErrors { code message } } }";
    let input = || json!({ "adjustmentId": waiting["id"], "approve": true });
    let own = staff.call("decideAdjustment", "adjustment", decide, input()).await;
    own.expect_refused("OWN_POINTS");
    assert_eq!(staff.points().await, 0);
    boss.call("decideAdjustment", "adjustment", decide, input()).await.expect_ok();
    assert_eq!(staff.points().await, 1_000, "handed on to the one who stays");
    // Neither does staff give their own household what it has lost.
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 1)).await;
    let home = staff.create_household("Home").await.expect_ok();
    staff.place_order(&[(&world.product("tea").await, 1)]).await.expect_ok();
    world.wait_days(3);
    let (boss, staff) = (boss.another_session().await, staff.another_session().await);
    world.sweep().await;
    let entries = "{ me { household { pointsAccount { pointsLedger(first: 1) { nodes { id type } } } } } }";
    let entry = staff.query(entries).await["me"]["household"]["pointsAccount"]["pointsLedger"]["nodes"][0].clone();
    assert_eq!(entry["type"], "EXPIRATION", "{home}");
    let again = "mutation($input: ReinstateExpiredInput!) { reinstateExpired(input: $input) {
        entry { points } userErrors { code message } } }";
    let input = || json!({ "entryId": entry["id"] });
    staff.call("reinstateExpired", "entry", again, input()).await.expect_refused("OWN_POINTS");
    assert_eq!(boss.call("reinstateExpired", "entry", again, input()).await.expect_ok()["points"], 100);
}

/// Given back, clawed back, and only then is repaid what was owed before: as if there had been no merger.
async fn what_was_owed_before_is_repaid_after_the_clawback(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let gift = world.coupon_reward(90).value("0.10").await;
    let staff = world.staff().await;
    let (old, new) = (world.member().with_points(500).await, world.member().await);
    let paid = old.place_order(&[(&tea, 1)]).with_points(500).await.expect_ok();
    assert_eq!(paid["pointsEarned"], 50);
    // The one who stays owes 60.
    let debtor = new.place_order(&[(&tea, 1)]).await.expect_ok();
    new.redeem(&gift).await.expect_ok();
    staff.refund_order(&debtor).await.expect_ok();
    assert_eq!(world.balances(&new).await, [0, 0, 90]);
    staff.merge(&old, &new).await.expect_ok();
    assert_eq!(world.balances(&new).await, [0, 0, 40], "50 were there");
    let back = staff.refund_order(&paid).await.expect_ok();
    assert_eq!((&back["pointsGivenBack"], &back["pointsMissing"]), (&json!(500), &json!(0)));
    assert_eq!(world.balances(&new).await, [500 - 50 - 40, 0, 0]);
}

/// The lot of an order that earns nothing any more is not handed over, and delivering the rest dates nothing.
async fn an_empty_pending_lot_needs_no_dates_where_it_was(world: World) {
    world.program(|program| program.return_window_days = Some(7)).await;
    let (tea, gift) = (world.product("tea").price("10.00").await, world.product("gift").price("0.00").await);
    let staff = world.staff().await;
    let (old, new) = (world.member().await, world.member().await);
    let order = old.place_order(&[(&tea, 1), (&gift, 1)]).await.expect_ok();
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    staff.merge(&old, &new).await.expect_ok();
    staff.deliver_order(&order).await.expect_ok();
    assert_eq!(world.balances(&new).await, [0, 0, 0]);
}
