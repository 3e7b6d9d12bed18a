//! Who calls: verified by the Worker, believed by the objects.
use super::role::AdminRole;
use crate::event::audit;
use crate::kernel::id::{RealmId, SessionId, UserId};
use serde::{Deserialize, Serialize};

/// A caller with a valid access token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// The realm that issued the token: the organization's own, or `master`.
    pub realm: RealmId,
    /// The person or service account.
    pub user: UserId,
    /// The client that got the token.
    pub client_id: String,
    /// The browser session behind the token, if there is one.
    pub session: Option<SessionId>,
    /// The name for people, for "invited by".
    pub name: Option<String>,
    /// The administration roles the caller holds in the organization's realm,
    /// read from the directory for this request.
    pub admin_roles: Vec<AdminRole>,
    /// Whether this is a client acting for itself.
    pub is_service_account: bool,
}

impl Actor {
    /// Whether the caller holds one of `roles` at least.
    #[must_use]
    pub fn holds_any(&self, roles: &[AdminRole]) -> bool {
        roles.iter().any(|role| self.admin_roles.contains(role))
    }

    /// The caller, as the audit trail names one who calls from `ip`.
    #[must_use]
    pub fn audited(&self, ip: Option<&str>) -> audit::Actor {
        audit::Actor {
            realm_id: Some(self.realm.clone()),
            client_id: Some(self.client_id.clone()),
            user_id: Some(self.user.clone()),
            ip_address: ip.map(str::to_owned),
        }
    }
}
