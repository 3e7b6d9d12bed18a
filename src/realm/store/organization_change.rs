//! Changes of organizations in the registry, which decides about names.
use super::to_json;
use crate::kernel::id::{OrgId, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::registry::Profile;

/// The constraint on the name decides; a change that a newer one has overtaken,
/// or that was given up, changes nothing.
const REPLACE: &str = "
    UPDATE organization
       SET name = ?, display_name = ?, url = ?, attributes = ?, enabled = ?, description = ?,
           redirect_url = ?, version = ?
     WHERE realm_id = ? AND id = ? AND version < ?
 RETURNING id";

/// After this no change of that number or a lower one can come through.
const FENCE: &str = "
    UPDATE organization SET version = ? WHERE realm_id = ? AND id = ? AND version < ?";

const FIND_VERSION: &str = "SELECT version FROM organization WHERE realm_id = ? AND id = ?";

const SET_DOMAINS: &str = "
    UPDATE organization
       SET domains = ?, domains_version = ?
     WHERE realm_id = ? AND id = ? AND domains_version < ?";

/// Replaces what the registry says of `org`: the commit point of the change
/// number `version`. `false` when a newer change came first, or when `org` is
/// gone.
///
/// # Errors
/// `Conflict` when the name is taken.
pub async fn replace(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    profile: &Profile,
    version: i64,
) -> Result<bool, StoreError> {
    let statement = Statement::new(REPLACE)
        .bind(profile.name.as_str())
        .bind(profile.display_name.as_deref())
        .bind(profile.url.as_deref())
        .bind(to_json(&profile.attributes)?)
        .bind(profile.enabled)
        .bind(profile.description.as_deref())
        .bind(profile.redirect_url.as_deref())
        .bind(version)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(version);
    Ok(!directory.run(statement).await?.is_empty())
}

/// Whether the registry took the change number `version`. If it did not, it
/// never will: the next number is used up here.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn settle(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    version: i64,
) -> Result<bool, StoreError> {
    let fence = Statement::new(FENCE)
        .bind(version + 1)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(version);
    let find = Statement::new(FIND_VERSION).bind(realm.as_str()).bind(org.as_str());
    let answers = directory.batch(vec![fence, find]).await?;
    let known = answers.iter().flatten().next().map(|row| row.int("version")).transpose()?;
    Ok(known == Some(version))
}

/// The statement that tells the registry which domains `org` names. Only a newer
/// list replaces an older one, in whatever order they arrive.
///
/// # Errors
/// `Refused` when the list cannot be written as JSON.
pub fn domains(
    (realm, org): (&RealmId, &OrgId),
    domains: &[String],
    version: i64,
) -> Result<Statement, StoreError> {
    Ok(Statement::new(SET_DOMAINS)
        .bind(to_json(&domains)?)
        .bind(version)
        .bind(realm.as_str())
        .bind(org.as_str())
        .bind(version))
}
