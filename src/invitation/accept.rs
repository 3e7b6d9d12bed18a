//! Accepting an invitation, inside the organization's object: first it is fixed
//! who accepts, then (after that person exists) the membership is made. Between
//! the two nothing is lost: the invitation stays open for that person.
use super::history::{Entry, Status, note};
use super::state::{Invitation, Refusal};
use super::store;
use crate::event::audit::{self, Change, Operation};
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::join::{NewMember, join};
use crate::org::member::Source;
use crate::org::organization::Organization;
use crate::org::project;
use crate::org::record::{Scene, record};
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use serde::{Deserialize, Serialize};

/// Who wants to accept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Acceptor {
    /// A user of the realm, who has proved to be the one invited.
    Known(UserId),
    /// Somebody who is about to become a user; the id proposed for them.
    New(UserId),
}

/// "Somebody wants to accept: who will they be?"
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BeginAcceptance {
    /// The invitation.
    pub invitation: InvitationId,
    /// The ticket's version.
    pub version: i64,
    /// Who.
    pub acceptor: Acceptor,
}

impl Call for BeginAcceptance {
    const NAME: &'static str = "invitation.begin";
    /// The id that the person has or must get.
    type Answer = Result<UserId, Refusal>;

    fn of_blank() -> Option<Self::Answer> {
        Some(Err(Refusal::Unknown))
    }
}

/// "That person exists now: make them a member."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FinishAcceptance {
    /// The invitation.
    pub invitation: InvitationId,
    /// The ticket's version.
    pub version: i64,
    /// Who, as [`BeginAcceptance`] answered.
    pub user: UserId,
    /// The address the request came from.
    pub ip: Option<String>,
}

impl Call for FinishAcceptance {
    const NAME: &'static str = "invitation.finish";
    type Answer = Result<(), Refusal>;

    fn of_blank() -> Option<Self::Answer> {
        Some(Err(Refusal::Unknown))
    }
}

/// Passes an organization that somebody may join.
///
/// # Errors
/// `Unavailable`.
pub(super) const fn admits(organization: &Organization) -> Result<(), Refusal> {
    if organization.enabled { Ok(()) } else { Err(Refusal::Unavailable) }
}

/// Answers [`BeginAcceptance`]. Two new people at once get one id.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn begin(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    asked: &BeginAcceptance,
    now: Timestamp,
) -> Result<Result<UserId, Refusal>, StoreError> {
    let Some(invitation) = store::find(object.sql, &asked.invitation)? else {
        return Ok(Err(Refusal::Unknown));
    };
    if let Err(refusal) = admits(organization).and(invitation.check(asked.version, now)) {
        return Ok(Err(refusal));
    }
    let user = match (&asked.acceptor, invitation.acceptor) {
        (Acceptor::Known(user), _) => user.clone(),
        (Acceptor::New(_), Some(reserved)) => reserved,
        (Acceptor::New(proposed), None) => proposed.clone(),
    };
    store::set_acceptor(object.sql, &invitation.id, &user)?;
    Ok(Ok(user))
}

/// Answers [`FinishAcceptance`]: the membership with its roles, the end of the
/// invitation and the audit events, in one transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn finish(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    asked: &FinishAcceptance,
    now: Timestamp,
) -> Result<Result<(), Refusal>, StoreError> {
    let Some(invitation) = store::find(object.sql, &asked.invitation)? else {
        return Ok(Err(Refusal::Unknown));
    };
    if let Err(refusal) = admits(organization).and(invitation.check(asked.version, now)) {
        return Ok(Err(refusal));
    }
    if invitation.acceptor.as_ref() != Some(&asked.user) {
        return Ok(Err(Refusal::AlreadyUsed));
    }
    let scene = Scene::inside(
        object,
        organization,
        now,
        audit::Actor {
            realm_id: Some(organization.realm.clone()),
            client_id: None,
            user_id: Some(asked.user.clone()),
            ip_address: asked.ip.clone(),
        },
    );
    let joining = Joining { invitation: &invitation, user: &asked.user };
    in_transaction(object.sql, || join_by(&scene, &joining))
}

/// Somebody who joins by an invitation that was checked.
pub struct Joining<'a> {
    /// The invitation.
    pub invitation: &'a Invitation,
    /// The person.
    pub user: &'a UserId,
}

/// Ends the invitation and makes the member: call it in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn join_by(
    scene: &Scene<'_>,
    joining: &Joining<'_>,
) -> Result<Result<(), Refusal>, StoreError> {
    let (invitation, user) = (joining.invitation, joining.user);
    if !store::mark_accepted(scene.sql, &invitation.id, user, scene.now)? {
        return Ok(Err(Refusal::AlreadyUsed));
    }
    let member = NewMember { user, source: Source::Invitation, roles: &invitation.roles };
    join(scene, &member)?;
    project::invitation(scene.sql, &invitation.email, None)?;
    let entry = Entry { at: scene.now, status: Status::Accepted, user: Some(user.clone()) };
    note(scene.sql, &invitation.id, &entry)?;
    record(
        scene,
        Change {
            resource_type: "INVITATION",
            operation: Operation::Action,
            path: format!("orgs/{}/invitations/{}", scene.org, invitation.id),
            representation: None,
        },
    )?;
    Ok(Ok(()))
}
