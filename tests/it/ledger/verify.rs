//! `jifen verify` finds what was altered, whatever it is.

use std::collections::BTreeSet;

use crate::ledger::alter::{Column, Table, drop_checks, verify_altered};
use crate::ledger::{CHEAP_COUPON, GOODS, SCARCE_COUPON, Shop, base, broken, deeds, returns, sharing};
use jifen::audit::prove;
use jifen::audit::prove_within;
use jifen::audit::report::Report;
use jifen::audit::scope::{Scope, TABLES};
use jifen::base::clock::{DAY, MINUTE};
use jifen::base::id::{Id, Random};
use jifen::commit::hold::Deed;
use jifen::domain::points::entity::{
    ShortfallPolicy, adjustment, allocation, entry, hold, lot, merger, program, transfer, txn, wallet,
};
use sea_orm::QueryResult;

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

#[tokio::test]
async fn honest_books_hold() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        let report = shop.verify().await;
        assert_eq!(broken(&report), Vec::<String>::new(), "{}", base.name);
    }
}

/// The invariants that say nothing of one member.
const OVERALL: [&str; 15] = [
    "adjustment-has-staff",
    "house-balances",
    "household-is-owned",
    "lifetime-is-handed-on",
    "membership-has-household",
    "merged-number-leads-on",
    "merged-wallet-is-empty",
    "merger-is-booked",
    "other-wallet-is-theirs",
    "program-has-no-gap",
    "stock-is-whole",
    "stock-used-is-sold",
    "transfer-is-received",
    "transfers-cancel",
    "txn-has-cause",
];

fn unasked<'a>(all: &'a Report, some: &Report) -> Vec<&'a str> {
    let is_asked = |name: &str| some.outcomes.iter().any(|outcome| outcome.name == name);
    let mut unasked: Vec<&str> =
        all.outcomes.iter().map(|outcome| outcome.name).filter(|name| !is_asked(name)).collect();
    unasked.sort_unstable();
    unasked
}

/// The wallets there are, with whether it is a member's and not a household's.
async fn wallets(shop: &Shop) -> Vec<(Id, bool)> {
    let sql =
        "SELECT w.member_id, m.id IS NOT NULL AS is_member FROM wallet w LEFT JOIN member m ON m.id = w.member_id";
    let found =
        sea_orm::ConnectionTrait::query_all_raw(&shop.db.read, shop.db.dialect.statement(sql, [])).await.unwrap();
    found.iter().map(|row| (row.try_get("", "member_id").unwrap(), row.try_get("", "is_member").unwrap())).collect()
}

/// Each member's books can be proved alone, by every invariant that can be asked of one member; so can a household's, and
/// those of a member who was merged.
#[tokio::test]
async fn the_books_of_one_member_hold_alone() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        let snapshot = shop.db.begin_snapshot().await.unwrap();
        let all = prove(&snapshot).await.unwrap();
        let mut transactions = 0;
        for (id, is_member) in wallets(&shop).await {
            let report = prove_within(&snapshot, Scope::Member(id)).await.unwrap();
            assert_eq!(broken(&report), Vec::<String>::new(), "{}: {id}", base.name);
            let expected = (i64::from(is_member), OVERALL.into());
            assert_eq!((report.members, unasked(&all, &report)), expected, "{}: {id}", base.name);
            transactions += report.transactions;
        }
        assert_eq!(transactions, all.transactions, "{}", base.name);
    }
}

/// What is broken in one member's books is found in them, and not in another's.
#[tokio::test]
async fn a_defect_is_its_members_alone() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        drop_checks(&shop.db).await;
        let (ann, bob) = (member_of(&shop, "ann").await, member_of(&shop, "bob").await);
        let of_ann = "member_id = (SELECT member_id FROM handle WHERE value = 'ann' AND kind = 'USERNAME')";
        for (name, sql) in [
            ("hash-is-of-content", "UPDATE txn SET recorded_at = recorded_at + 1 WHERE seq = 2"),
            ("wallet-is-its-lots", "UPDATE wallet SET posted = posted + 1 WHERE seq > 0"),
            ("number-has-handle", "UPDATE coupon SET code = 'another' WHERE used_at IS NULL"),
        ] {
            let tx = shop.db.begin_write().await.unwrap();
            sea_orm::ConnectionTrait::execute_unprepared(&tx, &format!("{sql} AND {of_ann}")).await.unwrap();
            let found = broken(&prove_within(&tx, Scope::Member(ann)).await.unwrap());
            assert!(found.iter().any(|line| line.starts_with(name)), "{}: {name}: {found:#?}", base.name);
            assert_eq!(broken(&prove_within(&tx, Scope::Member(bob)).await.unwrap()), Vec::<String>::new());
            tx.rollback().await.unwrap();
        }
    }
}

/// A table that is a member's and not known as such would be proved whole for each of them.
#[tokio::test]
async fn every_table_of_members_is_known() {
    let base = base::sqlite().await;
    let sql = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'member_id' \
               WHERE m.type = 'table' AND m.name <> 'handle' ORDER BY m.name";
    let statement = base.db.dialect.statement(sql, []);
    let rows = sea_orm::ConnectionTrait::query_all_raw(&base.db.read, statement).await.unwrap();
    let found: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    let mut known: Vec<String> = TABLES.iter().map(|table| (*table).to_owned()).collect();
    known.sort();
    assert_eq!(found, known);
}

/// An invariant, and statements that break it. `ACCRUAL` stands for the id of the first accrual there is, `NOBODY` for
/// an id that nothing has.
const CASES: &[(&str, &[&str])] = &[
    ("words-are-known", &["UPDATE txn SET kind = 'ACCRUEL' WHERE id = ACCRUAL"]),
    ("currencies-are-known", &["UPDATE product SET currency = 'XXX' WHERE sku = 'SKU-0'"]),
    ("wallet-has-member", &["DELETE FROM member WHERE id IN (SELECT member_id FROM wallet WHERE seq = 0)"]),
    ("member-has-wallet", &["DELETE FROM wallet WHERE seq = 0"]),
    ("row-has-member", &["DELETE FROM member WHERE id IN (SELECT member_id FROM wallet WHERE seq = 0)"]),
    ("txn-has-wallet", &["UPDATE txn SET program_version = 9 WHERE id = ACCRUAL"]),
    ("words-are-known", &["UPDATE program SET validity = 'WEEKS'"]),
    ("program-has-no-gap", &["UPDATE program SET version = 9 WHERE version = 2"]),
    ("order-has-version", &["UPDATE \"order\" SET program_version = 9 WHERE imported"]),
    ("txn-has-cause", &["UPDATE txn SET cause = 'REDEMPTION' WHERE id = ACCRUAL"]),
    ("txn-has-cause", &["DELETE FROM hold"]),
    ("txn-has-cause", &["DELETE FROM order_return"]),
    ("txn-has-cause", &["DELETE FROM transfer"]),
    ("txn-has-cause", &["DELETE FROM adjustment"]),
    ("txn-has-cause", &["UPDATE txn SET source_id = NOBODY WHERE kind = 'EXPIRATION'"]),
    ("entry-has-txn", &["UPDATE entry SET txn_id = NOBODY WHERE txn_id = ACCRUAL"]),
    ("allocation-has-txn-and-lot", &["UPDATE allocation SET lot_id = NOBODY WHERE txn_id = ACCRUAL"]),
    ("lot-has-txn", &["UPDATE lot SET txn_id = NOBODY WHERE txn_id = ACCRUAL"]),
    ("reply-has-result", &["UPDATE idempotency SET result_id = NOBODY WHERE operation = 'redeem'"]),
    ("reply-has-result", &["UPDATE idempotency SET result_id = NOBODY WHERE operation = 'captureHold'"]),
    ("event-within-wallet", &["UPDATE outbox SET wallet_seq = 99 WHERE topic = 'MEMBER_REGISTERED'"]),
    ("entries-sum-to-zero", &["UPDATE entry SET points = points + 1 WHERE position = 0 AND txn_id = ACCRUAL"]),
    ("entries-sum-to-zero", &["DELETE FROM entry WHERE txn_id = ACCRUAL"]),
    ("txn-is-its-entries", &["UPDATE txn SET points = points + 1 WHERE id = ACCRUAL"]),
    ("lots-move-with-accounts", &["UPDATE allocation SET points = points + 1 WHERE txn_id = ACCRUAL"]),
    ("kind-books-its-accounts", &["UPDATE entry SET account = 'ADJUSTED' WHERE position = 1 AND txn_id = ACCRUAL"]),
    ("reversals-have-originals", &["UPDATE txn SET reverses = id WHERE id = ACCRUAL"]),
    ("kind-goes-its-way", &["UPDATE entry SET points = -points WHERE txn_id = ACCRUAL"]),
    ("kind-goes-its-way", &["UPDATE entry SET account = 'AVAILABLE' WHERE account = 'PENDING' AND points < 0"]),
    ("kind-moves-its-buckets", &["UPDATE allocation SET given_to = 'REVOKED' WHERE given_to = 'CONSUMED'"]),
    ("kind-moves-its-buckets", &["UPDATE allocation SET origin_txn_id = NULL WHERE taken_from = 'HELD'"]),
    ("txn-is-its-entries", &["UPDATE txn SET points = 0 WHERE kind = 'HOLD'"]),
    ("txn-is-its-entries", &["UPDATE txn SET points = 0 WHERE kind = 'DEBT_REPAYMENT'"]),
    ("balances-not-negative", &["UPDATE txn SET held_after = -1 WHERE id = ACCRUAL"]),
    ("lifetime-is-earned", &["UPDATE wallet SET lifetime = lifetime + 1 WHERE seq = 2"]),
    ("wallet-is-its-entries", &["UPDATE wallet SET posted = posted + 1 WHERE seq = 2"]),
    ("wallet-is-its-lots", &["UPDATE wallet SET posted = posted + 1 WHERE seq = 2"]),
    ("wallet-in-range", &["UPDATE wallet SET pending = -1 WHERE seq = 2"]),
    ("no-points-beside-debt", &["UPDATE wallet SET debt = 5 WHERE seq = 2"]),
    ("wallet-heads-its-chain", &["UPDATE wallet SET effective_at = effective_at + 1 WHERE seq = 2"]),
    ("wallet-heads-its-chain", &["UPDATE wallet SET seq = 1 WHERE seq = 2"]),
    ("wallet-knows-what-is-due", &["UPDATE lot SET expires_at = activates_at + 1 WHERE remaining > 0"]),
    ("wallet-knows-what-is-due", &["UPDATE wallet SET next_due = NULL WHERE next_due IS NOT NULL"]),
    ("wallet-knows-what-is-due", &["UPDATE wallet SET next_due = next_due + 1 WHERE next_due IS NOT NULL"]),
    ("wallet-knows-what-is-due", &["UPDATE wallet SET next_due = next_due - 1 WHERE next_due IS NOT NULL"]),
    ("wallet-is-its-holds", &["UPDATE hold SET open = open + 1, amount = amount + 1 WHERE open > 0"]),
    ("hold-adds-up", &["UPDATE hold SET open = open + 1"]),
    ("hold-is-booked", &["UPDATE hold SET amount = amount + 1, captured = captured + 1"]),
    ("hold-is-booked", &["UPDATE hold SET reason = NULL"]),
    ("hold-is-booked", &["UPDATE hold SET actor = 'STAFF'"]),
    ("hold-is-booked", &["UPDATE hold SET expires_at = expires_at + 1"]),
    ("hold-is-booked", &["UPDATE hold SET expires_at = expires_at + 3600000000"]),
    ("hold-is-booked", &["UPDATE hold SET txn_id = ACCRUAL"]),
    ("hold-is-used-as-booked", &["UPDATE hold SET captures = captures + 1"]),
    ("hold-is-used-as-booked", &["UPDATE hold SET captured = captured + 1, open = open - 1 WHERE open > 0"]),
    ("hold-is-its-allocations", &["UPDATE allocation SET given_to = 'REMAINING' WHERE taken_from = 'HELD'"]),
    ("transfer-is-sent", &["UPDATE transfer SET points = points + 1"]),
    ("transfer-is-received", &["UPDATE transfer SET to_member_id = NOBODY"]),
    ("transfer-is-received", &["UPDATE txn SET points = points + 1 WHERE kind = 'TRANSFER_IN'"]),
    ("transfer-is-received", &["DELETE FROM transfer"]),
    ("adjustment-is-booked", &["UPDATE adjustment SET points = points + 1"]),
    ("adjustment-is-booked", &["UPDATE adjustment SET reason = 'another'"]),
    ("adjustment-is-booked", &["UPDATE adjustment SET decided_by = NULL WHERE state = 'BOOKED'"]),
    ("adjustment-is-booked", &["UPDATE adjustment SET state = 'BOOKED' WHERE state <> 'BOOKED'"]),
    ("adjustment-is-booked", &["UPDATE adjustment SET state = 'REJECTED' WHERE state = 'BOOKED'"]),
    ("adjustment-is-decided", &["UPDATE adjustment SET created_at = created_at + 1"]),
    ("adjustment-is-decided", &["UPDATE adjustment SET decided_by = requested_by WHERE state = 'BOOKED'"]),
    ("adjustment-is-decided", &["UPDATE adjustment SET decided_at = 5 WHERE state = 'REQUESTED'"]),
    ("adjustment-is-decided", &["UPDATE adjustment SET requested_by = member_id"]),
    ("adjustment-has-staff", &["UPDATE adjustment SET requested_by = NOBODY"]),
    ("adjustment-has-staff", &["UPDATE adjustment SET decided_by = NOBODY WHERE decided_by IS NOT NULL"]),
    ("lot-is-whole", &["UPDATE lot SET remaining = remaining + 1 WHERE txn_id = ACCRUAL"]),
    ("lot-is-its-allocations", &["UPDATE lot SET granted = granted + 1, revoked = 1 WHERE txn_id = ACCRUAL"]),
    ("lot-state-fits", &["UPDATE lot SET activates_at = 5 WHERE state = 'PENDING' AND consumed > 0"]),
    ("lot-state-fits", &["UPDATE lot SET state = 'PENDING' WHERE consumed > 0"]),
    ("allocation-moves", &["UPDATE allocation SET given_to = taken_from WHERE taken_from IS NOT NULL"]),
    ("reversed-at-most-once", &["UPDATE allocation SET origin_txn_id = txn_id, origin_position = 7"]),
    ("reversed-at-most-once", &["UPDATE allocation SET points = points + 1 WHERE taken_from IS NULL"]),
    ("reversed-at-most-once", &["UPDATE allocation SET points = points + 500 WHERE taken_from = 'HELD'"]),
    ("reversed-at-most-once", &["UPDATE allocation SET taken_from = 'REMAINING' WHERE taken_from = 'HELD'"]),
    ("lot-knows-what-came-again", &["UPDATE lot SET reinstated = 0"]),
    ("lot-knows-what-came-again", &["UPDATE lot SET reinstated = 1 WHERE consumed > 0"]),
    ("lot-state-is-booked", &["UPDATE lot SET state = 'ACTIVE' WHERE state = 'PENDING'"]),
    ("lot-state-is-booked", &["UPDATE lot SET state = 'PENDING' WHERE state = 'ACTIVE'"]),
    ("activation-has-lot", &["UPDATE txn SET source_id = NOBODY WHERE kind = 'ACTIVATION'"]),
    ("activation-has-lot", &["UPDATE lot SET activates_at = activates_at + 99000000000"]),
    ("expired-when-due", &["UPDATE lot SET expires_at = expires_at + 1 WHERE expired > 0"]),
    ("lot-dates-are-of-delivery", &["UPDATE lot SET expires_at = expires_at + 1 WHERE state = 'PENDING'"]),
    ("lot-dates-are-of-delivery", &["UPDATE lot SET activates_at = 5, expires_at = 6 WHERE activates_at IS NULL"]),
    ("lot-dates-are-of-delivery", &["UPDATE lot SET activates_at = NULL, expires_at = NULL WHERE state = 'PENDING'"]),
    ("lot-dates-are-of-delivery", &["UPDATE \"order\" SET delivered_at = delivered_at + 86400000000"]),
    ("house-balances", &["UPDATE entry SET points = points - 1 WHERE position = 1 AND txn_id = ACCRUAL"]),
    ("transfers-cancel", &["UPDATE entry SET account = 'TRANSFER' WHERE position = 1 AND txn_id = ACCRUAL"]),
    ("order-is-its-lines", &["UPDATE order_line SET points_earned = points_earned + 1 WHERE position = 1"]),
    ("order-is-its-lines", &["DELETE FROM order_line WHERE position = 1"]),
    ("order-adds-up", &["UPDATE \"order\" SET total = total + 1 WHERE imported"]),
    ("line-adds-up", &["UPDATE order_line SET total = total + 1 WHERE position = 1"]),
    ("line-has-order", &["UPDATE order_line SET product_id = NOBODY WHERE position = 1"]),
    ("line-has-order", &["DELETE FROM \"order\" WHERE NOT imported"]),
    ("order-has-member", &["DELETE FROM member"]),
    ("order-points-are-booked", &["UPDATE \"order\" SET points_earned = points_earned + 1 WHERE imported"]),
    ("order-is-paid", &["UPDATE payment SET amount = amount + 1"]),
    ("order-is-paid", &["UPDATE payment SET currency = 'USD'"]),
    ("order-is-paid", &["UPDATE \"order\" SET points_value = 0 WHERE points_paid > 0"]),
    ("order-points-are-taken", &["UPDATE \"order\" SET points_paid = points_paid + 1 WHERE points_paid > 0"]),
    ("order-points-are-taken", &["UPDATE order_line SET points_value = points_value + 1 WHERE points_paid > 0"]),
    ("order-points-are-taken", &["UPDATE \"order\" SET points_txn_id = NULL WHERE points_paid > 0"]),
    ("order-points-are-taken", &["UPDATE \"order\" SET points_txn_id = ACCRUAL WHERE points_paid > 0"]),
    (
        "order-points-are-taken",
        &[
            "UPDATE order_line SET points_paid = 0, points_value = 0",
            "UPDATE \"order\" SET points_paid = 0, points_value = 0, points_txn_id = NULL",
        ],
    ),
    ("order-has-its-lot", &["UPDATE \"order\" SET lot_id = NULL WHERE imported"]),
    ("order-has-its-lot", &["UPDATE \"order\" SET lot_id = (SELECT id FROM lot WHERE txn_id = ACCRUAL)"]),
    ("order-state-fits", &["UPDATE \"order\" SET status = 'PAID' WHERE status = 'CANCELLED'"]),
    ("order-state-fits", &["UPDATE \"order\" SET status = 'RETURNED' WHERE status = 'PAID'"]),
    ("order-state-fits", &["UPDATE \"order\" SET delivered_at = NULL WHERE status = 'DELIVERED'"]),
    ("order-state-fits", &["UPDATE \"order\" SET status = 'PAID' WHERE imported"]),
    ("line-is-returned-in-part", &["UPDATE order_line SET returned = quantity + 1 WHERE returned > 0"]),
    ("line-is-returned-in-part", &["UPDATE order_line SET money_returned = 1 WHERE returned = 0"]),
    (
        "line-is-returned-in-part",
        &["UPDATE order_line SET points_returned = points_returned - 1 WHERE returned = quantity AND points_paid > 0"],
    ),
    (
        "line-is-returned-in-part",
        &["UPDATE order_line SET money_returned = total + 1 WHERE returned > 0 AND returned < quantity"],
    ),
    ("line-is-its-returns", &["UPDATE order_return_line SET quantity = quantity + 1"]),
    ("line-is-its-returns", &["UPDATE order_line SET money_returned = money_returned - 1 WHERE money_returned > 0"]),
    ("line-is-its-returns", &["DELETE FROM order_return_line"]),
    ("order-is-its-returns", &["UPDATE \"order\" SET money_returned = money_returned + 1"]),
    ("order-is-its-returns", &["UPDATE \"order\" SET points_returned = points_returned + 1"]),
    ("order-is-its-returns", &["UPDATE \"order\" SET points_clawed = points_clawed + 1"]),
    ("order-is-its-returns", &["UPDATE \"order\" SET revision = revision + 1"]),
    ("order-is-its-returns", &["UPDATE \"order\" SET points_clawed = 0", "UPDATE order_return SET points_clawed = 0"]),
    (
        "order-is-its-returns",
        &[
            "UPDATE \"order\" SET money_returned = money_returned + 1000000 WHERE money_returned > 0",
            "UPDATE order_return SET money = money + 1000000",
        ],
    ),
    ("return-is-its-lines", &["UPDATE order_return SET money = money + 1"]),
    ("return-is-its-lines", &["UPDATE order_return SET points_given_back = points_given_back + 1"]),
    ("return-is-its-lines", &["UPDATE order_return SET order_id = NOBODY WHERE NOT restocked"]),
    ("return-is-its-lines", &["UPDATE order_return SET currency = 'USD'"]),
    ("return-is-its-lines", &["UPDATE order_return SET revision = revision + 90"]),
    ("return-is-its-lines", &["UPDATE order_return_line SET return_id = NOBODY WHERE position = 1"]),
    ("return-is-booked", &["UPDATE order_return SET points_forfeited = points_forfeited + 1"]),
    ("return-is-booked", &["UPDATE order_return SET points_clawed = points_clawed + 1"]),
    ("return-is-booked", &["UPDATE order_return SET points_missing = points_missing - 1 WHERE points_missing > 0"]),
    ("return-is-booked", &["UPDATE order_return SET points_written_off = 0"]),
    ("return-is-booked", &["UPDATE order_return SET points_settled = 0"]),
    ("txn-has-cause", &["UPDATE txn SET source_id = NOBODY WHERE cause = 'RETURN' AND kind = 'WRITE_OFF'"]),
    ("txn-is-its-entries", &["UPDATE txn SET points = 0 WHERE kind = 'DEBT_REPAYMENT'"]),
    ("reply-has-result", &["UPDATE idempotency SET result_id = NOBODY WHERE operation = 'cancelOrder'"]),
    ("words-are-known", &["UPDATE order_return SET method = 'CHEQUE'"]),
    ("currencies-are-known", &["UPDATE order_return SET currency = 'XXX'"]),
    ("stock-used-is-sold", &["UPDATE order_return SET restocked = NOT restocked"]),
    ("coupon-is-used-once", &["UPDATE \"order\" SET status = 'PAID' WHERE status = 'CANCELLED'"]),
    ("stock-is-whole", &["UPDATE stock SET remaining = remaining + 1"]),
    ("stock-used-is-sold", &["UPDATE stock SET used = used + 1, remaining = remaining - 1"]),
    ("stock-used-is-sold", &["DELETE FROM stock WHERE used > 0"]),
    ("redemption-is-booked", &["UPDATE redemption SET points = points + 1"]),
    ("redemption-has-coupons", &["DELETE FROM coupon WHERE used_at IS NULL"]),
    ("redemption-has-coupons", &["DELETE FROM reward"]),
    ("coupon-has-redemption", &["UPDATE coupon SET redemption_id = NOBODY WHERE used_at IS NULL"]),
    ("coupon-is-used-once", &["UPDATE coupon SET used_at = NULL WHERE used_at IS NOT NULL"]),
    ("coupon-is-used-once", &["UPDATE coupon SET used_at = NULL, order_id = NULL WHERE used_at IS NOT NULL"]),
    ("coupon-is-used-once", &["UPDATE coupon SET order_id = NOBODY WHERE used_at IS NOT NULL"]),
    ("coupon-is-used-once", &["DELETE FROM coupon WHERE used_at IS NOT NULL"]),
    (
        "coupon-is-used-once",
        &["UPDATE \"order\" SET coupon_id = (SELECT id FROM coupon ORDER BY id LIMIT 1) WHERE NOT imported"],
    ),
    ("discount-has-coupon", &["UPDATE \"order\" SET discount = discount + 1, subtotal = subtotal + 1 WHERE imported"]),
    ("discount-has-coupon", &["UPDATE coupon SET minimum_spend = 99999999 WHERE used_at IS NOT NULL"]),
    ("handle-has-subject", &["UPDATE handle SET subject_id = NOBODY WHERE kind = 'ORDER_NUMBER'"]),
    ("handle-has-subject", &["UPDATE profile SET username = 'mallory' WHERE username = 'ann'"]),
    ("number-has-handle", &["DELETE FROM handle WHERE kind = 'COUPON_CODE'"]),
    ("number-has-handle", &["DELETE FROM handle WHERE value = 'A-1'"]),
    ("number-has-handle", &["UPDATE member SET number = 'another'"]),
    ("profile-has-handles", &["DELETE FROM handle WHERE kind = 'USERNAME'"]),
    ("row-has-member", &["INSERT INTO staff (member_id, created_at) VALUES (NOBODY, 0)"]),
    ("staff-session-has-role", &[SESSION_OF_STAFF]),
    ("chain-is-readable", &["UPDATE entry SET account = 'ISSUEE' WHERE position = 1 AND txn_id = ACCRUAL"]),
    ("chain-is-gapless", &["DELETE FROM txn WHERE seq = 1"]),
    ("chain-goes-forward", &["UPDATE txn SET effective_at = 1 WHERE seq = 2"]),
    ("chain-is-linked", &["UPDATE txn SET prev_hash = hash WHERE seq = 2"]),
    ("chain-is-linked", &["UPDATE txn SET hash = prev_hash WHERE seq = 1"]),
    ("balances-run", &["UPDATE txn SET available_after = available_after + 1 WHERE id = ACCRUAL"]),
    ("parts-are-numbered", &["UPDATE entry SET position = 5 WHERE position = 1 AND txn_id = ACCRUAL"]),
    ("hash-is-of-content", &["UPDATE txn SET recorded_at = recorded_at + 1 WHERE id = ACCRUAL"]),
    ("hash-is-of-content", &["UPDATE lot SET activates_at = activates_at - 1 WHERE txn_id = ACCRUAL"]),
    ("new-wallet-is-fresh", &["UPDATE wallet SET effective_at = 5 WHERE seq = 0"]),
    ("new-wallet-is-fresh", &["UPDATE wallet SET head_hash = (SELECT hash FROM txn LIMIT 1) WHERE seq = 0"]),
    ("wallet-has-member", &["DELETE FROM household"]),
    ("txn-has-cause", &["DELETE FROM merger"]),
    ("membership-is-on-wallet", &["UPDATE wallet SET household_role = 'OWNER' WHERE household_role = 'EARNER'"]),
    ("membership-is-on-wallet", &["UPDATE wallet SET household_id = NULL, household_role = NULL"]),
    ("membership-is-on-wallet", &["UPDATE household_member SET state = 'JOINED', joined_at = created_at"]),
    ("membership-has-household", &["UPDATE household_member SET invited_by = NOBODY"]),
    ("membership-has-household", &["UPDATE household_member SET joined_at = NULL"]),
    ("household-is-owned", &["UPDATE household_member SET role = 'SPENDER'"]),
    ("household-is-owned", &["UPDATE wallet SET merged_into = NULL"]),
    ("merged-wallet-is-empty", &["UPDATE wallet SET merged_into = NULL"]),
    ("merged-wallet-is-empty", &["UPDATE wallet SET debt = 1 WHERE merged_into IS NOT NULL"]),
    ("merger-is-booked", &["UPDATE merger SET points = points + 1"]),
    ("merger-is-booked", &["UPDATE merger SET debt = debt + 1"]),
    ("merger-is-booked", &["UPDATE merger SET created_at = created_at + 1"]),
    ("merger-is-booked", &["UPDATE merger SET reason = 'another'"]),
    (
        "merged-number-leads-on",
        &["UPDATE handle SET member_id = subject_id WHERE subject_id <> member_id AND kind = 'MEMBER_NUMBER'"],
    ),
    ("merged-number-leads-on", &["DELETE FROM handle WHERE subject_id <> member_id AND kind = 'MEMBER_NUMBER'"]),
    (
        "merger-is-booked",
        &["UPDATE txn SET source_part = source_part + 7 WHERE kind = 'TRANSFER_OUT' AND cause = 'MERGER'"],
    ),
    (
        "txn-has-cause",
        &[
            "UPDATE \"order\" SET earned_in = (SELECT member_id FROM wallet WHERE seq = 0 LIMIT 1) WHERE lot_id IS NOT NULL",
        ],
    ),
    ("lifetime-is-handed-on", &["UPDATE wallet SET lifetime = lifetime + 1 WHERE merged_into IS NULL"]),
    ("lifetime-is-earned", &["UPDATE wallet SET lifetime = 1 WHERE merged_into IS NOT NULL"]),
    ("other-wallet-is-theirs", &["UPDATE \"order\" SET earned_in = NOBODY WHERE earned_in IS NOT NULL"]),
    ("other-wallet-is-theirs", &["UPDATE redemption SET spent_from = member_id"]),
    ("order-has-its-lot", &["UPDATE \"order\" SET earned_in = NULL"]),
    ("order-points-are-booked", &["UPDATE \"order\" SET earned_in = NULL"]),
    ("order-points-are-taken", &["UPDATE \"order\" SET spent_from = NULL"]),
    ("redemption-is-booked", &["UPDATE redemption SET spent_from = NULL"]),
    (
        "handle-has-subject",
        &["UPDATE handle SET subject_id = member_id WHERE subject_id <> member_id AND kind = 'MEMBER_NUMBER'"],
    ),
    ("words-are-known", &["UPDATE household_member SET role = 'CHILD'"]),
    // Rows that cannot even be summed are a finding and not a failure.
    ("wallet-is-its-lots", &["UPDATE lot SET remaining = 9223372036854775807"]),
];

/// A session with a role that its member does not have.
const SESSION_OF_STAFF: &str = "INSERT INTO session (member_id, id, refresh_hash, created_at, expires_at, staff) \
     SELECT id, id, head_hash, 0, 0, TRUE FROM member JOIN wallet ON member_id = id WHERE seq = 0";

/// The first accrual there is.
const ACCRUAL: &str = "(SELECT id FROM txn WHERE kind = 'ACCRUAL' ORDER BY member_id, seq LIMIT 1)";

#[tokio::test]
async fn each_invariant_finds_what_breaks_it() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        drop_checks(&shop.db).await;
        let honest = shop.verify().await;
        for (name, statements) in CASES {
            let nobody = shop.db.dialect.highest_id();
            let statements: Vec<String> =
                statements.iter().map(|sql| sql.replace("ACCRUAL", ACCRUAL).replace("NOBODY", nobody)).collect();
            let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
            let report = verify_altered(&shop.db, &statements).await;
            let found = broken(&report);
            assert!(found.iter().any(|line| line.starts_with(name)), "{}: {name}: {found:#?}", base.name);
        }
        let told: BTreeSet<&str> = honest.outcomes.iter().map(|outcome| outcome.name).collect();
        let tried: BTreeSet<&str> = CASES.iter().map(|(name, _)| *name).collect();
        assert_eq!(told, tried, "each invariant is broken by a case, and each case is of an invariant");
        assert_eq!(broken(&shop.verify().await), Vec::<String>::new(), "what was altered has been put back");
    }
}

#[tokio::test]
async fn the_first_bad_row_is_named() {
    let base = base::sqlite().await;
    let shop = filled(base.db.clone()).await;
    let ann = member_of(&shop, "ann").await;
    let id = format!("x'{}'", ann.simple());
    let alteration = format!("UPDATE txn SET recorded_at = 1 WHERE member_id = {id} AND seq >= 2");
    let report = verify_altered(&shop.db, &[&alteration]).await;
    let outcome = report.outcomes.iter().find(|outcome| outcome.name == "hash-is-of-content").unwrap();
    let first = outcome.first.as_ref().expect("two rows were altered");
    assert_eq!((first.member_id, first.seq), (Some(ann), Some(2)));
    assert!(first.number.as_ref().is_some_and(|number| number.starts_with("2026")), "{first:?}");
    let told: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!(told["ok"], false);
    assert!(report.text().contains(&format!("member {} ({ann}), transaction 2", first.number.as_ref().unwrap())));
}

fn ledger_tables() -> [Table; 9] {
    [
        Table::of::<txn::Entity>(),
        Table::of::<entry::Entity>(),
        Table::of::<allocation::Entity>(),
        Table::of::<wallet::Entity>(),
        Table::of::<lot::Entity>(),
        Table::of::<hold::Entity>(),
        Table::of::<transfer::Entity>(),
        Table::of::<adjustment::Entity>(),
        Table::of::<merger::Entity>(),
    ]
}

/// Rows of each table that are altered first: every column of each, one byte, and then the whole row taken away.
const SAMPLE: usize = 3;
/// Alterations at the least, the rest of them by chance; `JIFEN_TEST_ALTERATIONS` makes them more.
const ALTERATIONS: usize = 400;

#[tokio::test]
async fn no_byte_of_the_ledger_can_be_altered_unseen() {
    let seed = seed();
    let wanted =
        std::env::var("JIFEN_TEST_ALTERATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(ALTERATIONS);
    for base in base::each().await {
        println!("{}: JIFEN_TEST_SEED={seed} JIFEN_TEST_ALTERATIONS={wanted}", base.name);
        let random = Random::seeded(seed);
        let shop = filled(base.db.clone()).await;
        drop_checks(&shop.db).await;
        let mut altering = Altering { db: &shop.db, seen: 0, refused: 0, unseen: Vec::new() };
        let mut tables = Vec::new();
        for table in ledger_tables() {
            let rows = table.rows(&shop.db).await;
            for row in pick(&random, (0..rows.len()).collect(), SAMPLE) {
                for column in table.columns.iter().map(Some).chain([None]) {
                    altering.alter(&table, &rows[row], column, &random).await;
                }
            }
            tables.push((table, rows));
        }
        let total: usize = tables.iter().map(|(_, rows)| rows.len()).sum();
        while altering.seen < wanted {
            // Every row of the ledger as likely as any other.
            let mut place = number(&random, total);
            let found =
                tables.iter().find(|(_, rows)| place.checked_sub(rows.len()).map(|rest| place = rest).is_none());
            let (table, rows) = found.expect("there are so many rows");
            let column = table.columns.get(number(&random, table.columns.len() + 1));
            altering.alter(table, &rows[place], column, &random).await;
        }
        let Altering { seen, refused, unseen, .. } = altering;
        println!("{}: {seen} alterations seen, {refused} refused by an index", base.name);
        assert!(unseen.is_empty(), "{}: JIFEN_TEST_SEED={seed}: not seen: {unseen:#?}", base.name);
    }
}

struct Altering<'a> {
    db: &'a jifen::db::Db,
    seen: usize,
    refused: usize,
    unseen: Vec<String>,
}

impl Altering<'_> {
    /// Alters a cell, or takes the row away, and looks whether that is seen.
    async fn alter(&mut self, table: &Table, row: &QueryResult, column: Option<&Column>, random: &Random) {
        if column.is_some_and(|column| is_free(table, row, column)) {
            return;
        }
        let tx = self.db.begin_write().await.unwrap();
        let done = match column {
            Some(column) => table.alter(&tx, row, column, random).await,
            None => table.delete(&tx, row).await,
        };
        match done {
            // A unique index may stand in the way of an alteration that would make two rows one.
            Err(_) => self.refused += 1,
            Ok(told) => match prove(&tx).await.unwrap().broken() {
                0 if is_harmless(&told) => {}
                0 => self.unseen.push(told),
                _ => self.seen += 1,
            },
        }
        tx.rollback().await.unwrap();
    }
}

/// What was asked for and never booked moves no points, and nothing proves what it says.
fn is_free(table: &Table, row: &QueryResult, column: &Column) -> bool {
    table.name == "adjustment"
        && matches!(column.name.as_str(), "points" | "reason")
        && row.try_get::<String>("", "state").unwrap() != "BOOKED"
}

/// A wallet that forgets a moment at which nothing is due any more knows better than before.
fn is_harmless(told: &str) -> bool {
    told.starts_with("wallet.next_due") && told.ends_with("to BigInt(None)")
}

fn number(random: &Random, below: usize) -> usize {
    (u64::from_le_bytes(random.bytes()) % below as u64) as usize
}

/// Some of the rows, by chance.
fn pick<T>(random: &Random, mut rows: Vec<T>, count: usize) -> Vec<T> {
    let mut picked = Vec::with_capacity(count);
    while !rows.is_empty() && picked.len() < count {
        picked.push(rows.swap_remove(number(random, rows.len())));
    }
    picked
}

/// `JIFEN_TEST_SEED` repeats a run.
fn seed() -> u64 {
    let given = std::env::var("JIFEN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| u64::from_le_bytes(Random::System.bytes()))
}
