//! Passwords: argon2id in a bounded pool of threads of its own.
//!
//! A hash takes some 20 ms of one core and 19 MiB of memory on purpose. On the async threads it would stop every other
//! request, and without a bound a flood of logins would take all memory; so a fixed number of workers hash, a bounded
//! queue waits, and what does not fit is told to come back.
//!
//! An account that does not exist costs the same work as one that does: [`Passwords::verify`] without a stored hash
//! hashes against a decoy with the parameters in force.

mod hash;
mod pool;

use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::id::Random;
use hash::{Scheme, Stored};
use pool::{Job, Pool, Task};

/// The least memory a password may cost, in KiB (19 MiB).
pub const MIN_MEMORY_KIB: u32 = 19 * 1024;
/// The least number of passes over that memory.
pub const MIN_PASSES: u32 = 2;

/// How passwords are hashed, and by how many threads.
#[derive(Clone, Debug)]
pub struct PasswordSettings {
    /// argon2's `m` in KiB; at least [`MIN_MEMORY_KIB`]. Every worker holds this much while it is busy.
    pub memory_kib: u32,
    /// argon2's `t`; at least [`MIN_PASSES`].
    pub passes: u32,
    /// argon2's `p`; a worker runs the lanes one after another.
    pub lanes: u32,
    /// Threads that hash. The default is the number of cores.
    pub workers: usize,
    /// Requests that may wait; one more is refused as `UNAVAILABLE`.
    pub queue: usize,
    /// Lifts the two minima. Only [`PasswordSettings::insecure_for_tests`] sets it, and no flag or variable may.
    pub insecure_for_tests: bool,
}

impl Default for PasswordSettings {
    fn default() -> PasswordSettings {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        PasswordSettings {
            memory_kib: MIN_MEMORY_KIB,
            passes: MIN_PASSES,
            lanes: 1,
            workers: cores,
            queue: 1024,
            insecure_for_tests: false,
        }
    }
}

impl PasswordSettings {
    /// The cheapest parameters argon2 takes, so that a test that logs in a thousand times is over at once. Never for a
    /// program that keeps real passwords.
    pub fn insecure_for_tests() -> PasswordSettings {
        PasswordSettings {
            memory_kib: 8,
            passes: 1,
            workers: 1,
            insecure_for_tests: true,
            ..PasswordSettings::default()
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// One line that says what to change.
    pub fn validate(&self) -> Result<(), String> {
        let least_memory = if self.insecure_for_tests { 8 } else { MIN_MEMORY_KIB };
        let least_passes = if self.insecure_for_tests { 1 } else { MIN_PASSES };
        // The upper ends only catch slips of the keyboard: 4 GiB or a hundred passes would stop every login.
        within("password memory in KiB", self.memory_kib, least_memory, 4 << 20)?;
        within("password passes", self.passes, least_passes, 100)?;
        within("password lanes", self.lanes, 1, self.memory_kib / 8)?;
        within("password workers", self.workers, 1, 1024)?;
        within("password queue", self.queue, 1, 1 << 20)
    }
}

fn within<T: PartialOrd + std::fmt::Display>(name: &str, value: T, least: T, most: T) -> Result<(), String> {
    if value < least || value > most {
        return Err(format!("The {name} must be between {least} and {most}, but is {value}."));
    }
    Ok(())
}

/// What a password check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The password is the stored one. Always false for an unknown account.
    pub matches: bool,
    /// The stored hash is weaker than the settings: hash the password again now that it is at hand. Only ever true
    /// together with `matches`.
    pub rehash_needed: bool,
}

/// The password room. Clones share one pool, and the threads end when the last clone is gone.
#[derive(Clone)]
pub struct Passwords {
    pool: Arc<Pool>,
    random: Random,
    decoy: Stored,
    scheme: Scheme,
}

impl Passwords {
    /// Starts the workers. Nothing is hashed yet, and no memory is held until there is work.
    ///
    /// # Errors
    /// One line that says which setting is wrong, or that the system gives no threads.
    pub fn new(settings: &PasswordSettings, random: Random) -> Result<Passwords, String> {
        settings.validate()?;
        let scheme = Scheme::new(settings.memory_kib, settings.passes, settings.lanes)?;
        let decoy = scheme.decoy(random.bytes(), random.bytes());
        let pool = Pool::start(settings.workers, settings.queue)
            .map_err(|error| format!("The threads for password hashing cannot be started: {error}."))?;
        Ok(Passwords { pool: Arc::new(pool), random, decoy, scheme })
    }

    /// Hashes a new password, to a string in PHC form that carries its own salt and parameters.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the queue is full.
    pub async fn hash(&self, password: String) -> Result<String> {
        let task = Task::Hash { scheme: self.scheme.clone(), salt: self.random.bytes() };
        let (job, reply) = Job::new(password, task);
        self.pool.submit(job)?;
        let digest = reply.await.map_err(Error::internal)??;
        Ok(digest.phc)
    }

    /// Compares a password with a stored hash. `None` stands for an account that does not exist or has no password,
    /// and costs the same.
    ///
    /// The one difference that is left: a hash stored under older, lower settings takes less time than the decoy, until
    /// its owner logs in once and it is made anew.
    ///
    /// # Errors
    /// `UNAVAILABLE` when the queue is full, `INTERNAL` when the stored text is no argon2 hash.
    pub async fn verify(&self, password: String, phc: Option<String>) -> Result<Verdict> {
        let known = phc.is_some();
        let stored = phc.map_or_else(|| Ok(self.decoy.clone()), |phc| Stored::parse(&phc))?;
        let rehash_needed = stored.is_weaker_than(&self.scheme);
        let (job, reply) = Job::new(password, Task::Verify(stored));
        self.pool.submit(job)?;
        let digest = reply.await.map_err(Error::internal)??;
        let matches = digest.matches && known;
        Ok(Verdict { matches, rehash_needed: matches && rehash_needed })
    }

    /// How many hashes the workers have computed since the start, for metrics and for tests of what was skipped.
    pub fn hashes_computed(&self) -> u64 {
        self.pool.computed()
    }

    /// How many requests wait for a worker now.
    pub fn queued(&self) -> usize {
        self.pool.queued()
    }
}

#[cfg(test)]
mod tests;
