//! Very many commands: no deadlock, no request that waits too long, and books that are right at the end.

use std::sync::Arc;

use serde_json::Value as Json;

use super::Plan;
use super::check;
use super::crowd::{Record, Storm, Until};
use super::deed::{Answer, Command};
use crate::Result;
use crate::fleet::Fleet;

/// One record in so many is kept, to be sent again at the end.
const KEPT: u64 = 256;

pub async fn run(storm: &Arc<Storm>, fleet: &mut Fleet, plan: &Plan) -> Result<()> {
    let crowd = storm.crowd(1, plan.connections, &Until::after(plan.commands), KEPT);
    let records: Vec<Record> = crowd.join_all().await.into_iter().flatten().collect();
    let known = check::find_out(storm, records).await;
    let slowest = storm.tally.lock().expect("nobody panics with it").latency.max();
    if slowest > plan.bound.as_micros() as u64 {
        storm.wrong(format!("an answer took {} ms", slowest / 1_000));
    }
    let done: Vec<(Command, Json)> = known
        .into_iter()
        .filter_map(|record| match record.answer {
            Answer::Done(payload) => Some((record.command, payload)),
            _ => None,
        })
        .collect();
    check::repeat(storm, done).await;
    check::everything(storm, fleet, false).await
}
