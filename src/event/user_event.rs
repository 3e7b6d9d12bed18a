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
    /// It was asked for in a way that cannot be answered.
    LogoutError,
    /// A code became tokens.
    CodeToToken,
    /// A code did not.
    CodeToTokenError,
    /// A refresh token was exchanged for the next.
    RefreshToken,
    /// A refresh token was not.
    RefreshTokenError,
    /// A client signed in for itself.
    ClientLogin,
    /// A client tried to.
    ClientLoginError,
    /// A device asked for a login.
    DeviceAuth,
    /// A device tried to.
    DeviceAuthError,
    /// A person typed a device's code.
    DeviceUserCode,
    /// A person typed what is none, or said no.
    DeviceUserCodeError,
    /// A device's code became tokens.
    DeviceToken,
    /// A device's code did not.
    DeviceTokenError,
    /// A client exchanged an access token for another one.
    TokenExchange,
    /// A client tried to.
    TokenExchangeError,
    /// A client gave a token back.
    RevokeGrant,
    /// A client tried to give another's back.
    RevokeGrantError,
    /// A person made an account.
    Register,
    /// A person tried to.
    RegisterError,
    /// Something about a person changed, such as their active organization.
    UpdateProfile,
    /// A person chose a password.
    UpdatePassword,
    /// A person was mailed a link to show that an address is theirs.
    SendVerifyEmail,
    /// A person showed that an address is theirs.
    VerifyEmail,
    /// A link of a mail, or a portal link, was followed.
    ExecuteActionToken,
    /// A person allowed a client what it asks for.
    GrantConsent,
    /// A client registered itself.
    ClientRegister,
    /// One was not registered.
    ClientRegisterError,
    /// A client read its registration.
    ClientInfo,
    /// One could not.
    ClientInfoError,
    /// A client changed its registration.
    ClientUpdate,
    /// One could not.
    ClientUpdateError,
    /// A client deleted its registration.
    ClientDelete,
    /// One could not.
    ClientDeleteError,
    /// A person accepted an invitation.
    CustomRequiredAction,
    /// A person rejected an invitation.
    CustomRequiredActionError,
    /// A person joined an organization by an invitation.
    InviteOrg,
}

impl Kind {
    /// Every kind, with Keycloak's name for it.
    pub const ALL: &'static [(Self, &'static str)] = &[
        (Self::Login, "LOGIN"),
        (Self::LoginError, "LOGIN_ERROR"),
        (Self::Logout, "LOGOUT"),
        (Self::LogoutError, "LOGOUT_ERROR"),
        (Self::CodeToToken, "CODE_TO_TOKEN"),
        (Self::CodeToTokenError, "CODE_TO_TOKEN_ERROR"),
        (Self::RefreshToken, "REFRESH_TOKEN"),
        (Self::RefreshTokenError, "REFRESH_TOKEN_ERROR"),
        (Self::ClientLogin, "CLIENT_LOGIN"),
        (Self::ClientLoginError, "CLIENT_LOGIN_ERROR"),
        (Self::DeviceAuth, "OAUTH2_DEVICE_AUTH"),
        (Self::DeviceAuthError, "OAUTH2_DEVICE_AUTH_ERROR"),
        (Self::DeviceUserCode, "OAUTH2_DEVICE_VERIFY_USER_CODE"),
        (Self::DeviceUserCodeError, "OAUTH2_DEVICE_VERIFY_USER_CODE_ERROR"),
        (Self::DeviceToken, "OAUTH2_DEVICE_CODE_TO_TOKEN"),
        (Self::DeviceTokenError, "OAUTH2_DEVICE_CODE_TO_TOKEN_ERROR"),
        (Self::TokenExchange, "TOKEN_EXCHANGE"),
        (Self::TokenExchangeError, "TOKEN_EXCHANGE_ERROR"),
        (Self::RevokeGrant, "REVOKE_GRANT"),
        (Self::RevokeGrantError, "REVOKE_GRANT_ERROR"),
        (Self::Register, "REGISTER"),
        (Self::RegisterError, "REGISTER_ERROR"),
        (Self::UpdateProfile, "UPDATE_PROFILE"),
        (Self::UpdatePassword, "UPDATE_PASSWORD"),
        (Self::SendVerifyEmail, "SEND_VERIFY_EMAIL"),
        (Self::VerifyEmail, "VERIFY_EMAIL"),
        (Self::ExecuteActionToken, "EXECUTE_ACTION_TOKEN"),
        (Self::GrantConsent, "GRANT_CONSENT"),
        (Self::ClientRegister, "CLIENT_REGISTER"),
        (Self::ClientRegisterError, "CLIENT_REGISTER_ERROR"),
        (Self::ClientInfo, "CLIENT_INFO"),
        (Self::ClientInfoError, "CLIENT_INFO_ERROR"),
        (Self::ClientUpdate, "CLIENT_UPDATE"),
        (Self::ClientUpdateError, "CLIENT_UPDATE_ERROR"),
        (Self::ClientDelete, "CLIENT_DELETE"),
        (Self::ClientDeleteError, "CLIENT_DELETE_ERROR"),
        (Self::CustomRequiredAction, "CUSTOM_REQUIRED_ACTION"),
        (Self::CustomRequiredActionError, "CUSTOM_REQUIRED_ACTION_ERROR"),
        (Self::InviteOrg, "INVITE_ORG"),
    ];

    /// Keycloak's name for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// Types that are not written down unless they are named, as in Keycloak: there
/// is one for every few minutes that a person works.
const NOT_BY_DEFAULT: &[&str] = &["REFRESH_TOKEN", "REFRESH_TOKEN_ERROR"];

/// The types that are written down where an administrator names none.
#[must_use]
pub fn default_types() -> Vec<&'static str> {
    let names = Kind::ALL.iter().map(|(_, name)| *name);
    names.filter(|name| !NOT_BY_DEFAULT.contains(name)).collect()
}

/// What Keycloak's types are called when all goes well, but for those in
/// [`Kind::ALL`]. Nothing of that kind happens here, so that they can be named
/// and stand for nothing.
const NEVER_TOLD: &[&str] = &[
    "AUTHREQID_TO_TOKEN",
    "CLIENT_INITIATED_ACCOUNT_LINKING",
    "DELETE_ACCOUNT",
    "EXECUTE_ACTIONS",
    "FEDERATED_IDENTITY_LINK",
    "FEDERATED_IDENTITY_OVERRIDE_LINK",
    "IDENTITY_PROVIDER_FIRST_LOGIN",
    "IDENTITY_PROVIDER_LINK_ACCOUNT",
    "IDENTITY_PROVIDER_LOGIN",
    "IDENTITY_PROVIDER_POST_LOGIN",
    "IDENTITY_PROVIDER_RESPONSE",
    "IDENTITY_PROVIDER_RETRIEVE_TOKEN",
    "IMPERSONATE",
    "INTROSPECT_TOKEN",
    "INVALID_SIGNATURE",
    "JWT_AUTHORIZATION_GRANT",
    "JWT_BEARER",
    "OAUTH2_EXTENSION_GRANT",
    "PERMISSION_TOKEN",
    "PUSHED_AUTHORIZATION_REQUEST",
    "REGISTER_NODE",
    "REMOVE_CREDENTIAL",
    "REMOVE_FEDERATED_IDENTITY",
    "REMOVE_TOTP",
    "RESET_PASSWORD",
    "RESTART_AUTHENTICATION",
    "SEND_IDENTITY_PROVIDER_LINK",
    "SEND_RESET_PASSWORD",
    "UNREGISTER_NODE",
    "UPDATE_CONSENT",
    "UPDATE_CREDENTIAL",
    "UPDATE_EMAIL",
    "UPDATE_TOTP",
    "USER_DISABLED_BY_PERMANENT_LOCKOUT",
    "USER_DISABLED_BY_TEMPORARY_LOCKOUT",
    "USER_INFO_REQUEST",
    "USER_SESSION_DELETED",
    "VALIDATE_ACCESS_TOKEN",
    "VERIFIABLE_CREDENTIAL_CREATE_OFFER",
    "VERIFIABLE_CREDENTIAL_OFFER_REQUEST",
    "VERIFIABLE_CREDENTIAL_PRE_AUTHORIZED_GRANT",
    "VERIFIABLE_CREDENTIAL_REQUEST",
    "VERIFY_PROFILE",
];

/// Whether Keycloak or we have events of the type `name`.
#[must_use]
pub fn is_type(name: &str) -> bool {
    let good = name.strip_suffix("_ERROR").unwrap_or(name);
    Kind::ALL.iter().any(|(_, known)| *known == good) || NEVER_TOLD.contains(&good)
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
