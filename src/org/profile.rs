//! What an organization may be called, and which domains it may name.
use super::error::OrgError;
use super::wire::NewOrganizationJson;
use crate::realm::registry::Profile;

/// Longest name, display name, URL or domain of an organization, in bytes.
pub const MAX_FIELD_BYTES: usize = 255;

/// Longest description of an organization, in bytes.
pub const MAX_DESCRIPTION_BYTES: usize = 2048;

/// Longest redirect URL of an organization, in bytes.
pub const MAX_REDIRECT_BYTES: usize = 2048;

/// Most domains of one organization. Each that is verified is looked up daily by
/// one alarm of the object.
pub const MAX_DOMAINS: usize = 100;

/// The profile that `json` describes, with what a new organization is where Phase
/// Two's words do not say.
///
/// # Errors
/// `Field` when there is no name, or something is too long or no text.
pub fn read(json: &mut NewOrganizationJson) -> Result<Profile, OrgError> {
    let name = checked_name(json.name.take())?;
    let name = name.ok_or_else(|| OrgError::Field("name is missing".to_owned()))?;
    let profile = Profile {
        name,
        display_name: json.display_name.take(),
        url: json.url.take(),
        attributes: json.attributes.take().unwrap_or_default(),
        enabled: true,
        description: None,
        redirect_url: None,
    };
    for text in [&profile.display_name, &profile.url].into_iter().flatten() {
        check_text(text)?;
    }
    Ok(profile)
}

/// The name that is kept for `given`, without space around it; `None` where there is
/// none.
///
/// # Errors
/// `Field` when it is too long or no text.
pub fn checked_name(given: Option<String>) -> Result<Option<String>, OrgError> {
    let name = given.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    name.map(|name| check_text(&name).map(|()| name)).transpose()
}

fn check_text(text: &str) -> Result<(), OrgError> {
    if text.len() > MAX_FIELD_BYTES {
        return Err(OrgError::Field(format!(
            "name, displayName and url have at most {MAX_FIELD_BYTES} bytes"
        )));
    }
    if text.chars().any(char::is_control) {
        let words = "name, displayName and url have no control characters";
        return Err(OrgError::Field(words.to_owned()));
    }
    Ok(())
}

/// The description that is kept for `given`: Keycloak keeps an empty one
/// (reference keycloak.md §1.3).
///
/// # Errors
/// `Field` when it is too long.
pub fn checked_description(given: Option<String>) -> Result<Option<String>, OrgError> {
    if given.as_ref().is_some_and(|text| text.len() > MAX_DESCRIPTION_BYTES) {
        return Err(OrgError::Field(format!(
            "description has at most {MAX_DESCRIPTION_BYTES} bytes (MAX_DESCRIPTION_BYTES)"
        )));
    }
    Ok(given)
}

/// The redirect URL that is kept for `given`; none for an empty one. Our pages link
/// to it, so it is a page of the web: no `javascript:` and no app's own scheme.
///
/// # Errors
/// `Field` when it is anything else, or too long.
pub fn checked_redirect_url(given: Option<String>) -> Result<Option<String>, OrgError> {
    let Some(text) = given.filter(|text| !text.is_empty()) else { return Ok(None) };
    let is_page = url::Url::parse(&text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
    });
    let is_plain = !text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    if is_page && is_plain && text.len() <= MAX_REDIRECT_BYTES {
        Ok(Some(text))
    } else {
        Err(OrgError::Field("Organization redirect URL is not valid.".to_owned()))
    }
}

/// `was`, with what Phase Two's dialect says in `asked`: the rest is Keycloak's.
#[must_use]
pub fn as_phase_two_says(was: Profile, asked: &Profile) -> Profile {
    Profile {
        enabled: was.enabled,
        description: was.description,
        redirect_url: was.redirect_url,
        ..asked.clone()
    }
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
