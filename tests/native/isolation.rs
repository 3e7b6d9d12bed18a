//! Who does not belong to an organization reaches nothing in it, and learns
//! nothing from how they are refused: the same status, headers and body whether
//! the organization is there or not, and whether what is asked for in it is. The
//! matrix is made from the route tables, so that no route escapes it.
use crate::admin_setup::{TRAVEL0, client_role, client_uuid, holder_of};
use crate::harness::browser::{Answer, json_request};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::org_setup::NOBODY;
use crate::organizations::{object_routes, token_of};
use crate::scim_setup::{Directory, SECRET, admin, config_path, org_id, person, user};
use crate::writes::Things;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use guildhall::app::demo::PASSWORD;
use guildhall::app::routes::{self, Door};
use guildhall::kernel::time::Seconds;
use guildhall::org::role::BuiltIn;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

/// The credential of Rocky Mountain's own directory.
const OTHER_SECRET: &str = "rocky-only-secret";

/// Somebody who is to be refused: who they are, and their `Authorization`.
type Stranger = (&'static str, String);

/// Granite Outpost with one of everything in it, and all who do not belong there.
struct Matrix {
    things: Things,
    /// Presented where an access token is asked for.
    callers: Vec<Stranger>,
    /// Presented where the organization's SCIM credential is.
    directories: Vec<Stranger>,
    /// Somebody whom the organization's directory pushed.
    pushed: String,
    /// A group that it pushed.
    group: String,
}

impl Matrix {
    fn new() -> Self {
        let things = Things::new();
        let expired = things.granite.admin.clone();
        things.granite.world.advance(Seconds::minutes(6));
        let mut things = things;
        things.granite.sign_in();
        let mut callers = outsiders(&things);
        callers.push(("an expired token", bearer(&expired)));
        let directories = impostors(&things);
        let own = Directory::at(&things.granite.world, things.granite.org.clone());
        let pushed = own.pushed(&person("ann", "ann@granite.example"));
        let pushed = pushed.rsplit('/').next().unwrap().to_owned();
        let group = own.group("Pilots", &[&pushed]);
        Self { things, callers, directories, pushed, group }
    }

    fn world(&self) -> &World {
        &self.things.granite.world
    }

    /// Everything that is stored, but for what the organization reads of strangers.
    fn state(&self) -> String {
        let dump = self.world().dump();
        let rows = dump.lines().filter(|row| !row.starts_with("scim_log "));
        rows.collect::<Vec<_>>().join("\n")
    }

    /// Whom a path refuses.
    fn strangers(&self, path: &str) -> impl Iterator<Item = &Stranger> {
        let all = if is_scim(path) { &self.directories } else { &self.callers };
        // In Keycloak's own words who changes the realm changes its organizations.
        all.iter().filter(move |(who, _)| !(is_keycloaks(path) && *who == MANAGES_REALM))
    }

    /// `path` of this organization and of none, each with what is there and with
    /// what is not.
    fn addresses(&self, path: &str) -> [(&'static str, String); 5] {
        let org = self.things.granite.org.as_str();
        let there = self.there(path);
        let nothing = self.things.nowhere(path);
        [
            ("there", there.clone()),
            ("nothing in it", nothing.clone()),
            ("no organization", there.replace(org, NOBODY)),
            ("no organization, another word", there.replace(org, "no-such-organization")),
            ("no organization and nothing in it", nothing.replace(org, NOBODY)),
        ]
    }

    fn there(&self, path: &str) -> String {
        let id = match path.rsplit('/').nth(1) {
            Some("Users") => &self.pushed,
            Some("Groups") => &self.group,
            Some("Schemas") => "urn:ietf:params:scim:schemas:core:2.0:User",
            _ => "User",
        };
        self.things.there(&path.replace("{id}", id))
    }

    fn ask(&self, method: &Method, path: &str, authorization: &str) -> Refusal {
        // Nobody here is to be refused for asking too often.
        self.world().app().ports.tries.clear();
        let body = (![Method::GET, Method::DELETE].contains(method)).then(|| json!({}));
        let mut request = json_request(method.clone(), path, "", body.as_ref());
        if !authorization.is_empty() {
            request.headers_mut().insert("authorization", authorization.parse().unwrap());
        }
        Refusal::of(Answer::new(self.world().send(request)))
    }
}

/// All that a stranger hears.
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Refusal {
    fn of(answer: Answer) -> Self {
        let mut headers = answer.headers;
        // The one header that differs between any two answers.
        assert!(headers.remove("x-request-id").is_some());
        Self { status: answer.status, headers, body: answer.text }
    }
}

/// Whose token counts in the realm, though it opens nothing here. Keycloak's paths
/// tell them so; Phase Two's do not.
const KNOWN: &[&str] = &[
    "a member of another organization",
    "an administrator of another organization",
    "an administrator of people",
    "whoever was removed",
    "whoever is suspended",
];

const MANAGES_REALM: &str = "an administrator of the realm's settings";

fn is_keycloaks(path: &str) -> bool {
    path.starts_with("/admin/")
}

/// How `who` is refused at `path`.
fn refusal_of(who: &str, path: &str) -> u16 {
    if is_keycloaks(path) && KNOWN.contains(&who) { 403 } else { 401 }
}

fn is_scim(path: &str) -> bool {
    path.contains("/scim/v2/")
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

fn eleven_roles() -> Value {
    BuiltIn::names().map(|name| json!({ "name": name })).collect()
}

/// Makes `username` a member of an organization of the demonstration, with all
/// eleven roles.
fn empower(world: &World, alias: &str, username: &str) {
    let (org, id) = (org_id(world, alias), user(world, username).unwrap().id);
    let member = format!("/realms/travel0/orgs/{org}/members/{id}");
    assert_eq!(world.put(&member, &admin(world), &Value::Null).status, 201);
    let roles = format!("/realms/travel0/users/{id}/orgs/{org}/roles");
    assert_eq!(world.put(&roles, &admin(world), &eleven_roles()).status, 207);
}

/// Whoever presents something that is no token of somebody inside.
fn outsiders(things: &Things) -> Vec<Stranger> {
    let world = &things.granite.world;
    empower(world, "rocky-mountain", "jonno");
    empower(world, "granite-outpost", "hiroko");
    let tokens = RelyingParty::web(world).tokens_for("hiroko", "openid");
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let mut outsiders = vec![
        ("nobody", String::new()),
        ("garbage", bearer("garbage")),
        ("an empty token", "Bearer ".to_owned()),
        ("a forged token", bearer(&format!("{}x", text("access_token")))),
        ("an administrator's ID token", bearer(&text("id_token"))),
        ("an administrator's refresh token", bearer(&text("refresh_token"))),
        ("an administrator's password", basic("hiroko", PASSWORD)),
        ("a member of another organization", bearer(&token_of(world, "sumana"))),
        ("an administrator of another organization", bearer(&token_of(world, "jonno"))),
        ("an administrator of people", bearer(&holder_of(world, &["manage-users"]))),
        (MANAGES_REALM, bearer(&holder_of(world, &["manage-realm"]))),
        ("this organization's directory", bearer(SECRET)),
        ("another organization's directory", bearer(OTHER_SECRET)),
        ("an administrator of another realm", bearer(&administrator_elsewhere(things))),
    ];
    outsiders.push(("whoever was removed", bearer(&removed(things))));
    outsiders.push(("whoever is suspended", bearer(&suspended(things))));
    outsiders
}

/// A token of realm `elsewhere`, whose holder has every role there, over realm and
/// over an organization of the same id and name.
fn administrator_elsewhere(things: &Things) -> String {
    let (world, token) = (&things.granite.world, things.granite.admin.as_str());
    let made =
        world.post("/admin/realms", token, &json!({ "realm": "elsewhere", "enabled": true }));
    assert_eq!(made.status, 201, "{made:?}");
    let base = "/admin/realms/elsewhere";
    let password = "four unrelated words";
    let person = json!({ "username": "hiroko", "enabled": true,
                         "credentials": [{ "type": "password", "value": password }] });
    let made = world.post(&format!("{base}/users"), token, &person);
    let id = made.location().rsplit('/').next().unwrap().to_owned();
    let management = client_uuid(world, base, "realm-management");
    let roles: Vec<Value> = ["realm-admin", "view-organizations", "manage-organizations"]
        .iter()
        .map(|role| client_role(world, base, "realm-management", role))
        .collect();
    let path = format!("{base}/users/{id}/role-mappings/clients/{management}");
    assert_eq!(world.post(&path, token, &json!(roles)).status, 204);
    let org = &things.granite.org;
    let twin = json!({ "id": org.as_str(), "name": "granite-outpost" });
    assert_eq!(world.post("/realms/elsewhere/orgs", token, &twin).status, 201);
    let member = format!("/realms/elsewhere/orgs/{org}/members/{id}");
    assert_eq!(world.put(&member, token, &Value::Null).status, 201);
    let roles = format!("/realms/elsewhere/users/{id}/orgs/{org}/roles");
    assert_eq!(world.put(&roles, token, &eleven_roles()).status, 207);
    let fields = [
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", "hiroko"),
        ("password", password),
    ];
    let tokens = world.post_form("/realms/elsewhere/protocol/openid-connect/token", &fields);
    let token = tokens.json()["access_token"].as_str().unwrap().to_owned();
    let mine = world.get(&format!("/realms/elsewhere/orgs/{org}"), &token);
    assert_eq!(mine.status, 200, "it opens the twin: {mine:?}");
    token
}

/// A token from before its holder, who had every role, was removed.
fn removed(things: &Things) -> String {
    let world = &things.granite.world;
    empower(world, "granite-outpost", "emilio");
    let token = token_of(world, "emilio");
    let member = format!("/members/{}", things.granite.id_of("emilio"));
    assert_eq!(things.granite.delete(&member).status, 204);
    token
}

/// A token of somebody with every role, whom the organization's directory has
/// suspended.
fn suspended(things: &Things) -> String {
    let granite = &things.granite;
    let password = json!([{ "type": "password", "value": PASSWORD }]);
    let body = json!({ "username": "idle", "enabled": true, "credentials": password });
    let made = granite.world.post(&format!("{TRAVEL0}/users"), &granite.admin, &body);
    assert_eq!(made.status, 201, "{made:?}");
    empower(&granite.world, "granite-outpost", "idle");
    let (token, id) = (token_of(&granite.world, "idle"), granite.id_of("idle"));
    assert_eq!(granite.world.get(&granite.path(""), &token).status, 200);
    granite.script(&format!("UPDATE member SET active = 0 WHERE user_id = '{id}'"));
    token
}

/// Whoever presents something that is not this organization's SCIM credential.
fn impostors(things: &Things) -> Vec<Stranger> {
    let world = &things.granite.world;
    let rocky = Directory::connect(world, "rocky-mountain").org;
    let own = json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": OTHER_SECRET } });
    assert_eq!(world.put(&config_path(&rocky), &admin(world), &own).status, 200);
    vec![
        ("nobody", String::new()),
        ("a wrong secret", bearer("wrong-secret-entirely")),
        ("an empty secret", "Bearer ".to_owned()),
        ("another organization's directory", bearer(OTHER_SECRET)),
        ("the same as a password", basic("okta", OTHER_SECRET)),
        ("this organization's secret as a password", basic("okta", SECRET)),
        ("an administrator of every realm", bearer(&things.granite.admin)),
        ("an administrator of this organization", bearer(&token_of(world, "hiroko"))),
    ]
}

/// Every route that names an organization, wherever it is answered.
fn routes_of_organizations() -> Vec<(Method, &'static str)> {
    let elsewhere = routes::table().into_iter().filter(|route| {
        let is_object = matches!(route.handler, Door::Org | Door::OrgCredential);
        route.path.contains("{org}") && !is_object
    });
    object_routes().into_iter().chain(elsewhere.map(|route| (route.method, route.path))).collect()
}

#[test]
fn strangers_are_refused_and_learn_nothing() {
    let matrix = Matrix::new();
    let routes = routes_of_organizations();
    assert!(routes.len() > 60, "the tables are not read right");
    // Objects that nobody has asked are not in the dump; blank ones are.
    for (_, address) in matrix.addresses("/realms/{realm}/orgs/{org}") {
        matrix.ask(&Method::GET, &address, &bearer(&matrix.things.granite.admin));
    }
    let before = matrix.state();
    for (method, path) in routes {
        for (who, authorization) in matrix.strangers(path) {
            let mut first: Option<Refusal> = None;
            for (what, address) in matrix.addresses(path) {
                let told = format!("{who}, {what}: {method} {address}");
                let refusal = matrix.ask(&method, &address, authorization);
                assert_eq!(refusal.status, refusal_of(who, path), "{told}: {refusal:?}");
                match &first {
                    None => first = Some(refusal),
                    Some(first) => assert_eq!(*first, refusal, "{told}"),
                }
            }
        }
    }
    assert!(matrix.state() == before, "a stranger changed something");
}

#[test]
fn a_path_that_leads_nowhere_tells_no_stranger_what_there_is() {
    let matrix = Matrix::new();
    let org = "/realms/{realm}/orgs/{org}";
    let scim = "/realms/{realm}/scim/v2/organizations/{org}";
    let paths =
        ["/nonsense", "/members/x/y/z", "/roles/", "/Users/x/y", "/Groups/x/y", "/Teams", ""];
    let admin = "/admin/realms/{realm}/organizations/{org}";
    for start in [org, scim, admin] {
        for path in paths.map(|end| format!("{start}{end}")) {
            for method in [Method::GET, Method::POST, Method::PATCH, Method::DELETE] {
                for (who, authorization) in matrix.strangers(&path) {
                    let [(_, there), .., (_, none)] = matrix.addresses(&path);
                    assert_eq!(
                        matrix.ask(&method, &there, authorization),
                        matrix.ask(&method, &none, authorization),
                        "{who}: {method} {there}"
                    );
                }
            }
        }
    }
}

/// Who may enter, and is refused something, does not learn whether it is there.
#[test]
fn a_member_without_a_role_learns_nothing_of_what_is_inside() {
    let matrix = Matrix::new();
    let world = matrix.world();
    let id = matrix.things.granite.id_of("sumana");
    assert_eq!(matrix.things.granite.put(&format!("/members/{id}"), &Value::Null).status, 201);
    let insiders = [
        ("a member without a role", bearer(&token_of(world, "sumana"))),
        ("who may only see", bearer(&holder_of(world, &["view-organizations"]))),
        ("who may only manage", bearer(&holder_of(world, &["manage-organizations"]))),
    ];
    let mut compared = 0;
    for (method, path) in routes_of_organizations() {
        if is_scim(path) {
            continue;
        }
        for (who, authorization) in &insiders {
            // On Keycloak's paths who may see or manage may know what there is.
            if is_keycloaks(path) && *who != "a member without a role" {
                continue;
            }
            let [(_, there), (_, nothing), ..] = matrix.addresses(path);
            let refusal = matrix.ask(&method, &there, authorization);
            if [401, 403].contains(&refusal.status.as_u16()) {
                let other = matrix.ask(&method, &nothing, authorization);
                assert_eq!(refusal, other, "{who}: {method} {path}");
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "{compared} refusals compared");
}

#[test]
fn who_belongs_there_gets_in() {
    let matrix = Matrix::new();
    let hiroko = bearer(&token_of(matrix.world(), "hiroko"));
    let own = matrix.ask(&Method::GET, &matrix.there("/realms/{realm}/orgs/{org}"), &hiroko);
    assert_eq!(own.status, 200, "{own:?}");
    let users = matrix.there("/realms/{realm}/scim/v2/organizations/{org}/Users");
    assert_eq!(matrix.ask(&Method::GET, &users, &bearer(SECRET)).status, 200);
}

/// A switched-off service is told of to nobody but its own directory.
#[test]
fn a_service_that_is_off_looks_like_one_with_another_credential() {
    let matrix = Matrix::new();
    let world = matrix.world();
    let path = config_path(&matrix.things.granite.org);
    let users = "/realms/{realm}/scim/v2/organizations/{org}/Users";
    let [(_, here), .., (_, none)] = matrix.addresses(users);
    let on = matrix.ask(&Method::GET, &here, &bearer(OTHER_SECRET));

    let off =
        json!({ "enabled": false, "auth": { "type": "EXTERNAL_SECRET", "shared_secret": SECRET } });
    assert_eq!(world.put(&path, &admin(world), &off).status, 200);

    assert_eq!(matrix.ask(&Method::GET, &here, &bearer(OTHER_SECRET)), on);
    assert_eq!(matrix.ask(&Method::GET, &none, &bearer(OTHER_SECRET)), on);
    assert_eq!(matrix.ask(&Method::GET, &here, &bearer(SECRET)).status, 404);
}
