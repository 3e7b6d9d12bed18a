//! The Worker's front door: one request in, one answer out.
use super::authenticate::{Unauthenticated, find_actor};
use super::{App, bootstrap, development, openapi, outbox, pages, routes};
use crate::crypto::jwt;
use crate::kernel::id::{OrgId, RealmName};
use crate::kernel::route::ObjectName;
use crate::kernel::time::Timestamp;
use crate::oidc::routes_cors;
use crate::oidc::routes_resource;
use crate::org::visit::{VISITOR_HEADER, Visitor};
use crate::platform::row::StoreError;
use crate::realm::actor::Actor;
use crate::realm::bootstrap::complete;
use crate::realm::context::{RealmContext, find_realm};
use crate::realm::furnish;
use crate::realm::inquiry::Inquiry;
use crate::realm::settings::{MASTER, Realm};
use crate::scim;
use crate::web::router::{Found, Params};
use crate::web::{
    self, REQUEST_ID_HEADER, Request, Response, answer, assets, credentials, header, security,
};
use http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use routes::{Door, Local};
use std::fmt::Write;
use std::rc::Rc;
use tracing::Instrument;

/// Longest body of a request, in bytes. A SCIM group of 10,000 members in one
/// PUT needs about 600 kB; nothing else comes near.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The path prefix that Keycloak once had and that many clients still send.
const LEGACY_PREFIX: &str = "/auth";

/// The path prefix of Keycloak's administration API.
const ADMINISTRATION: &str = "/admin/realms/";

/// Answers a request from outside.
pub async fn handle(app: &App, mut request: Request) -> Response {
    let id = enter(app, &mut request);
    let span = tracing::info_span!("request", request.id = id);
    let mut response = match check(&request) {
        Some(refusal) => refusal,
        None => answer(app, request).instrument(span).await,
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    security::secure(&mut response);
    response
}

/// Names the request, drops what only we may say, and takes off what some clients add
/// to the path.
fn enter(app: &App, request: &mut Request) -> String {
    let id = app.ports.random.uuid().to_string();
    request.headers_mut().remove(VISITOR_HEADER);
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.headers_mut().insert(REQUEST_ID_HEADER, value);
    }
    if let Some(uri) = plain(request.uri()) {
        *request.uri_mut() = uri;
    }
    id
}

/// The address without the old prefix and without a slash at the end, which
/// Keycloak passes over and its JavaScript client sends; `None` when that is how
/// it is.
fn plain(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let unprefixed = path.strip_prefix(LEGACY_PREFIX).filter(|rest| rest.starts_with('/'));
    let rest = unprefixed.unwrap_or(path);
    let rest = rest.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(rest);
    if rest == path {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{rest}{query}").parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// Refuses what no handler should see.
fn check(request: &Request) -> Option<Response> {
    (request.body().len() > MAX_BODY_BYTES).then(|| {
        let why = format!("a body has at most {MAX_BODY_BYTES} bytes (MAX_BODY_BYTES)");
        in_dialect(request, StatusCode::PAYLOAD_TOO_LARGE, &why)
    })
}

async fn answer(app: &App, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let router = match routes::router() {
        Ok(router) => router,
        Err(error) => {
            tracing::error!("The route table contradicts itself: {error}");
            return in_dialect(&request, StatusCode::INTERNAL_SERVER_ERROR, "server error");
        }
    };
    if request.method() == Method::OPTIONS
        && let Some(response) = routes_cors::preflight(&request)
    {
        return response;
    }
    match router.find(request.method(), &path) {
        Found::Handler(Door::Local(local), params) => {
            answer_local(app, *local, &request, &params).await
        }
        Found::Handler(Door::Development(local), params) if development::is_on(app) => {
            answer_local(app, *local, &request, &params).await
        }
        Found::Handler(door, params) => {
            let home = home_of(app, *door, &request);
            // The list of realms is of no realm: `master` administers it.
            let named = home.as_deref().unwrap_or(params.get_or("realm", MASTER));
            let mut context = find_context(app, &path, named).await;
            if home.is_some() && matches!(context, Ok(None)) {
                context = find_context(app, &path, MASTER).await;
            }
            match context {
                Ok(Some(context)) => enter_realm(&context, *door, &params, request).await,
                Ok(None) => unknown_realm(&request),
                Err(error) => failed(&request, &error),
            }
        }
        Found::Method(allowed) if path.contains("/scim/v2/") => {
            scim::reply::method_not_allowed(&allowed)
        }
        Found::Method(allowed) => answer::method_not_allowed(&allowed),
        Found::Nothing => asset(&path).unwrap_or_else(|| nothing_at(&request)),
    }
}

/// The name of the realm that a token says it is of, where the path names none
/// and it is that realm's. Whether it is true, its keys will tell.
fn home_of(app: &App, door: Door, request: &Request) -> Option<String> {
    if !matches!(door, Door::Home(_)) {
        return None;
    }
    let unverified_issuer = jwt::unverified_issuer(credentials::bearer(request)?)?;
    let path = unverified_issuer.strip_prefix(&*app.config.public_url)?;
    path.strip_prefix("/realms/").map(str::to_owned)
}

async fn find_context<'a>(
    app: &'a App,
    path: &str,
    name: &str,
) -> Result<Option<RealmContext<'a>>, StoreError> {
    let now = app.ports.clock.now();
    let Ok(name) = name.parse() else { return Ok(None) };
    let realm = find_or_make_realm(app, &name, now).await?;
    // A realm that is off is administered, to switch it on.
    let answers = |realm: &Rc<Realm>| realm.enabled || path.starts_with(ADMINISTRATION);
    Ok(realm.filter(answers).map(|realm| app.context(realm, now)))
}

/// The realm, making `master` when it is asked for the first time, and giving a
/// realm that an older version made what this version gives one.
async fn find_or_make_realm(
    app: &App,
    name: &RealmName,
    now: Timestamp,
) -> Result<Option<Rc<Realm>>, StoreError> {
    match find_realm(&app.ports, name, now).await? {
        None if name.as_str() == MASTER => {
            let made = bootstrap::ensure_master(app, now).await;
            made.map(Some).map_err(|error| StoreError::Refused(error.to_string()))
        }
        Some(realm) if realm.edition < furnish::EDITION => {
            let complete = complete(&app.ports, Realm::clone(&realm), now).await;
            complete.map(|realm| Some(Rc::new(realm))).or_else(|error| {
                // The realm works as it did; the next request tries again.
                tracing::error!(realm.id = %realm.id, "A realm was not completed: {error}");
                Ok(Some(realm))
            })
        }
        found => Ok(found),
    }
}

async fn enter_realm(
    context: &RealmContext<'_>,
    door: Door,
    params: &Params,
    request: Request,
) -> Response {
    let ip = web::client_ip(&request).map(str::to_owned);
    let context = &RealmContext { ip: ip.as_deref(), realm: Rc::clone(&context.realm), ..*context };
    let path = request.uri().path().to_owned();
    let response = match door {
        Door::Open(handler) => handler(context, &request).await,
        Door::Caller(handler) | Door::Home(handler) => match find_actor(context, &request).await {
            Ok(_) if lacks_organizations(context, &path) => {
                answer::keycloak_error(StatusCode::NOT_FOUND)
            }
            Ok(actor) => {
                handler(&Inquiry { context, actor: &actor, request: &request, params }).await
            }
            Err(why) => refuse(&request, &why),
        },
        Door::Org => match find_actor(context, &request).await {
            Ok(actor) => hand_over(context, params, request, Some(actor)).await,
            Err(why) => refuse(&request, &why),
        },
        Door::OrgCredential => match find_directory(context, &request).await {
            Ok(caller) => hand_over(context, params, request, caller).await,
            Err(why) => refuse(&request, &why),
        },
        Door::Local(_) | Door::Development(_) => nothing_at(&request),
    };
    routes_resource::with_challenge(context, &path, response)
}

/// Whoever presents an access token of the realm itself, for an organization that
/// takes those from its directory. Any other credential is its object's to judge.
async fn find_directory(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Option<Actor>, Unauthenticated> {
    let unverified_token = credentials::bearer(request).or_else(|| credentials::dpop(request));
    let unverified_issuer = unverified_token.and_then(jwt::unverified_issuer);
    if unverified_issuer.is_none_or(|issuer| issuer != context.issuer()) {
        return Ok(None);
    }
    match find_actor(context, request).await {
        Ok(actor) => Ok(Some(actor)),
        Err(Unauthenticated::Token(why)) => {
            tracing::info!("A directory was not authenticated: {why}");
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// Whether the path is about organizations, of which the realm has none. Below the
/// realm's own address, callers have nothing else; Keycloak's paths say it in their own
/// words.
fn lacks_organizations(context: &RealmContext<'_>, path: &str) -> bool {
    !context.realm.settings.organizations_enabled && !path.starts_with(ADMINISTRATION)
}

/// Hands a request to the organization's object, with who makes it.
async fn hand_over(
    context: &RealmContext<'_>,
    params: &Params,
    mut request: Request,
    caller: Option<Actor>,
) -> Response {
    let Ok(org) = params.get("org").parse::<OrgId>() else { return nothing_at(&request) };
    let visitor = Visitor {
        realm: Realm::clone(&context.realm),
        org: org.clone(),
        ip: web::client_ip(&request).map(str::to_owned),
        caller,
    };
    let told = serde_json::to_string(&visitor).ok().and_then(|json| ascii(&json));
    let Some(told) = told else { return nothing_at(&request) };
    request.headers_mut().insert(VISITOR_HEADER, told);
    if visitor.caller.is_some() && !request.uri().path().contains("/scim/v2/") {
        // The object has no use for the token, and cannot leak what it never had.
        // (An organization's directory may be one that takes it for another kind's.)
        request.headers_mut().remove(AUTHORIZATION);
    }
    let kept = http::Request::builder().uri(request.uri()).body(bytes::Bytes::new());
    let object = ObjectName::Org(context.realm.id.clone(), org);
    match context.ports.objects.fetch(&object, request).await {
        Ok(response) => response,
        Err(error) => match kept {
            Ok(request) => failed(&request, &error),
            Err(_) => answer::empty(StatusCode::INTERNAL_SERVER_ERROR),
        },
    }
}

/// JSON as a header value: what is not ASCII is escaped as JSON allows.
fn ascii(json: &str) -> Option<HeaderValue> {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    HeaderValue::from_str(&text).ok()
}

async fn answer_local(app: &App, local: Local, request: &Request, params: &Params) -> Response {
    match local {
        Local::Home => development::home(app),
        Local::Health => answer::json(StatusCode::OK, &serde_json::json!({ "status": "ok" })),
        Local::OpenApi => openapi::document(),
        Local::Outbox => outbox::list(app, request).await,
        Local::OutboxJson => outbox::list_json(app).await,
        Local::OutboxMail => outbox::read(app, request, params).await,
        Local::OutboxMailHtml => outbox::read_html(app, request, params).await,
        Local::MakeDemo => development::make_demo(app).await,
        Local::RotateKey => development::rotate_key(app, request, params).await,
    }
}

fn asset(path: &str) -> Option<Response> {
    let asset = assets::find_asset(path)?;
    let response = answer::with_body(StatusCode::OK, asset.content_type, asset.bytes.to_vec());
    Some(answer::with_header(response, CACHE_CONTROL, asset.cache_control))
}

fn refuse(request: &Request, why: &Unauthenticated) -> Response {
    match why {
        Unauthenticated::Token(why) => {
            tracing::info!("A caller was not authenticated: {why}");
            answer::keycloak_error(StatusCode::UNAUTHORIZED)
        }
        Unauthenticated::Nonce(nonce) => {
            tracing::info!("A caller was not authenticated: {why}");
            let response = answer::keycloak_error(StatusCode::UNAUTHORIZED);
            let challenge = "DPoP error=\"use_dpop_nonce\"";
            let response = answer::with_header(response, WWW_AUTHENTICATE, challenge);
            answer::with_header(response, HeaderName::from_static("dpop-nonce"), nonce)
        }
        Unauthenticated::Store(error) => failed(request, error),
    }
}

fn failed(request: &Request, error: &StoreError) -> Response {
    tracing::error!("A request failed: {error}");
    if is_at_a_page(request) {
        return pages::failed(request);
    }
    in_dialect(request, StatusCode::INTERNAL_SERVER_ERROR, "something of ours failed")
}

fn unknown_realm(request: &Request) -> Response {
    if is_at_a_page(request) {
        return pages::not_found(request);
    }
    // Keycloak 26.7.3 has words of its own in each half of its API.
    let is_admin = request.uri().path().starts_with("/admin/");
    let words = if is_admin { "Realm not found." } else { "Realm does not exist" };
    in_dialect(request, StatusCode::NOT_FOUND, words)
}

fn nothing_at(request: &Request) -> Response {
    if wants_page(request) {
        return pages::not_found(request);
    }
    in_dialect(request, StatusCode::NOT_FOUND, "HTTP 404 Not Found")
}

/// Whether a browser asks for one of our pages. At any other path programs are
/// answered in their own words, also those that claim to want HTML, as Java's
/// `HttpURLConnection` does.
fn is_at_a_page(request: &Request) -> bool {
    const ENDS: [&str; 2] = ["/protocol/openid-connect/auth", "/protocol/openid-connect/logout"];
    let path = request.uri().path();
    let is_page = path.contains("/login-actions/") || ENDS.iter().any(|end| path.ends_with(end));
    is_page && wants_page(request)
}

fn wants_page(request: &Request) -> bool {
    header(request, "accept").is_some_and(|accept| accept.contains("text/html"))
}

/// An error in the words of whoever calls that path: SCIM, OAuth, or Keycloak.
fn in_dialect(request: &Request, status: StatusCode, message: &str) -> Response {
    let path = request.uri().path();
    if path.contains("/scim/v2/") {
        scim::reply::problem(status, message)
    } else if path.contains("/protocol/openid-connect/") {
        let error = if status.is_server_error() { "server_error" } else { "invalid_request" };
        answer::oauth_error(status, error, message)
    } else {
        answer::keycloak_problem(status, message)
    }
}
