//! The router inside an organization's object.
use super::App;
use super::object::{answer_call, call_name, wake};
use super::org_transfer::content::ExportOrg;
use super::org_transfer::stage::StageOrg;
use super::org_transfer::{self, content};
use super::schema;
use crate::federation;
use crate::invitation;
use crate::kernel::time::Timestamp;
use crate::org::admin_visit;
use crate::org::assert::{self, ConfirmDomains};
use crate::org::claims::{self, ClaimsOf};
use crate::org::create::{self, PrepareOrg, SettleOrg};
use crate::org::dissolve::{DissolveOrg, dissolve};
use crate::org::forget::{self, ForgetMember};
use crate::org::furnish::{self, FurnishOrg};
use crate::org::mapped::{self, ApplyMapped};
use crate::org::organization::Organization;
use crate::org::project;
use crate::org::replace;
use crate::org::stage;
use crate::org::verify::{self, Verifier};
use crate::org::visit::{Handler, VISITOR_HEADER, Visit, Visitor};
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::role::AdminRole;
use crate::realm::settings::Realm;
use crate::realm::store::realm;
use crate::scim;
use crate::web::router::{BadRoute, Found, Params, Route, Router};
use crate::web::{self, Request, Response, answer, header};
use http::{Method, StatusCode};
use std::sync::LazyLock;
use tracing::Instrument;

/// Everything that an organization's object answers.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let tables = [
        crate::org::routes::table(),
        crate::org::routes_portal::table(),
        crate::org::routes_admin_organization::table(),
        crate::org::routes_admin_groups::table(),
        crate::org::routes_admin_group_members::table(),
        crate::org::routes_admin_group_roles::table(),
        crate::org::routes_admin_members::table(),
        crate::org::routes_admin_roles::table(),
        crate::org::routes_admin_role_mappings::table(),
        crate::org::routes_effective::table(),
        invitation::routes::table(),
        invitation::routes_member::table(),
        invitation::routes_admin::table(),
        invitation::routes_admin_member::table(),
        scim::routes::table(),
        federation::routes::table(),
        federation::routes_admin_organization::table(),
    ];
    tables.into_iter().flatten().collect()
}

static ROUTER: LazyLock<Result<Router<Handler>, BadRoute>> = LazyLock::new(|| Router::new(table()));

/// Who answers what below an organization, ready to be asked.
///
/// # Errors
/// `BadRoute` when the tables contradict each other, which a test rules out.
pub fn router() -> Result<&'static Router<Handler>, &'static BadRoute> {
    ROUTER.as_ref()
}

/// Answers a request of the Worker or of another object.
pub async fn fetch(app: &App, object: &ObjectPorts<'_>, request: Request) -> Response {
    let span = tracing::info_span!("request", request.id = web::request_id(&request));
    answer(app, object, request).instrument(span).await
}

/// What a request is for.
enum Asked<'a> {
    /// A typed question, by its name.
    Call(&'a str),
    /// A request from outside, for this handler.
    Visit(Handler, Params),
}

/// Reads what the request is for, before anything about the organization: a path
/// that leads nowhere tells no stranger whether there is one.
fn read_asked(request: &Request) -> Result<Asked<'_>, Box<Response>> {
    if let Some(name) = call_name(request) {
        return Ok(Asked::Call(name));
    }
    let Ok(router) = router() else {
        tracing::error!("The route table of organizations contradicts itself");
        return Err(Box::new(answer::keycloak_error(StatusCode::INTERNAL_SERVER_ERROR)));
    };
    let refusal = match router.find(request.method(), request.uri().path()) {
        Found::Handler(handler, params) => return Ok(Asked::Visit(*handler, params)),
        Found::Method(allowed) if is_scim(request) => scim::reply::method_not_allowed(&allowed),
        Found::Method(allowed) => answer::method_not_allowed(&allowed),
        Found::Nothing if is_scim(request) => scim::reply::no_such_path(),
        Found::Nothing => answer::keycloak_error(StatusCode::NOT_FOUND),
    };
    Err(Box::new(refusal))
}

async fn answer(app: &App, object: &ObjectPorts<'_>, request: Request) -> Response {
    let asked = match read_asked(&request) {
        Ok(asked) => asked,
        Err(refusal) => return *refusal,
    };
    if let Some(refusal) = switched_off(&asked, &request) {
        return refusal;
    }
    let answered = match &asked {
        Asked::Call(PrepareOrg::NAME) => prepare(app, object, &request).await,
        Asked::Call(StageOrg::NAME) => org_transfer::stage::stage(object, &request).await,
        asked => match wake(object, schema::ORG) {
            Ok(true) => visit_or_call(app, object, asked, &request).await,
            Ok(false) => Ok(nobody_home(app, asked, &request)),
            Err(error) => Err(error),
        },
    };
    answered.unwrap_or_else(|error| {
        tracing::error!("An organization's object failed: {error}");
        answer::keycloak_error(StatusCode::INTERNAL_SERVER_ERROR)
    })
}

/// Finishes what was interrupted.
///
/// # Errors
/// When something still cannot be finished; the platform rings again.
pub async fn alarm(app: &App, object: &ObjectPorts<'_>) -> Result<(), StoreError> {
    if !wake(object, schema::ORG)? {
        return Ok(());
    }
    create::reconcile(object).await?;
    let now = app.ports.clock.now();
    let Some(organization) = find_again(object).await? else { return Ok(()) };
    replace::resume_interrupted(object, &organization, now).await?;
    look_after_domains(app, object, &organization, now).await?;
    scim::create::resume_interrupted(object, &app.keyring, &organization, now).await?;
    scim::upkeep::look_after(object, now).await?;
    project::drain(object, &organization).await?;
    scim::errand::run(object, &organization).await
}

/// Finishes and repeats verifications of domains, and sees to the next.
async fn look_after_domains(
    app: &App,
    object: &ObjectPorts<'_>,
    organization: &Organization,
    now: Timestamp,
) -> Result<(), StoreError> {
    if verify::is_due(object, now)? {
        let directory = &*app.ports.directory;
        let Some(realm) = realm::find_by_id(directory, &organization.realm).await? else {
            return Ok(());
        };
        verify::look_after(&verifier_of(app, object, (organization, &realm), now)).await?;
    }
    verify::watch(object).await
}

fn verifier_of<'a>(
    app: &'a App,
    object: &'a ObjectPorts<'a>,
    (organization, realm): (&'a Organization, &'a Realm),
    now: Timestamp,
) -> Verifier<'a> {
    Verifier { object, organization, realm, resolver: &app.config.dns_resolver_url, now }
}

/// The organization after reconciling, which may have emptied the object.
async fn find_again(object: &ObjectPorts<'_>) -> Result<Option<Organization>, StoreError> {
    if wake(object, schema::ORG)? { create::find_existing(object).await } else { Ok(None) }
}

/// The one call that may make a blank object store something.
async fn prepare(
    app: &App,
    object: &ObjectPorts<'_>,
    request: &Request,
) -> Result<Response, StoreError> {
    create::watch(object, app.ports.clock.now()).await?;
    super::object::migrate(object, schema::ORG)?;
    answer_call(request, |asked: PrepareOrg| create::prepare(object, &asked))
}

async fn visit_or_call(
    app: &App,
    object: &ObjectPorts<'_>,
    asked: &Asked<'_>,
    request: &Request,
) -> Result<Response, StoreError> {
    let now = app.ports.clock.now();
    if matches!(asked, Asked::Call(SettleOrg::NAME)) {
        return settle(object, request).await;
    }
    let Some(organization) = create::find_existing(object).await? else {
        return Ok(nobody_home(app, asked, request));
    };
    let may_change = may_change(asked, request);
    if may_change {
        create::watch(object, now).await?;
    }
    let response = match asked {
        Asked::Call(DissolveOrg::NAME) => {
            answer::json(StatusCode::OK, &dissolve(object, &organization, now).await?)
        }
        Asked::Call(ConfirmDomains::NAME) => {
            let asked: ConfirmDomains = super::object::read_call(request)?;
            let verifier = verifier_of(app, object, (&organization, &asked.realm), now);
            answer::json(StatusCode::OK, &assert::finish(&verifier).await?)
        }
        Asked::Call(ApplyMapped::NAME) => {
            let asked: ApplyMapped = super::object::read_call(request)?;
            answer::json(StatusCode::OK, &mapped::answer(object, &organization, &asked, now).await?)
        }
        Asked::Call(name) => call(app, object, &organization, name, request)?,
        Asked::Visit(handler, params) => {
            let visit = visit_of(app, object, organization.clone(), request)?;
            match handler {
                Handler::Local(handler) => handler(&visit, request, params),
                Handler::Leaving(handler) => handler(&visit, request, params).await,
            }
        }
    };
    tell(object, &organization).await;
    if may_change && object.awake.get() {
        run_errands(object, &organization).await;
    }
    Ok(response)
}

/// What the change owes to other stores: when that fails the change still counts; the
/// alarm does it.
async fn run_errands(object: &ObjectPorts<'_>, organization: &Organization) {
    if let Err(error) = scim::errand::run(object, organization).await {
        tracing::warn!(org.id = %organization.id, "Something owed is done later: {error}");
    }
}

async fn settle(object: &ObjectPorts<'_>, request: &Request) -> Result<Response, StoreError> {
    let asked: SettleOrg = super::object::read_call(request)?;
    if let Some(organization) = crate::org::organization::find(object.sql)?
        && stage::find_import(object.sql)? == asked.import
    {
        create::settle(object, &organization, asked.registered).await?;
    }
    Ok(answer::json(StatusCode::OK, &()))
}

/// Whether the object must be watched: a crash may leave something untold.
fn may_change(asked: &Asked<'_>, request: &Request) -> bool {
    match asked {
        Asked::Call(name) => ![
            ClaimsOf::NAME,
            ExportOrg::NAME,
            invitation::show::ShowInvitation::NAME,
            invitation::mine::ReadMine::NAME,
            invitation::mailed::NoteMailed::NAME,
        ]
        .contains(name),
        Asked::Visit(..) => ![Method::GET, Method::HEAD].contains(request.method()),
    }
}

/// The typed questions, a line each.
fn call(
    app: &App,
    object: &ObjectPorts<'_>,
    organization: &Organization,
    name: &str,
    request: &Request,
) -> Result<Response, StoreError> {
    use crate::invitation::accept::{BeginAcceptance, FinishAcceptance};
    use crate::invitation::mailed::NoteMailed;
    use crate::invitation::mine::{DecideMine, ReadMine};
    use crate::invitation::show::ShowInvitation;
    let now = app.ports.clock.now();
    match name {
        ClaimsOf::NAME => {
            answer_call(request, |asked| claims::answer(object.sql, organization, &asked))
        }
        ExportOrg::NAME => answer_call(request, |asked: ExportOrg| {
            content::export(object.sql, organization, &asked)
        }),
        FurnishOrg::NAME => answer_call(request, |asked: FurnishOrg| {
            furnish::answer(object, organization, &asked, now)
        }),
        ForgetMember::NAME => answer_call(request, |asked: ForgetMember| {
            in_transaction(object.sql, || {
                scim::forget::forget(object.sql, &asked.user)?;
                forget::answer(object, organization, &asked, now)
            })
        }),
        ShowInvitation::NAME => answer_call(request, |asked: ShowInvitation| {
            invitation::show::answer(object.sql, organization, &asked, now)
        }),
        BeginAcceptance::NAME => answer_call(request, |asked: BeginAcceptance| {
            invitation::accept::begin(object, organization, &asked, now)
        }),
        FinishAcceptance::NAME => answer_call(request, |asked: FinishAcceptance| {
            invitation::accept::finish(object, organization, &asked, now)
        }),
        ReadMine::NAME => answer_call(request, |asked: ReadMine| {
            invitation::mine::read(object.sql, organization, &asked, now)
        }),
        DecideMine::NAME => answer_call(request, |asked: DecideMine| {
            invitation::mine::decide(object, organization, &asked, now)
        }),
        NoteMailed::NAME => answer_call(request, |asked: NoteMailed| {
            invitation::mailed::answer(object.sql, &asked, now)
        }),
        _ => Err(StoreError::Unreachable(format!("an organization knows no call {name}"))),
    }
}

/// A request from outside, which the Worker handed over.
fn visit_of<'a>(
    app: &'a App,
    object: &'a ObjectPorts<'a>,
    organization: Organization,
    request: &Request,
) -> Result<Visit<'a>, StoreError> {
    let Some(visitor) = visitor_of(request) else {
        return Err(StoreError::Unreachable("a visit without a visitor".to_owned()));
    };
    Ok(Visit {
        object,
        keyring: &app.keyring,
        public_url: &app.config.public_url,
        dns_resolver_url: &app.config.dns_resolver_url,
        now: app.ports.clock.now(),
        visitor,
        organization,
    })
}

/// Tells the world before the caller hears of it, so that the caller can see it
/// everywhere. When that fails the change still counts; the alarm tells it.
async fn tell(object: &ObjectPorts<'_>, organization: &Organization) {
    // A deletion has told everything and left the object blank.
    if !object.awake.get() {
        return;
    }
    if let Err(error) = project::drain(object, organization).await {
        tracing::warn!(org.id = %organization.id, "A change is told later: {error}");
    }
}

fn visitor_of(request: &Request) -> Option<Visitor> {
    serde_json::from_slice(header(request, VISITOR_HEADER)?.as_bytes()).ok()
}

fn is_scim(request: &Request) -> bool {
    request.uri().path().contains("/scim/v2/")
}

/// Where the realm has no organizations, none of them answers, whether there is one or
/// not. Who has no business with any is told no more than ever. (SCIM asks for its
/// credential first.)
fn switched_off(asked: &Asked<'_>, request: &Request) -> Option<Response> {
    if matches!(asked, Asked::Call(_)) || is_scim(request) {
        return None;
    }
    let visitor = visitor_of(request)?;
    if visitor.realm.settings.organizations_enabled {
        return None;
    }
    Some(if request.uri().path().starts_with("/admin/") {
        admin_visit::switched_off(visitor.caller.as_ref())
    } else {
        answer::keycloak_error(StatusCode::NOT_FOUND)
    })
}

/// No such organization: told only to those who may see every organization. To
/// others it looks like one that they may not enter.
fn nobody_home(app: &App, asked: &Asked<'_>, request: &Request) -> Response {
    if matches!(asked, Asked::Call(_)) {
        return answer::empty(StatusCode::NOT_FOUND);
    }
    let visitor = visitor_of(request);
    if let Some(visitor) = visitor.as_ref().filter(|_| is_scim(request)) {
        return scim::door::turn_away(&app.ports, visitor, request, app.ports.clock.now());
    }
    let caller = visitor.and_then(|visitor| visitor.caller);
    if request.uri().path().starts_with("/admin/") {
        return admin_visit::nobody_home(caller.as_ref());
    }
    let sees_all =
        caller.is_some_and(|caller| caller.admin_roles.contains(&AdminRole::ViewOrganizations));
    let status = if sees_all { StatusCode::NOT_FOUND } else { StatusCode::UNAUTHORIZED };
    answer::keycloak_error(status)
}
