//! What the realm has of what a document names: looked up once, for all of it.
use super::draft::{Draft, OrgDraft, Person};
use super::error::TransferError;
use super::limits::{MAX_ORGANIZATIONS, MAX_PEOPLE};
use crate::federation::provider::Provider;
use crate::federation::store::{mapper, provider};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{MapperId, ProviderUuid, UserId};
use crate::org::admin_user;
use crate::org::content::MappedRole;
use crate::realm::context::RealmContext;
use crate::realm::store::organization::{Names, list_taken};
use crate::realm::store::user::Named;
use crate::realm::store::{domain, role_list, user};
use crate::realm::stored_role::{Role, RoleName};
use crate::realm::user::{User, Username};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What is there.
#[derive(Debug, Default)]
pub struct Knowledge {
    /// Organizations with an id, a name or an alias that the document wants.
    pub taken: Vec<Names>,
    /// Domains that somebody owns.
    pub owned: HashSet<String>,
    /// Identity providers, by alias.
    pub providers: HashMap<String, Provider>,
    /// Keys of providers that are in use somewhere.
    pub provider_ids: HashSet<ProviderUuid>,
    /// Keys of mappers that are in use somewhere.
    pub mapper_ids: HashSet<MapperId>,
    /// Roles of the realm and of its clients that are to be mapped to groups.
    pub roles: BTreeMap<RoleName, MappedRole>,
    by_id: HashMap<UserId, User>,
    by_username: HashMap<String, UserId>,
    by_email: HashMap<String, UserId>,
}

impl Knowledge {
    /// The user whom `person` names.
    #[must_use]
    pub fn find(&self, person: &Person) -> Option<&User> {
        let named = person.id.as_ref().filter(|id| self.by_id.contains_key(id));
        let username = person.username.as_ref().map(Username::as_str);
        let email = person.email.as_ref().map(EmailAddress::as_str);
        let id = named
            .or_else(|| self.by_username.get(username?))
            .or_else(|| self.by_email.get(email?))?;
        self.by_id.get(id)
    }

    /// The user called `username`.
    #[must_use]
    pub fn find_called(&self, username: &str) -> Option<&User> {
        self.by_id.get(self.by_username.get(username)?)
    }

    fn add_user(&mut self, user: User) {
        self.by_username.insert(user.username.as_str().to_owned(), user.id.clone());
        if let Some(email) = &user.email {
            self.by_email.insert(email.as_str().to_owned(), user.id.clone());
        }
        self.by_id.insert(user.id.clone(), user);
    }
}

/// Looks up what `draft` names.
///
/// # Errors
/// `Limit` when that is too much; `Store` when the directory fails.
pub async fn look_up(
    context: &RealmContext<'_>,
    draft: &Draft,
) -> Result<Knowledge, TransferError> {
    check_size(draft)?;
    let (directory, realm) = (&*context.ports.directory, &context.realm.id);
    let orgs = &draft.organizations;
    let wanted: Vec<Names> = orgs.iter().map(names_of).collect();
    let owned: Vec<&str> = orgs.iter().flat_map(|org| &org.owned).map(String::as_str).collect();
    let provider_ids: Vec<ProviderUuid> =
        draft.providers.iter().filter_map(|provider| provider.id.clone()).collect();
    let mapper_ids: Vec<MapperId> = draft
        .providers
        .iter()
        .flat_map(|provider| &provider.mappers)
        .filter_map(|(id, _)| id.clone())
        .collect();
    let providers = provider::list_called(directory, realm, &aliases_of(draft)).await?;
    let mut knowledge = Knowledge {
        taken: list_taken(directory, realm, &wanted).await?,
        owned: domain::list_owned(directory, realm, &owned).await?.into_iter().collect(),
        providers: providers.into_iter().map(|one| (one.alias.to_string(), one)).collect(),
        provider_ids: provider::list_ids(directory, &provider_ids).await?.into_iter().collect(),
        mapper_ids: mapper::list_ids(directory, &mapper_ids).await?.into_iter().collect(),
        ..Knowledge::default()
    };
    let named: BTreeSet<&RoleName> =
        orgs.iter().flat_map(|org| &org.groups).flat_map(|group| &group.mapped).collect();
    if !named.is_empty() {
        let roles = role_list::list_named(directory, realm, named.into_iter()).await?;
        let mapped = |role: Role| MappedRole { id: role.id, client: role.client };
        knowledge.roles = roles.into_iter().map(|(name, role)| (name, mapped(role))).collect();
    }
    let people = People::of(draft);
    let named = Named { ids: &people.ids, usernames: &people.usernames, emails: &people.emails };
    for user in user::list_named(directory, realm, named).await? {
        knowledge.add_user(user);
    }
    Ok(knowledge)
}

fn check_size(draft: &Draft) -> Result<(), TransferError> {
    let orgs = &draft.organizations;
    if orgs.len() > MAX_ORGANIZATIONS {
        return Err(TransferError::Limit(format!(
            "a document has at most {MAX_ORGANIZATIONS} organizations (MAX_ORGANIZATIONS), this one {}",
            orgs.len()
        )));
    }
    let people: usize = orgs.iter().map(|org| org.members.len() + org.scim_users.len()).sum();
    if people > MAX_PEOPLE {
        return Err(TransferError::Limit(format!(
            "a document has at most {MAX_PEOPLE} members and SCIM resources (MAX_PEOPLE), this one {people}"
        )));
    }
    Ok(())
}

fn names_of(org: &OrgDraft) -> Names {
    Names {
        id: org.registration.id.to_string(),
        name: org.registration.name.clone(),
        alias: org.registration.alias.to_string(),
    }
}

fn aliases_of(draft: &Draft) -> Vec<&str> {
    let used = draft.organizations.iter().flat_map(|org| &org.uses);
    let used = used.map(|used| used.alias.as_str());
    used.chain(draft.providers.iter().map(|provider| provider.alias.as_str())).collect()
}

/// Whom a document names, in whatever way.
#[derive(Default)]
struct People {
    ids: Vec<UserId>,
    usernames: Vec<Username>,
    emails: Vec<EmailAddress>,
}

impl People {
    fn of(draft: &Draft) -> Self {
        let mut people = Self::default();
        for org in &draft.organizations {
            let members = org.members.iter().map(|member| &member.person);
            let pushed = org.scim_users.iter().map(|user| &user.person);
            members.chain(pushed).for_each(|person| people.add(person));
            // Somebody else may bear the name of its administrator.
            people.usernames.extend(admin_user::username_of(&org.registration.id).parse());
        }
        people
    }

    fn add(&mut self, person: &Person) {
        self.ids.extend(person.id.clone());
        self.usernames.extend(person.username.clone());
        self.emails.extend(person.email.clone());
    }
}
