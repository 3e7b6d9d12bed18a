//! What a resource server may know about a token (RFC 7662), laid out as Keycloak's:
//! what it says, and what mappers tell here alone.
//!
//! Whatever is not active looks alike: forged, expired, of another realm, revoked,
//! of a session that has ended or of a person who is gone.
use super::bearer;
use super::bearer::BearerError;
use super::claims::{self, Facts};
use super::error::TokenError;
use super::liveness;
use super::mapper::Paper;
use super::refresh;
use super::resource;
use super::userinfo::{self, UserinfoError};
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::{spent, user};
use futures::{join, try_join};
use serde_json::{Value, json};

/// What is told of `unverified_token` to `client`. Two directory queries, one call to
/// the account and one to each organization of the token, at the same time.
///
/// # Errors
/// `PublicClient`, `Store`.
pub async fn introspect(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_token: &str,
) -> Result<Value, TokenError> {
    if client.is_public() {
        return Err(TokenError::PublicClient);
    }
    let told = match refresh_token(context, client, unverified_token).await? {
        Some(told) => Some(told),
        None => access_token(context, client, unverified_token).await?,
    };
    Ok(told.unwrap_or_else(|| json!({ "active": false })))
}

async fn access_token(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_token: &str,
) -> Result<Option<Value>, StoreError> {
    let (caller, mut told) = match bearer::verify(context, unverified_token).await {
        Ok(verified) => verified,
        Err(BearerError::Store(error)) => return Err(error),
        Err(_) => return Ok(None),
    };
    let is_its_own = caller.client_id == client.client_id;
    if !is_its_own && !resource::is_usable_at(&context.issuer(), client, &caller.audience) {
        return Ok(None);
    }
    let say = |facts: Facts<'_>| {
        let username = facts.standing.person.user.username.as_str().to_owned();
        (username, claims::introspection(&within(facts, &caller.audience)))
    };
    let name = caller.spent_name();
    let (is_spent, said) = join!(
        spent::is_spent(&*context.ports.directory, &name),
        userinfo::tell(context, &caller, say),
    );
    let (username, more) = match said {
        Ok(said) if !is_spent? => said,
        Err(UserinfoError::Store(error)) => return Err(error),
        Ok(_) | Err(_) => return Ok(None),
    };
    if let Value::Object(told) = &mut told {
        // What the token says is what it says, whatever is true by now.
        more.into_iter().for_each(|(claim, value)| {
            told.entry(claim).or_insert(value);
        });
    }
    told["client_id"] = caller.client_id.into();
    told["username"] = username.into();
    told["token_type"] = if caller.jkt.is_some() { "DPoP" } else { "Bearer" }.into();
    told["active"] = true.into();
    Ok(Some(told))
}

/// A token whose audience an exchange cut (RFC 8693 §2.1) tells nobody, here neither,
/// what the person may do elsewhere.
fn within<'a>(facts: Facts<'a>, audience: &[String]) -> Facts<'a> {
    let clients: Vec<String> =
        audience.iter().filter(|one| !resource::is_resource(one)).cloned().collect();
    let whole = facts.said(Paper::Access).audience;
    let is_cut = !clients.is_empty() && whole.iter().any(|one| !audience.contains(one));
    if is_cut { facts.for_clients(&clients) } else { facts }
}

/// A refresh token is its client's business, and nobody else's. Its `jti` is its
/// secret and not told, not even to who brings it: answers are logged more often than
/// requests.
async fn refresh_token(
    context: &RealmContext<'_>,
    client: &Client,
    unverified_token: &str,
) -> Result<Option<Value>, StoreError> {
    let Ok(presented) = refresh::open(context, unverified_token) else { return Ok(None) };
    if presented.azp != client.client_id {
        return Ok(None);
    }
    let (user, would_do) = try_join!(
        user::find(&*context.ports.directory, &context.realm.id, &presented.sub),
        liveness::may_refresh(context, client, &presented),
    )?;
    let Some(user) = user.filter(|user| user.may_sign_in(&context.realm.settings) && would_do)
    else {
        return Ok(None);
    };
    Ok(Some(json!({
        "iat": presented.iat,
        "exp": presented.exp,
        "iss": presented.iss,
        "aud": presented.aud,
        "sub": presented.sub,
        "typ": presented.typ,
        "azp": presented.azp,
        "sid": presented.sid,
        "scope": presented.scope,
        "client_id": presented.azp,
        "username": user.username.as_str(),
        "token_type": presented.typ,
        "active": true,
    })))
}
