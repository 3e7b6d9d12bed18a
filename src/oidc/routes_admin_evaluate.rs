//! `/admin/realms/{realm}/clients/{client}/evaluate-scopes`: what a client's
//! tokens would say, for administrators who wonder (reference keycloak.md §3.4).
//! Nothing is signed, and nobody is signed in.
use super::choose::{self, Choice, ChooseError};
use super::claims::{self, Facts, Known};
use super::scope::Scope;
use super::selection::Selection;
use super::standing::{self, Question, Standing};
use crate::kernel::alias::Alias;
use crate::kernel::id::{ClientUuid, SessionId, UserId};
use crate::realm::client::Client;
use crate::realm::error::AdminError;
use crate::realm::inquiry::Inquiry;
use crate::realm::mapper_parent::READERS;
use crate::realm::page::Page;
use crate::realm::protocol_mapper::ProtocolMapper;
use crate::realm::recipe::{HeldScope, Recipe};
use crate::realm::role::AdminRole;
use crate::realm::role_scope::Holder;
use crate::realm::routes::{Table, respond};
use crate::realm::store;
use crate::realm::stored_role::Container;
use crate::realm::wire_keycloak_role::RoleJson;
use crate::web::{Response, answer};
use futures::FutureExt;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::rc::Rc;

const UNKNOWN_CLIENT: &str = "Could not find client";

const NO_USER: &str = "No user found";

const NO_CONTAINER: &str = "Role Container not found";

/// The path below `evaluate-scopes`.
macro_rules! below {
    ($path:literal) => {
        concat!("/admin/realms/{realm}/clients/{client}/evaluate-scopes/", $path)
    };
}

/// Who answers what.
#[must_use]
pub fn table() -> Table {
    vec![
        (Method::GET, below!("protocol-mappers"), |i| {
            async move { respond(mappers(i).await) }.boxed_local()
        }),
        (Method::GET, below!("generate-example-access-token"), |i| {
            async move { respond(example(i, |facts, id| claims::access(facts, id, None)).await) }
                .boxed_local()
        }),
        (Method::GET, below!("generate-example-id-token"), |i| {
            async move { respond(example(i, |facts, id| claims::id(facts, id, Some(""), None)).await) }
                .boxed_local()
        }),
        (Method::GET, below!("generate-example-userinfo"), |i| {
            async move { respond(example(i, |facts, _| claims::userinfo(facts, &[])).await) }
                .boxed_local()
        }),
        (Method::GET, below!("scope-mappings/{container}/granted"), |i| {
            async move { respond(roles(i, true).await) }.boxed_local()
        }),
        (Method::GET, below!("scope-mappings/{container}/not-granted"), |i| {
            async move { respond(roles(i, false).await) }.boxed_local()
        }),
    ]
}

/// A client and what its tokens are made with.
struct Asked {
    client: Client,
    recipe: Rc<Recipe>,
}

impl Asked {
    async fn read(inquiry: &Inquiry<'_>) -> Result<Self, AdminError> {
        inquiry.require(READERS)?;
        let uuid: ClientUuid = inquiry.param("client", UNKNOWN_CLIENT)?;
        let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
        let found = store::client::find_stored(directory, realm, &uuid).await?;
        let client = found.ok_or(AdminError::Unknown(UNKNOWN_CLIENT))?.client;
        let recipe = inquiry.context.recipe(&client).await?;
        Ok(Self { client, recipe })
    }

    fn scope(&self, inquiry: &Inquiry<'_>) -> Result<Scope, AdminError> {
        let query = inquiry.query();
        let scope = Scope::parse(query.first("scope")).and_then(|scope| scope.within(&self.recipe));
        scope.map_err(|bad| AdminError::Invalid(bad.to_string()))
    }

    fn selection(&self, scope: Scope) -> Selection<'_> {
        Selection { client: &self.client, recipe: &self.recipe, scope }
    }
}

async fn mappers(inquiry: &Inquiry<'_>) -> Result<Response, AdminError> {
    let asked = Asked::read(inquiry).await?;
    let selection = asked.selection(asked.scope(inquiry)?);
    let told = |mapper: &ProtocolMapper, container: (&str, &str, &str)| {
        let (id, name, kind) = container;
        json!({
            "mapperId": mapper.id, "mapperName": mapper.name, "containerId": id,
            "containerName": name, "containerType": kind, "protocolMapper": mapper.mapper,
        })
    };
    let client = (asked.client.uuid.as_str(), "", "client");
    let own = asked.recipe.mappers.iter().map(|mapper| told(mapper, client));
    let of_scope = |held: &'_ HeldScope| {
        let container = (held.scope.id.as_str(), held.scope.name.as_str(), "client-scope");
        held.mappers.iter().map(|mapper| told(mapper, container)).collect::<Vec<Value>>()
    };
    let body: Vec<Value> = own.chain(selection.scopes().flat_map(of_scope)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// What one of the papers would say of the user that the query names.
async fn example(
    inquiry: &Inquiry<'_>,
    write: fn(&Facts<'_>, &str) -> Map<String, Value>,
) -> Result<Response, AdminError> {
    let asked = Asked::read(inquiry).await?;
    inquiry.require(&[AdminRole::ViewUsers, AdminRole::ManageUsers])?;
    let query = inquiry.query();
    let user = query.first("userId").ok_or(AdminError::Unknown("No userId provided"))?;
    let user: UserId = user.parse().map_err(|_| AdminError::Unknown(NO_USER))?;
    let (selection, standing) = stand_in(inquiry, &asked, &user).await?;
    let context = inquiry.context;
    let random = &*context.ports.random;
    let (issuer, session) = (context.issuer(), SessionId::from(random.uuid()));
    let known = Known {
        issuer: &issuer,
        now: context.now,
        expires_at: context.now + context.realm.settings.access_token_lifespan,
        session: Some(&session),
        authenticated_at: Some(context.now),
        address: None,
        nonce: None,
        level: 1,
    };
    let facts = Facts::new(&selection, &standing, known);
    let facts = facts.map_err(|much| AdminError::Invalid(much.to_string()))?;
    let mut claims = write(&facts, &random.uuid().to_string());
    // There is no access token whose hash it could be.
    claims.remove("at_hash");
    Ok(answer::json(StatusCode::OK, &claims))
}

/// What the client would be granted for the user. Of several organizations to pick
/// from there is none, as nobody is here to pick.
async fn stand_in<'a>(
    inquiry: &Inquiry<'_>,
    asked: &'a Asked,
    user: &UserId,
) -> Result<(Selection<'a>, Standing), AdminError> {
    let context = inquiry.context;
    let scope = asked.scope(inquiry)?;
    let orgs = match choose::resolve(context, user, &scope.orgs).await.map_err(told)? {
        Choice::Settled(orgs) => orgs,
        Choice::Open(_) => Vec::new(),
    };
    let aliases: Vec<&Alias> = orgs.iter().map(|org| &org.alias).collect();
    let selection = Selection::of(&asked.client, &asked.recipe, &scope.granted(&aliases));
    let selection = selection.map_err(|bad| AdminError::Invalid(bad.to_string()))?;
    let question = Question { user, orgs: &[], session: None };
    let found = standing::find(context, &selection, question).await.map_err(told)?;
    let standing = found.ok_or(AdminError::Unknown(NO_USER))?;
    let standing = Standing { orgs, ..standing };
    let standing = standing::with_mapped(context, &selection, standing).await?;
    Ok((selection, standing))
}

fn told(error: ChooseError) -> AdminError {
    match error {
        ChooseError::Scope(bad) => AdminError::Invalid(bad.to_string()),
        ChooseError::Store(error) => error.into(),
    }
}

/// The roles of a container that tokens may carry, or those that they may not.
async fn roles(inquiry: &Inquiry<'_>, granted: bool) -> Result<Response, AdminError> {
    let asked = Asked::read(inquiry).await?;
    let selection = asked.selection(asked.scope(inquiry)?);
    let container = container(inquiry).await?;
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    let all = Holder::Client { uuid: asked.client.uuid.clone(), is_full: true };
    let roles = store::scope_mapping::list_effective(directory, realm, &all, &container).await?;
    let scopes: Vec<&HeldScope> = selection.scopes().collect();
    let roles = Page::check(roles)?;
    let some = roles.iter().filter(|role| selection.passes(&role.id, &scopes) == granted);
    let body: Vec<RoleJson<'_>> = some.map(|role| RoleJson::brief(role, realm)).collect();
    Ok(answer::json(StatusCode::OK, &body))
}

/// The realm, by its name, or a client, by its key.
async fn container(inquiry: &Inquiry<'_>) -> Result<Container, AdminError> {
    let text = inquiry.params.get("container");
    if text == inquiry.context.realm.name.as_str() {
        return Ok(Container::Realm);
    }
    let uuid: ClientUuid = inquiry.param("container", NO_CONTAINER)?;
    let found = store::client::find_stored(inquiry.directory(), inquiry.realm_id(), &uuid).await?;
    found.ok_or(AdminError::Unknown(NO_CONTAINER))?;
    Ok(Container::Client(uuid))
}
