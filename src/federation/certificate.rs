//! A certificate or a key that somebody uploads for a provider: read, so that
//! what is stored afterwards is one (Keycloak's `CertificateRepresentation`).
use crate::crypto::jwk;
use crate::crypto::spki;
use crate::crypto::x509::{self, BadPem};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::Value;

/// What was read of an upload. One of the members, or of a key set, three.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Uploaded {
    #[serde(rename = "publicKey", skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwks: Option<String>,
}

/// Why an upload cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUpload {
    /// A part of the form is missing. Keycloak's words.
    #[error("{0}")]
    Missing(&'static str),
    /// A format that we do not read: key stores hold private keys, which stay
    /// where they are.
    #[error("keystoreFormat is Certificate PEM, Public Key PEM or JSON Web Key Set")]
    Format,
    /// Not the certificate or the key that it should be.
    #[error("the file is {0}")]
    Pem(#[from] BadPem),
    /// Not a key set with a public key of ours.
    #[error("the file is no JSON Web Key Set with a public signature key (RSA, P-256, Ed25519)")]
    KeySet,
    /// A key set that holds what nobody should upload.
    #[error("the file holds a private key")]
    Private,
}

/// Reads `file`, which is of Keycloak's `format`.
///
/// # Errors
/// As [`BadUpload`] says.
pub fn read(format: Option<&str>, file: Option<&[u8]>) -> Result<Uploaded, BadUpload> {
    let format = format.ok_or(BadUpload::Missing("keystoreFormat cannot be null"))?;
    let file = file.filter(|bytes| !bytes.is_empty());
    let file = file.ok_or(BadUpload::Missing("file cannot be empty"))?;
    match format {
        "Certificate PEM" => {
            let certificate = Some(x509::Certificate::read(file)?.to_text());
            Ok(Uploaded { certificate, ..Uploaded::default() })
        }
        "Public Key PEM" => {
            let public_key = Some(BASE64_STANDARD.encode(x509::read_public_key(file)?));
            Ok(Uploaded { public_key, ..Uploaded::default() })
        }
        "JSON Web Key Set" => key_set(file),
        _ => Err(BadUpload::Format),
    }
}

/// The key that says it is for signatures, else one that does not say.
fn key_set(file: &[u8]) -> Result<Uploaded, BadUpload> {
    let text = std::str::from_utf8(file).map_err(|_| BadUpload::KeySet)?;
    let set: Value = serde_json::from_str(text).map_err(|_| BadUpload::KeySet)?;
    let keys = set.get("keys").and_then(Value::as_array).ok_or(BadUpload::KeySet)?;
    if !keys.iter().all(jwk::is_public) {
        return Err(BadUpload::Private);
    }
    let signing = keys.iter().find(|key| key.get("use").is_some_and(|one| one == "sig"));
    let chosen = signing.or_else(|| keys.iter().find(|key| key.get("use").is_none()));
    let chosen = chosen.ok_or(BadUpload::KeySet)?;
    let public_key = spki::to_text(chosen).ok_or(BadUpload::KeySet)?;
    let kid = chosen.get("kid").and_then(Value::as_str).map(str::to_owned);
    Ok(Uploaded {
        public_key: Some(public_key),
        kid,
        jwks: Some(text.to_owned()),
        certificate: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PEM: &str = include_str!("../../tests/fixtures/keys/rsa2048-1.crt");

    fn ed25519(name: &str, value: &str) -> Value {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        json!({ "kty": "OKP", "crv": "Ed25519", "x": x, name: value })
    }

    fn read_set(set: &Value) -> Result<Uploaded, BadUpload> {
        read(Some("JSON Web Key Set"), Some(set.to_string().as_bytes()))
    }

    #[test]
    fn each_format_answers_its_member() {
        let certificate = read(Some("Certificate PEM"), Some(PEM.as_bytes())).unwrap();
        assert!(certificate.certificate.is_some_and(|text| text.starts_with("MII")));
        let key = x509::Certificate::read(PEM.as_bytes()).unwrap().public_key;
        let read_key = read(Some("Public Key PEM"), Some(&key)).unwrap();
        assert_eq!(read_key.public_key, Some(BASE64_STANDARD.encode(key)));
        assert_eq!(read_key.certificate, None);
    }

    #[test]
    fn a_set_answers_the_key_that_signs() {
        let set = json!({ "keys": [ed25519("use", "enc"), ed25519("kid", "k1")] });
        let read = read_set(&set).unwrap();
        assert_eq!(read.kid.as_deref(), Some("k1"));
        assert_eq!(read.jwks, Some(set.to_string()));
        assert!(read.public_key.is_some_and(|text| text.starts_with("MCow")));
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        for set in [
            json!({}),
            json!({ "keys": [] }),
            json!({ "keys": [ed25519("use", "enc")] }),
            json!({ "keys": [ed25519("crv", "X25519")] }),
            json!([1]),
        ] {
            assert_eq!(read_set(&set), Err(BadUpload::KeySet), "{set}");
        }
        assert_eq!(read_set(&json!({ "keys": [ed25519("d", "x")] })), Err(BadUpload::Private));
        let pem = Some(PEM.as_bytes());
        assert_eq!(read(Some("PKCS12"), pem), Err(BadUpload::Format));
        assert!(matches!(read(None, pem), Err(BadUpload::Missing(_))));
        assert!(matches!(read(Some("Certificate PEM"), None), Err(BadUpload::Missing(_))));
        assert!(matches!(read(Some("Certificate PEM"), Some(b"")), Err(BadUpload::Missing(_))));
        assert!(matches!(read(Some("Certificate PEM"), Some(b"{}")), Err(BadUpload::Pem(_))));
    }
}
