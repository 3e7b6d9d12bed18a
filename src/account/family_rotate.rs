//! Refreshing: the newest token of a chain is replaced by the next.
use super::announce;
use super::family;
use super::family::{Family, RotateRefusal, Rotation, Span};
use super::grant::Granted;
use super::session::Session;
use super::session_rule::SessionRule;
use super::store;
use crate::crypto::token::TokenHash;
use crate::kernel::id::{FamilyId, SessionId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "This client brings this refresh token and wants the next."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RotateFamily {
    /// The chain the token names.
    pub family: FamilyId,
    /// The client, authenticated.
    pub client_id: String,
    /// The hash of the secret it brings.
    pub presented: TokenHash,
    /// The hash of the secret it will get.
    pub next: TokenHash,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
    /// How many unused seconds end the chain.
    #[serde(default = "default_idle")]
    pub unused: Seconds,
    /// How long the token before the newest may come once more.
    #[serde(default)]
    pub grace: Seconds,
    /// The thumbprint of the key that the client proved to have.
    #[serde(default)]
    pub jkt: Option<String>,
}

fn default_idle() -> Seconds {
    Span::default().idle
}

impl Call for RotateFamily {
    const NAME: &'static str = "account.family.rotate";
    type Answer = Rotated;

    fn of_blank() -> Option<Rotated> {
        Some(Rotated::Refused(RotateRefusal::Unknown))
    }
}

/// What came of [`RotateFamily`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rotated {
    /// The next token is the newest now.
    Rotated {
        /// The session behind the chain.
        session: SessionId,
        /// What was granted.
        granted: Box<Granted>,
        /// When the chain is over.
        expires_at: Timestamp,
    },
    /// It was not taken; the client learns no more than that.
    Refused(RotateRefusal),
}

/// Puts the next token in the place of the presented one. A refresh counts as
/// use of the session, unless the chain outlives that.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn rotate(sql: &dyn Sql, asked: &RotateFamily, now: Timestamp) -> Result<Rotated, StoreError> {
    let (family, session) = match find_good(sql, asked, now)? {
        Ok(good) => good,
        Err(refusal) => return Ok(Rotated::Refused(refusal)),
    };
    let used = session.filter(|_| !family.is_offline);
    let won = in_transaction(sql, || {
        used.iter().try_for_each(|session| announce::used(sql, session, asked.rule, now))?;
        let replace = if family.current == asked.presented {
            store::family::mark_rotated
        } else {
            store::family::mark_forgiven
        };
        replace(sql, &asked.family, &asked.presented, &asked.next, now)
    })?;
    if !won {
        return Ok(Rotated::Refused(RotateRefusal::Reused));
    }
    Ok(Rotated::Rotated {
        session: family.session,
        granted: Box::new(family.granted),
        expires_at: family.expires_at,
    })
}

/// The chain that may grow as `asked`, and its session. One whose token was used before
/// ends here.
///
/// # Errors
/// `Refused` when SQLite fails; inside, why it may not.
pub(super) fn find_good(
    sql: &dyn Sql,
    asked: &RotateFamily,
    now: Timestamp,
) -> Result<Result<(Family, Option<Session>), RotateRefusal>, StoreError> {
    let Some(family) = store::family::find(sql, &asked.family)? else {
        return Ok(Err(RotateRefusal::Unknown));
    };
    let session = store::session::find(sql, &family.session)?;
    let rotation = Rotation {
        client_id: &asked.client_id,
        presented: &asked.presented,
        session: session.as_ref(),
        rule: asked.rule,
        idle: asked.unused,
        grace: asked.grace,
        jkt: asked.jkt.as_deref(),
        now,
    };
    if let Err(refusal) = family::check(&family, &rotation) {
        if refusal == RotateRefusal::Reused {
            tracing::warn!(family.id = %family.id, "A refresh token was used twice");
            end_stolen(sql, &family, asked, now)?;
        }
        return Ok(Err(refusal));
    }
    Ok(Ok((family, session)))
}

/// Two parties have it: the chain ends, with what was got in exchange for its tokens.
fn end_stolen(
    sql: &dyn Sql,
    family: &Family,
    asked: &RotateFamily,
    now: Timestamp,
) -> Result<(), StoreError> {
    in_transaction(sql, || {
        store::family::mark_ended(sql, &family.id, now)?;
        store::family::mark_ended_through(sql, &family.session, &asked.client_id, now)?;
        Ok(())
    })
}
