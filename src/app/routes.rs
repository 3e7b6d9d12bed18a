//! Every path of the Worker, and the door it leads through. What lies below an
//! organization is listed by its object (`org`, `invitation` and `scim`).
use super::org_transfer;
use super::routes_serverinfo;
use crate::account;
use crate::federation;
use crate::invitation;
use crate::oidc;
use crate::org::portal_link::WIZARD_CLIENT;
use crate::org::routes_role::ROLES_OF_USER;
use crate::org::{routes_admin_organizations, routes_config, routes_me, routes_realm};
use crate::realm::context::RealmContext;
use crate::realm::routes::{Handler, Table};
use crate::realm::routes_admin;
use crate::realm::routes_admin_events;
use crate::transfer;
use crate::web::form::Form;
use crate::web::router::{BadRoute, Route, Router};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::Method;
use std::sync::LazyLock;

/// A handler that anybody may call; it checks what it must.
pub type Open = for<'a> fn(&'a RealmContext<'a>, &'a Request) -> LocalBoxFuture<'a, Response>;

/// What belongs to no realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// The front page.
    Home,
    /// Whether we are up; also the no-op that benchmarks compare with.
    Health,
    /// What there is to call, for programs.
    OpenApi,
    /// The local outbox.
    Outbox,
    /// The local outbox, for programs.
    OutboxJson,
    /// A mail of the local outbox.
    OutboxMail,
    /// The HTML part of a mail of the local outbox.
    OutboxMailHtml,
    /// Making the demonstration data.
    MakeDemo,
    /// Rotating a realm's signing key.
    RotateKey,
}

/// What stands between a request and its handler.
#[derive(Clone, Copy)]
pub enum Door {
    /// Nothing; no realm either.
    Local(Local),
    /// The environment must be development.
    Development(Local),
    /// The realm must exist.
    Open(Open),
    /// A valid access token of this realm or of `master`.
    Caller(Handler),
    /// A valid access token of any realm; that realm is asked.
    Home(Handler),
    /// A valid access token, as for [`Self::Caller`]; then the organization's
    /// object decides.
    Org,
    /// The organization's object checks a credential of its own (SCIM).
    OrgCredential,
}

/// Every method that an organization's object may be asked.
const OBJECT_METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The table.
#[must_use]
pub fn table() -> Vec<Route<Door>> {
    let route = |method, path, handler| Route { method, path, handler };
    let mut table = vec![
        route(Method::GET, "/", Door::Local(Local::Home)),
        route(Method::GET, "/health", Door::Local(Local::Health)),
        route(Method::GET, "/openapi.json", Door::Local(Local::OpenApi)),
        route(Method::GET, "/dev/outbox", Door::Development(Local::Outbox)),
        route(Method::GET, "/dev/outbox.json", Door::Development(Local::OutboxJson)),
        route(Method::GET, "/dev/outbox/{id}", Door::Development(Local::OutboxMail)),
        route(Method::GET, "/dev/outbox/{id}/html", Door::Development(Local::OutboxMailHtml)),
        route(Method::POST, "/dev/demo", Door::Development(Local::MakeDemo)),
        route(Method::POST, "/dev/realms/{realm}/rotate-key", Door::Development(Local::RotateKey)),
    ];
    table.extend(
        open().into_iter().map(|(method, path, open)| route(method, path, Door::Open(open))),
    );
    table.extend(
        for_callers()
            .into_iter()
            .map(|(method, path, handler)| route(method, path, Door::Caller(handler))),
    );
    table.extend(
        routes_serverinfo::table()
            .into_iter()
            .map(|(method, path, handler)| route(method, path, Door::Home(handler))),
    );
    for method in OBJECT_METHODS {
        table.extend([
            route(method.clone(), "/realms/{realm}/orgs/{org}", Door::Org),
            route(method.clone(), "/realms/{realm}/orgs/{org}/{*rest}", Door::Org),
            route(method.clone(), ROLES_OF_USER, Door::Org),
            route(method.clone(), "/admin/realms/{realm}/organizations/{org}", Door::Org),
            route(method.clone(), "/admin/realms/{realm}/organizations/{org}/{*rest}", Door::Org),
            route(
                method,
                "/realms/{realm}/scim/v2/organizations/{org}/{*rest}",
                Door::OrgCredential,
            ),
        ]);
    }
    table
}

/// The administration of realms, and what concerns no single organization.
fn for_callers() -> Table {
    [
        routes_realm::table(),
        routes_admin_organizations::table(),
        routes_me::table(),
        routes_config::table(),
        org_transfer::routes::table(),
        invitation::routes_me::table(),
        federation::routes_admin::table(),
        routes_admin::table(),
        account::routes_admin_users::table(),
        account::routes_admin_profile::table(),
        account::routes_admin_mail::table(),
        account::routes_admin_credentials::table(),
        account::routes_admin_sessions::table(),
        account::routes_admin_client_sessions::table(),
        account::routes_admin_links::table(),
        account::routes_admin_groups::table(),
        account::routes_admin_actions::table(),
        routes_admin_events::table(),
        oidc::routes_admin_evaluate::table(),
        transfer::routes::table(),
    ]
    .concat()
}

/// The OpenID provider and the invited person's pages.
fn open() -> Vec<(Method, &'static str, Open)> {
    let mut open: Vec<(Method, &'static str, Open)> = vec![
        (Method::GET, "/realms/{realm}/login-actions/invitation", |context, request| {
            invitation::routes_page::open(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/login-actions/invitation", |context, request| {
            invitation::routes_page::accept(context, request).boxed_local()
        }),
        (Method::GET, "/realms/{realm}/login-actions/action-token", |context, request| {
            open_action_token(context, request).boxed_local()
        }),
        (Method::POST, "/realms/{realm}/login-actions/action-token", |context, request| {
            account::routes_action::act(context, request).boxed_local()
        }),
    ];
    open.extend(oidc::routes::table());
    open
}

/// Keycloak has one address for every link that does something: a portal link
/// names its client, the others come from a person's mail.
async fn open_action_token(context: &RealmContext<'_>, request: &Request) -> Response {
    if Form::query(request).first("client_id") == Some(WIZARD_CLIENT) {
        oidc::routes_portal::open(context, request).await
    } else {
        account::routes_action::open(context, request).await
    }
}

static ROUTER: LazyLock<Result<Router<Door>, BadRoute>> = LazyLock::new(|| Router::new(table()));

/// The table, ready to be asked.
///
/// # Errors
/// `BadRoute` when the table contradicts itself, which a test rules out.
pub fn router() -> Result<&'static Router<Door>, &'static BadRoute> {
    ROUTER.as_ref()
}
