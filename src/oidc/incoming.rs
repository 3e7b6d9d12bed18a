//! A request on its way in: from what the browser brings, plain, in a request
//! object or by reference, to a request that may be answered.
use super::asker::{self, Asker, Unanswerable};
use super::authorization::{self, AuthorizationRequest, Problem};
use super::prompt::Prompt;
use super::redirect::Destination;
use super::{id_token_hint, pushed, request_object, resource};
use crate::platform::row::StoreError;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::web::form::Form;
use std::rc::Rc;

/// By which endpoint a request comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrance {
    /// Through the browser.
    Authorization,
    /// From the client itself, ahead of the browser (RFC 9126).
    Pushed,
}

/// Why a request is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Unheard {
    /// Only the person can be told.
    #[error(transparent)]
    Unanswerable(#[from] Unanswerable),
    /// The client is told.
    #[error("{1}")]
    Told(Destination, Problem),
    /// A mistake of the client's, in a request that names no address of its own.
    #[error(transparent)]
    Nowhere(Problem),
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A mistake of the client's, or a failure of ours.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The client's.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// Ours.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A request, and the parameters it was read from.
#[derive(Debug)]
pub struct Heard {
    /// The request.
    pub request: AuthorizationRequest,
    /// What counts of what was sent: for a request object or a reference, what it
    /// stands for.
    pub form: Form,
}

/// Hears the request in `form`.
///
/// # Errors
/// As [`Unheard`] says.
pub async fn hear(
    context: &RealmContext<'_>,
    form: &Form,
    entrance: Entrance,
) -> Result<Heard, Unheard> {
    let client = asker::find_client(context, form).await??;
    let meant = match parameters(context, &client, form, entrance).await {
        Ok(meant) => meant,
        Err(Fault::Store(error)) => return Err(error.into()),
        Err(Fault::Problem(problem)) => {
            // What cannot be read names no address; what stands beside it may.
            return Err(match asker::find_address(context, &client, form).await? {
                Ok(asker) => told(form, &asker, problem),
                Err(_) => Unheard::Nowhere(problem),
            });
        }
    };
    let asker = asker::find_address(context, &client, &meant).await??;
    match judge(context, &asker, &meant).await {
        Ok(request) => Ok(Heard { request, form: meant }),
        Err(Fault::Store(error)) => Err(error.into()),
        Err(Fault::Problem(problem)) => Err(told(&meant, &asker, problem)),
    }
}

fn told(form: &Form, asker: &Asker, problem: Problem) -> Unheard {
    Unheard::Told(Destination::of_form(form, &asker.redirect_uri), problem)
}

/// The parameters that count.
async fn parameters(
    context: &RealmContext<'_>,
    client: &Rc<Client>,
    form: &Form,
    entrance: Entrance,
) -> Result<Form, Fault> {
    let object = form.at_most_one("request").map_err(Problem::from)?;
    let reference = form.at_most_one("request_uri").map_err(Problem::from)?;
    match (object, reference, entrance) {
        (Some(_), Some(_), _) => Err(Problem::TwoRequests.into()),
        // RFC 9126 §2.1.
        (None, Some(_), Entrance::Pushed) => Err(Problem::RequestUri.into()),
        (None, Some(reference), Entrance::Authorization) => {
            pushed::take(context, client, reference).await
        }
        (_, None, Entrance::Authorization) if pushed::is_required(client) => {
            Err(Problem::NotPushed.into())
        }
        (Some(object), None, _) => {
            Ok(request_object::read(context, client, object).await.map_err(Problem::from)?)
        }
        (None, None, _) if request_object::is_required(client) => Err(Problem::NotSigned.into()),
        (None, None, _) => Ok(form.clone()),
    }
}

/// Reads the request, then what others must be asked about.
async fn judge(
    context: &RealmContext<'_>,
    asker: &Asker,
    form: &Form,
) -> Result<AuthorizationRequest, Fault> {
    let mut request = authorization::read(form, asker)?;
    let registers = request.prompts.has(Prompt::Create) && request.invitation.is_none();
    if registers && !context.realm.settings.lets_register() {
        return Err(Problem::NoRegistration.into());
    }
    request.asked_by_hint = match form.at_most_one("id_token_hint").map_err(Problem::from)? {
        Some(hint) => Some(id_token_hint::read(context, hint).await?.map_err(Problem::Hint)?),
        None => None,
    };
    resource::check(context, &asker.client, &request.resources)
        .await?
        .map_err(Problem::Resource)?;
    Ok(request)
}
