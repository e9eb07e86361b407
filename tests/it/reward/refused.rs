//! Every reason for which points are not redeemed.

use jifen::gql::id::{NodeKind, global};
use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    too_few_points,
    a_reward_nobody_knows,
    a_quantity_that_cannot_be,
    a_reward_that_is_sold_out,
    a_key_that_is_no_text,
    the_words_are_in_the_readers_language,
);

async fn too_few_points(world: World) {
    let reward = world.coupon_reward(100).await;
    let (poor, rich) = (world.member().await, world.member().with_points(250).await);
    for (member, pieces, required, active) in [(&poor, 1, 100, 0), (&rich, 3, 300, 250), (&rich, 100, 10_000, 250)] {
        let redemption = world.unchanged_by(member.redeem(&reward).times(pieces)).await;
        let error = redemption.expect_refused("NOT_ENOUGH_POINTS");
        assert_eq!((&error["requiredPoints"], &error["activePoints"]), (&json!(required), &json!(active)));
        assert_eq!((&error["path"], &error["availableQuantity"]), (&json!(["input", "rewardId"]), &Json::Null));
    }
    rich.redeem(&reward).times(2).await.expect_ok();
}

async fn a_reward_nobody_knows(world: World) {
    let tea = world.product("tea").await;
    let member = world.member().with_points(1_000).await;
    let unknown = global(NodeKind::Reward, world.app.ids.next()).to_string();
    for id in [unknown.as_str(), &tea.id, &member.id, "", "x", "\u{0}", "🎁"] {
        let error = world.unchanged_by(member.redeem_of(id)).await.expect_refused("REWARD_UNKNOWN");
        assert_eq!(error["path"], json!(["input", "rewardId"]), "{id:?}");
        assert_eq!((&error["requiredPoints"], &error["activePoints"]), (&Json::Null, &Json::Null));
    }
}

async fn a_quantity_that_cannot_be(world: World) {
    let reward = world.coupon_reward(1).await;
    let dear = world.coupon_reward(i64::from(i32::MAX)).await;
    let member = world.member().with_points(1_000).await;
    for pieces in [0, -1, 101, i64::from(i32::MAX), i64::from(i32::MIN)] {
        let error = world.unchanged_by(member.redeem(&reward).times(pieces)).await.expect_refused("BAD_QUANTITY");
        assert_eq!(error["path"], json!(["input", "quantity"]), "{pieces}");
    }
    assert_eq!(member.redeem(&reward).times(1 << 40).await.answer.code(), "BAD_USER_INPUT");
    world.unchanged_by(member.redeem(&dear).times(100)).await.expect_refused("NOT_ENOUGH_POINTS");
    member.redeem(&reward).times(100).await.expect_ok();
}

async fn a_reward_that_is_sold_out(world: World) {
    let cup = world.product("cup").await;
    let reward = world.goods_reward(&cup, 10).pieces(2).await;
    let member = world.member().with_points(1_000).await;
    let error = world.unchanged_by(member.redeem(&reward).times(3)).await.expect_refused("REWARD_SOLD_OUT");
    assert_eq!((&error["availableQuantity"], &error["path"]), (&json!(2), &json!(["input", "quantity"])));
    member.redeem(&reward).times(2).await.expect_ok();
    let error = world.unchanged_by(member.redeem(&reward)).await.expect_refused("REWARD_SOLD_OUT");
    assert_eq!(error["availableQuantity"], 0);
    let coupons = world.coupon_reward(10).pieces(1).await;
    member.redeem(&coupons).await.expect_ok();
    world.unchanged_by(member.redeem(&coupons)).await.expect_refused("REWARD_SOLD_OUT");
}

async fn a_key_that_is_no_text(world: World) {
    let reward = world.coupon_reward(1).await;
    let member = world.member().with_points(10).await;
    for key in ["", "\u{0}", "a\u{1b}b", &"k".repeat(201)] {
        let redemption = world.unchanged_by(member.redeem(&reward).with_key(key)).await;
        assert_eq!(redemption.answer.code(), "BAD_USER_INPUT", "{key:?}");
    }
    member.redeem(&reward).with_key("🔑").await.expect_ok();
}

async fn the_words_are_in_the_readers_language(world: World) {
    let reward = world.coupon_reward(500).await;
    let member = world.member().with_points(30).await;
    let error = member.speaking("zh-CN").redeem(&reward).await.expect_refused("NOT_ENOUGH_POINTS");
    assert_eq!(error["message"], "需要 500 积分，您有 30 积分。");
    let error = member.speaking("en-GB").redeem(&reward).await.expect_refused("NOT_ENOUGH_POINTS");
    assert_eq!(error["message"], "This costs 500 points, and you have 30.");
}
