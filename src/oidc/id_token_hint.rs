//! `id_token_hint` (OIDC Core §3.1.2.1): whom the client means.
use super::bearer::public_keys;
use crate::crypto::jwt;
use crate::crypto::jwt::{Expected, JwtError};
use crate::kernel::id::UserId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;

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
    let issuer = context.issuer();
    let expected =
        Expected { issuer: &issuer, typ: Some("ID"), now: Timestamp::from_unix(0), audience: None };
    let keys = public_keys(context).await?;
    let claims = jwt::verify(unverified, &keys, &expected);
    Ok(claims.and_then(|claims| {
        let subject = claims.get("sub").and_then(|sub| sub.as_str()?.parse().ok());
        subject.ok_or(JwtError::Malformed)
    }))
}
