//! The Worker's events.
use super::{http, isolate, log, meter::Meter, queue, selftest};
use crate::app::config::{BadSetting, Environment};
use crate::app::{schedule, worker as front_door};
use ::http::StatusCode;
use std::rc::Rc;
use worker::{
    Context, Env, MessageBatch, Request, Response, ResponseBuilder, Result, ScheduleContext,
    ScheduledEvent, event,
};

/// Once per isolate, before any other event.
#[event(start)]
fn start() {
    log::install();
}

/// A request from outside.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    let meter = Rc::new(Meter::default());
    let app = match isolate::app(&env, &meter) {
        Ok(app) => app,
        Err(bad) => return refuse_to_serve(&bad),
    };
    let Some(request) = http::read(request).await? else {
        return plain(StatusCode::BAD_REQUEST, "Bad request target");
    };
    let mut response = match selftest::answer(&app, &request).await {
        Some(response) => response,
        None => front_door::handle(&app, request).await,
    };
    if app.config.environment == Environment::Development {
        meter.write(response.headers_mut());
    }
    http::answer(response)
}

/// Messages of the queue `EVENTS`.
#[event(queue)]
async fn consume(batch: MessageBatch<String>, env: Env, _context: Context) -> Result<()> {
    match isolate::app(&env, &Rc::new(Meter::default())) {
        Ok(app) => queue::consume(&app, &batch).await,
        Err(bad) => {
            tracing::error!("The queue waits: {bad}");
            batch.retry_all();
        }
    }
    Ok(())
}

/// The cron trigger of `wrangler.toml`.
#[event(scheduled)]
async fn tick(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    match isolate::app(&env, &Rc::new(Meter::default())) {
        Ok(app) => schedule::tick(&app).await,
        Err(bad) => tracing::error!("The schedule waits: {bad}"),
    }
}

/// A deployment with a bad setting answers nothing else, so that it is noticed
/// before anyone relies on it.
fn refuse_to_serve(bad: &BadSetting) -> Result<Response> {
    tracing::error!(setting = bad.name, "Refusing to serve: {bad}");
    plain(StatusCode::SERVICE_UNAVAILABLE, &format!("Guildhall does not start: {bad}\n"))
}

fn plain(status: StatusCode, text: &str) -> Result<Response> {
    ResponseBuilder::new().with_status(status.as_u16()).ok(text)
}
