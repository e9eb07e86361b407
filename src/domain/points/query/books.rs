//! What a command finds in the books of wallets it has locked, and what a reader needs to reckon with what is due.
//!
//! All of it is set by set: one statement for all wallets of a group.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::db::dialect::{Cell, Dialect, SetColumn};
use crate::db::rows;
use crate::domain::points::entity::{hold, lot};
use crate::domain::points::rule::{OpenHold, Part, Unreversed};

/// A row by its member and its own id.
pub type Owned = (Id, Id);

/// The first lots of each wallet in spend order.
pub async fn first_lots(
    db: &impl ConnectionTrait,
    program_id: Id,
    members: &[Id],
    limit: u64,
) -> Result<HashMap<Id, Vec<lot::Model>>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = dialect.first_of_each(
        "lot",
        "x.member_id = given.id AND x.program_id = $2 AND x.remaining > 0 AND x.state = 'ACTIVE'",
        "x.expires_at, x.activates_at, x.id",
        limit,
    );
    let found = rows::select(db, sql, vec![dialect.ids(members.iter().copied()), program_id.into()]).await?;
    Ok(rows::group_by(found, |lot: &lot::Model| lot.member_id))
}

/// Every lot of each wallet that has points left.
pub async fn lots_left(db: &impl ConnectionTrait, program_id: Id, wallets: &[Id]) -> Result<Vec<lot::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!(
        "SELECT x.* FROM {} AS given CROSS JOIN lot x WHERE x.member_id = given.id AND x.program_id = $2 \
         AND x.remaining > 0",
        dialect.from_ids(1)
    );
    rows::select(db, sql, vec![dialect.ids(wallets.iter().copied()), program_id.into()]).await
}

/// Lots that activate or expire by a moment.
pub async fn due_lots(
    db: &impl ConnectionTrait,
    program_id: Id,
    members: &[Id],
    by: Instant,
) -> Result<Vec<lot::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let given = dialect.from_ids(1);
    let of_state = |state: &str, date: &str| {
        format!(
            "SELECT x.* FROM {given} AS given CROSS JOIN lot x WHERE x.member_id = given.id AND x.program_id = $2 \
             AND x.remaining > 0 AND x.state = '{state}' AND x.{date} <= $3"
        )
    };
    let sql = format!("{} UNION ALL {}", of_state("PENDING", "activates_at"), of_state("ACTIVE", "expires_at"));
    rows::select(db, sql, vec![dialect.ids(members.iter().copied()), program_id.into(), by.micros().into()]).await
}

/// Holds that time out by a moment.
pub async fn due_holds(
    db: &impl ConnectionTrait,
    program_id: Id,
    members: &[Id],
    by: Instant,
) -> Result<Vec<hold::Model>, DbErr> {
    let dialect = Dialect::of(db);
    let sql = format!(
        "SELECT x.* FROM {} AS given CROSS JOIN hold x WHERE x.member_id = given.id AND x.program_id = $2 AND x.open > 0 \
         AND x.expires_at <= $3",
        dialect.from_ids(1)
    );
    rows::select(db, sql, vec![dialect.ids(members.iter().copied()), program_id.into(), by.micros().into()]).await
}

#[derive(FromQueryResult)]
struct NextDue {
    member_id: Id,
    lot_expires: Option<i64>,
    lot_activates: Option<i64>,
    hold_expires: Option<i64>,
}

/// When something is next due in each wallet after a moment; nothing for those in which nothing ever is.
pub async fn due_after(
    db: &impl ConnectionTrait,
    program_id: Id,
    members: &[Id],
    after: Instant,
) -> Result<HashMap<Id, i64>, DbErr> {
    let dialect = Dialect::of(db);
    let first = |table: &str, date: &str, condition: &str| {
        format!(
            "(SELECT x.{date} FROM {table} x WHERE x.member_id = given.id AND x.program_id = $2 AND {condition} \
             AND x.{date} > $3 ORDER BY x.{date} LIMIT 1)"
        )
    };
    let sql = format!(
        "SELECT given.id AS member_id, {} AS lot_expires, {} AS lot_activates, {} AS hold_expires FROM {} AS given",
        first("lot", "expires_at", "x.remaining > 0 AND x.state = 'ACTIVE'"),
        first("lot", "activates_at", "x.remaining > 0 AND x.state = 'PENDING'"),
        first("hold", "expires_at", "x.open > 0"),
        dialect.from_ids(1)
    );
    let values = vec![dialect.ids(members.iter().copied()), program_id.into(), after.micros().into()];
    let found: Vec<NextDue> = rows::select(db, sql, values).await?;
    let next = found.into_iter().filter_map(|row| {
        let dates = [row.lot_expires, row.lot_activates, row.hold_expires];
        let next = dates.into_iter().flatten().filter(|date| *date < Instant::NEVER.micros()).min()?;
        Some((row.member_id, next))
    });
    Ok(next.collect())
}

/// Lots by member and id.
pub async fn lots_by_id(db: &impl ConnectionTrait, keys: Vec<Owned>) -> Result<Vec<lot::Model>, DbErr> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let columns = [lot::Column::MemberId, lot::Column::Id];
    rows::by_keys::<lot::Entity, 2>(db, columns, keys.into_iter().map(|(member, id)| [member.into(), id.into()]), "")
        .await
}

/// Holds by member and id.
pub async fn holds_by_id(db: &impl ConnectionTrait, keys: Vec<Owned>) -> Result<Vec<hold::Model>, DbErr> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let columns = [hold::Column::MemberId, hold::Column::Id];
    let keys = keys.into_iter().map(|(member, id)| [member.into(), id.into()]);
    rows::by_keys::<hold::Entity, 2>(db, columns, keys, "").await
}

/// The holds with what is open of them, and the lots that is in.
pub async fn with_parts(
    db: &impl ConnectionTrait,
    holds: Vec<hold::Model>,
) -> Result<(Vec<OpenHold>, Vec<lot::Model>), DbErr> {
    let txns = holds.iter().map(|hold| (hold.member_id, hold.txn_id)).collect();
    let mut unreversed = unreversed(db, txns).await?;
    let lots = lots_by_id(db, lots_of(&unreversed)).await?;
    let holds = holds.into_iter().map(|row| {
        let parts = unreversed.remove(&(row.member_id, row.txn_id)).map_or(Vec::new(), |txn| txn.parts);
        OpenHold { row, parts }
    });
    Ok((holds.collect(), lots))
}

/// The lots that transactions moved points of.
pub fn lots_of(txns: &HashMap<Owned, Unreversed>) -> Vec<Owned> {
    let lots = txns.iter().flat_map(|((member, _), txn)| txn.parts.iter().map(|part| (*member, part.lot_id)));
    let mut lots: Vec<Owned> = lots.collect();
    lots.sort_unstable();
    lots.dedup();
    lots
}

#[derive(FromQueryResult)]
struct PartRow {
    member_id: Id,
    txn_id: Id,
    position: i64,
    lot_id: Id,
    points: i64,
}

/// What can still be taken back of transactions, by member and id.
pub async fn unreversed(db: &impl ConnectionTrait, txns: Vec<Owned>) -> Result<HashMap<Owned, Unreversed>, DbErr> {
    if txns.is_empty() {
        return Ok(HashMap::new());
    }
    let columns = [SetColumn::new("member_id", Cell::Id), SetColumn::new("txn_id", Cell::Id)];
    let dialect = Dialect::of(db);
    let sql = format!(
        "SELECT a.member_id, a.txn_id, a.position, a.lot_id, a.points - CAST(COALESCE((SELECT SUM(r.points) \
         FROM allocation r WHERE r.member_id = a.member_id AND r.origin_txn_id = a.txn_id \
         AND r.origin_position = a.position), 0) AS bigint) AS points \
         FROM ({}) AS given JOIN allocation a ON a.member_id = given.member_id AND a.txn_id = given.txn_id \
         ORDER BY a.member_id, a.txn_id, a.position",
        dialect.row_set(&columns)
    );
    let cells: Vec<Vec<Value>> =
        vec![txns.iter().map(|txn| txn.0.into()).collect(), txns.iter().map(|txn| txn.1.into()).collect()];
    let found: Vec<PartRow> = rows::select(db, sql, dialect.bind_rows(&columns, cells)).await?;
    let mut by_txn: HashMap<Owned, Unreversed> = HashMap::new();
    for PartRow { member_id, txn_id, position, lot_id, points } in found {
        let txn = by_txn.entry((member_id, txn_id)).or_insert_with(|| Unreversed { txn_id, parts: Vec::new() });
        if points > 0 {
            txn.parts.push(Part { position, lot_id, points });
        }
    }
    Ok(by_txn)
}

#[derive(FromQueryResult)]
struct Sent {
    points: Option<i64>,
}

/// Points a member gave to others from a moment on.
pub async fn sent_since(db: &impl ConnectionTrait, program_id: Id, member_id: Id, from: Instant) -> Result<i64, DbErr> {
    let sql = "SELECT CAST(-SUM(points) AS bigint) AS points FROM txn \
               WHERE member_id = $1 AND program_id = $2 AND effective_at >= $3 AND kind = 'TRANSFER_OUT' \
               AND cause = 'TRANSFER'";
    let values = vec![member_id.into(), program_id.into(), from.micros().into()];
    let found: Vec<Sent> = rows::select(db, sql.to_owned(), values).await?;
    Ok(found.into_iter().find_map(|sent| sent.points).unwrap_or(0))
}
