//! Every SQL statement of SCIM, a file per noun.
pub mod config;
pub mod errand;
pub mod user;
