//! `DELETE /admin/realms/{realm}/organizations/{org}/members/{user}`, inside the
//! organization's object (reference keycloak.md §1.4). Here and not in `org`, because
//! it takes back invitations.
use super::expel::expel;
use super::happenings;
use crate::kernel::email::EmailAddress;
use crate::org::admin_visit::{AdminVisit, leaving};
use crate::org::routes_admin_members::{NO_MEMBER, find_member};
use crate::org::visit::Handler;
use crate::org::wire_keycloak_member::details;
use crate::org::{manage, member, people, project};
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::privilege;
use crate::realm::user::User;
use crate::web::router::Route;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    vec![Route {
        method: Method::DELETE,
        path: "/admin/realms/{realm}/organizations/{org}/members/{user}",
        handler: leaving!(remove),
    }]
}

/// The account goes too when the organization manages it and nobody else has the
/// person. It goes first: who dies in between leaves a member whom the end of the
/// account's deletion takes out.
async fn remove(at: &AdminVisit<'_>) -> Result<Response, AdminError> {
    at.require_seating()?;
    let (person, member) = find_member(at).await?;
    if people::is_own_admin(at.visit, &person) {
        return Err(AdminError::Forbidden);
    }
    let is_gone = member.managed && delete_account(at, &person).await?;
    // Nothing is awaited from here on.
    let email = person.email.as_ref();
    if !remove_member(at, &person, email)? && !is_gone {
        return Err(AdminError::Missing(NO_MEMBER));
    }
    if !is_gone {
        happenings::removed(at.visit, &person.id).await;
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

fn remove_member(
    at: &AdminVisit<'_>,
    person: &User,
    email: Option<&EmailAddress>,
) -> Result<bool, AdminError> {
    Ok(expel(&at.scene(), &person.id, email, Some(&details(person)))?)
}

async fn delete_account(at: &AdminVisit<'_>, person: &User) -> Result<bool, AdminError> {
    privilege::require_over(at.inquiry, &person.id).await?;
    let (object, organization) = (at.visit.object, &at.visit.organization);
    // The directory shall know by then whom the organization manages.
    project::drain_now(object, organization).await?;
    if member::find(at.sql(), &person.id)?.is_none_or(|member| !member.managed) {
        return Ok(false);
    }
    let (user, actor) = (std::slice::from_ref(&person.id), at.visit.audit_actor());
    Ok(!manage::delete_accounts(object, organization, user, &actor).await?.is_empty())
}
