//! The keys of one level of a document, gathered into one batch.
//!
//! async-graphql resolves the fields of a level beside each other, in one task. The first that asks for a key of a
//! relation leads: it lets the others go on until no new key has come for a moment, and loads what has gathered. There
//! is no timer, and only the leader waits in this way; everybody else is woken once, when the rows are there.
//!
//! The `dataloader` crate underneath remembers what the request has read and cuts batches. Its own way of gathering is
//! switched off: it lets every key wait for ten turns, and hands the rows on through one fair lock, one waiter a turn.
//! In a list of a hundred that splits a level over several statements, and costs more than they do.

use std::collections::HashMap;
use std::fmt::{Debug, Formatter};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use ::dataloader::BatchFn;
use ::dataloader::cached::Loader;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::task::coop::unconstrained;

use crate::base::error::{Code, Error, Result};
use crate::db::loader::Merged;
use crate::db::reader::Lookup;

/// Turns without a new key after which a level is complete: enough for a field within three objects within a list.
const QUIET_TURNS: u32 = 8;
/// Keys of one request that go into one statement.
const BATCH: usize = 1_000;

/// A failure that many fields of one request may share. The cause went to the log when it happened.
#[derive(Clone)]
struct Shared {
    code: Code,
    message: String,
}

type Found<K> = Result<Option<<K as Lookup>::Row>, Shared>;

/// One relation in one request.
pub struct Level<K: Lookup> {
    loader: Loader<Asked<K>, Found<K>, Batch<K>>,
    gathering: Mutex<Gathering<K>>,
    /// Keys asked for in the whole request, of any relation: while it grows, the level is not complete.
    asked: Arc<AtomicU64>,
}

/// The keys that were asked for, and who asked; more than one may have asked for the same.
type Waiting<K> = Vec<(K, oneshot::Sender<Found<K>>)>;

struct Gathering<K: Lookup> {
    waiting: Waiting<K>,
    led: bool,
}

impl<K: Lookup> Level<K> {
    pub fn new(merged: Merged<K, K::Row>, asked: Arc<AtomicU64>) -> Level<K> {
        let loader = Loader::new(Batch(merged)).with_max_batch_size(BATCH).with_yield_count(0);
        Level { loader, gathering: Mutex::new(Gathering { waiting: Vec::new(), led: false }), asked }
    }

    pub async fn find(&self, key: K) -> Result<Option<K::Row>> {
        loop {
            let (answer, leads) = self.ask(&key);
            if leads {
                self.lead().await;
            }
            // Outside of the runtime's budget, which would wake a long list in portions and so split the next level.
            if let Ok(found) = unconstrained(answer).await {
                return found.map_err(|shared| Error::new(shared.code, shared.message));
            }
            // Whoever led was dropped, with a branch of the document that had failed: ask again.
        }
    }

    fn ask(&self, key: &K) -> (oneshot::Receiver<Found<K>>, bool) {
        let (reply, answer) = oneshot::channel();
        let mut gathering = self.gathering.lock();
        gathering.waiting.push((key.clone(), reply));
        self.asked.fetch_add(1, Ordering::Relaxed);
        (answer, !std::mem::replace(&mut gathering.led, true))
    }

    async fn lead(&self) {
        let leader = Leader(self);
        self.until_quiet().await;
        // Dropped from here on, this drops whoever waits, who then asks again.
        let waiting = leader.take();
        let keys = waiting.iter().map(|(key, _)| Asked(key.clone())).collect();
        let Ok(found) = self.loader.try_load_many(keys).await else { return };
        for (key, reply) in waiting {
            if let Some(found) = found.get(&Asked(key)) {
                let _ = reply.send(found.clone());
            }
        }
    }

    /// Waits until no key has come for some turns, each of which lets the request's other fields go first.
    ///
    /// The library keeps the fields of an object in a set that serves them in the order of their wake-ups, so whoever wakes
    /// itself comes behind the others. Only, a set serves a field that is alone in it twice before it lets those around
    /// it go on, and objects nest. (The runtime's `yield_now` is no better: the library resolves long lists in portions,
    /// and it wakes in between.)
    async fn until_quiet(&self) {
        let (mut before, mut quiet) = (self.asked.load(Ordering::Relaxed), 0);
        poll_fn(|context| {
            let now = self.asked.load(Ordering::Relaxed);
            quiet = if now == before { quiet + 1 } else { 0 };
            before = now;
            if quiet > QUIET_TURNS {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

/// Ends the gathering, also when it is dropped half-way: the next key that comes leads again.
struct Leader<'a, K: Lookup>(&'a Level<K>);

impl<K: Lookup> Leader<'_, K> {
    fn take(self) -> Waiting<K> {
        std::mem::take(&mut self.0.gathering.lock().waiting)
    }
}

impl<K: Lookup> Drop for Leader<'_, K> {
    fn drop(&mut self) {
        let mut gathering = self.0.gathering.lock();
        gathering.led = false;
        gathering.waiting.clear();
    }
}

/// A key as the crate underneath takes it: that puts the text for a key it did not find together for every key it finds.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked<K>(K);

impl<K> Debug for Asked<K> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(std::any::type_name::<K>())
    }
}

struct Batch<K: Lookup>(Merged<K, K::Row>);

impl<K: Lookup> BatchFn<Asked<K>, Found<K>> for Batch<K> {
    async fn load(&mut self, keys: &[Asked<K>]) -> HashMap<Asked<K>, Found<K>> {
        match self.0.load(keys.iter().map(|key| key.0.clone()).collect()).await {
            Ok(found) => keys.iter().map(|key| (key.clone(), Ok(found.get(&key.0).cloned()))).collect(),
            Err(error) => {
                tracing::error!(error = %error.chain(), "a look-up failed");
                let shared = Shared { code: error.code, message: error.message.into_owned() };
                keys.iter().map(|key| (key.clone(), Err(shared.clone()))).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use futures_util::FutureExt;
    use futures_util::future::{BoxFuture, join_all};

    use crate::db::Db;
    use crate::db::loader::Turns;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    struct Key(u32);

    impl Lookup for Key {
        type Row = u32;

        fn load(_: Db, _: Vec<Key>) -> BoxFuture<'static, Result<HashMap<Key, u32>>> {
            unreachable!("these tests load by a closure")
        }
    }

    fn level(turns: &Arc<Turns>) -> Level<Key> {
        let merged = Merged::new(turns.clone(), |keys: Vec<Key>| {
            let load = async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                assert!(!keys.contains(&Key(777)), "the planted defect");
                Ok(keys.into_iter().filter(|key| key.0 < 1_000).map(|key| (key, key.0 * 2)).collect())
            };
            load.boxed()
        });
        Level::new(merged, Arc::default())
    }

    #[tokio::test]
    async fn a_level_of_many_keys_is_one_statement_and_so_is_the_next() {
        let turns = Turns::new(1);
        let level = level(&turns);
        let level = &level;
        let chains = (0..300).map(|key| async move {
            let twice = level.find(Key(key)).await.unwrap().unwrap();
            level.find(Key(300 + twice)).await.unwrap().unwrap()
        });
        let found = join_all(chains).await;
        assert_eq!((found[0], found[299]), (600, 1_796));
        assert_eq!(level.find(Key(5_000)).await.unwrap(), None);
        assert_eq!(level.find(Key(7)).await.unwrap(), Some(14));
        assert_eq!(turns.taken(), 3);
    }

    /// A branch of a document that fails drops its look-ups, and with them perhaps the one that leads.
    #[tokio::test]
    async fn whoever_waits_is_answered_though_the_leader_was_dropped() {
        for patience in [Duration::ZERO, Duration::from_millis(2)] {
            let level = level(&Turns::new(1));
            let led = tokio::time::timeout(patience, level.find(Key(1)));
            let (led, one, two) = tokio::join!(led, level.find(Key(1)), level.find(Key(2)));
            assert!(led.is_err(), "the leader was not dropped");
            assert_eq!((one.unwrap(), two.unwrap()), (Some(2), Some(4)));
        }
    }

    #[tokio::test]
    async fn a_failure_is_everybodys() {
        let level = level(&Turns::new(1));
        let both = join_all([level.find(Key(777)), level.find(Key(777))]).await;
        assert!(both.iter().all(|found| found.as_ref().is_err_and(|error| error.code == Code::Internal)));
    }
}
