//! `Clock` over `Date.now()`, which stands still between two I/O operations.
use crate::kernel::time::Timestamp;
use crate::platform::clock::Clock;

/// The runtime's clock.
pub struct WorkerClock;

impl Clock for WorkerClock {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are below 2^53")]
    fn now(&self) -> Timestamp {
        Timestamp::from_unix((js_sys::Date::now() / 1000.0) as i64)
    }
}
