//! Telling the directory and the queue what the organization decided.
use super::organization::Organization;
use super::{manage, member};
use crate::event::message::{Envelope, Message};
use crate::event::outbox::{self, DRAIN_ROWS, Entry, Lane};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{InvitationId, OrgId, RealmId, UserId};
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, Statement, in_transaction};
use crate::realm::store::invited::{self, InvitedState};
use crate::realm::store::membership::{self, MembershipState};
use crate::realm::store::{domain, organization_change};
use serde::{Deserialize, Serialize};
use std::cell::Cell;

/// A state to project into the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Projection {
    /// Whether a person belongs to the organization.
    Membership {
        /// The person.
        user: UserId,
        /// Whether they do, and have access.
        present: bool,
        /// Whether they do, with access or suspended. What an older version left to
        /// be told does not say: `present` does.
        #[serde(default)]
        belongs: Option<bool>,
        /// Whether the organization manages their account.
        #[serde(default)]
        managed: bool,
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

/// "This person belongs to that organization no longer", or is suspended in it: what
/// was granted to apps for it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipEnded {
    /// The realm.
    pub realm: RealmId,
    /// The organization.
    pub org: OrgId,
    /// The person.
    pub user: UserId,
    /// When.
    pub at: Timestamp,
}

impl Message for MembershipEnded {
    const KIND: &'static str = "membership.ended";
}

/// A [`MembershipEnded`], as the queue carries it.
///
/// # Errors
/// When it cannot be written as JSON, which it can.
pub fn membership_ended(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    user: &UserId,
) -> Result<String, StoreError> {
    let message = MembershipEnded {
        realm: organization.realm.clone(),
        org: organization.id.clone(),
        user: user.clone(),
        at: object.ports.clock.now(),
    };
    let sealed = Envelope::seal(&message).and_then(|sealed| serde_json::to_string(&sealed));
    sealed.map_err(|error| StoreError::Refused(error.to_string()))
}

/// Puts the state of a membership, as it is now, into the outbox: call it in the
/// transaction that changes it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn membership(sql: &dyn Sql, user: &UserId) -> Result<(), StoreError> {
    let member = member::find(sql, user)?;
    let projection = Projection::Membership {
        user: user.clone(),
        present: member.as_ref().is_some_and(|member| member.active),
        belongs: Some(member.is_some()),
        managed: member.is_some_and(|member| member.managed),
    };
    outbox::project(sql, &projection)
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

/// Tells what the outbox holds, but for what another request is telling: a mail
/// that two told would leave twice.
///
/// # Errors
/// When the directory or the queue fails; what was not told stays.
pub async fn drain(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    loop {
        let entries = outbox::list_after(object.sql, object.told.get(), DRAIN_ROWS)?;
        let Some(telling) = Telling::of(object, &entries) else { return Ok(()) };
        tell(object, organization, entries).await?;
        telling.done();
    }
}

/// Makes sure that everything so far is told: also what another request is still
/// telling, which is then told twice.
///
/// # Errors
/// As [`drain`].
pub async fn drain_now(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    drain(object, organization).await?;
    if outbox::list_after(object.sql, 0, 1)?.is_empty() {
        return Ok(());
    }
    drain_all(object, organization).await
}

/// Empties the outbox, whoever else may be telling it. Safe to run twice at once,
/// or again after a crash at any point: the directory keeps the newest state by
/// number, and the queue's consumer knows each event's id.
///
/// # Errors
/// When the directory or the queue fails; what was not told stays.
pub async fn drain_all(
    object: &ObjectPorts<'_>,
    organization: &Organization,
) -> Result<(), StoreError> {
    loop {
        let entries = outbox::list_after(object.sql, 0, DRAIN_ROWS)?;
        if entries.is_empty() {
            return Ok(());
        }
        tell(object, organization, entries).await?;
    }
}

/// Rows that one request has taken upon itself to tell. Whatever becomes of it,
/// the rows are told or left to others.
struct Telling<'a> {
    told: &'a Cell<i64>,
    first: i64,
    is_done: bool,
}

impl<'a> Telling<'a> {
    fn of(object: &ObjectPorts<'a>, entries: &[Entry]) -> Option<Self> {
        let (first, last) = (entries.first()?.number, entries.last()?.number);
        object.told.set(last);
        Some(Self { told: object.told, first, is_done: false })
    }

    fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.told.set(self.told.get().min(self.first - 1));
        }
    }
}

async fn tell(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    entries: Vec<Entry>,
) -> Result<(), StoreError> {
    let numbers = entries.first().zip(entries.last()).map(|(one, last)| (one.number, last.number));
    let Some(numbers) = numbers else { return Ok(()) };
    object.ports.faults.reach("org.outbox.before_drain").await;
    let mut statements = Vec::new();
    let mut messages = Vec::new();
    let mut memberships = Vec::new();
    for entry in entries {
        match entry.lane {
            Lane::Directory => match projection_of(&entry)? {
                Projection::Membership { user, present, belongs, managed } => {
                    if !present {
                        messages.push(membership_ended(object, organization, &user)?);
                    }
                    let belongs = belongs.unwrap_or(present);
                    let version = entry.number;
                    memberships.push(MembershipState { user, present, belongs, managed, version });
                }
                projection => {
                    statements.push(statement_of(organization, projection, entry.number)?);
                }
            },
            Lane::Queue => messages.push(entry.body),
        }
    }
    let managed = memberships.iter().filter(|state| state.managed);
    let managed: Vec<UserId> = managed.map(|state| state.user.clone()).collect();
    if !memberships.is_empty() {
        let place = (&organization.realm, &organization.id);
        statements.push(membership::projection(place, &memberships)?);
    }
    let told = statements.len();
    let place = (&organization.realm, &organization.id);
    statements.extend(managed.iter().map(|user| membership::other_manager(place.0, user, place.1)));
    let mut answers = if statements.is_empty() {
        Vec::new()
    } else {
        object.ports.directory.batch(statements).await?
    };
    let elsewhere = managed.iter().zip(answers.drain(told..)).filter(|(_, rows)| !rows.is_empty());
    let elsewhere: Vec<&UserId> = elsewhere.map(|(user, _)| user).collect();
    object.ports.faults.reach("org.outbox.after_directory").await;
    if !messages.is_empty() {
        object.ports.queue.send(messages).await?;
    }
    in_transaction(object.sql, || {
        for user in elsewhere {
            manage::yield_to_another(object, organization, user)?;
        }
        outbox::delete_told(object.sql, numbers)
    })
}

fn projection_of(entry: &Entry) -> Result<Projection, StoreError> {
    serde_json::from_value(entry.value()?).map_err(|_| StoreError::Corrupt { column: "body" })
}

fn statement_of(
    organization: &Organization,
    projection: Projection,
    number: i64,
) -> Result<Statement, StoreError> {
    match projection {
        // Those of one round go together: each statement counts against the platform's
        // limit.
        Projection::Membership { user, present, belongs, managed } => {
            let belongs = belongs.unwrap_or(present);
            let state = MembershipState { user, present, belongs, managed, version: number };
            membership::projection((&organization.realm, &organization.id), &[state])
        }
        Projection::Domains { domains } => {
            let place = (&organization.realm, &organization.id);
            organization_change::domains(place, &domains, number)
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
            version: number,
        })),
    }
}
