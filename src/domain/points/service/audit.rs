//! The proof of the books for staff.

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use crate::access::actor::Actor;
use crate::app::App;
use crate::audit::report::Report;
use crate::audit::scope::Scope;
use crate::audit::{Wanted, prove_while, prove_within};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::db::Db;

/// A proof of all books reads every row of the ledger, so a process makes one at a time and lets nobody wait for another.
static ALL: Semaphore = Semaphore::const_new(1);

/// Proves the books of one member or household, or everybody's, as of one moment. Staff only.
pub async fn audit(app: &App, actor: &Actor, owner: Option<Id>) -> Result<Report> {
    actor.staff()?;
    let Some(owner_id) = owner else {
        let told = "An audit of all members is running already. Try again when it is done.";
        let turn = ALL.try_acquire().map_err(|_| Error::new(Code::Unavailable, told))?;
        return prove_all_in_turn(app.db.clone(), turn).await;
    };
    prove_one(&app.db, owner_id).await.map_err(unproved)
}

async fn prove_one(db: &Db, owner_id: Id) -> Result<Report> {
    let snapshot = db.begin_moment().await?;
    prove_within(&snapshot, Scope::Member(owner_id)).await
}

/// Proves everybody's books in a task of its own, which keeps the turn. A request that is given up ends at once, but the
/// statement that runs does not: SQLite's goes on to its end and keeps its connection. So the task ends before the next
/// statement, and the turn is free only then. Otherwise proofs that nobody waits for would pile up on all readers.
async fn prove_all_in_turn(db: Db, turn: SemaphorePermit<'static>) -> Result<Report> {
    let (caller, answer) = oneshot::channel();
    tokio::spawn(async move {
        let proved = prove_all(&db, &|| !caller.is_closed()).await.map_err(unproved);
        // Whoever is answered may ask again.
        drop(turn);
        let _ = caller.send(proved);
    });
    answer.await.map_err(Error::internal)?
}

async fn prove_all(db: &Db, wanted: Wanted<'_>) -> Result<Report> {
    let snapshot = db.begin_bounded_snapshot().await?;
    let proved = prove_while(&snapshot, Scope::All, wanted).await;
    // Its connection is free before the turn is.
    let _ = snapshot.rollback().await;
    proved
}

/// A database that did not answer to the end says nothing of the books, whyever it was.
fn unproved(error: Error) -> Error {
    match error.code {
        Code::Internal => error.told_as(Code::Unavailable, "The database did not answer to the end. Try again later."),
        _ => error,
    }
}
