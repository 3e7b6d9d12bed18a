//! Groups of an organization, as Keycloak's administration API has them.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{list_of, named, naming};

const fn group(base: &'static str) -> Group {
    Group {
        tag: "Organization groups",
        base,
        dialect: Dialect::Administration,
        credential: Credential::Token,
    }
}

const GROUPS: Group = group("/admin/realms/{realm}/organizations/{org}/groups");
const MEMBERS: Group = group("/admin/realms/{realm}/organizations/{org}/members");

pub const SEE: &str = "`view-organizations`, `manage-organizations` or `manage-realm`";
pub const CHANGE: &str = "`manage-organizations` or `manage-realm`";

pub fn operations() -> Vec<Operation> {
    [tree(), below_one(), people()].concat()
}

fn searched(operation: Operation) -> Operation {
    operation
        .text(
            "search",
            "The beginning of the name, case aside, with `*` for anything; all of it with `exact`",
        )
        .flag("exact", "Whether `search` is the whole name")
        .paged()
        .answers(list_of(named("Group")))
}

fn tree() -> Vec<Operation> {
    vec![
        searched(GROUPS.get(
            "",
            "listOrganizationGroups",
            "The groups at the top, or those that are searched, wherever they are",
        ))
        .about("`parentId` of a group at the top is the organization's id.")
        .needs(SEE)
        .text("q", "Attributes, exactly: `k1:v1 \"k 2\":\"v 2\"`; `search` does not count then")
        .flag("briefRepresentation", "Whether to leave out attributes and roles")
        .flag("subGroupsCount", "Whether to tell how many groups are below each")
        .flag("populateHierarchy", "Whether to tell what is found below the groups above it"),
        GROUPS
            .post(
                "",
                "createOrganizationGroup",
                "Creates a group at the top; with the `id` of one, moves it there",
            )
            .needs(CHANGE)
            .takes(named("GroupDraft"))
            .answers_with(201, named("Group"))
            .tells(201, "Location", "Where it is")
            .done()
            .refuses(&[409]),
        GROUPS
            .get(
                "/group-by-path/{*path}",
                "readOrganizationGroupByPath",
                "The group at a path; a slash in a name is `~/`",
            )
            .needs(SEE)
            .flag("briefRepresentation", "Whether to leave out attributes and roles")
            .flag("subGroupsCount", "Whether to tell how many groups are below")
            .answers(named("Group")),
    ]
}

fn below_one() -> Vec<Operation> {
    vec![
        GROUPS
            .get("/{group}", "readOrganizationGroup", "One group")
            .needs(SEE)
            .flag("subGroupsCount", "Whether to tell how many groups are below")
            .answers(named("Group")),
        GROUPS
            .put(
                "/{group}",
                "changeOrganizationGroup",
                "Changes a group; `attributes` left out stay",
            )
            .needs(CHANGE)
            .takes(naming(&["name"], "GroupDraft"))
            .done()
            .refuses(&[409]),
        GROUPS
            .delete("/{group}", "deleteOrganizationGroup", "Deletes a group with all below it")
            .about("Its members stay members of the organization.")
            .needs(CHANGE)
            .done(),
        searched(GROUPS.get(
            "/{group}/children",
            "listOrganizationChildGroups",
            "The groups below, 10 a page",
        ))
        .needs(SEE)
        .flag("briefRepresentation", "Passed over: attributes and roles are left out")
        .flag("subGroupsCount", "Whether to tell how many groups are below each"),
        GROUPS
            .post(
                "/{group}/children",
                "createOrganizationChildGroup",
                "Creates a group below; with the `id` of one, moves it here",
            )
            .needs(CHANGE)
            .takes(named("GroupDraft"))
            .answers_with(201, named("Group"))
            .tells(201, "Location", "Where it is")
            .done()
            .refuses(&[409]),
    ]
}

fn people() -> Vec<Operation> {
    let change = "`manage-organizations` or `manage-realm`, and `manage-users`";
    vec![
        GROUPS
            .get(
                "/{group}/members",
                "listOrganizationGroupMembers",
                "Who is in the group itself, 100 a page",
            )
            .needs(&format!("{SEE}, and `view-users`, `manage-users` or `query-users`"))
            .flag("briefRepresentation", "Whether to leave out what is not told in brief")
            .paged()
            .answers(list_of(named("OrganizationMember"))),
        GROUPS
            .put(
                "/{group}/members/{user}",
                "addOrganizationGroupMember",
                "Puts a member of the organization into the group",
            )
            .needs(change)
            .done()
            .refuses(&[400, 409]),
        GROUPS
            .delete(
                "/{group}/members/{user}",
                "removeOrganizationGroupMember",
                "Takes somebody out of the group, if they are in it",
            )
            .needs(change)
            .done(),
        searched(MEMBERS.get(
            "/{user}/groups",
            "listGroupsOfOrganizationMember",
            "The groups that a member is in",
        ))
        .needs(&format!("{SEE}, and `view-users` or `manage-users`"))
        .flag("briefRepresentation", "Whether to leave out attributes and roles"),
    ]
}
