//! One SQLite database, spoken to synchronously.
//!
//! Synchronous because a Durable Object's `sql.exec` is, so a function that
//! only touches `Sql` cannot be interleaved with another request.
use super::row::{Row, StoreError, Value};

/// A statement assembled only from string literals: user input can become a
/// bound value, never SQL text.
#[derive(Clone, Debug, Default)]
pub struct Statement {
    text: String,
    values: Vec<Value>,
}

impl Statement {
    /// Starts a statement.
    #[must_use]
    pub fn new(fragment: &'static str) -> Self {
        Self { text: fragment.to_owned(), values: Vec::new() }
    }

    /// Fills the next `?`.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Appends to the statement.
    #[must_use]
    pub fn push(mut self, fragment: &'static str) -> Self {
        self.text.push_str(fragment);
        self
    }

    /// Appends another statement, with its values.
    #[must_use]
    pub fn join(mut self, other: Self) -> Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    /// The SQL.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values of its `?`s, in order.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }
}

/// What runs inside [`Sql::transaction`].
pub type Work<'a> = &'a mut dyn FnMut() -> Result<(), StoreError>;

/// An object's database.
pub trait Sql {
    /// Runs one statement and answers its rows.
    ///
    /// # Errors
    /// `Conflict` on a UNIQUE violation, `Refused` on any other refusal.
    fn run(&self, statement: Statement) -> Result<Vec<Row>, StoreError>;

    /// Runs a migration: several statements, no values, no answer.
    ///
    /// # Errors
    /// `Refused` when SQLite rejects one of them.
    fn run_script(&self, script: &'static str) -> Result<(), StoreError>;

    /// Runs `work` in one transaction: all of its writes, or none of them when
    /// it answers an error, panics, or the machine dies (docs/decisions/0001).
    /// Not reentrant; call [`in_transaction`], which carries a result out.
    ///
    /// # Errors
    /// The error of `work`, or `Refused` when the commit fails.
    fn transaction(&self, work: Work<'_>) -> Result<(), StoreError>;
}

/// [`Sql::transaction`] for work that answers something.
///
/// # Errors
/// The first error of `work` or of the database; nothing is written then.
pub fn in_transaction<T, E: From<StoreError>>(
    sql: &dyn Sql,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let mut work = Some(work);
    let mut outcome = None;
    let committed = sql.transaction(&mut || {
        let Some(work) = work.take() else {
            return Err(StoreError::Refused("a transaction ran twice".to_owned()));
        };
        let result = work();
        let verdict = match &result {
            Ok(_) => Ok(()),
            Err(_) => Err(StoreError::Refused("rolled back".to_owned())),
        };
        outcome = Some(result);
        verdict
    });
    match (outcome, committed) {
        (Some(Err(refusal)), _) => Err(refusal),
        (_, Err(error)) => Err(error.into()),
        (Some(Ok(answer)), Ok(())) => Ok(answer),
        (None, Ok(())) => Err(StoreError::Refused("a transaction did not run".to_owned()).into()),
    }
}
