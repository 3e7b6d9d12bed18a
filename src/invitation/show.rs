//! What an invited person is told before accepting.
use super::accept::admits;
use super::state::Refusal;
use super::store;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::InvitationId;
use crate::kernel::time::Timestamp;
use crate::org::organization::Organization;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "What does this ticket invite to?"
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShowInvitation {
    /// The invitation.
    pub invitation: InvitationId,
    /// The ticket's version.
    pub version: i64,
}

impl Call for ShowInvitation {
    const NAME: &'static str = "invitation.show";
    /// `None` when the organization has no such invitation, or is gone.
    type Answer = Option<Shown>;

    fn of_blank() -> Option<Self::Answer> {
        Some(None)
    }
}

/// An invitation, as the invited person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// The organization's name for people.
    pub org_title: String,
    /// Its logo.
    pub logo_url: Option<String>,
    /// Who is invited.
    pub email: EmailAddress,
    /// Who invites.
    pub inviter_name: Option<String>,
    /// Where to go after accepting.
    pub redirect_uri: Option<String>,
    /// The client to whose page acceptance leads, when nothing else says where.
    #[serde(default)]
    pub client_id: Option<String>,
    /// Where the organization wants people to go after accepting.
    #[serde(default)]
    pub org_uri: Option<String>,
    /// What the invited person is called, as far as the inviter knows.
    #[serde(default)]
    pub first_name: Option<String>,
    /// Likewise.
    #[serde(default)]
    pub last_name: Option<String>,
    /// Why it cannot be accepted, if it cannot.
    pub refusal: Option<Refusal>,
}

/// Answers [`ShowInvitation`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn answer(
    sql: &dyn Sql,
    organization: &Organization,
    asked: &ShowInvitation,
    now: Timestamp,
) -> Result<Option<Shown>, StoreError> {
    let found = store::find(sql, &asked.invitation)?;
    Ok(found.map(|invitation| Shown {
        org_title: organization.title().to_owned(),
        logo_url: organization.logo_url.clone(),
        refusal: admits(organization).and(invitation.check(asked.version, now)).err(),
        email: invitation.email,
        inviter_name: invitation.inviter_name,
        redirect_uri: invitation.redirect_uri,
        client_id: invitation.client_id,
        first_name: invitation.first_name,
        last_name: invitation.last_name,
        org_uri: organization.redirect_url.clone(),
    }))
}
