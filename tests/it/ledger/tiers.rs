//! Tiers that members reach, keep and lose.

use std::sync::Arc;

use jifen::base::id::Id;
use jifen::commit::judge_tier::JudgeTier;
use jifen::commit::key::Made;
use jifen::commit::protect_tier::ProtectTier;
use jifen::commit::redeem::Redeem;
use jifen::db::rows;
use jifen::domain::points::entity::program;
use jifen::domain::points::query::newest_version;
use jifen::domain::reward::entity::{reward, tier_price};
use jifen::domain::tier::entity::{Basis, CountedOver, Downgrade, tier, tier_set};

use super::deeds::done;
use super::filled::member_of;
use super::{CHEAP_COUPON, Shop};

/// A set of two tiers, of which a member has reached the upper one, and keeps it for a while.
pub async fn rise(shop: &Shop, program: &program::Model, member_id: Id, staff_id: Id) {
    let newest = newest_version(&shop.db.read, program.id).await.unwrap().expect("a program");
    let set = tier_set::Model {
        id: shop.ids.next(),
        revision: 1,
        program_id: program.id,
        version: newest.version + 1,
        basis: Basis::Visits,
        counted_over: CountedOver::Lifetime,
        counted_days: None,
        downgrade: Downgrade::OneDown,
        grace_days: 0,
        undone_by_returns: true,
        author_id: staff_id,
        created_at: shop.clock.now().micros(),
    };
    let tier = |position| tier::Model {
        set_id: set.id,
        revision: 1,
        position,
        id: shop.ids.next(),
        code: format!("TIER_{position}"),
        name: "Tier".to_owned(),
        threshold: position,
        multiplier: 10_000 + position,
        benefits: "[]".to_owned(),
    };
    let next = program::Model { version: set.version, author_id: Some(staff_id), ..newest };
    let tiers = vec![tier(0), tier(1)];
    let upper = tiers[1].id;
    rows::insert::<tier::Entity>(&shop.db.write, tiers).await.unwrap();
    rows::insert::<tier_set::Entity>(&shop.db.write, vec![set]).await.unwrap();
    rows::insert::<program::Entity>(&shop.db.write, vec![next]).await.unwrap();
    assert!(done(shop, JudgeTier { member_id, seed: shop.ids.next() }).await);
    let (until, reason) = (Some(shop.clock.now().plus(1)), "an example".to_owned());
    done(shop, ProtectTier { member_id, until, reason, staff_id, seed: shop.ids.next() }).await;
    pay_less(shop, upper).await;
}

/// A reward that costs members of a tier a point less, redeemed by one who reached it with a purchase.
async fn pay_less(shop: &Shop, tier_id: Id) {
    let member_id = member_of(shop, "lee").await;
    let cheap = (*shop.rewards[CHEAP_COUPON]).clone();
    let reward = reward::Model { id: shop.ids.next(), points_price: 2, tier_prices: 1, ..cheap };
    let price = tier_price::Model { reward_id: reward.id, revision: 1, tier_id, points_price: 1, money_price: Some(5) };
    rows::insert::<reward::Entity>(&shop.db.write, vec![reward.clone()]).await.unwrap();
    rows::insert::<tier_price::Entity>(&shop.db.write, vec![price.clone()]).await.unwrap();
    let wish = shop.wish(member_id, CHEAP_COUPON, 1, "cheaper");
    let redeemed = done(shop, Redeem { reward: Arc::new(reward), prices: Arc::new(vec![price]), ..wish }).await;
    assert!(matches!(redeemed, Made::Now(redemption) if redemption.priced_for == Some(tier_id)));
}
