//! Named places where a test may stop the program, to see what a crash loses.
use async_trait::async_trait;

/// In production every method returns at once. Under test, reaching the armed
/// point never returns: a native test drops the future there, a workerd test
/// kills the runtime.
#[async_trait(?Send)]
pub trait Faults {
    /// Passes `point`, such as `org.create.after_object`, between two steps.
    async fn reach(&self, point: &'static str);
}

/// No faults: what production uses.
pub struct NoFaults;

#[async_trait(?Send)]
impl Faults for NoFaults {
    async fn reach(&self, _point: &'static str) {}
}
