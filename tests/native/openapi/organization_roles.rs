//! Roles of an organization in the shape that Keycloak drafts, who holds them, and why.
use super::operation::{Credential, Group, Operation};
use super::organization_groups::SEE;
use super::refusal::Dialect;
use super::schema::{Named, boolean, list_of, named, naming, object, one_of, string};

const fn group(base: &'static str) -> Group {
    Group {
        tag: "Organization roles",
        base,
        dialect: Dialect::Administration,
        credential: Credential::Token,
    }
}

const ROLES: Group = group("/admin/realms/{realm}/organizations/{org}/roles");
const MEMBER: Group = group("/admin/realms/{realm}/organizations/{org}/members/{user}");
const GROUP: Group = group("/admin/realms/{realm}/organizations/{org}/groups/{group}");
const PHASE_TWO: Group = Group {
    tag: "Roles of organizations",
    base: "/realms/{realm}/orgs/{org}/members/{user}",
    dialect: Dialect::Organizations,
    credential: Credential::Token,
};

const CHANGE: &str = "`manage-organizations` or `manage-realm`";

pub fn operations() -> Vec<Operation> {
    let member_see = format!("{SEE}, and `view-users` or `manage-users`");
    let member_change = format!("{CHANGE}, and `manage-users`");
    [
        all(),
        one(),
        mappings(MEMBER, "Member", [&member_see, &member_change]),
        mappings(GROUP, "Group", [SEE, CHANGE]),
        vec![
            MEMBER
                .get("/effective", "explainOrganizationMember", "What a member holds, and why")
                .needs(&member_see)
                .answers(named("EffectiveRoles"))
                .refuses(&[400]),
            PHASE_TWO
                .get("/effective", "explainMember", "What a member holds, and why")
                .needs("`view-organizations` or `view-roles`, unless it is oneself")
                .answers(named("EffectiveRoles"))
                .refuses(&[400]),
        ],
    ]
    .concat()
}

fn all() -> Vec<Operation> {
    vec![
        ROLES
            .get("", "listOrganizationAdminRoles", "The roles, without the default role")
            .needs(SEE)
            .text("search", "A part of the name")
            .flag("briefRepresentation", "`false` tells the attributes too")
            .paged()
            .answers(list_of(named("Role"))),
        ROLES
            .post("", "createOrganizationAdminRole", "Creates a role")
            .about("It has no attributes, and what it includes is said afterwards.")
            .needs(CHANGE)
            .takes(naming(&["name"], "RoleDraft"))
            .created()
            .refuses(&[409]),
        ROLES
            .get("/count", "countOrganizationAdminRoles", "How many roles there are")
            .needs(SEE)
            .text("search", "A part of the name")
            .answers(super::schema::integer()),
        ROLES
            .get("/default", "readOrganizationAdminDefaultRole", "The role that every member holds")
            .needs(SEE)
            .answers(named("Role")),
    ]
}

fn one() -> Vec<Operation> {
    vec![
        ROLES
            .get("/{role_id}", "readOrganizationAdminRole", "One role")
            .needs(SEE)
            .answers(named("Role")),
        ROLES
            .put("/{role_id}", "changeOrganizationAdminRole", "Describes a role; its name stays")
            .needs(CHANGE)
            .takes(named("RoleDraft"))
            .done(),
        ROLES
            .delete("/{role_id}", "deleteOrganizationAdminRole", "Deletes a role")
            .needs(CHANGE)
            .done()
            .refuses(&[400]),
        ROLES
            .get(
                "/{role_id}/composites",
                "listOrganizationAdminRoleComposites",
                "The roles that it includes",
            )
            .needs(SEE)
            .flag("briefRepresentation", "`false` tells the attributes too")
            .answers(list_of(named("Role"))),
        ROLES
            .post(
                "/{role_id}/composites",
                "addOrganizationAdminRoleComposites",
                "Puts roles of the organization into it",
            )
            .needs(CHANGE)
            .takes(list_of(named("NamedRole")))
            .done(),
        ROLES
            .delete(
                "/{role_id}/composites",
                "removeOrganizationAdminRoleComposites",
                "Takes roles out of it",
            )
            .needs(CHANGE)
            .takes(list_of(named("NamedRole")))
            .done(),
        ROLES
            .get(
                "/{role_id}/users",
                "listOrganizationAdminRoleHolders",
                "The members to whom the role itself was granted, 100 a page",
            )
            .needs(&format!("{SEE}, and `view-users`, `manage-users` or `query-users`"))
            .flag("briefRepresentation", "Whether to leave out attributes")
            .paged()
            .answers(list_of(named("User"))),
    ]
}

/// What a member or a group holds.
fn mappings(holder: Group, owner: &str, [see, change]: [&str; 2]) -> Vec<Operation> {
    const BELOW: &str = "/role-mappings/organization";
    let at = |end: &str| format!("{BELOW}{end}");
    let id = |verb: &str, end: &str| format!("{verb}Organization{owner}OwnRoles{end}");
    let listed = |operation: Operation| {
        operation
            .needs(see)
            .flag("briefRepresentation", "`false` tells the attributes too")
            .answers(list_of(named("Role")))
    };
    vec![
        listed(holder.get(BELOW, &id("list", ""), "The organization's roles that were granted")),
        holder
            .post(BELOW, &id("add", ""), "Grants roles of the organization")
            .needs(change)
            .takes(list_of(named("NamedRole")))
            .done(),
        holder
            .delete(BELOW, &id("remove", ""), "Takes roles back; all when the body names none")
            .needs(change)
            .takes(list_of(named("NamedRole")))
            .or_nothing()
            .done(),
        listed(holder.get(
            &at("/available"),
            &id("list", "Available"),
            "The organization's roles that were not granted",
        )),
        listed(holder.get(
            &at("/composite"),
            &id("list", "Effective"),
            "The organization's roles that are held in the end",
        )),
    ]
}

pub fn schemas() -> Vec<Named> {
    let place = || object().has("id", string()).has("path", string());
    let role = || object().has("id", string()).has("name", string()).may_have("client", string());
    let source = object()
        .has("type", one_of(&["grant", "group", "composite", "default"]))
        .may_have("id", string())
        .may_have("path", string())
        .may_have("inheritedFrom", place())
        .may_have("role", role());
    vec![
        (
            "EffectiveRoles",
            object()
                .has("active", boolean())
                .has("roles", list_of(named("EffectiveRole")))
                .has("mapped", list_of(named("EffectiveRole")))
                .into(),
        ),
        ("EffectiveRole", object().has("role", role()).has("sources", list_of(source)).into()),
    ]
}
