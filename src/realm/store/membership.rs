//! The projection of memberships: where a person belongs, as each
//! organization's object last said.
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

/// Only a newer state replaces an older one, in whatever order they arrive.
const UPSERT: &str = "
    INSERT INTO membership (realm_id, user_id, org_id, present, version)
    VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (realm_id, user_id, org_id) DO UPDATE
       SET present = excluded.present, version = excluded.version
     WHERE excluded.version > membership.version";

const LIST_ORGS: &str = "
    SELECT organization.id, organization.alias,
           coalesce(organization.display_name, organization.name) AS title
      FROM membership
      JOIN organization ON organization.realm_id = membership.realm_id
                       AND organization.id = membership.org_id
     WHERE membership.realm_id = ? AND membership.user_id = ? AND membership.present = 1
     ORDER BY title, organization.id
     LIMIT ?";

/// One state of one membership.
#[derive(Clone, Debug)]
pub struct MembershipState<'a> {
    /// The realm.
    pub realm: &'a RealmId,
    /// The person.
    pub user: &'a UserId,
    /// The organization.
    pub org: &'a OrgId,
    /// Whether the person belongs to it.
    pub present: bool,
    /// Grows with every state of this organization.
    pub version: i64,
}

/// The statement that projects a state.
#[must_use]
pub fn projection(state: &MembershipState<'_>) -> Statement {
    Statement::new(UPSERT)
        .bind(state.realm.as_str())
        .bind(state.user.as_str())
        .bind(state.org.as_str())
        .bind(state.present)
        .bind(state.version)
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
    let statement = Statement::new(LIST_ORGS).bind(realm.as_str()).bind(user.as_str()).bind(limit);
    let rows = directory.run(statement).await?;
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
