//! Whether those who read reports wait: what finance and marketing ask, of a running server over a large ledger.
//!
//! An answer within seconds is all that is wanted, so the table shows seconds; how long the database takes to add up the
//! same ledger, with nothing asked of it but one sum, stands beside them and says how fast the machine is.

mod question;
mod shop;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant as Stopwatch};

use jifen::base::clock::{Clock, DAY};
use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use sea_orm::ConnectionTrait;

use self::shop::Shop;
use crate::Result;
use crate::fleet::Fleet;
use crate::place::{Folder, new_database};
use crate::report::median;
use crate::seed::told;

/// What nobody minds to wait for a report. The server gives up a request after ten seconds.
const TARGET: Duration = Duration::from_secs(5);
/// The worker closes days in the background. Until it is done reports read the ledger instead.
const UNTIL_CLOSED: Duration = Duration::from_secs(300);

#[derive(clap::Args)]
pub struct Args {
    /// Entries of the ledger
    #[arg(long, default_value_t = 1_000_000)]
    entries: usize,
    /// Purchases that are imported besides
    #[arg(long, default_value_t = 100_000)]
    purchases: usize,
    /// How often each report is asked for
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Only these databases, comma-separated
    #[arg(long, value_delimiter = ',', default_values = ["postgres", "sqlite"])]
    databases: Vec<String>,
    /// The release build that is asked
    #[arg(long, value_name = "PROGRAM")]
    jifen: PathBuf,
    /// A PostgreSQL of our own: scripts/services gives it
    #[arg(long, env = "JIFEN_TEST_POSTGRES_URL", hide_env_values = true, value_name = "URL")]
    postgres_url: String,
}

pub async fn run(args: Args) -> Result<()> {
    let folder = Folder::new("reports")?;
    measure(&args, folder.path()).await
}

async fn measure(args: &Args, folder: &Path) -> Result<()> {
    let jifen = args.jifen.canonicalize()?;
    println!(
        "| database | report | seconds | times one sum over all entries | target |\n| --- | --- | --- | --- | --- |"
    );
    for database in &args.databases {
        let home = folder.join(database);
        let place = new_database(database, &args.postgres_url, "jifen_reports", &home).await?;
        let mut fleet = Fleet::new(&jifen, &home, place, 1).await?;
        let mut shop = Shop::open(&mut fleet, args.entries, args.purchases).await?;
        let db = connect(&Location::parse(&fleet.url)?, 2).await.map_err(told)?;
        until_closed(&db).await?;
        let scan = median(seconds(args.turns, async || one_sum(&db).await).await?.into_iter());
        db.close().await;
        for question in question::all(&shop.tiers) {
            match seconds(args.turns, async || shop.ask(&question).await).await {
                Ok(took) => print(fleet.name, question.what, median(took.into_iter()), scan),
                Err(cause) => println!("| {} | {} | none: {cause} | | missed |", fleet.name, question.what),
            }
        }
        let took = seconds(1, async || shop.simulate(args.purchases).await).await?;
        print(fleet.name, "simulation of all purchases", took[0], scan);
        fleet.still_runs()?;
    }
    Ok(())
}

/// How long something took, each time.
async fn seconds(turns: usize, mut once: impl AsyncFnMut() -> Result<()>) -> Result<Vec<f64>> {
    let mut took = Vec::with_capacity(turns);
    for _ in 0..turns.max(1) {
        let began = Stopwatch::now();
        once().await?;
        took.push(began.elapsed().as_secs_f64());
    }
    Ok(took)
}

/// Waits until the worker has closed all days but those that are just over.
async fn until_closed(db: &Db) -> Result<()> {
    let began = Stopwatch::now();
    let open_since = Clock::System.now().plus(-3 * DAY).micros();
    loop {
        let sql = "SELECT MAX(ended_at) AS ended_at FROM closed_day";
        let row = db.read.query_one_raw(db.dialect.statement(sql, [])).await?.ok_or("a maximum has a row")?;
        if row.try_get::<Option<i64>>("", "ended_at")? > Some(open_since) {
            eprintln!("all days were closed after {:.1?} more", began.elapsed());
            return Ok(());
        }
        if began.elapsed() > UNTIL_CLOSED {
            return Err("the worker does not come to an end of closing days".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The barest question about a whole ledger.
async fn one_sum(db: &Db) -> Result<()> {
    let sql = "SELECT count(*), sum(points) FROM entry WHERE points > 0";
    let row = db.write.query_one_raw(db.dialect.statement(sql, [])).await?;
    row.ok_or("a sum has a row")?;
    Ok(())
}

fn print(database: &str, what: &str, took: f64, scan: f64) {
    let (target, verdict) = (TARGET.as_secs(), if took <= TARGET.as_secs_f64() { "met" } else { "missed" });
    println!("| {database} | {what} | {took:.2} | {:.1} | {target} s {verdict} |", took / scan);
}
