//! What a browser loads when it signs out (OIDC Front-Channel Logout 1.0): a page of
//! each client of the session, in frames that nobody sees.
use super::redirect;
use crate::kernel::id::SessionId;
use crate::platform::row::StoreError;
use crate::realm::client::{Client, FRONTCHANNEL_LOGOUT_URL};
use crate::realm::context::RealmContext;
use crate::realm::store::client;

/// Most frames of a page: each is a page load of its own.
pub const MAX_FRAMES: usize = 30;

/// The attribute by which a client does without issuer and session.
const SESSION_REQUIRED: &str = "frontchannel.logout.session.required";

/// What a page loads in frames.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frames {
    /// The addresses.
    pub urls: Vec<String>,
    /// Their origins, each once: all that the page may frame.
    pub origins: Vec<String>,
}

/// The frames for those of `clients` that want one.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn frames(
    context: &RealmContext<'_>,
    session: &SessionId,
    clients: &[String],
) -> Result<Frames, StoreError> {
    let mut frames = Frames::default();
    if clients.is_empty() {
        return Ok(frames);
    }
    let names: Vec<&str> = clients.iter().map(String::as_str).collect();
    let directory = &*context.ports.directory;
    let mut known = client::list_called(directory, &context.realm.id, &names).await?;
    known.sort_by(|one, other| one.client.client_id.cmp(&other.client.client_id));
    for known in known.iter().filter(|known| known.client.settings.enabled) {
        if frames.urls.len() < MAX_FRAMES
            && let Some((url, origin)) = frame(context, session, &known.client)
        {
            frames.urls.push(url);
            if !frames.origins.contains(&origin) {
                frames.origins.push(origin);
            }
        }
    }
    Ok(frames)
}

/// §2: an https or http URL with a host; anything else would run in our page.
fn frame(
    context: &RealmContext<'_>,
    session: &SessionId,
    client: &Client,
) -> Option<(String, String)> {
    let attributes = &client.settings.attributes;
    let registered = attributes.get(FRONTCHANNEL_LOGOUT_URL)?;
    let parsed = url::Url::parse(registered).ok()?;
    if !["https", "http"].contains(&parsed.scheme()) || !parsed.has_host() {
        return None;
    }
    let origin = parsed.origin().ascii_serialization();
    if attributes.get(SESSION_REQUIRED).is_some_and(|value| value == "false") {
        return Some((parsed.to_string(), origin));
    }
    let parameters = [("iss", Some(&*context.issuer())), ("sid", Some(session.as_str()))];
    Some((redirect::with_parameters(parsed.as_str(), &parameters), origin))
}
