//! Reading a provider's configuration from what the provider publishes: an
//! OpenID Connect discovery document, or SAML 2.0 metadata. The keys of the
//! result are those of Keycloak's `config`.
use super::provider::Config;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

/// SAML 2.0 metadata (OASIS saml-metadata-2.0-os).
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";

/// XML Signature.
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

const POST_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

const REDIRECT_BINDING: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

/// What cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMetadata {
    /// Not JSON, or without what a provider must publish (OpenID Connect
    /// Discovery 1.0 §3).
    #[error("not an OpenID Connect discovery document: {0}")]
    Discovery(String),
    /// Not XML, or no metadata of an identity provider.
    #[error("not SAML 2.0 metadata of an identity provider: {0}")]
    Saml(String),
}

/// Reads `text`, which a provider of `kind` publishes.
///
/// # Errors
/// [`BadMetadata`].
pub fn read(kind: &str, text: &[u8]) -> Result<Config, BadMetadata> {
    if kind == "saml" { saml(text) } else { discovery(text) }
}

fn discovery(text: &[u8]) -> Result<Config, BadMetadata> {
    let bad = |why: &str| BadMetadata::Discovery(why.to_owned());
    let document: Value = serde_json::from_slice(text).map_err(|error| bad(&error.to_string()))?;
    let member = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut config = Config::new();
    for (name, key) in [
        ("issuer", "issuer"),
        ("authorization_endpoint", "authorizationUrl"),
        ("token_endpoint", "tokenUrl"),
    ] {
        let value = member(name).ok_or_else(|| bad(&format!("{name} is missing")))?;
        config.insert(key.to_owned(), value);
    }
    for (name, key) in [
        ("userinfo_endpoint", "userInfoUrl"),
        ("end_session_endpoint", "logoutUrl"),
        ("introspection_endpoint", "tokenIntrospectionUrl"),
        ("jwks_uri", "jwksUrl"),
    ] {
        if let Some(value) = member(name) {
            config.insert(key.to_owned(), value);
        }
    }
    if config.contains_key("jwksUrl") {
        for key in ["useJwksUrl", "validateSignature"] {
            config.insert(key.to_owned(), "true".to_owned());
        }
    }
    Ok(config)
}

fn saml(text: &[u8]) -> Result<Config, BadMetadata> {
    let bad = |why: &str| BadMetadata::Saml(why.to_owned());
    let text = std::str::from_utf8(text).map_err(|_| bad("it is not UTF-8"))?;
    // No DTD: nothing to expand, nothing to fetch.
    let document = Document::parse_with_options(text, ParsingOptions::default())
        .map_err(|error| bad(&error.to_string()))?;
    let of = |name: &'static str| move |node: &Node<'_, '_>| node.has_tag_name((METADATA, name));
    let entity = document
        .descendants()
        .filter(of("EntityDescriptor"))
        .find(|entity| entity.children().any(|child| of("IDPSSODescriptor")(&child)))
        .ok_or_else(|| bad("there is no IDPSSODescriptor"))?;
    let provider = entity
        .children()
        .find(of("IDPSSODescriptor"))
        .ok_or_else(|| bad("there is no IDPSSODescriptor"))?;
    let mut config = Config::new();
    let mut put = |key: &str, value: &str| config.insert(key.to_owned(), value.to_owned());
    let id = entity.attribute("entityID").ok_or_else(|| bad("entityID is missing"))?;
    put("idpEntityId", id);
    let (sign_on, posts) = service(provider, "SingleSignOnService")
        .ok_or_else(|| bad("there is no SingleSignOnService we can use"))?;
    put("singleSignOnServiceUrl", sign_on);
    for key in ["postBindingAuthnRequest", "postBindingResponse"] {
        put(key, if posts { "true" } else { "false" });
    }
    if let Some((logout, posts)) = service(provider, "SingleLogoutService") {
        put("singleLogoutServiceUrl", logout);
        put("postBindingLogout", if posts { "true" } else { "false" });
    }
    let wants = provider.attribute("WantAuthnRequestsSigned") == Some("true");
    put("wantAuthnRequestsSigned", if wants { "true" } else { "false" });
    let format = provider.children().find(of("NameIDFormat")).and_then(|node| node.text());
    if let Some(format) = format.map(str::trim).filter(|format| !format.is_empty()) {
        put("nameIDPolicyFormat", format);
    }
    let certificates = signing_certificates(provider);
    put("validateSignature", if certificates.is_empty() { "false" } else { "true" });
    if !certificates.is_empty() {
        put("signingCertificate", &certificates.join(","));
    }
    Ok(config)
}

/// Where a service is, and whether it is posted to: the POST binding when there
/// is one, else the redirect binding.
fn service<'a>(provider: Node<'a, '_>, name: &str) -> Option<(&'a str, bool)> {
    [POST_BINDING, REDIRECT_BINDING].into_iter().find_map(|binding| {
        provider
            .children()
            .filter(|node| node.has_tag_name((METADATA, name)))
            .find(|node| node.attribute("Binding") == Some(binding))
            .and_then(|node| node.attribute("Location"))
            .map(|location| (location, binding == POST_BINDING))
    })
}

/// The certificates that sign, base64 without white space.
fn signing_certificates(provider: Node<'_, '_>) -> Vec<String> {
    provider
        .children()
        .filter(|node| node.has_tag_name((METADATA, "KeyDescriptor")))
        .filter(|key| key.attribute("use").is_none_or(|purpose| purpose == "signing"))
        .flat_map(|key| key.descendants())
        .filter(|node| node.has_tag_name((DSIG, "X509Certificate")))
        .filter_map(|node| node.text())
        .map(|text| text.split_whitespace().collect::<String>())
        .filter(|text| !text.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DISCOVERY: &str = r#"{"issuer":"https://idp.example","authorization_endpoint":"https://idp.example/auth",
        "token_endpoint":"https://idp.example/token","jwks_uri":"https://idp.example/keys",
        "userinfo_endpoint":"https://idp.example/me","scopes_supported":["openid"]}"#;

    const METADATA_XML: &str = r#"<?xml version="1.0"?>
        <md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/saml">
          <md:IDPSSODescriptor WantAuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
            <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
              <ds:X509Certificate>
                MIIC
                AAAA
              </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
            <md:KeyDescriptor use="encryption"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
              <ds:X509Certificate>no</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
            <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</md:NameIDFormat>
            <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/redirect"/>
            <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/post"/>
            <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/logout"/>
          </md:IDPSSODescriptor>
        </md:EntityDescriptor>"#;

    fn value<'a>(config: &'a Config, name: &str) -> &'a str {
        config.get(name).map_or("", String::as_str)
    }

    #[test]
    fn a_discovery_document_is_read() {
        let config = read("oidc", DISCOVERY.as_bytes()).unwrap();
        assert_eq!(value(&config, "authorizationUrl"), "https://idp.example/auth");
        assert_eq!(value(&config, "jwksUrl"), "https://idp.example/keys");
        assert_eq!(value(&config, "useJwksUrl"), "true");
        assert_eq!(value(&config, "logoutUrl"), "");
    }

    #[test]
    fn saml_metadata_is_read() {
        let config = read("saml", METADATA_XML.as_bytes()).unwrap();
        assert_eq!(value(&config, "idpEntityId"), "https://idp.example/saml");
        assert_eq!(value(&config, "singleSignOnServiceUrl"), "https://idp.example/post");
        assert_eq!(value(&config, "postBindingAuthnRequest"), "true");
        assert_eq!(value(&config, "singleLogoutServiceUrl"), "https://idp.example/logout");
        assert_eq!(value(&config, "postBindingLogout"), "false");
        assert_eq!(value(&config, "signingCertificate"), "MIICAAAA");
        assert_eq!(value(&config, "wantAuthnRequestsSigned"), "true");
        assert!(value(&config, "nameIDPolicyFormat").ends_with(":persistent"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "[]", "{}", "<a/>", r#"{"issuer":"https://idp.example"}"#] {
            assert!(
                matches!(read("oidc", text.as_bytes()), Err(BadMetadata::Discovery(_))),
                "{text}"
            );
        }
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>"#;
        let not_a_provider = METADATA_XML.replace("IDPSSODescriptor", "SPSSODescriptor");
        for text in ["", "{}", "<a/>", "<a>", bomb, not_a_provider.as_str(), "\u{0}"] {
            assert!(matches!(read("saml", text.as_bytes()), Err(BadMetadata::Saml(_))), "{text}");
        }
        assert!(matches!(read("saml", b"\xff"), Err(BadMetadata::Saml(_))));
    }
}
