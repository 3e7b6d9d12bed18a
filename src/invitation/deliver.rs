//! The mail that brings an invitation. The queue carries what it says; the
//! ticket is sealed only when the mail is written, and stored nowhere.
use super::mail::InvitationMail;
use super::mailed::NoteMailed;
use super::state::Invitation;
use super::ticket::Ticket;
use crate::crypto::keyring::Keyring;
use crate::event::message::Message;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, OrgId, RealmId, RealmName};
use crate::kernel::route::ObjectName;
use crate::kernel::time::Timestamp;
use crate::org::visit::Visit;
use crate::platform::mail::{MailError, Mailer};
use serde::{Deserialize, Serialize};

/// "Mail this invitation."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvitationMessage {
    realm: RealmId,
    realm_name: RealmName,
    realm_title: String,
    org: OrgId,
    org_title: String,
    invitation: InvitationId,
    version: i64,
    expires_at: Timestamp,
    email: EmailAddress,
    inviter_name: Option<String>,
    roles: Vec<String>,
}

impl Message for InvitationMessage {
    const KIND: &'static str = "invitation.mail";
}

impl InvitationMessage {
    /// What the mail about `invitation` must say.
    #[must_use]
    pub fn new(visit: &Visit<'_>, invitation: &Invitation, expires_at: Timestamp) -> Self {
        let realm = &visit.visitor.realm;
        Self {
            realm: realm.id.clone(),
            realm_name: realm.name.clone(),
            realm_title: realm.display_name.clone(),
            org: visit.organization.id.clone(),
            org_title: visit.organization.title().to_owned(),
            invitation: invitation.id.clone(),
            version: invitation.version,
            expires_at,
            email: invitation.email.clone(),
            inviter_name: invitation.inviter_name.clone(),
            roles: invitation.roles.clone(),
        }
    }

    /// Where the invitation is, and what to tell it when the mail has left.
    #[must_use]
    pub fn receipt(&self) -> (ObjectName, NoteMailed) {
        let object = ObjectName::Org(self.realm.clone(), self.org.clone());
        (object, NoteMailed { invitation: self.invitation.clone() })
    }

    /// The link that leads to [`super::routes_page::open`].
    fn link(&self, keyring: &Keyring, public_url: &str) -> Result<String, MailError> {
        let ticket = Ticket {
            org: self.org.clone(),
            invitation: self.invitation.clone(),
            version: self.version,
        };
        let sealed = ticket
            .seal(keyring, &self.realm, self.expires_at)
            .map_err(|error| MailError(error.to_string()))?;
        let realm = &self.realm_name;
        Ok(format!("{public_url}/realms/{realm}/login-actions/invitation?ticket={sealed}"))
    }
}

/// Writes the mail and hands it to the post.
///
/// # Errors
/// When the post does not take it; the queue tries again.
pub async fn deliver(
    mailer: &dyn Mailer,
    keyring: &Keyring,
    public_url: &str,
    message: InvitationMessage,
) -> Result<(), MailError> {
    let link = message.link(keyring, public_url)?;
    let mail = InvitationMail {
        org_name: message.org_title,
        inviter_name: message.inviter_name,
        realm_name: message.realm_title,
        link,
        expires_on: message.expires_at.to_date(),
        roles: message.roles,
    };
    mailer.send(&mail.compose(message.email.as_str())).await
}
