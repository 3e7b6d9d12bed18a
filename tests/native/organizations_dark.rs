//! Organizations that are switched off: one by one, and all of a realm. They are
//! administered, and nothing else.
use crate::admin_setup::TRAVEL0;
use crate::authorization_setup::set_attributes;
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{RelyingParty, claims_of, userinfo};
use crate::harness::world::World;
use crate::invitations::{MARTA, accept, invite, link};
use crate::org_setup::Granite;
use crate::organizations::token_of;
use crate::portal_link;
use crate::scim_setup::{Directory, admin, org_id, travel0, user};
use crate::switch_organization::{access, sign_in, switch};
use crate::token_setup::post_as;
use http::Method;
use serde_json::{Value, json};

const ROCKY: &str = "rocky-mountain";
const GRANITE: &str = "granite-outpost";
const ACCOUNT: &str = "/realms/travel0/account/organizations";
const INTROSPECT: &str = "/protocol/openid-connect/token/introspect";

fn enable(world: &World, alias: &str, enabled: bool) {
    let path = format!("{TRAVEL0}/organizations/{}", org_id(world, alias));
    let body = json!({ "name": alias, "alias": alias, "enabled": enabled });
    assert_eq!(world.put(&path, &admin(world), &body).status, 204);
}

fn switch_realm(world: &World, on: bool) {
    let body = json!({ "organizationsEnabled": on });
    assert_eq!(world.put(TRAVEL0, &admin(world), &body).status, 204);
}

fn orgs(tokens: &Value) -> Vec<String> {
    let claim = claims_of(&tokens["access_token"])["organization"].clone();
    claim.as_object().map(|orgs| orgs.keys().cloned().collect()).unwrap_or_default()
}

fn refresh(world: &World, tokens: &Value) -> Answer {
    RelyingParty::web(world).refresh(tokens["refresh_token"].as_str().unwrap())
}

/// What userinfo tells of organizations.
fn told_of(world: &World, tokens: &Value) -> Value {
    userinfo(world, &tokens["access_token"]).json()["organization"].clone()
}

fn introspected(world: &World, tokens: &Value) -> Value {
    post_as(world, INTROSPECT, "travel0-web", &[("token", access(tokens))]).json()
}

#[test]
fn no_token_speaks_for_a_disabled_organization() {
    let world = travel0();
    enable(&world, ROCKY, false);
    for scope in ["openid organization:*", "openid organization"] {
        assert_eq!(orgs(&sign_in(&world, "emilio", scope)), [GRANITE], "{scope}: nothing to pick");
    }
    let named = sign_in(&world, "emilio", "openid organization:rocky-mountain");
    assert_eq!(orgs(&named), [""; 0]);
    enable(&world, ROCKY, true);
    assert_eq!(orgs(&sign_in(&world, "emilio", "openid organization:*")), [GRANITE, ROCKY]);
}

#[test]
fn a_token_that_named_it_loses_it() {
    let world = travel0();
    let both = sign_in(&world, "emilio", "openid organization:*");
    let one = sign_in(&world, "emilio", "openid organization:rocky-mountain");
    assert_eq!(told_of(&world, &both).as_object().unwrap().len(), 2);
    assert_eq!(introspected(&world, &both)["active"], true);

    enable(&world, ROCKY, false);

    let told = told_of(&world, &both);
    assert!(told.get(ROCKY).is_none() && told.get(GRANITE).is_some(), "{told}");
    assert_eq!(orgs(&refresh(&world, &both).json()), [GRANITE]);
    let lost = refresh(&world, &one);
    assert_eq!((lost.status.as_u16(), lost.error().as_str()), (400, "invalid_grant"));
    let switched = switch(&world, access(&both), ROCKY);
    assert_eq!(switched.status, 401, "{switched:?}");
}

#[test]
fn an_exchanged_token_does_not_bring_it_back() {
    let world = travel0();
    let one = sign_in(&world, "emilio", "openid organization:rocky-mountain");
    enable(&world, ROCKY, false);
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", access(&one)),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("organization", ROCKY),
    ];
    let answer = RelyingParty::web(&world).token(&fields);
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[test]
fn nobody_joins_a_disabled_organization_until_it_is_enabled() {
    let world = travel0();
    assert_eq!(invite(&world, MARTA).status, 201);
    let link = link(&world);
    let browser = Browser::new(&world);
    let early = browser.open(&link);
    enable(&world, ROCKY, false);

    for page in [browser.open(&link), accept(&browser, &early)] {
        assert_eq!(page.status, 403, "{}", page.text);
        assert!(page.text.contains("This organization is not available"), "{}", page.text);
    }

    enable(&world, ROCKY, true);
    let page = browser.open(&link);
    assert_eq!(accept(&browser, &page).status, 200);
}

#[test]
fn an_invitation_of_a_disabled_organization_is_not_shown_or_accepted_by_the_api() {
    let world = travel0();
    let mail = user(&world, "hiroko").unwrap().email.unwrap();
    assert_eq!(invite(&world, mail.as_str()).status, 201);
    let token = token_of(&world, "hiroko");
    let mine = "/realms/travel0/orgs/me/invitations";
    let id = world.get(mine, &token).json()[0]["id"].as_str().unwrap().to_owned();
    enable(&world, ROCKY, false);
    assert_eq!(world.get(mine, &token).json(), json!([]));
    let answer = world.post(&format!("{mine}/{id}"), &token, &json!({}));
    assert_eq!(answer.status, 404, "{answer:?}");
}

#[test]
fn its_directory_and_its_portal_links_are_refused() {
    let world = portal_link::blue();
    let old = portal_link::link(&world);
    let path = format!("{TRAVEL0}/organizations/blue");
    let off = json!({ "name": "Blue River", "alias": "Blue-River", "enabled": false });
    assert_eq!(world.put(&path, &admin(&world), &off).status, 204);
    assert_eq!(Browser::new(&world).open(&old).status, 403);
    let refused = portal_link::ask(&world, "/realms/travel0/orgs/blue", &admin(&world), &[]);
    assert_eq!(refused.status, 400, "{refused:?}");

    let world = travel0();
    let directory = Directory::connect(&world, GRANITE);
    assert_eq!(directory.get("/Users").status, 200);
    enable(&world, GRANITE, false);
    assert_eq!(directory.get("/Users").status, 404);
    assert_eq!(directory.with_bearer("wrong").get("/Users").status, 401);
}

#[test]
fn a_disabled_organization_is_administered() {
    let granite = Granite::new();
    enable(&granite.world, GRANITE, false);
    assert_eq!(granite.get("/members").status, 200);
    assert_eq!(granite.post("/roles", &json!({ "name": "new" })).status, 201);
    assert_eq!(granite.ask(Method::POST, "/groups", Some(&json!({ "name": "g" }))).status, 201);
    let id = granite.make_user("newcomer", ["New", "Comer"]);
    assert_eq!(granite.put(&format!("/members/{id}"), &Value::Null).status, 201);
    assert_eq!(granite.ask(Method::DELETE, "", None).status, 204);
}

#[test]
fn an_invitation_without_a_page_of_its_own_leads_to_the_organizations() {
    let world = travel0();
    let path = format!("{TRAVEL0}/organizations/{}", org_id(&world, ROCKY));
    let url = "https://rocky-mountain.example/welcome";
    let body = json!({ "name": ROCKY, "redirectUrl": url });
    assert_eq!(world.put(&path, &admin(&world), &body).status, 204);
    invite(&world, MARTA);
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    assert!(accept(&browser, &page).text.contains(url));
}

#[test]
fn an_account_lists_its_own_enabled_organizations() {
    let world = travel0();
    let token = token_of(&world, "emilio");
    let granite = org_id(&world, GRANITE);
    let listed = world.get(ACCOUNT, &token);
    assert_eq!(listed.status, 200, "{listed:?}");
    let told = json!({
        "id": granite, "name": GRANITE, "alias": GRANITE, "enabled": true,
        "domains": ["granite-outpost.example"],
    });
    assert_eq!(listed.json()[0], told);
    assert_eq!(listed.json()[1]["name"], ROCKY);
    enable(&world, ROCKY, false);
    assert_eq!(world.get(ACCOUNT, &token).json(), json!([told]));
    for stranger in ["", "garbage", &admin(&world)] {
        assert_eq!(world.get(ACCOUNT, stranger).status, 401);
    }
}

/// CVE-2026-2366: a token without a role could list the organizations of anybody, by
/// their id.
#[test]
fn a_person_without_a_role_lists_nobody_elses_organizations() {
    let granite = Granite::new();
    let emilio = granite.id_of("emilio");
    let hiroko = token_of(&granite.world, "hiroko");
    for path in [
        format!("{TRAVEL0}/organizations/members/{emilio}/organizations"),
        format!("{TRAVEL0}/organizations/{}/members/{emilio}/groups", granite.org),
    ] {
        assert_eq!(granite.world.get(&path, &hiroko).status, 403, "{path}");
    }
    let own = granite.world.get(ACCOUNT, &hiroko).json();
    assert_eq!(own.as_array().unwrap().len(), 1);
}

/// CVE-2026-9791: tokens and the account API went on after the realm was switched off.
#[test]
fn a_realm_without_organizations_says_nothing_of_them() {
    let world = travel0();
    let before = sign_in(&world, "emilio", "openid organization:*");
    let token = token_of(&world, "emilio");
    let directory = Directory::connect(&world, GRANITE);
    assert_eq!(invite(&world, MARTA).status, 201);
    let link = link(&world);

    switch_realm(&world, false);

    assert!(told_of(&world, &before).is_null());
    for scope in
        ["openid organization", "openid organization:*", "openid organization:granite-outpost"]
    {
        let tokens = sign_in(&world, "emilio", scope);
        let claims = claims_of(&tokens["access_token"]);
        assert_eq!(claims.get("organization"), None, "{claims}");
        assert!(!tokens["scope"].as_str().unwrap().contains("organization"), "{tokens}");
    }
    assert_eq!(refresh(&world, &before).status, 400, "what it was for is gone");
    let all = "/realms/travel0/orgs";
    let one = format!("{all}/{}", org_id(&world, GRANITE));
    let admin = admin(&world);
    for path in [
        ACCOUNT.to_owned(),
        all.to_owned(),
        format!("{all}/me"),
        format!("{all}/count"),
        format!("{all}/config"),
        format!("{all}/me/invitations"),
        format!("{one}/members"),
        one,
        format!("{all}/no-such"),
        "/realms/travel0/users/active-organization".to_owned(),
    ] {
        for token in [&token, &admin] {
            assert_eq!(world.get(&path, token).status, 404, "{path}");
        }
        assert_eq!(world.get(&path, "").status, 401, "{path}");
    }
    assert_eq!(switch(&world, &token, GRANITE).status, 404);
    assert_eq!(directory.get("/Users").status, 404);
    assert_eq!(directory.with_bearer("wrong").get("/Users").status, 401);
    let page = Browser::new(&world).open(&link);
    assert_eq!(page.status, 403);
    assert!(page.text.contains("This organization is not available"), "{}", page.text);

    switch_realm(&world, true);
    let after = sign_in(&world, "emilio", "openid organization:*");
    assert_eq!(orgs(&after), [GRANITE, ROCKY]);
    assert_eq!(world.get(ACCOUNT, &token).json().as_array().unwrap().len(), 2);
}

#[test]
fn a_client_that_requires_an_organization_signs_people_in_where_there_are_none() {
    let world = travel0();
    set_attributes(&world, "travel0-web", &json!({ "organizations.usage": "require" }));
    switch_realm(&world, false);
    assert_eq!(orgs(&sign_in(&world, "emilio", "openid")), [""; 0]);
}
