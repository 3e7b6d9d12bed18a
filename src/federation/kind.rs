//! What kinds of provider there are: their names for people, what they take
//! beyond what every provider does, and what they are good for.
use super::provider::KINDS;
use crate::realm::config_property::ConfigProperty;

/// A kind of provider.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// One of [`KINDS`].
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// What only this kind is told.
    pub properties: &'static [ConfigProperty],
}

/// What a provider of ours is good for: people sign in through it.
pub const TYPE: &str = "USER_AUTHENTICATION";

/// Everything that a provider of Keycloak's can be good for; `ANY` is each.
const TYPES: &[&str] =
    &["ANY", TYPE, "CLIENT_ASSERTION", "EXCHANGE_EXTERNAL_TOKEN", "JWT_AUTHORIZATION_GRANT"];

/// What every provider of ours can do: people link themselves to it.
const CAPABILITY: &str = "USER_LINKING";

/// A `type` or a `capability` that no provider has, here or in Keycloak.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is none that a provider can have")]
pub struct UnknownUse(pub &'static str);

/// Whether the providers of this server are of the type, and have the
/// capability, that a list asks for.
///
/// # Errors
/// [`UnknownUse`].
pub fn are_wanted(kind: Option<&str>, capability: Option<&str>) -> Result<bool, UnknownUse> {
    let kind = kind.filter(|text| !text.is_empty());
    if kind.is_some_and(|kind| !TYPES.contains(&kind)) {
        return Err(UnknownUse("type"));
    }
    if capability.is_some_and(|one| !one.is_empty() && one != CAPABILITY) {
        return Err(UnknownUse("capability"));
    }
    Ok(kind.is_none_or(|kind| kind == "ANY" || kind == TYPE))
}

/// The kind called `id`.
#[must_use]
pub fn find(id: &str) -> Option<Kind> {
    KINDS.iter().find(|known| **known == id).map(|id| Kind {
        id,
        name: name_of(id),
        properties: properties_of(id),
    })
}

/// Every kind, in the order of [`KINDS`].
pub fn all() -> impl Iterator<Item = Kind> {
    KINDS.iter().filter_map(|id| find(id))
}

fn name_of(id: &str) -> &'static str {
    match id {
        "oidc" => "OpenID Connect v1.0",
        "keycloak-oidc" => "Keycloak OpenID Connect",
        "oauth2" => "OAuth v2",
        "saml" => "SAML v2.0",
        "google" => "Google",
        "microsoft" => "Microsoft",
        "github" => "GitHub",
        "gitlab" => "GitLab",
        "facebook" => "Facebook",
        "linkedin-openid-connect" => "LinkedIn",
        _ => "Apple",
    }
}

fn properties_of(id: &str) -> &'static [ConfigProperty] {
    match id {
        "google" => GOOGLE,
        "microsoft" => MICROSOFT,
        "github" => GITHUB,
        "facebook" => FACEBOOK,
        _ => &[],
    }
}

const PROMPT: ConfigProperty = ConfigProperty::text(
    "prompt",
    "Prompt",
    "What the provider asks the person: the value of its parameter prompt.",
);

const GOOGLE: &[ConfigProperty] = &[
    PROMPT,
    ConfigProperty::text(
        "hostedDomain",
        "Hosted Domain",
        "The Google Workspace domains whose people may come, with commas between; * for any.",
    ),
    ConfigProperty::flag(
        "userIp",
        "Use userIp param",
        "Whether Google is told the person's address.",
    ),
    ConfigProperty::flag(
        "offlineAccess",
        "Request refresh token",
        "Whether Google is asked for a refresh token.",
    ),
];

const MICROSOFT: &[ConfigProperty] = &[
    PROMPT,
    ConfigProperty::text(
        "tenantId",
        "Tenant ID",
        "The one tenant whose people may come; every tenant's when it is empty.",
    ),
];

const GITHUB: &[ConfigProperty] = &[
    ConfigProperty::text("baseUrl", "Base URL", "Where another GitHub than github.com is."),
    ConfigProperty::text("apiUrl", "API URL", "Where its API is."),
    ConfigProperty::flag(
        "githubJsonFormat",
        "JSON Format",
        "Whether GitHub is asked to answer with JSON.",
    )
    .or("false"),
];

const FACEBOOK: &[ConfigProperty] = &[ConfigProperty::text(
    "fetchedFields",
    "Additional user's profile fields",
    "Fields of the profile to ask for beyond id, name, email, first_name and last_name.",
)];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: HashSet<&str> = all().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        assert!(find("kerberos").is_none());
    }

    #[test]
    fn a_list_asks_for_what_there_is_for_what_there_is_not_or_for_nonsense() {
        for (kind, capability, wanted) in [
            (None, None, Ok(true)),
            (Some(""), Some(""), Ok(true)),
            (Some("ANY"), None, Ok(true)),
            (Some(TYPE), Some("USER_LINKING"), Ok(true)),
            (Some("CLIENT_ASSERTION"), None, Ok(false)),
            (Some("anything"), None, Err(UnknownUse("type"))),
            (None, Some("FLYING"), Err(UnknownUse("capability"))),
        ] {
            assert_eq!(are_wanted(kind, capability), wanted, "{kind:?} {capability:?}");
        }
    }
}
