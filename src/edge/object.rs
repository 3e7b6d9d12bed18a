//! The two classes of Durable Object. They hand over; they do not think.
use super::alarm::ObjectAlarm;
use super::meter::Meter;
use super::sql::ObjectSql;
use super::{http, isolate, selftest};
use crate::app::config::Environment;
use crate::app::{App, account_object, org_object};
use crate::kernel::time::Seconds;
use crate::platform::object::Alarm;
use crate::platform::row::StoreError;
use crate::platform::{ObjectPorts, Ports};
use ::http::StatusCode;
use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use worker::{
    DurableObject, Env, Request, Response, ResponseBuilder, Result, State, durable_object,
    wasm_bindgen,
};

/// One organization.
#[durable_object(alarm)]
pub struct OrgObject {
    host: AssertUnwindSafe<Host>,
}

impl DurableObject for OrgObject {
    fn new(state: State, env: Env) -> Self {
        Self { host: AssertUnwindSafe(Host::new(Kind::Org, &state, env)) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.host.fetch(request).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.host.alarm().await
    }
}

/// One account.
#[durable_object(alarm)]
pub struct AccountObject {
    host: AssertUnwindSafe<Host>,
}

impl DurableObject for AccountObject {
    fn new(state: State, env: Env) -> Self {
        Self { host: AssertUnwindSafe(Host::new(Kind::Account, &state, env)) }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        self.host.fetch(request).await
    }

    async fn alarm(&self) -> Result<Response> {
        self.host.alarm().await
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Org,
    Account,
}

/// How long after its first failure an alarm rings again; then twice as long,
/// and so on.
const FIRST_RETRY: Seconds = Seconds(5);

/// The longest wait between two tries of an alarm.
const LONGEST_RETRY: Seconds = Seconds::minutes(10);

/// What both classes are made of. Unwind-safe: what a panic may leave behind is
/// a flag or a counter, and the database rolled its transaction back.
struct Host {
    kind: Kind,
    env: Env,
    sql: ObjectSql,
    alarm: ObjectAlarm,
    /// [`ObjectPorts::awake`]; false again after everything was deleted.
    awake: Rc<Cell<bool>>,
    /// [`ObjectPorts::told`].
    told: Cell<i64>,
    /// Alarms in a row that failed, in this life of the object.
    failures: Cell<u32>,
}

impl Host {
    fn new(kind: Kind, state: &State, env: Env) -> Self {
        let awake = Rc::default();
        let sql = ObjectSql::new(state.storage());
        let alarm = ObjectAlarm::new(state.storage(), &awake);
        Self { kind, env, sql, alarm, awake, told: Cell::new(0), failures: Cell::new(0) }
    }

    fn ports<'a>(&'a self, ports: &'a Ports) -> ObjectPorts<'a> {
        let (sql, alarm, awake) = (&self.sql, &self.alarm, &*self.awake);
        ObjectPorts { sql, alarm, awake, told: &self.told, ports }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let meter = Rc::new(Meter::default());
        let app = self.app(&meter)?;
        let Some(request) = http::read(request).await? else {
            return Ok(bad_request());
        };
        let object = self.ports(&app.ports);
        let mut response = match selftest::answer_in_object(&app, &object, &request) {
            Some(response) => response,
            None => match self.kind {
                Kind::Org => org_object::fetch(&app, &object, request).await,
                Kind::Account => account_object::fetch(&app, &object, request).await,
            },
        };
        if app.config.environment == Environment::Development {
            meter.write(response.headers_mut());
        }
        http::answer(response)
    }

    async fn alarm(&self) -> Result<Response> {
        let app = self.app(&Rc::new(Meter::default()))?;
        match self.ring(&app).await {
            Ok(()) => self.failures.set(0),
            Err(error) => self.ring_again(&app, &error).await?,
        }
        Response::empty()
    }

    async fn ring(&self, app: &App) -> std::result::Result<(), StoreError> {
        let object = self.ports(&app.ports);
        match self.kind {
            Kind::Org => org_object::alarm(app, &object).await,
            Kind::Account => account_object::alarm(app, &object).await,
        }
    }

    /// The platform gives up on an alarm after six throws, so a failure that can
    /// be told from a crash sets the next alarm itself.
    async fn ring_again(&self, app: &App, error: &StoreError) -> Result<()> {
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        let wait = FIRST_RETRY.0.checked_shl(failures).unwrap_or(LONGEST_RETRY.0);
        let wait = Seconds(wait.clamp(FIRST_RETRY.0, LONGEST_RETRY.0));
        tracing::warn!(retry_s = wait.0, "An alarm could not finish: {error}");
        let set = self.alarm.wake_at(app.ports.clock.now() + wait).await;
        set.map_err(|error| worker::Error::RustError(error.to_string()))
    }

    fn app(&self, meter: &Rc<Meter>) -> Result<App> {
        isolate::app(&self.env, meter).map_err(|bad| worker::Error::RustError(bad.to_string()))
    }
}

fn bad_request() -> Response {
    ResponseBuilder::new().with_status(StatusCode::BAD_REQUEST.as_u16()).empty()
}
