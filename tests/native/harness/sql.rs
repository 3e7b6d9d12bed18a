//! The `Sql` port over rusqlite, so that the shipped SQL is the tested SQL.
use super::plan;
use guildhall::platform::directory::Directory;
use guildhall::platform::migrate::{Migration, migrate};
use guildhall::platform::row::{Row, StoreError, Value};
use guildhall::platform::sql::{Sql, Statement, Work};
use rusqlite::Connection;
use rusqlite::types::{Value as Native, ValueRef};
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// A database in memory.
pub struct MemorySql(RefCell<Connection>);

fn connect() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("PRAGMA foreign_keys = ON").unwrap();
    connection
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn refused(error: rusqlite::Error) -> StoreError {
    StoreError::from_message(&error.to_string())
}

impl MemorySql {
    pub fn blank() -> Self {
        Self(RefCell::new(connect()))
    }

    /// Forgets everything, as `deleteAll` does.
    pub fn erase(&self) {
        self.0.replace(connect());
    }

    /// Turns the database into one that only `old` has made, with what it holds of
    /// this one's rows.
    pub fn go_back(&self, old: &[Migration]) {
        let older = Self::blank();
        migrate(&older, old).unwrap();
        let newer = self.0.replace(connect());
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'migration'";
        // A row may come before the one that it refers to.
        older.execute_batch("PRAGMA foreign_keys = OFF");
        for table in older.run(Statement::new(tables)).unwrap() {
            copy(&newer, &older.0.borrow(), table.text("name").unwrap());
        }
        older.execute_batch("PRAGMA foreign_keys = ON");
        self.0.swap(&older.0);
    }

    /// How SQLite would run `statement`, a line per step.
    pub fn plan(&self, statement: &Statement) -> Vec<String> {
        plan::steps(&self.0.borrow(), statement.text())
    }

    /// Every row of every table, a line each.
    pub fn dump(&self) -> String {
        let tables = "SELECT name FROM sqlite_master
                      WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name";
        let mut dump = String::new();
        for table in self.run(Statement::new(tables)).unwrap() {
            let table = table.text("name").unwrap();
            let connection = self.0.borrow();
            let mut read = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
            let columns = read.column_count();
            let mut rows = read.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let values: Vec<Native> =
                    (0..columns).map(|place| row.get(place).unwrap()).collect();
                writeln!(dump, "{table} {values:?}").unwrap();
            }
        }
        dump
    }

    pub fn execute_batch(&self, script: &str) {
        self.0.borrow().execute_batch(script).unwrap();
    }
}

/// Copies the rows of a table, as far as the target has its columns.
fn copy(from: &Connection, to: &Connection, table: &str) {
    let empty = to.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = empty.column_names().join(", ");
    let marks = vec!["?"; empty.column_count()].join(", ");
    let insert = format!("INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})");
    let mut read = from.prepare(&format!("SELECT {columns} FROM {table}")).unwrap();
    let mut rows = read.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let values = (0..empty.column_count()).map(|place| row.get::<_, Native>(place).unwrap());
        to.execute(&insert, rusqlite::params_from_iter(values)).unwrap();
    }
}

/// Numbers go in as JavaScript's do, which have a fraction even when it is 0: a
/// column of whole numbers takes it away, JSON keeps it.
#[expect(clippy::cast_precision_loss, reason = "exact within 2^53, as on the platform")]
fn native(value: &Value) -> Native {
    match value {
        Value::Null => Native::Null,
        Value::Int(number) => Native::Real(*number as f64),
        Value::Text(text) => Native::Text(text.clone()),
    }
}

/// A number as it comes back from the platform.
#[expect(clippy::cast_possible_truncation, reason = "there is no fraction")]
fn whole(number: f64) -> Value {
    assert!(number.fract() == 0.0, "a column holds {number}, which is no whole number");
    Value::Int(number as i64)
}

impl Sql for MemorySql {
    fn run(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        plan::check(&self.0.borrow(), statement.text());
        let connection = self.0.borrow();
        let mut prepared = connection.prepare_cached(statement.text()).map_err(refused)?;
        let names: Vec<String> =
            prepared.column_names().iter().map(|name| (*name).to_owned()).collect();
        let values = rusqlite::params_from_iter(statement.values().iter().map(native));
        let mut rows = prepared.query(values).map_err(refused)?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(refused)? {
            let columns = names.iter().enumerate().map(|(place, name)| {
                let value = match row.get_ref(place).unwrap() {
                    ValueRef::Integer(number) => Value::Int(number),
                    ValueRef::Real(number) => whole(number),
                    ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).unwrap()),
                    _ => Value::Null,
                };
                (name.clone(), value)
            });
            answer.push(Row(columns.collect()));
        }
        Ok(answer)
    }

    fn run_script(&self, script: &'static str) -> Result<(), StoreError> {
        self.0.borrow().execute_batch(script).map_err(refused)
    }

    fn transaction(&self, work: Work<'_>) -> Result<(), StoreError> {
        self.0.borrow().execute_batch("BEGIN").map_err(refused)?;
        let verdict = work();
        let end = if verdict.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.0.borrow().execute_batch(end).map_err(refused)?;
        verdict
    }
}

/// D1: the shipped migrations, in memory.
pub struct MemoryDirectory {
    sql: MemorySql,
    /// Round trips so far.
    pub trips: Cell<u32>,
}

impl MemoryDirectory {
    pub fn new() -> Self {
        let sql = MemorySql::blank();
        for script in DIRECTORY_MIGRATIONS.iter() {
            sql.execute_batch(script);
        }
        Self { sql, trips: Cell::new(0) }
    }

    /// The one that somebody made otherwise.
    pub const fn over(sql: MemorySql) -> Self {
        Self { sql, trips: Cell::new(0) }
    }

    pub const fn sql(&self) -> &MemorySql {
        &self.sql
    }
}

/// Every file of the folder, in order, as wrangler applies them.
static DIRECTORY_MIGRATIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/directory");
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
});

#[async_trait::async_trait(?Send)]
impl Directory for MemoryDirectory {
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, StoreError> {
        self.trips.set(self.trips.get() + 1);
        let mut answers = Vec::new();
        self.sql.transaction(&mut || {
            for statement in &statements {
                answers.push(self.sql.run(statement.clone())?);
            }
            Ok(())
        })?;
        Ok(answers)
    }
}
