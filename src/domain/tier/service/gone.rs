//! Tiers that something names and that are no more.

use std::collections::BTreeSet;

use crate::app::App;
use crate::base::error::Result;
use crate::base::id::Id;

/// Those of some tiers that the program does not have now: nobody is in them. Where none are named nothing is looked up.
pub async fn gone_tiers(app: &App, mut named: BTreeSet<Id>) -> Result<BTreeSet<Id>> {
    if !named.is_empty() {
        let set = app.tiers.get(&app.db.read, app.programs.latest().version).await?;
        set.iter().flat_map(|set| &set.tiers).for_each(|tier| {
            named.remove(&tier.row.id);
        });
    }
    Ok(named)
}
