//! What a member's account shows beside its balance: lots, holds, deadlines, and the balance with what is due.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::ConnectionTrait;

use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::{Id, Series};
use crate::db::Db;
use crate::db::keyset::OwnedList;
use crate::db::lookup::{count_of_member, members_by, page_of_member, row_of_member, rows_of_member};
use crate::db::reader::{Finds, Lookup};
use crate::db::rows;
use crate::domain::points::entity::{adjustment, allocation, hold, lot, merger, transfer, wallet};
use crate::domain::points::query::WalletOf;
use crate::domain::points::query::books::{due_holds, due_lots, with_parts};
use crate::domain::points::rule::{Ledger, Shelf};

/// Newest first: a lot's id sorts by when it was granted.
pub const LOTS: OwnedList<lot::Entity> = OwnedList { owner: lot::Column::MemberId, order: lot::Column::Id, scope: "" };
/// The same, of lots that have points left.
pub const OPEN_LOTS: OwnedList<lot::Entity> =
    OwnedList { owner: lot::Column::MemberId, order: lot::Column::Id, scope: "x.remaining + x.held > 0" };
/// Newest first.
pub const HOLDS: OwnedList<hold::Entity> =
    OwnedList { owner: hold::Column::MemberId, order: hold::Column::Id, scope: "" };

row_of_member!(
    /// A lot by its member and id.
    LotKey: lot by Id
);
page_of_member!(
    /// A page of a member's lots, newest first.
    LotsOf: lot, LOTS
);
page_of_member!(
    /// A page of a member's lots with points left, newest first.
    OpenLotsOf: lot, OPEN_LOTS
);
count_of_member!(
    /// How many lots a member has.
    LotCount: "lot"
);
row_of_member!(
    /// A hold by its member and id.
    HoldKey: hold by Id
);
page_of_member!(
    /// A page of a member's holds, newest first.
    HoldsOf: hold, HOLDS
);
count_of_member!(
    /// How many holds a member has.
    HoldCount: "hold"
);
row_of_member!(
    /// An adjustment by its member and id.
    AdjustmentKey: adjustment by Id
);
row_of_member!(
    /// A transfer by its sender and id.
    TransferKey: transfer by Id
);
row_of_member!(
    /// A merger by the wallet that took over, and its id.
    MergerKey: merger by Id
);
rows_of_member!(
    /// How a transaction moved points of lots, by its member and id.
    AllocationsOf: allocation by TxnId, ordered by "position"
);

/// The points that a wallet can spend at a moment, with everything settled that is due by then; none where there is no
/// wallet.
pub async fn active_by(finds: &impl Finds, wallet_id: Id, now: Instant) -> Result<i64> {
    let Some(wallet) = finds.find(WalletOf(wallet_id)).await? else { return Ok(0) };
    let is_due = wallet.next_due.is_some_and(|due| due <= now.micros());
    let settled = if is_due { finds.find(SettledOf(wallet_id, now)).await? } else { Some(wallet) };
    Ok(settled.map_or(0, |wallet| wallet.posted - wallet.held))
}

/// A wallet as it is once everything due by a moment has been settled, whether or not a sweep has written it. The
/// moment is not before the wallet's last transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SettledOf(pub Id, pub Instant);

impl Lookup for SettledOf {
    type Row = Arc<wallet::Model>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut found = HashMap::with_capacity(keys.len());
            for (moment, members) in members_by(keys.iter().map(|key| (key.0, key.1))) {
                let settled = settled(&db, &members, moment).await?;
                found.extend(settled.into_iter().map(|wallet| (SettledOf(wallet.member_id, moment), Arc::new(wallet))));
            }
            Ok(found)
        })
    }
}

/// Reads wallets with what is due in them, and settles them in memory.
async fn settled(db: &Db, members: &[Id], by: Instant) -> Result<Vec<wallet::Model>> {
    // One moment for all statements: a hold that a sweep released after we had read it would have nothing left to
    // release, and what a sweep expired after we had read the wallet would still count as active.
    let moment = db.begin_moment().await?;
    let read = with_what_is_due(&moment, members, by).await;
    let _ = moment.rollback().await;
    let settle = |ledger: Ledger| {
        let mut ledger = ledger.copy(Series::new(Id::nil()));
        let settled = ledger.settle(by, by, 0);
        settled.map_err(|refusal| Error::internal(format!("what is due cannot be settled: {refusal:?}")))?;
        Ok(ledger.wallet)
    };
    read?.into_iter().map(settle).collect()
}

/// The ledgers of wallets, with the lots and holds that are due.
async fn with_what_is_due(db: &impl ConnectionTrait, members: &[Id], by: Instant) -> Result<Vec<Ledger>> {
    let wallets = rows::by_ids::<wallet::Entity>(db, wallet::Column::MemberId, members.iter().copied()).await?;
    let Some(program_id) = wallets.first().map(|wallet| wallet.program_id) else { return Ok(Vec::new()) };
    let lots = due_lots(db, program_id, members, by).await?;
    let holds = due_holds(db, program_id, members, by).await?;
    let (holds, held) = with_parts(db, holds).await?;
    let mut ledgers: HashMap<Id, Ledger> =
        wallets.into_iter().map(|wallet| (wallet.member_id, Ledger::new(wallet, Shelf::default()))).collect();
    for lot in lots.into_iter().chain(held) {
        if let Some(ledger) = ledgers.get_mut(&lot.member_id) {
            ledger.shelf.add(lot);
        }
    }
    for hold in holds {
        if let Some(ledger) = ledgers.get_mut(&hold.row.member_id) {
            ledger.holds.insert(hold.row.id, hold);
        }
    }
    Ok(ledgers.into_values().collect())
}

/// Points that expire at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sea_orm::FromQueryResult)]
pub struct Deadline {
    pub expires_at: i64,
    pub points: i64,
}

/// All that will expire of a member's points after a moment, the earliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DeadlinesOf(pub Id, pub Instant);

/// Deadlines shown at the most: ten years of days.
const MAX_DEADLINES: usize = 3_660;

#[derive(sea_orm::FromQueryResult)]
struct DeadlineRow {
    member_id: Id,
    #[sea_orm(nested)]
    deadline: Deadline,
}

impl Lookup for DeadlinesOf {
    type Row = Arc<Vec<Deadline>>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let mut found: HashMap<Self, Vec<Deadline>> = keys.iter().map(|key| (*key, Vec::new())).collect();
            for (moment, members) in members_by(keys.iter().map(|key| (key.0, key.1))) {
                // A lot that is pending counts as soon as its dates are known.
                let sql = format!(
                    "SELECT member_id, expires_at, CAST(SUM(remaining) AS bigint) AS points FROM lot \
                     WHERE {} AND remaining > 0 AND expires_at > $2 AND expires_at < $3 \
                     GROUP BY member_id, expires_at ORDER BY member_id, expires_at",
                    db.dialect.in_ids("member_id", 1)
                );
                let values = vec![db.dialect.ids(members), moment.micros().into(), Instant::NEVER.micros().into()];
                let rows: Vec<DeadlineRow> = rows::select(&db.read, sql, values).await?;
                for row in rows {
                    let deadlines = found.entry(DeadlinesOf(row.member_id, moment)).or_default();
                    if deadlines.len() < MAX_DEADLINES {
                        deadlines.push(row.deadline);
                    }
                }
            }
            Ok(found.into_iter().map(|(key, deadlines)| (key, Arc::new(deadlines))).collect())
        })
    }
}

/// Wallets in which something is due, the longest overdue first, behind a place in that order.
pub async fn list_due_wallets(db: &Db, by: Instant, behind: (i64, Id), limit: u64) -> Result<Vec<(i64, Id)>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Due {
        next_due: i64,
        member_id: Id,
    }
    let sql = format!(
        "SELECT next_due, member_id FROM wallet WHERE next_due <= $1 AND (next_due, member_id) > ($2, $3) \
         ORDER BY next_due, member_id LIMIT {limit}"
    );
    let values = vec![by.micros().into(), behind.0.into(), behind.1.into()];
    let found: Vec<Due> = rows::select(&db.read, sql, values).await?;
    Ok(found.into_iter().map(|due| (due.next_due, due.member_id)).collect())
}
