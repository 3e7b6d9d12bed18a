//! Telling a client that a session of its users has ended (OIDC Back-Channel Logout
//! 1.0).
use super::shape;
use super::tokens::{MintError, Signer};
use crate::account::farewell::Farewell;
use crate::kernel::time::Seconds;
use crate::platform::fetch::{FetchError, Post};
use crate::platform::row::StoreError;
use crate::realm::client::{BACKCHANNEL_LOGOUT_URL, Client};
use crate::realm::context::RealmContext;
use serde_json::{Value, json};

/// How long a logout token may be used: §2.4 recommends at most two minutes.
pub const LOGOUT_TOKEN_LIFE: Seconds = Seconds::minutes(2);

/// The shortest and the longest wait before a client that did not take it is told
/// again. Between them it waits as long as it has waited in all, so that waits
/// double; the queue's ten tries reach over about two hours.
pub const RETRY_AFTER: (Seconds, Seconds) = (Seconds(30), Seconds::hours(1));

/// The attribute by which a client does without the session's id; it then ends
/// every session of the person.
const SESSION_REQUIRED: &str = "backchannel.logout.session.required";

/// The attribute by which a client is asked to forget its offline tokens too.
const REVOKE_OFFLINE: &str = "backchannel.logout.revoke.offline.tokens";

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Keycloak's word for "and your offline tokens".
const REVOKE_EVENT: &str = "revoke_offline_access";

/// Why a client was not told.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// No token could be made.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// The client was not reached, or its URL leads where we do not go.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The client says that it did not do it.
    #[error("the client answered {0}")]
    Refused(u16),
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tells the client, if it wants to be told.
///
/// # Errors
/// As [`NotTold`] says; then it is to be told again.
pub async fn tell(context: &RealmContext<'_>, farewell: &Farewell) -> Result<(), NotTold> {
    let Some(client) = context.find_client(&farewell.client_id).await? else { return Ok(()) };
    let Some(url) = wanted_url(&client) else { return Ok(()) };
    let token = logout_token(context, &client, farewell).await?;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("logout_token", &token);
    let post = Post { url: url.to_owned(), form: form.finish() };
    let answer = context.ports.outside.post(&post).await?;
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(NotTold::Refused(answer.status)) }
}

/// How long to wait before the client is told again.
#[must_use]
pub fn wait(context: &RealmContext<'_>, farewell: &Farewell) -> Seconds {
    let (shortest, longest) = RETRY_AFTER;
    let waited = context.now.as_unix() - farewell.ended_at.as_unix();
    Seconds(u32::try_from(waited).unwrap_or(longest.0).clamp(shortest.0, longest.0))
}

fn wanted_url(client: &Client) -> Option<&str> {
    let url = client.settings.attributes.get(BACKCHANNEL_LOGOUT_URL)?;
    Some(url.as_str()).filter(|url| !url.is_empty())
}

/// §2.4: never with a `nonce`, so that it cannot pass for an ID token. Each try
/// makes a new one, with a `jti` of its own.
fn claims(context: &RealmContext<'_>, client: &Client, farewell: &Farewell) -> Value {
    let is = |name: &str, word: &str| {
        client.settings.attributes.get(name).is_some_and(|value| value == word)
    };
    let mut claims = json!({
        "iss": context.issuer(),
        "aud": client.client_id,
        "iat": context.now,
        "exp": context.now + LOGOUT_TOKEN_LIFE,
        "jti": context.ports.random.uuid().to_string(),
        "sub": farewell.user,
        "events": { EVENT: {} },
    });
    if !is(SESSION_REQUIRED, "false") {
        claims["sid"] = json!(farewell.session);
    }
    if is(REVOKE_OFFLINE, "true") {
        claims["events"][REVOKE_EVENT] = json!(true);
    }
    claims
}

async fn logout_token(
    context: &RealmContext<'_>,
    client: &Client,
    farewell: &Farewell,
) -> Result<String, NotTold> {
    let signer = Signer::of(context, shape::id_algorithm(client)).await?;
    Ok(signer.sign("logout+jwt", &claims(context, client, farewell)).await?)
}
