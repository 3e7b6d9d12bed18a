//! How people sign in: what a login asks for, and the flows, which are built in.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, boolean, count, integer, like, list_of, map_of, named, object, one_of, string,
    told,
};
use guildhall::realm::user::RequiredAction;
use serde_json::json;

const AUTHENTICATION: Group = Group {
    tag: "Authentication",
    base: "/admin/realms/{realm}/authentication",
    dialect: Dialect::Administration,
    credential: Credential::Token,
};

const SEE: &str = "`view-realm` or `manage-realm`";
const CHANGE: &str = "`manage-realm`";

pub fn operations() -> Vec<Operation> {
    [actions(), configurations(), flows(), providers()].concat()
}

fn actions() -> Vec<Operation> {
    let shifted = |end: &str, id: &str, summary: &str| {
        let below = format!("/required-actions/{{action}}/{end}");
        AUTHENTICATION.post(&below, id, summary).needs(CHANGE).done()
    };
    vec![
        AUTHENTICATION
            .get("/required-actions", "listRequiredActions", "The actions, by priority")
            .needs("`view-realm`, `manage-realm` or a role over users")
            .answers(list_of(named("RequiredAction"))),
        AUTHENTICATION
            .get("/required-actions/{action}", "readRequiredAction", "One action")
            .needs(SEE)
            .answers(named("RequiredAction")),
        AUTHENTICATION
            .put(
                "/required-actions/{action}",
                "changeRequiredAction",
                "Changes an action; what is not named stays",
            )
            .needs(CHANGE)
            .takes(named("RequiredActionDraft"))
            .done(),
        AUTHENTICATION
            .delete("/required-actions/{action}", "removeRequiredAction", "Takes an action out")
            .needs(CHANGE)
            .done(),
        shifted("raise-priority", "raiseRequiredAction", "Lets a login ask for it earlier"),
        shifted("lower-priority", "lowerRequiredAction", "Lets a login ask for it later"),
        AUTHENTICATION
            .get(
                "/unregistered-required-actions",
                "listUnregisteredRequiredActions",
                "The actions that were taken out",
            )
            .needs(SEE)
            .answers(list_of(object().has("name", string()).has("providerId", string()))),
        AUTHENTICATION
            .post(
                "/register-required-action",
                "registerRequiredAction",
                "Brings an action back, as the last",
            )
            .needs(CHANGE)
            .takes(named("RequiredActionRegistration"))
            .done()
            .refuses(&[409]),
    ]
}

/// None of our actions has a configuration.
fn configurations() -> Vec<Operation> {
    const CONFIG: &str = "/required-actions/{action}/config";
    vec![
        AUTHENTICATION
            .get(CONFIG, "readRequiredActionConfig", "Nothing: no action has a configuration")
            .needs(SEE)
            .answers(object().has("config", object())),
        AUTHENTICATION
            .put(CONFIG, "changeRequiredActionConfig", "Takes an empty configuration only")
            .needs(CHANGE)
            .takes(object().takes("config", object()))
            .done(),
        AUTHENTICATION
            .delete(CONFIG, "clearRequiredActionConfig", "Changes nothing")
            .needs(CHANGE)
            .done(),
        AUTHENTICATION
            .get(
                "/required-actions/{action}/config-description",
                "describeRequiredActionConfig",
                "What a configuration would hold: nothing",
            )
            .needs(SEE)
            .answers(object().has("properties", list_of(named("ConfigProperty")))),
    ]
}

fn flows() -> Vec<Operation> {
    vec![
        AUTHENTICATION
            .get("/flows", "listFlows", "The built-in flows, the same in every realm")
            .needs("`view-realm`, `manage-realm` or a role over clients")
            .answers(list_of(named("Flow"))),
        AUTHENTICATION
            .get("/flows/{flow}", "readFlow", "One flow, by id")
            .needs(SEE)
            .answers(named("Flow")),
        AUTHENTICATION
            .get("/flows/{flow}/executions", "listFlowExecutions", "The steps of a flow, by alias")
            .needs(SEE)
            .answers(list_of(placed_step())),
        AUTHENTICATION
            .get("/executions/{execution}", "readExecution", "One step")
            .needs(SEE)
            .answers(
                step()
                    .has("id", string())
                    .has("parentFlow", string())
                    .may_have("authenticator", string())
                    .may_have("flowId", string()),
            ),
    ]
}

fn providers() -> Vec<Operation> {
    let listed = |below: &str, id: &str, summary: &str| {
        AUTHENTICATION.get(below, id, summary).needs(SEE).answers(list_of(named("Authenticator")))
    };
    vec![
        listed("/authenticator-providers", "listAuthenticators", "What steps of a login can be"),
        listed(
            "/client-authenticator-providers",
            "listClientAuthenticators",
            "How clients prove who they are",
        ),
        listed("/form-providers", "listForms", "Which forms there are"),
        listed("/form-action-providers", "listFormActions", "What forms do"),
        AUTHENTICATION
            .get(
                "/per-client-config-description",
                "describeClientAuthenticators",
                "What a client says for each way to prove who it is",
            )
            .needs(SEE)
            .answers(map_of(list_of(named("ConfigProperty")))),
        AUTHENTICATION
            .get(
                "/config-description/{authenticator}",
                "describeAuthenticator",
                "What a step can be told",
            )
            .needs(SEE)
            .answers(
                object()
                    .has("name", string())
                    .has("providerId", string())
                    .has("helpText", string())
                    .has("properties", list_of(named("ConfigProperty"))),
            ),
    ]
}

/// What every way to tell a step has. One member is spelled as Keycloak once did, too.
fn step() -> Object {
    object()
        .has("authenticatorFlow", boolean())
        .has("autheticatorFlow", boolean())
        .has("requirement", string())
        .has("priority", integer())
}

/// A step among those of its flow and of the flows in it.
fn placed_step() -> Object {
    object()
        .has("id", string())
        .has("requirement", string())
        .has("requirementChoices", list_of(string()))
        .has("configurable", boolean())
        .has("level", count())
        .has("index", count())
        .has("priority", integer())
        .has("displayName", string())
        .may_have("providerId", string())
        .may_have("description", string())
        .may_have("authenticationFlow", boolean())
        .may_have("flowId", string())
}

pub fn schemas() -> Vec<Named> {
    let texts = object().takes_each(&["alias", "providerId", "name"], string());
    vec![
        (
            "Flow",
            object()
                .has("id", string())
                .has("alias", string())
                .has("description", string())
                .has("providerId", one_of(&["basic-flow", "client-flow"]))
                .has("topLevel", boolean())
                .has("builtIn", boolean())
                .has(
                    "authenticationExecutions",
                    list_of(
                        step()
                            .has("userSetupAllowed", boolean())
                            .may_have("authenticator", string())
                            .may_have("flowAlias", string()),
                    ),
                )
                .into(),
        ),
        (
            "Authenticator",
            object()
                .has("id", string())
                .has("displayName", string())
                .has("description", string())
                .may_have("supportsSecret", boolean())
                .into(),
        ),
        (
            "RequiredAction",
            object()
                .has("alias", one_of(&RequiredAction::ALL.map(RequiredAction::as_str)))
                .has("name", string())
                .has("providerId", string())
                .has("enabled", boolean())
                .has("defaultAction", told(boolean(), "Whether everybody who is new owes it"))
                .has("priority", told(integer(), "The lower comes first"))
                .has("config", object())
                .into(),
        ),
        (
            "RequiredActionDraft",
            like(
                texts
                    .takes_each(&["enabled", "defaultAction"], boolean())
                    .takes("priority", integer())
                    .takes("config", told(object().into(), "Empty")),
                json!({ "enabled": true, "defaultAction": false }),
            ),
        ),
        (
            "RequiredActionRegistration",
            like(
                object().takes_each(&["providerId", "name"], string()).ignores(&["alias"]),
                json!({ "providerId": "UPDATE_PASSWORD", "name": "Update Password" }),
            ),
        ),
    ]
}
