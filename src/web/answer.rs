//! Answers, and the bodies that requests bring.
use super::{Request, Response, header};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An answer of `status` with `body` as JSON.
#[must_use]
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => with_body(status, "application/json", bytes),
        Err(error) => {
            tracing::error!("An answer could not be written as JSON: {error}");
            empty(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// An HTML page.
#[must_use]
pub fn html(status: StatusCode, page: String) -> Response {
    let response = with_body(status, "text/html; charset=utf-8", page.into_bytes());
    with_header(response, CACHE_CONTROL, "no-store")
}

/// An answer without a body.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// An answer of `status` with `body` of type `content_type`.
#[must_use]
pub fn with_body(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// 201 with an absolute `Location` and no body, as Keycloak's clients expect.
#[must_use]
pub fn created(location: &str) -> Response {
    with_header(empty(StatusCode::CREATED), LOCATION, location)
}

/// 303: go there with GET, whatever this was.
#[must_use]
pub fn see_other(location: &str) -> Response {
    let response = with_header(empty(StatusCode::SEE_OTHER), LOCATION, location);
    with_header(response, CACHE_CONTROL, "no-store")
}

/// Adds a header. A value that cannot stand in a header is left out and logged:
/// it holds a line break or worse.
#[must_use]
pub fn with_header(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    } else {
        tracing::error!(http.header = %name, "A header value was not sendable");
    }
    response
}

/// Keycloak's prose error, `{"error": "HTTP 404 Not Found"}`, with its default
/// words for `status` (reference phasetwo.md §0).
#[must_use]
pub fn keycloak_error(status: StatusCode) -> Response {
    keycloak_problem(status, &format!("HTTP {status}"))
}

/// Keycloak's prose error with words of our own.
#[must_use]
pub fn keycloak_problem(status: StatusCode, message: &str) -> Response {
    json(status, &serde_json::json!({ "error": message }))
}

/// An OAuth error (RFC 6749 §5.2), which no cache may keep.
#[must_use]
pub fn oauth_error(status: StatusCode, error: &str, description: &str) -> Response {
    let body = serde_json::json!({ "error": error, "error_description": description });
    with_header(json(status, &body), CACHE_CONTROL, "no-store")
}

/// 405 with the methods that would do (RFC 9110 §15.5.6).
#[must_use]
pub fn method_not_allowed(allowed: &[http::Method]) -> Response {
    let names: Vec<&str> = allowed.iter().map(http::Method::as_str).collect();
    let response = keycloak_error(StatusCode::METHOD_NOT_ALLOWED);
    with_header(response, ALLOW, &names.join(", "))
}

/// Why a JSON body could not be used.
#[derive(Debug, thiserror::Error)]
pub enum BadBody {
    /// Another content type than JSON.
    #[error("the content type must be {0}")]
    MediaType(&'static str),
    /// Not JSON; says where.
    #[error("Cannot parse the JSON: {0}")]
    Syntax(String),
    /// Not of the expected shape; says where.
    #[error("Cannot parse the JSON: {0}")]
    Shape(String),
    /// A member that nothing here has; says which, in Keycloak's words.
    #[error("Invalid json representation. {0}")]
    Unrecognized(String),
}

impl BadBody {
    /// 415 or 400.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Syntax(_) | Self::Shape(_) | Self::Unrecognized(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// What the caller is told, in every dialect: the members are those of
    /// Keycloak 26.7.3 (tests/fixtures/keycloak-observed), the words say more.
    #[must_use]
    pub fn respond(&self) -> Response {
        let words = self.to_string();
        let error = match self {
            Self::MediaType(_) | Self::Unrecognized(_) => {
                return keycloak_problem(self.status(), &words);
            }
            Self::Syntax(_) => "invalid_request",
            Self::Shape(_) => "unknown_error",
        };
        let told = serde_json::json!({ "error": error, "error_description": words });
        json(self.status(), &told)
    }
}

impl From<serde_json::Error> for BadBody {
    fn from(error: serde_json::Error) -> Self {
        let words = error.to_string();
        if !error.is_data() {
            return Self::Syntax(words);
        }
        match words.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
            Some((name, rest)) => {
                Self::Unrecognized(format!("Unrecognized field \"{name}\"{rest}"))
            }
            None => Self::Shape(words),
        }
    }
}

/// The JSON body of `request` as a `T`. An absent content type passes: some of
/// Keycloak's clients send none (reference keycloak.md §1.1).
///
/// # Errors
/// `MediaType` for another content type, another for anything that is not a `T`.
pub fn read_json<T: DeserializeOwned>(request: &Request) -> Result<T, BadBody> {
    check_json(request)?;
    super::json::read(request.body()).map_err(BadBody::from)
}

/// Passes a request whose body may be JSON, by its content type; an absent one
/// passes.
///
/// # Errors
/// `MediaType`.
pub fn check_json(request: &Request) -> Result<(), BadBody> {
    let typed = request.headers().contains_key(CONTENT_TYPE);
    if typed && !has_media_type(request, "application/json") {
        return Err(BadBody::MediaType("application/json"));
    }
    Ok(())
}

/// Whether the content type of `request` is `wanted`, parameters aside.
#[must_use]
pub fn has_media_type(request: &Request, wanted: &str) -> bool {
    header(request, "content-type")
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Lamp {
        #[serde(rename = "lit")]
        _lit: bool,
    }

    fn told(text: &str) -> Value {
        let error = crate::web::json::read::<Lamp>(text.as_bytes()).unwrap_err();
        let answer = BadBody::from(error).respond();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        serde_json::from_slice(answer.body()).unwrap()
    }

    #[test]
    fn a_bad_body_is_told_as_keycloak_tells_it() {
        for (text, error) in [
            ("{", "invalid_request"),
            ("lit", "invalid_request"),
            ("[]", "unknown_error"),
            (r#"{"lit":1}"#, "unknown_error"),
            ("{}", "unknown_error"),
        ] {
            let told = told(text);
            assert_eq!(told["error"], error, "{text}");
            let words = told["error_description"].as_str().unwrap();
            assert!(words.starts_with("Cannot parse the JSON: "), "{text}: {words}");
        }
        let words = "Invalid json representation. Unrecognized field \"colour\", expected `lit` \
                     at line 1 column 9";
        assert_eq!(told(r#"{"colour":1}"#), json!({ "error": words }));
    }
}
