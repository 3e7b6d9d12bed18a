//! An organization as a SCIM 2.0 service provider (RFC 7643, RFC 7644).
pub mod document;
pub mod edit;
pub mod error;
pub mod expression;
pub mod filter;
pub mod patch;
pub mod schema;
