//! HTTP, as every domain uses it: forms, cookies, credentials, answers, routes.
pub mod answer;
pub mod assets;
pub mod cookie;
pub mod credentials;
pub mod form;
pub mod json;
pub mod multipart;
pub mod page;
pub mod router;
pub mod security;

use bytes::Bytes;

/// A request, read to its end (within the limit on bodies).
pub type Request = http::Request<Bytes>;

/// An answer, complete.
pub type Response = http::Response<Bytes>;

/// The text of header `name`, if it is there, single and ASCII.
#[must_use]
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request.headers().get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// The header that names a request in the logs and on error pages. The Worker
/// sets it on every request before anyone reads it.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// The request's name in the logs.
#[must_use]
pub fn request_id(request: &Request) -> &str {
    header(request, REQUEST_ID_HEADER).unwrap_or_default()
}

/// The address the request came from, as the platform knows it.
#[must_use]
pub fn client_ip(request: &Request) -> Option<&str> {
    header(request, "cf-connecting-ip")
}
