//! `/admin/realms/{realm}/organizations/{org}/roles` and the grants of these roles to
//! members and groups (reference keycloak.md §1.8): the same roles that Phase Two's paths
//! have, and all that comes with them.
use crate::admin_setup::{holder_of, made, names};
use crate::harness::browser::Answer;
use crate::harness::relying_party::{RelyingParty, claims_of};
use crate::org_setup::{Granite, NOBODY};
use crate::organizations::token_of;
use guildhall::org::composite::MAX_COMPOSITE_DEPTH;
use http::Method;
use serde_json::{Value, json};

impl Granite {
    fn own_role(&self, name: &str) -> String {
        made(&self.ask(Method::POST, "/roles", Some(&json!({ "name": name }))))
    }

    /// The id of a role, by its name.
    fn role_called(&self, name: &str) -> String {
        self.get(&format!("/roles/{name}")).json()["id"].as_str().unwrap().to_owned()
    }

    fn include_own(&self, method: Method, parent: &str, children: &[&str]) -> Answer {
        let body: Vec<Value> = children.iter().map(|id| json!({ "id": id })).collect();
        self.ask(method, &format!("/roles/{parent}/composites"), Some(&json!(body)))
    }

    fn grant_own(&self, holder: &str, roles: &[&str]) {
        let body: Vec<Value> = roles.iter().map(|id| json!({ "id": id })).collect();
        let path = format!("{holder}/role-mappings/organization");
        assert_eq!(self.ask(Method::POST, &path, Some(&json!(body))).status, 204);
    }

    fn listed(&self, path: &str) -> Vec<String> {
        names(&self.read(path)).into_iter().map(str::to_owned).collect()
    }

    /// A member without roles; their id.
    fn bare_member(&self, username: &str) -> String {
        let id = self.id_of(username);
        self.put(&format!("/members/{id}"), &Value::Null);
        self.script(&format!("DELETE FROM member_role WHERE user_id = '{id}'"));
        self.script(&format!("DELETE FROM group_member WHERE user_id = '{id}'"));
        id.as_str().to_owned()
    }
}

#[test]
fn a_role_is_made_read_described_and_deleted() {
    let granite = Granite::new();
    let body = json!({ "name": "captain", "description": "Leads" });

    let answer = granite.ask(Method::POST, "/roles", Some(&body));

    let id = made(&answer);
    assert!(answer.location().ends_with(&granite.admin_path(&format!("/roles/{id}"))));
    let brief = json!({
        "id": id, "name": "captain", "description": "Leads", "composite": false,
        "clientRole": false, "containerId": granite.org.as_str(),
    });
    let mut full = brief.clone();
    full["attributes"] = json!({});
    assert_eq!(granite.read(&format!("/roles/{id}")), full);
    assert_eq!(granite.read("/roles?search=APT"), json!([brief]));
    assert_eq!(granite.read("/roles?search=APT&briefRepresentation=false"), json!([full]));
    assert_eq!(granite.read("/roles/count?search=apt"), json!(1));
    assert_eq!(
        granite.read("/roles/count"),
        json!(granite.read("/roles").as_array().unwrap().len())
    );
    let seen = granite.get("/roles/captain").json();
    assert_eq!(seen, json!({ "id": id, "name": "captain", "description": "Leads" }));

    let one = format!("/roles/{id}");
    let other = json!({ "name": "captain", "description": "Steers" });
    assert_eq!(granite.ask(Method::PUT, &one, Some(&other)).status, 204);
    assert_eq!(granite.get("/roles/captain").json()["description"], "Steers");
    let renamed = granite.ask(Method::PUT, &one, Some(&json!({ "name": "mate" })));
    assert_eq!((renamed.status.as_u16(), granite.listed("/roles?search=captain").len()), (400, 1));
    assert_eq!(granite.ask(Method::DELETE, &one, None).status, 204);
    assert_eq!(granite.ask(Method::GET, &one, None).error(), "Could not find role");
    assert_eq!(granite.get("/roles/captain").status, 404);
    let below = |verb: &str| format!("ORGANIZATION_ROLE {verb} organizations/GRANITE/roles/{id}");
    assert_eq!(granite.told(3), [below("CREATE"), below("UPDATE"), below("DELETE")]);
}

#[test]
fn a_role_of_phase_twos_paths_is_here_and_the_other_way_round() {
    let granite = Granite::new();
    assert_eq!(granite.post("/roles", &json!({ "name": "theirs" })).status, 201);
    let id = granite.role_called("theirs");
    assert_eq!(granite.read(&format!("/roles/{id}"))["name"], "theirs");
    let member = granite.bare_member("emilio");
    granite.grant_own(&format!("/members/{member}"), &[&id]);
    assert_eq!(granite.get(&format!("/roles/theirs/users/{member}")).status, 204);
    let holders = granite.read(&format!("/roles/{id}/users"));
    assert_eq!(holders[0]["username"], "emilio");
    assert_eq!(granite.delete(&format!("/roles/theirs/users/{member}")).status, 204);
    assert_eq!(granite.read(&format!("/members/{member}/role-mappings/organization")), json!([]));
}

#[test]
fn what_cannot_be_a_role_is_refused() {
    let granite = Granite::new();
    let id = granite.own_role("captain");
    let built_in = granite.role_called("manage-members");
    let before = granite.world.dump();
    let conflict = granite.ask(Method::POST, "/roles", Some(&json!({ "name": "captain" })));
    assert_eq!(
        (conflict.status.as_u16(), conflict.json()["errorMessage"].clone()),
        (409, json!("Role with name captain already exists"))
    );
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "x", "attributes": { "a": ["b"] } }),
        json!({ "name": "x", "composites": { "realm": ["offline_access"] } }),
        json!({ "name": "x", "composites": { "client": { "account": ["view-profile"] } } }),
        json!({ "name": "x", "unheardOf": 1 }),
    ] {
        assert_eq!(granite.ask(Method::POST, "/roles", Some(&body)).status, 400, "{body}");
    }
    assert_eq!(granite.ask(Method::DELETE, &format!("/roles/{built_in}"), None).status, 400);
    for (method, path) in [
        (Method::GET, format!("/roles/{NOBODY}")),
        (Method::DELETE, format!("/roles/{NOBODY}")),
        (Method::GET, "/roles/captain".to_owned()),
        (Method::GET, format!("/roles/{NOBODY}/users")),
        (Method::GET, format!("/members/{NOBODY}/role-mappings/organization")),
        (Method::GET, format!("/groups/{NOBODY}/role-mappings/organization")),
    ] {
        assert_eq!(granite.ask(method, &path, None).status, 404, "{path}");
    }
    let realm_role =
        granite.world.get("/admin/realms/travel0/roles/offline_access", &granite.admin);
    for role in [realm_role.json(), json!({ "id": NOBODY }), json!({ "id": id, "name": "mate" })] {
        for path in [
            format!("/roles/{built_in}/composites"),
            format!("/members/{}/role-mappings/organization", granite.id_of("emilio")),
        ] {
            let answer = granite.ask(Method::POST, &path, Some(&json!([role])));
            assert_eq!(answer.status, 404, "{path} {role}");
        }
    }
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn no_role_includes_itself_or_goes_too_deep() {
    let granite = Granite::new();
    let ids: Vec<String> = (0..=MAX_COMPOSITE_DEPTH + 1)
        .map(|number| granite.own_role(&format!("level-{number}")))
        .collect();
    let add = |parent: &str, child: &str| granite.include_own(Method::POST, parent, &[child]);
    let self_refused = add(&ids[0], &ids[0]);
    assert_eq!(self_refused.status, 400);
    assert_eq!(self_refused.json()["errorMessage"], "a role cannot include itself");
    for pair in ids[..ids.len() - 1].windows(2) {
        assert_eq!(add(&pair[0], &pair[1]).status, 204, "{pair:?}");
    }
    assert_eq!(add(&ids[5], &ids[2]).status, 400, "a circle");
    let last = ids.len() - 1;
    let deep = add(&ids[last - 1], &ids[last]);
    assert_eq!(deep.status, 400);
    assert!(deep.text.contains("MAX_COMPOSITE_DEPTH"), "{deep:?}");
    let above = granite.own_role("above");
    assert_eq!(add(&above, &ids[0]).status, 400, "from above, too");
    assert_eq!(add(&above, &ids[1]).status, 204);
    assert_eq!(granite.listed(&format!("/roles/{above}/composites")), ["level-1"]);
    assert_eq!(granite.read(&format!("/roles/{above}"))["composite"], true);
    assert_eq!(granite.include_own(Method::DELETE, &above, &[&ids[1]]).status, 204);
    assert_eq!(granite.read(&format!("/roles/{above}"))["composite"], false);
}

/// A group that holds a role which includes `manage-members` makes managers of those who
/// are in it or below it.
#[test]
fn what_a_role_includes_counts_wherever_it_is_held() {
    let granite = Granite::new();
    let member = granite.bare_member("emilio");
    let token = token_of(&granite.world, "emilio");
    let (see, manage) =
        (granite.role_called("view-members"), granite.role_called("manage-members"));
    let staff = granite.own_role("staff");
    granite.include_own(Method::POST, &staff, &[&see, &manage]);
    let top = granite.plant(None, "top");
    let leaf = granite.plant(Some(&top), "leaf");
    let ana = granite.make_user("ana", ["Ana", "Sato"]);
    let add = || granite.world.put(&granite.path(&format!("/members/{ana}")), &token, &Value::Null);
    let told = || {
        let tokens = RelyingParty::web(&granite.world)
            .tokens_for("emilio", "openid organization:granite-outpost");
        claims_of(&tokens["access_token"])["organization"]["granite-outpost"]["roles"].clone()
    };
    let seat = format!("/groups/{leaf}/members/{member}");
    assert_eq!(add().status, 401);
    assert_eq!(granite.ask(Method::PUT, &seat, None).status, 204);
    assert_eq!(add().status, 401);

    granite.grant_own(&format!("/groups/{top}"), &[&staff]);

    assert_eq!(told(), json!(["manage-members", "staff", "view-members"]));
    assert_eq!(add().status, 201);
    let of_leaf = format!("/groups/{leaf}/role-mappings/organization");
    assert_eq!(
        granite.listed(&format!("{of_leaf}/composite")),
        ["manage-members", "staff", "view-members"]
    );
    assert_eq!(granite.listed(&of_leaf), [""; 0]);
    assert_eq!(granite.listed(&format!("/groups/{top}/role-mappings/organization")), ["staff"]);
    let of_member = format!("/members/{member}/role-mappings/organization");
    assert_eq!(granite.listed(&of_member), [""; 0]);
    assert_eq!(
        granite.listed(&format!("{of_member}/composite")),
        ["manage-members", "staff", "view-members"]
    );
    assert!(granite.listed(&format!("{of_member}/available")).contains(&"staff".to_owned()));

    assert_eq!(granite.include_own(Method::DELETE, &staff, &[&manage]).status, 204);
    let gone = granite.world.delete(&granite.path(&format!("/members/{ana}")), &token);
    assert_eq!(gone.status, 401, "what is not included any more");
    assert_eq!(told(), json!(["staff", "view-members"]));
    let path = format!("/groups/{top}/role-mappings/organization");
    assert_eq!(granite.ask(Method::DELETE, &path, None).status, 204, "all that it has");
    assert_eq!(told(), json!([]));
}

#[test]
fn every_member_holds_what_the_default_role_includes() {
    let granite = Granite::new();
    let member = granite.bare_member("emilio");
    let token = token_of(&granite.world, "emilio");
    let default = granite.read("/roles/default");
    let id = default["id"].as_str().unwrap().to_owned();
    assert_eq!(default["name"], "default-roles-granite-outpost");
    assert_eq!(
        (&default["composite"], granite.read(&format!("/roles/{id}"))),
        (&json!(false), default.clone())
    );
    let list = || granite.world.get(&granite.path("/members"), &token).status;
    assert_eq!(list(), 401);
    let see = granite.role_called("view-members");

    assert_eq!(granite.include_own(Method::POST, &id, &[&see]).status, 204);

    assert_eq!(list(), 200);
    assert_eq!(granite.listed(&format!("/roles/{id}/composites")), ["view-members"]);
    assert_eq!(granite.read("/roles/default")["composite"], true);
    assert_eq!(granite.ask(Method::DELETE, &format!("/roles/{id}"), None).status, 400);
    let body = json!({ "name": "default-roles-granite-outpost", "description": "x" });
    assert_eq!(granite.ask(Method::PUT, &format!("/roles/{id}"), Some(&body)).status, 400);
    assert_eq!(granite.ask(Method::POST, "/roles", Some(&body)).status, 409);
    let path = format!("/members/{member}/role-mappings/organization");
    let grant = granite.ask(Method::POST, &path, Some(&json!([default])));
    assert_eq!(grant.status, 404, "nobody is granted it");
    assert!(!granite.get("/roles").text.contains("default-roles-"), "not on Phase Two's paths");
    let outsider = token_of(&granite.world, "sumana");
    assert_eq!(granite.world.get(&granite.path("/members"), &outsider).status, 401);
    granite.script(&format!("UPDATE member SET active = 0 WHERE user_id = '{member}'"));
    assert_eq!(list(), 401, "not whoever is suspended");
    granite.script(&format!("UPDATE member SET active = 1 WHERE user_id = '{member}'"));
    assert_eq!(granite.include_own(Method::DELETE, &id, &[&see]).status, 204);
    assert_eq!(list(), 401);
}

#[test]
fn who_may_not_manage_hands_out_nothing() {
    let granite = Granite::new();
    let world = &granite.world;
    let member = granite.bare_member("emilio");
    let manage = granite.role_called("manage-members");
    let group = granite.plant(None, "crew");
    let default = granite.read("/roles/default")["id"].as_str().unwrap().to_owned();
    let everything: Vec<String> = guildhall::org::role::BuiltIn::names().collect();
    for role in &everything {
        granite.put(&format!("/roles/{role}/users/{member}"), &Value::Null);
    }
    let callers = [
        ("an administrator of the organization", token_of(world, "emilio")),
        ("who sees", holder_of(world, &["view-organizations", "view-users"])),
        ("who manages people", holder_of(world, &["manage-users"])),
    ];
    let body = json!([{ "id": manage }]);
    for (who, token) in &callers {
        for path in [
            format!("/roles/{manage}/composites"),
            format!("/roles/{default}/composites"),
            format!("/groups/{group}/role-mappings/organization"),
            format!("/members/{member}/role-mappings/organization"),
        ] {
            for method in [Method::POST, Method::DELETE] {
                let path = granite.admin_path(&path);
                let answer = world.call(method.clone(), &path, token, Some(&body));
                assert_eq!(answer.status, 403, "{who}: {method} {path}");
            }
        }
    }
    // Who manages organizations, but not users.
    let manager = holder_of(world, &["manage-organizations", "view-users"]);
    let path = granite.admin_path(&format!("/members/{member}/role-mappings/organization"));
    assert_eq!(world.post(&path, &manager, &body).status, 403);
    assert_eq!(granite.read(&format!("/roles/{manage}/composites")), json!([]));
    assert_eq!(granite.read("/roles/default")["composite"], false);
    assert_eq!(granite.read(&format!("/groups/{group}/role-mappings/organization")), json!([]));
}
