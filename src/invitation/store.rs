//! Every SQL statement of the `invitation` domain.
use super::content::InvitationContent;
use super::history::Entry;
use super::state::{Invitation, Stage};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::{Sql, Statement};
use crate::realm::page::Page;
use serde::Serialize;

const FIND: &str = "
    SELECT id, email, roles, inviter_id, inviter_name, redirect_uri, first_name, last_name,
           client_id, attributes, version, created_at, coalesce(resent_at, created_at) AS sent_at,
           expires_at, user_id, accepted_at, revoked_at
      FROM invitation
     WHERE id = ?";

const LIST_OPEN: &str = "
    SELECT id, email, roles, inviter_id, inviter_name, redirect_uri, first_name, last_name,
           client_id, attributes, version, created_at, coalesce(resent_at, created_at) AS sent_at,
           expires_at, user_id, accepted_at, revoked_at
      FROM invitation
     WHERE accepted_at IS NULL AND revoked_at IS NULL AND instr(email, ?) > 0
     ORDER BY created_at, id
     LIMIT ? OFFSET ?";

const LIST_WANTED: &str = "
    SELECT id, email, roles, inviter_id, inviter_name, redirect_uri, first_name, last_name,
           client_id, attributes, version, created_at, coalesce(resent_at, created_at) AS sent_at,
           expires_at, user_id, accepted_at, revoked_at
      FROM invitation
     WHERE accepted_at IS NULL AND revoked_at IS NULL";

const IS_PENDING: &str = " AND expires_at > ?";

const IS_EXPIRED: &str = " AND expires_at <= ?";

const TO: &str = " AND email = ?";

const FIRST_NAMED: &str = " AND first_name = ? COLLATE NOCASE";

const LAST_NAMED: &str = " AND last_name = ? COLLATE NOCASE";

const HAS: &str = "
       AND (instr(email, ?) > 0 OR instr(lower(coalesce(first_name, '')), ?) > 0
            OR instr(lower(coalesce(last_name, '')), ?) > 0)";

const OLDEST_FIRST: &str = " ORDER BY created_at, id LIMIT ? OFFSET ?";

const FIND_OPEN: &str = "
    SELECT id
      FROM invitation
     WHERE email = ? AND accepted_at IS NULL AND revoked_at IS NULL";

const TOTAL: &str = "SELECT total FROM tally WHERE kind = 'invitation'";

const COUNT_OPEN: &str = "
    SELECT count(*) AS total
      FROM invitation
     WHERE accepted_at IS NULL AND revoked_at IS NULL AND instr(email, ?) > 0";

const INSERT: &str = "
    INSERT INTO invitation (id, email, roles, inviter_id, inviter_name, redirect_uri, first_name,
                            last_name, client_id, attributes, version, created_at, expires_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const LIST_WHOLE: &str = "
    SELECT id, email, roles, inviter_id, inviter_name, redirect_uri, first_name, last_name,
           client_id, attributes, created_at, expires_at, user_id, accepted_at, revoked_at
      FROM invitation
     WHERE id > ''
     ORDER BY id
     LIMIT ?";

const LIST_HISTORIES: &str = "
    SELECT invitation_id, at, status, user_id
      FROM invitation_history
     WHERE number > 0
     ORDER BY number
     LIMIT ?";

const INSERT_WHOLE: &str = "
    INSERT INTO invitation (id, email, roles, inviter_id, inviter_name, redirect_uri, first_name,
                            last_name, client_id, attributes, version, created_at, expires_at,
                            user_id, accepted_at, revoked_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

/// An invitation that ran out gives its address free for a new one.
const REVOKE_EXPIRED: &str = "
    UPDATE invitation
       SET revoked_at = ?
     WHERE email = ? AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= ?
 RETURNING id, expires_at";

const MARK_RESENT: &str = "
    UPDATE invitation
       SET version = version + 1, expires_at = ?, resent_at = ?
     WHERE id = ? AND accepted_at IS NULL AND revoked_at IS NULL
 RETURNING id";

const INSERT_HISTORY: &str =
    "INSERT INTO invitation_history (invitation_id, at, status, user_id) VALUES (?, ?, ?, ?)";

const LIST_HISTORY: &str = "
    SELECT at, status, user_id FROM invitation_history WHERE invitation_id = ? ORDER BY number";

const MARK_REVOKED: &str = "
    UPDATE invitation
       SET revoked_at = ?
     WHERE id = ? AND accepted_at IS NULL AND revoked_at IS NULL
 RETURNING id";

const SET_ACCEPTOR: &str = "UPDATE invitation SET user_id = ? WHERE id = ? AND accepted_at IS NULL";

const MARK_ACCEPTED: &str = "
    UPDATE invitation
       SET accepted_at = ?, user_id = ?
     WHERE id = ? AND accepted_at IS NULL AND revoked_at IS NULL
 RETURNING id";

pub fn find(sql: &dyn Sql, id: &InvitationId) -> Result<Option<Invitation>, StoreError> {
    let rows = sql.run(Statement::new(FIND).bind(id.as_str()))?;
    rows.first().map(invitation_from_row).transpose()
}

/// Open invitations whose address contains `search`, oldest first.
pub fn list_open(sql: &dyn Sql, search: &str, page: Page) -> Result<Vec<Invitation>, StoreError> {
    let statement = Statement::new(LIST_OPEN).bind(search).bind(page.max).bind(page.first);
    sql.run(statement)?.iter().map(invitation_from_row).collect()
}

/// Which open invitations are wanted; each condition holds.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Whether they can be accepted then, or no longer.
    pub pending: Option<bool>,
    /// To this address, in lower case.
    pub email: Option<&'a str>,
    /// To somebody of this first name.
    pub first_name: Option<&'a str>,
    /// To somebody of this last name.
    pub last_name: Option<&'a str>,
    /// With this, in lower case, in one of the three.
    pub search: Option<&'a str>,
    /// Which part of the list.
    pub page: Page,
}

/// Open invitations as they are `wanted` at `now`, oldest first.
pub fn list_wanted(
    sql: &dyn Sql,
    wanted: &Wanted<'_>,
    now: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let mut statement = Statement::new(LIST_WANTED);
    if let Some(pending) = wanted.pending {
        statement = statement.push(if pending { IS_PENDING } else { IS_EXPIRED }).bind(now);
    }
    let parts =
        [(TO, wanted.email), (FIRST_NAMED, wanted.first_name), (LAST_NAMED, wanted.last_name)];
    for (fragment, value) in parts {
        if let Some(value) = value {
            statement = statement.push(fragment).bind(value);
        }
    }
    if let Some(search) = wanted.search {
        statement = statement.push(HAS).bind(search).bind(search).bind(search);
    }
    let statement = statement.push(OLDEST_FIRST).bind(wanted.page.max).bind(wanted.page.first);
    sql.run(statement)?.iter().map(invitation_from_row).collect()
}

/// The one open invitation to `email`, if there is one.
pub fn find_open(sql: &dyn Sql, email: &EmailAddress) -> Result<Option<InvitationId>, StoreError> {
    let rows = sql.run(Statement::new(FIND_OPEN).bind(email.as_str()))?;
    rows.first().map(|row| row.parse("id")).transpose()
}

/// How many [`list_open`] would list, pages aside.
pub fn count_open(sql: &dyn Sql, search: &str) -> Result<i64, StoreError> {
    let statement = if search.is_empty() {
        Statement::new(TOTAL)
    } else {
        Statement::new(COUNT_OPEN).bind(search)
    };
    sql.run(statement)?.first().map_or(Ok(0), |row| row.int("total"))
}

/// `Conflict` when the address has an open invitation.
pub fn insert(sql: &dyn Sql, invitation: &Invitation) -> Result<(), StoreError> {
    let Stage::Open { expires_at } = invitation.stage else {
        return Err(StoreError::Refused("only an open invitation is made".to_owned()));
    };
    let statement = Statement::new(INSERT)
        .bind(invitation.id.as_str())
        .bind(invitation.email.as_str())
        .bind(to_json(&invitation.roles)?)
        .bind(invitation.inviter.as_ref().map(UserId::as_str))
        .bind(invitation.inviter_name.as_deref())
        .bind(invitation.redirect_uri.as_deref())
        .bind(invitation.first_name.as_deref())
        .bind(invitation.last_name.as_deref())
        .bind(invitation.client_id.as_deref())
        .bind(to_json(&invitation.attributes)?)
        .bind(invitation.version)
        .bind(invitation.created_at)
        .bind(expires_at);
    sql.run(statement).map(|_| ())
}

/// Every invitation, open or closed, without its history, by id, at most `limit`.
pub fn list_whole(sql: &dyn Sql, limit: i64) -> Result<Vec<InvitationContent>, StoreError> {
    let rows = sql.run(Statement::new(LIST_WHOLE).bind(limit))?;
    rows.iter()
        .map(|row| {
            Ok(InvitationContent {
                id: row.parse("id")?,
                email: row.parse("email")?,
                roles: row.json("roles")?,
                inviter: row.parse_or_null("inviter_id")?,
                inviter_name: row.text_or_null("inviter_name")?.map(str::to_owned),
                redirect_uri: row.text_or_null("redirect_uri")?.map(str::to_owned),
                first_name: text_or_null(row, "first_name")?,
                last_name: text_or_null(row, "last_name")?,
                client_id: text_or_null(row, "client_id")?,
                attributes: row.json("attributes")?,
                created_at: row.time("created_at")?,
                expires_at: row.time("expires_at")?,
                acceptor: row.parse_or_null("user_id")?,
                accepted_at: row.time_or_null("accepted_at")?,
                revoked_at: row.time_or_null("revoked_at")?,
                history: Vec::new(),
            })
        })
        .collect()
}

/// Every entry with its invitation, oldest first, at most `limit`.
pub fn list_histories(sql: &dyn Sql, limit: i64) -> Result<Vec<(InvitationId, Entry)>, StoreError> {
    let rows = sql.run(Statement::new(LIST_HISTORIES).bind(limit))?;
    rows.iter().map(|row| Ok((row.parse("invitation_id")?, entry_from_row(row)?))).collect()
}

/// An invitation as it was elsewhere, without its history. No ticket of before is
/// of `version`.
pub fn insert_whole(
    sql: &dyn Sql,
    invitation: &InvitationContent,
    version: i64,
) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_WHOLE)
        .bind(invitation.id.as_str())
        .bind(invitation.email.as_str())
        .bind(to_json(&invitation.roles)?)
        .bind(invitation.inviter.as_ref().map(UserId::as_str))
        .bind(invitation.inviter_name.as_deref())
        .bind(invitation.redirect_uri.as_deref())
        .bind(invitation.first_name.as_deref())
        .bind(invitation.last_name.as_deref())
        .bind(invitation.client_id.as_deref())
        .bind(to_json(&invitation.attributes)?)
        .bind(version)
        .bind(invitation.created_at)
        .bind(invitation.expires_at)
        .bind(invitation.acceptor.as_ref().map(UserId::as_str))
        .bind(invitation.accepted_at)
        .bind(invitation.revoked_at);
    sql.run(statement).map(|_| ())
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Refused(error.to_string()))
}

/// Answers which gave way, and when they expired.
pub fn revoke_expired(
    sql: &dyn Sql,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Vec<(InvitationId, Timestamp)>, StoreError> {
    let statement = Statement::new(REVOKE_EXPIRED).bind(now).bind(email.as_str()).bind(now);
    let rows = sql.run(statement)?;
    rows.iter().map(|row| Ok((row.parse("id")?, row.time("expires_at")?))).collect()
}

/// Counts the version up and moves the end; `false` when it was not open.
pub fn mark_resent(
    sql: &dyn Sql,
    id: &InvitationId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_RESENT).bind(expires_at).bind(now).bind(id.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

pub fn insert_history(sql: &dyn Sql, id: &InvitationId, entry: &Entry) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_HISTORY)
        .bind(id.as_str())
        .bind(entry.at)
        .bind(entry.status.as_str())
        .bind(entry.user.as_ref().map(UserId::as_str));
    sql.run(statement).map(|_| ())
}

/// Oldest first.
pub fn list_history(sql: &dyn Sql, id: &InvitationId) -> Result<Vec<Entry>, StoreError> {
    let rows = sql.run(Statement::new(LIST_HISTORY).bind(id.as_str()))?;
    rows.iter().map(entry_from_row).collect()
}

/// `false` when it was not open.
pub fn mark_revoked(sql: &dyn Sql, id: &InvitationId, now: Timestamp) -> Result<bool, StoreError> {
    Ok(!sql.run(Statement::new(MARK_REVOKED).bind(now).bind(id.as_str()))?.is_empty())
}

pub fn set_acceptor(sql: &dyn Sql, id: &InvitationId, user: &UserId) -> Result<(), StoreError> {
    sql.run(Statement::new(SET_ACCEPTOR).bind(user.as_str()).bind(id.as_str())).map(|_| ())
}

/// `false` when it was not open: the statement itself is the guard.
pub fn mark_accepted(
    sql: &dyn Sql,
    id: &InvitationId,
    user: &UserId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(MARK_ACCEPTED).bind(now).bind(user.as_str()).bind(id.as_str());
    Ok(!sql.run(statement)?.is_empty())
}

fn entry_from_row(row: &Row) -> Result<Entry, StoreError> {
    Ok(Entry {
        at: row.time("at")?,
        status: row.parse("status")?,
        user: row.parse_or_null("user_id")?,
    })
}

fn text_or_null(row: &Row, column: &'static str) -> Result<Option<String>, StoreError> {
    Ok(row.text_or_null(column)?.map(str::to_owned))
}

fn invitation_from_row(row: &Row) -> Result<Invitation, StoreError> {
    let accepted = row.time_or_null("accepted_at")?.is_some();
    let revoked = row.time_or_null("revoked_at")?.is_some();
    Ok(Invitation {
        id: row.parse("id")?,
        email: row.parse("email")?,
        roles: row.json("roles")?,
        inviter: row.parse_or_null("inviter_id")?,
        inviter_name: row.text_or_null("inviter_name")?.map(str::to_owned),
        redirect_uri: row.text_or_null("redirect_uri")?.map(str::to_owned),
        first_name: text_or_null(row, "first_name")?,
        last_name: text_or_null(row, "last_name")?,
        client_id: text_or_null(row, "client_id")?,
        attributes: row.json("attributes")?,
        version: row.int("version")?,
        created_at: row.time("created_at")?,
        sent_at: row.time("sent_at")?,
        stage: match (accepted, revoked) {
            (true, _) => Stage::Accepted,
            (false, true) => Stage::Revoked,
            (false, false) => Stage::Open { expires_at: row.time("expires_at")? },
        },
        acceptor: row.parse_or_null("user_id")?,
    })
}
