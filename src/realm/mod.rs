//! Realms and everything the directory (D1) knows: settings, keys, clients,
//! users, roles, and the registry of organizations.
pub mod actor;
pub mod attribute;
pub mod bootstrap;
pub mod client;
pub mod context;
pub mod error;
pub mod inquiry;
pub mod key;
pub mod page;
pub mod registry;
pub mod role;
pub mod routes;
pub mod search;
pub mod settings;
pub mod store;
pub mod user;
