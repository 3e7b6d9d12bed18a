//! Much at once: imports and exports of realms and of organizations.
use super::operation::{Credential, Group, Operation};
use super::organizations;
use super::refusal::Dialect;
use super::schema::{Named, list_of, named, object, one_of, string, told};
use super::schema::{anything, count};

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
            .takes(named("JsonObject"))
            .answers(named("PartialImport"))
            .refuses(&[409]),
        REALM
            .post("/partial-export", "exportRealm", "The realm as one document, without people and secrets")
            .needs("`manage-realm`; `view-clients` for clients, `query-groups` or `view-users` for groups and roles")
            .flag("exportClients", "Whether to tell the clients")
            .flag("exportGroupsAndRoles", "Whether to tell the groups and roles")
            .answers(named("JsonObject"))
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
            .answers(named("JsonObject"))
            .answers_as(400, "application/json", named("ImportError"))
            .answers_as(404, "application/json", named("ImportError")),
        import
            .takes(named("JsonObject"))
            .takes_as(
                "multipart/form-data",
                object().has("file", told(string(), "The document")).open(),
            )
            .answers_as(200, "application/json", named("JsonObject"))
            .or_empty(200)
            .done()
            .answers_as(400, "application/json", named("ImportError"))
            .answers_as(403, "application/json", named("ImportError"))
            .answers_as(404, "application/json", named("ImportError"))
            .answers_as(409, "application/json", named("ImportError"))
            .answers_as(415, "application/json", named("ImportError")),
    ]
}

pub fn schemas() -> Vec<Named> {
    vec![
        (
            "PartialImport",
            object()
                .has("added", count())
                .has("skipped", count())
                .has("overwritten", count())
                .has("results", list_of(named("JsonObject")))
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
