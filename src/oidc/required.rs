//! What a person owes before a login leads anywhere.
use crate::account::action_ticket::ActionTicket;
use crate::account::credential::{PasswordSet, SetPassword};
use crate::account::mail;
use crate::account::session::LiveSession;
use crate::event::user_event::Kind;
use crate::kernel::email::EmailAddress;
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::kernel::time::Seconds;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::realm::store::user;
use crate::realm::user::{RequiredAction, User};

/// How long the link works that a login sends.
const LINK_LIFETIME: Seconds = Seconds::hours(1);

/// Sets the password of the person in `session`, if they owe a new one: without
/// that, a form that was kept would set another one later. First the password,
/// then that it is no longer owed: a crash between asks once more.
///
/// # Errors
/// When the directory or the account's object fails.
pub async fn choose_password(
    context: &RealmContext<'_>,
    session: &LiveSession,
    chosen: Secret,
) -> Result<(), StoreError> {
    let (directory, realm) = (&*context.ports.directory, &context.realm.id);
    let found = user::find(directory, realm, &session.user).await?;
    let owes = |user: &User| user.required_actions.contains(&RequiredAction::UpdatePassword);
    if !found.as_ref().is_some_and(owes) {
        return Ok(());
    }
    let object = ObjectName::Account(realm.clone(), session.user.clone());
    let question = SetPassword { password: chosen, ticket: None };
    if ask(&*context.ports.objects, &object, &question).await? != PasswordSet::Set {
        return Ok(());
    }
    context.ports.faults.reach("oidc.password.after_account").await;
    let removal = user::action_removal(realm, &session.user, RequiredAction::UpdatePassword);
    directory.run(removal).await?;
    let happening = Happening::of(Kind::UpdatePassword).user(&session.user);
    happening.session(&session.id).tell(context).await;
    Ok(())
}

/// Mails the person a link to confirm their address, which leads on to the app.
///
/// # Errors
/// When the queue does not take it.
pub async fn mail_link(
    context: &RealmContext<'_>,
    user: &User,
    redirect_uri: &str,
) -> Result<(), StoreError> {
    let Some(email) = &user.email else { return Ok(()) };
    mail::send(context, ticket_to_confirm(context, user, email, redirect_uri)).await
}

/// The ticket by which `user` confirms `email`, which leads on to the app.
#[must_use]
pub fn ticket_to_confirm(
    context: &RealmContext<'_>,
    user: &User,
    email: &EmailAddress,
    redirect_uri: &str,
) -> ActionTicket {
    ActionTicket {
        id: context.ports.random.uuid().to_string(),
        user: user.id.clone(),
        email: email.clone(),
        actions: vec![RequiredAction::VerifyEmail],
        redirect_uri: Some(redirect_uri.to_owned()),
        ends_at: context.now + LINK_LIFETIME,
    }
}
