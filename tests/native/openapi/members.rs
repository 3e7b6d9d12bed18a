//! Members of an organization, its roles, and who holds them.
use super::operation::{Group, Operation};
use super::organizations::group;
use super::schema::{
    Named, Object, boolean, count, integer, integer_between, like, list_of, list_of_at_most,
    map_of, named, object, string, told,
};
use guildhall::org::routes_role::MAX_BULK_ITEMS;
use serde_json::{Value, json};

const MEMBERS: Group = group("Members", "/realms/{realm}/orgs/{org}/members");
const ROLES: Group = group("Roles of organizations", "/realms/{realm}/orgs/{org}/roles");
const ROLES_OF_USER: Group =
    group("Roles of organizations", "/realms/{realm}/users/{user}/orgs/{org}/roles");

const SEE_MEMBERS: &str = "`view-organizations` or `view-members`";
const CHANGE_MEMBERS: &str = "`view-members` and `manage-members`, or the administrator's roles";
const SEE_ROLES: &str = "`view-organizations` or `view-roles`";
const CHANGE_ROLES: &str = "`view-roles` and `manage-roles`, or the administrator's roles";
const GRANT_ROLES: &str = "`manage-organizations` or `manage-roles`";

const WITHOUT_ADMIN: (&str, &str) =
    ("excludeAdminAccounts", "Whether to leave out the organization's own administrator");

pub fn operations() -> Vec<Operation> {
    [members(), roles(), roles_of_user()].concat()
}

fn members() -> Vec<Operation> {
    let (without, told) = WITHOUT_ADMIN;
    vec![
        MEMBERS
            .get("", "listMembers", "The members, oldest membership first")
            .needs(SEE_MEMBERS)
            .text("search", "Words between commas, any of which stands in a name or the address")
            .flag("includeOrgs", "Whether to tell the members' roles in this organization")
            .flag(without, told)
            .paged()
            .answers(list_of(named("Member"))),
        MEMBERS
            .get("/count", "countMembers", "How many the list has in all")
            .needs(SEE_MEMBERS)
            .flag(without, told)
            .answers(count()),
        MEMBERS
            .get("/{user}", "checkMember", "Whether a user is a member")
            .needs(SEE_MEMBERS)
            .done(),
        MEMBERS
            .put("/{user}", "addMember", "Makes a user a member; twice is once")
            .needs(CHANGE_MEMBERS)
            .created(),
        MEMBERS
            .delete("/{user}", "removeMember", "Removes a member, with roles and groups")
            .about("Who may see the members may always remove themselves.")
            .needs(CHANGE_MEMBERS)
            .done()
            .refuses(&[403]),
        MEMBERS
            .get(
                "/{user}/attributes",
                "readMemberAttributes",
                "What the organization notes about a member",
            )
            .needs(CHANGE_MEMBERS)
            .answers(named("Attributes"))
            .refuses(&[400]),
        MEMBERS
            .put(
                "/{user}/attributes",
                "replaceMemberAttributes",
                "Replaces what the organization notes about a member",
            )
            .needs(CHANGE_MEMBERS)
            .takes(named("MemberAttributesDraft"))
            .answers(named("Attributes")),
    ]
}

fn roles() -> Vec<Operation> {
    let (without, told) = WITHOUT_ADMIN;
    vec![
        ROLES
            .get("", "listOrganizationRoles", "The organization's roles")
            .needs(SEE_ROLES)
            .answers(list_of(named("OrganizationRole"))),
        ROLES
            .post("", "createOrganizationRole", "Creates a role")
            .needs(CHANGE_ROLES)
            .takes(named("OrganizationRoleDraft"))
            .created()
            .refuses(&[409]),
        ROLES
            .put("", "createOrganizationRoles", "Creates many roles; each succeeds or fails alone")
            .needs(CHANGE_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
        ROLES
            .patch(
                "",
                "deleteOrganizationRoles",
                "Deletes many roles; each succeeds or fails alone",
            )
            .needs(CHANGE_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
        ROLES
            .get("/{role}", "readOrganizationRole", "One role")
            .needs(SEE_ROLES)
            .answers(named("OrganizationRole")),
        ROLES
            .put("/{role}", "describeOrganizationRole", "Changes the description of a role")
            .needs(CHANGE_ROLES)
            .takes(named("OrganizationRoleDraft"))
            .done(),
        ROLES
            .delete("/{role}", "deleteOrganizationRole", "Deletes a role that is not built in")
            .needs(CHANGE_ROLES)
            .done()
            .refuses(&[400]),
        ROLES
            .get("/{role}/users", "listOrganizationRoleHolders", "The members who hold a role")
            .needs(SEE_ROLES)
            .flag(without, told)
            .paged()
            .answers(list_of(named("User"))),
        ROLES
            .get(
                "/{role}/users/{user}",
                "checkOrganizationRoleHolder",
                "Whether a member holds a role",
            )
            .needs(SEE_ROLES)
            .done(),
        ROLES
            .put("/{role}/users/{user}", "grantOrganizationRole", "Grants a role; twice is once")
            .needs(CHANGE_ROLES)
            .created()
            .refuses(&[400]),
        ROLES
            .delete("/{role}/users/{user}", "revokeOrganizationRole", "Takes a role back")
            .needs(CHANGE_ROLES)
            .done(),
    ]
}

fn roles_of_user() -> Vec<Operation> {
    vec![
        ROLES_OF_USER
            .get("", "listOrganizationRolesOfUser", "The roles that a member holds")
            .needs(SEE_ROLES)
            .answers(list_of(named("OrganizationRole"))),
        ROLES_OF_USER
            .put(
                "",
                "grantOrganizationRolesToUser",
                "Grants many roles; each succeeds or fails alone",
            )
            .needs(GRANT_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
        ROLES_OF_USER
            .patch(
                "",
                "revokeOrganizationRolesFromUser",
                "Takes many roles back; each succeeds or fails alone",
            )
            .needs(GRANT_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
    ]
}

fn many_roles() -> Value {
    list_of_at_most(MAX_BULK_ITEMS, named("OrganizationRoleDraft"))
}

pub fn schemas() -> Vec<Named> {
    let role = || object().may_have("description", string());
    vec![
        (
            "Member",
            brief_user().has("organizations", map_of(list_of(named("OrganizationRole")))).into(),
        ),
        (
            "MemberAttributesDraft",
            like(
                object().takes("attributes", named("Attributes")),
                json!({ "attributes": { "badge": ["42"] } }),
            ),
        ),
        ("OrganizationRole", role().has("id", string()).has("name", string()).into()),
        (
            "OrganizationRoleDraft",
            like(
                object().takes_each(&["id", "name", "description"], string()),
                json!({ "name": "dispatcher", "description": "Sends the boats out" }),
            ),
        ),
        (
            "BulkItem",
            object()
                .has("status", integer_between(200, 599))
                .may_have("error", told(string(), "Why it failed"))
                .has("item", role().may_have("id", string()).may_have("name", string()))
                .into(),
        ),
    ]
}

/// A user as Keycloak shows one in brief.
fn brief_user() -> Object {
    object()
        .has("id", string())
        .has("username", string())
        .may_have("firstName", string())
        .may_have("lastName", string())
        .may_have("email", string())
        .has("emailVerified", boolean())
        .has("enabled", boolean())
        .has("createdTimestamp", told(integer(), "In milliseconds"))
        .may_have("serviceAccountClientId", string())
}
