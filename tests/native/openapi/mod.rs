//! What the Worker tells of itself at `/openapi.json`: an operation for every
//! route, described in a file per domain, written to `schemas/openapi.json` by
//!
//! `UPDATE_DOCS=1 cargo test openapi`
//!
//! To describe a new route: a line in the `operations()` of its domain, and a
//! schema in its `schemas()` when the body is a new one. A new domain is a file
//! here with these two, named in `document.rs`.
mod authentication;
mod clients;
mod conform;
mod deployment;
mod document;
mod documents;
mod groups;
mod identity_providers;
mod invitations;
mod members;
mod oidc;
mod operation;
mod organization_groups;
mod organization_members;
mod organization_providers;
mod organizations;
mod organizations_admin;
mod parameter;
mod realms;
mod refusal;
mod roles;
mod schema;
mod scim;
mod users;

pub use conform::Asked;

use crate::harness::world::World;
use crate::organizations::{fill, object_routes};
use crate::scim_setup::{Directory, org_id, travel0};
use crate::writes::Things;
use bytes::Bytes;
use document::{DOCUMENT, variables};
use guildhall::app::routes::{self, Door};
use http::{Method, Request};
use operation::{Credential, Operation};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every route that a deployment answers: method and path.
fn answered() -> BTreeSet<(String, String)> {
    let own = routes::table().into_iter().filter(|route| {
        !matches!(route.handler, Door::Development(_) | Door::Org | Door::OrgCredential)
    });
    let own = own.map(|route| (route.method, route.path));
    own.chain(object_routes()).map(|(method, path)| (method.to_string(), path.to_owned())).collect()
}

/// Every operation: method and path.
fn described() -> BTreeSet<(String, String)> {
    let name = |operation: &Operation| (operation.method.to_string(), operation.path.to_owned());
    DOCUMENT.operations.iter().map(name).collect()
}

#[test]
fn every_route_is_described_and_what_is_described_is_a_route() {
    let (described, answered) = (described(), answered());
    let missing: Vec<_> = answered.difference(&described).collect();
    assert!(missing.is_empty(), "describe in tests/native/openapi: {missing:#?}");
    let surplus: Vec<_> = described.difference(&answered).collect();
    assert!(surplus.is_empty(), "described, and no route: {surplus:#?}");
}

/// Without this, an answer that nobody described would not be compared.
#[test]
fn an_answer_of_every_route_is_compared() {
    for (method, path) in answered() {
        let request = Request::builder().method(method.as_str()).uri(fill(&path, &[]));
        let asked = Asked::of(&request.body(Bytes::new()).unwrap());
        assert!(asked.is_some(), "{method} {path}");
    }
}

#[test]
fn an_operation_has_a_name_of_its_own_and_known_variables() {
    let mut ids = BTreeSet::new();
    for operation in &DOCUMENT.operations {
        assert!(ids.insert(&operation.id), "{} is two operations", operation.id);
        for name in variables(operation.path) {
            assert!(parameter::is_variable(name), "say what {{{name}}} is in VARIABLES");
        }
    }
}

/// Every reference in `value`.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_referred_to() {
    let document: Value = serde_json::from_str(&DOCUMENT.write()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for name in DOCUMENT.schemas.keys() {
        let reference = format!("#/components/schemas/{name}");
        assert!(found.contains(&reference.as_str()), "nothing refers to schema {name}");
    }
}

#[test]
fn an_example_is_as_its_schema_says() {
    let mut found = 0;
    for (name, schema) in &DOCUMENT.schemas {
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert_eq!(conform::fits(schema, example), Ok(()), "{name}");
            found += 1;
        }
    }
    assert!(found > 15, "examples are not read right: {found}");
}

#[test]
fn the_document_is_what_is_described() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/openapi.json");
    let written = DOCUMENT.write();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &written).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == written, "schemas/openapi.json is stale: UPDATE_DOCS=1 cargo test openapi");
}

#[test]
fn the_document_is_for_everybody_under_both_prefixes() {
    let world = World::new();
    for path in ["/openapi.json", "/auth/openapi.json"] {
        let answer = world.get(path, "");
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.json()["openapi"], "3.1.0", "{path}");
        assert!(answer.text == include_str!("../../../schemas/openapi.json"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("cache-control"), "public, max-age=3600", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[test]
fn an_operation_asks_for_the_credential_that_it_tells_of() {
    let world = travel0();
    Directory::connect(&world, "granite-outpost");
    let org = org_id(&world, "granite-outpost");
    for operation in &DOCUMENT.operations {
        let path = fill(operation.path, &[("realm", "travel0"), ("org", org.as_str())]);
        let body = (operation.method != Method::GET).then(|| json!({}));
        let answer = world.call(operation.method.clone(), &path, "", body.as_ref());
        let asks = matches!(operation.credential(), Credential::Token | Credential::Scim);
        assert_eq!(answer.status == 401, asks, "{} {path}: {answer:?}", operation.method);
    }
}

/// The members that `told` lists: "unknown field `x`, expected one of `a`, `b`".
fn listed(told: &str) -> Option<BTreeSet<&str>> {
    let (_, list) = told.split_once(", expected ")?;
    let list = list.split(" at line ").next().unwrap();
    Some(list.split('`').skip(1).step_by(2).collect())
}

/// The schema that lists the members: the first of several that all hold.
fn members_of(schema: &Value) -> &Value {
    DOCUMENT.resolve(schema["allOf"].get(0).unwrap_or(schema))
}

/// The deserializers say themselves what they take.
#[test]
fn a_strict_body_has_the_members_that_are_described() {
    let things = Things::new();
    let mut compared = 0;
    for operation in &DOCUMENT.operations {
        let json = operation.to_json();
        let schema = &json["requestBody"]["content"]["application/json"]["schema"];
        let is_list = schema["type"] == "array";
        let schema = members_of(if is_list { &schema["items"] } else { schema });
        if schema["additionalProperties"] != false {
            continue;
        }
        let body = if is_list { "[{\"unheardOf\":1}]" } else { "{\"unheardOf\":1}" };
        let answer = things.send(&operation.method, &things.there(operation.path), body.as_bytes());
        assert_eq!(answer.status, 400, "{}: {answer:?}", operation.id);
        let Some(taken) = listed(&answer.text) else { continue };
        let described = schema["properties"].as_object().unwrap();
        let described: BTreeSet<&str> = described.keys().map(String::as_str).collect();
        assert_eq!(described, taken, "{}", operation.id);
        compared += 1;
    }
    assert!(compared > 30, "the refusals are not read right: {compared}");
}
