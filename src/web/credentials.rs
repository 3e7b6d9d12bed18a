//! The `Authorization` header: Bearer (RFC 6750 §2.1), `DPoP` (RFC 9449
//! §7.1) and Basic (RFC 7617).
use super::{Request, header};
use crate::kernel::secret::Secret;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The bearer token, not yet verified.
#[must_use]
pub fn bearer(request: &Request) -> Option<&str> {
    scheme(request, "bearer")
}

/// The token of the scheme `DPoP` (RFC 9449 §7.1), not yet verified.
#[must_use]
pub fn dpop(request: &Request) -> Option<&str> {
    scheme(request, "dpop")
}

/// Whether the header is of the scheme Basic and cannot be read.
#[must_use]
pub fn is_bad_basic(request: &Request) -> bool {
    let says_basic = header(request, "authorization").is_some_and(|value| {
        let scheme = value.split(' ').next().unwrap_or_default();
        scheme.eq_ignore_ascii_case("basic")
    });
    says_basic && basic(request).is_none()
}

/// User and password of Basic, as sent.
#[must_use]
pub fn basic(request: &Request) -> Option<(String, Secret)> {
    let decoded = BASE64_STANDARD.decode(scheme(request, "basic")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), Secret::new(password)))
}

fn scheme<'a>(request: &'a Request, wanted: &str) -> Option<&'a str> {
    let (scheme, rest) = header(request, "authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn with(value: &str) -> Request {
        http::Request::get("/").header("authorization", value).body(Bytes::new()).unwrap()
    }

    /// RFC 9110 §11.1: the scheme is case-insensitive.
    #[test]
    fn the_scheme_is_matched_without_case() {
        assert_eq!(bearer(&with("bEaReR abc")), Some("abc"));
        assert_eq!(bearer(&with("Basic abc")), None);
    }

    #[test]
    fn a_basic_header_that_cannot_be_read_is_told_from_none() {
        for bad in ["Basic", "Basic ", "basic !!!", "Basic QWxhZGRpbg==", "Basic /w=="] {
            assert!(is_bad_basic(&with(bad)), "{bad}");
        }
        for other in ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Bearer !!!", "Basically x"] {
            assert!(!is_bad_basic(&with(other)), "{other}");
        }
    }

    /// The pair printed in RFC 7617 §2.
    #[test]
    fn basic_is_read_as_rfc_7617_prints_it() {
        let (user, password) = basic(&with("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")).unwrap();
        assert_eq!((user.as_str(), password.expose()), ("Aladdin", "open sesame"));
    }
}
