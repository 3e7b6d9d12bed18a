//! Who calls an administration path: a valid access token, and what its holder
//! may administer in the realm of the URL.
use crate::oidc::bearer::{self, BearerError, Caller};
use crate::oidc::dpop::{self, BadProof};
use crate::platform::row::StoreError;
use crate::realm::actor::Actor;
use crate::realm::context::RealmContext;
use crate::realm::role;
use crate::realm::settings::Realm;
use crate::web::Request;

/// Why there is no caller.
#[derive(Debug, thiserror::Error)]
pub enum Unauthenticated {
    /// No token, or none that counts here.
    #[error("no valid access token: {0}")]
    Token(String),
    /// The proof that came with it needs a nonce, and this one will do.
    #[error("the DPoP proof needs a fresh nonce")]
    Nonce(String),
    /// The directory failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The holder of the request's access token. It counts when the realm of the
/// URL issued it, or `master` did (reference phasetwo.md §0). One directory
/// query, for the administration roles and whether the token was revoked.
///
/// # Errors
/// `Token` without a valid token of such a realm; `Store`.
pub async fn find_actor(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Actor, Unauthenticated> {
    let caller = bearer::present(context, request).await;
    let caller = caller.map_err(|error| match error {
        BearerError::Store(error) | BearerError::Proof(BadProof::Store(error)) => {
            Unauthenticated::Store(error)
        }
        BearerError::Proof(BadProof::Nonce) => match dpop::nonce(context) {
            Ok(nonce) => Unauthenticated::Nonce(nonce),
            Err(error) => Unauthenticated::Token(error.to_string()),
        },
        other => Unauthenticated::Token(other.to_string()),
    })?;
    if !may_call(&caller.realm, &context.realm) {
        return Err(Unauthenticated::Token("it is of another realm".to_owned()));
    }
    let spent = caller.spent_name();
    let held = role::list_admin_roles(context, (&caller.realm, &caller.user), &spent).await?;
    let admin_roles = held.ok_or_else(|| Unauthenticated::Token("it was revoked".to_owned()))?;
    Ok(actor_of(caller, admin_roles))
}

fn may_call(home: &Realm, target: &Realm) -> bool {
    home.id == target.id || home.is_master()
}

fn actor_of(caller: Caller, admin_roles: Vec<role::AdminRole>) -> Actor {
    Actor {
        realm: caller.realm.id.clone(),
        user: caller.user,
        is_service_account: caller.session.is_none(),
        client_id: caller.client_id,
        session: caller.session,
        name: caller.name,
        admin_roles,
    }
}
