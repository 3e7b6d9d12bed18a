//! The router inside an account's object.
use super::App;
use super::object::{call_name, migrate, wake};
use super::schema;
use crate::account::create::Create;
use crate::account::login::Login;
use crate::account::{alarm, routes};
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::web::{Request, Response, answer};
use http::StatusCode;

/// Answers a question of the Worker or of another object.
pub async fn fetch(_app: &App, object: &ObjectPorts<'_>, request: Request) -> Response {
    let Some(name) = call_name(&request) else { return answer::empty(StatusCode::NOT_FOUND) };
    let awake = match name {
        // Asked of known users and of decoys only, never of an id that a
        // stranger chose.
        Create::NAME | Login::NAME => migrate(object, schema::ACCOUNT).map(|()| true),
        _ => wake(object, schema::ACCOUNT),
    };
    match awake {
        Ok(true) => routes::answer(object, name, request.body()).await,
        Ok(false) => answer::empty(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!("An account's object failed: {error}");
            answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// Finishes what was interrupted, forgets what is over.
///
/// # Errors
/// When something still cannot be finished; the platform rings again.
pub async fn alarm(app: &App, object: &ObjectPorts<'_>) -> Result<(), StoreError> {
    if wake(object, schema::ACCOUNT)? {
        alarm::ring(object, app.ports.clock.now()).await?;
    }
    Ok(())
}
