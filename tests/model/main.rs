//! The model checker: scripts by chance are carried out by the commands of `commit`, in memory, and by a reference that
//! reckons everything from the ledger's rules in the plainest way; after every group, all that both know is compared.
//!
//! - `JIFEN_MODEL_SEQUENCES=…` says how many scripts, `JIFEN_MODEL_STEPS=…` how many commands each has.
//! - `JIFEN_MODEL_SEED=…` runs one script again, and tells it command by command.
//!
//! With the feature `planted-bugs` the same scripts must find each of the bugs that `base::planted` names.

mod answers;
mod chance;
mod compare;
mod databases;
mod dice;
mod names;
#[cfg(feature = "planted-bugs")]
mod planted;
mod reference;
mod rules;
mod run;
mod script;
mod send;
mod settings;
mod shrink;
mod store;
mod stories;
mod tally;
mod tiers;
mod world;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use script::Script;

/// What a plain run of the tests takes, in well under a minute also without optimisation.
const SEQUENCES: u64 = 300;
const STEPS: u64 = 50;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

fn steps() -> usize {
    setting("JIFEN_MODEL_STEPS").unwrap_or(STEPS) as usize
}

#[test]
fn the_program_does_as_the_reference_reckons() {
    let (seeds, threads) = match setting("JIFEN_MODEL_SEED") {
        Some(seed) => (seed..seed + 1, 1),
        None => {
            let first =
                u64::from(std::process::id()) << 32 | u64::from(jifen::base::id::Random::System.bytes::<1>()[0]);
            (first..first + setting("JIFEN_MODEL_SEQUENCES").unwrap_or(SEQUENCES), 2)
        }
    };
    let began = Instant::now();
    let explanation = quietly(|| first_failure(seeds.clone(), threads).map(explained));
    if let Some(explanation) = explanation {
        panic!("{explanation}");
    }
    println!("{} sequences of {} commands in {:.1?}", seeds.end - seeds.start, steps(), began.elapsed());
}

/// What chance sends must be worth sending: most of it is done, and everything that can be done is.
#[test]
fn chance_reaches_every_corner() {
    let mut tally = tally::Tally::default();
    for seed in 0..setting("JIFEN_MODEL_SEQUENCES").unwrap_or(SEQUENCES).min(SEQUENCES) * 2 {
        tally.add(&chance::script(seed, steps()));
    }
    println!("{tally}");
    assert_eq!(tally.never(), Vec::<String>::new());
}

/// Without a word about panics on the way: a defect that makes one would make it in every script.
fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let done = work();
    std::panic::set_hook(hook);
    done
}

/// The lowest seed found whose script fails. The seeds are shared out over threads.
fn first_failure(seeds: std::ops::Range<u64>, threads: u64) -> Option<u64> {
    let failed = AtomicU64::new(u64::MAX);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (failed, seeds) = (&failed, seeds.clone());
            scope.spawn(move || {
                for seed in seeds.skip(thread as usize).step_by(threads as usize) {
                    if failed.load(Ordering::Relaxed) != u64::MAX {
                        return;
                    }
                    if run::run(&chance::script(seed, steps())).is_err() {
                        failed.fetch_min(seed, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    Some(failed.into_inner()).filter(|seed| *seed != u64::MAX)
}

/// What fails, in as few steps as can be.
fn explained(seed: u64) -> String {
    let fails = |script: &Script| run::run(script).is_err();
    let short = shrink::shrink(chance::script(seed, steps()), fails);
    let why = run::run(&short).expect_err("it still fails");
    format!("JIFEN_MODEL_SEED={seed} JIFEN_MODEL_STEPS={}\n{why}\nin {} steps:\n{short}", steps(), short.len())
}
