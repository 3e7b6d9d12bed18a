//! `/realms/{realm}/orgs/me/invitations` and
//! `/realms/{realm}/users/{user}/invitations`: where somebody is invited.
use super::happenings::Invited;
use super::mine::{DecideMine, Decision, ReadMine};
use super::state::Refusal;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::kernel::route::ObjectName;
use crate::org::error::OrgError;
use crate::org::routes::respond;
use crate::org::routes_me::local_user;
use crate::platform::object::ask;
use crate::realm::inquiry::Inquiry;
use crate::realm::registry::MAX_ASKED;
use crate::realm::role::AdminRole;
use crate::realm::routes::Table;
use crate::realm::store::{invited, user};
use crate::realm::user::User;
use crate::web::{Response, answer};
use futures::FutureExt;
use futures::future::try_join_all;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/realms/{realm}/orgs/me/invitations", |inquiry| {
            async { respond(list_mine(inquiry).await) }.boxed_local()
        }),
        (Method::POST, "/realms/{realm}/orgs/me/invitations/{invitation}", |inquiry| {
            async { respond(decide(inquiry, Decision::Accept).await) }.boxed_local()
        }),
        (Method::DELETE, "/realms/{realm}/orgs/me/invitations/{invitation}", |inquiry| {
            async { respond(decide(inquiry, Decision::Reject).await) }.boxed_local()
        }),
        (Method::GET, "/realms/{realm}/users/{user}/invitations", |inquiry| {
            async { respond(list_of_user(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `GET /orgs/me/invitations`.
async fn list_mine(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    let (_, email) = find_me(inquiry).await?;
    list(inquiry, &email).await
}

/// `GET /users/{user}/invitations`: for administrators, and for oneself. (Phase
/// Two shows anybody's to anybody: reference phasetwo.md §1.10.)
async fn list_of_user(inquiry: &Inquiry<'_>) -> Result<Response, OrgError> {
    let text = inquiry.params.get("user");
    let sees_all = inquiry.actor.holds_any(&[AdminRole::ViewOrganizations]);
    if !sees_all && local_user(inquiry).is_none_or(|me| me.as_str() != text) {
        return Err(OrgError::Denied);
    }
    let unknown = || OrgError::NoUser(text.to_owned());
    let id: UserId = text.parse().map_err(|_| unknown())?;
    let found = user::find(inquiry.directory(), inquiry.realm_id(), &id).await?;
    let found = found.ok_or_else(unknown)?;
    let shown = sees_all || found.email_verified;
    match found.email.filter(|_| shown) {
        Some(email) => list(inquiry, &email).await,
        None => Ok(answer::json(StatusCode::OK, &[(); 0])),
    }
}

/// Asks each organization that invites `email` for the invitation.
async fn list(inquiry: &Inquiry<'_>, email: &EmailAddress) -> Result<Response, OrgError> {
    let realm = inquiry.realm_id();
    let open = invited::list(inquiry.directory(), realm, email, MAX_ASKED + 1).await?;
    if i64::try_from(open.len()).is_ok_and(|count| count > MAX_ASKED) {
        return Err(OrgError::Field(format!("there are more than {MAX_ASKED} invitations")));
    }
    let default_uri = inquiry.context.realm.settings.default_application_uri.clone();
    let questions = open.into_iter().map(async |one| {
        let object = ObjectName::Org(realm.clone(), one.org);
        let question = ReadMine { invitation: one.invitation, default_uri: default_uri.clone() };
        ask(&*inquiry.context.ports.objects, &object, &question).await
    });
    let answers: Vec<Option<serde_json::Value>> = try_join_all(questions).await?;
    let body: Vec<_> = answers.into_iter().flatten().collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `POST /orgs/me/invitations/{invitation}` accepts, DELETE rejects.
async fn decide(inquiry: &Inquiry<'_>, decision: Decision) -> Result<Response, OrgError> {
    let (me, email) = find_me(inquiry).await?;
    let unknown = || match decision {
        Decision::Accept => OrgError::Unknown("invitation"),
        // Not 404: reference phasetwo.md §1.2.
        Decision::Reject => OrgError::Field("there is no such invitation".to_owned()),
    };
    let id: InvitationId = inquiry.params.get("invitation").parse().map_err(|_| unknown())?;
    let found = invited::find(inquiry.directory(), inquiry.realm_id(), &id).await?;
    let found = found.ok_or_else(unknown)?;
    if found.email != email {
        return Err(OrgError::Field("the invitation is for another address".to_owned()));
    }
    let org = found.org.clone();
    let invited = Invited { org: &org, invitation: &id };
    let happening = match decision {
        Decision::Accept => invited.accepted(),
        Decision::Reject => invited.rejected(),
    };
    let question = DecideMine {
        invitation: id.clone(),
        email,
        user: me.id,
        decision,
        actor: inquiry.audit_actor(),
    };
    let object = ObjectName::Org(inquiry.realm_id().clone(), found.org);
    match ask(&*inquiry.context.ports.objects, &object, &question).await? {
        Ok(()) => {
            happening.caller(inquiry.actor).tell(inquiry.context).await;
            if decision == Decision::Accept {
                let joined = invited.joined(&me.username);
                joined.caller(inquiry.actor).tell(inquiry.context).await;
            }
            Ok(answer::empty(StatusCode::NO_CONTENT))
        }
        Err(refusal @ Refusal::Expired) => Err(OrgError::Field(refusal.to_string())),
        Err(_) => Err(unknown()),
    }
}

/// The caller, with the address that they have shown to be theirs. The
/// directory says so, not the token: an address may have changed since.
async fn find_me(inquiry: &Inquiry<'_>) -> Result<(User, EmailAddress), OrgError> {
    let unverified = || OrgError::Field("the caller has no verified e-mail address".to_owned());
    let id = local_user(inquiry).ok_or_else(unverified)?;
    let found = user::find(inquiry.directory(), inquiry.realm_id(), id).await?;
    let me = found.filter(|user| user.email_verified).ok_or_else(unverified)?;
    let email = me.email.clone().ok_or_else(unverified)?;
    Ok((me, email))
}
