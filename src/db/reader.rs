//! One request's look-ups: batched within the request (`level`), merged over requests underneath (`loader`).
//!
//! A relation is a key type that implements [`Lookup`], declared in its domain's `query.rs`; the shared and the
//! per-request loaders are made when they are first used, so there is no list of them to keep.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures_util::future::{BoxFuture, try_join_all};
use parking_lot::Mutex;

use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::db::Db;
use crate::db::level::Level;
use crate::db::loader::{Merged, Turns};

/// A key by which rows are looked up in sets. Keys without a row are left out of the answer.
pub trait Lookup: Clone + Eq + Hash + Send + Sync + 'static {
    type Row: Clone + Send + Sync + 'static;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>>;
}

/// Whoever finds rows: a request's reader, or the hub without one.
pub trait Finds: Sync {
    fn find<K: Lookup>(&self, key: K) -> impl Future<Output = Result<Option<K::Row>>> + Send;

    /// A few keys at once; the same may be among them more than once.
    fn find_all<K: Lookup>(
        &self,
        keys: impl IntoIterator<Item = K> + Send,
    ) -> impl Future<Output = Result<Arc<HashMap<K, K::Row>>>> + Send;
}

impl Finds for Hub {
    fn find<K: Lookup>(&self, key: K) -> impl Future<Output = Result<Option<K::Row>>> + Send {
        Hub::find(self, key)
    }

    fn find_all<K: Lookup>(
        &self,
        keys: impl IntoIterator<Item = K> + Send,
    ) -> impl Future<Output = Result<Arc<HashMap<K, K::Row>>>> + Send {
        Hub::find_all(self, keys)
    }
}

impl Finds for Reader {
    fn find<K: Lookup>(&self, key: K) -> impl Future<Output = Result<Option<K::Row>>> + Send {
        Reader::find(self, key)
    }

    async fn find_all<K: Lookup>(&self, keys: impl IntoIterator<Item = K> + Send) -> Result<Arc<HashMap<K, K::Row>>> {
        let keys: HashSet<K> = keys.into_iter().collect();
        let found = try_join_all(keys.into_iter().map(async |key| Ok((key.clone(), Reader::find(self, key).await?))));
        let found: Vec<(K, Option<K::Row>)> = found.await.map_err(|error: Error| error)?;
        Ok(Arc::new(found.into_iter().filter_map(|(key, row)| Some((key, row?))).collect()))
    }
}

/// The merged look-ups of the process.
pub struct Hub {
    db: Db,
    merged: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
    turns: Arc<Turns>,
}

impl Hub {
    pub fn new(db: Db) -> Arc<Hub> {
        let turns = Turns::new(db.dialect.look_ups_at_once());
        Arc::new(Hub { db, merged: Mutex::default(), turns })
    }

    /// How many statements the look-ups have run since the start.
    pub fn statements(&self) -> u64 {
        self.turns.taken()
    }

    fn merged<K: Lookup>(&self) -> Merged<K, K::Row> {
        let mut all = self.merged.lock();
        let entry = all.entry(TypeId::of::<K>()).or_insert_with(|| {
            let db = self.db.clone();
            let load = move |keys: Vec<K>| K::load(db.clone(), keys);
            Box::new(Merged::<K, K::Row>::new(self.turns.clone(), load))
        });
        entry.downcast_ref::<Merged<K, K::Row>>().expect("filed under its own type").clone()
    }

    /// Looks one key up without a request's loader, such as a session before the request is let in.
    pub async fn find<K: Lookup>(&self, key: K) -> Result<Option<K::Row>> {
        let found = self.merged::<K>().load(vec![key.clone()]).await?;
        Ok(found.get(&key).cloned())
    }

    /// Looks a few keys up at once; the same may be among them more than once.
    pub async fn find_all<K: Lookup>(&self, keys: impl IntoIterator<Item = K>) -> Result<Arc<HashMap<K, K::Row>>> {
        let keys: HashSet<K> = keys.into_iter().collect();
        self.merged::<K>().load(keys.into_iter().collect()).await
    }
}

/// One request's look-ups, never shared between requests.
pub struct Reader {
    hub: Arc<Hub>,
    levels: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
    asked: Arc<AtomicU64>,
    moment: Mutex<Option<Instant>>,
}

impl Reader {
    pub fn new(hub: Arc<Hub>) -> Reader {
        Reader { hub, levels: Mutex::default(), asked: Arc::default(), moment: Mutex::default() }
    }

    /// The moment as of which the request reads: the one at which it is first asked for. So whatever depends on the time
    /// fits together in an answer, and is one key.
    pub fn moment(&self, now: impl FnOnce() -> Instant) -> Instant {
        *self.moment.lock().get_or_insert_with(now)
    }

    fn level<K: Lookup>(&self) -> Arc<Level<K>> {
        let mut all = self.levels.lock();
        let entry = all.entry(TypeId::of::<K>()).or_insert_with(|| {
            Box::new(Arc::new(Level::<K>::new(self.hub.merged(), self.asked.clone()))) as Box<dyn Any + Send + Sync>
        });
        entry.downcast_ref::<Arc<Level<K>>>().expect("filed under its own type").clone()
    }

    /// The row of a key, or `None`.
    pub async fn find<K: Lookup>(&self, key: K) -> Result<Option<K::Row>> {
        self.level::<K>().find(key).await
    }

    /// The row of a key that a row of ours points to; its absence is a defect of ours.
    pub async fn get<K: Lookup>(&self, key: K) -> Result<K::Row> {
        let name = std::any::type_name::<K>();
        self.find(key).await?.ok_or_else(|| Error::internal(format!("a row of {name} is missing")))
    }

    /// Forgets what was read, and as of when: after a write, the request reads anew.
    pub fn forget(&self) {
        self.levels.lock().clear();
        *self.moment.lock() = None;
    }
}
