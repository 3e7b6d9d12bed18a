//! Each of the four kinds of credentials opens the organization that it is of, and
//! no other: there it looks like a credential of nobody's, before an organization
//! that is not there.
use crate::harness::browser::Answer;
use crate::harness::world::World;
use crate::org_setup::NOBODY;
use crate::organizations::{object_routes, token_of};
use crate::scim_setup::{Directory, SECRET, admin, config_path, let_manage, org_id, travel0};
use crate::token_setup::Signer;
use guildhall::app::demo;
use guildhall::kernel::id::OrgId;
use http::Method;
use serde_json::{Value, json};

const ISSUER: &str = "https://idp.granite.example";
const KEYS: &str = "https://idp.granite.example/keys";

/// Granite Outpost's configuration of each kind, and its credential.
fn kinds(world: &World) -> Vec<(&'static str, Value, Proof)> {
    let_manage(world, &org_id(world, "granite-outpost"), "hiroko");
    let signer = Signer::es256(1);
    world.serve(KEYS, 200, json!({ "keys": [signer.jwk("k1")] }).to_string());
    let claims = json!({ "iss": ISSUER, "aud": "scim", "exp": world.now().as_unix() + 300 });
    vec![
        ("KEYCLOAK", json!({}), Proof::Bearer(token_of(world, "hiroko"))),
        (
            "EXTERNAL_JWT",
            json!({ "issuer": ISSUER, "audience": "scim", "jwks_uri": KEYS }),
            Proof::Bearer(signer.sign("k1", &claims)),
        ),
        ("EXTERNAL_SECRET", json!({ "shared_secret": SECRET }), Proof::Bearer(SECRET.to_owned())),
        (
            "EXTERNAL_BASIC",
            json!({ "username": "okta", "password": SECRET }),
            Proof::Basic("okta", SECRET),
        ),
    ]
}

enum Proof {
    Bearer(String),
    Basic(&'static str, &'static str),
}

impl Proof {
    fn at<'a>(&self, world: &'a World, org: &OrgId) -> Directory<'a> {
        let directory = Directory::at(world, org.clone());
        match self {
            Self::Bearer(token) => directory.with_bearer(token),
            Self::Basic(user, password) => directory.with_basic(user, password),
        }
    }
}

fn auth(kind: &str, fields: &Value) -> Value {
    let mut auth = fields.clone();
    auth["type"] = json!(kind);
    auth
}

/// Every endpoint of the service: method and path below it.
fn endpoints() -> Vec<(Method, String)> {
    let service = "/realms/{realm}/scim/v2/organizations/{org}";
    let below = |path: &str| path.strip_prefix(service).map(|rest| rest.replace("{id}", NOBODY));
    let all: Vec<_> = object_routes()
        .into_iter()
        .filter_map(|(method, path)| Some((method, below(path)?)))
        .collect();
    assert!(all.len() >= 11, "{all:?}");
    all
}

/// All that who is refused hears.
fn heard(world: &World, directory: &Directory<'_>, method: &Method, path: &str) -> Vec<String> {
    world.app().ports.tries.clear();
    let body = (![Method::GET, Method::DELETE].contains(method)).then(|| json!({}));
    let Answer { status, mut headers, text } = directory.send(method.clone(), path, body.as_ref());
    headers.remove("x-request-id");
    vec![status.to_string(), format!("{headers:?}"), text]
}

#[test]
fn a_credential_opens_its_own_organization() {
    for number in 0..4 {
        let world = travel0();
        let (kind, fields, proof) = kinds(&world).remove(number);
        let org = Directory::configure(&world, "granite-outpost", &auth(kind, &fields)).org;
        assert_eq!(proof.at(&world, &org).status(), 200, "{kind}");
    }
}

#[test]
fn no_credential_opens_another_organization_of_any_kind() {
    let world = travel0();
    let theirs = [
        ("KEYCLOAK", json!({})),
        (
            "EXTERNAL_JWT",
            json!({ "issuer": "https://idp.rocky.example", "audience": "scim", "jwks_uri": KEYS }),
        ),
        ("EXTERNAL_JWT", json!({ "issuer": ISSUER, "audience": "rocky", "jwks_uri": KEYS })),
        ("EXTERNAL_SECRET", json!({ "shared_secret": "rocky-only-secret" })),
        ("EXTERNAL_BASIC", json!({ "username": "okta", "password": "rocky-only-secret" })),
    ];
    let kinds = kinds(&world);
    let granite = org_id(&world, "granite-outpost");
    let rocky = org_id(&world, "rocky-mountain");
    let nobody: OrgId = NOBODY.parse().unwrap();
    for (their_kind, their_fields) in theirs {
        world.delete(&config_path(&rocky), &admin(&world));
        Directory::configure(&world, "rocky-mountain", &auth(their_kind, &their_fields));
        for (kind, fields, proof) in &kinds {
            world.delete(&config_path(&granite), &admin(&world));
            Directory::configure(&world, "granite-outpost", &auth(kind, fields));
            assert_eq!(proof.at(&world, &granite).status(), 200, "{kind}");
            for (method, path) in endpoints() {
                let told = format!("{kind} at {their_kind}: {method} {path}");
                let there = heard(&world, &proof.at(&world, &rocky), &method, &path);
                assert!(there[0].starts_with("401"), "{told}: {there:?}");
                let none = heard(&world, &proof.at(&world, &nobody), &method, &path);
                assert_eq!(there, none, "{told}");
            }
        }
    }
}

/// The same organization, asked for in another realm, is none.
#[test]
fn no_credential_opens_another_realm() {
    let world = travel0();
    let kinds = kinds(&world);
    let made = json!({ "realm": "elsewhere", "enabled": true });
    assert_eq!(world.post("/admin/realms", &admin(&world), &made).status, 201);
    let on = json!({ "scimEnabled": true });
    let config = "/realms/elsewhere/orgs/config";
    assert_eq!(world.call(Method::PUT, config, &admin(&world), Some(&on)).status, 200);
    let body = json!({ "name": "granite-outpost" });
    let made = world.post("/realms/elsewhere/orgs", &admin(&world), &body);
    assert_eq!(made.status, 201, "{made:?}");
    let theirs = made.location().rsplit('/').next().unwrap().to_owned();
    let path = format!("/realms/elsewhere/orgs/{theirs}/scim");
    let granite = org_id(&world, "granite-outpost");
    for (kind, fields, proof) in &kinds {
        world.delete(&config_path(&granite), &admin(&world));
        Directory::configure(&world, "granite-outpost", &auth(kind, fields));
        for their_kind in ["KEYCLOAK", "EXTERNAL_SECRET"] {
            world.delete(&path, &admin(&world));
            let body = json!({ "auth": { "type": their_kind } });
            assert_eq!(world.post(&path, &admin(&world), &body).status, 201);
            for (method, below) in endpoints() {
                let answers = [theirs.as_str(), granite.as_str(), NOBODY].map(|org| {
                    world.app().ports.tries.clear();
                    let directory = proof.at(&world, &granite);
                    let body =
                        (![Method::GET, Method::DELETE].contains(&method)).then(|| json!({}));
                    let mut request = directory.request(method.clone(), &below, body.as_ref());
                    let uri = format!("/realms/elsewhere/scim/v2/organizations/{org}{below}");
                    *request.uri_mut() =
                        format!("{}{uri}", crate::harness::world::BASE).parse().unwrap();
                    let answer = Answer::new(world.send(request));
                    (answer.status.as_u16(), answer.text)
                });
                assert_eq!(answers[0].0, 401, "{kind} at {their_kind}: {method} {below}");
                assert!(answers.iter().all(|one| *one == answers[0]), "{kind}: {answers:?}");
            }
        }
    }
    assert_eq!(demo::REALM, "travel0");
}

/// One kind's credential, where the same organization asks for another kind.
#[test]
fn a_credential_of_one_kind_is_none_of_another() {
    let world = travel0();
    let kinds = kinds(&world);
    let granite = org_id(&world, "granite-outpost");
    for (configured, fields, _) in &kinds {
        world.delete(&config_path(&granite), &admin(&world));
        Directory::configure(&world, "granite-outpost", &auth(configured, fields));
        for (presented, _, proof) in &kinds {
            world.app().ports.tries.clear();
            let status = proof.at(&world, &granite).status();
            let wanted = if configured == presented { 200 } else { 401 };
            assert_eq!(status, wanted, "{presented} for {configured}");
        }
        let swapped = Directory::at(&world, granite.clone()).with_basic("", SECRET);
        assert_eq!(swapped.status(), 401, "{configured}: a password without a name");
    }
}

/// What `/ServiceProviderConfig` says is what the organization takes.
#[test]
fn the_schemes_are_those_of_the_configuration() {
    let world = travel0();
    let granite = org_id(&world, "granite-outpost");
    for (kind, fields, proof) in kinds(&world) {
        world.delete(&config_path(&granite), &admin(&world));
        Directory::configure(&world, "granite-outpost", &auth(kind, &fields));
        let answer = proof.at(&world, &granite).get("/ServiceProviderConfig").json();
        let schemes = answer["authenticationSchemes"].as_array().unwrap();
        let wanted = if kind == "EXTERNAL_BASIC" { "httpbasic" } else { "oauthbearertoken" };
        assert_eq!((schemes.len(), &schemes[0]["type"]), (1, &json!(wanted)), "{kind}");
        assert_eq!(schemes[0]["primary"], true, "{kind}");
    }
}
