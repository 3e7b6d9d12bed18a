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
    INSERT INTO organization_import (id, committed, ended_at)
    VALUES (?, 1, (SELECT ? FROM realm WHERE id = ?))";

const GIVE_UP: &str = "
    INSERT INTO organization_import (id, committed, ended_at)
    SELECT ?, 0, ? WHERE NOT EXISTS (SELECT 1 FROM organization_import WHERE id = ?)
    ON CONFLICT (id) DO NOTHING";

/// An object holds what one import brings, so its organization exists by that
/// import only: also when the import is forgotten.
const LOOK: &str = "
    SELECT EXISTS (SELECT 1 FROM organization_import WHERE id = ? AND committed = 1)
           OR EXISTS (SELECT 1 FROM organization WHERE realm_id = ? AND id = ?) AS committed,
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

/// Who wants to know what became of an import, and gives it up if nothing has.
#[derive(Clone, Copy, Debug)]
pub enum Asking<'a> {
    /// The import itself.
    Itself,
    /// The object of an organization that it brings.
    Object(&'a RealmId, &'a OrgId),
    /// The same, on behalf of another import that has need of the object: of two
    /// that want each other's place, one gets it.
    ObjectFor(&'a RealmId, &'a OrgId, &'a ImportId),
}

/// Gives `import` up, unless it has committed.
///
/// # Errors
/// `Refused` when the directory fails: nobody knows then.
pub async fn give_up(
    directory: &dyn Directory,
    import: &ImportId,
    asking: Asking<'_>,
    now: Timestamp,
) -> Result<End, StoreError> {
    // No import, realm or organization has an empty id.
    let (realm, org, by) = match asking {
        Asking::Itself => ("", "", ""),
        Asking::Object(realm, org) => (realm.as_str(), org.as_str(), ""),
        Asking::ObjectFor(realm, org, by) => (realm.as_str(), org.as_str(), by.as_str()),
    };
    let statements = vec![
        Statement::new(GIVE_UP).bind(import.as_str()).bind(now).bind(by),
        Statement::new(LOOK).bind(import.as_str()).bind(realm).bind(org).bind(by),
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
