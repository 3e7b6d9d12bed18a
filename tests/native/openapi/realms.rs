//! Realms and their keys, and what happens in them.
use super::documents::{BROUGHT, brought, brought_scopes};
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, anything, boolean, count, emptying, identifier, integer, integer_between, like,
    list_of, map_of, named, naming, object, one_of, string, string_up_to, told,
};
use guildhall::event::user_event;
use guildhall::realm::kept::{Field, Kind};
use guildhall::realm::wire_keycloak_realm::{COMPUTED, KEPT, MADE_ELSEWHERE};
use serde_json::{Value, json};

const fn group(tag: &'static str, base: &'static str) -> Group {
    Group { tag, base, dialect: Dialect::Administration, credential: Credential::Token }
}

const REALMS: Group = group("Realms", "/admin/realms");
const REALM: Group = group("Realms", "/admin/realms/{realm}");
const EVENTS: Group = group("Events", "/admin/realms/{realm}");

const SEE: &str = "`view-realm` or `manage-realm`";
const CHANGE: &str = "`manage-realm`";
const SEE_EVENTS: &str = "`view-events` or `manage-events`";
const CHANGE_EVENTS: &str = "`manage-events`";

pub fn operations() -> Vec<Operation> {
    [realms(), components(), actions(), events()].concat()
}

fn realms() -> Vec<Operation> {
    vec![
        REALMS
            .get("", "listRealms", "The realms that the caller administers")
            .about("Of those that the caller may not read, the name only.")
            .needs("a token of `master`")
            .flag("briefRepresentation", "Whether to tell id, name and state only")
            .answers(list_of(named("Realm")))
            .refuses(&[400]),
        REALMS
            .post("", "createRealm", "Creates a realm; whoever does gets every role over it")
            .about("It brings along what the document has, all or nothing.")
            .needs("`admin` or `create-realm` of `master`")
            .takes(naming(&["realm"], "RealmDraft"))
            .created()
            .refuses(&[409]),
        REALM
            .get("", "readRealm", "One realm")
            .needs(&format!("{SEE}; with any other role it is the name only"))
            .answers(named("Realm")),
        REALM
            .put(
                "",
                "changeRealm",
                "Changes a realm; fields left out stay, `attributes` are replaced",
            )
            .needs(CHANGE)
            .takes(emptying(BROUGHT, "RealmDraft"))
            .done()
            .refuses(&[409]),
        REALM
            .delete(
                "",
                "deleteRealm",
                "Deletes a realm with all that belongs to it, but not `master`",
            )
            .needs(CHANGE)
            .done()
            .refuses(&[400]),
        REALM.get("/keys", "listRealmKeys", "The realm's keys").needs(SEE).answers(named("Keys")),
    ]
}

/// The keys of a realm, which are its components.
fn components() -> Vec<Operation> {
    vec![
        REALM
            .get("/components", "listComponents", "The realm's signing keys, as components")
            .needs(SEE)
            .text("name", "The name, exactly")
            .text("parent", "The id of the realm")
            .text("providerId", "What makes the key")
            .text("type", "The type of component")
            .answers(list_of(named("Component"))),
        REALM
            .post("/components", "createComponent", "Makes a new key")
            .needs(CHANGE)
            .takes(naming(&["providerId", "providerType"], "ComponentDraft"))
            .created(),
        REALM
            .get("/components/{component}", "readComponent", "One key")
            .needs(SEE)
            .flag("includeSecrets", "Passed over: no secret is told")
            .answers(named("Component")),
        REALM
            .put(
                "/components/{component}",
                "changeComponent",
                "Changes a key; what is left out stays",
            )
            .needs(CHANGE)
            .takes(named("ComponentDraft"))
            .done(),
        REALM
            .delete("/components/{component}", "deleteComponent", "Deletes a key, but not the last")
            .needs(CHANGE)
            .done()
            .refuses(&[400]),
        REALM
            .get(
                "/components/{component}/sub-component-types",
                "listComponentTypes",
                "What can make keys, and what it takes",
            )
            .needs(SEE)
            .text("type", "The type of component; required")
            .answers(list_of(named("ComponentType")))
            .refuses(&[400]),
    ]
}

/// What is done to a realm as a whole.
fn actions() -> Vec<Operation> {
    vec![
        clears("realm", "clearRealmCache"),
        clears("user", "clearUserCache"),
        clears("keys", "clearKeysCache"),
        REALM
            .post("/testSMTPConnection", "testMail", "Mails the caller, as all mail leaves")
            .about("The server that the body names is not asked.")
            .needs(CHANGE)
            .takes(named("MailSettings"))
            .takes_form(object().has("config", told(string(), "The same, as text")).open())
            .done(),
        REALM
            .get(
                "/client-session-stats",
                "countSessionsOfClients",
                "How many sessions clients have",
            )
            .needs(SEE)
            .answers(list_of(
                object()
                    .has("id", string())
                    .has("clientId", string())
                    .has("active", told(string(), "How many, as text"))
                    .has("offline", told(string(), "`0`: there are none")),
            ))
            .refuses(&[400]),
        REALM
            .post("/logout-all", "logOutEverybody", "Ends every session of the realm")
            .needs("`manage-users`")
            .answers(object()),
    ]
}

/// 204: copies of what it is about are forgotten here.
fn clears(what: &str, id: &str) -> Operation {
    REALM
        .post(&format!("/clear-{what}-cache"), id, "Forgets copies, which live for seconds anyway")
        .needs(CHANGE)
        .done()
}

fn events() -> Vec<Operation> {
    let several = |operation: Operation, name: &str, told: &str| {
        operation.query(name, list_of(string()), told)
    };
    let window = |operation: Operation| {
        operation
            .text("dateFrom", "`yyyy-MM-dd`, or milliseconds since 1970")
            .text("dateTo", "`yyyy-MM-dd`, or milliseconds since 1970")
            .query(
                "direction",
                one_of(&["asc", "desc"]),
                "The order in time; newest first unless said",
            )
            .paged()
    };
    let list =
        EVENTS.get("/admin-events", "listAdminEvents", "What administrators did").needs(SEE_EVENTS);
    let list = several(list, "operationTypes", "Such as `CREATE`");
    let list = several(list, "resourceTypes", "Such as `USER`")
        .text("resourcePath", "The path of the resource; `*` stands for anything")
        .text("authRealm", "The id of the caller's realm")
        .text("authClient", "The caller's client")
        .text("authUser", "The caller's id")
        .text("authIpAddress", "Where the caller was");
    let user_list = EVENTS.get("/events", "listEvents", "What people did").needs(SEE_EVENTS);
    let user_list = several(user_list, "type", "Such as `LOGIN`")
        .text("client", "The client")
        .text("user", "The id of the user")
        .text("ipAddress", "Where they were");
    vec![
        window(list).answers(list_of(named("AdminEvent"))),
        EVENTS
            .delete("/admin-events", "clearAdminEvents", "Forgets them all")
            .needs(CHANGE_EVENTS)
            .done(),
        window(user_list).answers(list_of(named("Event"))),
        EVENTS.delete("/events", "clearEvents", "Forgets them all").needs(CHANGE_EVENTS).done(),
        EVENTS
            .get("/events/config", "readEventsConfig", "What is written down")
            .needs(SEE_EVENTS)
            .answers(events_config()),
        EVENTS
            .put(
                "/events/config",
                "changeEventsConfig",
                "Says what is written down; what is absent stays",
            )
            .needs(CHANGE_EVENTS)
            .takes(events_config_draft())
            .done(),
    ]
}

pub fn schemas() -> Vec<Named> {
    vec![
        ("Realm", realm().into()),
        (
            "RealmDraft",
            like(
                realm_draft(),
                json!({ "realm": "kayaks", "displayName": "Kayaks", "enabled": true }),
            ),
        ),
        (
            "Keys",
            object()
                .has("active", told(map_of(string()), "The key that signs each algorithm"))
                .has("keys", list_of(key()))
                .into(),
        ),
        (
            "Component",
            object()
                .has("id", string())
                .has("name", string())
                .has("providerId", string())
                .has("providerType", string())
                .has("parentId", string())
                .has("config", map_of(list_of(string())))
                .into(),
        ),
        (
            "ComponentDraft",
            like(
                object()
                    .takes_each(&["name", "providerId", "providerType", "parentId"], string())
                    .may_have("config", map_of(list_of(string())))
                    .ignores(&["id", "subType"]),
                json!({
                    "name": "next",
                    "providerId": "ecdsa-generated",
                    "providerType": "org.keycloak.keys.KeyProvider",
                    "config": { "priority": ["100"] },
                }),
            ),
        ),
        (
            "ComponentType",
            object()
                .has("id", string())
                .has("helpText", string())
                .has("properties", list_of(named("ConfigProperty")))
                .has("metadata", object())
                .into(),
        ),
        (
            "MailSettings",
            like(
                object()
                    .has("host", told(string(), "Not asked"))
                    .has("from", told(string(), "Not used"))
                    .open(),
                json!({ "host": "mail.example", "from": "news@mail.example" }),
            ),
        ),
        ("AdminEvent", admin_event().into()),
        ("Event", event().into()),
    ]
}

/// What a kept field holds.
fn kept(kind: Kind) -> Value {
    match kind {
        Kind::Flag => boolean(),
        Kind::Number => integer(),
        Kind::Text => string(),
        Kind::List => json!({ "type": "array" }),
        Kind::Object => json!({ "type": "object" }),
    }
}

/// The kept fields as they are answered.
pub fn keeps(fields: &[Field]) -> Object {
    fields.iter().fold(object(), |object, (name, kind)| object.may_have(name, kept(*kind)))
}

/// The kept fields as they are received.
pub fn takes_kept(fields: &[Field]) -> Object {
    fields.iter().fold(object(), |object, (name, kind)| object.takes(name, kept(*kind)))
}

fn realm() -> Object {
    keeps(KEPT)
        .with(events_members())
        .may_have("id", string())
        .has("realm", string())
        .may_have("displayName", string())
        .may_have("enabled", boolean())
        .may_have("notBefore", integer())
        .may_have("accessTokenLifespan", count())
        .may_have("ssoSessionIdleTimeout", count())
        .may_have("ssoSessionMaxLifespan", count())
        .may_have("offlineSessionIdleTimeout", count())
        .may_have("offlineSessionMaxLifespan", count())
        .may_have("offlineSessionMaxLifespanEnabled", boolean())
        .may_have("clientSessionIdleTimeout", count())
        .may_have("clientSessionMaxLifespan", count())
        .may_have("clientOfflineSessionIdleTimeout", count())
        .may_have("clientOfflineSessionMaxLifespan", count())
        .may_have("oauth2DeviceCodeLifespan", count())
        .may_have("oauth2DevicePollingInterval", count())
        .may_have("defaultSignatureAlgorithm", algorithm())
        .may_have("passwordPolicy", string())
        .may_have("bruteForceProtected", boolean())
        .may_have("failureFactor", count())
        .may_have("organizationsEnabled", told(boolean(), "Whether the realm has organizations"))
        .may_have("registrationAllowed", told(boolean(), "Whether people register themselves"))
        .may_have("maxFailureWaitSeconds", count())
        .may_have("defaultGroups", told(list_of(string()), "Paths of the groups new people join"))
        .may_have("defaultRole", told(named("Role"), "What everybody gets"))
        .may_have("attributes", map_of(string()))
}

fn realm_draft() -> Object {
    let lives = [
        "accessTokenLifespan",
        "ssoSessionIdleTimeout",
        "ssoSessionMaxLifespan",
        "offlineSessionIdleTimeout",
        "offlineSessionMaxLifespan",
        "maxFailureWaitSeconds",
    ];
    let client_lives = [
        "clientSessionIdleTimeout",
        "clientSessionMaxLifespan",
        "clientOfflineSessionIdleTimeout",
        "clientOfflineSessionMaxLifespan",
    ];
    let empty = json!({ "type": ["array", "object", "null"], "maxItems": 0, "maxProperties": 0 });
    let made_elsewhere =
        MADE_ELSEWHERE.iter().fold(object(), |object, name| object.may_have(name, empty.clone()));
    takes_kept(KEPT)
        .with(events_draft())
        .with(made_elsewhere)
        .with(brought())
        .with(brought_scopes())
        .ignores(COMPUTED)
        .ignores(&["access"])
        .takes("id", told(string(), "Honoured when given to a new realm"))
        .takes("realm", told(identifier(), "The name in URLs"))
        .takes("displayName", string_up_to(255))
        .takes("enabled", boolean())
        .takes_each(&lives, integer_between(1, 365 * 24 * 60 * 60))
        .takes_each(&client_lives, integer_between(0, 365 * 24 * 60 * 60))
        .takes("notBefore", told(integer(), "What began up to then is over; in seconds"))
        .takes("defaultSignatureAlgorithm", algorithm())
        .takes("passwordPolicy", told(string(), "`length(8)` to `length(128)`"))
        .takes("offlineSessionMaxLifespanEnabled", boolean())
        .takes("oauth2DeviceCodeLifespan", integer_between(10, 86_400))
        .takes("oauth2DevicePollingInterval", integer_between(1, 600))
        .takes("bruteForceProtected", boolean())
        .takes("failureFactor", integer_between(1, 1000))
        .takes("organizationsEnabled", told(boolean(), "Whether the realm has organizations"))
        .takes("registrationAllowed", told(boolean(), "Whether people register themselves"))
        .takes("defaultGroups", told(list_of(string()), "Paths of the groups new people join"))
        .takes("attributes", map_of(anything()))
}

fn algorithm() -> Value {
    one_of(&["ES256", "RS256", "PS256", "EdDSA"])
}

fn key() -> Object {
    object()
        .has("kid", string())
        .has("status", one_of(&["ACTIVE", "PASSIVE", "DISABLED"]))
        .has("type", one_of(&["EC", "RSA", "OKP"]))
        .has("algorithm", algorithm())
        .has("use", one_of(&["SIG"]))
        .has("providerId", string())
        .has("providerPriority", integer())
        .may_have("publicKey", string())
}

fn events_members() -> Object {
    object()
        .may_have("eventsEnabled", boolean())
        .may_have("eventsExpiration", count())
        .may_have("eventsListeners", list_of(string()))
        .may_have("enabledEventTypes", list_of(string()))
        .may_have("adminEventsEnabled", boolean())
        .may_have("adminEventsDetailsEnabled", boolean())
}

fn events_draft() -> Object {
    object()
        .takes_each(
            &["eventsEnabled", "adminEventsEnabled", "adminEventsDetailsEnabled"],
            boolean(),
        )
        .takes(
            "eventsExpiration",
            told(integer_between(0, u32::MAX.into()), "In seconds; 0 is for ever"),
        )
        .takes_each(&["eventsListeners", "enabledEventTypes"], list_of(string()))
}

fn events_config() -> Value {
    events_members().into()
}

fn events_config_draft() -> Value {
    events_draft().into()
}

fn admin_event() -> Object {
    object()
        .has("id", string())
        .has("time", told(integer(), "In milliseconds"))
        .has("realmId", string())
        .has(
            "authDetails",
            object()
                .may_have("realmId", string())
                .may_have("clientId", string())
                .may_have("userId", string())
                .may_have("ipAddress", string()),
        )
        .has("operationType", one_of(&["CREATE", "UPDATE", "DELETE", "ACTION"]))
        .has("resourceType", string())
        .has("resourcePath", string())
        .may_have("representation", told(string(), "JSON as text"))
        .may_have("details", object().has("org_id", string()))
}

fn event() -> Object {
    let kinds: Vec<&str> = user_event::Kind::ALL.iter().map(|(_, name)| *name).collect();
    let texts = ["clientId", "userId", "sessionId", "ipAddress", "error"];
    texts
        .iter()
        .fold(object(), |object, name| object.may_have(name, string()))
        .has("id", string())
        .has("time", told(integer(), "In milliseconds"))
        .has("type", one_of(&kinds))
        .has("realmId", string())
        .has("details", map_of(string()))
}
