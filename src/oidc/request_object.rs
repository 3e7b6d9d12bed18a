//! Request objects by value (RFC 9101, OIDC Core §6.1): the parameters of a
//! request, signed by the client.
use super::client_keys;
use super::client_keys::NotSigned;
use crate::crypto::foreign::ASYMMETRIC;
use crate::crypto::jwt;
use crate::crypto::jwt::{Expected, JwtError};
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::form::Form;
use serde_json::Value;

/// The attribute that names the only algorithm of a client's request objects;
/// `any`, or absent, for every one of ours. `none` is never taken.
pub const SIGNATURE_ALGORITHM: &str = "request.object.signature.alg";

/// The attribute by which a client must sign its requests, by Keycloak's values; with
/// `request_uri only` it must push them too.
pub const REQUIRED: &str = "request.object.required";

/// Whether the client must sign its requests (RFC 9101 §10.5). Whatever is not known
/// to say no says yes.
#[must_use]
pub fn is_required(client: &Client) -> bool {
    !matches!(client.attribute(REQUIRED), None | Some("" | "not required"))
}

/// Members that are about the object and no parameters (RFC 7519 §4.1).
const ABOUT: [&str; 7] = ["iss", "aud", "exp", "iat", "nbf", "jti", "sub"];

/// Why an object is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadObject {
    /// Not signed by the client.
    #[error(transparent)]
    Signature(#[from] NotSigned),
    /// Not by the client, for this server, or over. `exp`, `iss` and `aud`
    /// are needed: RFC 9101 §4 only wants them, but an object without them works
    /// for ever and everywhere.
    #[error(transparent)]
    Token(#[from] JwtError),
    /// `client_id` in it differs from the one beside it (RFC 9101 §6.3).
    #[error("client_id differs from that of the request")]
    OtherClient,
    /// It was made to prove who the client is (RFC 9101 §10.8).
    #[error("it is a client assertion")]
    Assertion,
    /// A request inside a request (RFC 9101 §4).
    #[error("it holds another request")]
    Nested,
    /// A parameter that is no text, number or object.
    #[error("a parameter in it is not one")]
    Shape,
}

/// The parameters in `unverified`. Those beside it do not count (RFC 9101 §6.3):
/// whoever holds the browser could have changed them.
///
/// # Errors
/// As [`BadObject`] says.
pub async fn read(
    context: &RealmContext<'_>,
    client: &Client,
    unverified: &str,
) -> Result<Form, BadObject> {
    let allowed: Vec<&str> =
        ASYMMETRIC.iter().copied().filter(|name| may_sign(client, name)).collect();
    let signed = client_keys::verify(context, client, unverified, &allowed).await?;
    let audience = context.issuer();
    let expected = Expected {
        issuer: &client.client_id,
        typ: None,
        now: context.now,
        audience: Some(&audience),
    };
    jwt::check_claims(&signed, &expected)?;
    parameters(&client.client_id, &signed.claims)
}

fn may_sign(client: &Client, algorithm: &str) -> bool {
    let wanted = client.attribute(SIGNATURE_ALGORITHM).unwrap_or("any");
    wanted == "any" || wanted == algorithm
}

fn parameters(client_id: &str, claims: &Value) -> Result<Form, BadObject> {
    let members = claims.as_object().ok_or(BadObject::Shape)?;
    if members.get("sub").is_some_and(|sub| sub == client_id) {
        return Err(BadObject::Assertion);
    }
    if members.contains_key("request") || members.contains_key("request_uri") {
        return Err(BadObject::Nested);
    }
    if members.get("client_id").is_none_or(|named| named != client_id) {
        return Err(BadObject::OtherClient);
    }
    let named = members.iter().filter(|(name, _)| !ABOUT.contains(&name.as_str()));
    let mut pairs = Vec::new();
    for (name, value) in named {
        match value {
            Value::Array(values) => {
                for value in values {
                    pairs.push((name.clone(), text_of(value)?));
                }
            }
            value => pairs.push((name.clone(), text_of(value)?)),
        }
    }
    Ok(pairs.into_iter().collect())
}

/// A parameter as it would stand in a query; `claims` is an object here and JSON
/// there (OIDC Core §6.1).
fn text_of(value: &Value) -> Result<String, BadObject> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Object(_) => Ok(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) => Err(BadObject::Shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(claims: &Value) -> Result<Vec<(String, String)>, BadObject> {
        let form = parameters("app", claims)?;
        Ok(form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    #[test]
    fn members_become_parameters() {
        let claims = json!({
            "client_id": "app", "iss": "app", "aud": "x", "exp": 1, "max_age": 60,
            "claims": { "userinfo": {} }, "resource": ["urn:a", "urn:b"],
        });
        let pairs = read(&claims).unwrap();
        let mut texts: Vec<_> =
            pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        texts.sort();
        assert_eq!(
            texts,
            [
                "claims={\"userinfo\":{}}",
                "client_id=app",
                "max_age=60",
                "resource=urn:a",
                "resource=urn:b",
            ]
        );
    }

    #[test]
    fn what_is_no_request_of_the_client_is_refused() {
        let refused = [
            (json!([]), BadObject::Shape),
            (json!({}), BadObject::OtherClient),
            (json!({ "client_id": "other" }), BadObject::OtherClient),
            (json!({ "client_id": ["app"] }), BadObject::OtherClient),
            (json!({ "client_id": "app", "sub": "app" }), BadObject::Assertion),
            (json!({ "client_id": "app", "request": "x" }), BadObject::Nested),
            (json!({ "client_id": "app", "request_uri": "x" }), BadObject::Nested),
            (json!({ "client_id": "app", "state": null }), BadObject::Shape),
            (json!({ "client_id": "app", "resource": [["urn:a"]] }), BadObject::Shape),
        ];
        for (claims, why) in refused {
            assert_eq!(read(&claims), Err(why), "{claims}");
        }
    }
}
