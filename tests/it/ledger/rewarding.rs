//! A reward that was changed and has a limit, and one of codes, redeemed and cancelled.

use std::sync::Arc;

use jifen::base::id::Id;
use jifen::commit::cancel_redemption::{CancelRedemption, OPERATION};
use jifen::commit::key::{Key, Made};
use jifen::commit::redeem::Redeem;
use jifen::db::rows;
use jifen::domain::catalog::entity::stock;
use jifen::domain::earning::entity::Period;
use jifen::domain::points::rule::By;
use jifen::domain::reward::entity::{RewardKind, past_reward, redemption, reward};
use jifen::domain::reward::rule::change::past;
use jifen::domain::reward::service::code::{Batch, add_batch};

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
        keeps_pieces: false,
        wallets: vec![member_id],
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
    give_codes(shop, member_id, staff).await;
}

/// A reward of four codes, of which two were given out, the first to a redemption that was cancelled.
async fn give_codes(shop: &Shop, member_id: Id, staff: Id) {
    let id = shop.ids.next();
    let codes = reward::Model { id, stock_id: Some(id), ..reward::Model::blank(RewardKind::Code, "CNY") };
    let codes = reward::Model { name: "Codes".to_owned(), points_price: 20, ..codes };
    let pile = stock::Model { id, granted: 0, remaining: 0, used: 0 };
    rows::insert::<stock::Entity>(&shop.db.write, vec![pile]).await.unwrap();
    rows::insert::<reward::Entity>(&shop.db.write, vec![codes.clone()]).await.unwrap();
    let added_at = shop.clock.now().micros();
    let batch = Batch { id: shop.ids.next(), reward_id: id, added_at, reply: None };
    let lines = (1..=4).map(|line| (line, format!("PARTNER-{line}"))).collect();
    assert_eq!(add_batch(&shop.db, batch, lines).await.unwrap().unwrap().0, 4);
    let codes = Arc::new(codes);
    let give = async |key: &str| {
        let wish = Redeem { reward: codes.clone(), coupons: Vec::new(), ..shop.wish(member_id, CHEAP_COUPON, 1, key) };
        match done(shop, wish).await {
            Made::Now(redemption) => redemption,
            Made::Before(_) => panic!("the key {key} is new"),
        }
    };
    let redemption = give("a code").await;
    give("another code").await;
    let key = "cancel a code".to_owned();
    let command = CancelRedemption {
        key: Key { member_id, operation: OPERATION, request_hash: key.as_bytes().to_vec(), key },
        reason: None,
        by: By::staff(staff),
        redemption,
        codes: Vec::new(),
        keeps_pieces: true,
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
