//! What a caller may do in an organization (reference phasetwo.md §1 and §3.2).
use super::error::OrgError;
use super::role::BuiltIn;
use super::store;
use super::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::actor::Actor;
use crate::realm::role::AdminRole;

/// A permission: who administers the realm has it through one role, a member
/// through another.
#[derive(Clone, Copy, Debug)]
pub struct Permission {
    admin: AdminRole,
    member: Option<BuiltIn>,
}

impl Permission {
    const fn view(member: BuiltIn) -> Self {
        Self { admin: AdminRole::ViewOrganizations, member: Some(member) }
    }

    const fn manage(member: BuiltIn) -> Self {
        Self { admin: AdminRole::ManageOrganizations, member: Some(member) }
    }

    /// Change the organization.
    pub const MANAGE: Self = Self::manage(BuiltIn::ManageOrganization);
    /// Delete the organization.
    pub const DELETE: Self = Self::manage(BuiltIn::DeleteOrganization);
    /// See members.
    pub const VIEW_MEMBERS: Self = Self::view(BuiltIn::ViewMembers);
    /// Add and remove members.
    pub const MANAGE_MEMBERS: Self = Self::manage(BuiltIn::ManageMembers);
    /// See roles.
    pub const VIEW_ROLES: Self = Self::view(BuiltIn::ViewRoles);
    /// Define roles and grant them.
    pub const MANAGE_ROLES: Self = Self::manage(BuiltIn::ManageRoles);
    /// See invitations.
    pub const VIEW_INVITATIONS: Self = Self::view(BuiltIn::ViewInvitations);
    /// Invite people.
    pub const MANAGE_INVITATIONS: Self = Self::manage(BuiltIn::ManageInvitations);
    /// See how members sign in.
    pub const VIEW_IDENTITY_PROVIDERS: Self = Self::view(BuiltIn::ViewIdentityProviders);
    /// Decide how members sign in.
    pub const MANAGE_IDENTITY_PROVIDERS: Self = Self::manage(BuiltIn::ManageIdentityProviders);
}

/// What a caller is to an organization.
#[derive(Clone, Debug)]
pub struct Standing {
    admin: Vec<AdminRole>,
    member: bool,
    roles: Vec<String>,
}

impl Standing {
    /// Reads the caller's membership and roles. A token of another realm
    /// (`master`) brings administration roles but never a membership.
    ///
    /// # Errors
    /// `Refused` when SQLite fails.
    pub fn of(sql: &dyn Sql, home: bool, caller: &Actor) -> Result<Self, StoreError> {
        let admin = caller.admin_roles.clone();
        let member = home && store::member::is_active(sql, &caller.user)?;
        let roles = if member { store::role::list_held(sql, &caller.user)? } else { Vec::new() };
        Ok(Self { admin, member, roles })
    }

    /// Whether the caller may know that the organization exists: the gate in
    /// front of every path below it.
    #[must_use]
    pub fn may_enter(&self) -> bool {
        self.admin.contains(&AdminRole::ViewOrganizations) || self.member
    }

    /// Whether the caller administers the realm through one of `roles`.
    #[must_use]
    pub fn administers(&self, roles: &[AdminRole]) -> bool {
        roles.iter().any(|role| self.admin.contains(role))
    }

    /// Whether the caller has `permission` as a member, whatever they administer.
    #[must_use]
    pub fn has_as_member(&self, permission: Permission) -> bool {
        permission.member.is_some_and(|role| self.roles.iter().any(|held| held == role.name()))
    }

    /// Whether the caller holds the role called `name` in the organization.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.roles.iter().any(|held| held == name)
    }

    /// Whether the caller has `permission`.
    #[must_use]
    pub fn has(&self, permission: Permission) -> bool {
        self.admin.contains(&permission.admin) || self.has_as_member(permission)
    }
}

/// Passes a caller who has `permission`, whether they may enter or not: for the
/// few paths that do not lie below the organization (reference phasetwo.md
/// §1.10).
///
/// # Errors
/// `Denied`; `Store` when SQLite fails.
pub fn require_only(visit: &Visit<'_>, permission: Permission) -> Result<(), OrgError> {
    if standing_of(visit)?.has(permission) { Ok(()) } else { Err(OrgError::Denied) }
}

/// Passes a caller who may enter the organization and has every one of
/// `permissions`.
///
/// # Errors
/// `Denied`; `Store` when SQLite fails.
pub fn require(visit: &Visit<'_>, permissions: &[Permission]) -> Result<Standing, OrgError> {
    let standing = standing_of(visit)?;
    if standing.may_enter() && permissions.iter().all(|asked| standing.has(*asked)) {
        Ok(standing)
    } else {
        Err(OrgError::Denied)
    }
}

fn standing_of(visit: &Visit<'_>) -> Result<Standing, OrgError> {
    let caller = visit.visitor.caller.as_ref().ok_or(OrgError::Denied)?;
    let home = caller.realm == visit.visitor.realm.id;
    Ok(Standing::of(visit.sql(), home, caller)?)
}
