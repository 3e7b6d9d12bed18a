//! What a realm writes down of what happens.
use super::to_json;
use crate::kernel::id::RealmId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::events::EventSettings;

const UPDATE: &str = "
    UPDATE realm SET settings = json_set(settings, '$.events', json(?)) WHERE id = ?";

/// D1 binds numbers as JavaScript's: without the cast the settings would hold
/// `1.0`, which is no moment.
const FORGET_FAILURES: &str = "
    UPDATE realm
       SET settings = json_set(settings, '$.failures_forgotten_at', CAST(? AS INTEGER))
     WHERE id = ?";

/// The statement that sets `events` of a realm's settings, and nothing else.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn update(realm: &RealmId, events: &EventSettings) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE).bind(to_json(events)?).bind(realm.as_str()))
}

/// The statement that lets every account of the realm forget its failed logins.
#[must_use]
pub fn forgetting_failures(realm: &RealmId, now: Timestamp) -> Statement {
    Statement::new(FORGET_FAILURES).bind(now).bind(realm.as_str())
}
