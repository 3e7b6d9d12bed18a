//! Verifying that an organization owns a domain. Two things must be true: the
//! DNS holds the organization's record, and no other organization of the realm
//! owns the domain (unless the realm lets them share). The directory decides the
//! second; a crash on either side of its decision is finished by the object's
//! alarm, which simply asks again.
use super::create::RECONCILE_AFTER;
use super::dns;
use super::domain::{self, Domain, Stage, record_value};
use super::error::OrgError;
use super::organization::Organization;
use super::record::{Scene, record};
use super::store;
use super::visit::Visit;
use crate::event::audit::{self, Change, Operation};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::settings::Realm;
use crate::realm::store as directory;
use crate::realm::store::domain::{Claim, Sharing};

/// How often a verified domain is looked up again: within a day of the record's
/// removal is soon enough, and one look-up a day is nobody's burden.
pub const RECHECK_AFTER: Seconds = Seconds::days(1);

/// How soon a scheduled check is made up for when the resolver did not answer.
pub const RETRY_AFTER: Seconds = Seconds::hours(1);

/// So many scheduled checks in a row must find no record before a domain is no
/// longer verified: one may hit a zone that is just being edited.
pub const MAX_FAILED_CHECKS: i64 = 2;

/// Domains that one alarm looks after; each costs a request and a query, and the
/// platform limits those of one alarm to 1,000.
const CHECKED_AT_ONCE: i64 = 20;

/// Who verifies domains, and through which resolver.
pub struct Verifier<'a> {
    /// The organization's object.
    pub object: &'a ObjectPorts<'a>,
    /// The organization.
    pub organization: &'a Organization,
    /// Its realm.
    pub realm: &'a Realm,
    /// The resolver's URL.
    pub resolver: &'a str,
    /// When.
    pub now: Timestamp,
}

impl<'a> Verifier<'a> {
    /// Who verifies the domains of the organization that is visited.
    #[must_use]
    pub const fn of(visit: &'a Visit<'a>) -> Self {
        Self {
            object: visit.object,
            organization: &visit.organization,
            realm: &visit.visitor.realm,
            resolver: visit.dns_resolver_url,
            now: visit.now,
        }
    }
}

/// What a look-up showed.
enum Finding {
    Present,
    Absent(String),
    /// Nobody can tell.
    Unknown(String),
}

/// Checks the domain called `name` and answers what is known of it then. The
/// answer is the truth: a check that fails verifies nothing, whatever the status
/// of the answer.
///
/// # Errors
/// `Unknown` when the organization does not name it; `Store`.
pub async fn verify(
    verifier: &Verifier<'_>,
    scene: &Scene<'_>,
    name: &str,
) -> Result<Domain, OrgError> {
    let unknown = || OrgError::Unknown("domain");
    let domain = domain::find(scene.sql, name)?.ok_or_else(unknown)?;
    let finding = look_up(verifier, &domain.name).await;
    // While the resolver was asked, the domain may have been removed.
    let domain = domain::find(scene.sql, name)?.ok_or_else(unknown)?;
    match finding {
        Finding::Present if domain.stage == Stage::Verified => {
            in_transaction(scene.sql, || {
                seen(verifier, &domain.name)?;
                asked(scene, &domain.name)
            })?;
        }
        Finding::Present => {
            let claim = in_transaction(scene.sql, || {
                asked(scene, &domain.name)?;
                begin_claim(verifier, &domain)
            })?;
            verifier.object.ports.faults.reach("org.verify.after_stage").await;
            finish_claim(verifier, &domain.name, &claim).await?;
        }
        // Only scheduled checks, a day apart, can take a verification back: a
        // caller who asks twice in a second sees the same cached answer.
        Finding::Absent(problem) | Finding::Unknown(problem) => {
            in_transaction(scene.sql, || {
                store::domain::set_problem(scene.sql, &domain.name, &problem, verifier.now)?;
                asked(scene, &domain.name)
            })?;
        }
    }
    watch(verifier.object).await?;
    domain::find(scene.sql, name)?.ok_or_else(unknown)
}

async fn look_up(verifier: &Verifier<'_>, name: &str) -> Finding {
    // The DNS knows names in their ASCII form only.
    let Ok(url::Host::Domain(ascii)) = url::Host::parse(domain::base_of(name)) else {
        return Finding::Absent("this is not a domain name".to_owned());
    };
    let record = format!("{}.{ascii}", verifier.realm.settings.dns_record_key);
    let value = record_value(name, &verifier.organization.id);
    match dns::look_up(&verifier.object.ports.outside, verifier.resolver, &record).await {
        Ok(texts) if texts.contains(&value) => Finding::Present,
        Ok(_) => Finding::Absent(format!("no TXT record of {record} holds the value")),
        Err(why) => Finding::Unknown(format!("the DNS resolver could not be asked: {why}")),
    }
}

/// Writes down that the domain is about to be claimed. A claim that is on its way
/// keeps its id: whichever request ends last, object and directory agree on it.
fn begin_claim(verifier: &Verifier<'_>, domain: &Domain) -> Result<String, StoreError> {
    let ports = verifier.object.ports;
    let claim = domain.claim.clone().unwrap_or_else(|| ports.random.uuid().to_string());
    store::domain::set_claiming(verifier.object.sql, &domain.name, &claim, verifier.now)?;
    Ok(claim)
}

/// Asks the directory for the claim, and follows its decision.
///
/// # Errors
/// When a database fails; the alarm asks again.
pub(super) async fn finish_claim(
    verifier: &Verifier<'_>,
    name: &str,
    claim: &str,
) -> Result<(), StoreError> {
    let object = verifier.object;
    let sharing =
        if verifier.realm.settings.shared_domains { Sharing::Shared } else { Sharing::Exclusive };
    let wanted = Claim {
        realm: &verifier.organization.realm,
        org: &verifier.organization.id,
        domain: name,
        id: claim,
    };
    let directory = &*object.ports.directory;
    let granted = directory::domain::claim(directory, &wanted, sharing, verifier.now).await?;
    object.ports.faults.reach("org.verify.after_directory").await;
    in_transaction(object.sql, || {
        let domain = domain::find(object.sql, name)?;
        let Some(domain) = domain.filter(|domain| domain.claim.as_deref() == Some(claim)) else {
            // Removed meanwhile, and its claim released.
            return Ok(());
        };
        if granted {
            return seen(verifier, name);
        }
        domain::release(object.sql, &domain)?;
        let problem = "another organization of this realm has verified this domain";
        store::domain::set_named(object.sql, name, problem, verifier.now)
    })
}

fn seen(verifier: &Verifier<'_>, name: &str) -> Result<(), StoreError> {
    let now = verifier.now;
    store::domain::set_verified(verifier.object.sql, name, now, now + RECHECK_AFTER)
}

/// Every request to verify is recorded, whatever comes of it (reference
/// phasetwo.md §6.1).
fn asked(scene: &Scene<'_>, name: &str) -> Result<(), StoreError> {
    record(
        scene,
        Change {
            resource_type: "DOMAIN",
            operation: Operation::Update,
            path: format!("orgs/{}/domains/{name}/verify", scene.org),
            representation: Some(name.into()),
        },
    )
}

/// Whether the alarm has anything to do for domains now.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn is_due(object: &ObjectPorts<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let check = store::domain::find_next_check(object.sql)?;
    let claim = store::domain::find_next_claim(object.sql)?.map(|at| at + RECONCILE_AFTER);
    Ok([check, claim].into_iter().flatten().any(|at| at <= now))
}

/// Sees to it that the alarm rings when there is something to do for domains.
///
/// # Errors
/// `Refused` when the platform refuses.
pub async fn watch(object: &ObjectPorts<'_>) -> Result<(), StoreError> {
    let check = store::domain::find_next_check(object.sql)?;
    let claim = store::domain::find_next_claim(object.sql)?.map(|at| at + RECONCILE_AFTER);
    match [check, claim].into_iter().flatten().min() {
        Some(at) => object.alarm.wake_at(at).await,
        None => Ok(()),
    }
}

/// What the alarm does: finish interrupted claims, and look up again what is
/// verified.
///
/// # Errors
/// When a database fails; the platform rings again.
pub async fn look_after(verifier: &Verifier<'_>) -> Result<(), StoreError> {
    let (sql, now) = (verifier.object.sql, verifier.now);
    let dead_since = Timestamp::from_unix(now.as_unix() - i64::from(RECONCILE_AFTER.0));
    for domain in store::domain::list_claiming(sql, dead_since, CHECKED_AT_ONCE)? {
        if let Some(claim) = &domain.claim {
            finish_claim(verifier, &domain.name, claim).await?;
        }
    }
    for domain in store::domain::list_due(sql, now, CHECKED_AT_ONCE)? {
        recheck(verifier, &domain.name).await?;
    }
    Ok(())
}

async fn recheck(verifier: &Verifier<'_>, name: &str) -> Result<(), StoreError> {
    let (object, now) = (verifier.object, verifier.now);
    let finding = look_up(verifier, name).await;
    in_transaction(object.sql, || {
        let domain = domain::find(object.sql, name)?;
        let Some(mut domain) = domain.filter(|domain| domain.stage == Stage::Verified) else {
            return Ok(());
        };
        match finding {
            Finding::Present => seen(verifier, name),
            // The resolver's trouble is not the organization's.
            Finding::Unknown(problem) => {
                domain.problem = Some(problem);
                store::domain::set_failed_check(object.sql, &domain, now, now + RETRY_AFTER)
            }
            Finding::Absent(problem) if domain.failures + 1 < MAX_FAILED_CHECKS => {
                domain.failures += 1;
                domain.problem = Some(problem);
                store::domain::set_failed_check(object.sql, &domain, now, now + RECHECK_AFTER)
            }
            Finding::Absent(problem) => take_back(verifier, &domain, &problem),
        }
    })
}

/// The domain is no longer verified, and others may claim it.
fn take_back(verifier: &Verifier<'_>, domain: &Domain, problem: &str) -> Result<(), StoreError> {
    let object = verifier.object;
    domain::release(object.sql, domain)?;
    store::domain::set_named(object.sql, &domain.name, problem, verifier.now)?;
    let scene = Scene::inside(object, verifier.organization, verifier.now, audit::Actor::default());
    let lost =
        serde_json::json!({ "domain_name": domain.name, "verified": false, "reason": problem });
    record(
        &scene,
        Change {
            resource_type: "DOMAIN",
            operation: Operation::Update,
            path: format!("orgs/{}/domains/{}", scene.org, domain.name),
            representation: Some(lost),
        },
    )
}
