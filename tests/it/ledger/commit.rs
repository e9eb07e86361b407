//! What the write path owes to its callers when something goes wrong.

use std::time::Duration;

use crate::ledger::spending::spent_in_order;
use crate::ledger::{CHEAP_COUPON, Shop, base, broken};
use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::command::{Answer, Command, Stop};
use jifen::commit::import_order::Imported;
use jifen::commit::rows::{Changes, Keys, Rows};
use sea_orm::ConnectionTrait;

/// Far longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A command with a defect.
enum Defect {
    InKeys,
    InDecide,
}

impl Command for Defect {
    type Done = ();
    type Rejection = ();

    fn wallet(&self) -> Id {
        Id::nil()
    }

    fn rows(&self) -> usize {
        1
    }

    fn keys(&self, _keys: &mut Keys) {
        assert!(!matches!(self, Defect::InKeys), "a defect in keys()");
    }

    fn decide(&self, _rows: &Rows, _now: Instant) -> Result<(Changes, ()), Stop<()>> {
        panic!("a defect in decide()");
    }
}

/// A lane serves its wallets alone: were it to end, all their commands would wait for ever.
#[tokio::test]
async fn a_panic_never_ends_a_lane() {
    for base in base::each().await {
        let shop = Shop::open(base.db.clone(), 1).await;
        for defect in [Defect::InKeys, Defect::InDecide] {
            let answer = tokio::time::timeout(PATIENCE, shop.committers.submit(defect)).await;
            let answer: Answer<Defect> = answer.expect("the lane still answers");
            assert!(answer.is_err(), "{}", base.name);
        }
        for n in 0..8 {
            let registered = tokio::time::timeout(PATIENCE, shop.register(&format!("member{n}"))).await;
            registered.expect("every lane still answers").expect("the name is free");
        }
        shop.committers.finish().await;
        assert_eq!(broken(&shop.verify().await), Vec::<String>::new());
    }
}

/// When the reply to a COMMIT is lost, the same command is decided again. It finds its own order and says that it added
/// it; a second command for the same purchase is told that it was there.
#[tokio::test]
async fn an_import_decided_again_knows_its_own_order() {
    for base in base::each().await {
        let shop = Shop::open(base.db.clone(), 1).await;
        let member = shop.register("ann").await.unwrap();
        let purchase = shop.purchase(member, "A-1", 5_000, 3);
        for _ in 0..2 {
            let answer = shop.import(purchase.clone()).await.unwrap().unwrap();
            assert_eq!(answer, Imported::Added { points: 500 }, "{}", base.name);
        }
        let told_again = shop.import(shop.purchase(member, "A-1", 5_000, 3)).await.unwrap().unwrap();
        assert_eq!(told_again, Imported::Skipped, "{}", base.name);
        assert_eq!(shop.verify().await.transactions, 1, "{}", base.name);
    }
}

/// A group loads a wallet's first lots only. A lot that is made in that group comes after those that were not loaded, so
/// a redemption in the same group that needs more must ask for them instead of taking the new one.
#[tokio::test]
async fn a_new_lot_waits_behind_those_not_loaded() {
    for base in base::each().await {
        let shop = Shop::open(base.db.clone(), 1).await;
        let member = shop.register("ann").await.unwrap();
        for n in 0..60 {
            shop.import(shop.purchase(member, &format!("A-{n}"), 100, 100 - n)).await.unwrap().unwrap();
        }
        // On this runtime both are queued before the committer runs, and so are one group.
        let order = shop.order(member, &[(0, 1)], None, "order");
        let wish = shop.wish(member, CHEAP_COUPON, 5, "redeem");
        let (placed, redeemed) = tokio::join!(shop.place(order), shop.redeem(wish));
        placed.unwrap().unwrap();
        redeemed.unwrap().unwrap();
        spent_in_order(&shop, member).await;
        assert_eq!(broken(&shop.verify().await), Vec::<String>::new(), "{}", base.name);
    }
}

/// A session that hangs keeps a wallet and a pile locked. Whoever needs neither is served all the same, in every group
/// they share with those who do; and these are served as soon as the rows can be had.
#[tokio::test]
async fn rows_that_others_have_keep_nobody_else_waiting() {
    let Some(base) = base::postgres().await else { return };
    let shop = Shop::open(base.db.clone(), 1).await;
    let [ann, bob, eve] = [shop.register("ann").await, shop.register("bob").await, shop.register("eve").await];
    let (ann, bob, eve) = (ann.unwrap(), bob.unwrap(), eve.unwrap());
    let hanging = shop.db.begin_write().await.unwrap();
    for (table, id) in [("wallet WHERE member_id", ann), ("stock WHERE id", shop.products[2].id)] {
        let sql = format!("SELECT 1 FROM {table} = $1 FOR UPDATE");
        hanging.execute_raw(shop.db.dialect.statement(sql, [id.into()])).await.unwrap();
    }
    let served = async {
        let began = std::time::Instant::now();
        for n in 0..20 {
            let order = shop.order(bob, &[(0, 1)], None, &format!("bob {n}"));
            shop.place(order).await.expect("nothing bob needs is locked").unwrap();
        }
        let spent = began.elapsed();
        hanging.rollback().await.unwrap();
        spent
    };
    let locked_wallet = shop.order(ann, &[(0, 1)], None, "ann");
    let locked_pile = shop.order(eve, &[(2, 1)], None, "eve");
    let (first, second, spent) = tokio::join!(shop.place(locked_wallet), shop.place(locked_pile), served);
    first.expect("ann is served once her wallet is free").unwrap();
    second.expect("eve is served once the pile is free").unwrap();
    assert!(spent < Duration::from_secs(6), "bob waited {spent:?}, which is no better than those who had to");
    shop.committers.finish().await;
    assert_eq!(broken(&shop.verify().await), Vec::<String>::new());
}
