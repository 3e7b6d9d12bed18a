//! `/admin/realms/{realm}/users`: finding, making, changing, deleting users
//! (reference keycloak.md §3.2).
use super::administer;
use super::profile;
use super::profile_check;
use super::wire_keycloak::{UserDraftJson, UserJson};
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::privilege;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::store::{federated_identity, user_search};
use crate::realm::user_filter::{BadFilter, UserFilter};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Users of a page when the caller names no number.
const PAGE_USERS: i64 = 100;

/// Who may read users.
pub const VIEWERS: &[AdminRole] = &[AdminRole::ViewUsers, AdminRole::ManageUsers];

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/admin/realms/{realm}/users", |inquiry| {
            async move { respond(list(inquiry).await) }.boxed_local()
        }),
        (Method::POST, "/admin/realms/{realm}/users", |inquiry| {
            async move { respond(create(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/users/count", |inquiry| {
            async move { respond(count(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/users/{user}", |inquiry| {
            async move { respond(read(inquiry).await) }.boxed_local()
        }),
        (Method::PUT, "/admin/realms/{realm}/users/{user}", |inquiry| {
            async move { respond(update(inquiry).await) }.boxed_local()
        }),
        (Method::DELETE, "/admin/realms/{realm}/users/{user}", |inquiry| {
            async move { respond(delete(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/users/{user}/unmanagedAttributes", |inquiry| {
            async move { respond(unmanaged_attributes(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `GET /users`.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let query = inquiry.query();
    let filter = UserFilter::read(&query).map_err(bad_filter)?;
    let page = inquiry.page(PAGE_USERS)?;
    let found = user_search::list(inquiry.directory(), inquiry.realm_id(), &filter, page).await?;
    let mut found = Page::check(found)?;
    let known = profile::of_realm(inquiry.context).await?;
    for user in &mut found {
        profile_check::hide(&known.profile, user);
    }
    let brief = query.truth("briefRepresentation") == Some(true);
    let may_manage = may_manage(inquiry);
    let one = if brief { UserJson::brief } else { UserJson::full };
    let body: Vec<_> = found.iter().map(|user| one(user).with_management(may_manage)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET /users/count`: a bare number.
async fn count(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let filter = UserFilter::read(&inquiry.query()).map_err(bad_filter)?;
    let total = user_search::count(inquiry.directory(), inquiry.realm_id(), &filter).await?;
    Ok(answer::json(StatusCode::OK, &total))
}

/// `POST /users`.
async fn create(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let draft = UserDraftJson::read(inquiry.body()?)?;
    let made = administer::create(inquiry, draft).await?;
    let (context, realm) = (inquiry.context, &inquiry.context.realm.name);
    let location = format!("{}/admin/realms/{realm}/users/{}", context.public_url, made.id);
    Ok(answer::created(&location))
}

/// `GET /users/{user}`.
async fn read(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let mut user = administer::find(inquiry).await?;
    let known = profile::of_realm(inquiry.context).await?;
    profile_check::hide(&known.profile, &mut user);
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let identities = federated_identity::list(directory, realm, &user.id).await?;
    let mut body = UserJson::full(&user).with_access(may_manage(inquiry));
    if !identities.is_empty() {
        body = body.with_identities(&identities);
    }
    if inquiry.query().truth("userProfileMetadata") == Some(true) {
        body = body.with_metadata(known.json.metadata(&known.profile));
    }
    Ok(answer::json(StatusCode::OK, &body))
}

/// `PUT /users/{user}`.
async fn update(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = administer::find(inquiry).await?;
    privilege::require_over(inquiry, &user.id).await?;
    let draft = UserDraftJson::read(inquiry.body()?)?;
    administer::update(inquiry, user, draft).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /users/{user}`.
async fn delete(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = administer::find(inquiry).await?;
    privilege::require_over(inquiry, &user.id).await?;
    administer::delete(inquiry, &user).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /users/{user}/unmanagedAttributes`: those that are no field of the profile.
async fn unmanaged_attributes(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = administer::find(inquiry).await?;
    let known = profile::of_realm(inquiry.context).await?;
    Ok(answer::json(StatusCode::OK, &profile_check::unmanaged(&known.profile, user)))
}

fn may_manage(inquiry: &Inquiry<'_>) -> bool {
    inquiry.actor.holds_any(&[AdminRole::ManageUsers])
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn bad_filter(error: BadFilter) -> AdminError {
    AdminError::Invalid(error.to_string())
}
