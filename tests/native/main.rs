//! One binary for every native test: linking is the slow part.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and not every helper stands in a #[test]"
)]

mod architecture;
mod harness;
mod jwt;
mod pages;
