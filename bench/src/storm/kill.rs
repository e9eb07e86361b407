//! `kill -9` in the middle of everything: what was acknowledged stays, and what was not is done once or not at all.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::crowd::{Record, Storm, Until};
use super::deed::{Answer, Command};
use super::dice::Dice;
use super::{Plan, check, past};
use crate::Result;
use crate::fleet::Fleet;

/// Commands of rounds before that are sent again after each round.
const REMEMBERED: usize = 400;
const SAMPLE: usize = 40;

/// What a run of this scenario has to tell beside the tally.
#[derive(Default)]
pub struct Kills {
    pub rounds: u64,
    pub servers: u64,
    pub imports: u64,
}

pub async fn run(storm: &Arc<Storm>, fleet: &mut Fleet, plan: &Plan, kills: &mut Kills) -> Result<()> {
    let mut dice = Dice::new(storm.seed, u64::MAX, 0);
    let mut remembered = Vec::new();
    let began = Instant::now();
    for round in 1..=plan.rounds {
        let mut watch = Watch::new(round);
        let records = disturb(storm, fleet, plan, &mut dice, round, kills).await?;
        watch.lap("load and kill");
        fleet.raise().await?;
        watch.lap("restart");
        let records = check::find_out(storm, records).await;
        watch.lap("unknown ones");
        past::finish(storm, fleet, round).await?;
        watch.lap("import");
        check_round(storm, fleet, &mut dice, records, &mut remembered).await?;
        watch.lap("checks");
        past::check(storm, round as i64).await?;
        watch.lap("sweep");
        kills.rounds = round;
        if !storm.tally.lock().expect("nobody panics with it").wrong.is_empty() {
            storm.wrong(format!("(found in round {round})"));
            break;
        }
        if began.elapsed() > plan.at_most {
            storm.wrong(format!("only {round} of {} rounds were done in {:?}", plan.rounds, plan.at_most));
            break;
        }
    }
    Ok(())
}

/// Says on stderr what a round spends its time with.
struct Watch {
    since: Instant,
    told: String,
}

impl Watch {
    fn new(round: u64) -> Watch {
        Watch { since: Instant::now(), told: format!("round {round}:") }
    }

    fn lap(&mut self, what: &str) {
        let _ = write!(self.told, " {what} {:.1} s,", self.since.elapsed().as_secs_f64());
        self.since = Instant::now();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        eprintln!("{}", self.told.trim_end_matches(','));
    }
}

/// Mixed load, and a kill in the middle of it. Gives what was sent and heard; whoever was killed is still dead.
async fn disturb(
    storm: &Arc<Storm>,
    fleet: &mut Fleet,
    plan: &Plan,
    dice: &mut Dice,
    round: u64,
    kills: &mut Kills,
) -> Result<Vec<Record>> {
    let until = Until::told();
    let import = past::begin(fleet, round)?;
    let crowd = storm.crowd(round, plan.connections, &until, 1);
    let half = plan.load.as_millis() as i64 / 2;
    tokio::time::sleep(Duration::from_millis(dice.between(half, 3 * half) as u64)).await;
    let everybody = dice.once_in(2) || fleet.size() == 1;
    let (first, kills_import) = (dice.below(fleet.size()), dice.once_in(2));
    let killed = if everybody { 0..fleet.size() } else { first..first + 1 };
    kills.servers += killed.len() as u64;
    killed.for_each(|which| fleet.kill(which));
    if !everybody {
        // The others go on, and whoever was connected to the dead one comes to them.
        tokio::time::sleep(Duration::from_millis(dice.between(20, 200) as u64)).await;
    }
    until.stop.store(true, Ordering::Relaxed);
    if kills_import {
        kills.imports += 1;
        drop(import);
    } else {
        import.finish().await?;
    }
    Ok(crowd.join_all().await.into_iter().flatten().collect())
}

async fn check_round(
    storm: &Arc<Storm>,
    fleet: &mut Fleet,
    dice: &mut Dice,
    records: Vec<Record>,
    remembered: &mut Vec<(Command, Json)>,
) -> Result<()> {
    let done: Vec<_> = records
        .into_iter()
        .filter_map(|record| match record.answer {
            Answer::Done(payload) => Some((record.command, payload)),
            _ => None,
        })
        .collect();
    let older = (0..SAMPLE.min(remembered.len())).map(|_| remembered[dice.below(remembered.len())].clone());
    check::repeat(storm, done.iter().cloned().chain(older).collect()).await;
    check::everything(storm, fleet, true).await?;
    for kept in done {
        if remembered.len() < REMEMBERED {
            remembered.push(kept);
        } else if dice.once_in(20) {
            let at = dice.below(REMEMBERED);
            remembered[at] = kept;
        }
    }
    Ok(())
}
