//! Which organizations use a provider.
use super::change::{find, path_of, statements_of_use};
use super::desk::Desk;
use super::error::ProviderError;
use super::provider::{self, Link, Onboarding, Provider, SYNC_MODE};
use super::store;
use super::wire::LinkRequest;
use crate::event::audit::{Change, Operation};
use crate::kernel::alias::Alias;
use crate::kernel::id::OrgId;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::error::AdminError;
use serde_json::json;

/// Lets `org` use a provider of the realm. Where the realm does not share
/// providers, the organizations that used it no longer do (reference phasetwo.md
/// §1.8 and §2).
///
/// # Errors
/// `UnknownAlias`, `Disabled`; `Field` without an alias.
pub async fn link(
    desk: &Desk<'_>,
    org: &OrgId,
    asked: LinkRequest,
) -> Result<Provider, ProviderError> {
    let alias = asked.alias.ok_or(ProviderError::Field("alias is missing"))?;
    let mut provider = match find(desk, &alias).await {
        Err(ProviderError::Unknown(_)) => return Err(ProviderError::UnknownAlias(alias)),
        found => found?,
    };
    if !provider.settings.enabled {
        return Err(ProviderError::Disabled(alias));
    }
    provider.settings.hide_on_login = true;
    if let Some(flow) = asked.post_broker_flow {
        provider.settings.post_broker_login_flow_alias = Some(flow);
    }
    if let Some(mode) = asked.sync_mode {
        provider.settings.config.insert(SYNC_MODE.to_owned(), mode);
    }
    provider::check(&provider)?;
    let domains: Vec<String> = asked
        .domains
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .map(|domain| domain.trim().to_lowercase())
        .filter(|domain| !domain.is_empty())
        .collect();
    let realm = &desk.context.realm;
    let mut statements = vec![store::provider::update(&realm.id, &provider)?];
    if !realm.settings.shared_idps {
        let only = std::slice::from_ref(org);
        statements.push(store::link::deletion_of_other_orgs(&provider, only)?);
    }
    statements.extend(statements_of_use(desk, org, &provider, &domains)?);
    desk.commit(statements, change(&provider.alias, org, Operation::Create)).await?;
    desk.context.ports.faults.reach("idp.link.after_directory").await;
    Ok(provider)
}

/// Ends the use of `provider` by `org`; the provider stays with the realm.
///
/// # Errors
/// When the directory fails.
pub async fn unlink(desk: &Desk<'_>, org: &OrgId, provider: &Provider) -> Result<(), StoreError> {
    let statement = store::link::deletion(&desk.context.realm.id, org, provider);
    desk.commit(vec![statement], change(&provider.alias, org, Operation::Delete)).await?;
    Ok(())
}

/// Lets `org` use `provider` too: Keycloak's way, in which nothing else changes.
///
/// # Errors
/// `Invalid` where the realm lets one organization use a provider, and another does.
pub async fn add(desk: &Desk<'_>, org: &OrgId, provider: &Provider) -> Result<(), AdminError> {
    let statement = insertion(desk, org, provider)?;
    desk.commit(vec![statement], change(&provider.alias, org, Operation::Create)).await?;
    Ok(())
}

/// The statement of [`add`].
///
/// # Errors
/// As [`add`].
pub fn insertion(
    desk: &Desk<'_>,
    org: &OrgId,
    provider: &Provider,
) -> Result<Statement, AdminError> {
    let realm = &desk.context.realm;
    if !realm.settings.shared_idps && provider.links.iter().any(|link| link.org != *org) {
        let words = "Identity provider already associated with a different organization";
        return Err(AdminError::Invalid(words.to_owned()));
    }
    let link = Link::new(org.clone());
    Ok(store::link::insertion(&realm.id, provider, &link, desk.context.now)?)
}

/// Says what becomes of who signs in through `provider` to `org`.
///
/// # Errors
/// `Invalid` where another organization manages the accounts that come from there.
pub async fn set_onboarding(
    desk: &Desk<'_>,
    org: &OrgId,
    provider: &Provider,
    wanted: Onboarding,
) -> Result<(), AdminError> {
    let statement = store::link::onboarding(&desk.context.realm.id, org, provider, wanted);
    let change = Change {
        representation: serde_json::to_value(wanted).ok(),
        ..change(&provider.alias, org, Operation::Update)
    };
    match desk.commit(vec![statement], change).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_conflict_on(MANAGER) => Err(AdminError::Invalid(
            "Another organization manages the accounts of this identity provider".to_owned(),
        )),
        Err(error) => Err(error.into()),
    }
}

/// The column of which the unique index says that one organization manages.
const MANAGER: &str = "identity_provider_org.identity_provider_id";

/// What the audit trail has of the use of a provider. Phase Two writes no event
/// for this; an audit trail must.
#[must_use]
pub fn change(alias: &Alias, org: &OrgId, operation: Operation) -> Change {
    Change {
        resource_type: "IDENTITY_PROVIDER",
        operation,
        path: format!("{}/organizations/{org}", path_of(alias)),
        representation: Some(json!({ "alias": alias })),
    }
}
