//! A shop with a past, for those who prove its books.

use crate::ledger::{CHEAP_COUPON, GOODS, SCARCE_COUPON, Shop, deeds, earning, returns, rewarding, sharing, tiers};
use jifen::base::clock::{DAY, MINUTE};
use jifen::base::id::Id;
use jifen::commit::hold::Deed;
use jifen::domain::points::entity::{ShortfallPolicy, program};

/// A shop in which everything has happened at least once.
pub async fn filled(db: jifen::db::Db) -> Shop {
    let shop = Shop::open(db, 1).await;
    for name in ["ann", "bob", "eve", "kim", "zoe", "new"] {
        shop.register(name).await.expect("the name is free");
    }
    let member = |name: &'static str| member_of(&shop, name);
    let (ann, bob, eve) = (member("ann").await, member("bob").await, member("eve").await);
    for (number, amount, days) in [("A-1", 50_000, 90), ("A-2", 2_345, 60), ("A-3", 0, 30)] {
        shop.import(shop.purchase(ann, number, amount, days)).await.unwrap().unwrap();
    }
    shop.import(shop.purchase(eve, "E-1", 77_700, 10)).await.unwrap().unwrap();
    for (who, lines) in [(ann, vec![(0, 3), (1, 1)]), (bob, vec![(2, 1), (3, 7)]), (bob, vec![(3, 1)])] {
        let key = format!("order {lines:?}");
        shop.place(shop.order(who, &lines, None, &key)).await.unwrap().unwrap();
        shop.clock.advance(1_000_000);
    }
    for (who, reward, pieces) in [(ann, CHEAP_COUPON, 2), (bob, GOODS, 1), (ann, SCARCE_COUPON, 1), (eve, GOODS, 2)] {
        let wish = shop.wish(who, reward, pieces, &format!("redeem {reward}"));
        let code = wish.coupons.first().map(|(_, code)| code.clone());
        shop.redeem(wish).await.unwrap().unwrap();
        shop.clock.advance(1_000_000);
        if reward != GOODS {
            let order = shop.order(who, &[(1, 2)], code.as_deref(), &format!("coupon {reward}"));
            shop.place(order).await.unwrap().unwrap();
        }
    }
    let kim = member("kim").await;
    shop.import(shop.purchase(kim, "K-1", 9_900, 20)).await.unwrap().unwrap();
    shop.redeem(shop.wish(kim, CHEAP_COUPON, 1, "redeem")).await.unwrap().unwrap();
    returns::take_orders_back(&shop).await;
    let debtor = deeds::order(&shop, eve, &[(0, 10)], "returned").await;
    let program = deeds::tighten(&shop).await;
    wait_and_return(&shop, &program, bob, (eve, debtor)).await;
    expire(&shop, member("zoe").await, ann).await;
    move_around(&shop, ann, bob, eve).await;
    sharing::share(&shop, &program, bob).await;
    rewarding::redeem_and_cancel(&shop, ann).await;
    shop.count().await;
    shop.close_days().await;
    earning::earn(&shop, &program).await;
    tiers::rise(&shop, &program, member("ivy").await, ann).await;
    shop
}

/// Points that are pending, activate and are taken back while they are, and a debt in each of its ends.
async fn wait_and_return(shop: &Shop, program: &program::Model, bob: Id, (eve, debtor): (Id, Id)) {
    let delivered = deeds::order(shop, bob, &[(0, 10)], "delivered").await;
    deeds::deliver(shop, bob, delivered, program).await;
    shop.clock.advance(9 * DAY);
    deeds::settle(shop, bob).await;
    let waiting = deeds::order(shop, bob, &[(0, 3)], "on its way").await;
    deeds::take_back(shop, bob, waiting, 1, program.clone(), "on its way").await;
    let dated = deeds::order(shop, bob, &[(1, 5)], "delivered later").await;
    deeds::deliver(shop, bob, dated, program).await;
    // Staff takes all but 100 points away, so that a return finds too few.
    let request = deeds::adjust(shop, eve, -10_644, bob, "fraud").await;
    deeds::decide(shop, eve, request, true, member_of(shop, "ann").await).await;
    for (shortfall, name) in [
        (ShortfallPolicy::WriteOff, "written off"),
        (ShortfallPolicy::DeductFromRefund, "settled"),
        (ShortfallPolicy::AllowDebt, "owed"),
    ] {
        let program = deeds::with_shortfall(program, shortfall);
        deeds::take_back(shop, eve, debtor, 3, program, name).await;
    }
}

/// Points that expired before anybody looked, and came again.
async fn expire(shop: &Shop, zoe: Id, staff: Id) {
    shop.import(shop.purchase(zoe, "Z-1", 5_000, 60)).await.unwrap().unwrap();
    deeds::settle(shop, zoe).await;
    deeds::reinstate(shop, zoe, staff).await;
}

/// Holds in every state, a transfer that repays, and corrections in every state.
async fn move_around(shop: &Shop, ann: Id, bob: Id, eve: Id) {
    deeds::hold(shop, bob, 50, 10, "times out").await;
    shop.clock.advance(11 * MINUTE);
    let hold = deeds::hold(shop, bob, 500, 30, "stays open").await;
    deeds::use_hold(shop, bob, hold, Deed::Capture { points: Some(200), finally: false }, "captured").await;
    deeds::use_hold(shop, bob, hold, Deed::Release { points: Some(100) }, "released").await;
    deeds::transfer(shop, ann, eve, 60, "a present").await;
    deeds::adjust(shop, ann, 50, bob, "a kindness").await;
    deeds::adjust(shop, ann, 2_000, bob, "not decided yet").await;
    for (points, approve, name) in [(5_000, true, "approved"), (-3_000, false, "rejected")] {
        let request = deeds::adjust(shop, ann, points, bob, name).await;
        deeds::decide(shop, ann, request, approve, eve).await;
    }
}

pub async fn member_of(shop: &Shop, username: &str) -> Id {
    use sea_orm::ConnectionTrait;
    let sql = "SELECT member_id FROM handle WHERE value = $1 AND kind = 'USERNAME'";
    let statement = shop.db.dialect.statement(sql, [username.into()]);
    shop.db.read.query_one_raw(statement).await.unwrap().unwrap().try_get("", "member_id").unwrap()
}
