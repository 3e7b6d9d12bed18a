//! Who may speak for the organization's directory: whoever presents the
//! credential of this organization's configuration, and nobody else.
use super::config::{Auth, Config, Kept, NOTED_EVERY, Which};
use super::credential::{Check, Digester, StoredSecret};
use super::error::Refusal;
use super::foreign_token;
use super::gate::Gate;
use super::store;
use crate::crypto::digest::same;
use crate::kernel::secret::Secret;
use crate::org::error::OrgError;
use crate::org::permission::{Permission, require};
use crate::org::visit::{Visit, Visitor};
use crate::platform::row::StoreError;
use crate::realm::store::administrative;
use crate::web::Request;
use crate::web::credentials::{basic, bearer};
use std::rc::Rc;

/// The realm role with which a service account may speak for the directory of
/// every organization of its realm that takes such tokens (reference phasetwo.md
/// §8.1). Nobody has it who is not given it.
pub const SCIM_ACCESS: &str = "scim-access";

/// What a person or a service account needs in the organization, to speak for its
/// directory.
const MANAGES: &[Permission] = &[Permission::MANAGE_MEMBERS, Permission::MANAGE_IDENTITY_PROVIDERS];

/// What a request presents, besides an access token of ours: that, the Worker has
/// verified.
pub struct Presented {
    bearer: Option<Secret>,
    basic: Option<(String, Secret)>,
}

/// Who is let in.
pub struct Admission {
    config: Config,
    is_on: bool,
    /// The kind of the credential that was right.
    pub kind: &'static str,
}

impl Admission {
    /// The configuration under which the request goes on.
    ///
    /// # Errors
    /// `Off` when the realm, the organization's being disabled or its configuration
    /// has switched SCIM off.
    pub fn open(self) -> Result<Config, Refusal> {
        if self.is_on { Ok(self.config) } else { Err(Refusal::Off) }
    }
}

impl Presented {
    /// What `request` presents.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        Self { bearer: bearer(request).map(Secret::new), basic: basic(request) }
    }

    /// Whether nothing was presented, which is no try at anything.
    #[must_use]
    pub const fn is_nothing(&self, visitor: &Visitor) -> bool {
        self.bearer.is_none() && self.basic.is_none() && visitor.caller.is_none()
    }
}

/// Lets in who presents the organization's credential. Only they hear that the
/// service is off: to everybody else an organization without one, or none, looks
/// like one with another credential.
///
/// # Errors
/// `Credential` for anything but the credential of this organization, `Throttled`
/// for too many of those.
pub async fn authenticate(visit: &Visit<'_>, presented: &Presented) -> Result<Admission, Refusal> {
    if presented.is_nothing(&visit.visitor) {
        return Err(Refusal::Credential);
    }
    let place = (&visit.visitor.realm.id, &visit.organization.id);
    let gate = Gate::new(visit.object.ports, place, visit.visitor.ip.as_deref(), visit.now);
    gate.pass()?;
    let Some((kept, which)) = prove(visit, presented).await? else {
        gate.wrong();
        return Err(Refusal::Credential);
    };
    gate.right();
    note_use(visit, &kept, which)?;
    let kind = match (which, &kept.previous) {
        (Which::Previous, Some(previous)) => previous.auth.kind(),
        _ => kept.config.auth.kind(),
    };
    let settings = &visit.visitor.realm.settings;
    let is_open = settings.organizations_enabled && visit.organization.enabled;
    let is_on = settings.scim_enabled && kept.config.enabled && is_open;
    Ok(Admission { config: kept.config, is_on, kind })
}

/// The configuration, and which of its credentials was presented.
async fn prove(
    visit: &Visit<'_>,
    presented: &Presented,
) -> Result<Option<(Kept, Which)>, StoreError> {
    let Some(kept) = store::config::find_kept(visit.sql())? else { return Ok(None) };
    let mut proved = None;
    for (which, auth) in kept.accepted(visit.now) {
        if is_proof(visit, auth, presented).await? {
            proved = Some((which, auth.asks_others()));
            break;
        }
    }
    match proved {
        None => Ok(None),
        Some((which, false)) => Ok(Some((kept, which))),
        Some((which, true)) => Ok(find_again(visit, &kept, which)?.map(|kept| (kept, which))),
    }
}

/// The configuration as it is now, if it still takes what it took before somebody
/// else was asked.
fn find_again(visit: &Visit<'_>, before: &Kept, which: Which) -> Result<Option<Kept>, StoreError> {
    let Some(kept) = store::config::find_kept(visit.sql())? else { return Ok(None) };
    let stays = {
        let mut accepted = kept.accepted(visit.now);
        let mut was_accepted = before.accepted(visit.now).filter(|(one, _)| *one == which);
        was_accepted.next().is_some_and(|was| accepted.any(|now| now == was))
    };
    Ok(stays.then_some(kept))
}

async fn is_proof(
    visit: &Visit<'_>,
    auth: &Auth,
    presented: &Presented,
) -> Result<bool, StoreError> {
    match auth {
        Auth::Secret { secret } => {
            Ok(presented.bearer.as_ref().is_some_and(|bearer| is_secret(visit, secret, bearer)))
        }
        Auth::Basic { username, password } => {
            Ok(presented.basic.as_ref().is_some_and(|(user, secret)| {
                // Both are compared, so that the time does not tell which was wrong.
                let user = same(username.as_bytes(), user.as_bytes());
                is_secret(visit, password, secret) & user
            }))
        }
        Auth::Jwt(trust) => {
            let Some(bearer) = &presented.bearer else { return Ok(false) };
            let ports = visit.object.ports;
            let verdict = foreign_token::verify(ports, visit.now, trust, bearer.expose()).await;
            if let Err(why) = &verdict {
                tracing::info!("A token for SCIM was refused: {why}");
            }
            Ok(verdict.is_ok())
        }
        Auth::Keycloak => may_speak(visit).await,
    }
}

/// Whether the holder of an access token of the organization's realm may speak for
/// its directory. A token of realm `master` may not: who administers everything
/// needs no directory.
async fn may_speak(visit: &Visit<'_>) -> Result<bool, StoreError> {
    let realm = &visit.visitor.realm.id;
    let Some(caller) = visit.visitor.caller.as_ref().filter(|caller| caller.realm == *realm) else {
        return Ok(false);
    };
    match require(visit, MANAGES) {
        Ok(_) => return Ok(true),
        Err(OrgError::Store(error)) => return Err(error),
        Err(_) if !caller.is_service_account => return Ok(false),
        Err(_) => {}
    }
    let directory = &*visit.object.ports.directory;
    administrative::holds_realm_role(directory, realm, &caller.user, SCIM_ACCESS).await
}

/// Writes down that the credential is used, now and then.
fn note_use(visit: &Visit<'_>, kept: &Kept, which: Which) -> Result<(), StoreError> {
    if kept.used_at(which).is_some_and(|at| visit.now < at + NOTED_EVERY) {
        return Ok(());
    }
    store::config::note_use(visit.sql(), which, visit.now)
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
