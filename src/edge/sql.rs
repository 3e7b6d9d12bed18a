//! `Sql` over a Durable Object's SQLite.
use super::store_error::{from_database, refused};
use crate::platform::row::{Row, StoreError, Value};
use crate::platform::sql::{Sql, Statement, Work};
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::ScopedClosure};
use worker::{SqlStorage, SqlStorageValue, Storage};

/// The database of the object that runs this.
pub struct ObjectSql {
    storage: Storage,
    sql: SqlStorage,
}

impl ObjectSql {
    /// The database behind `storage`.
    pub fn new(storage: Storage) -> Self {
        Self { sql: storage.sql(), storage }
    }
}

impl Sql for ObjectSql {
    fn run(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let values: Vec<SqlStorageValue> = statement.values().iter().map(to_worker).collect();
        let cursor = self.sql.exec(statement.text(), values).map_err(|e| from_database(&e))?;
        let columns = cursor.column_names();
        // Never `cursor.one()`: without a row it throws past Rust, and the
        // request hangs for ever.
        let rows = cursor.raw();
        rows.map(|row| read_row(&columns, row.map_err(|e| from_database(&e))?)).collect()
    }

    fn run_script(&self, script: &'static str) -> Result<(), StoreError> {
        self.sql.exec(script, None).map(|_| ()).map_err(|e| from_database(&e))
    }

    /// `transactionSync` is not in the crate `worker`; it commits when its
    /// callback returns and rolls back when it throws. `Err` is thrown here, and
    /// wasm-bindgen throws a panic (docs/decisions/0001).
    fn transaction(&self, work: Work<'_>) -> Result<(), StoreError> {
        let mut failure = None;
        let body = || work().map_err(|error| JsValue::from(failure.insert(error).to_string()));
        let outcome = transaction_sync(&self.storage, body);
        match (failure, outcome) {
            (Some(error), _) => Err(error),
            (None, Err(thrown)) => Err(from_database(&worker::Error::from(thrown))),
            (None, Ok(())) => Ok(()),
        }
    }
}

fn transaction_sync(
    storage: &Storage,
    mut body: impl FnMut() -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let storage: &JsValue = storage.as_raw().as_ref();
    let transaction_sync: Function =
        Reflect::get(storage, &"transactionSync".into())?.dyn_into()?;
    // Unwind-safe: after a panic nobody looks at what `body` borrowed.
    let body = ScopedClosure::borrow_mut_assert_unwind_safe(&mut body);
    transaction_sync.call1(storage, body.as_ref()).map(|_| ())
}

fn to_worker(value: &Value) -> SqlStorageValue {
    match value {
        Value::Null => SqlStorageValue::Null,
        Value::Int(number) => SqlStorageValue::Integer(*number),
        Value::Text(text) => SqlStorageValue::String(text.clone()),
    }
}

fn read_row(columns: &[String], values: Vec<SqlStorageValue>) -> Result<Row, StoreError> {
    let cells = columns.iter().cloned().zip(values);
    cells
        .map(|(column, value)| Ok((column, from_worker(value)?)))
        .collect::<Result<_, _>>()
        .map(Row)
}

fn from_worker(value: SqlStorageValue) -> Result<Value, StoreError> {
    match value {
        SqlStorageValue::Null => Ok(Value::Null),
        SqlStorageValue::Integer(number) => Ok(Value::Int(number)),
        SqlStorageValue::String(text) => Ok(Value::Text(text)),
        _ => Err(refused(&"a column is neither NULL, a whole number nor text".into())),
    }
}
