//! `/admin/realms/{realm}/users/{user}`: what proves who somebody is.
use super::administer::{action, ask_account, find, reset_password};
use super::credential::{DescribePassword, LabelPassword, RemovePassword};
use super::draft;
use super::routes_admin_users::VIEWERS;
use super::wire_keycloak::{self, CredentialDraftJson};
use crate::event::audit::Change;
use crate::realm::error::AdminError;
use crate::realm::event_path;
use crate::realm::inquiry::Inquiry;
use crate::realm::privilege;
use crate::realm::routes::{Table, respond};
use crate::realm::user::User;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Longest name of a credential, in characters: Keycloak's column.
const MAX_LABEL_CHARS: usize = 255;

const UNKNOWN: AdminError = AdminError::Unknown("Credential not found");

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::PUT, "/admin/realms/{realm}/users/{user}/reset-password", |inquiry| {
            async move { respond(reset(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/users/{user}/credentials", |inquiry| {
            async move { respond(list(inquiry).await) }.boxed_local()
        }),
        (
            Method::GET,
            "/admin/realms/{realm}/users/{user}/configured-user-storage-credential-types",
            |inquiry| async move { respond(list_elsewhere(inquiry).await) }.boxed_local(),
        ),
        (Method::PUT, "/admin/realms/{realm}/users/{user}/disable-credential-types", |inquiry| {
            async move { respond(disable(inquiry).await) }.boxed_local()
        }),
        (
            Method::DELETE,
            "/admin/realms/{realm}/users/{user}/credentials/{credential}",
            |inquiry| async move { respond(remove(inquiry).await) }.boxed_local(),
        ),
        (
            Method::PUT,
            "/admin/realms/{realm}/users/{user}/credentials/{credential}/userLabel",
            |inquiry| async move { respond(label(inquiry).await) }.boxed_local(),
        ),
        (
            Method::POST,
            "/admin/realms/{realm}/users/{user}/credentials/{credential}/moveToFirst",
            |inquiry| async move { respond(order(inquiry, &["credential"]).await) }.boxed_local(),
        ),
        (
            Method::POST,
            "/admin/realms/{realm}/users/{user}/credentials/{credential}/moveAfter/{previous}",
            |inquiry| {
                async move { respond(order(inquiry, &["credential", "previous"]).await) }
                    .boxed_local()
            },
        ),
    ]
}

/// `GET /users/{user}/configured-user-storage-credential-types`: credentials are
/// kept nowhere else.
async fn list_elsewhere(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    find(inquiry).await?;
    Ok(answer::json(StatusCode::OK, &[(); 0]))
}

/// `PUT /users/{user}/disable-credential-types`: a user's
/// `disableableCredentialTypes` are none.
async fn disable(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    find_to_change(inquiry).await?;
    let types: Vec<String> = inquiry.body()?;
    match types.first() {
        None => Ok(answer::empty(StatusCode::NO_CONTENT)),
        Some(name) => Err(AdminError::Invalid(format!(
            "credentials of type {name} are not disabled: delete the credential"
        ))),
    }
}

/// A user whom the caller may change.
async fn find_to_change(inquiry: &Inquiry<'_>) -> Result<User, AdminError> {
    inquiry.require(&[crate::realm::role::AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    privilege::require_over(inquiry, &user.id).await?;
    Ok(user)
}

/// `PUT /users/{user}/reset-password`. Sessions go on, as in Keycloak; `logout`
/// ends them.
async fn reset(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let user = find_to_change(inquiry).await?;
    let credential: CredentialDraftJson = inquiry.body()?;
    let new = draft::one_password(credential, &inquiry.context.realm.settings)?;
    reset_password(inquiry, &user, new).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /users/{user}/credentials`: without secrets.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let known = ask_account(inquiry, &user.id, &DescribePassword {}).await?;
    let body: Vec<_> = known.iter().map(wire_keycloak::credential).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// The credential of the path, when the user has it.
async fn require_credential(
    inquiry: &Inquiry<'_>,
    user: &User,
    segment: &str,
) -> Result<String, AdminError> {
    let asked = inquiry.params.get(segment);
    let known = ask_account(inquiry, &user.id, &DescribePassword {}).await?;
    known.map(|one| one.id).filter(|id| id == asked).ok_or(UNKNOWN)
}

/// `DELETE /users/{user}/credentials/{credential}`.
async fn remove(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let user = find_to_change(inquiry).await?;
    let id = require_credential(inquiry, &user, "credential").await?;
    inquiry.commit(Vec::new(), action(&user.id, &format!("credentials/{id}"))).await?;
    inquiry.context.ports.faults.reach("user.credential.after_directory").await;
    let removed = ask_account(inquiry, &user.id, &RemovePassword { id }).await?;
    if removed { Ok(answer::empty(StatusCode::NO_CONTENT)) } else { Err(UNKNOWN) }
}

/// `PUT /users/{user}/credentials/{credential}/userLabel`: the body is the
/// label, as plain text or as a JSON string.
async fn label(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let user = find_to_change(inquiry).await?;
    let body = std::str::from_utf8(inquiry.request.body())
        .map_err(|_| AdminError::Invalid("A label is text in UTF-8".to_owned()))?;
    let label = serde_json::from_str::<String>(body).unwrap_or_else(|_| body.trim().to_owned());
    if label.chars().count() > MAX_LABEL_CHARS {
        let words = "A label has at most 255 characters (MAX_LABEL_CHARS)";
        return Err(AdminError::Invalid(words.to_owned()));
    }
    let id = require_credential(inquiry, &user, "credential").await?;
    let what = format!("credentials/{id}/userLabel");
    inquiry.commit(Vec::new(), action(&user.id, &what)).await?;
    let named = ask_account(inquiry, &user.id, &LabelPassword { id, label }).await?;
    if named { Ok(answer::empty(StatusCode::NO_CONTENT)) } else { Err(UNKNOWN) }
}

/// `POST .../moveToFirst` and `.../moveAfter/{previous}`: who has one credential
/// has it first, and nothing after it. That somebody asked is written down.
async fn order(inquiry: &Inquiry<'_>, segments: &[&str]) -> Result<Response, AdminError> {
    let user = find_to_change(inquiry).await?;
    for segment in segments {
        require_credential(inquiry, &user, segment).await?;
    }
    let event = Change { path: event_path::of_request(inquiry), ..action(&user.id, "") };
    inquiry.commit(Vec::new(), event).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
