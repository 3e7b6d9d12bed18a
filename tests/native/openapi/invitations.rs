//! Invitations: from the organization's side and from the invited person's.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, boolean, count, like, list_of, moment, named, object, one_of, string, told,
};
use serde_json::json;

const fn group(base: &'static str) -> Group {
    Group {
        tag: "Invitations",
        base,
        dialect: Dialect::Organizations,
        credential: Credential::Token,
    }
}

const ALL: Group = group("/realms/{realm}/orgs/{org}/invitations");
const MINE: Group = group("/realms/{realm}/orgs/me/invitations");
const OF_USER: Group = group("/realms/{realm}/users/{user}/invitations");

const SEE: &str = "`view-organizations` or `view-invitations`";
const CHANGE: &str = "`view-invitations` and `manage-invitations`, or the administrator's roles";
const VERIFIED: &str = "a verified address of the caller's";

pub fn operations() -> Vec<Operation> {
    let search = ("search", "A part of the address or the inviter's name");
    vec![
        ALL.post("", "createInvitation", "Invites an address")
            .needs(CHANGE)
            .takes(named("InvitationDraft"))
            .created()
            .refuses(&[409]),
        ALL.get("", "listInvitations", "The open invitations")
            .needs(SEE)
            .text(search.0, search.1)
            .paged()
            .answers(list_of(named("Invitation"))),
        ALL.get("/count", "countInvitations", "How many the list has")
            .needs(SEE)
            .text(search.0, search.1)
            .answers(count()),
        ALL.get("/{invitation}", "readInvitation", "An open invitation, with its history")
            .needs(SEE)
            .answers(named("InvitationDetail")),
        ALL.get(
            "/{invitation}/history",
            "readInvitationHistory",
            "What happened to an invitation, also a closed one",
        )
        .needs(SEE)
        .answers(list_of(named("InvitationEntry"))),
        ALL.put("/{invitation}/resend-email", "resendInvitation", "Mails a new link")
            .about("The older link is worthless, and the whole time begins again.")
            .needs(CHANGE)
            .done(),
        ALL.delete("/{invitation}", "revokeInvitation", "Withdraws an invitation")
            .needs(CHANGE)
            .done(),
        MINE.get("", "listMyInvitations", "What is open for the caller's address")
            .needs(VERIFIED)
            .answers(list_of(named("Invitation")))
            .refuses(&[400]),
        MINE.post("/{invitation}", "acceptMyInvitation", "Joins")
            .needs(VERIFIED)
            .done()
            .refuses(&[400]),
        MINE.delete("/{invitation}", "rejectMyInvitation", "Declines")
            .needs(VERIFIED)
            .done()
            .refuses(&[400]),
        OF_USER
            .get("", "listInvitationsOfUser", "What is open for a user's address")
            .needs("`view-organizations`, or to be that user")
            .answers(list_of(named("Invitation")))
            .refuses(&[400]),
    ]
}

pub fn schemas() -> Vec<Named> {
    vec![
        (
            "InvitationDraft",
            like(
                object()
                    .has("email", string())
                    .takes("inviterId", told(string(), "Who invites, when it is not the caller"))
                    .may_have("send", told(boolean(), "Whether to mail it; off unless asked for"))
                    .takes("roles", list_of(string()))
                    .takes("redirectUri", told(string(), "A web page to go to after accepting"))
                    .takes("attributes", named("Attributes")),
                json!({ "email": "mara@granite-outpost.example", "roles": ["view-members"] }),
            ),
        ),
        ("Invitation", invitation().into()),
        (
            "InvitationDetail",
            invitation()
                .may_have("expiresAt", moment())
                .has("history", list_of(named("InvitationEntry")))
                .into(),
        ),
        (
            "InvitationEntry",
            object()
                .has("at", moment())
                .has(
                    "status",
                    one_of(&[
                        "created", "mailed", "resent", "accepted", "rejected", "revoked", "expired",
                    ]),
                )
                .may_have("userId", string())
                .into(),
        ),
    ]
}

fn invitation() -> Object {
    object()
        .has("id", string())
        .has("email", string())
        .has("createdAt", told(string(), "To the minute: `2026-11-17T09:41Z`"))
        .may_have("inviterId", string())
        .has("invitationUrl", told(string(), "Where accepting leads; never the link of the mail"))
        .has("organizationId", string())
        .has("roles", list_of(string()))
        .has("attributes", named("Attributes"))
}
