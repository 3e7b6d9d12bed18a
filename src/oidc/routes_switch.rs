//! `/realms/{realm}/users/switch-organization` and `/active-organization`
//! (reference phasetwo.md §1.10).
use super::bearer::{BearerError, Caller, authenticate};
use super::switch::{self, SwitchError};
use crate::kernel::id::OrgId;
use crate::org::wire::OrganizationJson;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::answer::{self, BadBody};
use crate::web::{Request, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde::Deserialize;

/// `SwitchOrganization`. The `OpenAPI` document calls its member `organizationId`
/// in one place and `id` in another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SwitchJson {
    #[serde(alias = "organizationId")]
    id: String,
}

/// Why nothing was answered.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error(transparent)]
    Body(#[from] BadBody),
    #[error(transparent)]
    Switch(#[from] SwitchError),
    #[error("the realm has no organizations")]
    Off,
    #[error("the caller has no active organization")]
    NoneActive,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal {
    const fn status(&self) -> StatusCode {
        match self {
            Self::Bearer(BearerError::Store(_))
            | Self::Store(_)
            | Self::Switch(SwitchError::Scope(_) | SwitchError::Mint(_) | SwitchError::Store(_)) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Bearer(_) | Self::Switch(SwitchError::Denied) | Self::NoneActive => {
                StatusCode::UNAUTHORIZED
            }
            Self::Switch(SwitchError::Unknown) | Self::Off => StatusCode::NOT_FOUND,
            Self::Body(body) => body.status(),
        }
    }
}

/// `PUT /users/switch-organization`: answers tokens, as the token endpoint does.
pub async fn switch_organization(context: &RealmContext<'_>, request: &Request) -> Response {
    let answered = async {
        let caller = enter(context, request).await?;
        let json: SwitchJson = answer::read_json(request)?;
        let org: OrgId = json.id.parse().map_err(|_| SwitchError::Unknown)?;
        let tokens = switch::switch(context, &caller, &org).await?;
        let response = answer::json(StatusCode::OK, &tokens);
        Ok(answer::with_header(response, CACHE_CONTROL, "no-store"))
    };
    respond(context, answered.await)
}

/// `GET /users/active-organization`.
pub async fn active_organization(context: &RealmContext<'_>, request: &Request) -> Response {
    let answered = async {
        let caller = enter(context, request).await?;
        let found = switch::find_active(context, &caller).await?;
        let active = found.ok_or(Refusal::NoneActive)?;
        let realm = context.realm.name.as_str();
        Ok(answer::json(StatusCode::OK, &OrganizationJson::listed(&active, realm)))
    };
    respond(context, answered.await)
}

/// The caller, in a realm that has organizations.
async fn enter(context: &RealmContext<'_>, request: &Request) -> Result<Caller, Refusal> {
    let caller = authenticate(context, request).await?;
    if context.realm.settings.organizations_enabled { Ok(caller) } else { Err(Refusal::Off) }
}

/// What the caller is told. The one place where a refusal is logged.
fn respond(context: &RealmContext<'_>, result: Result<Response, Refusal>) -> Response {
    let refusal = match result {
        Ok(response) => return response,
        Err(refusal) => refusal,
    };
    let status = refusal.status();
    if status.is_server_error() {
        tracing::error!(realm.id = %context.realm.id, "Switching failed: {refusal}");
        return answer::json(status, &serde_json::json!({ "error": "unknown_error" }));
    }
    tracing::info!(realm.id = %context.realm.id, "Switching was refused: {refusal}");
    match refusal {
        Refusal::Body(body) => body.respond(),
        _ => answer::keycloak_error(status),
    }
}
