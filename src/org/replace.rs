//! Replacing what an organization is called and says of itself. Its name is
//! unique in the realm, so the directory must decide; the object keeps the rest
//! and the audit trail.
//!
//! - The change, staged in the object under a number of its own.
//! - The row of the directory, whose constraint decides: the commit point.
//! - The object's state and the event; the staged change goes.
//!
//! A crash after any step leaves a staged change. The object's alarm asks the
//! directory whether it took that number, and follows.
use super::create::RECONCILE_AFTER;
use super::dialect::Dialect;
use super::error::OrgError;
use super::organization::{self, Organization};
use super::record::{Scene, record};
use super::visit::Visit;
use super::{domain, store};
use crate::event::audit;
use crate::kernel::id::RealmName;
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use crate::realm::registry::Profile;
use crate::realm::store::organization_change as directory;
use serde::{Deserialize, Serialize};

/// A change on its way, as the object stages it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Replacement {
    /// All of what it replaces.
    pub profile: Profile,
    /// All domains, unless they stay as they are.
    pub domains: Option<Vec<String>>,
    /// In whose words it is asked for.
    #[serde(default)]
    pub dialect: Dialect,
    /// The realm's name, for the event.
    pub realm_name: RealmName,
    /// Who makes the change.
    pub actor: audit::Actor,
}

/// Between the numbers of two changes: the one in between is used up when a
/// change is given up, see [`directory::settle`].
const STEP: i64 = 2;

/// What a change makes of a profile: no dialect speaks of all that is in it.
pub type Change<'a> = &'a dyn Fn(Profile) -> Profile;

/// Changes the organization's profile, and its domains when given.
///
/// # Errors
/// `Taken` when another organization has the name; `Conflict` when a later change
/// came first, or one is on its way that decides what this one leaves alone;
/// `Store`: then the alarm finds out whether the change was made.
pub async fn replace(
    visit: &Visit<'_>,
    (dialect, change): (Dialect, Change<'_>),
    domains: Option<Vec<String>>,
) -> Result<(), OrgError> {
    let (object, organization) = (visit.object, &visit.organization);
    let (version, replacement) = in_transaction::<_, OrgError>(object.sql, || {
        let replacement = Replacement {
            profile: changed_profile(object.sql, organization, change)?,
            domains,
            dialect,
            realm_name: visit.visitor.realm.name.clone(),
            actor: visit.audit_actor(),
        };
        let version = store::change::find_last(object.sql)? + STEP;
        store::change::insert(object.sql, version, &replacement, visit.now)?;
        Ok((version, replacement))
    })?;
    object.ports.faults.reach("org.replace.after_stage").await;
    let place = (&organization.realm, &organization.id);
    let registry = &*object.ports.directory;
    let decided = directory::replace(registry, place, &replacement.profile, version).await;
    object.ports.faults.reach("org.replace.after_directory").await;
    match decided {
        Ok(true) => Ok(follow(object, organization, version, visit.now)?),
        Ok(false) => {
            store::change::take(object.sql, version)?;
            Err(OrgError::Conflict("the organization was changed at the same time"))
        }
        Err(error) if error.is_conflict_on("organization.name") => {
            store::change::take(object.sql, version)?;
            Err(OrgError::Taken("name"))
        }
        // Nobody knows whether the row has changed: the alarm will ask.
        Err(error) => Err(OrgError::Store(error)),
    }
}

/// What `change` makes of the newest profile. While another change is on its way,
/// nobody knows which that is, unless it comes to the same.
fn changed_profile(
    sql: &dyn Sql,
    visited: &Organization,
    change: Change<'_>,
) -> Result<Profile, OrgError> {
    let now = organization::find(sql)?.map_or_else(|| visited.profile(), |now| now.profile());
    let changed = change(now);
    let staged = store::change::list_profiles(sql)?;
    if staged.into_iter().any(|staged| change(staged) != changed) {
        return Err(OrgError::Conflict("the organization was changed at the same time"));
    }
    Ok(changed)
}

/// Does in the object what the directory has decided: all of it in one
/// transaction, once, whoever comes first.
fn follow(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    version: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    in_transaction(object.sql, || {
        let Some(replacement) = store::change::take(object.sql, version)? else { return Ok(()) };
        let scene = Scene::inside(object, organization, now, replacement.actor);
        store::organization::set_profile(object.sql, &replacement.profile, version)?;
        if let Some(names) = &replacement.domains
            && store::organization::mark_domains(object.sql, version)?
        {
            domain::set_names(&scene, names)?;
        }
        changed(&scene, replacement.dialect, &replacement.realm_name)
    })
}

fn changed(scene: &Scene<'_>, dialect: Dialect, realm_name: &RealmName) -> Result<(), StoreError> {
    let Some(organization) = organization::find(scene.sql)? else { return Ok(()) };
    record(scene, dialect.change(&organization, realm_name.as_str()))
}

/// What the alarm does: follow or give up changes that a crash left staged.
///
/// # Errors
/// When a database fails; the platform rings again.
pub async fn resume_interrupted(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    now: Timestamp,
) -> Result<(), StoreError> {
    for (version, staged_at) in store::change::list(object.sql)? {
        if now < staged_at + RECONCILE_AFTER {
            return object.alarm.wake_at(staged_at + RECONCILE_AFTER).await;
        }
        let place = (&organization.realm, &organization.id);
        if directory::settle(&*object.ports.directory, place, version).await? {
            follow(object, organization, version, now)?;
        } else {
            in_transaction::<_, StoreError>(object.sql, || {
                store::change::take(object.sql, version)?;
                // The number that gave it up is used up here, too.
                store::organization::skip_version(object.sql, version + 1)
            })?;
        }
    }
    Ok(())
}
