//! What a member holds in the organization and why, inside its object: in Phase Two's
//! tree for whoever may see roles and for oneself, in Keycloak's for administrators.
use super::admin_visit::{AdminVisit, READERS, leaving};
use super::effective::{self, Effective};
use super::error::OrgError;
use super::member;
use super::permission::{Permission, require};
use super::routes::{respond, user_of};
use super::routes_admin_members::{NO_MEMBER, VIEWERS};
use super::visit::{Handler, Visit};
use super::wire_role::{EffectiveJson, HeldJson};
use crate::kernel::id::{RoleId, UserId};
use crate::platform::row::StoreError;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::store::role_within;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response, answer};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const PHASE_TWO: &str = "/realms/{realm}/orgs/{org}/members/{user}/effective";
    const KEYCLOAK: &str = "/admin/realms/{realm}/organizations/{org}/members/{user}/effective";
    let route = |path, handler| Route { method: Method::GET, path, handler };
    vec![route(PHASE_TWO, Handler::Leaving(show_member)), route(KEYCLOAK, leaving!(administer))]
}

/// `GET /realms/{realm}/orgs/{org}/members/{user}/effective`.
fn show_member<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move { respond(read(visit, params).await) }.boxed_local()
}

async fn read(visit: &Visit<'_>, params: &Params) -> Result<Response, OrgError> {
    let user = user_of(params);
    let needed: &[Permission] =
        if user.as_ref().is_ok_and(|user| is_caller(visit, user)) { &[] } else { SEE_OTHERS };
    require(visit, needed)?;
    let user = user?;
    let member = member::find(visit.sql(), &user)?.ok_or(OrgError::Unknown("member"))?;
    let held = effective::of(visit.sql(), &user)?;
    Ok(tell(visit, &held, member.active).await?)
}

/// What it takes to see what others hold.
const SEE_OTHERS: &[Permission] = &[Permission::VIEW_ROLES];

/// A token of another realm brings no membership.
fn is_caller(visit: &Visit<'_>, user: &UserId) -> bool {
    let caller = visit.visitor.caller.as_ref();
    caller.is_some_and(|caller| caller.user == *user && caller.realm == visit.visitor.realm.id)
}

/// `GET /admin/realms/{realm}/organizations/{org}/members/{user}/effective`.
async fn administer(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(VIEWERS)?;
    let user = at.user_named(AdminError::Missing(NO_MEMBER))?;
    let member = member::find(at.sql(), &user)?.ok_or(AdminError::Missing(NO_MEMBER))?;
    let held = effective::of(at.sql(), &user)?;
    Ok(tell(at.visit, &held, member.active).await?)
}

/// The answer. What the roles of the realm are called, the directory says; those that
/// it does not know any more mean nothing.
async fn tell(visit: &Visit<'_>, held: &Effective, active: bool) -> Result<Response, StoreError> {
    let directory = &*visit.object.ports.directory;
    let mapped: Vec<&RoleId> = held.mapped.keys().collect();
    let known = role_within::list_names(directory, &visit.visitor.realm.id, &mapped).await?;
    let mut of_realm: Vec<_> = held
        .mapped
        .iter()
        .filter_map(|(id, sources)| Some((known.get(id)?, id, sources)))
        .collect();
    of_realm.sort_by_key(|(name, ..)| (name.client_id.as_deref(), name.name.as_str()));
    let body = EffectiveJson {
        active,
        roles: held.roles.iter().map(|(role, sources)| HeldJson::own(role, sources)).collect(),
        mapped: of_realm
            .into_iter()
            .map(|(name, id, sources)| HeldJson::mapped(id, name, sources))
            .collect(),
    };
    Ok(answer::json(StatusCode::OK, &body))
}
