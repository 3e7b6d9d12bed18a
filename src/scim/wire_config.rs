//! The configuration as Phase Two spells it (reference phasetwo.md §8.1), but
//! for the secrets: they go in and never come out. What they do not have is ours:
//! `log_days`, `overlap_seconds` and what became of the credential. Times are Unix
//! seconds.
use super::config::{Auth, Config, Kept};
use crate::crypto::token::SecretToken;
use crate::kernel::secret::Secret;
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A configuration, asked for. Lenient, as Phase Two's class is: members that
/// nobody knows are passed over.
#[derive(Debug, Deserialize)]
pub struct ConfigRequest {
    /// Absent: on.
    pub enabled: Option<bool>,
    /// Absent: off.
    pub email_as_username: Option<bool>,
    /// Absent: off.
    pub link_idp: Option<bool>,
    /// Absent in an update: stays.
    pub auth: Option<AuthRequest>,
    /// Absent in an update: stays.
    pub log_days: Option<i64>,
    /// How long the credential before does; absent: not at all, when there is a
    /// new one.
    pub overlap_seconds: Option<i64>,
}

/// The authentication, asked for.
#[derive(Debug, Deserialize)]
pub struct AuthRequest {
    /// `KEYCLOAK`, `EXTERNAL_JWT`, `EXTERNAL_SECRET` or `EXTERNAL_BASIC`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of `EXTERNAL_JWT`; absent in an update: stays, like the two that follow.
    pub issuer: Option<String>,
    /// Of `EXTERNAL_JWT`.
    pub audience: Option<String>,
    /// Of `EXTERNAL_JWT`.
    pub jwks_uri: Option<String>,
    /// Of `EXTERNAL_SECRET`; absent: we make one, or the old one stays.
    pub shared_secret: Option<Secret>,
    /// Of `EXTERNAL_BASIC`.
    pub username: Option<String>,
    /// Of `EXTERNAL_BASIC`; absent in an update: stays.
    pub password: Option<Secret>,
}

/// A new secret, asked for. Ours, and so strict.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotationRequest {
    /// How long the old one does; absent: [`super::rotate::DEFAULT_OVERLAP`].
    pub overlap_seconds: Option<i64>,
    /// Of `EXTERNAL_SECRET`; absent: we make one.
    pub shared_secret: Option<Secret>,
    /// Of `EXTERNAL_BASIC`; absent: we make one.
    pub password: Option<Secret>,
}

/// A configuration, answered.
#[derive(Debug, Serialize)]
pub struct ConfigJson<'a> {
    enabled: bool,
    email_as_username: bool,
    link_idp: bool,
    auth: AuthJson<'a>,
    log_days: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_secret_expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_secret_last_used_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct AuthJson<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

impl<'a> AuthJson<'a> {
    fn of(auth: &'a Auth, made: Option<&SecretToken>) -> Self {
        let made = made.map(SecretToken::to_text);
        let bare = Self {
            kind: auth.kind(),
            issuer: None,
            audience: None,
            jwks_uri: None,
            username: None,
            shared_secret: None,
            password: None,
        };
        match auth {
            Auth::Keycloak => bare,
            Auth::Jwt(trust) => Self {
                issuer: Some(&trust.issuer),
                audience: Some(&trust.audience),
                jwks_uri: Some(&trust.jwks_uri),
                ..bare
            },
            Auth::Secret { .. } => Self { shared_secret: made, ..bare },
            Auth::Basic { username, .. } => {
                Self { username: Some(username), password: made, ..bare }
            }
        }
    }
}

impl<'a> ConfigJson<'a> {
    /// A new configuration in Phase Two's words. `made` is a secret that we made for
    /// this very request: it is told once.
    #[must_use]
    pub fn of(config: &'a Config, made: Option<&SecretToken>) -> Self {
        Self {
            enabled: config.enabled,
            email_as_username: config.email_as_username,
            link_idp: config.link_idp,
            auth: AuthJson::of(&config.auth, made),
            log_days: config.log_days,
            last_used_at: None,
            rotated_at: None,
            previous_secret_expires_at: None,
            previous_secret_last_used_at: None,
        }
    }

    /// The same, with what became of its credential up to `now`.
    #[must_use]
    pub fn of_kept(kept: &'a Kept, made: Option<&SecretToken>, now: Timestamp) -> Self {
        let previous = kept.previous_at(now);
        Self {
            last_used_at: kept.last_used_at,
            rotated_at: kept.rotated_at,
            previous_secret_expires_at: previous.map(|previous| previous.until),
            previous_secret_last_used_at: previous.and_then(|previous| previous.last_used_at),
            ..Self::of(&kept.config, made)
        }
    }
}
