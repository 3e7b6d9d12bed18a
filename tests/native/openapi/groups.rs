//! Groups of a realm: the tree, who is in it, and those that new people join.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{Named, boolean, count, like, list_of, map_of, named, naming, object, string};
use serde_json::json;

const fn group(base: &'static str) -> Group {
    Group { tag: "Groups", base, dialect: Dialect::Administration, credential: Credential::Token }
}

const GROUPS: Group = group("/admin/realms/{realm}/groups");
const DEFAULT: Group = group("/admin/realms/{realm}/default-groups");
const BY_PATH: Group = group("/admin/realms/{realm}/group-by-path");

const SEE: &str = "`view-users` or `manage-users`";
const CHANGE: &str = "`manage-users`";
const CHANGE_ROLES: &str = "`manage-users`, and the administration roles that come with the group";

pub fn operations() -> Vec<Operation> {
    [tree(), below_one(), default_groups()].concat()
}

/// Which groups are meant, and how much of each is told.
pub fn listed(operation: Operation) -> Operation {
    operation
        .text("search", "A part of the name, case aside; all of it with `exact`")
        .flag("exact", "Whether `search` is the whole name")
        .flag("briefRepresentation", "Whether to leave out attributes and roles")
        .flag("subGroupsCount", "Whether to tell how many groups are below each")
        .paged()
        .answers(list_of(named("Group")))
}

fn tree() -> Vec<Operation> {
    vec![
        listed(GROUPS.get("", "listGroups", "The groups at the top, or those that are searched"))
            .about("What is found deeper is told below the groups above it.")
            .needs(SEE)
            .text("q", "Attributes, exactly: `k1:v1 \"k 2\":\"v 2\"`")
            .flag("populateHierarchy", "`false` tells what is found without what is above it"),
        GROUPS
            .post(
                "",
                "createGroup",
                "Creates a group at the top; with the `id` of one, moves it there",
            )
            .needs(CHANGE)
            .takes(named("GroupDraft"))
            .created()
            .done()
            .refuses(&[409]),
        GROUPS
            .get("/count", "countGroups", "How many groups there are")
            .needs("`view-users`, `manage-users` or `query-groups`")
            .text("search", "A part of the name")
            .flag("top", "Whether to count at the top only; `search` passes over this")
            .answers(object().has("count", count())),
        BY_PATH
            .get("/{*path}", "readGroupByPath", "The group at a path; a slash in a name is `~/`")
            .needs(SEE)
            .answers(named("Group")),
    ]
}

fn below_one() -> Vec<Operation> {
    vec![
        GROUPS.get("/{group}", "readGroup", "One group").needs(SEE).answers(named("Group")),
        GROUPS
            .put("/{group}", "changeGroup", "Changes a group; `attributes` left out stay")
            .needs(CHANGE_ROLES)
            .takes(naming(&["name"], "GroupDraft"))
            .done()
            .refuses(&[409]),
        GROUPS
            .delete("/{group}", "deleteGroup", "Deletes a group with all below it")
            .needs(CHANGE_ROLES)
            .done(),
        listed(GROUPS.get("/{group}/children", "listChildGroups", "The groups below, 10 a page"))
            .needs(SEE),
        GROUPS
            .post(
                "/{group}/children",
                "createChildGroup",
                "Creates a group below; with the `id` of one, moves it here",
            )
            .needs(CHANGE)
            .takes(named("GroupDraft"))
            .answers_with(201, named("Group"))
            .tells(201, "Location", "Where it is")
            .done()
            .refuses(&[409]),
        GROUPS
            .get("/{group}/members", "listGroupMembers", "Who is in the group itself, 100 a page")
            .needs(SEE)
            .flag("briefRepresentation", "Whether to leave out attributes")
            .paged()
            .answers(list_of(named("User"))),
    ]
}

fn default_groups() -> Vec<Operation> {
    let change = "`manage-realm`, and the administration roles that come with the group";
    vec![
        DEFAULT
            .get("", "listDefaultGroups", "The groups that new people join")
            .needs("`view-realm` or `manage-realm`")
            .answers(list_of(named("Group"))),
        DEFAULT
            .put("/{group}", "addDefaultGroup", "Lets new people join the group")
            .needs(change)
            .done()
            .refuses(&[400]),
        DEFAULT
            .delete("/{group}", "removeDefaultGroup", "Ends that; who is in it stays")
            .needs(change)
            .done(),
    ]
}

pub fn schemas() -> Vec<Named> {
    vec![
        (
            "Group",
            object()
                .has("id", string())
                .has("name", string())
                .may_have("description", string())
                .has("path", string())
                .may_have("parentId", string())
                .may_have("subGroupCount", count())
                .may_have("subGroups", list_of(named("Group")))
                .may_have("attributes", named("Attributes"))
                .may_have("realmRoles", list_of(string()))
                .may_have("clientRoles", map_of(list_of(string())))
                .may_have("access", map_of(boolean()))
                .into(),
        ),
        (
            "GroupDraft",
            like(
                object()
                    .takes_each(&["id", "name", "description"], string())
                    .takes("attributes", named("Attributes"))
                    .ignores(&["path", "parentId", "subGroupCount", "subGroups"])
                    .ignores(&["realmRoles", "clientRoles", "access"]),
                json!({ "name": "guides", "attributes": { "river": ["Tara"] } }),
            ),
        ),
    ]
}
