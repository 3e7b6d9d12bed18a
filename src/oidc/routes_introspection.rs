//! Handlers of the endpoints about tokens that are there: introspection and
//! revocation.
use super::error::TokenError;
use super::happenings;
use super::introspection;
use super::revocation;
use super::routes_cors::for_client;
use super::routes_token::{authenticate, refuse};
use super::tokens::Signer;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::answer::{empty, json, with_body, with_header};
use crate::web::{Request, Response, header};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde_json::{Value, json};

/// The answer as a token (RFC 9701 §4).
const AS_TOKEN: &str = "application/token-introspection+jwt";

/// `POST /realms/{realm}/protocol/openid-connect/token/introspect` (RFC 7662 §2).
pub async fn introspect(context: &RealmContext<'_>, request: &Request) -> Response {
    let answered = async {
        let (client, form) = authenticate(context, request).await?;
        // Of a hint, the token itself says more (§2.1 lets us pass over it).
        form.at_most_one("token_type_hint")?;
        let told = introspection::introspect(context, &client, form.one("token")?).await?;
        let wants_token = header(request, "accept").is_some_and(|types| types.contains(AS_TOKEN));
        if wants_token {
            signed(context, &client, &told).await
        } else {
            Ok(json(StatusCode::OK, &told))
        }
    };
    match answered.await {
        Ok(response) => with_header(response, CACHE_CONTROL, "no-store"),
        Err(error) => refuse(context, request, &error),
    }
}

/// RFC 9701 §5.
async fn signed(
    context: &RealmContext<'_>,
    client: &Client,
    told: &Value,
) -> Result<Response, TokenError> {
    let claims = json!({
        "iss": context.issuer(),
        "aud": client.client_id,
        "iat": context.now,
        "token_introspection": told,
    });
    let token = Signer::of(context, None).await?.sign("token-introspection+jwt", &claims).await?;
    Ok(with_body(StatusCode::OK, AS_TOKEN, token.into_bytes()))
}

/// `POST /realms/{realm}/protocol/openid-connect/revoke` (RFC 7009 §2).
pub async fn revoke(context: &RealmContext<'_>, request: &Request) -> Response {
    let (client, form) = match authenticate(context, request).await {
        Ok(known) => known,
        Err(error) => return refuse(context, request, &error),
    };
    let revoked = async {
        form.at_most_one("token_type_hint")?;
        revocation::revoke(context, &client, form.one("token")?).await
    };
    let revoked = revoked.await;
    happenings::revoked(context, &client, &revoked).await;
    let response = match revoked {
        Ok(_) => with_header(empty(StatusCode::OK), CACHE_CONTROL, "no-store"),
        Err(error) => refuse(context, request, &error),
    };
    for_client(response, request, &client)
}
