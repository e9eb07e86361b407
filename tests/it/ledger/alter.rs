//! Altering a row behind the program's back, as somebody with a database console could.

use jifen::audit::{prove, report::Report};
use jifen::base::id::{Id, Random};
use jifen::db::Db;
use jifen::db::dialect::{Cell, Dialect};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, Iden, Iterable, PrimaryKeyToColumn,
    QueryResult, Value,
};

/// Drops every CHECK: somebody who alters rows would, and `verify` must not lean on them.
pub async fn drop_checks(db: &Db) {
    if db.dialect == Dialect::Sqlite {
        // There is one connection that writes, so this lasts.
        db.write.execute_unprepared("PRAGMA ignore_check_constraints = ON").await.unwrap();
        return;
    }
    let sql = "SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' || quote_ident(conname) AS sql \
               FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace";
    for row in db.write.query_all_raw(db.dialect.statement(sql, [])).await.unwrap() {
        let statement: String = row.try_get("", "sql").unwrap();
        db.write.execute_unprepared(&statement).await.unwrap();
    }
}

/// A transaction in which the books are altered and then proved, as `verify` proves them in one of its own.
pub async fn begin_altering(db: &Db) -> DatabaseTransaction {
    let tx = db.begin_write().await.unwrap();
    tx.execute_unprepared(db.dialect.snapshot_settings()).await.unwrap();
    tx
}

/// Runs `verify` over a database altered by these statements, and puts it back.
pub async fn verify_altered(db: &Db, statements: &[&str]) -> Report {
    let tx = begin_altering(db).await;
    for statement in statements {
        tx.execute_unprepared(statement).await.unwrap_or_else(|cause| panic!("{statement}: {cause}"));
    }
    let report = prove(&tx).await.unwrap();
    tx.rollback().await.unwrap();
    report
}

/// A table whose rows may be altered in any column.
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

pub struct Column {
    pub name: String,
    cell: Cell,
    nullable: bool,
    is_key: bool,
}

impl Table {
    pub fn of<E: EntityTrait>() -> Table {
        let key: Vec<String> = E::PrimaryKey::iter().map(|part| part.into_column().to_string()).collect();
        let columns = E::Column::iter().map(|column| {
            let (name, def) = (column.to_string(), column.def());
            let is_key = key.contains(&name);
            Column { cell: Cell::of(def.get_column_type()), nullable: def.is_null(), is_key, name }
        });
        Table { name: E::default().table_name().to_owned(), columns: columns.collect() }
    }

    pub async fn rows(&self, db: &Db) -> Vec<QueryResult> {
        db.read.query_all_raw(db.dialect.statement(format!("SELECT * FROM {}", self.name), [])).await.unwrap()
    }

    /// Alters one byte of a cell, and answers what was done.
    pub async fn alter(
        &self,
        tx: &DatabaseTransaction,
        row: &QueryResult,
        column: &Column,
        random: &Random,
    ) -> Result<String, DbErr> {
        let before = column.cell_of(row);
        let after = column.altered(&before, random);
        let told = format!("{}.{} from {before:?} to {after:?}", self.name, column.name);
        let mut values = vec![after];
        let key = self.key(row, &mut values);
        let sql = format!("UPDATE {} SET \"{}\" = $1 WHERE {key}", self.name, column.name);
        let done = tx.execute_raw(Dialect::of(tx).statement(sql, values)).await?;
        assert_eq!(done.rows_affected(), 1, "{told}");
        Ok(told)
    }

    /// Takes a row away.
    pub async fn delete(&self, tx: &DatabaseTransaction, row: &QueryResult) -> Result<String, DbErr> {
        let mut values = Vec::new();
        let sql = format!("DELETE FROM {} WHERE {}", self.name, self.key(row, &mut values));
        let told = format!("{sql} {values:?}");
        assert_eq!(tx.execute_raw(Dialect::of(tx).statement(sql, values)).await?.rows_affected(), 1, "{told}");
        Ok(told)
    }

    /// The condition that finds a row by its key, whose values are added to those to bind.
    fn key(&self, row: &QueryResult, values: &mut Vec<Value>) -> String {
        let parts = self.columns.iter().filter(|part| part.is_key).map(|part| {
            values.push(part.cell_of(row));
            format!("\"{}\" = ${}", part.name, values.len())
        });
        parts.collect::<Vec<_>>().join(" AND ")
    }
}

impl Column {
    fn cell_of(&self, row: &QueryResult) -> Value {
        let name = self.name.as_str();
        match self.cell {
            Cell::Id => Value::Uuid(row.try_get("", name).unwrap()),
            Cell::Integer => Value::BigInt(row.try_get("", name).unwrap()),
            Cell::Text => Value::String(row.try_get("", name).unwrap()),
            Cell::Bytes => Value::Bytes(row.try_get("", name).unwrap()),
            Cell::Flag => Value::Bool(row.try_get("", name).unwrap()),
        }
    }

    /// Another value that differs in one byte; where there was none there is one, and sometimes the other way round.
    fn altered(&self, value: &Value, random: &Random) -> Value {
        let [dice, place, change] = random.bytes::<3>();
        let change = change.max(1);
        if self.nullable && dice < 32 && *value != value.as_null() {
            return value.as_null();
        }
        let alter = |bytes: &mut [u8]| {
            if !bytes.is_empty() {
                bytes[usize::from(place) % bytes.len()] ^= change;
            }
        };
        match value {
            Value::Uuid(id) => {
                let mut bytes = id.map_or([7; 16], Id::into_bytes);
                alter(&mut bytes);
                Value::Uuid(Some(Id::from_bytes(bytes)))
            }
            Value::BigInt(number) => {
                let mut bytes = number.unwrap_or(0).to_be_bytes();
                alter(&mut bytes);
                Value::BigInt(Some(i64::from_be_bytes(bytes)))
            }
            Value::Bytes(bytes) => {
                let mut bytes = bytes.clone().unwrap_or_else(|| vec![0]);
                alter(&mut bytes);
                Value::Bytes(Some(bytes))
            }
            // Text stays text: another letter in one place, or an empty text where there was none.
            Value::String(None) => Value::String(Some(String::new())),
            Value::String(Some(text)) => {
                let mut bytes = text.clone().into_bytes();
                let at = usize::from(place) % bytes.len();
                bytes[at] = if bytes[at] == b'Q' { b'R' } else { b'Q' };
                Value::String(Some(String::from_utf8(bytes).expect("these words are ASCII")))
            }
            Value::Bool(flag) => Value::Bool(Some(!flag.unwrap_or_default())),
            other => panic!("no table of the ledger holds {other:?}"),
        }
    }
}
