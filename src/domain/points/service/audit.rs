//! The proof of the books for staff.

use tokio::sync::Semaphore;

use crate::access::actor::Actor;
use crate::app::App;
use crate::audit::report::Report;
use crate::audit::scope::Scope;
use crate::audit::{prove, prove_within};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;

/// A proof of all books reads every row of the ledger, so a process makes one at a time and lets nobody wait for another.
static ALL: Semaphore = Semaphore::const_new(1);

/// Proves one member's books, or everybody's, as of one moment. Staff only. It ends with its request: nothing of it goes
/// on behind, but the one statement that runs.
pub async fn audit(app: &App, actor: &Actor, member: Option<Id>) -> Result<Report> {
    actor.staff()?;
    let Some(member_id) = member else {
        let told = "An audit of all members is running already. Try again when it is done.";
        let _turn = ALL.try_acquire().map_err(|_| Error::new(Code::Unavailable, told))?;
        let snapshot = app.db.begin_bounded_snapshot().await?;
        return prove(&snapshot).await.map_err(unproved);
    };
    let snapshot = app.db.begin_moment().await?;
    prove_within(&snapshot, Scope::Member(member_id)).await.map_err(unproved)
}

/// A database that did not answer to the end says nothing of the books, whyever it was.
fn unproved(error: Error) -> Error {
    match error.code {
        Code::Internal => error.told_as(Code::Unavailable, "The database did not answer to the end. Try again later."),
        _ => error,
    }
}
