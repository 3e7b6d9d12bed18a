//! Where a person belongs: `/realms/{realm}/orgs/me` and
//! `/realms/{realm}/users/{user}/orgs`.
use super::claims::{ClaimsOf, OrgClaims};
use super::error::OrgError;
use super::routes::respond;
use super::wire::{MyOrganizationJson, OrganizationJson};
use super::wire_keycloak::AccountOrganizationJson;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::{MAX_PAGE_ROWS, Page};
use crate::realm::registry::{MAX_ASKED, Registration};
use crate::realm::role::AdminRole;
use crate::realm::routes::Table;
use crate::realm::search::Wanted;
use crate::realm::store::{organization, user};
use crate::web::{Response, answer};
use futures::FutureExt;
use futures::future::try_join_all;
use http::{Method, StatusCode};
use std::collections::BTreeMap;

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/realms/{realm}/orgs/me", |inquiry| {
            async { respond(list_mine(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/realms/{realm}/account/organizations", |inquiry| {
            async { respond(list_of_account(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/realms/{realm}/users/{user}/orgs", |inquiry| {
            async { respond(list_of_user(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `GET /account/organizations` (reference keycloak.md §1.10): the caller's own, as far
/// as they are enabled. The token says whose: nobody else's can be asked for.
async fn list_of_account(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    let me = local_user(inquiry).ok_or(OrgError::Denied)?;
    let page = Page { first: 0, max: MAX_PAGE_ROWS + 1 };
    let wanted = Wanted { members: vec![me], ..Wanted::all(page) };
    let found = organization::list(inquiry.directory(), inquiry.realm_id(), &wanted).await?;
    let found = Page::check(found)?;
    let enabled = found.iter().filter(|one| one.enabled);
    let body: Vec<_> = enabled.map(AccountOrganizationJson::from).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// The caller as a user of the realm of the URL: a token of `master` never
/// brings a membership.
#[must_use]
pub fn local_user<'a>(inquiry: &'a Inquiry<'_>) -> Option<&'a UserId> {
    (inquiry.actor.realm == *inquiry.realm_id()).then_some(&inquiry.actor.user)
}

/// `GET /orgs/me`: each organization is asked for the caller's roles in it.
async fn list_mine(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    let Some(me) = local_user(inquiry) else {
        return Ok(answer::json(StatusCode::OK, &serde_json::Map::new()));
    };
    let organizations = list_orgs(inquiry, vec![me]).await?;
    let question = ClaimsOf { user: me.clone() };
    let standings = organizations.iter().map(async |one| {
        let object = ObjectName::Org(inquiry.realm_id().clone(), one.id.clone());
        ask(&*inquiry.context.ports.objects, &object, &question).await
    });
    let standings: Vec<Option<OrgClaims>> = try_join_all(standings).await?;
    let mine = organizations.iter().zip(&standings).filter_map(|(organization, standing)| {
        let standing = standing.as_ref()?;
        Some((&organization.id, MyOrganizationJson::new(organization, &standing.roles)))
    });
    Ok(answer::json(StatusCode::OK, &mine.collect::<BTreeMap<_, _>>()))
}

/// `GET /users/{user}/orgs`: those the caller may see, which for somebody
/// without `view-organizations` are those they belong to themselves.
async fn list_of_user(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    let asked = find_user(inquiry).await?;
    let sees_all = inquiry.actor.holds_any(&[AdminRole::ViewOrganizations]);
    let mut members = vec![&asked];
    if !sees_all {
        let Some(me) = local_user(inquiry) else { return Err(OrgError::Denied) };
        members.push(me);
    }
    let organizations = list_orgs(inquiry, members).await?;
    let realm = inquiry.context.realm.name.as_str();
    let body: Vec<_> =
        organizations.iter().map(|one| OrganizationJson::listed(one, realm)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// The user whom the path names.
async fn find_user(inquiry: &Inquiry<'_>) -> Result<UserId, OrgError> {
    let text = inquiry.params.get("user");
    let unknown = || OrgError::NoUser(text.to_owned());
    let id: UserId = text.parse().map_err(|_| unknown())?;
    let found = user::find(inquiry.directory(), inquiry.realm_id(), &id).await?;
    found.map(|user| user.id).ok_or_else(unknown)
}

/// The organizations that all of `members` belong to: the page asked for, else
/// all of them, up to [`MAX_ASKED`].
async fn list_orgs(
    inquiry: &Inquiry<'_>,
    members: Vec<&UserId>,
) -> Result<Vec<Registration>, OrgError> {
    let mut page = Page::read(&inquiry.query(), -1)?;
    page.max = page.max.min(MAX_ASKED + 1);
    let wanted = Wanted { members, ..Wanted::all(page) };
    let found: Result<_, StoreError> =
        organization::list(inquiry.directory(), inquiry.realm_id(), &wanted).await;
    let found = found?;
    if i64::try_from(found.len()).is_ok_and(|count| count <= MAX_ASKED) {
        Ok(found)
    } else {
        Err(OrgError::Field(format!("there are more than {MAX_ASKED}: ask for pages")))
    }
}
