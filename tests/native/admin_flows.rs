//! `/admin/realms/{realm}/authentication`: the flows, as programs read them.
use crate::admin_setup::{assert_guarded, holder_of, nobody};
use crate::harness::browser::Answer;
use crate::harness::world::World;
use crate::scim_setup::{admin, travel0};
use http::Method;
use serde_json::{Value, json};

const AUTHENTICATION: &str = "/admin/realms/travel0/authentication";

fn get(world: &World, below: &str) -> Answer {
    world.get(&format!("{AUTHENTICATION}{below}"), &admin(world))
}

fn of(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one[member].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn the_flows_are_listed_and_each_is_read() {
    let world = travel0();
    let flows = get(&world, "/flows").json();
    let expected = ["browser", "direct grant", "clients", "first broker login"];
    assert_eq!(of(&flows, "alias"), expected);
    for flow in flows.as_array().unwrap() {
        assert_eq!((&flow["builtIn"], &flow["topLevel"]), (&json!(true), &json!(true)));
        let id = flow["id"].as_str().unwrap();
        assert_eq!(&get(&world, &format!("/flows/{id}")).json(), flow);
    }
    assert_eq!(flows[2]["providerId"], "client-flow");
    let forms = get(&world, "/flows/forms").json();
    assert_eq!((&forms["topLevel"], &forms["alias"]), (&json!(false), &json!("forms")));
    let unknown = get(&world, "/flows/nobody");
    assert_eq!(
        (unknown.status.as_u16(), unknown.error().as_str()),
        (404, "Could not find flow with id")
    );
}

#[test]
fn the_steps_of_a_flow_are_told_with_those_of_the_flows_in_it() {
    let world = travel0();
    let steps = get(&world, "/flows/browser/executions").json();
    assert_eq!(of(&steps, "displayName"), ["Cookie", "forms", "Username Password Form"]);
    assert_eq!(
        (&steps[1]["authenticationFlow"], &steps[1]["flowId"]),
        (&json!(true), &json!("forms"))
    );
    assert_eq!((&steps[2]["level"], &steps[2]["index"]), (&json!(1), &json!(0)));
    assert_eq!(steps[2]["requirementChoices"], json!(["REQUIRED"]));
    let direct = get(&world, "/flows/direct%20grant/executions").json();
    assert_eq!(
        of(&direct, "providerId"),
        ["direct-grant-validate-username", "direct-grant-validate-password"]
    );
    assert_eq!(get(&world, "/flows/first%20broker%20login/executions").json(), json!([]));
    let step = get(&world, "/executions/browser-cookie").json();
    assert_eq!(
        (&step["authenticator"], &step["parentFlow"]),
        (&json!("auth-cookie"), &json!("browser"))
    );
    for nowhere in ["/flows/nobody/executions", "/executions/nobody"] {
        assert_eq!(get(&world, nowhere).status, 404, "{nowhere}");
    }
}

#[test]
fn what_asks_people_and_clients_is_told() {
    let world = travel0();
    let asked = get(&world, "/authenticator-providers").json();
    assert_eq!(of(&asked, "id")[..2], ["auth-cookie", "auth-username-password-form"]);
    let clients = get(&world, "/client-authenticator-providers").json();
    assert_eq!(
        (&clients[0]["id"], &clients[0]["supportsSecret"]),
        (&json!("client-secret"), &json!(true))
    );
    assert_eq!(
        (&clients[1]["id"], &clients[1]["supportsSecret"]),
        (&json!("client-jwt"), &json!(false))
    );
    assert_eq!(
        get(&world, "/per-client-config-description").json(),
        json!({ "client-jwt": [], "client-secret": [], "client-secret-jwt": [] })
    );
    for none in ["/form-providers", "/form-action-providers"] {
        assert_eq!(get(&world, none).json(), json!([]), "{none}");
    }
    let described = get(&world, "/config-description/auth-cookie").json();
    assert_eq!((&described["name"], &described["properties"]), (&json!("Cookie"), &json!([])));
    assert_eq!(get(&world, "/config-description/nobody").status, 404);
}

#[test]
fn flows_are_read_by_who_may_and_written_by_nobody() {
    let world = travel0();
    let nobody = nobody(&world);
    let viewer = holder_of(&world, &["view-realm"]);
    let clients = holder_of(&world, &["query-clients"]);
    for below in [
        "/flows/browser",
        "/flows/browser/executions",
        "/executions/browser-cookie",
        "/authenticator-providers",
        "/client-authenticator-providers",
        "/form-providers",
        "/form-action-providers",
        "/per-client-config-description",
        "/config-description/auth-cookie",
    ] {
        let path = format!("{AUTHENTICATION}{below}");
        assert_guarded(&world, &Method::GET, &path, &[&nobody, &clients]);
        assert_eq!(world.get(&path, &viewer).status, 200, "{below}");
        assert_eq!(world.delete(&path, &admin(&world)).status, 405, "{below}");
    }
    let list = format!("{AUTHENTICATION}/flows");
    assert_guarded(&world, &Method::GET, &list, &[&nobody]);
    assert_eq!(world.get(&list, &clients).json(), world.get(&list, &viewer).json());
    assert_eq!(world.post(&list, &admin(&world), &json!({ "alias": "mine" })).status, 405);
}
