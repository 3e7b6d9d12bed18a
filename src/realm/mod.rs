//! Realms and everything the directory (D1) knows: settings, keys, clients,
//! users, roles, and the registry of organizations.
pub mod actor;
pub mod attribute;
pub mod bootstrap;
pub mod built_in_scope;
pub mod client;
pub mod client_scope;
pub mod client_secret;
pub mod context;
pub mod error;
pub mod furnish;
pub mod hand_out;
pub mod inquiry;
pub mod kept;
pub mod key;
pub mod page;
pub mod protocol_mapper;
pub mod registry;
pub mod role;
pub mod routes;
pub mod settings;
pub mod store;
pub mod stored_role;
pub mod user;
