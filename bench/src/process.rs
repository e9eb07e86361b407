//! Processes that are ended with us, and what the system says they have used.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::Result;

/// Linux counts processor time in hundredths of a second, whatever the kernel was built with.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that is killed, by its id, when this is dropped.
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts a program. What it writes goes to files, so that no full pipe can stop it.
    pub fn start(name: &str, command: &mut Command, out: &Path, err: &Path) -> Result<Process> {
        // Only the settings it was given, not those of the terminal that started us.
        let given: Vec<_> = command.get_envs().map(|(variable, _)| variable.to_owned()).collect();
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("JIFEN_") && !given.contains(&variable) {
                command.env_remove(variable);
            }
        }
        let append = |path: &Path| File::options().create(true).append(true).open(path);
        command.stdin(Stdio::null()).stdout(append(out)?).stderr(append(err)?);
        let child = command.spawn().map_err(|cause| format!("{name} cannot be started: {cause}"))?;
        Ok(Process { child, name: name.to_owned() })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// An error when it has ended, which a server must not.
    pub fn still_runs(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("{} ended: {status}", self.name).into()),
        }
    }

    /// Waits for the end of a program that ends by itself.
    pub async fn finish(mut self) -> Result<ExitStatus> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Seconds of processor time that a process has used, all its threads together; 0 for one that is gone.
pub fn cpu_seconds(id: u32) -> f64 {
    stat(id).map_or(0.0, |stat| stat.own)
}

/// The same for a process, its children, and those of its children that have ended: a PostgreSQL server as a whole.
pub fn cpu_seconds_of_family(id: u32) -> f64 {
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0.0 };
    let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let children: f64 =
        ids.filter_map(stat).filter(|child| child.parent == id).map(|child| child.own + child.ended).sum();
    stat(id).map_or(0.0, |stat| stat.own + stat.ended + children)
}

pub fn parent_of(id: u32) -> Option<u32> {
    stat(id).map(|stat| stat.parent)
}

struct Stat {
    parent: u32,
    own: f64,
    ended: f64,
}

fn stat(id: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The program's name stands in brackets and may hold anything; what follows the last bracket is numbers.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |at: usize| fields.get(at)?.parse::<f64>().ok().map(|ticks| ticks / TICKS_PER_SECOND);
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: seconds(11)? + seconds(12)?,
        ended: seconds(13)? + seconds(14)?,
    })
}

/// Memory of a process in MiB: now, and the most it ever had.
pub fn memory_mib(id: u32) -> Option<(f64, f64)> {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    let (now, most): (f64, f64) = (line("VmRSS:")?, line("VmHWM:")?);
    Some((now / 1024.0, most / 1024.0))
}

/// A port nobody listens on. Between now and its use somebody may take it; then the server says so and the run ends.
pub fn free_address() -> Result<std::net::SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
