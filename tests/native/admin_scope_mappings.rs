//! `.../scope-mappings` of clients and client scopes
//! (`/admin/realms/{realm}/clients/{client}`, `.../client-scopes/{scope}`).
use crate::admin_setup::{
    MASTER, TRAVEL0, assert_guarded, client_role, client_uuid, holder_of, made, make_client, names,
    newest_event, nobody, outside_holder_of, own_names,
};
use crate::harness::world::World;
use crate::scim_setup::{admin, travel0};
use guildhall::kernel::id::{ClientUuid, RoleId};
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::store;
use http::Method;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A world with a client `shop` whose scope is not full and that has a role
/// `buyer`; the client `web` with a role `reader`; a client scope; and roles of
/// the realm, of which `parent` includes `child` and `reader`.
struct Bench {
    world: World,
    admin: String,
    shop: String,
    web: String,
    scope: String,
}

impl Bench {
    fn new() -> Self {
        let world = travel0();
        let admin = admin(&world);
        let body = json!({ "clientId": "shop", "fullScopeAllowed": false });
        let shop = make_client(&world, TRAVEL0, &body);
        let web = client_uuid(&world, TRAVEL0, "travel0-web");
        let body = json!({ "name": "shopping", "protocol": "openid-connect" });
        let scope = made(&world.post(&format!("{TRAVEL0}/client-scopes"), &admin, &body));
        let bench = Self { world, admin, shop, web, scope };
        let role = |below: &str, name: &str| bench.post(below, &json!({ "name": name }), 201);
        role(&format!("/clients/{}/roles", bench.shop), "buyer");
        role(&format!("/clients/{}/roles", bench.web), "reader");
        for name in ["child", "other", "parent"] {
            role("/roles", name);
        }
        let children = json!([bench.role("child"), bench.role("reader")]);
        bench.post("/roles/parent/composites", &children, 204);
        bench
    }

    fn post(&self, below: &str, body: &Value, status: u16) {
        let answer = self.world.post(&format!("{TRAVEL0}{below}"), &self.admin, body);
        assert_eq!(answer.status, status, "{below}: {answer:?}");
    }

    fn get(&self, below: &str) -> Value {
        let answer = self.world.get(&format!("{TRAVEL0}{below}"), &self.admin);
        assert_eq!(answer.status, 200, "{below}: {answer:?}");
        answer.json()
    }

    /// The role called so, as the API writes it.
    fn role(&self, name: &str) -> Value {
        match name {
            "buyer" => client_role(&self.world, TRAVEL0, "shop", name),
            "reader" => client_role(&self.world, TRAVEL0, "travel0-web", name),
            name => self.get(&format!("/roles/{name}")),
        }
    }

    /// Where the mappings of the client and of the scope are.
    fn holders(&self) -> [String; 2] {
        [
            format!("/clients/{}/scope-mappings", self.shop),
            format!("/client-scopes/{}/scope-mappings", self.scope),
        ]
    }

    fn mapped(&self) -> i64 {
        let count = Statement::new("SELECT count(*) AS mappings FROM scope_mapping");
        self.world.directory().sql().run(count).unwrap()[0].int("mappings").unwrap()
    }
}

#[test]
fn roles_are_put_into_a_scope_and_taken_out() {
    let bench = Bench::new();
    for holder in bench.holders() {
        let [realm, client] =
            [format!("{holder}/realm"), format!("{holder}/clients/{}", bench.web)];
        assert_eq!(bench.get(&holder), json!({}));
        for list in [&realm, &client] {
            assert_eq!(bench.get(list), json!([]));
        }

        for _ in 0..2 {
            bench.post(&realm, &json!([bench.role("parent")]), 204);
            bench.post(&client, &json!([bench.role("reader")]), 204);
        }

        assert_eq!(names(&bench.get(&realm)), ["parent"]);
        assert_eq!(names(&bench.get(&client)), ["reader"]);
        let all = bench.get(&holder);
        assert_eq!(names(&all["realmMappings"]), ["parent"]);
        let of_web = &all["clientMappings"]["travel0-web"];
        assert_eq!((&of_web["id"], &of_web["client"]), (&json!(bench.web), &json!("travel0-web")));
        assert_eq!(names(&of_web["mappings"]), ["reader"]);
        assert_eq!(own_names(&bench.get(&format!("{realm}/available"))), ["child", "other"]);
        assert_eq!(bench.get(&format!("{client}/available")), json!([]));

        let parent = json!([bench.role("parent")]);
        for _ in 0..2 {
            let answer =
                bench.world.delete_with(&format!("{TRAVEL0}{realm}"), &bench.admin, &parent);
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
        }
        // Without a body: all of the container's.
        let answer = bench.world.delete(&format!("{TRAVEL0}{client}"), &bench.admin);
        assert_eq!(answer.status, 204);
        assert_eq!(bench.get(&holder), json!({}));
    }
    assert_eq!(bench.mapped(), 0);
}

#[test]
fn a_composite_is_what_passes_in_the_end() {
    let bench = Bench::new();
    for holder in bench.holders() {
        let of = |below: &str| bench.get(&format!("{holder}{below}/composite"));
        bench.post(&format!("{holder}/realm"), &json!([bench.role("parent")]), 204);
        assert_eq!(names(&of("/realm")), ["child", "parent"]);
        assert_eq!(names(&of(&format!("/clients/{}", bench.web))), ["reader"]);
        assert!(of("/realm")[0].get("attributes").is_none());
        let full = bench.get(&format!("{holder}/realm/composite?briefRepresentation=false"));
        assert_eq!(full[0]["attributes"], json!({}));
    }
    let [client, scope] = bench.holders();
    let own = format!("/clients/{}", bench.shop);
    let buyers =
        |list: &str| names(&bench.get(list)).into_iter().map(str::to_owned).collect::<Vec<_>>();
    // A client's own roles pass without being put into its scope.
    assert_eq!(buyers(&format!("{client}{own}/composite")), ["buyer"]);
    assert_eq!(buyers(&format!("{client}{own}/available")), Vec::<String>::new());
    assert_eq!(buyers(&format!("{scope}{own}/composite")), Vec::<String>::new());
    assert_eq!(buyers(&format!("{scope}{own}/available")), ["buyer"]);
}

#[test]
fn a_full_scope_is_every_role_and_leaves_what_is_available_alone() {
    let bench = Bench::new();
    let [client, _] = bench.holders();
    let path = format!("{TRAVEL0}/clients/{}", bench.shop);
    assert_eq!(bench.world.get(&path, &bench.admin).json()["fullScopeAllowed"], false);

    let full = json!({ "fullScopeAllowed": true });
    assert_eq!(bench.world.put(&path, &bench.admin, &full).status, 204);

    assert_eq!(bench.world.get(&path, &bench.admin).json()["fullScopeAllowed"], true);
    let every = ["child", "other", "parent"];
    assert_eq!(own_names(&bench.get(&format!("{client}/realm/composite"))), every);
    assert_eq!(own_names(&bench.get(&format!("{client}/realm/available"))), every);
    assert_eq!(bench.get(&format!("{client}/realm")), json!([]));
    // A new client's is full, and saying nothing leaves it.
    let plain = make_client(&bench.world, TRAVEL0, &json!({ "clientId": "plain" }));
    let path = format!("{TRAVEL0}/clients/{plain}");
    let narrow = json!({ "fullScopeAllowed": false });
    for (body, is_full) in [(json!({}), true), (narrow, false), (json!({ "name": "x" }), false)] {
        assert_eq!(bench.world.put(&path, &bench.admin, &body).status, 204);
        assert_eq!(bench.world.get(&path, &bench.admin).json()["fullScopeAllowed"], is_full);
    }
    let odd = bench.world.put(&path, &bench.admin, &json!({ "fullScopeAllowed": "yes" }));
    assert_eq!(odd.status, 400);
}

#[test]
fn what_cannot_be_put_into_a_scope_is_not() {
    let bench = Bench::new();
    let foreign = bench.world.get(&format!("{MASTER}/roles/admin"), &bench.admin).json();
    let child = bench.role("child");
    let named = |id: &Value, name: &str| json!([{ "id": id, "name": name }]);
    for holder in bench.holders() {
        let kind = holder.split('/').nth(1).unwrap();
        let refused = [
            (format!("{holder}/realm"), named(&json!("none"), "child"), 404),
            (format!("{holder}/realm"), named(&child["id"], "other"), 404),
            (format!("{holder}/realm"), json!([foreign]), 404),
            (format!("{holder}/realm"), json!([bench.role("reader")]), 404),
            (format!("{holder}/realm"), json!([child, named(&json!("none"), "x")[0]]), 404),
            (format!("{holder}/clients/{}", bench.web), json!([child]), 404),
            (format!("{holder}/clients/none"), json!([child]), 404),
            (format!("/{kind}/none/scope-mappings/realm"), json!([child]), 404),
            (format!("{holder}/realm"), json!([{ "name": "child" }]), 404),
            (format!("{holder}/realm"), json!({}), 400),
            (format!("{holder}/realm"), json!([{ "id": child["id"], "nmae": "child" }]), 400),
        ];
        for (path, body, status) in refused {
            let path = format!("{TRAVEL0}{path}");
            for method in [Method::POST, Method::DELETE] {
                let answer = bench.world.call(method.clone(), &path, &bench.admin, Some(&body));
                assert_eq!(answer.status, status, "{method} {path} {body}: {answer:?}");
            }
        }
    }
    assert_eq!(bench.mapped(), 0);
    let unknown =
        bench.world.get(&format!("{TRAVEL0}/client-scopes/none/scope-mappings"), &bench.admin);
    assert_eq!(unknown.error(), "Could not find client scope");
    let unknown = bench.world.get(&format!("{TRAVEL0}/clients/none/scope-mappings"), &bench.admin);
    assert_eq!(unknown.error(), "Could not find client");
}

/// Reference keycloak.md §3.4: the events' types and paths are Keycloak's.
#[test]
fn every_change_is_told() {
    let bench = Bench::new();
    for holder in bench.holders() {
        for (below, role, kind) in [
            ("realm".to_owned(), "child", "REALM_SCOPE_MAPPING"),
            (format!("clients/{}", bench.web), "reader", "CLIENT_SCOPE_MAPPING"),
        ] {
            let path = format!("{holder}/{below}");
            let roles = json!([bench.role(role)]);
            bench.post(&path, &roles, 204);
            let made = newest_event(&bench.world, "travel0");
            bench.world.delete_with(&format!("{TRAVEL0}{path}"), &bench.admin, &roles);
            let gone = newest_event(&bench.world, "travel0");
            for (event, operation) in [(made, "CREATE"), (gone, "DELETE")] {
                assert_eq!(event["resourceType"], kind);
                assert_eq!(event["operationType"], operation);
                assert_eq!(event["resourcePath"], path.strip_prefix('/').unwrap());
                assert_eq!(names(&event["representation"]), [role]);
            }
        }
    }
}

#[test]
fn a_mapping_goes_with_either_of_its_ends() {
    let bench = Bench::new();
    let delete = |below: &str| {
        let answer = bench.world.delete(&format!("{TRAVEL0}{below}"), &bench.admin);
        assert_eq!(answer.status, 204, "{below}");
    };
    for holder in bench.holders() {
        bench.post(
            &format!("{holder}/realm"),
            &json!([bench.role("child"), bench.role("other")]),
            204,
        );
        bench.post(&format!("{holder}/clients/{}", bench.web), &json!([bench.role("reader")]), 204);
    }
    assert_eq!(bench.mapped(), 6);
    delete("/roles/child");
    assert_eq!(bench.mapped(), 4);
    delete(&format!("/clients/{}", bench.web));
    assert_eq!(bench.mapped(), 2);
    delete(&format!("/clients/{}", bench.shop));
    assert_eq!(bench.mapped(), 1);
    delete(&format!("/client-scopes/{}", bench.scope));
    assert_eq!(bench.mapped(), 0);
}

#[test]
fn the_mappings_of_a_realm_go_with_it() {
    let bench = Bench::new();
    for holder in bench.holders() {
        bench.post(&format!("{holder}/realm"), &json!([bench.role("child")]), 204);
    }
    assert_eq!(bench.world.delete(TRAVEL0, &bench.admin).status, 204);
    for _ in 0..10 {
        bench.world.run(guildhall::app::schedule::tick(bench.world.app()));
    }
    assert_eq!(bench.mapped(), 0);
}

#[test]
fn who_may_not_change_clients_changes_no_scope() {
    let bench = Bench::new();
    let world = &bench.world;
    let viewer = holder_of(world, &["view-clients"]);
    let strangers = [
        nobody(world),
        holder_of(world, &["view-users", "manage-realm"]),
        // Of `master`, and over another realm.
        outside_holder_of(world, &["manage-users"]),
    ];
    let strangers: Vec<&str> = strangers.iter().map(String::as_str).collect();
    for holder in bench.holders() {
        assert_guarded(world, &Method::GET, &format!("{TRAVEL0}{holder}"), &strangers);
        assert_eq!(world.get(&format!("{TRAVEL0}{holder}"), &viewer).status, 200);
        for below in ["realm".to_owned(), format!("clients/{}", bench.web)] {
            let path = format!("{TRAVEL0}{holder}/{below}");
            for list in [path.clone(), format!("{path}/available"), format!("{path}/composite")] {
                assert_guarded(world, &Method::GET, &list, &strangers);
                assert_eq!(world.get(&list, &viewer).status, 200);
            }
            // Nothing is available to who may put nothing there.
            assert_eq!(world.get(&format!("{path}/available"), &viewer).json(), json!([]));
            for method in [Method::POST, Method::DELETE] {
                assert_guarded(
                    world,
                    &method,
                    &path,
                    &[&strangers[..], &[viewer.as_str()]].concat(),
                );
            }
        }
    }
    let manager = outside_holder_of(world, &["manage-clients"]);
    let [client, _] = bench.holders();
    let path = format!("{TRAVEL0}{client}/realm");
    assert_eq!(world.post(&path, &manager, &json!([bench.role("child")])).status, 204);
}

/// What making tokens asks.
#[test]
fn a_clients_scope_has_its_own_roles_and_what_was_put_there() {
    let bench = Bench::new();
    let [client, scope] = bench.holders();
    bench.post(&format!("{client}/realm"), &json!([bench.role("parent")]), 204);
    bench.post(&format!("{scope}/realm"), &json!([bench.role("other")]), 204);
    let place = format!("{TRAVEL0}/clients/{}/optional-client-scopes/{}", bench.shop, bench.scope);
    assert_eq!(bench.world.put(&place, &bench.admin, &json!({})).status, 204);
    let directory = bench.world.directory();
    let key: ClientUuid = bench.shop.parse().unwrap();
    let (recipe, trips) =
        bench.world.trips_of(|| bench.world.run(store::recipe::find(directory, &key)).unwrap());
    assert_eq!(trips.directory, 1);
    let id = |name: &str| -> RoleId { bench.role(name)["id"].as_str().unwrap().parse().unwrap() };
    for (name, passes) in
        [("parent", true), ("child", true), ("reader", true), ("buyer", true), ("other", false)]
    {
        assert_eq!(recipe.roles.contains(&id(name)), passes, "{name}");
    }
    let shopping = recipe.scopes.iter().find(|held| held.scope.name == "shopping").unwrap();
    assert_eq!(shopping.roles, HashSet::from([id("other")]));
}
