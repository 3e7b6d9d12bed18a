//! `DELETE /realms/{realm}/orgs/{org}/members/{user}`, inside the organization's
//! object. Here and not in `org`, because it takes back invitations.
use super::expel::expel;
use super::happenings;
use crate::org::error::OrgError;
use crate::org::permission::{Permission, require};
use crate::org::record::Scene;
use crate::org::routes::{respond, user_of};
use crate::org::visit::{Handler, Visit};
use crate::org::{member, people};
use crate::web::answer;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    vec![Route {
        method: Method::DELETE,
        path: "/realms/{realm}/orgs/{org}/members/{user}",
        handler: Handler::Leaving(remove_member),
    }]
}

/// Also one's own membership.
fn remove_member<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        respond(remove(visit, params).await.map(|()| answer::empty(StatusCode::NO_CONTENT)))
    }
    .boxed_local()
}

/// Leaves the object once, to learn the member's address and name.
async fn remove(visit: &Visit<'_>, params: &Params) -> Result<(), OrgError> {
    check(visit, params)?;
    let user = user_of(params)?;
    member::find(visit.sql(), &user)?.ok_or(OrgError::Unknown("member"))?;
    let person = people::find(visit, &user).await?;
    if person.as_ref().is_some_and(|person| people::is_own_admin(visit, person)) {
        return Err(OrgError::Forbidden);
    }
    // Nothing is awaited from here on.
    check(visit, params)?;
    let email = person.as_ref().and_then(|person| person.email.as_ref());
    if !expel(&Scene::of(visit), &user, email, None)? {
        return Err(OrgError::Unknown("member"));
    }
    happenings::removed(visit, &user).await;
    Ok(())
}

fn check(visit: &Visit<'_>, params: &Params) -> Result<(), OrgError> {
    let standing = require(visit, &[Permission::VIEW_MEMBERS])?;
    let caller = visit.visitor.caller.as_ref().map(|actor| actor.user.as_str());
    if caller == Some(params.get("user")) || standing.has(Permission::MANAGE_MEMBERS) {
        Ok(())
    } else {
        Err(OrgError::Denied)
    }
}
