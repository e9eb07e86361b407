//! A forger who recomputes every hash passes the proof, and not the comparison with a checkpoint kept elsewhere.

use std::path::{Path, PathBuf};

use crate::ledger::filled::{filled, member_of};
use crate::ledger::{Shop, base, broken};
use jifen::access::token::SigningKey;
use jifen::audit::checkpoint::{self, Statement};
use jifen::audit::report::Report;
use jifen::base::id::{Id, Random};
use jifen::cli::verify::{Keys, prove_and_compare};
use jifen::db::rows;
use jifen::domain::points::entity::{TxnKind, allocation, entry, lot, txn, wallet};
use jifen::domain::points::rule::hash;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

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
            assert_eq!(written.wallets, 14, "{}", base.name);
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
        assert_eq!((compared.name, compared.checked), ("checkpoint-stands", 14));
        assert!(
            report.text().contains("Checkpoint of 20") && report.json().contains("\"wallets\":14"),
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
    let (head, leaves, foot) = (lines[0], &lines[1..lines.len() - 1], lines[lines.len() - 1]);
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
        (text.replace("\"wallets\":14", "\"wallets\":15"), "its signature is not of what it says"),
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
