//! Numbers that look random and are the same for the same seed.

use jifen::base::id::{GOLDEN, mix};

pub struct Dice(u64);

impl Dice {
    /// Dice of their own for a seat in a round, so that what one connection wants does not depend on how fast another
    /// one is.
    pub fn new(seed: u64, round: u64, seat: usize) -> Dice {
        Dice(mix(seed ^ mix((round << 20) + seat as u64 + 1)))
    }

    /// One of the numbers from 0 up to `end`, which is not among them.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(GOLDEN);
        (mix(self.0) % end.max(1) as u64) as usize
    }

    /// One of the numbers between two, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1) as usize) as i64
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}
