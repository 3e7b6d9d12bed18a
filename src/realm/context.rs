//! What a request to one realm may use, and how it gets there without I/O when
//! the isolate is warm.
use super::built_in_scope::OPENID_CONNECT;
use super::client::Client;
use super::client_document;
use super::client_scope::{ClientScope, Place};
use super::key::RealmKeys;
use super::person::Person;
use super::recipe::{Recipe, ScopeContent};
use super::settings::Realm;
use super::store;
use super::store::person::Asked;
use crate::crypto::keyring::Keyring;
use crate::kernel::id::RealmName;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::Ports;
use crate::platform::row::StoreError;
use std::rc::Rc;

/// How long what is the same for many clients is looked for, to be kept once: it
/// is compared with what the directory says, so its age does not matter.
const SHARED_AGE: Seconds = Seconds::hours(24);

/// A request's realm, its time, and the machine under it.
#[derive(Clone)]
pub struct RealmContext<'a> {
    /// The machine.
    pub ports: &'a Ports,
    /// The keys derived from the master key.
    pub keyring: &'a Keyring,
    /// The URL that issuers grow from, without a trailing slash.
    pub public_url: &'a str,
    /// When the request came.
    pub now: Timestamp,
    /// Where it came from, if that is known and matters.
    pub ip: Option<&'a str>,
    /// The realm of the URL.
    pub realm: Rc<Realm>,
}

impl RealmContext<'_> {
    /// The realm's issuer (RFC 8414 §2), which is also its base URL.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/realms/{}", self.public_url, self.realm.name)
    }

    /// A path under the realm, absolute.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// The realm's client called `client_id`, unless it is switched off.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn find_client(&self, client_id: &str) -> Result<Option<Rc<Client>>, StoreError> {
        let key = format!("client/{}/{client_id}", self.realm.id);
        if let Some(client) = self.ports.memo.get::<Client>(&key, self.now) {
            return Ok(Some(client).filter(|client| client.settings.enabled));
        }
        let directory = &*self.ports.directory;
        let found = match store::client::find(directory, &self.realm.id, client_id).await? {
            None if client_document::is_on(&self.realm) && client_document::is_url(client_id) => {
                Some(self.fetch_client(client_id).await)
            }
            found => found,
        };
        let has_organizations = self.realm.settings.organizations_enabled;
        let found = found
            .map(|client| if has_organizations { client } else { client.without_organizations() });
        let found = found.map(|client| self.remember(key, client));
        Ok(found.filter(|client| client.settings.enabled))
    }

    /// What the client's tokens are made with.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn recipe(&self, client: &Client) -> Result<Rc<Recipe>, StoreError> {
        let key = format!("recipe/{}/{}", self.realm.id, client.uuid);
        if let Some(recipe) = self.ports.memo.get::<Recipe>(&key, self.now) {
            return Ok(recipe);
        }
        let mut recipe = store::recipe::find(&*self.ports.directory, &client.uuid).await?;
        recipe.is_silent = !self.realm.settings.organizations_enabled;
        for held in &mut recipe.scopes {
            held.content = self.kept_once(&held.content);
        }
        Ok(self.remember(key, recipe))
    }

    /// The client scopes that the realm gives to new clients and that tokens name: what
    /// is worth asking for, by name.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn scopes(&self) -> Result<Rc<Vec<String>>, StoreError> {
        let key = format!("scopes/{}", self.realm.id);
        if let Some(names) = self.ports.memo.get::<Vec<String>>(&key, self.now) {
            return Ok(names);
        }
        let (directory, realm) = (&*self.ports.directory, &self.realm.id);
        let mut names = Vec::new();
        for place in [Place::Default, Place::Optional] {
            let scopes = store::client_scope::list_of_realm(directory, realm, place).await?;
            let told = scopes.into_iter().filter(|scope| scope.protocol == OPENID_CONNECT);
            names.extend(told.filter(ClientScope::is_told).map(|scope| scope.name));
        }
        names.sort();
        Ok(self.remember(key, names))
    }

    /// The same as this isolate keeps for other clients already, if it does.
    fn kept_once(&self, content: &Rc<ScopeContent>) -> Rc<ScopeContent> {
        let memo = &self.ports.memo;
        let key = format!("scope/{}/{}", self.realm.id, content.scope.id);
        match memo.get_within::<ScopeContent>(&key, self.now, SHARED_AGE) {
            Some(known) if known == *content => known,
            _ => {
                memo.put(key, Rc::clone(content), self.now);
                Rc::clone(content)
            }
        }
    }

    /// The account that `client` has when it speaks for itself, as old as a copy
    /// may be.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn find_service(
        &self,
        client: &Client,
        asked: &Asked<'_>,
    ) -> Result<Option<Rc<Person>>, StoreError> {
        let Some(account) = &client.service_account else { return Ok(None) };
        let key = format!("service/{}/{}", self.realm.id, client.uuid);
        if let Some(person) = self.ports.memo.get::<Person>(&key, self.now) {
            return Ok(Some(person));
        }
        let directory = &*self.ports.directory;
        let found = store::person::find(directory, &self.realm.id, account, asked).await?;
        Ok(found.map(|person| self.remember(key, person)))
    }

    /// The client whose document is at its `client_id`. One that is not to be had is
    /// remembered, switched off, so that not every request of a stranger makes one of
    /// ours.
    async fn fetch_client(&self, client_id: &str) -> Client {
        client_document::fetch(self, client_id).await.unwrap_or_else(|error| {
            tracing::info!(client.id = client_id, "A client's document was refused: {error}");
            client_document::nobody(client_id)
        })
    }

    /// The realm's keys: which signs, which are published.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn keys(&self) -> Result<Rc<RealmKeys>, StoreError> {
        let key = format!("keys/{}", self.realm.id);
        if let Some(keys) = self.ports.memo.get::<RealmKeys>(&key, self.now) {
            return Ok(keys);
        }
        let keys = store::key::list(&*self.ports.directory, &self.realm.id).await?;
        Ok(self.remember(key, RealmKeys::new(keys)))
    }

    fn remember<T: 'static>(&self, key: String, value: T) -> Rc<T> {
        let value = Rc::new(value);
        self.ports.memo.put(key, Rc::clone(&value), self.now);
        value
    }
}

/// The realm called `name`, if there is one.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn find_realm(
    ports: &Ports,
    name: &RealmName,
    now: Timestamp,
) -> Result<Option<Rc<Realm>>, StoreError> {
    let key = format!("realm/{name}");
    if let Some(realm) = ports.memo.get::<Realm>(&key, now) {
        return Ok(Some(realm));
    }
    let Some(realm) = store::realm::find(&*ports.directory, name).await? else { return Ok(None) };
    let realm = Rc::new(realm);
    ports.memo.put(key, Rc::clone(&realm), now);
    Ok(Some(realm))
}
