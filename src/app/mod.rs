//! The product put together: settings, the Worker's routes, the objects'
//! routers, the queue's consumer. `edge` calls only this folder.
pub mod account_object;
pub mod authenticate;
pub mod bootstrap;
pub mod config;
pub mod demo;
pub mod development;
pub mod end_sessions;
pub mod forget_user;
pub mod linkify;
mod object;
pub mod openapi;
pub mod org_object;
pub mod org_transfer;
pub mod outbox;
pub mod pages;
pub mod queue;
pub mod remove_realm;
pub mod routes;
pub mod routes_serverinfo;
pub mod schedule;
pub mod schema;
pub mod server_info;
mod store;
pub mod worker;

use crate::crypto::keyring::Keyring;
use crate::kernel::time::Timestamp;
use crate::platform::Ports;
use crate::realm::context::RealmContext;
use crate::realm::settings::Realm;
use config::Config;
use std::rc::Rc;

/// One running deployment, as an isolate sees it.
pub struct App {
    /// The settings.
    pub config: Rc<Config>,
    /// Keys derived from the master key.
    pub keyring: Rc<Keyring>,
    /// The machine under us.
    pub ports: Ports,
}

impl App {
    /// What a request to `realm` at `now` may use.
    #[must_use]
    pub fn context(&self, realm: Rc<Realm>, now: Timestamp) -> RealmContext<'_> {
        RealmContext {
            ports: &self.ports,
            keyring: &self.keyring,
            public_url: &self.config.public_url,
            now,
            ip: None,
            realm,
        }
    }
}
