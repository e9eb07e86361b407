//! Where the time of `placeOrder` goes inside PostgreSQL, by statement.
//!
//! The server that scripts/services starts for benchmarks has pg_stat_statements loaded but counting nothing; it counts
//! for one extra run, after the measured ones, because counting costs time too.

use std::fmt::Write;

use sea_orm::ConnectionTrait;

use crate::Result;
use crate::place_order::Orders;
use crate::run::{Bench, Database, Server};

const STATEMENTS: usize = 22;

pub async fn place_order(
    bench: &mut Bench,
    database: &Database,
    server: &mut Server,
    connections: usize,
) -> Result<String> {
    bench.say(&format!("{}: placeOrder, {connections} connections, where the time goes", database.name));
    let db = &database.db.write;
    let told = database.db.dialect;
    let switched_on = async {
        db.execute_unprepared("CREATE EXTENSION IF NOT EXISTS pg_stat_statements").await?;
        db.execute_unprepared("ALTER SYSTEM SET pg_stat_statements.track = 'top'").await
    };
    if switched_on.await.is_err() {
        return Ok("Where the time goes by statement is not known: pg_stat_statements is not loaded.\n".to_owned());
    }
    db.execute_unprepared("SELECT pg_reload_conf()").await?;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    db.execute_unprepared("SELECT pg_stat_statements_reset()").await?;
    let script = Orders::new(&server.world, connections, bench.next_run());
    let (side, answered) = bench.load(database, server, connections, bench.timing(), script).await?;
    let sql = "SELECT calls, total_exec_time, rows, regexp_replace(query, '\\s+', ' ', 'g') AS query \
               FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) \
               ORDER BY total_exec_time DESC";
    let rows = db.query_all_raw(told.statement(sql, [])).await?;
    db.execute_unprepared("ALTER SYSTEM RESET pg_stat_statements.track").await?;
    db.execute_unprepared("SELECT pg_reload_conf()").await?;
    let mut all = 0.0;
    let mut list = Vec::new();
    for row in rows {
        let (calls, ms, count): (i64, f64, i64) =
            (row.try_get("", "calls")?, row.try_get("", "total_exec_time")?, row.try_get("", "rows")?);
        let query: String = row.try_get("", "query")?;
        all += ms;
        list.push((calls, ms, count, query));
    }
    let commits = list.iter().find(|(.., query)| query.starts_with("INSERT INTO \"order\"")).map(|(calls, ..)| *calls);
    let mut out = format!(
        "Where PostgreSQL's time goes, {answered} orders at {connections} connections ({:.0}/s while it counted), \
         {:.1} orders a commit, {:.0} µs of statements an order:\n",
        side.figure,
        answered as f64 / commits.unwrap_or(1).max(1) as f64,
        all * 1_000.0 / answered as f64
    );
    for (calls, ms, count, query) in list.into_iter().take(STATEMENTS) {
        let text: String = query.chars().take(90).collect();
        let _ = writeln!(
            out,
            "{:>5.1} %  {:>7.1} µs an order  {:>6.2} ms a call  {:>6.1} rows a call  {text}",
            100.0 * ms / all,
            ms * 1_000.0 / answered as f64,
            ms / calls as f64,
            count as f64 / calls as f64
        );
    }
    Ok(out)
}
