//! The points account: balances now and then, and the ledger as its member reads it.

mod account;
mod adjust;
mod hold;
mod key;
mod paying;
mod time;
mod transfer;

use serde_json::{Value as Json, json};

use crate::world::{Client, World, both_databases};

both_databases!(
    the_balance_as_of_any_moment,
    the_ledger_tells_what_happened_in_the_readers_language,
    the_program_is_told_in_words_and_numbers,
    one_program_row_and_an_empty_wallet_are_enough,
);

async fn balance_at(client: &Client, time: &str) -> Json {
    let document = "query($t: DateTime!) { me { pointsAccount { balanceAt(time: $t) } } }";
    client.graphql(document, json!({ "t": time })).await.data()["me"]["pointsAccount"]["balanceAt"].clone()
}

async fn the_balance_as_of_any_moment(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(30).await;
    let member = world.member().await;
    let start = world.now();
    world.wait_minutes(1);
    member.place_order(&[(&tea, 1)]).await.expect_ok();
    let bought = world.now();
    world.wait_minutes(1);
    let between = world.now();
    member.redeem(&reward).await.expect_ok();
    let redeemed = world.now();
    world.wait_minutes(1);
    for (time, points) in [
        ("1970-01-01T00:00:00Z", 0),
        (start.as_str(), 0),
        (&bought, 100),
        (&between, 100),
        (&redeemed, 70),
        (&world.now(), 70),
        ("9999-01-01T00:00:00Z", 70),
    ] {
        assert_eq!(balance_at(&member, time).await, points, "{time}");
    }
    // The moment itself is included, and a microsecond before it is not. Offsets are understood.
    let moment: jiff::Timestamp = bought.parse().expect("RFC 3339");
    let before = (moment - jiff::SignedDuration::from_micros(1)).to_string();
    assert_eq!(balance_at(&member, &before).await, 0);
    let in_shanghai = moment.to_zoned(jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone"));
    let in_shanghai = in_shanghai.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string();
    assert_eq!(balance_at(&member, &in_shanghai).await, 100, "{in_shanghai}");
    for wrong in ["", "yesterday", "2026-11-23", "2026-13-01T00:00:00Z", "\u{0}", "2026-11-23T02:00:00"] {
        let document = "query($t: DateTime!) { me { pointsAccount { balanceAt(time: $t) } } }";
        let answer = member.graphql(document, json!({ "t": wrong })).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{wrong:?}: {}", answer.json);
    }
}

async fn the_ledger_tells_what_happened_in_the_readers_language(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let reward = world.coupon_reward(30).await;
    let member = world.member().with_points(50).await;
    let order = member.place_order(&[(&tea, 1)]).await.expect_ok();
    let redemption = member.redeem(&reward).await.expect_ok();
    let document = "{ me { pointsAccount { pointsLedger { nodes {
        type points balanceAfter reason createdAt order { id imported } redemption { id } } } } } }";
    let read =
        async |client: &Client| client.query(document).await["me"]["pointsAccount"]["pointsLedger"]["nodes"].clone();
    let entries = read(&member).await;
    let reasons = |entries: &Json| {
        (0..3).map(|n| entries[n]["reason"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(reasons(&entries), ["Reward", "Purchase", "Purchase from before the shop moved in"]);
    assert_eq!(reasons(&read(&member.speaking("zh-CN")).await), ["兑换礼品", "购物", "迁移的历史购物"]);
    assert_eq!((&entries[0]["redemption"]["id"], &entries[0]["order"]), (&redemption["id"], &Json::Null));
    assert_eq!((&entries[1]["order"]["id"], &entries[1]["redemption"]), (&order["id"], &Json::Null));
    assert_eq!(entries[2]["order"]["imported"], true);
    assert_eq!(entries[1]["createdAt"], order["placedAt"]);
}

async fn the_program_is_told_in_words_and_numbers(world: World) {
    let program = world
        .visitor()
        .query(
            "{ loyaltyProgram { name version currencyCode timeZone rounding
        earnRate { points money { amount currencyCode } } exchangeRate { points money { amount } } } }",
        )
        .await;
    let expected = json!({ "name": "积分", "version": 1, "currencyCode": "CNY", "timeZone": "Asia/Shanghai", "rounding": "FLOOR",
        "earnRate": { "points": 10, "money": { "amount": "1.00", "currencyCode": "CNY" } },
        "exchangeRate": { "points": 100, "money": { "amount": "1.00" } } });
    assert_eq!(program["loyaltyProgram"], expected);
}

async fn one_program_row_and_an_empty_wallet_are_enough(world: World) {
    let member = world.member().await;
    let account = member.query("{ me { pointsAccount { active balanceAt(time: \"2030-01-01T00:00:00Z\")
        pointsLedger { totalCount nodes { id } pageInfo { hasNextPage startCursor } } } orders { totalCount nodes { id } } coupons { totalCount } } }").await;
    let nothing = json!({ "totalCount": 0, "nodes": [], "pageInfo": { "hasNextPage": false, "startCursor": null } });
    let expected = json!({ "active": 0, "balanceAt": 0, "pointsLedger": nothing });
    assert_eq!(account["me"]["pointsAccount"], expected);
    assert_eq!(account["me"]["orders"], json!({ "totalCount": 0, "nodes": [] }));
}
