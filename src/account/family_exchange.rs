//! Starting a refresh family for a client that exchanged an access token (RFC 8693),
//! and ending what was got in exchange with what it was got for.
use super::announce;
use super::family::Family;
use super::family_start::StartFamily;
use super::grant::Exchanged;
use super::session::Session;
use super::store;
use super::store::family::Ended;
use crate::crypto::token::TokenHash;
use crate::kernel::id::SessionId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "Start this chain for what that access token was granted." Answers when the chain
/// is over; `None` when the session has ended, or what was granted in it to the
/// token's client was revoked.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExchangeFamily {
    /// The chain, in the session of the token.
    pub start: StartFamily,
    /// The `azp` of the token that is exchanged.
    pub subject_client: String,
    /// Its `iat`.
    pub issued_at: Timestamp,
    /// What the directory knows it by, when it is revoked.
    pub token: TokenHash,
}

impl Call for ExchangeFamily {
    const NAME: &'static str = "account.family.exchange";
    type Answer = Option<Timestamp>;

    fn of_blank() -> Option<Option<Timestamp>> {
        Some(None)
    }
}

/// "This access token was revoked." What it was exchanged for ends.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndExchanged {
    /// The session of the token.
    pub session: SessionId,
    /// What the directory knows it by.
    pub token: TokenHash,
    /// How long an access token of the realm can live.
    pub token_life: Seconds,
}

impl Call for EndExchanged {
    const NAME: &'static str = "account.family.end_exchanged";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// Starts the chain, if what it is got for stands.
///
/// # Errors
/// `Refused` when SQLite fails, `Conflict` when the chain is not a fresh one.
pub fn exchange(
    sql: &dyn Sql,
    asked: ExchangeFamily,
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let rule = asked.start.rule;
    let session = store::session::find(sql, &asked.start.session)?;
    let Some(session) = session.filter(|session| session.is_live(rule, now)) else {
        return Ok(None);
    };
    if !stands(sql, &session, &asked)? {
        return Ok(None);
    }
    let through = through(sql, &session, asked.subject_client)?;
    let StartFamily { family, mut granted, .. } = asked.start;
    granted.terms.exchanged = Some(Exchanged { token: asked.token, through });
    let family = Family::sprouting(&family, &session, granted, now);
    in_transaction(sql, || {
        store::family::insert(sql, &family)?;
        announce::granted(sql, &session, &family.granted, rule, now)?;
        Ok(Some(family.expires_at))
    })
}

/// Whether something was granted to the token's client in the session, and nobody
/// revoked it. A client that merely exchanged for an access token has nothing there:
/// who gets a chain by its token would keep it when the grant ends.
fn stands(sql: &dyn Sql, session: &Session, asked: &ExchangeFamily) -> Result<bool, StoreError> {
    let client = &asked.subject_client;
    let revoked = store::revoked_grant::find(sql, &session.id, client)?;
    let is_revoked = revoked.is_some_and(|revoked| asked.issued_at <= revoked);
    Ok(!is_revoked && store::session::has_client(sql, &session.id, client)?)
}

/// The client, and those by whose tokens it came to what it has in the session:
/// which of its chains a token is of, it does not say, so all count.
fn through(
    sql: &dyn Sql,
    session: &Session,
    subject_client: String,
) -> Result<Vec<String>, StoreError> {
    let mut through = store::family::list_through(sql, &session.id, &subject_client)?;
    through.push(subject_client);
    through.sort();
    through.dedup();
    Ok(through)
}

/// Answers [`EndExchanged`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end(sql: &dyn Sql, asked: &EndExchanged, now: Timestamp) -> Result<(), StoreError> {
    let until = now + asked.token_life;
    in_transaction(sql, || {
        let ended = store::family::mark_exchanged_ended(sql, &asked.session, &asked.token, now)?;
        revoke(sql, &ended, now, until)?;
        ended.iter().try_for_each(|one| end_through(sql, &one.session, &one.client_id, now, until))
    })
}

/// Ends what was got in the session for tokens of the client, on however long a way:
/// chains, and access tokens, of which none lives beyond `until`. Belongs in the
/// transaction that ends what the client was granted.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end_through(
    sql: &dyn Sql,
    session: &SessionId,
    client_id: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    revoke(sql, &store::family::mark_ended_through(sql, session, client_id, now)?, now, until)
}

/// The same in every session.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end_all_through(
    sql: &dyn Sql,
    client_id: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    revoke(sql, &store::family::mark_all_ended_through(sql, client_id, now)?, now, until)
}

fn revoke(
    sql: &dyn Sql,
    ended: &[Ended],
    now: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    ended.iter().try_for_each(|one| {
        store::revoked_grant::mark(sql, (&one.session, &one.client_id), now, until)
    })
}
