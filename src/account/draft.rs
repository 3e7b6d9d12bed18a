//! A user as an administrator wants them: checked, and not written yet.
use super::create::InitialPassword;
use super::imported_hash;
use super::password_rule::{self, PasswordProblem};
use super::wire_keycloak::{CredentialDraftJson, UserDraftJson};
use crate::crypto::password::MAX_PASSWORD_BYTES;
use crate::kernel::email::EmailAddress;
use crate::kernel::secret::Secret;
use crate::realm::error::AdminError;
use crate::realm::settings::Settings;
use crate::realm::user::{RequiredAction, User, Username};
use serde_json::{Value, json};

/// Longest first or last name, in characters: Keycloak's limit.
const MAX_NAME_CHARS: usize = 255;

/// Most groups that a new user is put into by name: each is looked for.
const MAX_NAMED_GROUPS: usize = 100;

/// A password that an administrator sets.
#[derive(Debug)]
pub struct NewPassword {
    /// The password.
    pub password: Secret,
    /// Whether the person must change it at the next login.
    pub temporary: bool,
}

/// What a new user begins with.
#[derive(Debug)]
pub struct FirstCredential {
    /// The password, or its hash.
    pub password: InitialPassword,
    /// Whether the person must change it at the next login.
    pub temporary: bool,
}

/// The username of a draft.
///
/// # Errors
/// `Invalid` when there is none, or none that can be.
pub fn username(draft: &UserDraftJson) -> Result<Username, AdminError> {
    let text = draft.username.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        return Err(invalid("User name is missing"));
    }
    text.parse().map_err(|_| broken("username", "error-username-invalid-character", Vec::new()))
}

/// Changes `user` to what the draft says; what it does not say stays.
///
/// # Errors
/// `Invalid`, in Keycloak's words, for the first field that cannot be.
pub fn apply(draft: &mut UserDraftJson, user: &mut User) -> Result<(), AdminError> {
    if draft.username.is_some() {
        user.username = username(draft)?;
    }
    if let Some(text) = &draft.email {
        set_email(text, user)?;
    }
    if let Some(verified) = draft.email_verified {
        user.email_verified = verified && user.email.is_some();
    }
    set_name("firstName", draft.first_name.as_deref(), &mut user.first_name)?;
    set_name("lastName", draft.last_name.as_deref(), &mut user.last_name)?;
    if let Some(enabled) = draft.enabled {
        user.enabled = enabled;
    }
    if let Some(attributes) = draft.attributes() {
        user.attributes = attributes;
    }
    if let Some(names) = &draft.required_actions {
        user.required_actions = actions(names)?;
    }
    Ok(())
}

/// An address that nobody has shown to read is not verified, whatever the last
/// one was.
fn set_email(text: &str, user: &mut User) -> Result<(), AdminError> {
    let email: Option<EmailAddress> = if text.trim().is_empty() {
        None
    } else {
        Some(text.parse().map_err(|_| broken("email", "error-invalid-email", vec![json!(text)]))?)
    };
    if email != user.email {
        user.email_verified = false;
        user.email = email;
    }
    Ok(())
}

fn set_name(
    field: &'static str,
    text: Option<&str>,
    name: &mut Option<String>,
) -> Result<(), AdminError> {
    let Some(text) = text.map(str::trim) else { return Ok(()) };
    if text.chars().count() > MAX_NAME_CHARS {
        let params = vec![Value::Null, json!(MAX_NAME_CHARS)];
        return Err(broken(field, "error-invalid-length-too-long", params));
    }
    if text.chars().any(char::is_control) {
        return Err(broken(field, "error-person-name-invalid-character", Vec::new()));
    }
    *name = (!text.is_empty()).then(|| text.to_owned());
    Ok(())
}

/// The actions of these names, each once.
///
/// # Errors
/// `Invalid` naming one that we do not have: an action that is stored is one
/// that is enforced.
pub fn actions(names: &[String]) -> Result<Vec<RequiredAction>, AdminError> {
    let mut actions = Vec::new();
    for name in names {
        let action = name
            .parse()
            .map_err(|_| AdminError::Invalid(format!("Required action {name} is not supported")))?;
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    Ok(actions)
}

/// The paths of the groups that a draft puts a new user into.
///
/// # Errors
/// `Invalid` for more than can be.
pub fn groups(draft: &mut UserDraftJson) -> Result<Vec<String>, AdminError> {
    let paths = draft.groups.take().unwrap_or_default();
    if paths.len() > MAX_NAMED_GROUPS {
        let why = format!("a user is made in at most {MAX_NAMED_GROUPS} groups");
        return Err(AdminError::Invalid(why));
    }
    Ok(paths)
}

/// The password among the credentials, judged by the realm's rule.
///
/// # Errors
/// `Invalid` for another kind of credential, `Rejected` for a bad password.
pub fn password(
    credentials: Option<Vec<CredentialDraftJson>>,
    settings: &Settings,
) -> Result<Option<NewPassword>, AdminError> {
    let mut found = None;
    for credential in credentials.unwrap_or_default() {
        found = Some(one_password(credential, settings)?);
    }
    Ok(found)
}

/// The password among the credentials of a new user: in clear, judged by the
/// realm's rule, or as a hash that Keycloak exported.
///
/// # Errors
/// As [`password`]; `Invalid` for a hash that cannot be verified here.
pub fn first_credential(
    credentials: Option<Vec<CredentialDraftJson>>,
    settings: &Settings,
) -> Result<Option<FirstCredential>, AdminError> {
    let mut found = None;
    for credential in credentials.unwrap_or_default() {
        found = Some(one_first_credential(credential, settings)?);
    }
    Ok(found)
}

fn one_first_credential(
    credential: CredentialDraftJson,
    settings: &Settings,
) -> Result<FirstCredential, AdminError> {
    check_kind(&credential)?;
    let (Some(secret_data), None) = (&credential.secret_data, &credential.value) else {
        let NewPassword { password, temporary } = one_password(credential, settings)?;
        return Ok(FirstCredential { password: InitialPassword::Clear(password), temporary });
    };
    let credential_data = credential.credential_data.as_deref().unwrap_or_default();
    let hash = imported_hash::read(credential_data, secret_data.expose())
        .map_err(|error| AdminError::Invalid(error.to_string()))?;
    Ok(FirstCredential {
        password: InitialPassword::Hashed(hash),
        temporary: credential.temporary.unwrap_or(false),
    })
}

fn check_kind(credential: &CredentialDraftJson) -> Result<(), AdminError> {
    if credential.kind.as_ref().is_some_and(|kind| kind != "password") {
        return Err(invalid("Only credentials of type password are supported"));
    }
    Ok(())
}

/// The password of one credential.
///
/// # Errors
/// As [`password`].
pub fn one_password(
    credential: CredentialDraftJson,
    settings: &Settings,
) -> Result<NewPassword, AdminError> {
    check_kind(&credential)?;
    if credential.secret_data.is_some() {
        return Err(invalid("This password is taken in clear only, not as a hash"));
    }
    let password = credential.value.ok_or_else(|| told("No password provided"))?;
    if password.expose().trim().is_empty() {
        return Err(told("Empty password not allowed"));
    }
    password_rule::judge(&password, settings).map_err(|problem| rejected(&problem))?;
    Ok(NewPassword { password, temporary: credential.temporary.unwrap_or(false) })
}

/// A password problem in Keycloak's words.
#[must_use]
pub fn rejected(problem: &PasswordProblem) -> AdminError {
    match problem {
        PasswordProblem::TooShort { min } => AdminError::Rejected {
            error: "invalidPasswordMinLengthMessage",
            description: format!("Invalid password: minimum length {min}."),
        },
        PasswordProblem::TooLong => AdminError::Rejected {
            error: "invalidPasswordMaxLengthMessage",
            description: format!("Invalid password: maximum length {MAX_PASSWORD_BYTES}."),
        },
    }
}

fn invalid(words: &str) -> AdminError {
    AdminError::Invalid(words.to_owned())
}

fn told(words: &str) -> AdminError {
    AdminError::Told(words.to_owned())
}

fn broken(field: &'static str, rule: &'static str, params: Vec<Value>) -> AdminError {
    AdminError::Field { field, rule, params }
}
