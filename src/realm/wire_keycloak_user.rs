//! A user, as Keycloak's administration API has them where users are not the
//! subject (reference keycloak.md §2, `UserRepresentation`): without attributes.
use super::user::User;
use serde::Serialize;

/// A user.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserJson<'a> {
    id: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    email_verified: bool,
    enabled: bool,
    /// In milliseconds.
    created_timestamp: i64,
    totp: bool,
    disableable_credential_types: [&'a str; 0],
    required_actions: Vec<&'static str>,
    not_before: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_account_client_id: Option<&'a str>,
}

impl<'a> UserJson<'a> {
    /// `user`, of whom nothing is asked elsewhere.
    #[must_use]
    pub fn of(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            username: user.username.as_str(),
            first_name: user.first_name.as_deref(),
            last_name: user.last_name.as_deref(),
            email: user.email.as_ref().map(crate::kernel::email::EmailAddress::as_str),
            email_verified: user.email_verified,
            enabled: user.enabled,
            created_timestamp: user.created_at.as_unix_millis(),
            totp: false,
            disableable_credential_types: [],
            required_actions: user.required_actions.iter().map(|one| one.as_str()).collect(),
            not_before: 0,
            service_account_client_id: None,
        }
    }

    /// `user`, the service account of the client called `client_id`.
    #[must_use]
    pub fn of_client(user: &'a User, client_id: &'a str) -> Self {
        Self { service_account_client_id: Some(client_id), ..Self::of(user) }
    }
}
