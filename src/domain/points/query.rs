//! Finding the program, wallets and ledger transactions.

pub mod account;
pub mod adjustments;
pub mod books;
pub mod mergers;
pub mod programs;

pub mod statement;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::base::clock::Instant;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::Db;
use crate::db::dialect::{Cell, SetColumn};
use crate::db::keyset::OwnedList;
use crate::db::lookup::{count_of_member, page_of_member, page_of_owner, row_by_id, row_of_member, rows_of_member};
use crate::db::reader::{Hub, Lookup};
use crate::db::rows;
use crate::domain::points::entity::{program, txn, wallet};

/// Newest first. One program a server for now, so the wallet's list is the member's.
pub const ENTRIES: OwnedList<txn::Entity> =
    OwnedList { owner: txn::Column::MemberId, order: txn::Column::Seq, scope: "" };

/// The versions of a program, newest first.
const VERSIONS: OwnedList<program::Entity> =
    OwnedList { owner: program::Column::Id, order: program::Column::Version, scope: "" };

row_by_id!(
    /// A member's wallet.
    WalletOf: wallet by MemberId
);
row_of_member!(
    /// A ledger transaction by its member and id.
    TxnKey: txn by Id
);
rows_of_member!(
    /// All that one event did in a wallet, by the wallet and the event's source.
    TxnsOf: txn by SourceId, ordered by "seq"
);
page_of_member!(
    /// A page of a member's ledger, newest first.
    EntriesOf: txn, ENTRIES
);
page_of_owner!(
    /// A page of a program's versions, newest first.
    VersionsOf: program, VERSIONS, owned by id
);
count_of_member!(
    /// How many transactions a member's ledger has.
    EntryCount: "txn"
);

/// True for a member who was merged into another.
pub async fn is_merged(db: &impl ConnectionTrait, member_id: Id) -> Result<bool, DbErr> {
    let found = rows::by_ids::<wallet::Entity>(db, wallet::Column::MemberId, [member_id]).await?;
    Ok(found.iter().any(|wallet| wallet.merged_into.is_some()))
}

/// The wallets of members or households.
pub async fn list_wallets(
    db: &impl ConnectionTrait,
    owners: impl IntoIterator<Item = Id>,
) -> Result<Vec<wallet::Model>, DbErr> {
    rows::by_ids::<wallet::Entity>(db, wallet::Column::MemberId, owners).await
}

/// A wallet, and those that took it over since, one after the other. The last has everything now.
pub async fn line_of(hub: &Hub, wallet_id: Id) -> Result<Vec<Id>> {
    let mut line = vec![wallet_id];
    while let Some(next) = hub.find(WalletOf(line[line.len() - 1])).await?.and_then(|wallet| wallet.merged_into) {
        line.push(next);
    }
    Ok(line)
}

/// Who has everything of a member that was merged into another, or of a household that is no more; `None` for others.
pub async fn keeper_of(hub: &Hub, owner: Id) -> Result<Option<Id>> {
    Ok(line_of(hub, owner).await?.last().copied().filter(|keeper| *keeper != owner))
}

/// A member's available points right after the last transaction that had taken effect by a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BalanceAt {
    pub member_id: Id,
    pub program_id: Id,
    pub moment: Instant,
}

#[derive(sea_orm::FromQueryResult)]
struct Balance {
    member_id: Id,
    program_id: Id,
    moment: i64,
    balance: i64,
}

impl Lookup for BalanceAt {
    type Row = i64;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, i64>>> {
        Box::pin(async move {
            let columns = [("member_id", Cell::Id), ("program_id", Cell::Id), ("moment", Cell::Integer)];
            let columns = columns.map(|(name, cell)| SetColumn::new(name, cell));
            let sql = format!(
                "SELECT given.member_id, given.program_id, given.moment, COALESCE((SELECT x.available_after FROM txn x \
                 WHERE x.member_id = given.member_id AND x.program_id = given.program_id \
                 AND x.effective_at <= given.moment ORDER BY x.effective_at DESC, x.seq DESC LIMIT 1), 0) AS balance \
                 FROM ({}) AS given",
                db.dialect.row_set(&columns)
            );
            let cells = vec![
                keys.iter().map(|key| key.member_id.into()).collect(),
                keys.iter().map(|key| key.program_id.into()).collect(),
                keys.iter().map(|key| key.moment.micros().into()).collect(),
            ];
            let rows: Vec<Balance> = rows::select(&db.read, sql, db.dialect.bind_rows(&columns, cells)).await?;
            let found = rows.into_iter().map(|Balance { member_id, program_id, moment, balance }| {
                (BalanceAt { member_id, program_id, moment: Instant(moment) }, balance)
            });
            let found = found.collect();
            Ok(found)
        })
    }
}

/// The newest version of the program, as the database has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NewestProgram;

impl Lookup for NewestProgram {
    type Row = Arc<program::Model>;

    fn load(db: Db, _: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move { Ok(HashMap::from([(NewestProgram, Arc::new(get_program(&db).await?))])) })
    }
}

/// The newest version of the one program there is.
pub async fn get_program(db: &Db) -> Result<program::Model> {
    let found = program::Entity::find().order_by_desc(program::Column::Version).one(&db.read).await?;
    found.ok_or_else(|| Error::internal("there is no loyalty program; run jifen migrate"))
}

/// The newest version of a program, within a transaction.
pub async fn newest_version(tx: &impl ConnectionTrait, program_id: Id) -> Result<Option<program::Model>, DbErr> {
    let versions = program::Entity::find().filter(program::Column::Id.eq(program_id));
    versions.order_by_desc(program::Column::Version).one(tx).await
}
