//! What is told of logins on devices, where a realm wants it. Names and errors are
//! Keycloak's.
use super::client_auth::ClientAuthError;
use super::device_authorization::StartError;
use super::happenings::why_not_believed;
use crate::account::session::LiveSession;
use crate::event::user_event::Kind;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::user::User;

/// What came of a device's asking.
pub async fn asked<T>(
    context: &RealmContext<'_>,
    client: &Client,
    started: &Result<T, StartError>,
) {
    let reason = match started {
        Ok(_) => {
            return Happening::of(Kind::DeviceAuth).client(&client.client_id).tell(context).await;
        }
        Err(StartError::NotAllowed) => "not_allowed",
        Err(StartError::Request(_)) => "invalid_request",
        Err(StartError::TooManyWaiting) => "slow_down",
        Err(StartError::Store(_)) => return,
    };
    let happening = Happening::of(Kind::DeviceAuthError).client(&client.client_id);
    happening.error(reason).tell(context).await;
}

/// A device's client was not believed.
pub async fn not_believed(context: &RealmContext<'_>, error: &ClientAuthError) {
    let Some((client_id, reason)) = why_not_believed(error) else { return };
    let happening = Happening::of(Kind::DeviceAuthError).client(client_id);
    happening.error(reason).tell(context).await;
}

/// A person typed the code of a device.
pub async fn typed(context: &RealmContext<'_>, client_id: &str, session: &LiveSession) {
    let happening = Happening::of(Kind::DeviceUserCode).client(client_id);
    happening.user(&session.user).session(&session.id).tell(context).await;
}

/// A person typed what is no device's code.
pub async fn typed_nothing(context: &RealmContext<'_>, session: &LiveSession) {
    in_vain(session).error("invalid_oauth2_user_code").tell(context).await;
}

/// A person typed too many.
pub async fn typed_too_many(context: &RealmContext<'_>, session: &LiveSession) {
    in_vain(session).error("user_temporarily_disabled").tell(context).await;
}

/// A person did not allow it.
pub async fn denied(context: &RealmContext<'_>, client_id: &str, session: &LiveSession) {
    in_vain(session).client(client_id).error("rejected_by_user").tell(context).await;
}

fn in_vain(session: &LiveSession) -> Happening {
    Happening::of(Kind::DeviceUserCodeError).user(&session.user).session(&session.id)
}

/// A person allowed it: that is the login.
pub async fn signed_in(
    context: &RealmContext<'_>,
    client_id: &str,
    user: &User,
    session: &LiveSession,
) {
    let happening = Happening::of(Kind::Login)
        .client(client_id)
        .detail("auth_method", "openid-connect")
        .detail("username", user.username.as_str());
    happening.user(&session.user).session(&session.id).tell(context).await;
}
