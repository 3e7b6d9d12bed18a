//! How an answer travels (OAuth 2.0 Multiple Response Type Encoding Practices
//! §2.1, OAuth 2.0 Form Post Response Mode §2).
use serde::{Deserialize, Serialize};

/// How an answer travels from us, through the browser, to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI; what a code goes by unless asked
    /// otherwise.
    #[default]
    Query,
    /// In its fragment.
    Fragment,
    /// In the body of a form that a page of ours posts.
    FormPost,
}

impl ResponseMode {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Query, Self::Fragment, Self::FormPost];

    /// As the wire spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// The mode called `name` that reaches `redirect_uri`; `None` when there is
    /// none. A form is posted to the web only: an app's own scheme gets no body.
    #[must_use]
    pub fn find(name: Option<&str>, redirect_uri: &str) -> Option<Self> {
        let Some(name) = name else { return Some(Self::default()) };
        let mode = Self::ALL.into_iter().find(|mode| mode.as_str() == name)?;
        (mode != Self::FormPost || is_web(redirect_uri)).then_some(mode)
    }
}

fn is_web(uri: &str) -> bool {
    url::Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mode_is_found_by_its_name_alone() {
        let found = |name| ResponseMode::find(name, "https://app.example/cb");
        assert_eq!(found(None), Some(ResponseMode::Query));
        for mode in ResponseMode::ALL {
            assert_eq!(found(Some(mode.as_str())), Some(mode));
        }
        for name in ["", "jwt", "query.jwt", "Query", "form-post", "web_message"] {
            assert_eq!(found(Some(name)), None, "{name}");
        }
    }

    #[test]
    fn an_apps_own_scheme_gets_no_form() {
        let found = |name| ResponseMode::find(Some(name), "com.example.app:/cb");
        assert_eq!(found("form_post"), None);
        assert_eq!(found("fragment"), Some(ResponseMode::Fragment));
    }
}
