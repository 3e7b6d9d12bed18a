//! Signing in with a password.
use super::announce;
use super::grant::{Granted, Terms};
use super::lockout::{Lockout, LockoutRule};
use super::session::NewSession;
use super::session_rule::SessionRule;
use super::stage::Stage;
use super::store;
use crate::crypto::password;
use crate::crypto::password::{PasswordHash, SALT_BYTES, Verdict};
use crate::kernel::id::UserId;
use crate::kernel::secret::{Secret, exposed};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::random::Random;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "Somebody says this is the password."
#[derive(Debug, Serialize, Deserialize)]
pub struct Login {
    /// What they typed.
    #[serde(serialize_with = "exposed")]
    pub password: Secret,
    /// The realm's rule on wrong passwords.
    pub lockout: LockoutRule,
    /// How long a session lasts, used or not.
    pub session_life: Seconds,
    /// The realm's rule on sessions.
    #[serde(flatten)]
    pub rule: SessionRule,
    /// Where they are, if that is known.
    #[serde(default)]
    pub ip: Option<String>,
    /// The client to which the session is granted at once, if there is one.
    #[serde(default)]
    pub client_id: Option<String>,
}

impl Call for Login {
    const NAME: &'static str = "account.login";
    type Answer = LoginAnswer;

    fn of_blank() -> Option<LoginAnswer> {
        Some(LoginAnswer::Refused)
    }
}

/// What came of [`Login`]. A wrong password, a locked account, an account
/// without a password and no account at all cannot be told apart.
#[derive(Debug, Serialize, Deserialize)]
pub enum LoginAnswer {
    /// It was the password; this session was started.
    LoggedIn(NewSession),
    /// No.
    Refused,
}

/// Checks the password and starts a session.
///
/// Every refusal costs one hash, also while the account is locked: the time it
/// takes must not tell why.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn login(
    sql: &dyn Sql,
    asked: &Login,
    random: &dyn Random,
    now: Timestamp,
) -> Result<LoginAnswer, StoreError> {
    let Some((user, stored)) = find_password(sql)? else {
        password::verify_nothing(&asked.password);
        return Ok(LoginAnswer::Refused);
    };
    let verdict = password::verify(&asked.password, &stored);
    let lockout = store::lockout::find(sql)?.unless_forgotten(asked.lockout);
    if lockout.is_locked(now) {
        tracing::info!("Login refused: the account is locked");
        return Ok(LoginAnswer::Refused);
    }
    let rehashed = match verdict {
        Verdict::Mismatch => {
            let lockout = lockout.after_failure(asked.lockout, now);
            return refuse(sql, lockout, asked.ip.as_deref());
        }
        Verdict::Match => None,
        Verdict::MatchButWeak => password::hash(&asked.password, fresh_salt(random)).ok(),
    };
    let begin = asked.rule.begins(now);
    let session = NewSession::fresh(&user, random, asked.session_life, begin);
    in_transaction(sql, || {
        store::lockout::delete(sql)?;
        rehashed.iter().try_for_each(|hash| store::password::put(sql, hash, now))?;
        store::session::insert(sql, &session, asked.ip.as_deref())?;
        grant_at_once(sql, asked, &session, now)
    })?;
    Ok(LoginAnswer::LoggedIn(session))
}

fn grant_at_once(
    sql: &dyn Sql,
    asked: &Login,
    new: &NewSession,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(client_id) = &asked.client_id else { return Ok(()) };
    let Some(session) = store::session::find(sql, &new.id)? else { return Ok(()) };
    // For which organizations, the family says that the grant starts.
    let granted = Granted {
        client_id: client_id.clone(),
        scope: String::new(),
        orgs: Vec::new(),
        authenticated_at: session.authenticated_at,
        terms: Terms::default(),
    };
    announce::granted(sql, &session, &granted, asked.rule, now)
}

/// Whose account it is and their password, when it may be used and has one.
fn find_password(sql: &dyn Sql) -> Result<Option<(UserId, PasswordHash)>, StoreError> {
    let account = store::account::find(sql)?.filter(|account| account.stage == Stage::Active);
    let Some(account) = account else { return Ok(None) };
    Ok(store::password::find(sql)?.map(|hash| (account.user, hash)))
}

fn refuse(sql: &dyn Sql, lockout: Lockout, ip: Option<&str>) -> Result<LoginAnswer, StoreError> {
    tracing::info!(login.failures = lockout.failures, "Login refused: wrong password");
    store::lockout::put(sql, lockout, ip)?;
    Ok(LoginAnswer::Refused)
}

/// A salt for a new hash.
#[must_use]
pub fn fresh_salt(random: &dyn Random) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    for (byte, fresh) in salt.iter_mut().zip(random.bytes32()) {
        *byte = fresh;
    }
    salt
}
