//! Letting go of somebody who no longer exists.
use super::leave::leave;
use super::organization::Organization;
use super::record::Scene;
use crate::event::audit;
use crate::kernel::id::UserId;
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use serde::{Deserialize, Serialize};

/// "This user was deleted from the realm." Twice is once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetMember {
    /// The user.
    pub user: UserId,
}

impl Call for ForgetMember {
    const NAME: &'static str = "org.member.forget";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// Ends the membership, if there is one: call it in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn answer(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    asked: &ForgetMember,
    now: Timestamp,
) -> Result<(), StoreError> {
    let scene = Scene::inside(object, organization, now, audit::Actor::default());
    leave(&scene, &asked.user).map(|_| ())
}
