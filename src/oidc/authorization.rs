//! The authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1): what it may
//! say, in the order in which it is judged.
use super::asker::Asker;
use super::claims_request::{BadClaims, ClaimsRequest};
use super::demand::Demand;
use super::device::Device;
use super::dpop;
use super::prompt::Prompts;
use super::request_object::BadObject;
use super::resource::{self, BadResource};
use super::response_mode::ResponseMode;
use super::scope::{BadScope, Scope};
use crate::crypto::jwt::JwtError;
use crate::crypto::pkce;
use crate::kernel::alias::Alias;
use crate::kernel::id::UserId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::realm::client::{Client, Grant};
use crate::web::form::{BadParameter, Form};
use serde::{Deserialize, Serialize};

/// Longest request we carry through a login, in bytes of JSON: sealed, it must
/// fit `crypto::seal::MAX_SEALED_BYTES` with some to spare.
pub const MAX_REQUEST_BYTES: usize = 5_000;

/// The levels of authentication we tell apart (`acr`), as Keycloak numbers them:
/// an old session, and a proof for this very request.
pub const LEVELS: [&str; 2] = ["0", "1"];

/// A request that may be answered, by tokens or by an error its client is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// How it travels.
    pub response_mode: ResponseMode,
    /// What is asked for.
    pub scope: Option<String>,
    /// Given back with the answer.
    pub state: Option<String>,
    /// Given back in the ID token.
    pub nonce: Option<String>,
    /// PKCE, S256; none where the client need not use it.
    pub code_challenge: Option<String>,
    /// The thumbprint of the key that the code is bound to (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    /// How the person is to be met.
    pub prompts: Prompts,
    /// The longest time since the person proved who they are.
    pub max_age: Option<Seconds>,
    /// Who the client thinks it is.
    pub login_hint: Option<String>,
    /// Who it must be, by an ID token the client has.
    pub asked_by_hint: Option<UserId>,
    /// Which claims are wanted, and which values they must have.
    pub claims: Option<ClaimsRequest>,
    /// Where access tokens shall be used (RFC 8707).
    pub resources: Vec<String>,
    /// The organization it must be.
    pub organization: Demand,
    /// The invitation that brings the person.
    pub invitation: Option<String>,
    /// The device that it is for, whose answer goes to no redirect URI (RFC 8628).
    pub device: Option<Device>,
    /// Whether the person proved who they are for this very request: what a login
    /// adds, and no client says.
    pub is_proved: bool,
    /// The organization the person picked, likewise.
    pub picked: Option<Alias>,
    /// What the person is being asked to allow, by its digest, likewise.
    pub agreeing: Option<String>,
    /// What they allowed, likewise.
    pub agreed: Option<String>,
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
    /// A `response_mode` we do not have, or a form for an app's own scheme.
    #[error("response_mode must be query, fragment or, to a web address, form_post")]
    ResponseMode,
    /// The client may not use authorization codes.
    #[error("the client may not use the authorization code flow")]
    GrantNotAllowed,
    /// A request object that is not believed (RFC 9101 §6).
    #[error("request object refused: {0}")]
    RequestObject(#[from] BadObject),
    /// `request` and `request_uri` at once (OIDC Core §6.1).
    #[error("request and request_uri exclude each other")]
    TwoRequests,
    /// A `request_uri` that no pushed request was answered with (OIDC Core §6.2).
    #[error("request_uri must be one that this server gave out")]
    RequestUri,
    /// It was used, it expired, or it is another client's (RFC 9126 §2.2).
    #[error("request_uri has expired, was used, or is another client's")]
    RequestUriOver,
    /// The client must push its requests (RFC 9126 §5).
    #[error("the client must push its authorization requests")]
    NotPushed,
    /// The client must sign its requests (RFC 9101 §10.5).
    #[error("the client must sign its authorization requests")]
    NotSigned,
    /// Another `code_challenge_method` than `S256`.
    #[error("code_challenge_method must be S256")]
    ChallengeMethod,
    /// A `dpop_jkt` that is no key's.
    #[error("dpop_jkt must be the SHA-256 thumbprint of a key, in base64url")]
    KeyThumbprint,
    /// A `code_challenge` that no verifier can match.
    #[error("code_challenge must be 43 characters of base64url")]
    Challenge,
    /// The scope cannot be granted.
    #[error(transparent)]
    Scope(#[from] BadScope),
    /// `none` together with another prompt, or a word we do not know.
    #[error("prompt must be none, or of login, consent, select_account and create")]
    Prompt,
    /// `create`, where nobody may (Initiating User Registration §4.1).
    #[error("prompt must not be create: people do not register themselves here")]
    NoRegistration,
    /// Not a number of seconds.
    #[error("max_age must be a number of seconds")]
    MaxAge,
    /// Not a claims request.
    #[error(transparent)]
    Claims(#[from] BadClaims),
    /// A level of authentication that nobody can reach (OIDC Core §5.5.1.1).
    #[error("no level of authentication is as essential as that")]
    Level,
    /// `id_token_hint` is no ID token of this realm.
    #[error("id_token_hint refused: {0}")]
    Hint(JwtError),
    /// A place that tokens of this client may not be used at.
    #[error(transparent)]
    Resource(BadResource),
    /// An organization, for a client that has nothing to do with any.
    #[error("the client does not use organizations")]
    NoOrganizations,
    /// An invitation without the organization that invites.
    #[error("invitation must come with organization")]
    InvitationAlone,
    /// More than a login can remember.
    #[error("the request is longer than {MAX_REQUEST_BYTES} bytes")]
    TooLong,
}

impl Problem {
    /// The `error` of RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6 and those of the
    /// extensions.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ResponseType => "unsupported_response_type",
            Self::GrantNotAllowed => "unauthorized_client",
            Self::RequestObject(_) => "invalid_request_object",
            Self::RequestUri => "request_uri_not_supported",
            Self::RequestUriOver => "invalid_request_uri",
            Self::Scope(_) => "invalid_scope",
            Self::Resource(_) => "invalid_target",
            // OpenID Connect Core Error Code unmet_authentication_requirements 1.0.
            Self::Level => "unmet_authentication_requirements",
            Self::Parameter(_)
            | Self::ResponseMode
            | Self::TwoRequests
            | Self::NotPushed
            | Self::NotSigned
            | Self::KeyThumbprint
            | Self::ChallengeMethod
            | Self::Challenge
            | Self::Prompt
            | Self::NoRegistration
            | Self::MaxAge
            | Self::Claims(_)
            | Self::Hint(_)
            | Self::NoOrganizations
            | Self::InvitationAlone
            | Self::TooLong => "invalid_request",
        }
    }
}

type Rule = fn(&Form, &Client) -> Result<(), Problem>;

/// In the order they run: first what makes the request unreadable, then what
/// kind of answer is wanted, then whether this client may have it.
const RULES: &[Rule] = &[
    nothing_is_repeated,
    response_is_a_code,
    client_may_use_codes,
    proof_key_is_s256,
    key_is_a_thumbprint,
    client_uses_organizations,
];

/// Reads what `asker` asks for.
///
/// # Errors
/// The first rule that the request breaks.
pub fn read(form: &Form, asker: &Asker) -> Result<AuthorizationRequest, Problem> {
    RULES.iter().try_for_each(|rule| rule(form, &asker.client))?;
    let text = |name| Ok::<_, Problem>(form.at_most_one(name)?.map(str::to_owned));
    let mode = form.at_most_one("response_mode")?;
    let request = AuthorizationRequest {
        client_id: asker.client.client_id.clone(),
        redirect_uri: asker.redirect_uri.clone(),
        response_mode: ResponseMode::find(mode, &asker.redirect_uri)
            .ok_or(Problem::ResponseMode)?,
        scope: text("scope")?,
        state: text("state")?,
        nonce: text("nonce")?,
        code_challenge: text("code_challenge")?,
        dpop_jkt: text("dpop_jkt")?,
        prompts: prompts(form)?,
        max_age: max_age(form.at_most_one("max_age")?)?,
        login_hint: text("login_hint")?,
        claims: form.at_most_one("claims")?.map(ClaimsRequest::parse).transpose()?,
        resources: resource::list(form).map_err(Problem::Resource)?,
        organization: Demand::read(form, asker.tenant.clone())?,
        invitation: text("invitation")?,
        ..AuthorizationRequest::default()
    };
    if request.invitation.is_some() && request.organization.is_nothing() {
        return Err(Problem::InvitationAlone);
    }
    if !levels_reachable(&request) {
        return Err(Problem::Level);
    }
    request.scope()?;
    let length = serde_json::to_string(&request).map_or(usize::MAX, |json| json.len());
    if length <= MAX_REQUEST_BYTES { Ok(request) } else { Err(Problem::TooLong) }
}

/// RFC 6749 §3.1: request parameters MUST NOT be included more than once; §3.1
/// also has us ignore those we do not know. RFC 8707 §2 lets `resource` repeat.
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
        "id_token_hint",
        "ui_locales",
        "acr_values",
        "claims",
        "code_challenge",
        "code_challenge_method",
        "dpop_jkt",
        "organization",
        "organization_name",
        "invitation",
        "request",
        "request_uri",
    ];
    KNOWN.iter().try_for_each(|name| Ok(form.at_most_one(name).map(|_| ())?))
}

fn response_is_a_code(form: &Form, _client: &Client) -> Result<(), Problem> {
    if form.one("response_type")? == "code" { Ok(()) } else { Err(Problem::ResponseType) }
}

fn client_may_use_codes(_form: &Form, client: &Client) -> Result<(), Problem> {
    if client.may(Grant::AuthorizationCode) { Ok(()) } else { Err(Problem::GrantNotAllowed) }
}

/// RFC 9700 §2.1.1, and OAuth 2.1 for confidential clients too, unless an
/// administrator let one go without. What is sent counts in any case.
fn proof_key_is_s256(form: &Form, client: &Client) -> Result<(), Problem> {
    let challenge = form.at_most_one("code_challenge")?;
    let method = form.at_most_one("code_challenge_method")?;
    if challenge.is_none() && method.is_none() && !client.requires_proof_key() {
        return Ok(());
    }
    let challenge = challenge.ok_or(BadParameter::Missing("code_challenge"))?;
    // Absent means `plain` (RFC 7636 §4.3), which we do not take.
    if method != Some(pkce::METHOD) {
        return Err(Problem::ChallengeMethod);
    }
    if pkce::is_challenge(challenge) { Ok(()) } else { Err(Problem::Challenge) }
}

fn key_is_a_thumbprint(form: &Form, _client: &Client) -> Result<(), Problem> {
    let fits = form.at_most_one("dpop_jkt")?.is_none_or(dpop::is_thumbprint);
    if fits { Ok(()) } else { Err(Problem::KeyThumbprint) }
}

/// Organizations are for clients that use them.
///
/// # Errors
/// `NoOrganizations`.
pub fn client_uses_organizations(form: &Form, client: &Client) -> Result<(), Problem> {
    let is_there = |name: &&str| form.first(name).is_some_and(|text| !text.is_empty());
    let asks = ["organization", "organization_name", "invitation"].iter().any(is_there);
    let uses = client.organizations().is_some();
    if uses || !asks { Ok(()) } else { Err(Problem::NoOrganizations) }
}

fn prompts(form: &Form) -> Result<Prompts, Problem> {
    Prompts::parse(form.at_most_one("prompt")?).ok_or(Problem::Prompt)
}

fn max_age(text: Option<&str>) -> Result<Option<Seconds>, Problem> {
    text.map(|text| text.parse().map(Seconds).map_err(|_| Problem::MaxAge)).transpose()
}

fn levels_reachable(request: &AuthorizationRequest) -> bool {
    let wanted = request.claims.as_ref().and_then(ClaimsRequest::essential_levels);
    wanted.is_none_or(|wanted| wanted.iter().any(|level| LEVELS.contains(level)))
}

impl AuthorizationRequest {
    /// Whether a session that began at `authenticated_at` will do.
    #[must_use]
    pub fn accepts_session(&self, authenticated_at: Timestamp, now: Timestamp) -> bool {
        let fresh = self.max_age.is_none_or(|age| now < authenticated_at + age);
        let wanted = self.claims.as_ref().and_then(ClaimsRequest::essential_levels);
        let low_will_do = wanted.is_none_or(|wanted| wanted.contains(&"0"));
        fresh && low_will_do && !self.prompts.wants_login()
    }

    /// Whether the answer may be about `user`.
    #[must_use]
    pub fn admits(&self, user: &UserId) -> bool {
        self.asked_by_hint.as_ref().is_none_or(|hinted| hinted == user)
            && self.claims.as_ref().is_none_or(|claims| claims.admits(user))
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
    use crate::realm::client::{ClientSettings, PKCE_METHOD};
    use std::rc::Rc;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);

    fn asker(grants: Vec<Grant>) -> Asker {
        asker_with(grants, None, &[])
    }

    fn asker_with(
        grants: Vec<Grant>,
        secret_hash: Option<&str>,
        attributes: &[(&str, &str)],
    ) -> Asker {
        let attributes =
            attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let client = Client {
            uuid: "c".parse().unwrap(),
            client_id: "app".to_owned(),
            secret_hash: secret_hash.map(str::to_owned),
            service_account: None,
            settings: ClientSettings {
                grants,
                attributes: attributes.collect(),
                ..ClientSettings::default()
            },
        };
        let redirect_uri = "https://app.example/cb".to_owned();
        Asker { client: Rc::new(client), redirect_uri, tenant: None }
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
        assert_eq!(request.prompts, Prompts::default());
        assert_eq!(request.response_mode, ResponseMode::Query);
    }

    #[test]
    fn each_rule_refuses_what_it_is_for() {
        let long = "x".repeat(MAX_REQUEST_BYTES);
        let many = ["organization:a"; 2].join(" \\");
        let refused = [
            ("response_type", "", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("response_type", "code id_token", "unsupported_response_type"),
            ("response_mode", "jwt", "invalid_request"),
            ("response_mode", "web_message", "invalid_request"),
            ("claims", "[]", "invalid_request"),
            (
                "claims",
                "{\"id_token\":{\"acr\":{\"essential\":true,\"value\":\"9\"}}}",
                "unmet_authentication_requirements",
            ),
            ("resource", "not absolute", "invalid_target"),
            ("invitation", "ticket", "invalid_request"),
            ("code_challenge", "", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("dpop_jkt", "c2hvcnQ", "invalid_request"),
            ("scope", many.as_str(), "invalid_scope"),
            ("prompt", "none login", "invalid_request"),
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
        assert!(read("&colour=red&colour=blue&resource=urn:a&resource=urn:b").is_ok());
        for name in ["response_type=code", "state=a&state=a", "nonce=a&nonce=b", "scope=a&scope=b"]
            .into_iter()
            .chain(["ui_locales=de&ui_locales=en", "acr_values=0&acr_values=1"])
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

    /// RFC 9700 §2.1.1: what is sent counts, and only an administrator lets a
    /// client go without.
    #[test]
    fn a_proof_key_is_left_out_only_where_an_administrator_said_so() {
        let read = |secret: Option<&str>, attribute: Option<&str>, challenge: &str| {
            let attributes: Vec<_> =
                attribute.map(|value| (PKCE_METHOD, value)).into_iter().collect();
            let asker = asker_with(vec![Grant::AuthorizationCode], secret, &attributes);
            let form = format!("response_type=code{challenge}");
            super::read(&Form::parse(form.as_bytes()), &asker).map(|read| read.code_challenge)
        };
        let (hash, none) = (Some("h"), Some("none"));
        assert_eq!(read(hash, none, ""), Ok(None));
        assert!(read(hash, None, "").is_err());
        assert!(read(hash, Some("S256"), "").is_err());
        assert!(read(None, none, "").is_err(), "a public client");
        let challenge = format!("&code_challenge={CHALLENGE}");
        assert!(read(hash, none, &challenge).is_err(), "plain");
        assert!(read(hash, none, "&code_challenge_method=S256").is_err());
        assert!(read(hash, none, "&code_challenge=short&code_challenge_method=S256").is_err());
        let good = format!("{challenge}&code_challenge_method=S256");
        assert_eq!(read(hash, none, &good), Ok(Some(CHALLENGE.to_owned())));
    }

    #[test]
    fn an_essential_level_needs_a_fresh_proof() {
        let with = |values: &str| {
            let text = format!("{{\"id_token\":{{\"acr\":{{\"essential\":true,{values}}}}}}}");
            read_with("claims", &text).unwrap().accepts_session(NOW, NOW)
        };
        assert!(with("\"values\":[\"0\",\"1\"]"));
        assert!(!with("\"value\":\"1\""));
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
