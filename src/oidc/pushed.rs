//! Pushed authorization requests (RFC 9126): the client leaves its request with
//! us, and the browser brings a reference to it, once.
//!
//! They are rows of the directory (docs/decisions/0005): the account that could
//! keep them is not known yet.
use super::authorization::Problem;
use super::incoming::Fault;
use super::request_object;
use crate::crypto::token::{SecretToken, TokenHash};
use crate::kernel::time::Seconds;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::pushed_request;
use crate::realm::store::pushed_request::NewPushedRequest;
use crate::web::form::Form;

/// What a reference begins with (RFC 9126 §2.2).
pub const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

/// The attribute of a client that must push: `true`. Keycloak's.
pub const REQUIRED: &str = "require.pushed.authorization.requests";

/// The attribute of a realm that says how long a reference works, in seconds.
/// Keycloak's.
pub const LIFESPAN: &str = "parRequestUriLifespan";

/// How long one works when the realm does not say. RFC 9126 §2.2 has 5 to 600
/// seconds; Keycloak takes 60.
pub const DEFAULT_LIFETIME: Seconds = Seconds::minutes(1);

/// The bounds of RFC 9126 §2.2.
const LIFETIMES: std::ops::RangeInclusive<u32> = 5..=600;

/// Longest request that is kept, in bytes of a form: more than one that a login
/// can remember has (`authorization::MAX_REQUEST_BYTES`), escapes included.
pub const MAX_PUSHED_BYTES: usize = 15_000;

/// Parameters by which the client proves who it is, and which are nobody else's
/// to keep.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

/// Whether requests of `client` count only when it pushed them.
#[must_use]
pub fn is_required(client: &Client) -> bool {
    client.has_on(REQUIRED)
        || client.attribute(request_object::REQUIRED) == Some("request_uri only")
}

/// How long a reference works in this realm.
#[must_use]
pub fn lifetime(context: &RealmContext<'_>) -> Seconds {
    let set = context.realm.settings.attributes.get(LIFESPAN);
    let seconds = set.and_then(|text| text.parse().ok()).filter(|n| LIFETIMES.contains(n));
    seconds.map_or(DEFAULT_LIFETIME, Seconds)
}

/// Keeps `form`, a request of `client` that was found in order, and answers the
/// reference to it.
///
/// # Errors
/// `TooLong`; `Refused` when the directory fails.
pub async fn keep(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    lifetime: Seconds,
) -> Result<String, Fault> {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(form.iter().filter(|(name, _)| !CREDENTIALS.contains(name)));
    let parameters = text.finish();
    if parameters.len() > MAX_PUSHED_BYTES {
        return Err(Problem::TooLong.into());
    }
    let secret = SecretToken::from_bytes(context.ports.random.bytes32());
    let request = NewPushedRequest {
        hash: &secret.hash(),
        client: &client.uuid,
        parameters: &parameters,
        expires_at: context.now + lifetime,
    };
    pushed_request::insert(&*context.ports.directory, &request).await?;
    Ok(format!("{PREFIX}{}", secret.to_text()))
}

/// The request that `reference` leads to. It works once, for the client that got
/// it, and not after its time.
///
/// # Errors
/// `RequestUri` and `RequestUriOver`; `Refused` when the directory fails.
pub async fn take(
    context: &RealmContext<'_>,
    client: &Client,
    reference: &str,
) -> Result<Form, Fault> {
    let secret = reference.strip_prefix(PREFIX).ok_or(Problem::RequestUri)?;
    let hash = TokenHash::of(secret);
    let directory = &*context.ports.directory;
    let found = pushed_request::take(directory, &hash, &client.uuid, context.now).await?;
    let parameters = found.ok_or(Problem::RequestUriOver)?;
    Ok(Form::parse(parameters.as_bytes()))
}
