//! Grants that outlive their session (OIDC Core §11), as administrators see and end
//! them.
use super::family::Family;
use super::session_rule::SessionRule;
use super::store;
use crate::kernel::id::SessionId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Which offline grants does this client have?"
#[derive(Debug, Serialize, Deserialize)]
pub struct ListOffline {
    /// The client.
    pub client_id: String,
    /// How many unused seconds end one.
    pub unused: Seconds,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl Call for ListOffline {
    const NAME: &'static str = "account.family.offline";
    type Answer = Vec<OfflineGrant>;

    fn of_blank() -> Option<Vec<OfflineGrant>> {
        Some(Vec::new())
    }
}

/// An offline grant, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineGrant {
    /// The session it was granted in.
    pub session: SessionId,
    /// When the person proved who they are.
    pub started_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
}

/// Most offline grants of one client that are listed.
const MAX_LISTED: i64 = 200;

/// The offline grants that live.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_offline(
    sql: &dyn Sql,
    asked: &ListOffline,
    now: Timestamp,
) -> Result<Vec<OfflineGrant>, StoreError> {
    let found = store::family::list_offline(sql, &asked.client_id, now, MAX_LISTED)?;
    let lives = |family: &Family| family.lives_offline(asked.rule, asked.unused, now);
    Ok(found
        .into_iter()
        .filter(lives)
        .map(|family| OfflineGrant {
            session: family.session,
            started_at: family.granted.authenticated_at,
            last_seen_at: family.rotated_at,
        })
        .collect())
}

/// "Did this session leave an offline grant that nobody ended?"
#[derive(Debug, Serialize, Deserialize)]
pub struct HasOffline {
    /// The session.
    pub session: SessionId,
}

impl Call for HasOffline {
    const NAME: &'static str = "account.family.has_offline";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Whether it did.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn has_offline(sql: &dyn Sql, asked: &HasOffline, now: Timestamp) -> Result<bool, StoreError> {
    store::family::has_offline(sql, &asked.session, now)
}

/// "End every offline grant of this session." Twice is once.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndOffline {
    /// The session.
    pub session: SessionId,
}

impl Call for EndOffline {
    const NAME: &'static str = "account.family.end_offline";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// Ends them.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end(sql: &dyn Sql, asked: &EndOffline, now: Timestamp) -> Result<(), StoreError> {
    store::family::mark_offline_ended(sql, &asked.session, now)
}
