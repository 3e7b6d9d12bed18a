//! `Fetch` over the runtime's own.
use super::http::request_out;
use super::meter::{Io, Meter};
use crate::platform::fetch::{
    FETCH_TIMEOUT_MILLIS, Fetch, FetchError, Fetched, Get, MAX_FETCHED_BYTES, Post,
};
use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::future::{Either, select};
use http::{Request, header};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use worker::{AbortController, AbortSignal, Delay};

/// Each request counts in its meter.
pub struct WorkerFetch {
    meter: Rc<Meter>,
}

impl WorkerFetch {
    /// Counts in `meter`.
    pub fn new(meter: &Rc<Meter>) -> Self {
        Self { meter: Rc::clone(meter) }
    }
}

#[async_trait(?Send)]
impl Fetch for WorkerFetch {
    async fn get(&self, get: &Get) -> Result<Fetched, FetchError> {
        let builder = Request::get(&get.url).header(header::ACCEPT, get.accept);
        self.fetch(builder.body(Bytes::new())).await
    }

    async fn post(&self, post: &Post) -> Result<Fetched, FetchError> {
        let builder = Request::post(&post.url)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.fetch(builder.body(Bytes::from(post.form.clone()))).await
    }
}

impl WorkerFetch {
    async fn fetch(&self, request: http::Result<Request<Bytes>>) -> Result<Fetched, FetchError> {
        let request = request.map_err(|error| FetchError::Failed(error.to_string()))?;
        self.meter.count(Io::Fetch);
        let controller = AbortController::default();
        let signal = controller.signal();
        let timeout = pin!(Delay::from(Duration::from_millis(FETCH_TIMEOUT_MILLIS)));
        match select(pin!(send(&request, &signal)), timeout).await {
            Either::Left((fetched, _)) => {
                fetched.map_err(|error| FetchError::Failed(error.to_string()))
            }
            Either::Right(_) => {
                controller.abort();
                Err(FetchError::Timeout)
            }
        }
    }
}

async fn send(request: &Request<Bytes>, signal: &AbortSignal) -> worker::Result<Fetched> {
    let request = worker::Fetch::Request(request_out(request)?);
    let mut response = request.send_with_signal(signal).await?;
    Ok(Fetched { status: response.status_code(), body: read(&mut response).await? })
}

/// Reads piece by piece, one byte more than [`MAX_FETCHED_BYTES`] at most.
async fn read(response: &mut worker::Response) -> worker::Result<Bytes> {
    let mut body = Vec::new();
    let Ok(mut pieces) = response.stream() else { return Ok(Bytes::new()) };
    while body.len() <= MAX_FETCHED_BYTES {
        let Some(piece) = pieces.next().await else { break };
        body.extend_from_slice(&piece?);
    }
    body.truncate(MAX_FETCHED_BYTES + 1);
    Ok(body.into())
}
