//! Where tokens shall be used (RFC 8707).
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::store::client::list_resources;
use crate::web::form::Form;
use serde_json::{Map, Value, json};

/// The attribute of a resource server: the URI it is named by.
pub const RESOURCE: &str = "resource";

/// The attribute of a client: the only resources its tokens may be for, joined by
/// `##`. When it is absent, those of the realm's resource servers.
pub const RESOURCES: &str = "resources";

/// Most resources of one request: each stands in the token.
pub const MAX_RESOURCES: usize = 10;

/// Longest URI, in bytes.
pub const MAX_RESOURCE_BYTES: usize = 512;

/// Why a resource is not one (RFC 8707 §2, `invalid_target`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadResource {
    /// Not an absolute URI, or one with a fragment, or too long.
    #[error(
        "resource must be an absolute URI without a fragment, of at most {MAX_RESOURCE_BYTES} bytes"
    )]
    NotAnAddress,
    /// More than [`MAX_RESOURCES`].
    #[error("at most {MAX_RESOURCES} resources can be asked for")]
    TooMany,
    /// Not one that the client's tokens may be for.
    #[error("the client's tokens may not be for that resource")]
    NotAllowed,
}

/// The resources that `form` names, each once.
///
/// # Errors
/// `NotAnAddress`, `TooMany`.
pub fn list(form: &Form) -> Result<Vec<String>, BadResource> {
    let mut resources: Vec<String> = Vec::new();
    for (name, resource) in form.iter() {
        let is_new = !resource.is_empty() && resources.iter().all(|known| known != resource);
        if name != RESOURCE || !is_new {
            continue;
        }
        if !is_address(resource) {
            return Err(BadResource::NotAnAddress);
        }
        resources.push(resource.to_owned());
    }
    if resources.len() <= MAX_RESOURCES { Ok(resources) } else { Err(BadResource::TooMany) }
}

fn is_address(text: &str) -> bool {
    let is_short = text.len() <= MAX_RESOURCE_BYTES;
    is_short && !text.contains('#') && url::Url::parse(text).is_ok()
}

/// Passes resources that tokens of `client` may be for. No I/O when there are
/// none, or when the client lists them.
///
/// # Errors
/// `Refused` when the directory fails; inside, `NotAllowed`.
pub async fn check(
    context: &RealmContext<'_>,
    client: &Client,
    resources: &[String],
) -> Result<Result<(), BadResource>, StoreError> {
    if resources.is_empty() {
        return Ok(Ok(()));
    }
    let known = match client.settings.attributes.get(RESOURCES) {
        Some(list) => list.split("##").map(str::to_owned).collect(),
        None => list_resources(&*context.ports.directory, &context.realm.id, resources).await?,
    };
    // Ourselves: userinfo wants an access token too.
    let issuer = context.issuer();
    let is_known = |resource: &String| *resource == issuer || known.contains(resource);
    let all_known = resources.iter().all(is_known);
    Ok(if all_known { Ok(()) } else { Err(BadResource::NotAllowed) })
}

/// The resources of one access token: of those that were granted, or, where none
/// was named then, of those allowed now, the ones that `form` names (§2.2).
///
/// # Errors
/// As [`list`] and [`check`].
pub async fn of_token(
    context: &RealmContext<'_>,
    client: &Client,
    granted: &[String],
    form: &Form,
) -> Result<Result<Vec<String>, BadResource>, StoreError> {
    let asked = match list(form) {
        Ok(asked) => asked,
        Err(bad) => return Ok(Err(bad)),
    };
    if asked.is_empty() {
        return Ok(Ok(granted.to_vec()));
    }
    if granted.is_empty() {
        return Ok(check(context, client, &asked).await?.map(|()| asked));
    }
    let all_granted = asked.iter().all(|resource| granted.contains(resource));
    Ok(if all_granted { Ok(asked) } else { Err(BadResource::NotAllowed) })
}

/// Whether an audience is a resource, by its URI, and no client: these have no colon.
#[must_use]
pub fn is_resource(audience: &str) -> bool {
    audience.contains(':')
}

/// Whether a token for `audience` may be used at the resource server that `client` is
/// (RFC 7662 §4): one that names resources elsewhere is for those who serve them.
#[must_use]
pub fn is_usable_at(issuer: &str, client: &Client, audience: &[String]) -> bool {
    let served = client.attribute(RESOURCE);
    let is_meant =
        |one: &String| *one == client.client_id || served.is_some_and(|served| served == one);
    !audience.iter().any(|one| is_elsewhere(issuer, one)) || audience.iter().any(is_meant)
}

/// Whether a token for `audience` was made for resources elsewhere and nothing else
/// (RFC 8707 §1): who serves them must not get further with it.
#[must_use]
pub fn is_for_others(issuer: &str, audience: &[String]) -> bool {
    !audience.is_empty() && audience.iter().all(|one| is_elsewhere(issuer, one))
}

fn is_elsewhere(issuer: &str, audience: &str) -> bool {
    let ours = audience.strip_prefix(issuer);
    let is_ours = ours.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    is_resource(audience) && !is_ours
}

/// Makes `claims` those of a token for `resources` and nothing else; a single
/// audience is a text, as Keycloak writes it.
pub fn restrict(claims: &mut Map<String, Value>, resources: &[String]) {
    match resources {
        [] => None,
        [one] => claims.insert("aud".to_owned(), json!(one)),
        many => claims.insert("aud".to_owned(), json!(many)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Vec<String>, BadResource> {
        list(&Form::parse(query.as_bytes()))
    }

    #[test]
    fn a_resource_is_an_absolute_uri_without_a_fragment() {
        let found = read("resource=https://a.example/x&resource=urn:b&resource=urn:b").unwrap();
        assert_eq!(found, ["https://a.example/x", "urn:b"]);
        assert_eq!(read("resource=&resource="), Ok(Vec::new()), "none, as if it were not there");
        for bad in ["a", "/a", "https://a.example/%23x%23#", "https://a.example/#x"] {
            let query = format!("resource={}", bad.replace('#', "%23"));
            assert_eq!(read(&query), Err(BadResource::NotAnAddress), "{bad}");
        }
        let long = format!("resource=urn:{}", "x".repeat(MAX_RESOURCE_BYTES));
        assert_eq!(read(&long), Err(BadResource::NotAnAddress));
    }

    #[test]
    fn one_resource_too_many_is_refused() {
        let query = |count| {
            let all: Vec<_> = (0..count).map(|n| format!("resource=urn:{n}")).collect();
            all.join("&")
        };
        assert!(read(&query(MAX_RESOURCES)).is_ok());
        assert_eq!(read(&query(MAX_RESOURCES + 1)), Err(BadResource::TooMany));
    }

    #[test]
    fn a_token_is_for_the_resources_and_nothing_else() {
        let mut claims = Map::new();
        claims.insert("aud".to_owned(), json!(["account"]));
        restrict(&mut claims, &[]);
        assert_eq!(claims["aud"], json!(["account"]));
        restrict(&mut claims, &["urn:a".to_owned()]);
        assert_eq!(claims["aud"], "urn:a");
        restrict(&mut claims, &["urn:a".to_owned(), "urn:b".to_owned()]);
        assert_eq!(claims["aud"], json!(["urn:a", "urn:b"]));
    }
}
