//! Reading what counted for members over the days that their tiers ask about.

use std::collections::BTreeSet;

use sea_orm::{DatabaseTransaction, DbErr};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::rows::Rows;
use crate::domain::points::rule::program::zone;
use crate::domain::tier::query::{SumKey, list_sums};
use crate::domain::tier::rule::career::Career;

/// The sums that members' tiers will most likely ask for, and those that one has asked for, in one statement. Where there
/// are no tiers nobody asks.
pub async fn load_sums(
    tx: &DatabaseTransaction,
    members: BTreeSet<Id>,
    mut wanted: BTreeSet<SumKey>,
    now: Instant,
    group: &mut Rows,
) -> Result<(), DbErr> {
    let Some(set) = group.tiers.clone() else { return Ok(()) };
    for member_id in members {
        let Some(ledger) = group.ledgers.get(&member_id) else { continue };
        let career = Career::new(set.clone(), zone(&group.program), &ledger.wallet, now);
        wanted.extend(career.likely().into_iter().map(|window| (member_id, window)));
    }
    group.sums.extend(list_sums(tx, &wanted).await?);
    Ok(())
}
