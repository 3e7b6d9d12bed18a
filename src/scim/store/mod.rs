//! Every SQL statement of SCIM, a file per noun.
pub mod condition;
pub mod config;
pub mod page;
pub mod schema;
pub mod user;
