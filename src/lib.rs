//! Guildhall: an organizations identity server for B2B products.
//!
//! Read `docs/architecture.md` first: it walks one request through these levels.
pub mod account;
pub mod app;
pub mod crypto;
pub mod event;
pub mod federation;
pub mod invitation;
pub mod kernel;
pub mod oidc;
pub mod org;
pub mod platform;
pub mod realm;
pub mod scim;
pub mod transfer;
pub mod web;

#[cfg(target_arch = "wasm32")]
mod edge;
