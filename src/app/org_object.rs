//! The router inside an org's object.
use super::App;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use bytes::Bytes;
use http::{Request, Response};

/// Answers a request of the Worker or of another object.
pub async fn fetch(
    _app: &App,
    _object: &ObjectPorts<'_>,
    _request: Request<Bytes>,
) -> Response<Bytes> {
    Response::new(Bytes::new())
}

/// Finishes what was interrupted.
///
/// # Errors
/// When something still cannot be finished; the platform rings again.
pub async fn alarm(_app: &App, _object: &ObjectPorts<'_>) -> Result<(), StoreError> {
    Ok(())
}
