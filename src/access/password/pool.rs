//! The threads that hash, and the queue in front of them.
//!
//! Each worker keeps one block of memory from hash to hash. Allocating 19 MiB for every hash means that the system
//! zeroes and maps 4,864 pages each time: see the figures at [`Memory`].

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::Block;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use super::hash::{SALT_BYTES, Scheme, Stored};
use crate::base::error::{Error, Result};
use crate::base::text;

/// A worker that has had nothing to do for this long gives its memory back.
const IDLE: Duration = Duration::from_secs(30);

/// What to do with a password.
pub enum Task {
    Hash {
        scheme: Scheme,
        salt: [u8; SALT_BYTES],
    },
    Verify(Stored),
    /// Holds a worker until the test lets go.
    #[cfg(test)]
    Pause(std::sync::mpsc::Receiver<()>),
}

/// What came of it: `phc` for a hash, `matches` for a comparison.
#[derive(Default)]
pub struct Digest {
    pub phc: String,
    pub matches: bool,
}

/// A password, what to do with it, and who waits for the answer.
pub struct Job {
    password: String,
    task: Task,
    reply: oneshot::Sender<Result<Digest>>,
}

impl Job {
    pub fn new(password: String, task: Task) -> (Job, oneshot::Receiver<Result<Digest>>) {
        let (reply, answer) = oneshot::channel();
        (Job { password, task, reply }, answer)
    }

    /// The password is brought to its one form here, so that no caller can hash one form and compare another.
    fn run(&self, memory: &mut Memory) -> Result<Digest> {
        let password = text::opaque(&self.password);
        match &self.task {
            Task::Hash { scheme, salt } => {
                let phc = scheme.hash(password.as_bytes(), salt, memory.at_least(scheme.blocks()))?;
                Ok(Digest { phc, ..Digest::default() })
            }
            Task::Verify(stored) => {
                let matches = stored.matches(password.as_bytes(), memory.at_least(stored.blocks()))?;
                Ok(Digest { matches, ..Digest::default() })
            }
            #[cfg(test)]
            Task::Pause(until) => {
                let _ = until.recv();
                Ok(Digest::default())
            }
        }
    }
}

/// A worker's memory, kept between hashes.
///
/// Measured on two busy cores (November 2026, m = 19 MiB, t = 2, p = 1, release build, turn by turn, medians): argon2's plain
/// interface, which allocates each time, 25.5 ms a hash; argon2 over kept memory 22.6 ms; this pool 23.1 ms. With two
/// threads 55.9, 59.4 and 60.5 hashes a second. The fastest single hashes of an earlier run: 19.9, 15.0 and 15.1 ms.
#[derive(Default)]
struct Memory(Vec<Block>);

impl Memory {
    fn at_least(&mut self, blocks: usize) -> &mut [Block] {
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::new());
        }
        &mut self.0
    }
}

/// What the workers and the pool share.
struct Shared {
    queue: Mutex<Queue>,
    arrived: Condvar,
    capacity: usize,
    computed: AtomicU64,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

/// A fixed number of threads behind a bounded queue. Dropping it ends the threads, each after the job it is at.
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts the threads.
    pub fn start(workers: usize, capacity: usize) -> std::io::Result<Pool> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            arrived: Condvar::new(),
            capacity,
            computed: AtomicU64::new(0),
        });
        // Made first: when a thread cannot be started, dropping the pool ends the ones that were.
        let pool = Pool { shared: shared.clone() };
        for number in 0..workers {
            let shared = shared.clone();
            std::thread::Builder::new().name(format!("password-{number}")).spawn(move || work(&shared))?;
        }
        Ok(pool)
    }

    /// Puts a job at the end of the queue, or answers `UNAVAILABLE` when the queue is full.
    pub fn submit(&self, job: Job) -> Result<()> {
        let mut queue = self.shared.queue.lock();
        if queue.jobs.len() >= self.shared.capacity {
            // Those who went away no longer count; they are looked for only when there is no other room.
            queue.jobs.retain(|waiting| !waiting.reply.is_closed());
        }
        if queue.jobs.len() >= self.shared.capacity {
            return Err(Error::unavailable());
        }
        queue.jobs.push_back(job);
        drop(queue);
        self.shared.arrived.notify_one();
        Ok(())
    }

    pub fn computed(&self) -> u64 {
        self.shared.computed.load(Ordering::Relaxed)
    }

    pub fn queued(&self) -> usize {
        self.shared.queue.lock().jobs.len()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue.lock().closed = true;
        self.shared.arrived.notify_all();
    }
}

/// A worker's life.
fn work(shared: &Shared) {
    let mut memory = Memory::default();
    while let Some(job) = next_job(shared, &mut memory) {
        if job.reply.is_closed() {
            // The caller hung up while the job waited. Hashing for nobody would be how a flood outlives its senders.
            continue;
        }
        shared.computed.fetch_add(1, Ordering::Relaxed);
        // A panic would silently leave one worker less, for good.
        let answer = catch_unwind(AssertUnwindSafe(|| job.run(&mut memory)))
            .unwrap_or_else(|_| Err(Error::internal("a password worker panicked")));
        // Nobody listens any more when the caller hung up during the hash.
        let _ = job.reply.send(answer);
    }
}

/// Waits for a job. `None` when the pool is closed.
fn next_job(shared: &Shared, memory: &mut Memory) -> Option<Job> {
    let mut queue = shared.queue.lock();
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            return Some(job);
        }
        if queue.closed {
            return None;
        }
        if memory.0.is_empty() {
            shared.arrived.wait(&mut queue);
        } else if shared.arrived.wait_for(&mut queue, IDLE).timed_out() {
            *memory = Memory::default();
        }
    }
}
