//! The SQL statements of the local outbox.
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::mail::Mail;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

const INSERT_MAIL: &str = "
    INSERT INTO dev_mail (sent_at, recipient, subject, text, html) VALUES (?, ?, ?, ?, ?)";

const LIST_MAILS: &str = "
    SELECT id, sent_at, recipient, subject, text, html FROM dev_mail ORDER BY id DESC LIMIT ?";

const FIND_MAIL: &str =
    "SELECT id, sent_at, recipient, subject, text, html FROM dev_mail WHERE id = ?";

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
