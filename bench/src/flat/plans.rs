//! The plans of the statements of a redemption, as each database tells them.

use std::fmt::Write;

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::Result;
use crate::flat::books::Books;
use crate::seed::told;

/// Redeems once more, listens to the statements, and asks for the plan of each that reads.
pub async fn of_redeem(books: &Books) -> Result<String> {
    books.statements.lock().clear();
    let answer = books.committers.submit(books.redemption(books.crowded)).await.map_err(told)?;
    answer.map_err(|rejection| format!("a redemption was rejected: {rejection:?}"))?;
    let statements: Vec<String> = std::mem::take(&mut *books.statements.lock());
    let mut out = String::new();
    let transaction = books.db.begin_write().await?;
    for (number, sql) in statements.iter().enumerate().filter(|(_, sql)| sql.starts_with("SELECT")) {
        let _ = writeln!(out, "{}", sql.chars().take(300).collect::<String>());
        for line in plan(&transaction, books, number, sql).await? {
            let _ = writeln!(out, "    {line}");
        }
    }
    transaction.rollback().await?;
    Ok(out)
}

/// The plan for parameters that are not known: the one that a prepared statement ends with.
async fn plan(tx: &DatabaseTransaction, books: &Books, number: usize, sql: &str) -> Result<Vec<String>> {
    let dialect = books.db.dialect;
    let (sql, column) = if dialect.is_embedded() {
        (format!("EXPLAIN QUERY PLAN {sql}"), "detail")
    } else {
        let parameters = (1..20).take_while(|n| sql.contains(&format!("${n}"))).map(|_| "NULL").collect::<Vec<_>>();
        let arguments = if parameters.is_empty() { String::new() } else { format!("({})", parameters.join(", ")) };
        tx.execute_unprepared("SET LOCAL plan_cache_mode = force_generic_plan").await?;
        tx.execute_unprepared(&format!("PREPARE plan{number} AS {sql}")).await?;
        (format!("EXPLAIN EXECUTE plan{number}{arguments}"), "QUERY PLAN")
    };
    let rows = tx.query_all_raw(dialect.statement(sql, [])).await?;
    Ok(rows.iter().map(|row| row.try_get("", column)).collect::<std::result::Result<_, _>>()?)
}
