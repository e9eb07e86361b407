//! Reaching a tier, keeping it and losing it.

use serde_json::{Value as Json, json};

use crate::world::shop::Product;
use crate::world::tier::three_tiers;
use crate::world::{Member, World, both_databases};

both_databases!(
    e10_a_return_lowers_the_year_of_the_purchase,
    a_tier_is_judged_by_the_sweep_and_shown_before_it,
    staff_protect_a_tier_with_a_reason,
    a_protection_that_is_ended_was_there_until_then,
    what_keeps_a_tier_is_what_is_missing_in_the_days_of_grace,
    merging_keeps_the_higher_tier_and_counts_together,
    protection_comes_along_with_the_higher_tier,
    what_was_recorded_counts_by_any_measure,
    an_import_counts_at_its_own_date,
);

/// Buys for so many yuan, ten points each.
async fn buy(member: &Member, one: &Product, yuan: i64) -> Json {
    member.place_order(&[(one, yuan)]).await.expect_ok()
}

/// 9,000 points in 2026 and 1,500 in its last second in Shanghai, which is Gold; a second later it would be 2027. A return of
/// 800 on 2027-01-20 leaves 9,700 of 2026 and 0 of 2027, and the upgrade is undone.
async fn e10_a_return_lowers_the_year_of_the_purchase(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    world.staff().await.create_tiers(three_tiers()).await.expect_ok();
    let (member, late) = (world.member().await, world.member().await);
    buy(&member, &one, 900).await;
    buy(&late, &one, 900).await;
    assert_eq!(member.tier().await, "SILVER");
    world.travel_to("2026-12-31T15:59:59Z");
    let order = buy(&member.another_session().await, &one, 150).await;
    assert_eq!(order["placedAt"].as_str().map(|moment| &moment[..19]), Some("2026-12-31T15:59:59"));
    let standing = member.standing().await;
    assert_eq!((&standing["tier"]["code"], &standing["tierProgress"]["qualifying"]), (&json!("GOLD"), &json!("10500")));
    world.travel_to("2026-12-31T16:00:00Z");
    buy(&late.another_session().await, &one, 150).await;
    let standing = late.standing().await;
    assert_eq!(
        (&standing["tier"]["code"], &standing["tierProgress"]["qualifying"]),
        (&json!("SILVER"), &json!("1500"))
    );
    world.travel_to("2027-01-20T02:00:00Z");
    let staff = world.staff().await;
    staff.refund_order(&order).pieces(&[(0, 80)]).await.expect_ok();
    let standing = member.standing().await;
    assert_eq!((&standing["tier"]["code"], &standing["tierProgress"]["qualifying"]), (&json!("SILVER"), &json!("0")));
    let last = &standing["tierHistory"]["nodes"][0];
    assert_eq!(
        (&last["from"]["code"], &last["to"]["code"], &last["why"]),
        (&json!("GOLD"), &json!("SILVER"), &json!("RETURNED"))
    );
}

async fn a_tier_is_judged_by_the_sweep_and_shown_before_it(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let mut tiers = three_tiers();
    tiers["graceDays"] = json!(10);
    world.staff().await.create_tiers(tiers).await.expect_ok();
    let member = world.member().await;
    buy(&member, &one, 1_000).await;
    assert_eq!(world.sweep().await, 1, "the member of staff, who was never reckoned");
    let progress = member.standing().await["tierProgress"].clone();
    assert_eq!(progress["keep"], json!({ "tier": { "code": "GOLD" }, "missing": "0", "by": "2026-12-31T16:00:00Z" }));
    assert_eq!((&progress["lostAt"], &progress["next"]), (&json!("2027-01-10T16:00:00Z"), &Json::Null));
    world.travel_to("2027-01-10T16:00:00Z");
    world.sweep().await;
    let progress = member.standing().await["tierProgress"].clone();
    assert_eq!(
        progress["keep"],
        json!({ "tier": { "code": "GOLD" }, "missing": "10000", "by": "2027-12-31T16:00:00Z" })
    );
    world.travel_to("2028-01-10T15:59:59Z");
    assert_eq!((member.tier().await, world.sweep().await), ("GOLD".to_owned(), 0), "the last second of grace");
    world.travel_to("2028-01-10T16:00:00Z");
    assert_eq!(member.tier().await, "BASE", "before anybody has written it");
    assert_eq!(member.standing().await["tierHistory"]["totalCount"], 1);
    assert_eq!(world.sweep().await, 1);
    let history = member.standing().await["tierHistory"].clone();
    let last = json!({ "from": { "code": "GOLD" }, "to": { "code": "BASE" }, "why": "JUDGED",
        "effectiveAt": "2028-01-10T16:00:00Z", "reason": null });
    assert_eq!((&history["totalCount"], &history["nodes"][0]), (&json!(2), &last));
}

async fn staff_protect_a_tier_with_a_reason(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let (staff, member) = (world.staff().await, world.member().await);
    let until = json!("2028-03-01T00:00:00Z");
    staff.protect_tier(&member, until.clone()).await.expect_refused("NO_TIERS");
    staff.create_tiers(three_tiers()).await.expect_ok();
    buy(&member, &one, 500).await;
    staff.protect_tier(&member, json!("2026-11-23T02:00:00Z")).await.expect_refused("UNTIL_INVALID");
    staff.protect_tier(&member, until.clone()).with("reason", json!(" ")).await.expect_refused("REASON_INVALID");
    staff.protect_tier(&staff, until.clone()).await.expect_refused("OWN_TIER");
    staff.protect_tier(&member, until.clone()).with("memberId", json!("x")).await.expect_refused("MEMBER_UNKNOWN");
    let kept = staff.protect_tier(&member, until.clone()).await.expect_ok();
    assert_eq!(kept["tierProgress"], json!({ "protectedUntil": until, "lostAt": "2028-03-01T16:00:00Z" }));
    staff.protect_tier(&member, until).await.expect_ok();
    let history = member.standing().await["tierHistory"].clone();
    assert_eq!(history["totalCount"], 2, "asked for again, it is done");
    assert_eq!((&history["nodes"][0]["why"], &history["nodes"][0]["reason"]), (&json!("PROTECTED"), &Json::Null));
    world.travel_to("2028-03-01T15:59:59Z");
    assert_eq!(member.tier().await, "SILVER");
    world.travel_to("2028-03-01T16:00:00Z");
    assert_eq!(member.tier().await, "BASE");
}

/// Gold by 23 November, due on 23 December, and protected until March: ended in February, it falls one step the next day.
async fn a_protection_that_is_ended_was_there_until_then(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let (staff, member) = (world.staff().await, world.member().await);
    let mut tiers = three_tiers();
    (tiers["window"], tiers["windowDays"], tiers["downgrade"]) = (json!("ROLLING_DAYS"), json!(30), json!("ONE_DOWN"));
    staff.create_tiers(tiers).await.expect_ok();
    buy(&member, &one, 1_000).await;
    staff.protect_tier(&member, json!("2027-03-01T00:00:00Z")).await.expect_ok();
    world.travel_to("2027-02-20T02:00:00Z");
    world.sweep().await;
    let staff = staff.another_session().await;
    let mut ended = json!({ "protectedUntil": null, "lostAt": "2027-02-20T16:00:00Z" });
    for _ in 0..2 {
        assert_eq!(staff.protect_tier(&member, Json::Null).await.expect_ok()["tierProgress"], ended);
        assert_eq!((member.tier().await, world.sweep().await), ("GOLD".to_owned(), 0));
    }
    ended["protectedUntil"] = json!("2027-02-20T02:00:01Z");
    let shorter = staff.protect_tier(&member, ended["protectedUntil"].clone()).await.expect_ok();
    assert_eq!(shorter["tierProgress"], ended);
    world.travel_to("2027-02-20T16:00:00Z");
    assert_eq!(member.tier().await, "SILVER", "before anybody has written it");
    assert_eq!(world.sweep().await, 1);
    let standing = member.standing().await;
    let history = standing["tierHistory"]["nodes"].as_array().expect("steps");
    let steps: Vec<_> = history.iter().map(|step| &step["why"]).collect();
    assert_eq!(steps, ["JUDGED", "PROTECTED", "PROTECTED", "PROTECTED", "QUALIFIED"], "once, and nothing in the past");
    assert_eq!(
        (&history[0]["to"]["code"], &history[0]["effectiveAt"]),
        (&json!("SILVER"), &json!("2027-02-20T16:00:00Z"))
    );
    assert_eq!(standing["tierProgress"]["judgedAt"], "2027-03-22T16:00:00Z", "thirty days from then");
}

/// 6,000 in 2027 are not enough for gold: in the days of grace it is 2028 that counts.
async fn what_keeps_a_tier_is_what_is_missing_in_the_days_of_grace(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let (staff, member) = (world.staff().await, world.member().await);
    let mut tiers = three_tiers();
    tiers["graceDays"] = json!(365);
    staff.create_tiers(tiers).await.expect_ok();
    buy(&member, &one, 1_000).await;
    let keep = async || {
        let progress = member.standing().await["tierProgress"].clone();
        (progress["keep"]["missing"].clone(), progress["keep"]["by"].clone(), progress["lostAt"].clone())
    };
    world.travel_to("2027-06-01T02:00:00Z");
    buy(&member.another_session().await, &one, 400).await;
    assert_eq!(keep().await, (json!("0"), Json::Null, json!("2027-12-31T16:00:00Z")), "2026 was enough");
    world.travel_to("2027-12-31T15:59:59Z");
    assert_eq!(keep().await.0, "0");
    world.travel_to("2027-12-31T16:00:00Z");
    world.sweep().await;
    let lost = json!("2028-12-30T16:00:00Z");
    assert_eq!(keep().await, (json!("10000"), lost.clone(), lost.clone()), "6,000 of 2027 are over");
    world.travel_to("2028-03-01T02:00:00Z");
    let here = member.another_session().await;
    buy(&here, &one, 600).await;
    assert_eq!(keep().await, (json!("1000"), lost.clone(), lost.clone()));
    buy(&here, &one, 100).await;
    assert_eq!(keep().await.0, "0");
    world.travel_to("2028-12-30T16:00:00Z");
    world.sweep().await;
    assert_eq!(member.tier().await, "GOLD");
    assert_eq!(member.standing().await["tierHistory"]["totalCount"], 1);
}

async fn merging_keeps_the_higher_tier_and_counts_together(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let (staff, old, new) = (world.staff().await, world.member().await, world.member().await);
    staff.create_tiers(three_tiers()).await.expect_ok();
    buy(&old, &one, 600).await;
    let order = buy(&new, &one, 100).await;
    staff.merge(&old, &new).await.expect_ok();
    let standing = new.standing().await;
    assert_eq!(
        (&standing["tier"]["code"], &standing["tierProgress"]["qualifying"]),
        (&json!("SILVER"), &json!("7000"))
    );
    assert_eq!(standing["tierHistory"]["nodes"][0]["why"], "MERGED");
    buy(&new, &one, 300).await;
    assert_eq!(new.tier().await, "GOLD", "10,000 together");
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(new.tier().await, "SILVER");
    // Two of whom neither had reached it have reached it together.
    let (left, right) = (world.member().await, world.member().await);
    for member in [&left, &right] {
        buy(member, &one, 250).await;
    }
    staff.merge(&left, &right).await.expect_ok();
    assert_eq!(right.tier().await, "SILVER");
}

/// The higher tier is protected as it was; of equal ones, the longer protection stays. In both directions.
async fn protection_comes_along_with_the_higher_tier(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let staff = world.staff().await;
    staff.create_tiers(three_tiers()).await.expect_ok();
    let until = json!("2030-01-01T00:00:00Z");
    for (yuan, expected) in [(1_000, &Json::Null), (500, &until)] {
        for is_turned in [false, true] {
            let (silver, other) = (world.member().await, world.member().await);
            buy(&silver, &one, 500).await;
            staff.protect_tier(&silver, until.clone()).await.expect_ok();
            buy(&other, &one, yuan).await;
            let (from, into) = if is_turned { (&other, &silver) } else { (&silver, &other) };
            staff.merge(from, into).await.expect_ok();
            let progress = into.standing().await["tierProgress"].clone();
            assert_eq!((&progress["protectedUntil"], is_turned), (expected, is_turned));
            assert_eq!(progress["judgedAt"], "2026-12-31T16:00:00Z");
        }
    }
}

async fn what_was_recorded_counts_by_any_measure(world: World) {
    let tea = world.product("tea").price("30.00").await;
    let (staff, member) = (world.staff().await, world.member().await);
    staff.create_event_type(json!({ "code": "CHECK_IN", "name": "Check-in" })).await.expect_ok();
    let first = member.place_order(&[(&tea, 1)]).await.expect_ok();
    member.place_order(&[(&tea, 1)]).with_points(300).await.expect_ok();
    staff.record_event(&member, "CHECK_IN", "today").await.expect_ok();
    let tiers = json!([{ "code": "A", "name": "A", "threshold": "0" }, { "code": "B", "name": "B", "threshold": "3" }]);
    let set = json!({ "basis": "VISITS", "window": "LIFETIME", "tiers": tiers });
    let set = staff.create_tiers(set).await.expect_ok();
    assert_eq!(member.standing().await["tierProgress"]["qualifying"], "3", "from before there were tiers");
    assert_eq!(member.tier().await, "B");
    let set = staff.update_tiers(&set, json!({ "basis": "SPEND" })).await.expect_ok();
    assert_eq!(member.standing().await["tierProgress"]["qualifying"], "5700", "¥60 less ¥3 paid with points");
    staff.update_tiers(&set, json!({ "basis": "VISITS" })).await.expect_ok();
    staff.refund_order(&first).await.expect_ok();
    let progress = member.standing().await["tierProgress"].clone();
    assert_eq!((&progress["qualifying"], &progress["judgedAt"]), (&json!("2"), &Json::Null));
}

async fn an_import_counts_at_its_own_date(world: World) {
    let staff = world.staff().await;
    staff.create_tiers(three_tiers()).await.expect_ok();
    // ¥600 a day before; the world begins in November 2026.
    let member = world.member().with_points(6_000).await;
    assert_eq!(member.tier().await, "SILVER");
    assert_eq!(member.standing().await["tierProgress"]["next"]["missing"], "4000");
}
