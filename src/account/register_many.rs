//! Making many people at once: all of their accounts' objects first, then all of
//! their rows in the directory with whatever belongs to them, then the words that
//! confirm. The rows are the commit point, and one transaction.
//!
//! A crash before it leaves accounts that delete themselves; a crash after it,
//! accounts that find their rows when they are asked for anything. Running this
//! again begins anew, with other ids.
use super::confirm::{Confirm, Confirmed};
use super::create::{Create, Created, InitialPassword};
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::context::RealmContext;
use futures::stream::{self, StreamExt, TryStreamExt};

/// How many objects are asked at the same time: Workers open at most six
/// connections at once.
pub const AT_ONCE: usize = 6;

/// A person to make. The statements of the commit point hold the row.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Who.
    pub user: UserId,
    /// What to sign in with; `None` when by other means.
    pub password: Option<InitialPassword>,
}

/// Why people were not made. Nobody was, then.
#[derive(Debug, thiserror::Error)]
pub enum RegisterManyError {
    /// Somebody has the id.
    #[error("the user id {0} is taken")]
    IdTaken(UserId),
    /// A password is longer than can be hashed.
    #[error("the password of user {0} is too long")]
    PasswordTooLong(UserId),
    /// The directory or an account's object failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes the accounts of `people` in the realm, and then runs all of `statements`,
/// which hold their rows, or nothing.
///
/// # Errors
/// As [`RegisterManyError`] says; what remains of the people deletes itself.
pub async fn register_many(
    context: &RealmContext<'_>,
    people: &[NewPerson],
    statements: Vec<Statement>,
) -> Result<(), RegisterManyError> {
    let ports = context.ports;
    let makings = people.iter().map(|person| make(context, person));
    stream::iter(makings).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
    ports.faults.reach("account.register_many.after_objects").await;
    if statements.is_empty() {
        return Ok(());
    }
    ports.directory.batch(statements).await?;
    ports.memo.clear();
    ports.faults.reach("account.register_many.after_directory").await;
    let confirmations = people.iter().map(|person| confirm(context, person));
    stream::iter(confirmations).buffer_unordered(AT_ONCE).collect::<()>().await;
    Ok(())
}

fn object_of(context: &RealmContext<'_>, person: &NewPerson) -> ObjectName {
    ObjectName::Account(context.realm.id.clone(), person.user.clone())
}

async fn make(context: &RealmContext<'_>, person: &NewPerson) -> Result<(), RegisterManyError> {
    let create = Create::new(&context.realm.id, &person.user, person.password.clone());
    let made = ask(&*context.ports.objects, &object_of(context, person), &create).await?;
    context.ports.faults.reach("account.register_many.after_object").await;
    match made {
        Created::Pending => Ok(()),
        Created::Exists => Err(RegisterManyError::IdTaken(person.user.clone())),
        Created::PasswordTooLong => Err(RegisterManyError::PasswordTooLong(person.user.clone())),
    }
}

/// Tells an account that its person is there. An account that does not hear it
/// finds out by itself, unless it has waited too long and is gone: then it is made
/// once more.
async fn confirm(context: &RealmContext<'_>, person: &NewPerson) {
    if let Err(error) = try_confirm(context, person).await {
        tracing::warn!(user.id = %person.user, "An account is confirmed later: {error}");
    }
}

async fn try_confirm(
    context: &RealmContext<'_>,
    person: &NewPerson,
) -> Result<(), RegisterManyError> {
    let (objects, object) = (&*context.ports.objects, object_of(context, person));
    if ask(objects, &object, &Confirm {}).await? == Confirmed::NoAccount {
        make(context, person).await?;
        ask(objects, &object, &Confirm {}).await?;
    }
    Ok(())
}
