//! `/realms/{realm}/orgs/export` and `/orgs/import` (reference phasetwo.md §1.2
//! and §7), and how a refusal is told.
use super::commit::size_problem;
use super::document;
use super::draft::{Draft, Form};
use super::error::TransferError;
use super::export::{self, Parts, Which};
use super::import::import;
use super::options::Options;
use super::plan::{Plan, plan};
use super::problem::{Kind, Problem, Problems};
use super::report::{DryRunJson, RefusalJson};
use super::wire_guildhall::FORMAT;
use super::wire_phasetwo::ResultJson;
use crate::kernel::id::OrgId;
use crate::realm::inquiry::Inquiry;
use crate::realm::page::Page;
use crate::realm::role::AdminRole;
use crate::realm::routes::Table;
use crate::web::form::Form as Query;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::json;

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, "/realms/{realm}/orgs/export", |inquiry| {
            async { respond(export_some(inquiry).await) }.boxed_local()
        }),
        (Method::POST, "/realms/{realm}/orgs/import", |inquiry| {
            async { respond(import_all(inquiry).await) }.boxed_local()
        }),
    ]
}

/// Passes a caller who holds every one of `roles`.
fn require(inquiry: &Inquiry<'_>, roles: &[AdminRole]) -> Result<(), TransferError> {
    let all = roles.iter().all(|role| inquiry.actor.holds_any(&[*role]));
    if all { Ok(()) } else { Err(TransferError::Denied) }
}

/// `GET /orgs/export`.
async fn export_some(inquiry: &Inquiry<'_>) -> Result<Response, TransferError> {
    require(inquiry, &[AdminRole::ManageOrganizations])?;
    let query = inquiry.query();
    let which = which(&query)?;
    match query.first("format").unwrap_or_default() {
        "" | "phasetwo" => {
            let document = export::phase_two(inquiry, &which, parts(&query)).await?;
            Ok(answer::json(StatusCode::OK, &document))
        }
        FORMAT => {
            // It says more than the organizations: how their members sign in.
            require(inquiry, &[AdminRole::ViewOrganizations])?;
            let views = [AdminRole::ViewIdentityProviders, AdminRole::ManageIdentityProviders];
            if !inquiry.actor.holds_any(&views) {
                return Err(TransferError::Denied);
            }
            Ok(answer::json(StatusCode::OK, &export::guildhall(inquiry, &which).await?))
        }
        other => {
            let why = format!("format {other:?} is not known: {FORMAT} and phasetwo are");
            Err(TransferError::Field(why))
        }
    }
}

/// `orgIds`, of Phase Two's `OpenAPI` document, or a page of all.
fn which(query: &Query) -> Result<Which, TransferError> {
    let ids = query.iter().filter(|(name, _)| *name == "orgIds").map(|(_, value)| value);
    let ids: Vec<&str> = ids.flat_map(|ids| ids.split(',')).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Ok(Which::Page(Page::read(query, -1)?));
    }
    let id = |id: &str| id.parse().map_err(|_| TransferError::Unknown(id.to_owned()));
    ids.into_iter().map(id).collect::<Result<Vec<OrgId>, _>>().map(Which::Some)
}

/// What Phase Two's servers and its `OpenAPI` document call the parts.
fn parts(query: &Query) -> Parts {
    let is = |name, value| query.truth(name) == Some(value);
    Parts {
        people: is("exportMembersAndInvitations", true) || is("includeMembers", true),
        roles: !is("includeRoles", false),
        idps: !is("includeIdps", false),
    }
}

/// `POST /orgs/import`.
async fn import_all(inquiry: &Inquiry<'_>) -> Result<Response, TransferError> {
    require(inquiry, &[AdminRole::ViewOrganizations, AdminRole::ManageOrganizations])?;
    let options = Options::read(&inquiry.query());
    let draft = document::read(inquiry.context, inquiry.request, options)?;
    if draft.is_empty() && !options.dry_run {
        return Ok(answer::empty(StatusCode::NO_CONTENT));
    }
    let planned = checked_plan(inquiry, &draft, options).await?;
    if options.dry_run {
        return Ok(dry_run(&draft, &planned));
    }
    refuse(&planned)?;
    if let Err(error) = import(inquiry, &planned).await {
        // What stands in the way now, in better words than a constraint's.
        refuse(&checked_plan(inquiry, &draft, options).await?)?;
        return Err(error);
    }
    Ok(imported(&draft, &planned))
}

async fn checked_plan(
    inquiry: &Inquiry<'_>,
    draft: &Draft,
    options: Options,
) -> Result<Plan, TransferError> {
    let mut planned = plan(inquiry, draft, options).await?;
    if let Some(why) = size_problem(&planned) {
        planned.problems.add(Kind::Bad, why);
    }
    Ok(planned)
}

fn refuse(plan: &Plan) -> Result<(), TransferError> {
    if plan.problems.0.is_empty() {
        Ok(())
    } else {
        Err(TransferError::Problems(plan.problems.clone()))
    }
}

/// In the words of whoever sent the document: Phase Two's servers answer nothing,
/// its `OpenAPI` document promises a count.
fn imported(draft: &Draft, plan: &Plan) -> Response {
    match draft.form {
        Form::PhaseTwo => answer::empty(StatusCode::OK),
        Form::OpenApi => {
            let imported = plan.organizations.len();
            let skipped = draft.organizations.len() - imported;
            let result = ResultJson { imported, updated: 0, skipped, errors: [] };
            answer::json(StatusCode::OK, &result)
        }
        Form::Guildhall => answer::json(StatusCode::OK, &plan.report),
    }
}

fn dry_run(draft: &Draft, plan: &Plan) -> Response {
    let status = match status_of(&plan.problems) {
        Some(status) => status,
        None if draft.is_empty() => StatusCode::NO_CONTENT,
        None => StatusCode::OK,
    };
    let told = DryRunJson {
        dry_run: true,
        status: status.as_u16(),
        problems: texts(&plan.problems),
        report: &plan.report,
    };
    answer::json(StatusCode::OK, &told)
}

fn texts(problems: &Problems) -> Vec<&str> {
    problems.0.iter().map(|problem| problem.text.as_str()).collect()
}

/// The first problem decides.
fn status_of(problems: &Problems) -> Option<StatusCode> {
    problems.0.first().map(|Problem { kind, .. }| match kind {
        Kind::Bad => StatusCode::BAD_REQUEST,
        Kind::Taken => StatusCode::CONFLICT,
        Kind::Forbidden => StatusCode::FORBIDDEN,
    })
}

/// What the caller is told. The one place where a refusal is logged.
fn respond(result: Result<Response, TransferError>) -> Response {
    let error = match result {
        Ok(response) => return response,
        Err(error) => error,
    };
    let message = |status| answer::json(status, &json!({ "errorMessage": error.to_string() }));
    match &error {
        TransferError::Denied => answer::keycloak_error(StatusCode::UNAUTHORIZED),
        TransferError::Body(body) => message(body.status()),
        TransferError::Form(_)
        | TransferError::Page(_)
        | TransferError::Field(_)
        | TransferError::Limit(_) => message(StatusCode::BAD_REQUEST),
        TransferError::Unknown(_) => message(StatusCode::NOT_FOUND),
        TransferError::Overtaken(_) => message(StatusCode::CONFLICT),
        TransferError::Problems(problems) => {
            let status = status_of(problems).unwrap_or(StatusCode::BAD_REQUEST);
            let problems = texts(problems);
            let error_message = problems.first().copied().unwrap_or_default();
            answer::json(status, &RefusalJson { error_message, problems })
        }
        TransferError::Store(why) => {
            tracing::error!("Organizations were not exported or imported: {why}");
            let told = json!({ "errorMessage": "unknown_error" });
            answer::json(StatusCode::INTERNAL_SERVER_ERROR, &told)
        }
    }
}
