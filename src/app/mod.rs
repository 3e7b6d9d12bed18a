//! The product put together: settings, the Worker's routes, the objects'
//! routers, the queue's consumer. `edge` calls only this folder.
pub mod account_object;
pub mod config;
pub mod linkify;
pub mod org_object;
pub mod pages;
pub mod queue;
pub mod schema;
pub mod worker;

use crate::crypto::keyring::Keyring;
use crate::platform::Ports;
use config::Config;

/// One running deployment, as an isolate sees it.
pub struct App {
    /// The settings.
    pub config: Config,
    /// Keys derived from the master key.
    pub keyring: Keyring,
    /// The machine under us.
    pub ports: Ports,
}
