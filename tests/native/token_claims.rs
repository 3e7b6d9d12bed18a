//! What tokens and the userinfo endpoint say: chosen by the client scopes and the
//! protocol mappers that administrators give a client.
use crate::admin_setup::{MASTER, TRAVEL0, assert_guarded, client_uuid, holder_of, made, nobody};
use crate::harness::relying_party::{RelyingParty, claims_of, token_path, userinfo};
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, travel0, user};
use crate::switch_organization::{access, switch};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::oidc::scope::MAX_ORGS_PER_TOKEN;
use guildhall::realm::person::MAX_TOKEN_ROLES;
use http::Method;
use serde_json::{Value, json};

/// Travel0, its administrator, and its client for the web.
struct Bench {
    world: World,
    admin: String,
    web: String,
}

impl Bench {
    fn new() -> Self {
        let world = travel0();
        let admin = admin(&world);
        let web = client_uuid(&world, TRAVEL0, "travel0-web");
        Self { world, admin, web }
    }

    fn post(&self, below: &str, body: &Value) -> Option<String> {
        let answer = self.world.post(&format!("{TRAVEL0}{below}"), &self.admin, body);
        assert!(answer.status.is_success(), "{below}: {answer:?}");
        (answer.status == 201).then(|| made(&answer))
    }

    fn put(&self, below: &str, body: &Value) {
        let answer = self.world.put(&format!("{TRAVEL0}{below}"), &self.admin, body);
        assert_eq!(answer.status, 204, "{below}: {answer:?}");
    }

    fn get(&self, below: &str) -> Value {
        self.world.get(&format!("{TRAVEL0}{below}"), &self.admin).json()
    }

    fn delete(&self, below: &str) {
        let answer = self.world.delete(&format!("{TRAVEL0}{below}"), &self.admin);
        assert_eq!(answer.status, 204, "{below}: {answer:?}");
    }

    /// Gives the client a mapper of its own, shown everywhere; where it is.
    fn map(&self, kind: &str, config: Value) -> String {
        let mut all = json!({
            "access.token.claim": "true", "id.token.claim": "true", "userinfo.token.claim": "true",
        });
        let Value::Object(config) = config else { panic!("{config}") };
        all.as_object_mut().unwrap().extend(config);
        let models = format!("/clients/{}/protocol-mappers/models", self.web);
        let body = json!({
            "name": kind, "protocol": "openid-connect", "protocolMapper": kind, "config": all,
        });
        format!("{models}/{}", self.post(&models, &body).unwrap())
    }

    fn role(&self, below: &str, name: &str) -> Value {
        self.post(below, &json!({ "name": name }));
        self.get(&format!("{below}/{name}"))
    }

    fn user(&self, username: &str) -> String {
        user(&self.world, username).unwrap().id.to_string()
    }

    fn scope(&self, name: &str) -> String {
        let scopes = self.get("/client-scopes");
        let found = scopes.as_array().unwrap().iter().find(|scope| scope["name"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    }

    fn tokens(&self, username: &str, scope: &str) -> Value {
        RelyingParty::web(&self.world).tokens_for(username, scope)
    }

    /// The claims of the access token, of the ID token and of userinfo.
    fn claims(&self, username: &str, scope: &str) -> [Value; 3] {
        let tokens = self.tokens(username, scope);
        let info = userinfo(&self.world, &tokens["access_token"]);
        assert_eq!(info.status, 200, "{info:?}");
        [claims_of(&tokens["access_token"]), claims_of(&tokens["id_token"]), info.json()]
    }

    /// The organization scope as Keycloak has it in a new realm.
    fn plain_organizations(&self) {
        let models =
            format!("/client-scopes/{}/protocol-mappers/models", self.scope("organization"));
        for mapper in self.get(&models).as_array().unwrap() {
            let path = format!("{models}/{}", mapper["id"].as_str().unwrap());
            if mapper["name"] == "organization" {
                let mut mapper = mapper.clone();
                let config = mapper["config"].as_object_mut().unwrap();
                config.remove("addOrganizationId");
                config.insert("jsonType.label".to_owned(), json!("String"));
                self.put(&path, &mapper);
            } else {
                self.delete(&path);
            }
        }
    }
}

/// Names of roles, with those that everybody has.
fn with_defaults(names: &[&str]) -> Value {
    let mut names = names.to_vec();
    names.extend(["default-roles-travel0", "offline_access", "uma_authorization"]);
    names.sort_unstable();
    json!(names)
}

#[test]
fn a_token_carries_the_roles_of_person_groups_and_composites_without_a_further_query() {
    let bench = Bench::new();
    let api = bench.post("/clients", &json!({ "clientId": "the.api" })).unwrap();
    let read = bench.role(&format!("/clients/{api}/roles"), "read");
    let own = bench.role(&format!("/clients/{}/roles", bench.web), "own");
    let [staff, crew, inner] = ["staff", "crew", "inner"].map(|name| bench.role("/roles", name));
    bench.post("/roles/crew/composites", &json!([inner]));
    let hiroko = bench.user("hiroko");
    bench.post(&format!("/users/{hiroko}/role-mappings/realm"), &json!([staff]));
    bench.post(&format!("/users/{hiroko}/role-mappings/clients/{}", bench.web), &json!([own]));
    let top = bench.post("/groups", &json!({ "name": "Top" })).unwrap();
    bench.post(&format!("/groups/{top}/role-mappings/realm"), &json!([crew]));
    bench.post(&format!("/groups/{top}/role-mappings/clients/{api}"), &json!([read]));
    let group = bench.world.post(
        &format!("{TRAVEL0}/groups/{top}/children"),
        &bench.admin,
        &json!({ "name": "Below" }),
    );
    let group = group.json()["id"].as_str().unwrap().to_owned();
    bench.put(&format!("/users/{hiroko}/groups/{group}"), &json!({}));
    bench.map("oidc-group-membership-mapper", json!({ "claim.name": "g", "full.path": "true" }));

    let [token, id, info] = bench.claims("hiroko", "openid");

    assert_eq!(token["realm_access"]["roles"], with_defaults(&["crew", "inner", "staff"]));
    let resources = json!({
        "the.api": { "roles": ["read"] }, "travel0-web": { "roles": ["own"] },
    });
    assert_eq!((&token["resource_access"], &token["aud"]), (&resources, &json!("the.api")));
    for claims in [&token, &id, &info] {
        assert_eq!(claims["g"], json!(["/Top/Below"]));
    }
    for claims in [&id, &info] {
        assert!(claims.get("realm_access").is_none());
    }
    let app = RelyingParty::web(&bench.world);
    let code = app.code_for("hiroko", "openid");
    let (answer, trips) = bench.world.trips_of(|| app.redeem(&code));
    assert_eq!((answer.status.as_u16(), trips.directory, trips.objects), (200, 1, 1));
}

#[test]
fn a_mapper_counts_from_the_next_token_on_and_until_it_is_gone() {
    let bench = Bench::new();
    let tier = json!({ "claim.name": "app.tier", "claim.value": "gold" });
    let path = bench.map("oidc-hardcoded-claim-mapper", tier);
    for claims in bench.claims("hiroko", "openid") {
        assert_eq!(claims["app"], json!({ "tier": "gold" }));
    }
    bench.delete(&path);
    for claims in bench.claims("hiroko", "openid") {
        assert!(claims.get("app").is_none());
    }
}

#[test]
fn userinfo_tells_what_is_true_now_through_the_mappers() {
    let bench = Bench::new();
    let config = json!({ "user.attribute": "lastName", "claim.name": "x" });
    bench.map("oidc-usermodel-attribute-mapper", config);
    let tokens = bench.tokens("hiroko", "openid");
    let path = format!("/users/{}", bench.user("hiroko"));
    bench.put(&path, &json!({ "lastName": "Tanaka" }));
    let info = userinfo(&bench.world, &tokens["access_token"]).json();
    assert_eq!((&info["x"], &info["family_name"]), (&json!("Tanaka"), &json!("Tanaka")));
    assert_eq!(claims_of(&tokens["access_token"])["x"], "Sato");
}

/// Userinfo reads from the token whom to ask, and a mapper may write anything there.
#[test]
fn a_claim_that_names_too_many_organizations_is_not_followed() {
    let names = |count: usize| json!((0..count).map(|n| format!("x{n}")).collect::<Vec<_>>());
    for (count, status) in [(MAX_ORGS_PER_TOKEN, 200), (MAX_ORGS_PER_TOKEN + 1, 400)] {
        let bench = Bench::new();
        let config = json!({
            "claim.name": "organization", "claim.value": names(count).to_string(),
            "jsonType.label": "JSON",
        });
        bench.map("oidc-hardcoded-claim-mapper", config);
        let tokens = bench.tokens("hiroko", "openid");
        assert_eq!(userinfo(&bench.world, &tokens["access_token"]).status, status, "{count}");
    }
}

#[test]
fn a_scope_that_the_client_does_not_have_is_not_granted() {
    let bench = Bench::new();
    let scope = bench.scope("organization");
    let place = format!("/clients/{}/optional-client-scopes/{scope}", bench.web);
    bench.delete(&place);
    let tokens = bench.tokens("hiroko", "openid organization:granite-outpost phone");
    assert_eq!(tokens["scope"], "openid profile email phone");
    assert!(claims_of(&tokens["access_token"]).get("organization").is_none());

    // As a default scope it needs no asking.
    bench.put(&format!("/clients/{}/default-client-scopes/{scope}", bench.web), &json!({}));
    let tokens = bench.tokens("hiroko", "openid");
    assert_eq!(tokens["scope"], "openid profile email organization");
    let claim = &claims_of(&tokens["access_token"])["organization"];
    assert!(claim["granite-outpost"].is_object(), "{claim}");
}

/// Reference keycloak.md §4.5: the default claim is a list of aliases.
#[test]
fn keycloaks_plain_organization_claim_works_everywhere() {
    let bench = Bench::new();
    bench.plain_organizations();
    for scope in ["openid organization:rocky-mountain", "openid organization:*"] {
        let [token, id, info] = bench.claims("emilio", scope);
        let told = token["organization"].clone();
        assert!(told.as_array().unwrap().contains(&json!("rocky-mountain")), "{told}");
        assert_eq!((&id["organization"], &info["organization"]), (&told, &told), "{scope}");
    }
    // A scope of another name speaks for organizations when it has the mapper.
    let body = json!({
        "name": "tenant",
        "protocol": "openid-connect",
        "protocolMappers": [{
            "name": "m", "protocol": "openid-connect",
            "protocolMapper": "oidc-organization-membership-mapper",
            "config": { "access.token.claim": "true", "claim.name": "tenant", "multivalued": "false" },
        }],
    });
    let scope = bench.post("/client-scopes", &body).unwrap();
    bench.put(&format!("/clients/{}/optional-client-scopes/{scope}", bench.web), &json!({}));
    let tokens = bench.tokens("emilio", "openid tenant:granite-outpost");
    assert_eq!(claims_of(&tokens["access_token"])["tenant"], "granite-outpost");
    assert_eq!(tokens["scope"], "openid profile email tenant:granite-outpost");
}

/// Reference phasetwo.md §4.
#[test]
fn phase_twos_mappers_tell_of_all_organizations_and_of_the_active_one() {
    let bench = Bench::new();
    bench.map("oidc-organization-role-mapper", json!({ "claim.name": "organizations" }));
    bench.map("oidc-active-organization-mapper", json!({ "claim.name": "active_organization" }));
    let [rocky, granite] =
        ["rocky-mountain", "granite-outpost"].map(|alias| org_id(&bench.world, alias).to_string());
    let tokens = bench.tokens("emilio", "openid");
    let claims = claims_of(&tokens["access_token"]);
    let guide = json!(["guide"]);
    let mut every = json!({});
    every[&rocky] = json!({ "name": "rocky-mountain", "roles": guide });
    every[&granite] = json!({ "name": "granite-outpost", "roles": guide });
    assert_eq!(claims["organizations"], every);
    assert!(claims.get("organization").is_none());

    for (alias, org) in [("rocky-mountain", &rocky), ("granite-outpost", &granite)] {
        let switched = switch(&bench.world, access(&tokens), alias).json();
        let active = &claims_of(&switched["access_token"])["active_organization"];
        assert_eq!((&active["id"], &active["role"]), (&json!(org), &guide));
        let info = userinfo(&bench.world, &tokens["access_token"]).json();
        assert_eq!(info["active_organization"]["name"], alias, "of the session");
    }
}

#[test]
fn a_light_token_is_enough_to_be_known_by() {
    let bench = Bench::new();
    let attribute = json!({ "client.use.lightweight.access.token.enabled": "true" });
    bench.put(
        &format!("/clients/{}", bench.web),
        &json!({ "clientId": "travel0-web", "attributes": attribute }),
    );
    let [token, id, info] = bench.claims("hiroko", "openid organization:granite-outpost");
    for absent in ["sub", "preferred_username", "organization", "auth_time"] {
        assert!(token.get(absent).is_none(), "{absent}");
    }
    assert_eq!((&info["sub"], &info["name"]), (&id["sub"], &json!("Hiroko Sato")));
    assert!(info["organization"]["granite-outpost"].is_object(), "by the scope: {info}");
    let tokens = bench.tokens("hiroko", "openid");
    let mine = bench.world.get("/realms/travel0/orgs/me", access(&tokens)).json();
    assert!(mine.as_object().is_some_and(|orgs| orgs.len() == 1), "{mine}");
    // It does not say how old its session is, and ends with it all the same.
    bench.post("/logout-all", &json!({}));
    assert_eq!(userinfo(&bench.world, &tokens["access_token"]).status, 401);
}

#[test]
fn a_machine_carries_its_roles_until_its_account_is_disabled() {
    let bench = Bench::new();
    let machine = client_uuid(&bench.world, TRAVEL0, "travel0-machine");
    let account = bench.get(&format!("/clients/{machine}/service-account-user"));
    let account = account["id"].as_str().unwrap().to_owned();
    let role = bench.role("/roles", "nightly");
    bench.post(&format!("/users/{account}/role-mappings/realm"), &json!([role]));
    let ask = || {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", "travel0-machine"),
            ("client_secret", CLIENT_SECRET),
            ("scope", "openid organization:* phone"),
        ];
        bench.world.post_form(&token_path(), &fields)
    };
    let tokens = ask().json();
    let claims = claims_of(&tokens["access_token"]);
    assert_eq!(tokens["scope"], "profile email phone");
    assert_eq!(claims["realm_access"]["roles"], with_defaults(&["nightly"]));
    assert_eq!(
        (&claims["client_id"], &claims["sub"]),
        (&"travel0-machine".into(), &json!(account))
    );
    assert!(tokens.get("id_token").is_none());

    bench.put(&format!("/users/{account}"), &json!({ "enabled": false }));
    assert_eq!((ask().status.as_u16(), ask().error()), (400, "invalid_grant".to_owned()));
}

/// Whose roles are more than a token can carry still administers.
#[test]
fn an_administrator_of_master_is_not_kept_out_by_their_roles() {
    let world = travel0();
    let token = admin(&world);
    assert!(claims_of(&json!(token)).get("resource_access").is_none());
    assert_eq!(world.get(MASTER, &token).status, 200);
}

#[test]
fn one_role_too_many_is_told_by_its_limit() {
    use guildhall::platform::sql::{Sql, Statement};
    let bench = Bench::new();
    let realm = bench.get("")["id"].as_str().unwrap().to_owned();
    let give = |count: usize| {
        let sql = bench.world.directory().sql();
        let roles = "INSERT INTO role (id, realm_id, client_uuid, name, description)
                     SELECT 'many' || value, ?, NULL, 'many' || value, ''
                       FROM json_each(?) WHERE true ON CONFLICT DO NOTHING";
        let numbers = json!((0..count).collect::<Vec<_>>()).to_string();
        sql.run(Statement::new(roles).bind(realm.as_str()).bind(numbers)).unwrap();
        let grant = "INSERT INTO user_role (user_id, role_id) SELECT ?, id FROM role
                      WHERE id LIKE 'many%' ON CONFLICT DO NOTHING";
        sql.run(Statement::new(grant).bind(bench.user("hiroko"))).unwrap();
    };
    let ask = || {
        let fields = [
            ("grant_type", "password"),
            ("client_id", "admin-cli"),
            ("username", "hiroko"),
            ("password", PASSWORD),
        ];
        bench.world.post_form(&token_path(), &fields)
    };
    // The default role and the two that it is made of are among them.
    give(MAX_TOKEN_ROLES - 3);
    assert_eq!(ask().status, 200);
    give(MAX_TOKEN_ROLES - 2);
    let refused = ask();
    assert_eq!((refused.status.as_u16(), refused.error()), (400, "invalid_scope".to_owned()));
    assert!(refused.text.contains("MAX_TOKEN_ROLES"), "{refused:?}");
}

#[test]
fn an_administrator_sees_what_tokens_would_say() {
    let bench = Bench::new();
    let base = format!("/clients/{}/evaluate-scopes", bench.web);
    let staff = bench.role("/roles", "staff");
    let hiroko = bench.user("hiroko");
    bench.post(&format!("/users/{hiroko}/role-mappings/realm"), &json!([staff]));
    let query = format!("?scope=openid%20phone%20organization&userId={hiroko}");
    let [token, id, info] = ["access-token", "id-token", "userinfo"]
        .map(|what| bench.get(&format!("{base}/generate-example-{what}{query}")));
    assert_eq!(
        (&token["typ"], &token["sub"], &token["azp"]),
        (&json!("Bearer"), &json!(hiroko), &json!("travel0-web"),)
    );
    assert_eq!(token["scope"], "openid profile email phone organization");
    assert_eq!(token["realm_access"]["roles"], with_defaults(&["staff"]));
    assert_eq!((&id["typ"], &id["aud"]), (&json!("ID"), &json!("travel0-web")));
    assert!(info["organization"]["granite-outpost"].is_object(), "{info}");

    let mappers = bench.get(&format!("{base}/protocol-mappers?scope=phone"));
    let told = |name: &str| mappers.as_array().unwrap().iter().any(|one| one["mapperName"] == name);
    assert!(told("phone number") && told("sub") && !told("address"), "{mappers}");

    let in_scope = |which: &str| {
        let roles = bench.get(&format!("{base}/scope-mappings/travel0/{which}"));
        roles.as_array().unwrap().iter().any(|role| role["name"] == "staff")
    };
    assert_eq!((in_scope("granted"), in_scope("not-granted")), (true, false));
    bench.put(
        &format!("/clients/{}", bench.web),
        &json!({ "clientId": "travel0-web", "fullScopeAllowed": false }),
    );
    assert_eq!((in_scope("granted"), in_scope("not-granted")), (false, true));
}

#[test]
fn who_may_not_see_clients_and_people_sees_no_example() {
    let bench = Bench::new();
    let path = |below: &str| format!("{TRAVEL0}/clients/{}/evaluate-scopes/{below}", bench.web);
    let hiroko = bench.user("hiroko");
    let [nobody, users, clients] =
        [nobody(&bench.world), holder("view-users", &bench), holder("view-clients", &bench)];
    for below in ["access-token", "id-token", "userinfo"] {
        let path = path(&format!("generate-example-{below}?userId={hiroko}"));
        assert_guarded(&bench.world, &Method::GET, &path, &[&nobody, &users, &clients]);
    }
    for below in ["protocol-mappers", "scope-mappings/travel0/granted", "scope-mappings/x/granted"]
    {
        assert_guarded(&bench.world, &Method::GET, &path(below), &[&nobody, &users]);
    }
    let status = |below: &str| bench.world.get(&path(below), &bench.admin).status.as_u16();
    assert_eq!(status("generate-example-userinfo"), 404);
    assert_eq!(status("generate-example-userinfo?userId=no-such"), 404);
    assert_eq!(status("scope-mappings/no-such/granted"), 404);
    assert_eq!(status("protocol-mappers?scope=%22"), 400);
    let unknown = format!("{TRAVEL0}/clients/no-such/evaluate-scopes/protocol-mappers");
    assert_eq!(bench.world.get(&unknown, &bench.admin).status, 404);
}

fn holder(role: &str, bench: &Bench) -> String {
    holder_of(&bench.world, &[role])
}
