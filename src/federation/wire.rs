//! Keycloak's `IdentityProviderRepresentation` and
//! `IdentityProviderMapperRepresentation` (reference keycloak.md §2), with Phase
//! Two's members of `config` (reference phasetwo.md §1.8).
use super::error::ProviderError;
use super::kind;
use super::mapper::{MAX_NAME_BYTES, Mapper};
use super::provider::{Config, Link, Provider, Settings};
use crate::kernel::id::{MapperId, OrgId, ProviderUuid};
use crate::kernel::secret::Secret;
use crate::org::manage::MembershipType;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What stands in the place of a secret that is there. Sent back, it means "as
/// it is".
pub const MASK: &str = "**********";

/// The one secret of a provider.
const CLIENT_SECRET: &str = "clientSecret";

/// The organizations that use the provider, joined by [`SEPARATOR`].
const ORG: &str = "home.idp.discovery.org";

/// Whether there is more than one.
const SHARED: &str = "home.idp.discovery.shared";

/// The e-mail domains that lead to the provider, joined by [`SEPARATOR`].
const DOMAINS: &str = "home.idp.discovery.domains";

const SEPARATOR: &str = "##";

/// A provider, as it is received. Members that say what others decide
/// (`internalId`, `types`, `organizationLinks`) pass and are ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProviderRequest {
    /// Required of a new provider.
    pub alias: Option<String>,
    /// Required of a new provider: its kind.
    pub provider_id: Option<String>,
    display_name: Option<String>,
    enabled: Option<bool>,
    trust_email: Option<bool>,
    store_token: Option<bool>,
    add_read_token_role_on_create: Option<bool>,
    authenticate_by_default: Option<bool>,
    link_only: Option<bool>,
    /// Phase Two's clients know it by its older name, too.
    #[serde(alias = "hideOnLoginPage")]
    hide_on_login: Option<bool>,
    first_broker_login_flow_alias: Option<String>,
    /// Also read on its own, for the realm's default.
    pub post_broker_login_flow_alias: Option<String>,
    #[serde(deserialize_with = "scalars")]
    config: Config,
    // What others decide: taken, so that what was read can be sent back.
    internal_id: Option<Value>,
    types: Option<Value>,
    organization_links: Option<Value>,
    /// An organization that shall use it. Heard on the realm's paths only.
    pub organization_id: Option<String>,
    // Deprecated, and without effect in Keycloak too.
    update_profile_first_login_mode: Option<Value>,
    update_profile_first_login: Option<Value>,
}

/// `config` holds texts; a number or a truth is taken as its text, and null as
/// absent, as Keycloak does.
fn scalars<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Config, D::Error> {
    let members = Option::<BTreeMap<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
    let mut config = Config::new();
    for (name, value) in members {
        match value {
            Value::Null => continue,
            Value::String(text) => config.insert(name, text),
            Value::Bool(_) | Value::Number(_) => config.insert(name, value.to_string()),
            Value::Array(_) | Value::Object(_) => {
                return Err(serde::de::Error::custom(format!("config.{name} is not a text")));
            }
        };
    }
    Ok(config)
}

/// What a request says of the secret.
pub enum SecretRequest {
    /// There shall be none.
    None,
    /// It stays.
    Keep,
    /// It shall be this.
    Set(Secret),
}

/// What a request says of the organizations that use the provider. Heard on the
/// realm's paths only.
pub struct LinksRequest {
    /// The organizations.
    pub orgs: Vec<OrgId>,
    /// The domains that lead to the provider.
    pub domains: Vec<String>,
}

impl ProviderRequest {
    /// What the request says of the settings, and of the secret.
    #[must_use]
    pub fn settings(self) -> (Settings, SecretRequest) {
        let mut config = self.config;
        for derived in [ORG, SHARED, DOMAINS] {
            config.remove(derived);
        }
        let secret = match config.remove(CLIENT_SECRET) {
            None => SecretRequest::None,
            Some(text) if text == MASK => SecretRequest::Keep,
            Some(text) => SecretRequest::Set(Secret::new(text)),
        };
        let settings = Settings {
            display_name: self.display_name,
            // On unless said otherwise, as in Keycloak.
            enabled: self.enabled.unwrap_or(true),
            trust_email: self.trust_email.unwrap_or(false),
            store_token: self.store_token.unwrap_or(false),
            add_read_token_role_on_create: self.add_read_token_role_on_create.unwrap_or(false),
            authenticate_by_default: self.authenticate_by_default.unwrap_or(false),
            link_only: self.link_only.unwrap_or(false),
            hide_on_login: self.hide_on_login.unwrap_or(false),
            first_broker_login_flow_alias: self.first_broker_login_flow_alias,
            post_broker_login_flow_alias: self.post_broker_login_flow_alias,
            config,
            awaits_secret: false,
        };
        (settings, secret)
    }

    /// The key that the provider has, or had elsewhere; `None` when it is none.
    #[must_use]
    pub fn internal_id(&self) -> Option<ProviderUuid> {
        self.internal_id.as_ref()?.as_str()?.parse().ok()
    }

    /// What the request says of the organizations; `None` when nothing.
    ///
    /// # Errors
    /// `Field` for a member that is no organization's id.
    pub fn links(&self) -> Result<Option<LinksRequest>, ProviderError> {
        let Some(orgs) = self.config.get(ORG) else { return Ok(None) };
        let orgs: BTreeSet<OrgId> = split(orgs)
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map_err(|_| ProviderError::Field("home.idp.discovery.org holds no organization id"))?;
        let domains = self.config.get(DOMAINS).map_or("", String::as_str);
        Ok(Some(LinksRequest {
            orgs: orgs.into_iter().collect(),
            domains: split(domains).map(str::to_lowercase).collect(),
        }))
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATOR).map(str::trim).filter(|part| !part.is_empty())
}

/// A provider, as it is sent: never with its secret.
#[expect(clippy::struct_excessive_bools, reason = "the wire has them")]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderJson<'a> {
    alias: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    internal_id: &'a str,
    provider_id: &'a str,
    enabled: bool,
    trust_email: bool,
    store_token: bool,
    add_read_token_role_on_create: bool,
    authenticate_by_default: bool,
    link_only: bool,
    hide_on_login: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_broker_login_flow_alias: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_broker_login_flow_alias: Option<&'a str>,
    /// Where there is one only, as Keycloak up to 26.7 has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    organization_links: Vec<LinkJson<'a>>,
    config: Config,
    types: [&'static str; 1],
}

/// What a list tells when it shall be brief: Keycloak leaves the configuration
/// empty.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BriefProviderJson<'a> {
    alias: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    internal_id: &'a str,
    provider_id: &'a str,
    enabled: bool,
    config: Config,
}

impl<'a> From<&'a Provider> for BriefProviderJson<'a> {
    fn from(provider: &'a Provider) -> Self {
        Self {
            alias: provider.alias.as_str(),
            display_name: provider.settings.display_name.as_deref(),
            internal_id: provider.id.as_str(),
            provider_id: &provider.kind,
            enabled: provider.settings.enabled,
            config: Config::new(),
        }
    }
}

/// `OrganizationIdentityProviderLinkRepresentation`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LinkJson<'a> {
    organization_id: &'a str,
    auto_membership: bool,
    membership_type: MembershipType,
}

impl<'a> From<&'a Link> for LinkJson<'a> {
    fn from(link: &'a Link) -> Self {
        Self {
            organization_id: link.org.as_str(),
            auto_membership: link.onboarding.auto_membership,
            membership_type: MembershipType::of(link.onboarding.managed),
        }
    }
}

/// The same, as it is received to change how one organization uses one provider.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkDraftJson {
    /// Ignored: the path says which.
    #[serde(rename = "organizationId")]
    _organization_id: Option<Value>,
    /// True unless told otherwise.
    pub auto_membership: Option<bool>,
    /// `UNMANAGED` unless told otherwise.
    pub membership_type: Option<String>,
}

impl<'a> ProviderJson<'a> {
    /// All of it: for who administers the realm.
    #[must_use]
    pub fn full(provider: &'a Provider) -> Self {
        Self::with_links(provider, &provider.links.iter().collect::<Vec<_>>())
    }

    /// As one organization sees it: who else uses it is nobody's business.
    #[must_use]
    pub fn seen_by(provider: &'a Provider, org: &OrgId) -> Self {
        let own: Vec<&Link> = provider.links.iter().filter(|link| link.org == *org).collect();
        Self::with_links(provider, &own)
    }

    /// As an export takes it along: its use by organizations stands elsewhere, and
    /// a secret that is missing is there as it was.
    #[must_use]
    pub fn carried(provider: &'a Provider) -> Self {
        let mut json = Self::with_links(provider, &[]);
        if provider.settings.awaits_secret {
            json.config.insert(CLIENT_SECRET.to_owned(), MASK.to_owned());
        }
        json
    }

    fn with_links(provider: &'a Provider, links: &[&'a Link]) -> Self {
        let settings = &provider.settings;
        Self {
            alias: provider.alias.as_str(),
            display_name: settings.display_name.as_deref(),
            internal_id: provider.id.as_str(),
            provider_id: &provider.kind,
            enabled: settings.enabled,
            trust_email: settings.trust_email,
            store_token: settings.store_token,
            add_read_token_role_on_create: settings.add_read_token_role_on_create,
            authenticate_by_default: settings.authenticate_by_default,
            link_only: settings.link_only,
            hide_on_login: settings.hide_on_login,
            first_broker_login_flow_alias: settings.first_broker_login_flow_alias.as_deref(),
            post_broker_login_flow_alias: settings.post_broker_login_flow_alias.as_deref(),
            organization_id: match links {
                [only] => Some(only.org.as_str()),
                _ => None,
            },
            organization_links: links.iter().map(|link| LinkJson::from(*link)).collect(),
            config: config_of(provider, links),
            types: [kind::TYPE],
        }
    }
}

fn config_of(provider: &Provider, links: &[&Link]) -> Config {
    let mut config = provider.settings.config.clone();
    if provider.secret.is_some() {
        config.insert(CLIENT_SECRET.to_owned(), MASK.to_owned());
    }
    if links.is_empty() {
        return config;
    }
    let orgs: Vec<&str> = links.iter().map(|link| link.org.as_str()).collect();
    let domains: BTreeSet<&str> =
        links.iter().flat_map(|link| &link.domains).map(String::as_str).collect();
    config.insert(ORG.to_owned(), orgs.join(SEPARATOR));
    config.insert(SHARED.to_owned(), provider.is_shared().to_string());
    if !domains.is_empty() {
        let domains: Vec<&str> = domains.into_iter().collect();
        config.insert(DOMAINS.to_owned(), domains.join(SEPARATOR));
    }
    config
}

/// `LinkIdp`. Lenient, as Phase Two is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LinkRequest {
    /// Which provider. Required.
    pub alias: Option<String>,
    /// The flow after each login.
    pub post_broker_flow: Option<String>,
    /// When claims are read again.
    pub sync_mode: Option<String>,
    /// The e-mail domains that lead to the provider.
    pub domains: Option<Vec<Option<String>>>,
}

/// A mapper, as it is received.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MapperRequest {
    name: Option<String>,
    identity_provider_mapper: Option<String>,
    #[serde(default, deserialize_with = "scalars")]
    config: Config,
    id: Option<Value>,
    /// Where no path names the provider.
    identity_provider_alias: Option<Value>,
}

impl MapperRequest {
    /// The key that the mapper has, or had elsewhere; `None` when it is none. The
    /// paths, which name the mapper or make one, do not ask.
    #[must_use]
    pub fn id(&self) -> Option<MapperId> {
        self.id.as_ref()?.as_str()?.parse().ok()
    }

    /// The provider that the request names itself.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        self.identity_provider_alias.as_ref().and_then(Value::as_str)
    }

    /// What the mapper shall be called.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The mapper under `id`.
    ///
    /// # Errors
    /// `Field` when its name or its kind is missing or too long.
    pub fn mapper(self, id: MapperId) -> Result<Mapper, ProviderError> {
        let fits = |text: &String| (1..=MAX_NAME_BYTES).contains(&text.len());
        let name = self.name.filter(fits).ok_or(ProviderError::Field("name is missing"))?;
        let kind = self
            .identity_provider_mapper
            .filter(fits)
            .ok_or(ProviderError::Field("identityProviderMapper is missing"))?;
        Ok(Mapper { id, name, kind, config: self.config })
    }
}

/// A mapper, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MapperJson<'a> {
    id: &'a str,
    name: &'a str,
    identity_provider_alias: &'a str,
    identity_provider_mapper: &'a str,
    config: &'a Config,
}

impl<'a> MapperJson<'a> {
    /// A mapper of the provider called `alias`.
    #[must_use]
    pub fn of(mapper: &'a Mapper, alias: &'a str) -> Self {
        Self {
            id: mapper.id.as_str(),
            name: &mapper.name,
            identity_provider_alias: alias,
            identity_provider_mapper: &mapper.kind,
            config: &mapper.config,
        }
    }
}
