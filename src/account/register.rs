//! Making a person: their account's object first, then their row in the
//! directory, then the word that confirms. The row is the commit point.
//!
//! A crash after the first step leaves an account that deletes itself; after
//! the second, one that finds its row when it is asked for anything. Running
//! this again with the same id finishes what was begun.
use super::confirm::{Confirm, Confirmed};
use super::create::{Create, Created, InitialPassword};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{OrgId, UserId};
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::context::RealmContext;
use crate::realm::registry::Attributes;
use crate::realm::store;
use crate::realm::user::{RequiredAction, User, Username};

/// A person to register.
#[derive(Debug)]
pub struct NewUser {
    /// The id, when a saga around this one has chosen it; else a fresh one.
    pub id: Option<UserId>,
    /// The name to sign in with.
    pub username: Username,
    /// The address.
    pub email: Option<EmailAddress>,
    /// Whether the person has shown to read that mailbox.
    pub email_verified: bool,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// What to sign in with; `None` when by other means.
    pub password: Option<InitialPassword>,
    /// The organization whose directory creates the person, if one does.
    pub home_org: Option<OrgId>,
}

/// What an administrator adds to a new person.
#[derive(Debug)]
pub struct Extras {
    /// Whether the person may sign in.
    pub enabled: bool,
    /// What the product's team notes about them.
    pub attributes: Attributes,
    /// What they must do at the first login; `None` for what the realm asks of
    /// everybody who is new.
    pub required_actions: Option<Vec<RequiredAction>>,
    /// What is written together with the row, such as the audit event.
    pub along: Vec<Statement>,
}

impl Default for Extras {
    fn default() -> Self {
        Self {
            enabled: true,
            attributes: Attributes::new(),
            required_actions: None,
            along: Vec::new(),
        }
    }
}

/// Why a person was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Somebody else has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// Somebody else has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Somebody else has the id.
    #[error("the user id is taken")]
    IdTaken,
    /// The password is longer than can be hashed.
    #[error("the password is too long")]
    PasswordTooLong,
    /// The directory or the account's object failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Registers a person and answers them. With the same id, username and e-mail
/// this may run again, also at the same time: it makes one person, with the
/// password that was there when the row was written.
///
/// # Errors
/// As [`RegisterError`] says; nothing of the person remains then, or what
/// remains deletes itself.
pub async fn register(context: &RealmContext<'_>, new: NewUser) -> Result<User, RegisterError> {
    register_with(context, new, Extras::default()).await
}

/// [`register`], with what an administrator adds.
///
/// # Errors
/// As [`register`].
pub async fn register_with(
    context: &RealmContext<'_>,
    new: NewUser,
    mut extras: Extras,
) -> Result<User, RegisterError> {
    let ports = context.ports;
    let id = new.id.clone().unwrap_or_else(|| UserId::from(ports.random.uuid()));
    let object = ObjectName::Account(context.realm.id.clone(), id.clone());
    let create = Create::new(&context.realm.id, &id, new.password.clone());

    make_account(context, &object, &create).await?;
    ports.faults.reach("account.register.after_object").await;
    let along = std::mem::take(&mut extras.along);
    let user = commit(context, user_of(new, id, extras, context), along).await?;
    ports.faults.reach("account.register.after_directory").await;
    if ask(&*ports.objects, &object, &Confirm {}).await? == Confirmed::NoAccount {
        // It took longer than an account waits; now there is a row to find.
        make_account(context, &object, &create).await?;
        ask(&*ports.objects, &object, &Confirm {}).await?;
    }
    Ok(user)
}

async fn make_account(
    context: &RealmContext<'_>,
    object: &ObjectName,
    create: &Create,
) -> Result<(), RegisterError> {
    match ask(&*context.ports.objects, object, create).await? {
        Created::Pending | Created::Exists => Ok(()),
        Created::PasswordTooLong => Err(RegisterError::PasswordTooLong),
    }
}

fn user_of(new: NewUser, id: UserId, extras: Extras, context: &RealmContext<'_>) -> User {
    let settings = &context.realm.settings;
    let owed = extras.required_actions;
    User {
        required_actions: owed.unwrap_or_else(|| settings.default_actions(new.email_verified)),
        id,
        username: new.username,
        email: new.email,
        email_verified: new.email_verified,
        first_name: new.first_name,
        last_name: new.last_name,
        enabled: extras.enabled,
        home_org: new.home_org,
        service_account_for: None,
        created_at: context.now,
        attributes: extras.attributes,
        manager: None,
    }
}

/// The commit point: the directory's constraints decide whose name it is.
async fn commit(
    context: &RealmContext<'_>,
    user: User,
    along: Vec<Statement>,
) -> Result<User, RegisterError> {
    let directory = &*context.ports.directory;
    let realm = &context.realm.id;
    let mut statements = vec![store::user::insertion(realm, &user)?];
    statements.extend(along);
    match directory.batch(statements).await {
        Ok(_) => Ok(user),
        Err(conflict @ StoreError::Conflict { .. }) => {
            match store::user::find(directory, realm, &user.id).await? {
                Some(known) if is_same_person(&known, &user) => Ok(known),
                _ => Err(who_took_it(conflict)),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn is_same_person(known: &User, wanted: &User) -> bool {
    known.username == wanted.username && known.email == wanted.email
}

fn who_took_it(conflict: StoreError) -> RegisterError {
    if conflict.is_conflict_on("user.username") {
        RegisterError::UsernameTaken
    } else if conflict.is_conflict_on("user.email") {
        RegisterError::EmailTaken
    } else if conflict.is_conflict_on("user.id") {
        RegisterError::IdTaken
    } else {
        RegisterError::Store(conflict)
    }
}
