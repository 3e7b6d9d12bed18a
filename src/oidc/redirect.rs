//! The answer to an authorization request: parameters for the client's redirect
//! URI, and how they get there (RFC 6749 §4.1.2).
use super::authorization::AuthorizationRequest;
use super::pages::FormPostPage;
use super::response_mode::ResponseMode;
use crate::crypto::token::SecretToken;
use crate::kernel::id::SessionId;
use crate::realm::context::RealmContext;
use crate::web::Response;
use crate::web::answer::{html, see_other, with_header};
use crate::web::form::Form;
use crate::web::page::render;
use http::StatusCode;
use http::header::CONTENT_SECURITY_POLICY;

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
    redirect_uri: String,
    mode: ResponseMode,
    parameters: Vec<(&'static str, String)>,
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

    /// What the browser is told to do.
    #[must_use]
    pub fn respond(self, context: &RealmContext<'_>) -> Response {
        let parameters: Vec<(&str, Option<&str>)> =
            self.parameters.iter().map(|(name, value)| (*name, Some(value.as_str()))).collect();
        match self.mode {
            ResponseMode::Query => see_other(&with_parameters(&self.redirect_uri, &parameters)),
            ResponseMode::Fragment => see_other(&with_fragment(&self.redirect_uri, &parameters)),
            ResponseMode::FormPost => self.post(context),
        }
    }

    /// A page that posts itself, or, where scripts are off, has a button that does.
    fn post(self, context: &RealmContext<'_>) -> Response {
        let nonce = SecretToken::from_bytes(context.ports.random.bytes32()).to_text();
        let policy = form_post_policy(&nonce, &self.redirect_uri);
        let page = FormPostPage {
            realm_name: context.realm.display_name.clone(),
            action_url: self.redirect_uri,
            fields: self.parameters,
            nonce,
        };
        let response = html(StatusCode::OK, render(&page));
        with_header(response, CONTENT_SECURITY_POLICY, &policy)
    }
}

/// As every page's policy, but for the one script that this answer names, and with
/// the client's own origin as the form's target. `https:` stays: browsers hold the
/// target's own redirects to the list too.
fn form_post_policy(nonce: &str, redirect_uri: &str) -> String {
    let origin = url::Url::parse(redirect_uri).map(|url| url.origin().ascii_serialization());
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; \
         img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; \
         form-action https: {}",
        origin.unwrap_or_default()
    )
}

/// `redirect_uri` with `parameters` added to its query. The URI itself stays as
/// it was registered, to the letter.
#[must_use]
pub fn with_parameters(redirect_uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{}", encoded(parameters))
}

/// `redirect_uri`, which has no fragment, with `parameters` as its fragment.
fn with_fragment(redirect_uri: &str, parameters: &[(&str, Option<&str>)]) -> String {
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

    #[test]
    fn a_form_may_go_to_the_clients_origin_and_run_one_script() {
        let policy = form_post_policy("n0nce", "http://localhost:3000/cb?x=1;y='self'");
        assert!(policy.ends_with("form-action https: http://localhost:3000"), "{policy}");
        assert!(policy.contains("script-src 'nonce-n0nce';"), "{policy}");
    }
}
