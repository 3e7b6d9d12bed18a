//! The door of the service provider: every request comes in here, shows its
//! credential, and gets its answer in SCIM's words.
use super::authenticate::{Presented, authenticate};
use super::change::Precondition;
use super::config::Config;
use super::error::Refusal;
use super::gate::Gate;
use super::reply::{refuse, respond};
use super::wire::{self, MEDIA_TYPE};
use super::{logbook, record};
use crate::kernel::time::Timestamp;
use crate::org::record::Scene;
use crate::org::visit::{Visit, Visitor};
use crate::platform::Ports;
use crate::web::answer;
use crate::web::router::Params;
use crate::web::{Request, Response, header};
use futures::future::LocalBoxFuture;
use http::header::CONTENT_TYPE;

/// A request that presented the organization's credential.
pub struct Admitted<'a> {
    /// Where it is answered.
    pub visit: &'a Visit<'a>,
    /// The configuration under which it goes on.
    pub config: Config,
    /// The request.
    pub request: &'a Request,
    /// What its path names.
    pub params: &'a Params,
}

/// What answers an admitted request.
#[derive(Clone, Copy)]
pub enum Work {
    /// Stays inside the object: no other request comes between two statements.
    Local(fn(&Admitted<'_>) -> Result<Response, Refusal>),
    /// Leaves the object, for the directory or another object.
    Leaving(for<'a> fn(&'a Admitted<'a>) -> LocalBoxFuture<'a, Result<Response, Refusal>>),
}

/// A handler of the object's table that admits a request to a function which stays
/// inside the object.
macro_rules! local {
    ($work:path) => {
        $crate::org::visit::Handler::Leaving(|visit, request, params| {
            let work = $crate::scim::door::Work::Local($work);
            Box::pin($crate::scim::door::serve(visit, request, params, work))
        })
    };
}

/// The same, of a function that leaves the object.
macro_rules! leaving {
    ($work:path) => {
        $crate::org::visit::Handler::Leaving(|visit, request, params| {
            let work = $crate::scim::door::Work::Leaving($work);
            Box::pin($crate::scim::door::serve(visit, request, params, work))
        })
    };
}

pub(super) use {leaving, local};

/// Answers a request, if it presents the organization's credential.
pub async fn serve<'a>(
    visit: &'a Visit<'a>,
    request: &'a Request,
    params: &'a Params,
    work: Work,
) -> Response {
    let admission = match authenticate(visit, &Presented::of(request)).await {
        Ok(admission) => admission,
        Err(refusal) => {
            let response = refuse(&refusal);
            logbook::write_refused(visit, (request, params), &refusal, &response).await;
            return response;
        }
    };
    let kind = admission.kind;
    let response = match admission.open() {
        Ok(config) => {
            let admitted = Admitted { visit, config, request, params };
            respond(match work {
                Work::Local(answer) => answer(&admitted),
                Work::Leaving(answer) => answer(&admitted).await,
            })
        }
        Err(refusal) => refuse(&refusal),
    };
    logbook::write(visit, (request, params), kind, &response).await;
    response
}

/// Turns away who asks for an organization that is not there: as from one that is
/// and takes another credential.
#[must_use]
pub fn turn_away(ports: &Ports, visitor: &Visitor, request: &Request, now: Timestamp) -> Response {
    if Presented::of(request).is_nothing(visitor) {
        return refuse(&Refusal::Credential);
    }
    let place = (&visitor.realm.id, &visitor.org);
    let gate = Gate::new(ports, place, visitor.ip.as_deref(), now);
    if let Err(refusal) = gate.pass() {
        return refuse(&refusal);
    }
    gate.wrong();
    refuse(&Refusal::Credential)
}

impl Admitted<'_> {
    /// What a change is told with.
    #[must_use]
    pub fn scene(&self) -> Scene<'_> {
        let visit = self.visit;
        record::scene(visit.object, &visit.organization, visit.now, visit.visitor.ip.clone())
    }

    /// The service's URL.
    #[must_use]
    pub fn base(&self) -> String {
        let path = format!("/scim/v2/organizations/{}", self.visit.organization.id);
        self.visit.realm_context().url(&path)
    }

    /// The body, if it is JSON by its type. An absent type passes, as elsewhere.
    ///
    /// # Errors
    /// `MediaType` for any other.
    pub fn body(&self) -> Result<&[u8], Refusal> {
        let typed = self.request.headers().contains_key(CONTENT_TYPE);
        let json = [MEDIA_TYPE, "application/json"];
        if typed && !json.iter().any(|wanted| answer::has_media_type(self.request, wanted)) {
            return Err(Refusal::MediaType);
        }
        Ok(self.request.body())
    }

    /// What `If-Match` asks of the resource's version.
    #[must_use]
    pub fn precondition(&self) -> Precondition {
        wire::versions(header(self.request, "if-match")?)
    }

    /// Whether `If-None-Match` names `version`: the client has it already.
    #[must_use]
    pub fn knows(&self, version: i64) -> bool {
        header(self.request, "if-none-match")
            .is_some_and(|tags| wire::versions(tags).is_none_or(|known| known.contains(&version)))
    }
}
