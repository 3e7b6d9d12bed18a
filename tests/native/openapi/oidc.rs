//! The OpenID provider: what clients call, and the pages that people see.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, anything, boolean, count, integer, like, list_of, named, object, one_of, string,
    told,
};
use guildhall::app::demo;
use serde_json::json;

const fn group(tag: &'static str, base: &'static str, dialect: Dialect) -> Group {
    Group { tag, base, dialect, credential: Credential::None }
}

const REALM: Group = group("OpenID Connect", "/realms/{realm}", Dialect::Organizations);
const METADATA: Group = group(
    "OpenID Connect",
    "/.well-known/oauth-authorization-server/realms/{realm}",
    Dialect::Organizations,
);
const PROTOCOL: Group =
    group("OpenID Connect", "/realms/{realm}/protocol/openid-connect", Dialect::OAuth);
const PAGES: Group = group("Pages", "/realms/{realm}", Dialect::Pages);
const TOKEN: Group = Group { credential: Credential::Client, ..PROTOCOL };
const REGISTRATION: Group =
    Group { dialect: Dialect::OAuth, credential: Credential::Token, ..REALM };
const USERINFO: Group = Group { credential: Credential::Token, ..PROTOCOL };

pub fn operations() -> Vec<Operation> {
    [provider(), registration(), sign_in(), mailed()].concat()
}

fn provider() -> Vec<Operation> {
    let kept =
        |operation: Operation| operation.tells(200, "Cache-Control", "How long it may be kept");
    let userinfo = |operation: Operation| {
        operation
            .answers(named("UserInfo"))
            .answers_as(200, "application/jwt", string())
            .header("DPoP", "A proof of the key that the token is bound to")
            .refuses(&[400, 403])
    };
    vec![
        REALM
            .get("", "readRealmEntry", "Where the realm's endpoints begin")
            .answers(named("RealmEntry")),
        kept(
            REALM
                .get("/.well-known/openid-configuration", "readDiscovery", "The discovery document")
                .answers(named("JsonObject")),
        ),
        kept(
            REALM
                .get(
                    "/.well-known/oauth-authorization-server",
                    "readServerMetadata",
                    "The same document, as OAuth's metadata",
                )
                .answers(named("JsonObject")),
        ),
        kept(
            METADATA
                .get("", "readServerMetadataByIssuer", "The same, where RFC 8414 puts it")
                .answers(named("JsonObject")),
        ),
        TOKEN
            .post(
                "/ext/par/request",
                "pushAuthorizationRequest",
                "Keeps an authorization request for the browser to refer to, once",
            )
            .takes_form(named("AuthorizationRequest"))
            .header("DPoP", "A proof of the key that the code shall be bound to")
            .answers_with(201, named("PushedRequest"))
            .tells(201, "Cache-Control", "`no-store`"),
        TOKEN
            .post(
                "/auth/device",
                "startDeviceLogin",
                "Begins a login on a device without a browser (RFC 8628)",
            )
            .about("503 with `Retry-After` while 1,000 devices of the client wait.")
            .takes_form(named("DeviceAuthorizationRequest"))
            .answers(named("DeviceAuthorization"))
            .tells(200, "Cache-Control", "`no-store`"),
        kept(PROTOCOL.get("/certs", "readKeySet", "The public keys").answers(named("KeySet"))),
        TOKEN
            .post("/token", "createTokens", "Makes tokens")
            .takes_form(named("TokenRequest"))
            .header("DPoP", "A proof of the key that the tokens shall be bound to")
            .answers(named("Tokens"))
            .tells(200, "Cache-Control", "`no-store`")
            .refuses(&[403]),
        TOKEN
            .post("/token/introspect", "introspectToken", "What there is to know about a token")
            .about("A confidential client asks. Whatever does not count is `active: false`.")
            .takes_form(about_token())
            .answers(named("Introspection"))
            .answers_as(200, "application/token-introspection+jwt", string())
            .tells(200, "Cache-Control", "`no-store`")
            .refuses(&[403]),
        TOKEN
            .post("/revoke", "revokeToken", "Ends a token of the client's own")
            .about("A refresh token takes its family and its access tokens along.")
            .takes_form(about_token())
            .answers_nothing(200)
            .tells(200, "Cache-Control", "`no-store`"),
        userinfo(USERINFO.get(
            "/userinfo",
            "readUserInfo",
            "Claims about the caller, as they are now",
        )),
        userinfo(USERINFO.post("/userinfo", "readUserInfoByPost", "The same"))
            .about("The form may bring the token, where the header brings none.")
            .takes_form(object().may_have("access_token", string()).open())
            .or_nothing(),
    ]
}

/// Clients that register themselves, and what resources say of themselves.
fn registration() -> Vec<Operation> {
    const PLACE: &str = "/clients-registrations/openid-connect/{client}";
    let by_itself = |operation: Operation| {
        operation
            .about("With the registration access token, which the answer exchanges for the next.")
            .answers(named("RegisteredClient"))
            .tells(200, "Cache-Control", "`no-store`")
    };
    let described = |path: &'static str, id: &str| {
        Group { tag: "OpenID Connect", base: path, ..REALM }
            .get("", id, "Whose tokens a resource takes (RFC 9728)")
            .answers(named("JsonObject"))
    };
    vec![
        REGISTRATION
            .post(
                "/clients-registrations/openid-connect",
                "registerClient",
                "Registers a client (RFC 7591)",
            )
            .about("With an initial access token, or a token of somebody who may make clients.")
            .about("Without one where the realm lets anybody.")
            .takes(named("ClientMetadata"))
            .answers_with(201, named("RegisteredClient"))
            .tells(201, "Location", "Where the registration is")
            .tells(201, "Cache-Control", "`no-store`")
            .refuses(&[403]),
        by_itself(REGISTRATION.get(PLACE, "readRegistration", "A client's own registration")),
        by_itself(
            REGISTRATION
                .put(PLACE, "changeRegistration", "Changes it; what is left out is forgotten")
                .takes(named("ClientMetadata"))
                .refuses(&[403]),
        ),
        REGISTRATION.delete(PLACE, "deleteRegistration", "Deletes the client").done(),
        described(
            "/.well-known/oauth-protected-resource/realms/{realm}/{*resource}",
            "describeResource",
        ),
        described(
            "/.well-known/oauth-protected-resource/admin/realms/{realm}",
            "describeAdministration",
        ),
    ]
}

/// Parameters of an authorization request: name and what it is.
const ASKED: &[(&str, &str)] = &[
    ("client_id", "Who asks"),
    ("redirect_uri", "One of the client's, to the letter"),
    ("response_type", "`code`"),
    ("response_mode", "`query`, `fragment` or `form_post`"),
    ("scope", "What is asked for"),
    ("state", "Given back with the answer"),
    ("nonce", "Given back in the ID token"),
    ("code_challenge", "PKCE: 43 characters of base64url; needed unless the client need not"),
    ("code_challenge_method", "`S256`"),
    ("dpop_jkt", "The thumbprint of the key that the code shall be bound to (RFC 9449)"),
    ("prompt", "`none`, or of `login`, `consent` and `select_account`"),
    ("max_age", "In seconds"),
    ("login_hint", "Who the client thinks it is"),
    ("id_token_hint", "Whom the client means, by an ID token"),
    ("claims", "Which claims are wanted (OpenID Connect Core section 5.5)"),
    ("acr_values", "Levels, none of which binds"),
    ("ui_locales", "Languages; the pages have one"),
    ("claims_locales", "Languages of claims; they have one"),
    ("display", "Taken, without effect"),
    ("resource", "Where the access token shall be used (RFC 8707); may be repeated"),
    ("organization", "The organization it must be, by id or alias"),
    ("organization_name", "The same, by alias"),
    ("invitation", "The ticket of an invitation, with `organization`"),
    ("request", "All of this, signed by the client (RFC 9101)"),
    ("request_uri", "All of this, pushed before (RFC 9126)"),
];

/// What a device asks for.
const ASKED_BY_DEVICES: &[(&str, &str)] = &[
    ("client_id", "Unless the header or an assertion says it"),
    ("client_secret", "Unless the header says it"),
    ("scope", "What is asked for"),
    ("nonce", "Given back in the ID token"),
    ("claims", "Which claims are wanted (OpenID Connect Core section 5.5)"),
    ("code_challenge", "PKCE: 43 characters of base64url"),
    ("code_challenge_method", "`S256`"),
    ("resource", "Where the access token shall be used (RFC 8707); may be repeated"),
    ("organization", "The organization it must be, by id or alias"),
    ("organization_name", "The same, by alias"),
];

/// Parameters of a logout.
const LEAVING: &[(&str, &str)] = &[
    ("id_token_hint", "Whom the client means, by an ID token"),
    ("client_id", "Who asks"),
    ("post_logout_redirect_uri", "One of the client's"),
    ("state", "Given back"),
    ("logout_hint", "Taken, without effect"),
    ("ui_locales", "Taken, without effect"),
];

fn in_query(operation: Operation, parameters: &[(&str, &str)]) -> Operation {
    parameters.iter().fold(operation, |operation, (name, told)| operation.text(name, told))
}

fn about_token() -> Object {
    let fields = [
        ("token_type_hint", "Passed over: the token says more"),
        ("client_id", "Unless the header or an assertion says it"),
        ("client_secret", "Unless the header says it"),
        ("client_assertion", "In place of a secret"),
        ("client_assertion_type", "With `client_assertion`"),
    ];
    form(&fields).has("token", told(string(), "An access or a refresh token"))
}

/// A form with these fields, and what else a client sends.
fn form(parameters: &[(&str, &str)]) -> Object {
    parameters
        .iter()
        .fold(object(), |object, (name, about)| object.may_have(name, told(string(), about)))
        .open()
}

fn sign_in() -> Vec<Operation> {
    let page_or_client = |operation: Operation| operation.shows(200).redirects().refuses(&[400]);
    let comes_back = |below: &str, id: &str, summary: &str| {
        let fields = form(&[("state", "From the page"), ("csrf", "From the page")]);
        page_or_client(PAGES.post(below, id, summary).takes_form(fields))
    };
    vec![
        page_or_client(in_query(
            PAGES.get("/protocol/openid-connect/auth", "authorize", "Begins a login"),
            ASKED,
        )),
        page_or_client(
            PAGES
                .post("/protocol/openid-connect/auth", "authorizeByForm", "Begins a login")
                .takes_form(form(ASKED)),
        ),
        PAGES
            .get("/device", "openDevice", "Where a person types what their device shows")
            .text("user_code", "Filled in; nothing is done with it")
            .shows(200),
        page_or_client(
            PAGES
                .post("/device", "submitUserCode", "What that page posts to")
                .takes_form(form(&[("csrf", "From the page"), ("device_user_code", "The code")])),
        ),
        PAGES
            .get("/device/status", "readDeviceStatus", "What came of it")
            .text("status", "`approved`")
            .text("error", "Why it did not")
            .text("error_description", "Passed over")
            .text("iss", "The issuer")
            .shows(200),
        comes_back("/login-actions/authenticate", "submitLogin", "What the login page posts to"),
        comes_back(
            "/login-actions/registration",
            "submitRegistration",
            "What the page for an account of one's own posts to",
        ),
        comes_back(
            "/login-actions/organization",
            "submitOrganization",
            "What the choice of an organization posts to",
        ),
        comes_back(
            "/login-actions/consent",
            "submitConsent",
            "What the question whether the app may posts to",
        ),
        comes_back(
            "/login-actions/required-action",
            "submitRequiredAction",
            "What the page for a new password posts to",
        ),
        page_or_client(in_query(
            PAGES.get(
                "/protocol/openid-connect/logout",
                "logOut",
                "Ends the session, at once or after a question",
            ),
            LEAVING,
        )),
        page_or_client(
            PAGES
                .post(
                    "/protocol/openid-connect/logout",
                    "logOutByForm",
                    "Ends the session, at once or after a question",
                )
                .about("With `refresh_token` and the client's credentials: 204, and no page.")
                .takes_form(form(LEAVING))
                .answers_nothing(204)
                .answers_as(400, "text/html", string())
                .answers_as(400, "application/json", named("OAuthError"))
                .answers_as(401, "application/json", named("OAuthError")),
        ),
        PAGES
            .get(
                "/protocol/openid-connect/3p-cookies/step1.html",
                "readThirdPartyCookies",
                "Tells keycloak-js to do without its session iframe",
            )
            .shows(200),
    ]
}

/// Where the links of mails lead.
fn mailed() -> Vec<Operation> {
    vec![
        PAGES
            .get(
                "/login-actions/invitation",
                "openInvitation",
                "An invitation's page; changes nothing",
            )
            .text("ticket", "From the mail")
            .text("client_id", "The client that the person came from, to go back to")
            .text("request_uri", "Its request, kept meanwhile")
            .shows(200)
            .refuses(&[403, 410]),
        PAGES
            .post("/login-actions/invitation", "acceptInvitation", "Joins, or shows the form again")
            .text("client_id", "The client that the person came from, to go back to")
            .text("request_uri", "Its request, kept meanwhile")
            .takes_form(form(&[("ticket", "From the page"), ("csrf", "From the page")]))
            .shows(200)
            .refuses(&[403, 410, 415]),
        PAGES
            .get(
                "/login-actions/action-token",
                "openActionToken",
                "Where the link of a mail, or a portal link, leads",
            )
            .text("key", "From the link")
            .text("client_id", "From the link")
            .shows(200)
            .redirects()
            .refuses(&[400, 403, 410]),
        PAGES
            .post("/login-actions/action-token", "runActionToken", "Does what the link is for")
            .takes_form(form(&[("key", "From the page"), ("csrf", "From the page")]))
            .shows(200)
            .refuses(&[410]),
    ]
}

pub fn schemas() -> Vec<Named> {
    let grants = [
        "authorization_code",
        "client_credentials",
        "password",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ];
    let fields = [
        ("client_id", "Unless the header or an assertion says it"),
        ("client_secret", "Unless the header says it"),
        ("client_assertion", "In place of a secret: a JWT that the client signed"),
        (
            "client_assertion_type",
            "`urn:ietf:params:oauth:client-assertion-type:jwt-bearer` with `client_assertion`",
        ),
        ("code", "Of `authorization_code`"),
        ("redirect_uri", "Of `authorization_code`"),
        ("code_verifier", "Of `authorization_code` and of a device that used PKCE"),
        ("device_code", "Of a device"),
        ("refresh_token", "Of `refresh_token`"),
        ("username", "Of `password`"),
        ("password", "Of `password`"),
        ("subject_token", "Of an exchange (RFC 8693): the access token that is exchanged"),
        ("subject_token_type", "`urn:ietf:params:oauth:token-type:access_token`"),
        (
            "requested_token_type",
            "The same, also when it is absent; or what ends in `id_token`, `refresh_token`, `jwt`",
        ),
        ("audience", "Of an exchange: whom the token shall be for; may be repeated"),
        (
            "organization",
            "Of `client_credentials`, `refresh_token` and an exchange: the organization, by id or \
             alias, to speak for alone",
        ),
        ("organization_name", "The same, by alias"),
        ("scope", "What is asked for"),
        ("resource", "Where the access token shall be used (RFC 8707); may be repeated"),
    ];
    let pushed = [("client_id", "Unless the header says it"), ("client_secret", "The same")];
    vec![
        ("AuthorizationRequest", form(&[&pushed[..], &ASKED[1..]].concat()).into()),
        ("DeviceAuthorizationRequest", form(ASKED_BY_DEVICES).into()),
        (
            "DeviceAuthorization",
            object()
                .has("device_code", told(string(), "For the device to poll with"))
                .has("user_code", told(string(), "For the person to type"))
                .has("verification_uri", told(string(), "Where"))
                .has("verification_uri_complete", told(string(), "The same, with the code"))
                .has("expires_in", told(count(), "In seconds"))
                .has("interval", told(count(), "Seconds between two polls"))
                .into(),
        ),
        (
            "PushedRequest",
            object()
                .has("request_uri", string())
                .has("expires_in", told(count(), "In seconds"))
                .into(),
        ),
        (
            "RealmEntry",
            object()
                .has("realm", string())
                .has(
                    "public_key",
                    told(string(), "The key that signs now: SubjectPublicKeyInfo, base64"),
                )
                .has("token-service", string())
                .has("tokens-not-before", integer())
                .into(),
        ),
        ("KeySet", object().has("keys", list_of(key())).into()),
        (
            "TokenRequest",
            like(
                form(&fields).has("grant_type", one_of(&grants)),
                json!({
                    "grant_type": "client_credentials",
                    "client_id": "travel0-machine",
                    "client_secret": demo::CLIENT_SECRET,
                }),
            ),
        ),
        ("Tokens", tokens().into()),
        ("UserInfo", user_info().into()),
        ("Introspection", object().has("active", boolean()).open().into()),
        (
            "ClientMetadata",
            like(
                client_metadata().open(),
                json!({
                    "redirect_uris": ["https://notes.example/callback"],
                    "client_name": "Notes",
                }),
            ),
        ),
        ("RegisteredClient", registered_client().into()),
    ]
}

fn key() -> Object {
    ["crv", "x", "y", "n", "e"]
        .iter()
        .fold(object(), |object, name| object.may_have(name, string()))
        .has("kty", one_of(&["EC", "RSA", "OKP"]))
        .has("kid", string())
        .has("alg", one_of(&["ES256", "RS256", "PS256", "EdDSA"]))
        .has("use", one_of(&["sig"]))
}

fn tokens() -> Object {
    object()
        .has("access_token", string())
        .has("expires_in", told(count(), "In seconds"))
        .has("refresh_expires_in", told(count(), "In seconds; 0 when there is no refresh token"))
        .may_have("refresh_token", string())
        .has(
            "token_type",
            told(one_of(&["Bearer", "DPoP", "N_A"]), "`N_A` of an ID token in exchange"),
        )
        .may_have("id_token", string())
        .has("not-before-policy", integer())
        .may_have("session_state", string())
        .has("scope", string())
        .may_have("issued_token_type", told(string(), "Of an exchange (RFC 8693 §2.2.1)"))
}

/// What else there is, the client's protocol mappers say.
fn user_info() -> Object {
    ["name", "given_name", "family_name", "preferred_username", "email"]
        .iter()
        .fold(object(), |object, name| object.may_have(name, string()))
        .has("sub", string())
        .may_have("email_verified", boolean())
        .may_have(
            "organization",
            told(anything(), "An alias, several, or objects by alias, as the mappers shape it"),
        )
        .open()
}

/// Members of a registration that are texts.
const METADATA_TEXTS: &[&str] = &[
    "client_name",
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "scope",
    "jwks_uri",
    "software_id",
    "software_version",
    "application_type",
    "subject_type",
    "id_token_signed_response_alg",
    "token_endpoint_auth_signing_alg",
    "backchannel_logout_uri",
    "frontchannel_logout_uri",
    "token_endpoint_auth_method",
];

fn client_metadata() -> Object {
    let lists = ["contacts", "grant_types", "response_types", "post_logout_redirect_uris"];
    let flags = ["backchannel_logout_session_required", "frontchannel_logout_session_required"];
    let texts =
        METADATA_TEXTS.iter().fold(object(), |object, name| object.may_have(name, string()));
    let lists = lists.iter().fold(texts, |object, name| object.may_have(name, list_of(string())));
    flags
        .iter()
        .fold(lists, |object, name| object.may_have(name, boolean()))
        .may_have("redirect_uris", list_of(string()))
        .may_have("jwks", named("JsonObject"))
}

fn registered_client() -> Object {
    client_metadata()
        .has("client_id", string())
        .may_have("client_secret", string())
        .may_have("client_secret_expires_at", told(integer(), "0: never"))
        .has("registration_access_token", string())
        .has("registration_client_uri", string())
}
