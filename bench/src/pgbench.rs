//! PostgreSQL's own load generator, running the statements of an order one by one.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;
use crate::process::Process;
use crate::seed::{BUYERS, PRODUCTS};

/// The statements. A file, because pgbench reads one.
const SCRIPT: &str = include_str!("../place_order.pgbench.sql");

pub struct Pgbench {
    program: PathBuf,
    script: PathBuf,
    /// What libpq reads to find the server.
    variables: Vec<(&'static str, String)>,
    folder: PathBuf,
}

/// What it said.
pub struct Said {
    /// Transactions a second, after the warm-up.
    pub rate: f64,
    /// All transactions.
    pub placed: u64,
}

impl Pgbench {
    pub fn new(url: &str, folder: &Path) -> Result<Pgbench> {
        let script = folder.join("place_order.pgbench.sql");
        std::fs::write(&script, SCRIPT)?;
        let program = find().ok_or("there is no pgbench beside PostgreSQL's other programs")?;
        Ok(Pgbench { program, script, variables: variables(url)?, folder: folder.to_owned() })
    }

    pub fn version(&self) -> String {
        let said = Command::new(&self.program).arg("--version").output();
        said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
    }

    /// Starts it. It reports every second, so that the seconds of the warm-up can be left out.
    pub fn start(&self, clients: usize, seconds: u64, run: u64) -> Result<(Process, PathBuf)> {
        let said = self.folder.join(format!("pgbench-{run}.log"));
        let mut command = Command::new(&self.program);
        command
            .args(["-n", "-M", "prepared", "-P", "1"])
            .args(["-c", &clients.to_string(), "-j", &clients.min(2).to_string(), "-T", &seconds.to_string()])
            .args(["-D", "n=0", "-D", &format!("run={run}"), "-D", &format!("clients={clients}")])
            .args(["-D", &format!("buyers={BUYERS}"), "-D", &format!("products={PRODUCTS}")])
            .arg("-f")
            .arg(&self.script)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        Ok((Process::start("pgbench", &mut command, &said, &said)?, said))
    }
}

/// Reads what pgbench has written. Any failed transaction makes its figures worthless.
pub fn read(log: &str, warm_up_seconds: u64) -> Result<Said> {
    let after = |name: &str| log.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned()));
    let failed = after("number of failed transactions:").ok_or_else(|| format!("pgbench did not finish: {log}"))?;
    if !failed.starts_with("0 ") {
        return Err(format!("pgbench had failed transactions: {failed}").into());
    }
    let placed = after("number of transactions actually processed:").and_then(|count| count.parse().ok());
    let rates: Vec<f64> = log
        .lines()
        .filter_map(progress)
        .filter(|(at, _)| *at > warm_up_seconds as f64 + 0.5)
        .map(|(_, rate)| rate)
        .collect();
    if rates.is_empty() {
        return Err(format!("pgbench reported no progress: {log}").into());
    }
    Ok(Said { rate: rates.iter().sum::<f64>() / rates.len() as f64, placed: placed.ok_or("pgbench counted nothing")? })
}

/// `progress: 3.0 s, 1234.5 tps, lat …`
fn progress(line: &str) -> Option<(f64, f64)> {
    let mut parts = line.strip_prefix("progress: ")?.split(", ");
    let at = parts.next()?.strip_suffix(" s")?.parse().ok()?;
    Some((at, parts.next()?.strip_suffix(" tps")?.parse().ok()?))
}

/// Debian keeps PostgreSQL's programs out of PATH, in a folder for each major version: the newest wins.
fn find() -> Option<PathBuf> {
    let in_path =
        std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join("pgbench")).collect::<Vec<_>>();
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin/pgbench")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, path)| path).chain(in_path).find(|path| path.is_file())
}

/// `postgres://USER:PASSWORD@HOST:PORT/NAME`, as variables: arguments can be read by everybody on the machine.
fn variables(url: &str) -> Result<Vec<(&'static str, String)>> {
    let wrong = || format!("the address {url:?} is not postgres://USER:PASSWORD@HOST:PORT/NAME");
    let (login, place) = url.strip_prefix("postgres://").and_then(|rest| rest.split_once('@')).ok_or_else(wrong)?;
    let (user, password) = login.split_once(':').ok_or_else(wrong)?;
    let (host, name) = place.split_once('/').ok_or_else(wrong)?;
    let (host, port) = host.split_once(':').ok_or_else(wrong)?;
    let pairs = [("PGUSER", user), ("PGPASSWORD", password), ("PGHOST", host), ("PGPORT", port), ("PGDATABASE", name)];
    Ok(pairs.map(|(variable, value)| (variable, value.to_owned())).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "progress: 1.0 s, 100.0 tps, lat 1.0 ms stddev 0.1, 0 failed\n\
        progress: 2.0 s, 300.0 tps, lat 1.0 ms stddev 0.1, 0 failed\n\
        progress: 3.0 s, 500.0 tps, lat 1.0 ms stddev 0.1, 0 failed\n\
        number of transactions actually processed: 900\n\
        number of failed transactions: 0 (0.000%)\n";

    #[test]
    fn the_warm_up_is_left_out() {
        let said = read(LOG, 1).unwrap();
        assert_eq!((said.rate, said.placed), (400.0, 900));
    }

    #[test]
    fn failed_transactions_spoil_a_run() {
        assert!(read(&LOG.replace("0 (0.000%)", "1 (0.100%)"), 1).is_err());
        assert!(read("pgbench: error: connection refused", 1).is_err());
    }
}
