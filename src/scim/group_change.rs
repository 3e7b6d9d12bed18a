//! `PUT` and `PATCH` of a group: the organization's group changes, as the groups API
//! changes it. Each step costs what it names, however large the group is.
//!
//! A person becomes a member of the group if they are a member of the organization;
//! who is not is kept pending and looks the same. An id that is nobody's here, or
//! another organization's, is passed over. A group becomes a member by moving below
//! this one from the top, and ceases to be by moving back.
use super::change::Precondition;
use super::error::Refusal;
use super::group::ScimGroup;
use super::group_document::GroupDocument;
use super::group_patch::Step;
use super::record;
use super::store;
use crate::event::audit::Operation;
use crate::kernel::id::{GroupId, ScimId, UserId};
use crate::org::error::OrgError;
use crate::org::group::{self, GroupDraft};
use crate::org::record::Scene;
use crate::org::seats::Seats;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use crate::realm::group::Group;
use std::collections::BTreeSet;

/// The group whose resource is `id`.
///
/// # Errors
/// `Unknown` when this organization has no such group.
pub fn read(sql: &dyn Sql, id: &GroupId) -> Result<ScimGroup, Refusal> {
    store::group::find(sql, id)?.ok_or(Refusal::Unknown)
}

/// [`read`], if the version is one that will do.
///
/// # Errors
/// `Unknown`, `Precondition`.
pub fn read_version(
    sql: &dyn Sql,
    id: &GroupId,
    precondition: &Precondition,
) -> Result<ScimGroup, Refusal> {
    let group = read(sql, id)?;
    match precondition {
        Some(versions) if !versions.contains(&group.version) => Err(Refusal::Precondition),
        _ => Ok(group),
    }
}

/// Replaces everything that the directory said. What it leaves out is unassigned
/// (RFC 7644 §3.5.1), members included.
///
/// # Errors
/// `Unknown`, `Precondition`, and as [`apply`].
pub fn replace(
    scene: &Scene<'_>,
    id: &GroupId,
    document: GroupDocument,
    precondition: &Precondition,
) -> Result<ScimGroup, Refusal> {
    let GroupDocument { name, external_id, members } = document;
    let steps = [Step::Name(name), Step::ExternalId(external_id), Step::Replace(members)];
    patch(scene, id, &steps, precondition)
}

/// Applies the steps of a PATCH, all of them or none.
///
/// # Errors
/// `Unknown`, `Precondition`, and as [`apply`].
pub fn patch(
    scene: &Scene<'_>,
    id: &GroupId,
    steps: &[Step],
    precondition: &Precondition,
) -> Result<ScimGroup, Refusal> {
    in_transaction(scene.sql, || {
        read_version(scene.sql, id, precondition)?;
        let group = group::find(scene.sql, id)?.ok_or(Refusal::Unknown)?;
        if apply(scene, group, steps)? {
            record::group_changed(scene, Operation::Update, &read(scene.sql, id)?)?;
        }
        read(scene.sql, id)
    })
}

/// Takes `steps` with `group`, in the transaction of the caller, and tells of who came
/// and who left; whether anything changed.
///
/// # Errors
/// `Value` for what no group can be, and where a nested group cannot be moved;
/// `Sibling` when one there is called so.
pub fn apply(scene: &Scene<'_>, group: Group, steps: &[Step]) -> Result<bool, Refusal> {
    let mut work = Work { scene, group, seats: Seats::default(), changed: false };
    for step in steps {
        work.take(step)?;
    }
    work.seats.tell(scene, &work.group)?;
    Ok(work.changed)
}

/// What the organization says to a change of a group, in SCIM's words.
pub(super) fn refused(error: OrgError) -> Refusal {
    match error {
        OrgError::Field(why) => Refusal::Value(why),
        OrgError::Conflict(_) | OrgError::Duplicate => Refusal::Sibling,
        OrgError::Store(error) => Refusal::Store(error),
        other => Refusal::Store(StoreError::Refused(other.to_string())),
    }
}

/// A change on its way.
struct Work<'a> {
    scene: &'a Scene<'a>,
    group: Group,
    seats: Seats,
    changed: bool,
}

impl Work<'_> {
    fn take(&mut self, step: &Step) -> Result<(), Refusal> {
        match step {
            Step::Name(name) => self.rename(name),
            Step::ExternalId(id) => {
                let (sql, group) = (self.scene.sql, &self.group.id);
                self.changed |= store::group::set_external_id(sql, group, id.as_deref())?;
                Ok(())
            }
            Step::Add(ids) => self.add(&distinct(ids)),
            Step::Remove(ids) => self.remove(&distinct(ids)),
            Step::Replace(ids) => {
                let ids = distinct(ids);
                self.keep_only(&ids)?;
                self.add(&ids)
            }
        }
    }

    fn rename(&mut self, name: &str) -> Result<(), Refusal> {
        if self.group.name == name {
            return Ok(());
        }
        let draft = GroupDraft {
            name: Some(name.to_owned()),
            description: Some(self.group.description.clone()),
            attributes: None,
        };
        self.group = group::change_within(self.scene, &self.group, draft).map_err(refused)?;
        self.changed = true;
        Ok(())
    }

    fn add(&mut self, ids: &[&str]) -> Result<(), Refusal> {
        let sql = self.scene.sql;
        let known = store::group_member::list_known(sql, ids)?;
        let (members, others): (Vec<_>, Vec<_>) = known.iter().partition(|one| one.is_member);
        let members: Vec<UserId> = members.into_iter().map(|one| one.user.clone()).collect();
        let others: Vec<&ScimId> = others.into_iter().map(|one| &one.id).collect();
        self.changed |= self.seats.fill(self.scene, &self.group, &members)?;
        self.changed |= store::group_member::insert_pending(sql, &self.group.id, &others)?;
        store::group_member::list_groups(sql, ids)?.iter().try_for_each(|child| self.nest(child))
    }

    fn remove(&mut self, ids: &[&str]) -> Result<(), Refusal> {
        let sql = self.scene.sql;
        let known = store::group_member::list_known(sql, ids)?;
        let users: Vec<UserId> = known.into_iter().map(|one| one.user).collect();
        self.changed |= self.seats.clear(self.scene, &self.group, &users)?;
        self.changed |= store::group_member::delete_pending(sql, &self.group.id, ids)?;
        store::group_member::list_groups(sql, ids)?.iter().try_for_each(|child| self.unnest(child))
    }

    /// Removes all members but `ids`: of those whom the directory knows.
    fn keep_only(&mut self, ids: &[&str]) -> Result<(), Refusal> {
        let (sql, group) = (self.scene.sql, &self.group.id);
        let others = store::group_member::list_others_seated(sql, group, ids)?;
        self.changed |= store::group_member::delete_others_pending(sql, group, ids)?;
        let nested = store::group_member::list_others_nested(sql, group, ids)?;
        self.changed |= self.seats.clear(self.scene, &self.group, &others)?;
        nested.iter().try_for_each(|child| self.unnest(child))
    }

    fn nest(&mut self, child: &GroupId) -> Result<(), Refusal> {
        let bad = |why: &str| Err(Refusal::Value(format!("the group {child} {why}")));
        let Some(child) = group::find(self.scene.sql, child)? else { return Ok(()) };
        if child.parent.as_ref() == Some(&self.group.id) {
            return Ok(());
        }
        if child.id == self.group.id {
            return bad("cannot be a member of itself");
        }
        if child.parent.is_some() {
            return bad("is a member of another group: a group is in one at most, remove it there");
        }
        group::relocate_within(self.scene, &child, Some(&self.group)).map_err(refused)?;
        self.changed = true;
        Ok(())
    }

    fn unnest(&mut self, child: &GroupId) -> Result<(), Refusal> {
        let child = group::find(self.scene.sql, child)?;
        let nested = child.filter(|child| child.parent.as_ref() == Some(&self.group.id));
        let Some(child) = nested else { return Ok(()) };
        group::relocate_within(self.scene, &child, None).map_err(refused)?;
        self.changed = true;
        Ok(())
    }
}

fn distinct(ids: &[String]) -> Vec<&str> {
    let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
    ids.into_iter().collect()
}
