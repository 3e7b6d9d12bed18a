//! The commit point of an import: one batch of the directory, all of it or nothing.
use super::limits::MAX_STATEMENTS;
use super::plan::{NewOrganization, Plan};
use super::plan_providers::NewProvider;
use crate::event::audit::{Change, Operation};
use crate::federation::change::change;
use crate::federation::desk::Desk;
use crate::federation::link;
use crate::federation::store as federation;
use crate::kernel::id::ImportId;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::inquiry::Inquiry;
use crate::realm::store::domain::{Claim, Sharing};
use crate::realm::store::{domain, membership, organization, organization_import, user};

/// How many statements the batch of `plan` has.
#[must_use]
pub fn count(plan: &Plan) -> usize {
    // Whatever else, there is one of each import.
    const ONCE: usize = 6;
    let orgs = plan.organizations.iter().map(|org| {
        let hidden = org.uses.iter().filter(|used| used.hide.is_some()).count();
        1 + usize::from(org.admin.is_some()) + org.uses.len() + hidden
    });
    let providers = plan.providers.iter().map(|provider| 2 + provider.mappers.len());
    ONCE + orgs.sum::<usize>() + providers.sum::<usize>()
}

/// Why a plan has too many statements; `None` when it has not.
#[must_use]
pub fn size_problem(plan: &Plan) -> Option<String> {
    let count = count(plan);
    (count > MAX_STATEMENTS).then(|| {
        format!(
            "the import takes {count} statements of the directory, and one makes at most {MAX_STATEMENTS} (MAX_STATEMENTS): import fewer organizations, providers or mappers at once"
        )
    })
}

/// The batch that makes `plan` true.
///
/// # Errors
/// `Refused` when something cannot be written as JSON.
pub fn statements(
    inquiry: &Inquiry<'_>,
    import: &ImportId,
    plan: &Plan,
) -> Result<Vec<Statement>, StoreError> {
    let (realm, now) = (inquiry.realm_id(), inquiry.context.now);
    let mut statements = organization_import::commitment(import, realm, now).to_vec();
    for org in &plan.organizations {
        statements.push(organization::insertion(realm, &org.content.org.registration)?);
        if let Some(admin) = &org.admin {
            statements.push(user::insertion(realm, admin)?);
        }
    }
    statements.push(memberships(inquiry, &plan.organizations)?);
    let desk = Desk::of_inquiry(inquiry);
    for provider in &plan.providers {
        statements.extend(provider_statements(&desk, provider)?);
    }
    statements.extend(use_statements(inquiry, &plan.organizations)?);
    statements.push(claims(inquiry, &plan.organizations)?);
    statements.push(inquiry.recording(Change {
        resource_type: "ORGANIZATION_IMPORT",
        operation: Operation::Create,
        path: "orgs/import".to_owned(),
        // Not the document as it came: that may hold secrets.
        representation: serde_json::to_value(&plan.report).ok(),
    })?);
    Ok(statements)
}

fn memberships(
    inquiry: &Inquiry<'_>,
    organizations: &[NewOrganization],
) -> Result<Statement, StoreError> {
    let members = organizations.iter().flat_map(|one| {
        let org = &one.content.org.registration.id;
        let members = one.content.org.members.iter();
        let members = members.map(|member| (&member.user, member.active));
        let admin = one.admin.iter().map(|admin| (&admin.id, true));
        members.chain(admin).map(move |(user, present)| membership::Carried { user, org, present })
    });
    membership::carrying(inquiry.realm_id(), &members.collect::<Vec<_>>())
}

fn provider_statements(desk: &Desk<'_>, new: &NewProvider) -> Result<Vec<Statement>, StoreError> {
    let provider = &new.provider;
    let mut statements = vec![federation::provider::insertion(&desk.context.realm.id, provider)?];
    for mapper in &new.mappers {
        statements.push(federation::mapper::insertion(provider, mapper)?);
    }
    statements.push(desk.recording(change(desk, provider, Operation::Create))?);
    Ok(statements)
}

fn use_statements(
    inquiry: &Inquiry<'_>,
    organizations: &[NewOrganization],
) -> Result<Vec<Statement>, StoreError> {
    let (context, realm) = (inquiry.context, inquiry.realm_id());
    let (mut statements, mut links) = (Vec::new(), Vec::new());
    for one in organizations {
        let org = &one.content.org.registration.id;
        let desk = Desk { org: Some(org), ..Desk::of_inquiry(inquiry) };
        for used in &one.uses {
            if let Some(hidden) = &used.hide {
                statements.push(federation::provider::hiding(realm, hidden));
            }
            let (alias, domains) = (&used.alias, used.domains.as_slice());
            links.push(federation::link::Carried { org, alias, domains });
            statements.push(desk.recording(link::change(alias, org, Operation::Create))?);
        }
    }
    let shared = context.realm.settings.shared_idps;
    statements.push(federation::link::carrying(realm, &links, shared, context.now)?);
    Ok(statements)
}

fn claims(
    inquiry: &Inquiry<'_>,
    organizations: &[NewOrganization],
) -> Result<Statement, StoreError> {
    let (context, realm) = (inquiry.context, inquiry.realm_id());
    let claims = organizations.iter().flat_map(|one| {
        let org = &one.content.org.registration.id;
        let owned = one.content.org.owned.iter();
        owned.map(move |owned| Claim { realm, org, domain: &owned.name, id: &owned.claim })
    });
    let shared = context.realm.settings.shared_domains;
    let sharing = if shared { Sharing::Shared } else { Sharing::Exclusive };
    domain::carrying(realm, &claims.collect::<Vec<_>>(), sharing, context.now)
}
