//! Inviting somebody.
use super::deliver::InvitationMessage;
use super::history::{Entry, Status, note};
use super::state::{Invitation, Stage};
use super::store;
use super::told;
use crate::event::audit::Change;
use crate::event::outbox;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Seconds;
use crate::org::dialect::Dialect;
use crate::org::project;
use crate::org::record::{Scene, record};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::registry::Attributes;

/// An invitation to make, checked.
pub struct NewInvitation {
    /// Who is invited.
    pub email: EmailAddress,
    /// The roles that come with it; the organization has all of them.
    pub roles: Vec<String>,
    /// Who invites.
    pub inviter: Option<UserId>,
    /// Their name for people.
    pub inviter_name: Option<String>,
    /// Where to go after accepting.
    pub redirect_uri: Option<String>,
    /// What the invited person is called, as far as the inviter knows.
    pub first_name: Option<String>,
    /// Likewise.
    pub last_name: Option<String>,
    /// The client to whose page acceptance leads, when no `redirect_uri` says where.
    pub client_id: Option<String>,
    /// How long it can be accepted.
    pub life: Seconds,
    /// How the audit trail tells of it.
    pub dialect: Dialect,
    /// What the product's team notes about it.
    pub attributes: Attributes,
    /// Whether to tell the person.
    pub delivery: Delivery,
}

/// Whether an invitation is mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// By us.
    Mail,
    /// Not by us.
    None,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The address has an open invitation.
    #[error("the address is invited already")]
    AlreadyInvited,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the invitation, its audit event and its mail in one transaction. An
/// expired invitation of the same address gives way.
///
/// # Errors
/// `AlreadyInvited`, `Store`; nothing is changed then.
pub fn invite(visit: &Visit<'_>, new: NewInvitation) -> Result<Invitation, InviteError> {
    let expires_at = visit.now + new.life;
    let (delivery, dialect) = (new.delivery, new.dialect);
    let invitation = Invitation {
        id: InvitationId::from(visit.object.ports.random.uuid()),
        email: new.email,
        roles: new.roles,
        inviter: new.inviter,
        inviter_name: new.inviter_name,
        redirect_uri: new.redirect_uri,
        first_name: new.first_name,
        last_name: new.last_name,
        client_id: new.client_id,
        attributes: new.attributes,
        version: 1,
        created_at: visit.now,
        sent_at: visit.now,
        stage: Stage::Open { expires_at },
        acceptor: None,
    };
    let change = told::invited(dialect, &visit.organization.id, &invitation);
    let written = in_transaction(visit.sql(), || {
        write(visit, &invitation, change)?;
        match delivery {
            Delivery::None => Ok(()),
            Delivery::Mail => {
                outbox::tell(visit.sql(), &InvitationMessage::new(visit, &invitation, expires_at))
            }
        }
    });
    match written {
        Ok(()) => Ok(invitation),
        Err(error) if error.is_conflict_on("invitation.email") => Err(InviteError::AlreadyInvited),
        Err(error) => Err(error.into()),
    }
}

fn write(visit: &Visit<'_>, invitation: &Invitation, change: Change) -> Result<(), StoreError> {
    let sql = visit.sql();
    for (old, at) in store::revoke_expired(sql, &invitation.email, visit.now)? {
        note(sql, &old, &Entry { at, status: Status::Expired, user: None })?;
    }
    store::insert(sql, invitation)?;
    project::invitation(sql, &invitation.email, Some(&invitation.id))?;
    let user = visit.visitor.caller.as_ref().map(|caller| caller.user.clone());
    note(sql, &invitation.id, &Entry { at: visit.now, status: Status::Created, user })?;
    record(&Scene::of(visit), change)
}
