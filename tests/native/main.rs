//! One binary for every native test: linking is the slow part.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod architecture;
mod harness;
mod jwt;
mod pages;
