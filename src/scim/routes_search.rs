//! `/.search` at the root: resources of every type (RFC 7644 §3.4.2.1, §3.4.3).
//!
//! Users come before groups, each sorted by themselves. A type that lacks what the
//! request asks about has no part in the answer.
use super::door::{Admitted, local};
use super::error::Refusal;
use super::group_list::list_groups;
use super::list::{Listed, list_users};
use super::query::{Asked, From, Query};
use super::reply::scim;
use super::wire::{self, View};
use super::wire_group;
use crate::org::visit::Handler;
use crate::web::Response;
use crate::web::router::Route;
use http::{Method, StatusCode};
use serde_json::Value;

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    let path = "/realms/{realm}/scim/v2/organizations/{org}/.search";
    vec![Route { method: Method::POST, path, handler: local!(search) }]
}

/// What a cursor into the users begins with, and one into the groups.
const IN_USERS: &str = "u.";
const IN_GROUPS: &str = "g.";

/// `POST /.search`.
fn search(admitted: &Admitted<'_>) -> Result<Response, Refusal> {
    let asked = Asked::in_body(admitted.body()?)?;
    let users = View::of_users(admitted.visit.sql(), admitted.base(), asked.projection())?;
    let groups = View::of_groups(admitted.base(), asked.projection());
    let both = Both { admitted, users, groups };
    let (listed, resources) = match asked.cursor() {
        None => both.by_index(&asked)?,
        Some(cursor) => both.by_cursor(&asked, cursor)?,
    };
    Ok(scim(StatusCode::OK, &wire::page(&listed, resources)))
}

/// Both types, as the answer shows them.
struct Both<'a> {
    admitted: &'a Admitted<'a>,
    users: View,
    groups: View,
}

/// A page of resources of both types, and how they are shown.
type Page = (Listed<()>, Vec<Value>);

impl Both<'_> {
    fn by_index(&self, asked: &Asked) -> Result<Page, Refusal> {
        let (users, groups) = self.queries(asked)?;
        let first = [&users, &groups].into_iter().flatten().find_map(|query| match query.from {
            From::Index(first) => Some(first),
            From::Start | From::After(_) => None,
        });
        let first = first.unwrap_or(1);
        let (mut listed, mut resources) = match &users {
            Some(users) => self.list_users(users)?,
            None => (nothing(), Vec::new()),
        };
        if let Some(groups) = groups {
            let shown = i64::try_from(resources.len()).unwrap_or(i64::MAX);
            let rest = Query {
                from: From::Index((first - listed.total).max(1)),
                count: groups.count - shown,
                ..groups
            };
            let (more, others) = self.list_groups(&rest)?;
            listed.total += more.total;
            resources.extend(others);
        }
        listed.start_index = Some(first);
        Ok((listed, resources))
    }

    /// A page ends where a type does.
    fn by_cursor(&self, asked: &Asked, cursor: &str) -> Result<Page, Refusal> {
        let (in_groups, place) =
            match (cursor.strip_prefix(IN_USERS), cursor.strip_prefix(IN_GROUPS)) {
                (_, Some(place)) => (true, place),
                (Some(place), None) => (false, place),
                (None, None) if cursor.is_empty() => (false, ""),
                (None, None) => return Err(Refusal::Cursor),
            };
        // Of the other type, only how many there are counts.
        let (from_start, here) = (asked.after(""), asked.after(place));
        let (users, groups) = if in_groups {
            (self.queries(&from_start)?.0, Some(here.of(&self.groups.shape)?))
        } else {
            let users = here.of(&self.users.shape);
            let (any, groups) = self.queries(&from_start)?;
            (if any.is_some() { Some(users?) } else { None }, groups)
        };
        let none = |query: Option<Query>| query.map(|query| Query { count: 0, ..query });
        let in_groups = in_groups || users.is_none();
        let (users, groups) = if in_groups { (none(users), groups) } else { (users, none(groups)) };
        let (mut listed, mut resources) = match &users {
            Some(users) => self.list_users(users)?,
            None => (nothing(), Vec::new()),
        };
        let (more, others) = match &groups {
            Some(groups) => self.list_groups(groups)?,
            None => (nothing(), Vec::new()),
        };
        resources.extend(others);
        listed.next = if in_groups {
            more.next.map(|next| format!("{IN_GROUPS}{next}"))
        } else {
            let next = listed.next.take().map(|next| format!("{IN_USERS}{next}"));
            next.or_else(|| (more.total > 0).then(|| IN_GROUPS.to_owned()))
        };
        listed.total += more.total;
        listed.start_index = None;
        Ok((listed, resources))
    }

    /// What is asked of each type; one at least must have what it asks about.
    fn queries(&self, asked: &Asked) -> Result<(Option<Query>, Option<Query>), Refusal> {
        match (asked.of(&self.users.shape), asked.of(&self.groups.shape)) {
            (Err(refusal), Err(_)) => Err(refusal),
            (users, groups) => Ok((users.ok(), groups.ok())),
        }
    }

    fn list_users(&self, query: &Query) -> Result<Page, Refusal> {
        let sql = self.admitted.visit.sql();
        let listed = list_users(sql, query)?;
        let shown = wire::users(sql, &listed.resources, &self.users)?;
        Ok((listed.bare(), shown))
    }

    fn list_groups(&self, query: &Query) -> Result<Page, Refusal> {
        let sql = self.admitted.visit.sql();
        let listed = list_groups(sql, query)?;
        let shown = wire_group::all(sql, &listed.resources, &self.groups)?;
        Ok((listed.bare(), shown))
    }
}

const fn nothing() -> Listed<()> {
    Listed { total: 0, start_index: None, next: None, resources: Vec::new() }
}
