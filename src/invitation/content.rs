//! Invitations as an export takes them along and an import brings them: with their
//! history, without what would make an old ticket work.
use super::history::{Entry, Status, note};
use super::state::{Invitation, Stage};
use super::store;
use super::wire::InvitationJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::content::{Most, TooMany};
use crate::org::project;
use crate::org::record::{Scene, record};
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::realm::registry::Attributes;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// An invitation, open or closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationContent {
    /// The key inside the organization.
    pub id: InvitationId,
    /// Who is invited.
    pub email: EmailAddress,
    /// The roles that come with it.
    pub roles: Vec<String>,
    /// Who invites.
    pub inviter: Option<UserId>,
    /// Their name for people.
    pub inviter_name: Option<String>,
    /// Where to go after accepting.
    pub redirect_uri: Option<String>,
    /// What the invited person is called.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Likewise.
    #[serde(default)]
    pub last_name: Option<String>,
    /// The client to whose page acceptance leads.
    #[serde(default)]
    pub client_id: Option<String>,
    /// What is noted about it.
    pub attributes: Attributes,
    /// When it was made.
    pub created_at: Timestamp,
    /// The first second at which it can no longer be accepted.
    pub expires_at: Timestamp,
    /// Who accepts, or accepted.
    pub acceptor: Option<UserId>,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// What happened to it, oldest first.
    pub history: Vec<Entry>,
}

impl InvitationContent {
    /// Whether it is neither accepted nor taken back.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.accepted_at.is_none() && self.revoked_at.is_none()
    }
}

/// Every invitation, oldest first.
///
/// # Errors
/// `Refused` when SQLite fails; in it `TooMany`.
pub fn read(
    sql: &dyn Sql,
    most: Most,
) -> Result<Result<Vec<InvitationContent>, TooMany>, StoreError> {
    let invitations = store::list_whole(sql, TooMany::limit(most.rows))?;
    let histories = store::list_histories(sql, TooMany::limit(most.rows))?;
    Ok(TooMany::check(invitations, "invitations", most.rows).and_then(|mut invitations| {
        let mut told: HashMap<InvitationId, Vec<Entry>> = HashMap::new();
        for (id, entry) in TooMany::check(histories, "entries of invitations", most.rows)? {
            told.entry(id).or_default().push(entry);
        }
        for invitation in &mut invitations {
            invitation.history = told.remove(&invitation.id).unwrap_or_default();
        }
        invitations.sort_by(|one, two| (one.created_at, &one.id).cmp(&(two.created_at, &two.id)));
        Ok(invitations)
    }))
}

/// Brings an invitation in: call it in a transaction. One that is open is told to
/// the directory; nobody is mailed.
///
/// # Errors
/// `Refused` when SQLite fails, `Conflict` when the address has an open one.
pub fn write(scene: &Scene<'_>, content: &InvitationContent) -> Result<(), StoreError> {
    store::insert_whole(scene.sql, content, fresh_version(scene))?;
    for entry in &content.history {
        note(scene.sql, &content.id, entry)?;
    }
    if !content.is_open() {
        return Ok(());
    }
    if content.history.is_empty() {
        let user = scene.actor.user_id.clone();
        note(scene.sql, &content.id, &Entry { at: scene.now, status: Status::Created, user })?;
    }
    project::invitation(scene.sql, &content.email, Some(&content.id))?;
    let invitation = open(content);
    record(
        scene,
        Change {
            resource_type: "INVITATION",
            operation: Operation::Create,
            path: format!("orgs/{}/invitations/{}", scene.org, content.id),
            representation: serde_json::to_value(InvitationJson::new(&invitation, scene.org, None))
                .ok(),
        },
    )
}

/// A version that no ticket has, whatever the invitation was before: revocation
/// must not be undone by an older document. 48 bits leave room to count up to the
/// 2^53 that a database column of ours holds.
fn fresh_version(scene: &Scene<'_>) -> i64 {
    let mut bytes = [0; 8];
    bytes[2..].copy_from_slice(scene.random.bytes32().split_at(6).0);
    i64::from_be_bytes(bytes)
}

fn open(content: &InvitationContent) -> Invitation {
    Invitation {
        id: content.id.clone(),
        email: content.email.clone(),
        roles: content.roles.clone(),
        inviter: content.inviter.clone(),
        inviter_name: content.inviter_name.clone(),
        redirect_uri: content.redirect_uri.clone(),
        first_name: content.first_name.clone(),
        last_name: content.last_name.clone(),
        client_id: content.client_id.clone(),
        attributes: content.attributes.clone(),
        version: 0,
        created_at: content.created_at,
        sent_at: content.created_at,
        stage: Stage::Open { expires_at: content.expires_at },
        acceptor: content.acceptor.clone(),
    }
}
