//! The ticket in a link by which a person does what an administrator asks of
//! them: sealed, so that nothing needs to be stored to check it.
use crate::crypto::keyring::Keyring;
use crate::crypto::keyring::Purpose;
use crate::crypto::seal::{self, OpenError, SealError};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{RealmId, UserId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::realm::user::RequiredAction;
use serde::{Deserialize, Serialize};

/// The `typ` of a ticket.
const TYPE: &str = "account-actions";

/// How long a link works that an administrator asked for; Keycloak's default.
pub const LIFESPAN: Seconds = Seconds::hours(12);

/// The longest an administrator may ask for.
pub const MAX_LIFESPAN: Seconds = Seconds::days(30);

/// What a ticket says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionTicket {
    /// Its id: a password is set with it once.
    #[serde(rename = "jti")]
    pub id: String,
    /// The person.
    #[serde(rename = "sub")]
    pub user: UserId,
    /// The address it went to; worthless once that is another's.
    pub email: EmailAddress,
    /// What is to be done.
    pub actions: Vec<RequiredAction>,
    /// Where the person goes on.
    pub redirect_uri: Option<String>,
    /// Nobody can use it from then on.
    pub ends_at: Timestamp,
}

impl ActionTicket {
    /// Whether `action` is asked for.
    #[must_use]
    pub fn asks(&self, action: RequiredAction) -> bool {
        self.actions.contains(&action)
    }

    /// The ticket as it stands in the link.
    ///
    /// # Errors
    /// As [`seal::seal`].
    pub fn seal(&self, keyring: &Keyring, realm: &RealmId) -> Result<String, SealError> {
        seal::seal(&keyring.derive(Purpose::ActionTicket, realm), TYPE, self.ends_at, self)
    }

    /// Reads a ticket of the realm.
    ///
    /// # Errors
    /// As [`seal::open`].
    pub fn open(
        keyring: &Keyring,
        realm: &RealmId,
        unverified_ticket: &str,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        seal::open(&keyring.derive(Purpose::ActionTicket, realm), TYPE, unverified_ticket, now)
    }
}
