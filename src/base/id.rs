//! Identifiers: UUIDv7 made by the application, short random numbers people read aloud, and the generator of both.

use std::sync::Arc;

use parking_lot::Mutex;
pub use uuid::Uuid as Id;

use crate::base::clock::{Clock, Instant};

/// Crockford's alphabet: no I, L, O or U, so a number read over the telephone arrives unharmed.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Where randomness comes from. Tests hold the seeded kind, so a failing run can be repeated.
#[derive(Clone)]
pub enum Random {
    System,
    Seeded(Arc<Mutex<u64>>),
}

impl Random {
    pub fn seeded(seed: u64) -> Random {
        Random::Seeded(Arc::new(Mutex::new(seed)))
    }

    /// Fills the buffer. Never use the seeded kind for a secret.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that draws randomness")]
    pub fn fill(&self, bytes: &mut [u8]) {
        match self {
            Random::System => getrandom::fill(bytes).expect("the operating system has no randomness to give"),
            Random::Seeded(state) => {
                let mut state = state.lock();
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&splitmix(&mut state).to_le_bytes()[..chunk.len()]);
                }
            }
        }
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// Makes identifiers in the order of the clock it is given.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    random: Random,
}

impl Ids {
    pub fn new(clock: Clock, random: Random) -> Ids {
        Ids { clock, random }
    }

    /// A new UUIDv7: 48 bits of milliseconds, then randomness.
    pub fn next(&self) -> Id {
        self.at(self.clock.now())
    }

    /// A UUIDv7 that sorts at a given moment (an import's rows sort by their own dates).
    pub fn at(&self, moment: Instant) -> Id {
        let millis = u64::try_from(moment.micros() / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random.bytes()).into_uuid()
    }

    /// `N` random characters of Crockford's alphabet, five bits each.
    pub fn code(&self, length: usize) -> String {
        let mut bytes = vec![0; length];
        self.random.fill(&mut bytes);
        spell(&bytes)
    }

    /// A number people see, such as `20261123-7Q2M4XK0ZT`: the day in UTC and 50 random bits, never a counter.
    pub fn number(&self, moment: Instant) -> String {
        format!("{}-{}", moment.timestamp().strftime("%Y%m%d"), self.code(10))
    }

    pub fn random(&self) -> &Random {
        &self.random
    }
}

/// Ids that follow from one: the first is drawn, each next one is one more. A command that is decided twice gives the
/// same ids again, and they sort in the order in which they were given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series(u128);

impl Series {
    /// The random bits at the end of a UUIDv7, behind its time and version.
    const COUNTED: u128 = (1 << 62) - 1;

    pub fn new(first: Id) -> Series {
        Series(first.as_u128())
    }

    /// The nth series of the same command: so far behind this one that they never meet.
    pub fn apart(self, nth: usize) -> Series {
        let skipped = (nth as u128) << 32;
        Series((self.0 & !Series::COUNTED) | (self.0.wrapping_add(skipped) & Series::COUNTED))
    }

    /// The next id.
    #[expect(clippy::should_implement_trait, reason = "it never ends, and is not iterated over")]
    pub fn next(&mut self) -> Id {
        let id = Id::from_u128(self.0);
        self.0 = (self.0 & !Series::COUNTED) | (self.0.wrapping_add(1) & Series::COUNTED);
        id
    }
}

/// One character of Crockford's alphabet for each byte, of which five bits are used.
pub fn spell(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| ALPHABET[usize::from(byte & 31)] as char).collect()
}

/// One step of the SplitMix64 generator (Steele, Lea and Flood, 2014): small, and good enough for tests.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(GOLDEN);
    mix(*state)
}

/// SplitMix64's increment.
pub const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's mixing: numbers that differ a little become numbers that look unrelated.
pub fn mix(number: u64) -> u64 {
    let mut mixed = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_moment_they_were_made_at() {
        let clock = Clock::manual(Instant(1_700_000_000_000_000));
        let ids = Ids::new(clock.clone(), Random::seeded(1));
        let first = ids.next();
        clock.advance(1_000);
        assert!(first < ids.next());
    }

    #[test]
    fn a_series_repeats_and_stays_version_7() {
        let first = Id::from_u128(0x0193_0000_0000_7fff_bfff_ffff_ffff_ffff);
        let (mut series, mut again) = (Series::new(first), Series::new(first));
        let ids: Vec<Id> = (0..3).map(|_| series.next()).collect();
        assert_eq!(ids, (0..3).map(|_| again.next()).collect::<Vec<_>>());
        assert_eq!(ids[0], first);
        assert!(ids.iter().all(|id| id.get_version_num() == 7) && ids[0] != ids[1] && ids[1] < ids[2]);
    }

    #[test]
    fn series_apart_are_different_and_repeat() {
        let first = Series::new(Id::from_u128(0x0193_0000_0000_7fff_bfff_ffff_ffff_ffff));
        let ids: Vec<Id> = (0..3).map(|nth| first.apart(nth).next()).collect();
        assert_eq!(ids, (0..3).map(|nth| first.apart(nth).next()).collect::<Vec<_>>());
        assert_eq!(ids[0], first.clone().next());
        assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids.iter().all(|id| id.get_version_num() == 7));
    }

    #[test]
    fn a_number_carries_its_day_and_ten_characters() {
        let ids = Ids::new(Clock::System, Random::seeded(2));
        let number = ids.number(Instant(1_700_000_000_000_000));
        assert!(number.starts_with("20231114-"), "{number}");
        assert_eq!(number.len(), 19);
    }
}
