//! The projection of open invitations: which organizations invite an address, as
//! each organization's object last said.
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, OrgId, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

/// Only a newer state replaces an older one, in whatever order they arrive.
const UPSERT: &str = "
    INSERT INTO invited (realm_id, email, org_id, invitation_id, version)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (realm_id, email, org_id) DO UPDATE
       SET invitation_id = excluded.invitation_id, version = excluded.version
     WHERE excluded.version > invited.version";

const LIST: &str = "
    SELECT email, org_id, invitation_id
      FROM invited
     WHERE realm_id = ? AND email = ? AND invitation_id IS NOT NULL
     ORDER BY org_id
     LIMIT ?";

const FIND: &str = "
    SELECT email, org_id, invitation_id
      FROM invited
     WHERE realm_id = ? AND invitation_id = ?";

/// Which invitation an organization has open for an address.
#[derive(Clone, Debug)]
pub struct InvitedState<'a> {
    /// The realm.
    pub realm: &'a RealmId,
    /// The address.
    pub email: &'a EmailAddress,
    /// The organization.
    pub org: &'a OrgId,
    /// The open invitation; `None` when there is none.
    pub invitation: Option<&'a InvitationId>,
    /// Grows with every state of this organization.
    pub version: i64,
}

/// The statement that projects a state.
#[must_use]
pub fn projection(state: &InvitedState<'_>) -> Statement {
    Statement::new(UPSERT)
        .bind(state.realm.as_str())
        .bind(state.email.as_str())
        .bind(state.org.as_str())
        .bind(state.invitation.map(InvitationId::as_str))
        .bind(state.version)
}

/// Where an open invitation is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// Who is invited.
    pub email: EmailAddress,
    /// By which organization.
    pub org: OrgId,
    /// The invitation.
    pub invitation: InvitationId,
}

/// The open invitations of `email`, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    email: &EmailAddress,
    limit: i64,
) -> Result<Vec<Invited>, StoreError> {
    let statement = Statement::new(LIST).bind(realm.as_str()).bind(email.as_str()).bind(limit);
    directory.run(statement).await?.iter().map(invited_from_row).collect()
}

/// The open invitation `id`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    id: &InvitationId,
) -> Result<Option<Invited>, StoreError> {
    let statement = Statement::new(FIND).bind(realm.as_str()).bind(id.as_str());
    directory.run(statement).await?.first().map(invited_from_row).transpose()
}

fn invited_from_row(row: &Row) -> Result<Invited, StoreError> {
    Ok(Invited {
        email: row.parse("email")?,
        org: row.parse("org_id")?,
        invitation: row.parse("invitation_id")?,
    })
}
