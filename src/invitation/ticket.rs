//! The ticket in an invitation's link: sealed, so that nothing needs to be
//! stored to check it, and carrying the organization, so that nothing needs to
//! be looked up to find it.
use crate::crypto::keyring::{INVITATION_TICKET, Keyring, Purpose};
use crate::crypto::seal::{self, OpenError, SealError};
use crate::kernel::id::{InvitationId, OrgId, RealmId};
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a ticket says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The organization that invites.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// The invitation.
    #[serde(rename = "jti")]
    pub invitation: InvitationId,
    /// Its version: sending it again makes older tickets worthless.
    #[serde(rename = "ver")]
    pub version: i64,
}

impl Ticket {
    /// The ticket as it stands in the link.
    ///
    /// # Errors
    /// As [`seal::seal`].
    pub fn seal(
        &self,
        keyring: &Keyring,
        realm: &RealmId,
        expires_at: Timestamp,
    ) -> Result<String, SealError> {
        let key = keyring.derive(Purpose::InvitationTicket, realm);
        seal::seal(&key, INVITATION_TICKET, expires_at, self)
    }

    /// Reads a ticket of `realm`. Its text is checked; the invitation is not.
    ///
    /// # Errors
    /// As [`seal::open`].
    pub fn open(
        keyring: &Keyring,
        realm: &RealmId,
        text: &str,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let key = keyring.derive(Purpose::InvitationTicket, realm);
        seal::open(&key, INVITATION_TICKET, text, now)
    }
}
