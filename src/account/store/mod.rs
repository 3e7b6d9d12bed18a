//! Every SQL statement of the account's database, a file per noun.
pub mod account;
pub mod code;
pub mod consent;
pub mod device_guess;
pub mod family;
pub mod farewell;
pub mod lockout;
pub mod password;
pub mod revoked_grant;
pub mod session;
pub mod ticket;

use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};
use serde::Serialize;

const HAS_ANYTHING_TO_PRUNE: &str = "
    SELECT id FROM session
     UNION ALL SELECT id FROM family
     UNION ALL SELECT hash FROM code
     UNION ALL SELECT id FROM used_ticket
     UNION ALL SELECT session_id FROM revoked_grant
     LIMIT 1";

/// Whether there is any row that will be over one day.
pub fn has_anything_to_prune(sql: &dyn Sql) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(HAS_ANYTHING_TO_PRUNE))?.is_empty())
}

/// Writes `value` as the JSON of a column.
fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}
