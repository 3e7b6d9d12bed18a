//! `Directory` over D1.
use super::meter::{Io, Meter};
use super::number;
use super::store_error::from_database;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError, Value};
use crate::platform::sql::Statement;
use async_trait::async_trait;
use serde_json::Map;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use worker::{D1Database, D1PreparedStatement, D1Result, Env};

/// The binding `DIRECTORY`. D1 without a session asks the primary, so who wrote
/// reads the own writes.
pub struct D1Directory {
    env: Env,
    meter: Rc<Meter>,
}

impl D1Directory {
    /// The directory of `env`; each batch counts in `meter`.
    pub fn new(env: &Env, meter: &Rc<Meter>) -> Self {
        Self { env: env.clone(), meter: Rc::clone(meter) }
    }

    async fn send(&self, statements: &[Statement]) -> worker::Result<Vec<D1Result>> {
        let database = self.env.d1("DIRECTORY")?;
        let prepared = statements.iter().map(|statement| prepare(&database, statement));
        database.batch(prepared.collect::<worker::Result<_>>()?).await
    }
}

#[async_trait(?Send)]
impl Directory for D1Directory {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, StoreError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        self.meter.count(Io::D1);
        let results = self.send(&statements).await.map_err(|error| from_database(&error))?;
        results.iter().map(read_rows).collect()
    }
}

fn prepare(database: &D1Database, statement: &Statement) -> worker::Result<D1PreparedStatement> {
    let values: Vec<JsValue> = statement.values().iter().map(to_js).collect();
    database.prepare(statement.text()).bind(&values)
}

/// Integers go as JavaScript numbers: `D1Type::Integer` holds 32 bits only.
fn to_js(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Int(whole) => JsValue::from_f64(number::to_js(*whole)),
        Value::Text(text) => JsValue::from_str(text),
    }
}

fn read_rows(result: &D1Result) -> Result<Vec<Row>, StoreError> {
    let rows: Vec<Map<String, serde_json::Value>> =
        result.results().map_err(|error| from_database(&error))?;
    rows.into_iter().map(read_row).collect()
}

fn read_row(cells: Map<String, serde_json::Value>) -> Result<Row, StoreError> {
    cells
        .into_iter()
        .map(|(column, value)| Ok((column, from_json(&value)?)))
        .collect::<Result<_, _>>()
        .map(Row)
}

fn from_json(value: &serde_json::Value) -> Result<Value, StoreError> {
    match value {
        serde_json::Value::Null => Ok(Value::Null),
        serde_json::Value::String(text) => Ok(Value::Text(text.clone())),
        other => other.as_i64().map(Value::Int).ok_or_else(|| {
            StoreError::Refused("a column is neither NULL, a whole number nor text".to_owned())
        }),
    }
}
