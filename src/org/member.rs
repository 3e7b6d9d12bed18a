//! Members: who belongs to the organization.
use super::record::{Scene, record};
use super::store;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{RoleId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::page::Page;
use crate::realm::registry::Attributes;
use serde::{Deserialize, Serialize};

/// How somebody became a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// An administrator added them.
    Admin,
    /// They accepted an invitation.
    Invitation,
    /// The organization's directory pushed them.
    Scim,
    /// They signed in through a provider whose mapper adds members.
    Provider,
    /// An administrator added a client's service account: it has roles and gets
    /// claims like anybody, but no list or count of people has it.
    Machine,
}

impl Source {
    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Invitation => "invitation",
            Self::Scim => "scim",
            Self::Provider => "provider",
            Self::Machine => "machine",
        }
    }
}

impl std::str::FromStr for Source {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Admin, Self::Invitation, Self::Scim, Self::Provider, Self::Machine]
            .into_iter()
            .find(|source| source.as_str() == text)
            .ok_or(())
    }
}

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: UserId,
    /// Whether the membership gives access; SCIM can suspend it.
    pub active: bool,
    /// Whether the organization manages the person's account ([`super::manage`]).
    pub managed: bool,
    /// Since when.
    pub joined_at: Timestamp,
}

/// The membership of `user`, suspended or not.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find(sql: &dyn Sql, user: &UserId) -> Result<Option<Member>, StoreError> {
    store::member::find(sql, user)
}

/// Which members to list. Service accounts never are.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Only those who are among these.
    pub among: Option<&'a [UserId]>,
    /// Without this one.
    pub except: Option<&'a UserId>,
    /// Which part of the list.
    pub page: Page,
}

/// A page of the members, oldest membership first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(sql: &dyn Sql, wanted: &Wanted<'_>) -> Result<Vec<Member>, StoreError> {
    match wanted.among {
        Some(users) => store::member::list_among(sql, users, wanted.except, wanted.page),
        None => store::member::list(sql, wanted.except, wanted.page),
    }
}

/// Those of the members who hold the role, by user id.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_holders(
    sql: &dyn Sql,
    role: &RoleId,
    except: Option<&UserId>,
    page: Page,
) -> Result<Vec<Member>, StoreError> {
    store::member::list_holders(sql, role, except, page)
}

/// Those of `users` who are members, service accounts too, in no particular order.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list_these(sql: &dyn Sql, users: &[UserId]) -> Result<Vec<Member>, StoreError> {
    store::member::list_these(sql, users)
}

/// How many members there are, as the list has them.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn count(sql: &dyn Sql) -> Result<i64, StoreError> {
    store::member::count(sql)
}

/// Suspends or restores a membership; `false` when there is none or it already
/// is so. A suspended member gets no claim and no permission at once, but stays
/// on the list.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_active(sql: &dyn Sql, user: &UserId, active: bool) -> Result<bool, StoreError> {
    let changed = store::member::mark_active(sql, user, active)?;
    if changed {
        super::project::membership(sql, user)?;
    }
    Ok(changed)
}

/// What is noted about the member `user`; `None` when there is no such member.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn find_attributes(sql: &dyn Sql, user: &UserId) -> Result<Option<Attributes>, StoreError> {
    store::member::find_attributes(sql, user)
}

/// Notes `attributes` about a member, in place of what was noted: call it in a
/// transaction. `false` when there is no such member. (Phase Two records no event
/// of this; we record every change.)
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn set_attributes(
    scene: &Scene<'_>,
    user: &UserId,
    attributes: &Attributes,
) -> Result<bool, StoreError> {
    if !store::member::set_attributes(scene.sql, user, attributes)? {
        return Ok(false);
    }
    record(
        scene,
        Change {
            resource_type: "ORGANIZATION_MEMBERSHIP",
            operation: Operation::Update,
            path: format!("orgs/{}/members/{user}/attributes", scene.org),
            representation: serde_json::to_value(attributes).ok(),
        },
    )?;
    Ok(true)
}
