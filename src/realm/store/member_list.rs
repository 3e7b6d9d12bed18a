//! The members of an organization as users, by username: a walk along an index of
//! the projection that ends with the page. Who belongs now, the organization's object
//! knows.
use super::user::{SELECT, user_from_row};
use crate::kernel::id::{OrgId, RealmId};
use crate::platform::directory::Directory;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::page::Page;
use crate::realm::user::User;
use crate::realm::user_filter::Pattern;

/// The page first, so that who is passed over is not read.
const LIST: &str = "
      FROM user
     WHERE id IN (SELECT user_id FROM membership
                   WHERE realm_id = ? AND org_id = ? AND listed_as IS NOT NULL";

const OF_TYPE: &str = " AND managed = ?";

/// What they are listed as is their username, by triggers (`+`: not by the realm's
/// index).
const PAGE: &str = "
                   ORDER BY listed_as LIMIT ? OFFSET ?)
       AND +realm_id = ?
     ORDER BY +username";

/// Reads members in the order of the list until the page is full. No index finds a
/// part of a word among the people of one organization (see [`super::membership`]).
const SEARCH: &str = "
      FROM membership AS listed
CROSS JOIN user ON user.id = listed.user_id AND user.realm_id = listed.realm_id
     WHERE listed.realm_id = ? AND listed.org_id = ? AND listed.listed_as IS NOT NULL";

const SEARCHED_OF_TYPE: &str = " AND listed.managed = ?";

const IS: &str = "
       AND ? IN (user.username, user.email, lower(user.first_name), lower(user.last_name))";

const HAS: &str = "
       AND EXISTS (SELECT 1
                     FROM json_each(json_array(user.username, user.email,
                                               lower(user.first_name), lower(user.last_name)))
                          AS field
                    WHERE NOT EXISTS (SELECT 1 FROM json_each(?) AS part
                                       WHERE instr(coalesce(field.value, ''), part.value) = 0))";

const SEARCHED_PAGE: &str = " ORDER BY listed.listed_as LIMIT ? OFFSET ?";

/// Which members to list.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Somewhere in the username, the address, the first or the last name.
    pub search: Option<&'a Pattern>,
    /// Only those whose account the organization manages, or the others.
    pub managed: Option<bool>,
    /// Which part of the list.
    pub page: Page,
}

/// A page of the members of `org`, by username, without the accounts of clients.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn list(
    directory: &dyn Directory,
    (realm, org): (&RealmId, &OrgId),
    wanted: &Wanted<'_>,
) -> Result<Vec<User>, StoreError> {
    let of = |sql| Statement::new(SELECT).push(sql).bind(realm.as_str()).bind(org.as_str());
    let typed = |statement: Statement, sql| match wanted.managed {
        Some(managed) => statement.push(sql).bind(managed),
        None => statement,
    };
    let (max, first) = (wanted.page.max, wanted.page.first);
    let statement = match wanted.search {
        None => {
            let listed = typed(of(LIST), OF_TYPE).push(PAGE);
            listed.bind(max).bind(first).bind(realm.as_str())
        }
        Some(pattern) => {
            let found = fitting(typed(of(SEARCH), SEARCHED_OF_TYPE), pattern)?;
            found.push(SEARCHED_PAGE).bind(max).bind(first)
        }
    };
    directory.run(statement).await?.iter().map(user_from_row).collect()
}

fn fitting(statement: Statement, pattern: &Pattern) -> Result<Statement, StoreError> {
    Ok(match pattern {
        Pattern::Exact(text) => statement.push(IS).bind(text.as_str()),
        Pattern::Like { start, parts } => {
            let start = Some(start).filter(|start| !start.is_empty());
            let all: Vec<&String> = start.into_iter().chain(parts).collect();
            statement.push(HAS).bind(super::to_json(&all)?)
        }
    })
}
