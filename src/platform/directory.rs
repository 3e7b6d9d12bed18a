//! D1, the directory: looked up from anywhere, rarely changed.
use super::row::{Row, StoreError};
use super::sql::Statement;
use async_trait::async_trait;

/// The directory's database.
#[async_trait(?Send)]
pub trait Directory {
    /// Runs the statements in one transaction and one round trip; answers each
    /// one's rows. D1 offers no other transaction: a decision that spans reads
    /// and writes belongs in a `WHERE` or a constraint.
    ///
    /// # Errors
    /// `Conflict` on a UNIQUE violation, `Broken` on a CHECK, `Dangling` on a
    /// foreign key (nothing is written then), `Refused` on any other failure.
    async fn batch(&self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, StoreError>;

    /// Runs one statement.
    ///
    /// # Errors
    /// As [`Directory::batch`].
    async fn run(&self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        Ok(self.batch(vec![statement]).await?.pop().unwrap_or_default())
    }
}
