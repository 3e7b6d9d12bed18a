//! Every route that changes something, made from the route tables so that none
//! escapes: bodies that are none, names of nothing, and the same once more.
use crate::admin_groups::plant;
use crate::admin_setup::{TRAVEL0, client_uuid, located, made, make_client};
use crate::harness::browser::{Answer, json_request};
use crate::org_setup::{Granite, NOBODY};
use crate::organizations::object_routes;
use crate::scim_setup::Directory;
use bytes::Bytes;
use guildhall::app::routes::{self, Door};
use http::Method;
use serde_json::{Value, json};

/// Every route with an access token that is no GET: method and path.
fn writes() -> Vec<(Method, &'static str)> {
    let callers = routes::table().into_iter();
    let callers = callers
        .filter(|route| matches!(route.handler, Door::Caller(_)))
        .map(|route| (route.method, route.path));
    let objects = object_routes().into_iter().filter(|(_, path)| !path.contains("/scim/v2/"));
    let writes: Vec<_> =
        callers.chain(objects).filter(|(method, _)| method != Method::GET).collect();
    assert!(writes.len() > 100, "the tables are not read right");
    writes
}

/// How Keycloak's paths of one organization begin.
const ORGANIZATION: &str = "/admin/realms/{realm}/organizations/{org}";

/// One of everything that a path can name, all called `tried` or found by the
/// beginning of the path and the variable.
pub struct Things {
    pub granite: Granite,
    pub named: Vec<(&'static str, &'static str, String)>,
}

impl Things {
    pub fn new() -> Self {
        let granite = Granite::new();
        Directory::connect(&granite.world, "granite-outpost");
        let (world, admin) = (&granite.world, granite.admin.as_str());
        let make = |path: &str, body: &Value| made(&world.post(path, admin, body));
        let below = |path: &str| format!("{TRAVEL0}{path}");
        let client = make_client(world, TRAVEL0, &json!({ "clientId": "tried" }));
        let scope = make(
            &below("/client-scopes"),
            &json!({ "name": "tried", "protocol": "openid-connect" }),
        );
        let mapper = json!({ "name": "tried", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper" });
        let client_mapper =
            make(&below(&format!("/clients/{client}/protocol-mappers/models")), &mapper);
        let scope_mapper =
            make(&below(&format!("/client-scopes/{scope}/protocol-mappers/models")), &mapper);
        world.post(&below("/roles"), admin, &json!({ "name": "tried" }));
        world.post(&below(&format!("/clients/{client}/roles")), admin, &json!({ "name": "tried" }));
        let role =
            world.get(&below("/roles/tried"), admin).json()["id"].as_str().unwrap().to_owned();
        granite.post("/roles", &json!({ "name": "tried" }));
        let own_role = granite.get("/roles/tried").json()["id"].as_str().unwrap().to_owned();
        granite.post("/idps", &json!({ "alias": "tried", "providerId": "oidc" }));
        let idp_mapper =
            json!({ "name": "tried", "identityProviderMapper": "hardcoded-attribute-idp-mapper" });
        let idp_mapper = made(&granite.post("/idps/tried/mappers", &idp_mapper));
        let invitation = made(
            &granite.post("/invitations", &json!({ "email": "tried@mail.example", "send": false })),
        );
        let component = make(
            &below("/components"),
            &json!({ "providerType": "org.keycloak.keys.KeyProvider", "providerId": "eddsa-generated" }),
        );
        let access =
            world.post(&below("/clients-initial-access"), admin, &json!({ "count": 1 })).json();
        let access = access["id"].as_str().unwrap().to_owned();
        let groups = below(&format!("/organizations/{}/groups", granite.org));
        let group = located(&world.post(&groups, admin, &json!({ "name": "tried" })));
        let schema = json!({ "id": SCHEMA, "attributes": [{ "name": "tried" }] });
        assert_eq!(granite.put(&format!("/scim/schemas/{SCHEMA}"), &schema).status, 201);
        let user = granite.id_of("hiroko").as_str().to_owned();
        let credentials = world.get(&below(&format!("/users/{user}/credentials")), admin).json();
        let credential = credentials[0]["id"].as_str().unwrap().to_owned();
        let org = granite.org.as_str().to_owned();
        Self {
            named: vec![
                ("", "{realm}", "travel0".to_owned()),
                ("", "{org}", org),
                ("/realms/{realm}/orgs/me", "{invitation}", NOBODY.to_owned()),
                ("", "{invitation}", invitation),
                ("", "{alias}", "tried".to_owned()),
                ("", "{provider}", "tried".to_owned()),
                ("", "{domain}", "granite-outpost.example".to_owned()),
                ("/admin/realms/{realm}/clients", "{mapper}", client_mapper),
                ("/admin/realms/{realm}/client-scopes", "{mapper}", scope_mapper),
                ("", "{mapper}", idp_mapper),
                ("/admin/realms/{realm}/users", "{client}", client_uuid(world, TRAVEL0, "tried")),
                ("/admin/realms/{realm}/groups", "{client}", client_uuid(world, TRAVEL0, "tried")),
                (ORGANIZATION, "{client}", client_uuid(world, TRAVEL0, "tried")),
                ("", "{client}", client),
                ("", "{target}", client_uuid(world, TRAVEL0, "travel0-web")),
                ("/admin/realms/{realm}/clients-initial-access", "{id}", access),
                ("", "{component}", component),
                ("", "{action}", "VERIFY_EMAIL".to_owned()),
                ("", "{scope}", scope),
                (ORGANIZATION, "{group}", group),
                ("", "{*path}", "tried".to_owned()),
                ("", "{group}", plant(world, admin, "tried")),
                ("", "{role}", "tried".to_owned()),
                (ORGANIZATION, "{role_id}", own_role),
                ("", "{role_id}", role),
                ("", "{urn}", SCHEMA.to_owned()),
                ("", "{user}", user),
                ("", "{credential}", credential.clone()),
                ("", "{previous}", credential),
                // Not made here: a name of nothing.
                ("", "{session}", NOBODY.to_owned()),
            ],
            granite,
        }
    }

    /// `path`, naming what there is.
    pub fn there(&self, path: &str) -> String {
        let named = |part: &str| {
            let fits =
                |(start, name, _): &&(&str, &str, String)| path.starts_with(start) && *name == part;
            let thing = self.named.iter().find(fits);
            thing.unwrap_or_else(|| panic!("{path}: make a {part} in Things")).2.clone()
        };
        let part = |part: &str| if part.starts_with('{') { named(part) } else { part.to_owned() };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    /// `path` of the same realm and organization, naming nothing else that is.
    pub fn nowhere(&self, path: &str) -> String {
        let part = |part: &str| match part {
            "{realm}" | "{org}" => self.there(part),
            _ if part.starts_with('{') => NOBODY.to_owned(),
            _ => part.to_owned(),
        };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    pub fn send(&self, method: &Method, path: &str, body: &[u8]) -> Answer {
        let token = &self.granite.admin;
        let mut request = json_request(method.clone(), path, token, Some(&Value::Null));
        *request.body_mut() = Bytes::copy_from_slice(body);
        Answer::new(self.granite.world.send(request))
    }
}

impl Answer {
    /// What a refusal says for people to read.
    fn told(&self) -> String {
        let body = self.json();
        ["errorMessage", "error", "error_description"]
            .into_iter()
            .find_map(|name| body[name].as_str())
            .unwrap_or_default()
            .to_owned()
    }
}

/// A schema of an organization's own.
const SCHEMA: &str = "urn:example:tried";

/// What no route takes for its body.
const JUNK: &[&[u8]] = &[
    b"{",
    b"\xff\xfe",
    b"{\"a\":1}}",
    b"\"text\"",
    b"17",
    b"true",
    b"null",
    b"[17]",
    b"[[[[[[[[[[]]]]]]]]]]",
];

/// Writes that say everything with their path and look at no body.
const WITHOUT_BODY: &[&str] = &[
    "/admin/realms/{realm}/partial-export",
    "/admin/realms/{realm}/clients/{client}/client-secret",
    "/admin/realms/{realm}/clients/{client}/registration-access-token",
    "/admin/realms/{realm}/default-default-client-scopes/{scope}",
    "/admin/realms/{realm}/default-optional-client-scopes/{scope}",
    "/admin/realms/{realm}/default-groups/{group}",
    "/admin/realms/{realm}/clients/{client}/default-client-scopes/{scope}",
    "/admin/realms/{realm}/clients/{client}/optional-client-scopes/{scope}",
    "/admin/realms/{realm}/clear-realm-cache",
    "/admin/realms/{realm}/clear-user-cache",
    "/admin/realms/{realm}/clear-keys-cache",
    "/admin/realms/{realm}/authentication/required-actions/{action}/raise-priority",
    "/admin/realms/{realm}/authentication/required-actions/{action}/lower-priority",
    "/admin/realms/{realm}/users/{user}/credentials/{credential}/moveToFirst",
    "/admin/realms/{realm}/users/{user}/credentials/{credential}/moveAfter/{previous}",
    "/admin/realms/{realm}/users/{user}/logout",
    "/admin/realms/{realm}/logout-all",
    "/admin/realms/{realm}/users/{user}/groups/{group}",
    "/admin/realms/{realm}/users/{user}/send-verify-email",
    "/admin/realms/{realm}/organizations/{org}/groups/{group}/members/{user}",
    "/admin/realms/{realm}/organizations/{org}/invitations/{invitation}/resend",
    "/realms/{realm}/orgs/{org}/domains/{domain}/verify",
    "/realms/{realm}/orgs/{org}/members/{user}",
    "/realms/{realm}/orgs/{org}/roles/{role}/users/{user}",
    "/realms/{realm}/orgs/{org}/invitations/{invitation}/resend-email",
    "/realms/{realm}/orgs/{org}/idps/{alias}/unlink",
];

/// Writes that pass over members which nobody knows, as Phase Two's do
/// (reference phasetwo.md §7 and §8.1).
const LENIENT: &[&str] = &["/realms/{realm}/orgs/{org}/scim", "/realms/{realm}/orgs/import"];

/// A label is text, whatever it looks like.
const PLAIN_TEXT: &str = "/admin/realms/{realm}/users/{user}/credentials/{credential}/userLabel";

/// The body is a word that names somebody or something, and may name nobody.
const ONE_WORD: &[&str] = &["/admin/realms/{realm}/organizations/{org}/members"];

#[test]
fn what_is_no_body_is_refused_and_changes_nothing() {
    let things = Things::new();
    let mut before = things.granite.world.dump();
    let mut puts: Vec<_> =
        writes().into_iter().filter(|(method, _)| method != Method::DELETE).collect();
    // What does its work takes its turn when the others were refused.
    puts.sort_by_key(|(_, path)| WITHOUT_BODY.contains(path) || *path == PLAIN_TEXT);
    for (method, path) in puts {
        let unknown: Option<&[u8]> = (!LENIENT.contains(&path)).then_some(b"{\"unheardOf\":1}");
        for body in JUNK.iter().copied().chain(unknown) {
            let answer = things.send(&method, &things.there(path), body);
            let told = format!("{method} {path} {:?}: {answer:?}", String::from_utf8_lossy(body));
            if WITHOUT_BODY.contains(&path) {
                assert!(!answer.status.is_server_error(), "{told}");
            } else if path == PLAIN_TEXT && str::from_utf8(body).is_ok() {
                assert_eq!(answer.status, 204, "{told}");
                before = things.granite.world.dump();
            } else {
                let names_nobody = answer.status == 404 && ONE_WORD.contains(&path);
                assert!(answer.status == 400 || names_nobody, "{told}");
                assert!(!answer.told().is_empty(), "{told}");
                assert_eq!(things.granite.world.dump(), before, "{told}");
            }
        }
    }
}

#[test]
fn what_is_not_there_is_not_changed() {
    let things = Things::new();
    let before = things.granite.world.dump();
    for (method, path) in writes() {
        let nowhere = things.nowhere(path);
        if nowhere == things.there(path) {
            continue;
        }
        for body in ["", "{}", "[]"] {
            let answer = things.send(&method, &nowhere, body.as_bytes());
            let told = format!("{method} {path} {body}: {answer:?}");
            assert!([400, 404].contains(&answer.status.as_u16()), "{told}");
            assert!(!answer.told().is_empty(), "{told}");
            assert_eq!(things.granite.world.dump(), before, "{told}");
        }
    }
}

#[test]
fn what_is_deleted_twice_is_deleted_once() {
    let things = Things::new();
    let mut deletions: Vec<_> =
        writes().into_iter().filter(|(method, _)| method == Method::DELETE).collect();
    // What is inside goes before what it is in.
    deletions.sort_by_key(|(_, path)| std::cmp::Reverse(path.split('/').count()));
    for (method, path) in deletions {
        let there = things.there(path);
        let first = things.send(&method, &there, b"[]");
        let after = things.granite.world.dump();
        let again = things.send(&method, &there, b"[]");

        assert!(!first.status.is_server_error(), "{path}: {first:?}");
        assert!(again.status == first.status || again.status == 404, "{path}: {again:?}");
        if again.status == 404 {
            assert_eq!(things.granite.world.dump(), after, "{path}");
        }
    }
}
