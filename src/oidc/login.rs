//! Proving who one is with a password, from the Worker's side.
use crate::account::decoy::decoy_for;
use crate::account::lockout::LockoutRule;
use crate::account::login::{Login, LoginAnswer};
use crate::account::session::NewSession;
use crate::account::session_rule::SessionRule;
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::user;
use crate::realm::user::User;

/// Signs `username` (or the person with this e-mail) in, for `client` when it gets
/// tokens at once. `None`: no.
///
/// A wrong password, an unknown name, a disabled user and a locked account get
/// the same answer for the same work: one directory query, one object call, one
/// hash. (CVE-2026-4633, reference keycloak.md §9, was a text that differed.)
///
/// # Errors
/// `Refused` and `Unreachable` when a store fails.
pub async fn sign_in(
    context: &RealmContext<'_>,
    (username, password): (&str, Secret),
    client: Option<&Client>,
) -> Result<Option<(User, NewSession)>, StoreError> {
    let settings = &context.realm.settings;
    let question = Login {
        password,
        lockout: LockoutRule::of(settings),
        session_life: settings.sso_session_max_lifespan,
        rule: SessionRule::of(&context.realm),
        ip: context.ip.map(str::to_owned),
        client_id: client.map(|client| client.client_id.clone()),
    };
    let directory = &*context.ports.directory;
    let found = user::find_by_login(directory, &context.realm.id, username).await?;
    let found = found.filter(|user| user.may_sign_in(settings));
    let account = match &found {
        Some(user) => user.id.clone(),
        None => decoy_for(username)?,
    };
    let object = ObjectName::Account(context.realm.id.clone(), account);
    match (ask(&*context.ports.objects, &object, &question).await?, found) {
        (LoginAnswer::LoggedIn(session), Some(user)) => Ok(Some((user, session))),
        (LoginAnswer::LoggedIn(_) | LoginAnswer::Refused, _) => Ok(None),
    }
}
