//! `POST /Users`, many at once: the saga of [`super::create`], whose second step looks
//! for everybody in one statement of the directory and makes who is missing in another.
//! Their accounts' objects follow ([`super::errand`]); until then nobody could sign in to
//! them by more than the directory knows.
use super::create::{Provider, fulfil, intend_one, pushed_of, settle};
use super::document::Document;
use super::error::Refusal;
use super::record;
use super::resolve::{Person, Pushed, Standing, first_username, judge, spare_username};
use super::user::ScimUser;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::UserId;
use crate::org::record::Scene;
use crate::org::visit::Visit;
use crate::platform::row::StoreError;
use crate::platform::sql::in_transaction;
use crate::realm::store::candidate::{self, Candidate, Sought};
use crate::realm::store::provisioned::{self, Newcomer};
use crate::realm::user::Username;
use std::collections::{BTreeSet, HashMap};

/// People of one statement.
pub const CREATED_AT_ONCE: usize = 100;

/// Most bytes of their names: D1 takes 2 MB in a parameter. Who is left goes alone.
const MAX_NAME_BYTES: usize = 512 * 1024;

/// Creates a user of each of `documents`, at most [`CREATED_AT_ONCE`], until `tolerance`
/// of them are refused: answers what came of each up to there. Nothing is left of the
/// others.
///
/// # Errors
/// `Store` when something could not be reached: the same request again finishes it, and
/// so does the alarm.
pub async fn create_many(
    visit: &Visit<'_>,
    email_as_username: bool,
    documents: Vec<Document>,
    tolerance: usize,
) -> Result<Vec<Result<ScimUser, Refusal>>, StoreError> {
    let provider = Provider {
        object: visit.object,
        organization: &visit.organization,
        context: visit.realm_context(),
        email_as_username,
    };
    let scene =
        record::scene(visit.object, &visit.organization, visit.now, visit.visitor.ip.clone());
    let intents = in_transaction(scene.sql, || intend_all(&scene, documents, tolerance))?;
    visit.object.ports.faults.reach("scim.create_many.after_intents").await;
    let whole: Vec<ScimUser> = intents.iter().flatten().cloned().collect();
    let mut people = find_or_make(&provider, &scene, &whole).await?.into_iter();
    visit.object.ports.faults.reach("scim.create_many.after_users").await;
    let mut outcomes = Vec::with_capacity(intents.len());
    let mut refused = 0;
    for intent in intents {
        let outcome = match intent {
            Ok(intent) => finish(&provider, &scene, &intent, people.next().flatten()).await,
            Err(refusal) => Err(refusal),
        };
        if refused >= tolerance {
            // It came after the last refusal that was put up with.
            undo(&scene, outcome)?;
            continue;
        }
        match outcome {
            Err(Refusal::Store(error)) => return Err(error),
            Err(refusal) => {
                refused += 1;
                outcomes.push(Err(refusal));
            }
            Ok(user) => outcomes.push(Ok(user)),
        }
    }
    Ok(outcomes)
}

/// Takes up the intents of pushes that died.
///
/// # Errors
/// When the directory fails; they stay.
pub(super) async fn fulfil_many(
    provider: &Provider<'_>,
    scene: &Scene<'_>,
    intents: &[ScimUser],
) -> Result<(), StoreError> {
    let people = find_or_make(provider, scene, intents).await?;
    for (intent, person) in intents.iter().zip(people) {
        match finish(provider, scene, intent, person).await {
            Ok(_) | Err(Refusal::Taken(_)) => {}
            Err(Refusal::Store(error)) => return Err(error),
            Err(other) => tracing::error!(scim.id = %intent.id, "A push cannot go on: {other}"),
        }
    }
    Ok(())
}

fn intend_all(
    scene: &Scene<'_>,
    documents: Vec<Document>,
    tolerance: usize,
) -> Result<Vec<Result<ScimUser, Refusal>>, StoreError> {
    let mut intents = Vec::with_capacity(documents.len());
    let mut refused = 0;
    // An intent of the same name would be taken for that of an interrupted push.
    let mut names = BTreeSet::new();
    for document in documents {
        if refused >= tolerance {
            break;
        }
        let intent = if names.insert(document.user_name().to_lowercase()) {
            intend_one(scene, document.with_active_or(true))
        } else {
            Err(Refusal::Taken("userName"))
        };
        match intent {
            Err(Refusal::Store(error)) => return Err(error),
            intent => {
                refused += usize::from(intent.is_err());
                intents.push(intent);
            }
        }
    }
    Ok(intents)
}

/// The person of each intent; `None` where more is to be found out about them alone.
async fn find_or_make(
    provider: &Provider<'_>,
    scene: &Scene<'_>,
    intents: &[ScimUser],
) -> Result<Vec<Option<Person>>, StoreError> {
    let pushed: Result<Vec<Pushed<'_>>, StoreError> =
        intents.iter().map(|intent| pushed_of(provider, scene, intent)).collect();
    let pushed = pushed?;
    let known = Known::of(provider, scene, &pushed).await?;
    let mut newcomers = Vec::new();
    let mut bytes = 0;
    for one in pushed.iter().filter(|one| known.find(one).is_none()) {
        let newcomer = newcomer(provider, one)?;
        bytes += newcomer.first_name.as_ref().map_or(0, String::len);
        bytes += newcomer.last_name.as_ref().map_or(0, String::len);
        if bytes <= MAX_NAME_BYTES {
            newcomers.push(newcomer);
        }
    }
    let directory = &*provider.object.ports.directory;
    let place = (scene.realm, scene.org);
    let made = provisioned::insert(directory, place, &newcomers, scene.now).await?;
    let made: BTreeSet<UserId> = made.into_iter().collect();
    let person = |one: &Pushed<'_>| match known.find(one) {
        Some(candidate) => Some(judge(candidate.clone(), one)),
        None => made.contains(one.id).then(|| Person {
            id: one.id.clone(),
            standing: Standing::Ours,
            owes_account: true,
        }),
    };
    Ok(pushed.iter().map(person).collect())
}

/// Who is there already, by what names them.
struct Known {
    by_email: HashMap<EmailAddress, Candidate>,
    by_username: HashMap<Username, Candidate>,
}

impl Known {
    async fn of(
        provider: &Provider<'_>,
        scene: &Scene<'_>,
        pushed: &[Pushed<'_>],
    ) -> Result<Self, StoreError> {
        let emails: Vec<&EmailAddress> =
            pushed.iter().filter_map(|one| one.email.as_ref()).collect();
        let nameless = pushed.iter().filter(|one| one.email.is_none());
        let usernames: Vec<Username> = nameless.filter_map(Pushed::username).collect();
        let usernames: Vec<&Username> = usernames.iter().collect();
        let sought = Sought { emails: &emails, usernames: &usernames, ids: &[] };
        let (directory, place) = (&*provider.object.ports.directory, (scene.realm, scene.org));
        let mut known = Self { by_email: HashMap::new(), by_username: HashMap::new() };
        for candidate in candidate::list(directory, place, sought).await? {
            known.by_username.insert(candidate.username.clone(), candidate.clone());
            if let Some(email) = candidate.email.clone() {
                known.by_email.insert(email, candidate);
            }
        }
        Ok(known)
    }

    /// The address names the person; the name does so only where there is none.
    fn find(&self, pushed: &Pushed<'_>) -> Option<&Candidate> {
        match &pushed.email {
            Some(email) => self.by_email.get(email),
            None => self.by_username.get(&pushed.username()?),
        }
    }
}

fn newcomer(provider: &Provider<'_>, pushed: &Pushed<'_>) -> Result<Newcomer, StoreError> {
    let username = match first_username(pushed) {
        Some(username) => username,
        None => spare_username(pushed.id)?,
    };
    let part = |name| pushed.document.name(name).filter(|text| !text.is_empty());
    let email_verified = pushed.is_verified();
    Ok(Newcomer {
        id: pushed.id.clone(),
        username,
        email: pushed.email.clone(),
        email_verified,
        first_name: part("givenName").map(str::to_owned),
        last_name: part("familyName").map(str::to_owned),
        required_actions: provider.context.realm.settings.default_actions(email_verified),
    })
}

async fn finish(
    provider: &Provider<'_>,
    scene: &Scene<'_>,
    intent: &ScimUser,
    person: Option<Person>,
) -> Result<ScimUser, Refusal> {
    if let Some(person) = person
        && let Some(user) = settle(provider, scene, intent, &person).await?
    {
        return Ok(user);
    }
    fulfil(provider, scene, intent).await
}

/// Takes back what came of a push that should not have been begun.
fn undo(scene: &Scene<'_>, outcome: Result<ScimUser, Refusal>) -> Result<(), StoreError> {
    let Ok(user) = outcome else { return Ok(()) };
    match super::remove::remove(scene, &user.id, &None) {
        Ok(()) | Err(Refusal::Unknown) => Ok(()),
        Err(Refusal::Store(error)) => Err(error),
        Err(other) => Err(StoreError::Refused(other.to_string())),
    }
}
