//! Clients, client scopes and the protocol mappers of both.
use super::operation::{Credential, Group, Operation};
use super::realms::{keeps, takes_kept};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, anything, boolean, count, integer, like, list_of, list_of_at_most, map_of,
    name_up_to, named, naming, object, one_of, string, string_up_to, told, word_up_to,
};
use guildhall::realm::mapper_parent::MAX_NAME_BYTES;
use guildhall::realm::wire_keycloak_client::KEPT;
use serde_json::{Value, json};

const fn group(tag: &'static str, base: &'static str) -> Group {
    Group { tag, base, dialect: Dialect::Administration, credential: Credential::Token }
}

const CLIENTS: Group = group("Clients", "/admin/realms/{realm}/clients");
const INITIAL_ACCESS: Group = group("Clients", "/admin/realms/{realm}/clients-initial-access");
const SCOPES: Group = group("Client scopes", "/admin/realms/{realm}/client-scopes");
const PLACES: [(Group, &str); 4] = [
    (group("Client scopes", "/admin/realms/{realm}/default-default-client-scopes"), "RealmDefault"),
    (
        group("Client scopes", "/admin/realms/{realm}/default-optional-client-scopes"),
        "RealmOptional",
    ),
    (
        group("Client scopes", "/admin/realms/{realm}/clients/{client}/default-client-scopes"),
        "ClientDefault",
    ),
    (
        group("Client scopes", "/admin/realms/{realm}/clients/{client}/optional-client-scopes"),
        "ClientOptional",
    ),
];
const MAPPERS: [(Group, &str); 2] = [
    (
        group("Protocol mappers", "/admin/realms/{realm}/clients/{client}/protocol-mappers"),
        "Client",
    ),
    (
        group("Protocol mappers", "/admin/realms/{realm}/client-scopes/{scope}/protocol-mappers"),
        "ClientScope",
    ),
];

const SEE: &str = "`view-clients` or `manage-clients`";
const FIND: &str = "`view-clients`, `manage-clients` or `query-clients`";
const CHANGE: &str = "`manage-clients`";

pub fn operations() -> Vec<Operation> {
    let places = PLACES.iter().flat_map(|(group, place)| place_operations(*group, place));
    let mappers = MAPPERS.iter().flat_map(|(group, owner)| mapper_operations(*group, owner));
    [clients(), sessions(), evaluations(), scopes(), places.collect(), mappers.collect()].concat()
}

fn clients() -> Vec<Operation> {
    vec![
        CLIENTS
            .get("", "listClients", "The realm's clients")
            .about("With `query-clients` alone: their names only.")
            .needs(FIND)
            .text("clientId", "The name, whole unless `search` is true")
            .flag("search", "Whether `clientId` is a part of the name")
            .text("q", "Attributes: `k1:v1 k2:v2`")
            .flag("viewableOnly", "Passed over: what is listed may be read")
            .paged()
            .answers(list_of(named("Client"))),
        CLIENTS
            .post("", "createClient", "Creates a client")
            .needs(CHANGE)
            .takes(naming(&["clientId"], "ClientDraft"))
            .created()
            .refuses(&[409]),
        CLIENTS.get("/{client}", "readClient", "One client").needs(SEE).answers(named("Client")),
        CLIENTS
            .put("/{client}", "changeClient", "Changes a client; fields left out stay")
            .needs(CHANGE)
            .takes(named("ClientDraft"))
            .done()
            .refuses(&[409]),
        CLIENTS
            .delete("/{client}", "deleteClient", "Deletes a client")
            .needs(CHANGE)
            .done()
            .refuses(&[400]),
        CLIENTS
            .get(
                "/{client}/client-secret",
                "readClientSecret",
                "The secret, or what stands in for one that the caller may not read",
            )
            .needs(SEE)
            .answers(named("ClientSecret")),
        CLIENTS
            .post("/{client}/client-secret", "renewClientSecret", "Makes a new secret")
            .needs(CHANGE)
            .answers(named("ClientSecret"))
            .refuses(&[400]),
        CLIENTS
            .post(
                "/{client}/registration-access-token",
                "renewRegistrationAccessToken",
                "Makes a new token for the client's own registration",
            )
            .needs(CHANGE)
            .answers(
                object()
                    .has("id", string())
                    .has("clientId", string())
                    .has("registrationAccessToken", string()),
            )
            .refuses(&[400]),
        INITIAL_ACCESS
            .get("", "listInitialAccess", "The tokens with which clients may be registered")
            .needs(SEE)
            .answers(list_of(named("InitialAccess"))),
        INITIAL_ACCESS
            .post("", "createInitialAccess", "Makes such a token, and tells it this once")
            .needs(CHANGE)
            .takes(like(
                object()
                    .takes("count", told(integer(), "1 to 10,000"))
                    .takes("expiration", told(integer(), "In seconds; 0 for ever"))
                    .ignores(&["webOrigins"]),
                json!({ "count": 1, "expiration": 3600 }),
            ))
            .answers(named("InitialAccess"))
            .tells(200, "Location", "Where it is"),
        INITIAL_ACCESS
            .delete("/{id}", "deleteInitialAccess", "Takes a token away")
            .needs(CHANGE)
            .done(),
        CLIENTS
            .get(
                "/{client}/service-account-user",
                "readServiceAccount",
                "The user that the client is when it acts for itself",
            )
            .needs(SEE)
            .answers(named("User"))
            .refuses(&[400]),
    ]
}

/// Who is signed in to a client.
fn sessions() -> Vec<Operation> {
    let counted = || object().has("count", count());
    vec![
        CLIENTS
            .get(
                "/{client}/user-sessions",
                "listSessionsOfClient",
                "The sessions, the oldest first, 100 a page",
            )
            .needs(SEE)
            .paged()
            .answers(list_of(named("Session"))),
        CLIENTS
            .get("/{client}/session-count", "countSessionsOfClient", "How many the list has")
            .needs(SEE)
            .answers(counted()),
        CLIENTS
            .get(
                "/{client}/offline-sessions",
                "listOfflineSessionsOfClient",
                "Nothing: there are none",
            )
            .needs(SEE)
            .paged()
            .answers(list_of(named("Session"))),
        CLIENTS
            .get("/{client}/offline-session-count", "countOfflineSessionsOfClient", "None")
            .needs(SEE)
            .answers(counted()),
    ]
}

/// What a client's tokens would say.
fn evaluations() -> Vec<Operation> {
    const SCOPE: &str = "What the client would ask for";
    let example = |path: &str, id: &str, summary: &str| {
        CLIENTS
            .get(&format!("/{{client}}/evaluate-scopes/generate-example-{path}"), id, summary)
            .needs("`view-clients` or `manage-clients`, and `view-users` or `manage-users`")
            .text("scope", SCOPE)
            .text("userId", "Of whom")
            .answers(map_of(anything()))
            .refuses(&[400])
    };
    let roles = |path: &str, id: &str, summary: &str| {
        let path = format!("/{{client}}/evaluate-scopes/scope-mappings/{{container}}/{path}");
        let roles = CLIENTS.get(&path, id, summary).needs(SEE).text("scope", SCOPE);
        roles.answers(list_of(named("Role"))).refuses(&[400])
    };
    vec![
        CLIENTS
            .get(
                "/{client}/evaluate-scopes/protocol-mappers",
                "listMappersInEffect",
                "The mappers that have a say in its tokens",
            )
            .needs(SEE)
            .text("scope", SCOPE)
            .answers(list_of(
                object()
                    .has("mapperId", string())
                    .has("mapperName", string())
                    .has("containerId", string())
                    .has("containerName", string())
                    .has("containerType", one_of(&["client", "client-scope"]))
                    .has("protocolMapper", string()),
            ))
            .refuses(&[400]),
        example("access-token", "exampleAccessToken", "The claims of an access token"),
        example("id-token", "exampleIdToken", "The claims of an ID token"),
        example("userinfo", "exampleUserinfo", "What userinfo would answer"),
        roles("granted", "listRolesInScope", "The roles that its tokens may carry"),
        roles("not-granted", "listRolesOutOfScope", "The roles that its tokens may not carry"),
    ]
}

fn scopes() -> Vec<Operation> {
    vec![
        SCOPES
            .get("", "listClientScopes", "The realm's client scopes")
            .needs(FIND)
            .answers(list_of(named("ClientScope"))),
        SCOPES
            .post("", "createClientScope", "Creates a client scope")
            .needs(CHANGE)
            .takes(naming(&["name"], "ClientScopeDraft"))
            .created()
            .refuses(&[409]),
        SCOPES
            .get("/{scope}", "readClientScope", "One client scope")
            .needs(SEE)
            .answers(named("ClientScope")),
        SCOPES
            .put("/{scope}", "changeClientScope", "Changes a client scope, but for its mappers")
            .needs(CHANGE)
            .takes(named("ClientScopeDraft"))
            .done()
            .refuses(&[409]),
        SCOPES
            .delete("/{scope}", "deleteClientScope", "Deletes a client scope")
            .needs(CHANGE)
            .done(),
    ]
}

/// A place where scopes stand: of a realm or a client.
fn place_operations(place: Group, name: &str) -> Vec<Operation> {
    let id = |verb: &str, end: &str| format!("{verb}{name}Scope{end}");
    vec![
        place
            .get("", &id("list", "s"), "The client scopes in this place")
            .needs(SEE)
            .answers(list_of(named("BriefClientScope"))),
        place.put("/{scope}", &id("put", ""), "Puts a client scope here").needs(CHANGE).done(),
        place
            .delete("/{scope}", &id("remove", ""), "Takes a client scope away from here")
            .needs(CHANGE)
            .done(),
    ]
}

/// What a new mapper must say.
const MAPPER: &[&str] = &["name", "protocol", "protocolMapper"];

/// The mappers of a client or a client scope.
fn mapper_operations(mappers: Group, owner: &str) -> Vec<Operation> {
    let id = |verb: &str, end: &str| format!("{verb}{owner}ProtocolMapper{end}");
    vec![
        mappers
            .get("/models", &id("list", "s"), "The mappers")
            .needs(SEE)
            .answers(list_of(named("ProtocolMapper"))),
        mappers
            .post("/models", &id("create", ""), "Creates a mapper")
            .needs(CHANGE)
            .takes(naming(MAPPER, "ProtocolMapperDraft"))
            .created()
            .refuses(&[409]),
        mappers
            .post("/add-models", &id("create", "s"), "Creates several mappers, all or none")
            .needs(CHANGE)
            .takes(like(
                list_of(naming(MAPPER, "ProtocolMapperDraft")),
                json!([{
                    "name": "oars",
                    "protocol": "openid-connect",
                    "protocolMapper": "oidc-hardcoded-claim-mapper",
                }]),
            ))
            .done()
            .refuses(&[409]),
        mappers
            .get("/protocol/{protocol}", &id("list", "sOfProtocol"), "The mappers of a protocol")
            .needs(SEE)
            .answers(list_of(named("ProtocolMapper"))),
        mappers
            .get("/models/{mapper}", &id("read", ""), "One mapper")
            .needs(SEE)
            .answers(named("ProtocolMapper")),
        mappers
            .put("/models/{mapper}", &id("change", ""), "Changes a mapper; fields left out stay")
            .needs(CHANGE)
            .takes(named("ProtocolMapperDraft"))
            .done()
            .refuses(&[409]),
        mappers
            .delete("/models/{mapper}", &id("delete", ""), "Deletes a mapper")
            .needs(CHANGE)
            .done(),
    ]
}

pub fn schemas() -> Vec<Named> {
    vec![
        ("Client", client().into()),
        (
            "ClientDraft",
            like(
                client_draft(),
                json!({
                    "clientId": "shop",
                    "redirectUris": ["https://shop.example/callback"],
                    "webOrigins": ["+"],
                    "secret": "of the shop",
                }),
            ),
        ),
        (
            "ClientSecret",
            object()
                .has("type", one_of(&["secret"]))
                .may_have(
                    "value",
                    told(string(), "`**********` for a secret that the caller may not read"),
                )
                .into(),
        ),
        (
            "InitialAccess",
            object()
                .has("id", string())
                .has("timestamp", integer())
                .has("expiration", count())
                .has("count", count())
                .has("remainingCount", count())
                .may_have("token", told(string(), "When it is made"))
                .into(),
        ),
        ("ClientScope", scope().into()),
        (
            "BriefClientScope",
            object().has("id", string()).has("name", string()).has("protocol", string()).into(),
        ),
        (
            "ClientScopeDraft",
            like(
                object()
                    .takes_each(&["id", "description"], string())
                    .takes("name", name())
                    .takes("protocol", protocol())
                    .takes("attributes", map_of(anything()))
                    .takes("protocolMappers", list_of(named("ProtocolMapperDraft")))
                    .ignores(&["access"]),
                json!({ "name": "fleet", "protocol": "openid-connect" }),
            ),
        ),
        (
            "ProtocolMapper",
            object()
                .has("id", string())
                .has("name", string())
                .has("protocol", protocol())
                .has("protocolMapper", string())
                .has("consentRequired", boolean())
                .has("config", map_of(string()))
                .into(),
        ),
        (
            "ProtocolMapperDraft",
            like(
                object()
                    .takes("id", string())
                    .takes_each(&["name", "protocolMapper"], name())
                    .takes("protocol", protocol())
                    .takes("config", map_of(anything()))
                    .ignores(&["consentRequired", "consentText"]),
                json!({
                    "name": "boats",
                    "protocol": "openid-connect",
                    "protocolMapper": "oidc-hardcoded-claim-mapper",
                    "config": { "claim.name": "boats", "claim.value": "3" },
                }),
            ),
        ),
    ]
}

fn name() -> Value {
    name_up_to(MAX_NAME_BYTES)
}

fn protocol() -> Value {
    one_of(&["openid-connect", "saml"])
}

/// Required members of a client that the caller may read; who may only find it
/// sees the first two.
fn client() -> Object {
    let switches = [
        "enabled",
        "publicClient",
        "standardFlowEnabled",
        "directAccessGrantsEnabled",
        "serviceAccountsEnabled",
        "consentRequired",
        "authorizationServicesEnabled",
        "fullScopeAllowed",
    ];
    let lists = ["redirectUris", "webOrigins", "defaultClientScopes", "optionalClientScopes"];
    let known = switches.iter().fold(keeps(KEPT), |object, name| object.may_have(name, boolean()));
    let known = lists.iter().fold(known, |object, name| object.may_have(name, list_of(string())));
    known
        .has("id", string())
        .has("clientId", string())
        .may_have("name", string())
        .may_have("description", string())
        .may_have("protocol", protocol())
        .may_have("secret", string())
        .may_have("clientAuthenticatorType", string())
        .may_have("attributes", map_of(string()))
        .may_have("protocolMappers", list_of(named("ProtocolMapper")))
        .may_have(
            "access",
            object().has("view", boolean()).has("configure", boolean()).has("manage", boolean()),
        )
}

fn client_draft() -> Object {
    let switches = [
        "enabled",
        "publicClient",
        "standardFlowEnabled",
        "directAccessGrantsEnabled",
        "serviceAccountsEnabled",
        "consentRequired",
        "fullScopeAllowed",
    ];
    takes_kept(KEPT)
        .takes_each(&["id", "name", "description", "secret"], string())
        .takes("clientId", word_up_to(255))
        .takes(
            "clientAuthenticatorType",
            told(string_up_to(255), "`client-secret`, `client-jwt` or `client-secret-jwt`"),
        )
        .takes_each(&switches, boolean())
        .takes("authorizationServicesEnabled", told(boolean(), "Refused when true"))
        .takes("protocol", one_of(&["openid-connect"]))
        .takes_each(&["redirectUris", "webOrigins"], list_of_at_most(200, string_up_to(2048)))
        .takes_each(&["defaultClientScopes", "optionalClientScopes"], list_of(string()))
        .takes("attributes", map_of(anything()))
        .takes("protocolMappers", list_of(named("ProtocolMapperDraft")))
        .ignores(&["access", "origin", "registrationAccessToken"])
}

fn scope() -> Object {
    object()
        .has("id", string())
        .has("name", string())
        .may_have("description", string())
        .has("protocol", protocol())
        .has("attributes", map_of(string()))
        .may_have("protocolMappers", list_of(named("ProtocolMapper")))
}
