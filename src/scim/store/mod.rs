//! Every SQL statement of SCIM, a file per noun.
pub mod config;
pub mod log;
pub mod user;
