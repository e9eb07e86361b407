//! Opening outlets.

use std::sync::Arc;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::Result;
use crate::db::rows;
use crate::db::write::Tx;
use crate::domain::outlet::entity::outlet;
use crate::domain::outlet::query;
use crate::domain::outlet::rule::{MAX_OUTLETS, Rejection, check};

/// Makes an outlet.
pub async fn create_outlet(
    app: &App,
    actor: &Actor,
    code: String,
    name: String,
) -> Result<Result<Arc<outlet::Model>, Rejection>> {
    actor.staff()?;
    let (code, name) = (code.trim().to_owned(), name.trim().to_owned());
    if let Err(rejection) = check(&code, &name) {
        return Ok(Err(rejection));
    }
    if query::list_outlets(&app.db).await?.len() >= MAX_OUTLETS {
        return Ok(Err(Rejection::TooMany));
    }
    let row = outlet::Model { id: app.ids.next(), code, name, created_at: app.clock.now().micros() };
    let work = move |tx: Tx| {
        let row = row.clone();
        async move {
            let inserted = rows::insert_if_absent::<outlet::Entity>(&*tx, vec![row.clone()]).await?;
            if !inserted.is_empty() {
                return Ok(Ok(row));
            }
            // Our own from an attempt before, whose COMMIT succeeded but whose reply was lost.
            let there = rows::by_ids::<outlet::Entity>(&*tx, outlet::Column::Id, [row.id]).await?;
            Ok(there.into_iter().next().ok_or(Rejection::CodeTaken))
        }
    };
    Ok(app.db.write(work).await?.map(Arc::new))
}

/// Every outlet, by code. Anybody may know them.
pub async fn list_outlets(app: &App) -> Result<Vec<Arc<outlet::Model>>> {
    Ok(query::list_outlets(&app.db).await?.into_iter().map(Arc::new).collect())
}
