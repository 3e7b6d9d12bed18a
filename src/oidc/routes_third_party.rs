//! What keycloak-js asks first: whether a page of ours sees its cookies in a frame of
//! another site. It does not, by design: they are for our own pages alone. keycloak-js
//! then does without its session iframe (`login-status-iframe.html`), which could tell
//! it nothing, and OIDC Session Management 1.0 is not implemented.
use crate::web::Response;
use crate::web::answer::{html, with_header};
use http::StatusCode;
use http::header::CONTENT_SECURITY_POLICY;

/// The answer that keycloak-js waits for, and nothing else; it says nothing about
/// whoever looks.
const PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Third-party cookies</title>\
    <script>parent.postMessage(\"unsupported\", \"*\");</script></html>";

/// Just that script, in a frame of any page. (`frame-ancestors` takes the place of
/// `X-Frame-Options`: CSP Level 3 §7.7.1.)
const POLICY: &str = "default-src 'none'; \
    script-src 'sha256-LT604XxL62X66qWsye8eQ8u6Ur1FNp35ZRC0IKtAoyQ='; \
    base-uri 'none'; form-action 'none'; frame-ancestors *";

/// `GET /realms/{realm}/protocol/openid-connect/3p-cookies/step1.html`.
#[must_use]
pub fn cookies() -> Response {
    let page = html(StatusCode::OK, PAGE.to_owned());
    with_header(page, CONTENT_SECURITY_POLICY, POLICY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::sha256;
    use base64::{Engine, prelude::BASE64_STANDARD};

    #[test]
    fn the_policy_names_the_one_script() {
        let script = PAGE.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
        let digest = BASE64_STANDARD.encode(sha256(script.as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{digest}'")));
    }
}
