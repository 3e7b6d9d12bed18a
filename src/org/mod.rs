//! Organizations: who belongs to one, with which roles and groups, and who may
//! change that. Runs inside the organization's object, but for finding and
//! creating one.
//!
//! The wire is Phase Two's (reference phasetwo.md §1).
pub mod admin_user;
pub mod claims;
pub mod create;
pub mod delete;
pub mod error;
pub mod forget;
pub mod furnish;
pub mod group;
pub mod join;
pub mod leave;
pub mod member;
pub mod organization;
pub mod permission;
pub mod project;
pub mod record;
pub mod role;
pub mod routes;
pub mod routes_realm;
mod store;
pub mod visit;
pub mod wire;
