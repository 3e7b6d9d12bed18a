//! Signing in through somebody else: identity providers, the organizations that
//! use them, and what is made of their claims.
//!
//! Reference phasetwo.md §1.8 and keycloak.md §2 and §3.7 have the wire. Logging
//! in through a provider is not done yet; their configuration is.
pub mod certificate;
pub mod change;
pub mod desk;
pub mod error;
pub mod import;
pub mod kind;
pub mod lead;
pub mod link;
pub mod mapper;
pub mod mapper_apply;
pub mod mapper_check;
pub mod mapper_claim;
pub mod mapper_engine;
pub mod mapper_rule;
pub mod mapper_template;
pub mod mapper_type;
pub mod metadata;
pub mod provider;
pub mod reload;
pub mod routes;
pub mod routes_admin;
pub mod routes_admin_organization;
pub mod routes_import;
pub mod routes_keys;
pub mod routes_kind;
pub mod routes_mapper;
pub mod store;
pub mod wire;
pub mod wire_kind;
