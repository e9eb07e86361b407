//! Look-ups merged over requests: while one statement runs, the keys that arrive gather for the next one.
//!
//! There is no timer: before a statement begins, whatever else is ready to run goes first and adds its keys, so the
//! busier the process, the fewer statements a request costs. Where statements run on our own cores, only so many run at
//! a time, and what waits for its turn gathers too. A key never joins a statement that has already begun, so whoever
//! reads after a write sees it.
//!
//! The statement runs in a task of its own: a client that hangs up takes nobody else's rows with it.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::yield_now;

use crate::base::error::{Error, Result};

/// Keys of one statement; what is over waits for the next.
const KEYS_PER_STATEMENT: usize = 2_000;

/// Loads the values of some keys; keys without a value are left out.
type Load<K, V> = dyn Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>>> + Send + Sync;

struct Caller<K, V> {
    keys: Vec<K>,
    reply: oneshot::Sender<Result<Arc<HashMap<K, V>>>>,
}

struct State<K, V> {
    waiting: Vec<Caller<K, V>>,
    /// One statement is in flight at the most.
    running: bool,
}

/// The merged look-up of one relation, shared by all requests of the process.
pub struct Merged<K, V> {
    load: Arc<Load<K, V>>,
    state: Arc<Mutex<State<K, V>>>,
    turns: Arc<Turns>,
}

/// What the look-ups of a process share: how many of their statements may run at a time, and how many have run.
pub struct Turns {
    free: Semaphore,
    statements: AtomicU64,
}

impl Turns {
    pub fn new(at_once: usize) -> Arc<Turns> {
        Arc::new(Turns { free: Semaphore::new(at_once), statements: AtomicU64::default() })
    }

    /// How many statements have run since the start.
    pub fn taken(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}

impl<K, V> Clone for Merged<K, V> {
    fn clone(&self) -> Self {
        Merged { load: self.load.clone(), state: self.state.clone(), turns: self.turns.clone() }
    }
}

impl<K, V> Merged<K, V>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub fn new(
        turns: Arc<Turns>,
        load: impl Fn(Vec<K>) -> BoxFuture<'static, Result<HashMap<K, V>>> + Send + Sync + 'static,
    ) -> Merged<K, V> {
        let state = State { waiting: Vec::new(), running: false };
        Merged { load: Arc::new(load), state: Arc::new(Mutex::new(state)), turns }
    }

    /// The values of the keys, which are distinct, and perhaps of other callers' keys too.
    pub async fn load(&self, keys: Vec<K>) -> Result<Arc<HashMap<K, V>>> {
        let (reply, answer) = oneshot::channel();
        let start = {
            let mut state = self.state.lock();
            state.waiting.push(Caller { keys, reply });
            !std::mem::replace(&mut state.running, true)
        };
        if start {
            tokio::spawn(self.clone().run());
        }
        answer.await.map_err(|_| Error::internal("a look-up ended without an answer"))?
    }

    async fn run(self) {
        // Held so that a panic in a loader frees the lane instead of leaving every later caller waiting.
        let lane = Lane(&self.state);
        while lane.is_wanted() {
            let _turn = self.turns.free.acquire().await;
            yield_now().await;
            let callers = lane.next();
            self.turns.statements.fetch_add(1, Ordering::Relaxed);
            match (self.load)(distinct(&callers)).await {
                Ok(found) => {
                    let found = Arc::new(found);
                    for caller in callers {
                        let _ = caller.reply.send(Ok(found.clone()));
                    }
                }
                Err(error) => refuse(callers, error),
            }
        }
        std::mem::forget(lane);
    }
}

/// The keys of all callers; each caller's own are distinct.
fn distinct<K: Eq + Hash + Clone, V>(callers: &[Caller<K, V>]) -> Vec<K> {
    if let [caller] = callers {
        return caller.keys.clone();
    }
    let keys: HashSet<&K> = callers.iter().flat_map(|caller| &caller.keys).collect();
    keys.into_iter().cloned().collect()
}

/// Each caller gets an error of its own; the cause is kept by the first, which is enough for the log.
fn refuse<K, V>(callers: Vec<Caller<K, V>>, error: Error) {
    let (code, message) = (error.code, error.message.clone());
    let mut first = Some(error);
    for caller in callers {
        let error = first.take().unwrap_or_else(|| Error::new(code, message.clone()));
        let _ = caller.reply.send(Err(error));
    }
}

/// Held while statements of a relation run.
struct Lane<'a, K, V>(&'a Mutex<State<K, V>>);

impl<K, V> Lane<'_, K, V> {
    /// Whether anybody waits. If not, the lane is free, and the next caller starts it again.
    fn is_wanted(&self) -> bool {
        let mut state = self.0.lock();
        state.running = !state.waiting.is_empty();
        state.running
    }

    /// Takes the callers of the next statement.
    fn next(&self) -> Vec<Caller<K, V>> {
        let mut state = self.0.lock();
        let mut keys = 0;
        let taken = state.waiting.iter().take_while(|caller| {
            let fits = keys == 0 || keys + caller.keys.len() <= KEYS_PER_STATEMENT;
            keys += caller.keys.len();
            fits
        });
        let count = taken.count();
        state.waiting.drain(..count).collect()
    }
}

impl<K, V> Drop for Lane<'_, K, V> {
    /// Reached by a panic only: dropping the waiting callers answers them with an error.
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.running = false;
        state.waiting.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn counted(turns: &Arc<Turns>) -> Merged<u32, u32> {
        Merged::new(turns.clone(), |keys| {
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                assert!(!keys.contains(&666), "the planted defect");
                Ok(keys.into_iter().map(|key| (key, key * 2)).collect())
            })
        })
    }

    #[tokio::test]
    async fn what_arrives_while_a_statement_runs_shares_the_next() {
        let turns = Turns::new(1);
        let merged = counted(&turns);
        let callers = (0..50).map(|key| {
            let merged = merged.clone();
            async move { merged.load(vec![key]).await.unwrap()[&key] }
        });
        let found = futures_util::future::join_all(callers).await;
        assert_eq!(found[49], 98);
        assert!(turns.taken() <= 2, "fifty callers took more than two statements");
    }

    #[tokio::test]
    async fn a_defect_in_one_look_up_does_not_stop_the_next() {
        let merged = counted(&Turns::new(1));
        assert!(merged.load(vec![666]).await.is_err());
        assert_eq!(merged.load(vec![1]).await.unwrap()[&1], 2);
    }
}
