//! What the service owes to other stores once the object has decided: written in the
//! transaction of the decision, done before the request is answered, and by the alarm
//! when that fails or dies. Each may be done twice.
use super::federate;
use super::record;
use super::store;
use super::user::ScimUser;
use crate::account::create::Create;
use crate::account::end_sessions::{self, EndSessions};
use crate::event::message::Envelope;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::kernel::time::{Seconds, Timestamp};
use crate::org::organization::Organization;
use crate::org::record::Scene;
use crate::org::{manage, member};
use crate::platform::ObjectPorts;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use crate::realm::store::session_ending;
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::BTreeMap;

/// Errands of one kind that are run in one go. Each asks an account at most, and the
/// platform limits the questions of one request to 1,000.
pub const ERRANDS: i64 = 200;

/// How soon the alarm goes on when there is more.
const GO_ON_AFTER: Seconds = Seconds(1);

/// Accounts that are asked in the request itself; more are the queue's.
const SIGNED_OUT_AT_ONCE: usize = 20;

/// Objects that are asked at the same time: Workers open six connections at most.
const AT_ONCE: usize = 6;

/// What is owed about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The account's object, of a person whose row is there.
    Account,
    /// The end of the sessions of somebody who is suspended and nobody else's.
    SignOut,
    /// The identity at the organization's provider, given, changed or taken back.
    Link,
    /// The end of somebody whom the directory made and nobody else has; and of what it
    /// gave to anybody else.
    Forget,
}

impl Kind {
    /// In the order in which they are run.
    const ALL: [Self; 4] = [Self::Account, Self::SignOut, Self::Link, Self::Forget];

    /// As the database spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::SignOut => "sign_out",
            Self::Link => "link",
            Self::Forget => "forget",
        }
    }
}

/// Something owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// About whom.
    pub user: UserId,
    /// When it was last asked for.
    pub asked_at: Timestamp,
    /// From where, if a request did.
    pub ip: Option<String>,
    /// Grows each time it is.
    pub version: i64,
}

/// Notes an errand: call it in the transaction that makes it owed.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn owe(scene: &Scene<'_>, kind: Kind, user: &UserId) -> Result<(), StoreError> {
    let when = (scene.now, scene.actor.ip_address.as_deref());
    store::errand::upsert(scene.sql, kind, user, when)
}

/// Notes that the identity of `user` at the provider may have to become another one,
/// after their view was `before`.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn owe_link(
    scene: &Scene<'_>,
    before: Option<&ScimUser>,
    user: &ScimUser,
) -> Result<(), StoreError> {
    let links = store::config::find(scene.sql)?.is_some_and(|config| config.link_idp);
    let known = before.and_then(|before| before.document.external_id());
    let is_other = known != user.document.external_id()
        || before.is_none_or(|before| before.stage != user.stage);
    // With links switched off, one that was made before must still not go stale.
    if is_other && (links || known.is_some()) {
        return owe(scene, Kind::Link, &user.user);
    }
    Ok(())
}

/// Whether the end of `user` is decided, and on its way.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn is_going(sql: &dyn Sql, user: &UserId) -> Result<bool, StoreError> {
    Ok(store::errand::find(sql, Kind::Forget, user)?.is_some())
}

/// Runs what is owed, some of each kind; the alarm goes on with the rest.
///
/// # Errors
/// When another store fails; what is owed stays owed.
pub async fn run(object: &ObjectPorts<'_>, organization: &Organization) -> Result<(), StoreError> {
    if !store::errand::exists(object.sql)? {
        return Ok(());
    }
    let mut outcome = Ok(());
    for kind in Kind::ALL {
        let errands = store::errand::list(object.sql, kind, ERRANDS)?;
        if !errands.is_empty() {
            outcome = outcome.and(run_these(object, organization, kind, errands).await);
        }
    }
    if store::errand::exists(object.sql)? {
        object.alarm.wake_at(object.ports.clock.now() + GO_ON_AFTER).await?;
    }
    outcome
}

/// Sees to the end of `user`, if it is on its way, before somebody else does.
///
/// # Errors
/// When another store fails; it stays owed.
pub async fn finish_going(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    user: &UserId,
) -> Result<(), StoreError> {
    match store::errand::find(object.sql, Kind::Forget, user)? {
        Some(errand) => run_these(object, organization, Kind::Forget, vec![errand]).await,
        None => Ok(()),
    }
}

async fn run_these(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    kind: Kind,
    errands: Vec<Errand>,
) -> Result<(), StoreError> {
    match kind {
        Kind::Account => make_accounts(object, organization, &errands).await?,
        Kind::SignOut => sign_out(object, organization, &errands).await?,
        Kind::Link => {
            let all: Vec<&Errand> = errands.iter().collect();
            federate::connect(object, organization, &all).await?;
        }
        Kind::Forget => forget(object, organization, &errands).await?,
    }
    in_transaction(object.sql, || store::errand::delete(object.sql, kind, &errands))
}

/// The row of each is there, so an account settles when it is first asked anything.
async fn make_accounts(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    errands: &[Errand],
) -> Result<(), StoreError> {
    let realm = &organization.realm;
    let makings = errands.iter().map(|errand| async {
        let account = ObjectName::Account(realm.clone(), errand.user.clone());
        let create = Create::new(realm, &errand.user, None);
        ask(&*object.ports.objects, &account, &create).await.map(|_| ())
    });
    stream::iter(makings).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    object.ports.faults.reach("scim.account.after_object").await;
    Ok(())
}

/// Nobody else's sessions are touched, and no administrator's: what others granted for
/// this organization ends with the membership's projection.
async fn sign_out(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    errands: &[Errand],
) -> Result<(), StoreError> {
    let ports = object.ports;
    let place = (&organization.realm, &organization.id);
    let users = errands.iter().map(|errand| errand.user.clone()).collect();
    let users = manage::without_administrators(object, organization, users).await?;
    let users: Vec<&UserId> = users.iter().collect();
    let Some(last) = errands.iter().map(|errand| errand.asked_at).max() else { return Ok(()) };
    // One that began in this second may carry the next.
    let began_by = last + Seconds(1);
    let endings = session_ending::note_made(&*ports.directory, place, &users, began_by).await?;
    ports.faults.reach("scim.sign_out.after_directory").await;
    if endings.len() > SIGNED_OUT_AT_ONCE {
        let message = EndSessions { realm: organization.realm.clone() };
        let sealed = Envelope::seal(&message).and_then(|sealed| serde_json::to_string(&sealed));
        let text = sealed.map_err(|error| StoreError::Refused(error.to_string()))?;
        return ports.queue.send(vec![text]).await;
    }
    let ends = endings.iter().map(|ending| end_sessions::end_now(ports, ending));
    stream::iter(ends).buffer_unordered(AT_ONCE).try_collect::<()>().await
}

async fn forget(
    object: &ObjectPorts<'_>,
    organization: &Organization,
    errands: &[Errand],
) -> Result<(), StoreError> {
    // By whence the deletion was asked for, which the trail tells.
    let mut leaving: BTreeMap<&Option<String>, Vec<UserId>> = BTreeMap::new();
    for errand in errands {
        // Who is back by another way, or has a view again, stays.
        let is_here = member::find(object.sql, &errand.user)?.is_some()
            || store::user::find_of(object.sql, &errand.user)?.is_some();
        if !is_here {
            leaving.entry(&errand.ip).or_default().push(errand.user.clone());
        }
    }
    let now = object.ports.clock.now();
    let mut gone = Vec::new();
    for (ip, users) in leaving {
        let actor = record::scene(object, organization, now, ip.clone()).actor;
        gone.extend(manage::delete_made_accounts(object, organization, users, &actor).await?);
    }
    object.ports.faults.reach("scim.forget.after_directory").await;
    let kept: Vec<&Errand> = errands.iter().filter(|one| !gone.contains(&one.user)).collect();
    federate::connect(object, organization, &kept).await
}
