//! The versions of the program, as a process knows them.
//!
//! A version never changes once it is written, so it is kept for as long as the process runs. Which is the newest may
//! change at any moment, by a mutation on any process: whoever decides by it asks the database, and the newest one known
//! here is good for everything else.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use parking_lot::RwLock;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::domain::points::entity::program;
use crate::domain::points::query::get_program;
use crate::domain::points::rule::program::{find_zone, zone};

/// The versions of the one program there is. Clones are the same one.
#[derive(Clone)]
pub struct Programs(Arc<RwLock<Known>>);

struct Known {
    latest: Arc<program::Model>,
    versions: HashMap<i64, Arc<program::Model>>,
}

impl Programs {
    /// Begins with the newest version.
    pub async fn open(db: &Db) -> Result<Programs> {
        let latest = Arc::new(readable(get_program(db).await?)?);
        let versions = HashMap::from([(latest.version, latest.clone())]);
        Ok(Programs(Arc::new(RwLock::new(Known { latest, versions }))))
    }

    /// The program, which is the same in all its versions.
    pub fn id(&self) -> Id {
        self.0.read().latest.id
    }

    /// The newest version this process has met. There may be a newer one.
    pub fn latest(&self) -> Arc<program::Model> {
        self.0.read().latest.clone()
    }

    /// The zone in which the days of that version begin.
    pub fn zone(&self) -> TimeZone {
        zone(&self.0.read().latest)
    }

    /// A version, read within a transaction or outside if it is not known yet. It must be there: every number comes
    /// from a row, and no version is ever deleted.
    pub async fn get(&self, db: &impl ConnectionTrait, version: i64) -> Result<Arc<program::Model>, DbErr> {
        let known = self.0.read().versions.get(&version).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let of_ours = program::Entity::find().filter(program::Column::Id.eq(self.id()));
        let found = of_ours.filter(program::Column::Version.eq(version)).one(db).await?;
        let found = found.ok_or_else(|| DbErr::RecordNotFound(format!("version {version} of the program")))?;
        Ok(self.keep(readable(found)?))
    }

    /// Asks the database for the newest version.
    pub async fn refresh(&self, db: &Db) -> Result<Arc<program::Model>> {
        Ok(self.keep(readable(get_program(db).await?)?))
    }

    /// Takes in a version that is committed. One that was overtaken does not become the latest again.
    pub fn keep(&self, program: program::Model) -> Arc<program::Model> {
        let mut known = self.0.write();
        let program = known.versions.entry(program.version).or_insert_with(|| Arc::new(program)).clone();
        if program.version > known.latest.version {
            known.latest = program.clone();
        }
        program
    }
}

/// Refuses a version in whose zone this build cannot reckon: an expiry in another zone would be wrong for ever.
fn readable(program: program::Model) -> Result<program::Model, DbErr> {
    match find_zone(&program) {
        Some(_) => Ok(program),
        None => Err(DbErr::Custom(format!("this build does not know the program's time zone {:?}", program.time_zone))),
    }
}
