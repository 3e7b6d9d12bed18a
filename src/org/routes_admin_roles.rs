//! `/admin/realms/{realm}/organizations/{org}/roles`, inside the organization's object:
//! the roles that Phase Two's paths have, in the shape that Keycloak drafts (reference
//! keycloak.md §1.8).
use super::admin_visit::{AdminVisit, READERS, WRITERS, leaving, local};
use super::composite::{self, Parent};
use super::define::{self, RoleDefinition, Tree};
use super::role::{self, OrganizationRole};
use super::routes_admin_groups::EVERYTHING;
use super::routes_admin_members::FINDERS;
use super::visit::Handler;
use super::wire_role::OrgRoleJson;
use super::{member, people};
use crate::account::wire_keycloak::UserJson;
use crate::kernel::id::{RoleId, UserId};
use crate::platform::row::StoreError;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::show_groups::flag;
use crate::realm::wire_keycloak_role::{NamedRoleJson, RoleChangeJson};
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Holders of a page when the caller names no number, as of a realm's role.
const PAGE_HOLDERS: i64 = 100;

const UNKNOWN_ROLE: AdminError = AdminError::Unknown("Could not find role");

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    const ALL: &str = "/admin/realms/{realm}/organizations/{org}/roles";
    const COUNT: &str = "/admin/realms/{realm}/organizations/{org}/roles/count";
    const DEFAULT: &str = "/admin/realms/{realm}/organizations/{org}/roles/default";
    const ONE: &str = "/admin/realms/{realm}/organizations/{org}/roles/{role_id}";
    const COMPOSITES: &str = "/admin/realms/{realm}/organizations/{org}/roles/{role_id}/composites";
    const USERS: &str = "/admin/realms/{realm}/organizations/{org}/roles/{role_id}/users";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, local!(list)),
        route(Method::POST, ALL, local!(create)),
        route(Method::GET, COUNT, local!(count)),
        route(Method::GET, DEFAULT, local!(read_default)),
        route(Method::GET, ONE, local!(read)),
        route(Method::PUT, ONE, local!(change)),
        route(Method::DELETE, ONE, local!(delete)),
        route(Method::GET, COMPOSITES, local!(list_children)),
        route(Method::POST, COMPOSITES, local!(add_children)),
        route(Method::DELETE, COMPOSITES, local!(remove_children)),
        route(Method::GET, USERS, leaving!(list_holders)),
    ]
}

impl AdminVisit<'_> {
    /// The role that the path names, or the default role, for who may see it.
    fn read_role(&self) -> Result<Parent, AdminError> {
        self.inquiry.require(READERS)?;
        let id: RoleId = self.inquiry.params.get("role_id").parse().map_err(|_| UNKNOWN_ROLE)?;
        let default = composite::default_of(&self.visit.organization)?;
        if id == default.id {
            return Ok(Parent::Default(default));
        }
        Ok(Parent::Role(role::find_by_id(self.sql(), &id)?.ok_or(UNKNOWN_ROLE)?))
    }

    /// The same, for who may change it.
    fn changed_role(&self) -> Result<Parent, AdminError> {
        let found = self.read_role()?;
        self.inquiry.require(WRITERS)?;
        Ok(found)
    }

    /// Whether roles are to be told with all they have.
    fn is_full(&self) -> bool {
        !flag(&self.inquiry.query(), "briefRepresentation", true)
    }

    /// These roles.
    ///
    /// # Errors
    /// `Refused` when SQLite fails.
    pub fn roles_answer(&self, roles: &[OrganizationRole]) -> Result<Response, StoreError> {
        let ids: Vec<&RoleId> = roles.iter().map(|role| &role.id).collect();
        let parents = composite::list_parents(self.sql(), &ids)?;
        let org = &self.visit.organization.id;
        let show = |role| {
            let json = OrgRoleJson::brief(role, org, parents.contains(&role.id));
            if self.is_full() { json.full() } else { json }
        };
        let body: Vec<_> = roles.iter().map(show).collect();
        Ok(answer::json(StatusCode::OK, &body))
    }

    /// The roles of the organization that the body names, each by its key and, where it
    /// says one, its name.
    ///
    /// # Errors
    /// `Unknown` for any other, so for one of the realm or of a client, too.
    pub fn roles_of_body(&self) -> Result<Vec<OrganizationRole>, AdminError> {
        const NONE: AdminError = AdminError::Unknown("Could not find role of the organization");
        let named: Vec<NamedRoleJson> = self.inquiry.body()?;
        let find = |named: NamedRoleJson| {
            let id: RoleId = named.id.unwrap_or_default().parse().map_err(|_| NONE)?;
            let found = role::find_by_id(self.sql(), &id)?.ok_or(NONE)?;
            let is_called_so = named.name.is_none_or(|name| name == found.name);
            if is_called_so { Ok(found) } else { Err(NONE) }
        };
        named.into_iter().map(find).collect()
    }
}

/// `GET .../roles`: without the default role, as in Phase Two.
fn list(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    let query = at.inquiry.query();
    let page = at.inquiry.page(EVERYTHING)?;
    let part = query.first("search").unwrap_or_default();
    Ok(at.roles_answer(&Page::check(role::page(at.sql(), part, page)?)?)?)
}

fn count(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    let query = at.inquiry.query();
    let count = role::count(at.sql(), query.first("search").unwrap_or_default())?;
    Ok(answer::json(StatusCode::OK, &count))
}

fn read_default(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    answer_one(at, &Parent::Default(composite::default_of(&at.visit.organization)?))
}

fn read(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    answer_one(at, &at.read_role()?)
}

fn answer_one(at: &AdminVisit<'_>, found: &Parent) -> Result<Response, AdminError> {
    let is_composite = !composite::list(at.sql(), found)?.is_empty();
    let json = OrgRoleJson::brief(found.role(), &at.visit.organization.id, is_composite);
    Ok(answer::json(StatusCode::OK, &json.full()))
}

/// What the body says of a role that can be said of one here.
fn definition(at: &AdminVisit<'_>) -> Result<RoleDefinition, AdminError> {
    let asked: RoleChangeJson = at.inquiry.body()?;
    if asked.attributes.is_some_and(|attributes| !attributes.is_empty()) {
        let why = "a role of an organization has no attributes";
        return Err(AdminError::Invalid(why.to_owned()));
    }
    let composites = asked.composites.unwrap_or_default();
    if !composites.realm.is_empty() || !composites.client.is_empty() {
        let why = "a role of an organization includes none of the realm or of its clients";
        return Err(AdminError::Invalid(why.to_owned()));
    }
    Ok(RoleDefinition { name: asked.name, description: asked.description })
}

fn create(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.inquiry.require(READERS)?;
    at.inquiry.require(WRITERS)?;
    let wanted = definition(at)?;
    let name = wanted.name.clone().unwrap_or_default();
    if name == composite::default_of(&at.visit.organization)?.name {
        return Err(taken(&name));
    }
    let made = define::create(&at.scene(), wanted, Tree::Keycloak);
    let made = made.map_err(|error| match error {
        super::error::OrgError::Duplicate => taken(&name),
        error => error.into(),
    })?;
    Ok(answer::created(&at.url(&format!("/roles/{}", made.id))))
}

fn taken(name: &str) -> AdminError {
    AdminError::Conflict(format!("Role with name {name} already exists"))
}

/// `PUT .../roles/{role_id}`: the description alone can change, as in Phase Two. Invitations
/// and exports name roles by their names.
fn change(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let found = at.changed_role()?;
    let wanted = definition(at)?;
    let Parent::Role(role) = found else { return Err(default_stays(found.role())) };
    if wanted.name.is_some_and(|name| name != role.name) {
        return Err(AdminError::Invalid("the name of a role stays as it is".to_owned()));
    }
    define::describe(&at.scene(), &role.name, wanted.description, Tree::Keycloak)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn delete(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let found = at.changed_role()?;
    let Parent::Role(role) = found else { return Err(default_stays(found.role())) };
    define::delete(&at.scene(), &role.name, Tree::Keycloak)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn default_stays(role: &OrganizationRole) -> AdminError {
    let name = &role.name;
    AdminError::Invalid(format!(
        "{name} is default role of the organization: what it includes can change, not the role"
    ))
}

fn list_children(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let found = at.read_role()?;
    Ok(at.roles_answer(&composite::list(at.sql(), &found)?)?)
}

fn add_children(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let found = at.changed_role()?;
    composite::add(&at.scene(), &found, &at.roles_of_body()?)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn remove_children(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let found = at.changed_role()?;
    composite::remove(&at.scene(), &found, &at.roles_of_body()?)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET .../roles/{role_id}/users`: those to whom the role itself was granted.
async fn list_holders(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    let found = at.read_role()?;
    at.inquiry.require(FINDERS)?;
    let page = at.inquiry.page(PAGE_HOLDERS)?;
    let holders = member::list_holders(at.sql(), &found.role().id, None, page)?;
    let ids: Vec<UserId> = Page::check(holders)?.into_iter().map(|member| member.user).collect();
    let people = people::list(at.visit, &ids).await?;
    let show = if at.is_full() { UserJson::full } else { UserJson::brief };
    let body: Vec<_> = people.iter().map(show).collect();
    Ok(answer::json(StatusCode::OK, &body))
}
