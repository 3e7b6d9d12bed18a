//! The router inside an account's object.
use super::App;
use super::object::{call_name, migrate, wake};
use super::schema;
use crate::account::create::{Create, watch};
use crate::account::{alarm as account_alarm, routes};
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::web::{Request, Response, answer};
use http::StatusCode;

/// Answers a request of the Worker or of another object. Nothing from outside
/// comes here whole: an account knows typed calls only.
pub async fn fetch(app: &App, object: &ObjectPorts<'_>, request: Request) -> Response {
    let Some(name) = call_name(&request) else { return answer::empty(StatusCode::NOT_FOUND) };
    match prepare(app, object, name).await {
        Ok(true) => routes::answer(object, name, request.body()).await,
        Ok(false) => routes::answer_blank(name, request.body()),
        Err(error) => {
            tracing::error!(call.name = name, "An account's object failed: {error}");
            answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// Wakes the object; `false` when it is blank and stays so. Only a creation may
/// make a blank object store something, and the alarm comes first.
async fn prepare(app: &App, object: &ObjectPorts<'_>, name: &str) -> Result<bool, StoreError> {
    if name != Create::NAME {
        return wake(object, schema::ACCOUNT);
    }
    watch(object, app.ports.clock.now()).await?;
    migrate(object, schema::ACCOUNT)?;
    Ok(true)
}

/// Finishes what was interrupted.
///
/// # Errors
/// When something still cannot be finished; the platform rings again.
pub async fn alarm(app: &App, object: &ObjectPorts<'_>) -> Result<(), StoreError> {
    if wake(object, schema::ACCOUNT)? {
        account_alarm::ring(object, app.ports.clock.now()).await?;
    }
    Ok(())
}
