//! An organization as a SCIM 2.0 service provider (RFC 7643, RFC 7644): one URL
//! and one credential per organization (reference phasetwo.md §8).
//!
//! The organization's directory owns the organization's view of a person, never
//! the person. What it pushes is kept here, as pushed; the person's profile,
//! address and credentials in the realm are written once, when the push makes
//! them, and never after. Somebody who exists apart from the directory gets a
//! resource like anybody else, but no membership.
//!
//! Not done: `/Me`, `/Bulk`, `/.search`, cursors (RFC 9865), sorting,
//! `attributes` and `excludedAttributes`, filters beyond equality; the
//! authentication kinds KEYCLOAK and `EXTERNAL_JWT`; two secrets at a time while
//! one is rotated; a rate limit on wrong secrets; linking with the organization's
//! identity provider (`link_idp` is kept, without effect); asking somebody who
//! exists apart from the directory whether they want to join (they stay
//! `awaiting_consent` until they become a member by another way); deleting a
//! person whom the directory made and nobody else uses.
pub mod authenticate;
pub mod change;
pub mod config;
pub mod configure;
pub mod content;
pub mod create;
pub mod credential;
pub mod cursor;
pub mod custom_schema;
pub mod document;
pub mod door;
pub mod edit;
pub mod error;
pub mod expression;
pub mod filter;
pub mod forget;
pub mod group;
pub mod group_change;
pub mod group_content;
pub mod group_create;
pub mod group_document;
pub mod group_list;
pub mod group_patch;
pub mod group_remove;
pub mod list;
pub mod moment;
pub mod normal;
pub mod operations;
pub mod patch;
pub mod projection;
pub mod query;
pub mod record;
pub mod remove;
pub mod reply;
pub mod resolve;
pub mod routes;
pub mod routes_config;
pub mod routes_discovery;
pub mod routes_groups;
pub mod routes_schemas;
pub mod routes_search;
pub mod routes_users;
pub mod schema;
pub mod schema_words;
pub mod shape;
pub mod store;
pub mod user;
pub mod wire;
pub mod wire_config;
pub mod wire_discovery;
pub mod wire_group;
