//! Organizations: who belongs to one, with which roles and groups, and who may
//! change that. Runs inside the organization's object, but for finding and
//! creating one.
//!
//! The wire is Phase Two's (reference phasetwo.md §1) and Keycloak's (reference
//! keycloak.md §1): two dialects of one organization ([`dialect`]).
pub mod admin_draft;
pub mod admin_user;
pub mod admin_visit;
pub mod assert;
pub mod claims;
pub mod content;
pub mod create;
pub mod define;
pub mod delete;
pub mod dialect;
pub mod dissolve;
pub mod dns;
pub mod domain;
pub mod error;
pub mod forget;
pub mod furnish;
pub mod grant;
pub mod group;
pub mod group_mapping;
pub mod join;
pub mod leave;
pub mod manage;
pub mod mapped;
pub mod member;
pub mod organization;
pub mod people;
pub mod permission;
pub mod portal_link;
pub mod profile;
pub mod project;
pub mod record;
pub mod replace;
pub mod role;
pub mod routes;
pub mod routes_admin_group_members;
pub mod routes_admin_group_roles;
pub mod routes_admin_groups;
pub mod routes_admin_members;
pub mod routes_admin_organization;
pub mod routes_admin_organizations;
pub mod routes_config;
pub mod routes_domain;
pub mod routes_me;
pub mod routes_member;
pub mod routes_portal;
pub mod routes_realm;
pub mod routes_role;
pub mod show_groups;
pub mod stage;
mod store;
pub mod verify;
pub mod visit;
pub mod wire;
pub mod wire_config;
pub mod wire_keycloak;
pub mod wire_keycloak_member;
