//! Reading what counted for members over the days that their tiers ask about.

use std::collections::BTreeSet;

use sea_orm::{DatabaseTransaction, DbErr};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::rows::Rows;
use crate::domain::points::rule::program::zone;
use crate::domain::tier::query::{SumKey, TierBook, list_sums};
use crate::domain::tier::rule::career::Career;
use crate::domain::tier::rule::revisions::{Back, Revisions};

/// The sums that members' tiers will most likely ask for, and those that one has asked for, in one statement; and the
/// revisions of tiers by which they are brought up to now, which a process mostly knows. Where there are no tiers nobody asks.
pub async fn load_sums(
    tx: &DatabaseTransaction,
    members: BTreeSet<Id>,
    mut wanted: BTreeSet<SumKey>,
    now: Instant,
    group: &mut Rows,
    book: &TierBook,
) -> Result<(), DbErr> {
    let Some(set) = group.tiers.as_ref().map(|tiers| tiers.newest().clone()) else { return Ok(()) };
    let wallets = || members.iter().filter_map(|id| Some((*id, &group.ledgers.get(id)?.wallet)));
    let back = Back::of(wallets().map(|(_, wallet)| wallet), now);
    let earlier = book.before(tx, &set, back).await?;
    let revisions = Revisions::new(earlier, set);
    for (member_id, wallet) in wallets() {
        let career = Career::new(revisions.clone(), zone(&group.program), wallet, now);
        wanted.extend(career.likely().into_iter().map(|window| (member_id, window)));
    }
    group.tiers = Some(revisions);
    group.sums.extend(list_sums(tx, &wanted).await?);
    Ok(())
}
