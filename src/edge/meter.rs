//! Counts the I/O of one request, for `Server-Timing` in development.
use http::{HeaderMap, HeaderName, HeaderValue};
use std::cell::Cell;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// One kind of I/O.
#[derive(Clone, Copy)]
pub enum Io {
    /// A batch of statements to D1: one round trip.
    D1,
    /// A call of a Durable Object.
    Object,
    /// A read of KV.
    #[expect(dead_code, reason = "no port reads KV yet; the header names it all the same")]
    Kv,
    /// A request to the outside world.
    Fetch,
    /// A send to the queue.
    Queue,
}

/// Their names in the header, in the order of [`Io`].
const NAMES: [&str; 5] = ["d1", "object", "kv", "fetch", "queue"];

/// How often a request did what, its objects' work on its behalf included.
#[derive(Default)]
pub struct Meter([Cell<u32>; NAMES.len()]);

impl Meter {
    /// Counts one.
    pub fn count(&self, io: Io) {
        if let Some(cell) = self.0.get(io as usize) {
            cell.set(cell.get() + 1);
        }
    }

    /// Writes the counts as `d1;desc="1", object;desc="0", ...` (W3C Server
    /// Timing): a description, because a count is no duration.
    pub fn write(&self, headers: &mut HeaderMap) {
        let metrics: Vec<String> = NAMES
            .iter()
            .zip(&self.0)
            .map(|(name, n)| format!("{name};desc=\"{}\"", n.get()))
            .collect();
        if let Ok(value) = HeaderValue::from_str(&metrics.join(", ")) {
            headers.insert(SERVER_TIMING, value);
        }
    }

    /// Adds what an object wrote with [`Meter::write`], and removes it: only the
    /// total leaves the Worker.
    pub fn absorb(&self, headers: &mut HeaderMap) {
        let Some(value) = headers.remove(SERVER_TIMING) else { return };
        let Ok(value) = value.to_str() else { return };
        for (metric, (name, cell)) in value.split(", ").zip(NAMES.iter().zip(&self.0)) {
            let count = metric.strip_prefix(name).and_then(|rest| rest.strip_prefix(";desc=\""));
            let count = count.and_then(|rest| rest.strip_suffix('"')).and_then(|n| n.parse().ok());
            cell.set(cell.get() + count.unwrap_or(0_u32));
        }
    }
}
