//! The processes under test: started, killed and started again, each known by its own id.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::door::Doors;
use crate::process::{Process, free_address};
use crate::seed::{PASSWORD, long_tokens, told};
use crate::{Result, load};

/// Short, so that a kill often finds a sweep at work.
const SWEEP_SECONDS: &str = "1";
const UNTIL_READY: Duration = Duration::from_secs(60);

pub struct Fleet {
    pub url: String,
    pub key: PathBuf,
    pub doors: Arc<Doors>,
    pub name: &'static str,
    jifen: PathBuf,
    folder: PathBuf,
    servers: Vec<Option<Server>>,
}

struct Server {
    process: Process,
    address: SocketAddr,
}

impl Fleet {
    /// A database that has its tables, and no server yet.
    pub async fn new(
        jifen: &Path,
        folder: &Path,
        (name, url): (&'static str, String),
        processes: usize,
    ) -> Result<Fleet> {
        std::fs::create_dir_all(folder)?;
        let fleet = Fleet {
            key: folder.join("signing.key"),
            url,
            doors: Doors::new(processes),
            name,
            jifen: jifen.to_owned(),
            folder: folder.to_owned(),
            servers: (0..processes).map(|_| None).collect(),
        };
        fleet.tool(&["migrate"], &[]).await?;
        Ok(fleet)
    }

    pub fn size(&self) -> usize {
        self.servers.len()
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn first_address(&self) -> Result<SocketAddr> {
        let server = self.servers.iter().flatten().next();
        Ok(server.ok_or("no process is running")?.address)
    }

    /// Starts whatever does not run, all of it at once, and waits until it answers.
    pub async fn raise(&mut self) -> Result<()> {
        let missing: Vec<usize> = (0..self.size()).filter(|which| self.servers[*which].is_none()).collect();
        for which in &missing {
            self.servers[*which] = Some(self.start(*which)?);
        }
        for which in missing {
            self.wait_for(which).await?;
            self.doors.set(which, self.servers[which].as_ref().map(|server| server.address));
        }
        Ok(())
    }

    fn start(&self, which: usize) -> Result<Server> {
        let address = free_address()?;
        let log = self.log(which);
        let mut command = self.command(&["serve", "--listen", &address.to_string(), "--signing-key-file"]);
        command.arg(&self.key).env("JIFEN_SWEEP_SECONDS", SWEEP_SECONDS);
        Ok(Server { process: Process::start("jifen serve", &mut command, &log, &log)?, address })
    }

    async fn wait_for(&mut self, which: usize) -> Result<()> {
        let log = self.log(which);
        let began = Instant::now();
        loop {
            let server = self.servers[which].as_mut().ok_or("it was just started")?;
            if is_ready(server.address).await {
                return Ok(());
            }
            let ran_out = (began.elapsed() > UNTIL_READY).then(|| "a process does not get ready".into());
            if let Some(cause) = server.process.still_runs().err().or(ran_out) {
                return Err(format!("{cause}: {}", std::fs::read_to_string(log).unwrap_or_default()).into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// `kill -9`, by its id. Whoever is connected notices by himself.
    pub fn kill(&mut self, which: usize) {
        drop(self.servers[which].take());
        self.doors.set(which, None);
    }

    /// An error when a process has ended that nobody killed, or has panicked.
    pub fn still_runs(&mut self) -> Result<()> {
        for which in 0..self.size() {
            let log = std::fs::read(self.log(which)).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            if let Some(line) = log.lines().find(|line| line.contains("panicked")) {
                return Err(format!("a process panicked: {line}").into());
            }
            if let Some(server) = &mut self.servers[which] {
                server.process.still_runs()?;
            }
        }
        Ok(())
    }

    fn log(&self, which: usize) -> PathBuf {
        self.folder.join(format!("serve-{which}.log"))
    }

    /// The program on this database, in a folder without a .env file.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.jifen);
        command.args(arguments).env("JIFEN_DATABASE_URL", &self.url).current_dir(&self.folder);
        command
    }

    /// Runs a command of the program to its end and gives what it printed.
    pub async fn tool(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Result<String> {
        let (status, printed, log) = self.try_tool(arguments, settings).await?;
        if status.success() {
            return Ok(printed);
        }
        let last = log.trim_end().rsplit('\n').next().unwrap_or_default();
        Err(format!("jifen {} ended with {status}: {printed}{last}", arguments.join(" ")).into())
    }

    async fn try_tool(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Result<(ExitStatus, String, String)> {
        let (out, err) = (self.folder.join("tool.out"), self.folder.join("tool.log"));
        std::fs::write(&out, "")?;
        let mut command = self.command(arguments);
        command.envs(settings.iter().copied());
        let status = Process::start("jifen", &mut command, &out, &err)?.finish().await?;
        Ok((status, std::fs::read_to_string(out)?, std::fs::read_to_string(err)?))
    }

    /// What `jifen verify` finds broken: each invariant with its first bad row.
    pub async fn verify(&self) -> Result<Vec<String>> {
        let (status, printed, log) = self.try_tool(&["verify"], &[]).await?;
        if status.success() {
            return Ok(Vec::new());
        }
        let lines: Vec<&str> = printed.lines().collect();
        let broken = lines.windows(2).filter(|pair| pair[0].starts_with("BROKEN"));
        let mut told: Vec<_> = broken.map(|pair| format!("verify: {}\n {}", pair[0], pair[1])).collect();
        if told.is_empty() {
            told.push(format!("verify ended with {status}: {printed}{log}"));
        }
        Ok(told)
    }

    /// How many deadlocks PostgreSQL has seen in this database; SQLite has none.
    pub async fn deadlocks(&self) -> Result<i64> {
        if self.url.starts_with("sqlite") {
            return Ok(0);
        }
        let db: Db = connect(&Location::parse(&self.url)?, 2).await.map_err(told)?;
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        let row = db.read.query_one_raw(db.dialect.statement(sql, [])).await?;
        let deadlocks = row.ok_or("the database has no statistics")?.try_get_by_index(0)?;
        db.close().await;
        Ok(deadlocks)
    }
}

/// A token of a new member of staff that outlives whatever is run.
pub async fn staff_token(fleet: &Fleet) -> Result<String> {
    let tokens = long_tokens(&fleet.key)?;
    let claims = tokens.verify(&log_in(fleet).await?).map_err(|_| "the server's own token is refused")?;
    Ok(tokens.issue(claims.member_id, claims.session_id).map_err(told)?.0)
}

/// Staff has a password, and logs in as people do.
async fn log_in(fleet: &Fleet) -> Result<String> {
    let account = ["admin", "create", "--username", "keeper", "--email", "keeper@example.com"];
    fleet.tool(&account, &[("JIFEN_ADMIN_PASSWORD", PASSWORD)]).await?;
    let body = json!({ "query": format!(
        "mutation {{ login(input: {{ account: \"keeper\", password: \"{PASSWORD}\" }}) \
         {{ session {{ accessToken }} }} }}"
    ) })
    .to_string();
    let mut request = load::post("/graphql", None, body.len());
    request.extend_from_slice(body.as_bytes());
    let answer: Json = serde_json::from_slice(&load::ask(fleet.first_address()?, &request).await?)?;
    let token = answer["data"]["login"]["session"]["accessToken"].as_str();
    Ok(token.ok_or_else(|| format!("staff cannot log in: {answer}"))?.to_owned())
}

async fn is_ready(address: SocketAddr) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: storm\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with("HTTP/1.1 200 "))
    };
    asked.await.unwrap_or(false)
}
