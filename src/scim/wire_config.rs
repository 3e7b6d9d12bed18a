//! The configuration as Phase Two spells it (reference phasetwo.md §8.1), but
//! for the secrets: they go in and never come out.
use super::config::{Auth, Config};
use crate::crypto::token::SecretToken;
use crate::kernel::secret::Secret;
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
}

/// The authentication, asked for.
#[derive(Debug, Deserialize)]
pub struct AuthRequest {
    /// `EXTERNAL_SECRET` or `EXTERNAL_BASIC`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of `EXTERNAL_SECRET`; absent: we make one, or the old one stays.
    pub shared_secret: Option<Secret>,
    /// Of `EXTERNAL_BASIC`.
    pub username: Option<String>,
    /// Of `EXTERNAL_BASIC`; absent in an update: stays.
    pub password: Option<Secret>,
}

/// A configuration, answered.
#[derive(Debug, Serialize)]
pub struct ConfigJson<'a> {
    enabled: bool,
    email_as_username: bool,
    link_idp: bool,
    auth: AuthJson<'a>,
}

#[derive(Debug, Serialize)]
struct AuthJson<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_secret: Option<String>,
}

impl<'a> ConfigJson<'a> {
    /// `config` in Phase Two's words. `made` is a secret that we made for this
    /// very request: it is told once.
    #[must_use]
    pub fn of(config: &'a Config, made: Option<&SecretToken>) -> Self {
        let (kind, username) = match &config.auth {
            Auth::Secret { .. } => ("EXTERNAL_SECRET", None),
            Auth::Basic { username, .. } => ("EXTERNAL_BASIC", Some(username.as_str())),
        };
        Self {
            enabled: config.enabled,
            email_as_username: config.email_as_username,
            link_idp: config.link_idp,
            auth: AuthJson { kind, username, shared_secret: made.map(SecretToken::to_text) },
        }
    }
}
