//! Whether the cost of a redemption stays flat: the same command over a small ledger and a large one, turn by turn in one
//! run, with the plans of its statements.
//!
//! Both ledgers are written in bulk, by the product's own rules, so every chain in them is valid. Besides many members
//! with a few entries each, the large one has one wallet with very many.

pub mod books;
mod plans;

use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

use jifen::base::clock::MINUTE;
use jifen::base::id::Id;

use crate::Result;
use crate::flat::books::Books;
use crate::place::{Folder, new_database};
use crate::seed::told;

/// How far the cost may rise from the small ledger to the large one.
const TARGET: f64 = 1.2;
/// Redemptions of a turn.
const TURN: usize = 200;

#[derive(clap::Args)]
pub struct Args {
    /// Ten million entries instead of one
    #[arg(long)]
    full: bool,
    /// Entries of the large ledger, instead of those
    #[arg(long)]
    entries: Option<usize>,
    /// Turns on each ledger
    #[arg(long, default_value_t = 7)]
    turns: usize,
    /// Only these databases, comma-separated
    #[arg(long, value_delimiter = ',', default_values = ["postgres", "sqlite"])]
    databases: Vec<String>,
    /// Show the plans of the statements
    #[arg(long)]
    explain: bool,
    /// A PostgreSQL of our own: scripts/services gives it
    #[arg(long, env = "JIFEN_TEST_POSTGRES_URL", hide_env_values = true, value_name = "URL")]
    postgres_url: String,
}

/// A ledger and how long redemptions took in it.
struct Side {
    books: Books,
    usual: Vec<Duration>,
    crowded: Vec<Duration>,
}

pub async fn run(args: Args) -> Result<()> {
    let large = args.entries.unwrap_or(if args.full { 10_000_000 } else { 1_000_000 });
    let folder = Folder::new("flat")?;
    measure(&args, large, folder.path()).await
}

async fn measure(args: &Args, large: usize, folder: &Path) -> Result<()> {
    println!(
        "| database | wallet | at 10,000 entries | at {large} | ratio | target |\n| --- | --- | --- | --- | --- | --- |"
    );
    for name in &args.databases {
        let mut sides = Vec::new();
        for entries in [10_000, large] {
            let (_, url) = new_database(name, &args.postgres_url, &format!("jifen_flat_{entries}"), folder).await?;
            let begun = Stopwatch::now();
            let books = Books::write(&url, entries, entries / 10, MINUTE).await?;
            eprintln!("{name}: {entries} entries written in {:.1?}", begun.elapsed());
            sides.push(Side { books, usual: Vec::new(), crowded: Vec::new() });
        }
        for turn in 0..args.turns {
            for side in &mut sides {
                let usual = (0..TURN).map(|n| side.books.member(turn * TURN + n)).collect();
                side.usual.extend(redeem(&side.books, usual).await?);
                let crowded = vec![side.books.crowded; TURN / 4];
                side.crowded.extend(redeem(&side.books, crowded).await?);
            }
        }
        let [small, big] = &mut sides[..] else { unreachable!("there are two") };
        print(name, "any of many", &mut small.usual, &mut big.usual);
        print(name, "with a tenth of all entries", &mut small.crowded, &mut big.crowded);
        if args.explain {
            println!("\n{}", plans::of_redeem(&big.books).await?);
        }
        for side in sides {
            side.books.close().await;
        }
    }
    Ok(())
}

/// One redemption after the other, and how long each took from being queued to being durable.
async fn redeem(books: &Books, members: Vec<Id>) -> Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(members.len());
    for member in members {
        let command = books.redemption(member);
        let begun = Stopwatch::now();
        let answer = books.committers.submit(command).await.map_err(told)?;
        took.push(begun.elapsed());
        answer.map_err(|rejection| format!("a redemption was rejected: {rejection:?}"))?;
    }
    Ok(took)
}

fn print(database: &str, wallet: &str, small: &mut [Duration], big: &mut [Duration]) {
    let (small, big) = (median(small), median(big));
    let ratio = big.as_secs_f64() / small.as_secs_f64();
    let verdict = if ratio <= TARGET { "met" } else { "missed" };
    println!("| {database} | {wallet} | {small:.2?} | {big:.2?} | {ratio:.2} | {TARGET} {verdict} |");
}

fn median(took: &mut [Duration]) -> Duration {
    took.sort_unstable();
    took.get(took.len() / 2).copied().unwrap_or_default()
}
