//! Random histories of orders, decided in memory: no database, thousands of commands a second.
//!
//! Orders with coupons and with points as money, points spent elsewhere, held and expired, deliveries and partial returns
//! in any order and any parts, by earning rules whose budgets and caps end on the way, and with tiers that are reached, lost
//! and undone. After every command the books must agree with themselves; in the end every order comes
//! back, and must have given back exactly what was paid for it and taken back exactly what it earned; budgets and caps have
//! what they began with, but for what the shop gave up; and nothing counts towards a tier any more.
//!
//! `JIFEN_TEST_SEED=…` repeats the same histories; `JIFEN_TEST_ROUNDS=…` makes more of them.

mod history;
mod program;
mod returning;
mod rules;
mod shop;
mod standing;
mod tiers;

use history::History;
use jifen::base::id::Random;

/// Numbers from a seed.
pub struct Dice(Random);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(Random::seeded(seed))
    }

    /// A number below `sides`.
    pub fn roll(&self, sides: i64) -> i64 {
        (u64::from_le_bytes(self.0.bytes()) % sides as u64) as i64
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len() as i64) as usize]
    }

    /// Once in so many times.
    pub fn once_in(&self, times: i64) -> bool {
        self.roll(times) == 0
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

#[test]
fn orders_taken_back_in_any_parts_end_where_they_began() {
    let first = setting("JIFEN_TEST_SEED").unwrap_or_else(|| u64::from_le_bytes(Random::System.bytes()) >> 1);
    let rounds = setting("JIFEN_TEST_ROUNDS").unwrap_or(150);
    let mut commands = 0;
    for seed in first..first + rounds {
        let told = std::panic::catch_unwind(|| History::new(seed).run(40));
        match told {
            Ok(count) => commands += count,
            Err(panic) => {
                println!("JIFEN_TEST_SEED={seed} JIFEN_TEST_ROUNDS=1 repeats it");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{rounds} histories from seed {first}: {commands} commands carried out");
    assert!(commands > rounds as usize * 20, "only {commands} commands were carried out");
}
