//! An organization as a SCIM 2.0 service provider (RFC 7643, RFC 7644): one URL
//! and one credential per organization (reference phasetwo.md §8).
//!
//! The organization's directory owns the organization's view of a person, never
//! the person. What it pushes is kept here, as pushed; the person's profile,
//! address and credentials in the realm are written once, when the push makes
//! them, and never after. Somebody who exists apart from the directory gets a
//! resource like anybody else, but a membership only when the organization owns the
//! domain of an address that they have shown to read.
//!
//! Not done: asking somebody who exists apart from the directory whether they want to
//! join (they stay `awaiting_consent` until they become a member by another way).
pub mod authenticate;
pub mod bulk;
pub mod bulk_reference;
pub mod bulk_target;
pub mod change;
pub mod config;
pub mod configure;
pub mod configure_auth;
pub mod content;
pub mod create;
pub mod create_many;
pub mod credential;
pub mod cursor;
pub mod custom_schema;
pub mod document;
pub mod door;
pub mod edit;
pub mod errand;
pub mod error;
pub mod expression;
pub mod federate;
pub mod filter;
pub mod foreign_token;
pub mod forget;
pub mod gate;
pub mod group;
pub mod group_change;
pub mod group_content;
pub mod group_create;
pub mod group_document;
pub mod group_list;
pub mod group_patch;
pub mod group_remove;
pub mod list;
pub mod log;
pub mod logbook;
pub mod moment;
pub mod normal;
pub mod operations;
pub mod owned;
pub mod patch;
pub mod projection;
pub mod query;
pub mod record;
pub mod remove;
pub mod reply;
pub mod resolve;
pub mod rotate;
pub mod routes;
pub mod routes_bulk;
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
pub mod upkeep;
pub mod user;
pub mod wire;
pub mod wire_bulk;
pub mod wire_config;
pub mod wire_discovery;
pub mod wire_group;
pub mod wire_log;
