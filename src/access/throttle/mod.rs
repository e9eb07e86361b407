//! Limits on guessing: failed passwords per account and per client address, and registrations per address.
//!
//! Only failures count, so whoever knows the password is never slowed by having logged in often. But a check that looks
//! at the failures so far and lets the attempt begin would let a thousand guesses begin at once, before the first has
//! failed. So an attempt takes a place when it begins ([`Throttle::attempt`]) and gives it back unless it fails. When
//! all places are taken by attempts whose outcome is open, a newcomer *waits* for one of them: it is refused only for
//! failures that happened. At no moment can failures and open attempts together exceed the limit.
//!
//! The counts are in memory, of one process: a restart forgets them, and two processes allow twice as much.

mod address;
mod limiter;
mod settings;

pub use address::{TrustedProxies, client_address};
pub use settings::{RetryAfter, ThrottleSettings};

use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, Semaphore};

use crate::access::credential::Account;
use crate::base::clock::{Clock, Instant, MINUTE, SECOND};
use crate::base::id::{Id, Random};
use limiter::{Answer, Key, Limiter};

/// How many attempts may wait for the outcome of others; further ones are refused for a second.
const MAX_WAITING: usize = 1024;

/// What failures are counted against. Make it from the member's id when the account is known, or three names of one
/// member (user name, e-mail, telephone) would allow three times as many guesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    Member(Id),
    /// An account that does not exist is counted as well, or the answer would tell that it does not.
    Unknown(&'a Account),
}

/// The counts. Clones share them.
#[derive(Clone)]
pub struct Throttle {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    /// Mixed into every key, so that nobody outside can choose accounts whose keys collide.
    salt: [u8; 32],
    /// One lock for all: it is held for a microsecond, and behind it a password is hashed for twenty thousand. Under one
    /// lock an attempt takes its place with the account and with the address at once, or with neither.
    counts: Mutex<Counts>,
    /// Told whenever a place may have become free.
    freed: Notify,
    /// Every freed place wakes all who wait, so their number is bounded.
    waiting: Semaphore,
}

struct Counts {
    accounts: Limiter,
    addresses: Limiter,
    registrations: Limiter,
}

impl Throttle {
    pub fn new(settings: ThrottleSettings, clock: Clock, random: &Random) -> Throttle {
        let limiter = |limit, window| Limiter::new(limit, window, settings.remembered);
        let counts = Counts {
            accounts: limiter(settings.failures_per_account, 15 * MINUTE),
            addresses: limiter(settings.failures_per_address, 15 * MINUTE),
            registrations: limiter(settings.registrations_per_address, MINUTE),
        };
        let inner = Inner {
            clock,
            salt: random.bytes(),
            counts: Mutex::new(counts),
            freed: Notify::new(),
            waiting: Semaphore::new(MAX_WAITING),
        };
        Throttle { inner: Arc::new(inner) }
    }

    /// Takes a place for one password check. Waits while other checks of the same account or address are under way that
    /// might use up the limit; dropping the future gives up the wait.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many failures, or when too many wait. Answer it before anything is hashed.
    pub async fn attempt(&self, subject: Subject<'_>, address: IpAddr) -> Result<Attempt, RetryAfter> {
        let (account, address) = (self.account_key(subject, address), self.address_key(address));
        let mut turn = None;
        loop {
            // Listening begins before looking, so a place that becomes free in between is not missed.
            let mut freed = std::pin::pin!(self.inner.freed.notified());
            freed.as_mut().enable();
            if self.try_reserve(account, address)? {
                return Ok(Attempt { inner: self.inner.clone(), account, address, failed: false });
            }
            if turn.is_none() {
                turn = Some(self.inner.waiting.try_acquire().map_err(|_| RetryAfter { seconds: 1 })?);
            }
            freed.await;
        }
    }

    /// Counts a registration from an address. Call it when the input is valid and before anything is hashed.
    ///
    /// # Errors
    /// [`RetryAfter`] when there were too many.
    pub fn registration(&self, address: IpAddr) -> Result<(), RetryAfter> {
        let key = self.address_key(address);
        let now = self.inner.clock.now();
        let registrations = &mut self.inner.counts.lock().registrations;
        match registrations.ask(key, now) {
            Answer::Refuse { until } => Err(retry_after(until, now)),
            Answer::Free | Answer::Wait => {
                registrations.reserve(key, now);
                registrations.settle(key, now, true);
                Ok(())
            }
        }
    }

    /// True when both places were taken, false when it is worth waiting.
    fn try_reserve(&self, account: Key, address: Key) -> Result<bool, RetryAfter> {
        let now = self.inner.clock.now();
        let counts = &mut *self.inner.counts.lock();
        let answers = [counts.accounts.ask(account, now), counts.addresses.ask(address, now)];
        let refused_until = answers.iter().filter_map(|answer| match answer {
            Answer::Refuse { until } => Some(*until),
            Answer::Free | Answer::Wait => None,
        });
        if let Some(until) = refused_until.max() {
            return Err(retry_after(until, now));
        }
        if answers.contains(&Answer::Wait) {
            return Ok(false);
        }
        counts.accounts.reserve(account, now);
        counts.addresses.reserve(address, now);
        Ok(true)
    }

    fn account_key(&self, subject: Subject<'_>, address: IpAddr) -> Key {
        match subject {
            Subject::Member(id) => self.key(b'm', id.as_bytes()),
            Subject::Unknown(Account::Email(email)) => self.key(b'e', email.as_bytes()),
            Subject::Unknown(Account::Phone(phone)) => self.key(b'p', phone.as_bytes()),
            Subject::Unknown(Account::UserName(name)) => self.key(b'n', name.as_bytes()),
            // Texts that are no account have nothing in common but where they come from.
            Subject::Unknown(Account::Nobody) => self.key(b'-', &address::network(address)),
        }
    }

    fn address_key(&self, address: IpAddr) -> Key {
        self.key(b'a', &address::network(address))
    }

    /// Sixteen bytes, however long the name, so an entry's size does not depend on what strangers send.
    fn key(&self, kind: u8, name: &[u8]) -> Key {
        let digest = Sha256::new().chain_update(self.inner.salt).chain_update([kind]).chain_update(name).finalize();
        digest.first_chunk().copied().expect("SHA-256 has 32 bytes")
    }
}

fn retry_after(until: Instant, now: Instant) -> RetryAfter {
    let micros = until.micros().saturating_sub(now.micros()).max(1);
    RetryAfter { seconds: (micros + SECOND - 1) / SECOND }
}

/// A place taken by a password check that is under way. Dropping it gives the place back: a success counts nothing,
/// and neither does a check that never came to an answer.
#[must_use = "say whether it failed"]
pub struct Attempt {
    inner: Arc<Inner>,
    account: Key,
    address: Key,
    failed: bool,
}

impl Attempt {
    /// The password was wrong, or the account does not exist. Call it with no await between the verdict and here.
    pub fn failed(mut self) {
        self.failed = true;
    }

    /// The password was right.
    pub fn succeeded(self) {}
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let now = self.inner.clock.now();
        let counts = &mut *self.inner.counts.lock();
        counts.accounts.settle(self.account, now, self.failed);
        counts.addresses.settle(self.address, now, self.failed);
        self.inner.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
