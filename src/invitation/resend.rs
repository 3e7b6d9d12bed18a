//! Sending an invitation again: a new ticket, which makes older ones worthless,
//! and the whole time to accept it.
use super::deliver::InvitationMessage;
use super::history::{Entry, Status, note};
use super::state::{Invitation, Stage};
use super::store;
use super::told;
use crate::event::outbox;
use crate::kernel::id::InvitationId;
use crate::kernel::time::Seconds;
use crate::org::dialect::Dialect;
use crate::org::record::{Scene, record};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;

/// Sends an open invitation again, expired or not, to be accepted within `life`; `false` when there is none of
/// this id. One transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn resend(
    visit: &Visit<'_>,
    id: &InvitationId,
    life: Seconds,
    dialect: Dialect,
) -> Result<bool, StoreError> {
    let sql = visit.sql();
    let expires_at = visit.now + life;
    in_transaction(sql, || {
        if !store::mark_resent(sql, id, visit.now, expires_at)? {
            return Ok(false);
        }
        let Some(invitation) = store::find(sql, id)? else { return Ok(false) };
        let user = visit.visitor.caller.as_ref().map(|caller| caller.user.clone());
        note(sql, id, &Entry { at: visit.now, status: Status::Resent, user })?;
        record(&Scene::of(visit), told::resent(dialect, &visit.organization.id, &invitation))?;
        let invitation = Invitation { stage: Stage::Open { expires_at }, ..invitation };
        outbox::tell(sql, &InvitationMessage::new(visit, &invitation, expires_at))?;
        Ok(true)
    })
}
