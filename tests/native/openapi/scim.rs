//! The SCIM service provider of an organization, and its configuration.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, anything, boolean, count, integer, integer_between, like, list_of, moment,
    named, nullable, object, one_of, string, told,
};
use guildhall::scim::config::MAX_LOG_DAYS;
use guildhall::scim::rotate::MAX_OVERLAP;
use guildhall::scim::schema::{
    Attribute, ENTERPRISE, ENTERPRISE_URN, GROUP, GROUP_URN, Kind, USER, USER_URN,
};
use serde_json::{Value, json};

const CONFIG: Group = Group {
    tag: "SCIM configuration",
    base: "/realms/{realm}/orgs/{org}/scim",
    dialect: Dialect::Organizations,
    credential: Credential::Token,
};

const SCIM: Group = Group {
    tag: "SCIM",
    base: "/realms/{realm}/scim/v2/organizations/{org}",
    dialect: Dialect::Scim,
    credential: Credential::Scim,
};

const CHANGE: &str = "to be let in, and `manage-organizations` or `manage-identity-providers`";

pub fn operations() -> Vec<Operation> {
    [configuration(), custom_schemas(), discovery(), users(), groups(), bulk(), me()].concat()
}

fn configuration() -> Vec<Operation> {
    vec![
        CONFIG
            .get("", "readScimConfig", "The configuration, without secrets")
            .needs("`view-organizations` or `view-identity-providers`")
            .answers(named("ScimConfig")),
        CONFIG
            .post("", "createScimConfig", "Configures SCIM")
            .about("A secret that we made is told this once.")
            .needs(CHANGE)
            .takes(named("ScimConfigDraft"))
            .answers_with(201, named("ScimConfig"))
            .answers_as(409, "text/plain", string()),
        CONFIG
            .put(
                "",
                "replaceScimConfig",
                "Changes the configuration; a secret that is left out stays",
            )
            .needs(CHANGE)
            .takes(named("ScimConfigDraft"))
            .answers(named("ScimConfig")),
        CONFIG
            .post(
                "/rotate",
                "rotateScimSecret",
                "Replaces the secret; the old one does for a while",
            )
            .about("A secret that we made is told this once.")
            .needs(CHANGE)
            .takes(named("ScimRotation"))
            .answers(named("ScimConfig")),
        CONFIG
            .get("/log", "listScimLog", "What the directory asked, the newest first")
            .needs("`view-organizations` or `view-identity-providers`")
            .paged()
            .query("outcome", one_of(&["success", "failure", "refused"]), "Only these")
            .text("resource_id", "Only what was asked of this resource")
            .query("from", integer(), "Not before, in Unix seconds")
            .query("to", integer(), "Before, in Unix seconds")
            .answers(list_of(named("ScimLogEntry"))),
        CONFIG
            .delete("", "deleteScimConfig", "Ends SCIM; users that it pushed stay")
            .needs(CHANGE)
            .done(),
    ]
}

fn discovery() -> Vec<Operation> {
    let read = |below: &str, id: &str, summary: &str| SCIM.get(below, id, summary).refuses(&[403]);
    vec![
        read("/ServiceProviderConfig", "readScimServiceProviderConfig", "What the service can do")
            .answers(named("JsonObject")),
        read("/ResourceTypes", "listScimResourceTypes", "The kinds of resources")
            .answers(named("ScimList")),
        read("/ResourceTypes/{id}", "readScimResourceType", "One kind of resources")
            .answers(named("JsonObject")),
        read("/Schemas", "listScimSchemas", "The schemas of resources").answers(named("ScimList")),
        read("/Schemas/{id}", "readScimSchema", "One schema").answers(named("JsonObject")),
    ]
}

/// What an answer with resources can be asked to show.
fn shows(operation: Operation) -> Operation {
    operation
        .text("attributes", "What to show, separated by commas")
        .text("excludedAttributes", "What not to show")
}

fn pages(operation: Operation) -> Operation {
    shows(operation)
        .text("filter", "Such as `userName eq \"ada\"` (RFC 7644 §3.4.2.2)")
        .text("sortBy", "Such as `name.familyName`")
        .text("sortOrder", "`ascending` or `descending`")
        .query("startIndex", integer(), "The place of the first one, counted from 1")
        .query("count", integer(), "How many; at most 200")
        .text("cursor", "Empty for a first page, then `nextCursor` (RFC 9865)")
}

fn searches(below: &str, id: &str, summary: &str) -> Operation {
    SCIM.post(below, id, summary)
        .takes_as("application/scim+json", named("ScimSearch"))
        .takes_as("application/json", named("ScimSearch"))
        .refuses(&[400, 415])
}

/// The resource of the caller.
fn me() -> Vec<Operation> {
    let about = "Of a person whose access token it is; 404 to every other credential.";
    vec![
        shows(SCIM.get("/Me", "readScimMe", "The caller's own resource"))
            .about(about)
            .answers(named("ScimUser"))
            .answers_nothing(304),
        shows(SCIM.put("/Me", "replaceScimMe", "Replaces it"))
            .about(about)
            .takes_as("application/scim+json", named("ScimUserDraft"))
            .answers(named("ScimUser"))
            .refuses(&[400, 409, 412, 415]),
        shows(SCIM.patch("/Me", "patchScimMe", "Changes a part of it"))
            .about(about)
            .takes_as("application/scim+json", named("ScimPatch"))
            .answers(named("ScimUser"))
            .refuses(&[400, 409, 412, 415]),
        SCIM.delete("/Me", "deleteScimMe", "Takes the caller out of the organization")
            .about(about)
            .done()
            .refuses(&[412]),
    ]
}

fn bulk() -> Vec<Operation> {
    vec![
        SCIM.post("/Bulk", "runScimBulk", "Many operations in one request")
            .about("Each is done whole or not at all; what one makes, others name by its `bulkId`.")
            .takes_as("application/scim+json", named("ScimBulk"))
            .takes_as("application/json", named("ScimBulk"))
            .answers(named("ScimBulkOutcomes"))
            .refuses(&[400, 413, 415]),
    ]
}

fn custom_schemas() -> Vec<Operation> {
    let one = |operation: Operation, needs: &str| operation.needs(needs);
    let view = "`view-organizations` or `view-identity-providers`";
    vec![
        one(
            CONFIG.get("/schemas", "listScimCustomSchemas", "The organization's own schemas"),
            view,
        )
        .answers(list_of(named("JsonObject"))),
        one(CONFIG.get("/schemas/{urn}", "readScimCustomSchema", "One of them"), view)
            .answers(named("JsonObject")),
        one(
            CONFIG.put("/schemas/{urn}", "putScimCustomSchema", "Defines one, or defines it anew"),
            CHANGE,
        )
        .takes(named("ScimSchemaDraft"))
        .answers(named("JsonObject"))
        .answers_with(201, named("JsonObject")),
        one(
            CONFIG.delete(
                "/schemas/{urn}",
                "deleteScimCustomSchema",
                "Ends one; what users have of it is kept, and no longer told",
            ),
            CHANGE,
        )
        .done(),
    ]
}

/// What brings a resource, or a part of one.
fn writes(operation: Operation, body: Value) -> Operation {
    operation
        .takes_as("application/scim+json", body.clone())
        .takes_as("application/json", body)
        .refuses(&[400, 409, 415])
}

/// What may ask for a version of the resource.
fn guarded(operation: Operation) -> Operation {
    operation.header("If-Match", "Versions, one of which must be the current one").refuses(&[412])
}

fn users() -> Vec<Operation> {
    let renamed = like(
        named("ScimUserDraft"),
        json!({ "userName": "mara.lind@granite-outpost.example", "active": true }),
    );
    let one = |operation: Operation| {
        shows(operation).answers(named("ScimUser")).tells(200, "ETag", "The version")
    };
    vec![
        pages(SCIM.get("/Users", "listScimUsers", "A page of users, the oldest first"))
            .answers(named("ScimUserList"))
            .refuses(&[400]),
        searches("/Users/.search", "searchScimUsers", "A page of users, asked for in a body")
            .answers(named("ScimUserList")),
        searches("/.search", "searchScim", "A page of resources of every type")
            .answers(named("ScimList")),
        shows(writes(
            SCIM.post("/Users", "createScimUser", "Pushes a new user"),
            named("ScimUserDraft"),
        ))
        .answers_with(201, named("ScimUser"))
        .tells(201, "Location", "Where the user is")
        .tells(201, "ETag", "The version"),
        one(SCIM.get("/Users/{id}", "readScimUser", "One user"))
            .header("If-None-Match", "Versions that the caller knows")
            .answers_nothing(304)
            .tells(304, "ETag", "The version"),
        guarded(one(writes(
            SCIM.put("/Users/{id}", "replaceScimUser", "Replaces a user"),
            renamed,
        ))),
        guarded(one(writes(
            SCIM.patch("/Users/{id}", "patchScimUser", "Changes a part of a user"),
            named("ScimPatch"),
        ))),
        guarded(SCIM.delete(
            "/Users/{id}",
            "deleteScimUser",
            "Takes a user out of the organization",
        ))
        .done(),
    ]
}

fn groups() -> Vec<Operation> {
    let shown = |operation: Operation| shows(operation).refuses(&[400]);
    let one = |operation: Operation| {
        shown(operation).answers(named("ScimGroup")).tells(200, "ETag", "The version")
    };
    vec![
        pages(SCIM.get("/Groups", "listScimGroups", "A page of groups, the oldest first"))
            .answers(named("ScimGroupList"))
            .refuses(&[400]),
        searches("/Groups/.search", "searchScimGroups", "A page of groups, asked for in a body")
            .answers(named("ScimGroupList")),
        shown(writes(
            SCIM.post("/Groups", "createScimGroup", "Pushes a new group"),
            named("ScimGroupDraft"),
        ))
        .answers_with(201, named("ScimGroup"))
        .tells(201, "Location", "Where the group is")
        .tells(201, "ETag", "The version"),
        one(SCIM.get("/Groups/{id}", "readScimGroup", "One group with its members"))
            .header("If-None-Match", "Versions that the caller knows")
            .answers_nothing(304)
            .tells(304, "ETag", "The version"),
        guarded(one(writes(
            SCIM.put("/Groups/{id}", "replaceScimGroup", "Replaces a group and its members"),
            like(named("ScimGroupDraft"), json!({ "displayName": "Wranglers", "members": [] })),
        ))),
        guarded(one(writes(
            SCIM.patch("/Groups/{id}", "patchScimGroup", "Changes a group and who is in it"),
            named("ScimGroupPatch"),
        ))),
        guarded(SCIM.delete(
            "/Groups/{id}",
            "deleteScimGroup",
            "Deletes a group, with what is below it",
        ))
        .done(),
    ]
}

/// A page of resources.
fn list(item: Value) -> Object {
    object()
        .has("schemas", list_of(string()))
        .has("totalResults", count())
        .may_have("startIndex", count())
        .may_have("nextCursor", string())
        .has("itemsPerPage", count())
        .has("Resources", list_of(item))
}

pub fn schemas() -> Vec<Named> {
    [config_schemas(), resource_schemas(), group_schemas(), bulk_schemas()].concat()
}

fn group_schemas() -> Vec<Named> {
    vec![
        ("ScimGroupList", list(named("ScimGroup")).into()),
        ("ScimGroup", group().into()),
        (
            "ScimGroupDraft",
            like(
                told(
                    attributes(&GROUP.attributes, Side::Pushed)
                        .has("displayName", string())
                        .may_have("externalId", nullable(string()))
                        .may_have("members", anything())
                        .open()
                        .into(),
                    "Names are matched without regard to case; unknown ones are passed over",
                ),
                json!({ "schemas": [GROUP_URN], "displayName": "Pilots", "members": [] }),
            ),
        ),
        (
            "ScimGroupPatch",
            like(
                patch(),
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "add", "path": "members", "value": [] }],
                }),
            ),
        ),
    ]
}

fn bulk_schemas() -> Vec<Named> {
    vec![
        (
            "ScimBulk",
            like(
                bulk_request(),
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                    "Operations": [{
                        "method": "POST",
                        "path": "/Users",
                        "bulkId": "kim",
                        "data": { "userName": "kim@granite-outpost.example" },
                    }],
                }),
            ),
        ),
        ("ScimBulkOutcomes", bulk_outcomes().into()),
    ]
}

fn config_schemas() -> Vec<Named> {
    vec![
        (
            "ScimConfig",
            object()
                .has("enabled", boolean())
                .has("email_as_username", boolean())
                .has("link_idp", boolean())
                .has(
                    "auth",
                    object()
                        .has("type", one_of(KINDS))
                        .may_have("issuer", string())
                        .may_have("audience", string())
                        .may_have("jwks_uri", string())
                        .may_have("username", string())
                        .may_have("shared_secret", told(string(), "Told once, when we made it"))
                        .may_have("password", told(string(), "Told once, when we made it")),
                )
                .has("log_days", told(integer(), "How long the log is kept"))
                .may_have("last_used_at", told(integer(), "In Unix seconds, to within minutes"))
                .may_have("rotated_at", integer())
                .may_have("previous_secret_expires_at", integer())
                .may_have("previous_secret_last_used_at", integer())
                .into(),
        ),
        (
            "ScimRotation",
            like(
                object()
                    .takes("overlap_seconds", integer_between(0, MAX_OVERLAP.0.into()))
                    .takes_each(&["shared_secret", "password"], string()),
                json!({ "overlap_seconds": 3600 }),
            ),
        ),
        ("ScimLogEntry", log_entry().into()),
        (
            "ScimConfigDraft",
            like(
                object()
                    .takes_each(&["enabled", "email_as_username", "link_idp"], boolean())
                    .takes("auth", auth_draft())
                    .takes("log_days", integer_between(1, MAX_LOG_DAYS.into()))
                    .takes("overlap_seconds", integer_between(0, MAX_OVERLAP.0.into()))
                    .open(),
                json!({ "enabled": true, "auth": { "type": "EXTERNAL_SECRET" } }),
            ),
        ),
    ]
}

fn resource_schemas() -> Vec<Named> {
    let list = |item: Value| {
        object()
            .has("schemas", list_of(string()))
            .has("totalResults", count())
            .may_have("startIndex", count())
            .may_have("nextCursor", string())
            .has("itemsPerPage", count())
            .has("Resources", list_of(item))
    };
    vec![
        ("ScimList", list(named("JsonObject")).into()),
        ("ScimUserList", list(named("ScimUser")).into()),
        ("ScimUser", user().into()),
        (
            "ScimUserDraft",
            like(
                told(
                    user_draft().into(),
                    "Names are matched without regard to case; unknown ones are passed over",
                ),
                json!({
                    "schemas": [USER_URN],
                    "userName": "mara@granite-outpost.example",
                    "externalId": "00u1",
                    "name": { "givenName": "Mara", "familyName": "Lind" },
                    "emails": [{ "value": "mara@granite-outpost.example", "primary": true }],
                    "active": true,
                }),
            ),
        ),
        (
            "ScimSearch",
            like(
                object()
                    .has("schemas", list_of(string()))
                    .takes_each(&["filter", "sortBy", "sortOrder", "cursor"], string())
                    .takes_each(&["attributes", "excludedAttributes"], list_of(string()))
                    .takes_each(&["startIndex", "count"], integer())
                    .open(),
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                    "filter": "externalId pr",
                }),
            ),
        ),
        (
            "ScimSchemaDraft",
            like(
                object()
                    .takes_each(&["id", "name", "description"], string())
                    .has("attributes", list_of(object().has("name", string()).open()))
                    .open(),
                json!({ "attributes": [{ "name": "shoeSize", "type": "integer" }] }),
            ),
        ),
        (
            "ScimPatch",
            like(
                patch(),
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "replace", "path": "active", "value": false }],
                }),
            ),
        ),
    ]
}

fn auth_draft() -> Object {
    object()
        .has("type", one_of(KINDS))
        .takes_each(
            &["shared_secret", "username", "password", "issuer", "audience", "jwks_uri"],
            string(),
        )
        .open()
}

const KINDS: &[&str] = &["KEYCLOAK", "EXTERNAL_JWT", "EXTERNAL_SECRET", "EXTERNAL_BASIC"];

fn log_entry() -> Object {
    let texts = [
        "scim_type",
        "detail",
        "resource_type",
        "resource_id",
        "external_id",
        "user_name",
        "credential",
        "caller",
        "address",
    ];
    let entry = object()
        .has("id", integer())
        .has("at", integer())
        .has("outcome", one_of(&["success", "failure", "refused"]))
        .has("method", string())
        .has("path", string())
        .has("status", integer())
        .may_have("operations", count())
        .may_have("failed", count());
    texts.into_iter().fold(entry, |entry, name| entry.may_have(name, string()))
}

fn user_draft() -> Object {
    attributes(&USER.attributes, Side::Pushed)
        .has("userName", string())
        .may_have("externalId", nullable(string()))
        .open()
}

fn bulk_request() -> Object {
    let operation = object()
        .has("method", told(string(), "`POST`, `PUT`, `PATCH` or `DELETE`"))
        .has("path", told(string(), "Such as `/Users` or `/Users/bulkId:kim`"))
        .takes_each(&["bulkId", "version"], string())
        .may_have("data", anything())
        .open();
    object()
        .may_have("schemas", list_of(string()))
        .takes("failOnErrors", integer())
        .has("Operations", list_of(operation))
        .open()
}

fn bulk_outcomes() -> Object {
    let outcome = object()
        .has("method", string())
        .has("status", told(string(), "The HTTP status"))
        .may_have("bulkId", string())
        .may_have("location", string())
        .may_have("version", string())
        .may_have("response", anything());
    object().has("schemas", list_of(string())).has("Operations", list_of(outcome))
}

fn patch() -> Object {
    let operation = object()
        .has("op", told(string(), "`add`, `replace` or `remove`, case aside"))
        .takes("path", string())
        .may_have("value", anything())
        .open();
    object().may_have("schemas", list_of(string())).has("Operations", list_of(operation)).open()
}

/// A group as answered; less, if the client asks for less.
fn group() -> Object {
    meta(attributes(&GROUP.attributes, Side::Kept).may_have("externalId", string()))
}

/// A user as answered: what the schema knows, and what only we set; less, if the
/// client asks for less.
fn user() -> Object {
    let known = attributes(&USER.attributes, Side::Kept)
        .may_have("externalId", string())
        .may_have(ENTERPRISE_URN, attributes(&ENTERPRISE.attributes, Side::Kept));
    // Extensions of the organization's own.
    meta(known).open()
}

/// What every resource has besides.
fn meta(resource: Object) -> Object {
    resource.has("schemas", list_of(string())).has("id", string()).may_have(
        "meta",
        object()
            .may_have("resourceType", string())
            .may_have("created", moment())
            .may_have("lastModified", moment())
            .may_have("location", string())
            .may_have("version", string()),
    )
}

/// A body that is pushed may say more, and say it otherwise, than what is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Pushed,
    Kept,
}

fn attributes(table: &[Attribute], side: Side) -> Object {
    let members = table.iter().fold(object(), |object, attribute| {
        object.may_have(&attribute.name, values(attribute, side))
    });
    if side == Side::Pushed { members.open() } else { members }
}

fn values(attribute: &Attribute, side: Side) -> Value {
    let one = value(attribute, side);
    match (attribute.multi_valued, side) {
        (false, Side::Kept) => one,
        (false, Side::Pushed) => nullable(one),
        (true, Side::Kept) => list_of(one),
        (true, Side::Pushed) => nullable(list_of(one)),
    }
}

fn value(attribute: &Attribute, side: Side) -> Value {
    match (&attribute.kind, side) {
        (Kind::Complex(subs), _) => attributes(subs, side).into(),
        (Kind::Boolean, Side::Kept) => boolean(),
        // Entra sends texts.
        (Kind::Boolean, Side::Pushed) => json!({ "type": ["boolean", "string"] }),
        (Kind::Text | Kind::Binary | Kind::Reference | Kind::Moment, _) => string(),
        (Kind::Integer, _) => integer(),
        (Kind::Decimal, _) => json!({ "type": "number" }),
    }
}
