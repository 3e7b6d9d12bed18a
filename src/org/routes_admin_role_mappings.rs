//! Roles of the organization that are granted to its members and groups, inside its
//! object: `.../members/{user}/role-mappings/organization` and
//! `.../groups/{group}/role-mappings/organization`, below Keycloak's paths. Where
//! Keycloak will have them no release says (reference keycloak.md §1.8).
use super::admin_visit::{AdminVisit, READERS, WRITERS, local};
use super::member;
use super::role::OrganizationRole;
use super::role_holder::{self, Holder};
use super::routes_admin_members::{NO_MEMBER, VIEWERS};
use super::visit::Handler;
use crate::event::audit::Operation;
use crate::kernel::id::{GroupId, UserId};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use crate::web::router::Route;
use crate::web::{Response, answer};
use http::{Method, StatusCode};

/// The paths of one holder of roles.
macro_rules! holder_paths {
    ($holder:literal) => {
        [
            (Method::GET, $holder, local!(list_granted)),
            (Method::POST, $holder, local!(grant)),
            (Method::DELETE, $holder, local!(revoke)),
            (Method::GET, concat!($holder, "/available"), local!(list_available)),
            (Method::GET, concat!($holder, "/composite"), local!(list_effective)),
        ]
    };
}

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let of_members = holder_paths!(
        "/admin/realms/{realm}/organizations/{org}/members/{user}/role-mappings/organization"
    );
    let of_groups = holder_paths!(
        "/admin/realms/{realm}/organizations/{org}/groups/{group}/role-mappings/organization"
    );
    let route = |(method, path, handler)| Route { method, path, handler };
    of_members.into_iter().chain(of_groups).map(route).collect()
}

/// Who the path says holds roles.
enum Named {
    Member(UserId),
    Group(GroupId),
}

impl Named {
    /// For who may see it.
    fn read(at: &AdminVisit<'_>) -> Result<Self, AdminError> {
        if Self::is_group(at) {
            return Ok(Self::Group(at.read_group()?.id));
        }
        at.inquiry.require(READERS)?;
        at.inquiry.require(VIEWERS)?;
        Self::member(at)
    }

    /// For who may change it.
    fn changed(at: &AdminVisit<'_>) -> Result<Self, AdminError> {
        if Self::is_group(at) {
            return Ok(Self::Group(at.changed_group()?.id));
        }
        at.inquiry.require(READERS)?;
        at.inquiry.require(WRITERS)?;
        at.inquiry.require(&[AdminRole::ManageUsers])?;
        Self::member(at)
    }

    fn is_group(at: &AdminVisit<'_>) -> bool {
        !at.inquiry.params.get("group").is_empty()
    }

    /// The member that the path names; whether the caller may, is settled.
    fn member(at: &AdminVisit<'_>) -> Result<Self, AdminError> {
        let user = at.user_named(AdminError::Missing(NO_MEMBER))?;
        member::find(at.sql(), &user)?.ok_or(AdminError::Missing(NO_MEMBER))?;
        Ok(Self::Member(user))
    }

    const fn holder(&self) -> Holder<'_> {
        match self {
            Self::Member(user) => Holder::Member(user),
            Self::Group(group) => Holder::Group(group),
        }
    }
}

fn list_granted(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    answer_with(at, role_holder::list)
}

fn list_available(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    answer_with(at, role_holder::list_available)
}

fn list_effective(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    answer_with(at, role_holder::list_effective)
}

fn answer_with(
    at: &AdminVisit<'_>,
    find: fn(&dyn Sql, Holder<'_>) -> Result<Vec<OrganizationRole>, StoreError>,
) -> Result<Response, AdminError> {
    let named = Named::read(at)?;
    Ok(at.roles_answer(&find(at.sql(), named.holder())?)?)
}

fn grant(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    change(at, Operation::Create)
}

fn revoke(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    change(at, Operation::Delete)
}

/// Keycloak takes everything back when a request to delete says of nothing what.
fn change(at: &AdminVisit<'_>, operation: Operation) -> Result<Response, AdminError> {
    let named = Named::changed(at)?;
    let says_nothing = operation == Operation::Delete && at.inquiry.request.body().is_empty();
    let roles = if says_nothing {
        role_holder::list(at.sql(), named.holder())?
    } else {
        at.roles_of_body()?
    };
    role_holder::change(&at.scene(), operation, named.holder(), &roles)?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
