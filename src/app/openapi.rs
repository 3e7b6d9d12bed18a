//! `GET /openapi.json`: what there is to call, in `OpenAPI` 3.1. The document is
//! written by `tests/native/openapi`, which compares it with the route tables and
//! with the answers of every native test.
use crate::oidc::routes_cors::for_anyone;
use crate::web::Response;
use crate::web::answer::with_header;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// It changes with a release, and a program that reads it again the next hour is
/// early enough.
const KEEP: &str = "public, max-age=3600";

const DOCUMENT: &[u8] = include_bytes!("../../schemas/openapi.json");

/// The document. Whatever page shows it may read it.
#[must_use]
pub fn document() -> Response {
    let response = Response::new(Bytes::from_static(DOCUMENT));
    let response = with_header(response, CONTENT_TYPE, "application/json");
    for_anyone(with_header(response, CACHE_CONTROL, KEEP))
}
