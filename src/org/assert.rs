//! Domains that an administrator of the realm vouches for. Keycloak has no other way
//! to verify one: its `verified` is whatever was written (reference keycloak.md §1.3).
//! Here it counts as ours does, and so it is asked for in the same way: the directory
//! decides, and one organization of a realm owns a domain at most, unless the realm
//! lets them share. No record of the DNS is looked for, and none that is missing takes
//! it back; who said so can.
use super::domain::{self, Stage};
use super::profile::MAX_DOMAINS;
use super::record::{Scene, record};
use super::verify::{self, Verifier};
use super::{project, store};
use crate::event::audit::{Change, Operation};
use crate::event::outbox;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::settings::Realm;
use serde::{Deserialize, Serialize};

/// "You exist: ask for the domains that somebody vouches for."
#[derive(Debug, Serialize, Deserialize)]
pub struct ConfirmDomains {
    /// The realm, whose settings say who may own a domain.
    pub realm: Realm,
}

impl Call for ConfirmDomains {
    const NAME: &'static str = "org.confirm_domains";
    type Answer = ();

    fn of_blank() -> Option<Self::Answer> {
        Some(())
    }
}

/// What somebody said of a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its name.
    pub name: String,
    /// Whether they vouch for it; `None` when they said nothing.
    pub verified: Option<bool>,
}

/// Begins to claim `names`: call it in a transaction. What is verified stays.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn begin(scene: &Scene<'_>, names: &[String]) -> Result<(), StoreError> {
    for name in names {
        let claim = scene.random.uuid().to_string();
        if store::domain::set_asserted(scene.sql, name, &claim, scene.now)? {
            tell(scene, name, true)?;
        }
    }
    Ok(())
}

/// Follows what was said of each domain: claims what is vouched for, and takes back
/// what was no more than that. What the DNS shows, no word takes back.
///
/// # Errors
/// When a database fails; the alarm finishes what was begun.
pub async fn follow(
    verifier: &Verifier<'_>,
    scene: &Scene<'_>,
    words: &[Word],
) -> Result<(), StoreError> {
    let said = |wanted| words.iter().filter(move |word| word.verified == Some(wanted));
    let vouched: Vec<String> = said(true).map(|word| word.name.clone()).collect();
    in_transaction::<_, StoreError>(scene.sql, || {
        said(false).try_for_each(|word| take_back(scene, &word.name))?;
        begin(scene, &vouched)
    })?;
    if vouched.is_empty() {
        return Ok(());
    }
    verifier.object.ports.faults.reach("org.assert.after_stage").await;
    // The directory gives a domain to those only that it knows to name it. What another
    // request is still telling it, the alarm waits for.
    project::drain(verifier.object, verifier.organization).await?;
    if outbox::list_after(scene.sql, 0, 1)?.is_empty() {
        finish(verifier).await
    } else {
        verify::watch(verifier.object).await
    }
}

/// Asks the directory for what was begun.
///
/// # Errors
/// When a database fails; the alarm asks again.
pub async fn finish(verifier: &Verifier<'_>) -> Result<(), StoreError> {
    let most = i64::try_from(MAX_DOMAINS).unwrap_or(i64::MAX);
    for domain in store::domain::list_claiming(verifier.object.sql, verifier.now, most)? {
        if let Some(claim) = &domain.claim {
            verify::finish_claim(verifier, &domain.name, claim).await?;
        }
    }
    verify::watch(verifier.object).await
}

fn take_back(scene: &Scene<'_>, name: &str) -> Result<(), StoreError> {
    let found = store::domain::find(scene.sql, name)?;
    let Some(domain) = found.filter(|one| one.asserted && one.stage != Stage::Named) else {
        return Ok(());
    };
    domain::release(scene.sql, &domain)?;
    store::domain::set_named(scene.sql, name, "nobody vouches for it any more", scene.now)?;
    tell(scene, name, false)
}

fn tell(scene: &Scene<'_>, name: &str, verified: bool) -> Result<(), StoreError> {
    record(
        scene,
        Change {
            resource_type: "DOMAIN",
            operation: Operation::Update,
            path: format!("organizations/{}/domains/{name}", scene.org),
            representation: Some(serde_json::json!({ "name": name, "verified": verified })),
        },
    )
}
