//! Invitations from the invited person's side, by the API: the caller has shown
//! that the address is theirs, so no ticket is needed.
use super::accept::{self, Joining, admits};
use super::history::{Entry, Status, note};
use super::state::{Invitation, Refusal, Stage};
use super::store;
use super::wire::InvitationJson;
use crate::event::audit::{self, Change, Operation};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::organization::Organization;
use crate::org::project;
use crate::org::record::{Scene, record};
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "What is this invitation?"
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReadMine {
    /// The invitation.
    pub invitation: InvitationId,
    /// Where one leads that names no page.
    pub default_uri: Option<String>,
}

impl Call for ReadMine {
    const NAME: &'static str = "invitation.mine";
    /// Phase Two's `Invitation`; `None` when there is none that can be accepted.
    type Answer = Option<serde_json::Value>;

    fn of_blank() -> Option<Self::Answer> {
        Some(None)
    }
}

/// What the person decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// They join.
    Accept,
    /// They do not.
    Reject,
}

/// "The person with this address decided."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DecideMine {
    /// The invitation.
    pub invitation: InvitationId,
    /// The address that the person has shown to be theirs.
    pub email: EmailAddress,
    /// The person.
    pub user: UserId,
    /// What they decided.
    pub decision: Decision,
    /// By which client, from where.
    pub actor: audit::Actor,
}

impl Call for DecideMine {
    const NAME: &'static str = "invitation.decide";
    type Answer = Result<(), Refusal>;

    fn of_blank() -> Option<Self::Answer> {
        Some(Err(Refusal::Unknown))
    }
}

/// Answers [`ReadMine`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn read(
    sql: &dyn Sql,
    organization: &Organization,
    asked: &ReadMine,
    now: Timestamp,
) -> Result<Option<serde_json::Value>, StoreError> {
    let found = store::find(sql, &asked.invitation)?;
    let is_live = |one: &Invitation| admits(organization).and(one.check(one.version, now)).is_ok();
    let live = found.filter(is_live);
    let json = live.map(|invitation| {
        let uri = asked.default_uri.as_deref();
        serde_json::to_value(InvitationJson::new(&invitation, &organization.id, uri))
    });
    json.transpose().map_err(|error| StoreError::Refused(error.to_string()))
}

/// Answers [`DecideMine`], in one transaction. Rejecting needs no live
/// invitation: an expired one is rejected too.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn decide(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    asked: &DecideMine,
    now: Timestamp,
) -> Result<Result<(), Refusal>, StoreError> {
    let found = store::find(object.sql, &asked.invitation)?;
    let Some(invitation) = found.filter(|invitation| invitation.email == asked.email) else {
        return Ok(Err(Refusal::Unknown));
    };
    let scene = Scene {
        sql: object.sql,
        random: &*object.ports.random,
        now,
        realm: &organization.realm,
        org: &organization.id,
        actor: asked.actor.clone(),
    };
    match asked.decision {
        Decision::Accept => {
            let checked = admits(organization).and(invitation.check(invitation.version, now));
            if let Err(refusal) = checked {
                return Ok(Err(refusal));
            }
            let joining = Joining { invitation: &invitation, user: &asked.user };
            in_transaction(object.sql, || accept::join_by(&scene, &joining))
        }
        Decision::Reject => in_transaction(object.sql, || reject(&scene, &invitation, &asked.user)),
    }
}

fn reject(
    scene: &Scene<'_>,
    invitation: &Invitation,
    user: &UserId,
) -> Result<Result<(), Refusal>, StoreError> {
    if !store::mark_revoked(scene.sql, &invitation.id, scene.now)? {
        let accepted = invitation.stage == Stage::Accepted;
        return Ok(Err(if accepted { Refusal::AlreadyUsed } else { Refusal::Revoked }));
    }
    project::invitation(scene.sql, &invitation.email, None)?;
    let entry = Entry { at: scene.now, status: Status::Rejected, user: Some(user.clone()) };
    note(scene.sql, &invitation.id, &entry)?;
    record(
        scene,
        Change {
            resource_type: "INVITATION",
            operation: Operation::Delete,
            path: format!("orgs/{}/invitations/{}", scene.org, invitation.id),
            representation: Some("rejected".into()),
        },
    )?;
    Ok(Ok(()))
}
