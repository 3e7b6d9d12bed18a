//! Organizations, as Keycloak's administration and account API have them.
use super::operation::{Credential, Group, Operation};
use super::organization_groups::{CHANGE, SEE};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, boolean, count, like, list_of, list_of_at_most, map_of, name_up_to, named,
    object, string, string_up_to, told,
};
use guildhall::org::profile::{
    MAX_DESCRIPTION_BYTES, MAX_DOMAINS, MAX_FIELD_BYTES, MAX_REDIRECT_BYTES,
};
use serde_json::json;

const ALL: Group = Group {
    tag: "Organizations of a realm",
    base: "/admin/realms/{realm}/organizations",
    dialect: Dialect::Administration,
    credential: Credential::Token,
};

const ACCOUNT: Group = Group {
    tag: "Account",
    base: "/realms/{realm}/account",
    dialect: Dialect::Organizations,
    credential: Credential::Token,
};

/// Who may ask which there are.
const FIND: &str =
    "`view-organizations`, `manage-organizations`, `query-organizations` or `manage-realm`";

pub fn operations() -> Vec<Operation> {
    let filtered = |operation: Operation| {
        operation
            .about("With `query-organizations` alone there are none.")
            .needs(FIND)
            .text("search", "A part of the name or of a domain, case aside")
            .flag("exact", "Whether `search` is all of it")
            .text("q", "Attributes, exactly: `k1:v1 \"k 2\":\"v 2\"`; `search` does not count then")
            .text("identityProvider", "The alias of an identity provider that they use")
            .paged()
    };
    vec![
        filtered(ALL.get("", "listRealmOrganizations", "Lists organizations by name, 10 a page"))
            .flag("briefRepresentation", "Whether to leave out attributes; so unless it is said")
            .answers(list_of(named("RealmOrganization"))),
        ALL.post("", "createRealmOrganization", "Creates an organization")
            .about("No administrator comes with it.")
            .needs(CHANGE)
            .takes(named("RealmOrganizationDraft"))
            .created()
            .refuses(&[409]),
        filtered(ALL.get("/count", "countRealmOrganizations", "How many the list has"))
            .answers(count()),
        ALL.get(
            "/members/{user}/organizations",
            "listRealmOrganizationsOfUser",
            "The organizations of a user",
        )
        .needs(&format!("{FIND}, and `view-users` or `manage-users`"))
        .flag("briefRepresentation", "Whether to leave out attributes; so unless it is said")
        .answers(list_of(named("RealmOrganization"))),
        ALL.get("/{org}", "readRealmOrganization", "One organization")
            .needs(SEE)
            .answers(named("RealmOrganization")),
        ALL.put("/{org}", "replaceRealmOrganization", "Replaces an organization")
            .about("`attributes` that are left out stay. The alias never changes.")
            .needs(CHANGE)
            .takes(like(
                named("RealmOrganizationDraft"),
                json!({ "name": "red-canyon", "alias": "red-canyon", "enabled": false }),
            ))
            .done()
            .refuses(&[409]),
        ALL.delete(
            "/{org}",
            "deleteRealmOrganization",
            "Deletes an organization with everything in it",
        )
        .needs(CHANGE)
        .done(),
        ACCOUNT
            .get("/organizations", "listAccountOrganizations", "The caller's own organizations")
            .about("Those that are enabled.")
            .answers(list_of(named("AccountOrganization"))),
    ]
}

fn plain() -> Object {
    object()
        .has("id", string())
        .has("name", string())
        .has("alias", string())
        .has("enabled", boolean())
        .may_have("description", string())
}

pub fn schemas() -> Vec<Named> {
    let text = || string_up_to(MAX_FIELD_BYTES);
    let elsewhere =
        || told(list_of_at_most(0, json!({})), "Has paths of its own: empty or left out");
    let domain = object()
        .has("name", name_up_to(MAX_FIELD_BYTES))
        .takes(
            "verified",
            told(boolean(), "Whether the sender vouches for it; left out, nothing is said"),
        )
        .takes(
            "identityProviderAlias",
            told(
                string(),
                "Where its people sign in, nowhere when empty; left out, nothing is said",
            ),
        )
        .takes("autoRedirect", told(boolean(), "Whether they are sent there at once"));
    vec![
        (
            "RealmOrganization",
            plain()
                .may_have("redirectUrl", string())
                .may_have("attributes", map_of(list_of(string())))
                .may_have(
                    "domains",
                    list_of(
                        object()
                            .has("name", string())
                            .has("verified", boolean())
                            .may_have("identityProviderAlias", string())
                            .may_have("autoRedirect", boolean()),
                    ),
                )
                .into(),
        ),
        (
            "RealmOrganizationDraft",
            like(
                object()
                    .takes("id", told(string(), "Passed over"))
                    .has("name", text())
                    .takes("alias", told(text(), "The name, where it is left out"))
                    .takes("enabled", boolean())
                    .takes("description", string_up_to(MAX_DESCRIPTION_BYTES))
                    .takes(
                        "redirectUrl",
                        told(string_up_to(MAX_REDIRECT_BYTES), "An http or https URL"),
                    )
                    .takes("attributes", named("Attributes"))
                    .takes("domains", list_of_at_most(MAX_DOMAINS, domain))
                    .takes("members", elsewhere())
                    .takes("identityProviders", elsewhere())
                    .takes("groups", elsewhere()),
                json!({
                    "name": "green-canyon",
                    "alias": "green-canyon",
                    "description": "Rafts",
                    "redirectUrl": "https://green-canyon.example/in",
                    "domains": [{ "name": "green-canyon.example" }],
                    "attributes": { "tier": ["gold"] },
                }),
            ),
        ),
        ("AccountOrganization", plain().has("domains", list_of(string())).into()),
    ]
}
