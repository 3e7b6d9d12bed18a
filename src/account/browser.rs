//! The browser, as the Worker knows it: by a cookie that tells one browser from
//! another, and by one that holds a session of the realm.
use super::session::{LiveSession, NewSession};
use super::session_end::{EndSession, Ended};
use super::session_find::FindSession;
use super::session_rule::SessionRule;
use crate::crypto::token::{SecretToken, TOKEN_CHARS, TokenHash};
use crate::kernel::id::{RealmName, SessionId, UserId};
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::kernel::time::Seconds;
use crate::platform::object::ask;
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::{Request, Response, cookie};

/// The cookie that tells one browser from another; forms are tied to it.
const BROWSER_COOKIE: &str = "__Host-guildhall-browser";

/// The cookie that holds a session of `realm`.
#[must_use]
pub fn session_cookie(realm: &RealmName) -> String {
    format!("__Host-guildhall-session-{realm}")
}

/// A browser.
#[derive(Debug)]
pub struct Browser {
    id: Secret,
    is_new: bool,
}

impl Browser {
    /// The browser that sent `request`, known or not.
    #[must_use]
    pub fn of(request: &Request, random: &dyn Random) -> Self {
        if let Some(id) = known_id(request) {
            return Self { id: Secret::new(id), is_new: false };
        }
        let id = SecretToken::from_bytes(random.bytes32()).to_text();
        Self { id: Secret::new(id), is_new: true }
    }

    /// What a form's token says of the browser it was made for.
    #[must_use]
    pub fn mark(&self) -> TokenHash {
        TokenHash::of(self.id.expose())
    }

    /// Makes a browser that was not known remember its id.
    pub fn remember(&self, response: &mut Response) {
        if self.is_new {
            put_cookie(response, BROWSER_COOKIE, self.id.expose(), None);
        }
    }
}

fn known_id(request: &Request) -> Option<&str> {
    cookie::read(request, BROWSER_COOKIE).filter(|id| id.len() == TOKEN_CHARS)
}

/// What the browser that sent `request` is called in a form's token; `None`
/// when it is not known, and then no form of ours can be its.
#[must_use]
pub fn find_mark(request: &Request) -> Option<TokenHash> {
    known_id(request).map(TokenHash::of)
}

/// The session that the browser's cookie holds, if it lives. One object call;
/// none without a cookie.
///
/// # Errors
/// `Unreachable` when the account's object does not answer.
pub async fn find_session(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Option<LiveSession>, StoreError> {
    let Some((user, session, secret)) = read_session(context, request) else { return Ok(None) };
    let rule = SessionRule::of(&context.realm);
    let object = ObjectName::Account(context.realm.id.clone(), user);
    ask(&*context.ports.objects, &object, &FindSession { session, secret, rule }).await
}

fn read_session(
    context: &RealmContext<'_>,
    request: &Request,
) -> Option<(UserId, SessionId, Secret)> {
    // From the right: a user's id may contain dots, the others do not.
    let value = cookie::read(request, &session_cookie(&context.realm.name))?;
    let mut parts = value.rsplitn(3, '.');
    let secret = Secret::new(parts.next()?);
    let session = parts.next()?.parse().ok()?;
    let user = parts.next()?.parse().ok()?;
    Some((user, session, secret))
}

/// Gives the browser a session of `user`. The cookie lives as long as the
/// browser; the session ends by itself.
pub fn set_session_cookie(
    context: &RealmContext<'_>,
    response: &mut Response,
    user: &UserId,
    session: &NewSession,
) {
    let value = format!("{user}.{}.{}", session.id, session.secret.expose());
    put_cookie(response, &session_cookie(&context.realm.name), &value, None);
}

/// Takes the session away from the browser.
pub fn clear_session_cookie(context: &RealmContext<'_>, response: &mut Response) {
    put_cookie(response, &session_cookie(&context.realm.name), "", Some(Seconds(0)));
}

/// Ends a session in its account; `None` when it had ended.
///
/// # Errors
/// `Unreachable` when the account's object does not answer.
pub async fn end_session(
    context: &RealmContext<'_>,
    user: &UserId,
    session: SessionId,
) -> Result<Option<Ended>, StoreError> {
    let object = ObjectName::Account(context.realm.id.clone(), user.clone());
    ask(&*context.ports.objects, &object, &EndSession { session }).await
}

fn put_cookie(response: &mut Response, name: &str, value: &str, age: Option<Seconds>) {
    let Some(header) = cookie::set(name, value, age) else {
        tracing::error!(cookie.name = name, "A cookie could not be written");
        return;
    };
    response.headers_mut().append("set-cookie", header);
}
