//! What is told of clients that register themselves, under Keycloak's names.
use super::registration::Refusal;
use crate::event::user_event::Kind;
use crate::realm::context::RealmContext;
use crate::realm::happening::Happening;
use crate::web::Request;

/// A client registered, read, changed or deleted itself, as `request` says.
pub async fn done(context: &RealmContext<'_>, request: &Request, client_id: &str) {
    let (kind, _) = kinds(request);
    Happening::of(kind).client(client_id).tell(context).await;
}

/// Somebody tried to, in vain. Our own failures are no deed of theirs.
pub async fn refused(
    context: &RealmContext<'_>,
    request: &Request,
    client_id: Option<&str>,
    refusal: &Refusal,
) {
    let (_, kind) = kinds(request);
    let reason = match refusal {
        Refusal::Token | Refusal::NotAnybody => "invalid_token",
        Refusal::Forbidden | Refusal::Full | Refusal::Policy(_) => "not_allowed",
        Refusal::Metadata(_) | Refusal::Draft(_) | Refusal::Body(_) => "invalid_client_metadata",
        Refusal::Store(_) => return,
    };
    Happening::of(kind).client_of(client_id).error(reason).tell(context).await;
}

/// The kinds of what went well and of what did not.
fn kinds(request: &Request) -> (Kind, Kind) {
    match request.method().as_str() {
        "GET" => (Kind::ClientInfo, Kind::ClientInfoError),
        "PUT" => (Kind::ClientUpdate, Kind::ClientUpdateError),
        "DELETE" => (Kind::ClientDelete, Kind::ClientDeleteError),
        _ => (Kind::ClientRegister, Kind::ClientRegisterError),
    }
}
