//! Identity providers and their mappers: of a realm, and as an organization sees
//! them.
use super::operation::{Credential, Group, Operation};
use super::organization_providers::link;
use super::refusal::Dialect;
use super::schema::{
    Named, Object, boolean, like, list_of, map_of, named, naming, nullable, object, one_of, string,
    told,
};
use guildhall::federation::provider::KINDS;
use serde_json::{Value, json};

const fn group(base: &'static str) -> Group {
    Group {
        tag: "Identity providers",
        base,
        dialect: Dialect::Administration,
        credential: Credential::Token,
    }
}

const OF_ORG: Group = group("/realms/{realm}/orgs/{org}/idps");
const OF_REALM: Group = group("/admin/realms/{realm}/identity-provider/instances");
const REALM: Group = group("/admin/realms/{realm}/identity-provider");

const SEE: &str = "`view-organizations` or `view-identity-providers`, and to read one the realm's or the organization's `view-identity-providers`";
const CHANGE: &str =
    "to be let in, and the realm's or the organization's `manage-identity-providers`";
const LINK: &str = "`manage-organizations`";
const SEE_OF_REALM: &str = "`view-identity-providers` or `manage-identity-providers` of the realm";
const CHANGE_OF_REALM: &str = "`manage-identity-providers` of the realm";

pub fn operations() -> Vec<Operation> {
    [of_organization(), of_realm(), mappers(OF_ORG, "Organization"), mappers(OF_REALM, "")].concat()
}

fn of_organization() -> Vec<Operation> {
    vec![
        OF_ORG
            .get(
                "",
                "listOrganizationIdentityProviders",
                "The providers that the organization uses",
            )
            .needs("`view-organizations` or `view-identity-providers`")
            .answers(list_of(named("IdentityProvider")))
            .refuses(&[400]),
        OF_ORG
            .post(
                "",
                "createOrganizationIdentityProvider",
                "Creates a provider for the organization",
            )
            .needs(CHANGE)
            .takes(naming(&["alias", "providerId"], "IdentityProviderDraft"))
            .created()
            .refuses(&[409]),
        OF_ORG
            .post(
                "/link",
                "linkIdentityProvider",
                "Lets the organization use a provider of the realm",
            )
            .needs(LINK)
            .takes(named("IdentityProviderLink"))
            .created(),
        imports(OF_ORG.post("/import-config", "importOrganizationIdentityProviderConfig", IMPORTS))
            .needs(CHANGE),
        OF_ORG
            .get("/{alias}", "readOrganizationIdentityProvider", "One provider")
            .needs(SEE)
            .answers(named("IdentityProvider")),
        OF_ORG
            .put(
                "/{alias}",
                "replaceOrganizationIdentityProvider",
                "Replaces a provider that no other organization uses",
            )
            .needs(CHANGE)
            .takes(named("IdentityProviderDraft"))
            .done()
            .refuses(&[409]),
        OF_ORG
            .delete(
                "/{alias}",
                "deleteOrganizationIdentityProvider",
                "Deletes a provider, or gives up one that others use too",
            )
            .needs(CHANGE)
            .done(),
        OF_ORG
            .post(
                "/{alias}/unlink",
                "unlinkIdentityProvider",
                "Ends the use of a provider, which stays with the realm",
            )
            .needs(LINK)
            .done(),
    ]
}

fn of_realm() -> Vec<Operation> {
    let formats = ["Certificate PEM", "Public Key PEM", "JSON Web Key Set"];
    let certificate = object().has("keystoreFormat", one_of(&formats)).has("file", string()).open();
    vec![
        OF_REALM
            .get("", "listIdentityProviders", "The realm's providers by alias")
            .needs(SEE_OF_REALM)
            .text("search", "A part of the alias")
            .flag("briefRepresentation", "Whether to tell the name and the state only")
            .text("type", "A type of provider")
            .text("capability", "What a provider can do")
            .flag("realmOnly", "Whether to leave out those that organizations use")
            .paged()
            .answers(list_of(named("IdentityProvider"))),
        OF_REALM
            .post("", "createIdentityProvider", "Creates a provider")
            .needs(CHANGE_OF_REALM)
            .takes(naming(&["alias", "providerId"], "IdentityProviderDraft"))
            .created()
            .refuses(&[409]),
        OF_REALM
            .get("/{alias}", "readIdentityProvider", "One provider")
            .needs(SEE_OF_REALM)
            .answers(named("IdentityProvider")),
        OF_REALM
            .put("/{alias}", "replaceIdentityProvider", "Replaces a provider; the alias stays")
            .needs(CHANGE_OF_REALM)
            .takes(named("IdentityProviderDraft"))
            .done()
            .refuses(&[409]),
        OF_REALM
            .delete("/{alias}", "deleteIdentityProvider", "Deletes a provider")
            .needs(CHANGE_OF_REALM)
            .done(),
        REALM
            .get(
                "/providers/{kind}",
                "readIdentityProviderKind",
                "Whether a kind of provider can be configured",
            )
            .needs(SEE_OF_REALM)
            .answers(
                object()
                    .has("id", string())
                    .has("name", string())
                    .has("helpText", string())
                    .has("configMetadata", list_of(named("ConfigProperty")))
                    .has("configProperties", list_of(named("ConfigProperty"))),
            )
            .refuses(&[400]),
        OF_REALM
            .get(
                "/{alias}/export",
                "exportIdentityProvider",
                "The metadata of this side, for `saml`",
            )
            .needs(SEE_OF_REALM)
            .text("format", "Passed over")
            .answers_as(200, "application/xml", string())
            .done(),
        OF_REALM
            .get(
                "/{alias}/mapper-types",
                "listMapperTypes",
                "The kinds of mappers that it can have",
            )
            .needs(SEE_OF_REALM)
            .answers(map_of(
                object()
                    .has("id", string())
                    .has("name", string())
                    .has("category", string())
                    .has("helpText", string())
                    .has("properties", list_of(named("ConfigProperty"))),
            )),
        OF_REALM
            .get("/{alias}/reload-keys", "reloadKeys", "Whether its keys were read anew")
            .needs(CHANGE_OF_REALM)
            .answers(boolean()),
        REALM
            .post(
                "/upload-certificate",
                "readCertificate",
                "A certificate as a `config` has it; stores nothing",
            )
            .needs(CHANGE_OF_REALM)
            .takes_as("multipart/form-data", certificate.clone())
            .takes_as("application/x-www-form-urlencoded", certificate)
            .answers(
                object()
                    .may_have("publicKey", string())
                    .may_have("certificate", string())
                    .may_have("kid", string())
                    .may_have("jwks", told(string(), "JSON as text")),
            )
            .refuses(&[400, 415]),
        imports(REALM.post("/import-config", "importIdentityProviderConfig", IMPORTS))
            .needs(CHANGE_OF_REALM),
    ]
}

const IMPORTS: &str = "Reads a `config` from what a provider publishes; stores nothing";

/// By URL or by upload.
fn imports(operation: Operation) -> Operation {
    operation
        .takes(named("IdentityProviderImport"))
        .takes_as("multipart/form-data", named("IdentityProviderUpload"))
        .answers(map_of(string()))
}

/// The same five below each way to name a provider.
fn mappers(of: Group, owner: &str) -> Vec<Operation> {
    let id = |start: &str, end: &str| format!("{start}{owner}IdentityProviderMapper{end}");
    let (see, change) =
        if owner.is_empty() { (SEE_OF_REALM, CHANGE_OF_REALM) } else { (SEE, CHANGE) };
    vec![
        of.get("/{alias}/mappers", &id("list", "s"), "The mappers of a provider")
            .needs(see)
            .answers(list_of(named("IdentityProviderMapper"))),
        of.post("/{alias}/mappers", &id("create", ""), "Creates a mapper")
            .needs(change)
            .takes(named("IdentityProviderMapperDraft"))
            .created()
            .refuses(&[409]),
        of.get("/{alias}/mappers/{mapper}", &id("read", ""), "One mapper")
            .needs(see)
            .answers(named("IdentityProviderMapper")),
        of.put("/{alias}/mappers/{mapper}", &id("replace", ""), "Replaces a mapper")
            .needs(change)
            .takes(named("IdentityProviderMapperDraft"))
            .done()
            .refuses(&[409]),
        of.delete("/{alias}/mappers/{mapper}", &id("delete", ""), "Deletes a mapper")
            .needs(change)
            .done(),
    ]
}

pub fn schemas() -> Vec<Named> {
    vec![
        ("IdentityProvider", provider().into()),
        (
            "IdentityProviderDraft",
            like(
                provider_draft(),
                json!({
                    "alias": "okta",
                    "providerId": "oidc",
                    "config": {
                        "clientId": "guildhall",
                        "clientSecret": "of the client",
                        "authorizationUrl": "https://okta.example/authorize",
                        "tokenUrl": "https://okta.example/token",
                    },
                }),
            ),
        ),
        ("IdentityProviderConfig", config()),
        (
            "IdentityProviderLink",
            object()
                .has("alias", string())
                .takes("post_broker_flow", string())
                .takes("sync_mode", string())
                .takes("domains", list_of(nullable(string())))
                .open()
                .into(),
        ),
        (
            "IdentityProviderImport",
            object().has("providerId", one_of(KINDS)).has("fromUrl", string()).open().into(),
        ),
        (
            "IdentityProviderUpload",
            like(
                object()
                    .has("providerId", one_of(KINDS))
                    .has("file", told(string(), "A discovery document, or for `saml` metadata"))
                    .open(),
                json!({
                    "providerId": "oidc",
                    "file": json!({
                        "issuer": "https://okta.example",
                        "authorization_endpoint": "https://okta.example/authorize",
                        "token_endpoint": "https://okta.example/token",
                    }).to_string(),
                }),
            ),
        ),
        (
            "IdentityProviderMapper",
            object()
                .has("id", string())
                .has("name", string())
                .has("identityProviderAlias", string())
                .has("identityProviderMapper", string())
                .has("config", map_of(string()))
                .into(),
        ),
        (
            "IdentityProviderMapperDraft",
            like(
                object()
                    .has("name", string())
                    .has("identityProviderMapper", string())
                    .takes("config", named("IdentityProviderConfig"))
                    .ignores(&["id", "identityProviderAlias"]),
                json!({
                    "name": "badge",
                    "identityProviderMapper": "hardcoded-attribute-idp-mapper",
                    "config": { "attribute": "badge", "attribute.value": "42" },
                }),
            ),
        ),
    ]
}

/// Texts; a number or a truth is taken as its text, null as absent.
fn config() -> Value {
    map_of(json!({ "type": ["string", "number", "boolean", "null"] }))
}

const SWITCHES: &[&str] = &[
    "enabled",
    "trustEmail",
    "storeToken",
    "addReadTokenRoleOnCreate",
    "authenticateByDefault",
    "linkOnly",
    "hideOnLogin",
];

const TEXTS: &[&str] = &["displayName", "firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias"];

/// In a brief representation, only the alias is sure to be there.
fn provider() -> Object {
    let switches = SWITCHES.iter().fold(object(), |object, name| object.may_have(name, boolean()));
    TEXTS
        .iter()
        .fold(switches, |object, name| object.may_have(name, string()))
        .has("alias", string())
        .may_have("internalId", string())
        .may_have("providerId", string())
        .may_have("types", list_of(string()))
        .may_have("organizationId", told(string(), "The organization that uses it, where one does"))
        .may_have("organizationLinks", list_of(link()))
        .may_have(
            "config",
            told(map_of(string()), "Never with a secret: `**********` means that there is one"),
        )
}

fn provider_draft() -> Object {
    object()
        .takes("alias", told(string(), "Required of a new one"))
        .takes("providerId", told(one_of(KINDS), "Required of a new one"))
        .takes_each(SWITCHES, boolean())
        .alias("hideOnLoginPage", "hideOnLogin")
        .takes_each(TEXTS, string())
        .takes("config", named("IdentityProviderConfig"))
        .takes(
            "organizationId",
            told(
                string(),
                "An organization that uses it from now on; takes the right to change organizations",
            ),
        )
        .ignores(&[
            "internalId",
            "types",
            "organizationLinks",
            "updateProfileFirstLoginMode",
            "updateProfileFirstLogin",
        ])
}
