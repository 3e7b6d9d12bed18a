//! A realm's settings as Keycloak's realm attributes: Phase Two's keys read and
//! write the typed settings, so that there is one truth; every other key is free.
use super::settings::{Settings, SyncMode};
use crate::kernel::time::Seconds;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Longest attributes of a realm, names and values together, in bytes. A realm
/// travels in a header to an organization's object, and Workers bound headers to
/// 128 KB.
pub const MAX_ATTRIBUTE_BYTES: usize = 16 * 1024;

/// Longest lifetime that an attribute may ask for: a year.
const MAX_LIFE: u32 = 365 * 24 * 60 * 60;

/// An attribute that cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct BadAttribute {
    /// Which; `attributes` for all of them.
    pub name: String,
    /// Why.
    pub problem: &'static str,
}

/// Keycloak's name for how long a device waits for its person.
pub const DEVICE_CODE_LIFESPAN: &str = "oauth2DeviceCodeLifespan";

/// Keycloak's name for how often it asks.
pub const DEVICE_POLLING_INTERVAL: &str = "oauth2DevicePollingInterval";

/// One key that stands for a typed setting.
struct Key {
    name: &'static str,
    read: fn(&Settings) -> Option<String>,
    write: fn(&mut Settings, &str) -> Result<(), &'static str>,
}

/// Longest grace for a refresh token that comes again, in seconds: what a retry
/// takes. For as long a stolen one looks like a lost answer.
const MAX_GRACE: u32 = 60;

/// Phase Two's keys (reference phasetwo.md §2), then three of ours, and two of
/// Keycloak's, which it keeps as attributes, too.
const KEYS: [Key; 15] = [
    Key {
        name: "_providerConfig.orgs.config.createAdminUser",
        read: |settings| text(settings.create_admin_user),
        write: |settings, value| truth(value).map(|on| settings.create_admin_user = on),
    },
    Key {
        name: "_providerConfig.orgs.config.sharedIdps",
        read: |settings| text(settings.shared_idps),
        write: |settings, value| truth(value).map(|on| settings.shared_idps = on),
    },
    Key {
        name: "_providerConfig.orgs.config.multipleIdps",
        read: |settings| text(settings.multiple_idps),
        write: |settings, value| truth(value).map(|on| settings.multiple_idps = on),
    },
    Key {
        name: "_providerConfig.orgs.config.validateIdp",
        read: |settings| text(settings.validate_idp),
        write: |settings, value| truth(value).map(|on| settings.validate_idp = on),
    },
    Key {
        name: "_providerConfig.orgs.portalLink.expirationInSecs",
        read: |settings| text(settings.portal_link_expiration.0),
        write: |settings, value| life(value).map(|life| settings.portal_link_expiration = life),
    },
    Key {
        name: "_providerConfig.orgs.config.defaultApplicationUri",
        read: |settings| settings.default_application_uri.clone(),
        write: |settings, value| {
            web_address(value).map(|uri| settings.default_application_uri = Some(uri))
        },
    },
    Key {
        name: "_providerConfig.orgs.config.scimEnabled",
        read: |settings| text(settings.scim_enabled),
        write: |settings, value| truth(value).map(|on| settings.scim_enabled = on),
    },
    Key {
        name: "_providerConfig.orgs.defaults.postBrokerFlow",
        read: |settings| settings.post_broker_flow.clone(),
        write: |settings, value| {
            settings.post_broker_flow = Some(value.to_owned());
            Ok(())
        },
    },
    Key {
        name: "_providerConfig.orgs.defaults.syncMode",
        read: |settings| settings.sync_mode.and_then(|mode| text(mode.as_str())),
        write: |settings, value| {
            let mode = SyncMode::from_str(value).map_err(|()| "is not IMPORT, FORCE or LEGACY")?;
            settings.sync_mode = Some(mode);
            Ok(())
        },
    },
    Key {
        name: "_providerConfig.orgs.dnsRecordKey",
        read: |settings| Some(settings.dns_record_key.clone()),
        write: |settings, value| dns_label(value).map(|label| settings.dns_record_key = label),
    },
    Key {
        name: "_providerConfig.orgs.config.sharedDomains",
        read: |settings| text(settings.shared_domains),
        write: |settings, value| truth(value).map(|on| settings.shared_domains = on),
    },
    Key {
        name: "_providerConfig.orgs.invitation.expirationInSecs",
        read: |settings| text(settings.invitation_lifespan.0),
        write: |settings, value| life(value).map(|life| settings.invitation_lifespan = life),
    },
    Key {
        name: "refresh.token.grace.seconds",
        read: |settings| text(settings.refresh_grace.0),
        write: |settings, value| {
            let grace = value.parse().ok().filter(|grace| *grace <= MAX_GRACE);
            settings.refresh_grace = Seconds(grace.ok_or("is not between 0 and 60 seconds")?);
            Ok(())
        },
    },
    Key {
        name: DEVICE_CODE_LIFESPAN,
        read: |settings| text(settings.device_code_lifespan.0),
        write: |settings, value| {
            settings.device_code_lifespan = check_device_life(number(value)?)?;
            Ok(())
        },
    },
    Key {
        name: DEVICE_POLLING_INTERVAL,
        read: |settings| text(settings.device_polling_interval.0),
        write: |settings, value| {
            settings.device_polling_interval = check_polling_interval(number(value)?)?;
            Ok(())
        },
    },
];

impl Settings {
    /// The attributes of the realm: every setting that has a key, and the free
    /// ones.
    #[must_use]
    pub fn to_attributes(&self) -> BTreeMap<String, String> {
        let typed = KEYS.iter().filter_map(|key| Some((key.name.to_owned(), (key.read)(self)?)));
        self.attributes.clone().into_iter().chain(typed).collect()
    }

    /// Takes `attributes` for those of the realm: a setting whose key is not
    /// among them, or whose value is empty, gets its default, as in Keycloak,
    /// where an update replaces all attributes.
    ///
    /// # Errors
    /// [`BadAttribute`]; nothing is changed then.
    pub fn apply_attributes(
        &mut self,
        attributes: &BTreeMap<String, String>,
    ) -> Result<(), BadAttribute> {
        let mut changed = self.clone();
        let size: usize = attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > MAX_ATTRIBUTE_BYTES {
            let problem = "have more than 16 KiB (MAX_ATTRIBUTE_BYTES)";
            return Err(BadAttribute { name: "attributes".to_owned(), problem });
        }
        let defaults = Self::default().to_attributes();
        changed.post_broker_flow = None;
        changed.sync_mode = None;
        changed.default_application_uri = None;
        for key in &KEYS {
            let given = attributes.get(key.name).filter(|value| !value.is_empty());
            let Some(value) = given.or_else(|| defaults.get(key.name)) else { continue };
            (key.write)(&mut changed, value)
                .map_err(|problem| BadAttribute { name: key.name.to_owned(), problem })?;
        }
        let is_free = |name: &str| KEYS.iter().all(|key| key.name != name);
        let free = attributes.iter().filter(|(name, _)| is_free(name));
        changed.attributes = free.map(|(name, value)| (name.clone(), value.clone())).collect();
        *self = changed;
        Ok(())
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what a key reads may be absent")]
fn text(value: impl Display) -> Option<String> {
    Some(value.to_string())
}

/// As Java's `parseBoolean`, but a typing error is told and not taken for false.
fn truth(text: &str) -> Result<bool, &'static str> {
    match text.to_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("is neither true nor false"),
    }
}

fn life(text: &str) -> Result<Seconds, &'static str> {
    check_life(number(text)?)
}

fn number(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "is not a number of seconds")
}

/// How long a device waits for its person: time to read what it shows, and not so
/// long that codes pile up which can be guessed.
///
/// # Errors
/// What is wrong with it.
pub fn check_device_life(seconds: i64) -> Result<Seconds, &'static str> {
    within(seconds, 10..=86_400).ok_or("is not between 10 seconds and a day")
}

/// How often a device asks.
///
/// # Errors
/// What is wrong with it.
pub fn check_polling_interval(seconds: i64) -> Result<Seconds, &'static str> {
    within(seconds, 1..=600).ok_or("is not between a second and 10 minutes")
}

fn within(seconds: i64, bounds: RangeInclusive<u32>) -> Option<Seconds> {
    u32::try_from(seconds).ok().filter(|seconds| bounds.contains(seconds)).map(Seconds)
}

/// A lifetime that somebody sets: a second at least, a year at most.
///
/// # Errors
/// What is wrong with it.
pub fn check_life(seconds: i64) -> Result<Seconds, &'static str> {
    match u32::try_from(seconds) {
        Ok(seconds) if (1..=MAX_LIFE).contains(&seconds) => Ok(Seconds(seconds)),
        _ => Err("is not between a second and a year"),
    }
}

/// A page on the web, which a link may lead to.
///
/// # Errors
/// What is wrong with it.
pub fn web_address(text: &str) -> Result<String, &'static str> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => {
            Ok(text.to_owned())
        }
        _ => Err("is not a web address"),
    }
}

/// One label of a domain name (RFC 1035 §2.3.4: 63 octets), with the underscore
/// of RFC 8552.
fn dns_label(text: &str) -> Result<String, &'static str> {
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let fits = (1..=63).contains(&text.len()) && text.chars().all(usable);
    if fits { Ok(text.to_owned()) } else { Err("is not a label of a domain name") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// A value that differs from the default, for every key.
    const OTHER: [&str; 15] = [
        "false",
        "true",
        "true",
        "true",
        "300",
        "https://app.example/start",
        "true",
        "my post broker flow",
        "IMPORT",
        "_proof",
        "true",
        "3600",
        "10",
        "1800",
        "7",
    ];

    #[test]
    fn every_key_reads_what_was_written() {
        for (key, value) in KEYS.iter().zip(OTHER) {
            let mut settings = Settings::default();
            settings.apply_attributes(&map(&[(key.name, value)])).unwrap();
            assert_ne!(settings, Settings::default(), "{}", key.name);
            let read = settings.to_attributes();
            assert_eq!(read.get(key.name).map(String::as_str), Some(value), "{}", key.name);
            settings.apply_attributes(&map(&[])).unwrap();
            assert_eq!(settings, Settings::default(), "{}", key.name);
        }
    }

    #[test]
    fn settings_survive_a_round_trip_and_free_attributes_stay_text() {
        let mut settings = Settings { scim_enabled: true, ..Settings::default() };
        settings.attributes = map(&[("colour", "green"), ("_providerConfig.orgs.x", "")]);
        let mut other = Settings::default();
        other.apply_attributes(&settings.to_attributes()).unwrap();
        assert_eq!(other, settings);
    }

    #[test]
    fn what_has_no_key_is_left_alone() {
        let mut settings = Settings { min_password_chars: 12, ..Settings::default() };
        settings.apply_attributes(&map(&[])).unwrap();
        assert_eq!(settings.min_password_chars, 12);
    }

    #[test]
    fn a_value_that_cannot_be_changes_nothing() {
        let bad = [
            ("_providerConfig.orgs.config.sharedIdps", "yes"),
            ("_providerConfig.orgs.portalLink.expirationInSecs", "soon"),
            ("_providerConfig.orgs.portalLink.expirationInSecs", "0"),
            ("_providerConfig.orgs.portalLink.expirationInSecs", "31536001"),
            ("_providerConfig.orgs.config.defaultApplicationUri", "javascript:alert(1)"),
            ("_providerConfig.orgs.defaults.syncMode", "import"),
            ("_providerConfig.orgs.dnsRecordKey", "a.b"),
            ("refresh.token.grace.seconds", "61"),
        ];
        for (name, value) in bad {
            let mut settings = Settings::default();
            let both = map(&[("_providerConfig.orgs.config.scimEnabled", "true"), (name, value)]);
            let refused = settings.apply_attributes(&both).unwrap_err();
            assert_eq!(refused.name, name);
            assert_eq!(settings, Settings::default(), "{name}");
        }
    }

    #[test]
    fn attributes_are_bounded() {
        let long = "x".repeat(MAX_ATTRIBUTE_BYTES);
        let mut settings = Settings::default();
        assert!(settings.apply_attributes(&map(&[("x", &long)])).is_err());
        assert!(settings.apply_attributes(&map(&[("", &long)])).is_ok());
    }
}
