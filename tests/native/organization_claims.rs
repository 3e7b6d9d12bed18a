//! The claim `organization`, as the mappers of organizations are told to write it, seen
//! from outside (reference keycloak.md §4.4 to §4.6): in a client scope of any name.
use crate::admin_setup::{TRAVEL0, client_role, client_uuid, made};
use crate::harness::relying_party::{RelyingParty, claims_of, userinfo};
use crate::org_setup::Granite;
use crate::scim_setup::org_id;
use crate::token_setup::{INTROSPECT, MACHINE, post_as};
use guildhall::kernel::id::OrgId;
use http::Method;
use serde_json::{Map, Value, json};

const MEMBERSHIP: &str = "oidc-organization-membership-mapper";
const GROUPS: &str = "oidc-organization-group-membership-mapper";
const GRANITE: &str = "granite-outpost";
const ROCKY: &str = "rocky-mountain";

/// A client with a scope `orgs`, in which are the mappers.
struct Bench {
    granite: Granite,
    rocky: OrgId,
    scope: String,
}

impl Bench {
    /// Emilio belongs to both organizations, and is in a group of the first.
    fn new() -> Self {
        let granite = Granite::new();
        let rocky = org_id(&granite.world, ROCKY);
        for org in [&granite.org, &rocky] {
            granite.world.with_object(&granite.object_of(org), |sql| {
                sql.execute_batch("DELETE FROM org_group");
            });
        }
        let body = json!({ "name": "orgs", "protocol": "openid-connect",
                           "attributes": { "include.in.token.scope": "true" } });
        let answer = granite.world.post(&format!("{TRAVEL0}/client-scopes"), &granite.admin, &body);
        let bench = Self { granite, rocky, scope: made(&answer) };
        let web = client_uuid(&bench.granite.world, TRAVEL0, "travel0-web");
        let path = format!("{TRAVEL0}/clients/{web}/optional-client-scopes/{}", bench.scope);
        let put = bench.granite.world.put(&path, &bench.granite.admin, &Value::Null);
        assert_eq!(put.status, 204, "{put:?}");
        bench
    }

    /// Gives the scope exactly these mappers.
    fn map(&self, mappers: &[(&str, Value)]) {
        let models = format!("{TRAVEL0}/client-scopes/{}/protocol-mappers/models", self.scope);
        let (world, admin) = (&self.granite.world, &self.granite.admin);
        for old in world.get(&models, admin).json().as_array().unwrap() {
            let path = format!("{models}/{}", old["id"].as_str().unwrap());
            assert_eq!(world.delete(&path, admin).status, 204);
        }
        for (kind, config) in mappers {
            let body = json!({ "name": kind, "protocol": "openid-connect",
                               "protocolMapper": kind, "config": config });
            let answer = world.post(&models, admin, &body);
            assert_eq!(answer.status, 201, "{answer:?}");
        }
    }

    fn tokens(&self, scope: &str) -> Value {
        RelyingParty::web(&self.granite.world).tokens_for("emilio", scope)
    }

    /// The claim in an access token for `scope`.
    fn claim(&self, scope: &str) -> Value {
        claims_of(&self.tokens(scope)["access_token"])["organization"].clone()
    }

    /// Sets the organization's attributes.
    fn note(&self, org: &OrgId, attributes: &Value) {
        let path = format!("/realms/travel0/orgs/{org}");
        let (world, admin) = (&self.granite.world, &self.granite.admin);
        let mut body = world.get(&path, admin).json();
        body["attributes"] = attributes.clone();
        let put = world.put(&path, admin, &body);
        assert!(put.status.is_success(), "{put:?}");
    }

    /// Makes a group in an organization, with emilio in it; its key.
    fn seat(&self, org: &OrgId, name: &str) -> String {
        let base = format!("/admin/realms/travel0/organizations/{org}/groups");
        let (world, admin) = (&self.granite.world, &self.granite.admin);
        let group = world.post(&base, admin, &json!({ "name": name }));
        let group = group.json()["id"].as_str().unwrap().to_owned();
        let emilio = self.granite.id_of("emilio");
        let put = world.call(Method::PUT, &format!("{base}/{group}/members/{emilio}"), admin, None);
        assert_eq!(put.status, 204, "{put:?}");
        group
    }

    fn map_role(&self, org: &OrgId, group: &str, below: &str, roles: &Value) {
        let path = format!(
            "/admin/realms/travel0/organizations/{org}/groups/{group}/role-mappings{below}"
        );
        assert_eq!(self.granite.world.post(&path, &self.granite.admin, roles).status, 204);
    }

    fn realm_role(&self, name: &str) -> Value {
        let path = format!("{TRAVEL0}/roles");
        let (world, admin) = (&self.granite.world, &self.granite.admin);
        assert_eq!(world.post(&path, admin, &json!({ "name": name })).status, 201);
        world.get(&format!("{path}/{name}"), admin).json()
    }
}

impl Granite {
    fn object_of(&self, org: &OrgId) -> guildhall::kernel::route::ObjectName {
        guildhall::kernel::route::ObjectName::Org(
            crate::scim_setup::realm(&self.world).id,
            org.clone(),
        )
    }
}

/// What is told to every paper but a light one, and these besides.
fn shown(more: &[(&str, &str)]) -> Value {
    let own = [("access.token.claim", "true"), ("id.token.claim", "true")];
    let pairs = own.iter().chain(more);
    Value::Object(
        pairs.map(|(key, value)| ((*key).to_owned(), json!(value))).collect::<Map<_, _>>(),
    )
}

#[test]
fn the_claim_has_the_shape_that_is_asked() {
    let bench = Bench::new();
    let (granite, rocky) = (bench.granite.org.as_str(), bench.rocky.as_str());
    bench.note(&bench.granite.org.clone(), &json!({ "tier": ["gold", "old"] }));
    bench.note(&bench.rocky.clone(), &json!({}));
    let on = "true";
    for (config, one, both) in [
        (vec![], json!([GRANITE]), json!([GRANITE, ROCKY])),
        (vec![("jsonType.label", "String")], json!([GRANITE]), json!([GRANITE, ROCKY])),
        (
            vec![("jsonType.label", "JSON")],
            json!({ GRANITE: {} }),
            json!({ GRANITE: {}, ROCKY: {} }),
        ),
        (
            vec![("addOrganizationId", on)],
            json!({ GRANITE: { "id": granite } }),
            json!({ GRANITE: { "id": granite }, ROCKY: { "id": rocky } }),
        ),
        (
            vec![("addOrganizationAttributes", on)],
            json!({ GRANITE: { "tier": ["gold", "old"] } }),
            json!({ GRANITE: { "tier": ["gold", "old"] }, ROCKY: {} }),
        ),
        (
            vec![("addOrganizationAttributes", on), ("addOrganizationId", on)],
            json!({ GRANITE: { "id": granite, "tier": ["gold", "old"] } }),
            json!({ GRANITE: { "id": granite, "tier": ["gold", "old"] }, ROCKY: { "id": rocky } }),
        ),
        (vec![("multivalued", "false"), ("addOrganizationId", on)], json!(GRANITE), json!(GRANITE)),
    ] {
        bench.map(&[(MEMBERSHIP, shown(&config))]);
        assert_eq!(bench.claim(&format!("openid orgs:{GRANITE}")), one, "{config:?}");
        let several = format!("openid orgs:{GRANITE} orgs:{ROCKY}");
        for scope in [several.as_str(), "openid orgs:*"] {
            assert_eq!(bench.claim(scope), both, "{scope} {config:?}");
        }
        assert_eq!(bench.claim("openid orgs:adventurez"), Value::Null, "of no member");
        assert_eq!(bench.claim("openid"), Value::Null, "of nobody who asked");
    }
}

#[test]
fn the_claim_goes_where_it_is_told_to() {
    let bench = Bench::new();
    let scope = format!("openid orgs:{GRANITE}");
    bench.map(&[(MEMBERSHIP, shown(&[("claim.name", "app.tenants")])), (GROUPS, shown(&[]))]);
    let claims = claims_of(&bench.tokens(&scope)["access_token"]);
    assert_eq!(claims["app"], json!({ "tenants": { GRANITE: { "groups": [] } } }));
    assert_eq!(claims.get("organization"), None);
    bench.map(&[(MEMBERSHIP, shown(&[("claim.name", r"https://app\.example/org")]))]);
    let claims = claims_of(&bench.tokens(&scope)["access_token"]);
    assert_eq!(claims["https://app.example/org"], json!([GRANITE]));
}

/// Userinfo follows the ID token and introspection the access token, when nothing is
/// said of them.
#[test]
fn each_paper_has_the_claim_as_its_flag_says() {
    let bench = Bench::new();
    let world = &bench.granite.world;
    let light = |on: &str| {
        let web = client_uuid(world, TRAVEL0, "travel0-web");
        let body = json!({ "attributes": { "client.use.lightweight.access.token.enabled": on } });
        let path = format!("{TRAVEL0}/clients/{web}");
        assert_eq!(world.put(&path, &bench.granite.admin, &body).status, 204);
    };
    let (access, id) = ("access.token.claim", "id.token.claim");
    let (info, inspect) = ("userinfo.token.claim", "introspection.token.claim");
    for (is_light, config, expected) in [
        (false, json!({}), [false, false, false, false]),
        (false, json!({ access: "true" }), [true, false, false, true]),
        (false, json!({ id: "true" }), [false, true, true, false]),
        (false, json!({ id: "true", info: "false" }), [false, true, false, false]),
        (false, json!({ info: "true" }), [false, false, true, false]),
        (false, json!({ inspect: "true" }), [false, false, false, true]),
        (
            false,
            json!({ access: "true", "lightweight.claim": "false" }),
            [true, false, false, true],
        ),
        (true, json!({ access: "true" }), [false, false, false, true]),
        (true, json!({ "lightweight.claim": "true" }), [true, false, false, true]),
        (true, json!({ access: "true", inspect: "false" }), [false, false, false, false]),
    ] {
        light(if is_light { "true" } else { "false" });
        bench.map(&[(MEMBERSHIP, config.clone())]);
        let tokens = bench.tokens(&format!("openid orgs:{GRANITE}"));
        let token = tokens["access_token"].as_str().unwrap();
        let introspected = post_as(world, INTROSPECT, MACHINE, &[("token", token)]).json();
        assert_eq!(introspected["active"], true, "{introspected}");
        let papers = [
            claims_of(&tokens["access_token"]),
            claims_of(&tokens["id_token"]),
            userinfo(world, &tokens["access_token"]).json(),
            introspected,
        ];
        let has = papers.each_ref().map(|paper| paper.get("organization").is_some());
        assert_eq!(has, expected, "light: {is_light} {config}");
    }
}

#[test]
fn each_organization_tells_the_persons_groups_and_their_roles() {
    let bench = Bench::new();
    let (granite, rocky) = (bench.granite.org.clone(), bench.rocky.clone());
    let crew = bench.seat(&granite, "crew");
    let [guide, within, cook] = ["guide", "within", "cook"].map(|name| bench.realm_role(name));
    let (world, admin) = (&bench.granite.world, &bench.granite.admin);
    let composites = format!("{TRAVEL0}/roles/guide/composites");
    assert_eq!(world.post(&composites, admin, &json!([within])).status, 204);
    let web = client_uuid(world, TRAVEL0, "travel0-web");
    let roles = format!("{TRAVEL0}/clients/{web}/roles");
    assert_eq!(world.post(&roles, admin, &json!({ "name": "reader" })).status, 201);
    let reader = client_role(world, TRAVEL0, "travel0-web", "reader");
    let management = client_uuid(world, TRAVEL0, "realm-management");
    let all = client_role(world, TRAVEL0, "realm-management", "realm-admin");
    bench.map_role(&granite, &crew, "/realm", &json!([guide]));
    bench.map_role(&granite, &crew, &format!("/clients/{web}"), &json!([reader]));
    bench.map_role(&granite, &crew, &format!("/clients/{management}"), &json!([all]));
    let galley = bench.seat(&rocky, "galley");
    bench.map_role(&rocky, &galley, "/realm", &json!([cook]));

    let mappers = |on: &str| {
        bench.map(&[(MEMBERSHIP, shown(&[])), (GROUPS, shown(&[("addGroupRoleMappings", on)]))]);
    };
    mappers("true");
    let of_granite = json!({
        "groups": ["/crew"], "realm_access": { "roles": ["guide", "within"] },
        "resource_access": { "travel0-web": { "roles": ["reader"] } },
    });
    let of_rocky = json!({ "groups": ["/galley"], "realm_access": { "roles": ["cook"] } });
    assert_eq!(bench.claim(&format!("openid orgs:{GRANITE}")), json!({ GRANITE: of_granite }));
    let both = json!({ GRANITE: of_granite, ROCKY: of_rocky });
    let several = format!("openid orgs:{GRANITE} orgs:{ROCKY}");
    let tokens = bench.tokens(&several);
    let claims = claims_of(&tokens["access_token"]);
    assert_eq!(claims["organization"], both);
    assert_eq!(bench.claim("openid orgs:*"), both);
    assert_eq!(userinfo(world, &tokens["access_token"]).json()["organization"], both);
    let told = claims["realm_access"]["roles"].as_array().unwrap();
    assert!(!told.contains(&json!("guide")), "of several, none counts in the realm: {claims}");

    let refresh = || {
        let tokens = bench.tokens(&several);
        let fresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        world.trips_of(|| RelyingParty::web(world).refresh(&fresh)).1
    };
    let with = refresh();
    mappers("false");
    assert_eq!(
        bench.claim(&several),
        json!({ GRANITE: { "groups": ["/crew"] }, ROCKY: { "groups": ["/galley"] } })
    );
    let without = refresh();
    assert_eq!(with.objects, without.objects, "each organization is asked once");
    assert_eq!(with.directory, without.directory + 1, "the directory once for all of them");
}

#[test]
fn the_scope_of_the_client_narrows_the_roles_of_groups() {
    let bench = Bench::new();
    let granite = bench.granite.org.clone();
    let crew = bench.seat(&granite, "crew");
    let [inside, outside] = ["inside", "outside"].map(|name| bench.realm_role(name));
    bench.map_role(&granite, &crew, "/realm", &json!([inside, outside]));
    bench.map(&[(MEMBERSHIP, shown(&[])), (GROUPS, shown(&[("addGroupRoleMappings", "true")]))]);
    let (world, admin) = (&bench.granite.world, &bench.granite.admin);
    let client = format!("{TRAVEL0}/clients/{}", client_uuid(world, TRAVEL0, "travel0-web"));
    let narrow = json!({ "fullScopeAllowed": false });
    assert_eq!(world.put(&client, admin, &narrow).status, 204);
    let path = format!("{client}/scope-mappings/realm");
    assert_eq!(world.post(&path, admin, &json!([inside])).status, 204);
    let claim = bench.claim("openid orgs:*");
    assert_eq!(claim[GRANITE]["realm_access"], json!({ "roles": ["inside"] }));
}

#[test]
fn an_attribute_does_not_pass_for_what_mappers_tell() {
    let bench = Bench::new();
    let granite = bench.granite.org.clone();
    let forged = json!({
        "id": ["forged"], "groups": ["/admins"], "roles": ["manage-members"],
        "realm_access": ["admin"], "resource_access": ["admin"], "tier": ["gold"],
    });
    bench.note(&granite, &forged);
    let with = [("addOrganizationAttributes", "true")];
    let scope = format!("openid orgs:{GRANITE}");
    bench.map(&[(MEMBERSHIP, shown(&with))]);
    assert_eq!(bench.claim(&scope), json!({ GRANITE: { "tier": ["gold"] } }));
    bench.map(&[(MEMBERSHIP, shown(&with)), (GROUPS, shown(&[("addGroupRoleMappings", "true")]))]);
    assert_eq!(bench.claim(&scope), json!({ GRANITE: { "tier": ["gold"], "groups": [] } }));
}

/// Assertions are not made yet; what they will be made with is kept.
#[test]
fn the_mappers_of_saml_are_kept() {
    let bench = Bench::new();
    let (world, admin) = (&bench.granite.world, &bench.granite.admin);
    let scopes = format!("{TRAVEL0}/client-scopes");
    let all = world.get(&scopes, admin).json();
    let all = all.as_array().unwrap();
    let built_in = all.iter().find(|scope| scope["name"] == "saml_organization").unwrap();
    let mapper = &built_in["protocolMappers"][0];
    assert_eq!(mapper["protocolMapper"], "saml-organization-membership-mapper");
    let models = format!("{scopes}/{}/protocol-mappers/models", built_in["id"].as_str().unwrap());
    for (kind, config) in [
        ("saml-organization-group-membership-mapper", json!({ "addGroupRoleMappings": "true" })),
        ("saml-organization-membership-mapper", json!({})),
    ] {
        let body = json!({ "name": format!("my {kind}"), "protocol": "saml",
                           "protocolMapper": kind, "config": config });
        let answer = world.post(&models, admin, &body);
        assert_eq!(answer.status, 201, "{answer:?}");
        let read = world.get(&format!("{models}/{}", made(&answer)), admin).json();
        assert_eq!((&read["protocolMapper"], &read["config"]), (&json!(kind), &config));
    }
}

/// Observed on Keycloak 26.7.5: the domain that the person's address is of, where
/// organizations are told as objects. Here it must be the organization's own.
#[test]
fn a_domain_is_told_when_the_address_is_of_it() {
    let bench = Bench::new();
    bench.note(&bench.granite.org.clone(), &json!({ "domain": ["forged"] }));
    let path = format!("{TRAVEL0}/organizations/{}", bench.granite.org);
    let own = |domains: Value| {
        let body = json!({ "name": GRANITE, "alias": GRANITE, "domains": domains });
        let put = bench.granite.world.put(&path, &bench.granite.admin, &body);
        assert_eq!(put.status, 204, "{put:?}");
    };
    let scope = format!("openid orgs:{GRANITE}");
    let told = || bench.claim(&scope)[GRANITE].clone();
    let objects = [("addOrganizationDomain", "true"), ("jsonType.label", "JSON")];
    bench.map(&[(MEMBERSHIP, shown(&objects))]);
    assert_eq!(told(), json!({}));
    own(json!([{ "name": "freelance.example", "verified": false }]));
    assert_eq!(told(), json!({}), "nobody has shown to own it");
    own(json!([{ "name": "freelance.example", "verified": true },
               { "name": "other.example", "verified": true }]));
    assert_eq!(told(), json!({ "domain": "freelance.example" }));
    let with_attributes = [&objects[..], &[("addOrganizationAttributes", "true")]].concat();
    bench.map(&[(MEMBERSHIP, shown(&with_attributes))]);
    assert_eq!(told(), json!({ "domain": "freelance.example" }));
    own(json!([{ "name": "other.example", "verified": true }]));
    assert_eq!(told(), json!({}), "an attribute does not pass for it");
    bench.map(&[(MEMBERSHIP, shown(&objects[..1]))]);
    assert_eq!(bench.claim(&scope), json!([GRANITE]));
}
