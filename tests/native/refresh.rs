//! Refreshing: rotation, theft, and what is asked anew each time.
use crate::harness::browser::Answer;
use crate::harness::relying_party::{RelyingParty, claims_of, travel0_world, userinfo};
use crate::harness::world::World;
use guildhall::app::demo::REALM;
use guildhall::kernel::id::{OrgId, RealmId, UserId};
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::store;
use serde_json::Value;

fn realm_id(world: &World) -> RealmId {
    let name = REALM.parse().unwrap();
    world.run(store::realm::find(world.directory(), &name)).unwrap().unwrap().id
}

fn user_id(world: &World, username: &str) -> UserId {
    let realm = realm_id(world);
    let found = world.run(store::user::find_by_login(world.directory(), &realm, username));
    found.unwrap().unwrap().id
}

fn org_id(world: &World, alias: &str) -> OrgId {
    let realm = realm_id(world);
    let listed = world.run(store::organization::list_by_alias(world.directory(), &realm, &[alias]));
    listed.unwrap().remove(0).1
}

/// Takes a person out of an organization, behind the API's back.
pub fn leave(world: &World, username: &str, alias: &str) {
    let (realm, user) = (realm_id(world), user_id(world, username));
    let object = ObjectName::Org(realm, org_id(world, alias));
    world.with_object(&object, |sql| {
        sql.run(Statement::new("DELETE FROM member WHERE user_id = ?").bind(user.as_str())).unwrap()
    });
}

pub fn directory(world: &World, statement: &'static str, username: &str) {
    let statement = Statement::new(statement).bind(username);
    world.directory().sql().run(statement).unwrap();
}

fn refused(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.error())
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[test]
fn every_refresh_rotates_and_a_used_token_ends_the_chain() {
    let world = travel0_world();
    let app = RelyingParty::spa(&world);
    let first = app.tokens_for("hiroko", "openid");
    let second = app.refresh(refresh_token(&first)).json();
    assert_ne!(refresh_token(&first), refresh_token(&second));
    assert_eq!(first["session_state"], second["session_state"]);

    assert_eq!(refused(&app.refresh(refresh_token(&first))), invalid_grant());
    assert_eq!(refused(&app.refresh(refresh_token(&second))), invalid_grant(), "the chain ended");
}

#[test]
fn a_refresh_takes_two_calls_and_one_query() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid organization");
    let (answer, trips) = world.trips_of(|| app.refresh(refresh_token(&tokens)));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!((trips.objects, trips.directory), (2, 1));
}

#[test]
fn the_refreshed_tokens_say_the_same_but_for_the_time() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let first = app.tokens_for("hiroko", "openid organization");
    world.advance(Seconds::minutes(10));
    let second = app.refresh(refresh_token(&first)).json();
    let [old, new] = [&first, &second].map(|tokens| claims_of(&tokens["id_token"]));
    for same in ["sub", "sid", "auth_time", "organization", "aud", "email"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_eq!(new["iat"].as_i64(), Some(old["iat"].as_i64().unwrap() + 600));
    assert!(new.get("nonce").is_none(), "OIDC Core §12.2");
}

/// What keycloak-js decodes.
#[test]
fn a_refresh_token_reads_like_keycloaks() {
    let world = travel0_world();
    let tokens = RelyingParty::spa(&world).tokens_for("hiroko", "openid");
    let claims = claims_of(&tokens["refresh_token"]);
    assert_eq!((&claims["typ"], &claims["azp"]), (&"Refresh".into(), &"travel0-spa".into()));
    let left = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(tokens["refresh_expires_in"].as_i64(), Some(left));
}

#[test]
fn another_client_cannot_use_or_end_the_chain() {
    let world = travel0_world();
    let app = RelyingParty::spa(&world);
    let tokens = app.tokens_for("hiroko", "openid organization");
    let thief = RelyingParty::web(&world);
    assert_eq!(refused(&thief.refresh(refresh_token(&tokens))), invalid_grant());
    assert_eq!(app.refresh(refresh_token(&tokens)).status, 200);
}

#[test]
fn an_idle_refresh_token_is_over() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    world.advance(Seconds(30 * 60 - 1));
    let next = app.refresh(refresh_token(&tokens)).json();
    world.advance(Seconds::minutes(30));
    assert_eq!(refused(&app.refresh(refresh_token(&next))), invalid_grant());
}

#[test]
fn text_that_is_no_refresh_token_is_refused() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let mut forged = refresh_token(&tokens).to_owned();
    forged.push('x');
    for text in ["x", "a.b.c", &forged, tokens["access_token"].as_str().unwrap()] {
        assert_eq!(refused(&app.refresh(text)), invalid_grant(), "{text}");
    }
}

#[test]
fn whoever_left_the_organization_cannot_refresh() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid organization:granite-outpost");
    assert!(userinfo(&world, &tokens["access_token"]).json().get("organization").is_some());

    leave(&world, "hiroko", "granite-outpost");

    let told = userinfo(&world, &tokens["access_token"]);
    assert!(told.json().get("organization").is_none(), "at once: {told:?}");
    assert_eq!(refused(&app.refresh(refresh_token(&tokens))), invalid_grant());
    assert_eq!(refused(&app.refresh(refresh_token(&tokens))), invalid_grant());
}

#[test]
fn whoever_left_one_of_two_keeps_the_other() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("emilio", "openid organization:*");
    leave(&world, "emilio", "granite-outpost");
    let next = app.refresh(refresh_token(&tokens)).json();
    let claim = claims_of(&next["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().keys().collect::<Vec<_>>(), ["rocky-mountain"]);
}

#[test]
fn a_disabled_or_deleted_user_cannot_refresh() {
    for statement in [
        "UPDATE user SET enabled = 0
          WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?",
        "DELETE FROM user
          WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?",
    ] {
        let world = travel0_world();
        let app = RelyingParty::web(&world);
        let tokens = app.tokens_for("hiroko", "openid");
        directory(&world, statement, "hiroko");
        assert_eq!(refused(&app.refresh(refresh_token(&tokens))), invalid_grant(), "{statement}");
        let told = userinfo(&world, &tokens["access_token"]);
        assert_eq!((told.status.as_u16(), told.error()), (401, "invalid_token".to_owned()));
    }
}

/// RFC 6749 §6.
#[test]
fn a_refresh_may_narrow_the_scope_and_widen_it_again_but_not_beyond() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("emilio", "openid organization:*");
    let with_scope = |token: &str, scope: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
        app.token(&fields)
    };
    let narrow = with_scope(refresh_token(&tokens), "openid organization:rocky-mountain").json();
    let claim = claims_of(&narrow["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().len(), 1);

    let wide = app.refresh(refresh_token(&narrow)).json();
    let claim = claims_of(&wide["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().len(), 2);

    let beyond = with_scope(refresh_token(&wide), "openid organization:adventurez");
    assert_eq!(refused(&beyond), (400, "invalid_scope".to_owned()));
    assert_eq!(app.refresh(refresh_token(&wide)).status, 200, "a mistake costs no token");
}
