//! Moving parts of a realm in and out, as Keycloak does: `partialImport`,
//! `partial-export`, and the lists that a new realm brings along (reference
//! keycloak.md §3.1).
//!
//! Each thing is made by the rule by which its own path makes it, and asks for the
//! same roles. All of a document is judged before anything of it is written, and
//! what is written is written at once (`account::register_many`).
//!
//! Not done: organizations.
pub mod create_realm;
pub mod document;
pub mod export;
pub mod import;
pub mod outcome;
pub mod plan;
pub mod plan_clients;
pub mod plan_groups;
pub mod plan_providers;
pub mod plan_roles;
pub mod plan_users;
pub mod policy;
pub mod routes;
pub mod survey;
pub mod wire_export;
