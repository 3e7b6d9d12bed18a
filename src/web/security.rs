//! The headers that every answer carries.
use super::Response;
use http::HeaderValue;
use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

/// No script at all, styles and images of our own, logos from https, forms to
/// ourselves, and nobody may frame us (clickjacking, RFC 9700 §4.16).
///
/// `form-action` also governs where a form's answer may redirect, and a login
/// ends with a redirect to the application: https anywhere, http on loopback.
/// Which application exactly, the redirect URI check decides.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data: https:; \
    frame-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
    form-action 'self' https: http://localhost:* http://127.0.0.1:*";

/// The policy of a page that frames others: `origins`, and nothing else.
#[must_use]
pub fn policy_framing(origins: &[String]) -> String {
    PAGE_POLICY.replace("frame-src 'self'", &format!("frame-src {}", origins.join(" ")))
}

/// The policy of a page whose form leads to `uri` in the end, where every page's policy
/// would keep the browser from there: an app's own scheme (RFC 8252 §7.1), or a loopback
/// that a list of sources has no word for, such as IPv6 (§7.3).
#[must_use]
pub fn policy_leading_to(uri: &str) -> Option<String> {
    let uri = url::Url::parse(uri).ok()?;
    let is_allowed = match uri.scheme() {
        "https" => true,
        "http" => ["localhost", "127.0.0.1"].contains(&uri.host_str().unwrap_or_default()),
        _ => false,
    };
    (!is_allowed).then(|| format!("{PAGE_POLICY} {}:", uri.scheme()))
}

const HEADERS: &[(HeaderName, &str)] = &[
    (CONTENT_SECURITY_POLICY, PAGE_POLICY),
    (REFERRER_POLICY, "no-referrer"),
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Sets each security header that the handler has not set itself.
pub fn secure(response: &mut Response) {
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
}
