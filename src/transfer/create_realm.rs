//! `POST /admin/realms`: a realm with all that it brings along. Its lists are
//! planned by the same rules as an import into a realm that has what it is
//! furnished with; its row is written in the same batch.
use super::document::{Document, Members, Scopes};
use super::import::refusal;
use super::plan::{Judged, about, plan, twice};
use super::policy::IfExists;
use super::survey::Survey;
use crate::account::register_many::{RegisterManyError, register_many};
use crate::event::audit::Operation;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use crate::realm::actor::Actor;
use crate::realm::built_in_scope::BUILT_IN_SCOPES;
use crate::realm::client_scope::Place;
use crate::realm::context::RealmContext;
use crate::realm::defaults::Defaults;
use crate::realm::error::AdminError;
use crate::realm::furnish::{self, Brought};
use crate::realm::inquiry::Inquiry;
use crate::realm::realm_draft;
use crate::realm::role::{AdminRole, default_role_of};
use crate::realm::scope_draft::{change_of, creation, path_of};
use crate::realm::settings::Realm;
use crate::realm::store::client_scope as store;
use crate::realm::wire_keycloak_scope::ScopeJson;
use crate::web::answer::BadBody;
use serde_json::{Value, json};
use std::rc::Rc;

/// Makes the realm that `body` describes. The path's realm is `master`.
///
/// # Errors
/// `Forbidden` for who may not make realms, `Invalid` and `Rejected` for what
/// cannot be, `Conflict` for what is taken; then there is no such realm.
pub async fn create(inquiry: &Inquiry<'_>, mut body: Members) -> Result<Realm, AdminError> {
    let mut document = Document::take(&mut body)?;
    document.take_default_groups(&mut body)?;
    let named =
        body.remove("defaultRole").and_then(|role| role["name"].as_str().map(str::to_owned));
    let defaults = Defaults { groups: document.default_groups.clone(), role: None };
    let scopes = Scopes::take(&mut body)?;
    let asked = serde_json::from_value(Value::Object(body))
        .map_err(|error| BadBody::Shape(error.to_string()))?;
    let draft = realm_draft::creation(inquiry, asked).await?;
    let context = RealmContext { realm: Rc::new(draft.realm.clone()), ..inquiry.context.clone() };
    let actor = over_all_of_it(inquiry.actor);
    let within = Inquiry { context: &context, actor: &actor, ..*inquiry };
    let (mut brought, of_scopes) = plan_scopes(&within, scopes)?;
    let usual = default_role_of(draft.realm.name.as_str());
    let roles = document.realm_roles.iter().filter_map(|role| role.name.clone());
    brought.roles = roles.collect();
    brought.default_role =
        named.into_iter().chain([usual.clone()]).find(|name| brought.roles.contains(name));
    let mut statements = draft.statements(inquiry, &brought).await?;
    statements.extend(of_scopes);
    let survey = Survey::of_new_realm(brought.default_role.clone().unwrap_or(usual));
    let planned = plan(&within, IfExists::Fail, survey, document).await?;
    let Judged { people, statements: of_lists, .. } = planned;
    statements.extend(of_lists);
    statements.extend(furnish::default_role(&draft.realm, &brought));
    // Told in `master`, beside the others; what it brings, in its own trail.
    statements.push(inquiry.recording(draft.change(&defaults))?);
    let made = register_many(&context, &people, statements).await;
    made.map_err(|error| match error {
        RegisterManyError::Store(error) if is_about_the_realm(&error) => {
            realm_draft::taken(error, &draft.realm)
        }
        error => refusal(error),
    })?;
    Ok(draft.realm)
}

fn is_about_the_realm(error: &StoreError) -> bool {
    ["realm.id", "realm.name"].iter().any(|column| error.is_conflict_on(column))
}

/// Who makes a realm administers it, as soon as there is one.
fn over_all_of_it(creator: &Actor) -> Actor {
    let admin_roles = AdminRole::ALL.iter().map(|(role, ..)| *role).collect();
    Actor { admin_roles, ..creator.clone() }
}

/// The client scopes that the realm brings in the place of built-in ones of the
/// same names, and which of all of them new clients get.
fn plan_scopes(
    within: &Inquiry<'_>,
    scopes: Scopes,
) -> Result<(Brought, Vec<Statement>), AdminError> {
    const LIST: &str = "clientScopes";
    let mut brought = Brought::default();
    let mut statements = Vec::new();
    for asked in scopes.scopes {
        let name = asked.name.clone().unwrap_or_default();
        let draft = creation(within, asked).map_err(|error| about(LIST, &name, error))?;
        statements.extend(draft.statements);
        let told = json!(ScopeJson::of(&draft.scope, draft.mappers.iter()));
        let change = change_of(Operation::Create, path_of(&draft.scope), Some(told));
        statements.push(within.recording(change)?);
        if !brought.scopes.insert(draft.scope.name) {
            return Err(twice(LIST, &name));
        }
    }
    let is_there = |name: &String| {
        brought.scopes.contains(name) || BUILT_IN_SCOPES.iter().any(|scope| scope.name == *name)
    };
    for (place, names) in [(Place::Default, scopes.default), (Place::Optional, scopes.optional)] {
        let Some(names) = names else { continue };
        if let Some(name) = names.iter().find(|name| !is_there(name)) {
            return Err(AdminError::Invalid(format!("there is no client scope {name}")));
        }
        statements.push(store::placing_of(within.realm_id(), &names, place)?);
    }
    Ok((brought, statements))
}
