//! The organization that a person works for in a session: Phase Two keeps one per
//! person, so two windows overwrite each other (reference phasetwo.md §4).
use super::session_rule::SessionRule;
use super::store;
use crate::kernel::id::{OrgId, SessionId};
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "From now on this session is for that organization." The caller has made sure
/// that the person belongs to it. Answers `None` when the session is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct SwitchOrganization {
    /// The session.
    pub session: SessionId,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
    /// The organization.
    pub org: OrgId,
}

impl Call for SwitchOrganization {
    const NAME: &'static str = "account.session.switch";
    type Answer = Option<Switched>;

    fn of_blank() -> Option<Option<Switched>> {
        Some(None)
    }
}

/// A session that was switched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switched {
    /// For which organization it was before; `None` when it was never switched.
    #[serde(default)]
    pub previous: Option<OrgId>,
    /// When the person proved who they are.
    pub authenticated_at: Timestamp,
    /// It is over then.
    pub expires_at: Timestamp,
}

/// "For which organization is this session?" Answers `None` when the session is
/// over.
#[derive(Debug, Serialize, Deserialize)]
pub struct FindOrganization {
    /// The session.
    pub session: SessionId,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl Call for FindOrganization {
    const NAME: &'static str = "account.session.organization";
    type Answer = Option<Active>;

    fn of_blank() -> Option<Option<Active>> {
        Some(None)
    }
}

/// What a living session says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The organization; `None` until the person has switched to one.
    pub org: Option<OrgId>,
}

/// "Is a session for this organization?"
#[derive(Debug, Serialize, Deserialize)]
pub struct IsActive {
    /// The organization.
    pub org: OrgId,
}

impl Call for IsActive {
    const NAME: &'static str = "account.session.is_active";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Answers [`SwitchOrganization`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn switch(
    sql: &dyn Sql,
    asked: &SwitchOrganization,
    now: Timestamp,
) -> Result<Option<Switched>, StoreError> {
    let session = store::session::find(sql, &asked.session)?;
    let Some(session) = session.filter(|session| session.is_live(asked.rule, now)) else {
        return Ok(None);
    };
    let previous = store::session::find_organization(sql, &session.id)?;
    store::session::set_organization(sql, &session.id, &asked.org)?;
    let (authenticated_at, expires_at) = (session.authenticated_at, session.expires_at);
    Ok(Some(Switched { previous, authenticated_at, expires_at }))
}

/// Answers [`IsActive`]: whether the person switched to the organization in a
/// session that nobody ended.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn is_active(sql: &dyn Sql, asked: &IsActive, now: Timestamp) -> Result<bool, StoreError> {
    store::session::is_for(sql, &asked.org, now)
}

/// Answers [`FindOrganization`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(
    sql: &dyn Sql,
    asked: &FindOrganization,
    now: Timestamp,
) -> Result<Option<Active>, StoreError> {
    let session = store::session::find(sql, &asked.session)?;
    if session.is_none_or(|session| !session.is_live(asked.rule, now)) {
        return Ok(None);
    }
    Ok(Some(Active { org: store::session::find_organization(sql, &asked.session)? }))
}
