//! Portal links: a signed, expiring link that signs a member with every built-in
//! role in, so that a customer's administrator can be sent to set things up
//! (reference phasetwo.md §3.4).
use crate::crypto::keyring::{Keyring, Purpose};
use crate::crypto::seal::{self, OpenError, SealError};
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The `typ` of the link's key; Phase Two's.
const TYPE: &str = "org-portal-link";

/// The client that Phase Two's links name. One of this name in the realm says,
/// by its redirect URIs, where else than here a link may lead.
pub const WIZARD_CLIENT: &str = "idp-wizard";

/// What the key in a link says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalKey {
    /// Who will be signed in.
    pub sub: UserId,
    /// The organization for which.
    #[serde(rename = "org_id")]
    pub org: OrgId,
    /// Where the person lands.
    #[serde(rename = "rdu")]
    pub redirect: String,
}

impl PortalKey {
    /// The key as it stands in the link.
    ///
    /// # Errors
    /// As [`seal::seal`].
    pub fn seal(
        &self,
        keyring: &Keyring,
        realm: &RealmId,
        expires_at: Timestamp,
    ) -> Result<String, SealError> {
        seal::seal(&keyring.derive(Purpose::PortalLink, realm), TYPE, expires_at, self)
    }

    /// Reads a key of `realm`.
    ///
    /// # Errors
    /// As [`seal::open`].
    pub fn open(
        keyring: &Keyring,
        realm: &RealmId,
        unverified_text: &str,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        seal::open(&keyring.derive(Purpose::PortalLink, realm), TYPE, unverified_text, now)
    }
}
