//! What a storm has found: a table for people, the same as JSON, and everything that was wrong in words.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::crowd::Storm;
use super::kill::Kills;
use crate::report::aligned;

pub struct Verdict {
    pub database: &'static str,
    pub scenario: &'static str,
    pub processes: usize,
    pub took: Duration,
    pub kills: Kills,
    pub deadlocks: i64,
    sent: u64,
    done: Vec<(&'static str, u64)>,
    refused: Vec<(String, u64)>,
    unknown: u64,
    median: u64,
    slowest: u64,
    pub wrong: Vec<String>,
}

const HEAD: [&str; 12] = [
    "database",
    "scenario",
    "processes",
    "kills",
    "sent",
    "done",
    "refused",
    "unknown",
    "a second",
    "p50 ms",
    "most ms",
    "",
];

impl Verdict {
    /// Takes what has been counted.
    pub fn new(
        (database, scenario): (&'static str, &'static str),
        processes: usize,
        storm: &Storm,
        kills: Kills,
        (took, deadlocks): (Duration, i64),
    ) -> Verdict {
        let mut tally = storm.tally.lock().expect("nobody panics with it");
        if deadlocks > 0 {
            tally.wrong.push(format!("PostgreSQL has seen {deadlocks} deadlocks"));
        }
        Verdict {
            database,
            scenario,
            processes,
            took,
            kills,
            deadlocks,
            sent: tally.sent,
            done: tally.done.clone().into_iter().collect(),
            refused: tally.refused.clone().into_iter().collect(),
            unknown: tally.unknown,
            median: tally.latency.value_at_quantile(0.5),
            slowest: tally.latency.max(),
            wrong: tally.wrong.clone(),
        }
    }

    fn rate(&self) -> f64 {
        self.sent as f64 / self.took.as_secs_f64()
    }

    fn row(&self) -> Vec<String> {
        let refused: u64 = self.refused.iter().map(|(_, times)| times).sum();
        let done: u64 = self.done.iter().map(|(_, times)| times).sum();
        let milliseconds = |micros: u64| format!("{:.1}", micros as f64 / 1_000.0);
        let verdict = if self.wrong.is_empty() { "holds".to_owned() } else { format!("WRONG: {}", self.wrong.len()) };
        vec![
            self.database.to_owned(),
            self.scenario.to_owned(),
            self.processes.to_string(),
            (self.kills.servers + self.kills.imports).to_string(),
            self.sent.to_string(),
            done.to_string(),
            refused.to_string(),
            self.unknown.to_string(),
            format!("{:.0}", self.rate()),
            milliseconds(self.median),
            milliseconds(self.slowest),
            verdict,
        ]
    }

    fn json(&self) -> Json {
        let refused: serde_json::Map<_, _> =
            self.refused.iter().map(|(code, times)| (code.clone(), (*times).into())).collect();
        let done: serde_json::Map<_, _> =
            self.done.iter().map(|(name, times)| ((*name).to_owned(), (*times).into())).collect();
        json!({
            "database": self.database, "scenario": self.scenario, "processes": self.processes,
            "rounds": self.kills.rounds, "serversKilled": self.kills.servers, "importsKilled": self.kills.imports,
            "sent": self.sent, "done": done, "refused": refused, "unknown": self.unknown,
            "seconds": self.took.as_secs_f64(), "perSecond": self.rate(), "deadlocks": self.deadlocks,
            "p50Ms": self.median as f64 / 1_000.0, "mostMs": self.slowest as f64 / 1_000.0, "wrong": self.wrong,
        })
    }
}

pub fn table(verdicts: &[Verdict]) -> String {
    let head = HEAD.map(str::to_owned).to_vec();
    aligned(&std::iter::once(head).chain(verdicts.iter().map(Verdict::row)).collect::<Vec<_>>())
}

pub fn json(seed: u64, verdicts: &[Verdict]) -> Json {
    json!({ "seed": seed, "lines": verdicts.iter().map(Verdict::json).collect::<Vec<_>>() })
}
