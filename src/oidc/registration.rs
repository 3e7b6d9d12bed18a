//! Who may register a client, and as what (RFC 7591 §3, RFC 7592).
use super::bearer;
use super::bearer::BearerError;
use super::discovery;
use super::registration_policy;
use super::shape;
use crate::crypto::token::SecretToken;
use crate::event::audit::{self, AuditEvent, Change, Operation, Place};
use crate::event::store::audit as trail;
use crate::kernel::id::UserId;
use crate::kernel::secret::Secret;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::actor::Actor;
use crate::realm::client::Client;
use crate::realm::client_draft;
use crate::realm::client_metadata::{self, BadMetadata, ClientMetadata};
use crate::realm::client_secret;
use crate::realm::context::RealmContext;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::key;
use crate::realm::role::{self, AdminRole};
use crate::realm::store;
use crate::realm::store::client::StoredClient;
use crate::realm::store::registration;
use crate::web::answer::{self, BadBody};
use crate::web::router::Params;
use crate::web::{Request, client_ip, credentials};
use serde_json::{Map, Value, json};

/// Who registers.
pub enum Registrant {
    /// Anybody.
    Anybody,
    /// Whoever holds this initial access token.
    InitialAccess(String),
    /// An administrator of clients, or one who may make them.
    Administrator(Box<Actor>),
}

/// Why it is not done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No token, or none that counts.
    #[error("no valid token for the registration")]
    Token,
    /// The realm lets nobody register without one.
    #[error("clients are not registered here without an initial access token")]
    NotAnybody,
    /// The caller may not make clients.
    #[error("the caller may not make clients")]
    Forbidden,
    /// What the realm's policy says.
    #[error("{0}")]
    Policy(String),
    /// The realm has enough clients.
    #[error("the realm has as many clients as may be registered")]
    Full,
    /// The body is no JSON object.
    #[error(transparent)]
    Body(#[from] BadBody),
    /// What it says cannot be.
    #[error(transparent)]
    Metadata(#[from] BadMetadata),
    /// What it makes cannot be.
    #[error("{0}")]
    Draft(String),
    /// Something of ours failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<AdminError> for Refusal {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Store(error) => Self::Store(error),
            AdminError::Forbidden => Self::Forbidden,
            other => Self::Draft(other.to_string()),
        }
    }
}

/// A client as it is answered: what it is, and what it is told this once.
pub struct Registered {
    /// The client's name.
    pub client_id: String,
    /// Its members.
    pub members: Map<String, Value>,
}

/// Finds out who registers.
///
/// # Errors
/// `Token`, `NotAnybody`, `Forbidden`.
pub async fn registrant(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Registrant, Refusal> {
    let token = credentials::bearer(request).or_else(|| credentials::dpop(request));
    let Some(token) = token else {
        let allowed = context.realm.settings.attributes.get(registration_policy::ANONYMOUS);
        let is_open = allowed.is_some_and(|value| value == "true");
        return if is_open { Ok(Registrant::Anybody) } else { Err(Refusal::NotAnybody) };
    };
    match token.split('.').count() {
        2 => initial_access(context, token).await,
        _ => administrator(context, request).await,
    }
}

async fn initial_access(context: &RealmContext<'_>, token: &str) -> Result<Registrant, Refusal> {
    let (id, secret) = token.split_once('.').ok_or(Refusal::Token)?;
    let directory = &*context.ports.directory;
    let found = registration::find(directory, &context.realm.id, id).await?;
    let access = found.filter(|access| {
        access.token.matches(secret)
            && access.remaining > 0
            && access.expires_at.is_none_or(|at| context.now < at)
    });
    access.map(|access| Registrant::InitialAccess(access.id)).ok_or(Refusal::Token)
}

async fn administrator(
    context: &RealmContext<'_>,
    request: &Request,
) -> Result<Registrant, Refusal> {
    let caller = bearer::present(context, request).await.map_err(|error| match error {
        BearerError::Store(error) => Refusal::Store(error),
        _ => Refusal::Token,
    })?;
    if caller.realm.id != context.realm.id && !caller.realm.is_master() {
        return Err(Refusal::Token);
    }
    let spent = caller.spent_name();
    let held = role::list_admin_roles(context, (&caller.realm, &caller.user), &spent).await?;
    let admin_roles = held.ok_or(Refusal::Token)?;
    let actor = Actor {
        realm: caller.realm.id.clone(),
        user: caller.user,
        client_id: caller.client_id,
        is_service_account: caller.session.is_none(),
        session: caller.session,
        name: caller.name,
        admin_roles,
    };
    if actor.holds_any(&[AdminRole::ManageClients, AdminRole::CreateClient]) {
        return Ok(Registrant::Administrator(Box::new(actor)));
    }
    Err(Refusal::Forbidden)
}

/// The request's metadata, checked.
///
/// # Errors
/// `Body`, `Metadata`.
pub fn read(context: &RealmContext<'_>, request: &Request) -> Result<ClientMetadata, Refusal> {
    let body: Value = answer::read_json(request)?;
    let metadata: ClientMetadata = serde_json::from_value(body)
        .map_err(|error| BadMetadata::Value(format!("the metadata is not readable: {error}")))?;
    client_metadata::check(&metadata, &discovery::abilities(context))?;
    Ok(metadata)
}

/// Registers a client: the token is used first, so that it is never good for more
/// than it says; a crash after it costs a use.
///
/// # Errors
/// As [`Refusal`] says.
pub async fn register(
    context: &RealmContext<'_>,
    request: &Request,
    who: Registrant,
    metadata: &ClientMetadata,
) -> Result<Registered, Refusal> {
    let is_anybody = matches!(who, Registrant::Anybody);
    if is_anybody {
        registration_policy::check(context, metadata).await?;
        registration_policy::check_room(context).await?;
    }
    let client_id = context.ports.random.uuid().to_string();
    let secret = client_secret::generate(context);
    let mut asked = metadata.to_representation(&client_id);
    asked["secret"] = secret.expose().into();
    registration_policy::relax(context, metadata, &mut asked);
    let actor = actor_of(context, &who)?;
    let params = Params::default();
    let inquiry = Inquiry { context, actor: &actor, request, params: &params };
    let asked = serde_json::from_value(asked).map_err(unreadable)?;
    let draft = client_draft::creation(&inquiry, asked)?;
    if let Registrant::InitialAccess(id) = &who {
        let directory = &*context.ports.directory;
        if !registration::spend(directory, &context.realm.id, id, context.now).await? {
            return Err(Refusal::Token);
        }
    }
    context.ports.faults.reach("client.register.after_token").await;
    let token = SecretToken::from_bytes(context.ports.random.bytes32());
    let client = draft.client;
    let mut statements = draft.statements;
    statements.push(registration::token_update(&client.uuid, &token.hash()));
    if is_anybody {
        statements.push(registration::anonymity(&client.uuid));
    }
    let change =
        client_draft::change_of(Operation::Create, client_draft::path_of(&client), &client);
    commit(context, statements, audited(context, request, &who, &client), change).await?;
    publish_key(context, &client).await;
    let secret = (!client.is_public()).then_some(secret);
    Ok(told(context, &client, secret.as_ref(), &token))
}

/// Makes the key that signs the client's ID tokens, if the realm has none such: who
/// reads the key set now finds it there when the first token comes. Without it, the
/// first token makes it.
async fn publish_key(context: &RealmContext<'_>, client: &Client) {
    let Some(algorithm) = shape::id_algorithm(client) else { return };
    if let Err(error) = key::signing(context, algorithm).await {
        tracing::warn!(realm.id = %context.realm.id, "A client's key was not made: {error}");
    }
}

/// The client of the path, if the request brings its registration access token. A
/// client that is not there is answered as one whose token is another (RFC 7592 §2).
///
/// # Errors
/// `Token`.
pub async fn find(
    context: &RealmContext<'_>,
    request: &Request,
    client_id: &str,
) -> Result<Found, Refusal> {
    let token = credentials::bearer(request).ok_or(Refusal::Token)?;
    let (directory, realm) = (&*context.ports.directory, &context.realm.id);
    let client = store::client::find(directory, realm, client_id).await?.ok_or(Refusal::Token)?;
    let known = registration::find_token(directory, &client.uuid).await?;
    let Some((_, is_anonymous)) = known.filter(|(known, _)| known.matches(token)) else {
        return Err(Refusal::Token);
    };
    let found = store::client::find_stored(directory, realm, &client.uuid).await?;
    let found = found.filter(|found| found.client.settings.enabled).ok_or(Refusal::Token)?;
    Ok(Found { stored: found, is_anonymous })
}

/// A client that has proved to be itself.
pub struct Found {
    /// The client.
    pub stored: StoredClient,
    /// Whether nobody vouched for it: it stays within what anybody may register.
    pub is_anonymous: bool,
}

/// Tells a client what it is; its token is another from now on.
///
/// # Errors
/// `Store`.
pub async fn show(
    context: &RealmContext<'_>,
    request: &Request,
    Found { stored: found, .. }: &Found,
) -> Result<Registered, Refusal> {
    let token = SecretToken::from_bytes(context.ports.random.bytes32());
    let change = Change {
        resource_type: "CLIENT",
        operation: Operation::Action,
        path: format!("{}/registration-access-token", client_draft::path_of(&found.client)),
        representation: None,
    };
    let statements = vec![registration::token_update(&found.client.uuid, &token.hash())];
    commit(context, statements, by_itself(context, request, &found.client), change).await?;
    Ok(told(context, &found.client, secret_of(context, found).as_ref(), &token))
}

/// Changes a client to what it says now (RFC 7592 §2.2): what it does not say is as if
/// it had never said it. Its token is another from now on.
///
/// # Errors
/// As [`Refusal`] says.
pub async fn change(
    context: &RealmContext<'_>,
    request: &Request,
    Found { stored: old, is_anonymous }: &Found,
    metadata: &ClientMetadata,
) -> Result<Registered, Refusal> {
    if *is_anonymous {
        registration_policy::check(context, metadata).await?;
    }
    let client_id = &old.client.client_id;
    if metadata.client_id.as_ref() != Some(client_id) {
        return Err(BadMetadata::Value("client_id is not this client's".to_owned()).into());
    }
    let secret = secret_of(context, old);
    if let Some(named) = &metadata.client_secret
        && secret.as_ref().is_none_or(|known| known.expose() != named)
    {
        return Err(BadMetadata::Value("client_secret is not this client's".to_owned()).into());
    }
    if metadata.has_grant("client_credentials") && old.client.service_account.is_none() {
        // It could not have been registered so without a token that allows it.
        let why = "client_credentials cannot be added afterwards";
        return Err(Refusal::Policy(why.to_owned()));
    }
    let mut asked = metadata.to_representation(client_id);
    asked["fullScopeAllowed"] = old.client.settings.full_scope_allowed.into();
    let fresh = client_secret::generate(context);
    if old.client.is_public() {
        asked["secret"] = fresh.expose().into();
    }
    let actor = actor_of(context, &Registrant::Anybody)?;
    let params = Params::default();
    let inquiry = Inquiry { context, actor: &actor, request, params: &params };
    let asked = serde_json::from_value(asked).map_err(unreadable)?;
    if !old.client.is_public() {
        client_draft::require_power(&inquiry, &old.client).await?;
    }
    let draft = client_draft::change(&inquiry, old, asked).await?;
    let token = SecretToken::from_bytes(context.ports.random.bytes32());
    let mut statements = draft.statements;
    statements.push(registration::token_update(&old.client.uuid, &token.hash()));
    let change = client_draft::change_of(
        Operation::Update,
        client_draft::path_of(&old.client),
        &draft.client,
    );
    commit(context, statements, by_itself(context, request, &old.client), change).await?;
    let found =
        store::client::find_stored(&*context.ports.directory, &context.realm.id, &old.client.uuid);
    let now = found.await?.ok_or(Refusal::Token)?;
    Ok(told(context, &now.client, secret_of(context, &now).as_ref(), &token))
}

/// Deletes a client (RFC 7592 §2.3).
///
/// # Errors
/// `Store`.
pub async fn delete(
    context: &RealmContext<'_>,
    request: &Request,
    Found { stored: found, .. }: &Found,
) -> Result<(), Refusal> {
    let (realm, client) = (&context.realm.id, &found.client);
    let mut statements = store::client::deletion(realm, &client.uuid);
    if let Some(user) = &client.service_account {
        statements.extend(store::user::service_account_deletion(realm, user));
    }
    let path = client_draft::path_of(client);
    let change = client_draft::change_of(Operation::Delete, path, client);
    commit(context, statements, by_itself(context, request, client), change).await
}

/// Our own mistake: what we wrote we cannot read.
#[expect(clippy::needless_pass_by_value, reason = "used as a function in map_err")]
fn unreadable(error: serde_json::Error) -> Refusal {
    Refusal::Draft(error.to_string())
}

fn secret_of(context: &RealmContext<'_>, found: &StoredClient) -> Option<Secret> {
    let sealed = found.secret_sealed.as_ref().filter(|_| !found.client.is_public())?;
    client_secret::read(context, &found.client.uuid, sealed)
}

/// RFC 7591 §3.2.1.
fn told(
    context: &RealmContext<'_>,
    client: &Client,
    secret: Option<&Secret>,
    token: &SecretToken,
) -> Registered {
    let mut members = ClientMetadata::of(client).to_json();
    let place = context.url(&format!("/clients-registrations/openid-connect/{}", client.client_id));
    let more = json!({
        "client_id": client.client_id,
        "registration_access_token": token.to_text(),
        "registration_client_uri": place,
    });
    if let Value::Object(more) = more {
        members.extend(more);
    }
    if let Some(secret) = secret {
        members.insert("client_secret".to_owned(), secret.expose().into());
        // Never, until somebody makes another.
        members.insert("client_secret_expires_at".to_owned(), 0.into());
    }
    Registered { client_id: client.client_id.clone(), members }
}

/// Whoever makes the change, for what asks for somebody: an administrator, or
/// somebody who may nothing.
fn actor_of(context: &RealmContext<'_>, who: &Registrant) -> Result<Actor, Refusal> {
    if let Registrant::Administrator(actor) = who {
        return Ok(Actor::clone(actor));
    }
    let nobody: UserId = "client-registration"
        .parse()
        .map_err(|_| Refusal::Draft("no name for nobody".to_owned()))?;
    Ok(Actor {
        realm: context.realm.id.clone(),
        user: nobody,
        client_id: "client-registration".to_owned(),
        session: None,
        name: None,
        admin_roles: Vec::new(),
        is_service_account: false,
    })
}

fn audited(
    context: &RealmContext<'_>,
    request: &Request,
    who: &Registrant,
    client: &Client,
) -> audit::Actor {
    match who {
        Registrant::Administrator(actor) => actor.audited(client_ip(request)),
        Registrant::Anybody | Registrant::InitialAccess(_) => by_itself(context, request, client),
    }
}

/// The client, as the audit trail names it.
fn by_itself(context: &RealmContext<'_>, request: &Request, client: &Client) -> audit::Actor {
    audit::Actor {
        realm_id: Some(context.realm.id.clone()),
        client_id: Some(client.client_id.clone()),
        user_id: None,
        ip_address: client_ip(request).map(str::to_owned),
    }
}

async fn commit(
    context: &RealmContext<'_>,
    mut statements: Vec<Statement>,
    actor: audit::Actor,
    change: Change,
) -> Result<(), Refusal> {
    let place = Place { realm: &context.realm.id, org: None };
    let event = AuditEvent::new(&*context.ports.random, context.now, place, actor, change);
    statements.push(trail::insertion(&event)?);
    context.ports.directory.batch(statements).await?;
    context.ports.memo.clear();
    Ok(())
}
