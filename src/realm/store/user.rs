//! Users.
use super::to_json;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{ClientUuid, OrgId, RealmId, UserId};
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::user::{Manager, RequiredAction, User, Username};

/// All of users, and whether the organization that manages the account, if one does, is
/// enabled: what [`user_from_row`] reads. What it selects from comes after it.
pub(super) const SELECT: &str = "
    SELECT user.id, user.username, user.email, user.email_verified, user.first_name,
           user.last_name, user.enabled, user.home_org_id, user.service_account_for,
           user.created_at, user.attributes, user.required_actions,
           (SELECT organization.enabled
              FROM membership
              JOIN organization ON organization.realm_id = membership.realm_id
                               AND organization.id = membership.org_id
             WHERE membership.realm_id = user.realm_id AND membership.user_id = user.id
               AND membership.managed = 1) AS manager_enabled";

const FIND: &str = "
      FROM user
     WHERE id = ? AND realm_id = ?";

const FIND_BY_USERNAME: &str = "
      FROM user
     WHERE realm_id = ? AND username = ?";

const FIND_BY_EMAIL: &str = "
      FROM user
     WHERE realm_id = ? AND email = ?";

const LIST: &str = "
      FROM user
     WHERE id IN (SELECT value FROM json_each(?)) AND realm_id = ?";

const LIST_BY_USERNAME: &str = "
      FROM user
     WHERE realm_id = ? AND username IN (SELECT value FROM json_each(?))";

const LIST_BY_EMAIL: &str = "
      FROM user
     WHERE realm_id = ? AND email IN (SELECT value FROM json_each(?))";

const INSERT: &str = "
    INSERT INTO user (id, realm_id, username, email, email_verified, first_name, last_name,
                      enabled, home_org_id, service_account_for, created_at, attributes,
                      required_actions)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "
    UPDATE user
       SET username = ?, email = ?, email_verified = ?, first_name = ?, last_name = ?,
           enabled = ?, attributes = ?, required_actions = ?
     WHERE id = ? AND realm_id = ?";

/// Actions are few and each stands there once, so a removal is a filter.
const REMOVE_ACTION: &str = "
    UPDATE user
       SET required_actions = (SELECT json_group_array(value)
                                 FROM json_each(required_actions)
                                WHERE value <> ?)
     WHERE id = ? AND realm_id = ?";

const ADD_ACTION: &str = "
    UPDATE user
       SET required_actions = json_insert(required_actions, '$[#]', ?)
     WHERE id = ? AND realm_id = ?
       AND NOT EXISTS (SELECT 1 FROM json_each(required_actions) WHERE value = ?)";

const DELETE: &str = "DELETE FROM user WHERE id = ? AND realm_id = ?";

const DELETE_NATIVE_ROLES: &str = "
    DELETE FROM user_role
     WHERE user_id IN (SELECT id FROM user
                        WHERE realm_id = ? AND username = ? AND home_org_id = ?)";

const DELETE_NATIVE: &str =
    "DELETE FROM user WHERE realm_id = ? AND username = ? AND home_org_id = ?";

const MARK_EMAIL_VERIFIED: &str =
    "UPDATE user SET email_verified = 1 WHERE id = ? AND realm_id = ? AND email = ?";

const RENAME: &str = "UPDATE user SET username = ? WHERE id = ? AND realm_id = ?";

const DELETE_GRANTS: &str = "DELETE FROM user_role WHERE user_id = ?";

const DELETE_SERVICE_ACCOUNT: &str =
    "DELETE FROM user WHERE id = ? AND realm_id = ? AND service_account_for IS NOT NULL";

/// The user of `realm` whose id is `user`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
) -> Result<Option<User>, StoreError> {
    directory.run(finding(realm, user)).await?.first().map(user_from_row).transpose()
}

/// The statement behind [`find`].
pub(super) fn finding(realm: &RealmId, user: &UserId) -> Statement {
    Statement::new(SELECT).push(FIND).bind(user.as_str()).bind(realm.as_str())
}

/// The user of `realm` called `username`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_by_username(
    directory: &dyn Directory,
    realm: &RealmId,
    username: &Username,
) -> Result<Option<User>, StoreError> {
    let statement =
        Statement::new(SELECT).push(FIND_BY_USERNAME).bind(realm.as_str()).bind(username.as_str());
    directory.run(statement).await?.first().map(user_from_row).transpose()
}

/// The user of `realm` whose address is `email`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_by_email(
    directory: &dyn Directory,
    realm: &RealmId,
    email: &EmailAddress,
) -> Result<Option<User>, StoreError> {
    let statement =
        Statement::new(SELECT).push(FIND_BY_EMAIL).bind(realm.as_str()).bind(email.as_str());
    directory.run(statement).await?.first().map(user_from_row).transpose()
}

/// The person who would sign in as `text`: by username first, then by e-mail.
/// One round trip.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_by_login(
    directory: &dyn Directory,
    realm: &RealmId,
    text: &str,
) -> Result<Option<User>, StoreError> {
    let Ok(username) = text.parse::<Username>() else { return Ok(None) };
    let by = |sql| Statement::new(SELECT).push(sql).bind(realm.as_str()).bind(username.as_str());
    let answers = directory.batch(vec![by(FIND_BY_USERNAME), by(FIND_BY_EMAIL)]).await?;
    let found = answers.iter().flatten().next().map(user_from_row).transpose()?;
    Ok(found.filter(|user| user.service_account_for.is_none()))
}

/// Those of `users` that exist in `realm`, in no particular order.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    realm: &RealmId,
    users: &[UserId],
) -> Result<Vec<User>, StoreError> {
    let statement = Statement::new(SELECT).push(LIST).bind(to_json(&users)?).bind(realm.as_str());
    directory.run(statement).await?.iter().map(user_from_row).collect()
}

/// By what a user may be named.
#[derive(Clone, Copy, Debug, Default)]
pub struct Named<'a> {
    /// Their ids.
    pub ids: &'a [UserId],
    /// Their usernames.
    pub usernames: &'a [Username],
    /// Their addresses.
    pub emails: &'a [EmailAddress],
}

/// The users of `realm` who are `named`, one or several times, in no particular
/// order. One round trip.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list_named(
    directory: &dyn Directory,
    realm: &RealmId,
    named: Named<'_>,
) -> Result<Vec<User>, StoreError> {
    let usernames: Vec<&str> = named.usernames.iter().map(Username::as_str).collect();
    let emails: Vec<&str> = named.emails.iter().map(EmailAddress::as_str).collect();
    let statements = vec![
        Statement::new(SELECT).push(LIST).bind(to_json(&named.ids)?).bind(realm.as_str()),
        Statement::new(SELECT)
            .push(LIST_BY_USERNAME)
            .bind(realm.as_str())
            .bind(to_json(&usernames)?),
        Statement::new(SELECT).push(LIST_BY_EMAIL).bind(realm.as_str()).bind(to_json(&emails)?),
    ];
    let answers = directory.batch(statements).await?;
    answers.iter().flatten().map(user_from_row).collect()
}

/// The statement that adds a user, to go with others into one batch: a
/// `Conflict` there says that the id, the username or the e-mail is taken.
///
/// # Errors
/// `Refused` when a column cannot be written as JSON.
pub fn insertion(realm: &RealmId, user: &User) -> Result<Statement, StoreError> {
    Ok(Statement::new(INSERT)
        .bind(user.id.as_str())
        .bind(realm.as_str())
        .bind(user.username.as_str())
        .bind(user.email.as_ref().map(EmailAddress::as_str))
        .bind(user.email_verified)
        .bind(user.first_name.as_deref())
        .bind(user.last_name.as_deref())
        .bind(user.enabled)
        .bind(user.home_org.as_ref().map(OrgId::as_str))
        .bind(user.service_account_for.as_ref().map(ClientUuid::as_str))
        .bind(user.created_at)
        .bind(to_json(&user.attributes)?)
        .bind(to_json(&user.required_actions)?))
}

/// The statement that writes everything of a user that may change.
///
/// # Errors
/// `Refused` when a column cannot be written as JSON.
pub fn update(realm: &RealmId, user: &User) -> Result<Statement, StoreError> {
    Ok(Statement::new(UPDATE)
        .bind(user.username.as_str())
        .bind(user.email.as_ref().map(EmailAddress::as_str))
        .bind(user.email_verified)
        .bind(user.first_name.as_deref())
        .bind(user.last_name.as_deref())
        .bind(user.enabled)
        .bind(to_json(&user.attributes)?)
        .bind(to_json(&user.required_actions)?)
        .bind(user.id.as_str())
        .bind(realm.as_str()))
}

/// The statement that lets `user` owe `action` no more.
#[must_use]
pub fn action_removal(realm: &RealmId, user: &UserId, action: RequiredAction) -> Statement {
    Statement::new(REMOVE_ACTION).bind(action.as_str()).bind(user.as_str()).bind(realm.as_str())
}

/// The statement that lets `user` owe `action`, once.
#[must_use]
pub fn action_addition(realm: &RealmId, user: &UserId, action: RequiredAction) -> Statement {
    Statement::new(ADD_ACTION)
        .bind(action.as_str())
        .bind(user.as_str())
        .bind(realm.as_str())
        .bind(action.as_str())
}

/// The statement that forgets a user, and by triggers what hangs on the row.
#[must_use]
pub fn deletion(realm: &RealmId, user: &UserId) -> Statement {
    Statement::new(DELETE).bind(user.as_str()).bind(realm.as_str())
}

/// The statements that forget the user called `username` whose home is `org`.
/// Whoever else bears the name stays.
pub(super) fn native_deletions(realm: &RealmId, org: &OrgId, username: &str) -> [Statement; 2] {
    [DELETE_NATIVE_ROLES, DELETE_NATIVE]
        .map(|sql| Statement::new(sql).bind(realm.as_str()).bind(username).bind(org.as_str()))
}

/// The statement that gives a user another username; `Conflict` when it is taken.
#[must_use]
pub fn renaming(realm: &RealmId, user: &UserId, username: &Username) -> Statement {
    Statement::new(RENAME).bind(username.as_str()).bind(user.as_str()).bind(realm.as_str())
}

/// The statements that delete a client's service account with what it holds. It
/// never signed in, so nothing else knows it.
#[must_use]
pub fn service_account_deletion(realm: &RealmId, user: &UserId) -> Vec<Statement> {
    vec![
        Statement::new(DELETE_GRANTS).bind(user.as_str()),
        Statement::new(DELETE_SERVICE_ACCOUNT).bind(user.as_str()).bind(realm.as_str()),
    ]
}

/// Notes that the person reads `email`, if that still is the user's address.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn mark_email_verified(
    directory: &dyn Directory,
    realm: &RealmId,
    user: &UserId,
    email: &EmailAddress,
) -> Result<(), StoreError> {
    directory.run(email_verification(realm, user, email)).await.map(|_| ())
}

/// The statement behind [`mark_email_verified`].
#[must_use]
pub fn email_verification(realm: &RealmId, user: &UserId, email: &EmailAddress) -> Statement {
    Statement::new(MARK_EMAIL_VERIFIED)
        .bind(user.as_str())
        .bind(realm.as_str())
        .bind(email.as_str())
}

/// A user, from a row with all columns.
pub(super) fn user_from_row(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.parse("id")?,
        username: row.parse("username")?,
        email: row.parse_or_null("email")?,
        email_verified: row.truth("email_verified")?,
        first_name: row.text_or_null("first_name")?.map(str::to_owned),
        last_name: row.text_or_null("last_name")?.map(str::to_owned),
        enabled: row.truth("enabled")?,
        home_org: row.parse_or_null("home_org_id")?,
        service_account_for: row.parse_or_null("service_account_for")?,
        created_at: row.time("created_at")?,
        attributes: row.json("attributes")?,
        required_actions: row.json("required_actions")?,
        manager: row
            .truth_or_null("manager_enabled")?
            .map(|enabled| if enabled { Manager::Enabled } else { Manager::Disabled }),
    })
}
