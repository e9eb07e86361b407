//! A household that earns and spends together and one that is dissolved, and members who were merged.

use jifen::base::id::Id;
use jifen::commit::household::{ChangeHousehold, CreateHousehold, Deed};
use jifen::commit::merge::MergeMembers;
use jifen::domain::points::entity::{HouseholdRole, program};
use jifen::domain::points::rule::purse::Purse;

use super::filled::member_of;
use super::{CHEAP_COUPON, Shop, deeds};
use crate::ledger::deeds::done;

/// Everything that can be between wallets. `program` is the one in force.
pub async fn share(shop: &Shop, program: &program::Model, staff: Id) {
    for name in ["pat", "ray", "sue", "old", "ivy"] {
        shop.register(name).await.expect("the name is free");
    }
    let member = |name: &'static str| member_of(shop, name);
    let (pat, ray, ivy) = (member("pat").await, member("ray").await, member("ivy").await);
    live_together(shop, pat, ray).await;
    let order = dissolve(shop, ivy).await;
    deeds::take_back(shop, ivy, order, 1, program.clone(), "from a household that is no more").await;
    merge(shop, program, (member("old").await, member("sue").await), staff).await;
}

async fn live_together(shop: &Shop, pat: Id, ray: Id) {
    let home = create(shop, pat, "Home").await;
    change(shop, home, pat, ray, Deed::Invite(HouseholdRole::Earner)).await;
    change(shop, home, ray, ray, Deed::Join).await;
    change(shop, home, pat, member_of(shop, "new").await, Deed::Invite(HouseholdRole::Spender)).await;
    let first = deeds::order(shop, ray, &[(0, 10)], "for all of us").await;
    let program = shop.programs.latest();
    deeds::deliver_in(shop, ray, first, &program, vec![home]).await;
    shop.clock.advance(9 * jifen::base::clock::DAY);
    deeds::settle(shop, home).await;
    let mut order = shop.order(pat, &[(1, 2)], None, "with our points");
    (order.points, order.purse) = (100, Purse::Household);
    shop.place(order).await.unwrap().unwrap();
    let mut wish = shop.wish(pat, CHEAP_COUPON, 1, "with our points");
    wish.purse = Purse::Household;
    shop.redeem(wish).await.unwrap().unwrap();
}

/// A household of one, who leaves it: the wallet of an order is theirs by way of another.
async fn dissolve(shop: &Shop, ivy: Id) -> Id {
    let home = create(shop, ivy, "Alone").await;
    let order = deeds::order(shop, ivy, &[(0, 2)], "on my own").await;
    change(shop, home, ivy, ivy, Deed::Leave).await;
    order
}

/// A member with points, pending points and a past; what they bought comes back to the one who stays.
async fn merge(shop: &Shop, program: &program::Model, (old, sue): (Id, Id), staff: Id) {
    shop.import(shop.purchase(old, "O-1", 20_000, 60)).await.unwrap().unwrap();
    shop.import(shop.purchase(old, "O-2", 40_000, 2)).await.unwrap().unwrap();
    shop.redeem(shop.wish(old, CHEAP_COUPON, 1, "redeem")).await.unwrap().unwrap();
    let mut order = shop.order(old, &[(0, 3)], None, "with my points");
    order.points = 200;
    let paid = super::made_id(&shop.place(order).await.unwrap().unwrap(), |order| order.id);
    let command = MergeMembers {
        from_id: old,
        into_id: sue,
        reason: Some("the same person".to_owned()),
        staff_id: staff,
        merger_id: shop.ids.next(),
        seed: shop.ids.next(),
        event_id: shop.ids.next(),
    };
    done(shop, command).await;
    deeds::take_back(shop, sue, paid, 2, program.clone(), "bought as another").await;
}

async fn create(shop: &Shop, member_id: Id, name: &str) -> Id {
    let household_id = shop.ids.next();
    let (seed, event_id) = (shop.ids.next(), shop.ids.next());
    done(shop, CreateHousehold { member_id, name: name.to_owned(), household_id, seed, event_id }).await;
    household_id
}

async fn change(shop: &Shop, household_id: Id, by_id: Id, member_id: Id, deed: Deed) {
    let (merger_id, seed, event_id) = (shop.ids.next(), shop.ids.next(), shop.ids.next());
    done(shop, ChangeHousehold { household_id, by_id, member_id, deed, merger_id, seed, event_id }).await;
}
