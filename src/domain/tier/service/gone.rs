//! Tiers that something names and that are no more.

use std::collections::BTreeSet;

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::reader::Finds;
use crate::domain::tier::query::TiersNow;

/// Those of some tiers that the program does not have now: nobody is in them.
pub async fn gone_tiers(app: &App, named: BTreeSet<Id>) -> Result<BTreeSet<Id>> {
    find_gone(&*app.hub, app.programs.id(), named).await
}

/// The same for whoever finds rows. The database is asked, since another process may have changed tiers a moment ago; where
/// none are named nothing is looked up.
pub async fn find_gone(finds: &impl Finds, program_id: Id, mut named: BTreeSet<Id>) -> Result<BTreeSet<Id>> {
    if !named.is_empty() {
        let set = finds.find(TiersNow(program_id)).await?;
        set.iter().flat_map(|set| &set.tiers).for_each(|tier| {
            named.remove(&tier.row.id);
        });
    }
    Ok(named)
}
