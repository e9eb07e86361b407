//! The conductor: databases, servers, the order of the measurements, and what they share.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jifen::base::clock::Clock;
use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use sea_orm::ConnectionTrait;

use crate::load::{self, Script, Timing};
use crate::pgbench::Pgbench;
use crate::place::{Folder, make_postgres_database, new_database};
use crate::process::{Process, cpu_seconds, cpu_seconds_of_family, free_address, parent_of};
use crate::report::{Line, Report, Side};
use crate::seed::{self, World, told};
use crate::{Result, footprint, login, nested_read, place_order, preview, rules};

/// What is measured, and for how long.
#[derive(clap::Args)]
pub struct Args {
    /// Short and rough, for development: one round of two seconds
    #[arg(long)]
    quick: bool,
    /// Seconds of each measurement
    #[arg(long, env = "BENCH_SECONDS", default_value_t = 8)]
    seconds: u64,
    /// Seconds before each of them that are not counted
    #[arg(long, env = "BENCH_WARM_UP_SECONDS", default_value_t = 2)]
    warm_up_seconds: u64,
    /// How often each pair is measured, turn by turn
    #[arg(long, env = "BENCH_ROUNDS", default_value_t = 3)]
    rounds: usize,
    /// Only these, comma-separated
    #[arg(long, value_delimiter = ',', default_values = ["place-order", "rules", "preview", "nested-read", "login", "start"])]
    only: Vec<String>,
    /// Only these databases, comma-separated
    #[arg(long, value_delimiter = ',', default_values = ["postgres", "sqlite"])]
    databases: Vec<String>,
    /// Say where PostgreSQL's time goes even when no target was missed
    #[arg(long)]
    explain: bool,
    /// Run jifen with other settings than its own, such as JIFEN_COMMITTERS=4
    #[arg(long, value_name = "NAME=VALUE")]
    setting: Vec<String>,
    /// Write the JSON to this file too
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The release build that is measured
    #[arg(long, value_name = "PROGRAM")]
    jifen: PathBuf,
    /// Where the JSON is always written
    #[arg(long, value_name = "FILE")]
    latest: PathBuf,
    /// A PostgreSQL of our own, with fsync on: scripts/services gives it
    #[arg(long, env = "JIFEN_TEST_POSTGRES_URL", hide_env_values = true, value_name = "URL")]
    postgres_url: String,
}

/// What the measurements share.
pub struct Bench {
    jifen: PathBuf,
    pub folder: PathBuf,
    pub pgbench: Pgbench,
    pub rounds: usize,
    pub explain: bool,
    pub notes: Vec<String>,
    only: Vec<String>,
    settings: Vec<(String, String)>,
    timing: Timing,
    lines: Vec<Line>,
    runs: u64,
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// A database that has been migrated and filled.
pub struct Database {
    pub name: &'static str,
    pub url: String,
    pub db: Db,
    /// PostgreSQL's first process, the parent of the others.
    pub postmaster: Option<u32>,
    /// The key that tokens are signed with.
    key: PathBuf,
    world: Arc<World>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Jifen,
    Plain,
}

/// A running server.
pub struct Server {
    pub process: Process,
    pub address: SocketAddr,
    pub world: Arc<World>,
    log: PathBuf,
    name: &'static str,
}

pub async fn run(args: Args) -> Result<()> {
    let folder = Folder::new("bench")?;
    let url = make_postgres_database(&args.postgres_url, "jifen_bench").await?;
    let seconds = |normal, quick| Duration::from_secs(if args.quick { quick } else { normal });
    let mut bench = Bench {
        jifen: args.jifen.canonicalize()?,
        pgbench: Pgbench::new(&url, folder.path())?,
        folder: folder.path().to_owned(),
        rounds: if args.quick { 1 } else { args.rounds.max(1) },
        explain: args.explain,
        notes: Vec::new(),
        only: args.only.clone(),
        settings: args.setting.iter().filter_map(|setting| setting.split_once('=')).map(owned).collect(),
        timing: Timing { warm_up: seconds(args.warm_up_seconds, 1), measured: seconds(args.seconds.max(1), 2) },
        lines: Vec::new(),
        runs: 0,
    };
    let mut about = about(&bench);
    for database in &args.databases {
        let (name, url) = match database.as_str() {
            // pgbench has its address already.
            "postgres" => ("PostgreSQL", url.clone()),
            other => new_database(other, &args.postgres_url, "jifen", &bench.folder).await?,
        };
        bench.say(&format!("{name}: filling"));
        let database = Database::make(&bench, name, url).await?;
        about.push((name, database.version().await?));
        bench.measure(&database).await?;
    }
    let report = Report { about, lines: bench.lines, notes: bench.notes };
    print!("{}", report.table());
    let json = serde_json::to_string_pretty(&report.json())?;
    for file in [Some(&args.latest), args.out.as_ref()].into_iter().flatten() {
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, format!("{json}\n"))?;
    }
    Ok(())
}

/// What is needed to judge the figures.
fn about(bench: &Bench) -> Vec<(&'static str, String)> {
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("", |it| it.1);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let changed =
        if said("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty() { "" } else { ", changed" };
    let jifen = said(&bench.jifen.to_string_lossy(), &["--version"]);
    let Timing { warm_up, measured } = bench.timing;
    let settings: Vec<_> = bench.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
    vec![
        ("date", Clock::System.now().rfc3339()),
        ("machine", format!("{cores} cores ({model}), shared by server, database and load")),
        ("kernel", said("uname", &["-sr"])),
        (
            "disk",
            format!(
                "{:.0} µs a write of 8 KiB and fsync, median of 200",
                fsync_micros(&bench.folder).unwrap_or(f64::NAN)
            ),
        ),
        (
            "build",
            format!(
                "{jifen} at {}{changed}, release, {}",
                said("git", &["rev-parse", "--short", "HEAD"]),
                said("rustc", &["--version"])
            ),
        ),
        (
            "load",
            format!("{} rounds of {} s after {} s, turn by turn", bench.rounds, measured.as_secs(), warm_up.as_secs()),
        ),
        ("settings", if settings.is_empty() { "the defaults".to_owned() } else { settings.join(" ") }),
        ("pgbench", bench.pgbench.version()),
    ]
}

/// What the disk asks for a promise: the floor under every commit.
fn fsync_micros(folder: &Path) -> Result<f64> {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::options().create(true).truncate(true).write(true).open(folder.join("fsync"))?;
    let mut micros = Vec::new();
    for turn in 0..200 {
        let began = Instant::now();
        file.write_all_at(&[turn as u8; 8_192], turn % 64 * 8_192)?;
        file.sync_data()?;
        micros.push(began.elapsed().as_secs_f64() * 1e6);
    }
    Ok(crate::report::median(micros.into_iter()))
}

impl Database {
    async fn make(bench: &Bench, name: &'static str, url: String) -> Result<Database> {
        let log = bench.folder.join("migrate.log");
        let mut command = Command::new(&bench.jifen);
        command.current_dir(&bench.folder).env("JIFEN_DATABASE_URL", &url).arg("migrate");
        let migrated = Process::start("jifen migrate", &mut command, &log, &log)?.finish().await?;
        if !migrated.success() {
            return Err(format!("jifen migrate failed: {}", std::fs::read_to_string(log)?).into());
        }
        let key = bench.folder.join(format!("{name}.key"));
        let world = Arc::new(seed::fill(&url, &key).await?);
        let db = connect(&Location::parse(&url)?, 2).await.map_err(told)?;
        let postmaster = if name == "SQLite" { None } else { postmaster(&db).await? };
        let database = Database { name, url, db, postmaster, key, world };
        if !database.is_sqlite() {
            database.db.write.execute_unprepared("VACUUM ANALYZE").await?;
        }
        Ok(database)
    }

    pub fn key(&self) -> &Path {
        &self.key
    }

    pub fn is_sqlite(&self) -> bool {
        self.name == "SQLite"
    }

    async fn version(&self) -> Result<String> {
        let sql = if self.is_sqlite() { "SELECT sqlite_version()" } else { "SHOW server_version" };
        let row = self.db.read.query_one_raw(self.db.dialect.statement(sql, [])).await?;
        let version: String = row.ok_or("the database has no version")?.try_get_by_index(0)?;
        Ok(if self.is_sqlite() {
            format!("{version}, WAL, synchronous=FULL")
        } else {
            format!("{version}, fsync, synchronous_commit and full_page_writes on")
        })
    }

    /// Writes back what the last measurement left, so that the next one does not pay for it.
    pub async fn settle(&self) -> Result<()> {
        let sql = if self.is_sqlite() { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "CHECKPOINT" };
        self.db.write.execute_unprepared(sql).await?;
        Ok(())
    }

    pub async fn orders(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM \"order\"";
        let row = self.db.write.query_one_raw(self.db.dialect.statement(sql, [])).await?;
        let count: i64 = row.ok_or("nothing was counted")?.try_get_by_index(0)?;
        Ok(u64::try_from(count)?)
    }
}

async fn postmaster(db: &Db) -> Result<Option<u32>> {
    let row = db.write.query_one_raw(db.dialect.statement("SELECT pg_backend_pid()", [])).await?;
    let backend: i32 = row.ok_or("a backend has no number")?.try_get_by_index(0)?;
    Ok(parent_of(u32::try_from(backend)?))
}

impl Bench {
    pub fn say(&self, what: &str) {
        eprintln!("{what}");
    }

    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// A number that no other run of this bench has.
    pub fn next_run(&mut self) -> u64 {
        self.runs += 1;
        self.runs
    }

    pub fn add(&mut self, line: Line) {
        self.say(&format!("  {} {}: {:.2} times {}", line.database, line.what, line.ratio(), line.beside));
        self.lines.push(line);
    }

    fn wants(&self, what: &str) -> bool {
        self.only.iter().any(|wanted| wanted == what)
    }

    async fn measure(&mut self, database: &Database) -> Result<()> {
        let mut server = self.spawn(database, Kind::Jifen)?;
        let mut plain = self.spawn(database, Kind::Plain)?;
        footprint::first_answer(&mut server, Kind::Jifen).await?;
        footprint::first_answer(&mut plain, Kind::Plain).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let rest = footprint::Memory::now(&server, &plain)?;
        if self.wants("place-order") {
            place_order::measure(self, database, &mut server).await?;
        }
        if self.wants("rules") {
            rules::measure(self, database, &mut server).await?;
        }
        if self.wants("preview") {
            preview::measure(self, database, &mut server).await?;
        }
        if self.wants("nested-read") {
            nested_read::measure(self, database, &mut server, &mut plain).await?;
        }
        if self.wants("place-order") && self.wants("nested-read") {
            footprint::add_memory(self, database, &rest, &footprint::Memory::now(&server, &plain)?);
        }
        if self.wants("login") {
            login::measure(self, database, &mut server).await?;
        }
        drop((server, plain));
        if self.wants("start") {
            footprint::measure_start(self, database).await?;
        }
        Ok(())
    }

    /// Starts a server on the database, with its default settings. It is not waited for.
    pub fn spawn(&self, database: &Database, kind: Kind) -> Result<Server> {
        let address = free_address()?;
        let name = if kind == Kind::Jifen { "jifen" } else { "by hand" };
        let log = self.folder.join(format!("{}-{name}.log", database.name));
        let mut command = match kind {
            Kind::Jifen => Command::new(&self.jifen),
            Kind::Plain => Command::new(std::env::current_exe()?),
        };
        match kind {
            Kind::Jifen => {
                command.arg("serve").env("JIFEN_DATABASE_URL", &database.url).envs(self.settings.iter().cloned())
            }
            Kind::Plain => command.args(["plain-server", "--database-url", &database.url]),
        };
        command.args(["--listen", &address.to_string(), "--signing-key-file"]).arg(&database.key);
        // In a folder without a .env file.
        command.current_dir(&self.folder);
        let process = Process::start(name, &mut command, &log, &log)?;
        Ok(Server { process, address, world: database.world.clone(), log, name })
    }

    /// Loads a server; also gives how many answers there were in all.
    pub async fn load(
        &self,
        database: &Database,
        server: &mut Server,
        connections: usize,
        timing: Timing,
        script: impl Script,
    ) -> Result<(Side, u64)> {
        // The log of the last run is not needed any more, and would fill the disk. The server appends.
        std::fs::File::options().write(true).truncate(true).open(&server.log)?;
        let parts = [
            (server.name, Some(server.process.id()), false),
            ("PostgreSQL", database.postmaster, true),
            ("load", Some(std::process::id()), false),
        ];
        let running = load::run(server.address, connections, timing, Arc::new(script));
        let (outcome, cores) = tokio::join!(running, self.cores(&parts, timing));
        server.process.still_runs()?;
        let outcome = outcome.map_err(|cause| format!("{cause}\n{}", last_lines(&server.log)))?;
        let milliseconds = |quantile| Some(outcome.latency.value_at_quantile(quantile) as f64 / 1_000.0);
        let side = Side { figure: outcome.rate, p50_ms: milliseconds(0.5), p99_ms: milliseconds(0.99), cores };
        Ok((side, outcome.answered))
    }

    /// The cores that processes keep busy during the measured time.
    async fn cores(&self, parts: &[(&'static str, Option<u32>, bool)], timing: Timing) -> Vec<(&'static str, f64)> {
        let used = || {
            parts.iter().filter_map(|(name, id, family)| {
                let id = (*id)?;
                Some((*name, if *family { cpu_seconds_of_family(id) } else { cpu_seconds(id) }))
            })
        };
        tokio::time::sleep(timing.warm_up).await;
        let (before, began): (Vec<_>, _) = (used().collect(), Instant::now());
        tokio::time::sleep(timing.measured).await;
        let seconds = began.elapsed().as_secs_f64();
        used().zip(before).map(|((name, after), (_, before))| (name, (after - before) / seconds)).collect()
    }

    /// The same beside a program that ends by itself, and takes its figures with it: it is looked at just before.
    pub async fn cores_of_program(
        &self,
        parts: &[(&'static str, Option<u32>, bool)],
        timing: Timing,
    ) -> Vec<(&'static str, f64)> {
        self.cores(parts, Timing { measured: timing.measured - Duration::from_millis(200), ..timing }).await
    }
}

fn last_lines(file: &Path) -> String {
    let text = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(5).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}
