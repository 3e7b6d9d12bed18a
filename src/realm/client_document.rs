//! Clients that nobody registered: their `client_id` is the https URL of a document
//! that says what they are (draft-ietf-oauth-client-id-metadata-document), as MCP's
//! clients have it. Off unless the realm's attribute [`SWITCH`] is `true`.
use super::client::{Client, ClientSettings};
use super::client_change;
use super::client_metadata::{self, ClientMetadata};
use super::context::RealmContext;
use super::settings::Realm;
use crate::crypto::digest::sha256;
use crate::kernel::id::ClientUuid;
use crate::platform::fetch::{FetchError, Get};
use serde_json::{Value, json};
use uuid::Uuid;

/// The realm attribute that switches it on.
pub const SWITCH: &str = "clientIdMetadataDocuments";

/// Longest document, in bytes: what the draft recommends.
pub const MAX_DOCUMENT_BYTES: usize = 5 * 1024;

/// Longest URL that is gone to.
const MAX_URL_BYTES: usize = 512;

/// Why a URL is no client.
#[derive(Debug, thiserror::Error)]
pub enum NotAClient {
    /// Not an https URL with a path and without what could hide where it leads.
    #[error("the URL cannot name a client")]
    Url,
    /// The document was not to be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It was not answered with 200.
    #[error("the document was answered with {0}")]
    Status(u16),
    /// It is too long.
    #[error("the document has more than {MAX_DOCUMENT_BYTES} bytes (MAX_DOCUMENT_BYTES)")]
    TooLong,
    /// It is no document of that client.
    #[error("the document is not one of this client: {0}")]
    Document(String),
}

/// Whether the realm has such clients.
#[must_use]
pub fn is_on(realm: &Realm) -> bool {
    realm.settings.attributes.get(SWITCH).is_some_and(|value| value == "true")
}

/// Whether a `client_id` may be such a URL, before anything is fetched.
#[must_use]
pub fn is_url(client_id: &str) -> bool {
    client_id.len() <= MAX_URL_BYTES
        && client_id.starts_with("https://")
        && url::Url::parse(client_id).is_ok_and(|url| {
            // To the letter, or two names would be one client.
            url.as_str() == client_id
                && url.path() != "/"
                && url.fragment().is_none()
                && url.query().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        })
}

/// Fetches the document and reads the client in it. A public client: it has no
/// secret, and PKCE protects it as every other.
///
/// # Errors
/// As [`NotAClient`] says.
pub async fn fetch(context: &RealmContext<'_>, client_id: &str) -> Result<Client, NotAClient> {
    if !is_url(client_id) {
        return Err(NotAClient::Url);
    }
    let get = Get { url: client_id.to_owned(), accept: "application/json" };
    let fetched = context.ports.outside.get(&get).await?;
    if fetched.status != 200 {
        return Err(NotAClient::Status(fetched.status));
    }
    if fetched.body.len() > MAX_DOCUMENT_BYTES {
        return Err(NotAClient::TooLong);
    }
    read(client_id, &fetched.body)
}

fn read(client_id: &str, document: &[u8]) -> Result<Client, NotAClient> {
    let wrong = |why: &str| NotAClient::Document(why.to_owned());
    let document: Value = crate::web::json::read(document).map_err(|_| wrong("it is no JSON"))?;
    if document["client_id"] != client_id {
        return Err(wrong("its client_id is another"));
    }
    if document.get("client_secret").is_some() {
        return Err(wrong("it tells a secret"));
    }
    let mut metadata: ClientMetadata = serde_json::from_value(document)
        .map_err(|error| NotAClient::Document(error.to_string()))?;
    metadata.become_public();
    client_metadata::check(&metadata, &offered())
        .map_err(|error| NotAClient::Document(error.to_string()))?;
    let settings = settings(&metadata, client_id).ok_or_else(|| wrong("it asks too much"))?;
    Ok(Client {
        uuid: uuid_of(client_id),
        client_id: client_id.to_owned(),
        secret_hash: None,
        service_account: None,
        settings,
    })
}

/// A client that may do nothing.
#[must_use]
pub fn nobody(client_id: &str) -> Client {
    Client {
        uuid: uuid_of(client_id),
        client_id: client_id.to_owned(),
        secret_hash: None,
        service_account: None,
        settings: ClientSettings { enabled: false, ..ClientSettings::default() },
    }
}

/// What such a client can be.
fn offered() -> Value {
    json!({
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["none"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256", "EdDSA"],
        "subject_types_supported": ["public"],
    })
}

fn settings(metadata: &ClientMetadata, client_id: &str) -> Option<ClientSettings> {
    let mut asked = serde_json::from_value(metadata.to_representation(client_id)).ok()?;
    let wanted = client_change::change(&mut asked, None).ok()?;
    Some(wanted.settings)
}

/// A key that is the same every time, and nobody else's: of a URL's digest.
fn uuid_of(client_id: &str) -> ClientUuid {
    let digest = sha256(client_id.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest).for_each(|(byte, of)| *byte = of);
    ClientUuid::from(uuid::Builder::from_custom_bytes(bytes).into_uuid() as Uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://app.example/oauth/client.json";

    #[test]
    fn a_url_that_could_lead_elsewhere_names_nobody() {
        assert!(is_url(URL));
        for url in [
            "http://app.example/client",
            "https://app.example",
            "https://app.example/",
            "https://app.example/client#x",
            "https://app.example/client?x=1",
            "https://user@app.example/client",
            "https://app.example/a/../client",
            "https://APP.example/client",
            "https://app.example:443/client",
            "ftp://app.example/client",
            "travel0-web",
        ] {
            assert!(!is_url(url), "{url}");
        }
        assert!(!is_url(&format!("{URL}{}", "x".repeat(MAX_URL_BYTES))));
    }

    #[test]
    fn a_document_makes_a_public_client() {
        let document = json!({
            "client_id": URL,
            "client_name": "Notes",
            "redirect_uris": ["https://app.example/cb", "http://localhost/cb"],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let client = read(URL, document.to_string().as_bytes()).unwrap();
        assert!(client.is_public() && client.service_account.is_none());
        assert_eq!((client.client_id.as_str(), client.settings.name.as_str()), (URL, "Notes"));
        assert!(client.has_redirect_uri("https://app.example/cb"));
        assert!(!client.has_redirect_uri("https://app.example/other"));
        assert_eq!(client.uuid, uuid_of(URL));
    }

    #[test]
    fn a_document_that_is_another_s_or_asks_too_much_makes_none() {
        let with = |name: &str, value: Value| {
            let mut document =
                json!({ "client_id": URL, "redirect_uris": ["https://app.example/cb"] });
            document[name] = value;
            document.to_string()
        };
        for document in [
            with("client_id", json!("https://app.example/oauth/other.json")),
            with("client_id", Value::Null),
            with("client_secret", json!("secret")),
            with("token_endpoint_auth_method", json!("client_secret_basic")),
            with("grant_types", json!(["client_credentials"])),
            with("redirect_uris", json!(["https://*.example/cb"])),
            with("redirect_uris", json!([])),
            "[]".to_owned(),
            String::new(),
        ] {
            assert!(read(URL, document.as_bytes()).is_err(), "{document}");
        }
    }
}
