//! Fetching a provider's keys anew. Nobody keeps a copy of them yet but as far
//! as the isolate remembers anything; what this tells is whether the provider
//! publishes keys where its configuration says.
use super::import;
use super::provider::{Config, Provider};
use crate::platform::fetch::{Get, Outside};
use crate::platform::memo::Memo;
use serde_json::Value;

/// Forgets what this isolate remembers, and answers whether the provider's keys
/// were read: `false` also for a provider that names no place for them.
pub async fn reload(outside: &Outside, memo: &Memo, provider: &Provider) -> bool {
    memo.clear();
    let config = &provider.settings.config;
    let Some(get) = place_of_keys(&provider.kind, config) else { return false };
    match outside.get(&get).await {
        Ok(fetched) if fetched.status == 200 => has_keys(&provider.kind, &fetched.body),
        Ok(fetched) => {
            tracing::info!("A provider's keys were not read: status {}", fetched.status);
            false
        }
        Err(error) => {
            tracing::info!("A provider's keys were not read: {error}");
            false
        }
    }
}

/// Where the keys are: none when signatures are not looked at, or by keys that
/// the configuration holds itself.
fn place_of_keys(kind: &str, config: &Config) -> Option<Get> {
    let is_on = |name: &str| config.get(name).is_some_and(|value| value == "true");
    if !is_on("validateSignature") {
        return None;
    }
    let (switch, place, accept) = match kind {
        "oidc" | "keycloak-oidc" => ("useJwksUrl", "jwksUrl", "application/json"),
        "saml" => ("useMetadataDescriptorUrl", "metadataDescriptorUrl", "text/xml"),
        _ => return None,
    };
    let url = config.get(place).filter(|url| is_on(switch) && !url.is_empty())?;
    Some(Get { url: url.clone(), accept })
}

fn has_keys(kind: &str, body: &[u8]) -> bool {
    if kind == "saml" {
        let read = import::read(kind, body);
        return read.is_ok_and(|config| config.contains_key("signingCertificate"));
    }
    let set: Option<Value> = serde_json::from_slice(body).ok();
    let keys = set.as_ref().and_then(|set| set.get("keys")).and_then(Value::as_array);
    keys.is_some_and(|keys| !keys.is_empty())
}
