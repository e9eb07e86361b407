//! Changing tiers: whose tier stays, until which day, and what returns still undo.

use serde_json::{Value as Json, json};

use crate::world::shop::Product;
use crate::world::tier::three_tiers;
use crate::world::{Member, World, both_databases};

both_databases!(
    words_that_are_changed_leave_the_day_of_judgement,
    rolling_days_run_on_through_changes,
    a_return_undoes_through_a_change_of_words_and_not_of_its_threshold,
    what_was_overdue_is_judged_by_the_tiers_of_before,
    nobody_in_their_days_of_grace_loses_any,
    who_is_in_longer_days_of_grace_is_not_looked_at,
    many_revisions_are_read_in_two_statements,
    a_threshold_has_an_upper_bound,
    another_window_never_brings_the_day_forward,
    every_revision_since_the_last_step_is_gone_through,
    a_preview_says_what_the_change_does,
    a_preview_says_who_would_lose_a_tier,
);

/// The tiers of a set as they are, to be changed.
fn tiers_of(set: &Json) -> Json {
    let fields = ["id", "code", "threshold", "multiplier"];
    let tiers = set["tiers"].as_array().expect("tiers").iter().map(|tier| {
        let mut kept: Json = fields.iter().map(|field| ((*field).to_owned(), tier[*field].clone())).collect();
        kept["name"] = tier["code"].clone();
        kept
    });
    tiers.collect()
}

/// Other words for a tier, and a larger multiplier.
fn renamed(set: &Json, at: usize, name: &str) -> Json {
    let mut tiers = tiers_of(set);
    (tiers[at]["name"], tiers[at]["multiplier"]) = (json!(name), json!("2"));
    tiers[at]["benefits"] = json!([{ "key": "GIFT", "text": name }]);
    json!({ "tiers": tiers })
}

/// The three tiers with some settings of their own, and a member whose first order, for 1,000 pieces of a product, makes them
/// gold.
async fn gold(world: &World, settings: Json) -> (Product, Member, Member, Json) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let (staff, member) = (world.staff().await, world.member().await);
    let mut tiers = three_tiers();
    for (field, value) in settings.as_object().expect("settings") {
        tiers[field] = value.clone();
    }
    let set = staff.create_tiers(tiers).await.expect_ok();
    member.place_order(&[(&one, 1_000)]).await.expect_ok();
    (one, staff, member, set)
}

/// Gold reached in 2026, nothing bought in 2027, and other words in the days of grace.
async fn words_that_are_changed_leave_the_day_of_judgement(world: World) {
    let (_, staff, member, set) = gold(&world, json!({ "graceDays": 30 })).await;
    world.travel_to("2028-01-10T02:00:00Z");
    let staff = staff.another_session().await;
    let set = staff.update_tiers(&set, renamed(&set, 2, "Golden")).await.expect_ok();
    for _ in 0..2 {
        let progress = member.standing().await["tierProgress"].clone();
        let days = (&progress["judgedAt"], &progress["lostAt"]);
        assert_eq!(days, (&json!("2027-12-31T16:00:00Z"), &json!("2028-01-30T16:00:00Z")));
        world.sweep().await;
    }
    staff.update_tiers(&set, renamed(&set, 1, "Silver")).await.expect_ok();
    world.travel_to("2028-01-30T15:59:59Z");
    assert_eq!(member.tier().await, "GOLD", "the last second of grace");
    world.sweep().await;
    world.travel_to("2028-01-30T16:00:00Z");
    assert_eq!((member.tier().await, world.sweep().await), ("BASE".to_owned(), 1));
    let history = member.standing().await["tierHistory"].clone();
    let last = &history["nodes"][0];
    assert_eq!((&history["totalCount"], &last["why"]), (&json!(2), &json!("JUDGED")));
    assert_eq!(last["effectiveAt"], "2028-01-30T16:00:00Z");
}

/// 90 days from 23 November are over on 21 February, when it is judged however often names were changed meanwhile.
async fn rolling_days_run_on_through_changes(world: World) {
    let (_, staff, member, mut set) = gold(&world, json!({ "window": "ROLLING_DAYS", "windowDays": 90 })).await;
    let judged = member.standing().await["tierProgress"]["judgedAt"].clone();
    for moment in ["2026-12-20T02:00:00Z", "2027-01-20T02:00:00Z", "2027-02-15T02:00:00Z"] {
        world.travel_to(moment);
        let staff = staff.another_session().await;
        set = staff.update_tiers(&set, renamed(&set, 2, moment)).await.expect_ok();
        world.sweep().await;
        assert_eq!(member.standing().await["tierProgress"]["judgedAt"], judged);
    }
    // The 90 days before 21 February begin on 23 November: it is confirmed once, until 22 May.
    world.travel_to("2027-05-21T15:59:59Z");
    assert_eq!(member.tier().await, "GOLD");
    world.travel_to("2027-05-21T16:00:00Z");
    assert_eq!(member.tier().await, "BASE");
}

async fn a_return_undoes_through_a_change_of_words_and_not_of_its_threshold(world: World) {
    let one = world.product("one").price("1.00").stock(1_000_000).await;
    let (staff, ann, bob) = (world.staff().await, world.member().await, world.member().await);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let of_ann = ann.place_order(&[(&one, 1_000)]).await.expect_ok();
    let of_bob = bob.place_order(&[(&one, 1_000)]).await.expect_ok();
    // Other words, another tier's threshold, and one tier more between.
    let mut other = renamed(&set, 2, "Golden");
    other["tiers"][1]["threshold"] = json!("4000");
    let more = json!({ "code": "MORE", "name": "More", "threshold": "6000" });
    other["tiers"].as_array_mut().expect("tiers").insert(2, more);
    let set = staff.update_tiers(&set, other).await.expect_ok();
    world.sweep().await;
    staff.refund_order(&of_ann).await.expect_ok();
    let standing = ann.standing().await;
    assert_eq!((&standing["tier"]["code"], &standing["tierProgress"]["qualifying"]), (&json!("BASE"), &json!("0")));
    assert_eq!(standing["tierHistory"]["nodes"][0]["why"], "RETURNED");
    // Its own threshold: what was reached by another is no longer undone.
    let mut other = json!({ "tiers": tiers_of(&set) });
    other["tiers"][3]["threshold"] = json!("9000");
    staff.update_tiers(&set, other).await.expect_ok();
    staff.refund_order(&of_bob).await.expect_ok();
    assert_eq!(bob.tier().await, "GOLD");
    assert_eq!(bob.standing().await["tierProgress"]["lostAt"], "2026-12-31T16:00:00Z", "until it is judged");
}

/// A minute after midnight on 1 January 2028 nobody has been judged yet. A threshold that is lowered then spares nobody.
async fn what_was_overdue_is_judged_by_the_tiers_of_before(world: World) {
    let (one, staff, member, set) = gold(&world, json!({})).await;
    world.travel_to("2027-06-01T02:00:00Z");
    member.another_session().await.place_order(&[(&one, 300)]).await.expect_ok();
    world.travel_to("2027-12-31T16:01:00Z");
    let mut other = json!({ "tiers": tiers_of(&set) });
    (other["tiers"][1]["threshold"], other["tiers"][2]["threshold"]) = (json!("3000"), json!("4600"));
    staff.another_session().await.update_tiers(&set, other).await.expect_ok();
    assert_eq!(member.tier().await, "SILVER", "4,500 of 2027 by the thresholds of now");
    world.sweep().await;
    let history = member.standing().await["tierHistory"].clone();
    let steps: Vec<_> = history["nodes"].as_array().expect("steps").iter().map(|step| &step["why"]).collect();
    assert_eq!(steps, ["TIERS_CHANGED", "JUDGED", "QUALIFIED"], "judged by those of before, raised by those of now");
    assert_eq!(history["nodes"][1]["to"]["code"], "BASE");
    assert_eq!(history["nodes"][1]["effectiveAt"], "2027-12-31T16:00:00Z");
}

/// Fewer days of grace hold for who is judged from then on; more hold for all.
async fn nobody_in_their_days_of_grace_loses_any(world: World) {
    let (one, staff, member, set) = gold(&world, json!({ "graceDays": 30 })).await;
    let lost = async |at: &str| {
        let progress = member.standing().await["tierProgress"].clone();
        assert_eq!(progress["lostAt"], at);
    };
    world.travel_to("2028-01-10T02:00:00Z");
    let staff = staff.another_session().await;
    let set = staff.update_tiers(&set, json!({ "graceDays": 0 })).await.expect_ok();
    lost("2028-01-30T16:00:00Z").await;
    world.sweep().await;
    let set = staff.update_tiers(&set, renamed(&set, 2, "Golden")).await.expect_ok();
    lost("2028-01-30T16:00:00Z").await;
    let set = staff.update_tiers(&set, json!({ "graceDays": 40 })).await.expect_ok();
    lost("2028-02-09T16:00:00Z").await;
    staff.update_tiers(&set, json!({ "graceDays": 5 })).await.expect_ok();
    world.travel_to("2028-02-09T15:59:59Z");
    world.sweep().await;
    assert_eq!(member.tier().await, "GOLD");
    world.travel_to("2028-02-09T16:00:00Z");
    assert_eq!((member.tier().await, world.sweep().await), ("BASE".to_owned(), 1));
    // Whoever is judged after it has what there is then.
    member.another_session().await.place_order(&[(&one, 1_000)]).await.expect_ok();
    lost("2029-01-05T16:00:00Z").await;
}

/// Judged on 1 January with thirty days of grace, which are ten from the 5th on: until the 31st no sweep has to lock them.
async fn who_is_in_longer_days_of_grace_is_not_looked_at(world: World) {
    let (_, staff, member, set) = gold(&world, json!({ "graceDays": 30 })).await;
    world.travel_to("2028-01-05T02:00:00Z");
    let staff = staff.another_session().await;
    let set = staff.update_tiers(&set, json!({ "graceDays": 10 })).await.expect_ok();
    world.sweep().await;
    staff.update_tiers(&set, renamed(&set, 2, "Golden")).await.expect_ok();
    world.sweep().await;
    for moment in ["2028-01-10T16:00:00Z", "2028-01-20T02:00:00Z", "2028-01-30T15:59:59Z"] {
        world.travel_to(moment);
        world.take_statements();
        assert_eq!((world.sweep().await, member.tier().await), (0, "GOLD".to_owned()));
        let locks = world.take_statements().into_iter().filter(|sql| sql.contains("newest_version"));
        assert_eq!(locks.count(), 0, "nobody can be judged at {moment}");
    }
    world.travel_to("2028-01-30T16:00:00Z");
    assert_eq!((world.sweep().await, member.tier().await), (1, "BASE".to_owned()));
}

/// Seventy revisions in a member's days of grace, for a process that knows none of them.
async fn many_revisions_are_read_in_two_statements(world: World) {
    use crate::world::Settings;
    let (one, staff, member, mut set) = gold(&world, json!({ "graceDays": 30 })).await;
    world.travel_to("2027-01-10T02:00:00Z");
    let staff = staff.another_session().await;
    for at in 0..70 {
        set = staff.update_tiers(&set, renamed(&set, 2, &format!("Gold {at}"))).await.expect_ok();
    }
    let (other, member) = (world.another_process(Settings::default()).await, member.another_session().await);
    let there = other.serves(&member);
    let of_tiers = || other.take_statements().iter().filter(|sql| sql.contains("tier_set x")).count();
    of_tiers();
    there.place_order(&[(&one, 1)]).await.expect_ok();
    assert_eq!(of_tiers(), 2, "the newest, and all before it");
    there.place_order(&[(&one, 1)]).await.expect_ok();
    assert_eq!(of_tiers(), 0);
    other.stop().await;
}

async fn a_threshold_has_an_upper_bound(world: World) {
    let (_, staff, _, set) = gold(&world, json!({})).await;
    for (threshold, is_fine) in [(i64::MAX, false), (1_000_000_000_000_001, false), (1_000_000_000_000_000, true)] {
        let mut tiers = tiers_of(&set);
        tiers[2]["threshold"] = json!(threshold.to_string());
        let change = staff.update_tiers(&set, json!({ "tiers": tiers }));
        if is_fine {
            change.await.expect_ok();
        } else {
            let refused = world.unchanged_by(change).await.expect_refused("THRESHOLD_INVALID");
            assert!(refused["message"].as_str().is_some_and(|said| said.contains("1,000,000,000,000,000 at most")));
        }
    }
}

async fn another_window_never_brings_the_day_forward(world: World) {
    let (_, staff, member, set) = gold(&world, json!({})).await;
    let judged = async || member.standing().await["tierProgress"]["judgedAt"].clone();
    let set = staff.update_tiers(&set, json!({ "window": "ROLLING_DAYS", "windowDays": 10 })).await.expect_ok();
    assert_eq!(judged().await, "2026-12-31T16:00:00Z", "as it was, which is later than ten days from now");
    world.sweep().await;
    let set = staff.update_tiers(&set, json!({ "windowDays": 60 })).await.expect_ok();
    assert_eq!(judged().await, "2027-01-21T16:00:00Z", "sixty days from the day of the change");
    world.travel_to("2026-12-25T02:00:00Z");
    assert_eq!(judged().await, "2027-01-21T16:00:00Z", "whenever it is written");
    let staff = staff.another_session().await;
    let set = staff.update_tiers(&set, json!({ "window": "LIFETIME" })).await.expect_ok();
    assert_eq!(judged().await, Json::Null);
    world.sweep().await;
    staff.update_tiers(&set, json!({ "window": "CALENDAR_YEAR" })).await.expect_ok();
    assert_eq!(judged().await, "2026-12-31T16:00:00Z");
}

/// Two changes while nobody came: a day that lay between them is judged by the tiers that were in force then.
async fn every_revision_since_the_last_step_is_gone_through(world: World) {
    let (_, staff, member, set) = gold(&world, json!({ "downgrade": "ONE_DOWN" })).await;
    world.travel_to("2027-06-01T02:00:00Z");
    let staff = staff.another_session().await;
    let set = staff.update_tiers(&set, json!({ "downgrade": "TO_QUALIFIED" })).await.expect_ok();
    world.travel_to("2028-02-01T02:00:00Z");
    let staff = staff.another_session().await;
    let set = staff.update_tiers(&set, json!({ "downgrade": "ONE_DOWN", "graceDays": 60 })).await.expect_ok();
    assert_eq!(member.tier().await, "BASE", "not one down: it fell on 1 January");
    world.sweep().await;
    let step = member.standing().await["tierHistory"]["nodes"][0].clone();
    assert_eq!((&step["from"]["code"], &step["to"]["code"]), (&json!("GOLD"), &json!("BASE")));
    assert_eq!(step["effectiveAt"], "2027-12-31T16:00:00Z");
    assert_eq!(set["revision"], 3);
}

async fn a_preview_says_what_the_change_does(world: World) {
    let (_, staff, _, set) = gold(&world, json!({})).await;
    let set = staff.update_tiers(&set, renamed(&set, 2, "Golden")).await.expect_ok();
    world.travel_to("2028-06-01T02:00:00Z");
    let preview = "query($input: UpdateTierSetInput!) { previewTierSet(input: $input) {
        moves { from { code } to { code } members } userErrors { code } } }";
    let mut input = renamed(&set, 1, "Silver");
    (input["id"], input["expectedRevision"]) = (set["id"].clone(), set["revision"].clone());
    let seen = staff.another_session().await.graphql(preview, json!({ "input": input })).await.data();
    let stay = json!([{ "from": { "code": "BASE" }, "to": { "code": "BASE" }, "members": 2 }]);
    assert_eq!(seen["previewTierSet"]["moves"], stay, "who is overdue has fallen already");
}

/// Nobody falls by higher thresholds at once, but it is said whose tier would be lost.
async fn a_preview_says_who_would_lose_a_tier(world: World) {
    let (one, staff, _, set) = gold(&world, json!({})).await;
    let (silver, just_silver) = (world.member().await, world.member().await);
    for (member, yuan) in [(&silver, 700), (&just_silver, 500)] {
        member.place_order(&[(&one, yuan)]).await.expect_ok();
    }
    let preview = "query($input: UpdateTierSetInput!) { previewTierSet(input: $input) {
        moves { from { code } to { code } members } atRisk { tier { code } members newly } userErrors { code } } }";
    let at_risk = async |of_silver: &str, of_gold: &str| {
        let mut tiers = tiers_of(&set);
        (tiers[1]["threshold"], tiers[2]["threshold"]) = (json!(of_silver), json!(of_gold));
        let input = json!({ "id": set["id"], "expectedRevision": set["revision"], "tiers": tiers });
        let seen = staff.another_session().await.graphql(preview, json!({ "input": input })).await.data();
        let moves = seen["previewTierSet"]["moves"].as_array().expect("moves").iter();
        assert!(moves.clone().all(|moved| moved["from"] == moved["to"]), "nobody moves at once");
        seen["previewTierSet"]["atRisk"].clone()
    };
    let risk = |code: &str, members, newly| json!({ "tier": { "code": code }, "members": members, "newly": newly });
    assert_eq!(at_risk("5000", "10000").await, json!([]));
    assert_eq!(at_risk("6000", "10000").await, json!([risk("SILVER", 1, 1)]));
    assert_eq!(at_risk("8000", "10001").await, json!([risk("SILVER", 2, 2), risk("GOLD", 1, 1)]));
    world.travel_to("2027-06-01T02:00:00Z");
    world.sweep().await;
    // Nothing has counted in 2027, so all of them would lose theirs with the thresholds of now, too.
    assert_eq!(at_risk("8000", "10001").await, json!([risk("SILVER", 2, 0), risk("GOLD", 1, 0)]));
}
