//! Creating an organization: its object first, unseen; then the registry, whose
//! constraints decide; then the object is told that it exists. A crash anywhere
//! leaves either nothing that can be seen, or all of it: the object's alarm asks
//! the registry and finishes or undoes.
use super::dialect::Dialect;
use super::join::{NewMember, join};
use super::member::Source;
use super::organization::{Organization, Stage};
use super::record::{Scene, record};
use super::role::{self, BuiltIn};
use super::{admin_user, assert, project, stage, store};
use crate::event::audit;
use crate::kernel::id::{ImportId, OrgId, RealmId, UserId};
use crate::kernel::route::ObjectName;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::ObjectPorts;
use crate::platform::object::{Call, ask};
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::context::RealmContext;
use crate::realm::registry::Registration;
use crate::realm::store as directory;
use serde::{Deserialize, Serialize};

/// How long after a change the object looks whether something is left to do. A
/// request is long dead by then.
pub const RECONCILE_AFTER: Seconds = Seconds(30);

/// "Hold this organization; it may come to exist."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PrepareOrg {
    /// The realm.
    pub realm: RealmId,
    /// The organization.
    pub registration: Registration,
    /// Its logo.
    pub logo_url: Option<String>,
    /// Who becomes its first member, with every built-in role.
    pub owner: Option<UserId>,
    /// The id of the administrator that comes with it, if one does
    /// ([`super::admin_user`]).
    #[serde(default)]
    pub admin: Option<UserId>,
    /// In whose words it is asked for.
    #[serde(default)]
    pub dialect: Dialect,
    /// Those of its domains that whoever creates it vouches for.
    #[serde(default)]
    pub asserted: Vec<String>,
    /// Who creates it, for the audit trail.
    pub actor: audit::Actor,
    /// When.
    pub now: Timestamp,
}

impl Call for PrepareOrg {
    const NAME: &'static str = "org.prepare";
    type Answer = Prepared;
}

/// What came of [`PrepareOrg`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Prepared {
    /// It is held.
    Held,
    /// The object holds an organization already.
    Occupied,
}

/// "You exist." Or, after the registry said no: "You do not."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SettleOrg {
    /// Whether the registry took the organization.
    pub registered: bool,
    /// The import that brings it, if one does. To an organization that another
    /// one brings, this means nothing.
    #[serde(default)]
    pub import: Option<ImportId>,
}

impl Call for SettleOrg {
    const NAME: &'static str = "org.settle";
    type Answer = ();

    fn of_blank() -> Option<Self::Answer> {
        Some(())
    }
}

/// Why an organization was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another one has this id, name or alias.
    #[error("an organization with this {0} exists")]
    Taken(&'static str),
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Creates an organization.
///
/// # Errors
/// `Taken` with `id`, `name` or `alias`; `Store` when a database fails.
pub async fn create(context: &RealmContext<'_>, asked: PrepareOrg) -> Result<OrgId, CreateError> {
    let registration = asked.registration.clone();
    let name = ObjectName::Org(context.realm.id.clone(), registration.id.clone());
    let objects = &*context.ports.objects;
    if ask(objects, &name, &asked).await? == Prepared::Occupied {
        return Err(CreateError::Taken("id"));
    }
    context.ports.faults.reach("org.create.after_object").await;
    let admin = asked.admin.map(|id| admin_user::of(id, &registration)).transpose()?;
    let inserted = directory::organization::insert(
        &*context.ports.directory,
        &context.realm.id,
        &registration,
        admin.as_ref(),
    )
    .await;
    context.ports.faults.reach("org.create.after_directory").await;
    match inserted {
        Ok(()) => settle_soon(context, &name, true).await,
        Err(StoreError::Conflict { .. }) => settle_soon(context, &name, false).await,
        // Nobody knows whether the row is there: the alarm will ask.
        Err(_) => {}
    }
    inserted.map(|()| registration.id).map_err(taken)
}

/// An unanswered settlement is not a failure: the alarm asks the registry.
async fn settle_soon(context: &RealmContext<'_>, name: &ObjectName, registered: bool) {
    let settlement = SettleOrg { registered, import: None };
    if let Err(error) = ask(&*context.ports.objects, name, &settlement).await {
        tracing::warn!("A new organization settles later: {error}");
    }
}

/// What a unique column tells. The administrator's name is made of the id.
const TAKEN: [(&str, &str); 5] = [
    ("organization.name", "name"),
    ("organization.alias", "alias"),
    ("organization.id", "id"),
    ("user.username", "id"),
    ("user.email", "id"),
];

fn taken(error: StoreError) -> CreateError {
    for (column, what) in TAKEN {
        if error.is_conflict_on(column) {
            return CreateError::Taken(what);
        }
    }
    CreateError::Store(error)
}

/// Answers [`PrepareOrg`] inside the object: everything in one transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn prepare(object: &ObjectPorts<'_>, asked: &PrepareOrg) -> Result<Prepared, StoreError> {
    if store::organization::find(object.sql)?.is_some() {
        return Ok(Prepared::Occupied);
    }
    let scene = Scene {
        sql: object.sql,
        random: &*object.ports.random,
        now: asked.now,
        realm: &asked.realm,
        org: &asked.registration.id,
        actor: asked.actor.clone(),
    };
    in_transaction(object.sql, || {
        let organization =
            organization_of(scene.realm, &asked.registration, asked.logo_url.as_deref());
        store::organization::insert(object.sql, &organization)?;
        assert::begin(&scene, &asked.asserted)?;
        role::insert_built_in(object.sql, scene.random)?;
        let roles: Vec<_> = BuiltIn::names().collect();
        for user in [&asked.admin, &asked.owner].into_iter().flatten() {
            join(&scene, &NewMember { user, source: Source::Admin, roles: &roles })?;
        }
        record(&scene, asked.dialect.creation(&organization))?;
        Ok(Prepared::Held)
    })
}

/// What the object holds of an organization about to be made.
pub(super) fn organization_of(
    realm: &RealmId,
    registration: &Registration,
    logo_url: Option<&str>,
) -> Organization {
    let registration = registration.clone();
    Organization {
        id: registration.id,
        realm: realm.clone(),
        name: registration.name,
        alias: registration.alias,
        display_name: registration.display_name,
        url: registration.url,
        logo_url: logo_url.map(str::to_owned),
        attributes: registration.attributes,
        domains: registration.domains,
        enabled: registration.enabled,
        description: registration.description,
        redirect_url: registration.redirect_url,
        stage: Stage::Pending,
        created_at: registration.created_at,
    }
}

/// What the registry lists of an organization.
pub(super) fn registration_of(organization: &Organization) -> Registration {
    let organization = organization.clone();
    Registration {
        id: organization.id,
        name: organization.name,
        alias: organization.alias,
        display_name: organization.display_name,
        url: organization.url,
        attributes: organization.attributes,
        domains: organization.domains,
        enabled: organization.enabled,
        description: organization.description,
        redirect_url: organization.redirect_url,
        created_at: organization.created_at,
    }
}

/// Brings the organization out of `Pending`: it exists and tells the world, or
/// it never did and the object is blank again.
///
/// # Errors
/// When a database fails; it is still `Pending` then, or has something to tell.
pub async fn settle(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    registered: bool,
) -> Result<(), StoreError> {
    if organization.stage != Stage::Pending {
        return Ok(());
    }
    if !registered {
        return object.alarm.delete_all().await;
    }
    store::organization::set_stage(object.sql, Stage::Active)?;
    object.ports.faults.reach("org.create.after_settle").await;
    project::drain(object, organization).await
}

/// The organization of this object, if it exists: one that is `Pending` asks the
/// registry and settles first.
///
/// # Errors
/// When a database fails.
pub async fn find_existing(object: &ObjectPorts<'_>) -> Result<Option<Organization>, StoreError> {
    let Some(mut organization) = store::organization::find(object.sql)? else { return Ok(None) };
    match organization.stage {
        Stage::Active => Ok(Some(organization)),
        Stage::Deleted => Ok(None),
        Stage::Pending => {
            let registered = is_registered(object, &organization).await?;
            if !registered {
                // Its creation may still be on the way: only the alarm undoes it.
                return Ok(None);
            }
            settle(object, &organization, registered).await?;
            organization.stage = Stage::Active;
            Ok(Some(organization))
        }
    }
}

/// Whether the registry knows the organization.
///
/// # Errors
/// When the directory fails.
pub async fn is_registered(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<bool, StoreError> {
    let registry = &*object.ports.directory;
    directory::organization::exists(registry, &organization.realm, &organization.id).await
}

/// Makes sure that the object looks again [`RECONCILE_AFTER`] `now`: called
/// before a change, so that no crash can come between the change and this.
///
/// # Errors
/// When the platform refuses.
pub async fn watch(object: &ObjectPorts<'_>, now: Timestamp) -> Result<(), StoreError> {
    object.alarm.wake_at(now + RECONCILE_AFTER).await
}

/// What the alarm does: finish or undo a creation, finish a deletion, tell what
/// was not told.
///
/// # Errors
/// When something still cannot be finished; the platform rings again.
pub async fn reconcile(object: &ObjectPorts<'_>) -> Result<(), StoreError> {
    let Some(organization) = store::organization::find(object.sql)? else { return Ok(()) };
    match organization.stage {
        Stage::Pending => match stage::decide(object, &organization).await? {
            Some(registered) => settle(object, &organization, registered).await,
            None => Ok(()),
        },
        Stage::Active => project::drain_all(object, &organization).await,
        Stage::Deleted => super::delete::finish(object, &organization).await,
    }
}
