//! `/admin/realms` (reference keycloak.md §3.1): realms themselves, and their
//! keys.
use super::defaults::Defaults;
use super::error::AdminError;
use super::group_change;
use super::inquiry::Inquiry;
use super::key;
use super::page::{MAX_PAGE_ROWS, TooMany};
use super::realm_change;
use super::realm_draft::{broken, change_of, holds, taken};
use super::role::{ADMIN, AdminRole, master_client_of};
use super::routes::{Table, respond};
use super::settings::Realm;
use super::store::{self, administrative, realm_removal};
use super::wire_keycloak_key;
use super::wire_keycloak_realm::{self as wire, RealmChangeJson};
use crate::event::audit::{AuditEvent, Change, Operation, Place};
use crate::event::store::audit as event_store;
use crate::kernel::id::RealmId;
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::web::Response;
use crate::web::answer;
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::Value;
use std::collections::HashMap;

/// Making one is answered where all that a realm may bring along is known.
const REALMS: &str = "/admin/realms";

const REALM: &str = "/admin/realms/{realm}";

const KEYS: &str = "/admin/realms/{realm}/keys";

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, REALMS, |i| async move { respond(list(i).await) }.boxed_local()),
        (Method::GET, REALM, |i| async move { respond(read(i).await) }.boxed_local()),
        (Method::PUT, REALM, |i| async move { respond(change(i).await) }.boxed_local()),
        (Method::DELETE, REALM, |i| async move { respond(delete(i).await) }.boxed_local()),
        (Method::GET, KEYS, |i| async move { respond(list_keys(i).await) }.boxed_local()),
    ]
}

const READERS: &[AdminRole] = &[AdminRole::ViewRealm, AdminRole::ManageRealm];

/// `GET /admin/realms`, of a caller of `master`: the realms they administer; of
/// those that they may not read, the names.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let is_brief = inquiry.query().truth("briefRepresentation") == Some(true);
    let directory = inquiry.directory();
    let realms = store::realm::list_kept(directory).await?;
    if i64::try_from(realms.len()).is_ok_and(|count| count > MAX_PAGE_ROWS) {
        return Err(TooMany.into());
    }
    let sees_all = holds(inquiry, ADMIN).await?;
    let held = if sees_all { HashMap::new() } else { held_by_client(inquiry).await? };
    let ids: Vec<&RealmId> = realms.iter().map(|(realm, _)| &realm.id).collect();
    let defaults = Defaults::list(directory, &ids).await?;
    let none = Defaults::default();
    let show = |(realm, kept): &(Realm, super::kept::Kept)| {
        let defaults = defaults.get(&realm.id).unwrap_or(&none);
        let roles = held.get(&master_client_of(realm.name.as_str()));
        let reads =
            sees_all || roles.is_some_and(|roles| roles.iter().any(|role| READERS.contains(role)));
        match (reads, is_brief) {
            (true, false) => Some(wire::full(realm, kept, defaults)),
            (true, true) => Some(wire::brief(realm)),
            (false, _) => roles.map(|_| wire::name_only(realm)),
        }
    };
    let body: Vec<Value> = realms.iter().filter_map(show).collect();
    if body.is_empty() {
        return Err(AdminError::Forbidden);
    }
    Ok(answer::json(StatusCode::OK, &body))
}

/// What the caller may administer, by the client of `master` whose role says so.
async fn held_by_client(
    inquiry: &Inquiry<'_>,
) -> Result<HashMap<String, Vec<AdminRole>>, StoreError> {
    let roles =
        administrative::list_within_users(inquiry.directory(), &[&inquiry.actor.user]).await?;
    let mut held: HashMap<String, Vec<AdminRole>> = HashMap::new();
    for (_, role) in roles {
        if let (Some(client_id), Some(named)) = (role.client_id, AdminRole::named(&role.name)) {
            held.entry(client_id).or_default().push(named);
        }
    }
    Ok(held)
}

async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let realm = &*inquiry.context.realm;
    if inquiry.actor.holds_any(READERS) {
        let directory = inquiry.directory();
        let kept = store::realm::find_kept(directory, &realm.id).await?;
        let defaults = Defaults::of(directory, &realm.id).await?;
        return Ok(answer::json(StatusCode::OK, &wire::full(realm, &kept, &defaults)));
    }
    if inquiry.actor.admin_roles.is_empty() {
        return Err(AdminError::Forbidden);
    }
    Ok(answer::json(StatusCode::OK, &wire::name_only(realm)))
}

async fn change(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    let directory = inquiry.directory();
    // Not the isolate's copy, which may be older than what it would replace.
    let old = store::realm::find_by_id(directory, inquiry.realm_id()).await?;
    let old = old.ok_or(AdminError::Unknown("Realm not found."))?;
    let kept = store::realm::find_kept(directory, &old.id).await?;
    let context = inquiry.context;
    let mut asked: RealmChangeJson = inquiry.body()?;
    let default_groups = asked.default_groups.take();
    let (realm, kept) = realm_change::change(asked, &old, &kept, context.now)?;
    if realm.settings.signing_algorithm != old.settings.signing_algorithm {
        let algorithm = realm.settings.signing_algorithm;
        let made = key::ensure_key(context.ports, &realm.id, algorithm, context.now).await;
        made.map_err(broken)?;
    }
    let mut statements = vec![
        store::realm::replacement(&realm)?,
        store::realm::kept_update(&realm.id, &kept)?,
        store::realm::not_before_raise(&realm.id, realm.not_before),
    ];
    if realm.not_before > old.not_before {
        // The schedule ends them where they are kept, and their clients hear of it.
        let ending = store::session_ending::insertion_of_all(&realm.id, realm.not_before);
        statements.push(ending);
    }
    if realm.name != old.name {
        // The realm's administrators of `master` go with its name.
        let master = find_master(directory).await?;
        let [old, new] = [&old, &realm].map(|realm| master_client_of(realm.name.as_str()));
        statements.push(store::client::renaming(&master, &old, &new));
    }
    let mut defaults = Defaults::of(directory, &realm.id).await?;
    if let Some(paths) = default_groups {
        statements.extend(group_change::defaults_replacement(inquiry, &paths).await?);
        defaults.groups = paths;
    }
    let told = wire::full(&realm, &kept, &defaults);
    let change = change_of(Operation::Update, &realm, Some(told));
    commit(inquiry, statements, change, &realm).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Deletes the realm. The commit point is here: from then on nobody finds it,
/// its name is free, and nobody in `master` holds a role over it. What belonged
/// to it goes by the clock.
async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    let realm = &*inquiry.context.realm;
    if realm.is_master() {
        return Err(AdminError::Invalid("realm master cannot be deleted".to_owned()));
    }
    let (directory, now) = (inquiry.directory(), inquiry.context.now);
    let master = find_master(directory).await?;
    let mut statements = realm_removal::deletion(&realm.id, &realm.name, now);
    let client_id = master_client_of(realm.name.as_str());
    if let Some(client) = store::client::find(directory, &master, &client_id).await? {
        statements.extend(store::client::deletion(&master, &client.uuid));
    }
    // Told in `master`: the realm's own trail goes with it.
    let place = Place { realm: &master, org: None };
    let actor = inquiry.audit_actor();
    let change = change_of(Operation::Delete, realm, None);
    let event = AuditEvent::new(&*inquiry.context.ports.random, now, place, actor, change);
    statements.push(event_store::insertion(&event)?);
    match directory.batch(statements).await {
        // Somebody deleted it at the same time: as good.
        Ok(_) | Err(StoreError::Conflict { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    inquiry.context.ports.memo.clear();
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

async fn list_keys(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(READERS)?;
    let context = inquiry.context;
    let keys = context.keys().await?;
    let life = context.realm.settings.access_token_lifespan;
    Ok(answer::json(StatusCode::OK, &wire_keycloak_key::keys(&keys, life, context.now)))
}

async fn find_master(directory: &dyn Directory) -> Result<RealmId, AdminError> {
    let found = store::realm::find_master(directory).await?;
    found.ok_or(AdminError::Unknown("Realm not found."))
}

async fn commit(
    inquiry: &Inquiry<'_>,
    statements: Vec<Statement>,
    change: Change,
    realm: &Realm,
) -> Result<(), AdminError> {
    let committed = inquiry.commit(statements, change).await;
    committed.map(|_| ()).map_err(|error| match error {
        broken @ StoreError::Broken { .. } => group_change::broken(broken),
        error => taken(error, realm),
    })
}
