//! The invited person: proving to be a user of the realm, or becoming one.
use super::happenings;
use super::pages::NewPersonProblems;
use crate::account::lockout::LockoutRule;
use crate::account::login::{Login, LoginAnswer};
use crate::account::newcomer;
use crate::account::password_awaits::AwaitsPassword;
use crate::account::password_rule::{self, PasswordProblem, in_words};
use crate::account::password_set_first::{FirstPassword, SetFirstPassword};
use crate::account::profile::Profile;
use crate::account::register::{NewUser, RegisterError, register};
use crate::account::session::NewSession;
use crate::account::session_rule::SessionRule;
use crate::account::session_start::StartSession;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::UserId;
use crate::kernel::route::ObjectName;
use crate::kernel::secret::Secret;
use crate::platform::object::ask;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::settings::Settings;
use crate::realm::user::{User, Username};
use crate::web::form::Form;

/// What a new person typed, checked.
pub struct NewPerson {
    first_name: String,
    last_name: String,
    password: Secret,
}

/// What a new person typed that cannot be taken.
#[derive(Debug)]
pub struct Details {
    /// Field by field.
    pub problems: NewPersonProblems,
    /// What was typed as the first name.
    pub first_name: String,
    /// What was typed as the last name.
    pub last_name: String,
}

/// Why the person is not there yet.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// The password is not the one of the account.
    #[error("wrong password")]
    WrongPassword,
    /// The password chosen cannot be taken; says why.
    #[error("the password cannot be taken")]
    Password(String),
    /// The address got an account in the meantime.
    #[error("the address has an account")]
    Exists,
    /// What was typed cannot be taken.
    #[error("the details cannot be taken")]
    Details(Box<Details>),
    /// Something of ours failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NewPerson {
    /// Reads the form of a new person. Of the realm's profile, what it asks for
    /// counts; the rest an administrator may add.
    ///
    /// # Errors
    /// `Details` naming every field that cannot be taken.
    pub fn read(form: &Form, settings: &Settings, profile: &Profile) -> Result<Self, PersonError> {
        let text = |name| form.first(name).unwrap_or_default().trim().to_owned();
        let (first_name, last_name) = (text("firstName"), text("lastName"));
        let password = Secret::new(form.first("password").unwrap_or_default());
        let names = newcomer::judge_names(profile, &first_name, &last_name);
        let problems = NewPersonProblems {
            general: None,
            first_name: names.first_name,
            last_name: names.last_name,
            password: password_rule::judge(&password, settings).err().as_ref().map(in_words),
        };
        if problems.is_any() {
            let details = Details { problems, first_name, last_name };
            return Err(PersonError::Details(Box::new(details)));
        }
        Ok(Self { first_name, last_name, password })
    }
}

/// Proves by password that the person is `user`, and signs them in.
///
/// # Errors
/// `WrongPassword`, also while the account is locked; `Store`.
pub async fn prove(
    context: &RealmContext<'_>,
    user: &User,
    password: Secret,
) -> Result<NewSession, PersonError> {
    let settings = &context.realm.settings;
    let question = Login {
        password,
        lockout: LockoutRule::of(settings),
        session_life: settings.sso_session_max_lifespan,
        rule: SessionRule::of(&context.realm),
        ip: context.ip.map(str::to_owned),
        client_id: None,
    };
    let answer = ask(&*context.ports.objects, &account_of(context, &user.id), &question).await?;
    match answer {
        LoginAnswer::LoggedIn(session) if user.may_sign_in(settings) => Ok(session),
        LoginAnswer::LoggedIn(_) | LoginAnswer::Refused => Err(PersonError::WrongPassword),
    }
}

/// Whether `user`'s account was made without a password and has none yet.
///
/// # Errors
/// `Unreachable` when the account's object does not answer.
pub async fn awaits_password(context: &RealmContext<'_>, user: &User) -> Result<bool, StoreError> {
    ask(&*context.ports.objects, &account_of(context, &user.id), &AwaitsPassword {}).await
}

/// A password that somebody chose for an account without one, checked.
///
/// # Errors
/// `Password` when the realm does not take it.
pub fn read_first_password(form: &Form, settings: &Settings) -> Result<Secret, PersonError> {
    let password = Secret::new(form.first("password").unwrap_or_default());
    match password_rule::judge(&password, settings) {
        Ok(()) => Ok(password),
        Err(problem) => Err(PersonError::Password(in_words(&problem))),
    }
}

/// Gives `user`, who brings the ticket that went to their address, a first
/// password, and signs them in. Where there is one by now it stays, and what
/// they typed must be it.
///
/// # Errors
/// As [`prove`]; `Password` when it is too long.
pub async fn claim(
    context: &RealmContext<'_>,
    user: &User,
    password: Secret,
) -> Result<Option<NewSession>, PersonError> {
    let question = SetFirstPassword { password: password.clone() };
    match ask(&*context.ports.objects, &account_of(context, &user.id), &question).await? {
        FirstPassword::Set => {
            happenings::chose_password(context, &user.id).await;
            Ok(start_session(context, &user.id).await?)
        }
        FirstPassword::NotAwaited => prove(context, user, password).await.map(Some),
        FirstPassword::TooLong => Err(PersonError::Password(in_words(&PasswordProblem::TooLong))),
    }
}

/// Makes the person with the id the organization reserved for them. Their
/// username is the address, or, when somebody else is called that, the id.
///
/// # Errors
/// `Exists` when the address has an account by now; `Store`.
pub async fn make(
    context: &RealmContext<'_>,
    id: UserId,
    email: &EmailAddress,
    person: NewPerson,
) -> Result<User, PersonError> {
    let named = |username| NewUser {
        id: Some(id.clone()),
        username,
        email: Some(email.clone()),
        email_verified: true,
        first_name: Some(person.first_name.clone()),
        last_name: Some(person.last_name.clone()),
        password: Some(person.password.clone().into()),
        home_org: None,
    };
    let mut registered = register(context, named(Username::from(email))).await;
    if matches!(registered, Err(RegisterError::UsernameTaken))
        && let Ok(username) = id.as_str().parse()
    {
        registered = register(context, named(username)).await;
    }
    match registered {
        Ok(made) => Ok(made),
        Err(RegisterError::Store(error)) => Err(error.into()),
        Err(
            RegisterError::EmailTaken
            | RegisterError::UsernameTaken
            | RegisterError::IdTaken
            | RegisterError::PasswordTooLong,
        ) => Err(PersonError::Exists),
    }
}

/// Signs in somebody who was just made.
///
/// # Errors
/// `Unreachable` when the account's object does not answer.
pub async fn start_session(
    context: &RealmContext<'_>,
    user: &UserId,
) -> Result<Option<NewSession>, StoreError> {
    let question = StartSession {
        life: context.realm.settings.sso_session_max_lifespan,
        rule: SessionRule::of(&context.realm),
        ip: context.ip.map(str::to_owned),
    };
    ask(&*context.ports.objects, &account_of(context, user), &question).await
}

fn account_of(context: &RealmContext<'_>, user: &UserId) -> ObjectName {
    ObjectName::Account(context.realm.id.clone(), user.clone())
}
