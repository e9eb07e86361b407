//! The loyalty program: what a new database begins with, and the versions that staff makes of it.

pub mod audit;
pub mod movement;
pub mod update_program;

use sea_orm::EntityTrait;

use crate::base::clock::Clock;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::Db;
use crate::db::rows;
use crate::domain::points::entity::program;

/// The one program there is for now has a fixed id, so that processes that start together make it once.
const PROGRAM_ID: Id = Id::from_u128(0x01930000_0000_7000_8000_000000000001);

/// Makes the default program in a database that has none.
pub async fn ensure_program(db: &Db) -> Result<()> {
    if program::Entity::find().one(&db.read).await?.is_some() {
        return Ok(());
    }
    let program = program::Model::usual(PROGRAM_ID, Clock::System.now().micros());
    db.write(move |tx| {
        let program = program.clone();
        async move { rows::insert_if_absent::<program::Entity>(&*tx, vec![program]).await.map_err(Error::from) }
    })
    .await?;
    Ok(())
}
