//! What one isolate keeps between requests, and the `App` made from it for each.
use super::clock::WorkerClock;
use super::directory::D1Directory;
use super::fault::ArmedFaults;
use super::fetch::WorkerFetch;
use super::keys::{CryptoKeys, WebCryptoKeyStore};
use super::mail;
use super::meter::Meter;
use super::objects::DurableObjects;
use super::queue::EventsQueue;
use super::random::WebCryptoRandom;
use crate::app::App;
use crate::app::config::{BadSetting, Config, Environment};
use crate::crypto::keyring::Keyring;
use crate::platform::Ports;
use crate::platform::clock::Clock;
use crate::platform::directory::Directory;
use crate::platform::fault::{Faults, NoFaults};
use crate::platform::fetch::Outside;
use crate::platform::memo::Memo;
use crate::platform::tries::Tries;
use std::cell::RefCell;
use std::rc::Rc;
use worker::Env;

/// What survives a request. Nothing here belongs to one: a Worker may not do the
/// I/O of one request inside another.
#[derive(Clone)]
struct Isolate {
    config: Rc<Config>,
    keyring: Rc<Keyring>,
    memo: Rc<Memo>,
    tries: Rc<Tries>,
    crypto_keys: Rc<CryptoKeys>,
}

/// How `crypto` sees it, in the words of the settings.
const BAD_MASTER_KEY: BadSetting =
    BadSetting { name: "MASTER_KEY", problem: "is not 32 bytes in unpadded base64url" };

thread_local! {
    static ISOLATE: RefCell<Option<Isolate>> = const { RefCell::new(None) };
}

/// The product, as one request or event of this isolate sees it. Its I/O is
/// counted in `meter`.
///
/// # Errors
/// The setting that keeps this deployment from starting.
pub fn app(env: &Env, meter: &Rc<Meter>) -> Result<App, BadSetting> {
    let isolate = isolate(env)?;
    let directory: Rc<dyn Directory> = Rc::new(D1Directory::new(env, meter));
    let clock: Rc<dyn Clock> = Rc::new(WorkerClock);
    let ports = Ports {
        objects: Rc::new(DurableObjects::new(env, meter)),
        queue: Rc::new(EventsQueue::new(env, meter)),
        keys: Rc::new(WebCryptoKeyStore::new(isolate.crypto_keys)),
        mailer: mail::mailer(&isolate.config, &directory, &clock, meter),
        outside: Outside::new(
            Rc::new(WorkerFetch::new(meter)),
            isolate.config.environment == Environment::Development,
        ),
        random: Rc::new(WebCryptoRandom),
        clock,
        memo: isolate.memo,
        tries: isolate.tries,
        faults: faults(env, isolate.config.environment),
        directory,
    };
    Ok(App { config: isolate.config, keyring: isolate.keyring, ports })
}

fn isolate(env: &Env) -> Result<Isolate, BadSetting> {
    if let Some(isolate) = ISOLATE.with_borrow(Clone::clone) {
        return Ok(isolate);
    }
    let config = Config::read(|name| setting(env, name))?;
    let keyring = Keyring::new(&config.master_key).map_err(|_| BAD_MASTER_KEY)?;
    let isolate = Isolate {
        keyring: Rc::new(keyring),
        memo: Rc::default(),
        tries: Rc::default(),
        crypto_keys: Rc::new(CryptoKeys::new(&config.master_key)),
        config: Rc::new(config),
    };
    ISOLATE.set(Some(isolate.clone()));
    Ok(isolate)
}

fn faults(env: &Env, environment: Environment) -> Rc<dyn Faults> {
    match (environment, setting(env, "FAULT")) {
        (Environment::Development, Some(points)) => Rc::new(ArmedFaults(points)),
        _ => Rc::new(NoFaults),
    }
}

/// A variable or secret. Both are the same on the platform: text on `env`.
fn setting(env: &Env, name: &str) -> Option<String> {
    env.var(name).ok().map(|text| text.to_string())
}
