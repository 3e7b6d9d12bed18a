//! Users: the profile that a realm's directory keeps. What proves who they are
//! lives in their account's object.
use super::registry::Attributes;
use super::settings::Settings;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{ClientUuid, OrgId, UserId};
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Longest username, in bytes: Keycloak's column.
pub const MAX_USERNAME_BYTES: usize = 255;

/// A name to sign in with, folded to lower case as Keycloak does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// Text that cannot be a username.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a username has 1 to {MAX_USERNAME_BYTES} bytes and no spaces or control characters")]
pub struct BadUsername;

impl Username {
    /// The folded name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Username {
    type Err = BadUsername;

    fn from_str(text: &str) -> Result<Self, BadUsername> {
        let folded = text.trim().to_lowercase();
        let odd = |c: char| c.is_whitespace() || c.is_control();
        let fits = (1..=MAX_USERNAME_BYTES).contains(&folded.len());
        if fits && !folded.chars().any(odd) { Ok(Self(folded)) } else { Err(BadUsername) }
    }
}

impl TryFrom<String> for Username {
    type Error = BadUsername;

    fn try_from(text: String) -> Result<Self, BadUsername> {
        text.parse()
    }
}

impl From<Username> for String {
    fn from(name: Username) -> Self {
        name.0
    }
}

impl From<&EmailAddress> for Username {
    fn from(email: &EmailAddress) -> Self {
        Self(email.as_str().to_owned())
    }
}

/// What a person must do before the next login leads anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RequiredAction {
    /// Choose a new password.
    UpdatePassword,
    /// Show that the address in the profile is theirs.
    VerifyEmail,
}

/// The name of an action that we do not have.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such required action")]
pub struct UnknownAction;

impl RequiredAction {
    /// Every action.
    pub const ALL: [Self; 2] = [Self::UpdatePassword, Self::VerifyEmail];

    /// Keycloak's name for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpdatePassword => "UPDATE_PASSWORD",
            Self::VerifyEmail => "VERIFY_EMAIL",
        }
    }
}

impl std::str::FromStr for RequiredAction {
    type Err = UnknownAction;

    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        Self::ALL.into_iter().find(|action| action.as_str() == text).ok_or(UnknownAction)
    }
}

/// A person, or the service account of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The key everywhere, for ever; `sub` in tokens.
    pub id: UserId,
    /// Unique in the realm.
    pub username: Username,
    /// Unique in the realm.
    pub email: Option<EmailAddress>,
    /// Whether the person has shown to read that mailbox.
    pub email_verified: bool,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// Whether the user may sign in.
    pub enabled: bool,
    /// The organization whose directory created the person, if one did.
    pub home_org: Option<OrgId>,
    /// The client this user stands for; `None` for a person.
    pub service_account_for: Option<ClientUuid>,
    /// When the user was made.
    pub created_at: Timestamp,
    /// What the product's team notes about the user.
    pub attributes: Attributes,
    /// What the person must do at the next login.
    pub required_actions: Vec<RequiredAction>,
    /// The organization that manages the account, if one does.
    #[serde(default)]
    pub manager: Option<Manager>,
}

/// An organization that manages an account (`org::manage`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manager {
    /// It is enabled.
    Enabled,
    /// It is disabled.
    Disabled,
}

impl User {
    /// Whether this is a client's account, and nobody's.
    #[must_use]
    pub const fn is_service_account(&self) -> bool {
        self.service_account_for.is_some()
    }

    /// Whether the user may sign in, stay signed in and get tokens: neither one who is
    /// disabled nor one whom a disabled organization manages, or any organization in a
    /// realm without them (reference keycloak.md §5.6).
    #[must_use]
    pub fn may_sign_in(&self, settings: &Settings) -> bool {
        let has_manager = match self.manager {
            None => true,
            Some(manager) => settings.organizations_enabled && manager == Manager::Enabled,
        };
        self.enabled && has_manager
    }

    /// The name for people: given and family name, else the username.
    #[must_use]
    pub fn display_name(&self) -> String {
        let names: Vec<&str> =
            [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        if names.is_empty() { self.username.as_str().to_owned() } else { names.join(" ") }
    }
}
