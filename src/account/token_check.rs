//! Asking whether what stands behind a token still stands: for resources that ask
//! again, and for introspection (RFC 7662 §2.2).
use super::family::Family;
use super::session_rule::SessionRule;
use super::store;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{FamilyId, SessionId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Does what this access token was made in live?" Its session, or an offline grant
/// that outlived it; and nobody revoked what was granted. Asked for the holder of
/// the token, so no secret is needed; it does not count as use.
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckToken {
    /// `sid`.
    pub session: SessionId,
    /// `azp`.
    pub client_id: String,
    /// `iat`.
    pub issued_at: Timestamp,
    /// How many unused seconds end an offline grant of the client.
    pub offline_idle: Seconds,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl Call for CheckToken {
    const NAME: &'static str = "account.token.check";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Whether the token stands.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn check(sql: &dyn Sql, asked: &CheckToken, now: Timestamp) -> Result<bool, StoreError> {
    let revoked = store::revoked_grant::find(sql, &asked.session, &asked.client_id)?;
    if revoked.is_some_and(|revoked| asked.issued_at <= revoked) {
        return Ok(false);
    }
    let session = store::session::find(sql, &asked.session)?;
    if session.is_some_and(|session| session.is_live(asked.rule, now)) {
        return Ok(true);
    }
    let offline = store::family::list_offline_of(sql, &asked.session, &asked.client_id)?;
    Ok(offline.iter().any(|family| family.lives_offline(asked.rule, asked.offline_idle, now)))
}

/// "Is this the newest token of its chain, and would it be taken?"
#[derive(Debug, Serialize, Deserialize)]
pub struct CheckFamily {
    /// The chain.
    pub family: FamilyId,
    /// The client.
    pub client_id: String,
    /// The hash of the token's secret.
    pub presented: TokenHash,
    /// How many unused seconds end the chain.
    pub unused: Seconds,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl Call for CheckFamily {
    const NAME: &'static str = "account.family.check";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Whether the refresh token would be taken. Asking changes nothing.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn check_family(
    sql: &dyn Sql,
    asked: &CheckFamily,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some(family) = store::family::find(sql, &asked.family)? else { return Ok(false) };
    let session = store::session::find(sql, &family.session)?;
    let is_mine = family.granted.client_id == asked.client_id;
    let is_newest = family.current == asked.presented;
    let lives = family.lives(session.as_ref(), asked.rule, asked.unused, now);
    Ok(is_mine && is_newest && lives)
}

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
