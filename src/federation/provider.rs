//! An identity provider, as it is configured.
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, ProviderUuid};
use crate::kernel::time::Timestamp;
use crate::realm::settings::SyncMode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use url::Url;

/// Names with values: Keycloak's `config`.
pub type Config = BTreeMap<String, String>;

/// The kinds of provider that can be configured.
pub const KINDS: &[&str] = &[
    "oidc",
    "keycloak-oidc",
    "oauth2",
    "saml",
    "google",
    "microsoft",
    "github",
    "gitlab",
    "facebook",
    "linkedin-openid-connect",
    "apple",
];

/// Members of `config` that hold a URL.
const URLS: &[&str] = &[
    "authorizationUrl",
    "tokenUrl",
    "userInfoUrl",
    "logoutUrl",
    "jwksUrl",
    "tokenIntrospectionUrl",
    "metadataDescriptorUrl",
    "singleSignOnServiceUrl",
    "singleLogoutServiceUrl",
    "artifactResolutionServiceUrl",
];

/// Whether the provider waits to be proven by a login before it is used.
pub const VALIDATION_PENDING: &str = "home.idp.discovery.validationPending";

/// When claims are read again: `IMPORT`, `FORCE` or `LEGACY`.
pub const SYNC_MODE: &str = "syncMode";

/// An identity provider of a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The key, for ever; `internalId` on the wire.
    pub id: ProviderUuid,
    /// Unique in the realm; in callback URLs, so it never changes.
    pub alias: Alias,
    /// One of [`KINDS`]; `providerId` on the wire.
    pub kind: String,
    /// Everything that may change.
    pub settings: Settings,
    /// The client secret, encrypted.
    pub secret: Option<String>,
    /// The organizations that use it.
    pub links: Vec<Link>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What may change of a provider.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of Keycloak's, free of the others"
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name for people.
    pub display_name: Option<String>,
    /// Whether anyone may sign in through it.
    pub enabled: bool,
    /// Whether an address it tells counts as verified.
    pub trust_email: bool,
    /// Whether its tokens are kept.
    pub store_token: bool,
    /// Whether a person who comes through it may read the kept tokens.
    pub add_read_token_role_on_create: bool,
    /// Whether it is tried before any page.
    pub authenticate_by_default: bool,
    /// Whether it only links to accounts that exist.
    pub link_only: bool,
    /// Whether the login page leaves it out.
    pub hide_on_login: bool,
    /// The flow of a first login.
    pub first_broker_login_flow_alias: Option<String>,
    /// The flow after each login.
    pub post_broker_login_flow_alias: Option<String>,
    /// Everything else, without the secret.
    pub config: Config,
    /// Whether it was imported from where it had a secret, and has none here yet.
    /// Whoever replaces the settings has decided about the secret.
    pub awaits_secret: bool,
}

/// An organization that uses a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The organization.
    pub org: OrgId,
    /// Whether every domain of the organization leads to the provider.
    pub every_domain: bool,
    /// The e-mail domains that do, where not every one does.
    pub domains: Vec<String>,
    /// Those of them whose people choose the provider, and are not sent there at once.
    pub offered: Vec<String>,
    /// What becomes of who signs in through it.
    #[serde(flatten)]
    pub onboarding: Onboarding,
}

/// What becomes of who signs in through a provider (reference keycloak.md §5.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Onboarding {
    /// They become members of the organization.
    pub auto_membership: bool,
    /// The organization then manages their accounts.
    pub managed: bool,
}

impl Default for Onboarding {
    /// As Keycloak 26.8 has it: everybody becomes a member, and nobody's account is
    /// taken over.
    fn default() -> Self {
        Self { auto_membership: true, managed: false }
    }
}

impl Link {
    /// The use of a provider by `org`, as it begins: no domain leads there.
    #[must_use]
    pub fn new(org: OrgId) -> Self {
        Self {
            org,
            every_domain: false,
            domains: Vec::new(),
            offered: Vec::new(),
            onboarding: Onboarding::default(),
        }
    }

    /// The same, with `domains` that lead there; each, when none is named, as in Phase
    /// Two.
    #[must_use]
    pub fn led_to_by(self, domains: Vec<String>) -> Self {
        Self { every_domain: domains.is_empty(), domains, ..self }
    }
}

/// Why a provider cannot be as it is asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProvider {
    /// No kind of ours. Keycloak's words.
    #[error("Invalid identity provider id [{0}]")]
    Kind(String),
    /// A URL that is none. Keycloak's words.
    #[error("The url [{0}] is malformed")]
    Url(&'static str),
    /// A `syncMode` that is none.
    #[error("syncMode is one of IMPORT, FORCE and LEGACY")]
    SyncMode,
}

type Rule = fn(&Provider) -> Result<(), BadProvider>;

const RULES: &[Rule] = &[kind_is_known, urls_are_urls, sync_mode_is_known];

/// Passes a provider that can be configured so.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(provider: &Provider) -> Result<(), BadProvider> {
    RULES.iter().try_for_each(|rule| rule(provider))
}

fn kind_is_known(provider: &Provider) -> Result<(), BadProvider> {
    if KINDS.contains(&provider.kind.as_str()) {
        Ok(())
    } else {
        Err(BadProvider::Kind(provider.kind.clone()))
    }
}

/// Absolute, for browsers and servers; without credentials, which would end in
/// logs.
fn urls_are_urls(provider: &Provider) -> Result<(), BadProvider> {
    let is_url = |text: &str| {
        Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "https" | "http")
                && url.has_host()
                && url.username().is_empty()
                && url.password().is_none()
        })
    };
    let config = &provider.settings.config;
    let bad = URLS
        .iter()
        .find(|name| config.get(**name).is_some_and(|text| !text.is_empty() && !is_url(text)));
    bad.map_or(Ok(()), |name| Err(BadProvider::Url(name)))
}

fn sync_mode_is_known(provider: &Provider) -> Result<(), BadProvider> {
    let known = |mode: &String| mode.parse::<SyncMode>().is_ok();
    if provider.settings.config.get(SYNC_MODE).is_none_or(known) {
        Ok(())
    } else {
        Err(BadProvider::SyncMode)
    }
}

impl Provider {
    /// How `org` uses it, if it does.
    #[must_use]
    pub fn link_of(&self, org: &OrgId) -> Option<&Link> {
        self.links.iter().find(|link| link.org == *org)
    }

    /// Whether `org` uses it.
    #[must_use]
    pub fn serves(&self, org: &OrgId) -> bool {
        self.link_of(org).is_some()
    }

    /// Whether more than one organization uses it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.links.len() > 1
    }

    /// Where its secret is stored, for [`crate::crypto::vault`].
    #[must_use]
    pub fn vault_place(&self) -> String {
        format!("identity-provider/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oidc(config: &[(&str, &str)]) -> Provider {
        let config =
            config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Provider {
            id: "p".parse().unwrap(),
            alias: "acme".parse().unwrap(),
            kind: "oidc".to_owned(),
            settings: Settings { config, ..Settings::default() },
            secret: None,
            links: Vec::new(),
            created_at: Timestamp::from_unix(0),
        }
    }

    #[test]
    fn a_usual_provider_passes() {
        let usual = [
            ("authorizationUrl", "https://idp.example/authorize"),
            ("tokenUrl", "http://localhost:9000/token"),
            ("userInfoUrl", ""),
            ("syncMode", "FORCE"),
            ("whatever", "is not ours"),
        ];
        assert_eq!(check(&oidc(&usual)), Ok(()));
    }

    #[test]
    fn each_rule_refuses_what_it_is_for() {
        let mut unknown = oidc(&[]);
        unknown.kind = "kerberos".to_owned();
        assert_eq!(check(&unknown), Err(BadProvider::Kind("kerberos".to_owned())));
        for url in
            ["idp.example", "ftp://idp.example", "javascript:alert(1)", "https://a:b@idp.example"]
        {
            assert_eq!(
                check(&oidc(&[("tokenUrl", url)])),
                Err(BadProvider::Url("tokenUrl")),
                "{url}"
            );
        }
        assert_eq!(check(&oidc(&[("syncMode", "INHERIT")])), Err(BadProvider::SyncMode));
    }
}
