//! Realms and everything the directory (D1) knows: settings, keys, clients,
//! users, roles, and the registry of organizations.
pub mod actor;
pub mod attribute;
pub mod bootstrap;
pub mod client;
pub mod context;
pub mod error;
pub mod events;
pub mod happening;
pub mod inquiry;
pub mod key;
pub mod moment;
pub mod page;
pub mod privilege;
pub mod registry;
pub mod role;
pub mod routes;
pub mod routes_admin_events;
pub mod settings;
pub mod store;
pub mod user;
pub mod user_filter;
pub mod wire_events;
