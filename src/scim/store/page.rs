//! A page of a table of resources: filtered, sorted, by index or by cursor.
use super::condition::{self, Place, Table};
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::scim::cursor::Cursor;
use crate::scim::query::{From, Query, Sort};
use serde_json::Value;

/// A page, in rows.
#[derive(Debug)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where it ended, if more follows.
    pub next: Option<Cursor>,
}

/// The rows of `table` that `query` asks for.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, table: &dyn Table, query: &Query) -> Result<Page, StoreError> {
    if query.count == 0 {
        return Ok(Page { rows: Vec::new(), next: None });
    }
    let mut rows = sql.run(list_statement(table, query))?;
    let wanted = usize::try_from(query.count).unwrap_or_default();
    let more = rows.len() > wanted;
    rows.truncate(wanted);
    let next = match rows.last() {
        Some(last) if more => {
            let id = last.text("id")?.to_owned();
            Some(Cursor::new(last.json("place")?, id, &query.filter, query.sort.as_ref()))
        }
        _ => None,
    };
    Ok(Page { rows, next })
}

/// How many rows the filter lets through.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql, table: &dyn Table, query: &Query) -> Result<i64, StoreError> {
    let rows = sql.run(count_statement(table, query))?;
    rows.first().map_or(Ok(0), |row| row.int("total"))
}

/// The statement behind [`count`], for the test that reads its plan.
#[must_use]
pub fn count_statement(table: &dyn Table, query: &Query) -> Statement {
    if query.filter == crate::scim::filter::Filter::default() {
        return Statement::new(table.tally());
    }
    let statement =
        Statement::new("SELECT count(*) AS total FROM ").push(table.rows()).push(" AND ");
    condition::append(statement, table, &query.filter)
}

/// The statement behind [`list`], for the test that reads its plan.
#[must_use]
pub fn list_statement(table: &dyn Table, query: &Query) -> Statement {
    let order = Order::of(table, query.sort.as_ref());
    let statement = Statement::new("SELECT ").push(table.columns()).push(", json_quote(");
    let statement = order.key(statement).push(") AS place FROM ").push(table.rows());
    let statement = condition::append(statement.push(" AND "), table, &query.filter);
    let (statement, offset) = match &query.from {
        From::Index(first) => (statement, first - 1),
        From::Start => (statement, 0),
        From::After(cursor) => (order.after(statement, cursor), 0),
    };
    // One more than asked for tells whether more follows.
    order.append(statement).push(" LIMIT ? OFFSET ?").bind(query.count + 1).bind(offset)
}

/// What a list is sorted by, ties by id.
struct Order<'a> {
    table: &'a dyn Table,
    column: Option<&'static str>,
    path: String,
    may_be_null: bool,
    descending: bool,
}

impl<'a> Order<'a> {
    fn of(table: &'a dyn Table, sort: Option<&Sort>) -> Self {
        let plain = |column, may_be_null, descending| Self {
            table,
            column: Some(column),
            path: String::new(),
            may_be_null,
            descending,
        };
        let Some(sort) = sort else { return plain(table.age(), false, false) };
        let path = if sort.is_list {
            let list = crate::scim::filter::Key { sub: None, ..sort.by.clone() };
            let part = sort.by.sub.as_ref().map(|sub| format!(".\"{sub}\"")).unwrap_or_default();
            format!("{}[0]{part}", condition::path_of(&list))
        } else {
            condition::path_of(&sort.by)
        };
        match table.place(&sort.by) {
            Place::Truth(column) | Place::Seconds(column) => plain(column, false, sort.descending),
            Place::Text(column) => plain(column, table.may_be_null(column), sort.descending),
            Place::Constant(_) => plain(table.id(), false, sort.descending),
            Place::Normal => {
                Self { table, column: None, path, may_be_null: true, descending: sort.descending }
            }
        }
    }

    fn key(&self, statement: Statement) -> Statement {
        match self.column {
            Some(column) => statement.push(column),
            None => statement
                .push("json_extract(")
                .push(self.table.normal())
                .push(", ?)")
                .bind(self.path.as_str()),
        }
    }

    /// RFC 7644 §3.4.2.3: what has no such value comes last, or first backwards.
    fn append(&self, statement: Statement) -> Statement {
        let backwards = if self.descending { " DESC" } else { "" };
        let statement = statement.push(" ORDER BY ");
        let statement = if self.may_be_null {
            self.key(statement).push(" IS NULL").push(backwards).push(", ")
        } else {
            statement
        };
        self.key(statement).push(backwards).push(", ").push(self.table.id()).push(backwards)
    }

    fn after(&self, statement: Statement, cursor: &Cursor) -> Statement {
        let sign = if self.descending { " < (" } else { " > (" };
        let statement = statement.push(" AND (");
        let statement = if self.may_be_null {
            let statement = self.key(statement).push(" IS NULL, coalesce(");
            let statement = self.key(statement).push(", ''), ").push(self.table.id());
            statement.push(")").push(sign).push("?, ").bind(cursor.key.is_null())
        } else {
            self.key(statement).push(", ").push(self.table.id()).push(")").push(sign)
        };
        let statement = match &cursor.key {
            Value::Number(number) => match number.as_i64() {
                Some(number) => statement.push("?").bind(number),
                None => statement.push("CAST(? AS REAL)").bind(number.to_string()),
            },
            Value::Bool(truth) => statement.push("?").bind(*truth),
            key => statement.push("?").bind(key.as_str().unwrap_or_default()),
        };
        statement.push(", ?)").bind(cursor.id.as_str())
    }
}
