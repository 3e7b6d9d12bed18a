//! Dissolving an organization whose realm was deleted.
use super::delete;
use super::dialect::Dialect;
use super::organization::Organization;
use super::record::Scene;
use crate::event::audit;
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::realm::store::realm;
use serde::{Deserialize, Serialize};

/// "Your realm is gone." Twice is once. Answers whether the organization is gone
/// too: it looks for itself, and stays when it finds the realm.
#[derive(Debug, Serialize, Deserialize)]
pub struct DissolveOrg {}

impl Call for DissolveOrg {
    const NAME: &'static str = "org.dissolve";
    type Answer = bool;

    fn of_blank() -> Option<bool> {
        Some(true)
    }
}

/// Deletes the organization, in the registry and here.
///
/// # Errors
/// `Refused` when a database fails; the alarm goes on.
pub async fn dissolve(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let directory = &*object.ports.directory;
    if realm::find_by_id(directory, &organization.realm).await?.is_some() {
        return Ok(false);
    }
    let scene = Scene::inside(object, organization, now, audit::Actor::default());
    delete::delete(&scene, Dialect::default())?;
    delete::finish(object, organization).await?;
    Ok(true)
}
