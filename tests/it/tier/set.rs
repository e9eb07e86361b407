//! Setting tiers, and who would move.

use serde_json::{Value as Json, json};

use crate::world::tier::three_tiers;
use crate::world::{World, both_databases};

both_databases!(
    a_program_has_one_set_in_revisions,
    what_is_wrong_is_named_where_it_is,
    a_preview_says_who_would_move_and_moves_nobody,
);

async fn a_program_has_one_set_in_revisions(world: World) {
    let (staff, member) = (world.staff().await, world.member().await);
    let nothing = "{ loyaltyProgram { tiers { revision } } me { tier { code } tierProgress { qualifying } } }";
    let seen = member.query(nothing).await;
    assert_eq!(seen["me"], json!({ "tier": null, "tierProgress": null }));
    assert_eq!(seen["loyaltyProgram"]["tiers"], Json::Null);
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    assert_eq!(
        (&set["revision"], &set["programVersion"], &set["undoneByReturns"]),
        (&json!(1), &json!(2), &json!(true))
    );
    assert_eq!(set["tiers"][2]["benefits"][0], json!({ "key": "FREE_SHIPPING", "text": "包邮" }));
    assert_eq!((&set["tiers"][2]["multiplier"], &set["tiers"][2]["threshold"]), (&json!("1.5"), &json!("10000")));
    staff.create_tiers(three_tiers()).await.expect_refused("SET_EXISTS");
    assert_eq!(member.query("{ me { tier { code } } }").await["me"]["tier"]["code"], "BASE");
    let changed = staff.update_tiers(&set, json!({ "window": "ROLLING_DAYS", "windowDays": 365 })).await.expect_ok();
    assert_eq!((&changed["revision"], &changed["windowDays"]), (&json!(2), &json!(365)));
    assert_eq!(changed["tiers"][1]["id"], set["tiers"][1]["id"], "tiers keep their ids");
    let refused = staff.update_tiers(&set, json!({ "graceDays": 3 })).await.expect_refused("REVISION_CONFLICT");
    assert_eq!(refused["currentRevision"], 2);
    let same = staff.update_tiers(&changed, json!({ "windowDays": 365 })).await.expect_ok();
    assert_eq!(same["revision"], 2, "nothing is different");
    let node =
        "query($id: ID!) { node(id: $id) { __typename ... on Tier { code position } ... on TierSet { revision } } }";
    let tier = member.graphql(node, json!({ "id": set["tiers"][1]["id"] })).await.data();
    assert_eq!(tier["node"], json!({ "__typename": "Tier", "code": "SILVER", "position": 1 }));
    let found = member.graphql(node, json!({ "id": set["id"] })).await.data();
    assert_eq!(found["node"]["revision"], 2);
}

async fn what_is_wrong_is_named_where_it_is(world: World) {
    let staff = world.staff().await;
    let with = |at: usize, field: &str, value: Json| {
        let mut input = three_tiers();
        input["tiers"][at][field] = value;
        input
    };
    for (input, code, path) in [
        (with(0, "threshold", json!("1")), "THRESHOLD_INVALID", json!(["input", "tiers", "0", "threshold"])),
        (with(2, "threshold", json!("5000")), "THRESHOLD_INVALID", json!(["input", "tiers", "2", "threshold"])),
        (with(1, "code", json!("silver")), "CODE_INVALID", json!(["input", "tiers", "1", "code"])),
        (with(1, "code", json!("BASE")), "CODE_REPEATED", json!(["input", "tiers", "1", "code"])),
        (with(1, "multiplier", json!("0.99")), "MULTIPLIER_INVALID", json!(["input", "tiers", "1", "multiplier"])),
        (with(1, "multiplier", json!("1.00001")), "MULTIPLIER_INVALID", json!(["input", "tiers", "1", "multiplier"])),
        (with(1, "id", json!("x")), "TIER_UNKNOWN", json!(["input", "tiers", "1", "id"])),
    ] {
        let refused = staff.create_tiers(input).await.expect_refused(code);
        assert_eq!(refused["path"], path);
    }
    let mut input = three_tiers();
    (input["windowDays"], input["graceDays"], input["tiers"]) = (json!(5), json!(400), json!([]));
    let answer = staff.create_tiers(input).await.answer;
    assert_eq!(answer.codes(), ["WINDOW_DAYS_INVALID", "GRACE_DAYS_INVALID", "TIER_COUNT_INVALID"]);
}

const PREVIEW: &str = "query($input: UpdateTierSetInput!, $first: Int, $after: String) {
    previewTierSet(input: $input, first: $first, after: $after) {
        moves { from { code } to { code } members }
        movers { pageInfo { hasNextPage endCursor } nodes { member { id } from { code } to { code } } }
        userErrors { code } } }";

async fn a_preview_says_who_would_move_and_moves_nobody(world: World) {
    let tea = world.product("tea").price("600.00").await;
    let staff = world.staff().await;
    let set = staff.create_tiers(three_tiers()).await.expect_ok();
    let (ann, bob) = (world.member().await, world.member().await);
    for member in [&ann, &bob] {
        member.place_order(&[(&tea, 1)]).await.expect_ok();
    }
    let lower = json!([
        { "id": set["tiers"][0]["id"], "code": "BASE", "name": "Member", "threshold": "0" },
        { "id": set["tiers"][2]["id"], "code": "GOLD", "name": "Gold", "threshold": "6000" },
    ]);
    let input = json!({ "id": set["id"], "expectedRevision": 1, "tiers": lower });
    let seen = staff.graphql(PREVIEW, json!({ "input": input, "first": 1 })).await.data();
    let seen = &seen["previewTierSet"];
    let moves = json!([
        { "from": { "code": "BASE" }, "to": { "code": "BASE" }, "members": 1 },
        { "from": { "code": "SILVER" }, "to": { "code": "GOLD" }, "members": 2 },
    ]);
    assert_eq!(seen["moves"], moves, "{seen}");
    let page = &seen["movers"];
    assert_eq!((&page["nodes"][0]["member"]["id"], &page["pageInfo"]["hasNextPage"]), (&json!(ann.id), &json!(true)));
    let after = &page["pageInfo"]["endCursor"];
    let rest = staff.graphql(PREVIEW, json!({ "input": input, "first": 5, "after": after })).await.data();
    let rest = rest["previewTierSet"]["movers"].clone();
    assert_eq!((&rest["nodes"][0]["member"]["id"], &rest["pageInfo"]["hasNextPage"]), (&json!(bob.id), &json!(false)));
    assert_eq!(ann.tier().await, "SILVER", "nothing was changed");
    staff.update_tiers(&set, json!({ "tiers": lower })).await.expect_ok();
    assert_eq!(ann.tier().await, "GOLD", "seen before any sweep");
    assert_eq!(world.sweep().await, 3, "every wallet is reckoned by the newest tiers");
    assert_eq!(bob.standing().await["tierHistory"]["nodes"][0]["why"], "TIERS_CHANGED");
}
