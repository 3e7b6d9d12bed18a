//! `id_token_hint` (OIDC Core §3.1.2.1): whom the client means.
use super::bearer::public_keys;
use crate::crypto::jwt;
use crate::crypto::jwt::{Expected, JwtError};
use crate::kernel::id::UserId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use serde_json::Value;

/// The person an ID token of this realm is about. One that has expired names them
/// as well, so it is judged at a time before any of ours was made; it may be
/// another client's, which is how one app sends a person on to the next.
///
/// # Errors
/// `Refused` when the directory fails; inside, why it is no such token.
pub async fn read(
    context: &RealmContext<'_>,
    unverified: &str,
) -> Result<Result<UserId, JwtError>, StoreError> {
    Ok(verify(context, unverified).await?.and_then(|claims| {
        let subject = claims.get("sub").and_then(|sub| sub.as_str()?.parse().ok());
        subject.ok_or(JwtError::Malformed)
    }))
}

/// The claims of an ID token of this realm, however old it is.
///
/// # Errors
/// `Refused` when the directory fails; inside, why it is no such token.
pub async fn verify(
    context: &RealmContext<'_>,
    unverified: &str,
) -> Result<Result<Value, JwtError>, StoreError> {
    let issuer = context.issuer();
    let expected =
        Expected { issuer: &issuer, typ: None, now: Timestamp::from_unix(0), audience: None };
    let keys = public_keys(context).await?;
    let claims = jwt::verify(unverified, &keys, &expected);
    Ok(claims
        .and_then(|claims| if is_one(&claims) { Ok(claims) } else { Err(JwtError::WrongType) }))
}

/// Whether the claims are those of an ID token: it says so, or, where its client does
/// without that, it names the access token that it came with, as nothing else of ours
/// does, and no mapper can.
#[must_use]
pub fn is_one(claims: &Value) -> bool {
    match claims.get("typ") {
        Some(typ) => typ == "ID",
        None => claims.get("at_hash").is_some_and(Value::is_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_id_token_is_one() {
        for claims in [json!({ "typ": "ID" }), json!({ "at_hash": "x", "sub": "u" })] {
            assert!(is_one(&claims), "{claims}");
        }
        for claims in [
            json!({}),
            json!({ "sub": "u", "aud": "app" }),
            json!({ "typ": "Bearer", "at_hash": "x" }),
            json!({ "typ": null, "at_hash": "x" }),
            json!({ "at_hash": null }),
        ] {
            assert!(!is_one(&claims), "{claims}");
        }
    }
}
