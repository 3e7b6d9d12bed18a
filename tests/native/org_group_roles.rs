//! Roles of the realm and of its clients on groups of an organization: mapped,
//! inherited, and what they let people do: say so in a token made in the
//! organization's name, and nothing else (docs/decisions/0007).
use crate::admin_setup::{MASTER, TRAVEL0, client_role, client_uuid, holder_of, names, own_names};
use crate::harness::browser::Answer;
use crate::harness::relying_party::{RelyingParty, claims_of, userinfo};
use crate::org_setup::Granite;
use crate::scim_setup::org_id;
use crate::token_setup::{MACHINE, TOKEN, post_as};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const ORG: &str = "openid organization:granite-outpost";

impl Granite {
    fn make_role(&self, name: &str) -> Value {
        let path = format!("{TRAVEL0}/roles");
        assert_eq!(self.world.post(&path, &self.admin, &json!({ "name": name })).status, 201);
        self.world.get(&format!("{path}/{name}"), &self.admin).json()
    }

    /// A role of the client for the web.
    fn make_web_role(&self, name: &str) -> Value {
        let web = client_uuid(&self.world, TRAVEL0, "travel0-web");
        let path = format!("{TRAVEL0}/clients/{web}/roles");
        assert_eq!(self.world.post(&path, &self.admin, &json!({ "name": name })).status, 201);
        client_role(&self.world, TRAVEL0, "travel0-web", name)
    }

    fn include(&self, parent: &str, children: &Value) {
        let path = format!("{TRAVEL0}/roles/{parent}/composites");
        assert_eq!(self.world.post(&path, &self.admin, children).status, 204);
    }

    fn map(&self, group: &str, below: &str, roles: &Value) -> Answer {
        let path = format!("/groups/{group}/role-mappings{below}");
        self.ask(Method::POST, &path, Some(roles))
    }

    fn join_group(&self, group: &str, username: &str) {
        let path = format!("/groups/{group}/members/{}", self.id_of(username));
        assert_eq!(self.ask(Method::PUT, &path, None).status, 204);
    }

    /// The roles of the realm in an access token for `scope`.
    fn told_in(&self, username: &str, scope: &str) -> Vec<String> {
        let tokens = RelyingParty::web(&self.world).tokens_for(username, scope);
        own_roles(&claims_of(&tokens["access_token"]))
    }
}

fn own_roles(claims: &Value) -> Vec<String> {
    let roles = claims["realm_access"]["roles"].as_array().cloned().unwrap_or_default();
    let named: Vec<Value> = roles.into_iter().map(|name| json!({ "name": name })).collect();
    own_names(&json!(named)).into_iter().map(str::to_owned).collect()
}

#[test]
fn roles_are_mapped_to_a_group_and_taken_away() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let web = client_uuid(&granite.world, TRAVEL0, "travel0-web");
    let reader = granite.make_web_role("reader");
    let [parent, child] = ["parent", "child"].map(|name| granite.make_role(name));
    granite.include("parent", &json!([child, reader]));
    let base = format!("/groups/{group}/role-mappings");
    let [realm, client] = [format!("{base}/realm"), format!("{base}/clients/{web}")];
    assert_eq!(granite.read(&base), json!({}));
    assert_eq!(own_names(&granite.read(&format!("{realm}/available"))), ["child", "parent"]);

    for _ in 0..2 {
        let brief = json!([{ "id": parent["id"], "name": "parent" }]);
        assert_eq!(granite.map(&group, "/realm", &brief).status, 204);
        assert_eq!(granite.map(&group, &format!("/clients/{web}"), &json!([reader])).status, 204);
    }

    let all = granite.read(&base);
    assert_eq!(names(&all["realmMappings"]), ["parent"]);
    assert_eq!(names(&all["clientMappings"]["travel0-web"]["mappings"]), ["reader"]);
    assert_eq!(names(&granite.read(&realm)), ["parent"]);
    assert_eq!(names(&granite.read(&client)), ["reader"]);
    assert_eq!(names(&granite.read(&format!("{realm}/composite"))), ["child", "parent"]);
    assert_eq!(names(&granite.read(&format!("{client}/composite"))), ["reader"]);
    assert_eq!(own_names(&granite.read(&format!("{realm}/available"))), ["child"]);
    assert_eq!(granite.read(&format!("{client}/available")), json!([]));
    let composite = format!("{realm}/composite?briefRepresentation");
    assert_eq!(granite.read(&format!("{composite}=false"))[0]["attributes"], json!({}));
    assert!(granite.read(&format!("{composite}=true"))[0].get("attributes").is_none());
    let read = granite.read(&format!("/groups/{group}"));
    assert_eq!(read["realmRoles"], json!(["parent"]));
    assert_eq!(read["clientRoles"], json!({ "travel0-web": ["reader"] }));

    assert_eq!(granite.ask(Method::DELETE, &realm, Some(&json!([parent]))).status, 204);
    assert_eq!(granite.ask(Method::DELETE, &client, None).status, 204, "all of the client's");
    assert_eq!(granite.read(&base), json!({}));
    let below = |path: &str| format!("organizations/GRANITE{path}");
    assert_eq!(
        granite.told(2),
        [
            format!("REALM_ROLE_MAPPING DELETE {}", below(&realm)),
            format!("CLIENT_ROLE_MAPPING DELETE {}", below(&client)),
        ]
    );
}

#[test]
fn what_cannot_be_mapped_is_not() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let web = client_uuid(&granite.world, TRAVEL0, "travel0-web");
    let guide = granite.make_role("guide");
    let foreign = granite.world.get(&format!("{MASTER}/roles/admin"), &granite.admin).json();
    let before = granite.world.dump();
    for (below, body, status) in [
        ("/realm".to_owned(), json!([{ "id": "none", "name": "guide" }]), 404),
        ("/realm".to_owned(), json!([{ "id": guide["id"], "name": "other" }]), 404),
        ("/realm".to_owned(), json!([{ "name": "guide" }]), 404),
        ("/realm".to_owned(), json!([foreign]), 404),
        ("/realm".to_owned(), json!({}), 400),
        (format!("/clients/{web}"), json!([guide]), 404),
        ("/clients/none".to_owned(), json!([guide]), 404),
    ] {
        for method in [Method::POST, Method::DELETE] {
            let path = format!("/groups/{group}/role-mappings{below}");
            let answer = granite.ask(method.clone(), &path, Some(&body));
            assert_eq!(answer.status.as_u16(), status, "{method} {below} {body}: {answer:?}");
        }
    }
    for end in ["", "/available", "/composite"] {
        let path = format!("/groups/{group}/role-mappings/clients/none{end}");
        assert_eq!(granite.ask(Method::GET, &path, None).error(), "Client not found");
    }
    assert_eq!(granite.map("none", "/realm", &json!([guide])).status, 404);
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn nobody_maps_what_they_do_not_hold() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let guide = granite.make_role("guide");
    let world = &granite.world;
    let management = client_uuid(world, TRAVEL0, "realm-management");
    let manage_users = client_role(world, TRAVEL0, "realm-management", "manage-users");
    let boss = granite.make_role("boss");
    granite.include("boss", &json!([manage_users]));
    let base = granite.admin_path(&format!("/groups/{group}/role-mappings"));
    let clients = format!("{base}/clients/{management}");
    let realm = format!("{base}/realm");

    let without = holder_of(world, &["manage-organizations"]);
    assert_eq!(world.post(&realm, &without, &json!([guide])).status, 204);
    assert_eq!(world.post(&clients, &without, &json!([manage_users])).status, 403);
    assert_eq!(world.post(&realm, &without, &json!([boss])).status, 403);
    let with = holder_of(world, &["manage-organizations", "manage-users"]);
    assert_eq!(world.post(&clients, &with, &json!([manage_users])).status, 204);
    assert_eq!(world.post(&realm, &with, &json!([boss])).status, 204);
    assert_eq!(world.delete(&clients, &without).status, 403);
    assert_eq!(world.delete_with(&realm, &without, &json!([boss])).status, 403);
    assert_eq!(world.delete_with(&realm, &without, &json!([guide])).status, 204);
}

#[test]
fn a_group_has_the_roles_of_those_above() {
    let granite = Granite::new();
    let top = granite.plant(None, "top");
    let middle = granite.plant(Some(&top), "middle");
    let leaf = granite.plant(Some(&middle), "leaf");
    let [above, within, own] = ["above", "within", "own"].map(|name| granite.make_role(name));
    granite.include("above", &json!([within]));
    granite.map(&top, "/realm", &json!([above]));
    granite.map(&leaf, "/realm", &json!([own]));
    let effective = |group: &str| {
        let roles = granite.read(&format!("/groups/{group}/role-mappings/realm/composite"));
        names(&roles).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(effective(&leaf), ["above", "own", "within"]);
    assert_eq!(effective(&middle), ["above", "within"]);
    assert_eq!(names(&granite.read(&format!("/groups/{leaf}/role-mappings/realm"))), ["own"]);

    let moved = json!({ "id": leaf, "name": "leaf" });
    assert_eq!(granite.ask(Method::POST, "/groups", Some(&moved)).status, 204);
    assert_eq!(effective(&leaf), ["own"]);
    assert_eq!(granite.ask(Method::DELETE, &format!("/groups/{top}"), None).status, 204);
    assert_eq!(effective(&leaf), ["own"]);
}

#[test]
fn a_token_in_the_name_of_the_organization_tells_them() {
    let granite = Granite::new();
    let top = granite.plant(None, "top");
    let leaf = granite.plant(Some(&top), "leaf");
    let [above, within, own, aside] =
        ["above", "within", "own", "aside"].map(|name| granite.make_role(name));
    let reader = granite.make_web_role("reader");
    granite.include("above", &json!([within, reader]));
    granite.map(&top, "/realm", &json!([above]));
    granite.map(&leaf, "/realm", &json!([own]));
    granite.map(&granite.plant(None, "aside"), "/realm", &json!([aside]));
    granite.join_group(&leaf, "emilio");

    let app = RelyingParty::web(&granite.world);
    let tokens = app.tokens_for("emilio", ORG);
    let claims = claims_of(&tokens["access_token"]);
    assert_eq!(own_roles(&claims), ["above", "own", "within"]);
    assert_eq!(claims["resource_access"]["travel0-web"]["roles"], json!(["reader"]));
    assert_eq!(userinfo(&granite.world, &tokens["access_token"]).status, 200);
    for other in ["openid", "openid organization:rocky-mountain", "openid organization:*"] {
        assert_eq!(granite.told_in("emilio", other), [""; 0], "{other}");
    }

    // What is true counts when a token is made.
    let path = format!("/groups/{leaf}/members/{}", granite.id_of("emilio"));
    assert_eq!(granite.ask(Method::DELETE, &path, None).status, 204);
    let refreshed = app.refresh(tokens["refresh_token"].as_str().unwrap()).json();
    assert_eq!(own_roles(&claims_of(&refreshed["access_token"])), [""; 0]);
}

/// A granite whose `emilio` and machine hold `guide` through a group of theirs.
fn guided() -> Granite {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let guide = granite.make_role("guide");
    granite.map(&group, "/realm", &json!([guide]));
    let machine = granite.id_of("service-account-travel0-machine");
    assert_eq!(granite.put(&format!("/members/{machine}"), &Value::Null).status, 201);
    granite.join_group(&group, "service-account-travel0-machine");
    granite.join_group(&group, "emilio");
    granite
}

#[test]
fn a_client_that_speaks_for_itself_has_them_in_the_one_organization() {
    let granite = guided();
    let ask = |more: &[(&str, &str)]| {
        let own = [("grant_type", "client_credentials")];
        let answer = post_as(&granite.world, TOKEN, MACHINE, &[&own, more].concat());
        assert_eq!(answer.status, 200, "{answer:?}");
        own_roles(&claims_of(&answer.json()["access_token"]))
    };
    let in_it = [("organization", granite.org.as_str())];
    assert_eq!(ask(&in_it), ["guide"]);
    assert_eq!(ask(&[("scope", "organization:granite-outpost")]), ["guide"]);
    assert_eq!(ask(&[]), [""; 0], "no organization is asked for");
    let rocky = org_id(&granite.world, "rocky-mountain");
    let path = format!(
        "/realms/travel0/orgs/{rocky}/members/{}",
        granite.id_of("service-account-travel0-machine")
    );
    assert_eq!(granite.world.put(&path, &granite.admin, &Value::Null).status, 201);
    // The copy of where the account belongs is forgotten.
    granite.world.advance(Seconds(11));
    assert_eq!(ask(&[("scope", "organization:*")]), [""; 0], "several are asked for");

    ask(&in_it);
    let (told, trips) = granite.world.trips_of(|| ask(&[]));
    assert_eq!((told.len(), trips.directory, trips.objects), (0, 0, 0), "what is warm asks nobody");
    let (_, trips) = granite.world.trips_of(|| ask(&in_it));
    assert_eq!((trips.directory, trips.objects), (1, 1));
}

#[test]
fn a_password_brings_them_in_the_one_organization() {
    let granite = guided();
    let client = client_uuid(&granite.world, TRAVEL0, "travel0-web");
    let direct = json!({ "directAccessGrantsEnabled": true });
    let path = format!("{TRAVEL0}/clients/{client}");
    assert_eq!(granite.world.put(&path, &granite.admin, &direct).status, 204);
    let ask = |scope: &str| {
        let fields = [
            ("grant_type", "password"),
            ("username", "emilio"),
            ("password", PASSWORD),
            ("scope", scope),
        ];
        let answer = RelyingParty::web(&granite.world).token(&fields);
        assert_eq!(answer.status, 200, "{answer:?}");
        own_roles(&claims_of(&answer.json()["access_token"]))
    };
    assert_eq!(ask(ORG), ["guide"]);
    for other in ["openid", "openid organization:rocky-mountain", "openid organization:*"] {
        assert_eq!(ask(other), [""; 0], "{other}");
    }
}

#[test]
fn an_example_tells_them_as_the_token_would() {
    let granite = guided();
    let client = client_uuid(&granite.world, TRAVEL0, "travel0-web");
    let example = |scope: &str| {
        let path = format!(
            "{TRAVEL0}/clients/{client}/evaluate-scopes/generate-example-access-token\
             ?scope={scope}&userId={}",
            granite.id_of("emilio")
        );
        own_roles(&granite.world.get(&path, &granite.admin).json())
    };
    assert_eq!(example("openid%20organization:granite-outpost"), ["guide"]);
    assert_eq!(example("openid%20organization:rocky-mountain"), [""; 0]);
    assert_eq!(example("openid"), [""; 0]);
}

/// What somebody is in one organization is not told in a token for another, nor in one
/// for none.
#[test]
fn a_refresh_for_another_organization_leaves_them_behind() {
    let granite = guided();
    let app = RelyingParty::web(&granite.world);
    let refreshed = |scope: &str, more: &[(&str, &str)]| {
        let tokens = app.tokens_for("emilio", scope);
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let own = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let answer = app.token(&[&own, more].concat());
        assert_eq!(answer.status, 200, "{answer:?}");
        own_roles(&claims_of(&answer.json()["access_token"]))
    };
    assert_eq!(refreshed(ORG, &[]), ["guide"]);
    assert_eq!(refreshed(ORG, &[("scope", "openid")]), [""; 0], "narrowed to none");
    let rocky = [("organization_name", "rocky-mountain")];
    assert_eq!(refreshed(ORG, &rocky), [""; 0], "switched away");
    let here = [("organization_name", "granite-outpost")];
    assert_eq!(refreshed("openid organization:rocky-mountain", &here), ["guide"], "switched to");
    let one = [("scope", ORG)];
    assert_eq!(refreshed("openid organization:*", &one), ["guide"], "narrowed to one");
}

#[test]
fn a_role_that_is_held_anyway_is_told_once() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let guide = granite.make_role("guide");
    let path = format!("{TRAVEL0}/users/{}/role-mappings/realm", granite.id_of("emilio"));
    assert_eq!(granite.world.post(&path, &granite.admin, &json!([guide])).status, 204);
    granite.map(&group, "/realm", &json!([guide]));
    granite.join_group(&group, "emilio");
    assert_eq!(granite.told_in("emilio", ORG), ["guide"]);
    assert_eq!(granite.told_in("emilio", "openid"), ["guide"]);
}

/// The client's scope passes what it passes, however it is held.
#[test]
fn a_client_gets_no_more_roles_than_its_scope_has() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let [inside, outside] = ["inside", "outside"].map(|name| granite.make_role(name));
    granite.map(&group, "/realm", &json!([inside, outside]));
    granite.join_group(&group, "emilio");
    let web = client_uuid(&granite.world, TRAVEL0, "travel0-web");
    let client = format!("{TRAVEL0}/clients/{web}");
    let narrow = json!({ "fullScopeAllowed": false });
    assert_eq!(granite.world.put(&client, &granite.admin, &narrow).status, 204);
    let scope = format!("{client}/scope-mappings/realm");
    assert_eq!(granite.world.post(&scope, &granite.admin, &json!([inside])).status, 204);
    assert_eq!(granite.told_in("emilio", ORG), ["inside"]);
}

#[test]
fn a_role_that_administers_gives_no_power_this_way() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let world = &granite.world;
    let management = client_uuid(world, TRAVEL0, "realm-management");
    let all = client_role(world, TRAVEL0, "realm-management", "realm-admin");
    let guide = granite.make_role("guide");
    let boss = granite.make_role("boss");
    granite.include("boss", &json!([all, guide]));
    assert_eq!(granite.map(&group, &format!("/clients/{management}"), &json!([all])).status, 204);
    assert_eq!(granite.map(&group, "/realm", &json!([boss])).status, 204);
    granite.join_group(&group, "emilio");

    let tokens = RelyingParty::web(world).tokens_for("emilio", ORG);

    let token = tokens["access_token"].as_str().unwrap();
    for path in ["/users", "/groups", "/clients", ""] {
        assert_eq!(world.get(&format!("{TRAVEL0}{path}"), token).status, 403, "{path}");
    }
    assert_eq!(world.get(&granite.admin_path("/groups"), token).status, 403);
    let claims = claims_of(&tokens["access_token"]);
    assert_eq!(claims["resource_access"].get("realm-management"), None);
    assert_eq!(own_roles(&claims), ["boss", "guide"], "what else they include is told");
}

#[test]
fn a_role_that_is_deleted_is_mapped_to_nothing() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let [guide, other] = ["guide", "other"].map(|name| granite.make_role(name));
    granite.map(&group, "/realm", &json!([guide, other]));
    granite.join_group(&group, "emilio");
    let path = format!("{TRAVEL0}/roles/guide");
    assert_eq!(granite.world.delete(&path, &granite.admin).status, 204);
    let base = format!("/groups/{group}/role-mappings");
    assert_eq!(names(&granite.read(&base)["realmMappings"]), ["other"]);
    assert_eq!(names(&granite.read(&format!("{base}/realm"))), ["other"]);
    assert_eq!(granite.read(&format!("/groups/{group}"))["realmRoles"], json!(["other"]));
    assert_eq!(granite.told_in("emilio", ORG), ["other"]);
}

#[test]
fn a_group_of_another_organization_is_not_there() {
    let granite = Granite::new();
    let group = granite.plant(None, "crew");
    let guide = granite.make_role("guide");
    let rocky = org_id(&granite.world, "rocky-mountain");
    let path = format!("{TRAVEL0}/organizations/{rocky}/groups/{group}/role-mappings");
    let answer = granite.world.post(&format!("{path}/realm"), &granite.admin, &json!([guide]));
    assert_eq!(answer.json(), json!({ "errorMessage": "Group does not exist" }));
    assert_eq!(granite.world.get(&path, &granite.admin).status, 404);
}
