//! Identity providers: an organization's (`/orgs/{org}/idps`), the realm's
//! (`/identity-provider/instances`), and both views of one truth.
use crate::harness::browser::{Answer, json_request};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, realm, travel0, user};
use guildhall::kernel::id::OrgId;
use guildhall::kernel::route::ObjectName;
use guildhall::platform::directory::Directory as _;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const INSTANCES: &str = "/admin/realms/travel0/identity-provider/instances";
const ROCKY: &str = "rocky-mountain";
const GRANITE: &str = "granite-outpost";

fn idps(world: &World, alias: &str) -> String {
    format!("/realms/travel0/orgs/{}/idps", org_id(world, alias))
}

fn okta() -> Value {
    json!({
        "alias": "okta", "providerId": "oidc", "displayName": "Okta", "enabled": true,
        "trustEmail": true, "hideOnLogin": false,
        "config": {
            "clientId": "guildhall", "clientSecret": "a secret at Okta", "useJwksUrl": true,
            "authorizationUrl": "https://okta.example/authorize",
            "tokenUrl": "https://okta.example/token", "validateSignature": "true",
        }
    })
}

fn called(alias: &str) -> Value {
    let mut provider = okta();
    provider["alias"] = alias.into();
    provider
}

fn create(world: &World, org: &str, provider: &Value) -> Answer {
    let answer = world.post(&idps(world, org), &admin(world), provider);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer
}

fn aliases(world: &World, org: &str) -> Vec<String> {
    let list = world.get(&idps(world, org), &admin(world)).json();
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["alias"].as_str().unwrap().to_owned()).collect()
}

fn link(world: &World, org: &str, alias: &str) -> Answer {
    let path = format!("{}/link", idps(world, org));
    world.post(&path, &admin(world), &json!({ "alias": alias, "sync_mode": "IMPORT" }))
}

/// Sets a setting of realm travel0.
fn set(world: &World, setting: &'static str, on: bool) {
    let path = format!("$.{setting}");
    let statement = Statement::new(
        "UPDATE realm SET settings = json_set(settings, ?, json(?)) WHERE name = 'travel0'",
    );
    let statement = statement.bind(path).bind(on.to_string());
    world.run(world.directory().run(statement)).unwrap();
    world.restart();
}

/// Gives a member of an organization a role there.
fn grant(world: &World, org: &str, username: &str, role: &str) {
    let object = ObjectName::Org(realm(world).id, org_id(world, org));
    let statement = Statement::new(
        "INSERT INTO member_role (user_id, role_id) SELECT ?, id FROM role WHERE name = ?",
    );
    let statement = statement.bind(user(world, username).unwrap().id.as_str()).bind(role);
    world.with_object(&object, |sql| sql.run(statement).unwrap());
}

fn token_of(world: &World, username: &str) -> String {
    let tokens = RelyingParty::web(world).tokens_for(username, "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// A member of `org` who may view and manage its providers.
fn manager(world: &World, org: &str, username: &str) -> String {
    for role in ["view-identity-providers", "manage-identity-providers"] {
        grant(world, org, username, role);
    }
    token_of(world, username)
}

#[test]
fn an_organization_gets_a_provider_and_reads_it_without_its_secret() {
    let world = travel0();
    let created = create(&world, ROCKY, &okta());
    assert!(created.location().ends_with(&format!("{}/okta", idps(&world, ROCKY))), "{created:?}");
    assert_eq!(created.text, "");
    let read = world.get(&format!("{}/okta", idps(&world, ROCKY)), &admin(&world));
    assert_eq!(read.status, 200);
    let json = read.json();
    let org = org_id(&world, ROCKY);
    assert_eq!(json["config"]["home.idp.discovery.org"], org.as_str());
    assert_eq!(json["config"]["clientSecret"], "**********");
    assert_eq!(json["config"]["useJwksUrl"], "true", "a truth is kept as its text");
    assert_eq!(json["config"]["syncMode"], "FORCE");
    assert_eq!(json["hideOnLogin"], true, "an organization's provider is not on the realm's page");
    assert_eq!(json["firstBrokerLoginFlowAlias"], "first broker login");
    assert!(json["internalId"].is_string());
    let listed = world.get(&idps(&world, ROCKY), &admin(&world));
    assert_eq!(listed.json(), json!([json]));
    assert!(!listed.text.contains("a secret at Okta"));
}

#[test]
fn the_secret_is_stored_encrypted() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let statement =
        Statement::new("SELECT settings || coalesce(secret, '-') AS row FROM identity_provider");
    let rows = world.directory().sql().run(statement).unwrap();
    let row = rows[0].text("row").unwrap();
    assert!(!row.contains("a secret at Okta") && !row.ends_with('-'), "{row}");
}

#[test]
fn a_replacement_keeps_what_it_may_not_change() {
    let world = travel0();
    set(&world, "validate_idp", true);
    create(&world, ROCKY, &okta());
    let token = manager(&world, ROCKY, "jonno");
    let path = format!("{}/okta", idps(&world, ROCKY));
    let mut json = world.get(&path, &token).json();
    json["alias"] = "mine".into();
    json["displayName"] = "Okta of ours".into();
    json["hideOnLogin"] = false.into();
    json["config"]["home.idp.discovery.org"] = "somebody".into();
    json["config"]["home.idp.discovery.validationPending"] = "false".into();
    assert_eq!(world.call(Method::PUT, &path, &token, Some(&json)).status, 204);
    let after = world.get(&path, &token).json();
    assert_eq!(after["displayName"], "Okta of ours");
    assert_eq!(after["hideOnLogin"], true);
    let config = &after["config"];
    assert_eq!(config["home.idp.discovery.org"], org_id(&world, ROCKY).as_str());
    assert_eq!(config["home.idp.discovery.validationPending"], "true");
    assert_eq!(config["clientSecret"], "**********", "a mask sent back means: as it is");
}

#[test]
fn an_alias_is_taken_once_in_the_realm() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    for path in [idps(&world, GRANITE), INSTANCES.to_owned()] {
        let again = world.post(&path, &admin(&world), &okta());
        assert_eq!(again.status, 409, "{again:?}");
        assert_eq!(again.json()["errorMessage"], "Identity Provider okta already exists");
    }
    assert_eq!(aliases(&world, GRANITE), Vec::<String>::new());
}

#[test]
fn a_provider_that_cannot_be_is_refused_and_leaves_nothing() {
    let world = travel0();
    let mut bad_url = okta();
    bad_url["config"]["tokenUrl"] = "okta.example".into();
    let mut nested = okta();
    nested["config"]["clientId"] = json!({});
    let refused = [
        (json!({ "providerId": "oidc" }), "alias"),
        (json!({ "alias": "a/b", "providerId": "oidc" }), "alias"),
        (json!({ "alias": "okta" }), "providerId"),
        (json!({ "alias": "okta", "providerId": "kerberos" }), "kerberos"),
        (json!({ "alias": "okta", "providerId": "oidc", "colour": "red" }), "colour"),
        (
            json!({ "alias": "okta", "providerId": "oidc", "config": { "syncMode": "NEVER" } }),
            "syncMode",
        ),
        (bad_url, "tokenUrl"),
        (nested, "clientId"),
        (json!([]), ""),
    ];
    for (body, told) in refused {
        for path in [idps(&world, ROCKY), INSTANCES.to_owned()] {
            let answer = world.post(&path, &admin(&world), &body);
            assert_eq!(answer.status, 400, "{body} {answer:?}");
            assert!(answer.text.contains(told), "{body} {answer:?}");
        }
    }
    assert_eq!(world.get(INSTANCES, &admin(&world)).json(), json!([]));
}

/// Seed 003, "Multiple IdPs": off, a new provider takes the place of the other.
#[test]
fn an_organization_has_one_provider_unless_the_realm_allows_several() {
    let world = travel0();
    create(&world, ROCKY, &called("first"));
    let mut disabled = called("switched-off");
    disabled["enabled"] = false.into();
    create(&world, ROCKY, &disabled);
    assert_eq!(aliases(&world, ROCKY), ["first", "switched-off"], "a disabled one replaces nobody");
    create(&world, ROCKY, &called("second"));
    assert_eq!(aliases(&world, ROCKY), ["second"]);
    let first = world.get(&format!("{INSTANCES}/first"), &admin(&world));
    assert_eq!(first.status, 200, "it stays with the realm");
    assert_eq!(first.json()["config"]["home.idp.discovery.org"], Value::Null);

    set(&world, "multiple_idps", true);
    create(&world, ROCKY, &called("third"));
    assert_eq!(link(&world, ROCKY, "first").status, 201);
    assert_eq!(aliases(&world, ROCKY), ["first", "second", "third"]);

    set(&world, "multiple_idps", false);
    assert_eq!(aliases(&world, ROCKY), ["first", "second", "third"], "what is in use stays");
    create(&world, ROCKY, &called("fourth"));
    assert_eq!(aliases(&world, ROCKY), ["fourth"], "the next one takes their place");
}

/// Seed 003, "Shared IdPs": on, a provider serves several organizations; turned
/// off, none keeps any (reference phasetwo.md §2).
#[test]
fn a_provider_is_shared_only_where_the_realm_shares() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    assert_eq!(link(&world, GRANITE, "okta").status, 201);
    assert_eq!(
        (aliases(&world, ROCKY), aliases(&world, GRANITE)),
        (vec![], vec!["okta".to_owned()])
    );

    set(&world, "shared_idps", true);
    assert_eq!(link(&world, ROCKY, "okta").status, 201);
    assert_eq!(aliases(&world, ROCKY), aliases(&world, GRANITE));
    let read = world.get(&format!("{INSTANCES}/okta"), &admin(&world)).json();
    assert_eq!(read["config"]["home.idp.discovery.shared"], "true");
    assert_eq!(read["organizationLinks"].as_array().unwrap().len(), 2);

    set(&world, "shared_idps", false);
    assert_eq!((aliases(&world, ROCKY), aliases(&world, GRANITE)), (vec![], vec![]));
    let read = world.get(&format!("{INSTANCES}/okta"), &admin(&world)).json();
    assert_eq!(read["config"]["home.idp.discovery.shared"], Value::Null);
}

#[test]
fn one_organization_cannot_change_what_another_signs_in_through() {
    let world = travel0();
    set(&world, "shared_idps", true);
    create(&world, ROCKY, &okta());
    link(&world, GRANITE, "okta");
    let token = manager(&world, ROCKY, "jonno");
    let path = format!("{}/okta", idps(&world, ROCKY));
    let seen = world.get(&path, &token);
    let granite = org_id(&world, GRANITE);
    assert!(!seen.text.contains(granite.as_str()), "who else uses it is nobody's business");
    let replaced = world.call(Method::PUT, &path, &token, Some(&seen.json()));
    assert_eq!(replaced.status, 403);
    let mapper = json!({ "name": "m", "identityProviderMapper": "hardcoded-attribute-idp-mapper" });
    assert_eq!(world.post(&format!("{path}/mappers"), &token, &mapper).status, 403);
    assert_eq!(world.delete(&path, &token).status, 204, "giving up one's own use");
    assert_eq!(aliases(&world, ROCKY), Vec::<String>::new());
    assert_eq!(aliases(&world, GRANITE), ["okta"]);
}

#[test]
fn a_provider_is_linked_and_unlinked_by_administrators_only() {
    let world = travel0();
    world.post(INSTANCES, &admin(&world), &okta());
    let token = manager(&world, ROCKY, "jonno");
    let path = format!("{}/link", idps(&world, ROCKY));
    assert_eq!(world.post(&path, &token, &json!({ "alias": "okta" })).status, 401);
    let body = json!({ "alias": "okta", "domains": ["Rocky.Example", null, ""], "post_broker_flow": "p",
                       "unknown": "is ignored" });
    let linked = world.post(&path, &admin(&world), &body);
    assert_eq!(linked.status, 201);
    assert!(
        linked.location().ends_with("/idps/link/okta"),
        "reference phasetwo.md §1.8: {linked:?}"
    );
    let read = world.get(&format!("{}/okta", idps(&world, ROCKY)), &token).json();
    assert_eq!(read["config"]["home.idp.discovery.domains"], "rocky.example");
    assert_eq!(read["postBrokerLoginFlowAlias"], "p");
    let unlink = format!("{}/okta/unlink", idps(&world, ROCKY));
    assert_eq!(world.post(&unlink, &token, &json!({})).status, 401);
    assert_eq!(world.post(&unlink, &admin(&world), &json!({})).status, 204);
    assert_eq!(world.post(&unlink, &admin(&world), &json!({})).status, 404);
    assert_eq!(world.get(&format!("{INSTANCES}/okta"), &admin(&world)).status, 200);
}

#[test]
fn a_link_that_is_killed_before_its_answer_stands_and_may_be_asked_for_again() {
    let world = travel0();
    world.post(INSTANCES, &admin(&world), &okta());
    let path = format!("{}/link", idps(&world, ROCKY));
    let body = json!({ "alias": "okta" });
    let request = json_request(Method::POST, &path, &admin(&world), Some(&body));
    world.crash_at("idp.link.after_directory", request);

    assert_eq!(aliases(&world, ROCKY), ["okta"]);
    assert_eq!(link(&world, ROCKY, "okta").status, 201);
    assert_eq!(aliases(&world, ROCKY), ["okta"]);
    let events = "/admin/realms/travel0/admin-events?resourceTypes=IDENTITY_PROVIDER";
    let events = world.get(events, &admin(&world)).json();
    let org = org_id(&world, ROCKY);
    let of_link = |one: &&Value| one["resourcePath"].as_str().unwrap().ends_with(org.as_str());
    assert_eq!(events.as_array().unwrap().iter().filter(of_link).count(), 2, "{events}");
}

#[test]
fn what_cannot_be_linked_is_told_in_phase_twos_words() {
    let world = travel0();
    let mut disabled = okta();
    disabled["enabled"] = false.into();
    world.post(INSTANCES, &admin(&world), &disabled);
    let unknown = link(&world, ROCKY, "nobody");
    assert_eq!(
        (unknown.status.as_u16(), unknown.error()),
        (404, "No IdP found with alias nobody".to_owned())
    );
    let off = link(&world, ROCKY, "okta");
    assert_eq!(
        (off.status.as_u16(), off.error()),
        (400, "Cannot link disabled IdP okta".to_owned())
    );
    let path = format!("{}/link", idps(&world, ROCKY));
    assert_eq!(world.post(&path, &admin(&world), &json!({})).status, 400);
}

#[test]
fn a_provider_of_another_organization_is_unknown() {
    let world = travel0();
    create(&world, GRANITE, &okta());
    let token = manager(&world, ROCKY, "jonno");
    let path = format!("{}/okta", idps(&world, ROCKY));
    let body = okta();
    let mapper = json!({ "name": "m", "identityProviderMapper": "x" });
    let tries = [
        (Method::GET, path.clone(), None),
        (Method::PUT, path.clone(), Some(&body)),
        (Method::DELETE, path.clone(), None),
        (Method::GET, format!("{path}/mappers"), None),
        (Method::POST, format!("{path}/mappers"), Some(&mapper)),
        (Method::GET, format!("{path}/mappers/m"), None),
    ];
    for (method, path, body) in tries {
        let answer = world.call(method.clone(), &path, &token, body);
        assert_eq!(
            (answer.status.as_u16(), answer.error()),
            (404, "HTTP 404 Not Found".to_owned()),
            "{method} {path}"
        );
    }
    assert_eq!(aliases(&world, GRANITE), ["okta"]);
}

/// Reference phasetwo.md §1.8: each role gates its own.
#[test]
fn viewing_and_managing_are_two_permissions() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let path = format!("{}/okta", idps(&world, ROCKY));
    let token = token_of(&world, "jonno");
    assert_eq!(world.get(&idps(&world, ROCKY), &token).status, 401, "a member without the role");
    grant(&world, ROCKY, "jonno", "manage-identity-providers");
    assert_eq!(world.delete(&path, &token).status, 401, "managing is not viewing");
    grant(&world, ROCKY, "emilio", "view-identity-providers");
    let viewer = token_of(&world, "emilio");
    assert_eq!(world.get(&path, &viewer).status, 200);
    for (method, path) in [
        (Method::PUT, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, idps(&world, ROCKY)),
    ] {
        let refused = world.call(method, &path, &viewer, Some(&called("other")));
        assert_eq!(
            (refused.status.as_u16(), refused.error()),
            (403, "HTTP 403 Forbidden".to_owned())
        );
    }
}

/// A mapper must not give, at the next login, what its maker may not grant.
#[test]
fn a_mapper_gives_roles_of_the_organization_when_its_maker_may() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let token = manager(&world, ROCKY, "jonno");
    let mappers = format!("{}/okta/mappers", idps(&world, ROCKY));
    let mapper = |kind: &str, config: Value| json!({ "name": kind, "identityProviderMapper": kind, "config": config });
    let plain = mapper("hardcoded-attribute-idp-mapper", json!({}));
    let made = world.post(&mappers, &token, &plain);
    assert_eq!(made.status, 201, "{made:?}");
    let one = format!("{mappers}/{}", made.location().rsplit('/').next().unwrap());
    let role = json!({ "org": "rocky-mountain", "org_role": "manage-roles" });
    let group = json!({ "group": "/Guides", "groupType": "ORGANIZATION" });
    let giving = [
        mapper("oidc-hardcoded-org-role-idp-mapper", role),
        mapper("oidc-hardcoded-group-idp-mapper", group),
    ];
    let before = world.dump();
    for body in &giving {
        assert_eq!(world.post(&mappers, &token, body).status, 403, "{body}");
        assert_eq!(world.put(&one, &token, body).status, 403, "{body}");
    }
    assert_eq!(world.dump(), before);
    grant(&world, ROCKY, "jonno", "manage-roles");
    for body in &giving {
        assert_eq!(world.post(&mappers, &token, body).status, 201, "{body}");
    }
}

#[test]
fn the_realms_paths_need_the_realms_roles() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let member = manager(&world, ROCKY, "jonno");
    let path = format!("{INSTANCES}/okta");
    let body = okta();
    let tries = [
        (Method::GET, INSTANCES.to_owned(), None),
        (Method::POST, INSTANCES.to_owned(), Some(&body)),
        (Method::GET, path.clone(), None),
        (Method::PUT, path.clone(), Some(&body)),
        (Method::DELETE, path.clone(), None),
        (Method::GET, format!("{path}/mappers"), None),
    ];
    for (method, path, body) in tries {
        assert_eq!(world.call(method.clone(), &path, "", body).status, 401, "{method} {path}");
        assert_eq!(world.call(method.clone(), &path, &member, body).status, 403, "{method} {path}");
    }
    assert_eq!(aliases(&world, ROCKY), ["okta"]);
}

#[test]
fn an_administrator_keeps_a_realms_providers() {
    let world = travel0();
    let token = admin(&world);
    let created = world.post(INSTANCES, &token, &okta());
    assert_eq!(created.status, 201);
    assert!(created.location().ends_with(&format!("{INSTANCES}/okta")), "{created:?}");
    let path = format!("{INSTANCES}/okta");
    let mut json = world.get(&path, &token).json();
    assert_eq!(json["hideOnLogin"], false);
    json["enabled"] = false.into();
    assert_eq!(world.call(Method::PUT, &path, &token, Some(&json)).status, 204);
    assert_eq!(world.get(&path, &token).json()["enabled"], false);
    json["alias"] = "other".into();
    assert_eq!(world.call(Method::PUT, &path, &token, Some(&json)).status, 400, "an alias stays");
    assert_eq!(world.delete(&path, &token).status, 204);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let gone = world.call(method, &path, &token, Some(&okta()));
        assert_eq!((gone.status.as_u16(), gone.error()), (404, "HTTP 404 Not Found".to_owned()));
    }
}

/// Keycloak's clients assign organizations through the configuration, too.
#[test]
fn the_configuration_and_the_organization_show_one_truth() {
    let world = travel0();
    let token = admin(&world);
    let (rocky, granite) = (org_id(&world, ROCKY), org_id(&world, GRANITE));
    world.post(INSTANCES, &token, &okta());
    let path = format!("{INSTANCES}/okta");
    let assign = |orgs: String| {
        let mut json = world.get(&path, &token).json();
        json["config"]["home.idp.discovery.org"] = orgs.into();
        world.call(Method::PUT, &path, &token, Some(&json)).status.as_u16()
    };
    assert_eq!(assign(format!("{rocky}##{granite}")), 204);
    assert_eq!(
        (aliases(&world, ROCKY), aliases(&world, GRANITE)),
        (vec!["okta".to_owned()], vec!["okta".to_owned()])
    );
    assert_eq!(assign(granite.to_string()), 204);
    assert_eq!(
        (aliases(&world, ROCKY), aliases(&world, GRANITE)),
        (vec![], vec!["okta".to_owned()])
    );
    assert_eq!(assign("not/an/id".to_owned()), 400);
    assert_eq!(
        assign("no-such-organization".to_owned()),
        204,
        "an organization that is not there gets none"
    );
    assert_eq!(aliases(&world, GRANITE), Vec::<String>::new());
}

#[test]
fn a_deleted_organization_leaves_its_provider_to_the_realm() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let org = org_id(&world, ROCKY);
    assert_eq!(world.delete(&format!("/realms/travel0/orgs/{org}"), &admin(&world)).status, 204);
    let read = world.get(&format!("{INSTANCES}/okta"), &admin(&world)).json();
    assert_eq!(read["config"]["home.idp.discovery.org"], Value::Null);
}

#[test]
fn providers_are_searched_and_paged_by_alias() {
    let world = travel0();
    let token = admin(&world);
    for alias in ["delta", "Alpha", "charlie", "bravo"] {
        let mut provider = called(alias);
        provider["displayName"] = format!("{alias} 100%").into();
        world.post(INSTANCES, &token, &provider);
    }
    create(&world, ROCKY, &called("echo"));
    let listed = |query: &str| {
        let list = world.get(&format!("{INSTANCES}?{query}"), &token);
        assert_eq!(list.status, 200, "{query} {list:?}");
        let list = list.json();
        let aliases = list.as_array().unwrap().iter().map(|one| one["alias"].as_str().unwrap());
        aliases.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(listed(""), "Alpha bravo charlie delta echo");
    assert_eq!(listed("first=1&max=2"), "bravo charlie");
    assert_eq!(listed("first=5"), "");
    assert_eq!(listed("max=0"), "");
    assert_eq!(listed("max=-1"), "Alpha bravo charlie delta echo");
    assert_eq!(listed("search=ALPHA"), "Alpha");
    assert_eq!(listed("search=100%25"), "Alpha bravo charlie delta");
    assert_eq!(listed("search=*LT*"), "delta");
    assert_eq!(listed("search=%27%20OR%201=1--"), "");
    assert_eq!(listed("realmOnly=true"), "Alpha bravo charlie delta");
    assert_eq!(world.get(&format!("{INSTANCES}?max=ten"), &token).status, 400);
}

#[test]
fn mappers_are_kept_with_their_provider() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let token = manager(&world, ROCKY, "jonno");
    let path = format!("{}/okta/mappers", idps(&world, ROCKY));
    let body = json!({ "name": "department", "identityProviderAlias": "okta",
                       "identityProviderMapper": "oidc-user-attribute-idp-mapper",
                       "config": { "claim": "dept", "user.attribute": "department", "syncMode": "INHERIT" } });
    let created = world.post(&path, &token, &body);
    assert_eq!(created.status, 201, "{created:?}");
    let one = created.location().strip_prefix("http://localhost:8787").unwrap().to_owned();
    assert!(one.starts_with(&path), "{one}");
    let mut read = world.get(&one, &token).json();
    assert_eq!(
        (read["name"].as_str(), read["config"]["claim"].as_str()),
        (Some("department"), Some("dept"))
    );
    assert_eq!(world.get(&path, &token).json(), json!([read]));
    let again = world.post(&path, &token, &body);
    assert_eq!(again.status, 409, "{again:?}");
    read["config"]["claim"] = "department".into();
    assert_eq!(world.call(Method::PUT, &one, &token, Some(&read)).status, 204);
    let admins = format!("{INSTANCES}/okta/mappers/{}", read["id"].as_str().unwrap());
    assert_eq!(world.get(&admins, &admin(&world)).json(), read, "the realm sees the same");
    assert_eq!(world.delete(&one, &token).status, 204);
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        assert_eq!(world.call(method, &one, &token, Some(&body)).status, 404);
    }
    for bad in [
        json!({ "name": "x" }),
        json!({ "identityProviderMapper": "x" }),
        json!({ "name": "", "identityProviderMapper": "x" }),
    ] {
        assert_eq!(world.post(&path, &token, &bad).status, 400, "{bad}");
    }
}

#[test]
fn every_change_is_written_down_without_the_secret() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let path = format!("{}/okta", idps(&world, ROCKY));
    world.call(Method::PUT, &path, &admin(&world), Some(&okta()));
    link(&world, GRANITE, "okta");
    world.delete(&format!("{INSTANCES}/okta"), &admin(&world));
    let statement = Statement::new(
        "SELECT org_id, document ->> '$.operationType' AS operation, document ->> '$.resourcePath' AS path, document
           FROM event WHERE document ->> '$.resourceType' = 'IDENTITY_PROVIDER' ORDER BY rowid",
    );
    let rows = world.directory().sql().run(statement).unwrap();
    let told: Vec<(Option<&str>, &str, &str)> = rows
        .iter()
        .map(|row| {
            (
                row.text_or_null("org_id").unwrap(),
                row.text("operation").unwrap(),
                row.text("path").unwrap(),
            )
        })
        .collect();
    let (rocky, granite): (OrgId, OrgId) = (org_id(&world, ROCKY), org_id(&world, GRANITE));
    let linked = format!("identity-provider/instances/okta/organizations/{granite}");
    let place = "identity-provider/instances/okta";
    assert_eq!(
        told,
        [
            (Some(rocky.as_str()), "CREATE", place),
            (Some(rocky.as_str()), "UPDATE", place),
            (Some(granite.as_str()), "CREATE", linked.as_str()),
            (None, "DELETE", place),
        ]
    );
    assert!(rows.iter().all(|row| !row.text("document").unwrap().contains("a secret at Okta")));
}

#[test]
fn a_provider_costs_one_object_call() {
    let world = travel0();
    create(&world, ROCKY, &okta());
    let token = manager(&world, ROCKY, "jonno");
    let path = format!("{}/okta", idps(&world, ROCKY));
    world.get(&path, &token);
    let (answer, trips) =
        world.trips_of(|| world.send(json_request(Method::GET, &path, &token, None)));
    // One query says what the caller administers, one is for the provider.
    assert_eq!((answer.status().as_u16(), trips.objects, trips.directory), (200, 1, 2));
}

const DISCOVERY: &str = r#"{"issuer":"https://idp.example","authorization_endpoint":"https://idp.example/auth",
    "token_endpoint":"https://idp.example/token","jwks_uri":"https://idp.example/keys"}"#;

#[test]
fn a_configuration_is_read_from_what_the_provider_publishes() {
    let world = travel0();
    let url = "https://idp.example/.well-known/openid-configuration";
    world.serve(url, 200, DISCOVERY);
    let body = json!({ "providerId": "oidc", "fromUrl": url });
    let realms = "/admin/realms/travel0/identity-provider/import-config".to_owned();
    for path in [format!("{}/import-config", idps(&world, ROCKY)), realms] {
        let imported = world.post(&path, &admin(&world), &body);
        assert_eq!(imported.status, 200, "{imported:?}");
        assert_eq!(imported.json()["tokenUrl"], "https://idp.example/token");
        let form = format!(
            "--x\r\nContent-Disposition: form-data; name=\"providerId\"\r\n\r\noidc\r\n\
             --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"d.json\"\r\n\r\n{DISCOVERY}\r\n--x--\r\n"
        );
        let mut upload =
            json_request(Method::POST, &path, &admin(&world), None).map(|_| form.into());
        let multipart = "multipart/form-data; boundary=x".parse().unwrap();
        upload.headers_mut().insert("content-type", multipart);
        assert_eq!(Answer::new(world.send(upload)).json(), imported.json());
    }
    assert_eq!(world.get(INSTANCES, &admin(&world)).json(), json!([]), "nothing is stored");
}

#[test]
fn what_cannot_be_imported_is_told() {
    let world = travel0();
    world.serve("https://idp.example/html", 200, "<html>");
    world.serve("https://idp.example/gone", 404, DISCOVERY);
    world.serve("https://idp.example/elsewhere", 302, "");
    let path = format!("{}/import-config", idps(&world, ROCKY));
    let refused = [
        (json!({ "fromUrl": "https://idp.example/html" }), "providerId"),
        (json!({ "providerId": "oidc" }), "fromUrl"),
        (
            json!({ "providerId": "carrier-pigeon", "fromUrl": "https://idp.example/html" }),
            "Invalid identity provider id [carrier-pigeon]",
        ),
        (
            json!({ "providerId": "oidc", "fromUrl": "https://idp.example/html" }),
            "discovery document",
        ),
        (json!({ "providerId": "saml", "fromUrl": "https://idp.example/html" }), "SAML"),
        (json!({ "providerId": "oidc", "fromUrl": "https://idp.example/gone" }), "404"),
        (json!({ "providerId": "oidc", "fromUrl": "https://idp.example/elsewhere" }), "redirect"),
        (json!({ "providerId": "oidc", "fromUrl": "https://idp.example/nobody" }), "no answer"),
        (json!({ "providerId": "oidc", "fromUrl": "file:///etc/passwd" }), "https"),
    ];
    for (body, told) in refused {
        let answer = world.post(&path, &admin(&world), &body);
        assert_eq!(answer.status, 400, "{body} {answer:?}");
        assert!(answer.text.contains(told), "{body} {answer:?}");
    }
    let member = token_of(&world, "jonno");
    assert_eq!(world.post(&path, &member, &json!({})).status, 401);
}
