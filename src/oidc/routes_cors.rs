//! Which pages of other origins may read our answers (Fetch Standard, CORS).
//! No endpoint that pages call reads a cookie.
use crate::realm::client::Client;
use crate::web::answer::{empty, with_header};
use crate::web::{Request, Response, header};
use http::StatusCode;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, VARY,
};

/// How long a browser may remember a preflight, in seconds: an hour, as
/// Keycloak has it.
const PREFLIGHT_SECONDS: &str = "3600";

/// The endpoints that pages call by themselves; the others are for browsers to
/// open.
const CALLED_BY_PAGES: &[&str] = &[
    "/protocol/openid-connect/token",
    "/protocol/openid-connect/auth/device",
    "/protocol/openid-connect/ext/par/request",
    "/protocol/openid-connect/revoke",
    "/protocol/openid-connect/userinfo",
    "/protocol/openid-connect/certs",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
];

/// Answers `OPTIONS` of an endpoint that pages may call. Any origin may ask;
/// which may read the answer, the client's own settings decide when it comes.
#[must_use]
pub fn preflight(request: &Request) -> Option<Response> {
    let path = request.uri().path();
    CALLED_BY_PAGES.iter().any(|known| path.ends_with(known)).then(|| allowed(request))
}

fn allowed(request: &Request) -> Response {
    let response = with_header(empty(StatusCode::NO_CONTENT), VARY, "Origin");
    let Some(origin) = header(request, "origin") else { return response };
    let response = with_header(response, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    let response = with_header(response, ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, OPTIONS");
    let response =
        with_header(response, ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, DPoP");
    with_header(response, ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS)
}

/// Lets everybody read a public answer.
#[must_use]
pub fn for_anyone(response: Response) -> Response {
    with_header(response, ACCESS_CONTROL_ALLOW_ORIGIN, "*")
}

/// Lets the pages of the client's own origins read its answer.
#[must_use]
pub fn for_client(response: Response, request: &Request, client: &Client) -> Response {
    let response = with_header(response, VARY, "Origin");
    match header(request, "origin") {
        Some(origin) if is_origin_of(client, origin) => {
            let response = with_header(response, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            // keycloak-js asks for tokens with `credentials: "include"`, and would not
            // be shown them otherwise.
            let response = with_header(response, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
            // RFC 9449 §8.2: a page must see the nonce that it is given.
            with_header(response, ACCESS_CONTROL_EXPOSE_HEADERS, "DPoP-Nonce, WWW-Authenticate")
        }
        _ => response,
    }
}

/// `*` and `+` are Keycloak's: any origin, and those of the redirect URIs.
fn is_origin_of(client: &Client, origin: &str) -> bool {
    client.settings.web_origins.iter().any(|allowed| match allowed.as_str() {
        "*" => true,
        "+" => client.settings.redirect_uris.iter().any(|uri| has_origin(uri, origin)),
        allowed => allowed == origin,
    })
}

fn has_origin(uri: &str, origin: &str) -> bool {
    url::Url::parse(uri).is_ok_and(|uri| uri.origin().ascii_serialization() == origin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realm::client::ClientSettings;

    fn allows(web_origins: &[&str], origin: &str) -> bool {
        let client = Client {
            uuid: "c".parse().unwrap(),
            client_id: "spa".to_owned(),
            secret_hash: None,
            service_account: None,
            settings: ClientSettings {
                web_origins: web_origins.iter().map(|text| (*text).to_owned()).collect(),
                redirect_uris: vec!["https://app.example:8443/cb".to_owned()],
                ..ClientSettings::default()
            },
        };
        is_origin_of(&client, origin)
    }

    #[test]
    fn only_the_clients_own_origins_may_read_its_answers() {
        assert!(allows(&["https://app.example"], "https://app.example"));
        assert!(allows(&["+"], "https://app.example:8443"));
        assert!(allows(&["*"], "https://evil.example"));
        for other in ["https://app.example.evil.example", "http://app.example", "null"] {
            assert!(!allows(&["https://app.example", "+"], other), "{other}");
        }
        assert!(!allows(&[], "https://app.example"));
    }
}
