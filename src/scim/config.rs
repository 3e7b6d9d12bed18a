//! The organization's SCIM configuration (reference phasetwo.md §8.1).
use super::credential::StoredSecret;
use crate::kernel::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// Days that the provisioning log is kept where nothing else is said.
pub const DEFAULT_LOG_DAYS: u32 = 30;

/// Most days that the provisioning log is kept.
pub const MAX_LOG_DAYS: u32 = 365;

/// How often the use of a credential is written down: reads stay reads.
pub const NOTED_EVERY: Seconds = Seconds::minutes(5);

/// How the organization's directory may talk to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether the endpoint answers at all.
    pub enabled: bool,
    /// Whether a person's e-mail address is the `userName`, when that is one.
    pub email_as_username: bool,
    /// Whether to link pushed people with the organization's identity provider
    /// ([`super::federate`] says whom).
    pub link_idp: bool,
    /// What the directory must present.
    pub auth: Auth,
    /// Days that the provisioning log is kept.
    pub log_days: u32,
}

/// What the directory must present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Auth {
    /// An access token of the organization's realm, of who may manage members and
    /// identity providers here.
    #[serde(rename = "KEYCLOAK")]
    Keycloak,
    /// A token that somebody else signs.
    #[serde(rename = "EXTERNAL_JWT")]
    Jwt(Trust),
    /// A bearer secret.
    #[serde(rename = "EXTERNAL_SECRET")]
    Secret {
        /// The secret.
        secret: StoredSecret,
    },
    /// HTTP Basic.
    #[serde(rename = "EXTERNAL_BASIC")]
    Basic {
        /// The username.
        username: String,
        /// The password.
        password: StoredSecret,
    },
}

/// Whose tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// `iss`, exactly.
    pub issuer: String,
    /// One of the values of `aud`, exactly.
    pub audience: String,
    /// Where the keys are published.
    pub jwks_uri: String,
}

impl Auth {
    /// As the wire spells the kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Keycloak => "KEYCLOAK",
            Self::Jwt(_) => "EXTERNAL_JWT",
            Self::Secret { .. } => "EXTERNAL_SECRET",
            Self::Basic { .. } => "EXTERNAL_BASIC",
        }
    }

    /// Whether to check it may take a question to somebody else, during which
    /// everything here may change.
    #[must_use]
    pub const fn asks_others(&self) -> bool {
        matches!(self, Self::Keycloak | Self::Jwt(_))
    }
}

/// A configuration, and what became of its credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The configuration.
    pub config: Config,
    /// When the credential was last replaced.
    pub rotated_at: Option<Timestamp>,
    /// When it was last used, to within [`NOTED_EVERY`].
    pub last_used_at: Option<Timestamp>,
    /// The credential before this one.
    pub previous: Option<Previous>,
}

/// A credential that still does for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// The credential.
    pub auth: Auth,
    /// When it ends.
    pub until: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// Which of two credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one of the configuration.
    Current,
    /// The one before.
    Previous,
}

impl Kept {
    /// A new configuration.
    #[must_use]
    pub const fn new(config: Config) -> Self {
        Self { config, rotated_at: None, last_used_at: None, previous: None }
    }

    /// The credential before this one, while it does.
    #[must_use]
    pub fn previous_at(&self, now: Timestamp) -> Option<&Previous> {
        self.previous.as_ref().filter(|previous| now < previous.until)
    }

    /// What does at `now`, the credential of the configuration first.
    pub fn accepted(&self, now: Timestamp) -> impl Iterator<Item = (Which, &Auth)> {
        let previous = self.previous_at(now).map(|previous| (Which::Previous, &previous.auth));
        std::iter::once((Which::Current, &self.config.auth)).chain(previous)
    }

    /// When `which` was last used.
    #[must_use]
    pub fn used_at(&self, which: Which) -> Option<Timestamp> {
        match which {
            Which::Current => self.last_used_at,
            Which::Previous => self.previous.as_ref().and_then(|previous| previous.last_used_at),
        }
    }

    /// Replaces the credential; the old one does for `overlap`, if it is to do at
    /// all. There are two at most: one that was replaced earlier ends, unless the
    /// one in between was never used. (Who did not get the answer with a new secret
    /// asks for another, and the directory has still the first.)
    pub fn rotate(&mut self, auth: Auth, overlap: Seconds, now: Timestamp) {
        let replaced = Previous {
            auth: std::mem::replace(&mut self.config.auth, auth),
            until: now + overlap,
            last_used_at: self.last_used_at.take(),
        };
        let earlier = self.previous.take().filter(|earlier| now < earlier.until);
        let earlier = earlier.filter(|_| replaced.last_used_at.is_none());
        let old = earlier.map(|earlier| Previous { until: replaced.until, ..earlier });
        self.previous = Some(old.unwrap_or(replaced)).filter(|old| now < old.until);
        self.rotated_at = Some(now);
    }
}
