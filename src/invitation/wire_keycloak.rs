//! Keycloak's JSON of invitations (the representations of its `OpenAPI` document,
//! 26.8.1; reference keycloak.md §2).
use super::state::{Invitation, Stage};
use crate::kernel::id::OrgId;
use crate::kernel::time::Timestamp;
use serde::Serialize;

/// `OrganizationInvitationRepresentation`. The link with the ticket is in the mail
/// only, as since Keycloak 26.7.3: who may read an invitation must not be able to
/// accept it (CVE-2026-16072).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationInvitationJson<'a> {
    id: &'a str,
    organization_id: &'a str,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    sent_date: i64,
    expires_at: i64,
    status: &'static str,
}

impl<'a> OrganizationInvitationJson<'a> {
    /// `invitation` of `org`, as of `now`; `None` when it is not open any more.
    #[must_use]
    pub fn new(invitation: &'a Invitation, org: &'a OrgId, now: Timestamp) -> Option<Self> {
        let Stage::Open { expires_at } = invitation.stage else { return None };
        Some(Self {
            id: invitation.id.as_str(),
            organization_id: org.as_str(),
            email: invitation.email.as_str(),
            first_name: invitation.first_name.as_deref(),
            last_name: invitation.last_name.as_deref(),
            sent_date: invitation.sent_at.as_unix(),
            expires_at: expires_at.as_unix(),
            status: if now >= expires_at { "EXPIRED" } else { "PENDING" },
        })
    }
}
