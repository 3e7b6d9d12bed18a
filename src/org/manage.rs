//! Whose account an organization manages (reference keycloak.md §5.6): such an
//! account goes with the membership, and with the organization. One organization at
//! most manages an account.
//!
//! The object says whom its organization manages; the directory, which knows every
//! organization, decides between two of them when it is told. Who comes second
//! yields. People whom a directory pushes by SCIM are not managed until an
//! administrator says so: SCIM has its own rules for who leaves.
use super::member;
use super::organization::Organization;
use super::project;
use super::record::{Scene, record};
use super::store;
use super::visit::Visit;
use crate::account::administer::{self, ForgetUser};
use crate::event::audit::{self, AuditEvent, Change, Operation, Place};
use crate::event::message::Envelope;
use crate::kernel::id::UserId;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::store::erasure::{self, Owned, Right};
use crate::realm::store::{membership, privilege};
use serde::Serialize;
use serde_json::json;

/// Keycloak's membership types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MembershipType {
    /// The account goes with the membership.
    Managed,
    /// The account is the person's own.
    Unmanaged,
}

impl MembershipType {
    /// That of a member who is managed, or not.
    #[must_use]
    pub const fn of(managed: bool) -> Self {
        if managed { Self::Managed } else { Self::Unmanaged }
    }

    /// The type that Keycloak calls so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "MANAGED" => Some(Self::Managed),
            "UNMANAGED" => Some(Self::Unmanaged),
            _ => None,
        }
    }

    /// Whether the account goes with the membership.
    #[must_use]
    pub const fn is_managed(self) -> bool {
        matches!(self, Self::Managed)
    }
}

/// Why a membership keeps its type.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// There is no such member.
    #[error("there is no such member")]
    NoMember,
    /// Another organization manages the account.
    #[error("User is already managed by another organization")]
    Elsewhere,
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes `user` a member of the type `wanted`; `details` are for the audit trail.
///
/// # Errors
/// As [`ManageError`] says.
pub async fn change(
    visit: &Visit<'_>,
    user: &UserId,
    wanted: MembershipType,
    details: &serde_json::Value,
) -> Result<(), ManageError> {
    let place = (&visit.visitor.realm.id, &visit.organization.id);
    let directory = &*visit.object.ports.directory;
    if wanted.is_managed()
        && membership::is_managed_elsewhere(directory, place.0, user, place.1).await?
    {
        return Err(ManageError::Elsewhere);
    }
    // Nothing is awaited until it is written.
    member::find(visit.sql(), user)?.ok_or(ManageError::NoMember)?;
    let scene = Scene::of(visit);
    in_transaction::<_, StoreError>(visit.sql(), || set(&scene, user, wanted, details))?;
    visit.object.ports.faults.reach("org.member.manage.after_object").await;
    if wanted.is_managed() {
        project::drain_now(visit.object, &visit.organization).await?;
        let kept = member::find(visit.sql(), user)?.is_some_and(|member| member.managed);
        return if kept { Ok(()) } else { Err(ManageError::Elsewhere) };
    }
    Ok(())
}

fn set(
    scene: &Scene<'_>,
    user: &UserId,
    wanted: MembershipType,
    details: &serde_json::Value,
) -> Result<(), StoreError> {
    if !store::member::mark_managed(scene.sql, user, wanted.is_managed())? {
        return Ok(());
    }
    project::membership(scene.sql, user)?;
    let mut representation = details.clone();
    if let Some(object) = representation.as_object_mut() {
        object.insert("membershipType".to_owned(), json!(wanted));
    }
    record(
        scene,
        Change {
            resource_type: "ORGANIZATION_MEMBERSHIP",
            operation: Operation::Update,
            path: format!("organizations/{}/members/{user}/membership-type", scene.org),
            representation: Some(representation),
        },
    )
}

/// Lets another organization manage the account of `user`, which the directory knew
/// earlier of: call it in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub(super) fn yield_to_another(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    user: &UserId,
) -> Result<(), StoreError> {
    let scene =
        Scene::inside(object, organization, object.ports.clock.now(), audit::Actor::default());
    set(&scene, user, MembershipType::Unmanaged, &json!({ "id": user }))
}

/// Deletes the accounts of those of `users` whom the organization manages, and who
/// belong to no other one; answers who is gone. The commit point is the directory's:
/// from then on they sign in nowhere. Their accounts follow, and what a crash leaves,
/// the schedule finishes (`app::forget_user`).
///
/// # Errors
/// `Refused` when the directory fails; nobody is deleted then.
pub async fn delete_accounts(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    users: &[UserId],
    actor: &audit::Actor,
) -> Result<Vec<UserId>, StoreError> {
    delete_by_right(object, organization, (Right::Manages, users), actor).await
}

/// The same of those whom the organization's directory made. Who administers the realm
/// stays.
///
/// # Errors
/// As [`delete_accounts`].
pub async fn delete_made_accounts(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    users: Vec<UserId>,
    actor: &audit::Actor,
) -> Result<Vec<UserId>, StoreError> {
    let users = without_administrators(object, organization, users).await?;
    delete_by_right(object, organization, (Right::Made, &users), actor).await
}

async fn delete_by_right(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    (right, users): (Right, &[UserId]),
    actor: &audit::Actor,
) -> Result<Vec<UserId>, StoreError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let ports = object.ports;
    let now = ports.clock.now();
    let place = Place { realm: &organization.realm, org: None };
    let events: Vec<(&UserId, AuditEvent)> = users
        .iter()
        .map(|user| {
            let deletion = administer::change(Operation::Delete, administer::path_of(user), None);
            let deletion = Change { representation: Some(json!({ "id": user })), ..deletion };
            (user, AuditEvent::new(&*ports.random, now, place, actor.clone(), deletion))
        })
        .collect();
    let owned = Owned { realm: &organization.realm, org: &organization.id, right, users };
    let gone = erasure::delete_owned(&*ports.directory, owned, &events, now).await?;
    ports.memo.clear();
    ports.faults.reach("org.accounts.after_directory").await;
    if let Err(error) = send_away(object, organization, &gone).await {
        tracing::warn!(org.id = %organization.id, "Deletions finish later: {error}");
    }
    Ok(gone)
}

/// Lets everybody know who knew `gone`.
async fn send_away(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    gone: &[UserId],
) -> Result<(), StoreError> {
    let messages: Result<Vec<String>, serde_json::Error> = gone
        .iter()
        .map(|user| ForgetUser { realm: organization.realm.clone(), user: user.clone() })
        .map(|message| serde_json::to_string(&Envelope::seal(&message)?))
        .collect();
    let messages = messages.map_err(|error| StoreError::Refused(error.to_string()))?;
    if messages.is_empty() {
        return Ok(());
    }
    object.ports.queue.send(messages).await
}

/// Accounts that are deleted in one go: the queue takes as many at once.
const ACCOUNTS: i64 = 100;

/// Deletes the accounts that a deleted organization managed, of those who belong to
/// no other one. Who administers the realm stays: nobody was asked whether they may
/// delete an administrator.
///
/// # Errors
/// `Refused` when a database fails; who calls, calls again.
pub(super) async fn delete_all_accounts(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let users = store::member::list_managed_after(object.sql, after.as_ref(), ACCOUNTS)?;
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.clone());
        let users = without_administrators(object, organization, users).await?;
        delete_accounts(object, organization, &users, &audit::Actor::default()).await?;
        object.ports.faults.reach("org.delete.after_accounts").await;
    }
}

/// Those of `users` who administer no realm.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn without_administrators(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    users: Vec<UserId>,
) -> Result<Vec<UserId>, StoreError> {
    let (directory, realm) = (&*object.ports.directory, &organization.realm);
    let all: Vec<&UserId> = users.iter().collect();
    if !privilege::has_administrator(directory, realm, &all).await? {
        return Ok(users);
    }
    let mut others = Vec::new();
    for user in users {
        if !privilege::has_administrator(directory, realm, &[&user]).await? {
            others.push(user);
        }
    }
    Ok(others)
}
