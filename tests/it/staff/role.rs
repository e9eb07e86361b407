//! What the role opens, when it begins and when it ends.

use std::time::Duration;

use jifen::domain::admin::entity::staff;
use jifen::domain::admin::service::{grant, revoke};
use jifen::domain::member::service::session::{Which, end_sessions_in};
use sea_orm::EntityTrait;
use serde_json::{Value as Json, json};

use crate::world::member::PASSWORD;
use crate::world::{Answer, Client, Member, Settings, World, both_databases};

both_databases!(
    a_member_is_refused,
    staff_find_any_member,
    staff_read_what_belongs_to_others,
    nobody_handles_their_own_orders,
    the_role_begins_with_a_login,
    the_role_ends_at_once_on_every_process,
    a_login_on_its_way_does_not_outlive_the_role,
    the_role_costs_no_statement,
);

const MEMBER: &str = "query($by: MemberBy!) { member(by: $by) { id username isStaff } }";

async fn find(client: &Client, by: Json) -> Answer {
    client.graphql(MEMBER, json!({ "by": by })).await
}

async fn take_away(member: &Member) -> bool {
    let app = &member.world.app;
    revoke(&app.db, member.member_id(), app.clock.now()).await.expect("the role can be taken away")
}

async fn a_member_is_refused(world: World) {
    let (alice, bob) = (world.member().await, world.member().await);
    for by in [json!({ "username": alice.username }), json!({ "username": bob.username }), json!({ "id": "x" })] {
        let refused = find(&alice, by.clone()).await;
        assert_eq!((refused.code(), &refused.json["data"]["member"]), ("FORBIDDEN", &Json::Null), "{by}");
        let message = refused.json["errors"][0]["message"].as_str().expect("a message");
        assert!(message.starts_with("This is for staff."), "{message}");
        assert_eq!(find(&world.visitor(), by).await.code(), "UNAUTHENTICATED");
    }
    let me = alice.query("{ me { isStaff } }").await;
    assert_eq!(me, json!({ "me": { "isStaff": false } }));
}

async fn staff_find_any_member(world: World) {
    let staff = world.staff().await;
    let alice = world.member().await;
    let number = alice.query("{ me { number } }").await["me"]["number"].as_str().expect("a number").to_owned();
    let email = format!("{}@example.com", alice.username);
    for by in [
        json!({ "number": number }),
        json!({ "number": format!(" {} ", number.to_lowercase()) }),
        json!({ "username": alice.username.to_uppercase() }),
        json!({ "email": email.to_uppercase() }),
        json!({ "id": alice.id }),
    ] {
        let found = find(&staff, by.clone()).await.data();
        let expected = json!({ "id": alice.id, "username": alice.username, "isStaff": false });
        assert_eq!(found["member"], expected, "{by}");
    }
    let herself = find(&staff, json!({ "id": staff.id })).await.data();
    assert_eq!(herself["member"]["isStaff"], true);
    let nobody = jifen::gql::id::global(jifen::gql::id::NodeKind::Member, world.app.ids.next()).to_string();
    for by in [
        json!({ "number": "20261123-NOBODY0000" }),
        json!({ "username": "nobody" }),
        json!({ "username": "no\u{0}body" }),
        json!({ "username": email }),
        json!({ "email": "nobody@example.com" }),
        json!({ "email": alice.username }),
        json!({ "id": nobody }),
        json!({ "id": "x" }),
    ] {
        assert_eq!(find(&staff, by.clone()).await.data()["member"], Json::Null, "{by}");
    }
    assert_eq!(find(&staff, json!({ "number": "a\u{0}b" })).await.code(), "BAD_USER_INPUT");
    for by in [json!({}), json!({ "username": "a", "email": "b" })] {
        assert!(find(&staff, by.clone()).await.json["errors"].is_array(), "{by}");
    }
}

async fn staff_read_what_belongs_to_others(world: World) {
    let staff = world.staff().await;
    let tea = world.product("tea").await;
    let reward = world.coupon_reward(50).await;
    let (alice, bob) = (world.member().with_points(1_000).await, world.member().await);
    let order = alice.place_order(&[(&tea, 2)]).await.expect_ok();
    let redemption = alice.redeem(&reward).await.expect_ok();
    // Everything of a member that the member sees is the same to staff.
    let fields = "{ id number username email name phone createdAt isStaff
        orders { totalCount nodes { id number total { amount } lines { quantity product { name } } payments { status } } }
        coupons { totalCount nodes { id code status } }
        pointsAccount { active pointsLedger { totalCount nodes { id type points order { number }
            redemption { id coupon { code } } } } } }";
    let of_alice = alice.query(&format!("{{ me {fields} }}")).await;
    let to_staff = staff.query(&format!("{{ member(by: {{ username: \"{}\" }}) {fields} }}", alice.username)).await;
    assert_eq!(to_staff["member"], of_alice["me"]);
    assert_eq!(of_alice["me"]["orders"]["totalCount"], 2, "{of_alice}");
    // And by its own id or number each thing is found, by staff and by nobody else.
    let by = "query($by: OrderBy!) { order(by: $by) { number total { amount } } }";
    for one in [json!({ "number": order["number"] }), json!({ "id": order["id"] })] {
        let of_alice = alice.graphql(by, json!({ "by": one })).await.data();
        assert_eq!(of_alice["order"]["number"], order["number"]);
        assert_eq!(staff.graphql(by, json!({ "by": one })).await.data(), of_alice);
        assert_eq!(bob.graphql(by, json!({ "by": one })).await.data(), json!({ "order": null }));
    }
    let node = "query($id: ID!) { node(id: $id) { ... on Redemption { points } } }";
    let id = json!({ "id": redemption["id"] });
    assert_eq!(staff.graphql(node, id.clone()).await.data(), alice.graphql(node, id.clone()).await.data());
    assert_eq!(bob.graphql(node, id).await.data(), json!({ "node": null }));
    // What staff do themselves they do as members: another's coupon is not theirs.
    let code = redemption["coupon"]["code"].as_str().expect("a coupon");
    assert_eq!(staff.query("{ me { orders { totalCount } } }").await["me"]["orders"]["totalCount"], 0);
    staff.place_order(&[(&tea, 1)]).with_coupon(code).await.expect_refused("COUPON_NOT_YOURS");
}

async fn nobody_handles_their_own_orders(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (ann, bob, member) = (world.staff().await, world.staff().await, world.member().await);
    let own = ann.place_order(&[(&tea, 2)]).await.expect_ok();
    let bought = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let refused = async |order: &Json| {
        for call in [ann.deliver_order(order), ann.cancel_order(order), ann.refund_order(order)] {
            let error = world.unchanged_by(call).await.expect_refused("OWN_ORDER");
            assert_eq!(error["path"], json!(["input", "orderId"]));
        }
    };
    refused(&own).await;
    // What a refund would do may be asked, and another member of staff does it.
    let preview = ann.preview_refund(&own, None).await.data()["previewRefund"].clone();
    assert_eq!((&preview["userErrors"], &preview["figures"]["pointsClawedBack"]), (&json!([]), &json!(200)));
    let part = || bob.refund_order(&own).pieces(&[(0, 1)]).with_key("k");
    part().await.expect_ok();
    bob.deliver_order(&own).await.expect_ok();
    // The order of somebody who was merged into them is theirs as well. Sent again, a key of before finds its answer.
    let before = ann.refund_order(&bought).with_key("once").await.expect_ok();
    let other = member.place_order(&[(&tea, 1)]).await.expect_ok();
    bob.merge(&member, &ann).await.expect_ok();
    refused(&other).await;
    let again = world.unchanged_by(ann.refund_order(&bought).with_key("once")).await.expect_ok();
    assert_eq!(again["money"], before["money"]);
    ann.refund_order(&other).with_key("once").await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
    bob.cancel_order(&other).await.expect_ok();
}

async fn the_role_begins_with_a_login(world: World) {
    let member = world.member().await;
    let by = json!({ "username": "nobody" });
    member.become_staff().await;
    assert_eq!(member.query("{ me { isStaff } }").await["me"]["isStaff"], true);
    assert_eq!(find(&member, by.clone()).await.code(), "FORBIDDEN", "a session from before");
    let refreshed = Member::of(&world, &member.refresh().await);
    assert_eq!(find(&refreshed, by.clone()).await.code(), "FORBIDDEN", "a session from before, refreshed");
    let staff = member.another_session().await;
    assert_eq!(find(&staff, by.clone()).await.data()["member"], Json::Null);
    let refreshed = Member::of(&world, &staff.refresh().await);
    assert_eq!(find(&refreshed, by).await.data()["member"], Json::Null, "a session of staff, refreshed");
    // A second time changes nothing.
    let app = &world.app;
    let again = world.unchanged_by(Box::pin(grant(&app.db, member.member_id(), app.clock.now()))).await;
    assert!(!again.expect("it can be asked for"));
}

async fn the_role_ends_at_once_on_every_process(world: World) {
    let other = world.another_process(Settings::default()).await;
    let (staff, bystander) = (world.staff().await, world.staff().await);
    let second_session = other.serves(&*staff.another_session().await);
    let by = json!({ "username": "nobody" });
    assert_eq!(find(&second_session, by.clone()).await.data()["member"], Json::Null);
    assert!(take_away(&staff).await);
    for door in [&world, &other] {
        for session in [&*staff, &second_session] {
            assert_eq!(find(&door.serves(session), by.clone()).await.code(), "UNAUTHENTICATED");
        }
        assert_eq!(find(&door.serves(&bystander), by.clone()).await.data()["member"], Json::Null);
    }
    assert_eq!(staff.refresh().await["userErrors"][0]["code"], "REFRESH_TOKEN_INVALID");
    let member = Member::of(&other, &other.login(&staff.username, PASSWORD).await);
    assert_eq!(member.query("{ me { isStaff } }").await["me"]["isStaff"], false);
    assert_eq!(find(&member, by).await.code(), "FORBIDDEN");
    // Taken from somebody who does not have it, it leaves their sessions alone.
    assert!(!world.unchanged_by(Box::pin(take_away(&member))).await);
    other.stop().await;
}

/// Taking the role away stops between its two steps, and a login comes. It has to wait, or its session would be of staff
/// and come too late to be ended.
async fn a_login_on_its_way_does_not_outlive_the_role(world: World) {
    let member = world.staff().await;
    let taking = world.app.db.begin_write().await.expect("a transaction");
    let deleted = staff::Entity::delete_by_id(member.member_id()).exec(&taking).await.expect("the role goes");
    assert_eq!(deleted.rows_affected, 1);
    let ending = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = world.clock.now();
        end_sessions_in(&taking, member.member_id(), Which::All, now).await.expect("sessions are ended");
        taking.commit().await.expect("it is committed");
    };
    let (login, ()) = tokio::join!(world.login(&member.username, PASSWORD), ending);
    let late = Member::of(&world, &login);
    assert_eq!(find(&late, json!({ "username": "nobody" })).await.code(), "FORBIDDEN", "it did not wait");
    assert!(!member.is_logged_in().await);
}

async fn the_role_costs_no_statement(world: World) {
    let staff = world.staff().await;
    world.take_statements();
    staff.query("{ me { username } }").await;
    let statements = world.take_statements();
    assert_eq!(statements.len(), 2, "session and profile: {statements:#?}");
    world.login(&staff.username, PASSWORD).await;
    let statements = world.take_statements();
    let of_staff: Vec<_> = statements.iter().filter(|sql| sql.contains("staff s")).collect();
    assert!(of_staff.len() == 1 && of_staff[0].starts_with("INSERT INTO \"session\""), "{statements:#?}");
}
