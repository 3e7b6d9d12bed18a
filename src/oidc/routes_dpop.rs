//! The nonce that goes with an answer.
use super::dpop;
use crate::realm::context::RealmContext;
use crate::web::Response;
use crate::web::answer::with_header;
use http::HeaderName;

const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Gives the client a nonce for its next proof (RFC 9449 §8.2).
#[must_use]
pub fn with_nonce(context: &RealmContext<'_>, response: Response) -> Response {
    match dpop::nonce(context) {
        Ok(nonce) => with_header(response, NONCE, &nonce),
        Err(error) => {
            tracing::error!("A DPoP nonce was not sealed: {error}");
            response
        }
    }
}
