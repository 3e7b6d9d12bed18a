//! A person who is signed in types what their device shows (RFC 8628 §3.3).
//!
//! Whoever types is known first, though Keycloak looks the code up before: guesses
//! are counted in the person's account, one after the other, where nothing can be
//! gained by many addresses or many browsers (§5.1).
use super::authorization::AuthorizationRequest;
use super::device::{self, Device, Found};
use super::device_happenings as happenings;
use super::prompt::{Prompt, Prompts};
use super::user_code::UserCode;
use crate::account::device_guess::TypeUserCode;
use crate::account::session::LiveSession;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::device_request;
use crate::realm::store::device_request::WaitingRequest;

/// What a code leads to.
#[derive(Debug)]
pub enum Entry {
    /// To what a device asks for.
    Found(Box<AuthorizationRequest>),
    /// Nowhere: there is none like it, it was answered, or it is over.
    Unknown,
    /// Nobody knows: the person typed too many.
    TooMany,
}

/// The request to sign in for, by who typed `user_code` and is not known yet. It is
/// no client's, and leads nowhere until [`enter`] has found what it is for.
#[must_use]
pub fn before_login(context: &RealmContext<'_>, user_code: UserCode) -> AuthorizationRequest {
    AuthorizationRequest {
        redirect_uri: device::status_uri(context),
        device: Some(Device { user_code, found: None }),
        ..AuthorizationRequest::default()
    }
}

/// Looks up what `user_code` means, for the person in `session`.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn enter(
    context: &RealmContext<'_>,
    user_code: &UserCode,
    session: &LiveSession,
) -> Result<Entry, StoreError> {
    if !may_type(context, &session.user).await? {
        happenings::typed_too_many(context, session).await;
        return Ok(Entry::TooMany);
    }
    let Some(request) = find(context, user_code).await? else {
        happenings::typed_nothing(context, session).await;
        return Ok(Entry::Unknown);
    };
    happenings::typed(context, &request.client_id, session).await;
    Ok(Entry::Found(Box::new(request)))
}

async fn may_type(context: &RealmContext<'_>, user: &UserId) -> Result<bool, StoreError> {
    let object = ObjectName::Account(context.realm.id.clone(), user.clone());
    ask(&*context.ports.objects, &object, &TypeUserCode {}).await
}

async fn find(
    context: &RealmContext<'_>,
    user_code: &UserCode,
) -> Result<Option<AuthorizationRequest>, StoreError> {
    let hash = user_code.hash(context.keyring, &context.realm.id);
    let directory = &*context.ports.directory;
    let found = device_request::find_waiting(directory, &hash, context.now).await?;
    let Some(waiting) = found else { return Ok(None) };
    let request = read(&waiting)?;
    let client = context.find_client(&request.client_id).await?;
    // The client may have been switched off, or be another of the same name.
    let is_good = |client: &Client| client.uuid == waiting.client && device::is_allowed(client);
    if !client.is_some_and(|client| is_good(&client)) {
        return Ok(None);
    }
    Ok(Some(AuthorizationRequest {
        redirect_uri: device::status_uri(context),
        // §5.4: a person is always asked, whatever they allowed before. Who sent them
        // here may be somebody who holds the device.
        prompts: Prompts::of(Prompt::Consent),
        device: Some(Device {
            user_code: user_code.clone(),
            found: Some(Found { hash: waiting.hash, expires_at: waiting.expires_at }),
        }),
        ..request
    }))
}

fn read(waiting: &WaitingRequest) -> Result<AuthorizationRequest, StoreError> {
    serde_json::from_slice(waiting.request.as_bytes())
        .map_err(|_| StoreError::Corrupt { column: "request" })
}
