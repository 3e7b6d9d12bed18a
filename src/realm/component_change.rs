//! What an administrator may make of a component: from a representation to a
//! key's settings, checked.
use super::component::{KEY_PROVIDER, KeyProvider, find_provider, provider_of};
use super::error::AdminError;
use super::key::{KeySettings, RealmKey};
use super::settings::Realm;
use super::wire_keycloak_component::ComponentChangeJson;

/// Longest name of a component, in bytes: Keycloak's column.
pub const MAX_NAME_BYTES: usize = 255;

/// What the configuration of a key holds when it is a key: ours are made here,
/// and a private key that came from elsewhere would be known there.
const KEY_MATERIAL: [&str; 7] = [
    "privateKey",
    "certificate",
    "secret",
    "ecdsaPrivateKey",
    "ecdsaPublicKey",
    "eddsaPrivateKey",
    "eddsaPublicKey",
];

/// The priority of a key that is made without one, as in Keycloak.
const NO_PRIORITY: i64 = 0;

fn invalid(why: impl Into<String>) -> AdminError {
    AdminError::Invalid(why.into())
}

/// In Keycloak's words. The only components here are signing keys.
fn no_provider() -> AdminError {
    AdminError::Told("Invalid provider type or no such provider".to_owned())
}

/// What shall make a new key, and what is decided about it.
///
/// # Errors
/// `Told` that nothing makes such a component; `Invalid` says which other part cannot
/// be.
pub fn create(
    asked: &ComponentChangeJson,
    realm: &Realm,
) -> Result<(&'static KeyProvider, KeySettings), AdminError> {
    if asked.provider_type.as_deref() != Some(KEY_PROVIDER) {
        return Err(no_provider());
    }
    let named = asked.provider_id.as_deref().unwrap_or_default();
    let algorithm = asked.value("algorithm")?;
    let provider = find_provider(named, algorithm.as_deref()).ok_or_else(no_provider)?;
    let blank = KeySettings { priority: NO_PRIORITY, ..KeySettings::default() };
    Ok((provider, settings(asked, (realm, provider), blank)?))
}

/// `key` with what is asked for; what is not named stays. A key that was retired
/// and is asked to be active is in use again.
///
/// # Errors
/// `Invalid` says which part cannot be.
pub fn change(
    asked: &ComponentChangeJson,
    realm: &Realm,
    key: &RealmKey,
) -> Result<RealmKey, AdminError> {
    let provider = provider_of(key.algorithm);
    let is_other = |given: &Option<String>, own| given.as_deref().is_some_and(|one| one != own);
    if is_other(&asked.provider_type, KEY_PROVIDER) || is_other(&asked.provider_id, provider.id) {
        return Err(invalid("a component keeps its providerType and its providerId"));
    }
    let settings = settings(asked, (realm, provider), key.settings.clone())?;
    let is_wanted = asked.value("active")?.is_some_and(|text| text == "true");
    let retired_at = key.retired_at.filter(|_| !is_wanted);
    Ok(RealmKey { retired_at, settings, ..key.clone() })
}

fn settings(
    asked: &ComponentChangeJson,
    (realm, provider): (&Realm, &KeyProvider),
    old: KeySettings,
) -> Result<KeySettings, AdminError> {
    let parent = asked.parent_id.as_deref().filter(|parent| !parent.is_empty());
    if parent.is_some_and(|parent| parent != realm.id.as_str() && parent != realm.name.as_str()) {
        return Err(invalid("parentId is the realm"));
    }
    if let Some(name) = KEY_MATERIAL.iter().find(|name| asked.config.contains_key(**name)) {
        return Err(invalid(format!("{name}: keys are made here, and none is taken")));
    }
    for (name, value) in provider.fixed {
        if asked.value(name)?.is_some_and(|given| given != *value) {
            return Err(invalid(format!("{name} is {value}: keys of another kind are not made")));
        }
    }
    let name = match asked.name.as_deref() {
        None => old.name,
        Some(name) if name.is_empty() || name == provider.id => None,
        Some(name) if name.len() > MAX_NAME_BYTES => {
            return Err(invalid(format!(
                "name has more than {MAX_NAME_BYTES} bytes (MAX_NAME_BYTES)"
            )));
        }
        Some(name) => Some(name.to_owned()),
    };
    Ok(KeySettings {
        name,
        priority: priority(asked)?.unwrap_or(old.priority),
        active: truth(asked, "active")?.unwrap_or(old.active),
        enabled: truth(asked, "enabled")?.unwrap_or(old.enabled),
    })
}

fn priority(asked: &ComponentChangeJson) -> Result<Option<i64>, AdminError> {
    let Some(text) = asked.value("priority")? else { return Ok(None) };
    // Keycloak's words; it reads a number of 64 bits, and SQL passes 53.
    let number = text.parse::<i32>().map_err(|_| invalid("'Priority' should be a number"))?;
    Ok(Some(number.into()))
}

fn truth(asked: &ComponentChangeJson, name: &str) -> Result<Option<bool>, AdminError> {
    match asked.value(name)?.as_deref() {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(invalid(format!("'{name}' should be 'true' or 'false'"))),
    }
}
