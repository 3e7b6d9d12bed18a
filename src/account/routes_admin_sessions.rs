//! `/admin/realms/{realm}/users/{user}`, `/sessions`, `/logout-all` and `/attack-detection`:
//! who is signed in, and who is locked out.
use super::administer::{action, ask_account, change, find};
use super::end_sessions;
use super::lockout::LockoutRule;
use super::offline::{EndOffline, HasOffline, ListOffline};
use super::oversee::{EndEverySession, ForgetFailures, ListSessions, ReadFailures};
use super::routes_admin_users::VIEWERS;
use super::session;
use super::session_check::CheckSession;
use super::session_end::EndSession;
use super::session_rule::SessionRule;
use super::wire_keycloak;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientUuid, SessionId};
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::privilege;
use crate::realm::role::AdminRole;
use crate::realm::routes::{Table, respond};
use crate::realm::store::{client, events, realm};
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::POST, "/admin/realms/{realm}/users/{user}/logout", |inquiry| {
            async move { respond(logout(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/users/{user}/sessions", |inquiry| {
            async move { respond(list(inquiry).await) }.boxed_local()
        }),
        (Method::GET, "/admin/realms/{realm}/users/{user}/offline-sessions/{client}", |inquiry| {
            async move { respond(list_offline(inquiry).await) }.boxed_local()
        }),
        (Method::DELETE, "/admin/realms/{realm}/sessions/{session}", |inquiry| {
            async move { respond(end(inquiry).await) }.boxed_local()
        }),
        (Method::POST, "/admin/realms/{realm}/logout-all", |inquiry| {
            async move { respond(logout_all(inquiry).await) }.boxed_local()
        }),
        (
            Method::GET,
            "/admin/realms/{realm}/attack-detection/brute-force/users/{user}",
            |inquiry| async move { respond(failures(inquiry).await) }.boxed_local(),
        ),
        (
            Method::DELETE,
            "/admin/realms/{realm}/attack-detection/brute-force/users/{user}",
            |inquiry| async move { respond(unlock(inquiry).await) }.boxed_local(),
        ),
        (Method::DELETE, "/admin/realms/{realm}/attack-detection/brute-force/users", |inquiry| {
            async move { respond(unlock_everybody(inquiry).await) }.boxed_local()
        }),
    ]
}

/// `POST /users/{user}/logout`: every session and every refresh token ends.
async fn logout(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    inquiry.commit(Vec::new(), action(&user.id, "logout")).await?;
    inquiry.context.ports.faults.reach("user.logout.after_directory").await;
    ask_account(inquiry, &user.id, &EndEverySession::default()).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `GET /users/{user}/sessions`.
async fn list(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let rule = SessionRule::of(&inquiry.context.realm);
    let sessions = ask_account(inquiry, &user.id, &ListSessions { rule }).await?;
    let mut body: Vec<Value> = Vec::with_capacity(sessions.len());
    for session in &sessions {
        let mut clients = BTreeMap::new();
        for client_id in &session.clients {
            let client = inquiry.context.find_client(client_id).await?;
            let key = client.map_or_else(|| client_id.clone(), |one| one.uuid.to_string());
            clients.insert(key, client_id.clone());
        }
        body.push(wire_keycloak::session(session, &user, clients));
    }
    Ok(answer::json(StatusCode::OK, &body))
}

/// `GET /users/{user}/offline-sessions/{client}`: what was granted to the client and
/// outlives its session.
async fn list_offline(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    const UNKNOWN: &str = "Client not found";
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let client: ClientUuid = inquiry.param("client", UNKNOWN)?;
    let found = client::find_stored(inquiry.directory(), inquiry.realm_id(), &client).await?;
    let client = found.ok_or(AdminError::Unknown(UNKNOWN))?.client;
    let realm = &inquiry.context.realm;
    let question = ListOffline {
        client_id: client.client_id.clone(),
        unused: realm.settings.offline_session_idle_timeout,
        rule: SessionRule::of(realm),
    };
    let grants = ask_account(inquiry, &user.id, &question).await?;
    let named = || BTreeMap::from([(client.uuid.to_string(), client.client_id.clone())]);
    let body: Vec<Value> =
        grants.iter().map(|grant| wire_keycloak::offline(grant, &user, named())).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// `DELETE /sessions/{session}?isOffline=`: its id leads to its account.
async fn end(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    const UNKNOWN: &str = "Session not found";
    inquiry.require(&[AdminRole::ManageUsers])?;
    let offline = inquiry.query().truth("isOffline") == Some(true);
    let session: SessionId = inquiry.param("session", UNKNOWN)?;
    let owner = session::owner_of(&session).ok_or(AdminError::Unknown(UNKNOWN))?;
    let rule = SessionRule::of(&inquiry.context.realm);
    let is_there = if offline {
        let question = HasOffline { session: session.clone() };
        ask_account(inquiry, &owner, &question).await?
    } else {
        ask_account(inquiry, &owner, &CheckSession { session: session.clone(), rule }).await?
    };
    if !is_there {
        return Err(AdminError::Unknown(UNKNOWN));
    }
    let event = Change {
        resource_type: "USER_SESSION",
        operation: Operation::Delete,
        path: format!("sessions/{session}"),
        representation: None,
    };
    inquiry.commit(Vec::new(), event).await?;
    if offline {
        ask_account(inquiry, &owner, &EndOffline { session }).await?;
    } else {
        ask_account(inquiry, &owner, &EndSession { session }).await?;
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `POST /logout-all`: a moment in the directory; what began up to then is over
/// wherever it is next brought. Accounts are asked later, and only so that clients
/// that want it are told. Two in one second are one.
async fn logout_all(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let raise = realm::not_before_raise(inquiry.realm_id(), inquiry.context.now);
    let event = Change {
        resource_type: "REALM",
        operation: Operation::Action,
        path: "logout-all".to_owned(),
        representation: None,
    };
    inquiry.commit(vec![raise, end_sessions::of_realm(inquiry)], event).await?;
    inquiry.context.ports.faults.reach("logout_all.after_directory").await;
    end_sessions::send(inquiry).await;
    // A `GlobalRequestResult`: which clients were told. They are told later.
    Ok(answer::json(StatusCode::OK, &json!({})))
}

/// `GET /attack-detection/brute-force/users/{user}`.
async fn failures(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(VIEWERS)?;
    let user = find(inquiry).await?;
    let rule = LockoutRule::of(&inquiry.context.realm.settings);
    let known = ask_account(inquiry, &user.id, &ReadFailures { rule }).await?;
    Ok(answer::json(StatusCode::OK, &wire_keycloak::brute_force(&known)))
}

fn unlocking(path: String) -> Change {
    let resource_type = "USER_LOGIN_FAILURE";
    Change { resource_type, ..change(Operation::Delete, path, None) }
}

/// `DELETE /attack-detection/brute-force/users/{user}`.
async fn unlock(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let user = find(inquiry).await?;
    privilege::require_over(inquiry, &user.id).await?;
    let path = format!("attack-detection/brute-force/users/{}", user.id);
    inquiry.commit(Vec::new(), unlocking(path)).await?;
    ask_account(inquiry, &user.id, &ForgetFailures {}).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// `DELETE /attack-detection/brute-force/users`: a word in the realm's settings,
/// and no account needs to be asked.
async fn unlock_everybody(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    inquiry.require(&[AdminRole::ManageUsers])?;
    let forgetting = events::forgetting_failures(inquiry.realm_id(), inquiry.context.now);
    let event = unlocking("attack-detection/brute-force/users".to_owned());
    inquiry.commit(vec![forgetting], event).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
