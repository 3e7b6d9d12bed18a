//! `PUT` and `PATCH` of a user: the organization's view changes, and whether the
//! membership gives access. The person's own profile never does.
use super::create::taken;
use super::document::Document;
use super::error::Refusal;
use super::patch::{self, Operation};
use super::record;
use super::schema::Mutability;
use super::shape::Shape;
use super::store;
use super::user::{ScimUser, Stage};
use crate::event::audit;
use crate::kernel::id::ScimId;
use crate::org::member;
use crate::org::record::Scene;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};

/// A condition on the version, from `If-Match`: the versions that will do.
pub type Precondition = Option<Vec<i64>>;

/// The user whose resource is `id`. An unfinished push is none.
///
/// # Errors
/// `Unknown` when this organization has no such user.
pub fn read(sql: &dyn Sql, id: &ScimId) -> Result<ScimUser, Refusal> {
    store::user::find(sql, id)?
        .filter(|user| user.stage != Stage::Provisioning)
        .ok_or(Refusal::Unknown)
}

/// Replaces everything that the directory said; whether the membership gives access
/// stays when left out.
///
/// # Errors
/// `Unknown`, `Precondition`; `Taken` for the `userName` of another.
pub fn replace(
    scene: &Scene<'_>,
    id: &ScimId,
    document: Document,
    precondition: &Precondition,
) -> Result<ScimUser, Refusal> {
    in_transaction(scene.sql, || {
        let before = read_version(scene.sql, id, precondition)?;
        let after = document.with_active_or(before.is_active());
        let shape = Shape::of_users(scene.sql)?;
        has_immutable(&before.document, &after, &shape)?;
        save(scene, &before, after)
    })
}

/// Applies a PATCH, all of it or nothing.
///
/// # Errors
/// As [`replace`], and whatever the operations deserve.
pub fn patch(
    scene: &Scene<'_>,
    id: &ScimId,
    operations: Vec<Operation>,
    precondition: &Precondition,
) -> Result<ScimUser, Refusal> {
    in_transaction(scene.sql, || {
        let before = read_version(scene.sql, id, precondition)?;
        let shape = Shape::of_users(scene.sql)?;
        let after = patch::apply(&before.document, operations, &shape)?;
        has_immutable(&before.document, &after, &shape)?;
        save(scene, &before, after)
    })
}

/// [`read`], if the version is one that will do.
///
/// # Errors
/// `Unknown`, `Precondition`.
pub fn read_version(
    sql: &dyn Sql,
    id: &ScimId,
    precondition: &Precondition,
) -> Result<ScimUser, Refusal> {
    let user = read(sql, id)?;
    match precondition {
        Some(versions) if !versions.contains(&user.version) => Err(Refusal::Precondition),
        _ => Ok(user),
    }
}

/// RFC 7643 §2.2: what is immutable may be given a value once. Only extensions have
/// such attributes.
fn has_immutable(before: &Document, after: &Document, shape: &Shape) -> Result<(), Refusal> {
    for extension in &shape.extensions {
        for attribute in &extension.attributes {
            let value = |document: &Document| {
                document.0.get(&*extension.urn)?.get(&*attribute.name).cloned()
            };
            let is_fixed = attribute.mutability == Mutability::Immutable;
            if is_fixed && value(before).is_some_and(|old| value(after) != Some(old)) {
                return Err(Refusal::Mutability(format!("{} has its value", attribute.name)));
            }
        }
    }
    Ok(())
}

fn save(scene: &Scene<'_>, before: &ScimUser, document: Document) -> Result<ScimUser, Refusal> {
    let stage = stage_now(scene.sql, before)?;
    // Who stops saying whether somebody is active neither lets them in nor out.
    let active = document.active().unwrap_or(before.active);
    let mut after = ScimUser { stage, active, document, ..before.clone() };
    if after != *before {
        after.version += 1;
        after.updated_at = scene.now;
        store::user::update(scene.sql, &after).map_err(taken)?;
        record::user_changed(scene, audit::Operation::Update, &after)?;
    }
    // Suspends or restores a membership that there is; makes none.
    if member::set_active(scene.sql, &after.user, after.is_active())? {
        record::membership_changed(scene, &after)?;
    }
    Ok(after)
}

/// Somebody who was not asked may have joined by another way since.
fn stage_now(sql: &dyn Sql, user: &ScimUser) -> Result<Stage, StoreError> {
    let joined = member::find(sql, &user.user)?.is_some();
    Ok(if joined { Stage::Linked } else { user.stage })
}
