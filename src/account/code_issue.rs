//! Issuing an authorization code in a live session.
use super::code::{CODE_LIFETIME, CodeGrant};
use super::session_rule::SessionRule;
use super::store;
use crate::crypto::token::TokenHash;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Remember this code." Whoever asks has made the code and keeps its secret;
/// the account sees the hash only.
#[derive(Debug, Serialize, Deserialize)]
pub struct IssueCode {
    /// The session, found alive by its secret a moment ago.
    pub session: SessionId,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
    /// The hash of the code's secret.
    pub hash: TokenHash,
    /// What the code stands for.
    pub grant: CodeGrant,
    /// When it is too late to redeem it, for one that waits to be asked for; none for
    /// one that a browser carries.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

impl Call for IssueCode {
    const NAME: &'static str = "account.code.issue";
    type Answer = Issued;

    fn of_blank() -> Option<Issued> {
        Some(Issued::SessionEnded)
    }
}

/// What came of [`IssueCode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Issued {
    /// The code works, for [`CODE_LIFETIME`] unless that was said.
    Issued,
    /// The session has ended meanwhile.
    SessionEnded,
}

/// Keeps the code, if the session still lives.
///
/// # Errors
/// `Refused` when SQLite fails, `Conflict` when the code is not a fresh one.
pub fn issue(sql: &dyn Sql, asked: &IssueCode, now: Timestamp) -> Result<Issued, StoreError> {
    let session = store::session::find(sql, &asked.session)?;
    if !session.is_some_and(|session| session.is_live(asked.rule, now)) {
        return Ok(Issued::SessionEnded);
    }
    let new = store::code::NewCode {
        hash: &asked.hash,
        session: &asked.session,
        grant: &asked.grant,
        expires_at: asked.expires_at.unwrap_or(now + CODE_LIFETIME),
    };
    store::code::insert(sql, &new)?;
    Ok(Issued::Issued)
}
