//! `Faults` for tests against the built Worker, armed by the variable `FAULT` in
//! development only.
use crate::platform::fault::Faults;
use async_trait::async_trait;
use std::time::Duration;
use worker::Delay;

/// How long a request that reached the armed point waits at a time. The test
/// kills the runtime long before.
const A_LONG_TIME: Duration = Duration::from_hours(1);

/// The armed points, between commas: what one kill interrupts.
pub struct ArmedFaults(pub String);

#[async_trait(?Send)]
impl Faults for ArmedFaults {
    async fn reach(&self, point: &'static str) {
        if self.0.split(',').any(|armed| armed == point) {
            tracing::warn!("fault reached: {point}");
            loop {
                Delay::from(A_LONG_TIME).await;
            }
        }
    }
}
