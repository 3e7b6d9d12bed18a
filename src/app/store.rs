//! The SQL statements of the event index and the local outbox.
use crate::event::audit::AuditEvent;
use crate::kernel::id::OrgId;
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::mail::Mail;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

const INSERT_EVENT: &str = "
    INSERT INTO event (id, realm_id, org_id, at, document)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING";

const INSERT_MAIL: &str = "
    INSERT INTO dev_mail (sent_at, recipient, subject, text, html) VALUES (?, ?, ?, ?, ?)";

const LIST_MAILS: &str = "
    SELECT id, sent_at, recipient, subject, text, html FROM dev_mail ORDER BY id DESC LIMIT ?";

const FIND_MAIL: &str =
    "SELECT id, sent_at, recipient, subject, text, html FROM dev_mail WHERE id = ?";

/// Puts events into the index, unless they are there: all of them, or none.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn insert_events(
    directory: &dyn Directory,
    events: impl Iterator<Item = &AuditEvent>,
) -> Result<(), StoreError> {
    let statements = events.map(insert_event).collect::<Result<Vec<_>, _>>()?;
    if statements.is_empty() {
        return Ok(());
    }
    directory.batch(statements).await.map(|_| ())
}

fn insert_event(event: &AuditEvent) -> Result<Statement, StoreError> {
    let document =
        serde_json::to_string(event).map_err(|error| StoreError::Refused(error.to_string()))?;
    Ok(Statement::new(INSERT_EVENT)
        .bind(event.id.as_str())
        .bind(event.realm_id.as_str())
        .bind(event.org_id.as_ref().map(OrgId::as_str))
        .bind(event.time)
        .bind(document))
}

/// A mail in the local outbox.
pub struct StoredMail {
    /// Its number: newer is higher.
    pub id: i64,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// What it says.
    pub mail: Mail,
}

/// Puts a mail into the local outbox.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn insert_mail(
    directory: &dyn Directory,
    mail: &Mail,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(INSERT_MAIL)
        .bind(now)
        .bind(mail.to.as_str())
        .bind(mail.subject.as_str())
        .bind(mail.text.as_str())
        .bind(mail.html.as_str());
    directory.run(statement).await.map(|_| ())
}

/// The newest mails of the local outbox, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_mails(
    directory: &dyn Directory,
    limit: i64,
) -> Result<Vec<StoredMail>, StoreError> {
    directory.run(Statement::new(LIST_MAILS).bind(limit)).await?.iter().map(mail_from_row).collect()
}

/// A mail of the local outbox.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_mail(
    directory: &dyn Directory,
    id: i64,
) -> Result<Option<StoredMail>, StoreError> {
    let rows = directory.run(Statement::new(FIND_MAIL).bind(id)).await?;
    rows.first().map(mail_from_row).transpose()
}

fn mail_from_row(row: &Row) -> Result<StoredMail, StoreError> {
    Ok(StoredMail {
        id: row.int("id")?,
        sent_at: row.time("sent_at")?,
        mail: Mail {
            to: row.text("recipient")?.to_owned(),
            subject: row.text("subject")?.to_owned(),
            text: row.text("text")?.to_owned(),
            html: row.text("html")?.to_owned(),
        },
    })
}
