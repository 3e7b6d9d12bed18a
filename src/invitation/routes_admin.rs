//! `/admin/realms/{realm}/organizations/{org}/invitations` and the two ways to invite,
//! inside the organization's object (reference keycloak.md §1.5). The invitations are
//! those of `/realms/{realm}/orgs/{org}/invitations`.
use super::invite::{Delivery, InviteError, NewInvitation, invite};
use super::resend::resend;
use super::revoke::revoke;
use super::store::{self, Wanted};
use super::wire_keycloak::OrganizationInvitationJson;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Seconds;
use crate::org::admin_visit::{AdminVisit, WRITERS, leaving, local};
use crate::org::dialect::Dialect;
use crate::org::member;
use crate::org::people;
use crate::org::routes_admin_groups::EVERYTHING;
use crate::org::routes_admin_members::NOBODY;
use crate::org::visit::Handler;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::registry::Attributes;
use crate::realm::store::{realm, user};
use crate::web::form::Form;
use crate::web::multipart;
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Longest name of an invited person, in bytes: Keycloak's column.
const MAX_NAME_BYTES: usize = 255;

/// How long an administrator's invitation can be accepted where the realm does not
/// say: Keycloak's `actionTokenGeneratedByAdminLifespan`.
const DEFAULT_LIFE: Seconds = Seconds(43_200);

const NO_INVITATION: AdminError = AdminError::Missing("Invitation not found");

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ALL: &str = "/admin/realms/{realm}/organizations/{org}/invitations";
    const ONE: &str = "/admin/realms/{realm}/organizations/{org}/invitations/{invitation}";
    const RESEND: &str =
        "/admin/realms/{realm}/organizations/{org}/invitations/{invitation}/resend";
    const INVITE: &str = "/admin/realms/{realm}/organizations/{org}/members/invite-user";
    const INVITE_EXISTING: &str =
        "/admin/realms/{realm}/organizations/{org}/members/invite-existing-user";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::POST, INVITE, leaving!(invite_user)),
        route(Method::POST, INVITE_EXISTING, leaving!(invite_existing_user)),
        route(Method::GET, ALL, local!(list)),
        route(Method::GET, ONE, local!(read)),
        route(Method::DELETE, ONE, local!(delete)),
        route(Method::POST, RESEND, leaving!(send_again)),
    ]
}

/// Somebody to be invited.
struct Invitee {
    email: EmailAddress,
    /// Their user, when they have one.
    user: Option<UserId>,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// `POST .../members/invite-user`.
async fn invite_user(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.require_seating()?;
    let form = read_form(at)?;
    let given = form.first("email").unwrap_or_default().trim();
    if given.is_empty() {
        return Err(invalid("Email is required to invite a member"));
    }
    let email: EmailAddress = given.parse().map_err(|_| invalid("Invalid email format"))?;
    let found = user::find_by_email(at.inquiry.directory(), at.inquiry.realm_id(), &email).await?;
    let (first_name, last_name) = (name(&form, "firstName")?, name(&form, "lastName")?);
    let invitee = match found {
        // Somebody known has a name already.
        Some(user) => Invitee {
            email,
            first_name: first_name.or(user.first_name),
            last_name: last_name.or(user.last_name),
            user: Some(user.id),
        },
        None => Invitee { email, user: None, first_name, last_name },
    };
    let taken = "User already has a pending invitation";
    send(at, invitee, AdminError::Conflict(taken.to_owned())).await
}

/// `POST .../members/invite-existing-user`. Keycloak also invites who is a member.
async fn invite_existing_user(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.require_seating()?;
    let form = read_form(at)?;
    let given = form.first("id").unwrap_or_default().trim();
    if given.is_empty() {
        let words = "To invite a member you need to provide the user id";
        return Err(AdminError::Told(words.to_owned()));
    }
    let id: UserId = given.parse().map_err(|_| invalid(NOBODY))?;
    let user = people::find(at.visit, &id).await?.ok_or_else(|| invalid(NOBODY))?;
    let invitee = Invitee {
        email: user.email.ok_or_else(|| invalid("User does not have an email address"))?,
        user: Some(id),
        first_name: user.first_name,
        last_name: user.last_name,
    };
    send(at, invitee, AdminError::Duplicate).await
}

/// Invites; `taken` says that the address is invited already.
async fn send(
    at: &AdminVisit<'_>,
    invitee: Invitee,
    taken: AdminError,
) -> Result<Response, AdminError> {
    let client_id = find_client(at).await?;
    let life = life(at).await?;
    // Nothing is awaited from here on.
    if let Some(user) = &invitee.user
        && member::find(at.sql(), user)?.is_some()
    {
        let words = "User already a member of the organization";
        return Err(AdminError::Conflict(words.to_owned()));
    }
    let actor = at.inquiry.actor;
    let new = NewInvitation {
        email: invitee.email,
        roles: Vec::new(),
        inviter: Some(actor.user.clone()),
        inviter_name: actor.name.clone(),
        redirect_uri: None,
        first_name: invitee.first_name,
        last_name: invitee.last_name,
        client_id,
        life,
        dialect: Dialect::Keycloak,
        attributes: Attributes::new(),
        delivery: Delivery::Mail,
    };
    match invite(at.visit, new) {
        Ok(_) => Ok(answer::empty(StatusCode::NO_CONTENT)),
        Err(InviteError::AlreadyInvited) => Err(taken),
        Err(InviteError::Store(error)) => Err(error.into()),
    }
}

/// The form: browsers and Keycloak's JavaScript client send it in several parts.
/// What is no form has no fields, as in Keycloak.
fn read_form(at: &AdminVisit<'_>) -> Result<Form, AdminError> {
    let read = multipart::read_form(at.inquiry.request);
    let form = read.map_err(|error| AdminError::Invalid(error.to_string()))?;
    Ok(form.unwrap_or_default())
}

fn name(form: &Form, field: &'static str) -> Result<Option<String>, AdminError> {
    let text = form.first(field).unwrap_or_default().trim();
    if text.len() > MAX_NAME_BYTES || text.chars().any(char::is_control) {
        let words = format!("{field} has at most {MAX_NAME_BYTES} bytes on one line");
        return Err(AdminError::Invalid(words));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// The client that the query names: one of the realm that is switched on.
async fn find_client(at: &AdminVisit<'_>) -> Result<Option<String>, AdminError> {
    let query = at.inquiry.query();
    let Some(client_id) = query.first("client_id").filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let found = at.inquiry.context.find_client(client_id).await?;
    found.map(|client| Some(client.client_id.clone())).ok_or_else(|| invalid("Client not found"))
}

/// How long an administrator's invitation can be accepted.
async fn life(at: &AdminVisit<'_>) -> Result<Seconds, AdminError> {
    let kept = realm::find_kept(at.inquiry.directory(), at.inquiry.realm_id()).await?;
    let said = kept.get("actionTokenGeneratedByAdminLifespan").and_then(serde_json::Value::as_i64);
    let usable = said.and_then(|seconds| u32::try_from(seconds).ok()).filter(|life| *life > 0);
    Ok(usable.map_or(DEFAULT_LIFE, Seconds))
}

/// `GET .../invitations`: the open ones, expired or not, oldest first.
fn list(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(WRITERS)?;
    let query = at.inquiry.query();
    let text = |name: &str| query.first(name).filter(|text| !text.is_empty());
    let folded = |name: &str| text(name).map(|text| text.trim().to_lowercase());
    let (email, search) = (folded("email"), folded("search"));
    let wanted = Wanted {
        pending: text("status").map(read_status).transpose()?,
        email: email.as_deref(),
        first_name: text("firstName"),
        last_name: text("lastName"),
        search: search.as_deref(),
        page: at.inquiry.page(EVERYTHING)?,
    };
    let found = Page::check(store::list_wanted(at.sql(), &wanted, at.visit.now)?)?;
    let org = &at.visit.organization.id;
    let told = |one| OrganizationInvitationJson::new(one, org, at.visit.now);
    let body: Vec<_> = found.iter().filter_map(told).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// Whether pending ones are meant. Keycloak answers 500 for another status.
fn read_status(text: &str) -> Result<bool, AdminError> {
    match text {
        "PENDING" => Ok(true),
        "EXPIRED" => Ok(false),
        _ => Err(invalid("status is PENDING or EXPIRED")),
    }
}

/// `GET .../invitations/{invitation}`.
fn read(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(WRITERS)?;
    let found = store::find(at.sql(), &id_of(at)?)?.ok_or(NO_INVITATION)?;
    let told = OrganizationInvitationJson::new(&found, &at.visit.organization.id, at.visit.now);
    Ok(answer::json(StatusCode::OK, &told.ok_or(NO_INVITATION)?))
}

/// `DELETE .../invitations/{invitation}`.
fn delete(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(WRITERS)?;
    let is_done = revoke(&at.scene(), &id_of(at)?, Dialect::Keycloak)?;
    if is_done { Ok(answer::empty(StatusCode::NO_CONTENT)) } else { Err(NO_INVITATION) }
}

/// `POST .../invitations/{invitation}/resend`: a new ticket, which makes the older ones
/// worthless. The id stays, which Keycloak changes.
async fn send_again(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(WRITERS)?;
    let (id, life) = (id_of(at)?, life(at).await?);
    let is_done = resend(at.visit, &id, life, Dialect::Keycloak)?;
    if is_done { Ok(answer::empty(StatusCode::NO_CONTENT)) } else { Err(NO_INVITATION) }
}

fn id_of(at: &AdminVisit<'_>) -> Result<InvitationId, AdminError> {
    at.inquiry.params.get("invitation").parse().map_err(|_| NO_INVITATION)
}

fn invalid(words: &str) -> AdminError {
    AdminError::Invalid(words.to_owned())
}
