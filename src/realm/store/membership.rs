//! The projection of memberships: where a person belongs, as each
//! organization's object last said.
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use serde::Serialize;

/// Only a newer state replaces an older one, in whatever order they arrive. The
/// first organization that manages an account keeps it.
const UPSERT: &str = "
    INSERT INTO membership (realm_id, user_id, org_id, present, belongs, version, managed,
                            listed_as)
    SELECT ?, told.value ->> '$.user', ?,
           told.value ->> '$.present', told.value ->> '$.belongs', told.value ->> '$.version',
           (told.value ->> '$.managed')
           AND NOT EXISTS (SELECT 1 FROM membership AS other
                            WHERE other.realm_id = ?
                              AND other.user_id = told.value ->> '$.user'
                              AND other.managed = 1
                              AND other.org_id <> ?),
           (SELECT user.username FROM user
             WHERE user.id = told.value ->> '$.user'
               AND user.realm_id = ?
               AND user.service_account_for IS NULL
               AND told.value ->> '$.belongs')
      FROM json_each(?) AS told
     WHERE true
    ON CONFLICT (realm_id, user_id, org_id) DO UPDATE
       SET present = excluded.present, belongs = excluded.belongs,
           managed = excluded.managed, listed_as = excluded.listed_as,
           version = excluded.version
     WHERE excluded.version > membership.version";

/// Who else manages an account, by the index of that.
const OTHER_MANAGER: &str = "
    SELECT org_id FROM membership
     WHERE realm_id = ? AND user_id = ? AND managed = 1 AND org_id <> ?";

/// Version 0: whatever the organization tells later is newer. Without a user,
/// which `NOT NULL` refuses, where the realm has none of that id: the batch then
/// changes nothing.
const CARRY: &str = "
    INSERT INTO membership (realm_id, user_id, org_id, present, belongs, listed_as, version)
    SELECT ?,
           (SELECT id FROM user
             WHERE user.id = carried.value ->> '$.user' AND user.realm_id = ?),
           carried.value ->> '$.org', carried.value ->> '$.present', 1,
           (SELECT username FROM user
             WHERE user.id = carried.value ->> '$.user' AND service_account_for IS NULL), 0
      FROM json_each(?) AS carried
     WHERE true
    ON CONFLICT (realm_id, user_id, org_id) DO NOTHING";

const LIST_ORGS: &str = "
    SELECT organization.id, organization.alias,
           coalesce(organization.display_name, organization.name) AS title
      FROM membership
      JOIN organization ON organization.realm_id = membership.realm_id
                       AND organization.id = membership.org_id
     WHERE membership.realm_id = ? AND membership.user_id = ? AND membership.present = 1
       AND organization.enabled = 1
     ORDER BY title, organization.id
     LIMIT ?";

/// Reads the rows of one organization's members, present or not, and their
/// users by key: the work grows with that organization, not with the realm. No
/// index finds a part of a word; one made for that (trigrams) would cover all
/// people of the realm, and find a thousand Annas to keep the three who belong
/// here. Names are folded as far as SQLite folds, which is ASCII.
const SEARCH: &str = "
    SELECT user.id
      FROM membership
      JOIN user ON user.id = membership.user_id AND user.realm_id = membership.realm_id
     WHERE membership.realm_id = ? AND membership.org_id = ?
       AND EXISTS (SELECT 1
                     FROM json_each(?) AS term
                    WHERE instr(user.username, term.value) > 0
                       OR instr(coalesce(user.email, ''), term.value) > 0
                       OR instr(lower(coalesce(user.first_name, '')), term.value) > 0
                       OR instr(lower(coalesce(user.last_name, '')), term.value) > 0)
     LIMIT ?";

/// One state of one membership in an organization.
#[derive(Clone, Debug, Serialize)]
pub struct MembershipState {
    /// The person.
    pub user: UserId,
    /// Whether it gives access.
    pub present: bool,
    /// Whether the person belongs to it, with access or suspended.
    pub belongs: bool,
    /// Whether the organization manages the person's account.
    pub managed: bool,
    /// Grows with every state of this organization.
    pub version: i64,
}

/// The statement that projects states of one organization, the oldest first. Who belongs
/// somewhere else as managed is not managed here: [`other_manager`] tells.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn projection(
    (realm, org): (&RealmId, &OrgId),
    states: &[MembershipState],
) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPSERT)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(realm.as_str())
        .bind(super::to_json(&states)?))
}

/// The statement that answers a row when another organization than `org` manages the
/// account of `user`.
#[must_use]
pub fn other_manager(realm: &RealmId, user: &UserId, org: &OrgId) -> Statement {
    Statement::new(OTHER_MANAGER).bind(realm.as_str()).bind(user.as_str()).bind(org.as_str())
}

/// Whether another organization than `org` manages the account of `user`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn is_managed_elsewhere(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    org: &OrgId,
) -> Result<bool, StoreError> {
    Ok(!directory.run(other_manager(realm, user, org)).await?.is_empty())
}

/// A membership of a new organization.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Carried<'a> {
    /// The person.
    pub user: &'a UserId,
    /// The organization.
    pub org: &'a OrgId,
    /// Whether it gives access.
    pub present: bool,
}

/// The statement that projects the memberships of new organizations, before they
/// tell of them: all of them, or the batch fails. A person who is deleted from
/// then on is missed nowhere.
///
/// # Errors
/// `Refused` when they cannot be written as JSON.
pub fn carrying(realm: &RealmId, members: &[Carried<'_>]) -> Result<Statement, StoreError> {
    Ok(Statement::new(CARRY)
        .bind(realm.as_str())
        .bind(realm.as_str())
        .bind(super::to_json(&members)?))
}

/// An organization as a person picks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberOrg {
    /// Its id.
    pub id: OrgId,
    /// Its alias.
    pub alias: String,
    /// Its name for people.
    pub title: String,
}

/// The organizations `user` belongs to, by title, at most `limit`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_orgs(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    limit: i64,
) -> Result<Vec<MemberOrg>, StoreError> {
    let rows = directory.run(listing(realm, user, limit)).await?;
    rows.iter()
        .map(|row| {
            Ok(MemberOrg {
                id: row.parse("id")?,
                alias: row.text("alias")?.to_owned(),
                title: row.text("title")?.to_owned(),
            })
        })
        .collect()
}

/// The statement behind [`list_orgs`].
pub(super) fn listing(realm: &RealmId, user: &UserId, limit: i64) -> Statement {
    Statement::new(LIST_ORGS).bind(realm.as_str()).bind(user.as_str()).bind(limit)
}

/// The users whose username, e-mail, first or last name contains one of `terms`
/// (lower case), among those who belong or once belonged to `org`: at most
/// `limit`, in no particular order. Who of them belongs to it now, and the order
/// of the list, the organization's object knows: this is a projection.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn search(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    terms: &[String],
    limit: i64,
) -> Result<Vec<UserId>, StoreError> {
    let statement = Statement::new(SEARCH)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(super::to_json(&terms)?)
        .bind(limit);
    directory.run(statement).await?.iter().map(|row| row.parse("id")).collect()
}
