//! Replacing the secret of the organization's directory, without a moment at which
//! neither does.
use super::config::{Auth, Kept};
use super::configure;
use super::configure_auth::{hidden, made};
use super::credential::StoredSecret;
use super::wire_config::RotationRequest;
use crate::crypto::token::SecretToken;
use crate::kernel::secret::Secret;
use crate::kernel::time::Seconds;
use crate::org::error::OrgError;
use crate::org::visit::Visit;

/// How long the old secret does where nothing else is said: until somebody has
/// typed the new one into the directory.
pub const DEFAULT_OVERLAP: Seconds = Seconds::days(1);

/// How long it does at most.
pub const MAX_OVERLAP: Seconds = Seconds::days(30);

/// Replaces the secret by the one that is asked for, or by one that we make and tell
/// this once.
///
/// # Errors
/// `Unknown` when there is no configuration; `Field` when its kind has no secret, or
/// another one.
pub fn rotate(
    visit: &Visit<'_>,
    asked: &RotationRequest,
) -> Result<(Kept, Option<SecretToken>), OrgError> {
    let mut kept = configure::read(visit)?;
    let overlap = asked.overlap_seconds.map_or(Ok(DEFAULT_OVERLAP), read_overlap)?;
    let given = |secret: &Option<Secret>| secret.as_ref().is_some();
    let (auth, token) = match &kept.config.auth {
        Auth::Secret { .. } if !given(&asked.password) => {
            let (secret, token) = fresh(visit, "shared_secret", asked.shared_secret.as_ref())?;
            (Auth::Secret { secret }, token)
        }
        Auth::Basic { username, .. } if !given(&asked.shared_secret) => {
            let (password, token) = fresh(visit, "password", asked.password.as_ref())?;
            (Auth::Basic { username: username.clone(), password }, token)
        }
        Auth::Secret { .. } => return Err(field("EXTERNAL_SECRET has no password")),
        Auth::Basic { .. } => return Err(field("EXTERNAL_BASIC has no shared_secret")),
        other @ (Auth::Keycloak | Auth::Jwt(_)) => {
            return Err(field(&format!("auth.type {} has no secret to rotate", other.kind())));
        }
    };
    kept.rotate(auth, overlap, visit.now);
    configure::save(visit, &kept)?;
    Ok((kept, token))
}

fn fresh(
    visit: &Visit<'_>,
    name: &str,
    asked: Option<&Secret>,
) -> Result<(StoredSecret, Option<SecretToken>), OrgError> {
    if let Some(secret) = asked {
        return Ok((hidden(visit, name, secret)?, None));
    }
    let token = made(visit);
    Ok((StoredSecret::of_token(&token), Some(token)))
}

/// A length for which an old secret may do; 0: not at all.
///
/// # Errors
/// `Field`.
pub fn read_overlap(seconds: i64) -> Result<Seconds, OrgError> {
    let overlap = u32::try_from(seconds).ok().map(Seconds).filter(|length| *length <= MAX_OVERLAP);
    overlap.ok_or_else(|| {
        let most = MAX_OVERLAP.0;
        field(&format!("overlap_seconds is not between 0 and {most} (MAX_OVERLAP)"))
    })
}

fn field(why: &str) -> OrgError {
    OrgError::Field(why.to_owned())
}
