//! `/admin/realms/{realm}/components` (reference keycloak.md §3.8): the realm's
//! signing keys, made, put in order, set aside and deleted.
use super::component::{KEY_PROVIDER, KEY_PROVIDERS, id_of, provider_of};
use super::component_change;
use super::error::AdminError;
use super::inquiry::Inquiry;
use super::key::{self, RealmKey, RealmKeys, RotateError};
use super::role::AdminRole;
use super::routes::{Table, respond};
use super::store;
use super::wire_keycloak_component::{self as wire, ComponentChangeJson};
use crate::event::audit::{Change, Operation};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::Value;

const COMPONENTS: &str = "/admin/realms/{realm}/components";
const COMPONENT: &str = "/admin/realms/{realm}/components/{component}";
const TYPES: &str = "/admin/realms/{realm}/components/{component}/sub-component-types";

const READERS: &[AdminRole] = &[AdminRole::ViewRealm, AdminRole::ManageRealm];
const WRITERS: &[AdminRole] = &[AdminRole::ManageRealm];

const UNKNOWN: AdminError = AdminError::Unknown("Could not find component");

/// Most keys of a realm. Each is published, and tried by everybody who reads the
/// key set; a rotation every day keeps its keys for a quarter of a year.
pub const MAX_KEYS: usize = 100;

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, COMPONENTS, |i| async move { respond(list(i).await) }.boxed_local()),
        (Method::POST, COMPONENTS, |i| async move { respond(create(i).await) }.boxed_local()),
        (Method::GET, COMPONENT, |i| async move { respond(read(i).await) }.boxed_local()),
        (Method::PUT, COMPONENT, |i| async move { respond(change(i).await) }.boxed_local()),
        (Method::DELETE, COMPONENT, |i| async move { respond(delete(i).await) }.boxed_local()),
        (Method::GET, TYPES, |i| async move { respond(list_types(i).await) }.boxed_local()),
    ]
}

/// `GET /components` `?name=&parent=&providerId=&type=`.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let realm = &inquiry.context.realm;
    let query = inquiry.query();
    let asks =
        |name: &str, held: &[&str]| query.first(name).is_none_or(|wanted| held.contains(&wanted));
    let fits = |key: &&RealmKey| {
        asks("name", &[wire::name_of(key)])
            && asks("providerId", &[provider_of(key.algorithm).id])
            && asks("type", &[KEY_PROVIDER])
            && asks("parent", &[realm.id.as_str(), realm.name.as_str()])
    };
    let keys = find_keys(inquiry).await?;
    let body: Vec<Value> =
        keys.all().iter().filter(fits).map(|key| wire::component(key, realm)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /components`: a new key. It signs when it has been published for long
/// enough, if its priority is the highest then.
async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let context = inquiry.context;
    let asked: ComponentChangeJson = inquiry.body()?;
    let (provider, settings) = component_change::create(&asked, &context.realm)?;
    if find_keys(inquiry).await?.all().len() >= MAX_KEYS {
        let why = format!("a realm has at most {MAX_KEYS} keys (MAX_KEYS): delete old ones");
        return Err(AdminError::Invalid(why));
    }
    let made = key::make(context.ports, provider.algorithm, context.now).await;
    let key = RealmKey { settings, ..made.map_err(broken)? };
    let insertion = store::key::insertion(inquiry.realm_id(), &key)?;
    inquiry.commit(vec![insertion], told(inquiry, Operation::Create, &key)).await?;
    let (public, realm) = (context.public_url, &context.realm.name);
    Ok(answer::created(&format!("{public}/admin/realms/{realm}/components/{}", id_of(&key))))
}

/// `GET /components/{component}`.
async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let key = find(inquiry).await?;
    Ok(answer::json(StatusCode::OK, &wire::component(&key, &inquiry.context.realm)))
}

/// `PUT /components/{component}`: what is not named stays, as in Keycloak.
async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let asked: ComponentChangeJson = inquiry.body()?;
    let old = find(inquiry).await?;
    let key = component_change::change(&asked, &inquiry.context.realm, &old)?;
    let update = store::key::update(inquiry.realm_id(), &key);
    commit(inquiry, update, told(inquiry, Operation::Update, &key)).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /components/{component}`: what the key signed is not believed any
/// more.
async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(WRITERS)?;
    let key = find(inquiry).await?;
    let deletion = store::key::deletion(inquiry.realm_id(), &key.kid);
    let event = Change { representation: None, ..told(inquiry, Operation::Delete, &key) };
    commit(inquiry, deletion, event).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /components/{component}/sub-component-types` `?type=`. Which component is
/// asked makes no difference, as in Keycloak.
async fn list_types(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let found = find(inquiry).await;
    found.map_err(|error| match error {
        AdminError::Unknown(_) => AdminError::Unknown("Could not find parent component"),
        other => other,
    })?;
    let query = inquiry.query();
    let kind = query.first("type").filter(|kind| !kind.is_empty());
    let kind = kind.ok_or_else(|| AdminError::Told("must specify a subtype".to_owned()))?;
    let types =
        KEY_PROVIDERS.into_iter().filter(|_| kind == KEY_PROVIDER).map(wire::component_type);
    Ok(answer::json(StatusCode::OK, &types.collect::<Vec<Value>>()))
}

/// The keys as they are, not as the isolate remembers them.
async fn find_keys(inquiry: &Inquiry<'_>) -> Result<RealmKeys, StoreError> {
    let keys = store::key::list(inquiry.directory(), inquiry.realm_id()).await?;
    Ok(RealmKeys::new(keys))
}

async fn find(inquiry: &Inquiry<'_>) -> Result<RealmKey, AdminError> {
    let keys = find_keys(inquiry).await?;
    keys.find(inquiry.params.get("component")).cloned().ok_or(UNKNOWN)
}

/// A change that leaves the realm a key to sign with.
async fn commit(
    inquiry: &Inquiry<'_>,
    statement: Statement,
    change: Change,
) -> Result<(), AdminError> {
    let requirement = store::key::requirement(inquiry.realm_id());
    match inquiry.commit(vec![statement, requirement], change).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_conflict_on("realm.id") => Err(AdminError::Invalid(format!(
            "the realm would have no key left to sign with ({})",
            inquiry.context.realm.settings.signing_algorithm.as_str()
        ))),
        Err(error) => Err(error.into()),
    }
}

fn told(inquiry: &Inquiry<'_>, operation: Operation, key: &RealmKey) -> Change {
    Change {
        resource_type: "COMPONENT",
        operation,
        path: format!("components/{}", id_of(key)),
        representation: Some(wire::component(key, &inquiry.context.realm)),
    }
}

fn broken(error: RotateError) -> StoreError {
    match error {
        RotateError::Store(error) => error,
        other => StoreError::Refused(other.to_string()),
    }
}
