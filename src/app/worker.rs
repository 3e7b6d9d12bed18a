//! The Worker's front door: one request in, one answer out.
use super::App;
use bytes::Bytes;
use http::{Request, Response};

/// Answers a request from outside.
pub async fn handle(_app: &App, _request: Request<Bytes>) -> Response<Bytes> {
    Response::new(Bytes::from_static(b"guildhall"))
}
