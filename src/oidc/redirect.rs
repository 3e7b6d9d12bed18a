//! The answer to an authorization request: parameters for the client's redirect
//! URI, and how they get there (RFC 6749 §4.1.2).
use super::authorization::AuthorizationRequest;
use super::response_mode::ResponseMode;
use crate::kernel::id::SessionId;
use crate::web::form::Form;

/// Where an answer goes, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// One of the client's redirect URIs.
    pub redirect_uri: String,
    /// How it travels.
    pub mode: ResponseMode,
    /// What the client gets back with it.
    pub state: Option<String>,
}

impl Destination {
    /// Where the answer to a request goes that may be faulty: as far as it says.
    #[must_use]
    pub fn of_form(form: &Form, redirect_uri: &str) -> Self {
        let mode = form.at_most_one("response_mode").unwrap_or_default();
        Self {
            redirect_uri: redirect_uri.to_owned(),
            mode: ResponseMode::find(mode, redirect_uri).unwrap_or_default(),
            state: form.at_most_one("state").unwrap_or_default().map(str::to_owned),
        }
    }

    /// Where the answer to `request` goes.
    #[must_use]
    pub fn of(request: &AuthorizationRequest) -> Self {
        Self {
            redirect_uri: request.redirect_uri.clone(),
            mode: request.response_mode,
            state: request.state.clone(),
        }
    }
}

/// An answer on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// One of the client's redirect URIs.
    pub redirect_uri: String,
    /// How it travels.
    pub mode: ResponseMode,
    /// What it says.
    pub parameters: Vec<(&'static str, String)>,
}

impl Reply {
    /// The answer with a code, under the issuer's name (RFC 9207 §2).
    #[must_use]
    pub fn code(to: Destination, code: String, session: &SessionId, issuer: String) -> Self {
        let state = to.state.map(|state| ("state", state));
        let rest = [("session_state", session.to_string()), ("iss", issuer), ("code", code)];
        Self {
            redirect_uri: to.redirect_uri,
            mode: to.mode,
            parameters: state.into_iter().chain(rest).collect(),
        }
    }

    /// The answer without one.
    #[must_use]
    pub fn error(to: Destination, issuer: String, (error, description): (&str, &str)) -> Self {
        let said = [("error", error.to_owned()), ("error_description", description.to_owned())];
        let state = to.state.map(|state| ("state", state));
        let parameters = said.into_iter().chain(state).chain([("iss", issuer)]).collect();
        Self { redirect_uri: to.redirect_uri, mode: to.mode, parameters }
    }
}

/// `redirect_uri` with `parameters` added to its query. The URI itself stays as
/// it was registered, to the letter.
#[must_use]
pub fn with_parameters(redirect_uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{}", encoded(parameters))
}

/// `redirect_uri`, which has no fragment, with `parameters` as its fragment.
#[must_use]
pub fn with_fragment(redirect_uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
    format!("{redirect_uri}#{}", encoded(parameters))
}

fn encoded(parameters: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parameters {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: [(&str, Option<&str>); 2] = [("state", Some("a b&c")), ("code", None)];

    #[test]
    fn a_query_that_was_registered_is_kept() {
        let known = [
            ("https://app.example", "https://app.example?state=a+b%26c"),
            ("https://app.example/cb?x=1", "https://app.example/cb?x=1&state=a+b%26c"),
            ("com.example.app:/cb", "com.example.app:/cb?state=a+b%26c"),
        ];
        for (registered, answer) in known {
            assert_eq!(with_parameters(registered, &PARAMETERS), answer);
        }
    }

    #[test]
    fn a_fragment_follows_what_was_registered() {
        let answer = with_fragment("https://app.example/cb?x=1", &PARAMETERS);
        assert_eq!(answer, "https://app.example/cb?x=1#state=a+b%26c");
    }
}
