//! Giving, finding and taking back consents.
use super::consent::{Agreement, Consent};
use super::family_exchange::end_all_through;
use super::store;
use crate::kernel::id::{ClientUuid, OrgId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "I allow this."
#[derive(Debug, Serialize, Deserialize)]
pub struct GiveConsent {
    /// What.
    pub agreement: Agreement,
}

impl Call for GiveConsent {
    const NAME: &'static str = "account.consent.give";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// "What was allowed?", to one client or at all.
#[derive(Debug, Serialize, Deserialize)]
pub struct FindConsents {
    /// The client.
    pub client: Option<ClientUuid>,
}

impl Call for FindConsents {
    const NAME: &'static str = "account.consent.find";
    type Answer = Vec<Consent>;

    fn of_blank() -> Option<Vec<Consent>> {
        Some(Vec::new())
    }
}

/// "That client may no longer." Answers whether it was allowed anything.
#[derive(Debug, Serialize, Deserialize)]
pub struct RevokeConsent {
    /// The client.
    pub client: ClientUuid,
    /// Its public name, by which its refresh families know it.
    pub client_id: String,
    /// How long an access token of the realm can live.
    #[serde(default)]
    pub token_life: Seconds,
}

impl Call for RevokeConsent {
    const NAME: &'static str = "account.consent.revoke";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(false)
    }
}

/// Remembers a consent; what was allowed before stays allowed.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn give(sql: &dyn Sql, asked: &GiveConsent, now: Timestamp) -> Result<(), StoreError> {
    let agreement = &asked.agreement;
    let given = store::consent::list_of_client(sql, &agreement.client)?;
    let of = |org: Option<&OrgId>| given.iter().find(|consent| consent.org.as_ref() == org);
    in_transaction(sql, || {
        agreement.places().into_iter().try_for_each(|org| {
            let mut scopes = of(org).map(|consent| consent.scopes.clone()).unwrap_or_default();
            scopes.extend(agreement.scopes.iter().cloned());
            scopes.sort();
            scopes.dedup();
            store::consent::put(sql, (&agreement.client, org), &scopes, now)
        })
    })
}

/// The consents, at most [`super::consent::MAX_CONSENTS`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, asked: &FindConsents) -> Result<Vec<Consent>, StoreError> {
    match &asked.client {
        Some(client) => store::consent::list_of_client(sql, client),
        None => store::consent::list(sql),
    }
}

/// Takes back what a client was allowed, with what grew from it: refresh families
/// end, so does what others got in exchange for its tokens, and codes that nobody has
/// redeemed go.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke(sql: &dyn Sql, asked: &RevokeConsent, now: Timestamp) -> Result<bool, StoreError> {
    in_transaction(sql, || {
        let was_allowed = store::consent::delete(sql, &asked.client)?;
        if was_allowed {
            store::code::delete_of_client(sql, &asked.client_id, now)?;
            store::family::mark_ended_of_client(sql, &asked.client_id, now)?;
            end_all_through(sql, &asked.client_id, now, now + asked.token_life)?;
        }
        Ok(was_allowed)
    })
}
