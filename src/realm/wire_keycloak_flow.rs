//! Flows as Keycloak's administration API writes them
//! (`AuthenticationFlowRepresentation` and its relatives).
use super::flow::{Authenticator, Flow, FlowKind, Placed, Step, What, is_top};
use serde_json::{Value, json};

/// A flow with its steps.
#[must_use]
pub fn flow(flow: &Flow) -> Value {
    json!({
        "id": flow.id,
        "alias": flow.alias,
        "description": flow.description,
        "providerId": kind(flow),
        "topLevel": is_top(flow),
        "builtIn": true,
        "authenticationExecutions": flow.steps.iter().map(exported).collect::<Vec<Value>>(),
    })
}

fn kind(flow: &Flow) -> &'static str {
    match flow.kind {
        FlowKind::Basic => "basic-flow",
        FlowKind::Client => "client-flow",
    }
}

/// A step inside its flow. One member is spelled as Keycloak once did, too.
fn exported(step: &Step) -> Value {
    let mut body = json!({
        "authenticatorFlow": matches!(step.what, What::Flow(_)),
        "autheticatorFlow": matches!(step.what, What::Flow(_)),
        "requirement": step.requirement,
        "priority": step.priority,
        "userSetupAllowed": false,
    });
    match step.what {
        What::Ask(one) => body["authenticator"] = one.id.into(),
        What::Flow(inner) => body["flowAlias"] = inner.alias.into(),
    }
    body
}

/// A step as the list of a flow's steps has it. There is no choice to make.
#[must_use]
pub fn placed(placed: &Placed) -> Value {
    let step = placed.step;
    let mut body = json!({
        "id": step.id,
        "requirement": step.requirement,
        "requirementChoices": [step.requirement],
        "configurable": false,
        "level": placed.level,
        "index": placed.index,
        "priority": step.priority,
    });
    match step.what {
        What::Ask(one) => {
            body["displayName"] = one.name.into();
            body["providerId"] = one.id.into();
        }
        What::Flow(inner) => {
            body["displayName"] = inner.alias.into();
            body["description"] = inner.description.into();
            body["authenticationFlow"] = true.into();
            body["flowId"] = inner.id.into();
        }
    }
    body
}

/// A step by itself (`AuthenticationExecutionRepresentation`).
#[must_use]
pub fn step(flow: &Flow, step: &Step) -> Value {
    let mut body = json!({
        "id": step.id,
        "parentFlow": flow.id,
        "authenticatorFlow": matches!(step.what, What::Flow(_)),
        "autheticatorFlow": matches!(step.what, What::Flow(_)),
        "requirement": step.requirement,
        "priority": step.priority,
    });
    match step.what {
        What::Ask(one) => body["authenticator"] = one.id.into(),
        What::Flow(inner) => body["flowId"] = inner.id.into(),
    }
    body
}

/// What asks people for one thing.
#[must_use]
pub fn authenticator(one: &Authenticator) -> Value {
    json!({ "id": one.id, "displayName": one.name, "description": one.description })
}

/// What asks clients for one thing.
#[must_use]
pub fn client_authenticator(one: &Authenticator) -> Value {
    let mut body = authenticator(one);
    body["supportsSecret"] = (one.id != "client-jwt").into();
    body
}

/// What an authenticator takes: nothing.
#[must_use]
pub fn config_description(one: &Authenticator) -> Value {
    json!({
        "name": one.name,
        "providerId": one.id,
        "helpText": one.description,
        "properties": [],
    })
}
