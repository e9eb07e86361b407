//! A forger who recomputes every hash passes the proof, and not the comparison with a checkpoint kept elsewhere.

use std::path::{Path, PathBuf};

use crate::ledger::filled::{filled, member_of};
use crate::ledger::{Shop, base, broken};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jifen::access::token::SigningKey;
use jifen::audit::checkpoint::{self, Statement};
use jifen::audit::report::Report;
use jifen::base::id::{Id, Random};
use jifen::cli::verify::{Keys, prove_and_compare};
use jifen::db::dialect::hex;
use jifen::db::rows;
use jifen::domain::earning::entity::earning_rule;
use jifen::domain::points::entity::{TxnKind, allocation, entry, lot, program, txn, wallet};
use jifen::domain::points::rule::hash;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

/// How many wallets the filled shop has.
const WALLETS: u64 = 16;

fn keys(seed: u64) -> Keys {
    let key = SigningKey::generate(&Random::seeded(seed));
    Keys { accepted: vec![key.public()], signing: Some(key) }
}

async fn write(shop: &Shop, place: &Path) -> Statement {
    let proved = prove_and_compare(&shop.db, &keys(1), None, Some(place)).await.unwrap();
    assert!(proved.trouble.is_none() && broken(&proved.report).is_empty(), "{proved:?}");
    proved.report.checkpoint.expect("books that hold get a checkpoint")
}

async fn against(shop: &Shop, place: &Path) -> Report {
    let statement = checkpoint::read(place, &keys(1).accepted).unwrap();
    let proved = prove_and_compare(&shop.db, &keys(1), Some((place, statement)), None).await.unwrap();
    assert!(proved.trouble.is_none(), "{proved:?}");
    proved.report
}

/// What the comparison says of the program's versions: what was expected and what is found.
fn program(report: &Report) -> Option<(String, String)> {
    let outcome = report.outcomes.iter().find(|outcome| outcome.name == "program-stands").expect("it was asked");
    outcome.first.as_ref().map(|bad| (bad.expected.clone(), bad.found.clone()))
}

/// Writes a member's whole history anew, with another reason on the first transaction.
async fn forge(shop: &Shop, member: Id) {
    let db = &shop.db.write;
    let mut txns = txn::Entity::find()
        .filter(txn::Column::MemberId.eq(member))
        .order_by_asc(txn::Column::Seq)
        .all(db)
        .await
        .unwrap();
    let (entries, parts, lots) =
        (all::<entry::Entity>(shop).await, all::<allocation::Entity>(shop).await, all::<lot::Entity>(shop).await);
    txns[0].reason = Some("forged".to_owned());
    let mut before = hash::genesis(member, txns[0].program_id);
    for txn in &mut txns {
        let own = |id: Id, of: Id| of == member && id == txn.id;
        let mut entries: Vec<_> = entries.iter().filter(|part| own(part.txn_id, part.member_id)).cloned().collect();
        let mut parts: Vec<_> = parts.iter().filter(|part| own(part.txn_id, part.member_id)).cloned().collect();
        entries.sort_by_key(|part| part.position);
        parts.sort_by_key(|part| part.position);
        let granted = parts.iter().filter(|part| part.taken_from.is_none()).map(|part| part.lot_id);
        let activated = Some(txn.source_id).filter(|_| txn.kind == TxnKind::Activation);
        let found = granted.chain(activated).map(|id| lots.iter().find(|lot| lot.id == id).unwrap().clone());
        let found: Vec<lot::Model> = found.collect();
        txn.prev_hash = before;
        txn.hash = hash::of(txn, &entries, &parts, found.iter());
        before = txn.hash.clone();
    }
    rows::update::<txn::Entity>(db, txns).await.unwrap();
    let wallet = wallet::Entity::find().filter(wallet::Column::MemberId.eq(member)).one(db).await.unwrap().unwrap();
    rows::update::<wallet::Entity>(db, vec![wallet::Model { head_hash: before, ..wallet }]).await.unwrap();
}

async fn all<E: EntityTrait>(shop: &Shop) -> Vec<E::Model> {
    E::find().all(&shop.db.write).await.unwrap()
}

#[tokio::test]
async fn a_history_rewritten_with_all_its_hashes_is_named() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        for name in ["before.txt", "before.txt.gz"] {
            let written = write(&shop, &folder.path().join(name)).await;
            assert_eq!(written.wallets, WALLETS, "{}", base.name);
        }
        let place = folder.path().join("before.txt.gz");
        assert!(std::fs::read(&place).unwrap().starts_with(&[0x1f, 0x8b]));
        // Wallets go on growing, and new ones come.
        let ann = member_of(&shop, "ann").await;
        let last = seq_of(&shop, ann).await;
        shop.register("late").await.unwrap();
        shop.place(shop.order(ann, &[(1, 1)], None, "after the checkpoint")).await.unwrap().unwrap();
        let report = against(&shop, &place).await;
        assert_eq!(broken(&report), Vec::<String>::new(), "{}", base.name);
        let compared = report.outcomes.last().unwrap();
        assert_eq!((compared.name, compared.checked), ("checkpoint-stands", WALLETS as i64));
        assert!(
            report.text().contains("Checkpoint of 20") && report.json().contains(&format!("\"wallets\":{WALLETS}")),
            "{}",
            report.json()
        );
        forge(&shop, ann).await;
        assert_eq!(broken(&shop.verify().await), Vec::<String>::new(), "{}: the forger recomputed all", base.name);
        for name in ["before.txt", "before.txt.gz"] {
            let report = against(&shop, &folder.path().join(name)).await;
            let first = report.outcomes.last().unwrap().first.clone().expect("it is found");
            assert_eq!((report.broken(), first.member_id, first.seq), (1, Some(ann), Some(last)), "{}", base.name);
            assert!(first.number.is_some() && first.found.contains("this transaction or one before it"), "{first:?}");
        }
        // Nor is one taken away.
        let sql = format!("DELETE FROM wallet WHERE member_id = {}", literal(&shop, ann));
        shop.db.write.execute_unprepared(&sql).await.unwrap();
        let report = against(&shop, &place).await;
        let first = report.outcomes.last().unwrap().first.clone().unwrap();
        assert_eq!((first.member_id, first.found.as_str()), (Some(ann), "no such wallet"), "{}", base.name);
    }
}

/// Nothing in the chains covers the rules by which everything was decided; a checkpoint does.
#[tokio::test]
async fn a_version_of_the_program_that_was_altered_is_named() {
    for base in base::each().await {
        let shop = filled(base.db.clone()).await;
        let newest = all::<program::Entity>(&shop).await.into_iter().max_by_key(|program| program.version).unwrap();
        let version = |version: i64| program::Model { version, ..newest.clone() };
        let (unused, later) = (newest.version + 1, newest.version + 2);
        rows::insert::<program::Entity>(&shop.db.write, vec![version(unused)]).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("books.txt");
        write(&shop, &place).await;
        rows::insert::<program::Entity>(&shop.db.write, vec![version(later)]).await.unwrap();
        assert_eq!(program(&against(&shop, &place).await), None, "{}: later versions come", base.name);
        for (column, value) in [
            ("earn_points", "1000"),
            ("shortfall", "'WRITE_OFF'"),
            ("approval_threshold", "99999999"),
            ("author_id", "id"),
            ("time_zone", "'Europe/Berlin'"),
            ("return_window_days", "365"),
            ("earn_on_tax", "NOT earn_on_tax"),
            ("name", "'another'"),
        ] {
            let tx = shop.db.begin_write().await.unwrap();
            let alteration = format!("UPDATE program SET {column} = {value} WHERE version = {unused}");
            tx.execute_unprepared(&alteration).await.unwrap();
            tx.commit().await.unwrap();
            let found = program(&against(&shop, &place).await);
            rows::update::<program::Entity>(&shop.db.write, vec![version(unused)]).await.unwrap();
            let (expected, found) = found.unwrap_or_else(|| panic!("{}: {alteration}", base.name));
            let named = format!("version {unused} with digest ");
            assert!(expected.starts_with(&named) && found.starts_with(&named) && expected != found, "{found}");
        }
        assert_eq!(program(&against(&shop, &place).await), None, "{}: it was put back", base.name);
        // The earning rules that came with a version are part of it.
        let came_with = all::<earning_rule::Entity>(&shop).await[0].version.expect("a rule in force");
        for alteration in [
            "UPDATE earning_rule SET terms = REPLACE(terms, '20000', '30000')",
            "UPDATE earning_rule SET ends_at = 5",
            "DELETE FROM earning_rule WHERE budgeted",
        ] {
            let rules = all::<earning_rule::Entity>(&shop).await;
            shop.db.write.execute_unprepared(alteration).await.unwrap();
            let found = program(&against(&shop, &place).await);
            earning_rule::Entity::delete_many().exec(&shop.db.write).await.unwrap();
            rows::insert::<earning_rule::Entity>(&shop.db.write, rules).await.unwrap();
            let named = format!("version {came_with} with digest ");
            assert!(found.is_some_and(|(_, found)| found.starts_with(&named)), "{}: {alteration}", base.name);
        }
        assert_eq!(program(&against(&shop, &place).await), None, "{}: they were put back", base.name);
        let sql = format!("DELETE FROM program WHERE version >= {unused}");
        shop.db.write.execute_unprepared(&sql).await.unwrap();
        let report = against(&shop, &place).await;
        assert_eq!((report.broken(), program(&report).unwrap().1), (1, format!("no version {unused}")));
        let before = vec![version(unused), version(0)];
        rows::insert::<program::Entity>(&shop.db.write, before).await.unwrap();
        let (expected, found) = program(&against(&shop, &place).await).unwrap();
        assert!(expected == "no version 0" && found.starts_with("version 0 "), "{}: {expected}: {found}", base.name);
    }
}

/// A checkpoint of the first format says nothing of programs, and stays good.
#[tokio::test]
async fn a_checkpoint_of_the_first_format_is_read() {
    let base = base::sqlite().await;
    let shop = filled(base.db.clone()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("books.txt");
    let Statement { taken_at, wallets, root, key, .. } = write(&shop, &place).await;
    let text = std::fs::read_to_string(&place).unwrap();
    let root = hex(&root);
    let signed =
        keys(1).signing.unwrap().sign(format!("jifen-checkpoint 1\n{taken_at}\n{wallets}\n{root}\n{key}\n").as_bytes());
    let head = json!({ "format": "jifen-checkpoint", "version": 1, "takenAt": taken_at, "key": key });
    let foot = json!({ "wallets": wallets, "root": root, "signature": URL_SAFE_NO_PAD.encode(signed) });
    let leaves: Vec<&str> = text.lines().filter(|line| line.split(' ').count() == 4).collect();
    let first = folder.path().join("first.txt");
    std::fs::write(&first, format!("{head}\n{}\n{foot}\n", leaves.join("\n"))).unwrap();
    let report = against(&shop, &first).await;
    let statement = report.checkpoint.as_ref().expect("it was compared");
    assert_eq!((broken(&report), statement.wallets, statement.rules), (Vec::new(), WALLETS, None));
    assert!(report.outcomes.iter().all(|outcome| outcome.name != "program-stands"));
}

fn literal(shop: &Shop, id: Id) -> String {
    if shop.db.dialect.has_one_writer() { format!("x'{}'", id.simple()) } else { format!("'{id}'") }
}

async fn seq_of(shop: &Shop, member: Id) -> i64 {
    all::<wallet::Entity>(shop).await.into_iter().find(|wallet| wallet.member_id == member).unwrap().seq
}

#[tokio::test]
async fn a_checkpoint_that_was_altered_is_refused() {
    let base = base::sqlite().await;
    let shop = filled(base.db.clone()).await;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("books.txt");
    write(&shop, &place).await;
    let text = std::fs::read_to_string(&place).unwrap();
    let refused = |text: &str| {
        let other: PathBuf = folder.path().join("altered.txt");
        std::fs::write(&other, text).unwrap();
        checkpoint::read(&other, &keys(1).accepted).unwrap_err()
    };
    let lines: Vec<&str> = text.lines().collect();
    let wallets = lines.len() - 1 - WALLETS as usize;
    let (head, leaves, foot) = (lines[..wallets].join("\n"), &lines[wallets..lines.len() - 1], lines[lines.len() - 1]);
    let (columns, version) = (lines[1], lines[2]);
    let whole = |leaves: &[&str]| format!("{head}\n{}\n{foot}\n", leaves.join("\n"));
    assert_eq!(whole(leaves), text);
    let mut swapped = leaves.to_vec();
    swapped.swap(0, 1);
    let altered = leaves[2].replace('a', "b");
    for (altered, why) in [
        (whole(&leaves[1..]), "its signature is not of what it says"),
        (whole(&swapped), "its signature is not of what it says"),
        (text.replace(leaves[2], &altered), "its signature is not of what it says"),
        (text.replace("\"takenAt\":\"20", "\"takenAt\":\"19"), "its signature is not of what it says"),
        (text.replace("\"signature\":\"", "\"signature\":\"A"), "its signature is not of what it says"),
        (text.replace(&format!("\"wallets\":{WALLETS}"), "\"wallets\":99"), "its signature is not of what it says"),
        (text.replace(version, &version.replace(" 1 ", " 7 ")), "its signature is not of what it says"),
        (text.replace(columns, &columns.replace(" earn_points", "")), "its signature is not of what it says"),
        (text.replace("\"versions\":", "\"versions\":1"), "its lines about programs cannot be read"),
        (text.replace(&format!("{version}\n"), ""), "its lines about programs cannot be read"),
        (text.replace("\"version\":2", "\"version\":1"), "is no checkpoint of jifen"),
        (text.replace("\"rules\":\"", "\"rules\":\"0"), "its signature is not of what it says"),
        (text.replace(foot, ""), "cannot be read"),
        (format!("{head}\n"), "it is not whole"),
        (format!("{text}{foot}\n"), "it goes on after its end"),
        (text.replace(leaves[0], "nobody"), "one of its lines cannot be read"),
        ("{}\n".to_owned(), "is no checkpoint of jifen"),
        (String::new(), "is no checkpoint of jifen"),
    ] {
        let told = refused(&altered);
        assert!(told.contains(why), "{told}");
    }
    let told = checkpoint::read(&place, &keys(2).accepted).unwrap_err();
    assert!(told.contains("signed by another key"), "{told}");
    let told = checkpoint::read(&folder.path().join("none.txt"), &keys(1).accepted).unwrap_err();
    assert!(told.contains("cannot be read"), "{told}");
    // An older checkpoint is not written over, and books that do not hold get none; but what was proved is told.
    let proved = prove_and_compare(&shop.db, &keys(1), None, Some(&place)).await.unwrap();
    let trouble = proved.trouble.expect("the file is there");
    assert_eq!((trouble.exit, proved.report.broken(), proved.report.checkpoint), (2, 0, None));
    assert!(trouble.message.contains("is there already"), "{}", trouble.message);
    shop.db.write.execute_unprepared("UPDATE wallet SET next_due = 5").await.unwrap();
    let other = folder.path().join("broken.txt");
    let report = prove_and_compare(&shop.db, &keys(1), None, Some(&other)).await.unwrap().report;
    assert!(report.broken() > 0 && report.checkpoint.is_none() && !other.exists());
}
