//! Users, what proves who they are, where else they are known, and their sessions.
use super::groups;
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, boolean, count, integer, integer_between, like, list_of, map_of, named, naming,
    nullable, object, one_of, string, told,
};
use guildhall::account::action_ticket::MAX_LIFESPAN;
use guildhall::realm::user::RequiredAction;
use serde_json::{Value, json};

const fn group(tag: &'static str, base: &'static str) -> Group {
    Group { tag, base, dialect: Dialect::Administration, credential: Credential::Token }
}

const USERS: Group = group("Users", "/admin/realms/{realm}/users");
const CREDENTIALS: Group = group("Credentials", "/admin/realms/{realm}/users/{user}");
const LINKS: Group = group("Users", "/admin/realms/{realm}/users/{user}");
const SESSIONS: Group = group("Sessions", "/admin/realms/{realm}");

const SEE: &str = "`view-users` or `manage-users`";
const CHANGE: &str = "`manage-users`";
const CHANGE_WHOM: &str = "`manage-users`, and the administration roles that the user holds";

const CHANGE_GROUPS: &str = "`manage-users`, and the administration roles that come with the group";

pub fn operations() -> Vec<Operation> {
    [users(), mails(), credentials(), links(), sessions()].concat()
}

/// Which users are meant.
fn filtered(operation: Operation) -> Operation {
    operation
        .text("search", "Words that begin a name (`foo`), are in one (`*foo*`) or are one (`\"foo\"`); `id:` lists by id")
        .text("username", "A part of the username, unless `exact`")
        .text("email", "A part of the address, unless `exact`")
        .text("firstName", "A part of the first name, unless `exact`")
        .text("lastName", "A part of the last name, unless `exact`")
        .flag("exact", "Whether fields are given whole")
        .flag("emailVerified", "Whether the address is verified")
        .flag("enabled", "Whether they may sign in")
        .text("q", "Attributes: `k1:v1 \"k 2\":\"v 2\"`")
        .text("idpAlias", "Linked to this identity provider")
        .text("idpUserId", "Known there by this id")
        .text("createdAfter", "`yyyy-MM-dd`, or milliseconds since 1970")
        .text("createdBefore", "`yyyy-MM-dd`, or milliseconds since 1970")
        .refuses(&[400])
}

fn users() -> Vec<Operation> {
    let profile = "a role over the realm or over users";
    vec![
        filtered(USERS.get("", "listUsers", "Users by username, 100 a page"))
            .needs(SEE)
            .flag(
                "briefRepresentation",
                "Whether to leave out attributes and what else costs space",
            )
            .paged()
            .answers(list_of(named("User"))),
        filtered(USERS.get("/count", "countUsers", "How many the list has"))
            .needs(SEE)
            .answers(count()),
        USERS
            .post(
                "",
                "createUser",
                "Creates a user, who is switched off unless `enabled` says otherwise",
            )
            .needs(CHANGE)
            .takes(naming(&["username"], "UserDraft"))
            .created()
            .refuses(&[409]),
        USERS
            .get("/{user}", "readUser", "One user")
            .needs(SEE)
            .flag("userProfileMetadata", "Whether to tell what the profile's fields are")
            .answers(named("User")),
        USERS
            .put("/{user}", "changeUser", "Changes a user; fields left out stay")
            .needs(CHANGE_WHOM)
            .takes(named("UserDraft"))
            .done()
            .refuses(&[409]),
        USERS
            .delete(
                "/{user}",
                "deleteUser",
                "Deletes a user with account, sessions and memberships",
            )
            .needs(CHANGE_WHOM)
            .done()
            .refuses(&[400]),
        USERS
            .get("/{user}/unmanagedAttributes", "readUserAttributes", "The attributes of a user")
            .needs(SEE)
            .answers(named("Attributes")),
        USERS
            .get("/profile", "readUserProfile", "What the fields of users are")
            .needs(profile)
            .answers(named("UserProfile")),
        USERS
            .put("/profile", "changeUserProfile", "Says what the fields of users are")
            .needs("`manage-realm`")
            .takes(named("UserProfile"))
            .answers(named("UserProfile")),
        USERS
            .get(
                "/profile/metadata",
                "readUserProfileMetadata",
                "The same, as a user's metadata tells it",
            )
            .needs(profile)
            .answers(named("UserProfileMetadata")),
    ]
}

fn mails() -> Vec<Operation> {
    let mail = |operation: Operation| {
        operation
            .needs(CHANGE)
            .text("client_id", "The client whose redirect URI it is")
            .text("redirect_uri", "Where the person goes on")
            .query(
                "lifespan",
                integer_between(1, MAX_LIFESPAN.0.into()),
                "How long the link works, in seconds",
            )
            .done()
            .refuses(&[400])
    };
    vec![
        mail(LINKS.put(
            "/execute-actions-email",
            "mailRequiredActions",
            "Mails a link that does what is asked for",
        ))
        .takes(like(list_of(required_action()), json!(["VERIFY_EMAIL"]))),
        mail(LINKS.put(
            "/send-verify-email",
            "mailVerification",
            "Mails a link that confirms the address",
        )),
    ]
}

fn required_action() -> Value {
    one_of(&RequiredAction::ALL.map(RequiredAction::as_str))
}

fn credentials() -> Vec<Operation> {
    let order = "Puts a credential in order; there is one, so it stays where it is";
    vec![
        CREDENTIALS
            .put("/reset-password", "resetPassword", "Sets a password; sessions go on")
            .needs(CHANGE_WHOM)
            .takes(named("CredentialDraft"))
            .done(),
        CREDENTIALS
            .get("/credentials", "listCredentials", "The password without the password, or nothing")
            .needs(SEE)
            .answers(list_of(named("Credential"))),
        CREDENTIALS
            .get(
                "/configured-user-storage-credential-types",
                "listStorageCredentialTypes",
                "Nothing: users are stored here alone",
            )
            .needs(SEE)
            .answers(list_of(string())),
        CREDENTIALS
            .put(
                "/disable-credential-types",
                "disableCredentialTypes",
                "Takes an empty list: none can be disabled",
            )
            .needs(CHANGE_WHOM)
            .takes(like(list_of(string()), json!([])))
            .done(),
        CREDENTIALS
            .delete("/credentials/{credential}", "deleteCredential", "Deletes a credential")
            .needs(CHANGE_WHOM)
            .done(),
        CREDENTIALS
            .put(
                "/credentials/{credential}/userLabel",
                "labelCredential",
                "Names a credential; the body is the name",
            )
            .needs(CHANGE_WHOM)
            .takes_as("text/plain", string())
            .takes_as("application/json", string())
            .or_nothing()
            .done()
            .refuses(&[400]),
        CREDENTIALS
            .post("/credentials/{credential}/moveToFirst", "moveCredentialToFirst", order)
            .needs(CHANGE_WHOM)
            .done(),
        CREDENTIALS
            .post("/credentials/{credential}/moveAfter/{previous}", "moveCredentialAfter", order)
            .needs(CHANGE_WHOM)
            .done(),
    ]
}

fn links() -> Vec<Operation> {
    vec![
        LINKS
            .get("/federated-identity", "listFederatedIdentities", "Where else the user is known")
            .needs(SEE)
            .answers(list_of(named("FederatedIdentity"))),
        LINKS
            .post(
                "/federated-identity/{provider}",
                "linkFederatedIdentity",
                "Links the user to an identity elsewhere",
            )
            .needs(CHANGE_WHOM)
            .takes(naming(&["userId"], "FederatedIdentityDraft"))
            .done()
            .refuses(&[409]),
        LINKS
            .delete("/federated-identity/{provider}", "unlinkFederatedIdentity", "Ends such a link")
            .needs(CHANGE_WHOM)
            .done(),
        groups::listed(LINKS.get(
            "/groups",
            "listGroupsOfUser",
            "The groups the user is in, by name",
        ))
        .needs(SEE),
        LINKS
            .get("/groups/count", "countGroupsOfUser", "How many groups the user is in")
            .needs(SEE)
            .text("search", "A part of the name")
            .answers(object().has("count", count())),
        LINKS
            .put("/groups/{group}", "joinGroup", "Puts the user into a group")
            .needs(CHANGE_GROUPS)
            .done(),
        LINKS
            .delete("/groups/{group}", "leaveGroup", "Takes the user out of a group")
            .needs(CHANGE_GROUPS)
            .done(),
        LINKS
            .get("/consents", "listConsents", "What the user allowed, by client")
            .needs(SEE)
            .answers(list_of(named("UserConsent"))),
        LINKS
            .delete(
                "/consents/{client}",
                "deleteConsent",
                "Takes back what the user allowed a client, by its clientId",
            )
            .needs(CHANGE)
            .done(),
    ]
}

fn sessions() -> Vec<Operation> {
    vec![
        SESSIONS
            .post(
                "/users/{user}/logout",
                "logOutUser",
                "Ends every session and refresh token of a user",
            )
            .needs(CHANGE)
            .done(),
        SESSIONS
            .get("/users/{user}/sessions", "listSessionsOfUser", "The sessions of a user")
            .needs(SEE)
            .answers(list_of(named("Session"))),
        SESSIONS
            .get(
                "/users/{user}/offline-sessions/{client}",
                "listOfflineSessionsOfUser",
                "The sessions that left the client a grant which outlives them",
            )
            .needs(SEE)
            .answers(list_of(named("Session")))
            .refuses(&[404]),
        SESSIONS
            .delete("/sessions/{session}", "deleteSession", "Ends a session")
            .flag("isOffline", "Ends the grants that outlive it, in place of the session itself")
            .needs(CHANGE)
            .done(),
        SESSIONS
            .get(
                "/attack-detection/brute-force/users/{user}",
                "readLoginFailures",
                "Wrong passwords, and whether the account is locked",
            )
            .needs(SEE)
            .answers(named("LoginFailures")),
        SESSIONS
            .delete(
                "/attack-detection/brute-force/users/{user}",
                "unlockUser",
                "Unlocks an account",
            )
            .needs(CHANGE_WHOM)
            .done(),
        SESSIONS
            .delete(
                "/attack-detection/brute-force/users",
                "unlockEverybody",
                "Unlocks every account",
            )
            .needs(CHANGE)
            .done(),
    ]
}

pub fn schemas() -> Vec<Named> {
    vec![
        (
            "UserConsent",
            object()
                .has("clientId", string())
                .has("grantedClientScopes", list_of(string()))
                .has("createdDate", told(integer(), "In milliseconds"))
                .has("lastUpdatedDate", told(integer(), "In milliseconds"))
                .has("additionalGrants", told(list_of(string()), "Empty"))
                .has("organizations", told(list_of(string()), "For which organizations, by id"))
                .into(),
        ),
        ("User", user().into()),
        (
            "UserDraft",
            like(
                user_draft(),
                json!({
                    "username": "ada",
                    "email": "ada@kayaks.example",
                    "firstName": "Ada",
                    "enabled": true,
                    "credentials": [{ "type": "password", "value": "four unrelated words" }],
                }),
            ),
        ),
        (
            "Credential",
            object()
                .has("id", string())
                .has("type", one_of(&["password"]))
                .has("createdDate", told(integer(), "In milliseconds"))
                .has("credentialData", told(string(), "JSON as text"))
                .may_have("userLabel", string())
                .into(),
        ),
        (
            "CredentialDraft",
            like(
                object()
                    .takes("type", one_of(&["password"]))
                    .takes(
                        "value",
                        told(
                            string(),
                            "In clear; else a hash, in `credentialData` and `secretData`",
                        ),
                    )
                    .takes(
                        "temporary",
                        told(boolean(), "Whether it must be changed at the next login"),
                    )
                    .open(),
                json!({ "value": "four unrelated words", "temporary": true }),
            ),
        ),
        ("UserProfile", profile()),
        ("UserProfileGroup", profile_group().into()),
        ("UserProfileMetadata", profile_metadata().into()),
        ("FederatedIdentity", federated_identity().into()),
        (
            "FederatedIdentityDraft",
            like(
                object().takes_each(&["identityProvider", "userId", "userName"], string()),
                json!({ "userId": "00u1", "userName": "ada@okta.example" }),
            ),
        ),
        (
            "Session",
            object()
                .has("id", string())
                .has("username", string())
                .has("userId", string())
                .has("ipAddress", string())
                .has("start", told(integer(), "In milliseconds"))
                .has("lastAccess", told(integer(), "In milliseconds"))
                .has("rememberMe", boolean())
                .has("clients", map_of(string()))
                .has("transientUser", boolean())
                .into(),
        ),
        (
            "LoginFailures",
            object()
                .has("numFailures", count())
                .has("numTemporaryLockouts", count())
                .has("numSecondaryAuthFailures", count())
                .has("disabled", boolean())
                .has("lastIPFailure", string())
                .has("lastFailure", told(integer(), "In milliseconds"))
                .has("failedLoginNotBefore", told(integer(), "In seconds"))
                .into(),
        ),
    ]
}

/// As it is sent and answered; what is null is not answered.
fn profile() -> Value {
    let names = || list_of(string());
    let people = || list_of(one_of(&["admin", "user"]));
    let attribute = object()
        .takes_each(&["name", "displayName", "group", "defaultValue"], string())
        .takes("validations", map_of(named("JsonObject")))
        .takes("annotations", named("JsonObject"))
        .takes("required", object().takes("roles", people()).takes("scopes", names()))
        .takes("permissions", object().takes("view", people()).takes("edit", people()))
        .takes("selector", object().takes("scopes", names()))
        .may_have("multivalued", boolean());
    like(
        object()
            .has("attributes", told(list_of(attribute), "`username` and `email` are among them"))
            .takes("groups", list_of(named("UserProfileGroup")))
            .takes(
                "unmanagedAttributePolicy",
                told(
                    one_of(&["ENABLED", "ADMIN_VIEW", "ADMIN_EDIT"]),
                    "What holds for other attributes; without it there are none",
                ),
            ),
        json!({
            "attributes": [
                { "name": "username" },
                { "name": "email", "validations": { "email": {} } },
                { "name": "boat", "permissions": { "view": ["admin"], "edit": ["admin"] } },
            ],
            "unmanagedAttributePolicy": "ENABLED",
        }),
    )
}

fn profile_group() -> Object {
    object()
        .takes_each(&["name", "displayHeader", "displayDescription"], string())
        .takes("annotations", named("JsonObject"))
}

fn profile_metadata() -> Object {
    let attribute = object()
        .has("name", string())
        .may_have("displayName", string())
        .may_have("group", string())
        .may_have("defaultValue", string())
        .has("required", boolean())
        .has("readOnly", boolean())
        .has("multivalued", boolean())
        .has("validators", map_of(named("JsonObject")))
        .may_have("annotations", named("JsonObject"));
    object().has("attributes", list_of(attribute)).has("groups", list_of(named("UserProfileGroup")))
}

fn federated_identity() -> Object {
    object().has("identityProvider", string()).has("userId", string()).has("userName", string())
}

/// In a brief representation, only what is required is sure to be there.
/// A user, as answered.
pub fn user() -> Object {
    object()
        .has("id", string())
        .has("username", string())
        .may_have("firstName", string())
        .may_have("lastName", string())
        .may_have("email", string())
        .has("emailVerified", boolean())
        .may_have("attributes", named("Attributes"))
        .has("createdTimestamp", told(integer(), "In milliseconds"))
        .has("enabled", boolean())
        .may_have("serviceAccountClientId", string())
        .may_have("totp", boolean())
        .may_have("disableableCredentialTypes", list_of(string()))
        .may_have("requiredActions", list_of(required_action()))
        .may_have("notBefore", integer())
        .may_have("federatedIdentities", list_of(named("FederatedIdentity")))
        .may_have("userProfileMetadata", named("UserProfileMetadata"))
        .may_have("access", map_of(boolean()))
}

fn user_draft() -> Object {
    let values = json!({
        "anyOf": [string(), list_of(nullable(string())), { "type": "null" }],
    });
    object()
        .takes_each(&["username", "email", "firstName", "lastName"], string())
        .takes_each(&["emailVerified", "enabled"], boolean())
        .takes("attributes", map_of(values))
        .takes("requiredActions", list_of(required_action()))
        .takes("credentials", list_of(named("CredentialDraft")))
        .takes("federatedIdentities", list_of(named("FederatedIdentityDraft")))
        .takes("groups", told(list_of(string()), "Paths of groups to join; a change leaves them"))
        .ignores(&[
            "access",
            "applicationRoles",
            "clientConsents",
            "clientRoles",
            "createdTimestamp",
            "disableableCredentialTypes",
            "federationLink",
            "id",
            "issuedVerifiableCredentials",
            "notBefore",
            "origin",
            "realmRoles",
            "self",
            "serviceAccountClientId",
            "socialLinks",
            "totp",
            "userProfileMetadata",
            "verifiableCredentials",
        ])
}
