//! What a realm says of clients that register themselves, by its attributes: who may
//! without a token, as what, and what they are spared.
use super::discovery;
use super::registration::Refusal;
use crate::realm::client::{NO_PKCE, PKCE_METHOD};
use crate::realm::client_metadata::ClientMetadata;
use crate::realm::context::RealmContext;
use crate::realm::store::registration;
use serde_json::Value;

/// The realm attribute that lets anybody register a client: `true`.
pub const ANONYMOUS: &str = "clientRegistration.anonymous";

/// The realm attribute that says on which hosts a client that anybody registers may
/// be: names between commas, or `*`. Without it, on the person's own machine only.
pub const TRUSTED_HOSTS: &str = "clientRegistration.trustedHosts";

/// The realm attribute that says what such a client may ask for: scopes between
/// spaces. Without it, what discovery offers.
pub const ALLOWED_SCOPES: &str = "clientRegistration.allowedScopes";

/// The realm attribute that says how many clients a realm may have before nobody
/// may register one without a token.
pub const MAX_CLIENTS: &str = "clientRegistration.maxClients";

/// The realm attribute that spares clients PKCE which register themselves and prove
/// who they are: `true`. RFC 9700 §2.1.1 recommends it to them, so it is off unless
/// somebody says otherwise; clients of before PKCE, and certification suites, know
/// nothing of it. A public client is never spared.
pub const WITHOUT_PKCE: &str = "clientRegistration.withoutPkce";

/// What [`MAX_CLIENTS`] is where the attribute does not say; Keycloak's.
pub const DEFAULT_MAX_CLIENTS: i64 = 200;

/// The most that the attribute may say.
const MOST_CLIENTS: i64 = 100_000;

/// What anybody may register.
///
/// # Errors
/// `Policy` and `Store`.
pub async fn check(context: &RealmContext<'_>, metadata: &ClientMetadata) -> Result<(), Refusal> {
    let attributes = &context.realm.settings.attributes;
    if metadata.has_grant("client_credentials") {
        let why = "client_credentials is not registered without an initial access token";
        return Err(Refusal::Policy(why.to_owned()));
    }
    let hosts = attributes.get(TRUSTED_HOSTS).map_or("", String::as_str);
    if let Some(address) = metadata.addresses().find(|address| !is_trusted(hosts, address)) {
        return Err(Refusal::Policy(format!("{address} is not on a trusted host")));
    }
    let allowed: Vec<String> = match attributes.get(ALLOWED_SCOPES) {
        Some(words) => words.split_whitespace().map(str::to_owned).collect(),
        None => discovery::scopes(context).await?,
    };
    let mut asked = metadata.scope.as_deref().unwrap_or_default().split_whitespace();
    if let Some(word) = asked.find(|word| !allowed.iter().any(|known| known == word)) {
        return Err(Refusal::Policy(format!("the scope {word} is not registered for everybody")));
    }
    Ok(())
}

/// Whether the realm has room for a client that nobody vouches for.
///
/// # Errors
/// `Full` and `Store`.
pub async fn check_room(context: &RealmContext<'_>) -> Result<(), Refusal> {
    let attributes = &context.realm.settings.attributes;
    let most = attributes.get(MAX_CLIENTS).and_then(|text| text.parse().ok());
    let most: i64 = most.unwrap_or(DEFAULT_MAX_CLIENTS).clamp(0, MOST_CLIENTS);
    let directory = &*context.ports.directory;
    let known = registration::count_clients(directory, &context.realm.id).await?;
    if known < most { Ok(()) } else { Err(Refusal::Full) }
}

/// Says of a client that is about to be made what [`WITHOUT_PKCE`] spares it. It is
/// kept with the client, where an administrator sees it.
pub fn relax(context: &RealmContext<'_>, metadata: &ClientMetadata, asked: &mut Value) {
    let attribute = context.realm.settings.attributes.get(WITHOUT_PKCE);
    if attribute.is_some_and(|value| value == "true") && !metadata.is_public() {
        asked["attributes"][PKCE_METHOD] = NO_PKCE.into();
    }
}

/// The person's own machine is where whoever registers is anyway.
fn is_trusted(hosts: &str, address: &str) -> bool {
    let Ok(url) = url::Url::parse(address) else { return false };
    let host = url.host_str().unwrap_or_default();
    if ["localhost", "127.0.0.1", "[::1]"].contains(&host) || !url.has_host() {
        return true;
    }
    hosts.split(',').map(str::trim).any(|trusted| trusted == "*" || trusted == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_trusted_by_its_whole_name() {
        for (hosts, address, trusted) in [
            ("", "http://localhost:3000/cb", true),
            ("", "com.example.app:/cb", true),
            ("", "https://app.example/cb", false),
            ("app.example, other.example", "https://other.example/cb", true),
            ("app.example", "https://app.example.evil.example/cb", false),
            ("app.example", "https://evilapp.example/cb", false),
            ("app.example", "https://sub.app.example/cb", false),
            ("*", "https://anywhere.example/cb", true),
            ("*", "nowhere", false),
        ] {
            assert_eq!(is_trusted(hosts, address), trusted, "{hosts}: {address}");
        }
    }
}
