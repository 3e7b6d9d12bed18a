//! Phase Two's JSON of invitations (reference phasetwo.md §1.1).
use super::history::{Entry, Status};
use super::state::{Invitation, Stage};
use crate::kernel::id::{OrgId, UserId};
use crate::realm::registry::Attributes;
use serde::{Deserialize, Serialize};

/// `InvitationRequest`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InvitationRequestJson {
    /// Required.
    pub email: Option<String>,
    /// Who invites, when it is not the caller.
    pub inviter_id: Option<String>,
    /// Whether to send the mail; off unless asked for.
    #[serde(default)]
    pub send: bool,
    /// The roles that come with it.
    pub roles: Option<Vec<String>>,
    /// Where to go after accepting.
    pub redirect_uri: Option<String>,
    /// Names with lists of values.
    pub attributes: Option<Attributes>,
}

/// `Invitation`. The link with the ticket is in the mail only: who may read an
/// invitation must not be able to accept it (CVE-2026-16072).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationJson<'a> {
    id: &'a str,
    email: &'a str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    inviter_id: Option<&'a str>,
    invitation_url: &'a str,
    organization_id: &'a str,
    roles: &'a [String],
    attributes: &'a Attributes,
}

/// `Invitation` with what Phase Two does not know: until when it can be accepted,
/// and what happened to it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InvitationDetailJson<'a> {
    #[serde(flatten)]
    invitation: InvitationJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    history: Vec<EntryJson<'a>>,
}

impl<'a> InvitationDetailJson<'a> {
    /// `json` is how lists show `invitation`.
    #[must_use]
    pub fn new(json: InvitationJson<'a>, invitation: &Invitation, history: &'a [Entry]) -> Self {
        let expires_at = match invitation.stage {
            Stage::Open { expires_at } => Some(expires_at.to_rfc3339()),
            Stage::Accepted | Stage::Revoked => None,
        };
        Self {
            invitation: json,
            expires_at,
            history: history.iter().map(EntryJson::from).collect(),
        }
    }
}

/// An entry of the history of an invitation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntryJson<'a> {
    at: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
}

impl<'a> From<&'a Entry> for EntryJson<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self {
            at: entry.at.to_rfc3339(),
            status: entry.status,
            user_id: entry.user.as_ref().map(UserId::as_str),
        }
    }
}

impl<'a> InvitationJson<'a> {
    /// `default_uri` is the realm's page for invitations that name none.
    #[must_use]
    pub fn new(invitation: &'a Invitation, org: &'a OrgId, default_uri: Option<&'a str>) -> Self {
        Self {
            id: invitation.id.as_str(),
            email: invitation.email.as_str(),
            created_at: invitation.created_at.to_minutes(),
            inviter_id: invitation.inviter.as_ref().map(UserId::as_str),
            invitation_url: invitation.redirect_uri.as_deref().or(default_uri).unwrap_or_default(),
            organization_id: org.as_str(),
            roles: &invitation.roles,
            attributes: &invitation.attributes,
        }
    }
}
