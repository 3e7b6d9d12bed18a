//! Setting up the organization's SCIM endpoint.
use super::config::{Auth, Config};
use super::credential::{Digester, StoredSecret};
use super::store;
use super::wire_config::{AuthRequest, ConfigJson, ConfigRequest};
use crate::crypto::password::{MAX_PASSWORD_BYTES, SALT_BYTES};
use crate::crypto::token::SecretToken;
use crate::event::audit::{Change, Operation};
use crate::kernel::secret::Secret;
use crate::org::error::OrgError;
use crate::org::record::{Scene, record};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use serde_json::Value;

/// Fewest characters of a secret that a person chooses. What SCIM may do is
/// worth a long one; 8 is what NIST SP 800-63B-4 §3.1.1.2 asks of any password.
pub const MIN_SECRET_CHARS: usize = 8;

/// What came of creating a configuration.
pub enum Created {
    /// It exists now; the secret, when we made it, is told this once.
    New(Config, Option<SecretToken>),
    /// There was one already.
    Exists,
}

/// The configuration.
///
/// # Errors
/// `Unknown` when there is none.
pub fn read(visit: &Visit<'_>) -> Result<Config, OrgError> {
    store::config::find(visit.sql())?.ok_or(OrgError::Unknown("SCIM configuration"))
}

/// Creates the configuration.
///
/// # Errors
/// `Field` when something is missing or cannot be.
pub fn create(visit: &Visit<'_>, asked: &ConfigRequest) -> Result<Created, OrgError> {
    if store::config::find(visit.sql())?.is_some() {
        return Ok(Created::Exists);
    }
    let auth = asked.auth.as_ref().ok_or_else(|| field("auth is missing"))?;
    let (auth, token) = new_auth(visit, auth)?;
    let config = with_auth(asked, auth);
    let inserted = in_transaction::<_, StoreError>(visit.sql(), || {
        let inserted = store::config::insert(visit.sql(), &config, visit.now)?;
        if inserted {
            record(&Scene::of(visit), changed(visit, Operation::Create, &config))?;
        }
        Ok(inserted)
    })?;
    Ok(if inserted { Created::New(config, token) } else { Created::Exists })
}

/// Replaces the configuration. A secret that is left out stays.
///
/// # Errors
/// `Unknown` when there is none; `Field` as [`create`].
pub fn replace(visit: &Visit<'_>, asked: &ConfigRequest) -> Result<Config, OrgError> {
    let before = read(visit)?;
    let auth = match &asked.auth {
        Some(auth) => changed_auth(visit, before.auth, auth)?,
        None => before.auth,
    };
    let config = with_auth(asked, auth);
    in_transaction::<_, StoreError>(visit.sql(), || {
        store::config::update(visit.sql(), &config, visit.now)?;
        record(&Scene::of(visit), changed(visit, Operation::Update, &config))
    })?;
    Ok(config)
}

/// Removes the configuration: the directory's next request is refused. Users that
/// it pushed stay.
///
/// # Errors
/// `Unknown` when there is none.
pub fn delete(visit: &Visit<'_>) -> Result<(), OrgError> {
    let deleted = in_transaction::<_, StoreError>(visit.sql(), || {
        let deleted = store::config::delete(visit.sql())?;
        if deleted {
            let change = Change {
                resource_type: "ORGANIZATION",
                operation: Operation::Delete,
                path: path(visit),
                representation: Some(Value::from(visit.organization.id.as_str())),
            };
            record(&Scene::of(visit), change)?;
        }
        Ok(deleted)
    })?;
    if deleted { Ok(()) } else { Err(OrgError::Unknown("SCIM configuration")) }
}

/// Phase Two's defaults: on, the rest off (reference phasetwo.md §8.1).
fn with_auth(asked: &ConfigRequest, auth: Auth) -> Config {
    Config {
        enabled: asked.enabled.unwrap_or(true),
        email_as_username: asked.email_as_username.unwrap_or(false),
        link_idp: asked.link_idp.unwrap_or(false),
        auth,
    }
}

fn new_auth(
    visit: &Visit<'_>,
    asked: &AuthRequest,
) -> Result<(Auth, Option<SecretToken>), OrgError> {
    match Asked::of(asked)? {
        Asked::Secret { secret: Some(secret) } => {
            Ok((Auth::Secret { secret: hidden(visit, "auth.shared_secret", secret)? }, None))
        }
        Asked::Secret { secret: None } => {
            let token = SecretToken::from_bytes(visit.object.ports.random.bytes32());
            Ok((Auth::Secret { secret: StoredSecret::of_token(&token) }, Some(token)))
        }
        Asked::Basic { username: Some(username), password: Some(password) } => {
            let password = hidden(visit, "auth.password", password)?;
            Ok((Auth::Basic { username: username.to_owned(), password }, None))
        }
        Asked::Basic { username: None, .. } => Err(field("auth.username is missing")),
        Asked::Basic { password: None, .. } => Err(field("auth.password is missing")),
    }
}

/// Phase Two erases what is left out; its documents promise to keep it (reference
/// phasetwo.md §11), and so do we.
fn changed_auth(visit: &Visit<'_>, before: Auth, asked: &AuthRequest) -> Result<Auth, OrgError> {
    match (Asked::of(asked)?, before) {
        (Asked::Secret { secret: None }, before @ Auth::Secret { .. }) => Ok(before),
        (Asked::Secret { secret: None }, Auth::Basic { .. }) => {
            Err(field("auth.shared_secret is missing"))
        }
        (Asked::Basic { username, password: None }, Auth::Basic { username: old, password }) => {
            Ok(Auth::Basic { username: username.map_or(old, str::to_owned), password })
        }
        (Asked::Basic { username: None, password: Some(new) }, Auth::Basic { username, .. }) => {
            Ok(Auth::Basic { username, password: hidden(visit, "auth.password", new)? })
        }
        (Asked::Secret { secret: Some(_) } | Asked::Basic { .. }, _) => {
            Ok(new_auth(visit, asked)?.0)
        }
    }
}

/// The kinds of authentication that are enforced, and so may be asked for.
enum Asked<'a> {
    Secret { secret: Option<&'a Secret> },
    Basic { username: Option<&'a str>, password: Option<&'a Secret> },
}

impl<'a> Asked<'a> {
    fn of(asked: &'a AuthRequest) -> Result<Self, OrgError> {
        let given = |secret: &'a Option<Secret>| {
            secret.as_ref().filter(|secret| !secret.expose().is_empty())
        };
        match asked.kind.as_str() {
            "EXTERNAL_SECRET" => Ok(Self::Secret { secret: given(&asked.shared_secret) }),
            "EXTERNAL_BASIC" => Ok(Self::Basic {
                username: username(asked.username.as_deref())?,
                password: given(&asked.password),
            }),
            kind @ ("KEYCLOAK" | "EXTERNAL_JWT") => {
                Err(OrgError::Field(format!("auth.type {kind} is not available yet")))
            }
            _ => Err(field("auth.type is not EXTERNAL_SECRET or EXTERNAL_BASIC")),
        }
    }
}

/// Passes a name that HTTP Basic can carry; an empty one is none. RFC 7617 §2: a
/// user-id cannot hold a colon.
///
/// # Errors
/// `Field`.
pub fn username(text: Option<&str>) -> Result<Option<&str>, OrgError> {
    match text {
        None | Some("") => Ok(None),
        Some(text) if text.contains(':') => Err(field("auth.username holds a colon")),
        Some(text) if text.len() > MAX_PASSWORD_BYTES => Err(field("auth.username is too long")),
        Some(text) => Ok(Some(text)),
    }
}

fn hidden(visit: &Visit<'_>, name: &str, secret: &Secret) -> Result<StoredSecret, OrgError> {
    if secret.expose().chars().count() < MIN_SECRET_CHARS {
        let why = format!("{name} has fewer than {MIN_SECRET_CHARS} characters");
        return Err(OrgError::Field(why));
    }
    let fresh = visit.object.ports.random.bytes32();
    let mut salt = [0; SALT_BYTES];
    salt.copy_from_slice(fresh.split_at(SALT_BYTES).0);
    let organization = &visit.organization;
    let digester = Digester::new(visit.keyring, &organization.realm, &organization.id);
    StoredSecret::of_choice(secret, &digester, salt)
        .map_err(|error| OrgError::Field(format!("{name}: {error}")))
}

fn changed(visit: &Visit<'_>, operation: Operation, config: &Config) -> Change {
    Change {
        resource_type: "ORGANIZATION",
        operation,
        path: path(visit),
        representation: serde_json::to_value(ConfigJson::of(config, None)).ok(),
    }
}

fn path(visit: &Visit<'_>) -> String {
    format!("orgs/{}/scim", visit.organization.id)
}

fn field(why: &str) -> OrgError {
    OrgError::Field(why.to_owned())
}
