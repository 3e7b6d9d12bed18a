//! What an administrator does with users: making, changing, deleting them.
use super::credential::{PasswordSet, SetPassword};
use super::draft;
use super::draft::NewPassword;
use super::erase::Erase;
use super::register::{Extras, NewUser, RegisterError, register_with};
use super::wire_keycloak::{UserDraftJson, UserJson};
use crate::crypto::password::MAX_PASSWORD_BYTES;
use crate::event::audit::{Change, Operation};
use crate::event::message::{Envelope, Message};
use crate::kernel::id::{GroupId, RealmId, UserId};
use crate::kernel::route::ObjectName;
use crate::platform::object::{Call, ask};
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::error::AdminError;
use crate::realm::group::names_of_path;
use crate::realm::hand_out::require_reach_of_group;
use crate::realm::inquiry::Inquiry;
use crate::realm::registry::Attributes;
use crate::realm::store::erasure;
use crate::realm::store::federated_identity::{self, FederatedIdentity};
use crate::realm::store::{group, group_member, user};
use crate::realm::user::{RequiredAction, User, Username};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// "This user was deleted: let everybody know who knew them."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgetUser {
    /// The realm.
    pub realm: RealmId,
    /// The user.
    pub user: UserId,
}

impl Message for ForgetUser {
    const KIND: &'static str = "user.forget";
}

/// An admin event of a user.
#[must_use]
pub fn change(operation: Operation, path: String, user: Option<&User>) -> Change {
    let representation = user.and_then(|user| serde_json::to_value(UserJson::full(user)).ok());
    Change { resource_type: "USER", operation, path, representation }
}

/// An admin event of something done with a user.
#[must_use]
pub fn action(user: &UserId, what: &str) -> Change {
    change(Operation::Action, format!("users/{user}/{what}"), None)
}

/// The user of the path.
///
/// # Errors
/// `Unknown` when the realm has none of that id.
pub async fn find(inquiry: &Inquiry<'_>) -> Result<User, AdminError> {
    const UNKNOWN: &str = "User not found";
    let id: UserId = inquiry.param("user", UNKNOWN)?;
    let found = user::find(inquiry.directory(), inquiry.realm_id(), &id).await?;
    found.ok_or(AdminError::Unknown(UNKNOWN))
}

/// Asks the account of `user`.
///
/// # Errors
/// `Unreachable` when it does not answer.
pub async fn ask_account<C: Call>(
    inquiry: &Inquiry<'_>,
    user: &UserId,
    question: &C,
) -> Result<C::Answer, StoreError> {
    let object = ObjectName::Account(inquiry.realm_id().clone(), user.clone());
    ask(&*inquiry.context.ports.objects, &object, question).await
}

/// Makes a user: a saga of account and directory, with the audit event and the
/// identities elsewhere in the batch of its commit point.
///
/// # Errors
/// `Invalid` and `Rejected` for what cannot be, `Conflict` for what is taken.
pub async fn create(inquiry: &Inquiry<'_>, mut draft: UserDraftJson) -> Result<User, AdminError> {
    let context = inquiry.context;
    let mut wanted = blank(inquiry, draft::username(&draft)?);
    draft::apply(&mut draft, &mut wanted)?;
    if draft.required_actions.is_none() {
        wanted.required_actions = context.realm.settings.default_actions(wanted.email_verified);
    }
    let password = draft::password(draft.credentials.take(), &context.realm.settings)?;
    if password.as_ref().is_some_and(|new| new.temporary) {
        owe(&mut wanted, RequiredAction::UpdatePassword);
    }
    let mut along = Vec::new();
    for identity in draft.federated_identities.take().unwrap_or_default() {
        let provider = identity.identity_provider.clone().unwrap_or_default();
        let identity = read_identity(provider, identity.user_id, identity.user_name)?;
        along.push(federated_identity::insertion(inquiry.realm_id(), &wanted.id, &identity));
    }
    for group in named_groups(inquiry, &draft::groups(&mut draft)?).await? {
        along.push(group_member::insertion(inquiry.realm_id(), &wanted.id, &group));
    }
    let path = format!("users/{}", wanted.id);
    along.push(inquiry.recording(change(Operation::Create, path, Some(&wanted)))?);
    let new = NewUser {
        id: Some(wanted.id.clone()),
        username: wanted.username.clone(),
        email: wanted.email.clone(),
        email_verified: wanted.email_verified,
        first_name: wanted.first_name.clone(),
        last_name: wanted.last_name.clone(),
        password: password.map(|new| new.password),
        home_org: None,
    };
    let extras = Extras {
        enabled: wanted.enabled,
        attributes: wanted.attributes,
        required_actions: Some(wanted.required_actions),
        along,
    };
    register_with(context, new, extras).await.map_err(refusal)
}

/// The groups to which these paths lead, and whose roles are the caller's to give.
async fn named_groups(inquiry: &Inquiry<'_>, paths: &[String]) -> Result<Vec<GroupId>, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let names: Vec<_> = paths.iter().map(|path| names_of_path(path)).collect();
    let found = group::find_by_names(directory, realm, &names).await?;
    let mut groups = Vec::new();
    for (group, path) in found.into_iter().zip(paths) {
        let why = || format!("Unable to find group specified by path: {path}");
        let group = group.ok_or_else(|| AdminError::Invalid(why()))?;
        require_reach_of_group(inquiry, &group).await?;
        groups.push(group);
    }
    Ok(groups)
}

/// A user of whom nothing is known; switched off until somebody says otherwise,
/// as in Keycloak.
fn blank(inquiry: &Inquiry<'_>, username: Username) -> User {
    User {
        id: UserId::from(inquiry.context.ports.random.uuid()),
        username,
        email: None,
        email_verified: false,
        first_name: None,
        last_name: None,
        enabled: false,
        home_org: None,
        service_account_for: None,
        created_at: inquiry.context.now,
        attributes: Attributes::new(),
        required_actions: Vec::new(),
    }
}

fn owe(user: &mut User, action: RequiredAction) {
    if !user.required_actions.contains(&action) {
        user.required_actions.push(action);
    }
}

/// An identity elsewhere, as an administrator names it.
///
/// # Errors
/// `Invalid` when the provider or the id there is not said.
pub fn read_identity(
    provider: String,
    user: Option<String>,
    username: Option<String>,
) -> Result<FederatedIdentity, AdminError> {
    let provider_user = user.unwrap_or_default();
    if provider.is_empty() || provider_user.is_empty() {
        let words = "identityProvider and userId are required";
        return Err(AdminError::Invalid(words.to_owned()));
    }
    Ok(FederatedIdentity {
        provider,
        provider_user,
        provider_username: username.unwrap_or_default(),
    })
}

/// Changes a user: the directory first, then the password, if one is set.
///
/// # Errors
/// As [`create`].
pub async fn update(
    inquiry: &Inquiry<'_>,
    mut changed: User,
    mut draft: UserDraftJson,
) -> Result<(), AdminError> {
    draft::apply(&mut draft, &mut changed)?;
    let settings = &inquiry.context.realm.settings;
    let password = draft::password(draft.credentials.take(), settings)?;
    if password.is_some() && changed.is_service_account() {
        return Err(no_password_for_clients());
    }
    if password.as_ref().is_some_and(|new| new.temporary) {
        owe(&mut changed, RequiredAction::UpdatePassword);
    }
    let path = format!("users/{}", changed.id);
    let event = change(Operation::Update, path, Some(&changed));
    let statement = user::update(inquiry.realm_id(), &changed)?;
    inquiry.commit(vec![statement], event).await.map_err(taken)?;
    inquiry.context.ports.faults.reach("user.update.after_directory").await;
    match password {
        Some(new) => put_password(inquiry, &changed.id, new).await,
        None => Ok(()),
    }
}

/// Sets a password: first that it is to be changed, if it is, and that it was
/// set; then the password. A crash between leaves the old one, and a person who
/// is asked for a new one.
///
/// # Errors
/// `Invalid` for a service account; `Rejected` for what cannot be hashed.
pub async fn reset_password(
    inquiry: &Inquiry<'_>,
    user: &User,
    new: NewPassword,
) -> Result<(), AdminError> {
    if user.is_service_account() {
        return Err(no_password_for_clients());
    }
    let realm = inquiry.realm_id();
    let owed = if new.temporary {
        user::action_addition(realm, &user.id, RequiredAction::UpdatePassword)
    } else {
        user::action_removal(realm, &user.id, RequiredAction::UpdatePassword)
    };
    inquiry.commit(vec![owed], action(&user.id, "reset-password")).await?;
    inquiry.context.ports.faults.reach("user.password.after_directory").await;
    put_password(inquiry, &user.id, new).await
}

async fn put_password(
    inquiry: &Inquiry<'_>,
    user: &UserId,
    new: NewPassword,
) -> Result<(), AdminError> {
    let question = SetPassword { password: new.password, ticket: None };
    match ask_account(inquiry, user, &question).await? {
        PasswordSet::Set => Ok(()),
        PasswordSet::NoAccount | PasswordSet::TicketUsed => {
            Err(AdminError::Unknown("User not found"))
        }
        PasswordSet::TooLong => Err(AdminError::Rejected {
            error: "invalidPasswordMaxLengthMessage",
            description: format!("Invalid password: maximum length {MAX_PASSWORD_BYTES}."),
        }),
    }
}

fn no_password_for_clients() -> AdminError {
    AdminError::Invalid("A service account has no password".to_owned())
}

/// Deletes a user. The commit point is the directory's batch: from then on
/// nobody signs in, refreshes or administers as them. The account's object and
/// the organizations follow; what a crash leaves, the schedule finishes.
///
/// # Errors
/// `Invalid` for a client's account.
pub async fn delete(inquiry: &Inquiry<'_>, gone: &User) -> Result<(), AdminError> {
    if gone.is_service_account() {
        let words = "A service account goes with its client";
        return Err(AdminError::Invalid(words.to_owned()));
    }
    let (realm, ports) = (inquiry.realm_id(), inquiry.context.ports);
    let statements: Vec<Statement> = vec![
        erasure::insertion(realm, &gone.id, inquiry.context.now),
        user::deletion(realm, &gone.id),
    ];
    let representation = Some(json!({ "id": gone.id, "username": gone.username }));
    let path = format!("users/{}", gone.id);
    let event = Change { representation, ..change(Operation::Delete, path, None) };
    inquiry.commit(statements, event).await?;
    ports.faults.reach("user.delete.after_directory").await;
    if let Err(error) = follow(inquiry, &gone.id).await {
        tracing::warn!(user.id = %gone.id, "A deletion finishes later: {error}");
    }
    Ok(())
}

async fn follow(inquiry: &Inquiry<'_>, user: &UserId) -> Result<(), StoreError> {
    let ports = inquiry.context.ports;
    ask_account(inquiry, user, &Erase {}).await?;
    ports.faults.reach("user.delete.after_account").await;
    let message = ForgetUser { realm: inquiry.realm_id().clone(), user: user.clone() };
    let envelope = Envelope::seal(&message).and_then(|sealed| serde_json::to_string(&sealed));
    let text = envelope.map_err(|error| StoreError::Refused(error.to_string()))?;
    ports.queue.send(vec![text]).await?;
    ports.faults.reach("user.delete.after_queue").await;
    Ok(())
}

fn refusal(error: RegisterError) -> AdminError {
    match error {
        RegisterError::UsernameTaken => conflict("User exists with same username"),
        RegisterError::EmailTaken => conflict("User exists with same email"),
        RegisterError::IdTaken => conflict("User exists with same id"),
        RegisterError::PasswordTooLong => AdminError::Rejected {
            error: "invalidPasswordMaxLengthMessage",
            description: format!("Invalid password: maximum length {MAX_PASSWORD_BYTES}."),
        },
        RegisterError::Store(error) => taken(error),
    }
}

/// What the directory's constraints say.
#[must_use]
pub fn taken(error: StoreError) -> AdminError {
    if error.is_conflict_on("user.username") {
        conflict("User exists with same username")
    } else if error.is_conflict_on("user.email") {
        conflict("User exists with same email")
    } else if error.is_conflict_on("federated_identity.provider") {
        conflict("User is already linked with provider")
    } else if matches!(error, StoreError::Dangling) {
        AdminError::Unknown("Group not found")
    } else {
        error.into()
    }
}

fn conflict(words: &str) -> AdminError {
    AdminError::Conflict(words.to_owned())
}
