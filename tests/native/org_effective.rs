//! What a member holds in the organization, and which grant, group or role gives it.
use crate::admin_setup::{TRAVEL0, client_role, client_uuid, holder_of};
use crate::org_setup::{Granite, NOBODY};
use crate::organizations::token_of;
use http::Method;
use serde_json::{Value, json};

/// A granite where emilio holds roles that come from everywhere.
struct Stage {
    granite: Granite,
    member: String,
    top: String,
    leaf: String,
}

impl Stage {
    fn new() -> Self {
        let granite = Granite::new();
        let member = granite.id_of("emilio").as_str().to_owned();
        granite.put(&format!("/members/{member}"), &Value::Null);
        granite.script("DELETE FROM member_role; DELETE FROM org_group;");
        let top = granite.plant(None, "Top");
        let leaf = granite.plant(Some(&top), "Leaf");
        let seat = format!("/groups/{leaf}/members/{member}");
        assert_eq!(granite.ask(Method::PUT, &seat, None).status, 204);
        Self { granite, member, top, leaf }
    }

    fn role(&self, name: &str) -> Value {
        self.granite.post("/roles", &json!({ "name": name }));
        let id = self.granite.get(&format!("/roles/{name}")).json()["id"].clone();
        json!({ "id": id, "name": name })
    }

    fn send(&self, path: &str, roles: &Value) {
        let answer = self.granite.ask(Method::POST, path, Some(roles));
        assert_eq!(answer.status, 204, "{path}: {answer:?}");
    }

    fn held(&self) -> Value {
        self.granite.read(&format!("/members/{}/effective", self.member))
    }
}

#[test]
fn each_role_tells_all_that_gives_it() {
    let stage = Stage::new();
    let (member, top, leaf) = (&stage.member, &stage.top, &stage.leaf);
    let nothing = json!({ "active": true, "roles": [], "mapped": [] });
    assert_eq!(stage.held(), nothing);
    let [own, of_leaf, of_top, within, every] =
        ["a-own", "b-leaf", "c-top", "d-within", "e-every"].map(|name| stage.role(name));
    let default = stage.granite.read("/roles/default")["id"].as_str().unwrap().to_owned();
    stage.send(&format!("/members/{member}/role-mappings/organization"), &json!([own]));
    stage.send(&format!("/groups/{leaf}/role-mappings/organization"), &json!([own, of_leaf]));
    stage.send(&format!("/groups/{top}/role-mappings/organization"), &json!([of_top]));
    let path = format!("/roles/{}/composites", of_top["id"].as_str().unwrap());
    stage.send(&path, &json!([within]));
    stage.send(&format!("/roles/{default}/composites"), &json!([every, within]));

    let here = json!({ "type": "group", "id": leaf, "path": "/Top/Leaf" });
    let mut above = here.clone();
    above["inheritedFrom"] = json!({ "id": top, "path": "/Top" });
    let expected = json!([
        { "role": own, "sources": [{ "type": "grant" }, here] },
        { "role": of_leaf, "sources": [here] },
        { "role": of_top, "sources": [above] },
        { "role": within,
          "sources": [{ "type": "composite", "role": of_top }, { "type": "default" }] },
        { "role": every, "sources": [{ "type": "default" }] },
    ]);
    assert_eq!(stage.held()["roles"], expected);

    let path = format!("/members/{member}");
    assert_eq!(stage.granite.delete(&path).status, 204);
    let gone = stage.granite.ask(Method::GET, &format!("{path}/effective"), None);
    assert_eq!(gone.json()["errorMessage"], "User is not member of the organization");
}

#[test]
fn roles_of_the_realm_tell_the_group_they_come_from() {
    let stage = Stage::new();
    let (world, admin) = (&stage.granite.world, &stage.granite.admin);
    for (path, name) in [("roles".to_owned(), "guide"), ("roles".to_owned(), "gone")] {
        let path = format!("{TRAVEL0}/{path}");
        assert_eq!(world.post(&path, admin, &json!({ "name": name })).status, 201);
    }
    let web = client_uuid(world, TRAVEL0, "travel0-web");
    let roles = format!("{TRAVEL0}/clients/{web}/roles");
    assert_eq!(world.post(&roles, admin, &json!({ "name": "reader" })).status, 201);
    let reader = client_role(world, TRAVEL0, "travel0-web", "reader");
    let [guide, gone] =
        ["guide", "gone"].map(|name| world.get(&format!("{TRAVEL0}/roles/{name}"), admin).json());
    let (top, leaf) = (&stage.top, &stage.leaf);
    stage.send(&format!("/groups/{top}/role-mappings/realm"), &json!([guide, gone]));
    stage.send(&format!("/groups/{leaf}/role-mappings/clients/{web}"), &json!([reader]));
    assert_eq!(world.delete(&format!("{TRAVEL0}/roles/gone"), admin).status, 204);

    let here = json!({ "type": "group", "id": leaf, "path": "/Top/Leaf" });
    let mut above = here.clone();
    above["inheritedFrom"] = json!({ "id": top, "path": "/Top" });
    assert_eq!(
        stage.held()["mapped"],
        json!([
            { "role": { "id": guide["id"], "name": "guide" }, "sources": [above] },
            { "role": { "id": reader["id"], "name": "reader", "client": "travel0-web" },
              "sources": [here] },
        ])
    );
}

#[test]
fn a_member_sees_their_own_and_who_sees_roles_everybodys() {
    let stage = Stage::new();
    let (granite, world) = (&stage.granite, &stage.granite.world);
    let viewer = granite.id_of("hiroko");
    assert_eq!(granite.put(&format!("/members/{viewer}"), &Value::Null).status, 201);
    let [emilio, hiroko, sumana] = ["emilio", "hiroko", "sumana"].map(|name| token_of(world, name));
    let path = |user: &str| granite.path(&format!("/members/{user}/effective"));
    let status = |user: &str, token: &str| world.get(&path(user), token).status.as_u16();
    assert_eq!(world.get(&path(&stage.member), &emilio).json(), stage.held());
    assert_eq!(status(viewer.as_str(), &emilio), 401);
    assert_eq!(status(&stage.member, &hiroko), 401);
    assert_eq!(status(granite.id_of("sumana").as_str(), &sumana), 401, "no member");
    let granted = granite.put(&format!("/roles/view-roles/users/{viewer}"), &Value::Null);
    assert_eq!(granted.status, 201);
    assert_eq!(status(&stage.member, &hiroko), 200);
    assert_eq!(status(NOBODY, &hiroko), 404);
    assert_eq!(status(granite.id_of("sumana").as_str(), &hiroko), 404);
    let viewer_of_all = holder_of(world, &["view-organizations"]);
    assert_eq!(status(&stage.member, &viewer_of_all), 200);

    let admin_path = granite.admin_path(&format!("/members/{}/effective", stage.member));
    let asked = |roles: &[&str]| world.get(&admin_path, &holder_of(world, roles)).status.as_u16();
    assert_eq!(world.get(&admin_path, &viewer_of_all).status, 403);
    assert_eq!(asked(&["view-users"]), 403);
    assert_eq!(asked(&["view-organizations", "view-users"]), 200);

    let member = &stage.member;
    granite.script(&format!("UPDATE member SET active = 0 WHERE user_id = '{member}'"));
    assert_eq!(status(member, &emilio), 401, "whoever is suspended is no member");
    assert_eq!(stage.held()["active"], false);
}
