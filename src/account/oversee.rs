//! Sessions and failed logins, as an administrator sees and ends them.
use super::lockout::{Lockout, LockoutRule};
use super::session_rule::SessionRule;
use super::store;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// Most sessions that are listed: more than anybody has open.
pub const MAX_LISTED_SESSIONS: i64 = 1000;

/// A moment that does not come.
const NEVER: Timestamp = Timestamp::from_unix(1 << 52);

/// "Which sessions live?"
#[derive(Debug, Serialize, Deserialize)]
pub struct ListSessions {
    /// The realm's rule.
    #[serde(flatten)]
    pub rule: SessionRule,
}

impl Call for ListSessions {
    const NAME: &'static str = "account.sessions.list";
    type Answer = Vec<SessionInfo>;

    fn of_blank() -> Option<Vec<SessionInfo>> {
        Some(Vec::new())
    }
}

/// A session, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Its id.
    pub id: SessionId,
    /// Where it was started from, if that is known.
    pub ip: Option<String>,
    /// When the person proved who they are.
    pub started_at: Timestamp,
    /// When it was last used, to within a minute.
    pub last_seen_at: Timestamp,
    /// The `client_id`s of those to whom something was granted in it.
    pub clients: Vec<String>,
}

/// "End every session."
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct EndEverySession {
    /// Only those that began up to then; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_by: Option<Timestamp>,
}

impl Call for EndEverySession {
    const NAME: &'static str = "account.sessions.end";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// "How many passwords were wrong?"
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadFailures {
    /// The realm's rule.
    pub rule: LockoutRule,
}

impl Call for ReadFailures {
    const NAME: &'static str = "account.failures.read";
    type Answer = Failures;

    fn of_blank() -> Option<Failures> {
        Some(Failures::default())
    }
}

/// Wrong passwords in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    /// How many since the last right one, or since the last lock.
    pub count: u32,
    /// Until when the account is locked, if it is.
    pub locked_until: Option<Timestamp>,
    /// When the last one was.
    pub last_at: Option<Timestamp>,
    /// Where it came from, if that is known.
    pub last_ip: Option<String>,
}

/// "Forget the wrong passwords."
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetFailures {}

impl Call for ForgetFailures {
    const NAME: &'static str = "account.failures.forget";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// The sessions that live, those that end first coming first.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn list(
    sql: &dyn Sql,
    asked: &ListSessions,
    now: Timestamp,
) -> Result<Vec<SessionInfo>, StoreError> {
    let listed = store::session::list_live(sql, now, MAX_LISTED_SESSIONS)?;
    let live = listed.into_iter().filter(|one| one.session.is_live(asked.rule, now));
    Ok(live
        .map(|one| SessionInfo {
            id: one.session.id,
            ip: one.ip,
            started_at: one.session.authenticated_at,
            last_seen_at: one.session.last_seen_at,
            clients: one.clients,
        })
        .collect())
}

/// Ends every session and all that was granted in them. Their clients are told.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn end_every(sql: &dyn Sql, asked: &EndEverySession, now: Timestamp) -> Result<(), StoreError> {
    let began_by = asked.began_by.unwrap_or(NEVER);
    in_transaction(sql, || {
        for session in store::session::mark_every_ended(sql, began_by, now)? {
            store::family::mark_all_ended(sql, &session, now)?;
            store::farewell::insert(sql, &session, now)?;
        }
        store::family::mark_every_ended(sql, began_by, now)
    })
}

/// The wrong passwords that count.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn failures(
    sql: &dyn Sql,
    asked: &ReadFailures,
    now: Timestamp,
) -> Result<Failures, StoreError> {
    let lockout = store::lockout::find(sql)?.unless_forgotten(asked.rule);
    let failed = lockout != Lockout::NONE;
    Ok(Failures {
        count: lockout.failures,
        locked_until: lockout.is_locked(now).then_some(lockout.locked_until),
        last_at: failed.then_some(lockout.failed_at),
        last_ip: if failed { store::lockout::find_address(sql)? } else { None },
    })
}

/// Forgets the wrong passwords, and opens the lock.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn forget_failures(sql: &dyn Sql) -> Result<(), StoreError> {
    store::lockout::delete(sql)
}
