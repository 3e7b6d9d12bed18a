//! The queue, as a port: work that may happen a little later, at least once.
use super::row::StoreError;
use async_trait::async_trait;

/// Sends messages to the queue `EVENTS`.
#[async_trait(?Send)]
pub trait Queue {
    /// Sends `messages`, each a JSON document of at most 128 kB (the platform's
    /// limit), in one call.
    ///
    /// # Errors
    /// `Refused` when the queue did not take all of them.
    async fn send(&self, messages: Vec<String>) -> Result<(), StoreError>;
}
