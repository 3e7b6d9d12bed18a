//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628 §3.4, §3.5).
//!
//! The directory says what the person answered, and where their permission is; their
//! account redeems it, once, as it does an authorization code.
use super::device::{self, DeviceRefusal};
use super::error::TokenError;
use super::grant_authorization_code::{Presented, exchange};
use super::tokens::TokenResponse;
use crate::crypto::token::TokenHash;
use crate::kernel::id::UserId;
use crate::kernel::secret::Secret;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::device_request;
use crate::realm::store::device_request::{DeviceAnswer, Poll, Polled};
use crate::web::form::Form;

/// Gives a device tokens, once its person has allowed it.
///
/// # Errors
/// As [`TokenError`] says.
pub async fn grant(
    context: &RealmContext<'_>,
    client: &Client,
    form: &Form,
    jkt: Option<&str>,
) -> Result<TokenResponse, TokenError> {
    if !device::is_allowed(client) {
        return Err(TokenError::GrantNotAllowed);
    }
    let poll = Poll {
        hash: &TokenHash::of(form.one("device_code")?),
        client: &client.uuid,
        now: context.now,
        tolerance: device::TOLERANCE,
        slower: device::SLOWER,
    };
    let code_verifier = form.at_most_one("code_verifier")?.map(Secret::new);
    let polled = device_request::poll(&*context.ports.directory, &poll).await?;
    let (person, hash) = judge(context, polled).map_err(TokenError::Device)?;
    context.ports.faults.reach("oidc.device.after_poll").await;
    let presented = Presented { person, hash, redirect_uri: String::new(), code_verifier };
    let granted = exchange(context, client, (form, jkt), presented).await;
    granted.map_err(|error| match error {
        TokenError::Code(refusal) => TokenError::Device(DeviceRefusal::Code(refusal)),
        other => other,
    })
}

/// What the device is told, or where the permission is. An answer is told however
/// early the device comes for it.
fn judge(
    context: &RealmContext<'_>,
    polled: Option<Polled>,
) -> Result<(UserId, TokenHash), DeviceRefusal> {
    let polled = polled.ok_or(DeviceRefusal::Unknown)?;
    match polled.answer {
        DeviceAnswer::Denied => Err(DeviceRefusal::Denied),
        _ if context.now >= polled.expires_at => Err(DeviceRefusal::Expired),
        DeviceAnswer::Approved { user, code } => Ok((user, code)),
        DeviceAnswer::Waiting if polled.is_hurried => Err(DeviceRefusal::SlowDown),
        DeviceAnswer::Waiting => Err(DeviceRefusal::Pending),
    }
}
