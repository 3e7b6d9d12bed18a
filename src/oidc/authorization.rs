//! The authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1): what it may
//! say, in the order in which it is judged.
use super::scope::{BadScope, Scope};
use crate::crypto::pkce;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::row::StoreError;
use crate::realm::client::{Client, Grant};
use crate::realm::context::RealmContext;
use crate::web::form::{BadParameter, Form};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Longest request we carry through a login, in bytes of JSON: sealed, it must
/// fit `crypto::seal::MAX_SEALED_BYTES` with some to spare.
pub const MAX_REQUEST_BYTES: usize = 5_000;

/// A request that may be answered, by tokens or by an error its client is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// What is asked for.
    pub scope: Option<String>,
    /// Given back with the answer.
    pub state: Option<String>,
    /// Given back in the ID token.
    pub nonce: Option<String>,
    /// PKCE, S256.
    pub code_challenge: String,
    /// How the person is to be met.
    pub prompt: Prompt,
    /// The longest time since the person proved who they are.
    pub max_age: Option<Seconds>,
    /// Who the client thinks it is.
    pub login_hint: Option<String>,
}

/// How the person is to be met (OIDC Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prompt {
    /// As the server sees fit.
    Free,
    /// Not at all: answer at once, or with an error.
    None,
    /// With the login page, whatever session there is.
    Login,
}

/// Why a request is shown to the person instead of being answered: who asks, or
/// where the answer should go, is not known, and answering there would make us
/// an open redirector (RFC 9700 §4.11.2).
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// No, or more than one, `client_id` or `redirect_uri`.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// The realm has no such client.
    #[error("the client is not known")]
    UnknownClient,
    /// The client has no such redirect URI, to the letter (RFC 9700 §2.1).
    #[error("the redirect URI is not one of the client's")]
    RedirectMismatch,
}

/// Why a request is refused, as its client is told.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A parameter is missing or repeated.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// Another `response_type` than `code`.
    #[error("response_type must be code")]
    ResponseType,
    /// Another `response_mode` than `query`.
    #[error("response_mode must be query")]
    ResponseMode,
    /// The client may not use authorization codes.
    #[error("the client may not use the authorization code flow")]
    GrantNotAllowed,
    /// `request` (OIDC Core §6.1).
    #[error("request objects are not supported")]
    RequestObject,
    /// `request_uri` (OIDC Core §6.2).
    #[error("request_uri is not supported")]
    RequestUri,
    /// Another `code_challenge_method` than `S256`.
    #[error("code_challenge_method must be S256")]
    ChallengeMethod,
    /// A `code_challenge` that no verifier can match.
    #[error("code_challenge must be 43 characters of base64url")]
    Challenge,
    /// The scope cannot be granted.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// `none` together with another prompt, or a word we do not know.
    #[error("prompt must be none, login, consent or select_account")]
    Prompt,
    /// Not a number of seconds.
    #[error("max_age must be a number of seconds")]
    MaxAge,
    /// More than a login can remember.
    #[error("the request is longer than {MAX_REQUEST_BYTES} bytes")]
    TooLong,
}

impl Problem {
    /// The `error` of RFC 6749 §4.1.2.1 and OIDC Core §3.1.2.6.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ResponseType => "unsupported_response_type",
            Self::GrantNotAllowed => "unauthorized_client",
            Self::RequestObject => "request_not_supported",
            Self::RequestUri => "request_uri_not_supported",
            Self::Scope(_) => "invalid_scope",
            Self::Parameter(_)
            | Self::ResponseMode
            | Self::ChallengeMethod
            | Self::Challenge
            | Self::Prompt
            | Self::MaxAge
            | Self::TooLong => "invalid_request",
        }
    }
}

/// Who asks, and where the answer goes.
#[derive(Debug)]
pub struct Asker {
    /// The client.
    pub client: Rc<Client>,
    /// One of its redirect URIs.
    pub redirect_uri: String,
}

/// Finds out who asks, before anything else is looked at.
///
/// # Errors
/// `Ok(Err(…))` when nobody can be answered; `Refused` when the directory fails.
pub async fn find_asker(
    context: &RealmContext<'_>,
    form: &Form,
) -> Result<Result<Asker, Unanswerable>, StoreError> {
    let (client_id, redirect_uri) = match (form.one("client_id"), form.one("redirect_uri")) {
        (Ok(client_id), Ok(redirect_uri)) => (client_id, redirect_uri),
        (Err(bad), _) | (_, Err(bad)) => return Ok(Err(bad.into())),
    };
    let Some(client) = context.find_client(client_id).await? else {
        return Ok(Err(Unanswerable::UnknownClient));
    };
    if !client.has_redirect_uri(redirect_uri) {
        return Ok(Err(Unanswerable::RedirectMismatch));
    }
    Ok(Ok(Asker { client, redirect_uri: redirect_uri.to_owned() }))
}

type Rule = fn(&Form, &Client) -> Result<(), Problem>;

/// In the order they run: first what makes the request unreadable, then what
/// kind of answer is wanted, then whether this client may have it.
const RULES: &[Rule] = &[
    nothing_is_repeated,
    response_is_a_code,
    response_goes_in_the_query,
    request_is_not_an_object,
    client_may_use_codes,
    proof_key_is_s256,
];

/// Reads what `asker` asks for.
///
/// # Errors
/// The first rule that the request breaks.
pub fn read(form: &Form, asker: &Asker) -> Result<AuthorizationRequest, Problem> {
    RULES.iter().try_for_each(|rule| rule(form, &asker.client))?;
    let text = |name| Ok::<_, Problem>(form.at_most_one(name)?.map(str::to_owned));
    let request = AuthorizationRequest {
        client_id: asker.client.client_id.clone(),
        redirect_uri: asker.redirect_uri.clone(),
        scope: text("scope")?,
        state: text("state")?,
        nonce: text("nonce")?,
        code_challenge: form.one("code_challenge")?.to_owned(),
        prompt: prompt(form.at_most_one("prompt")?)?,
        max_age: max_age(form.at_most_one("max_age")?)?,
        login_hint: text("login_hint")?,
    };
    Scope::parse(request.scope.as_deref())?;
    let length = serde_json::to_string(&request).map_or(usize::MAX, |json| json.len());
    if length <= MAX_REQUEST_BYTES { Ok(request) } else { Err(Problem::TooLong) }
}

/// RFC 6749 §3.1: request parameters MUST NOT be included more than once; §3.1
/// also has us ignore those we do not know.
fn nothing_is_repeated(form: &Form, _client: &Client) -> Result<(), Problem> {
    const KNOWN: &[&str] = &[
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "login_hint",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
    ];
    KNOWN.iter().try_for_each(|name| Ok(form.at_most_one(name).map(|_| ())?))
}

fn response_is_a_code(form: &Form, _client: &Client) -> Result<(), Problem> {
    if form.one("response_type")? == "code" { Ok(()) } else { Err(Problem::ResponseType) }
}

fn response_goes_in_the_query(form: &Form, _client: &Client) -> Result<(), Problem> {
    match form.at_most_one("response_mode")? {
        None | Some("query") => Ok(()),
        Some(_) => Err(Problem::ResponseMode),
    }
}

fn request_is_not_an_object(form: &Form, _client: &Client) -> Result<(), Problem> {
    if form.at_most_one("request")?.is_some() {
        return Err(Problem::RequestObject);
    }
    if form.at_most_one("request_uri")?.is_some() {
        return Err(Problem::RequestUri);
    }
    Ok(())
}

fn client_may_use_codes(_form: &Form, client: &Client) -> Result<(), Problem> {
    if client.may(Grant::AuthorizationCode) { Ok(()) } else { Err(Problem::GrantNotAllowed) }
}

/// RFC 9700 §2.1.1, and OAuth 2.1 for confidential clients too.
fn proof_key_is_s256(form: &Form, _client: &Client) -> Result<(), Problem> {
    let challenge = form.one("code_challenge")?;
    // Absent means `plain` (RFC 7636 §4.3), which we do not take.
    if form.at_most_one("code_challenge_method")? != Some(pkce::METHOD) {
        return Err(Problem::ChallengeMethod);
    }
    if pkce::is_challenge(challenge) { Ok(()) } else { Err(Problem::Challenge) }
}

/// We ask for no consent, so `consent` has been satisfied; whoever wants an
/// account selected gets the login page.
fn prompt(text: Option<&str>) -> Result<Prompt, Problem> {
    let words: Vec<&str> = text.unwrap_or_default().split(' ').filter(|w| !w.is_empty()).collect();
    let known = |word: &&str| matches!(*word, "none" | "login" | "consent" | "select_account");
    if !words.iter().all(known) {
        return Err(Problem::Prompt);
    }
    match words.as_slice() {
        ["none"] => Ok(Prompt::None),
        words if words.contains(&"none") => Err(Problem::Prompt),
        words if words.contains(&"login") || words.contains(&"select_account") => Ok(Prompt::Login),
        _ => Ok(Prompt::Free),
    }
}

fn max_age(text: Option<&str>) -> Result<Option<Seconds>, Problem> {
    text.map(|text| text.parse().map(Seconds).map_err(|_| Problem::MaxAge)).transpose()
}

impl AuthorizationRequest {
    /// Whether a session that began at `authenticated_at` will do.
    #[must_use]
    pub fn accepts_session(&self, authenticated_at: Timestamp, now: Timestamp) -> bool {
        let fresh = self.max_age.is_none_or(|age| now < authenticated_at + age);
        fresh && self.prompt != Prompt::Login
    }

    /// The scope, which [`read`] has found to be one.
    ///
    /// # Errors
    /// As [`Scope::parse`].
    pub fn scope(&self) -> Result<Scope, BadScope> {
        Scope::parse(self.scope.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realm::client::ClientSettings;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn asker(grants: Vec<Grant>) -> Asker {
        let client = Client {
            uuid: "c".parse().unwrap(),
            client_id: "app".to_owned(),
            secret_hash: None,
            service_account: None,
            settings: ClientSettings { grants, ..ClientSettings::default() },
        };
        Asker { client: Rc::new(client), redirect_uri: "https://app.example/cb".to_owned() }
    }

    /// A good request, with one parameter set, added or (empty) taken away.
    fn read_with(name: &str, value: &str) -> Result<AuthorizationRequest, Problem> {
        let base = [
            ("response_type", "code"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(base.iter().filter(|(key, _)| *key != name));
        form.append_pair(name, value);
        read(&Form::parse(form.finish().as_bytes()), &asker(vec![Grant::AuthorizationCode]))
    }

    #[test]
    fn a_good_request_is_read() {
        let request = read_with("state", "s t/a=t&e").unwrap();
        assert_eq!(request.state.as_deref(), Some("s t/a=t&e"));
        assert_eq!(request.prompt, Prompt::Free);
    }

    #[test]
    fn each_rule_refuses_what_it_is_for() {
        let long = "x".repeat(MAX_REQUEST_BYTES);
        let many = ["organization:a"; 2].join(" \\");
        let refused = [
            ("response_type", "", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "code id_token", "unsupported_response_type"),
            ("response_mode", "fragment", "invalid_request"),
            ("response_mode", "form_post", "invalid_request"),
            ("request", "eyJ9", "request_not_supported"),
            ("request_uri", "https://app.example/r", "request_uri_not_supported"),
            ("code_challenge", "", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("scope", many.as_str(), "invalid_scope"),
            ("prompt", "none login", "invalid_request"),
            ("prompt", "create", "invalid_request"),
            ("max_age", "-1", "invalid_request"),
            ("max_age", "soon", "invalid_request"),
            ("state", long.as_str(), "invalid_request"),
        ];
        for (name, value, code) in refused {
            let problem = read_with(name, value).unwrap_err();
            assert_eq!(problem.code(), code, "{name}={value}");
        }
    }

    /// RFC 6749 §3.1.
    #[test]
    fn a_repeated_parameter_is_refused_and_an_unknown_one_ignored() {
        let read = |extra: &str| {
            let query = format!(
                "response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256{extra}"
            );
            let asker = asker(vec![Grant::AuthorizationCode]);
            super::read(&Form::parse(query.as_bytes()), &asker)
        };
        assert!(read("&ui_locales=de&ui_locales=en").is_ok());
        for name in ["response_type=code", "state=a&state=a", "nonce=a&nonce=b", "scope=a&scope=b"]
        {
            let problem = read(&format!("&{name}")).unwrap_err();
            assert_eq!(problem.code(), "invalid_request", "{name}");
        }
    }

    #[test]
    fn a_client_without_the_grant_is_refused() {
        let query =
            format!("response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256");
        let asker = asker(vec![Grant::Password]);
        let problem = read(&Form::parse(query.as_bytes()), &asker).unwrap_err();
        assert_eq!(problem.code(), "unauthorized_client");
    }

    #[test]
    fn a_session_is_too_old_at_max_age() {
        let request = read_with("max_age", "60").unwrap();
        assert!(request.accepts_session(NOW, NOW + Seconds(59)));
        assert!(!request.accepts_session(NOW, NOW + Seconds(60)));
        assert!(!read_with("max_age", "0").unwrap().accepts_session(NOW, NOW));
        assert!(!read_with("prompt", "login").unwrap().accepts_session(NOW, NOW));
    }
}
