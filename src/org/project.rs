//! Telling the directory and the queue what the organization decided.
use super::organization::Organization;
use crate::event::outbox::{self, DRAIN_ROWS, Entry, Lane};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, UserId};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement};
use crate::realm::store::invited::{self, InvitedState};
use crate::realm::store::membership::{self, MembershipState};
use crate::realm::store::{domain, organization_change};
use serde::{Deserialize, Serialize};

/// A state to project into the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Projection {
    /// Whether a person belongs to the organization.
    Membership {
        /// The person.
        user: UserId,
        /// Whether they do.
        present: bool,
    },
    /// Which domains the organization names.
    Domains {
        /// Their names.
        domains: Vec<String>,
    },
    /// A domain that the organization owns no longer.
    DomainRelease {
        /// Its name.
        domain: String,
        /// The claim that ends.
        claim: String,
    },
    /// Which invitation is open for an address.
    Invitation {
        /// The address.
        email: EmailAddress,
        /// The invitation; `None` when there is none any more.
        invitation: Option<InvitationId>,
    },
}

/// Puts the state of a membership into the outbox: call it in the transaction
/// that changes it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn membership(sql: &dyn Sql, user: &UserId, present: bool) -> Result<(), StoreError> {
    outbox::project(sql, &Projection::Membership { user: user.clone(), present })
}

/// Puts the names of the organization's domains into the outbox, likewise.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn domains(sql: &dyn Sql, domains: &[String]) -> Result<(), StoreError> {
    outbox::project(sql, &Projection::Domains { domains: domains.to_vec() })
}

/// Puts the end of a claim into the outbox, likewise.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn domain_release(sql: &dyn Sql, domain: &str, claim: &str) -> Result<(), StoreError> {
    let (domain, claim) = (domain.to_owned(), claim.to_owned());
    outbox::project(sql, &Projection::DomainRelease { domain, claim })
}

/// Puts which invitation is open for `email` into the outbox: call it in the
/// transaction that changes it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn invitation(
    sql: &dyn Sql,
    email: &EmailAddress,
    invitation: Option<&InvitationId>,
) -> Result<(), StoreError> {
    let (email, invitation) = (email.clone(), invitation.cloned());
    outbox::project(sql, &Projection::Invitation { email, invitation })
}

/// Empties the outbox. Safe to run twice at once, or again after a crash at any
/// point: the directory keeps the newest state by number, and the queue's
/// consumer knows each event's id.
///
/// # Errors
/// When the directory or the queue fails; what was not told stays.
pub async fn drain(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    loop {
        let entries = outbox::list_next(object.sql, DRAIN_ROWS)?;
        let Some(last) = entries.last().map(|entry| entry.number) else { return Ok(()) };
        object.ports.faults.reach("org.outbox.before_drain").await;
        let mut statements = Vec::new();
        let mut messages = Vec::new();
        for entry in entries {
            match entry.lane {
                Lane::Directory => statements.push(statement_of(organization, &entry)?),
                Lane::Queue => messages.push(entry.body),
            }
        }
        if !statements.is_empty() {
            object.ports.directory.batch(statements).await?;
        }
        object.ports.faults.reach("org.outbox.after_directory").await;
        if !messages.is_empty() {
            object.ports.queue.send(messages).await?;
        }
        outbox::delete_up_to(object.sql, last)?;
    }
}

fn statement_of(organization: &Organization, entry: &Entry) -> Result<Statement, StoreError> {
    let projection = serde_json::from_value(entry.value()?)
        .map_err(|_| StoreError::Corrupt { column: "body" })?;
    match projection {
        Projection::Membership { user, present } => Ok(membership::projection(&MembershipState {
            realm: &organization.realm,
            user: &user,
            org: &organization.id,
            present,
            version: entry.number,
        })),
        Projection::Domains { domains } => {
            let place = (&organization.realm, &organization.id);
            organization_change::domains(place, &domains, entry.number)
        }
        Projection::DomainRelease { domain, claim } => Ok(domain::release(&domain::Claim {
            realm: &organization.realm,
            org: &organization.id,
            domain: &domain,
            id: &claim,
        })),
        Projection::Invitation { email, invitation } => Ok(invited::projection(&InvitedState {
            realm: &organization.realm,
            email: &email,
            org: &organization.id,
            invitation: invitation.as_ref(),
            version: entry.number,
        })),
    }
}
