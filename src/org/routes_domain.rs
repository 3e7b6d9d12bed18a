//! `/realms/{realm}/orgs/{org}/domains`, inside the organization's object.
use super::domain::{self, Domain, record_value};
use super::error::OrgError;
use super::permission::{Permission, require};
use super::record::Scene;
use super::routes::respond;
use super::verify::{self, Verifier};
use super::visit::{Handler, Visit};
use super::wire::DomainJson;
use crate::web::answer;
use crate::web::router::{Params, Route};
use crate::web::{Request, Response};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};

/// Who answers what.
#[must_use]
pub fn table() -> Vec<Route<Handler>> {
    use Handler::{Leaving, Local};
    const ALL: &str = "/realms/{realm}/orgs/{org}/domains";
    const ONE: &str = "/realms/{realm}/orgs/{org}/domains/{domain}";
    const VERIFY: &str = "/realms/{realm}/orgs/{org}/domains/{domain}/verify";
    let route = |method, path, handler| Route { method, path, handler };
    vec![
        route(Method::GET, ALL, Local(list_domains)),
        route(Method::GET, ONE, Local(read_domain)),
        route(Method::POST, VERIFY, Leaving(verify_domain)),
    ]
}

/// `GET .../domains`.
fn list_domains(visit: &Visit<'_>, _: &Request, _: &Params) -> Response {
    let listed = require(visit, &[]).and_then(|_| Ok(domain::list(visit.sql())?));
    respond(listed.map(|domains| {
        let body: Vec<_> = domains.iter().map(|domain| json_of(visit, domain)).collect();
        answer::json(StatusCode::OK, &body)
    }))
}

/// `GET .../domains/{domain}`.
fn read_domain(visit: &Visit<'_>, _: &Request, params: &Params) -> Response {
    let found = require(visit, &[]).and_then(|_| {
        domain::find(visit.sql(), params.get("domain"))?.ok_or(OrgError::Unknown("domain"))
    });
    respond(found.map(|domain| answer::json(StatusCode::OK, &json_of(visit, &domain))))
}

/// `POST .../domains/{domain}/verify`: 202 whatever comes of it, as Phase Two
/// answers; the body tells (reference phasetwo.md §1.7).
fn verify_domain<'a>(
    visit: &'a Visit<'a>,
    _: &'a Request,
    params: &'a Params,
) -> LocalBoxFuture<'a, Response> {
    async move {
        let verified = verified(visit, params).await;
        respond(verified.map(|domain| answer::json(StatusCode::ACCEPTED, &json_of(visit, &domain))))
    }
    .boxed_local()
}

async fn verified(visit: &Visit<'_>, params: &Params) -> Result<Domain, OrgError> {
    require(visit, &[Permission::MANAGE])?;
    verify::verify(&Verifier::of(visit), &Scene::of(visit), params.get("domain")).await
}

fn json_of<'a>(visit: &'a Visit<'_>, domain: &'a Domain) -> DomainJson<'a> {
    DomainJson {
        domain_name: &domain.name,
        verified: domain.stage == domain::Stage::Verified,
        record_key: &visit.visitor.realm.settings.dns_record_key,
        record_value: record_value(&domain.name, &visit.organization.id),
        reason: domain.problem.as_deref(),
    }
}
