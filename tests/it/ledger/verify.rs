//! `jifen verify` finds what was altered, whatever it is.

use std::collections::BTreeSet;

use crate::ledger::alter::{Table, drop_checks, verify_altered};
use crate::ledger::{CHEAP_COUPON, GOODS, SCARCE_COUPON, Shop, base, broken};
use jifen::audit::prove;
use jifen::base::id::Random;
use jifen::domain::points::entity::{allocation, entry, lot, txn, wallet};

/// A shop in which everything has happened at least once.
async fn filled(db: jifen::db::Db) -> Shop {
    let shop = Shop::open(db, 1).await;
    for name in ["ann", "bob", "eve", "new"] {
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
    shop
}

async fn member_of(shop: &Shop, username: &str) -> jifen::base::id::Id {
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
    ("program-has-no-gap", &["UPDATE program SET version = 2"]),
    ("order-has-version", &["UPDATE \"order\" SET program_version = 9 WHERE imported"]),
    ("txn-has-cause", &["UPDATE txn SET cause = 'REDEMPTION' WHERE id = ACCRUAL"]),
    ("entry-has-txn", &["UPDATE entry SET txn_id = NOBODY WHERE txn_id = ACCRUAL"]),
    ("allocation-has-txn-and-lot", &["UPDATE allocation SET lot_id = NOBODY WHERE txn_id = ACCRUAL"]),
    ("lot-has-txn", &["UPDATE lot SET txn_id = NOBODY WHERE txn_id = ACCRUAL"]),
    ("reply-has-result", &["UPDATE idempotency SET result_id = NOBODY WHERE operation = 'redeem'"]),
    ("event-within-wallet", &["UPDATE outbox SET wallet_seq = 99 WHERE topic = 'MEMBER_REGISTERED'"]),
    ("entries-sum-to-zero", &["UPDATE entry SET points = points + 1 WHERE position = 0 AND txn_id = ACCRUAL"]),
    ("entries-sum-to-zero", &["DELETE FROM entry WHERE txn_id = ACCRUAL"]),
    ("txn-is-its-entries", &["UPDATE txn SET points = points + 1 WHERE id = ACCRUAL"]),
    ("lots-move-with-accounts", &["UPDATE allocation SET points = points + 1 WHERE txn_id = ACCRUAL"]),
    ("kind-books-its-accounts", &["UPDATE entry SET account = 'ADJUSTED' WHERE position = 1 AND txn_id = ACCRUAL"]),
    ("reversals-have-originals", &["UPDATE txn SET reverses = id WHERE id = ACCRUAL"]),
    ("balances-not-negative", &["UPDATE txn SET held_after = -1 WHERE id = ACCRUAL"]),
    ("wallet-is-its-entries", &["UPDATE wallet SET posted = posted + 1 WHERE seq = 2"]),
    ("wallet-is-its-lots", &["UPDATE wallet SET posted = posted + 1 WHERE seq = 2"]),
    ("wallet-in-range", &["UPDATE wallet SET pending = -1 WHERE seq = 2"]),
    ("no-points-beside-debt", &["UPDATE wallet SET debt = 5 WHERE seq = 2"]),
    ("wallet-heads-its-chain", &["UPDATE wallet SET effective_at = effective_at + 1 WHERE seq = 2"]),
    ("wallet-heads-its-chain", &["UPDATE wallet SET seq = 1 WHERE seq = 2"]),
    ("wallet-knows-what-is-due", &["UPDATE wallet SET next_due = 1 WHERE seq = 2"]),
    ("wallet-knows-what-is-due", &["UPDATE lot SET expires_at = activates_at + 1 WHERE remaining > 0"]),
    ("lot-is-whole", &["UPDATE lot SET remaining = remaining + 1 WHERE txn_id = ACCRUAL"]),
    ("lot-is-its-allocations", &["UPDATE lot SET granted = granted + 1, revoked = 1 WHERE txn_id = ACCRUAL"]),
    ("lot-state-fits", &["UPDATE lot SET state = 'PENDING' WHERE consumed > 0"]),
    ("allocation-moves", &["UPDATE allocation SET given_to = taken_from WHERE taken_from IS NOT NULL"]),
    ("reversed-at-most-once", &["UPDATE allocation SET origin_txn_id = txn_id, origin_position = 7"]),
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

fn ledger_tables() -> [Table; 5] {
    [
        Table::of::<txn::Entity>(),
        Table::of::<entry::Entity>(),
        Table::of::<allocation::Entity>(),
        Table::of::<wallet::Entity>(),
        Table::of::<lot::Entity>(),
    ]
}

/// Rows of each table that are altered: every column of each, one byte, and then the whole row taken away.
const SAMPLE: usize = 5;

#[tokio::test]
async fn no_byte_of_the_ledger_can_be_altered_unseen() {
    let seed = seed();
    for base in base::each().await {
        let random = Random::seeded(seed);
        let shop = filled(base.db.clone()).await;
        drop_checks(&shop.db).await;
        let (mut seen, mut refused, mut unseen) = (0, 0, Vec::new());
        for table in ledger_tables() {
            let rows = table.rows(&shop.db).await;
            for row in pick(&random, rows, SAMPLE) {
                for column in table.columns.iter().map(Some).chain([None]) {
                    let tx = shop.db.begin_write().await.unwrap();
                    let done = match column {
                        Some(column) => table.alter(&tx, &row, column, &random).await,
                        None => table.delete(&tx, &row).await,
                    };
                    match done {
                        // A unique index may stand in the way of an alteration that would make two rows one.
                        Err(_) => refused += 1,
                        Ok(told) => match prove(&tx).await.unwrap().broken() {
                            0 => unseen.push(told),
                            _ => seen += 1,
                        },
                    }
                    tx.rollback().await.unwrap();
                }
            }
        }
        println!("{}: seed {seed}: {seen} alterations seen, {refused} refused by an index", base.name);
        assert!(unseen.is_empty(), "{}: seed {seed}: not seen: {unseen:#?}", base.name);
        assert!(seen > 250, "{}: only {seen} alterations were tried", base.name);
    }
}

/// Some of the rows, by chance.
fn pick<T>(random: &Random, mut rows: Vec<T>, count: usize) -> Vec<T> {
    let mut picked = Vec::with_capacity(count);
    while !rows.is_empty() && picked.len() < count {
        let [dice] = random.bytes::<1>();
        picked.push(rows.swap_remove(usize::from(dice) % rows.len()));
    }
    picked
}

/// `JIFEN_TEST_SEED` repeats a run.
fn seed() -> u64 {
    let given = std::env::var("JIFEN_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| u64::from_le_bytes(Random::System.bytes()))
}

/// How long a whole history takes; run it by hand: `cargo test --release --test it seventy_thousand -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures"]
async fn seventy_thousand_orders() {
    for base in base::each().await {
        let shop = Shop::open(base.db.clone(), 1).await;
        let mut members = Vec::new();
        let names: Vec<String> = (0..23_500).map(|n| format!("member{n}")).collect();
        for chunk in names.chunks(2_000) {
            let registered = futures_util::future::join_all(chunk.iter().map(|name| shop.register(name))).await;
            members.extend(registered.into_iter().map(|id| id.unwrap()));
        }
        let begun = std::time::Instant::now();
        for chunk in (0..70_000_usize).collect::<Vec<_>>().chunks(2_000) {
            let imports = chunk.iter().map(|n| {
                let member = members[n * 7 % members.len()];
                shop.import(shop.purchase(member, &format!("N-{n}"), 1_000 + *n as i64, 900 - (*n as i64) / 100))
            });
            for done in futures_util::future::join_all(imports).await {
                done.expect("an import is answered").expect("and taken");
            }
        }
        println!("{}: 70,000 orders imported in {:?}", base.name, begun.elapsed());
        for _ in 0..2 {
            let begun = std::time::Instant::now();
            let report = shop.verify().await;
            println!("{}: {} transactions verified in {:?}", base.name, report.transactions, begun.elapsed());
            assert_eq!(broken(&report), Vec::<String>::new());
        }
    }
}
