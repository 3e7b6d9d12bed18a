//! `Faults` for tests against the built Worker, armed by the variable `FAULT` in
//! development only.
use crate::platform::fault::Faults;
use async_trait::async_trait;
use std::time::Duration;
use worker::Delay;

/// How long a request that reached the armed point waits at a time. The test
/// kills the runtime long before.
const A_LONG_TIME: Duration = Duration::from_hours(1);

/// The one armed point.
pub struct ArmedFault(pub String);

#[async_trait(?Send)]
impl Faults for ArmedFault {
    async fn reach(&self, point: &'static str) {
        if self.0 == point {
            tracing::warn!("fault reached: {point}");
            loop {
                Delay::from(A_LONG_TIME).await;
            }
        }
    }
}
