//! What an organization may be called, and which domains it may name.
use super::error::OrgError;
use super::wire::NewOrganizationJson;
use crate::realm::registry::Profile;

/// Longest name, display name, URL or domain of an organization, in bytes.
pub const MAX_FIELD_BYTES: usize = 255;

/// Most domains of one organization. Each that is verified is looked up daily by
/// one alarm of the object.
pub const MAX_DOMAINS: usize = 100;

/// The profile that `json` describes.
///
/// # Errors
/// `Field` when there is no name, or something is too long or no text.
pub fn read(json: &mut NewOrganizationJson) -> Result<Profile, OrgError> {
    let name = json.name.take().map(|name| name.trim().to_owned()).unwrap_or_default();
    if name.is_empty() {
        return Err(OrgError::Field("name is missing".to_owned()));
    }
    let profile = Profile {
        name,
        display_name: json.display_name.take(),
        url: json.url.take(),
        attributes: json.attributes.take().unwrap_or_default(),
    };
    let texts = [Some(&profile.name), profile.display_name.as_ref(), profile.url.as_ref()];
    if texts.into_iter().flatten().any(|text| text.len() > MAX_FIELD_BYTES) {
        return Err(OrgError::Field(format!(
            "name, displayName and url have at most {MAX_FIELD_BYTES} bytes"
        )));
    }
    if texts.into_iter().flatten().any(|text| text.chars().any(char::is_control)) {
        let words = "name, displayName and url have no control characters";
        return Err(OrgError::Field(words.to_owned()));
    }
    Ok(profile)
}

/// Domains as they are kept: lower case, sorted, each once; null and empty
/// entries are dropped (reference phasetwo.md §1.2).
///
/// # Errors
/// `Field` when there are too many, or one is too long.
pub fn read_domains(given: Vec<Option<String>>) -> Result<Vec<String>, OrgError> {
    let mut domains: Vec<String> =
        given.into_iter().flatten().map(|domain| domain.trim().to_lowercase()).collect();
    domains.retain(|domain| !domain.is_empty());
    domains.sort();
    domains.dedup();
    if domains.len() > MAX_DOMAINS || domains.iter().any(|one| one.len() > MAX_FIELD_BYTES) {
        return Err(OrgError::Field(format!(
            "an organization has at most {MAX_DOMAINS} domains (MAX_DOMAINS) of at most {MAX_FIELD_BYTES} bytes"
        )));
    }
    Ok(domains)
}
