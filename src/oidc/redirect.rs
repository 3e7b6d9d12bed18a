//! The answer to an authorization request: a URL of the client, with parameters
//! added (RFC 6749 §4.1.2).
use super::authorization::AuthorizationRequest;
use crate::kernel::id::SessionId;

/// `redirect_uri` with `parameters` added to its query. The URI itself stays as
/// it was registered, to the letter.
#[must_use]
pub fn with_parameters(redirect_uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{}", query.finish())
}

/// The answer with a code, under the issuer's name (RFC 9207 §2).
#[must_use]
pub fn with_code(
    request: &AuthorizationRequest,
    code: &str,
    session: &SessionId,
    issuer: &str,
) -> String {
    let parameters = [
        ("state", request.state.as_deref()),
        ("session_state", Some(session.as_str())),
        ("iss", Some(issuer)),
        ("code", Some(code)),
    ];
    with_parameters(&request.redirect_uri, &parameters)
}

/// The answer without one.
#[must_use]
pub fn with_error(
    redirect_uri: &str,
    state: Option<&str>,
    issuer: &str,
    (error, description): (&str, &str),
) -> String {
    let parameters = [
        ("error", Some(error)),
        ("error_description", Some(description)),
        ("state", state),
        ("iss", Some(issuer)),
    ];
    with_parameters(redirect_uri, &parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_that_was_registered_is_kept() {
        let parameters = [("state", Some("a b&c")), ("code", None)];
        let known = [
            ("https://app.example", "https://app.example?state=a+b%26c"),
            ("https://app.example/cb?x=1", "https://app.example/cb?x=1&state=a+b%26c"),
            ("com.example.app:/cb", "com.example.app:/cb?state=a+b%26c"),
        ];
        for (registered, answer) in known {
            assert_eq!(with_parameters(registered, &parameters), answer);
        }
    }
}
