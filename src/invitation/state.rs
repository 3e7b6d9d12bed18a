//! An invitation and where it is in its life.
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Timestamp;
use crate::realm::registry::Attributes;
use serde::{Deserialize, Serialize};

/// An invitation to join an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The key inside the organization.
    pub id: InvitationId,
    /// Who is invited: nobody else can accept.
    pub email: EmailAddress,
    /// The roles that come with it.
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
    /// What the product's team notes about it.
    pub attributes: Attributes,
    /// Only the ticket of this version works.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was sent last.
    pub sent_at: Timestamp,
    /// Where it is in its life.
    pub stage: Stage,
    /// Who accepts it: fixed when acceptance begins, so that two attempts at
    /// once cannot make two people.
    pub acceptor: Option<UserId>,
}

/// Where an invitation is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It can be accepted until then.
    Open {
        /// The first second at which it no longer can.
        expires_at: Timestamp,
    },
    /// It was accepted.
    Accepted,
    /// It was taken back.
    Revoked,
}

/// Why an invitation cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Somebody accepted it before.
    #[error("the invitation was accepted before")]
    AlreadyUsed,
    /// It was not accepted in time.
    #[error("the invitation has expired")]
    Expired,
    /// The organization took it back.
    #[error("the invitation was revoked")]
    Revoked,
    /// The organization is disabled: nobody joins it now.
    #[error("the organization takes nobody in")]
    Unavailable,
    /// There is none, or the ticket is of an older version.
    #[error("there is no such invitation")]
    Unknown,
}

impl Invitation {
    /// Whether a ticket of `version` can be accepted at `now`.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check(&self, version: i64, now: Timestamp) -> Result<(), Refusal> {
        match self.stage {
            Stage::Accepted => Err(Refusal::AlreadyUsed),
            Stage::Revoked => Err(Refusal::Revoked),
            Stage::Open { .. } if version != self.version => Err(Refusal::Unknown),
            Stage::Open { expires_at } if now >= expires_at => Err(Refusal::Expired),
            Stage::Open { .. } => Ok(()),
        }
    }
}
