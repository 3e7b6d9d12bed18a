//! What mappers make of members, in an organization's object.
use crate::admin_setup::{TRAVEL0, client_role, client_uuid};
use crate::org_setup::Granite;
use guildhall::kernel::id::UserId;
use guildhall::org::claims::{ClaimsOf, OrgClaims};
use guildhall::org::mapped::{ApplyMapped, OrgEffect, PassedOver, Why};
use guildhall::platform::object::ask;
use http::Method;
use serde_json::json;

impl Granite {
    pub fn make_of(&self, user: &UserId, effects: &[OrgEffect]) -> Option<Vec<PassedOver>> {
        let question = ApplyMapped { user: user.clone(), effects: effects.to_vec() };
        let objects = &*self.world.app().ports.objects;
        self.world.run(ask(objects, &self.object(), &question)).unwrap()
    }

    pub fn standing_of(&self, user: &UserId) -> Option<OrgClaims> {
        let objects = &*self.world.app().ports.objects;
        self.world.run(ask(objects, &self.object(), &ClaimsOf { user: user.clone() })).unwrap()
    }
}

fn join(path: &str) -> OrgEffect {
    OrgEffect::JoinGroup { path: path.to_owned() }
}

fn leave(path: &str) -> OrgEffect {
    OrgEffect::LeaveGroup { path: path.to_owned() }
}

fn grant(role: &str, join: bool) -> OrgEffect {
    OrgEffect::GrantRole { role: role.to_owned(), join }
}

fn take(role: &str) -> OrgEffect {
    OrgEffect::TakeRole { role: role.to_owned() }
}

fn why(passed_over: Option<Vec<PassedOver>>) -> Vec<Why> {
    passed_over.unwrap().into_iter().map(|one| one.why).collect()
}

#[test]
fn groups_and_roles_come_and_go_and_twice_is_once() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let effects =
        [grant("scheduler", false), take("guide"), join("/Office"), leave("/Guides/Ziplines")];

    assert_eq!(granite.make_of(&emilio, &effects), Some(vec![]));

    let standing = granite.standing_of(&emilio).unwrap();
    assert_eq!(standing.roles, ["scheduler"]);
    assert_eq!(standing.groups, ["/Office"]);
    let told = granite.told(50);
    assert_eq!(granite.make_of(&emilio, &effects), Some(vec![]));
    assert_eq!(granite.standing_of(&emilio), Some(standing));
    assert_eq!(granite.told(50), told, "nothing changed: nothing is told");
}

#[test]
fn each_change_is_told() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    granite.make_of(&emilio, &[grant("scheduler", false), join("/Office")]);
    let mut told: Vec<String> = granite
        .told(2)
        .into_iter()
        .map(|one| one.split(' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    told.sort_unstable();
    assert_eq!(told, ["ORGANIZATION_GROUP_MEMBERSHIP CREATE", "ORGANIZATION_ROLE_MAPPING CREATE",]);
}

#[test]
fn nobody_becomes_a_member_unless_the_mapper_says_so() {
    let granite = Granite::new();
    let jonno = granite.id_of("jonno");
    let asked = [grant("guide", false), join("/Office"), take("guide"), leave("/Office")];
    assert_eq!(why(granite.make_of(&jonno, &asked)), [Why::NoMember, Why::NoMember]);
    assert_eq!(granite.standing_of(&jonno), None);

    assert_eq!(granite.make_of(&jonno, &[grant("guide", true), join("/Office")]), Some(vec![]));

    let standing = granite.standing_of(&jonno).unwrap();
    assert_eq!(
        (&standing.roles[..], &standing.groups[..]),
        (&["guide".to_owned()][..], &["/Office".to_owned()][..])
    );
}

#[test]
fn what_is_not_there_is_passed_over_and_the_rest_comes_about() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let asked = [grant("none", true), take("none"), join("/None"), leave("/None"), join("/Office")];
    assert_eq!(
        why(granite.make_of(&emilio, &asked)),
        [Why::NoRole, Why::NoRole, Why::NoGroup, Why::NoGroup]
    );
    assert!(granite.standing_of(&emilio).unwrap().groups.contains(&"/Office".to_owned()));
    assert_eq!(
        why(granite.make_of(&granite.id_of("jonno"), &[grant("none", true)])),
        [Why::NoRole]
    );
    assert_eq!(granite.standing_of(&granite.id_of("jonno")), None, "nor a member without a role");
}

/// Keycloak's rule: a mapper seats nobody where a realm is administered from, however the
/// role came there.
#[test]
fn a_group_that_administers_a_realm_is_never_joined() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let world = &granite.world;
    let above = granite.plant(None, "bosses");
    granite.plant(Some(&above), "deputies");
    let management = client_uuid(world, TRAVEL0, "realm-management");
    let manage_users = client_role(world, TRAVEL0, "realm-management", "manage-users");
    let path = format!("{TRAVEL0}/roles");
    assert_eq!(world.post(&path, &granite.admin, &json!({ "name": "boss" })).status, 201);
    let boss = world.get(&format!("{path}/boss"), &granite.admin).json();
    let mapping = format!("/groups/{above}/role-mappings");
    let mapped = granite.ask(Method::POST, &format!("{mapping}/realm"), Some(&json!([boss])));
    assert_eq!(mapped.status, 204);
    assert_eq!(granite.make_of(&emilio, &[join("/bosses/deputies")]), Some(vec![]));
    granite.make_of(&emilio, &[leave("/bosses/deputies")]);

    let composites = format!("{path}/boss/composites");
    assert_eq!(world.post(&composites, &granite.admin, &json!([manage_users])).status, 204);
    for path in ["/bosses", "/bosses/deputies"] {
        assert_eq!(why(granite.make_of(&emilio, &[join(path)])), [Why::Administers], "{path}");
    }
    let of_client = format!("{mapping}/clients/{management}");
    let mapped = granite.ask(Method::POST, &of_client, Some(&json!([manage_users])));
    assert_eq!(mapped.status, 204);
    assert_eq!(why(granite.make_of(&emilio, &[join("/bosses")])), [Why::Administers]);
    assert_eq!(granite.standing_of(&emilio).unwrap().groups, ["/Guides/Ziplines"]);
}

#[test]
fn a_disabled_organization_takes_nobody_in() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let mut shown = granite.read("");
    shown["enabled"] = json!(false);
    assert_eq!(granite.ask(Method::PUT, "", Some(&shown)).status, 204);
    assert_eq!(granite.make_of(&emilio, &[join("/Office")]), None);
}

/// What mappers make of somebody in the realm.
mod realm {
    use crate::admin_setup::{TRAVEL0, client_role, client_uuid, names};
    use crate::org_setup::Granite;
    use crate::scim_setup::{realm, realm_id};
    use guildhall::event::audit::Actor;
    use guildhall::federation::desk::Desk;
    use guildhall::federation::lead::{self, Search};
    use guildhall::federation::mapper_apply::{Why, apply};
    use guildhall::federation::mapper_engine::Effect;
    use guildhall::kernel::id::UserId;
    use http::Method;
    use serde_json::json;
    use std::rc::Rc;

    impl Granite {
        pub fn make_in_realm(&self, user: &UserId, effects: &[Effect]) -> Vec<Why> {
            let context = self.world.app().context(Rc::new(realm(&self.world)), self.world.now());
            let desk = Desk { context, org: None, actor: Actor::default() };
            let passed_over = self.world.run(apply(&desk, user, effects)).unwrap();
            passed_over.into_iter().map(|one| one.why).collect()
        }

        pub fn make(&self, path: &str, name: &str) {
            let path = format!("{TRAVEL0}{path}");
            let made = self.world.post(&path, &self.admin, &json!({ "name": name }));
            assert_eq!(made.status, 201, "{path}");
        }

        pub fn names_at(&self, path: &str) -> Vec<String> {
            let list = self.world.get(&format!("{TRAVEL0}{path}"), &self.admin).json();
            names(&list).into_iter().map(str::to_owned).collect()
        }

        fn leads(&self, domain: &str) -> Vec<(String, bool)> {
            let realm = realm_id(&self.world);
            let search = Search { realm: &realm, org: None, unverified: true };
            let found = self.world.run(lead::find(self.world.directory(), search, domain));
            let told = |one: lead::Lead| (one.provider.alias.as_str().to_owned(), one.redirects);
            found.unwrap().into_iter().map(told).collect()
        }
    }

    #[test]
    fn groups_and_roles_come_and_go_and_twice_is_once() {
        let granite = Granite::new();
        let emilio = granite.id_of("emilio");
        let web = client_uuid(&granite.world, TRAVEL0, "travel0-web");
        granite.make("/groups", "crew");
        granite.make("/roles", "a.pilot");
        granite.make(&format!("/clients/{web}/roles"), "boss");
        let mapped = format!("/users/{emilio}/role-mappings");
        let before = granite.names_at(&format!("{mapped}/realm"));
        let give = [
            Effect::GrantRole("a.pilot".to_owned()),
            Effect::GrantRole("travel0-web.boss".to_owned()),
            Effect::JoinGroup("/crew".to_owned()),
        ];
        let take = [
            Effect::TakeRole("a.pilot".to_owned()),
            Effect::TakeRole("travel0-web.boss".to_owned()),
            Effect::LeaveGroup("/crew".to_owned()),
        ];

        for _ in 0..2 {
            assert_eq!(granite.make_in_realm(&emilio, &give), []);
        }

        assert_eq!(granite.told(4).len(), 4);
        let told = granite.told(50);
        let made = told.iter().filter(|one| one.contains(&format!("users/{emilio}"))).count();
        assert_eq!(made, 3, "{told:?}");
        assert_eq!(granite.names_at(&format!("/users/{emilio}/groups")), ["crew"]);
        assert!(granite.names_at(&format!("{mapped}/realm")).contains(&"a.pilot".to_owned()));
        assert_eq!(granite.names_at(&format!("{mapped}/clients/{web}")), ["boss"]);
        for _ in 0..2 {
            assert_eq!(granite.make_in_realm(&emilio, &take), []);
        }
        assert_eq!(granite.names_at(&format!("{mapped}/realm")), before);
        assert!(granite.names_at(&format!("/users/{emilio}/groups")).is_empty());
        let told = granite.told(50);
        let made = told.iter().filter(|one| one.contains(&format!("users/{emilio}"))).count();
        assert_eq!(made, 6, "{told:?}");
    }

    #[test]
    fn nothing_that_administers_is_given_and_what_is_not_there_is_passed_over() {
        let granite = Granite::new();
        let (world, emilio) = (&granite.world, granite.id_of("emilio"));
        let manage_users = client_role(world, TRAVEL0, "realm-management", "manage-users");
        granite.make("/roles", "boss");
        let composites = format!("{TRAVEL0}/roles/boss/composites");
        assert_eq!(world.post(&composites, &granite.admin, &json!([manage_users])).status, 204);
        let before = granite.told(50);
        let asked = [
            Effect::GrantRole("boss".to_owned()),
            Effect::GrantRole("realm-management.manage-users".to_owned()),
            Effect::GrantRole("none".to_owned()),
            Effect::JoinGroup("/none".to_owned()),
        ];
        let passed_over = granite.make_in_realm(&emilio, &asked);
        assert_eq!(passed_over, [Why::Administers, Why::Administers, Why::NoRole, Why::NoGroup]);
        assert_eq!(granite.told(50), before);
    }

    #[test]
    fn an_address_leads_to_the_provider_of_its_organization() {
        let granite = Granite::new();
        let idp = json!({ "alias": "granite-idp", "providerId": "oidc", "enabled": true });
        assert_eq!(granite.post("/idps", &idp).status, 201);
        let here = [("granite-idp".to_owned(), true)];
        assert_eq!(granite.leads("Granite-Outpost.example"), here);
        assert!(granite.leads("deeper.granite-outpost.example").is_empty());
        assert!(granite.leads("elsewhere.example").is_empty());

        let mut shown = granite.read("");
        shown["enabled"] = json!(false);
        assert_eq!(granite.ask(Method::PUT, "", Some(&shown)).status, 204);
        assert!(granite.leads("granite-outpost.example").is_empty());
    }

    #[test]
    fn a_mapper_that_cannot_work_is_not_made_and_none_of_an_organization_gives_the_realms() {
        let granite = Granite::new();
        let idp = json!({ "alias": "granite-idp", "providerId": "oidc", "enabled": true });
        assert_eq!(granite.post("/idps", &idp).status, 201);
        let mapper = |name: &str, group_type: &str, claims: &str| {
            json!({ "name": name, "identityProviderMapper": "oidc-advanced-group-idp-mapper",
                    "config": { "group": "/crew", "groupType": group_type, "claims": claims,
                                "are.claim.values.regex": "true" } })
        };
        let fits = r#"[{"key":"team","value":"raft.*"}]"#;
        let bad = [
            (mapper("a", "OTHER", fits), "config.groupType cannot be so"),
            (
                mapper("a", "REALM", "nonsense"),
                "config.claims: it must be a JSON array of objects with key and value",
            ),
            (mapper("a", "REALM", "[]"), "config.claims: it must not be empty"),
            (
                mapper("a", "REALM", r#"[{"key":"team","value":"("}]"#),
                "config.claims: the pattern is malformed: a ( without its )",
            ),
        ];
        let of_realm = format!("{TRAVEL0}/identity-provider/instances/granite-idp/mappers");
        let of_org = granite.path("/idps/granite-idp/mappers");
        let (world, admin) = (&granite.world, &granite.admin);
        for (body, why) in &bad {
            for path in [&of_realm, &of_org] {
                let answer = world.post(path, admin, body);
                assert_eq!(answer.status, 400, "{path}");
                assert_eq!(answer.json(), json!({ "errorMessage": why }), "{path}");
            }
        }
        let refused = world.post(&of_org, admin, &mapper("r", "REALM", fits));
        assert_eq!(refused.status, 400);
        assert_eq!(world.get(&of_realm, admin).json(), json!([]), "nothing was made");

        let own = mapper("o", "ORGANIZATION", fits);
        let made = world.post(&of_org, admin, &own);
        assert_eq!(made.status, 201);
        assert_eq!(world.post(&of_realm, admin, &mapper("r", "REALM", fits)).status, 201);
        let one = made.location();
        let one = one.strip_prefix("http://localhost:8787").unwrap();
        let widened = mapper("o", "REALM", fits);
        assert_eq!(world.call(Method::PUT, one, admin, Some(&widened)).status, 400);
        assert_eq!(world.get(one, admin).json()["config"], own["config"], "nothing was changed");
    }
}
