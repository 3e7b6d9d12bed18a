//! Who asks at the authorization endpoint, and where the answer may go: found out
//! before anything else of a request is believed.
use super::tenant;
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::form::{BadParameter, Form};
use std::rc::Rc;

/// Why a request is shown to the person instead of being answered: who asks, or
/// where the answer should go, is not known, and answering there would make us
/// an open redirector (RFC 9700 §4.11.2).
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// No, or more than one, `client_id` or `redirect_uri`.
    #[error(transparent)]
    Parameter(#[from] BadParameter),
    /// The realm has no such client.
    #[error("the client is not known")]
    UnknownClient,
    /// The client has no such redirect URI, to the letter (RFC 9700 §2.1).
    #[error("the redirect URI is not one of the client's")]
    RedirectMismatch,
}

/// Who asks, and where the answer goes.
#[derive(Debug)]
pub struct Asker {
    /// The client.
    pub client: Rc<Client>,
    /// One of its redirect URIs.
    pub redirect_uri: String,
    /// The organization that stands in the redirect URI, where the client
    /// registered a place for one.
    pub tenant: Option<String>,
}

/// The client that `form` names.
///
/// # Errors
/// `Refused` when the directory fails; inside, why nobody can be answered.
pub async fn find_client(
    context: &RealmContext<'_>,
    form: &Form,
) -> Result<Result<Rc<Client>, Unanswerable>, StoreError> {
    let client_id = match form.one("client_id") {
        Ok(client_id) => client_id,
        Err(bad) => return Ok(Err(bad.into())),
    };
    Ok(context.find_client(client_id).await?.ok_or(Unanswerable::UnknownClient))
}

/// `client` with the address that `form` names.
///
/// # Errors
/// As [`find_client`].
pub async fn find_address(
    context: &RealmContext<'_>,
    client: &Rc<Client>,
    form: &Form,
) -> Result<Result<Asker, Unanswerable>, StoreError> {
    let redirect_uri = match form.one("redirect_uri") {
        Ok(redirect_uri) => redirect_uri,
        Err(bad) => return Ok(Err(bad.into())),
    };
    let asker =
        |tenant| Asker { client: Rc::clone(client), redirect_uri: redirect_uri.to_owned(), tenant };
    if client.has_redirect_uri(redirect_uri) {
        return Ok(Ok(asker(None)));
    }
    let tenant = tenant::find(context, client, redirect_uri, form).await?;
    Ok(tenant.map(|tenant| asker(Some(tenant))).ok_or(Unanswerable::RedirectMismatch))
}
