//! Orders that members of staff placed themselves: somebody else handles those.

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::commit::key::Key;
use crate::domain::member::query::is_key_used;

/// Why staff did not deliver or take back an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused<R> {
    /// It is their own.
    OwnOrder,
    /// What the rule says of anybody's.
    Rule(R),
}

impl<R> From<R> for Refused<R> {
    fn from(rejection: R) -> Refused<R> {
        Refused::Rule(rejection)
    }
}

/// Whether a command would have staff handle their own order. It is filed under the member who has it now, so the order of
/// somebody who was merged into them is theirs as well. A key that was used does nothing any more: it is let through to find
/// the answer it made, which may be from before such a merger.
pub async fn is_own(app: &App, staff_id: Id, key: &Key) -> Result<bool> {
    Ok(key.member_id == staff_id && !is_key_used(&app.db, key.member_id, key.operation, &key.key).await?)
}
