//! The queue `EVENTS`: `Queue` to send, and the consumer.
use super::meter::{Io, Meter};
use super::store_error::refused;
use crate::app::App;
use crate::app::queue::Verdict;
use crate::platform::queue::Queue;
use crate::platform::row::StoreError;
use async_trait::async_trait;
use std::rc::Rc;
use worker::{
    BatchMessageBuilder, Env, MessageBatch, MessageBuilder, MessageExt, QueueContentType,
    QueueRetryOptionsBuilder, RawMessage,
};

/// The binding `EVENTS`.
pub struct EventsQueue {
    env: Env,
    meter: Rc<Meter>,
}

impl EventsQueue {
    /// The queue of `env`; each send counts in `meter`.
    pub fn new(env: &Env, meter: &Rc<Meter>) -> Self {
        Self { env: env.clone(), meter: Rc::clone(meter) }
    }

    async fn send_batch(&self, messages: Vec<String>) -> worker::Result<()> {
        let text = |body| MessageBuilder::new(body).content_type(QueueContentType::Text).build();
        let batch = BatchMessageBuilder::new().messages(messages.into_iter().map(text));
        self.env.queue("EVENTS")?.send_batch(batch.build()).await
    }
}

#[async_trait(?Send)]
impl Queue for EventsQueue {
    async fn send(&self, messages: Vec<String>) -> Result<(), StoreError> {
        if messages.is_empty() {
            return Ok(());
        }
        self.meter.count(Io::Queue);
        self.send_batch(messages).await.map_err(|error| refused(&error))
    }
}

/// Gives the texts of `batch` to the app and tells the queue its verdicts.
pub async fn consume(app: &App, batch: &MessageBatch<String>) {
    let (messages, texts): (Vec<RawMessage>, Vec<String>) =
        batch.raw_iter().filter_map(with_text).unzip();
    let verdicts = crate::app::queue::consume(app, &texts).await;
    for (message, verdict) in messages.iter().zip(verdicts) {
        match verdict {
            Verdict::Ack => message.ack(),
            Verdict::Retry => message.retry(),
            Verdict::RetryAfter(wait) => {
                let options = QueueRetryOptionsBuilder::new().with_delay_seconds(wait.0).build();
                message.retry_with_options(&options);
            }
        }
    }
}

/// We send only text, so anything else can never be read: it goes on to the
/// dead-letter queue, where somebody can look at it.
fn with_text(message: RawMessage) -> Option<(RawMessage, String)> {
    let text = message.body().as_string();
    if text.is_none() {
        tracing::error!(message.id = message.id(), "A message of the queue is not text");
        message.retry();
    }
    text.map(|text| (message, text))
}
