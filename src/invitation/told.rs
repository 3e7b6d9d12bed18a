//! How the audit trail tells what happens to invitations: in Phase Two's words or in
//! Keycloak's, as it was asked for (reference phasetwo.md §6.1, keycloak.md §1.9). The
//! invitations of both are the same.
use super::state::Invitation;
use super::wire::InvitationJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::OrgId;
use crate::org::dialect::Dialect;
use serde_json::{Value, json};

/// Somebody was invited. Keycloak tells that as something done with the members.
#[must_use]
pub fn invited(dialect: Dialect, org: &OrgId, invitation: &Invitation) -> Change {
    match dialect {
        Dialect::PhaseTwo => Change {
            resource_type: "INVITATION",
            operation: Operation::Create,
            path: format!("orgs/{org}/invitations/{}", invitation.id),
            representation: as_listed(org, invitation),
        },
        Dialect::Keycloak => Change {
            resource_type: "ORGANIZATION_MEMBERSHIP",
            operation: Operation::Action,
            path: format!("organizations/{org}/members/invite-user"),
            representation: Some(json!({
                "id": invitation.id,
                "email": invitation.email.as_str(),
                "firstName": invitation.first_name,
                "lastName": invitation.last_name,
            })),
        },
    }
}

/// One was sent again.
#[must_use]
pub fn resent(dialect: Dialect, org: &OrgId, invitation: &Invitation) -> Change {
    let id = &invitation.id;
    Change {
        resource_type: "INVITATION",
        operation: Operation::Action,
        path: match dialect {
            Dialect::PhaseTwo => format!("orgs/{org}/invitations/{id}/resend-email"),
            Dialect::Keycloak => format!("organizations/{org}/invitations/{id}/resend"),
        },
        representation: None,
    }
}

/// One was taken back.
#[must_use]
pub fn revoked(dialect: Dialect, org: &OrgId, invitation: &Invitation) -> Change {
    let id = &invitation.id;
    Change {
        resource_type: "INVITATION",
        operation: Operation::Delete,
        path: match dialect {
            // The id twice: what Phase Two writes.
            Dialect::PhaseTwo => format!("orgs/{org}/invitations/{id}/{id}"),
            Dialect::Keycloak => format!("organizations/{org}/invitations/{id}"),
        },
        representation: as_listed(org, invitation),
    }
}

fn as_listed(org: &OrgId, invitation: &Invitation) -> Option<Value> {
    serde_json::to_value(InvitationJson::new(invitation, org, None)).ok()
}
