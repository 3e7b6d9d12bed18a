//! The first step of an import, inside an organization's object: to hold it,
//! unseen.
use super::content::{self, Content};
use crate::app::object::{migrate, read_call, wake};
use crate::app::schema;
use crate::event::audit;
use crate::kernel::id::{ImportId, RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::org::join::{NewMember, join};
use crate::org::member::Source;
use crate::org::organization;
use crate::org::record::Scene;
use crate::org::role::BuiltIn;
use crate::org::stage::{Room, make_room, watch};
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::web::{Request, Response, answer};
use http::StatusCode;
use serde::{Deserialize, Serialize};

/// "Hold this organization; it may come to exist."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StageOrg {
    /// The realm.
    pub realm: RealmId,
    /// The import that brings it.
    pub import: ImportId,
    /// The organization, with everything.
    pub content: Content,
    /// The id of the administrator that comes with it, if one does.
    pub admin: Option<UserId>,
    /// Who imports, for the audit trail.
    pub actor: audit::Actor,
    /// When.
    pub now: Timestamp,
}

impl Call for StageOrg {
    const NAME: &'static str = "org.stage";
    type Answer = Staged;
}

/// What came of [`StageOrg`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Staged {
    /// It is held.
    Held,
    /// The object holds another one.
    Occupied,
    /// A later import was given this one's place.
    Overtaken,
}

/// Answers [`StageOrg`], which may make a blank object store something.
///
/// # Errors
/// When a database fails.
pub async fn stage(object: &ObjectPorts<'_>, request: &Request) -> Result<Response, StoreError> {
    let asked: StageOrg = read_call(request)?;
    Ok(answer::json(StatusCode::OK, &hold(object, &asked).await?))
}

async fn hold(object: &ObjectPorts<'_>, asked: &StageOrg) -> Result<Staged, StoreError> {
    if wake(object, schema::ORG)? {
        match make_room(object, &asked.import).await? {
            Room::Free => {}
            Room::Taken => return Ok(Staged::Held),
            Room::Occupied => return Ok(Staged::Occupied),
            Room::Overtaken => return Ok(Staged::Overtaken),
        }
    }
    watch(object, asked.now).await?;
    migrate(object, schema::ORG)?;
    let staged = in_transaction(object.sql, || write(object, asked))?;
    // Whoever made room may have taken the alarm along.
    watch(object, asked.now).await?;
    object.ports.faults.reach("org.import.after_object").await;
    Ok(staged)
}

fn write(object: &ObjectPorts<'_>, asked: &StageOrg) -> Result<Staged, StoreError> {
    if organization::find(object.sql)?.is_some() {
        return Ok(Staged::Occupied);
    }
    let scene = Scene {
        sql: object.sql,
        random: &*object.ports.random,
        now: asked.now,
        realm: &asked.realm,
        org: &asked.content.org.registration.id,
        actor: asked.actor.clone(),
    };
    content::write(&scene, &asked.import, &asked.content)?;
    if let Some(user) = &asked.admin {
        let roles: Vec<_> = BuiltIn::names().collect();
        join(&scene, &NewMember { user, source: Source::Admin, roles: &roles })?;
    }
    Ok(Staged::Held)
}
