//! Imports of organizations that have ended: committed, or given up. One id goes
//! into the table once, so whoever comes second learns what was decided.
use crate::kernel::id::{ImportId, OrgId, RealmId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;

/// How long the end of an import is remembered: no request that could still want
/// to commit it lives so long.
const REMEMBERED: Seconds = Seconds::days(1);

const FORGET: &str = "DELETE FROM organization_import WHERE ended_at < ?";

/// Without a time, which `NOT NULL` refuses, where the realm is gone: the batch
/// then changes nothing.
const COMMIT: &str = "
    INSERT INTO organization_import (id, ended_at)
    VALUES (?, (SELECT ? FROM realm WHERE id = ?))";

const GIVE_UP: &str = "
    INSERT INTO organization_import (id, ended_at)
    SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM organization_import WHERE id = ?)
    ON CONFLICT (id) DO NOTHING";

const LOOK: &str = "
    SELECT EXISTS (SELECT 1 FROM organization WHERE realm_id = ? AND id = ?) AS committed,
           EXISTS (SELECT 1 FROM organization_import WHERE id = ?) AS overtaken";

/// What became of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its organizations exist.
    Committed,
    /// They never will.
    GivenUp,
    /// Who wanted to give it up has been given up themselves.
    Overtaken,
}

/// The statements with which an import commits, at the head of their batch:
/// `Conflict` on `organization_import.id` when it was given up.
#[must_use]
pub fn commitment(import: &ImportId, realm: &RealmId, now: Timestamp) -> [Statement; 2] {
    [
        Statement::new(FORGET).bind(now - REMEMBERED),
        Statement::new(COMMIT).bind(import.as_str()).bind(now).bind(realm.as_str()),
    ]
}

/// Gives `import` up, unless it has committed; `org` is one of its organizations.
/// On behalf of the import `by`, if one has need of it: of two that want each
/// other's place, one gets it.
///
/// # Errors
/// `Refused` when the directory fails: nobody knows then.
pub async fn give_up(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    import: &ImportId,
    by: Option<&ImportId>,
    now: Timestamp,
) -> Result<End, StoreError> {
    // No import has an empty id.
    let by = by.map_or("", ImportId::as_str);
    let statements = vec![
        Statement::new(GIVE_UP).bind(import.as_str()).bind(now).bind(by),
        Statement::new(LOOK).bind(realm.as_str()).bind(org.as_str()).bind(by),
    ];
    let answers = directory.batch(statements).await?;
    let Some(row) = answers.last().and_then(|rows| rows.first()) else {
        return Err(StoreError::Refused("no answer about an import".to_owned()));
    };
    Ok(if row.truth("committed")? {
        End::Committed
    } else if row.truth("overtaken")? {
        End::Overtaken
    } else {
        End::GivenUp
    })
}
