//! Carrying out groups: one transaction each, tried again when the database had a passing reason to refuse it.

use std::sync::Arc;
use std::time::{Duration, Instant as Deadline};

use parking_lot::Mutex;
use tokio::task::JoinHandle;

use crate::base::clock::Clock;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::command::{Answer, Command, Queued, Ticket, Verdict, too_late};
use crate::commit::load::Versions;
use crate::commit::rows::{Keys, Rows};
use crate::commit::{load, write};
use crate::db::Db;
use crate::db::dialect::{Dialect, Held};
use crate::db::group::{Bounds, Queue, Waiting};
use crate::db::write::{ATTEMPTS, backoff};
use crate::domain::earning::query::RuleBook;
use crate::domain::points::query::programs::Programs;
use crate::domain::tier::query::TierBook;

type Group = Vec<Box<dyn Queued>>;

/// How long a command may wait for its turn. After its transaction has begun nothing cancels it.
const PATIENCE: Duration = Duration::from_secs(8);
/// How soon a command is tried again whose rows others have.
const PAUSE: Duration = Duration::from_millis(25);

/// The committers of a process. A wallet always goes to the same one, so its commands meet in one group.
#[derive(Clone)]
pub struct Committers {
    queues: Arc<Vec<Queue<Box<dyn Queued>>>>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Committers {
    /// Starts `count` committers. SQLite has one writer, and so one committer.
    pub fn start(db: &Db, programs: &Programs, clock: &Clock, count: usize, bounds: Bounds) -> Committers {
        let queues = Arc::new((0..count.max(1)).map(|_| Queue::new(bounds)).collect::<Vec<_>>());
        let (rules, tiers) = (RuleBook::of(programs.id()), TierBook::of(programs.id()));
        let versions = Versions { programs: programs.clone(), rules, tiers };
        let tasks = (0..queues.len()).map(|lane| {
            let worker = Worker { db: db.clone(), versions: versions.clone(), clock: clock.clone() };
            tokio::spawn(keep_running(worker, queues.clone(), lane))
        });
        Committers { tasks: Arc::new(Mutex::new(tasks.collect())), queues }
    }

    /// Queues a command and waits for its answer, which comes once it is durable.
    pub async fn submit<C: Command>(&self, command: C) -> Answer<C> {
        let wallet = command.wallet();
        let rows = command.rows();
        let (ticket, answer) = Ticket::new(command, Deadline::now() + PATIENCE);
        let queue = &self.queues[self.lane(wallet)];
        queue.push(Waiting { wallet, rows, item: Box::new(ticket) }).map_err(|_| Error::unavailable())?;
        answer.await.unwrap_or_else(|_| Err(Error::unavailable()))
    }

    fn lane(&self, wallet: Id) -> usize {
        // The last bytes of a UUIDv7 are random.
        usize::from(wallet.as_bytes()[15]) % self.queues.len()
    }

    /// Refuses newcomers, carries out what waits, and returns when all of it is done.
    pub async fn finish(&self) {
        self.queues.iter().for_each(Queue::close);
        let tasks: Vec<_> = self.tasks.lock().drain(..).collect();
        for task in tasks {
            if let Err(cause) = task.await {
                tracing::error!(%cause, "a committer ended badly");
            }
        }
    }
}

/// Runs a lane until its queue is closed and empty. A defect that gets past `decide` ends the group it is in (its
/// transaction is rolled back and its callers are told to try again) but not the lane, whose wallets nobody else serves.
async fn keep_running(worker: Worker, queues: Arc<Vec<Queue<Box<dyn Queued>>>>, lane: usize) {
    loop {
        let (worker, queues) = (worker.clone(), queues.clone());
        match tokio::spawn(async move { worker.run(&queues[lane]).await }).await {
            Ok(()) => return,
            Err(cause) => tracing::error!(%cause, lane, "a committer panicked and is started again"),
        }
    }
}

/// Takes out the commands whose callers are no longer waiting.
fn give_up_expired(group: &mut Group, why: fn() -> Error) {
    let now = Deadline::now();
    let expired: Group = group.extract_if(.., |command| command.expired(now)).collect();
    if !expired.is_empty() {
        tracing::warn!(commands = expired.len(), "commands waited too long, or their callers left");
    }
    for command in expired {
        command.fail(why());
    }
}

/// What came of a group: the commands to be decided again, and what the next group does about rows that others have.
struct Carried {
    again: Group,
    held: Held,
}

#[derive(Clone)]
struct Worker {
    db: Db,
    versions: Versions,
    clock: Clock,
}

impl Worker {
    async fn run(&self, queue: &Queue<Box<dyn Queued>>) {
        // Commands that asked for more rows, or did not get theirs, lead the next group.
        let (mut again, mut held) = (Group::new(), Held::Awaited);
        loop {
            let mut group = std::mem::take(&mut again);
            if group.is_empty() {
                match queue.take().await {
                    Some(taken) => group = taken,
                    None => return,
                }
            } else if held == Held::PassedOver {
                // Nobody else waits behind those whose rows are not to be had.
                tokio::time::sleep(PAUSE).await;
                group.extend(queue.take_waiting());
            }
            give_up_expired(&mut group, too_late);
            if !group.is_empty() {
                Carried { again, held } = self.carry_out(group, held).await;
            }
        }
    }

    /// Carries a group out, as a whole if possible and else one by one.
    async fn carry_out(&self, mut group: Group, mut held: Held) -> Carried {
        match self.persist(&mut group, &mut held).await {
            Ok(again) => Carried { again: answer(group, &again), held },
            Err(error) if group.len() == 1 || (error.code == Code::Unavailable && !is_lock_timeout(&error)) => {
                tracing::error!(error = %error.chain(), commands = group.len(), "a group was not committed");
                for command in group {
                    command.fail(Error::new(error.code, error.message.clone()));
                }
                Carried { again: Vec::new(), held }
            }
            Err(error) => {
                tracing::warn!(error = %error.chain(), commands = group.len(), "a group was refused; trying one by one");
                let mut again = Vec::new();
                for command in group {
                    again.extend(Box::pin(self.carry_out(vec![command], held)).await.again);
                }
                Carried { again, held }
            }
        }
    }

    /// Tries the group until it is durable. Returns the positions of commands that are to be decided again.
    async fn persist(&self, group: &mut Group, held: &mut Held) -> Result<Vec<usize>> {
        let mut attempt = 1;
        loop {
            match self.attempt(group, held).await {
                // Something is locked that cannot be passed over: a name that another transaction has claimed.
                Err(error) if is_lock_timeout(&error) && *held == Held::PassedOver => return Err(error),
                Err(error) if error.code == Code::Unavailable && attempt < ATTEMPTS => {
                    if is_lock_timeout(&error) {
                        tracing::warn!(commands = group.len(), "others have rows locked; going on without those");
                        *held = Held::PassedOver;
                    } else {
                        tracing::debug!(attempt, error = %error.chain(), "a group will be tried again");
                        tokio::time::sleep(backoff(attempt)).await;
                    }
                    group.iter_mut().for_each(|command| command.reset());
                    attempt += 1;
                    // The attempt before may have been committed without our knowing, so nobody is told that nothing was
                    // done, but to ask again with their key.
                    give_up_expired(group, Error::unavailable);
                }
                result => return result,
            }
        }
    }

    async fn attempt(&self, group: &mut Group, held: &mut Held) -> Result<Vec<usize>> {
        if group.is_empty() {
            return Ok(Vec::new());
        }
        let mut keys = Keys::default();
        group.iter().for_each(|command| command.keys(&mut keys));
        let tx = self.db.begin_write().await?;
        let mut rows = Rows::new(self.versions.programs.latest());
        let now = match load::load(&tx, keys, *held, &mut rows, &self.versions, &self.clock).await {
            Ok(now) => now,
            Err(cause) => {
                let _ = tx.rollback().await;
                return Err(cause.into());
            }
        };
        if rows.elsewhere.is_empty() {
            *held = Held::Awaited;
        }
        let mut again = Vec::new();
        for (position, command) in group.iter_mut().enumerate() {
            if rows.elsewhere.has_any_of(|keys| command.keys(keys))
                || matches!(command.decide(&mut rows, now), Verdict::Again)
            {
                again.push(position);
            }
        }
        if !rows.writes.any {
            tx.rollback().await?;
            return Ok(again);
        }
        match write::write(&tx, rows, now).await {
            Ok(()) if planted(Bug::AnsweredUndone) => tx.rollback().await?,
            Ok(()) => tx.commit().await?,
            // COMMIT answers Ok on an aborted transaction, so an error on the way always means roll back.
            Err(cause) => {
                let _ = tx.rollback().await;
                return Err(cause.into());
            }
        }
        Ok(again)
    }
}

fn is_lock_timeout(error: &Error) -> bool {
    error.cause().is_some_and(Dialect::is_lock_timeout)
}

/// Answers everybody but those at the given positions, and returns these.
fn answer(group: Group, again: &[usize]) -> Group {
    let mut kept = Vec::new();
    for (position, command) in group.into_iter().enumerate() {
        if again.contains(&position) { kept.push(command) } else { command.answer() }
    }
    kept
}
