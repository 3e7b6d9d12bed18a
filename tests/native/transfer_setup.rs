//! What the tests of export and import share: documents, and a realm that has all
//! there is to export.
use crate::admin_setup::TRAVEL0;
use crate::harness::browser::Answer;
use crate::harness::world::World;
use crate::org_setup::Granite;
use crate::scim_setup::{Directory, admin, person, realm, travel0, user};
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

pub const EXPORT: &str = "/realms/travel0/orgs/export";
pub const IMPORT: &str = "/realms/travel0/orgs/import";

/// The export at `path`, which must succeed.
pub fn export(world: &World, query: &str) -> Value {
    let answer = world.get(&format!("{EXPORT}?{query}"), &admin(world));
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer.json()
}

pub fn import(world: &World, query: &str, document: &Value) -> Answer {
    world.post(&format!("{IMPORT}?{query}"), &admin(world), document)
}

/// Imports what must be importable.
pub fn imported(world: &World, query: &str, document: &Value) -> Answer {
    let answer = import(world, query, document);
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer
}

/// What a refusal says.
pub fn message(answer: &Answer) -> String {
    answer.json()["errorMessage"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

/// The organization called `name`, as the list has it.
pub fn listed(world: &World, name: &str) -> Option<Value> {
    let list = world.get("/realms/travel0/orgs", &admin(world)).json();
    list.as_array().unwrap().iter().find(|one| one["name"] == name).cloned()
}

pub fn id_of(world: &World, name: &str) -> String {
    let found = listed(world, name).unwrap_or_else(|| panic!("no organization {name}"));
    found["id"].as_str().unwrap().to_owned()
}

/// What is below the organization called `name`.
pub fn below(world: &World, name: &str, path: &str) -> Value {
    let path = format!("/realms/travel0/orgs/{}{path}", id_of(world, name));
    let answer = world.get(&path, &admin(world));
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    answer.json()
}

/// A document in Phase Two's form with one organization, and nothing else.
pub fn one(name: &str) -> Value {
    json!({ "organizations": [{ "organization": { "name": name } }] })
}

/// A document in Phase Two's form that has all that the form has.
pub fn phase_two() -> Value {
    json!({ "organizations": [
        {
            "organization": {
                "name": "Blue River", "displayName": "Blue River Kayaks", "url": "https://blue.example",
                "domains": ["blue.example"], "attributes": { "plan": ["pro", "trial"] },
            },
            "roles": [
                { "name": "view-members", "description": "Ours is another" },
                { "name": "paddler", "description": "Paddles" },
                { "name": "steerer" },
            ],
            "idpLink": "blue-idp",
            "members": [
                { "username": "Hiroko", "roles": ["paddler", "view-members"] },
                { "username": "emilio", "roles": [] },
            ],
            "invitations": [{
                "email": "Guest@Blue.Example", "inviterUsername": "hiroko", "roles": ["paddler", "not-yet"],
                "redirectUri": "https://blue.example/welcome", "attributes": { "seat": ["1"] },
            }],
        },
        { "organization": { "name": "Red Rocks" } },
    ] })
}

/// Why a document cannot be imported: what it is, where in the document it stands
/// and as which JSON, the status, and what the answer says.
pub type Refusal = (&'static str, &'static str, &'static str, u16, &'static str);

/// `document` with the JSON `text` at `pointer`, whether something is there or not.
pub fn changed(document: &Value, pointer: &str, text: &str) -> Value {
    let mut changed = document.clone();
    let value = serde_json::from_str(text).unwrap();
    if pointer.is_empty() {
        return value;
    }
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match changed.pointer_mut(parent).unwrap_or_else(|| panic!("{pointer}")) {
        Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    changed
}

/// Puts an identity provider into the realm that no organization uses.
pub fn provider(world: &World, alias: &str) {
    let body = json!({ "alias": alias, "providerId": "oidc" });
    let path = format!("{TRAVEL0}/identity-provider/instances");
    assert_eq!(world.post(&path, &admin(world), &body).status, 201);
}

/// A realm in which [`phase_two`] can be imported.
pub fn ready() -> World {
    let world = travel0();
    provider(&world, "blue-idp");
    world
}

/// Changes settings of the realm, each `name` to a JSON `value`.
pub fn set(world: &World, settings: &[(&str, &str)]) {
    for (name, value) in settings {
        let change = format!(
            "UPDATE realm SET settings = json_set(settings, '$.{name}', json('{value}'))
              WHERE name = 'travel0'"
        );
        world.directory().sql().execute_batch(&change);
    }
    world.restart();
}

/// Granite Outpost with one of everything, and a provider that it shares.
pub fn rich() -> Granite {
    let granite = Granite::new();
    set(&granite.world, &[("shared_idps", "true"), ("multiple_idps", "true")]);
    furnish_people(&granite);
    furnish_invitations(&granite);
    furnish_providers(&granite);
    furnish_scim(&granite);
    granite.world.deliver_queue();
    granite
}

fn furnish_people(granite: &Granite) {
    let body = json!({
        "name": "Granite Outpost", "displayName": "Granite \"Outpost\" – Ziplines", "url": "https://granite.example",
        "domains": ["granite-outpost.example", "granite.example"],
        "attributes": { "plan": ["pro", "trial"], "empty": [], "text": ["ü'\"\\ 😀"] },
    });
    assert_eq!(granite.put("", &body).status, 204);
    assert_eq!(
        granite.post("/roles", &json!({ "name": "captain", "description": "Steers" })).status,
        201
    );
    assert_eq!(granite.post("/roles", &json!({ "name": "no one's" })).status, 201);
    assert_eq!(
        granite.put("/roles/view-roles", &json!({ "description": "Sees roles" })).status,
        204
    );
    for number in 0..12 {
        let id = granite.make_member(&format!("member-{number:02}"), ["Mem", "Ber"]);
        let granted = granite.put(&format!("/roles/captain/users/{id}"), &Value::Null);
        assert_eq!(granted.status, 201);
        let notes = json!({ "attributes": { "seat": [number.to_string(), "window"] } });
        assert_eq!(granite.put(&format!("/members/{id}/attributes"), &notes).status, 200);
    }
    granite.script(
        "UPDATE member SET active = 0 WHERE user_id = (SELECT min(user_id) FROM member);
         INSERT INTO org_group (id, parent_id, name) VALUES ('zz-parent', NULL, 'Crew'), ('aa-child', 'zz-parent', 'Night/Shift'),
                                      ('bb-child', 'aa-child', 'Crew');
         UPDATE org_group SET description = 'Who sails', attributes = '{\"boat\":[\"red\",\"2\"]}'
          WHERE id = 'aa-child';
         INSERT INTO group_role SELECT 'aa-child', id FROM role WHERE name = 'captain';
         INSERT INTO group_member SELECT 'bb-child', user_id FROM member LIMIT 5;
         UPDATE domain SET stage = 'verified', claim_id = 'claim-1' WHERE name = 'granite.example';",
    );
    map_role(granite);
    let claim = format!(
        "INSERT INTO domain_claim VALUES ('{}', 'granite.example', '{}', 'claim-1', 1)",
        realm(&granite.world).id,
        granite.org
    );
    granite.world.directory().sql().execute_batch(&claim);
    let machine = "SELECT id FROM user WHERE service_account_for IS NOT NULL AND realm_id = ?";
    let statement = Statement::new(machine).bind(realm(&granite.world).id.as_str());
    let machine = granite.world.directory().sql().run(statement).unwrap();
    let machine = machine[0].text("id").unwrap();
    assert_eq!(granite.put(&format!("/members/{machine}"), &Value::Null).status, 201);
}

/// A role that every realm has, to a group.
fn map_role(granite: &Granite) {
    let path = format!("{TRAVEL0}/roles/offline_access");
    let role = granite.world.get(&path, &granite.admin).json();
    let path = "/groups/bb-child/role-mappings/realm";
    assert_eq!(granite.ask(Method::POST, path, Some(&json!([role]))).status, 204);
}

fn furnish_invitations(granite: &Granite) {
    for (email, roles) in
        [("open@mail.example", json!(["captain"])), ("revoked@mail.example", json!([]))]
    {
        let body = json!({ "email": email, "roles": roles, "send": true, "attributes": { "a": ["b"] },
                           "redirectUri": "https://granite.example/in", "inviterId": granite.id_of("hiroko") });
        let made = granite.post("/invitations", &body);
        assert_eq!(made.status, 201);
        granite.world.deliver_queue();
        if email.starts_with("revoked") {
            assert_eq!(granite.world.delete(made.location(), &granite.admin).status, 204);
        }
    }
    let joins = granite.id_of("sumana");
    let body = json!({ "email": "sumana@adventurez.example", "roles": ["captain"] });
    let made = granite.post("/invitations", &body);
    let id = made.location().rsplit('/').next().unwrap();
    let token = crate::organizations::token_of(&granite.world, "sumana");
    let path = format!("/realms/travel0/orgs/me/invitations/{id}");
    assert_eq!(granite.world.call(Method::POST, &path, &token, None).status, 204);
    assert_eq!(granite.get(&format!("/members/{joins}")).status, 204);
}

fn furnish_providers(granite: &Granite) {
    let own = json!({
        "alias": "granite-idp", "providerId": "oidc", "displayName": "Granite's own", "trustEmail": true,
        "config": { "clientId": "guildhall", "clientSecret": "hush-hush", "tokenUrl": "https://idp.example/token" },
    });
    assert_eq!(granite.post("/idps", &own).status, 201);
    for name in ["zeta", "alpha"] {
        let mapper = json!({ "name": name, "identityProviderMapper": "oidc-user-attribute-idp-mapper",
                             "config": { "claim": name } });
        assert_eq!(granite.post("/idps/granite-idp/mappers", &mapper).status, 201);
    }
    provider(&granite.world, "shared-idp");
    for org in [granite.org.clone(), crate::scim_setup::org_id(&granite.world, "adventurez")] {
        let path = format!("/realms/travel0/orgs/{org}/idps/link");
        let body = json!({ "alias": "shared-idp", "domains": ["granite.example"] });
        assert_eq!(granite.world.post(&path, &granite.admin, &body).status, 201);
    }
}

fn furnish_scim(granite: &Granite) {
    let directory = Directory::connect(&granite.world, "granite-outpost");
    directory.pushed(&person("pushed", "pushed@granite.example"));
    // Exists apart from the organization, so that is not a member by this.
    let jonno = user(&granite.world, "jonno").unwrap();
    directory.pushed(&person("jonno-here", jonno.email.unwrap().as_str()));
}

/// The users of `world`, in another deployment that has the same.
pub fn elsewhere(world: &World) -> World {
    let other = World::new();
    other.run(guildhall::app::demo::ensure(other.app())).unwrap();
    let admin = admin(&other);
    for alias in ["granite-outpost", "adventurez", "rocky-mountain"] {
        let org = crate::scim_setup::org_id(&other, alias);
        assert_eq!(other.delete(&format!("/realms/travel0/orgs/{org}"), &admin).status, 204);
    }
    let there = realm(&other).id;
    other.directory().sql().execute_batch(&format!("DELETE FROM user WHERE realm_id = '{there}'"));
    let here = realm(world).id;
    let all = Statement::new("SELECT id FROM user WHERE realm_id = ?").bind(here.as_str());
    let ids = world.directory().sql().run(all).unwrap();
    let ids: Vec<_> = ids.iter().map(|row| row.parse("id").unwrap()).collect();
    let users = guildhall::realm::store::user::list(world.directory(), &here, &ids);
    for user in world.run(users).unwrap() {
        let statement = guildhall::realm::store::user::insertion(&there, &user).unwrap();
        other.directory().sql().run(statement).unwrap();
    }
    other
}
