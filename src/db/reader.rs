//! One request's look-ups: batched within the request by the `dataloader` crate, merged over requests underneath.
//!
//! A relation is a key type that implements [`Lookup`], declared in its domain's `query.rs`; the shared and the
//! per-request loaders are made when they are first used, so there is no list of them to keep.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::dataloader::BatchFn;
use ::dataloader::cached::Loader;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;

use crate::base::error::{Code, Error, Result};
use crate::db::Db;
use crate::db::loader::Merged;

/// A key by which rows are looked up in sets. Keys without a row are left out of the answer.
pub trait Lookup: Clone + Debug + Eq + Hash + Send + Sync + 'static {
    type Row: Clone + Send + Sync + 'static;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>>;
}

/// The merged look-ups of the process.
pub struct Hub {
    db: Db,
    merged: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
    statements: Arc<AtomicU64>,
}

impl Hub {
    pub fn new(db: Db) -> Arc<Hub> {
        Arc::new(Hub { db, merged: Mutex::default(), statements: Arc::default() })
    }

    /// How many statements the look-ups have run since the start.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    fn merged<K: Lookup>(&self) -> Merged<K, K::Row> {
        let mut all = self.merged.lock();
        let entry = all.entry(TypeId::of::<K>()).or_insert_with(|| {
            let db = self.db.clone();
            let load = move |keys: Vec<K>| K::load(db.clone(), keys);
            Box::new(Merged::<K, K::Row>::new(self.statements.clone(), load))
        });
        entry.downcast_ref::<Merged<K, K::Row>>().expect("filed under its own type").clone()
    }

    /// Looks one key up without a request's loader, such as a session before the request is let in.
    pub async fn find<K: Lookup>(&self, key: K) -> Result<Option<K::Row>> {
        let found = self.merged::<K>().load(vec![key.clone()]).await?;
        Ok(found.get(&key).cloned())
    }

    /// Looks a few keys up at once.
    pub async fn find_all<K: Lookup>(&self, keys: Vec<K>) -> Result<Arc<HashMap<K, K::Row>>> {
        self.merged::<K>().load(keys).await
    }
}

/// A failure that many fields of one request may share. The cause went to the log when it happened.
#[derive(Clone)]
struct Shared {
    code: Code,
    message: String,
}

struct Batch<K: Lookup>(Merged<K, K::Row>);

impl<K: Lookup> BatchFn<K, Result<Option<K::Row>, Shared>> for Batch<K> {
    async fn load(&mut self, keys: &[K]) -> HashMap<K, Result<Option<K::Row>, Shared>> {
        match self.0.load(keys.to_vec()).await {
            Ok(found) => keys.iter().map(|key| (key.clone(), Ok(found.get(key).cloned()))).collect(),
            Err(error) => {
                tracing::error!(error = %error.chain(), "a look-up failed");
                let shared = Shared { code: error.code, message: error.message.into_owned() };
                keys.iter().map(|key| (key.clone(), Err(shared.clone()))).collect()
            }
        }
    }
}

type RequestLoader<K> = Loader<K, Result<Option<<K as Lookup>::Row>, Shared>, Batch<K>>;

/// Keys of one request that go into one batch.
const BATCH: usize = 1_000;

/// One request's loaders. Never shared between requests: a loader holds its lock while it waits.
pub struct Reader {
    hub: Arc<Hub>,
    loaders: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

impl Reader {
    pub fn new(hub: Arc<Hub>) -> Reader {
        Reader { hub, loaders: Mutex::default() }
    }

    fn loader<K: Lookup>(&self) -> RequestLoader<K> {
        let mut all = self.loaders.lock();
        let entry = all.entry(TypeId::of::<K>()).or_insert_with(|| {
            Box::new(Loader::new(Batch(self.hub.merged::<K>())).with_max_batch_size(BATCH))
                as Box<dyn Any + Send + Sync>
        });
        entry.downcast_ref::<RequestLoader<K>>().expect("filed under its own type").clone()
    }

    /// The row of a key, or `None`.
    pub async fn find<K: Lookup>(&self, key: K) -> Result<Option<K::Row>> {
        let found = self.loader::<K>().try_load(key).await.map_err(Error::internal)?;
        found.map_err(|shared| Error::new(shared.code, shared.message))
    }

    /// The row of a key that a row of ours points to; its absence is a defect of ours.
    pub async fn get<K: Lookup>(&self, key: K) -> Result<K::Row> {
        let name = std::any::type_name::<K>();
        self.find(key).await?.ok_or_else(|| Error::internal(format!("a row of {name} is missing")))
    }

    /// Forgets what was read: after a write, the request reads anew.
    pub fn forget(&self) {
        self.loaders.lock().clear();
    }
}
