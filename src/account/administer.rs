//! What an administrator does with users: making, changing, deleting them.
use super::create::InitialPassword;
use super::credential::{PasswordSet, SetPassword};
use super::draft;
use super::draft::NewPassword;
use super::end_sessions;
use super::erase::Erase;
use super::profile::{self, Profile};
use super::profile_check;
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
use crate::realm::group::{names_of_path, no_group_at};
use crate::realm::hand_out::require_reach_of_groups;
use crate::realm::inquiry::Inquiry;
use crate::realm::registry::Attributes;
use crate::realm::store::erasure;
use crate::realm::store::federated_identity::{self, FederatedIdentity};
use crate::realm::store::session_ending;
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

/// The same, with what administrators see of the user.
fn told(profile: &Profile, operation: Operation, user: &User) -> Change {
    let mut seen = user.clone();
    profile_check::hide(profile, &mut seen);
    change(operation, format!("users/{}", user.id), Some(&seen))
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
pub async fn create(inquiry: &Inquiry<'_>, mut asked: UserDraftJson) -> Result<User, AdminError> {
    let context = inquiry.context;
    let id = UserId::from(context.ports.random.uuid());
    let groups = named_groups(inquiry, &draft::groups(&mut asked)?).await?;
    let UserDraft { mut user, password, identities: mut along } = creation(inquiry, id, asked)?;
    let known = profile::of_realm(context).await?;
    profile_check::admit(&known.profile, None, &mut user).map_err(AdminError::Profile)?;
    let groups: Vec<&GroupId> = groups.iter().collect();
    along.push(group_member::insertion(inquiry.realm_id(), &user.id, &groups)?);
    along.push(inquiry.recording(told(&known.profile, Operation::Create, &user))?);
    let new = NewUser {
        id: Some(user.id),
        username: user.username,
        email: user.email,
        email_verified: user.email_verified,
        first_name: user.first_name,
        last_name: user.last_name,
        password,
        home_org: None,
    };
    let extras = Extras {
        enabled: user.enabled,
        attributes: user.attributes,
        required_actions: Some(user.required_actions),
        along,
    };
    register_with(context, new, extras).await.map_err(refusal)
}

/// The groups to which these paths lead, and whose roles are the caller's to give.
async fn named_groups(inquiry: &Inquiry<'_>, paths: &[String]) -> Result<Vec<GroupId>, AdminError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let names: Vec<_> = paths.iter().map(|path| names_of_path(path)).collect();
    let found = group::find_by_names(directory, realm, &names).await?;
    let known = |(group, path): (Option<GroupId>, &String)| {
        group.ok_or_else(|| AdminError::Invalid(no_group_at(path)))
    };
    let groups = found.into_iter().zip(paths).map(known).collect::<Result<Vec<_>, _>>()?;
    require_reach_of_groups(inquiry, &groups.iter().collect::<Vec<_>>()).await?;
    Ok(groups)
}

/// A user who can be made.
pub struct UserDraft {
    /// The user.
    pub user: User,
    /// What they begin with.
    pub password: Option<InitialPassword>,
    /// What links them to their identities elsewhere, once there is the row.
    pub identities: Vec<Statement>,
}

/// A new user under `id`, switched off until somebody says otherwise, as in
/// Keycloak. Its groups are the caller's to add, and its roles are not looked at, as
/// Keycloak does not either.
///
/// # Errors
/// `Invalid` and `Rejected` for what cannot be.
pub fn creation(
    inquiry: &Inquiry<'_>,
    id: UserId,
    mut asked: UserDraftJson,
) -> Result<UserDraft, AdminError> {
    let mut user = blank(inquiry, id, draft::username(&asked)?);
    draft::apply(&mut asked, &mut user)?;
    let settings = &inquiry.context.realm.settings;
    if asked.required_actions.is_none() {
        user.required_actions = settings.default_actions(user.email_verified);
    }
    let first = draft::first_credential(asked.credentials.take(), settings)?;
    if first.as_ref().is_some_and(|first| first.temporary) {
        owe(&mut user, RequiredAction::UpdatePassword);
    }
    let mut identities = Vec::new();
    for identity in asked.federated_identities.take().unwrap_or_default() {
        let provider = identity.identity_provider.clone().unwrap_or_default();
        let identity = read_identity(provider, identity.user_id, identity.user_name)?;
        identities.push(federated_identity::insertion(inquiry.realm_id(), &user.id, &identity));
    }
    Ok(UserDraft { user, password: first.map(|first| first.password), identities })
}

/// Where a user stands on the realm's paths.
#[must_use]
pub fn path_of(user: &UserId) -> String {
    format!("users/{user}")
}

fn blank(inquiry: &Inquiry<'_>, id: UserId, username: Username) -> User {
    User {
        id,
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
        manager: None,
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
    let old = changed.clone();
    let tells = draft.tells_of_the_person();
    draft::apply(&mut draft, &mut changed)?;
    // Who is only switched off, or asked for something, is let be as they are.
    let known = profile::of_realm(inquiry.context).await?;
    if tells && !changed.is_service_account() {
        let admitted = profile_check::admit(&known.profile, Some(&old), &mut changed);
        admitted.map_err(AdminError::Profile)?;
    }
    let settings = &inquiry.context.realm.settings;
    let password = draft::password(draft.credentials.take(), settings)?;
    if password.is_some() && changed.is_service_account() {
        return Err(no_password_for_clients());
    }
    if password.as_ref().is_some_and(|new| new.temporary) {
        owe(&mut changed, RequiredAction::UpdatePassword);
    }
    let event = told(&known.profile, Operation::Update, &changed);
    let mut statements = vec![user::update(inquiry.realm_id(), &changed)?];
    // Who is switched off is signed out, and the clients hear of it.
    let is_off = old.enabled && !changed.enabled;
    let ending = is_off.then(|| end_sessions::of_user(inquiry, &changed.id));
    statements.extend(ending.as_ref().map(session_ending::insertion));
    inquiry.commit(statements, event).await.map_err(taken)?;
    inquiry.context.ports.faults.reach("user.update.after_directory").await;
    if let Some(ending) = &ending {
        end_sessions::finish(inquiry, ending).await;
    }
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
    let representation = Some(json!({ "id": gone.id, "username": gone.username }));
    let event = Change { representation, ..change(Operation::Delete, path_of(&gone.id), None) };
    inquiry.commit(deletion(inquiry, &gone.id).into(), event).await?;
    inquiry.context.ports.faults.reach("user.delete.after_directory").await;
    finish_deletion(inquiry, &gone.id).await;
    Ok(())
}

/// The statements that delete a user who is no client's account, to go into one
/// batch; [`finish_deletion`] does the rest.
#[must_use]
pub fn deletion(inquiry: &Inquiry<'_>, gone: &UserId) -> [Statement; 2] {
    let realm = inquiry.realm_id();
    [erasure::insertion(realm, gone, inquiry.context.now), user::deletion(realm, gone)]
}

/// Lets the account and the organizations of a user go whom the directory has
/// forgotten. What fails here, the schedule finishes.
pub async fn finish_deletion(inquiry: &Inquiry<'_>, gone: &UserId) {
    if let Err(error) = follow(inquiry, gone).await {
        tracing::warn!(user.id = %gone, "A deletion finishes later: {error}");
    }
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
