//! Users of a document, with what they sign in with and hold.
use super::outcome::{Action, ResourceType};
use super::plan::{Plan, about, twice};
use super::policy::Verdict;
use super::survey::grants_of;
use crate::account::administer::{self, UserDraft, change, path_of};
use crate::account::draft;
use crate::account::register_many::NewPerson;
use crate::account::wire_keycloak::UserDraftJson;
use crate::event::audit::Operation;
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{GroupId, UserId};
use crate::platform::sql::Statement;
use crate::realm::error::AdminError;
use crate::realm::store::user as store;
use crate::realm::store::{group_member, role_list};
use crate::realm::stored_role::RoleName;
use crate::realm::user::{User, Username};
use std::collections::BTreeSet;

const LIST: &str = "users";

impl Plan<'_> {
    /// Plans the users. Who makes room for another is deleted, as in Keycloak: with
    /// account, sessions and memberships. The other is somebody else.
    pub(super) fn add_users(&mut self, users: Vec<UserDraftJson>) -> Result<(), AdminError> {
        let (mut names, mut emails) = (BTreeSet::new(), BTreeSet::new());
        for mut asked in users {
            let told = asked.username.clone().unwrap_or_default();
            let name = draft::username(&asked).map_err(|error| about(LIST, &told, error))?;
            let email: Option<EmailAddress> =
                asked.email.as_ref().and_then(|email| email.parse().ok());
            let is_new_email =
                email.as_ref().is_none_or(|email| emails.insert(email.as_str().to_owned()));
            if !names.insert(name.as_str().to_owned()) || !is_new_email {
                return Err(twice(LIST, name.as_str()));
            }
            let grants: BTreeSet<RoleName> = grants_of(&asked).collect();
            let groups = draft::groups(&mut asked).map_err(|error| about(LIST, &told, error))?;
            let planned = match asked.service_account_client_id.take() {
                Some(client_id) => self.add_service_account(&name, &client_id, asked),
                None => self.add_user(&name, email.as_ref(), asked),
            };
            let placed = planned.and_then(|user| match user {
                Some(user) => self.place(&user, &grants, &groups),
                None => Ok(()),
            });
            placed.map_err(|error| about(LIST, name.as_str(), error))?;
        }
        Ok(())
    }

    /// Plans what roles the user holds, and in which groups they are.
    fn place(
        &mut self,
        user: &UserId,
        roles: &BTreeSet<RoleName>,
        groups: &[String],
    ) -> Result<(), AdminError> {
        let realm = self.inquiry.realm_id();
        self.name_roles(roles)?;
        if !roles.is_empty() {
            self.bonds.push(role_list::named_grant(realm, user, roles.iter())?);
        }
        let joined =
            groups.iter().map(|path| self.group_at(path)).collect::<Result<Vec<_>, _>>()?;
        if !joined.is_empty() {
            let joined: Vec<&GroupId> = joined.iter().collect();
            self.bonds.push(group_member::insertion(realm, user, &joined)?);
        }
        Ok(())
    }

    /// Plans one person; answers whom, unless they stay as they are.
    fn add_user(
        &mut self,
        name: &Username,
        email: Option<&EmailAddress>,
        mut asked: UserDraftJson,
    ) -> Result<Option<UserId>, AdminError> {
        let verdict = self.verdict_over(name, email)?;
        let (action, _) = verdict.told();
        match verdict {
            Verdict::Skip(there) => {
                self.note((action, ResourceType::User), (name.as_str(), there.id.as_str()), None);
                return Ok(None);
            }
            Verdict::Overwrite(there) => self.make_room(&there)?,
            Verdict::Add => {}
        }
        let id = self.id_of(asked.id.take())?;
        let UserDraft { user, password, identities } =
            administer::creation(self.inquiry, id, asked)?;
        self.makings.push(store::insertion(self.inquiry.realm_id(), &user)?);
        if !self.survey.is_new {
            self.makings.extend(without_defaults(&user.id));
        }
        self.makings.extend(identities);
        let change = change(Operation::Create, path_of(&user.id), Some(&user));
        let (kind, named) = ((action, ResourceType::User), (name.as_str(), user.id.as_str()));
        self.note(kind, named, Some(change));
        self.people.push(NewPerson { user: user.id.clone(), password });
        Ok(Some(user.id))
    }

    /// Who has the name counts, else who has the address. Two people cannot both
    /// make room for one.
    fn verdict_over(
        &self,
        name: &Username,
        email: Option<&EmailAddress>,
    ) -> Result<Verdict<User>, AdminError> {
        let named = self.survey.user_called(name);
        let addressed = email.and_then(|email| self.survey.user_at(email));
        let told = || format!("User with user name {} already exists.", name.as_str());
        let verdict = self.policy.decide(named.or(addressed).cloned(), told)?;
        match (&verdict, named, addressed) {
            (Verdict::Overwrite(_), Some(named), Some(addressed)) if named.id != addressed.id => {
                Err(AdminError::Conflict("User exists with same email".to_owned()))
            }
            _ => Ok(verdict),
        }
    }

    fn make_room(&mut self, there: &User) -> Result<(), AdminError> {
        if there.is_service_account() {
            return Err(goes_with_its_client());
        }
        self.deletions.extend(administer::deletion(self.inquiry, &there.id));
        self.note_change(change(Operation::Delete, path_of(&there.id), None));
        self.gone.push(there.id.clone());
        Ok(())
    }

    /// A new id; where a whole realm is made, the one that the document names:
    /// applications know people by it.
    fn id_of(&self, asked: Option<String>) -> Result<UserId, AdminError> {
        match asked.filter(|id| self.survey.is_new && !id.is_empty()) {
            Some(id) => id.parse().map_err(|_| AdminError::Invalid("id is not usable".to_owned())),
            None => Ok(UserId::from(self.inquiry.context.ports.random.uuid())),
        }
    }

    /// Plans what the document says of a client's own account, which is made with
    /// the client; answers whom, unless they stay as they are.
    fn add_service_account(
        &mut self,
        name: &Username,
        client_id: &str,
        mut asked: UserDraftJson,
    ) -> Result<Option<UserId>, AdminError> {
        if asked.credentials.as_ref().is_some_and(|credentials| !credentials.is_empty()) {
            let why = "A service account has no password";
            return Err(AdminError::Invalid(why.to_owned()));
        }
        let mut user = self.account_of(name, client_id)?;
        let brought = self.clients.get(client_id).map(|client| client.action);
        let told = || format!("User with user name {} already exists.", name.as_str());
        let action = match (brought, self.policy.decide(Some(()), told)) {
            (Some(action), _) => action,
            (None, Ok(Verdict::Skip(()))) => Action::Skipped,
            (None, Ok(_)) => return Err(goes_with_its_client()),
            (None, Err(error)) => return Err(error),
        };
        let kind = (action, ResourceType::User);
        if action == Action::Skipped {
            self.note(kind, (name.as_str(), user.id.as_str()), None);
            return Ok(None);
        }
        if self.survey.user_called(name).is_some() {
            self.changed.push(user.id.clone());
        }
        draft::apply(&mut asked, &mut user)?;
        self.makings.push(store::update(self.inquiry.realm_id(), &user)?);
        let change = change(Operation::Update, path_of(&user.id), Some(&user));
        self.note(kind, (name.as_str(), user.id.as_str()), Some(change));
        Ok(Some(user.id))
    }

    /// The account of the client, brought along or there, if it is called `name`.
    fn account_of(&self, name: &Username, client_id: &str) -> Result<User, AdminError> {
        let made = self.clients.get(client_id).and_then(|client| client.account.as_ref());
        let there = || {
            let client = self.survey.clients.get(client_id)?;
            let user = self.survey.user_called(name)?;
            (user.service_account_for.as_ref() == Some(&client.client.uuid)).then_some(user)
        };
        let found = made.or_else(there).filter(|user| user.username == *name);
        let unknown = || {
            let why = format!("it is not the account of a client called {client_id}");
            AdminError::Invalid(why)
        };
        found.cloned().ok_or_else(unknown)
    }
}

/// What takes from a new user what everybody gets who comes otherwise: as in Keycloak,
/// who is brought along holds what the document says. (A realm that is being made has
/// nothing to give yet.)
fn without_defaults(user: &UserId) -> [Statement; 2] {
    [role_list::clearing(user), group_member::clearing(user)]
}

fn goes_with_its_client() -> AdminError {
    AdminError::Invalid("A service account goes with its client".to_owned())
}
