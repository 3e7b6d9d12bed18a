//! Durable Objects, as a port: who to ask, and how a typed question travels.
use super::row::StoreError;
use crate::kernel::route::ObjectName;
use crate::kernel::time::Timestamp;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reaches objects. One call is one round trip.
#[async_trait(?Send)]
pub trait Objects {
    /// Sends `request` to the object called `name` and waits for its answer.
    ///
    /// # Errors
    /// `Unreachable` when the object failed to answer at all.
    async fn fetch(
        &self,
        name: &ObjectName,
        request: Request<Bytes>,
    ) -> Result<Response<Bytes>, StoreError>;
}

/// An object's alarm clock: wakes it to finish what a crash interrupted.
#[async_trait(?Send)]
pub trait Alarm {
    /// Wakes the object at `at`, or when an earlier alarm is set, then.
    ///
    /// # Errors
    /// `Refused` when the platform refuses.
    async fn wake_at(&self, at: Timestamp) -> Result<(), StoreError>;

    /// Deletes everything the object stores, and its alarm.
    ///
    /// # Errors
    /// `Refused` when the platform refuses.
    async fn delete_all(&self) -> Result<(), StoreError>;
}

/// A typed question from our own code to an object, and its answer. HTTP
/// requests of the outside world reach an object through its routes; these
/// never leave the deployment.
pub trait Call: Serialize + DeserializeOwned {
    /// The name under which the object lists the question, such as `org.claims`.
    const NAME: &'static str;
    /// The answer.
    type Answer: Serialize + DeserializeOwned;

    /// What an object answers that stores nothing; `None` for a question that
    /// makes it store something. Answering must not make such an object exist:
    /// strangers may guess ids.
    #[must_use]
    fn of_blank() -> Option<Self::Answer> {
        None
    }
}

/// The path prefix of calls. No outside request reaches an object under it: the
/// Worker forwards only paths that start with `/realms/`.
pub const CALL_PREFIX: &str = "/call/";

/// Asks the object called `name` a typed question. A blank object answers 404,
/// and stays blank.
///
/// # Errors
/// `Unreachable` when the object fails, does not know the question, or answers
/// something else.
pub async fn ask<C: Call>(
    objects: &dyn Objects,
    name: &ObjectName,
    question: &C,
) -> Result<C::Answer, StoreError> {
    let lost = |why: String| StoreError::Unreachable(format!("{}: {why}", C::NAME));
    let body = serde_json::to_vec(question).map_err(|error| lost(error.to_string()))?;
    let request = Request::post(format!("http://object{CALL_PREFIX}{}", C::NAME))
        .body(Bytes::from(body))
        .map_err(|error| lost(error.to_string()))?;
    let response = objects.fetch(name, request).await?;
    if response.status() == StatusCode::NOT_FOUND {
        return C::of_blank().ok_or_else(|| lost("the object is blank".to_owned()));
    }
    if !response.status().is_success() {
        return Err(lost(format!("status {}", response.status())));
    }
    serde_json::from_slice(response.body()).map_err(|error| lost(error.to_string()))
}
