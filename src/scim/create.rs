//! `POST /Users`: a saga over three stores.
//!
//! 1. The intent, in the organization's object, with the id a new person will
//!    have. 2. The person, found or made in the directory and their account.
//! 3. Link and membership, in the object.
//!
//! A crash after any step leaves an intent, which no answer shows. The
//! directory's retry takes it up again, and so does the object's alarm. Between
//! the steps the object serves others, so the last one looks again at everything
//! it relies on. A person whom an attempt made and no resource is about in the end is
//! owed an end ([`super::errand`]).
use super::change::set_access;
use super::config::Config;
use super::create_many::fulfil_many;
use super::document::Document;
use super::errand::{self, Kind};
use super::error::Refusal;
use super::owned;
use super::record;
use super::resolve::{Person, Pushed, Standing, resolve};
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

/// Intents that one alarm takes up: what one statement of the directory makes.
const RESUMED_AT_ONCE: i64 = 100;

/// How soon the next alarm takes up more.
const GO_ON_AFTER: Seconds = Seconds(1);

/// How often to start over when the person is deleted while they are pushed.
const ATTEMPTS: u8 = 3;

/// Where a saga runs.
pub(super) struct Provider<'a> {
    pub object: &'a ObjectPorts<'a>,
    pub organization: &'a Organization,
    pub context: RealmContext<'a>,
    pub email_as_username: bool,
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
    let scene =
        record::scene(visit.object, &visit.organization, visit.now, visit.visitor.ip.clone());
    let document = document.with_active_or(true);
    let intent = in_transaction(scene.sql, || intend_one(&scene, document))?;
    visit.object.ports.faults.reach("scim.create.after_intent").await;
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
    let is_all = i64::try_from(intents.len()).is_ok_and(|found| found < RESUMED_AT_ONCE);
    let go_on = if is_all { RESUME_AFTER } else { GO_ON_AFTER };
    object.alarm.wake_at((oldest + RESUME_AFTER).max(now + go_on)).await?;
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
    let due = |intent: &ScimUser| intent.updated_at + RESUME_AFTER <= now;
    let due: Vec<ScimUser> = intents.into_iter().filter(due).collect();
    fulfil_many(&provider, &scene, &due).await
}

/// Writes down what is about to happen, or takes up the intent of an interrupted
/// push of the same `userName`: call it in a transaction.
pub(super) fn intend_one(scene: &Scene<'_>, document: Document) -> Result<ScimUser, Refusal> {
    let sql = scene.sql;
    let mut intent = ScimUser {
        id: ScimId::from(scene.random.uuid()),
        user: UserId::from(scene.random.uuid()),
        stage: Stage::Provisioning,
        active: document.active().unwrap_or(true),
        document,
        version: 1,
        created_at: scene.now,
        updated_at: scene.now,
    };
    if let Some(earlier) = store::user::find_intent(sql, &intent.folded_name())? {
        intent = ScimUser { id: earlier.id, user: earlier.user, ..intent };
        store::user::update(sql, &intent).map_err(taken)?;
    } else {
        store::user::insert(sql, &intent).map_err(taken)?;
    }
    Ok(intent)
}

/// What an intent says about who the person is.
pub(super) fn pushed_of<'a>(
    provider: &Provider<'_>,
    scene: &Scene<'_>,
    intent: &'a ScimUser,
) -> Result<Pushed<'a>, StoreError> {
    let email = email_of(&intent.document, provider.email_as_username);
    let is_own_email = match &email {
        Some(email) => owned::is_ours(scene.sql, email)?,
        None => false,
    };
    Ok(Pushed { id: &intent.user, document: &intent.document, email, is_own_email })
}

/// Steps two and three.
pub(super) async fn fulfil(
    provider: &Provider<'_>,
    scene: &Scene<'_>,
    intent: &ScimUser,
) -> Result<ScimUser, Refusal> {
    let pushed = pushed_of(provider, scene, intent)?;
    for _ in 0..ATTEMPTS {
        let person = resolve(&provider.context, scene.org, &pushed).await?;
        provider.object.ports.faults.reach("scim.create.after_user").await;
        if let Some(user) = settle(provider, scene, intent, &person).await? {
            return Ok(user);
        }
    }
    Err(StoreError::Refused("the person keeps being deleted".to_owned()).into())
}

/// Step three. `None` when the person was deleted a moment ago, and is gone now: who is
/// pushed is somebody new.
pub(super) async fn settle(
    provider: &Provider<'_>,
    scene: &Scene<'_>,
    intent: &ScimUser,
    person: &Person,
) -> Result<Option<ScimUser>, Refusal> {
    let linked = in_transaction(scene.sql, || link(scene, &intent.id, person));
    if matches!(linked, Err(Refusal::Taken(_))) {
        in_transaction(scene.sql, || drop_intent(scene, intent))?;
    }
    let linked = linked?;
    if linked.is_none() {
        errand::finish_going(provider.object, provider.organization, &person.id).await?;
    }
    Ok(linked)
}

fn drop_intent(scene: &Scene<'_>, intent: &ScimUser) -> Result<(), StoreError> {
    store::user::delete_intent(scene.sql, &intent.id)?;
    errand::owe(scene, Kind::Forget, &intent.user)
}

/// The address that stands for the person.
fn email_of(document: &Document, email_as_username: bool) -> Option<EmailAddress> {
    let named = document.user_name().parse().ok().filter(|_| email_as_username);
    named.or_else(|| document.emails().iter().find_map(|email| email.value.parse().ok()))
}

/// Links the resource to the person, and makes them a member where the
/// organization may: call it in a transaction. `None` when the person is about to go.
fn link(scene: &Scene<'_>, id: &ScimId, person: &Person) -> Result<Option<ScimUser>, Refusal> {
    let intent = store::user::find(scene.sql, id)?;
    // Gone or no longer an intent: another request for the same name won.
    let mut user = intent
        .filter(|intent| intent.stage == Stage::Provisioning)
        .ok_or(Refusal::Taken("userName"))?;
    if errand::is_going(scene.sql, &person.id)? {
        return Ok(None);
    }
    if user.user != person.id {
        // An earlier attempt, which said something else, may have made somebody.
        errand::owe(scene, Kind::Forget, &user.user)?;
    }
    if person.owes_account {
        errand::owe(scene, Kind::Account, &person.id)?;
    }
    user.user = person.id.clone();
    let may_join = may_join(scene, person)?;
    let is_member = member::find(scene.sql, &user.user)?.is_some();
    user.stage = if may_join || is_member { Stage::Linked } else { Stage::AwaitingConsent };
    user.updated_at = scene.now;
    store::user::update(scene.sql, &user).map_err(taken)?;
    if may_join {
        join(scene, &NewMember { user: &user.user, source: Source::Scim, roles: &[] })?;
    }
    set_access(scene, &user)?;
    errand::owe_link(scene, None, &user)?;
    record::user_changed(scene, Operation::Create, &user)?;
    Ok(Some(user))
}

/// Who has shown to read a mailbox of a domain that the organization owns, it could
/// ask by that mailbox, and so need not.
fn may_join(scene: &Scene<'_>, person: &Person) -> Result<bool, StoreError> {
    match &person.standing {
        Standing::Ours => Ok(true),
        Standing::Reads(email) => owned::is_ours(scene.sql, email),
        Standing::Apart => Ok(false),
    }
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
