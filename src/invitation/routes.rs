//! `/realms/{realm}/orgs/{org}/invitations`, inside the organization's object.
use super::history::{self, Entry};
use super::invite::{Delivery, InviteError, NewInvitation, invite};
use super::resend::resend;
use super::revoke::revoke;
use super::state::{Invitation, Stage};
use super::store;
use super::wire::{EntryJson, InvitationDetailJson, InvitationJson, InvitationRequestJson};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::org::dialect::Dialect;
use crate::org::error::OrgError;
use crate::org::permission::{Permission, require};
use crate::org::record::Scene;
use crate::org::routes::respond;
use crate::org::visit::{Handler, Visit};
use crate::org::{member, role};
use crate::realm::page::Page;
use crate::realm::registry::PAGE_ROWS;
use crate::realm::store::user;
use crate::realm::user::User;
use crate::web::answer;
use crate::web::form::Form;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    use Handler::{Leaving, Local};
    const ALL: &str = "/realms/{realm}/orgs/{org}/invitations";
    const COUNT: &str = "/realms/{realm}/orgs/{org}/invitations/count";
    const ONE: &str = "/realms/{realm}/orgs/{org}/invitations/{invitation}";
    const RESEND: &str = "/realms/{realm}/orgs/{org}/invitations/{invitation}/resend-email";
    const HISTORY: &str = "/realms/{realm}/orgs/{org}/invitations/{invitation}/history";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::POST, ALL, Leaving(create_invitation)),
        route(Method::GET, ALL, Local(list_invitations)),
        route(Method::GET, COUNT, Local(count_invitations)),
        route(Method::GET, ONE, Local(read_invitation)),
        route(Method::DELETE, ONE, Local(revoke_invitation)),
        route(Method::PUT, RESEND, Local(resend_invitation)),
        route(Method::GET, HISTORY, Local(read_history)),
    ]
}

/// `POST .../invitations`. Leaves the object once, to learn whom the address
/// and the inviter's id belong to.
fn create_invitation<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    _: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(create(visit, request).await) }.boxed_local()
}

const MANAGE: &[Permission] = &[Permission::VIEW_INVITATIONS, Permission::MANAGE_INVITATIONS];

async fn create(visit: &Visit<'_>, request: &Request) -> Result<Response, OrgError> {
    require(visit, MANAGE)?;
    let json: InvitationRequestJson = answer::read_json(request)?;
    let given = json.email.unwrap_or_default();
    let Ok(email) = given.parse::<EmailAddress>() else {
        return Err(OrgError::Field(format!("Invalid email: {given}")));
    };
    check_redirect(json.redirect_uri.as_deref())?;
    let known = find_user(visit, &email).await?;
    let (inviter, inviter_name) = find_inviter(visit, json.inviter_id).await?;
    // Nothing is awaited from here on.
    require(visit, MANAGE)?;
    let roles = json.roles.unwrap_or_default();
    if let Some(unknown) = role::find_unknown(visit.sql(), &roles)? {
        return Err(OrgError::UnknownRole(unknown.clone()));
    }
    if let Some(user) = known
        && member::find(visit.sql(), &user.id)?.is_some()
    {
        return Err(OrgError::Conflict("this person is a member already"));
    }
    let new = NewInvitation {
        email,
        roles,
        inviter,
        inviter_name,
        redirect_uri: json.redirect_uri,
        first_name: None,
        last_name: None,
        client_id: None,
        life: visit.visitor.realm.settings.invitation_lifespan,
        dialect: Dialect::PhaseTwo,
        attributes: json.attributes.unwrap_or_default(),
        delivery: if json.send { Delivery::Mail } else { Delivery::None },
    };
    match invite(visit, new) {
        Ok(invitation) => {
            Ok(answer::created(&visit.org_url(&format!("/invitations/{}", invitation.id))))
        }
        Err(InviteError::AlreadyInvited) => {
            Err(OrgError::Conflict("this address has an open invitation"))
        }
        Err(InviteError::Store(error)) => Err(error.into()),
    }
}

async fn find_user(visit: &Visit<'_>, email: &EmailAddress) -> Result<Option<User>, OrgError> {
    let directory = &*visit.object.ports.directory;
    Ok(user::find_by_email(directory, &visit.visitor.realm.id, email).await?)
}

/// The inviter the request names, else the caller.
async fn find_inviter(
    visit: &Visit<'_>,
    named: Option<String>,
) -> Result<(Option<UserId>, Option<String>), OrgError> {
    let Some(named) = named.filter(|id| !id.is_empty()) else {
        let caller = visit.visitor.caller.as_ref();
        return Ok((
            caller.map(|actor| actor.user.clone()),
            caller.and_then(|actor| actor.name.clone()),
        ));
    };
    let unknown = || OrgError::Field("inviterId names nobody".to_owned());
    let id: UserId = named.parse().map_err(|_| unknown())?;
    let directory = &*visit.object.ports.directory;
    let found = user::find(directory, &visit.visitor.realm.id, &id).await?.ok_or_else(unknown)?;
    Ok((Some(found.id.clone()), Some(found.display_name())))
}

/// Where an invitation may lead: a web page. (A link on our page, never a
/// redirect by itself, so who may invite cannot make us send people away.)
///
/// # Errors
/// `Field` for anything else.
pub fn check_redirect(uri: Option<&str>) -> Result<(), OrgError> {
    let Some(uri) = uri.filter(|uri| !uri.is_empty()) else { return Ok(()) };
    match url::Url::parse(uri) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => Ok(()),
        _ => Err(OrgError::Field("redirectUri is not a web address".to_owned())),
    }
}

/// `GET .../invitations`: the open ones.
fn list_invitations(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let listed = require(visit, &[Permission::VIEW_INVITATIONS]).and_then(|_| {
        let query = Form::query(request);
        let search = query.first("search").unwrap_or_default();
        Ok(store::list_open(visit.sql(), search, Page::read(&query, PAGE_ROWS)?)?)
    });
    respond(listed.map(|invitations| {
        let body: Vec<_> = invitations.iter().map(|one| json_of(visit, one)).collect();
        answer::json(StatusCode::OK, &body)
    }))
}

/// `GET .../invitations/count`: of the list, with the same `search`.
fn count_invitations(visit: &Visit<'_>, request: &Request, _: &Params) -> Response {
    let count = require(visit, &[Permission::VIEW_INVITATIONS]).and_then(|_| {
        let query = Form::query(request);
        Ok(store::count_open(visit.sql(), query.first("search").unwrap_or_default())?)
    });
    respond(count.map(|count| answer::json(StatusCode::OK, &count)))
}

/// `GET .../invitations/{invitation}`: an open one, with its history.
fn read_invitation(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let found = find(visit, params).and_then(|(invitation, history)| {
        if matches!(invitation.stage, Stage::Open { .. }) {
            Ok((invitation, history))
        } else {
            Err(OrgError::Unknown("invitation"))
        }
    });
    respond(found.map(|(invitation, history)| {
        let json = json_of(visit, &invitation);
        answer::json(StatusCode::OK, &InvitationDetailJson::new(json, &invitation, &history))
    }))
}

/// `GET .../invitations/{invitation}/history`: also of one that is closed.
fn read_history(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    respond(find(visit, params).map(|(_, history)| {
        let body: Vec<EntryJson<'_>> = history.iter().map(EntryJson::from).collect();
        answer::json(StatusCode::OK, &body)
    }))
}

fn find(visit: &Visit<'_>, params: &Params) -> Result<(Invitation, Vec<Entry>), OrgError> {
    require(visit, &[Permission::VIEW_INVITATIONS])?;
    let found = store::find(visit.sql(), &id_of(params)?)?;
    let invitation = found.ok_or(OrgError::Unknown("invitation"))?;
    let history = history::list(visit.sql(), &invitation, visit.now)?;
    Ok((invitation, history))
}

/// `PUT .../invitations/{invitation}/resend-email`. Phase Two asks for no more
/// than seeing invitations here (reference phasetwo.md §1.5); a mail in the
/// organization's name asks for managing them.
fn resend_invitation(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let resent = require(visit, MANAGE).and_then(|_| {
        let life = visit.visitor.realm.settings.invitation_lifespan;
        let done = resend(visit, &id_of(params)?, life, Dialect::PhaseTwo)?;
        if done { Ok(()) } else { Err(OrgError::Unknown("invitation")) }
    });
    respond(resent.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

/// `DELETE .../invitations/{invitation}`.
fn revoke_invitation(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let revoked = require(visit, MANAGE).and_then(|_| {
        let done = revoke(&Scene::of(visit), &id_of(params)?, Dialect::PhaseTwo)?;
        if done { Ok(()) } else { Err(OrgError::Unknown("invitation")) }
    });
    respond(revoked.map(|()| answer::empty(StatusCode::NO_CONTENT)))
}

fn json_of<'a>(visit: &'a Visit<'_>, invitation: &'a Invitation) -> InvitationJson<'a> {
    let default_uri = visit.visitor.realm.settings.default_application_uri.as_deref();
    InvitationJson::new(invitation, &visit.organization.id, default_uri)
}

fn id_of(params: &Params) -> Result<InvitationId, OrgError> {
    params.get("invitation").parse().map_err(|_| OrgError::Unknown("invitation"))
}
