//! Members as people: the object knows who belongs, the directory who they are.
use super::error::OrgError;
use super::member;
use super::visit::Visit;
use crate::kernel::id::UserId;
use crate::platform::row::StoreError;
use crate::realm::page::MAX_PAGE_ROWS;
use crate::realm::store::{membership, user};
use crate::realm::user::{User, Username};
use crate::web::form::Form;
use std::collections::HashMap;

/// Most words that one search for members may be made of.
pub const MAX_SEARCH_TERMS: usize = 50;

/// The user of the organization's own administration account, whose name starts
/// so (reference phasetwo.md §3.3).
const OWN_ADMIN: &str = "org-admin-";

/// The user of the realm whose id is `id`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find(visit: &Visit<'_>, id: &UserId) -> Result<Option<User>, StoreError> {
    user::find(&*visit.object.ports.directory, &visit.visitor.realm.id, id).await
}

/// Those of `ids` whom the directory knows, in the order of `ids`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(visit: &Visit<'_>, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let realm = &visit.visitor.realm.id;
    let found = user::list(&*visit.object.ports.directory, realm, ids).await?;
    let mut found: HashMap<UserId, User> =
        found.into_iter().map(|user| (user.id.clone(), user)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Passes for a member. Only for who is none the directory is asked.
///
/// # Errors
/// `Unknown` for somebody whom the realm does not know, `Field` for somebody it
/// does.
pub async fn require_member(visit: &Visit<'_>, user: &UserId) -> Result<(), OrgError> {
    if member::find(visit.sql(), user)?.is_some() {
        return Ok(());
    }
    match find(visit, user).await? {
        Some(_) => Err(OrgError::Field(format!("User {user} is not a member of the organization"))),
        None => Err(OrgError::Unknown("user")),
    }
}

/// Whether `user` is the organization's own administration account.
#[must_use]
pub fn is_own_admin(visit: &Visit<'_>, user: &User) -> bool {
    own_admin_name(visit).is_some_and(|name| name == user.username)
}

/// The organization's own administration account, when `query` asks for lists
/// and counts without it.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_excluded(visit: &Visit<'_>, query: &Form) -> Result<Option<UserId>, StoreError> {
    if query.truth("excludeAdminAccounts") != Some(true) {
        return Ok(None);
    }
    let Some(name) = own_admin_name(visit) else { return Ok(None) };
    let realm = &visit.visitor.realm.id;
    let found = user::find_by_username(&*visit.object.ports.directory, realm, &name).await?;
    Ok(found.map(|user| user.id))
}

fn own_admin_name(visit: &Visit<'_>) -> Option<Username> {
    format!("{OWN_ADMIN}{}", visit.organization.id).parse().ok()
}

/// Whom `search` may mean: words between commas, any of which may stand in the
/// username, the address, the first or the last name. `None` when nothing is
/// searched for; of nothing but commas nobody is meant (reference phasetwo.md
/// §1.4).
///
/// # Errors
/// `Field` when too much is searched for, or too many are meant.
pub async fn search(
    visit: &Visit<'_>,
    search: Option<&str>,
) -> Result<Option<Vec<UserId>>, OrgError> {
    let Some(text) = search.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let terms: Vec<String> =
        text.split(',').map(|term| term.trim().to_lowercase()).filter(|t| !t.is_empty()).collect();
    if terms.is_empty() {
        return Ok(Some(Vec::new()));
    }
    if terms.len() > MAX_SEARCH_TERMS {
        return Err(OrgError::Field(format!(
            "search has at most {MAX_SEARCH_TERMS} words (MAX_SEARCH_TERMS)"
        )));
    }
    let place = (&visit.visitor.realm.id, &visit.organization.id);
    let limit = MAX_PAGE_ROWS + 1;
    let found = membership::search(&*visit.object.ports.directory, place, &terms, limit).await?;
    if i64::try_from(found.len()).is_ok_and(|count| count < limit) {
        Ok(Some(found))
    } else {
        Err(OrgError::Field(format!("more than {MAX_PAGE_ROWS} people are found: search for more")))
    }
}
