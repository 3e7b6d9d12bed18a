//! Members whose account an organization manages (reference keycloak.md §5.6): how
//! they become so, when they can sign in, and what goes with them.
use crate::admin_org_members::told;
use crate::admin_setup::{client_role, client_uuid, holder_of};
use crate::harness::browser::{Answer, Browser, json_request};
use crate::harness::relying_party::{RelyingParty, sign_in, token_path};
use crate::harness::world::World;
use crate::org_setup::Granite;
use crate::scim_setup::{org_id, realm_id, user};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::id::UserId;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const TRAVEL0: &str = "/admin/realms/travel0";

const ELSEWHERE: &str = "User is already managed by another organization";

impl Granite {
    pub fn set_type(&self, user: &UserId, to: &Value) -> Answer {
        self.ask(Method::PUT, &format!("/members/{user}/membership-type"), Some(to))
    }

    pub fn manage(&self, user: &UserId) {
        let managed = self.set_type(user, &json!("MANAGED"));
        assert_eq!((managed.status.as_u16(), managed.text.as_str()), (204, ""));
    }

    pub fn type_of(&self, user: &UserId) -> Value {
        self.read(&format!("/members/{user}"))["membershipType"].clone()
    }

    /// A path of Keycloak's administration below Rocky Mountain.
    pub fn rocky(&self, below: &str) -> String {
        format!("{TRAVEL0}/organizations/{}{below}", org_id(&self.world, "rocky-mountain"))
    }

    pub fn expel(&self, user: &UserId) -> u16 {
        self.ask(Method::DELETE, &format!("/members/{user}"), None).status.as_u16()
    }
}

/// Says that organization `alias` is enabled, or not.
fn enable(world: &World, alias: &str, enabled: bool) {
    let statement =
        Statement::new("UPDATE organization SET enabled = ? WHERE realm_id = ? AND id = ?")
            .bind(enabled)
            .bind(realm_id(world).as_str())
            .bind(org_id(world, alias).as_str());
    world.directory().sql().run(statement).unwrap();
}

#[test]
fn a_membership_has_a_type() {
    let granite = Granite::new();
    let hiroko = granite.id_of("hiroko");
    assert_eq!(granite.type_of(&hiroko), "UNMANAGED");

    granite.manage(&hiroko);
    assert_eq!(granite.type_of(&hiroko), "MANAGED");
    assert_eq!(granite.usernames("?membershipType=managed"), ["hiroko"]);
    assert!(!granite.usernames("?membershipType=UNMANAGED&max=-1").contains(&"hiroko".to_owned()));
    assert_eq!(granite.usernames("?membershipType=Managed&search=hir"), ["hiroko"]);
    assert_eq!(granite.usernames("?membershipType=unmanaged&search=hir"), [""; 0]);
    let odd = granite.ask(Method::GET, "/members?membershipType=owned", None);
    assert_eq!(told(&odd), (400, "membershipType is MANAGED or UNMANAGED".to_owned()));

    let before = granite.told(1);
    granite.manage(&hiroko);
    assert_eq!(granite.told(1), before, "nothing has changed");
    assert_eq!(granite.set_type(&hiroko, &json!("UNMANAGED")).status, 204);
    assert_eq!(granite.type_of(&hiroko), "UNMANAGED");
    let path = format!("organizations/GRANITE/members/{hiroko}/membership-type");
    let events = granite.events(2);
    for ((event, details), to) in events.into_iter().zip(["MANAGED", "UNMANAGED"]) {
        assert_eq!(event, format!("ORGANIZATION_MEMBERSHIP UPDATE {path}"));
        let told = (&details["username"], &details["email"], &details["membershipType"]);
        let email = json!("hiroko@granite-outpost.example");
        assert_eq!(told, (&json!("hiroko"), &email, &json!(to)));
    }
}

#[test]
fn another_type_is_refused() {
    let granite = Granite::new();
    let hiroko = granite.id_of("hiroko");
    let before = granite.world.dump();
    for odd in [json!("OWNED"), json!("managed"), json!(null), json!(1), json!({}), json!([])] {
        assert_eq!(granite.set_type(&hiroko, &odd).status, 400, "{odd}");
    }
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn one_organization_at_most_manages_an_account() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    granite.manage(&emilio);
    let path = granite.rocky(&format!("/members/{emilio}/membership-type"));
    let other = granite.world.put(&path, &granite.admin, &json!("MANAGED"));
    assert_eq!(told(&other), (400, ELSEWHERE.to_owned()));
    assert_eq!(granite.world.put(&path, &granite.admin, &json!("UNMANAGED")).status, 204);
    assert_eq!(granite.type_of(&emilio), "MANAGED");
    assert_eq!(granite.set_type(&emilio, &json!("UNMANAGED")).status, 204);
    assert_eq!(granite.world.put(&path, &granite.admin, &json!("MANAGED")).status, 204);
}

/// Whoever is told of second yields, whichever was asked first.
#[test]
fn of_two_that_manage_at_once_one_yields() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let body = json!("MANAGED");
    let here = granite.admin_path(&format!("/members/{emilio}/membership-type"));
    let there = granite.rocky(&format!("/members/{emilio}/membership-type"));
    let request = json_request(Method::PUT, &here, &granite.admin, Some(&body));
    let first = granite.world.meanwhile("org.member.manage.after_object", request, || {
        assert_eq!(granite.world.put(&there, &granite.admin, &body).status, 204);
    });
    assert_eq!(told(&Answer::new(first)), (400, ELSEWHERE.to_owned()));
    assert_eq!(granite.type_of(&emilio), "UNMANAGED");
    let member = granite.rocky(&format!("/members/{emilio}"));
    let member = granite.world.get(&member, &granite.admin).json();
    assert_eq!(member["membershipType"], "MANAGED");
}

/// How signing in as `username` ends: on the page, and with a password grant.
fn ways_in(world: &World, username: &str) -> (u16, u16) {
    let browser = Browser::new(world);
    let page = RelyingParty::web(world).send(&browser, "openid");
    let signed_in = sign_in(&browser, &page, username, PASSWORD).status.as_u16();
    let fields = [
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", username),
        ("password", PASSWORD),
    ];
    (signed_in, world.post_form(&token_path(), &fields).status.as_u16())
}

/// What a person gets who may sign in.
const IN: (u16, u16) = (303, 200);

#[test]
fn who_is_managed_signs_in_while_the_organization_is_enabled() {
    let granite = Granite::new();
    let (world, hiroko) = (&granite.world, granite.id_of("hiroko"));
    granite.manage(&hiroko);
    let app = RelyingParty::web(world);
    let tokens = app.tokens_for("hiroko", "openid");
    let emilio = app.tokens_for("emilio", "openid");
    let refresh = |tokens: &Value| {
        let answer = app.refresh(tokens["refresh_token"].as_str().unwrap());
        (answer.status.as_u16(), answer.error())
    };
    assert_eq!(ways_in(world, "hiroko"), IN);

    enable(world, "granite-outpost", false);

    let unknown = ways_in(world, "nobody-at-all");
    assert_eq!(ways_in(world, "hiroko"), unknown, "as for somebody who is not there");
    assert_ne!(unknown, IN);
    assert_eq!(refresh(&tokens), (400, "invalid_grant".to_owned()));
    assert_eq!(ways_in(world, "emilio"), IN, "whose account is his own");
    assert_eq!(refresh(&emilio).0, 200);

    enable(world, "granite-outpost", true);
    assert_eq!(ways_in(world, "hiroko"), IN);
    granite.set_type(&hiroko, &json!("UNMANAGED"));
    enable(world, "granite-outpost", false);
    assert_eq!(ways_in(world, "hiroko"), IN, "hers again");
}

#[test]
fn a_session_of_who_is_managed_rests_with_the_organization() {
    let granite = Granite::new();
    let world = &granite.world;
    granite.manage(&granite.id_of("hiroko"));
    let (browser, app) = (Browser::new(world), RelyingParty::web(world));
    let page = app.send(&browser, "openid");
    assert_eq!(sign_in(&browser, &page, "hiroko", PASSWORD).status, 303);
    assert_eq!(app.send(&browser, "openid").status, 303, "signed in already");
    enable(world, "granite-outpost", false);
    assert_eq!(app.send(&browser, "openid").status, 200, "the login page");
}

#[test]
fn who_is_managed_does_not_sign_in_to_a_realm_without_organizations() {
    let granite = Granite::new();
    let world = &granite.world;
    granite.manage(&granite.id_of("hiroko"));
    let set = |on: bool| {
        let body = json!({ "organizationsEnabled": on });
        assert_eq!(world.put(TRAVEL0, &granite.admin, &body).status, 204);
    };
    set(false);
    assert_ne!(ways_in(world, "hiroko"), IN);
    assert_eq!(ways_in(world, "emilio"), IN);
    set(true);
    assert_eq!(ways_in(world, "hiroko"), IN);
}

#[test]
fn the_account_goes_with_the_membership_that_manages_it() {
    let granite = Granite::new();
    let (world, hiroko) = (&granite.world, granite.id_of("hiroko"));
    let tokens = RelyingParty::web(world).tokens_for("hiroko", "openid");
    granite.manage(&hiroko);
    world.deliver_queue();
    assert_eq!(granite.expel(&hiroko), 204);

    assert_eq!(user(world, "hiroko"), None);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(RelyingParty::web(world).refresh(refresh).status, 400);
    assert_ne!(ways_in(world, "hiroko"), IN);
    assert!(!granite.usernames("?max=-1").contains(&"hiroko".to_owned()));
    let events = granite.told(2);
    assert_eq!(
        events,
        [
            format!("USER DELETE users/{hiroko}"),
            format!("ORGANIZATION_MEMBERSHIP DELETE organizations/GRANITE/members/{hiroko}"),
        ]
    );
}

#[test]
fn who_belongs_elsewhere_too_keeps_the_account() {
    let granite = Granite::new();
    let (world, emilio) = (&granite.world, granite.id_of("emilio"));
    granite.manage(&emilio);
    assert_eq!(granite.expel(&emilio), 204);
    assert!(user(world, "emilio").is_some());
    assert_eq!(ways_in(world, "emilio"), IN);
    let member = world.get(&granite.rocky(&format!("/members/{emilio}")), &granite.admin);
    assert_eq!(member.json()["membershipType"], "UNMANAGED");
}

/// Phase Two has no such rule, and its callers need not be allowed to delete users.
#[test]
fn who_is_removed_in_phase_twos_words_keeps_the_account() {
    let granite = Granite::new();
    let hiroko = granite.id_of("hiroko");
    granite.manage(&hiroko);
    assert_eq!(granite.delete(&format!("/members/{hiroko}")).status, 204);
    assert!(user(&granite.world, "hiroko").is_some());
    granite.put(&format!("/members/{hiroko}"), &Value::Null);
    assert_eq!(granite.type_of(&hiroko), "UNMANAGED", "and comes back as somebody else");
}

/// Makes `user` an administrator of events.
fn empower(granite: &Granite, user: &UserId) {
    let of = client_uuid(&granite.world, TRAVEL0, "realm-management");
    let role = client_role(&granite.world, TRAVEL0, "realm-management", "manage-events");
    let path = format!("{TRAVEL0}/users/{user}/role-mappings/clients/{of}");
    assert_eq!(granite.world.post(&path, &granite.admin, &json!([role])).status, 204);
}

#[test]
fn nobody_manages_or_deletes_who_may_do_more() {
    let granite = Granite::new();
    let (world, hiroko) = (&granite.world, granite.id_of("hiroko"));
    empower(&granite, &hiroko);
    let token = holder_of(world, &["manage-organizations", "manage-users"]);
    let kind = granite.admin_path(&format!("/members/{hiroko}/membership-type"));
    assert_eq!(world.put(&kind, &token, &json!("MANAGED")).status, 403);
    granite.manage(&hiroko);
    let member = granite.admin_path(&format!("/members/{hiroko}"));
    assert_eq!(world.delete(&member, &token).status, 403);
    assert_eq!(granite.type_of(&hiroko), "MANAGED");
    assert_eq!(world.put(&kind, &token, &json!("UNMANAGED")).status, 204);
}

#[test]
fn managed_accounts_go_with_the_organization() {
    let granite = Granite::new();
    let world = &granite.world;
    let [ann, bea, _, dan] =
        ["ann", "bea", "cat", "dan"].map(|name| granite.make_member(name, [name, "Lee"]));
    let emilio = granite.id_of("emilio");
    for managed in [&ann, &bea, &dan, &emilio] {
        granite.manage(managed);
    }
    empower(&granite, &dan);
    assert_eq!(granite.delete("").status, 204);
    world.deliver_queue();

    let left = |name| user(world, name).is_some();
    assert_eq!([left("ann"), left("bea")], [false, false], "managed");
    assert_eq!([left("cat"), left("hiroko")], [true, true], "unmanaged");
    assert!(left("emilio"), "belongs to another organization");
    assert!(left("dan"), "administers the realm");
    assert_eq!(ways_in(world, "emilio"), IN);
    assert_eq!(crate::admin_users::leftovers(world, ann.as_str()), 0);
    assert_eq!(crate::admin_users::leftovers(world, bea.as_str()), 0);
}

#[test]
fn a_managed_member_is_exported_and_imported_as_one() {
    let granite = Granite::new();
    granite.manage(&granite.id_of("hiroko"));
    let path = "/realms/travel0/orgs/export?format=guildhall&exportMembersAndInvitations=true";
    let document = granite.world.get(path, &granite.admin).json();
    let orgs = document["organizations"].as_array().unwrap();
    let members = orgs.iter().flat_map(|org| org["members"].as_array().unwrap());
    let managed: Vec<&Value> = members.filter(|one| one["managed"] == true).collect();
    assert_eq!(managed.len(), 1);
    assert_eq!(managed[0]["username"], "hiroko");
    assert_eq!(granite.delete("").status, 204);
    granite.world.deliver_queue();
    assert_eq!(user(&granite.world, "hiroko"), None);
}
