//! What the paths of `/admin/realms/{realm}/organizations/{org}` share, inside the
//! organization's object: who may ask (reference keycloak.md §1.2), in which order
//! it is checked, and how a refusal is told.
//!
//! The order is Keycloak's: the role to read, the organization, the thing in it, the
//! role to write, the user, the role to write users. So who may not read learns
//! nothing, not even whether there is such an organization.
use super::error::OrgError;
use super::group::{self, NO_GROUP};
use super::record::Scene;
use super::routes::{status_of, words_of};
use super::routes_admin_organizations::SWITCHED_OFF;
use super::visit::Visit;
use crate::kernel::id::UserId;
use crate::platform::sql::Sql;
use crate::realm::actor::Actor;
use crate::realm::error::AdminError;
use crate::realm::group::Group;
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use crate::realm::routes::respond;
use crate::web::Response;

/// Who may see what organizations have.
pub const READERS: &[AdminRole] =
    &[AdminRole::ViewOrganizations, AdminRole::ManageOrganizations, AdminRole::ManageRealm];

/// Who may change it.
pub const WRITERS: &[AdminRole] = &[AdminRole::ManageOrganizations, AdminRole::ManageRealm];

/// A request of Keycloak's administration API to an organization.
pub struct AdminVisit<'a> {
    /// Inside which object.
    pub visit: &'a Visit<'a>,
    /// The same, as the realm's administration has it.
    pub inquiry: &'a Inquiry<'a>,
}

/// A handler of the organization's object, made of an `async` function of an
/// [`AdminVisit`].
macro_rules! leaving {
    ($act:path) => {
        $crate::org::visit::Handler::Leaving(|visit, request, params| {
            async move {
                let context = visit.realm_context();
                let Some(actor) = visit.visitor.caller.as_ref() else {
                    return $crate::realm::routes::respond(Err(AdminError::Forbidden));
                };
                let inquiry = Inquiry { context: &context, actor, request, params };
                let at = AdminVisit { visit, inquiry: &inquiry };
                $crate::realm::routes::respond($act(&at).await)
            }
            .boxed_local()
        })
    };
}

/// The same, of a function that stays inside the object.
macro_rules! local {
    ($act:path) => {
        $crate::org::visit::Handler::Local(|visit, request, params| {
            let context = visit.realm_context();
            let Some(actor) = visit.visitor.caller.as_ref() else {
                return $crate::realm::routes::respond(Err(AdminError::Forbidden));
            };
            let inquiry = Inquiry { context: &context, actor, request, params };
            let at = AdminVisit { visit, inquiry: &inquiry };
            $crate::realm::routes::respond($act(&at))
        })
    };
}

pub(crate) use {leaving, local};

impl AdminVisit<'_> {
    /// The object's database.
    #[must_use]
    pub fn sql(&self) -> &dyn Sql {
        self.visit.sql()
    }

    /// What a change is told with.
    #[must_use]
    pub fn scene(&self) -> Scene<'_> {
        Scene::of(self.visit)
    }

    /// The group that the path names, for who may see it.
    ///
    /// # Errors
    /// `Forbidden`; `Missing` when there is none. That of another organization is in
    /// another object, so it cannot be told from none.
    pub fn read_group(&self) -> Result<Group, AdminError> {
        self.inquiry.require(READERS)?;
        self.group_named()
    }

    /// The same, for who may change it.
    ///
    /// # Errors
    /// As [`Self::read_group`]. Who may only see hears of one that is not there.
    pub fn changed_group(&self) -> Result<Group, AdminError> {
        let group = self.read_group()?;
        self.inquiry.require(WRITERS)?;
        Ok(group)
    }

    /// The group that the path names, whoever asks: to be sure that it still is there.
    ///
    /// # Errors
    /// `Missing`.
    pub fn group_named(&self) -> Result<Group, AdminError> {
        const NONE: AdminError = AdminError::Missing(NO_GROUP);
        let id = self.inquiry.params.get("group").parse().map_err(|_| NONE)?;
        group::find(self.sql(), &id)?.ok_or(NONE)
    }

    /// Passes a caller who may change who belongs to the organization.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require_seating(&self) -> Result<(), AdminError> {
        self.inquiry.require(WRITERS)?;
        self.inquiry.require(&[AdminRole::ManageUsers])
    }

    /// The user that the path names.
    ///
    /// # Errors
    /// `unknown`: what is no id names nobody.
    pub fn user_named(&self, unknown: AdminError) -> Result<UserId, AdminError> {
        self.inquiry.params.get("user").parse().map_err(|_| unknown)
    }

    /// The absolute URL of a path below the organization.
    #[must_use]
    pub fn url(&self, below: &str) -> String {
        let (context, org) = (self.inquiry.context, &self.visit.organization.id);
        let realm = &context.realm.name;
        format!("{}/admin/realms/{realm}/organizations/{org}{below}", context.public_url)
    }
}

/// The one word that a body is, whatever its content type: clients send an id or an
/// alias bare, or as a JSON string. Spaces around it and one quotation mark at each end
/// do not count (reference keycloak.md §1.4, §1.6).
#[must_use]
pub fn bare_word(body: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let text = text.strip_prefix('"').unwrap_or(text);
    Some(text.strip_suffix('"').unwrap_or(text))
}

/// There is no such organization: told to those only who may see every one.
#[must_use]
pub fn nobody_home(caller: Option<&Actor>) -> Response {
    let sees_all = caller.is_some_and(|caller| caller.holds_any(READERS));
    respond(Err(if sees_all {
        AdminError::Missing("Organization not found.")
    } else {
        AdminError::Forbidden
    }))
}

/// The realm has no organizations: told to those only who may see every one.
#[must_use]
pub fn switched_off(caller: Option<&Actor>) -> Response {
    let sees_all = caller.is_some_and(|caller| caller.holds_any(READERS));
    respond(Err(if sees_all { SWITCHED_OFF } else { AdminError::Forbidden }))
}

impl From<OrgError> for AdminError {
    fn from(error: OrgError) -> Self {
        match error {
            OrgError::Denied | OrgError::Forbidden => Self::Forbidden,
            OrgError::Body(body) => Self::Body(body),
            OrgError::Page(page) => Self::Page(page),
            OrgError::TooMany(many) => Self::TooMany(many),
            OrgError::Conflict(_) | OrgError::Taken(_) => Self::Conflict(error.to_string()),
            OrgError::Duplicate => Self::Duplicate,
            OrgError::Store(error) => Self::Store(error),
            OrgError::Unknown(_)
            | OrgError::NoUser(_)
            | OrgError::NotHeld { .. }
            | OrgError::Query(_)
            | OrgError::Field(_)
            | OrgError::BuiltIn(_)
            | OrgError::UnknownRole(_) => Self::Invalid(words_of(&error, status_of(&error))),
        }
    }
}
