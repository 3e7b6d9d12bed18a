//! What an organization's object holds, taken out and put in whole: the parts of
//! `org`, `invitation` and `scim` together.
use super::limits::MOST;
use crate::invitation::content::{self as invitation, InvitationContent};
use crate::kernel::id::ImportId;
use crate::org::content::{self as org, OrgContent, TooMany};
use crate::org::organization::Organization;
use crate::org::record::Scene;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use crate::scim::content::{self as scim, ConfigContent, ScimUserContent};
use crate::scim::group_content::{self as scim_group, ScimGroupContent};
use serde::{Deserialize, Serialize};

/// Everything about an organization that its object knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The organization, its people and groups.
    pub org: OrgContent,
    /// Its invitations.
    pub invitations: Vec<InvitationContent>,
    /// How its directory may talk to us.
    pub scim: Option<ConfigContent>,
    /// What its directory pushed.
    pub scim_users: Vec<ScimUserContent>,
    /// What it said of groups.
    #[serde(default)]
    pub scim_groups: Vec<ScimGroupContent>,
}

/// How much of an organization to take out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// The organization and its roles.
    Roles,
    /// Its members and invitations, too.
    People,
    /// Everything.
    Whole,
}

/// "What do you hold?"
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExportOrg {
    /// How much of it.
    pub depth: Depth,
}

impl Call for ExportOrg {
    const NAME: &'static str = "org.export";
    /// `None` when there is no organization (any more).
    type Answer = Option<Result<Content, TooMany>>;

    fn of_blank() -> Option<Self::Answer> {
        Some(None)
    }
}

/// Answers [`ExportOrg`].
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn export(
    sql: &dyn Sql,
    organization: &Organization,
    asked: &ExportOrg,
) -> Result<Option<Result<Content, TooMany>>, StoreError> {
    read(sql, organization, asked.depth).map(Some)
}

fn read(
    sql: &dyn Sql,
    organization: &Organization,
    depth: Depth,
) -> Result<Result<Content, TooMany>, StoreError> {
    let mut content = Content {
        org: org::read(sql, organization)?,
        invitations: Vec::new(),
        scim: None,
        scim_users: Vec::new(),
        scim_groups: Vec::new(),
    };
    if depth != Depth::Roles {
        match (org::read_members(sql, MOST)?, invitation::read(sql, MOST)?) {
            (Ok(members), Ok(invitations)) => {
                content.org.members = members;
                content.invitations = invitations;
            }
            (Err(many), _) | (_, Err(many)) => return Ok(Err(many)),
        }
    }
    if depth == Depth::Whole {
        content.scim = scim::read_config(sql)?;
        match (org::read_groups(sql, MOST)?, scim::read_users(sql, MOST)?) {
            (Ok(groups), Ok(users)) => {
                content.org.groups = groups;
                content.scim_users = users;
            }
            (Err(many), _) | (_, Err(many)) => return Ok(Err(many)),
        }
        match scim_group::read(sql, MOST)? {
            Ok(groups) => content.scim_groups = groups,
            Err(many) => return Ok(Err(many)),
        }
    }
    Ok(Ok(content))
}

/// Puts everything into a blank object: call it in a transaction.
///
/// # Errors
/// `Refused` when SQLite fails, `Conflict` when something is in there twice.
pub fn write(scene: &Scene<'_>, import: &ImportId, content: &Content) -> Result<(), StoreError> {
    org::write(scene, import, &content.org)?;
    content.invitations.iter().try_for_each(|one| invitation::write(scene, one))?;
    if let Some(config) = &content.scim {
        scim::write_config(scene, config)?;
    }
    content.scim_users.iter().try_for_each(|user| scim::write_user(scene, user))?;
    content.scim_groups.iter().try_for_each(|group| scim_group::write(scene.sql, group))
}
