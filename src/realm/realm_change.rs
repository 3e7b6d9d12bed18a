//! What an administrator may make of a realm: from a representation to the realm,
//! checked.
use super::attribute::{
    DEVICE_CODE_LIFESPAN, DEVICE_POLLING_INTERVAL, check_device_life, check_life,
    check_polling_interval,
};
use super::client_secret::MASK;
use super::error::AdminError;
use super::kept::{self, Kept};
use super::settings::{ClientSessions, MASTER, Realm, Settings};
use super::wire_events::EventsConfigJson;
use super::wire_keycloak_realm::{COMPUTED, KEPT, MADE_ELSEWHERE, RealmChangeJson};
use super::wire_keycloak_scope::texts_of;
use crate::kernel::id::RealmName;
use crate::kernel::time::{Seconds, Timestamp};
use serde_json::Value;

/// Longest name for people, in bytes.
const MAX_DISPLAY_NAME_BYTES: usize = 255;

/// Fewest characters that a password policy may ask for, as NIST SP 800-63B-4
/// §3.1.1.2 does.
const MIN_PASSWORD_CHARS: u32 = 8;

/// Most characters that it may ask for: the same section wants 64 to be
/// possible, and nobody types more than this.
const MAX_PASSWORD_CHARS: u32 = 128;

/// Most wrong passwords that a realm may bear before it locks an account.
const MAX_LOGIN_FAILURES: u32 = 1000;

fn invalid(why: impl Into<String>) -> AdminError {
    AdminError::Invalid(why.into())
}

/// What `asked` makes at `now` of `realm` and of what is kept of it. A field that
/// is not named stays.
///
/// # Errors
/// `Invalid` says which part cannot be.
pub fn change(
    asked: RealmChangeJson,
    realm: &Realm,
    kept: &Kept,
    now: Timestamp,
) -> Result<(Realm, Kept), AdminError> {
    let name = match &asked.realm {
        Some(name) => checked_name(name)?,
        None => realm.name.clone(),
    };
    let enabled = asked.enabled.unwrap_or(realm.enabled);
    if realm.name.as_str() == MASTER && (name != realm.name || !enabled) {
        return Err(invalid("realm master keeps its name, and cannot be disabled"));
    }
    let display_name = asked.display_name.clone().unwrap_or_else(|| realm.display_name.clone());
    if display_name.len() > MAX_DISPLAY_NAME_BYTES {
        return Err(invalid("displayName is too long"));
    }
    let not_before = raised(realm.not_before, asked.not_before, now);
    let mut changed = Realm { name, display_name, enabled, not_before, ..realm.clone() };
    apply(&asked, &mut changed.settings)?;
    let mut rest = asked.rest;
    changed.settings.events = events_in(&mut rest)?.applied_to(&realm.settings.events);
    let rest = keepable(rest)?;
    let kept = kept::keep(kept, rest, KEPT)?;
    Ok((changed, kept))
}

/// The later of what stands and what is asked for. What was ended stays ended,
/// and a moment to come, such as that of a browser whose clock is fast, is now.
fn raised(stands: Timestamp, asked: Option<i64>, now: Timestamp) -> Timestamp {
    let asked = asked.map(|moment| Timestamp::from_unix(moment).min(now));
    asked.map_or(stands, |asked| asked.max(stands))
}

/// Takes what a realm's representation says of events.
fn events_in(rest: &mut Kept) -> Result<EventsConfigJson, AdminError> {
    let named = EventsConfigJson::MEMBERS.into_iter();
    let members = named.filter_map(|name| rest.remove_entry(name)).collect();
    EventsConfigJson::read(members).map_err(|error| invalid(error.to_string()))
}

/// A name that stands in URLs as it is.
///
/// # Errors
/// `Invalid`.
pub fn checked_name(name: &str) -> Result<RealmName, AdminError> {
    name.parse().map_err(|error| invalid(format!("realm: {name:?} is {error}")))
}

fn apply(asked: &RealmChangeJson, settings: &mut Settings) -> Result<(), AdminError> {
    let lives = [
        ("accessTokenLifespan", asked.access_token_lifespan, &mut settings.access_token_lifespan),
        (
            "ssoSessionIdleTimeout",
            asked.sso_session_idle_timeout,
            &mut settings.sso_session_idle_timeout,
        ),
        (
            "ssoSessionMaxLifespan",
            asked.sso_session_max_lifespan,
            &mut settings.sso_session_max_lifespan,
        ),
        (
            "offlineSessionIdleTimeout",
            asked.offline_session_idle_timeout,
            &mut settings.offline_session_idle_timeout,
        ),
        (
            "offlineSessionMaxLifespan",
            asked.offline_session_max_lifespan,
            &mut settings.offline_session_max_lifespan,
        ),
        ("maxFailureWaitSeconds", asked.max_failure_wait_seconds, &mut settings.lockout),
    ];
    for (name, given, setting) in lives {
        set_life(name, given, setting)?;
    }
    set_client_sessions(asked, &mut settings.client_sessions)?;
    if let Some(algorithm) = &asked.default_signature_algorithm {
        let unknown = |_| invalid("defaultSignatureAlgorithm must be ES256, RS256, PS256 or EdDSA");
        settings.signing_algorithm = algorithm.parse().map_err(unknown)?;
    }
    if let Some(policy) = &asked.password_policy {
        settings.min_password_chars = min_password_chars(policy)?;
    }
    if let Some(enabled) = asked.offline_session_max_lifespan_enabled {
        settings.offline_session_max_lifespan_enabled = enabled;
    }
    if let Some(enabled) = asked.organizations_enabled {
        settings.organizations_enabled = enabled;
    }
    if let Some(allowed) = asked.registration_allowed {
        settings.registration_allowed = allowed;
    }
    if let Some(protected) = asked.brute_force_protected {
        settings.brute_force_protected = protected;
    }
    if let Some(failures) = asked.failure_factor {
        let usable =
            u32::try_from(failures).ok().filter(|count| (1..=MAX_LOGIN_FAILURES).contains(count));
        let why = || invalid(format!("failureFactor must be between 1 and {MAX_LOGIN_FAILURES}"));
        settings.max_login_failures = usable.ok_or_else(why)?;
    }
    if let Some(attributes) = &asked.attributes {
        let attributes = texts_of(attributes.clone());
        settings.apply_attributes(&attributes).map_err(|error| invalid(error.to_string()))?;
    }
    apply_device_settings(asked, settings)
}

/// These are attributes, too. What stands beside the attributes counts, as in
/// Keycloak: whoever sends a whole realm back has changed the one and not the other.
fn apply_device_settings(
    asked: &RealmChangeJson,
    settings: &mut Settings,
) -> Result<(), AdminError> {
    if let Some(given) = asked.device_code_lifespan {
        let why = |why| invalid(format!("{DEVICE_CODE_LIFESPAN} {why}"));
        settings.device_code_lifespan = check_device_life(given).map_err(why)?;
    }
    if let Some(given) = asked.device_polling_interval {
        let why = |why| invalid(format!("{DEVICE_POLLING_INTERVAL} {why}"));
        settings.device_polling_interval = check_polling_interval(given).map_err(why)?;
    }
    Ok(())
}

fn set_life(name: &str, given: Option<i64>, setting: &mut Seconds) -> Result<(), AdminError> {
    if let Some(given) = given {
        *setting = check_life(given).map_err(|why| invalid(format!("{name} {why}")))?;
    }
    Ok(())
}

/// Here 0 is "as long as the session", as in Keycloak.
fn set_client_sessions(
    asked: &RealmChangeJson,
    client_sessions: &mut ClientSessions,
) -> Result<(), AdminError> {
    let lives = [
        ("clientSessionIdleTimeout", asked.client_session_idle_timeout, &mut client_sessions.idle),
        ("clientSessionMaxLifespan", asked.client_session_max_lifespan, &mut client_sessions.life),
        (
            "clientOfflineSessionIdleTimeout",
            asked.client_offline_session_idle_timeout,
            &mut client_sessions.offline_idle,
        ),
        (
            "clientOfflineSessionMaxLifespan",
            asked.client_offline_session_max_lifespan,
            &mut client_sessions.offline_life,
        ),
    ];
    for (name, given, setting) in lives {
        if given == Some(0) {
            *setting = None;
        } else if given.is_some() {
            let life = setting.get_or_insert_default();
            set_life(name, given, life)?;
        }
    }
    Ok(())
}

/// The length that a password policy asks for. Every other policy of Keycloak's
/// would be a promise that we do not keep: it is refused.
fn min_password_chars(policy: &str) -> Result<u32, AdminError> {
    let mut chars = MIN_PASSWORD_CHARS;
    for rule in policy.split(" and ").map(str::trim).filter(|rule| !rule.is_empty()) {
        let number = rule
            .strip_prefix("length(")
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|number| number.trim().parse().ok())
            .filter(|number| (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(number));
        let why = || {
            invalid(format!(
                "passwordPolicy: {rule} is not enforced here; length({MIN_PASSWORD_CHARS}) to \
                 length({MAX_PASSWORD_CHARS}) is"
            ))
        };
        chars = number.ok_or_else(why)?;
    }
    Ok(chars)
}

/// What may be kept of the rest: neither what others answer for, nor a secret
/// that nobody here would use.
fn keepable(mut rest: Kept) -> Result<Kept, AdminError> {
    for name in COMPUTED {
        rest.remove(*name);
    }
    for name in MADE_ELSEWHERE {
        if rest.remove(*name).is_some_and(|value| !is_empty(&value)) {
            return Err(invalid(format!(
                "{name} are not made with the realm, but by their own paths"
            )));
        }
    }
    if let Some(password) = rest.get_mut("smtpServer").and_then(|server| server.get_mut("password"))
    {
        *password = Value::from(MASK);
    }
    Ok(rest)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_ended_stays_ended() {
        let [early, late, now] = [100, 200, 300].map(Timestamp::from_unix);
        assert_eq!(raised(late, None, now), late);
        assert_eq!(raised(late, Some(100), now), late);
        assert_eq!(raised(early, Some(200), now), late);
        assert_eq!(raised(early, Some(i64::MAX), now), now);
        assert_eq!(raised(early, Some(i64::MIN), now), early);
    }

    #[test]
    fn a_password_policy_is_a_length() {
        for (policy, chars) in [("", 8), ("length(12)", 12), ("length(8) and length(14)", 14)] {
            assert_eq!(min_password_chars(policy).unwrap(), chars, "{policy}");
        }
        for policy in ["length(7)", "length(129)", "upperCase(1)", "length(12) and digits(1)", "12"]
        {
            assert!(min_password_chars(policy).is_err(), "{policy}");
        }
    }
}
