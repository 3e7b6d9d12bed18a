//! The provider's endpoints, and the handlers of what anyone may read: discovery
//! and keys.
use super::routes_cors::for_anyone;
use super::{
    discovery, routes_device, routes_introspection, routes_login, routes_logout, routes_par,
    routes_registration, routes_resource, routes_self_registration, routes_switch,
    routes_third_party, routes_token, routes_userinfo,
};
use crate::crypto::spki;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::answer::{json, keycloak_error, with_header};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, ready};
use http::header::CACHE_CONTROL;
use http::{Method, StatusCode};

/// How long a client may keep the document and the keys: less than a new key is
/// published before it signs (`realm::key::PREPUBLISH`), so that whoever keeps
/// to it never meets a signature of a key they have not seen.
const KEEP: &str = "public, max-age=30";

/// Where RFC 8414 §3.1 puts the metadata of an issuer with a path.
const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server/realms/{realm}";

/// Where clients look that append, as for OpenID Connect.
const SERVER_METADATA_BELOW: &str = "/realms/{realm}/.well-known/oauth-authorization-server";

/// Keycloak's path for pushed requests.
const PAR: &str = "/realms/{realm}/protocol/openid-connect/ext/par/request";

/// A handler that anybody may call; it checks what it must.
pub type Open = for<'a> fn(&'a RealmContext<'a>, &'a Request) -> LocalBoxFuture<'a, Response>;

/// Every endpoint of the provider.
#[must_use]
pub fn table() -> Vec<(Method, &'static str, Open)> {
    [general(), devices()].concat()
}

/// Logins on devices without a browser (RFC 8628).
fn devices() -> Vec<(Method, &'static str, Open)> {
    vec![
        (
            Method::POST,
            "/realms/{realm}/protocol/openid-connect/auth/device",
            |context, request| routes_device::authorize(context, request).boxed_local(),
        ),
        (Method::GET, "/realms/{realm}/device", |context, request| {
            ready(routes_device::open(context, request)).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/device", |context, request| {
            routes_device::enter(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/device/status", |context, request| {
            ready(routes_device::status(context, request)).boxed_local()
        }),
    ]
}

fn general() -> Vec<(Method, &'static str, Open)> {
    vec![
        (Method::GET, "/realms/{realm}", |context, _| realm(context).boxed_local()),
        (Method::GET, "/realms/{realm}/.well-known/openid-configuration", |context, request| {
            discovery(context, request).boxed_local()
        }),
        (Method::GET, SERVER_METADATA, |context, request| {
            discovery(context, request).boxed_local()
        }),
        (Method::GET, SERVER_METADATA_BELOW, |context, request| {
            discovery(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/protocol/openid-connect/certs", |context, request| {
            certs(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/protocol/openid-connect/auth", |context, request| {
            routes_login::authorize_query(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/protocol/openid-connect/auth", |context, request| {
            routes_login::authorize_form(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/login-actions/authenticate", |context, request| {
            routes_login::authenticate(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/login-actions/organization", |context, request| {
            routes_login::pick_organization(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/login-actions/consent", |context, request| {
            routes_login::consent(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/login-actions/registration", |context, request| {
            routes_self_registration::submit(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/login-actions/required-action", |context, request| {
            routes_login::required_action(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/protocol/openid-connect/token", |context, request| {
            routes_token::token(context, request).boxed_local()
        }),
        (
            Method::POST,
            "/realms/{realm}/protocol/openid-connect/token/introspect",
            |context, request| routes_introspection::introspect(context, request).boxed_local(),
        ),
        (Method::POST, "/realms/{realm}/protocol/openid-connect/revoke", |context, request| {
            routes_introspection::revoke(context, request).boxed_local()
        }),
        (Method::POST, PAR, |context, request| routes_par::push(context, request).boxed_local()),
        (Method::PUT, "/realms/{realm}/users/switch-organization", |context, request| {
            routes_switch::switch_organization(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/users/active-organization", |context, request| {
            routes_switch::active_organization(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/protocol/openid-connect/userinfo", |context, request| {
            userinfo(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/protocol/openid-connect/userinfo", |context, request| {
            userinfo(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/protocol/openid-connect/logout", |context, request| {
            routes_logout::logout(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/protocol/openid-connect/logout", |context, request| {
            routes_logout::logout(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/protocol/openid-connect/3p-cookies/step1.html", |_, _| {
            ready(routes_third_party::cookies()).boxed_local()
        }),
        (
            Method::GET,
            "/.well-known/oauth-protected-resource/realms/{realm}/{*resource}",
            |context, request| ready(routes_resource::describe(context, request)).boxed_local(),
        ),
        (
            Method::GET,
            "/.well-known/oauth-protected-resource/admin/realms/{realm}",
            |context, request| ready(routes_resource::describe(context, request)).boxed_local(),
        ),
        (Method::POST, REGISTRATIONS, |context, request| {
            routes_registration::register(context, request).boxed_local()
        }),
        (Method::GET, REGISTRATION, |context, request| {
            routes_registration::configure(context, request).boxed_local()
        }),
        (Method::PUT, REGISTRATION, |context, request| {
            routes_registration::configure(context, request).boxed_local()
        }),
        (Method::DELETE, REGISTRATION, |context, request| {
            routes_registration::configure(context, request).boxed_local()
        }),
    ]
}

/// Userinfo, with where it describes itself when it refuses.
async fn userinfo(context: &RealmContext<'_>, request: &Request) -> Response {
    let response = routes_userinfo::userinfo(context, request).await;
    routes_resource::with_metadata(context, request.uri().path(), response)
}

/// Where clients register (RFC 7591 §3).
const REGISTRATIONS: &str = "/realms/{realm}/clients-registrations/openid-connect";

/// Where a client finds its registration (RFC 7592 §2).
const REGISTRATION: &str = "/realms/{realm}/clients-registrations/openid-connect/{client}";

/// `GET /realms/{realm}`: where a realm begins (reference keycloak.md §4.1). Its
/// `public_key` is the one that signs now; `/certs` has those before and after, too.
pub async fn realm(context: &RealmContext<'_>) -> Response {
    let keys = match context.keys().await {
        Ok(keys) => keys,
        Err(error) => return unreadable_keys(context, &error),
    };
    let key = keys.signing(context.realm.settings.signing_algorithm, context.now);
    let document = serde_json::json!({
        "realm": context.realm.name.as_str(),
        "public_key": key.and_then(|key| spki::to_text(&key.public_jwk)),
        "token-service": context.url("/protocol/openid-connect"),
        "tokens-not-before": context.realm.not_before,
    });
    for_anyone(with_header(json(StatusCode::OK, &document), CACHE_CONTROL, KEEP))
}

/// `GET /realms/{realm}/.well-known/openid-configuration`, and the same document as
/// OAuth's metadata (RFC 8414 §2).
pub async fn discovery(context: &RealmContext<'_>, _request: &Request) -> Response {
    match discovery::document(context).await {
        Ok(document) => {
            for_anyone(with_header(json(StatusCode::OK, &document), CACHE_CONTROL, KEEP))
        }
        Err(error) => {
            tracing::error!(realm.id = %context.realm.id, "Discovery failed: {error}");
            keycloak_error(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// `GET /realms/{realm}/protocol/openid-connect/certs`.
pub async fn certs(context: &RealmContext<'_>, _request: &Request) -> Response {
    match discovery::key_set(context).await {
        Ok(keys) => for_anyone(with_header(json(StatusCode::OK, &keys), CACHE_CONTROL, KEEP)),
        Err(error) => unreadable_keys(context, &error),
    }
}

fn unreadable_keys(context: &RealmContext<'_>, error: &StoreError) -> Response {
    tracing::error!(realm.id = %context.realm.id, "The keys could not be read: {error}");
    keycloak_error(StatusCode::INTERNAL_SERVER_ERROR)
}
