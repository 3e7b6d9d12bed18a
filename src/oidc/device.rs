//! Logins on devices that have no browser, or none to type on (RFC 8628): what all
//! of it shares. A device asks ([`super::device_authorization`]), its person types
//! its code on a page ([`super::device_enter`]), signs in, and allows it or not
//! ([`super::device_decide`]); meanwhile it polls ([`super::grant_device_code`]).
use super::user_code::UserCode;
use crate::account::code::CodeRefusal;
use crate::crypto::token::TokenHash;
use crate::kernel::time::{Seconds, Timestamp};
use crate::realm::attribute::{check_device_life, check_polling_interval};
use crate::realm::client::{Client, DEVICE_GRANT};
use crate::realm::context::RealmContext;
use serde::{Deserialize, Serialize};

/// The grant (RFC 8628 §3.4).
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The attributes of a client that has its own mind on how long its devices wait and
/// how often they ask, in seconds. Keycloak's.
const LIFESPAN: &str = "oauth2.device.code.lifespan";
const INTERVAL: &str = "oauth2.device.polling.interval";

/// How much longer a device waits once it hurried (RFC 8628 §3.5).
pub const SLOWER: Seconds = Seconds(5);

/// How much earlier than agreed a poll may come: requests travel at different speeds,
/// and our clock has whole seconds.
pub const TOLERANCE: Seconds = Seconds(1);

/// Most devices of one client that wait for their persons at once: with ten minutes each,
/// more than one a second may begin. Anybody may ask in the name of a public client, and
/// each request is a row of the directory.
pub const MAX_WAITING: i64 = 1000;

/// When a device may ask again for which there was no place.
pub const NEXT_PLACE: Seconds = Seconds::minutes(1);

/// How long a request is remembered after it is over, so that the device hears that
/// it is.
pub const MEMORY: Seconds = Seconds::minutes(10);

/// The device that an authorization request is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// What its person typed.
    pub user_code: UserCode,
    /// What that led to, once somebody was signed in who may look.
    pub found: Option<Found>,
}

/// What a user code led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The hash of the device's code.
    pub hash: TokenHash,
    /// Too late from then on.
    pub expires_at: Timestamp,
}

/// Why a device gets no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRefusal {
    /// No device of this client has this code.
    #[error("no such device code")]
    Unknown,
    /// Its person did not answer yet.
    #[error("nobody has answered yet")]
    Pending,
    /// The same, and it asks too often.
    #[error("the device asks too often")]
    SlowDown,
    /// Its person said no.
    #[error("the person did not allow it")]
    Denied,
    /// Nobody answered in time.
    #[error("the device code has expired")]
    Expired,
    /// The account does not redeem what was allowed.
    #[error("device code refused: {0}")]
    Code(CodeRefusal),
}

/// Whether `client` may be used on devices.
#[must_use]
pub fn is_allowed(client: &Client) -> bool {
    client.has_on(DEVICE_GRANT)
}

/// How long a device of `client` waits for its person.
#[must_use]
pub fn lifespan(context: &RealmContext<'_>, client: &Client) -> Seconds {
    let own = client.attribute(LIFESPAN).and_then(|text| text.parse().ok());
    let own = own.and_then(|seconds| check_device_life(seconds).ok());
    own.unwrap_or(context.realm.settings.device_code_lifespan)
}

/// How often it may ask.
#[must_use]
pub fn interval(context: &RealmContext<'_>, client: &Client) -> Seconds {
    let own = client.attribute(INTERVAL).and_then(|text| text.parse().ok());
    let own = own.and_then(|seconds| check_polling_interval(seconds).ok());
    own.unwrap_or(context.realm.settings.device_polling_interval)
}

/// Where people type what their device shows.
#[must_use]
pub fn verification_uri(context: &RealmContext<'_>) -> String {
    context.url("/device")
}

/// Where the browser learns what came of it: takes the place of a redirect URI.
#[must_use]
pub fn status_uri(context: &RealmContext<'_>) -> String {
    context.url("/device/status")
}
