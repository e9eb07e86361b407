//! A reward that was changed and has a limit, redeemed and cancelled.

use std::sync::Arc;

use jifen::base::id::Id;
use jifen::commit::cancel_redemption::{CancelRedemption, OPERATION};
use jifen::commit::key::{Key, Made};
use jifen::commit::redeem::Redeem;
use jifen::db::rows;
use jifen::domain::earning::entity::Period;
use jifen::domain::points::rule::By;
use jifen::domain::reward::entity::{past_reward, redemption, reward};
use jifen::domain::reward::rule::change::past;

use crate::ledger::deeds::done;
use crate::ledger::filled::member_of;
use crate::ledger::{CHEAP_COUPON, Shop};

pub async fn redeem_and_cancel(shop: &Shop, staff: Id) {
    shop.register("lee").await.expect("the name is free");
    let member_id = member_of(shop, "lee").await;
    shop.import(shop.purchase(member_id, "R-1", 5_000, 10)).await.unwrap().unwrap();
    let first = reward::Model { id: shop.ids.next(), ..(*shop.rewards[CHEAP_COUPON]).clone() };
    let second = reward::Model {
        revision: 2,
        points_price: first.points_price - 10,
        limit_period: Some(Period::Ever),
        limit_pieces: Some(3),
        ..first.clone()
    };
    rows::insert::<past_reward::Entity>(&shop.db.write, vec![past(&first)]).await.unwrap();
    rows::insert::<reward::Entity>(&shop.db.write, vec![second.clone()]).await.unwrap();
    redeem(shop, member_id, &second, "kept").await;
    let (redemption, codes) = redeem(shop, member_id, &second, "cancelled").await;
    let key = "cancel".to_owned();
    let command = CancelRedemption {
        key: Key { member_id, operation: OPERATION, request_hash: key.as_bytes().to_vec(), key },
        reason: Some("by mistake".to_owned()),
        by: By::staff(staff),
        redemption,
        codes,
        wallets: vec![member_id],
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
}

async fn redeem(shop: &Shop, member_id: Id, reward: &reward::Model, key: &str) -> (redemption::Model, Vec<String>) {
    let wish = shop.wish(member_id, CHEAP_COUPON, 1, key);
    let codes = wish.coupons.iter().map(|(_, code)| code.clone()).collect();
    match done(shop, Redeem { reward: Arc::new(reward.clone()), ..wish }).await {
        Made::Now(redemption) => (redemption, codes),
        Made::Before(_) => panic!("the key {key} is new"),
    }
}
