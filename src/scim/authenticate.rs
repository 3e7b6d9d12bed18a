//! Who may speak for the organization's directory: whoever presents the
//! credential of this organization's configuration, and nobody else.
use super::config::{Auth, Config};
use super::credential::{Check, Digester, StoredSecret};
use super::error::Refusal;
use super::store;
use crate::crypto::digest::same;
use crate::kernel::secret::Secret;
use crate::org::visit::Visit;
use std::rc::Rc;

/// What a request presents.
pub enum Presented {
    /// Nothing, or something unreadable.
    Nothing,
    /// A bearer secret.
    Bearer(Secret),
    /// HTTP Basic.
    Basic(String, Secret),
}

/// Answers the configuration under which the request may go on. Only who brings
/// the credential hears that the service is off: to everybody else an
/// organization without one, or none, looks like one with another credential.
///
/// # Errors
/// `Credential` for anything but the credential of this organization, `Off` when
/// the realm, the organization's being disabled or its configuration has switched
/// SCIM off.
pub fn authenticate(visit: &Visit<'_>, presented: &Presented) -> Result<Config, Refusal> {
    let config = store::config::find(visit.sql())?.ok_or(Refusal::Credential)?;
    let proved = match (&config.auth, presented) {
        (Auth::Secret { secret }, Presented::Bearer(bearer)) => is_secret(visit, secret, bearer),
        (Auth::Basic { username, password }, Presented::Basic(user, presented)) => {
            // Both are compared, so that the time does not tell which was wrong.
            let user = same(username.as_bytes(), user.as_bytes());
            is_secret(visit, password, presented) & user
        }
        (Auth::Secret { .. } | Auth::Basic { .. }, _) => false,
    };
    let settings = &visit.visitor.realm.settings;
    let is_open = settings.organizations_enabled && visit.organization.enabled;
    let is_on = settings.scim_enabled && config.enabled && is_open;
    match (proved, is_on) {
        (true, true) => Ok(config),
        (true, false) => Err(Refusal::Off),
        (false, _) => Err(Refusal::Credential),
    }
}

/// A right secret that a person chose costs one Argon2id per object and
/// [`crate::platform::memo::MEMO_AGE`]; a wrong one costs none.
fn is_secret(visit: &Visit<'_>, stored: &StoredSecret, presented: &Secret) -> bool {
    let organization = &visit.organization;
    let digester = Digester::new(visit.keyring, &organization.realm, &organization.id);
    match stored.check(presented, &digester) {
        Check::Wrong => false,
        Check::Right => true,
        Check::Probable => {
            let memo = &visit.object.ports.memo;
            let key = format!("scim/{}/{}", visit.organization.id, stored.label());
            if memo.get::<()>(&key, visit.now).is_some() {
                return true;
            }
            let proved = stored.check_slowly(presented);
            if proved {
                memo.put(key, Rc::new(()), visit.now);
            }
            proved
        }
    }
}
