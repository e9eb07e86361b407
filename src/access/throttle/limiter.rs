//! One limit over many keys, as leaky buckets in bounded memory.
//!
//! A bucket holds `limit` failures and leaks one every `window / limit`. So ten failures in 15 minutes can come at once,
//! after which one more is allowed every 90 seconds: whoever mistyped is soon let in again, and a guesser gets a thousand
//! tries a day. All a bucket needs is one instant, the one at which it will be empty; an empty bucket is the same as none.

use std::collections::HashMap;

use crate::base::clock::Instant;

/// A salted hash of an account or an address.
pub type Key = [u8; 16];

/// Whether an attempt may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Free,
    /// Attempts under way may use up what is left; ask again when one of them has ended.
    Wait,
    /// Failures have filled the bucket until then.
    Refuse {
        until: Instant,
    },
}

/// Counts against one limit.
pub struct Limiter {
    limit: i64,
    /// Microseconds in which one failure leaks away.
    interval: i64,
    /// How many buckets are kept at most, those with attempts under way aside.
    capacity: usize,
    buckets: HashMap<Key, Bucket>,
}

struct Bucket {
    empty_at: Instant,
    /// Attempts under way.
    open: i64,
}

impl Bucket {
    /// Nothing would be lost by forgetting it.
    fn is_idle(&self, now: Instant) -> bool {
        self.open == 0 && self.empty_at <= now
    }
}

impl Limiter {
    /// `limit` failures in `window` microseconds; 0 is no limit.
    pub fn new(limit: u32, window: i64, capacity: usize) -> Limiter {
        let limit = i64::from(limit);
        Limiter { limit, interval: window / limit.max(1), capacity: capacity.max(1), buckets: HashMap::new() }
    }

    /// Whether one more attempt could begin now.
    pub fn ask(&self, key: Key, now: Instant) -> Answer {
        let Some(bucket) = self.buckets.get(&key).filter(|_| self.limit > 0) else {
            return Answer::Free;
        };
        // The bucket is full when its level is above this: another failure would not fit.
        let last_place = (self.limit - 1) * self.interval;
        let level = (bucket.empty_at.micros() - now.micros()).max(0);
        if level > last_place {
            Answer::Refuse { until: bucket.empty_at.plus(-last_place) }
        } else if level + bucket.open * self.interval > last_place {
            Answer::Wait
        } else {
            Answer::Free
        }
    }

    /// Begins an attempt. It must be settled once.
    pub fn reserve(&mut self, key: Key, now: Instant) {
        if self.limit == 0 {
            return;
        }
        if self.buckets.len() >= self.capacity && !self.buckets.contains_key(&key) {
            self.make_room(now);
        }
        self.buckets.entry(key).or_insert(Bucket { empty_at: now, open: 0 }).open += 1;
    }

    /// Ends an attempt: a failure fills the bucket by one, anything else leaves no trace.
    pub fn settle(&mut self, key: Key, now: Instant, failed: bool) {
        // A bucket with an attempt under way is never dropped, so it is missing only where there is no limit.
        let Some(bucket) = self.buckets.get_mut(&key) else {
            return;
        };
        bucket.open -= 1;
        if failed {
            bucket.empty_at = bucket.empty_at.max(now).plus(self.interval);
        }
        if bucket.is_idle(now) {
            self.buckets.remove(&key);
        }
    }

    /// Drops the buckets that have leaked empty; if that is not an eighth of all, also those that are soonest empty.
    /// A flood of made-up accounts, each with one failure, so drives out itself and not the account under attack. Each
    /// call looks at all buckets, but frees room for thousands of new ones, each of which costs a password hash.
    fn make_room(&mut self, now: Instant) {
        self.buckets.retain(|_, bucket| !bucket.is_idle(now));
        let wanted = self.capacity - self.capacity.div_ceil(8);
        let surplus = self.buckets.len().saturating_sub(wanted);
        let mut ends: Vec<Instant> = self.droppable().collect();
        if surplus == 0 || ends.is_empty() {
            return;
        }
        let last = (surplus - 1).min(ends.len() - 1);
        let (_, &mut threshold, _) = ends.select_nth_unstable(last);
        let mut left = surplus;
        self.buckets.retain(|_, bucket| {
            let drop = left > 0 && bucket.open == 0 && bucket.empty_at <= threshold;
            left -= usize::from(drop);
            !drop
        });
    }

    fn droppable(&self) -> impl Iterator<Item = Instant> {
        self.buckets.values().filter(|bucket| bucket.open == 0).map(|bucket| bucket.empty_at)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.buckets.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::{MINUTE, SECOND};

    const NOW: Instant = Instant(1_800_000_000_000_000);

    fn key(number: usize) -> Key {
        (number as u128).to_le_bytes()
    }

    fn fail(limiter: &mut Limiter, key: Key, now: Instant) {
        limiter.reserve(key, now);
        limiter.settle(key, now, true);
    }

    #[test]
    fn a_bucket_fills_and_leaks() {
        let mut limiter = Limiter::new(10, 15 * MINUTE, 100);
        for _ in 0..10 {
            assert_eq!(limiter.ask(key(1), NOW), Answer::Free);
            fail(&mut limiter, key(1), NOW);
        }
        let until = NOW.plus(90 * SECOND);
        assert_eq!(limiter.ask(key(1), NOW), Answer::Refuse { until });
        assert_eq!(limiter.ask(key(1), until.plus(-1)), Answer::Refuse { until });
        assert_eq!(limiter.ask(key(1), until), Answer::Free);
        fail(&mut limiter, key(1), until);
        assert_eq!(limiter.ask(key(1), until), Answer::Refuse { until: NOW.plus(180 * SECOND) });
        assert_eq!(limiter.ask(key(2), NOW), Answer::Free);
    }

    #[test]
    fn successes_leave_no_trace() {
        let mut limiter = Limiter::new(1, MINUTE, 100);
        for _ in 0..1000 {
            assert_eq!(limiter.ask(key(1), NOW), Answer::Free);
            limiter.reserve(key(1), NOW);
            assert_eq!(limiter.ask(key(1), NOW), Answer::Wait);
            limiter.settle(key(1), NOW, false);
        }
        assert_eq!(limiter.len(), 0);
    }

    #[test]
    fn zero_is_no_limit_and_keeps_nothing() {
        let mut limiter = Limiter::new(0, MINUTE, 100);
        for _ in 0..1000 {
            assert_eq!(limiter.ask(key(1), NOW), Answer::Free);
            fail(&mut limiter, key(1), NOW);
        }
        assert_eq!(limiter.len(), 0);
    }

    #[test]
    fn a_flood_drives_out_itself() {
        let mut limiter = Limiter::new(10, 15 * MINUTE, 1000);
        for _ in 0..10 {
            fail(&mut limiter, key(0), NOW);
        }
        limiter.reserve(key(1), NOW);
        for number in 2..20_000 {
            fail(&mut limiter, key(number), NOW);
            assert!(limiter.len() <= 1000);
        }
        assert!(matches!(limiter.ask(key(0), NOW), Answer::Refuse { .. }), "the account under attack is still closed");
        assert_eq!(limiter.buckets[&key(1)].open, 1, "an attempt under way is never forgotten");
    }

    #[test]
    fn buckets_that_leaked_empty_go_first() {
        let mut limiter = Limiter::new(10, 15 * MINUTE, 8);
        for number in 0..8 {
            fail(&mut limiter, key(number), NOW);
        }
        let later = NOW.plus(90 * SECOND);
        fail(&mut limiter, key(8), later);
        assert_eq!(limiter.len(), 1);
    }
}
