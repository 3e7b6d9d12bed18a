//! The post, as a port.
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// One mail to one person, rendered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The address.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// Why a mail did not leave; the queue tries again.
#[derive(Debug, thiserror::Error)]
#[error("the mail was not accepted: {0}")]
pub struct MailError(pub String);

/// Hands mail to whoever delivers it.
#[async_trait(?Send)]
pub trait Mailer {
    /// Sends `mail`.
    ///
    /// # Errors
    /// `MailError` when it was not accepted for delivery.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
