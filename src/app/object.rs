//! What the routers of both kinds of object share.
use crate::platform::ObjectPorts;
use crate::platform::migrate::{self, Migration};
use crate::platform::object::{CALL_PREFIX, Call};
use crate::platform::row::StoreError;
use crate::web::{Request, Response, answer};
use http::StatusCode;

/// The name of a typed question, or `None` for a request from outside.
pub fn call_name(request: &Request) -> Option<&str> {
    request.uri().path().strip_prefix(CALL_PREFIX)
}

/// The question in the body.
///
/// # Errors
/// `Unreachable` when it is none: another version of us asked.
pub fn read_call<C: Call>(request: &Request) -> Result<C, StoreError> {
    serde_json::from_slice(request.body())
        .map_err(|error| StoreError::Unreachable(format!("{}: {error}", C::NAME)))
}

/// Answers a typed question.
///
/// # Errors
/// As `work` fails, or as [`read_call`].
pub fn answer_call<C: Call>(
    request: &Request,
    work: impl FnOnce(C) -> Result<C::Answer, StoreError>,
) -> Result<Response, StoreError> {
    Ok(answer::json(StatusCode::OK, &work(read_call(request)?)?))
}

/// Brings the database up to date, once per waking. `false`: the object is
/// blank, and stays so.
///
/// # Errors
/// `Refused` when a migration fails.
pub fn wake(object: &ObjectPorts<'_>, migrations: &[Migration]) -> Result<bool, StoreError> {
    if object.awake.get() {
        return Ok(true);
    }
    if migrate::is_blank(object.sql)? {
        return Ok(false);
    }
    migrate(object, migrations)?;
    Ok(true)
}

/// Brings the database up to date, blank or not.
///
/// # Errors
/// `Refused` when a migration fails.
pub fn migrate(object: &ObjectPorts<'_>, migrations: &[Migration]) -> Result<(), StoreError> {
    migrate::migrate(object.sql, migrations)?;
    object.told.set(0);
    object.awake.set(true);
    Ok(())
}
