//! What a configuration's `auth` asks for, made into what is kept.
use super::config::{Auth, Trust};
use super::credential::{Check, Digester, StoredSecret};
use super::wire_config::AuthRequest;
use crate::crypto::password::{MAX_PASSWORD_BYTES, SALT_BYTES};
use crate::crypto::token::SecretToken;
use crate::kernel::secret::Secret;
use crate::org::error::OrgError;
use crate::org::visit::Visit;
use url::Url;

/// Fewest characters of a secret that a person chooses. What SCIM may do is
/// worth a long one; 8 is what NIST SP 800-63B-4 §3.1.1.2 asks of any password.
pub const MIN_SECRET_CHARS: usize = 8;

/// Longest issuer, audience or URL of keys, in bytes.
pub const MAX_TRUST_BYTES: usize = 2048;

/// What Phase Two takes for any issuer and any audience: a token that the same
/// issuer made for anybody else would open the organization.
const ANY: &str = "*";

/// The authentication of a new configuration, and the secret when we made it.
///
/// # Errors
/// `Field` when something is missing or cannot be.
pub fn new_auth(
    visit: &Visit<'_>,
    asked: &AuthRequest,
) -> Result<(Auth, Option<SecretToken>), OrgError> {
    match Asked::of(asked)? {
        Asked::Keycloak => Ok((Auth::Keycloak, None)),
        Asked::Jwt(asked) => Ok((Auth::Jwt(asked.over(None)?), None)),
        Asked::Secret { secret: Some(secret) } => {
            Ok((Auth::Secret { secret: hidden(visit, "auth.shared_secret", secret)? }, None))
        }
        Asked::Secret { secret: None } => {
            let token = made(visit);
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

/// The authentication after an update. Phase Two erases what is left out; its
/// documents promise to keep it (reference phasetwo.md §11), and so do we. A secret
/// that is sent again is no new one.
///
/// # Errors
/// As [`new_auth`].
pub fn changed_auth(
    visit: &Visit<'_>,
    before: &Auth,
    asked: &AuthRequest,
) -> Result<Auth, OrgError> {
    match (Asked::of(asked)?, before) {
        (Asked::Jwt(asked), Auth::Jwt(old)) => Ok(Auth::Jwt(asked.over(Some(old))?)),
        (Asked::Secret { secret: None }, Auth::Secret { .. }) => Ok(before.clone()),
        (Asked::Secret { secret: None }, _) => Err(field("auth.shared_secret is missing")),
        (Asked::Secret { secret: Some(sent) }, Auth::Secret { secret }) => {
            Ok(Auth::Secret { secret: same_or_new(visit, "auth.shared_secret", sent, secret)? })
        }
        (Asked::Basic { username, password: sent }, Auth::Basic { username: old, password }) => {
            let username = username.map_or_else(|| old.clone(), str::to_owned);
            let password = match sent {
                Some(sent) => same_or_new(visit, "auth.password", sent, password)?,
                None => password.clone(),
            };
            Ok(Auth::Basic { username, password })
        }
        _ => Ok(new_auth(visit, asked)?.0),
    }
}

/// The kinds of authentication.
enum Asked<'a> {
    Keycloak,
    Jwt(AskedTrust<'a>),
    Secret { secret: Option<&'a Secret> },
    Basic { username: Option<&'a str>, password: Option<&'a Secret> },
}

struct AskedTrust<'a> {
    issuer: Option<&'a str>,
    audience: Option<&'a str>,
    jwks_uri: Option<&'a str>,
}

impl<'a> Asked<'a> {
    fn of(asked: &'a AuthRequest) -> Result<Self, OrgError> {
        let given = |secret: &'a Option<Secret>| {
            secret.as_ref().filter(|secret| !secret.expose().is_empty())
        };
        let text =
            |text: &'a Option<String>| text.as_deref().filter(|text| !text.trim().is_empty());
        match asked.kind.as_str() {
            "KEYCLOAK" => Ok(Self::Keycloak),
            "EXTERNAL_JWT" => Ok(Self::Jwt(AskedTrust {
                issuer: text(&asked.issuer),
                audience: text(&asked.audience),
                jwks_uri: text(&asked.jwks_uri),
            })),
            "EXTERNAL_SECRET" => Ok(Self::Secret { secret: given(&asked.shared_secret) }),
            "EXTERNAL_BASIC" => Ok(Self::Basic {
                username: username(asked.username.as_deref())?,
                password: given(&asked.password),
            }),
            _ => Err(field(
                "auth.type is not KEYCLOAK, EXTERNAL_JWT, EXTERNAL_SECRET or EXTERNAL_BASIC",
            )),
        }
    }
}

impl AskedTrust<'_> {
    /// What is asked for, and of `old` what is not.
    fn over(&self, old: Option<&Trust>) -> Result<Trust, OrgError> {
        let wanted = |name: &str, asked: Option<&str>, old: Option<&String>| {
            let text = asked.map(str::to_owned).or_else(|| old.cloned());
            text.ok_or_else(|| field(&format!("auth.{name} is missing")))
        };
        let trust = Trust {
            issuer: wanted("issuer", self.issuer, old.map(|old| &old.issuer))?,
            audience: wanted("audience", self.audience, old.map(|old| &old.audience))?,
            jwks_uri: wanted("jwks_uri", self.jwks_uri, old.map(|old| &old.jwks_uri))?,
        };
        check_trust(&trust)?;
        Ok(trust)
    }
}

/// Passes what can be trusted: one issuer, for one audience, whose keys are on the
/// web. Whether that is a public host, who fetches them decides.
///
/// # Errors
/// `Field`.
pub fn check_trust(trust: &Trust) -> Result<(), OrgError> {
    let texts =
        [("issuer", &trust.issuer), ("audience", &trust.audience), ("jwks_uri", &trust.jwks_uri)];
    for (name, text) in texts {
        if text.is_empty() {
            return Err(field(&format!("auth.{name} is missing")));
        }
        if text.len() > MAX_TRUST_BYTES {
            return Err(field(&format!(
                "auth.{name} has more than {MAX_TRUST_BYTES} bytes (MAX_TRUST_BYTES)"
            )));
        }
        if text == ANY {
            return Err(field(&format!("auth.{name} cannot be * (any)")));
        }
    }
    let is_web = Url::parse(&trust.jwks_uri).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    if is_web { Ok(()) } else { Err(field("auth.jwks_uri is not a web address")) }
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

/// A secret of ours.
pub(super) fn made(visit: &Visit<'_>) -> SecretToken {
    SecretToken::from_bytes(visit.object.ports.random.bytes32())
}

fn same_or_new(
    visit: &Visit<'_>,
    name: &str,
    sent: &Secret,
    kept: &StoredSecret,
) -> Result<StoredSecret, OrgError> {
    let is_same = kept.check(sent, &digester(visit)) != Check::Wrong && kept.check_slowly(sent);
    if is_same { Ok(kept.clone()) } else { hidden(visit, name, sent) }
}

/// A secret that a person chose, hidden.
///
/// # Errors
/// `Field` when it is too short or too long.
pub(super) fn hidden(
    visit: &Visit<'_>,
    name: &str,
    secret: &Secret,
) -> Result<StoredSecret, OrgError> {
    if secret.expose().chars().count() < MIN_SECRET_CHARS {
        let why = format!("{name} has fewer than {MIN_SECRET_CHARS} characters");
        return Err(OrgError::Field(why));
    }
    let fresh = visit.object.ports.random.bytes32();
    let mut salt = [0; SALT_BYTES];
    salt.copy_from_slice(fresh.split_at(SALT_BYTES).0);
    StoredSecret::of_choice(secret, &digester(visit), salt)
        .map_err(|error| OrgError::Field(format!("{name}: {error}")))
}

fn digester<'a>(visit: &'a Visit<'_>) -> Digester<'a> {
    let organization = &visit.organization;
    Digester::new(visit.keyring, &organization.realm, &organization.id)
}

fn field(why: &str) -> OrgError {
    OrgError::Field(why.to_owned())
}
