//! Whom a push is about, and whether this organization may have them without
//! asking. The heart of "a SCIM client owns its organization's view of a person,
//! never the person".
use super::document::Document;
use crate::account::register::{NewUser, RegisterError, register};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{OrgId, UserId};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store;
use crate::realm::user::{User, Username};

/// How often to start over when somebody takes the name or the address between
/// our look and our write. Twice is bad luck; more is a bug.
const ATTEMPTS: u8 = 3;

/// How many memberships to look at: one may be ours, a second is another's.
const MEMBERSHIPS: i64 = 2;

/// The person behind a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// Made by this organization's directory, now or earlier, and used by no
    /// other organization: the directory may make them a member.
    Ours(UserId),
    /// Somebody who exists apart from this organization's directory: only a
    /// membership they already have may be linked.
    TheirOwn(UserId),
}

/// What a push says about who the person is.
struct Wanted<'a> {
    id: &'a UserId,
    org: &'a OrgId,
    email: Option<EmailAddress>,
    username: Option<Username>,
    document: &'a Document,
}

/// Finds the person that `document` is about, or makes one with the id `id`.
///
/// # Errors
/// When the directory or the account's object fails; running it again with the
/// same id goes on where this one stopped.
pub async fn resolve(
    context: &RealmContext<'_>,
    org: &OrgId,
    id: &UserId,
    pushed: (&Document, Option<EmailAddress>),
) -> Result<Person, StoreError> {
    let (document, email) = pushed;
    let username = document.user_name().parse().ok();
    let wanted = Wanted { id, org, email, username, document };
    for _ in 0..ATTEMPTS {
        if let Some(user) = find(context, &wanted).await? {
            return judge(context, org, user).await;
        }
        match make(context, &wanted).await {
            Ok(user) => return Ok(Person::Ours(user.id)),
            Err(RegisterError::EmailTaken | RegisterError::UsernameTaken) => {}
            // An interrupted push of ours, which said something else, made them.
            Err(RegisterError::IdTaken) => return known(context, &wanted).await,
            Err(RegisterError::Store(error)) => return Err(error),
            Err(error @ RegisterError::PasswordTooLong) => {
                return Err(StoreError::Refused(error.to_string()));
            }
        }
    }
    Err(StoreError::Refused("the person's name or address keeps being taken".to_owned()))
}

/// The address names the person; the name does so only where there is none.
async fn find(context: &RealmContext<'_>, wanted: &Wanted<'_>) -> Result<Option<User>, StoreError> {
    let directory = &*context.ports.directory;
    let realm = &context.realm.id;
    match (&wanted.email, &wanted.username) {
        (Some(email), _) => store::user::find_by_email(directory, realm, email).await,
        (None, Some(name)) => store::user::find_by_username(directory, realm, name).await,
        (None, None) => Ok(None),
    }
}

async fn judge(context: &RealmContext<'_>, org: &OrgId, user: User) -> Result<Person, StoreError> {
    let made_here = user.home_org.as_ref() == Some(org) && user.service_account_for.is_none();
    if made_here && !belongs_elsewhere(context, org, &user.id).await? {
        return Ok(Person::Ours(user.id));
    }
    Ok(Person::TheirOwn(user.id))
}

async fn belongs_elsewhere(
    context: &RealmContext<'_>,
    org: &OrgId,
    user: &UserId,
) -> Result<bool, StoreError> {
    let directory = &*context.ports.directory;
    let orgs =
        store::membership::list_orgs(directory, &context.realm.id, user, MEMBERSHIPS).await?;
    Ok(orgs.iter().any(|other| other.id != *org))
}

async fn known(context: &RealmContext<'_>, wanted: &Wanted<'_>) -> Result<Person, StoreError> {
    let directory = &*context.ports.directory;
    match store::user::find(directory, &context.realm.id, wanted.id).await? {
        Some(user) => judge(context, wanted.org, user).await,
        None => Err(StoreError::Refused("a user id is taken by nobody".to_owned())),
    }
}

/// Makes the person, without a password. The address is not verified: nobody
/// has shown to read it, and domains cannot be verified yet.
async fn make(context: &RealmContext<'_>, wanted: &Wanted<'_>) -> Result<User, RegisterError> {
    let username = match &wanted.email {
        Some(email) => Some(Username::from(email)),
        None => wanted.username.clone(),
    };
    if let Some(username) = username {
        match register(context, new_user(wanted, username)).await {
            Err(RegisterError::UsernameTaken) if wanted.email.is_some() => {}
            outcome => return outcome,
        }
    }
    register(context, new_user(wanted, spare_username(wanted.id)?)).await
}

/// A name that nobody else has: for who has an address that is somebody else's
/// name, or a name that cannot be one here.
fn spare_username(id: &UserId) -> Result<Username, StoreError> {
    let name = format!("scim-{id}");
    name.parse().map_err(|_| StoreError::Refused(format!("{name} is no username")))
}

fn new_user(wanted: &Wanted<'_>, username: Username) -> NewUser {
    let part = |name| wanted.document.name(name).filter(|text| !text.is_empty());
    NewUser {
        id: Some(wanted.id.clone()),
        username,
        email: wanted.email.clone(),
        email_verified: false,
        first_name: part("givenName").map(str::to_owned),
        last_name: part("familyName").map(str::to_owned),
        password: None,
        home_org: Some(wanted.org.clone()),
    }
}
