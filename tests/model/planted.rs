//! The checker checked: each planted bug must be found within a number of sequences.

use std::sync::Mutex;

use jifen::base::planted::{Bug, plant};

use crate::{chance, quietly, run, setting, steps};

/// Most are found within ten.
const SEQUENCES: u64 = 5_000;

#[test]
fn every_planted_bug_is_found() {
    let most = setting("JIFEN_MODEL_SEQUENCES").unwrap_or(SEQUENCES);
    let waiting = Mutex::new(Bug::ALL.into_iter());
    let found = Mutex::new(Vec::new());
    let seek = || {
        while let Some(bug) = next(&waiting) {
            let after = (0..most).find(|seed| is_found(bug, *seed)).map(|seed| seed + 1);
            found.lock().expect("nobody panics").push((after.unwrap_or(u64::MAX), bug));
        }
    };
    quietly(|| {
        std::thread::scope(|scope| {
            scope.spawn(seek);
            scope.spawn(seek);
        });
    });
    let mut found = found.into_inner().expect("nobody panics");
    found.sort_by_key(|(after, bug)| (*after, *bug as u8));
    for (after, bug) in &found {
        let after = if *after == u64::MAX { "NEVER".to_owned() } else { after.to_string() };
        println!("{after:>8}  {bug:?}");
    }
    let missed: Vec<Bug> = found.into_iter().filter(|(after, _)| *after == u64::MAX).map(|(_, bug)| bug).collect();
    assert!(missed.is_empty(), "not found in {most} sequences: {missed:?}");
}

fn next(waiting: &Mutex<impl Iterator<Item = Bug>>) -> Option<Bug> {
    waiting.lock().expect("nobody panics").next()
}

fn is_found(bug: Bug, seed: u64) -> bool {
    plant(Some(bug));
    let is_found = run::run(&chance::script(seed, steps())).is_err();
    plant(None);
    is_found
}
