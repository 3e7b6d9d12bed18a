//! A device asks for a login (RFC 8628 §3.1, §3.2).
use super::authorization::{self, AuthorizationRequest, MAX_REQUEST_BYTES, Problem};
use super::claims_request::ClaimsRequest;
use super::demand::Demand;
use super::device;
use super::resource;
use super::user_code::UserCode;
use crate::crypto::pkce;
use crate::crypto::token::SecretToken;
use crate::kernel::time::Seconds;
use crate::platform::row::StoreError;
use crate::realm::client::{Client, PKCE_METHOD};
use crate::realm::context::RealmContext;
use crate::realm::store::device_request;
use crate::realm::store::device_request::{Kept, NewDeviceRequest, Places};
use crate::web::form::{BadParameter, Form};

/// How often another user code is made when one is taken already: with a million
/// that wait, one in 25,000 is.
const TRIES: usize = 5;

/// What a device shows and keeps.
pub struct Started {
    /// What it polls with.
    pub device_code: SecretToken,
    /// What its person types.
    pub user_code: UserCode,
    /// How long it waits.
    pub expires_in: Seconds,
    /// How long between two polls.
    pub interval: Seconds,
}

/// Why a device gets no code.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The client may not be used on devices.
    #[error("the client may not use the device flow")]
    NotAllowed,
    /// What it asks for cannot be.
    #[error(transparent)]
    Request(#[from] Problem),
    /// As many of the client's devices wait as may ([`device::MAX_WAITING`]).
    #[error("too many devices of the client are waiting")]
    TooManyWaiting,
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps what a device of `client` asks for.
///
/// # Errors
/// As [`StartError`] says.
pub async fn start(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
) -> Result<Started, StartError> {
    if !device::is_allowed(client) {
        return Err(StartError::NotAllowed);
    }
    let request = read(form, client)?;
    let recipe = context.recipe(client).await?;
    request.scope().and_then(|scope| scope.within(&recipe)).map_err(Problem::Scope)?;
    resource::check(context, client, &request.resources).await?.map_err(Problem::Resource)?;
    keep(context, client, &request).await
}

type Rule = fn(&Form, &Client) -> Result<(), Problem>;

/// In the order they run.
const RULES: &[Rule] =
    &[nothing_is_repeated, proof_key_is_s256, authorization::client_uses_organizations];

/// What the form asks for: as an authorization request does, but for what a browser
/// brings.
fn read(form: &Form, client: &Client) -> Result<AuthorizationRequest, Problem> {
    RULES.iter().try_for_each(|rule| rule(form, client))?;
    let text = |name| Ok::<_, Problem>(form.at_most_one(name)?.map(str::to_owned));
    let request = AuthorizationRequest {
        client_id: client.client_id.clone(),
        scope: text("scope")?,
        nonce: text("nonce")?,
        code_challenge: text("code_challenge")?,
        claims: form.at_most_one("claims")?.map(ClaimsRequest::parse).transpose()?,
        resources: resource::list(form).map_err(Problem::Resource)?,
        organization: Demand::read(form, None)?,
        ..AuthorizationRequest::default()
    };
    let length = json_of(&request).map_or(usize::MAX, |json| json.len());
    if length <= MAX_REQUEST_BYTES { Ok(request) } else { Err(Problem::TooLong) }
}

/// RFC 8628 §3.1: parameters MUST NOT be included more than once.
fn nothing_is_repeated(form: &Form, _client: &Client) -> Result<(), Problem> {
    const KNOWN: &[&str] = &[
        "client_id",
        "scope",
        "nonce",
        "claims",
        "code_challenge",
        "code_challenge_method",
        "organization",
        "organization_name",
    ];
    KNOWN.iter().try_for_each(|name| Ok(form.at_most_one(name).map(|_| ())?))
}

/// The specification has no PKCE; Keycloak takes it, and wants it of a client whose
/// attribute names a method. No code travels through a browser that could be
/// stolen there, so that public clients may do without.
fn proof_key_is_s256(form: &Form, client: &Client) -> Result<(), Problem> {
    let challenge = form.at_most_one("code_challenge")?;
    let method = form.at_most_one("code_challenge_method")?;
    let is_wanted = client.attribute(PKCE_METHOD) == Some(pkce::METHOD);
    if challenge.is_none() && method.is_none() && !is_wanted {
        return Ok(());
    }
    let challenge = challenge.ok_or(BadParameter::Missing("code_challenge"))?;
    if method != Some(pkce::METHOD) {
        return Err(Problem::ChallengeMethod);
    }
    if pkce::is_challenge(challenge) { Ok(()) } else { Err(Problem::Challenge) }
}

fn json_of(request: &AuthorizationRequest) -> Result<String, StoreError> {
    serde_json::to_string(request).map_err(|error| StoreError::Refused(error.to_string()))
}

async fn keep(
    context: &RealmContext<'_>,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Started, StartError> {
    let random = &*context.ports.random;
    let device_code = SecretToken::from_bytes(random.bytes32());
    let expires_in = device::lifespan(context, client);
    let interval = device::interval(context, client);
    let json = json_of(request)?;
    let places = Places { most: device::MAX_WAITING, now: context.now };
    for _ in 0..TRIES {
        let user_code = UserCode::generate(random);
        let new = NewDeviceRequest {
            hash: &device_code.hash(),
            user_code: &user_code.hash(context.keyring, &context.realm.id),
            client: &client.uuid,
            request: &json,
            expires_at: context.now + expires_in,
            interval,
        };
        match device_request::insert(&*context.ports.directory, &new, places).await? {
            Kept::Kept => return Ok(Started { device_code, user_code, expires_in, interval }),
            Kept::Full => return Err(StartError::TooManyWaiting),
            Kept::Taken => {}
        }
    }
    Err(StoreError::Refused("no user code is free".to_owned()).into())
}
