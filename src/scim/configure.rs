//! Setting up the organization's SCIM endpoint.
use super::config::{Auth, Config, DEFAULT_LOG_DAYS, Kept, MAX_LOG_DAYS};
use super::configure_auth::{changed_auth, new_auth};
use super::rotate::read_overlap;
use super::store;
use super::wire_config::{ConfigJson, ConfigRequest};
use crate::crypto::token::SecretToken;
use crate::event::audit::{Change, Operation};
use crate::kernel::time::Seconds;
use crate::org::error::OrgError;
use crate::org::record::{Scene, record};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use serde_json::Value;

/// What came of creating a configuration.
pub enum Created {
    /// It exists now; the secret, when we made it, is told this once.
    New(Config, Option<SecretToken>),
    /// There was one already.
    Exists,
}

/// The configuration.
///
/// # Errors
/// `Unknown` when there is none.
pub fn read(visit: &Visit<'_>) -> Result<Kept, OrgError> {
    store::config::find_kept(visit.sql())?.ok_or(OrgError::Unknown("SCIM configuration"))
}

/// Creates the configuration.
///
/// # Errors
/// `Field` when something is missing or cannot be.
pub fn create(visit: &Visit<'_>, asked: &ConfigRequest) -> Result<Created, OrgError> {
    if store::config::find(visit.sql())?.is_some() {
        return Ok(Created::Exists);
    }
    let auth = asked.auth.as_ref().ok_or_else(|| OrgError::Field("auth is missing".to_owned()))?;
    let (auth, token) = new_auth(visit, auth)?;
    let config = with_auth(asked, auth, DEFAULT_LOG_DAYS)?;
    let inserted = in_transaction::<_, StoreError>(visit.sql(), || {
        let inserted = store::config::insert(visit.sql(), &config, visit.now)?;
        if inserted {
            record(&Scene::of(visit), changed(visit, Operation::Create, &config))?;
        }
        Ok(inserted)
    })?;
    Ok(if inserted { Created::New(config, token) } else { Created::Exists })
}

/// Replaces the configuration. A secret that is left out stays. The credential
/// before a new one does for as long as is asked: as a rule, no longer.
///
/// # Errors
/// `Unknown` when there is none; `Field` as [`create`].
pub fn replace(visit: &Visit<'_>, asked: &ConfigRequest) -> Result<Kept, OrgError> {
    let mut kept = read(visit)?;
    let overlap = asked.overlap_seconds.map(read_overlap).transpose()?;
    let auth = match &asked.auth {
        Some(auth) => changed_auth(visit, &kept.config.auth, auth)?,
        None => kept.config.auth.clone(),
    };
    kept.config = with_auth(asked, kept.config.auth, kept.config.log_days)?;
    if auth != kept.config.auth {
        kept.rotate(auth, overlap.unwrap_or_default(), visit.now);
    } else if overlap == Some(Seconds(0)) {
        kept.previous = None;
    }
    save(visit, &kept)?;
    Ok(kept)
}

/// Stores the changed configuration, and its event.
///
/// # Errors
/// `Unknown` when there is none any more; `Refused` when SQLite fails.
pub(super) fn save(visit: &Visit<'_>, kept: &Kept) -> Result<(), OrgError> {
    in_transaction(visit.sql(), || {
        if !store::config::update(visit.sql(), kept, visit.now)? {
            return Err(OrgError::Unknown("SCIM configuration"));
        }
        let json = ConfigJson::of_kept(kept, None, visit.now);
        Ok(record(&Scene::of(visit), told(visit, Operation::Update, &json))?)
    })
}

/// Removes the configuration: the directory's next request is refused. Users that
/// it pushed stay.
///
/// # Errors
/// `Unknown` when there is none.
pub fn delete(visit: &Visit<'_>) -> Result<(), OrgError> {
    let deleted = in_transaction::<_, StoreError>(visit.sql(), || {
        let deleted = store::config::delete(visit.sql())?;
        if deleted {
            let change = Change {
                resource_type: "ORGANIZATION",
                operation: Operation::Delete,
                path: path(visit),
                representation: Some(Value::from(visit.organization.id.as_str())),
            };
            record(&Scene::of(visit), change)?;
        }
        Ok(deleted)
    })?;
    if deleted { Ok(()) } else { Err(OrgError::Unknown("SCIM configuration")) }
}

/// Phase Two's defaults: on, the rest off (reference phasetwo.md §8.1).
fn with_auth(asked: &ConfigRequest, auth: Auth, log_days: u32) -> Result<Config, OrgError> {
    Ok(Config {
        enabled: asked.enabled.unwrap_or(true),
        email_as_username: asked.email_as_username.unwrap_or(false),
        link_idp: asked.link_idp.unwrap_or(false),
        auth,
        log_days: asked.log_days.map_or(Ok(log_days), check_log_days)?,
    })
}

/// Passes a number of days for which the provisioning log may be kept.
///
/// # Errors
/// `Field`.
pub fn check_log_days(days: i64) -> Result<u32, OrgError> {
    let days = u32::try_from(days).ok().filter(|days| (1..=MAX_LOG_DAYS).contains(days));
    let why = || format!("log_days is not between 1 and {MAX_LOG_DAYS} (MAX_LOG_DAYS)");
    days.ok_or_else(|| OrgError::Field(why()))
}

fn changed(visit: &Visit<'_>, operation: Operation, config: &Config) -> Change {
    told(visit, operation, &ConfigJson::of(config, None))
}

fn told(visit: &Visit<'_>, operation: Operation, json: &ConfigJson<'_>) -> Change {
    Change {
        resource_type: "ORGANIZATION",
        operation,
        path: path(visit),
        representation: serde_json::to_value(json).ok(),
    }
}

fn path(visit: &Visit<'_>) -> String {
    format!("orgs/{}/scim", visit.organization.id)
}
