//! Somebody who makes an account for themselves (Initiating User Registration via
//! OpenID Connect §4).
//!
//! Whoever fills in the form learns nothing of who is here: an address that is taken
//! gets the answer of one that is not, for the same work, and only its owner reads
//! what came of it. Nobody is signed in before the address is confirmed.
use super::authorization::AuthorizationRequest;
use super::device;
use super::happenings;
use super::required;
use crate::account::mail_registration;
use crate::account::newcomer;
use crate::account::password_rule;
use crate::account::profile::Profile;
use crate::account::profile_check;
use crate::account::register::{Extras, NewUser, RegisterError, register_with};
use crate::kernel::email::EmailAddress;
use crate::kernel::secret::Secret;
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::settings::Settings;
use crate::realm::user::{RequiredAction, User, Username};
use crate::web::form::Form;
use futures::future::join;

/// What was typed, but for the password, which is never shown again.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The address.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

/// Why it cannot be taken, field by field, in words for the person.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// The address.
    pub email: Option<String>,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The password.
    pub password: Option<String>,
}

impl Problems {
    /// Whether there is one.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.email.is_some()
            || self.first_name.is_some()
            || self.last_name.is_some()
            || self.password.is_some()
    }
}

/// Somebody new, as they say themselves; checked, but for whether the address is theirs.
pub struct Registrant {
    unverified_email: EmailAddress,
    first_name: String,
    last_name: String,
    password: Secret,
}

impl Registrant {
    /// Reads the form of somebody new. Of the realm's profile, what it asks of the
    /// fields on the page counts.
    ///
    /// # Errors
    /// What was typed, and why it cannot be taken. None of it depends on who is here.
    pub fn read(
        form: &Form,
        settings: &Settings,
        profile: &Profile,
    ) -> Result<Self, Box<(Typed, Problems)>> {
        let text = |name| form.first(name).unwrap_or_default().trim().to_owned();
        let typed = Typed {
            email: text("email"),
            first_name: text("firstName"),
            last_name: text("lastName"),
        };
        let password = Secret::new(form.first("password").unwrap_or_default());
        let names = newcomer::judge_names(profile, &typed.first_name, &typed.last_name);
        let email = read_email(&typed.email, profile);
        let problems = Problems {
            email: email.as_ref().err().cloned(),
            first_name: names.first_name,
            last_name: names.last_name,
            password: password_rule::judge(&password, settings)
                .err()
                .as_ref()
                .map(password_rule::in_words),
        };
        match email {
            Ok(unverified_email) if !problems.is_any() => Ok(Self {
                unverified_email,
                first_name: typed.first_name,
                last_name: typed.last_name,
                password,
            }),
            _ => Err(Box::new((typed, problems))),
        }
    }

    /// The address, as the person says.
    #[must_use]
    pub const fn email(&self) -> &EmailAddress {
        &self.unverified_email
    }
}

fn read_email(typed: &str, profile: &Profile) -> Result<EmailAddress, String> {
    if typed.is_empty() {
        return Err("Enter your email address.".to_owned());
    }
    let odd = || "This cannot be an email address.".to_owned();
    let email: EmailAddress = typed.parse().map_err(|_| odd())?;
    let said = [("email", email.as_str())];
    profile_check::admit_own(profile, &said).map_err(|_| odd())?;
    Ok(email)
}

/// Makes the account, and mails its owner a link to confirm the address; or mails the
/// owner of the account that has it already, and changes nothing.
///
/// A crash between the account and the mail leaves a person who signs in, and is sent
/// the link then.
///
/// # Errors
/// When a store or the queue fails.
pub async fn register(
    context: &RealmContext<'_>,
    asked: &AuthorizationRequest,
    registrant: Registrant,
) -> Result<(), StoreError> {
    let email = registrant.unverified_email.clone();
    let extras =
        Extras { required_actions: Some(owed(&context.realm.settings)), ..Extras::default() };
    match register_with(context, new_user(registrant), extras).await {
        Ok(user) => welcome(context, asked, &user, &email).await,
        // An account that goes by the address is found by it at the login, too.
        Err(RegisterError::EmailTaken | RegisterError::UsernameTaken) => {
            let mail = mail_registration::send_taken(context, &email);
            let event =
                happenings::registration_refused(context, asked, email.as_str(), "email_in_use");
            join(mail, event).await.0
        }
        Err(RegisterError::Store(error)) => Err(error),
        Err(error @ (RegisterError::IdTaken | RegisterError::PasswordTooLong)) => {
            Err(StoreError::Refused(error.to_string()))
        }
    }
}

/// At the same time, so that it takes no longer than the other mail does.
async fn welcome(
    context: &RealmContext<'_>,
    asked: &AuthorizationRequest,
    user: &User,
    email: &EmailAddress,
) -> Result<(), StoreError> {
    let back = match &asked.device {
        Some(_) => device::verification_uri(context),
        None => asked.redirect_uri.clone(),
    };
    let ticket = required::ticket_to_confirm(context, user, email, &back);
    let mail = mail_registration::send_confirmation(context, ticket);
    let events = join(
        happenings::registered(context, asked, user),
        happenings::asked_to_confirm(context, &asked.client_id, user),
    );
    join(mail, events).await.0
}

/// What everybody owes who is new, and in any case that the address is theirs.
fn owed(settings: &Settings) -> Vec<RequiredAction> {
    let mut owed = settings.default_actions(false);
    if !owed.contains(&RequiredAction::VerifyEmail) {
        owed.insert(0, RequiredAction::VerifyEmail);
    }
    owed
}

fn new_user(registrant: Registrant) -> NewUser {
    NewUser {
        id: None,
        username: Username::from(&registrant.unverified_email),
        email: Some(registrant.unverified_email),
        email_verified: false,
        first_name: Some(registrant.first_name),
        last_name: Some(registrant.last_name),
        password: Some(registrant.password.into()),
        home_org: None,
    }
}
