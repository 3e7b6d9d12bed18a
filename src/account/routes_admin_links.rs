//! `/admin/realms/{realm}/users/{user}`: identities elsewhere, consents.
use super::administer::{action, ask_account, change, find, read_identity, taken};
use super::consent_give::{FindConsents, RevokeConsent};
use super::routes_admin_users::VIEWERS;
use super::wire_consent::ConsentJson;
use super::wire_keycloak::FederatedIdentityJson;
use crate::event::audit::Operation;
use crate::kernel::id::ClientUuid;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::key::MAX_CLIENT_TOKEN_LIFE;
use crate::realm::privilege;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::store::{client, federated_identity};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/admin/realms/{realm}/users/{user}/federated-identity", |inquiry| {
            async move { respond(list(inquiry).await) }.boxed_local()
        }),
        (
            Method::POST,
            "/admin/realms/{realm}/users/{user}/federated-identity/{provider}",
            |inquiry| async move { respond(link(inquiry).await) }.boxed_local(),
        ),
        (
            Method::DELETE,
            "/admin/realms/{realm}/users/{user}/federated-identity/{provider}",
            |inquiry| async move { respond(unlink(inquiry).await) }.boxed_local(),
        ),
        (Method::GET, "/admin/realms/{realm}/users/{user}/consents", |inquiry| {
            async move { respond(consents(inquiry).await) }.boxed_local()
        }),
        (Method::DELETE, "/admin/realms/{realm}/users/{user}/consents/{client}", |inquiry| {
            async move { respond(revoke_consent(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `GET /users/{user}/federated-identity`.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let known = federated_identity::list(directory, realm, &user.id).await?;
    let body: Vec<_> = known.iter().map(FederatedIdentityJson::from).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /users/{user}/federated-identity/{provider}`: whoever is that person
/// there will be this one here, so it takes the rights of a password.
async fn link(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    privilege::require_over(inquiry, &user.id).await?;
    let body: FederatedIdentityJson = inquiry.body()?;
    let provider = inquiry.params.get("provider").to_owned();
    let identity = read_identity(provider, body.user_id, body.user_name)?;
    let statement = federated_identity::insertion(inquiry.realm_id(), &user.id, &identity);
    let path = format!("users/{}/federated-identity/{}", user.id, identity.provider);
    inquiry.commit(vec![statement], change(Operation::Create, path, None)).await.map_err(taken)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{user}/federated-identity/{provider}`.
async fn unlink(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    privilege::require_over(inquiry, &user.id).await?;
    let (realm, provider) = (inquiry.realm_id(), inquiry.params.get("provider"));
    let known = federated_identity::list(inquiry.directory(), realm, &user.id).await?;
    if !known.iter().any(|identity| identity.provider == provider) {
        return Err(AdminError::Unknown("Link not found"));
    }
    let statement = federated_identity::deletion(realm, &user.id, provider);
    let path = format!("users/{}/federated-identity/{provider}", user.id);
    inquiry.commit(vec![statement], change(Operation::Delete, path, None)).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET .../consents`: what the user allowed to which client.
async fn consents(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let given = ask_account(inquiry, &user.id, &FindConsents { client: None }).await?;
    let clients: Vec<&ClientUuid> = given.iter().map(|consent| &consent.client).collect();
    let names = client::list_names(inquiry.directory(), inquiry.realm_id(), &clients).await?;
    Ok(answer::json(StatusCode::OK, &ConsentJson::list(&given, &names)))
}

/// `DELETE .../consents/{client}`: ends what the client was allowed, and what grew
/// from it.
async fn revoke_consent(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    const UNKNOWN: AdminError = AdminError::Unknown("Consent nor offline token not found");
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    let client_id = inquiry.params.get("client");
    let found = client::find(inquiry.directory(), inquiry.realm_id(), client_id).await?;
    let client = found.ok_or(UNKNOWN)?;
    let question = FindConsents { client: Some(client.uuid.clone()) };
    if ask_account(inquiry, &user.id, &question).await?.is_empty() {
        return Err(UNKNOWN);
    }
    let what = format!("consents/{client_id}");
    inquiry.commit(Vec::new(), action(&user.id, &what)).await?;
    inquiry.context.ports.faults.reach("user.consent.after_directory").await;
    let token_life = inquiry.context.realm.settings.access_token_lifespan;
    let question = RevokeConsent {
        client: client.uuid,
        client_id: client.client_id,
        token_life: token_life.max(MAX_CLIENT_TOKEN_LIFE),
    };
    ask_account(inquiry, &user.id, &question).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
