//! Whom a push is about, and whether this organization may have them without
//! asking. The heart of "a SCIM client owns its organization's view of a person,
//! never the person".
use super::document::Document;
use crate::account::register::{NewUser, RegisterError, register};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{OrgId, UserId};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store::candidate::{self, Candidate, Sought};
use crate::realm::user::{User, Username};

/// How often to start over when somebody takes the name or the address between
/// our look and our write. Twice is bad luck; more is a bug.
const ATTEMPTS: u8 = 3;

/// The person behind a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What the organization may do with them.
    pub standing: Standing,
    /// Whether their account's object may still have to be made.
    pub owes_account: bool,
}

/// What an organization may do with somebody whom it did not ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Made by this organization's directory, now or earlier, and used by no
    /// other organization: the directory may make them a member.
    Ours,
    /// Somebody who exists apart from this organization's directory, was named by
    /// this address, and has shown to read that mailbox: whoever owns the address's
    /// domain may make them a member.
    Reads(EmailAddress),
    /// Anybody else: only a membership they already have may be linked.
    Apart,
}

/// What a push says about who the person is.
#[derive(Clone, Debug)]
pub struct Pushed<'a> {
    /// The id that a new person will have.
    pub id: &'a UserId,
    /// The resource.
    pub document: &'a Document,
    /// The address that names the person.
    pub email: Option<EmailAddress>,
    /// Whether that is of a domain that the organization owns.
    pub is_own_email: bool,
}

impl Pushed<'_> {
    /// The username that `userName` makes, if it makes one.
    #[must_use]
    pub fn username(&self) -> Option<Username> {
        self.document.user_name().parse().ok()
    }

    /// Whether the address counts as verified: the organization owns its domain, and so
    /// every mailbox there.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        self.email.is_some() && self.is_own_email
    }
}

/// Finds the person that `pushed` is about, or makes one.
///
/// # Errors
/// When the directory or the account's object fails; running it again with the
/// same id goes on where this one stopped.
pub async fn resolve(
    context: &RealmContext<'_>,
    org: &OrgId,
    pushed: &Pushed<'_>,
) -> Result<Person, StoreError> {
    for _ in 0..ATTEMPTS {
        if let Some(candidate) = find(context, org, pushed).await? {
            return Ok(judge(candidate, pushed));
        }
        match make(context, org, pushed).await {
            Ok(user) => {
                let standing = Standing::Ours;
                return Ok(Person { id: user.id, standing, owes_account: false });
            }
            Err(RegisterError::EmailTaken | RegisterError::UsernameTaken) => {}
            // An interrupted push of ours, which said something else, made them.
            Err(RegisterError::IdTaken) => return known(context, org, pushed).await,
            Err(RegisterError::Store(error)) => return Err(error),
            Err(error @ RegisterError::PasswordTooLong) => {
                return Err(StoreError::Refused(error.to_string()));
            }
        }
    }
    Err(StoreError::Refused("the person's name or address keeps being taken".to_owned()))
}

/// The address names the person; the name does so only where there is none.
async fn find(
    context: &RealmContext<'_>,
    org: &OrgId,
    pushed: &Pushed<'_>,
) -> Result<Option<Candidate>, StoreError> {
    let username = pushed.username();
    let (emails, usernames) = match (&pushed.email, &username) {
        (Some(email), _) => (vec![email], vec![]),
        (None, Some(name)) => (vec![], vec![name]),
        (None, None) => return Ok(None),
    };
    let sought = Sought { emails: &emails, usernames: &usernames, ids: &[] };
    let place = (&context.realm.id, org);
    Ok(candidate::list(&*context.ports.directory, place, sought).await?.pop())
}

/// What the organization may do with somebody whom a push named. Nobody who administers a
/// realm becomes a member by a push, and no machine.
#[must_use]
pub fn judge(candidate: Candidate, pushed: &Pushed<'_>) -> Person {
    let is_beyond = candidate.is_machine || candidate.is_administrator;
    let standing = match &pushed.email {
        _ if is_beyond => Standing::Apart,
        _ if candidate.is_made_here && !candidate.belongs_elsewhere => Standing::Ours,
        Some(email) if candidate.email_verified && candidate.email.as_ref() == Some(email) => {
            Standing::Reads(email.clone())
        }
        _ => Standing::Apart,
    };
    // An attempt that died may have made the row and no account.
    let owes_account = candidate.id == *pushed.id;
    Person { id: candidate.id, standing, owes_account }
}

async fn known(
    context: &RealmContext<'_>,
    org: &OrgId,
    pushed: &Pushed<'_>,
) -> Result<Person, StoreError> {
    let sought = Sought { ids: &[pushed.id], ..Sought::default() };
    let place = (&context.realm.id, org);
    match candidate::list(&*context.ports.directory, place, sought).await?.pop() {
        Some(candidate) => Ok(judge(candidate, pushed)),
        None => Err(StoreError::Refused("a user id is taken by nobody".to_owned())),
    }
}

/// Makes the person, without a password.
async fn make(
    context: &RealmContext<'_>,
    org: &OrgId,
    pushed: &Pushed<'_>,
) -> Result<User, RegisterError> {
    if let Some(username) = first_username(pushed) {
        match register(context, new_user(org, pushed, username)).await {
            Err(RegisterError::UsernameTaken) if pushed.email.is_some() => {}
            outcome => return outcome,
        }
    }
    register(context, new_user(org, pushed, spare_username(pushed.id)?)).await
}

/// The username that a new person gets, if nobody has it: their address, or their
/// name where there is none.
#[must_use]
pub fn first_username(pushed: &Pushed<'_>) -> Option<Username> {
    match &pushed.email {
        Some(email) => Some(Username::from(email)),
        None => pushed.username(),
    }
}

/// A name that nobody else has: for who has an address that is somebody else's
/// name, or a name that cannot be one here.
///
/// # Errors
/// `Refused` when it is no name, which it is.
pub fn spare_username(id: &UserId) -> Result<Username, StoreError> {
    let name = format!("scim-{id}");
    name.parse().map_err(|_| StoreError::Refused(format!("{name} is no username")))
}

fn new_user(org: &OrgId, pushed: &Pushed<'_>, username: Username) -> NewUser {
    let part = |name| pushed.document.name(name).filter(|text| !text.is_empty());
    NewUser {
        id: Some(pushed.id.clone()),
        username,
        email: pushed.email.clone(),
        email_verified: pushed.is_verified(),
        first_name: part("givenName").map(str::to_owned),
        last_name: part("familyName").map(str::to_owned),
        password: None,
        home_org: Some(org.clone()),
    }
}
