//! Finding the session that a browser's cookie names.
use super::announce;
use super::session::LiveSession;
use super::session_rule::SessionRule;
use super::stage::Account;
use super::store;
use crate::kernel::id::SessionId;
use crate::kernel::secret::{Secret, exposed};
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Is this session alive, and is this its secret?"
#[derive(Debug, Serialize, Deserialize)]
pub struct FindSession {
    /// The session the cookie names.
    pub session: SessionId,
    /// The secret the cookie brings.
    #[serde(serialize_with = "exposed")]
    pub secret: Secret,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl Call for FindSession {
    const NAME: &'static str = "account.session.find";
    type Answer = Option<LiveSession>;

    fn of_blank() -> Option<Option<LiveSession>> {
        Some(None)
    }
}

/// The session, if it lives and the secret is its own; notes that it is used.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(
    sql: &dyn Sql,
    asked: &FindSession,
    now: Timestamp,
) -> Result<Option<LiveSession>, StoreError> {
    let Some(Account { user, .. }) = store::account::find(sql)? else { return Ok(None) };
    let Some((session, secret)) = store::session::find_with_secret(sql, &asked.session)? else {
        return Ok(None);
    };
    if !secret.matches(asked.secret.expose()) || !session.is_live(asked.rule, now) {
        return Ok(None);
    }
    if session.wants_touch(now) {
        announce::used(sql, &session, asked.rule, now)?;
    }
    let authenticated_at = session.authenticated_at;
    Ok(Some(LiveSession { user, id: session.id, authenticated_at }))
}
