//! How the answer to an authorization request leaves.
use super::pages::FormPostPage;
use super::redirect::{Reply, with_fragment, with_parameters};
use super::response_mode::ResponseMode;
use crate::crypto::token::SecretToken;
use crate::realm::context::RealmContext;
use crate::web::Response;
use crate::web::answer::{html, see_other, with_header};
use crate::web::page::render;
use http::StatusCode;
use http::header::CONTENT_SECURITY_POLICY;

impl Reply {
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
    // A list of sources has no word for a number of IPv6.
    let origin =
        origin.map(|origin| if origin.contains('[') { "http:".to_owned() } else { origin });
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; \
         img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; \
         form-action https: {}",
        origin.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_may_go_to_the_clients_origin_and_run_one_script() {
        let policy = form_post_policy("n0nce", "http://localhost:3000/cb?x=1;y='self'");
        assert!(policy.ends_with("form-action https: http://localhost:3000"), "{policy}");
        assert!(policy.contains("script-src 'nonce-n0nce';"), "{policy}");
        let policy = form_post_policy("n0nce", "http://[::1]:3000/cb");
        assert!(policy.ends_with("form-action https: http:"), "{policy}");
    }
}
