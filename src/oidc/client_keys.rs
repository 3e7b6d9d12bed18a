//! The public keys by which a client proves that something is its own: written
//! down with the client, or published by it.
//!
//! Where they are, Keycloak's attributes say; what is published is kept as
//! [`published_keys`] says.
use crate::crypto::jwt::{JwtError, Signed};
use crate::crypto::x509::Certificate;
use crate::crypto::{foreign, spki};
use crate::platform::fetch::FetchError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::published_keys::{self, NotPublished};
use serde_json::Value;

const USE_URL: &str = "use.jwks.url";
const URL: &str = "jwks.url";
const USE_TEXT: &str = "use.jwks.string";
const TEXT: &str = "jwks.string";
const CERTIFICATE: &str = "jwt.credential.certificate";

/// Why a signature is not a client's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// Nothing says what its keys are.
    #[error("the client has no keys (jwks.url, jwks.string or jwt.credential.certificate)")]
    NoKeys,
    /// What should be its keys is not.
    #[error("the keys of the client are not readable")]
    BadKeys,
    /// They are not to be had.
    #[error("the keys of the client were not to be had: {0}")]
    Fetch(#[from] FetchError),
    /// The signature is not of one of them.
    #[error(transparent)]
    Jwt(#[from] JwtError),
}

impl From<NotPublished> for NotSigned {
    fn from(why: NotPublished) -> Self {
        match why {
            NotPublished::BadKeys => Self::BadKeys,
            NotPublished::Fetch(error) => Self::Fetch(error),
            NotPublished::Jwt(error) => Self::Jwt(error),
        }
    }
}

/// Verifies what the client signed with one of its keys, under one of `allowed`
/// ([`foreign::ASYMMETRIC`] at the most). Only the signature: what the token says
/// is for the caller to judge.
///
/// # Errors
/// As [`NotSigned`] says.
pub async fn verify(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_token: &str,
    allowed: &[&str],
) -> Result<Signed, NotSigned> {
    let Some(url) = published_at(client) else {
        let keys = written_down(client)?;
        return Ok(foreign::verify(unverified_token, &keys, allowed)?);
    };
    let asked = (unverified_token, allowed);
    Ok(published_keys::verify(context.ports, context.now, url, asked).await?)
}

fn published_at(client: &Client) -> Option<&str> {
    client.attribute(URL).filter(|_| client.has_on(USE_URL))
}

fn written_down(client: &Client) -> Result<Vec<Value>, NotSigned> {
    if client.has_on(USE_TEXT) {
        let text = client.attribute(TEXT).ok_or(NotSigned::NoKeys)?;
        return Ok(published_keys::read(text.as_bytes())?);
    }
    let certificate = client.attribute(CERTIFICATE).ok_or(NotSigned::NoKeys)?;
    let certificate = Certificate::read(certificate.as_bytes()).map_err(|_| NotSigned::BadKeys)?;
    Ok(vec![spki::to_jwk(&certificate.public_key).ok_or(NotSigned::BadKeys)?])
}
