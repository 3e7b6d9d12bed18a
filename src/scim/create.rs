//! `POST /Users`: a saga over three stores.
//!
//! 1. The intent, in the organization's object, with the id a new person will
//!    have. 2. The person, found or made in the directory and their account.
//! 3. Link and membership, in the object.
//!
//! A crash after any step leaves an intent, which no answer shows. The
//! directory's retry takes it up again, and so does the object's alarm. Between
//! the steps the object serves others, so the last one looks again at everything
//! it relies on.
use super::config::Config;
use super::document::Document;
use super::error::Refusal;
use super::record;
use super::resolve::{Person, resolve};
use super::store;
use super::user::{ScimUser, Stage};
use crate::crypto::keyring::Keyring;
use crate::event::audit::Operation;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{ScimId, UserId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::org::join::{NewMember, join};
use crate::org::member::{self, Source};
use crate::org::organization::Organization;
use crate::org::record::Scene;
use crate::org::visit::Visit;
use crate::platform::ObjectPorts;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::context::RealmContext;
use crate::realm::store::realm;
use std::rc::Rc;

/// How old an intent must be before the alarm takes it up: the request that made
/// it is dead by then.
pub const RESUME_AFTER: Seconds = Seconds(30);

/// Intents that one alarm takes up; each costs a few calls to other stores, and
/// the platform limits those of one alarm to 1,000.
const RESUMED_AT_ONCE: i64 = 50;

/// Where a saga runs.
struct Provider<'a> {
    object: &'a ObjectPorts<'a>,
    organization: &'a Organization,
    context: RealmContext<'a>,
    email_as_username: bool,
}

/// Creates a user from what the organization's directory pushed.
///
/// # Errors
/// `Taken` when the organization has a user of that `userName`, or of the person
/// it turns out to be; `Store` when something could not be reached: the same
/// request again finishes it.
pub async fn create(
    visit: &Visit<'_>,
    config: &Config,
    document: Document,
) -> Result<ScimUser, Refusal> {
    let provider = Provider {
        object: visit.object,
        organization: &visit.organization,
        context: visit.realm_context(),
        email_as_username: config.email_as_username,
    };
    let intent = intend(visit, document.with_active_or(true))?;
    visit.object.ports.faults.reach("scim.create.after_intent").await;
    let scene =
        record::scene(visit.object, &visit.organization, visit.now, visit.visitor.ip.clone());
    fulfil(&provider, &scene, &intent).await
}

/// Takes up what a crash left behind, and sees to it that the alarm rings again
/// for what is too young.
///
/// # Errors
/// When something still cannot be finished; the platform rings again.
pub async fn resume_interrupted(
    object: &ObjectPorts<'_>,
    keyring: &Keyring,
    organization: &Organization,
    now: Timestamp,
) -> Result<(), StoreError> {
    let intents = store::user::list_intents(object.sql, RESUMED_AT_ONCE)?;
    let Some(oldest) = intents.first().map(|intent| intent.updated_at) else { return Ok(()) };
    object.alarm.wake_at((oldest + RESUME_AFTER).max(now + RESUME_AFTER)).await?;
    let directory = &*object.ports.directory;
    let Some(realm) = realm::find_by_id(directory, &organization.realm).await? else {
        return Ok(());
    };
    let config = store::config::find(object.sql)?;
    let provider = Provider {
        object,
        organization,
        // Nothing that a push does needs the issuer.
        context: RealmContext {
            ports: object.ports,
            keyring,
            public_url: "",
            now,
            ip: None,
            realm: Rc::new(realm),
        },
        email_as_username: config.is_some_and(|config| config.email_as_username),
    };
    let scene = record::scene(object, organization, now, None);
    for intent in intents.iter().filter(|intent| intent.updated_at + RESUME_AFTER <= now) {
        match fulfil(&provider, &scene, intent).await {
            Ok(_) | Err(Refusal::Taken(_)) => {}
            Err(Refusal::Store(error)) => return Err(error),
            Err(other) => tracing::error!(scim.id = %intent.id, "A push cannot go on: {other}"),
        }
    }
    Ok(())
}

/// Writes down what is about to happen, or takes up the intent of an interrupted
/// push of the same `userName`.
fn intend(visit: &Visit<'_>, document: Document) -> Result<ScimUser, Refusal> {
    let sql = visit.sql();
    let random = &visit.object.ports.random;
    in_transaction(sql, || {
        let mut intent = ScimUser {
            id: ScimId::from(random.uuid()),
            user: UserId::from(random.uuid()),
            stage: Stage::Provisioning,
            active: document.active().unwrap_or(true),
            document,
            version: 1,
            created_at: visit.now,
            updated_at: visit.now,
        };
        if let Some(earlier) = store::user::find_intent(sql, &intent.folded_name())? {
            intent = ScimUser { id: earlier.id, user: earlier.user, ..intent };
            store::user::update(sql, &intent).map_err(taken)?;
        } else {
            store::user::insert(sql, &intent).map_err(taken)?;
        }
        Ok(intent)
    })
}

/// Steps two and three.
async fn fulfil(
    provider: &Provider<'_>,
    scene: &Scene<'_>,
    intent: &ScimUser,
) -> Result<ScimUser, Refusal> {
    let email = email_of(&intent.document, provider.email_as_username);
    let org = &provider.organization.id;
    let pushed = (&intent.document, email);
    let person = resolve(&provider.context, org, &intent.user, pushed).await?;
    provider.object.ports.faults.reach("scim.create.after_user").await;
    let linked = in_transaction(scene.sql, || link(scene, &intent.id, person));
    if matches!(linked, Err(Refusal::Taken(_))) {
        store::user::delete_intent(scene.sql, &intent.id)?;
    }
    linked
}

/// The address that stands for the person.
fn email_of(document: &Document, email_as_username: bool) -> Option<EmailAddress> {
    let named = document.user_name().parse().ok().filter(|_| email_as_username);
    named.or_else(|| document.emails().iter().find_map(|email| email.value.parse().ok()))
}

/// Links the resource to the person, and makes them a member where the
/// organization may: call it in a transaction.
fn link(scene: &Scene<'_>, id: &ScimId, person: Person) -> Result<ScimUser, Refusal> {
    let intent = store::user::find(scene.sql, id)?;
    // Gone or no longer an intent: another request for the same name won.
    let mut user = intent
        .filter(|intent| intent.stage == Stage::Provisioning)
        .ok_or(Refusal::Taken("userName"))?;
    let may_join = matches!(person, Person::Ours(_));
    let (Person::Ours(found) | Person::TheirOwn(found)) = person;
    user.user = found;
    let is_member = member::find(scene.sql, &user.user)?.is_some();
    user.stage = if may_join || is_member { Stage::Linked } else { Stage::AwaitingConsent };
    user.updated_at = scene.now;
    store::user::update(scene.sql, &user).map_err(taken)?;
    if may_join {
        join(scene, &NewMember { user: &user.user, source: Source::Scim, roles: &[] })?;
    }
    if member::set_active(scene.sql, &user.user, user.is_active())? {
        record::membership_changed(scene, &user)?;
    }
    record::user_changed(scene, Operation::Create, &user)?;
    Ok(user)
}

/// What a violated constraint means.
pub(super) fn taken(error: StoreError) -> Refusal {
    if error.is_conflict_on("scim_user.user_name_folded") {
        Refusal::Taken("userName")
    } else if error.is_conflict_on("scim_user.user_id") {
        // Two names, one address: the message must not tell whose.
        Refusal::Taken("identity")
    } else {
        Refusal::Store(error)
    }
}
