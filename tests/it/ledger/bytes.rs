//! No byte of the ledger can be altered unseen.

use crate::ledger::alter::{Column, Table, begin_altering, drop_checks};
use crate::ledger::base;
use crate::ledger::filled::filled;
use jifen::audit::prove;
use jifen::base::id::Random;
use jifen::domain::points::entity::{adjustment, allocation, entry, hold, lot, merger, transfer, txn, wallet};
use sea_orm::QueryResult;

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
        let tx = begin_altering(self.db).await;
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

/// What was asked for and never booked moves no points, and nothing proves what it says. Nor does anything prove what a
/// tier stands on, and until when: it follows from the days on which it was judged, which only the calendar knows.
fn is_free(table: &Table, row: &QueryResult, column: &Column) -> bool {
    let of_tier = column.name.starts_with("tier_") && !matches!(column.name.as_str(), "tier_id" | "tier_changes");
    if table.name == "wallet" && (of_tier || column.name == "joined_at") {
        return true;
    }
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
