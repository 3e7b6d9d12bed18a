//! Much at once: imports and exports of realms and of organizations.
use super::operation::{Credential, Group, Operation};
use super::organizations;
use super::refusal::Dialect;
use super::schema::{
    Named, Object, anything, boolean, count, identifier, integer_between, like, list_of, map_of,
    named, object, one_of, string, told,
};
use serde_json::{Value, json};

const REALM: Group = Group {
    tag: "Realms",
    base: "/admin/realms/{realm}",
    dialect: Dialect::Administration,
    credential: Credential::Token,
};
const ORGS: Group = organizations::group("Organizations", "/realms/{realm}/orgs");

pub fn operations() -> Vec<Operation> {
    [of_realm(), of_organizations()].concat()
}

fn of_realm() -> Vec<Operation> {
    vec![
        REALM
            .post("/partialImport", "importIntoRealm", "Makes what a document has, all or nothing")
            .needs("`manage-realm`, and what each kind of thing takes")
            .takes(named("RealmImport"))
            .answers(named("PartialImport"))
            .refuses(&[409]),
        REALM
            .post("/partial-export", "exportRealm", "The realm as one document, without people and secrets")
            .needs("`manage-realm`; `view-clients` for clients, `query-groups` or `view-users` for groups and roles")
            .flag("exportClients", "Whether to tell the clients")
            .flag("exportGroupsAndRoles", "Whether to tell the groups and roles")
            .answers(named("RealmExport"))
            .refuses(&[400]),
    ]
}

fn of_organizations() -> Vec<Operation> {
    let export = ORGS
        .get("/export", "exportOrganizations", "Organizations as one document")
        .needs("`manage-organizations`; with `format=guildhall` also `view-organizations` and to read identity providers")
        .query("format", one_of(&["phasetwo", "guildhall"]), "Phase Two's form, or ours, which is whole")
        .query("orgIds", list_of(string()), "These alone")
        .flag("exportMembersAndInvitations", "Whether to tell members and invitations");
    let export = ["includeMembers", "includeRoles", "includeIdps"]
        .iter()
        .fold(export, |export, name| export.flag(name, "As Phase Two's document has it"));
    let import = ORGS
        .post("/import", "importOrganizations", "Makes the organizations of a document, all or nothing")
        .needs("`view-organizations` and `manage-organizations`; to make identity providers also `manage-identity-providers`")
        .flag("skipMissingMember", "Whether to pass over people who are not there")
        .flag("skipMissingIdp", "Whether to pass over identity providers that are not there")
        .flag("skipExisting", "Whether to pass over organizations that are there")
        .flag("importMembers", "Whether to take the members of the flat form")
        .flag("dryRun", "Whether to tell only what would come of it");
    vec![
        export
            .paged()
            .answers(documents())
            .answers_as(400, "application/json", named("ImportError"))
            .answers_as(404, "application/json", named("ImportError")),
        import
            .takes(documents_taken())
            .takes_as(
                "multipart/form-data",
                object().has("file", told(string(), "The document")).open(),
            )
            .answers(json!({ "anyOf": [named("ImportReport"), named("ImportCount")] }))
            .or_empty(200)
            .done()
            .answers_as(400, "application/json", named("ImportError"))
            .answers_as(403, "application/json", named("ImportError"))
            .answers_as(404, "application/json", named("ImportError"))
            .answers_as(409, "application/json", named("ImportError"))
            .answers_as(415, "application/json", named("ImportError")),
    ]
}

/// What a new realm brings along, and a change of one does not.
pub const BROUGHT: &[&str] = &[
    "clientScopes",
    "clients",
    "defaultDefaultClientScopes",
    "defaultOptionalClientScopes",
    "groups",
    "identityProviderMappers",
    "identityProviders",
    "roles",
    "users",
];

/// The lists that a realm and an import into one bring along.
pub fn brought() -> Object {
    let roles = || list_of(named("RoleDraft"));
    object()
        .takes("clients", list_of(named("ClientDraft")))
        .takes("roles", object().takes("realm", roles()).takes("client", map_of(roles())))
        .takes("groups", list_of(named("GroupTree")))
        .takes("users", list_of(named("UserDraft")))
        .takes("identityProviders", list_of(named("IdentityProviderDraft")))
        .takes("identityProviderMappers", list_of(named("IdentityProviderMapperDraft")))
}

/// A group with all below it.
fn group_tree() -> Object {
    object()
        .takes_each(&["id", "name", "description"], string())
        .takes("path", told(string(), "At the top only: a slash and the name"))
        .takes("attributes", map_of(list_of(string())))
        .takes("realmRoles", told(list_of(string()), "Names"))
        .takes("clientRoles", told(map_of(list_of(string())), "Names, by `clientId`"))
        .takes("subGroups", list_of(named("GroupTree")))
        .ignores(&["parentId", "subGroupCount", "access"])
}

/// What only a new realm brings along.
pub fn brought_scopes() -> Object {
    object().takes("clientScopes", list_of(named("ClientScopeDraft"))).takes_each(
        &["defaultDefaultClientScopes", "defaultOptionalClientScopes"],
        told(list_of(string()), "Names"),
    )
}

/// A realm as `Realm` has it, and what is in it.
fn realm_export() -> Object {
    let roles = || list_of(named("ExportedRole"));
    object()
        .has("realm", string())
        .may_have("clientScopes", list_of(named("ClientScope")))
        .may_have("defaultDefaultClientScopes", list_of(string()))
        .may_have("defaultOptionalClientScopes", list_of(string()))
        .may_have("identityProviders", list_of(named("IdentityProvider")))
        .may_have("identityProviderMappers", list_of(named("IdentityProviderMapper")))
        .may_have("clients", list_of(named("Client")))
        .may_have("users", told(list_of(named("JsonObject")), "The accounts of the clients"))
        .may_have("roles", object().has("realm", roles()).has("client", map_of(roles())))
        .may_have("groups", list_of(anything()))
        .open()
}

/// Organizations in Phase Two's form and in ours.
fn documents() -> Value {
    json!({ "anyOf": [named("OrganizationsDocument"), named("GuildhallDocument")] })
}

/// The same, and Phase Two's with more members than they have.
fn documents_taken() -> Value {
    let entry = object()
        .takes("organization", named("JsonObject"))
        .takes_each(&["roles", "identityProviders", "members", "invitations"], list_of(anything()))
        .takes("idpLink", string())
        .open();
    // By a `format` a document of ours is known.
    let theirs = object()
        .takes("organizations", list_of(entry))
        .may_have("format", json!({ "type": "null" }))
        .open();
    let either = [named("GuildhallDocument"), theirs.into()];
    like(
        json!({ "anyOf": either }),
        json!({ "organizations": [{ "organization": { "name": "white-water" }, "roles": [] }] }),
    )
}

/// Phase Two's document.
fn organizations_document() -> Object {
    let names = || list_of(string());
    let organization = object()
        .has("name", string())
        .may_have("displayName", string())
        .may_have("url", string())
        .has("domains", names())
        .has("attributes", named("Attributes"));
    let invitation = object()
        .has("email", string())
        .may_have("inviterUsername", string())
        .has("roles", names())
        .may_have("redirectUri", string())
        .has("attributes", named("Attributes"));
    let entry = object()
        .has("organization", organization)
        .has("roles", list_of(object().has("name", string()).may_have("description", string())))
        .may_have("idpLink", string())
        .has("members", list_of(object().has("username", string()).has("roles", names())))
        .has("invitations", list_of(invitation));
    object().has("organizations", list_of(entry))
}

/// A moment in a document of ours.
fn seconds() -> Value {
    told(integer_between(0, 253_402_300_799), "In seconds")
}

/// Our document. An export has all of its lists.
fn guildhall_document() -> Object {
    let provider = object()
        .takes("createdAt", seconds())
        .has("provider", named("JsonObject"))
        .may_have("mappers", list_of(named("JsonObject")));
    object()
        .has("format", one_of(&["guildhall"]))
        .has("version", json!({ "type": "integer", "enum": [1] }))
        .may_have("identityProviders", list_of(provider))
        .may_have("organizations", list_of(named("GuildhallOrganization")))
}

fn guildhall_organization() -> Object {
    let names = || list_of(string());
    let things = || list_of(named("JsonObject"));
    let role = object().has("id", identifier()).has("name", string());
    let member = object()
        .has("id", identifier())
        .has("username", string())
        .has("source", string())
        .has("active", boolean())
        .may_have("managed", boolean())
        .has("joinedAt", seconds())
        .may_have("attributes", named("Attributes"))
        .may_have("roles", names());
    let pushed_group = object()
        .takes("externalId", string())
        .has("version", integer_between(0, 4_294_967_295))
        .has("createdAt", seconds())
        .has("updatedAt", seconds())
        .may_have("pending", names());
    let group = object()
        .has("id", identifier())
        .takes("parentId", identifier())
        .has("name", string())
        .takes("description", string())
        .takes("attributes", named("Attributes"))
        .may_have("roles", names())
        .may_have("realmRoles", names())
        .may_have("clientRoles", map_of(names()))
        .may_have("members", names())
        .takes("scim", pushed_group);
    object()
        .has("id", identifier())
        .has("name", string())
        .has("alias", string())
        .takes_each(&["displayName", "url", "logoUrl"], string())
        .takes_each(&["description", "redirectUrl"], string())
        .may_have("attributes", named("Attributes"))
        .may_have("enabled", boolean())
        .has("createdAt", seconds())
        .may_have("domains", list_of(object().has("name", string()).has("verified", boolean())))
        .may_have(
            "roles",
            list_of(role.takes("description", string()).may_have("composites", list_of(string()))),
        )
        .may_have("defaultRoles", list_of(string()))
        .may_have("members", list_of(member))
        .may_have("groups", list_of(group))
        .may_have("invitations", things())
        .may_have(
            "identityProviders",
            list_of(object().has("alias", string()).may_have("domains", names())),
        )
        .takes("scim", named("JsonObject"))
        .may_have("scimUsers", things())
}

/// What an import made, or with `dryRun` would make.
fn import_report() -> Object {
    let names = || list_of(string());
    let organization = ["roles", "members", "groups", "invitations", "scimUsers"]
        .iter()
        .fold(object(), |object, name| object.has(name, count()))
        .may_have("id", string())
        .has("name", string())
        .has("alias", string())
        .has("administrator", boolean())
        .has("identityProviders", names());
    object()
        .may_have("dryRun", boolean())
        .may_have("status", told(count(), "What the import would answer"))
        .may_have("problems", names())
        .has("organizations", list_of(organization))
        .has("identityProvidersCreated", names())
        .has("identityProvidersUsed", names())
        .has("skipped", names())
        .has("missing", told(names(), "Secrets that are to be set"))
}

/// What came of one thing.
fn outcome() -> Object {
    let types = ["CLIENT", "REALM_ROLE", "CLIENT_ROLE", "IDP", "IDP_MAPPER", "USER", "GROUP"];
    object()
        .has("action", one_of(&["ADDED", "SKIPPED", "OVERWRITTEN"]))
        .has("resourceType", one_of(&types))
        .has("resourceName", string())
        .has("id", string())
}

pub fn schemas() -> Vec<Named> {
    vec![
        (
            "RealmImport",
            like(
                brought().takes("ifResourceExists", one_of(&["FAIL", "SKIP", "OVERWRITE"])).open(),
                json!({
                    "ifResourceExists": "SKIP",
                    "clients": [{ "clientId": "imported" }],
                    "roles": { "realm": [{ "name": "imported" }] },
                    "users": [{ "username": "imported" }],
                }),
            ),
        ),
        ("GroupTree", group_tree().into()),
        ("RealmExport", realm_export().into()),
        ("OrganizationsDocument", organizations_document().into()),
        ("GuildhallDocument", guildhall_document().into()),
        ("GuildhallOrganization", guildhall_organization().into()),
        ("ImportReport", import_report().into()),
        (
            "ImportCount",
            object()
                .has("imported", count())
                .has("updated", count())
                .has("skipped", count())
                .has("errors", list_of(anything()))
                .into(),
        ),
        (
            "PartialImport",
            object()
                .has("added", count())
                .has("skipped", count())
                .has("overwritten", count())
                .has("results", list_of(outcome()))
                .into(),
        ),
        (
            "ImportError",
            object()
                .may_have("error", string())
                .may_have("error_description", string())
                .may_have("errorMessage", told(string(), "The first problem"))
                .may_have("problems", told(list_of(anything()), "All of them"))
                .into(),
        ),
    ]
}
