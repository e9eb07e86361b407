//! Each part of a filter at its edges.

use jifen::db::rows::update;
use jifen::domain::member::entity::member;
use jifen::domain::member::query::MemberKey;
use jifen::domain::points::entity::ValidityKind;
use serde_json::json;

use crate::world::{World, both_databases};

both_databases!(
    money_and_orders_of_the_last_days_by_the_days_of_the_zone,
    what_came_back_does_not_count,
    who_bought_last_when,
    birthdays_by_the_month_of_the_zone,
    points_that_expire_soon,
    points_that_can_be_spent,
    tags_and_what_they_are_put_together_with,
    when_somebody_registered,
    whoever_came_with_an_import,
    whoever_was_merged_is_in_no_segment,
);

async fn money_and_orders_of_the_last_days_by_the_days_of_the_zone(world: World) {
    let (staff, a, b, c) = (world.staff().await, world.member().await, world.member().await, world.member().await);
    let all = [("a", &a), ("b", &b), ("c", &c)];
    // Today is 23 November in Shanghai, so the last 5 days begin on 18 November, at 16:00 of the day before in UTC.
    world.purchase(a.member_id(), 1_000, world.moment("2026-11-17T15:59:59.999999Z")).await;
    world.purchase(a.member_id(), 500, world.moment("2026-11-17T16:00:00Z")).await;
    world.purchase(b.member_id(), 1_000, world.moment("2026-11-17T15:59:59.999999Z")).await;
    let spend = |least: &str, days: Option<i32>| json!({ "spend": { "least": least, "days": days } });
    assert_eq!(staff.who_fits(spend("5.00", Some(5)), &all).await, "a");
    assert_eq!(staff.who_fits(spend("5.01", Some(5)), &all).await, "");
    assert_eq!(staff.who_fits(spend("10.00", Some(6)), &all).await, "ab");
    assert_eq!(staff.who_fits(spend("10.01", None), &all).await, "a");
    assert_eq!(staff.who_fits(spend("15.00", None), &all).await, "a");
    assert_eq!(staff.who_fits(spend("15.01", None), &all).await, "");
    let most = json!({ "spend": { "most": "5.00", "days": 5 } });
    assert_eq!(staff.who_fits(most, &all).await, "abc", "nothing is less than that");
    let none = json!({ "orders": { "most": 0, "days": 5 } });
    assert_eq!(staff.who_fits(none, &all).await, "bc");
    let exactly = json!({ "orders": { "least": 2, "most": 2 } });
    assert_eq!(staff.who_fits(exactly, &all).await, "a");
    // At midnight the window goes on.
    world.travel_to("2026-11-23T16:00:00Z");
    let staff = staff.another_session().await;
    assert_eq!(staff.who_fits(spend("0.01", Some(5)), &all).await, "");
}

async fn what_came_back_does_not_count(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (staff, a, b) = (world.staff().await, world.member().await, world.member().with_points(500).await);
    let all = [("a", &a), ("b", &b)];
    let order = a.place_order(&[(&tea, 3)]).await.expect_ok();
    let spent = |amount: &str| json!({ "spend": { "least": amount, "most": amount, "days": 1 } });
    let ever = |amount: &str| json!({ "spend": { "least": amount, "most": amount } });
    for filter in [spent("30.00"), ever("30.00"), json!({ "orders": { "least": 1, "days": 1 } })] {
        assert_eq!(staff.who_fits(filter.clone(), &all[..1]).await, "a", "{filter}");
    }
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    for filter in [spent("20.00"), ever("20.00"), json!({ "orders": { "least": 1, "days": 1 } })] {
        assert_eq!(staff.who_fits(filter.clone(), &all[..1]).await, "a", "{filter}");
    }
    staff.refund_order(&order).await.expect_ok();
    for filter in [spent("0.00"), ever("0.00"), json!({ "orders": { "most": 0, "days": 1 } })] {
        assert_eq!(staff.who_fits(filter.clone(), &all[..1]).await, "a", "{filter}");
    }
    assert_eq!(staff.who_fits(json!({ "lastPurchase": { "never": true } }), &all).await, "a");
    // What points pay is no money. The import of those points cost ¥50.
    world.program(|program| program.payable_percent = 100).await;
    b.place_order(&[(&tea, 1)]).with("points", json!(300)).await.expect_ok();
    let order = b.query("{ me { orders(first: 1) { nodes { total { amount } pointsValue { amount } } } } }").await;
    let order = &order["me"]["orders"]["nodes"][0];
    assert_eq!((&order["total"]["amount"], &order["pointsValue"]["amount"]), (&json!("10.00"), &json!("3.00")));
    assert_eq!(staff.who_fits(ever("57.00"), &all).await, "b");
}

async fn who_bought_last_when(world: World) {
    let (staff, a, b, c) = (world.staff().await, world.member().await, world.member().await, world.member().await);
    let all = [("a", &a), ("b", &b), ("c", &c)];
    world.purchase(a.member_id(), 0, world.moment("2026-11-12T16:00:00Z")).await;
    world.purchase(b.member_id(), 100, world.moment("2026-11-12T15:59:59.999999Z")).await;
    let last = |field: &str, value: i32| json!({ "lastPurchase": { field: value } });
    assert_eq!(staff.who_fits(last("withinDays", 10), &all).await, "a");
    assert_eq!(staff.who_fits(last("beforeDays", 10), &all).await, "b");
    assert_eq!(staff.who_fits(last("withinDays", 11), &all).await, "ab");
    assert_eq!(staff.who_fits(last("beforeDays", 9), &all).await, "ab");
    assert_eq!(staff.who_fits(json!({ "lastPurchase": { "never": true } }), &all).await, "c");
    assert_eq!(staff.who_fits(json!({ "lastPurchase": { "never": false } }), &all).await, "ab");
}

async fn birthdays_by_the_month_of_the_zone(world: World) {
    let a = world.member().with("birthday", "1990-11-30").await;
    let b = world.member().with("birthday", "2000-12-01").await;
    let (c, staff) = (world.member().await, world.staff().await);
    let all = [("a", &a), ("b", &b), ("c", &c)];
    assert_eq!(staff.who_fits(json!({ "birthMonths": [11] }), &all).await, "a");
    assert_eq!(staff.who_fits(json!({ "birthMonths": [1, 12] }), &all).await, "b");
    assert_eq!(staff.who_fits(json!({ "birthdayThisMonth": true }), &all).await, "a");
    assert_eq!(staff.who_fits(json!({ "birthdayThisMonth": false }), &all).await, "bc", "unknown is not this month");
    world.travel_to("2026-11-30T15:59:59Z");
    let staff = staff.another_session().await;
    assert_eq!(staff.who_fits(json!({ "birthdayThisMonth": true }), &all).await, "a");
    world.travel_to("2026-11-30T16:00:00Z");
    assert_eq!(staff.who_fits(json!({ "birthdayThisMonth": true }), &all).await, "b");
}

async fn points_that_expire_soon(world: World) {
    let staff = world.staff().await;
    world
        .program(|program| {
            program.validity = ValidityKind::Days;
            program.validity_count = 10;
        })
        .await;
    let (a, b) = (world.member().with_points(50).await, world.member().await);
    let all = [("a", &a), ("b", &b)];
    let soon = |days: i32, least: i32| json!({ "pointsExpiring": { "days": days, "least": least } });
    assert_eq!(staff.who_fits(soon(10, 50), &all).await, "a");
    assert_eq!(staff.who_fits(soon(10, 51), &all).await, "");
    assert_eq!(staff.who_fits(soon(9, 1), &all).await, "");
    world.wait_days(10);
    let staff = staff.another_session().await;
    assert_eq!(staff.who_fits(json!({ "pointsExpiring": { "days": 0 } }), &all).await, "a", "today is their last day");
    world.wait_days(1);
    let staff = staff.another_session().await;
    // Nobody has written yet that they are gone.
    assert_eq!(staff.who_fits(soon(10, 1), &all).await, "");
}

async fn points_that_can_be_spent(world: World) {
    let staff = world.staff().await;
    let (a, b) = (world.member().with_points(50).await, world.member().await);
    let all = [("a", &a), ("b", &b)];
    assert_eq!(staff.who_fits(json!({ "points": { "least": 50 } }), &all).await, "a");
    assert_eq!(staff.who_fits(json!({ "points": { "least": 51 } }), &all).await, "");
    assert_eq!(staff.who_fits(json!({ "points": { "most": 49 } }), &all).await, "b");
    a.hold_points(20).await.expect_ok();
    assert_eq!(staff.who_fits(json!({ "points": { "least": 31 } }), &all).await, "", "held ones are not to be spent");
    assert_eq!(staff.who_fits(json!({ "points": { "least": 30, "most": 30 } }), &all).await, "a");
}

async fn tags_and_what_they_are_put_together_with(world: World) {
    let (staff, a, b, c) = (world.staff().await, world.member().await, world.member().await, world.member().await);
    let all = [("a", &a), ("b", &b), ("c", &c)];
    staff.tag(&a, json!(["vip", "tea"])).await;
    staff.tag(&b, json!(["tea"])).await;
    assert_eq!(staff.who_fits(json!({ "tags": [" VIP", "tea"] }), &all).await, "ab");
    let (vip, tea) = (json!({ "tags": ["vip"] }), json!({ "tags": ["tea"] }));
    assert_eq!(staff.who_fits(json!({ "all": [tea, { "not": vip }] }), &all).await, "b");
    assert_eq!(staff.who_fits(json!({ "any": [vip, { "not": tea }] }), &all).await, "ac");
    assert_eq!(staff.who_fits(json!({ "not": { "all": [vip, tea] } }), &all).await, "bc");
    assert_eq!(staff.who_fits(json!({ "all": [] }), &all).await, "abc");
    assert_eq!(staff.who_fits(json!({ "any": [] }), &all).await, "");
}

async fn when_somebody_registered(world: World) {
    // On 23 November, and a day later just before and after midnight in Shanghai.
    let a = world.member().await;
    world.travel_to("2026-11-24T15:59:00Z");
    let b = world.member().await;
    world.travel_to("2026-11-24T16:00:00Z");
    let (c, staff) = (world.member().await, world.staff().await);
    let all = [("a", &a), ("b", &b), ("c", &c)];
    let registered = |what: serde_json::Value| json!({ "registered": what });
    assert_eq!(staff.who_fits(registered(json!({ "from": "2026-11-24", "to": "2026-11-24" })), &all).await, "b");
    assert_eq!(staff.who_fits(registered(json!({ "to": "2026-11-23" })), &all).await, "a");
    assert_eq!(staff.who_fits(registered(json!({ "from": "2026-11-25" })), &all).await, "c");
    assert_eq!(staff.who_fits(registered(json!({ "leastDays": 1 })), &all).await, "ab");
    assert_eq!(staff.who_fits(registered(json!({ "mostDays": 1 })), &all).await, "bc");
    assert_eq!(staff.who_fits(registered(json!({ "leastDays": 1, "mostDays": 1 })), &all).await, "b");
    assert_eq!(staff.who_fits(registered(json!({ "leastDays": 0, "mostDays": 0 })), &all).await, "c");
}

async fn whoever_came_with_an_import(world: World) {
    let (staff, a, b) = (world.staff().await, world.member().await, world.member().await);
    let all = [("a", &a), ("b", &b)];
    let row = world.app.hub.find(MemberKey(a.member_id())).await.expect("members can be read").expect("a member");
    let imported = member::Model { imported: true, ..(*row).clone() };
    update::<member::Entity>(&world.app.db.write, vec![imported]).await.expect("as an import leaves them");
    assert_eq!(staff.who_fits(json!({ "imported": true }), &all).await, "a");
    assert_eq!(staff.who_fits(json!({ "imported": false }), &all).await, "b");
}

async fn whoever_was_merged_is_in_no_segment(world: World) {
    let staff = world.staff().await;
    let (a, b) = (world.member().with("birthday", "1990-11-30").await, world.member().await);
    let all = [("a", &a), ("b", &b)];
    world.purchase(a.member_id(), 700, world.moment("2026-11-22T00:00:00Z")).await;
    world.purchase(b.member_id(), 300, world.moment("2026-11-22T00:00:00Z")).await;
    staff.merge(&a, &b).await.expect_ok();
    assert_eq!(staff.who_fits(json!({ "all": [] }), &all).await, "b");
    for filter in [
        json!({ "spend": { "least": "10.00", "most": "10.00" } }),
        json!({ "spend": { "least": "10.00", "days": 2 } }),
        json!({ "orders": { "least": 2 } }),
        json!({ "birthMonths": [11] }),
    ] {
        assert_eq!(staff.who_fits(filter.clone(), &all).await, "b", "{filter}");
    }
}
