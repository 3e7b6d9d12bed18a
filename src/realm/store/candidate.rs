//! Who in a realm an organization's directory may mean, and what must be known of
//! them before it may have them.
use super::to_json;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{OrgId, RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::user::Username;

/// One question for any number of people. An organization's own administration
/// account has a home too, but no directory made it (reference phasetwo.md §3.3).
const LIST: &str = "
    WITH RECURSIVE hit (id) AS (
        SELECT id FROM user WHERE realm_id = ? AND email IN (SELECT value FROM json_each(?))
         UNION
        SELECT id FROM user WHERE realm_id = ? AND username IN (SELECT value FROM json_each(?))
         UNION
        SELECT id FROM user WHERE realm_id = ? AND id IN (SELECT value FROM json_each(?))
    ), held (user_id, role_id) AS (
        SELECT user_role.user_id, user_role.role_id
          FROM hit
          JOIN user_role ON user_role.user_id = hit.id
         UNION
        SELECT group_grant.user_id, group_grant.role_id
          FROM hit
          JOIN group_grant ON group_grant.user_id = hit.id
         UNION
        SELECT held.user_id, role_composite.child_id
          FROM held
          JOIN role_composite ON role_composite.parent_id = held.role_id
    )
    SELECT user.id, user.username, user.email, user.email_verified,
           user.service_account_for IS NOT NULL AS is_machine,
           user.home_org_id IS ? AND user.service_account_for IS NULL
                AND user.username <> 'org-admin-' || user.home_org_id AS is_made_here,
           EXISTS (SELECT 1 FROM membership
                    WHERE membership.realm_id = user.realm_id
                      AND membership.user_id = user.id
                      AND membership.belongs = 1
                      AND membership.org_id <> ?) AS belongs_elsewhere,
           EXISTS (SELECT 1
                     FROM held
                     JOIN role ON role.id = held.role_id
                     LEFT JOIN client ON client.id = role.client_uuid
                    WHERE held.user_id = user.id
                      AND role.realm_id = user.realm_id
                      AND (client.client_id = 'realm-management'
                           OR client.client_id LIKE '%-realm'
                           OR role.client_uuid IS NULL
                              AND role.name IN ('admin', 'create-realm')
                              AND role.realm_id = (SELECT id FROM realm WHERE name = 'master')
                          )) AS is_administrator
      FROM hit
      JOIN user ON user.id = hit.id";

/// What a directory says about who it means.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sought<'a> {
    /// Addresses.
    pub emails: &'a [&'a EmailAddress],
    /// Usernames.
    pub usernames: &'a [&'a Username],
    /// Ids.
    pub ids: &'a [&'a UserId],
}

/// Somebody who may be meant.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact, free of the others")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Their id.
    pub id: UserId,
    /// Their name.
    pub username: Username,
    /// Their address.
    pub email: Option<EmailAddress>,
    /// Whether somebody has shown to read that mailbox.
    pub email_verified: bool,
    /// Whether this is a client's account.
    pub is_machine: bool,
    /// Whether the organization's directory made them.
    pub is_made_here: bool,
    /// Whether they belong to another organization, with access or suspended.
    pub belongs_elsewhere: bool,
    /// Whether they administer the realm, or another one.
    pub is_administrator: bool,
}

/// Who of the realm is `sought`, in no particular order.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    sought: Sought<'_>,
) -> Result<Vec<Candidate>, StoreError> {
    let statement = Statement::new(LIST)
        .bind(realm.as_str())
        .bind(to_json(&sought.emails)?)
        .bind(realm.as_str())
        .bind(to_json(&sought.usernames)?)
        .bind(realm.as_str())
        .bind(to_json(&sought.ids)?)
        .bind(org.as_str())
        .bind(org.as_str());
    directory.run(statement).await?.iter().map(candidate_from_row).collect()
}

fn candidate_from_row(row: &Row) -> Result<Candidate, StoreError> {
    Ok(Candidate {
        id: row.parse("id")?,
        username: row.parse("username")?,
        email: row.parse_or_null("email")?,
        email_verified: row.truth("email_verified")?,
        is_machine: row.truth("is_machine")?,
        is_made_here: row.truth("is_made_here")?,
        belongs_elsewhere: row.truth("belongs_elsewhere")?,
        is_administrator: row.truth("is_administrator")?,
    })
}
