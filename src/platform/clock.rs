//! The time, as a port.
use crate::kernel::time::Timestamp;

/// Tells the time. Read once per request, at the door; below it `now` is data.
pub trait Clock {
    /// The current time.
    fn now(&self) -> Timestamp;
}
