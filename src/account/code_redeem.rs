//! Redeeming an authorization code: once.
use super::announce;
use super::code;
use super::code::{Code, CodeGrant, CodeRefusal, Redemption, Stage};
use super::family::{Family, NewFamily};
use super::grant::Granted;
use super::session::Session;
use super::session_rule::SessionRule;
use super::store;
use crate::crypto::token::TokenHash;
use crate::kernel::id::SessionId;
use crate::kernel::secret::{Secret, exposed_option};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "This client brings this code."
#[derive(Debug, Serialize, Deserialize)]
pub struct RedeemCode {
    /// The hash of the code's secret.
    pub hash: TokenHash,
    /// The client, authenticated.
    pub client_id: String,
    /// Its `redirect_uri`.
    pub redirect_uri: String,
    /// Its `code_verifier`, if it brings one.
    #[serde(default, serialize_with = "exposed_option")]
    pub code_verifier: Option<Secret>,
    /// The thumbprint of the key that the client proved to have.
    #[serde(default)]
    pub jkt: Option<String>,
    /// The refresh family to start, when the client may refresh.
    pub family: Option<NewFamily>,
    /// The same for a grant that outlives the session.
    #[serde(default)]
    pub offline_family: Option<NewFamily>,
    /// How long an access token of the realm can live.
    #[serde(default)]
    pub token_life: Seconds,
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl RedeemCode {
    fn family_for(&self, granted: &Granted) -> Option<&NewFamily> {
        let offline = self.offline_family.as_ref().filter(|_| granted.is_offline());
        offline.or(self.family.as_ref())
    }
}

impl Call for RedeemCode {
    const NAME: &'static str = "account.code.redeem";
    type Answer = Redeemed;

    fn of_blank() -> Option<Redeemed> {
        Some(Redeemed::Refused(CodeRefusal::Unknown))
    }
}

/// What came of [`RedeemCode`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Redeemed {
    /// The code was good and is used up.
    Granted {
        /// The session in which it was granted.
        session: SessionId,
        /// When that session is over, and with it what grew from it.
        session_ends: Timestamp,
        /// What the code stands for.
        grant: Box<CodeGrant>,
    },
    /// It was not; the client learns no more than that.
    Refused(CodeRefusal),
}

/// Redeems the code, and starts the refresh family if one is asked for.
///
/// A code that fails a check stays live: only its rightful client can use it.
/// A code that comes back after it was redeemed ends the family it started, and the
/// access tokens (RFC 6749 §4.1.2): somebody else has it too.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn redeem(sql: &dyn Sql, asked: &RedeemCode, now: Timestamp) -> Result<Redeemed, StoreError> {
    let Some(code) = store::code::find(sql, &asked.hash)? else {
        return Ok(Redeemed::Refused(CodeRefusal::Unknown));
    };
    let session = store::session::find(sql, &code.session)?;
    match (code::check(&code, &redemption(asked, session.as_ref(), now)), session) {
        (Ok(()), Some(session)) => use_up(sql, asked, code, &session, now),
        (Ok(()), None) => Ok(Redeemed::Refused(CodeRefusal::SessionEnded)),
        (Err(refusal), _) => {
            if refusal == CodeRefusal::AlreadyRedeemed {
                end_what_it_started(sql, &code, asked.token_life, now)?;
            }
            Ok(Redeemed::Refused(refusal))
        }
    }
}

fn redemption<'a>(
    asked: &'a RedeemCode,
    session: Option<&'a Session>,
    now: Timestamp,
) -> Redemption<'a> {
    Redemption {
        client_id: &asked.client_id,
        redirect_uri: &asked.redirect_uri,
        code_verifier: asked.code_verifier.as_ref().map(Secret::expose),
        jkt: asked.jkt.as_deref(),
        session,
        rule: asked.rule,
        now,
    }
}

fn use_up(
    sql: &dyn Sql,
    asked: &RedeemCode,
    code: Code,
    session: &Session,
    now: Timestamp,
) -> Result<Redeemed, StoreError> {
    let family = asked.family_for(&code.grant.granted);
    let won = in_transaction(sql, || {
        let won = store::code::mark_redeemed(sql, &asked.hash, family.map(|new| &new.id), now)?;
        if let (true, Some(new)) = (won, family) {
            let family = Family::sprouting(new, session, code.grant.granted.clone(), now);
            store::family::insert(sql, &family)?;
        }
        if won {
            announce::granted(sql, session, &code.grant.granted, asked.rule, now)?;
        }
        Ok::<bool, StoreError>(won)
    })?;
    if !won {
        return Ok(Redeemed::Refused(CodeRefusal::AlreadyRedeemed));
    }
    Ok(Redeemed::Granted {
        session: code.session,
        session_ends: session.expires_at,
        grant: Box::new(code.grant),
    })
}

/// The family, and every access token that its client has of the session until now:
/// which of them came of this code, nobody wrote down.
fn end_what_it_started(
    sql: &dyn Sql,
    code: &Code,
    token_life: Seconds,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Stage::Redeemed { family } = &code.stage else { return Ok(()) };
    in_transaction(sql, || {
        if let Some(family) = family {
            store::family::mark_ended(sql, family, now)?;
        }
        let of = (&code.session, &*code.grant.granted.client_id);
        store::revoked_grant::mark(sql, of, now, now + token_life)
    })
}
