//! Sending an invitation again: a new ticket, which makes older ones worthless,
//! and the whole time to accept it.
use super::deliver::InvitationMessage;
use super::history::{Entry, Status, note};
use super::state::{Invitation, Stage};
use super::store;
use crate::event::audit::{Change, Operation};
use crate::event::outbox;
use crate::kernel::id::InvitationId;
use crate::org::record::{Scene, record};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;

/// Sends an open invitation again, expired or not; `false` when there is none of
/// this id. One transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn resend(visit: &Visit<'_>, id: &InvitationId) -> Result<bool, StoreError> {
    let sql = visit.sql();
    let expires_at = visit.now + visit.visitor.realm.settings.invitation_lifespan;
    in_transaction(sql, || {
        if !store::mark_resent(sql, id, expires_at)? {
            return Ok(false);
        }
        let Some(invitation) = store::find(sql, id)? else { return Ok(false) };
        let user = visit.visitor.caller.as_ref().map(|caller| caller.user.clone());
        note(sql, id, &Entry { at: visit.now, status: Status::Resent, user })?;
        let path = format!("orgs/{}/invitations/{id}/resend-email", visit.organization.id);
        record(
            &Scene::of(visit),
            Change {
                resource_type: "INVITATION",
                operation: Operation::Action,
                path,
                representation: None,
            },
        )?;
        let invitation = Invitation { stage: Stage::Open { expires_at }, ..invitation };
        outbox::tell(sql, &InvitationMessage::new(visit, &invitation, expires_at))?;
        Ok(true)
    })
}
