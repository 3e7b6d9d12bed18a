//! What somebody does who holds the credential of one organization's directory and
//! wants another organization's people: the wrong door, and every way of naming
//! whom one may not touch (ARCHITECTURE, consequence 4). Whoever asks hears what they
//! would hear of somebody who does not exist.
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::organizations::object_routes;
use crate::scim_setup::{
    Directory, SECRET, active, admin, config_path, count_people, person, shared_secret, travel0,
    user,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::id::OrgId;
use guildhall::kernel::time::Seconds;
use guildhall::realm::user::User;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

/// Nobody's id.
const NOBODY: &str = "5b50642d-79fc-4410-9e90-4c077cdd1a59";
const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const USER_NAME: &str = "granite-directory";

/// After so long a wrong credential is forgotten.
const FAILURE_WINDOW: Seconds = Seconds::minutes(2);

/// What is heard, but for the one header that differs between any two answers.
#[derive(Debug, PartialEq, Eq)]
struct Heard {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Heard {
    fn of(answer: Answer) -> Self {
        let mut headers = answer.headers;
        assert!(headers.remove("x-request-id").is_some());
        Self { status: answer.status, headers, body: answer.text }
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")))
}

/// An organization that has a service, and one of everything in it.
struct Target {
    /// Where its service is.
    base: String,
    user: String,
    /// Groups are made where there are any.
    group: String,
}

fn patch(operation: &Value) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    })
}

fn group(name: &str, members: &Value) -> Value {
    json!({ "schemas": [GROUP_URN], "displayName": name, "members": members })
}

fn id_of(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn send(world: &World, method: Method, path: &str, authorization: &str, body: &Value) -> Answer {
    let body = (![Method::GET, Method::DELETE].contains(&method)).then_some(body);
    let mut request = json_request(method, path, "", body);
    request.headers_mut().insert("authorization", authorization.parse().unwrap());
    Answer::new(world.send(request))
}

/// Opens the service of an organization at `config` by `auth` and furnishes it.
fn target(world: &World, realm: &str, org: &str, auth: &Value, authorization: &str) -> Target {
    let config = format!("/realms/{realm}/orgs/{org}/scim");
    let configured = world.post(&config, &admin(world), auth);
    assert_eq!(configured.status, 201, "{configured:?}");
    let base = format!("/realms/{realm}/scim/v2/organizations/{org}");
    let make = |path: &str, body: &Value| {
        let made = send(world, Method::POST, &format!("{base}{path}"), authorization, body);
        assert_eq!(made.status, 201, "{made:?}");
        id_of(&made)
    };
    let email = format!("somebody@{realm}-target.example");
    let user = make("/Users", &person(&format!("somebody-of-{realm}"), &email));
    let group = make("/Groups", &group("Everybody", &json!([{ "value": user }])));
    Target { base, user, group }
}

/// A realm beside Travel0 with an organization in it; answers both.
fn elsewhere(world: &World) -> (&'static str, String) {
    let token = admin(world);
    let made = json!({ "realm": "elsewhere", "enabled": true });
    assert_eq!(world.post("/admin/realms", &token, &made).status, 201);
    let settings = json!({ "scimEnabled": true });
    let changed = world.put("/realms/elsewhere/orgs/config", &token, &settings);
    assert!(changed.status.is_success(), "{changed:?}");
    let made = world.post("/realms/elsewhere/orgs", &token, &json!({ "name": "twin" }));
    assert_eq!(made.status, 201, "{made:?}");
    ("elsewhere", made.location().rsplit('/').next().unwrap().to_owned())
}

/// Every route of the service, from the table.
fn routes() -> Vec<(Method, &'static str)> {
    let all = object_routes().into_iter();
    let routes: Vec<_> = all.filter(|(_, path)| path.contains("/scim/v2/")).collect();
    assert!(routes.len() >= 14, "the table is not read right");
    routes
}

/// The credentials of two organizations, one of each kind, at every route of the
/// other, of an organization of another realm, and at one's own in another realm: 401,
/// word for word what an organization says that is not there.
#[test]
fn a_credential_opens_no_other_organization() {
    let world = travel0();
    let granite = crate::scim_setup::org_id(&world, "granite-outpost");
    let rocky = crate::scim_setup::org_id(&world, "rocky-mountain");
    let (realm, twin) = elsewhere(&world);
    let own = "granite-secret-of-its-own";
    let auth = json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": own } });
    let bearer = format!("Bearer {own}");
    let granite = target(&world, "travel0", granite.as_str(), &auth, &bearer);
    let auth =
        json!({ "auth": { "type": "EXTERNAL_BASIC", "username": USER_NAME, "password": SECRET } });
    let password = basic(USER_NAME, SECRET);
    let rocky = target(&world, "travel0", rocky.as_str(), &auth, &password);
    let twin = target(&world, realm, &twin, &shared_secret(), &format!("Bearer {SECRET}"));
    let moved = |target: &Target| Target {
        base: target.base.replace("/travel0/", "/elsewhere/"),
        user: target.user.clone(),
        group: target.group.clone(),
    };
    let cases = [
        ("Granite's secret at Rocky", &bearer, &rocky),
        ("Granite's secret at the twin", &bearer, &twin),
        ("Granite's secret at Granite in another realm", &bearer, &moved(&granite)),
        ("Rocky's password at Granite", &password, &granite),
        ("Rocky's password at the twin", &password, &twin),
        ("Rocky's password at Rocky in another realm", &password, &moved(&rocky)),
        ("the twin's secret at Granite", &format!("Bearer {SECRET}"), &granite),
        ("Granite's secret as a password", &basic(USER_NAME, own), &rocky),
        ("Rocky's password as a secret", &format!("Bearer {SECRET}"), &rocky),
    ];
    let owners = [(&granite, &bearer), (&rocky, &password), (&twin, &format!("Bearer {SECRET}"))];
    let holdings = || owners.map(|(target, authorization)| all_of(&world, target, authorization));
    let before = holdings();
    for (who, authorization, target) in cases {
        for (method, path) in routes() {
            // Who tries too often hears 429 for a while, wherever it is.
            world.advance(FAILURE_WINDOW);
            let (_, path) = path.split_once("{org}").unwrap();
            let id = if path.starts_with("/Groups") { &target.group } else { &target.user };
            let path = path.replace("{id}", id);
            let body = json!({ "userName": "mine", "displayName": "mine", "active": false });
            let there = format!("{}{path}", target.base);
            let heard = Heard::of(send(&world, method.clone(), &there, authorization, &body));
            assert_eq!(heard.status, 401, "{who}: {method} {there}");

            let (start, _) = target.base.rsplit_once('/').unwrap();
            let nowhere = format!("{start}/{NOBODY}{path}");
            let none = Heard::of(send(&world, method.clone(), &nowhere, authorization, &body));
            assert_eq!(heard, none, "{who}: {method} {there}");
        }
    }
    world.advance(FAILURE_WINDOW);
    assert_eq!(holdings(), before, "a stranger changed something");
}

/// Everything that a directory sees of its own.
fn all_of(world: &World, target: &Target, authorization: &str) -> [Value; 2] {
    ["/Users", "/Groups"].map(|path| {
        let path = format!("{}{path}", target.base);
        let listed = send(world, Method::GET, &path, authorization, &Value::Null);
        assert_eq!(listed.status, 200, "{listed:?}");
        listed.json()
    })
}

/// Two directories of one realm, and a person of each.
struct Two<'a> {
    granite: Directory<'a>,
    rocky: Directory<'a>,
    /// Whom Granite pushed.
    mine: String,
    /// Whom Rocky pushed.
    theirs: String,
}

impl<'a> Two<'a> {
    fn new(world: &'a World) -> Self {
        let granite = Directory::connect(world, "granite-outpost");
        let rocky = Directory::connect(world, "rocky-mountain");
        let mine = granite.pushed(&person("mine", "mine@granite.example"));
        let theirs = rocky.pushed(&person("theirs", "theirs@rocky.example"));
        Self { granite, rocky, mine, theirs }
    }

    fn victim(&self) -> User {
        user(self.granite.world, "theirs@rocky.example").unwrap()
    }

    /// Fails if `what` changed or told anything of Rocky's person.
    fn untouched(&self, before: &(User, Value), what: &str) {
        let victim = self.victim();
        assert_eq!(victim, before.0, "{what}: the person");
        assert_eq!(self.rocky.get(&self.theirs).json(), before.1, "{what}: Rocky's view of them");
        assert!(self.rocky.claims(&victim).is_some(), "{what}: their membership");
        assert_eq!(self.granite.claims(&victim), None, "{what}: no membership in Granite");
    }

    fn before(&self) -> (User, Value) {
        (self.victim(), self.rocky.get(&self.theirs).json())
    }
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// The id of another organization's user is nobody's: by each method, with and
/// without a version, in a body, a filter or a bulk.
#[test]
fn another_organizations_id_is_the_id_of_nobody() {
    let world = travel0();
    let two = Two::new(&world);
    let before = two.before();
    let taken = json!({ "id": id(&two.theirs), "userName": "taken", "active": false });
    let gone = active(false);
    let requests = [
        (Method::GET, None),
        (Method::PUT, Some(&taken)),
        (Method::PATCH, Some(&gone)),
        (Method::DELETE, None),
    ];
    for (method, body) in requests {
        for condition in [None, Some("*"), Some("W/\"1\"")] {
            let ask = |path: &str| {
                let mut request = two.granite.request(method.clone(), path, body);
                if let Some(condition) = condition {
                    request.headers_mut().insert("if-match", condition.parse().unwrap());
                }
                Heard::of(Answer::new(world.send(request)))
            };
            let heard = ask(&two.theirs);
            assert_eq!(heard, ask(&format!("/Users/{NOBODY}")), "{method} {condition:?}");
            assert_eq!(heard.status, 404, "{method} {condition:?}");
        }
    }
    let filters = [
        format!("id eq \"{}\"", id(&two.theirs)),
        "externalId eq \"ext-theirs\"".to_owned(),
        "userName eq \"theirs\"".to_owned(),
        "emails eq \"theirs@rocky.example\"".to_owned(),
    ];
    for filter in filters {
        assert_eq!(two.granite.count(&filter), 0, "{filter}");
        assert_eq!(two.rocky.count(&filter), 1, "{filter}");
    }
    two.untouched(&before, "by id");
}

/// An `id`, a `meta` or a version in a body is not what is changed: the path is.
#[test]
fn a_put_changes_what_its_path_names() {
    let world = travel0();
    let two = Two::new(&world);
    let before = two.before();
    let theirs = two.rocky.get(&two.theirs).json();
    let body = json!({
        "id": id(&two.theirs), "userName": "mine", "externalId": "ext-mine", "meta": theirs["meta"],
        "emails": [{ "value": "mine@granite.example", "primary": true }], "active": true,
    });
    let own = two.granite.get(&two.mine).json();

    let put = two.granite.put(&two.mine, &body);

    assert_eq!(put.status, 200, "{put:?}");
    let after = put.json();
    assert_eq!(after["id"], own["id"]);
    for member in ["resourceType", "created", "location"] {
        assert_eq!(after["meta"][member], own["meta"][member], "{member}");
    }
    let renamed = json!({ "op": "replace", "path": "id", "value": id(&two.theirs) });
    let answer = two.granite.patch(&two.mine, &patch(&renamed));
    assert_eq!((answer.status.as_u16(), &answer.json()["scimType"]), (400, &json!("mutability")));
    let made = two.granite.push(&json!({
        "id": id(&two.theirs), "userName": "another", "meta": theirs["meta"],
    }));
    assert_eq!(made.status, 201, "{made:?}");
    assert_ne!(made.json()["id"], theirs["id"]);
    two.untouched(&before, "an id in a body");
}

/// One's own user may be given any name, address and key: the person who has them
/// elsewhere is not the one who is meant, and nothing is told of them.
#[test]
fn no_change_of_name_address_or_key_takes_over_who_has_them() {
    let world = travel0();
    let two = Two::new(&world);
    let before = two.before();
    let people = count_people(&world);
    let mine = user(&world, "mine@granite.example").unwrap();
    let renames = [
        ("the name", json!({ "op": "replace", "path": "userName", "value": "%" })),
        ("the key", json!({ "op": "replace", "path": "externalId", "value": "ext-%" })),
        (
            "the address",
            json!({ "op": "replace", "path": "emails", "value": [{ "value": "%@rocky.example", "primary": true }] }),
        ),
        (
            "the address, by type",
            json!({ "op": "replace", "path": "emails[primary eq true].value", "value": "%@ROCKY.example" }),
        ),
        ("all", json!({ "op": "replace", "value": { "userName": "%@rocky.example" } })),
    ];
    for (what, operation) in renames {
        let with = |name: &str| {
            let text = operation.to_string().replace('%', name);
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let free = two.granite.patch(&two.mine, &patch(&with("nobody-has-this")));
        let taken = two.granite.patch(&two.mine, &patch(&with("theirs")));
        assert_eq!((free.status, taken.status), (StatusCode::OK, StatusCode::OK), "{what}");
        assert_eq!(keys(&free.json()), keys(&taken.json()), "{what}: nothing is learned");
        for state in [false, true] {
            assert_eq!(two.granite.patch(&two.mine, &active(state)).status, 200, "{what}");
        }
        two.untouched(&before, what);
        let now = user(&world, "mine@granite.example").unwrap();
        assert_eq!((now.id, now.email), (mine.id.clone(), mine.email.clone()), "{what}");
    }
    assert_eq!(count_people(&world), people, "nobody was made on the way");
    assert_eq!(two.granite.delete(&two.mine).status, 204);
    two.untouched(&before, "DELETE after all of it");
}

fn keys(resource: &Value) -> Vec<&String> {
    resource.as_object().unwrap().keys().collect()
}

/// What gives power in the product is not given by attributes of a directory.
#[test]
fn attributes_are_only_attributes() {
    let world = travel0();
    let two = Two::new(&world);
    let plain = two.granite.claims(&user(&world, "mine@granite.example").unwrap()).unwrap();
    let roles: Vec<Value> = ["manage-organization", "owner", "realm-admin", "admin"]
        .map(|role| json!({ "value": role }))
        .into();
    let body = json!({
        "userName": "eve", "emails": [{ "value": "eve@granite.example", "primary": true }],
        "roles": roles, "entitlements": roles, "userType": "admin", "password": "1mz050nq-of-eve",
        "groups": [{ "value": NOBODY, "display": "Owners" }],
        "meta": { "resourceType": "Group", "created": "1999-01-01T00:00:00Z" },
        "organization": "rocky-mountain", "realm": "master", "emailVerified": true,
        ENTERPRISE_URN: { "organization": "rocky-mountain", "manager": { "value": id(&two.theirs) } },
    });

    let pushed = two.granite.push(&body);

    assert_eq!(pushed.status, 201, "{pushed:?}");
    let told = pushed.json();
    for absent in ["password", "organization", "realm", "emailVerified"] {
        assert_eq!(told.get(absent), None, "{absent}");
    }
    assert_ne!(told["meta"]["created"], "1999-01-01T00:00:00Z");
    assert!(told["groups"].as_array().is_none_or(Vec::is_empty), "{told}");
    let manager = &told[ENTERPRISE_URN]["manager"];
    assert_eq!(manager["displayName"], Value::Null, "a manager elsewhere has no name here");
    let eve = user(&world, "eve@granite.example").unwrap();
    let claims = two.granite.claims(&eve).unwrap();
    assert_eq!(claims, plain, "the same as anybody's");
    assert!(!eve.email_verified);
    assert_eq!(sign_in(&world, "jonno", PASSWORD), 200, "so do people who may");
    assert_ne!(sign_in(&world, "eve@granite.example", "1mz050nq-of-eve"), 200);
    let again = json!({ "op": "replace", "value": { "password": "another-of-eve" } });
    two.granite.patch(&format!("/Users/{}", id_of(&pushed)), &patch(&again));
    assert_ne!(sign_in(&world, "eve@granite.example", "another-of-eve"), 200);
}

/// The status of a login with a password.
fn sign_in(world: &World, name: &str, password: &str) -> u16 {
    let fields = [
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", name),
        ("password", password),
    ];
    world.post_form("/realms/travel0/protocol/openid-connect/token", &fields).status.as_u16()
}

/// Somebody of another organization in a group is nobody in it: in creation, PUT and
/// each form of PATCH; nor is another organization's group a member, nor found.
#[test]
fn a_group_takes_in_nobody_from_elsewhere() {
    let world = travel0();
    let two = Two::new(&world);
    let their_group = two.rocky.send(
        Method::POST,
        "/Groups",
        Some(&group("Pushed guides", &json!([{ "value": id(&two.theirs) }]))),
    );
    assert_eq!(their_group.status, 201, "{their_group:?}");
    let their_group = id_of(&their_group);
    let before = two.before();
    for (what, stranger) in [("a user", id(&two.theirs)), ("a group", their_group.as_str())] {
        let own = id(&two.mine);
        let with = |who: &str| json!([{ "value": own }, { "value": who, "type": "User", "$ref": format!("../Users/{who}") }]);
        let attempts = |who: &str| {
            let name = format!("{what}: group of {who}");
            let made = two.granite.send(Method::POST, "/Groups", Some(&group(&name, &with(who))));
            assert_eq!(made.status, 201, "{what}: {made:?}");
            let at = format!("/Groups/{}", id_of(&made));
            let answers = [
                made,
                two.granite.put(&at, &group(&name, &with(who))),
                two.granite.patch(
                    &at,
                    &patch(&json!({ "op": "add", "path": "members", "value": with(who) })),
                ),
                two.granite.patch(
                    &at,
                    &patch(&json!({ "op": "replace", "path": "members", "value": with(who) })),
                ),
                two.granite
                    .patch(&at, &patch(&json!({ "op": "add", "value": { "members": with(who) } }))),
                two.granite.patch(
                    &at,
                    &patch(
                        &json!({ "op": "remove", "path": format!("members[value eq \"{who}\"]") }),
                    ),
                ),
                two.granite.get(&at),
            ];
            answers.map(|answer| {
                let body = answer.json();
                let members = body["members"].as_array().cloned().unwrap_or_default();
                let ids: Vec<String> = members
                    .iter()
                    .map(|member| member["value"].as_str().unwrap().to_owned())
                    .collect();
                (answer.status.as_u16(), ids)
            })
        };
        let heard = attempts(stranger);
        assert_eq!(heard, attempts(NOBODY), "{what} is as nobody");
        for (status, members) in heard {
            assert!([200, 201].contains(&status), "{what}: {status}");
            assert_eq!(members, [own], "{what}");
        }
        two.untouched(&before, what);
    }
    let heard = |id: &str| Heard::of(two.granite.get(&format!("/Groups/{id}")));
    assert_eq!(heard(&their_group), heard(NOBODY));
    let delete = |id: &str| Heard::of(two.granite.delete(&format!("/Groups/{id}")));
    assert_eq!(delete(&their_group), delete(NOBODY));
    assert_eq!(
        two.rocky.get(&format!("/Groups/{their_group}")).json()["displayName"],
        "Pushed guides"
    );
}

/// A bulk reaches no further than its requests one by one would, however a path is
/// written.
#[test]
fn a_bulk_stays_in_its_organization() {
    let world = travel0();
    let two = Two::new(&world);
    let before = two.before();
    let there = format!("/realms/travel0/scim/v2/organizations/{}{}", two.rocky.org, two.theirs);
    let paths = [
        two.theirs.clone(),
        there.clone(),
        format!("..{there}"),
        format!("/../{}{}", two.rocky.org, two.theirs),
        format!("/Users/../../{}{}", two.rocky.org, two.theirs),
        format!("/Users/..%2f..%2f{}%2fUsers%2f{}", two.rocky.org, id(&two.theirs)),
        format!("http://localhost:8787{there}"),
        format!("//localhost:8787{there}"),
        config_path(&two.granite.org),
        "/Bulk".to_owned(),
    ];
    for path in paths {
        for method in ["PUT", "PATCH", "DELETE"] {
            let data = if method == "PATCH" { active(false) } else { person("x", "x@x.example") };
            let operation = json!({ "method": method, "path": path, "data": data });
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": [operation],
            });
            let answer = two.granite.send(Method::POST, "/Bulk", Some(&body));
            if answer.status == 200 {
                let told = &answer.json()["Operations"][0]["status"];
                assert!(
                    ["400", "404", "405"].map(Value::from).contains(told),
                    "{path}: {answer:?}"
                );
            } else {
                assert_eq!(answer.status, 400, "{path}: {answer:?}");
            }
            two.untouched(&before, &path);
        }
    }
    let configured = world.get(&config_path(&two.granite.org), &admin(&world));
    assert_eq!(configured.json()["enabled"], true);
}

/// The same person in two organizations is two views; what one directory does to
/// its own reaches neither the other view nor the person.
#[test]
fn a_person_whom_two_directories_push_is_two_views() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let rocky = Directory::connect(&world, "rocky-mountain");
    let one = rocky.pushed(&person("shared", "shared@both.example"));
    let before = rocky.get(&one).json();
    let people = count_people(&world);
    let other = granite.pushed(&person("shared", "shared@both.example"));
    let shared = user(&world, "shared@both.example").unwrap();

    granite.patch(&other, &patch(&json!({ "op": "replace", "path": "title", "value": "Spy" })));
    granite.patch(&other, &active(false));
    assert_eq!(rocky.get(&one).json(), before);
    assert!(rocky.claims(&shared).is_some());
    assert_eq!(granite.delete(&other).status, 204);

    assert_eq!(rocky.get(&one).json(), before);
    assert!(rocky.claims(&shared).is_some());
    assert_eq!(user(&world, "shared@both.example"), Some(shared));
    assert!(count_people(&world) >= people);
}

/// Every answer of a refused, a missing and a malformed request names nothing of
/// what is inside.
#[test]
fn a_refusal_repeats_no_secret() {
    let world = travel0();
    let two = Two::new(&world);
    let org: &OrgId = &two.granite.org;
    let path = format!("/realms/travel0/scim/v2/organizations/{org}/Users");
    for authorization in
        ["Bearer not-the-secret", "Basic bm90OnRoZS1zZWNyZXQ=", "Bearer", "Digest x"]
    {
        let answer = send(&world, Method::GET, &path, authorization, &Value::Null);
        assert_eq!(answer.status, 401, "{authorization}");
        for word in ["not-the-secret", "the-secret", SECRET, "argon2", org.as_str()] {
            assert!(!answer.text.contains(word), "{authorization}: {answer:?}");
        }
    }
}
