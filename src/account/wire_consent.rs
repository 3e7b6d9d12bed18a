//! Consents as Keycloak's administration API writes them (`UserConsentRepresentation`,
//! and what its `consents` path puts around it).
use super::consent::Consent;
use crate::kernel::id::{ClientUuid, OrgId};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a user allowed to one client.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsentJson<'a> {
    client_id: &'a str,
    granted_client_scopes: Vec<&'a str>,
    /// In milliseconds.
    created_date: i64,
    /// In milliseconds.
    last_updated_date: i64,
    /// Keycloak lists offline tokens here.
    additional_grants: [(); 0],
    /// Ours: for which organizations.
    organizations: Vec<&'a OrgId>,
}

impl<'a> ConsentJson<'a> {
    /// One entry for each client that `names` knows, by its name.
    #[must_use]
    pub fn list(given: &'a [Consent], names: &'a BTreeMap<ClientUuid, String>) -> Vec<Self> {
        let mut list: BTreeMap<&str, Self> = BTreeMap::new();
        for consent in given {
            let Some(client_id) = names.get(&consent.client) else { continue };
            let entry = list.entry(client_id).or_insert_with(|| Self {
                client_id,
                granted_client_scopes: Vec::new(),
                created_date: consent.given_at.as_unix_millis(),
                last_updated_date: 0,
                additional_grants: [],
                organizations: Vec::new(),
            });
            entry.created_date = entry.created_date.min(consent.given_at.as_unix_millis());
            entry.last_updated_date =
                entry.last_updated_date.max(consent.updated_at.as_unix_millis());
            entry.organizations.extend(&consent.org);
            for scope in &consent.scopes {
                if !entry.granted_client_scopes.contains(&scope.as_str()) {
                    entry.granted_client_scopes.push(scope);
                }
            }
        }
        list.into_values().collect()
    }
}
