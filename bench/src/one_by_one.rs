//! Orders placed one transaction each, statement by statement: what pgbench does on PostgreSQL, for SQLite.
//!
//! It runs over the product's own connections, opened as the product opens them, with the statements prepared once. It
//! is spared what pgbench is spared too: HTTP, tokens, look-ups, points and hashes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jifen::base::id::Id;
use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::load::scatter;
use crate::seed::{BUYERS, PRODUCTS, product_id, told, twin};

/// How to run it.
#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    connections: usize,
    #[arg(long)]
    warm_up_seconds: u64,
    #[arg(long)]
    seconds: u64,
    /// Different in every run over one database
    #[arg(long)]
    run: u64,
}

/// What it prints.
#[derive(Serialize, Deserialize)]
pub struct Printed {
    /// Orders a second, after the warm-up.
    pub rate: f64,
    /// All orders.
    pub placed: u64,
}

pub async fn run(args: Args) -> Result<()> {
    let db = connect(&Location::parse(&args.database_url)?, 16).await.map_err(told)?;
    let begin = Instant::now() + Duration::from_secs(args.warm_up_seconds);
    let end = begin + Duration::from_secs(args.seconds);
    let (counted, placed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut tasks = tokio::task::JoinSet::new();
    for connection in 0..args.connections {
        let (db, counted, placed, step, run) =
            (db.clone(), counted.clone(), placed.clone(), args.connections, args.run);
        tasks.spawn(async move {
            let mut turn = 0;
            while Instant::now() < end {
                let buyer = (connection + step * turn) % BUYERS;
                place(&db, twin(buyer), &Drawn::new(connection, run, turn as u64)).await?;
                turn += 1;
                placed.fetch_add(1, Ordering::Relaxed);
                let now = Instant::now();
                if now >= begin && now < end {
                    counted.fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok::<_, DbErr>(())
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    let rate = counted.load(Ordering::Relaxed) as f64 / args.seconds as f64;
    println!("{}", serde_json::to_string(&Printed { rate, placed: placed.load(Ordering::Relaxed) })?);
    Ok(())
}

/// What is drawn for an order: as in the product, the first half of an id grows with time and the second is random.
struct Drawn {
    time: i64,
    order: Id,
    txn: Id,
    lot: Id,
    event: Id,
    product: Id,
    number: String,
    key: String,
}

impl Drawn {
    fn new(connection: usize, run: u64, turn: u64) -> Drawn {
        let time = 1_800_000_000_000_000 + run * 10_000_000_000 + turn * 1_000 + connection as u64;
        let random = |salt: u64| scatter(connection, (run << 32) + turn * 8 + salt);
        let id = |salt: u64| Id::from_u64_pair(time, random(salt));
        Drawn {
            time: time as i64,
            order: id(0),
            txn: id(1),
            lot: id(2),
            event: id(3),
            product: product_id((random(4) % PRODUCTS as u64) as usize),
            number: format!("20261123-{:010X}", random(5) >> 24),
            key: format!("{time}-{:016}", random(6) % 10_000_000_000_000_000),
        }
    }
}

const HASH: [u8; 32] = [0x9f; 32];

async fn place(db: &Db, member: Id, drawn: &Drawn) -> std::result::Result<(), DbErr> {
    let tx = db.begin_write().await?;
    let run = |sql: &'static str, values: Vec<Value>| execute(&tx, db, sql, values);
    let wallet = one(&tx, db, "SELECT * FROM wallet WHERE member_id = $1", vec![member.into()]).await?;
    let stock = one(&tx, db, "SELECT * FROM stock WHERE id = $1", vec![drawn.product.into()]).await?;
    let key: Value = drawn.key.clone().into();
    let reply = "SELECT * FROM idempotency WHERE member_id = $1 AND operation = 'placeOrder' AND \"key\" = $2";
    tx.query_one_raw(db.dialect.statement(reply, [member.into(), key.clone()])).await?;
    let (program, seq): (Id, i64) = (wallet.try_get("", "program_id")?, wallet.try_get::<i64>("", "seq")? + 1);
    let posted = wallet.try_get::<i64>("", "posted")? + 100;
    let (held, pending, debt): (i64, i64, i64) =
        (wallet.try_get("", "held")?, wallet.try_get("", "pending")?, wallet.try_get("", "debt")?);
    let head: Vec<u8> = wallet.try_get("", "head_hash")?;
    let (member, time, hash): (Value, Value, Value) = (member.into(), drawn.time.into(), HASH.to_vec().into());
    let (order, txn): (Value, Value) = (drawn.order.into(), drawn.txn.into());
    let lot: Value = drawn.lot.into();
    run(
        "INSERT INTO handle (kind, value, member_id, subject_id) VALUES ('ORDER_NUMBER', $1, $2, $3)",
        vec![drawn.number.clone().into(), member.clone(), order.clone()],
    )
    .await?;
    run(
        "UPDATE wallet SET posted = $1, pending = $2, held = $3, debt = $4, seq = $5, head_hash = $6, \
         effective_at = $7, next_due = NULL WHERE member_id = $8 AND program_id = $9",
        vec![
            posted.into(),
            pending.into(),
            held.into(),
            debt.into(),
            seq.into(),
            hash.clone(),
            time.clone(),
            member.clone(),
            program.into(),
        ],
    )
    .await?;
    run(
        "INSERT INTO txn (member_id, id, program_id, program_version, seq, kind, points, available_after, held_after, \
         pending_after, debt_after, cause, source_id, source_part, reason, actor, actor_id, reverses, effective_at, \
         recorded_at, prev_hash, hash) VALUES ($1, $2, $3, 1, $4, 'ACCRUAL', 100, $5, $6, $7, $8, 'ORDER', $9, 0, \
         NULL, 'MEMBER', $1, NULL, $10, $10, $11, $12)",
        vec![
            member.clone(),
            txn.clone(),
            program.into(),
            seq.into(),
            posted.into(),
            held.into(),
            pending.into(),
            debt.into(),
            order.clone(),
            time.clone(),
            head.into(),
            hash.clone(),
        ],
    )
    .await?;
    run(
        "INSERT INTO entry (member_id, txn_id, position, account, points) \
         VALUES ($1, $2, 0, 'AVAILABLE', 100), ($1, $2, 1, 'ISSUED', -100)",
        vec![member.clone(), txn.clone()],
    )
    .await?;
    run(
        "INSERT INTO lot (member_id, id, program_id, txn_id, state, granted, remaining, held, consumed, expired, \
         revoked, activates_at, expires_at) \
         VALUES ($1, $2, $3, $4, 'ACTIVE', 100, 100, 0, 0, 0, 0, $5, 9223372036854775807)",
        vec![member.clone(), lot.clone(), program.into(), txn.clone(), time.clone()],
    )
    .await?;
    run(
        "INSERT INTO allocation (member_id, txn_id, position, lot_id, taken_from, given_to, points, origin_txn_id, \
         origin_position) VALUES ($1, $2, 0, $3, NULL, 'REMAINING', 100, NULL, NULL)",
        vec![member.clone(), txn, lot],
    )
    .await?;
    run(
        "INSERT INTO \"order\" (member_id, id, number, status, imported, pieces, currency, subtotal, discount, total, \
         points_earned, coupon_id, placed_at, recorded_at) \
         VALUES ($1, $2, $3, 'PAID', false, 1, 'CNY', 1000, 0, 1000, 100, NULL, $4, $4)",
        vec![member.clone(), order.clone(), drawn.number.clone().into(), time.clone()],
    )
    .await?;
    run(
        "INSERT INTO order_line (member_id, order_id, position, product_id, quantity, unit_price, discount, total, \
         points_earned) VALUES ($1, $2, 0, $3, 1, 1000, 0, 1000, 100)",
        vec![member.clone(), order.clone(), drawn.product.into()],
    )
    .await?;
    run(
        "INSERT INTO payment (member_id, order_id, position, method, status, amount, currency, captured_at) \
         VALUES ($1, $2, 0, 'MANUAL', 'CAPTURED', 1000, 'CNY', $3)",
        vec![member.clone(), order.clone(), time.clone()],
    )
    .await?;
    run(
        "INSERT INTO idempotency (member_id, operation, \"key\", request_hash, result_id, created_at) \
         VALUES ($1, 'placeOrder', $2, $3, $4, $5)",
        vec![member.clone(), key, hash, order, time.clone()],
    )
    .await?;
    let payload = format!(
        "{{\"orderId\":\"{}\",\"number\":\"{}\",\"total\":1000,\"currency\":\"CNY\",\"pointsEarned\":100}}",
        drawn.order, drawn.number
    );
    run(
        "INSERT INTO outbox (member_id, id, topic, wallet_seq, payload, created_at) \
         VALUES ($1, $2, 'ORDER_PLACED', $3, $4, $5)",
        vec![member, drawn.event.into(), seq.into(), payload.into(), time],
    )
    .await?;
    let (remaining, used): (i64, i64) = (stock.try_get("", "remaining")?, stock.try_get("", "used")?);
    run(
        "UPDATE stock SET granted = $1, remaining = $2, used = $3 WHERE id = $4",
        vec![
            stock.try_get::<i64>("", "granted")?.into(),
            (remaining - 1).into(),
            (used + 1).into(),
            drawn.product.into(),
        ],
    )
    .await?;
    tx.commit().await
}

async fn execute(
    tx: &DatabaseTransaction,
    db: &Db,
    sql: &'static str,
    values: Vec<Value>,
) -> std::result::Result<(), DbErr> {
    tx.execute_raw(db.dialect.statement(sql, values)).await.map(drop)
}

async fn one(
    tx: &DatabaseTransaction,
    db: &Db,
    sql: &'static str,
    values: Vec<Value>,
) -> std::result::Result<sea_orm::QueryResult, DbErr> {
    let row = tx.query_one_raw(db.dialect.statement(sql, values)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))
}
