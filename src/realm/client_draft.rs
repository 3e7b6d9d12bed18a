//! A client as an administrator wants it: checked, and not written yet.
use super::bootstrap::service_account;
use super::client::Client;
use super::client_change::{self, Wanted};
use super::client_scope::Place;
use super::client_secret::{self, MASK, ProtectedSecret};
use super::error::AdminError;
use super::hand_out::{is_administrative, list_mightier};
use super::inquiry::Inquiry;
use super::mapper_parent::read_mapper;
use super::store;
use super::store::client::StoredClient;
use super::user::{User, Username};
use super::wire_keycloak_client::ClientChangeJson;
use super::wire_keycloak_scope::MapperChangeJson;
use crate::event::audit::{Change, Operation};
use crate::kernel::id::{ClientUuid, UserId};
use crate::kernel::secret::Secret;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use serde_json::json;

/// A client that can be, and how it is written.
pub struct ClientDraft {
    /// The client.
    pub client: Client,
    /// Its service account, when that is new.
    pub account: Option<User>,
    /// What writes it, to go into one batch.
    pub statements: Vec<Statement>,
}

/// A new client.
///
/// # Errors
/// `Invalid` says which part cannot be.
pub fn creation(
    inquiry: &Inquiry<'_>,
    mut asked: ClientChangeJson,
) -> Result<ClientDraft, AdminError> {
    let wanted = client_change::change(&mut asked, None)?;
    check_free(inquiry, &wanted.client_id)?;
    let context = inquiry.context;
    let uuid = match asked.id.take().filter(|id| !id.is_empty()) {
        Some(id) => id.parse().map_err(|_| AdminError::Invalid("id is not usable".to_owned()))?,
        None => ClientUuid::from(context.ports.random.uuid()),
    };
    let (realm, now) = (inquiry.realm_id(), context.now);
    let secret = new_secret(inquiry, &uuid, &wanted, asked.secret.as_ref())?;
    let account = if wanted.has_account {
        Some(account_of(inquiry, &uuid, &wanted.client_id)?)
    } else {
        None
    };
    let client = Client {
        uuid,
        client_id: wanted.client_id,
        secret_hash: secret.as_ref().map(|secret| secret.hash.clone()),
        service_account: account.as_ref().map(|user| user.id.clone()),
        settings: wanted.settings,
    };
    let mut statements = vec![
        store::client::creation(realm, &client, now)?,
        store::client::kept_update(realm, &client.uuid, &wanted.kept)?,
    ];
    statements
        .extend(secret.map(|secret| store::client::secret_update(realm, &client.uuid, &secret)));
    if let Some(user) = &account {
        statements.push(store::user::insertion(realm, user)?);
    }
    statements.extend(scopes_of_new(inquiry, &client, &NamedScopes::take(&mut asked))?);
    statements.extend(mappers(inquiry, &client.uuid, asked.protocol_mappers.take())?);
    Ok(ClientDraft { client, account, statements })
}

/// The names of the scopes that a body gives a new client, if it says.
struct NamedScopes([(Place, Option<Vec<String>>); 2]);

impl NamedScopes {
    fn take(asked: &mut ClientChangeJson) -> Self {
        Self([
            (Place::Default, asked.default_client_scopes.take()),
            (Place::Optional, asked.optional_client_scopes.take()),
        ])
    }
}

/// A new client has the scopes that the body names, or else those that the realm
/// gives to new clients.
fn scopes_of_new(
    inquiry: &Inquiry<'_>,
    client: &Client,
    NamedScopes(places): &NamedScopes,
) -> Result<Vec<Statement>, StoreError> {
    let (realm, uuid) = (inquiry.realm_id(), &client.uuid);
    let mut statements = Vec::new();
    if places.iter().all(|(_, names)| names.is_none()) {
        statements.push(store::client_scope::gift(realm, uuid));
    }
    for (place, names) in places {
        let names: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
        statements.push(store::client_scope::gift_of(realm, uuid, &names, *place)?);
    }
    if client.service_account.is_some() {
        statements.push(store::client_scope::service_gift(realm, uuid)?);
    }
    Ok(statements)
}

/// What `asked` makes of `old`: a field that is not named stays, and so do its
/// scopes.
///
/// # Errors
/// As [`creation`]; `Forbidden` for the secret of a client that can do what the
/// caller cannot.
pub async fn change(
    inquiry: &Inquiry<'_>,
    old: &StoredClient,
    mut asked: ClientChangeJson,
) -> Result<ClientDraft, AdminError> {
    let wanted = client_change::change(&mut asked, Some(old))?;
    if wanted.client_id != old.client.client_id {
        check_free(inquiry, &old.client.client_id)?;
        check_free(inquiry, &wanted.client_id)?;
    }
    rewriting(inquiry, old, asked, wanted).await
}

/// `asked` in the place of `old`: a field that is not named is as in a new
/// client, and so are scopes and mappers. Its key, its roles and what its service
/// account holds stay; so does its secret, unless another is given.
///
/// # Errors
/// As [`change`].
pub async fn replacement(
    inquiry: &Inquiry<'_>,
    old: &StoredClient,
    mut asked: ClientChangeJson,
) -> Result<ClientDraft, AdminError> {
    let wanted = client_change::change(&mut asked, None)?;
    check_free(inquiry, &old.client.client_id)?;
    // Absent is none here, and not "as they are".
    asked.protocol_mappers.get_or_insert_default();
    let scopes = NamedScopes::take(&mut asked);
    let mut draft = rewriting(inquiry, old, asked, wanted).await?;
    draft.statements.push(store::client_scope::clearing(&draft.client.uuid));
    draft.statements.extend(scopes_of_new(inquiry, &draft.client, &scopes)?);
    Ok(draft)
}

/// Writes `wanted` over `old`.
async fn rewriting(
    inquiry: &Inquiry<'_>,
    old: &StoredClient,
    mut asked: ClientChangeJson,
    wanted: Wanted,
) -> Result<ClientDraft, AdminError> {
    let was = &old.client;
    let (realm, uuid) = (inquiry.realm_id(), &was.uuid);
    let mut statements = Vec::new();
    let mut made = None;
    let account = match (&was.service_account, wanted.has_account) {
        (Some(user), true) => {
            if wanted.client_id != was.client_id {
                let name = account_name(&wanted.client_id)?;
                statements.push(store::user::renaming(realm, user, &name));
            }
            Some(user.clone())
        }
        (None, true) => {
            let user = account_of(inquiry, uuid, &wanted.client_id)?;
            statements.push(store::user::insertion(realm, &user)?);
            statements.push(store::client_scope::service_gift(realm, uuid)?);
            Some(made.insert(user).id.clone())
        }
        (Some(user), false) => {
            statements.extend(store::user::service_account_deletion(realm, user));
            None
        }
        (None, false) => None,
    };
    let given = asked.secret.as_ref().filter(|secret| secret.expose() != MASK);
    if wanted.is_public {
        statements.push(store::client::secret_removal(realm, uuid));
    } else if given.is_some() || was.is_public() {
        require_power(inquiry, was).await?;
        let secret = new_secret(inquiry, uuid, &wanted, given)?;
        statements.extend(secret.map(|secret| store::client::secret_update(realm, uuid, &secret)));
    }
    if asked.protocol_mappers.is_some() {
        statements.push(store::protocol_mapper::clearing(uuid.as_str()));
        statements.extend(mappers(inquiry, uuid, asked.protocol_mappers.take())?);
    }
    let client = Client {
        uuid: uuid.clone(),
        client_id: wanted.client_id,
        secret_hash: None,
        service_account: account,
        settings: wanted.settings,
    };
    statements.push(store::client::update(realm, &client)?);
    statements.push(store::client::kept_update(realm, uuid, &wanted.kept)?);
    Ok(ClientDraft { client, account: made, statements })
}

/// Passes a name that does not administer a realm, now or one day.
///
/// # Errors
/// `Invalid`.
pub fn check_free(inquiry: &Inquiry<'_>, client_id: &str) -> Result<(), AdminError> {
    if is_administrative(&inquiry.context.realm, client_id) {
        let why = format!("{client_id} is the name of a client that administers a realm");
        return Err(AdminError::Invalid(why));
    }
    Ok(())
}

/// Passes a caller who may do all that the client's service account may: its
/// secret is the key to that.
///
/// # Errors
/// `Forbidden`.
pub async fn require_power(inquiry: &Inquiry<'_>, client: &Client) -> Result<(), AdminError> {
    let accounts: Vec<&UserId> = client.service_account.iter().collect();
    let mightier = list_mightier(inquiry, &accounts).await?;
    if mightier.is_empty() { Ok(()) } else { Err(AdminError::Forbidden) }
}

fn new_secret(
    inquiry: &Inquiry<'_>,
    client: &ClientUuid,
    wanted: &Wanted,
    given: Option<&Secret>,
) -> Result<Option<ProtectedSecret>, StoreError> {
    if wanted.is_public {
        return Ok(None);
    }
    let given = given.filter(|secret| !secret.expose().is_empty() && secret.expose() != MASK);
    let secret = given.cloned().unwrap_or_else(|| client_secret::generate(inquiry.context));
    client_secret::protect(inquiry.context, client, &secret).map(Some)
}

fn account_of(
    inquiry: &Inquiry<'_>,
    client: &ClientUuid,
    client_id: &str,
) -> Result<User, AdminError> {
    account_name(client_id)?;
    Ok(service_account(inquiry.context.ports, client, client_id, inquiry.context.now)?)
}

fn account_name(client_id: &str) -> Result<Username, AdminError> {
    let name = format!("service-account-{client_id}");
    name.parse()
        .map_err(|_| AdminError::Invalid("clientId is too long for a service account".to_owned()))
}

fn mappers(
    inquiry: &Inquiry<'_>,
    client: &ClientUuid,
    asked: Option<Vec<MapperChangeJson>>,
) -> Result<Vec<Statement>, AdminError> {
    let realm = inquiry.realm_id();
    let insertion = |one: MapperChangeJson| {
        let mapper = read_mapper(inquiry, one, None)?;
        Ok(store::protocol_mapper::insertion(realm, client.as_str(), &mapper)?)
    };
    asked.into_iter().flatten().map(insertion).collect()
}

/// A client in the audit trail: without its secret.
#[must_use]
pub fn change_of(operation: Operation, path: String, client: &Client) -> Change {
    let told = json!({
        "id": client.uuid,
        "clientId": client.client_id,
        "enabled": client.settings.enabled,
        "redirectUris": client.settings.redirect_uris,
        "webOrigins": client.settings.web_origins,
        "serviceAccountsEnabled": client.service_account.is_some(),
    });
    Change { resource_type: "CLIENT", operation, path, representation: Some(told) }
}

/// Where a client stands on the realm's paths.
#[must_use]
pub fn path_of(client: &Client) -> String {
    format!("clients/{}", client.uuid)
}
