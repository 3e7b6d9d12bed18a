//! Realms that were deleted, and what is still there of them.
use super::to_json;
use crate::kernel::id::{OrgId, RealmId, RealmName, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;

const INSERT: &str = "INSERT INTO realm_removal (realm_id, removed_at) VALUES (?, ?)";

const DELETE_REALM: &str = "DELETE FROM realm WHERE id = ? AND name = ?";

const LIST: &str = "SELECT realm_id, removed_at FROM realm_removal ORDER BY realm_id LIMIT ?";

const FIND: &str = "SELECT realm_id FROM realm_removal WHERE realm_id = ?";

const FORGET: &str = "DELETE FROM realm_removal WHERE realm_id = ?";

const FORGET_ORGANIZATIONS: &str = "DELETE FROM organization_tally WHERE realm_id = ?";

const FORGET_GROUPS: &str = "DELETE FROM group_tally WHERE realm_id = ?";

const FORGET_PEOPLE: &str = "DELETE FROM user_tally WHERE realm_id = ?";

const LIST_ORGS: &str = "SELECT id FROM organization WHERE realm_id = ? LIMIT ?";

const LIST_USERS: &str = "SELECT id FROM user WHERE realm_id = ? LIMIT ?";

const DELETE_GRANTS_OF_USERS: &str =
    "DELETE FROM user_role WHERE user_id IN (SELECT value FROM json_each(?))";

const DELETE_USERS: &str =
    "DELETE FROM user WHERE id IN (SELECT value FROM json_each(?)) AND realm_id = ?";

const DELETE_GRANTS_OF_ROLES: &str = "
    DELETE FROM user_role
     WHERE role_id IN (SELECT id FROM role WHERE realm_id = ? LIMIT ?)";

const DELETE_CHILDREN: &str = "
    DELETE FROM role_composite
     WHERE parent_id IN (SELECT id FROM role WHERE realm_id = ? LIMIT ?)";

const DELETE_PARENTS: &str = "
    DELETE FROM role_composite
     WHERE child_id IN (SELECT id FROM role WHERE realm_id = ? LIMIT ?)";

const DELETE_ROLES: &str = "
    DELETE FROM role
     WHERE id IN (SELECT id FROM role WHERE realm_id = ? LIMIT ?)
    RETURNING id";

const DELETE_MAPPERS: &str = "
    DELETE FROM protocol_mapper
     WHERE id IN (SELECT id FROM protocol_mapper WHERE realm_id = ? LIMIT ?)
    RETURNING id";

const DELETE_ATTACHMENTS: &str = "
    DELETE FROM scope_of_client
     WHERE client_uuid IN (SELECT id FROM client WHERE realm_id = ? LIMIT ?)";

const DELETE_CLIENTS: &str = "
    DELETE FROM client
     WHERE id IN (SELECT id FROM client WHERE realm_id = ? LIMIT ?)
    RETURNING id";

const DELETE_SCOPES: &str = "
    DELETE FROM client_scope
     WHERE id IN (SELECT id FROM client_scope WHERE realm_id = ? LIMIT ?)
    RETURNING id";

const DELETE_EVENTS: &str = "
    DELETE FROM event
     WHERE id IN (SELECT id FROM event WHERE realm_id = ? LIMIT ?)
    RETURNING id";

const DELETE_USER_EVENTS: &str = "
    DELETE FROM user_event
     WHERE number IN (SELECT number FROM user_event WHERE realm_id = ? LIMIT ?)
    RETURNING number";

/// The limit is for form: there is one row at most.
const DELETE_PROFILE: &str = "
    DELETE FROM user_profile
     WHERE realm_id IN (SELECT realm_id FROM user_profile WHERE realm_id = ? LIMIT ?)
 RETURNING realm_id";

const DELETE_INITIAL_ACCESS: &str = "
    DELETE FROM initial_access
     WHERE id IN (SELECT id FROM initial_access WHERE realm_id = ? LIMIT ?)
    RETURNING id";

const DELETE_KEYS: &str = "
    DELETE FROM signing_key
     WHERE kid IN (SELECT kid FROM signing_key WHERE realm_id = ? LIMIT ?)
    RETURNING kid";

/// Its links and mappers go with each, by triggers.
const DELETE_PROVIDERS: &str = "
    DELETE FROM identity_provider
     WHERE id IN (SELECT id FROM identity_provider WHERE realm_id = ? LIMIT ?)
    RETURNING id";

/// What is below goes with each, and so do members, roles and attributes.
const DELETE_GROUPS: &str = "
    DELETE FROM realm_group
     WHERE id IN (SELECT id FROM realm_group WHERE realm_id = ? LIMIT ?)
    RETURNING id";

const DELETE_MEMBERSHIPS: &str = "
    DELETE FROM membership
     WHERE realm_id = ?
       AND (user_id, org_id) IN
           (SELECT user_id, org_id FROM membership WHERE realm_id = ? LIMIT ?)
    RETURNING user_id AS id";

/// A realm that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Its key.
    pub realm: RealmId,
    /// When.
    pub at: Timestamp,
}

/// The statements that delete a realm: from then on nobody finds it, and its
/// name is free. What belongs to it goes later.
#[must_use]
pub fn deletion(realm: &RealmId, name: &RealmName, now: Timestamp) -> Vec<Statement> {
    vec![
        Statement::new(INSERT).bind(realm.as_str()).bind(now),
        Statement::new(DELETE_REALM).bind(realm.as_str()).bind(name.as_str()),
    ]
}

/// Realms that were deleted and may not be gone, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(directory: &dyn Directory, limit: i64) -> Result<Vec<Removal>, StoreError> {
    let rows = directory.run(Statement::new(LIST).bind(limit)).await?;
    let removal =
        |row: &Row| Ok(Removal { realm: row.parse("realm_id")?, at: row.time("removed_at")? });
    rows.iter().map(removal).collect()
}

/// Whether a realm of that key was deleted and may not be gone: what is written
/// under the key now would go with it.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn is_going(directory: &dyn Directory, realm: &RealmId) -> Result<bool, StoreError> {
    Ok(!directory.run(Statement::new(FIND).bind(realm.as_str())).await?.is_empty())
}

/// Nothing is left of the realm.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn forget(directory: &dyn Directory, realm: &RealmId) -> Result<(), StoreError> {
    let of = |sql| Statement::new(sql).bind(realm.as_str());
    let statements =
        vec![of(FORGET_ORGANIZATIONS), of(FORGET_GROUPS), of(FORGET_PEOPLE), of(FORGET)];
    directory.batch(statements).await.map(|_| ())
}

/// Organizations that are left, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_orgs(
    directory: &dyn Directory,
    realm: &RealmId,
    limit: i64,
) -> Result<Vec<OrgId>, StoreError> {
    let rows = directory.run(Statement::new(LIST_ORGS).bind(realm.as_str()).bind(limit)).await?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// Users who are left, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_users(
    directory: &dyn Directory,
    realm: &RealmId,
    limit: i64,
) -> Result<Vec<UserId>, StoreError> {
    let rows = directory.run(Statement::new(LIST_USERS).bind(realm.as_str()).bind(limit)).await?;
    rows.iter().map(|row| row.parse("id")).collect()
}

/// Deletes users with what was granted to them, all or none.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete_users(
    directory: &dyn Directory,
    realm: &RealmId,
    users: &[UserId],
) -> Result<(), StoreError> {
    let users = to_json(&users)?;
    let statements = vec![
        Statement::new(DELETE_GRANTS_OF_USERS).bind(users.as_str()),
        Statement::new(DELETE_USERS).bind(users).bind(realm.as_str()),
    ];
    directory.batch(statements).await.map(|_| ())
}

/// Deletes a page of everything else, at most `limit` rows of each table, and
/// answers whether that was all. What refers to a row goes with it.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn delete_page(
    directory: &dyn Directory,
    realm: &RealmId,
    limit: i64,
) -> Result<bool, StoreError> {
    let page = |sql| Statement::new(sql).bind(realm.as_str()).bind(limit);
    let statements = vec![
        page(DELETE_GROUPS),
        page(DELETE_GRANTS_OF_ROLES),
        page(DELETE_CHILDREN),
        page(DELETE_PARENTS),
        page(DELETE_ROLES),
        page(DELETE_MAPPERS),
        page(DELETE_ATTACHMENTS),
        page(DELETE_CLIENTS),
        page(DELETE_SCOPES),
        page(DELETE_PROVIDERS),
        page(DELETE_EVENTS),
        page(DELETE_USER_EVENTS),
        page(DELETE_INITIAL_ACCESS),
        page(DELETE_KEYS),
        page(DELETE_PROFILE),
        Statement::new(DELETE_MEMBERSHIPS).bind(realm.as_str()).bind(realm.as_str()).bind(limit),
    ];
    let answers = directory.batch(statements).await?;
    Ok(answers.iter().all(Vec::is_empty))
}
