//! A person allows a device what it asks for, or not (RFC 8628 §3.3).
//!
//! What they allow is kept in their account, as with an authorization code, and the
//! directory is told where. That is the commit point, and it works once: a crash
//! before it leaves a permission that nobody knows the way to and that expires with
//! the request, and the person may answer again.
use super::authorization::AuthorizationRequest;
use super::authorize::{Step, refused};
use super::device::Found;
use super::device_happenings as happenings;
use super::redirect::Reply;
use super::response_mode::ResponseMode;
use crate::account::code::CodeGrant;
use crate::account::code_issue::{IssueCode, Issued};
use crate::account::grant::Granted;
use crate::account::session::LiveSession;
use crate::account::session_rule::SessionRule;
use crate::crypto::token::SecretToken;
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store::device_request;
use crate::realm::user::User;

/// Lets the device have what `granted` says, if it still waits.
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn approve(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    session: &LiveSession,
    (user, granted): (&User, Granted),
) -> Result<Step, StoreError> {
    let Some(found) = found(request) else { return Ok(over(context, request)) };
    // Nobody ever sees the secret: the directory leads to its hash.
    let hash = SecretToken::from_bytes(context.ports.random.bytes32()).hash();
    let asked = IssueCode {
        session: session.id.clone(),
        rule: SessionRule::of(&context.realm),
        hash: hash.clone(),
        grant: CodeGrant {
            granted,
            redirect_uri: String::new(),
            code_challenge: request.code_challenge.clone(),
            nonce: request.nonce.clone(),
            dpop_jkt: None,
        },
        expires_at: Some(found.expires_at),
    };
    let object = ObjectName::Account(context.realm.id.clone(), session.user.clone());
    if ask(&*context.ports.objects, &object, &asked).await? == Issued::SessionEnded {
        return Ok(Step::LogIn);
    }
    context.ports.faults.reach("oidc.device.after_account").await;
    let answer = (&session.user, &hash);
    let directory = &*context.ports.directory;
    if !device_request::approve(directory, &found.hash, answer, context.now).await? {
        return Ok(over(context, request));
    }
    context.ports.faults.reach("oidc.device.after_directory").await;
    happenings::signed_in(context, &request.client_id, user, session).await;
    Ok(Step::Return(Reply {
        redirect_uri: request.redirect_uri.clone(),
        mode: ResponseMode::Query,
        parameters: vec![("status", "approved".to_owned())],
    }))
}

/// Lets the device have nothing. Twice is once; an answer that was given stands.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn deny(
    context: &RealmContext<'_>,
    request: &AuthorizationRequest,
    session: &LiveSession,
) -> Result<(), StoreError> {
    let Some(found) = found(request) else { return Ok(()) };
    if device_request::deny(&*context.ports.directory, &found.hash, context.now).await? {
        happenings::denied(context, &request.client_id, session).await;
    }
    Ok(())
}

fn found(request: &AuthorizationRequest) -> Option<&Found> {
    request.device.as_ref().and_then(|device| device.found.as_ref())
}

fn over(context: &RealmContext<'_>, request: &AuthorizationRequest) -> Step {
    Step::Return(refused(context, request, ("expired_token", "the device waits no longer")))
}
