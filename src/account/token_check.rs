//! Asking whether what stands behind a token still stands: for resources that ask
//! again, and for introspection (RFC 7662 §2.2).
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
