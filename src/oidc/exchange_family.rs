//! A refresh token in exchange for an access token (RFC 8693 §2.2.1): a chain in the
//! session of that token, which ends with it and with what it was granted.
use super::consent;
use super::error::TokenError;
use super::grant_token_exchange::{ExchangeRefusal, Subject};
use super::refresh::NextRefresh;
use super::shape::Shape;
use crate::account::family_end::EndFamily;
use crate::account::family_exchange::ExchangeFamily;
use crate::account::family_start::StartFamily;
use crate::account::grant::Granted;
use crate::account::session_rule::SessionRule;
use crate::kernel::route::ObjectName;
use crate::kernel::time::Timestamp;
use crate::platform::object::ask;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::spent;

/// A chain that began.
pub struct Began {
    /// Its first token.
    pub next: NextRefresh,
    /// What it was granted.
    pub granted: Granted,
    /// When it is over.
    pub ends_at: Timestamp,
}

/// Starts a chain for `client`, which becomes a client of the session. Two calls to the
/// account at most, and a directory query.
///
/// # Errors
/// `Exchange` with `NoSession` for a token that has none that lives, `Offline` for a
/// grant that would outlive it, `Subject` for one that was taken back; and `Store`.
pub async fn begin(
    context: &RealmContext<'_>,
    client: &Client,
    subject: &Subject,
    (granted, shape): (Granted, &Shape),
) -> Result<Began, TokenError> {
    let session = subject.caller.session.clone().ok_or(ExchangeRefusal::NoSession)?;
    if granted.is_offline() {
        return Err(ExchangeRefusal::Offline.into());
    }
    check_consent(context, subject).await?;
    let next = NextRefresh::first(&*context.ports.random);
    let asked = ExchangeFamily {
        start: StartFamily {
            session,
            rule: SessionRule::of(&context.realm),
            family: next.as_family(shape.span, client, shape.jkt.as_deref()),
            granted: granted.clone(),
        },
        subject_client: subject.caller.client_id.clone(),
        issued_at: subject.caller.issued_at,
        token: subject.caller.spent_name(),
    };
    let object = ObjectName::Account(context.realm.id.clone(), subject.caller.user.clone());
    let began = ask(&*context.ports.objects, &object, &asked).await?;
    let ends_at = began.ok_or(ExchangeRefusal::NoSession)?;
    context.ports.faults.reach("oidc.exchange.after_family").await;
    // Whoever revokes the token ends what began by then: this may have begun later.
    if spent::is_spent(&*context.ports.directory, &asked.token).await? {
        let end = EndFamily { family: next.family };
        ask(&*context.ports.objects, &object, &end).await?;
        return Err(ExchangeRefusal::Subject.into());
    }
    Ok(Began { next, granted, ends_at })
}

/// An access token outlives the consent it was made by for a moment; no chain grows
/// from it then.
async fn check_consent(context: &RealmContext<'_>, subject: &Subject) -> Result<(), TokenError> {
    let holder = context.find_client(&subject.caller.client_id).await?;
    let holder = holder.ok_or(ExchangeRefusal::Subject)?;
    let is_withdrawn = consent::is_withdrawn(context, &holder, &subject.caller.user).await?;
    if is_withdrawn { Err(ExchangeRefusal::Subject.into()) } else { Ok(()) }
}
