//! Races and `kill -9` against real server processes over real HTTP: started by `scripts/storm`.
//!
//! Every command has a key and is remembered with its answer. From the answers alone it follows what must be in the
//! database ([`books`]), and that is compared with what the servers say is there ([`check`]). What it does is told in
//! docs/BENCHMARKS.md.

mod books;
mod buying;
mod check;
mod crowd;
mod deed;
mod dice;
mod kill;
mod million;
mod moving;
mod past;
mod races;
mod returning;
mod shop;
mod verdict;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jifen::base::clock::Clock;

use self::crowd::Storm;
use self::deed::Answer;
use self::kill::Kills;
use self::verdict::Verdict;
use crate::Result;
use crate::door::Door;
use crate::fleet::Fleet;
use crate::place::new_database;

/// What breaks over which shop, and for how long.
#[derive(clap::Args)]
pub struct Args {
    /// Which storms
    #[arg(value_name = "SCENARIO", default_values = ["races", "kill"])]
    scenarios: Vec<Scenario>,
    /// Rounds of `kill`
    #[arg(long, default_value_t = 200)]
    rounds: u64,
    /// Milliseconds of load before a kill, on average
    #[arg(long, default_value_t = 600)]
    load: u64,
    /// Minutes after which `kill` fails if its rounds are not over
    #[arg(long, default_value_t = 60)]
    minutes: u64,
    /// Commands of `million`
    #[arg(long, default_value_t = 1_000_000)]
    commands: u64,
    /// Seconds that no answer of `million` may take
    #[arg(long, default_value_t = 10)]
    bound: u64,
    /// Connections [default: 16 for `kill`, 96 for `million`]
    #[arg(long)]
    connections: Option<usize>,
    /// Members [default: 32, for `million` 256]
    #[arg(long)]
    members: Option<usize>,
    /// Processes over one PostgreSQL; SQLite has one
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=16))]
    processes: u16,
    /// Only these databases, comma-separated
    #[arg(long, value_delimiter = ',', default_values = ["postgres", "sqlite"])]
    databases: Vec<String>,
    /// What decides everything that is random, to repeat a run; drawn from the clock when it is not said
    #[arg(long)]
    seed: Option<u64>,
    /// Write the JSON to this file too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The program under test
    #[arg(long, value_name = "PROGRAM")]
    jifen: PathBuf,
    /// Where the JSON is always written
    #[arg(long, value_name = "FILE")]
    latest: PathBuf,
    /// A PostgreSQL of our own, with fsync on: scripts/services gives it
    #[arg(long, env = "JIFEN_TEST_POSTGRES_URL", hide_env_values = true, value_name = "URL")]
    postgres_url: String,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scenario {
    /// All at once for what is scarce, one key a thousand times, transfers in rings
    Races,
    /// Rounds of mixed load with kill -9 in the middle
    Kill,
    /// Very many commands
    Million,
}

/// How a scenario runs.
pub struct Plan {
    scenario: Scenario,
    rounds: u64,
    load: Duration,
    at_most: Duration,
    commands: u64,
    bound: Duration,
    connections: usize,
    members: usize,
}

impl Scenario {
    fn name(self) -> &'static str {
        match self {
            Scenario::Races => "races",
            Scenario::Kill => "kill",
            Scenario::Million => "million",
        }
    }

    fn plan(self, args: &Args) -> Plan {
        let (connections, members) = if self == Scenario::Million { (96, 256) } else { (16, 32) };
        Plan {
            scenario: self,
            rounds: args.rounds,
            load: Duration::from_millis(args.load),
            at_most: Duration::from_secs(60 * args.minutes),
            commands: args.commands,
            bound: Duration::from_secs(args.bound),
            connections: args.connections.unwrap_or(connections).max(1),
            members: args.members.unwrap_or(members).max(4),
        }
    }
}

pub async fn run(args: Args) -> Result<()> {
    let seed = args.seed.unwrap_or_else(|| Clock::System.now().micros().unsigned_abs());
    let jifen = args.jifen.canonicalize()?;
    let folder = std::env::temp_dir().join(format!("jifen-storm.{}", std::process::id()));
    eprintln!("seed {seed}");
    let mut verdicts = Vec::new();
    for database in &args.databases {
        for scenario in &args.scenarios {
            let plan = scenario.plan(&args);
            let home = folder.join(format!("{database}-{}", scenario.name()));
            let verdict = one(&args, &plan, &jifen, (database, &home), seed).await?;
            eprintln!("{database} {}: {:.0} s", scenario.name(), verdict.took.as_secs_f64());
            verdicts.push(verdict);
        }
    }
    print!("{}", verdict::table(&verdicts));
    let json = serde_json::to_string_pretty(&verdict::json(seed, &verdicts))?;
    for file in [Some(&args.latest), args.out.as_ref()].into_iter().flatten() {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, format!("{json}\n"))?;
    }
    complain(seed, &verdicts, &folder)
}

/// An error with everything that was wrong; the logs are left for whoever looks for the cause.
fn complain(seed: u64, verdicts: &[Verdict], folder: &Path) -> Result<()> {
    let wrong: Vec<_> = verdicts
        .iter()
        .flat_map(|verdict| {
            verdict.wrong.iter().map(move |what| format!("{} {}: {what}", verdict.database, verdict.scenario))
        })
        .collect();
    if wrong.is_empty() {
        std::fs::remove_dir_all(folder)?;
        return Ok(());
    }
    let shown = wrong.iter().take(20).fold(String::new(), |all, what| all + "\n" + what);
    let rest = if wrong.len() > 20 { format!("\n… and {} more", wrong.len() - 20) } else { String::new() };
    Err(format!("seed {seed}; the logs are in {}{shown}{rest}", folder.display()).into())
}

/// One storm over a new database.
async fn one(args: &Args, plan: &Plan, jifen: &Path, (database, home): (&str, &Path), seed: u64) -> Result<Verdict> {
    let name = format!("storm_{}", plan.scenario.name());
    let place = new_database(database, &args.postgres_url, &name, home).await?;
    let processes = if database == "sqlite" { 1 } else { usize::from(args.processes) };
    let mut fleet = Fleet::new(jifen, home, place, processes).await?;
    let sessions = shop::fill(&fleet, plan.members).await?;
    fleet.raise().await?;
    let shop = shop::open_doors(&fleet, &sessions).await?;
    let schema = fleet.tool(&["schema"], &[]).await?;
    let keeps_entries = plan.scenario != Scenario::Million;
    let storm = Storm::new(seed, shop, fleet.doors.clone(), &schema, keeps_entries);
    first_orders(&storm).await?;
    let began = Instant::now();
    let mut kills = Kills::default();
    let outcome = match plan.scenario {
        Scenario::Races => races::run(&storm, &mut fleet).await,
        Scenario::Million => million::run(&storm, &mut fleet, plan).await,
        Scenario::Kill => kill::run(&storm, &mut fleet, plan, &mut kills).await,
    };
    // What cannot even be asked is told with the rest, and with the seed.
    if let Err(cause) = outcome {
        storm.wrong(format!("it broke off: {cause}"));
    }
    let facts = (began.elapsed(), fleet.deadlocks().await?);
    Ok(Verdict::new((fleet.name, plan.scenario.name()), processes, &storm, kills, facts))
}

/// Everybody buys something, so that everybody has points.
async fn first_orders(storm: &Arc<Storm>) -> Result<()> {
    let mut door = Door::new(&storm.doors, 0);
    for whose in 0..storm.shop.members.len() {
        let product = &storm.shop.products[whose % storm.shop.products.len()];
        let command = buying::order(whose, format!("storm-first-{whose}"), product, 30);
        let record = storm.carry_out(&mut door, command).await;
        if !matches!(record.answer, Answer::Done(_)) {
            return Err(format!("the first orders failed: {:?}", record.answer).into());
        }
    }
    Ok(())
}
