//! Members and invitations of an organization, as Keycloak's administration API has
//! them.
use super::operation::{Credential, Group, Operation};
use super::organization_groups::{CHANGE, SEE};
use super::refusal::Dialect;
use super::schema::{
    Named, count, identifier, integer, list_of, named, object, one_of, string, told,
};
use super::users::user;

const fn group(tag: &'static str, base: &'static str) -> Group {
    Group { tag, base, dialect: Dialect::Administration, credential: Credential::Token }
}

const MEMBERS: Group =
    group("Organization members", "/admin/realms/{realm}/organizations/{org}/members");
const INVITATIONS: Group =
    group("Organization invitations", "/admin/realms/{realm}/organizations/{org}/invitations");

const TYPES: &[&str] = &["MANAGED", "UNMANAGED"];

pub fn operations() -> Vec<Operation> {
    [seen(), seated(), invited()].concat()
}

fn seat() -> String {
    format!("{CHANGE}, and `manage-users`")
}

fn seen() -> Vec<Operation> {
    let list = format!("{SEE}, and `view-users`, `manage-users` or `query-users`");
    vec![
        MEMBERS
            .get("", "listOrganizationMembers", "The members, by username, 10 a page")
            .needs(&list)
            .text(
                "search",
                "Somewhere in the username, address, first or last name, with `*` for anything; one of them as a whole with `exact`",
            )
            .flag("exact", "Whether `search` is all of it")
            .query("membershipType", string(), "`MANAGED` or `UNMANAGED`, in any case")
            .flag("briefRepresentation", "`false` tells all")
            .paged()
            .answers(list_of(named("OrganizationMember"))),
        MEMBERS
            .get("/count", "countOrganizationMembers", "How many members the list has in all")
            .needs(&list)
            .answers(count()),
        MEMBERS
            .get("/{user}", "readOrganizationMember", "One member")
            .needs(&format!("{SEE}, and `view-users` or `manage-users`"))
            .answers(named("OrganizationMember")),
        MEMBERS
            .get(
                "/{user}/organizations",
                "listOrganizationsOfMemberOfOrganization",
                "The organizations that a member belongs to",
            )
            .needs(&format!("{SEE}, and `view-users` or `manage-users`"))
            .flag("briefRepresentation", "`false` tells attributes, too")
            .answers(list_of(named("RealmOrganization"))),
    ]
}

fn seated() -> Vec<Operation> {
    vec![
        MEMBERS
            .post("", "addOrganizationMember", "Makes a user a member; the body is the user's id")
            .about("Spaces around the id, and a quotation mark at each end, do not count.")
            .needs(&seat())
            .takes_as("application/json", identifier())
            .takes_as("text/plain", string())
            .created()
            .refuses(&[400, 409]),
        MEMBERS
            .delete("/{user}", "removeOrganizationMember", "Removes a member")
            .about("Who is managed and belongs nowhere else loses the account, too.")
            .needs(&seat())
            .done(),
        MEMBERS
            .put(
                "/{user}/membership-type",
                "changeMembershipType",
                "Says whether the organization manages a member's account",
            )
            .needs(&format!("{}; to manage, every administration role of the member", seat()))
            .takes(one_of(TYPES))
            .done(),
        MEMBERS
            .post("/invite-user", "inviteOrganizationUser", "Invites an address")
            .needs(&seat())
            .text("client_id", "The client to whose page acceptance leads")
            .takes_form(invitee())
            .takes_as("multipart/form-data", invitee())
            .done()
            .refuses(&[409]),
        MEMBERS
            .post("/invite-existing-user", "inviteExistingUser", "Invites a user of the realm")
            .needs(&seat())
            .text("client_id", "The client to whose page acceptance leads")
            .takes_form(object().takes("id", string()))
            .takes_as("multipart/form-data", object().takes("id", string()))
            .done()
            .refuses(&[409]),
    ]
}

fn invitee() -> super::schema::Object {
    object().takes_each(&["email", "firstName", "lastName"], string())
}

fn invited() -> Vec<Operation> {
    vec![
        INVITATIONS
            .get("", "listOrganizationInvitations", "The open invitations, oldest first")
            .about("Those of `/realms/{realm}/orgs/{org}/invitations`.")
            .needs(CHANGE)
            .query("status", string(), "`PENDING` or `EXPIRED`")
            .text("email", "The address")
            .text("firstName", "The first name")
            .text("lastName", "The last name")
            .text("search", "A part of one of the three")
            .paged()
            .answers(list_of(named("OrganizationInvitation"))),
        INVITATIONS
            .get("/{invitation}", "readOrganizationInvitation", "One open invitation")
            .needs(CHANGE)
            .answers(named("OrganizationInvitation")),
        INVITATIONS
            .delete("/{invitation}", "deleteOrganizationInvitation", "Takes an invitation back")
            .needs(CHANGE)
            .done(),
        INVITATIONS
            .post("/{invitation}/resend", "resendOrganizationInvitation", "Sends it again")
            .about("Its older links are worthless then.")
            .needs(CHANGE)
            .done(),
    ]
}

pub fn schemas() -> Vec<Named> {
    let seconds = || told(integer(), "In seconds");
    vec![
        ("OrganizationMember", user().has("membershipType", one_of(TYPES)).into()),
        (
            "OrganizationInvitation",
            object()
                .has("id", string())
                .has("organizationId", string())
                .has("email", string())
                .may_have("firstName", string())
                .may_have("lastName", string())
                .has("sentDate", seconds())
                .has("expiresAt", seconds())
                .has("status", one_of(&["PENDING", "EXPIRED"]))
                .into(),
        ),
    ]
}
