//! `jifen verify` proves all the books, or those of one member, and names the first row that is wrong.

use std::time::Duration;

use crate::ledger::alter::{begin_altering, drop_checks, verify_altered};
use crate::ledger::filled::{filled, member_of};
use crate::ledger::{Shop, base, broken};
use jifen::audit::report::Report;
use jifen::audit::scope::{Scope, TABLES};
use jifen::audit::{prove, prove_within};
use jifen::base::error::Code;
use jifen::base::id::Id;
use jifen::cli::verify::{Keys, prove_and_compare};
use sea_orm::ConnectionTrait;

#[tokio::test]
async fn honest_books_hold() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        let report = shop.verify().await;
        assert_eq!(broken(&report), Vec::<String>::new(), "{}", base.name);
    }
}

/// The invariants that say nothing of one member.
const OVERALL: [&str; 26] = [
    "adjustment-has-staff",
    "budget-is-its-shares",
    "budget-is-whole",
    "closed-days-are-kept",
    "code-is-given-once",
    "codes-are-the-pile",
    "codes-go-in-order",
    "house-balances",
    "household-is-owned",
    "lifetime-is-handed-on",
    "membership-has-household",
    "merged-number-leads-on",
    "merged-wallet-is-empty",
    "merger-is-booked",
    "other-wallet-is-theirs",
    "program-has-no-gap",
    "reward-has-no-gap",
    "rule-has-no-gap",
    "statistics-are-counted",
    "stock-is-whole",
    "stock-used-is-sold",
    "tier-prices-are-kept",
    "tiers-have-no-gap",
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
    let found = shop.db.read.query_all_raw(shop.db.dialect.statement(sql, [])).await.unwrap();
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
            let tx = begin_altering(&shop.db).await;
            tx.execute_unprepared(&format!("{sql} AND {of_ann}")).await.unwrap();
            let found = broken(&prove_within(&tx, Scope::Member(ann)).await.unwrap());
            assert!(found.iter().any(|line| line.starts_with(name)), "{}: {name}: {found:#?}", base.name);
            assert_eq!(broken(&prove_within(&tx, Scope::Member(bob)).await.unwrap()), Vec::<String>::new());
            tx.rollback().await.unwrap();
        }
    }
}

/// A statement that was cancelled, and one that cannot be run at all, are no findings: nothing is proved.
#[tokio::test]
async fn what_did_not_run_to_its_end_is_no_finding() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        let tx = begin_altering(&shop.db).await;
        tx.execute_unprepared("ALTER TABLE lot RENAME TO gone").await.unwrap();
        let unproved = prove(&tx).await.unwrap_err();
        assert_eq!(unproved.code, Code::Internal, "{}: {unproved:?}", base.name);
        tx.rollback().await.unwrap();
        if !shop.db.dialect.is_embedded() {
            let lock = shop.db.begin_write().await.unwrap();
            lock.execute_unprepared("LOCK TABLE lot IN ACCESS EXCLUSIVE MODE").await.unwrap();
            give_up(&shop).await;
            cancel(&shop).await;
            lock.rollback().await.unwrap();
        }
        assert_eq!(broken(&shop.verify().await), Vec::<String>::new(), "{}", base.name);
    }
}

/// A statement that waits for a locked table takes longer than it may.
async fn give_up(shop: &Shop) {
    let snapshot = shop.db.begin_snapshot().await.unwrap();
    snapshot.execute_unprepared("SET LOCAL statement_timeout = 50").await.unwrap();
    let unproved = prove(&snapshot).await.unwrap_err();
    assert!(format!("{unproved:?}").contains("statement timeout"), "{unproved:?}");
}

/// Somebody cancels a statement of `jifen verify` while it waits for the table.
async fn cancel(shop: &Shop) {
    let cancelled = async {
        let sql = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while shop.db.read.query_all_raw(shop.db.dialect.statement(sql, [])).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let keys = Keys { signing: None, accepted: Vec::new() };
    let (unproved, ()) = tokio::join!(prove_and_compare(&shop.db, &keys, None, None), cancelled);
    let failure = unproved.expect_err("it was cancelled");
    assert_eq!(failure.exit, 2, "{}", failure.message);
    assert!(failure.message.contains("not proved") && failure.message.contains("cancel"), "{}", failure.message);
}

/// A table that is a member's and not known as such would be proved whole for each of them.
#[tokio::test]
async fn every_table_of_members_is_known() {
    let base = base::sqlite().await;
    let sql = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'member_id' \
               WHERE m.type = 'table' AND m.name <> 'handle' ORDER BY m.name";
    let statement = base.db.dialect.statement(sql, []);
    let rows = base.db.read.query_all_raw(statement).await.unwrap();
    let found: Vec<String> = rows.iter().map(|row| row.try_get("", "name").unwrap()).collect();
    let mut known: Vec<String> = TABLES.iter().map(|table| (*table).to_owned()).collect();
    known.sort();
    assert_eq!(found, known);
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
