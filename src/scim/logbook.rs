//! Writing an entry of the provisioning log, at the door: after the answer is made,
//! and, for what stays inside the object, before anything else can happen there.
use super::error::Refusal;
use super::log::{Entry, MAX_REFUSED, MAX_TEXT_CHARS, Outcome, REFUSED_WINDOW};
use super::{store, upkeep};
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::web::router::Params;
use crate::web::{Request, Response};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// What is read of the bodies of a request and its answer. What is of another shape
/// is not known.
#[derive(Default, Deserialize)]
struct Told {
    #[serde(rename = "externalId", alias = "externalid")]
    external_id: Option<String>,
    #[serde(rename = "userName", alias = "username")]
    user_name: Option<String>,
    #[serde(rename = "scimType")]
    scim_type: Option<String>,
    detail: Option<String>,
}

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(rename = "Operations", alias = "operations")]
    operations: Vec<IgnoredAny>,
}

#[derive(Default, Deserialize)]
struct Bulk {
    #[serde(rename = "Operations")]
    operations: Vec<Done>,
}

#[derive(Deserialize)]
struct Done {
    status: String,
}

/// Writes down a request of somebody who presented the right credential, of `kind`.
pub async fn write(
    visit: &Visit<'_>,
    (request, params): (&Request, &Params),
    kind: &'static str,
    response: &Response,
) {
    let mut entry = entry(visit, (request, params), response);
    entry.credential = Some(kind.to_owned());
    let caller = visit.visitor.caller.as_ref().filter(|_| kind == "KEYCLOAK");
    entry.caller = caller.map(|caller| caller.user.to_string());
    keep(visit, &entry).await;
}

/// Writes down a request without the right credential: a bounded number of them, and
/// none where there is no endpoint. Who tries too often is not written down.
pub async fn write_refused(
    visit: &Visit<'_>,
    (request, params): (&Request, &Params),
    refusal: &Refusal,
    response: &Response,
) {
    if !matches!(refusal, Refusal::Credential) {
        return;
    }
    match has_room(visit) {
        Ok(true) => {
            let entry = entry(visit, (request, params), response);
            // What a stranger says of a resource is no news of it.
            let refused = Entry {
                outcome: Outcome::Refused,
                resource_type: None,
                resource_id: None,
                external_id: None,
                user_name: None,
                operations: None,
                ..entry
            };
            keep(visit, &refused).await;
        }
        Ok(false) => {}
        Err(error) => tracing::error!("The provisioning log was not read: {error}"),
    }
}

fn has_room(visit: &Visit<'_>) -> Result<bool, StoreError> {
    if store::config::find(visit.sql())?.is_none() {
        return Ok(false);
    }
    let since = visit.now - REFUSED_WINDOW;
    Ok(!store::log::has_refused(visit.sql(), since, MAX_REFUSED - 1)?)
}

/// What was done is done: that it is not in the log is no reason to say otherwise.
async fn keep(visit: &Visit<'_>, entry: &Entry) {
    let kept = async {
        if store::log::insert(visit.sql(), entry)? {
            upkeep::watch(visit.object, visit.now).await?;
        }
        Ok::<(), StoreError>(())
    };
    if let Err(error) = kept.await {
        tracing::error!("The provisioning log was not written: {error}");
    }
}

fn entry(visit: &Visit<'_>, (request, params): (&Request, &Params), response: &Response) -> Entry {
    let path = below_service(request.uri().path());
    let resource_type = type_of(path);
    let is_ok = !(response.status().is_client_error() || response.status().is_server_error());
    let told = facts(request, response, is_ok);
    let (operations, failed) = counts(request, path, response);
    Entry {
        id: 0,
        at: visit.now,
        outcome: if is_ok { Outcome::Success } else { Outcome::Failure },
        method: request.method().as_str().to_owned(),
        path: cut(path),
        status: response.status().as_u16(),
        scim_type: told.scim_type,
        detail: told.detail.as_deref().map(cut),
        resource_id: resource_type.and_then(|_| id_of(params, response)).as_deref().map(cut),
        resource_type: resource_type.map(str::to_owned),
        external_id: told.external_id.as_deref().map(cut),
        user_name: told.user_name.as_deref().map(cut),
        operations,
        failed,
        credential: None,
        caller: None,
        address: visit.visitor.ip.as_deref().map(cut),
    }
}

/// `/realms/{realm}/scim/v2/organizations/{org}` is the service.
fn below_service(path: &str) -> &str {
    let segments = path.match_indices('/').nth(6);
    segments.and_then(|(at, _)| path.get(at..)).unwrap_or("/")
}

fn type_of(path: &str) -> Option<&'static str> {
    match path.split('/').nth(1) {
        Some("Users" | "Me") => Some("User"),
        Some("Groups") => Some("Group"),
        _ => None,
    }
}

/// What the path names, or what was made.
fn id_of(params: &Params, response: &Response) -> Option<String> {
    let named = Some(params.get("id")).filter(|id| !id.is_empty());
    let made = || {
        let location = response.headers().get("location")?.to_str().ok()?;
        location.rsplit('/').next()
    };
    named.or_else(made).map(str::to_owned)
}

/// What the answer says of the resource; where it is refused, why, and what the
/// request said of it.
fn facts(request: &Request, response: &Response, is_ok: bool) -> Told {
    // A list of others' names is nobody's name.
    let is_list = request.method().as_str() == "GET";
    let answered = if is_ok && is_list { Told::default() } else { read(response.body()) };
    let brings = ["POST", "PUT"].contains(&request.method().as_str());
    if is_ok || !brings {
        return answered;
    }
    let asked: Told = read(request.body());
    Told { external_id: asked.external_id, user_name: asked.user_name, ..answered }
}

fn counts(request: &Request, path: &str, response: &Response) -> (Option<i64>, Option<i64>) {
    let count = |length: usize| i64::try_from(length).ok();
    if request.method().as_str() == "PATCH" {
        return (count(read::<Asked>(request.body()).operations.len()), None);
    }
    if !path.starts_with("/Bulk") {
        return (None, None);
    }
    let done = read::<Bulk>(response.body()).operations;
    let failed = done.iter().filter(|one| !one.status.starts_with('2')).count();
    (count(read::<Asked>(request.body()).operations.len()), count(failed))
}

fn read<T: Default + for<'de> Deserialize<'de>>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap_or_default()
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_is_what_lies_below_the_service() {
        let service = "/realms/travel0/scim/v2/organizations/granite";
        assert_eq!(below_service(&format!("{service}/Users/1")), "/Users/1");
        assert_eq!(below_service(service), "/");
        assert_eq!(type_of("/Users/1"), Some("User"));
        assert_eq!(type_of("/ServiceProviderConfig"), None);
    }

    #[test]
    fn what_is_of_another_shape_is_not_known() {
        for body in ["", "[]", r#"{"userName":7}"#, r#"{"userName":"#] {
            assert!(read::<Told>(body.as_bytes()).user_name.is_none(), "{body}");
        }
    }
}
