//! Roles of a realm and of its clients, and which of them users hold.
use super::operation::{Credential, Group, Operation};
use super::organization_groups;
use super::refusal::Dialect;
use super::schema::{
    Named, Object, boolean, identifier, like, list_of, map_of, name_up_to, named, naming, object,
    string, told,
};
use guildhall::realm::stored_role::MAX_ROLE_NAME_BYTES;
use serde_json::json;

const fn group(tag: &'static str, base: &'static str) -> Group {
    Group { tag, base, dialect: Dialect::Administration, credential: Credential::Token }
}

const OF_REALM: Group = group("Roles", "/admin/realms/{realm}/roles");
const OF_CLIENT: Group = group("Roles", "/admin/realms/{realm}/clients/{client}/roles");
const BY_ID: Group = group("Roles", "/admin/realms/{realm}/roles-by-id");
const OF_USER: Group = group("Role mappings", "/admin/realms/{realm}/users/{user}/role-mappings");
const OF_GROUP: Group =
    group("Role mappings", "/admin/realms/{realm}/groups/{group}/role-mappings");
const OF_ORGANIZATION_GROUP: Group = group(
    "Role mappings",
    "/admin/realms/{realm}/organizations/{org}/groups/{group}/role-mappings",
);
const CLIENT_SCOPE: Group =
    group("Scope mappings", "/admin/realms/{realm}/clients/{client}/scope-mappings");
const SCOPE_SCOPE: Group =
    group("Scope mappings", "/admin/realms/{realm}/client-scopes/{scope}/scope-mappings");

/// Who may do what with the roles of a container.
#[derive(Clone, Copy)]
struct Rights {
    see: &'static str,
    change: &'static str,
}

const REALM_RIGHTS: Rights =
    Rights { see: "`view-realm` or `manage-realm`", change: "`manage-realm`" };
const CLIENT_RIGHTS: Rights =
    Rights { see: "`view-clients` or `manage-clients`", change: "`manage-clients`" };
const EITHER: Rights = Rights {
    see: "what it takes to see the role by its name",
    change: "what it takes to change the role by its name",
};

pub fn operations() -> Vec<Operation> {
    [
        container(OF_REALM, "Realm", REALM_RIGHTS),
        one(OF_REALM, "/{role}", "Realm", REALM_RIGHTS),
        container(OF_CLIENT, "Client", CLIENT_RIGHTS),
        one(OF_CLIENT, "/{role}", "Client", CLIENT_RIGHTS),
        one(BY_ID, "/{role_id}", "Any", EITHER),
        mappings(OF_USER, "/realm", "Realm", HOLDER_RIGHTS),
        mappings(OF_USER, "/clients/{client}", "Client", HOLDER_RIGHTS),
        mappings(OF_GROUP, "/realm", "GroupRealm", HOLDER_RIGHTS),
        mappings(OF_GROUP, "/clients/{client}", "GroupClient", HOLDER_RIGHTS),
        mappings(OF_ORGANIZATION_GROUP, "/realm", "OrganizationGroupRealm", ORGANIZATION_RIGHTS),
        mappings(
            OF_ORGANIZATION_GROUP,
            "/clients/{client}",
            "OrganizationGroupClient",
            ORGANIZATION_RIGHTS,
        ),
        scope_mappings(CLIENT_SCOPE, "Client"),
        scope_mappings(SCOPE_SCOPE, "ClientScope"),
        vec![
            OF_GROUP
                .get("", "listGroupRoleMappings", "Everything granted to a group itself")
                .needs("`view-users` or `manage-users`")
                .answers(named("RoleMappings")),
            OF_ORGANIZATION_GROUP
                .get("", "listOrganizationGroupRoleMappings", "Everything mapped to a group itself")
                .about("These roles count in tokens made in the name of the organization.")
                .needs(organization_groups::SEE)
                .answers(named("RoleMappings")),
            OF_USER
                .get("", "listRoleMappings", "Everything granted to a user")
                .needs("`view-users` or `manage-users`")
                .answers(named("RoleMappings")),
        ],
    ]
    .concat()
}

/// The roles of a realm, or of a client.
fn container(roles: Group, owner: &str, rights: Rights) -> Vec<Operation> {
    vec![
        roles
            .get("", &format!("list{owner}Roles"), "The roles")
            .needs(&format!("{}, or a role over users", rights.see))
            .text("search", "A part of the name")
            .flag("briefRepresentation", "`false` tells the attributes too")
            .paged()
            .answers(list_of(named("Role"))),
        roles
            .post("", &format!("create{owner}Role"), "Creates a role")
            .needs(rights.change)
            .takes(naming(&["name"], "RoleDraft"))
            .created()
            .refuses(&[409]),
        roles
            .get(
                "/{role}/users",
                &format!("list{owner}RoleHolders"),
                "The users to whom the role was granted",
            )
            .needs(&format!("{}, and `view-users`, `manage-users` or `query-users`", rights.see))
            .flag("briefRepresentation", "Whether to leave out attributes")
            .paged()
            .answers(list_of(named("User"))),
        roles
            .get(
                "/{role}/groups",
                &format!("list{owner}RoleGroups"),
                "The groups to which the role was granted itself, 100 a page",
            )
            .needs(&format!("{}, and `view-users` or `manage-users`", rights.see))
            .flag("briefRepresentation", "Whether to leave out attributes")
            .paged()
            .answers(list_of(named("Group"))),
    ]
}

/// A way to name a role, below which its composites lie.
fn one(roles: Group, role: &str, owner: &str, rights: Rights) -> Vec<Operation> {
    let at = |below: &str| format!("{role}{below}");
    let id = |verb: &str, end: &str| format!("{verb}{owner}Role{end}");
    let listed = |operation: Operation| {
        operation
            .needs(rights.see)
            .text("search", "A part of the name")
            .paged()
            .answers(list_of(named("Role")))
    };
    vec![
        roles.get(role, &id("read", ""), "One role").needs(rights.see).answers(named("Role")),
        roles
            .put(role, &id("change", ""), "Changes a role; fields left out stay")
            .needs(rights.change)
            .takes(named("RoleDraft"))
            .done()
            .refuses(&[409]),
        roles
            .delete(role, &id("delete", ""), "Deletes a role")
            .needs(rights.change)
            .done()
            .refuses(&[400]),
        listed(roles.get(
            &at("/composites"),
            &id("list", "Composites"),
            "The roles that it includes",
        )),
        roles
            .post(&at("/composites"), &id("add", "Composites"), "Puts roles into it")
            .needs(&format!("{}, and to hold what is put in", rights.change))
            .takes(list_of(named("NamedRole")))
            .done(),
        roles
            .delete(&at("/composites"), &id("remove", "Composites"), "Takes roles out of it")
            .needs(&format!("{}, and to hold what is taken out", rights.change))
            .takes(list_of(named("NamedRole")))
            .done(),
        listed(roles.get(
            &at("/composites/realm"),
            &id("list", "RealmComposites"),
            "The realm's roles that it includes",
        )),
        listed(roles.get(
            &at("/composites/clients/{target}"),
            &id("list", "ClientComposites"),
            "A client's roles that it includes",
        )),
    ]
}

const HOLDER_RIGHTS: Rights = Rights {
    see: "`view-users` or `manage-users`",
    change: "`manage-users`, and to hold what is granted",
};
const ORGANIZATION_RIGHTS: Rights = Rights {
    see: organization_groups::SEE,
    change: "`manage-organizations` or `manage-realm`, and to hold what is granted",
};

/// What a user or a group holds of one container.
fn mappings(holder: Group, below: &str, owner: &str, rights: Rights) -> Vec<Operation> {
    let at = |end: &str| format!("{below}{end}");
    let id = |verb: &str, end: &str| format!("{verb}{owner}RoleMappings{end}");
    let listed = |operation: Operation| {
        operation
            .needs(rights.see)
            .flag("briefRepresentation", "`false` tells the attributes too")
            .answers(list_of(named("Role")))
    };
    vec![
        listed(holder.get(below, &id("list", ""), "The roles that were granted")),
        holder
            .post(below, &id("add", ""), "Grants roles")
            .needs(rights.change)
            .takes(list_of(named("NamedRole")))
            .done(),
        holder
            .delete(
                below,
                &id("remove", ""),
                "Takes roles back; all of them when the body names none",
            )
            .needs(rights.change)
            .takes(list_of(named("NamedRole")))
            .or_nothing()
            .done(),
        listed(holder.get(
            &at("/available"),
            &id("list", "Available"),
            "The roles that were not granted",
        )),
        listed(holder.get(
            &at("/composite"),
            &id("list", "Effective"),
            "The roles that are held in the end",
        )),
    ]
}

/// What stands in the scope of a client or a client scope.
fn scope_mappings(scope: Group, owner: &str) -> Vec<Operation> {
    let mut operations = vec![
        scope
            .get("", &format!("list{owner}ScopeMappings"), "The roles that were put into its scope")
            .needs(CLIENT_RIGHTS.see)
            .answers(named("RoleMappings")),
    ];
    for (below, of) in [("/realm", "Realm"), ("/clients/{target}", "Client")] {
        let id = |verb: &str, end: &str| format!("{verb}{owner}Scope{of}Mappings{end}");
        let listed = |end: &str, id: &str, summary: &str| {
            scope
                .get(&format!("{below}{end}"), id, summary)
                .needs(CLIENT_RIGHTS.see)
                .flag("briefRepresentation", "`false` tells the attributes too")
                .answers(list_of(named("Role")))
                .refuses(&[400])
        };
        operations.extend([
            listed("", &id("list", ""), "The roles that were put there"),
            listed("/available", &id("list", "Available"), "The roles that may be put there"),
            listed("/composite", &id("list", "Effective"), "The roles in the scope in the end"),
            scope
                .post(below, &id("add", ""), "Puts roles there")
                .needs(CLIENT_RIGHTS.change)
                .takes(list_of(named("NamedRole")))
                .done(),
            scope
                .delete(below, &id("remove", ""), "Takes roles out; all when the body names none")
                .needs(CLIENT_RIGHTS.change)
                .takes(list_of(named("NamedRole")))
                .or_nothing()
                .done(),
        ]);
    }
    operations
}

/// What a sender read before, and sends back.
const READ_BEFORE: &[&str] = &["composite", "clientRole", "containerId", "scopeParamRequired"];

pub fn schemas() -> Vec<Named> {
    let names = || list_of(string());
    let composites = object().may_have("realm", names()).may_have("client", map_of(names()));
    vec![
        ("Role", role().into()),
        ("ExportedRole", role().may_have("composites", composites.clone()).into()),
        (
            "RoleDraft",
            like(
                object()
                    .takes("name", name_up_to(MAX_ROLE_NAME_BYTES))
                    .takes("description", string())
                    .takes("attributes", named("Attributes"))
                    .takes("composites", composites)
                    .ignores(&["id"])
                    .ignores(READ_BEFORE),
                json!({ "name": "captain", "description": "Leads" }),
            ),
        ),
        (
            "NamedRole",
            object()
                .has("id", told(identifier(), "Which"))
                .takes("name", told(string(), "When given, it must be the right one"))
                .ignores(&["description", "attributes", "composites"])
                .ignores(READ_BEFORE)
                .into(),
        ),
        (
            "RoleMappings",
            object()
                .may_have("realmMappings", list_of(named("Role")))
                .may_have(
                    "clientMappings",
                    map_of(
                        object()
                            .has("id", string())
                            .has("client", string())
                            .has("mappings", list_of(named("Role"))),
                    ),
                )
                .into(),
        ),
    ]
}

fn role() -> Object {
    object()
        .has("id", string())
        .has("name", string())
        .may_have("description", string())
        .has("composite", boolean())
        .has("clientRole", boolean())
        .has("containerId", string())
        .may_have("attributes", named("Attributes"))
}
