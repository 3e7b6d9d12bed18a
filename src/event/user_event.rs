//! What people did, or tried, in the words of Keycloak's user events (reference
//! phasetwo.md §6.2).
use super::message::Message;
use crate::kernel::id::{EventId, RealmId, SessionId, UserId};
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A person signed in.
    Login,
    /// Somebody tried to.
    LoginError,
    /// A session was ended by the person.
    Logout,
    /// A code became tokens.
    CodeToToken,
    /// A code did not.
    CodeToTokenError,
    /// A refresh token did not.
    RefreshTokenError,
    /// A client signed in for itself.
    ClientLogin,
    /// A client tried to.
    ClientLoginError,
    /// A person made an account.
    Register,
    /// A person chose a password.
    UpdatePassword,
    /// A person showed that an address is theirs.
    VerifyEmail,
    /// A link of a mail was followed.
    ExecuteActionToken,
}

impl Kind {
    /// Every kind, with Keycloak's name for it.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Login, "LOGIN"),
        (Self::LoginError, "LOGIN_ERROR"),
        (Self::Logout, "LOGOUT"),
        (Self::CodeToToken, "CODE_TO_TOKEN"),
        (Self::CodeToTokenError, "CODE_TO_TOKEN_ERROR"),
        (Self::RefreshTokenError, "REFRESH_TOKEN_ERROR"),
        (Self::ClientLogin, "CLIENT_LOGIN"),
        (Self::ClientLoginError, "CLIENT_LOGIN_ERROR"),
        (Self::Register, "REGISTER"),
        (Self::UpdatePassword, "UPDATE_PASSWORD"),
        (Self::VerifyEmail, "VERIFY_EMAIL"),
        (Self::ExecuteActionToken, "EXECUTE_ACTION_TOKEN"),
    ];

    /// Keycloak's name for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEvent {
    /// Unique; the index ignores an event it has seen.
    pub id: EventId,
    /// The realm.
    pub realm: RealmId,
    /// When.
    pub at: Timestamp,
    /// Such as `LOGIN`.
    pub kind: String,
    /// The client.
    pub client: Option<String>,
    /// The person.
    pub user: Option<UserId>,
    /// Their session.
    pub session: Option<SessionId>,
    /// Where they are.
    pub ip: Option<String>,
    /// Why it did not come to pass, such as `invalid_user_credentials`.
    pub error: Option<String>,
    /// What else there is to say.
    pub details: BTreeMap<String, String>,
}

/// "Put this user event into the directory."
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IndexUserEvent(pub UserEvent);

impl Message for IndexUserEvent {
    const KIND: &'static str = "event.user";
}
