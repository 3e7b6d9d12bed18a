//! Making, changing and removing identity providers.
use super::desk::Desk;
use super::error::ProviderError;
use super::link;
use super::provider::{self, Link, Provider, SYNC_MODE, Settings, VALIDATION_PENDING};
use super::store;
use super::wire::{LinksRequest, ProviderJson, ProviderRequest, SecretRequest};
use crate::event::audit::{Change, Operation};
use crate::kernel::alias::Alias;
use crate::kernel::id::{OrgId, ProviderUuid, RealmId};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::settings::{self, SyncMode};

/// What a first login does unless told otherwise: Keycloak's flow.
const FIRST_BROKER_LOGIN: &str = "first broker login";

/// The provider called `alias`.
///
/// # Errors
/// `Unknown` when the realm has none.
pub async fn find(desk: &Desk<'_>, alias: &str) -> Result<Provider, ProviderError> {
    let unknown = ProviderError::Unknown("identity provider");
    let Ok(alias) = alias.parse::<Alias>() else { return Err(unknown) };
    let found =
        store::provider::find(&*desk.context.ports.directory, &desk.context.realm.id, &alias);
    found.await?.ok_or(unknown)
}

/// Makes a provider. One made by an organization is that organization's, does
/// not show on the realm's login page, and waits for validation where the realm
/// asks for it (reference phasetwo.md §1.8). One made by the realm is used by `joined`,
/// if by any.
///
/// # Errors
/// `Taken`; `Bad` and `Field` when it cannot be.
pub async fn create(
    desk: &Desk<'_>,
    asked: ProviderRequest,
    joined: Option<&OrgId>,
) -> Result<Provider, ProviderError> {
    let ProviderDraft { provider, mut statements } = creation(desk, asked)?;
    statements.extend(joined.map(|org| link::insertion(desk, org, &provider)).transpose()?);
    let committed = desk.commit(statements, change(desk, &provider, Operation::Create)).await;
    committed.map_err(|error| {
        if error.is_conflict_on("identity_provider.alias") {
            ProviderError::Taken(provider.alias.as_str().to_owned())
        } else {
            error.into()
        }
    })?;
    Ok(provider)
}

/// A provider that can be, and how it is written.
pub struct ProviderDraft {
    /// The provider.
    pub provider: Provider,
    /// What writes it, to go into one batch.
    pub statements: Vec<Statement>,
}

/// A new provider, as [`create`] makes it.
///
/// # Errors
/// `Bad` and `Field` when it cannot be.
pub fn creation(desk: &Desk<'_>, asked: ProviderRequest) -> Result<ProviderDraft, ProviderError> {
    let realm = &desk.context.realm;
    let mut provider = new_provider(desk, asked, None)?;
    let mut links = Vec::new();
    if let Some(org) = desk.org {
        adopt(&mut provider, &realm.settings);
        links = statements_of_use(desk, org, &provider, &[])?;
    }
    provider::check(&provider)?;
    let mut statements = vec![store::provider::insertion(&realm.id, &provider)?];
    statements.append(&mut links);
    Ok(ProviderDraft { provider, statements })
}

/// `asked` in the place of `old`, of whatever kind: its key stays, and unless the
/// request says otherwise the organizations that use it, and its secret. Its
/// mappers go.
///
/// # Errors
/// As [`creation`].
pub fn replacement(
    desk: &Desk<'_>,
    old: &Provider,
    asked: ProviderRequest,
) -> Result<ProviderDraft, ProviderError> {
    let realm = &desk.context.realm.id;
    let links = asked.links()?;
    let provider = new_provider(desk, asked, Some(old))?;
    provider::check(&provider)?;
    let mut statements =
        vec![store::provider::deletion(realm, old), store::provider::insertion(realm, &provider)?];
    match links {
        Some(links) => statements.extend(statements_of_links(desk, realm, &provider, &links)?),
        None => {
            for link in &old.links {
                let now = desk.context.now;
                statements.push(store::link::insertion(realm, &provider, link, now)?);
            }
        }
    }
    Ok(ProviderDraft { provider, statements })
}

/// The provider that a request describes; with the key and the secret of `old`,
/// if it takes that one's place.
fn new_provider(
    desk: &Desk<'_>,
    asked: ProviderRequest,
    old: Option<&Provider>,
) -> Result<Provider, ProviderError> {
    let alias = asked.alias.as_deref().unwrap_or_default();
    let alias = alias.parse().map_err(|_| {
        ProviderError::Field("alias is missing, or holds a character that a URL cannot")
    })?;
    let kind = asked.provider_id.clone().ok_or(ProviderError::Field("providerId is missing"))?;
    let (mut settings, secret) = asked.settings();
    settings.first_broker_login_flow_alias.get_or_insert_with(|| FIRST_BROKER_LOGIN.to_owned());
    let fresh = || ProviderUuid::from(desk.context.ports.random.uuid());
    let mut provider = Provider {
        id: old.map_or_else(fresh, |old| old.id.clone()),
        alias,
        kind,
        settings,
        secret: old.and_then(|old| old.secret.clone()),
        links: Vec::new(),
        created_at: old.map_or(desk.context.now, |old| old.created_at),
    };
    provider.secret = secret_of(desk, &provider, secret)?;
    Ok(provider)
}

fn secret_of(
    desk: &Desk<'_>,
    provider: &Provider,
    asked: SecretRequest,
) -> Result<Option<String>, ProviderError> {
    match asked {
        SecretRequest::None => Ok(None),
        SecretRequest::Keep => Ok(provider.secret.clone()),
        SecretRequest::Set(secret) => desk.encrypt(provider, &secret).map(Some),
    }
}

/// What an organization's provider is, whatever was asked.
pub fn adopt(provider: &mut Provider, realm: &settings::Settings) {
    let settings = &mut provider.settings;
    settings.hide_on_login = true;
    settings
        .config
        .entry(SYNC_MODE.to_owned())
        .or_insert_with(|| realm.sync_mode.unwrap_or(SyncMode::Force).as_str().to_owned());
    if settings.post_broker_login_flow_alias.is_none() {
        settings.post_broker_login_flow_alias.clone_from(&realm.post_broker_flow);
    }
    if realm.validate_idp {
        settings.config.insert(VALIDATION_PENDING.to_owned(), "true".to_owned());
    } else {
        settings.config.remove(VALIDATION_PENDING);
    }
}

/// The statements that let `org` use `provider`. Where the realm lets an
/// organization have one provider only, an enabled one takes the place of the
/// others, which stay with the realm.
///
/// # Errors
/// `Refused` when something cannot be written as JSON.
pub fn statements_of_use(
    desk: &Desk<'_>,
    org: &OrgId,
    provider: &Provider,
    domains: &[String],
) -> Result<Vec<Statement>, StoreError> {
    let realm = &desk.context.realm;
    let link = Link::new(org.clone()).led_to_by(domains.to_vec());
    let mut statements =
        vec![store::link::insertion(&realm.id, provider, &link, desk.context.now)?];
    if !realm.settings.multiple_idps && provider.settings.enabled {
        statements.push(store::link::deletion_of_other_providers(&realm.id, org, provider));
    }
    Ok(statements)
}

/// Replaces the settings of `provider`; the alias, the kind and the id stay. On
/// an organization's path, so do the organizations, and what only a login may
/// clear: the wait for validation. On the realm's, `joined` is to use it, too.
///
/// # Errors
/// `Bad` when it cannot be so.
pub async fn replace(
    desk: &Desk<'_>,
    mut provider: Provider,
    asked: ProviderRequest,
    joined: Option<&OrgId>,
) -> Result<(), ProviderError> {
    let links = if desk.org.is_none() { asked.links()? } else { None };
    let (settings, secret) = asked.settings();
    provider.secret = secret_of(desk, &provider, secret)?;
    provider.settings =
        if desk.org.is_some() { as_an_organization_may(&provider, settings) } else { settings };
    provider::check(&provider)?;
    let realm = &desk.context.realm.id;
    let mut statements = vec![store::provider::update(realm, &provider)?];
    if let Some(links) = links {
        statements.extend(statements_of_links(desk, realm, &provider, &links)?);
    }
    statements.extend(joined.map(|org| link::insertion(desk, org, &provider)).transpose()?);
    desk.commit(statements, change(desk, &provider, Operation::Update)).await?;
    Ok(())
}

fn as_an_organization_may(before: &Provider, mut asked: Settings) -> Settings {
    asked.hide_on_login = true;
    match before.settings.config.get(VALIDATION_PENDING) {
        Some(pending) => asked.config.insert(VALIDATION_PENDING.to_owned(), pending.clone()),
        None => asked.config.remove(VALIDATION_PENDING),
    };
    asked
}

fn statements_of_links(
    desk: &Desk<'_>,
    realm: &RealmId,
    provider: &Provider,
    asked: &LinksRequest,
) -> Result<Vec<Statement>, StoreError> {
    let mut statements = vec![store::link::deletion_of_other_orgs(provider, &asked.orgs)?];
    for org in &asked.orgs {
        let link = Link::new(org.clone()).led_to_by(asked.domains.clone());
        statements.push(store::link::insertion(realm, provider, &link, desk.context.now)?);
    }
    Ok(statements)
}

/// Removes `provider`, with its mappers and its links.
///
/// # Errors
/// `Store`.
pub async fn delete(desk: &Desk<'_>, provider: &Provider) -> Result<(), ProviderError> {
    let statement = store::provider::deletion(&desk.context.realm.id, provider);
    desk.commit(vec![statement], change(desk, provider, Operation::Delete)).await?;
    Ok(())
}

/// What the audit trail has of a change to `provider`.
#[must_use]
pub fn change(desk: &Desk<'_>, provider: &Provider, operation: Operation) -> Change {
    let json = match desk.org {
        Some(org) => serde_json::to_value(ProviderJson::seen_by(provider, org)),
        None => serde_json::to_value(ProviderJson::full(provider)),
    };
    Change {
        resource_type: "IDENTITY_PROVIDER",
        operation,
        path: path_of(&provider.alias),
        representation: json.ok(),
    }
}

/// The place of the provider called `alias` on the realm's paths, as Keycloak's events name it.
#[must_use]
pub fn path_of(alias: &Alias) -> String {
    format!("identity-provider/instances/{alias}")
}
