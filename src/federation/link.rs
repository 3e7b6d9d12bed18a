//! Which organizations use a provider.
use super::change::{find, path_of, statements_of_use};
use super::desk::Desk;
use super::error::ProviderError;
use super::provider::{self, Provider, SYNC_MODE};
use super::store;
use super::wire::LinkRequest;
use crate::event::audit::{Change, Operation};
use crate::kernel::alias::Alias;
use crate::kernel::id::OrgId;
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
/// `Store`.
pub async fn unlink(
    desk: &Desk<'_>,
    org: &OrgId,
    provider: &Provider,
) -> Result<(), ProviderError> {
    let statement = store::link::deletion(&desk.context.realm.id, org, provider);
    desk.commit(vec![statement], change(&provider.alias, org, Operation::Delete)).await?;
    Ok(())
}

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
