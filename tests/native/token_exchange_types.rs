//! What a token exchange gives besides access tokens (RFC 8693 §3), how long that lives,
//! whom it is for, and what ends it.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::{Answer, form_request};
use crate::harness::relying_party::{RelyingParty, claims_of, code_in, token_path, userinfo};
use crate::harness::world::World;
use crate::logout::{log_out, signed_in};
use crate::scim_setup::{admin, user};
use crate::token_exchange::{
    ACCESS, GRANITE, ROCKY, WEB, add_audience, exchange, exchanging, fields_of, invalid_request,
    organizations,
};
use crate::token_setup::{MACHINE, TOKEN, configure, post_as, refusal, set_attributes};
use bytes::Bytes;
use guildhall::account::announce::TELL_AFTER;
use guildhall::app::demo::CLIENT_SECRET;
use guildhall::kernel::time::Seconds;
use http::{Method, Request};
use serde_json::{Value, json};

const ID: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH: &str = "urn:ietf:params:oauth:token-type:refresh_token";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const WANTS_REFRESH: (&str, &str) = ("requested_token_type", REFRESH);
const REVOKE: &str = "/protocol/openid-connect/revoke";
const INTROSPECT: &str = "/protocol/openid-connect/token/introspect";

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

/// The attributes of a client that may have refresh tokens in exchange.
fn refreshing(more: &[(&str, &str)]) -> Value {
    let mut attributes = json!({
        "standard.token.exchange.enabled": "true",
        "standard.token.exchange.enableRefreshRequestedTokenType": "SAME_SESSION",
    });
    for (name, value) in more {
        attributes[name] = json!(value);
    }
    attributes
}

/// A world where the web client, and the machine to which its tokens are shown, may have
/// refresh tokens in exchange.
fn refreshing_world() -> World {
    let world = exchanging();
    add_audience(&world, MACHINE);
    for client in [WEB, MACHINE] {
        set_attributes(&world, client, &refreshing(&[]));
    }
    world
}

/// A third client, whose API the machine calls with tokens that are for it.
fn add_third(world: &World) {
    let body = json!({
        "clientId": "third", "secret": CLIENT_SECRET, "standardFlowEnabled": false,
        "attributes": refreshing(&[]),
    });
    let answer = world.post(&format!("{TRAVEL0}/clients"), &admin(world), &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let uuid = client_uuid(world, TRAVEL0, MACHINE);
    let path = format!("{TRAVEL0}/clients/{uuid}/protocol-mappers/models");
    let mapper = json!({
        "name": "third", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
        "config": { "included.client.audience": "third", "access.token.claim": "true" },
    });
    assert_eq!(world.post(&path, &admin(world), &mapper).status, 201);
}

/// `client` exchanges the access token of `tokens`.
fn exchange_as(world: &World, client: &str, tokens: &Value, more: &[(&str, &str)]) -> Answer {
    post_as(world, TOKEN, client, &fields_of(&tokens["access_token"], more))
}

/// A refresh token of `client` in exchange, with the tokens beside it.
fn refresh_token_of(world: &World, client: &str, tokens: &Value) -> Value {
    let answer = exchange_as(world, client, tokens, &[WANTS_REFRESH]);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn refresh_as(world: &World, client: &str, tokens: &Value) -> Answer {
    let token = tokens["refresh_token"].as_str().unwrap();
    post_as(world, TOKEN, client, &[("grant_type", "refresh_token"), ("refresh_token", token)])
}

fn is_active(world: &World, tokens: &Value) -> bool {
    introspected(world, tokens)["active"] == true
}

fn introspected(world: &World, tokens: &Value) -> Value {
    let token = tokens["access_token"].as_str().unwrap();
    let answer = post_as(world, INTROSPECT, MACHINE, &[("token", token)]);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn revoke_as(world: &World, client: &str, token: &Value) {
    let fields = [("token", token.as_str().unwrap())];
    assert_eq!(post_as(world, REVOKE, client, &fields).status, 200);
}

fn log_in(world: &World, scope: &str) -> Value {
    RelyingParty::web(world).tokens_for("hiroko", scope)
}

/// RFC 8693 §2.2.1: what is no access token is `N_A`.
#[test]
fn an_id_token_comes_in_the_place_of_the_access_token() {
    let world = exchanging();
    add_audience(&world, MACHINE);
    let tokens = log_in(&world, "openid");
    let wants = ("requested_token_type", ID);
    for client in [WEB, MACHINE] {
        let answer = exchange_as(&world, client, &tokens, &[wants]);
        assert_eq!(answer.status, 200, "{answer:?}");
        let told = answer.json();
        assert_eq!((&told["issued_token_type"], &told["token_type"]), (&json!(ID), &json!("N_A")));
        assert_eq!((told.get("id_token"), told.get("refresh_token")), (None, None));
        let claims = claims_of(&told["access_token"]);
        let old = claims_of(&tokens["access_token"]);
        assert_eq!((&claims["typ"], &claims["aud"]), (&json!("ID"), &json!(client)));
        for same in ["sub", "sid", "iss", "auth_time"] {
            assert_eq!(claims[same], old[same], "{same}");
        }
        assert_eq!(claims.get("at_hash"), None, "there is no access token with it");
        assert_eq!(userinfo(&world, &told["access_token"]).status, 401, "nor is it one");
    }
}

#[test]
fn who_was_not_granted_openid_gets_no_id_token() {
    let world = exchanging();
    let wants = ("requested_token_type", ID);
    let person = log_in(&world, "profile");
    assert_eq!(refusal(&exchange(&world, &person["access_token"], &[wants])), invalid_request());
    let machine = post_as(&world, TOKEN, MACHINE, &[("grant_type", "client_credentials")]).json();
    let answer = exchange_as(&world, MACHINE, &machine, &[wants]);
    assert_eq!(refusal(&answer), invalid_request());
}

#[test]
fn a_jwt_is_an_access_token() {
    let world = exchanging();
    let tokens = log_in(&world, "openid");
    let wants = [("requested_token_type", JWT), ("scope", "openid")];
    let told = exchange(&world, &tokens["access_token"], &wants).json();
    assert_eq!((&told["issued_token_type"], &told["token_type"]), (&json!(JWT), &json!("Bearer")));
    assert_eq!(userinfo(&world, &told["access_token"]).status, 200);
}

/// As Keycloak: an access token beside it, and `issued_token_type` says what was asked for.
#[test]
fn a_refresh_token_comes_beside_an_access_token() {
    let world = refreshing_world();
    let tokens = log_in(&world, "openid");
    let told = refresh_token_of(&world, MACHINE, &tokens);
    assert_eq!(
        (&told["issued_token_type"], &told["token_type"]),
        (&json!(REFRESH), &json!("Bearer"))
    );
    assert!(told["refresh_expires_in"].as_i64().unwrap() > 0);
    assert_eq!(refusal(&refresh_as(&world, WEB, &told)), invalid_grant(), "another client's");
    let next = refresh_as(&world, MACHINE, &told);
    assert_eq!(next.status, 200, "{next:?}");
    let [old, new] = [&tokens, &next.json()].map(|tokens| claims_of(&tokens["access_token"]));
    assert_eq!(new["azp"], MACHINE);
    for same in ["sub", "sid", "auth_time"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_eq!(refusal(&refresh_as(&world, MACHINE, &told)), invalid_grant(), "it works once");
    let plain = exchange_as(&world, MACHINE, &tokens, &[]).json();
    assert_eq!(plain.get("refresh_token"), None, "who does not ask for it gets none");
}

/// RFC 6749 §3.2: as python-keycloak may send them.
#[test]
fn a_parameter_without_a_value_is_as_if_it_were_not_there() {
    let world = exchanging();
    let tokens = log_in(&world, "openid");
    let empty = ["audience", "requested_subject", "subject_issuer", "requested_token_type"];
    let more = empty.map(|name| (name, ""));
    assert_eq!(exchange(&world, &tokens["access_token"], &more).status, 200);
}

#[test]
fn only_a_client_that_may_gets_a_refresh_token() {
    let world = refreshing_world();
    let tokens = log_in(&world, "openid");
    let attribute = "standard.token.exchange.enableRefreshRequestedTokenType";
    for more in [(attribute, "NO"), (attribute, "yes"), ("use.refresh.tokens", "false")] {
        set_attributes(&world, MACHINE, &refreshing(&[more]));
        let answer = exchange_as(&world, MACHINE, &tokens, &[WANTS_REFRESH]);
        assert_eq!(refusal(&answer), invalid_request(), "{more:?}");
    }
    set_attributes(&world, MACHINE, &json!({ "standard.token.exchange.enabled": "true" }));
    let answer = exchange_as(&world, MACHINE, &tokens, &[WANTS_REFRESH]);
    assert_eq!(refusal(&answer), invalid_request(), "NO is the default");
}

/// As Keycloak: a client that speaks for itself asks again, and an offline grant has no
/// session for another client.
#[test]
fn without_a_session_there_is_no_refresh_token() {
    let world = refreshing_world();
    let machine = post_as(&world, TOKEN, MACHINE, &[("grant_type", "client_credentials")]).json();
    let answer = exchange_as(&world, MACHINE, &machine, &[WANTS_REFRESH]);
    assert_eq!(refusal(&answer), invalid_request());
    let app = RelyingParty::web(&world);
    let (browser, _) = signed_in(&app);
    let page = app.send(&browser, "openid offline_access");
    let offline = app.redeem(&code_in(&page)).json();
    assert_eq!(exchange_as(&world, MACHINE, &offline, &[WANTS_REFRESH]).status, 200);
    log_out(&browser, &[("id_token_hint", offline["id_token"].as_str().unwrap())]);
    assert_eq!(exchange_as(&world, MACHINE, &offline, &[]).status, 200, "the grant stands");
    let answer = exchange_as(&world, MACHINE, &offline, &[WANTS_REFRESH]);
    assert_eq!(refusal(&answer), invalid_request());
}

#[test]
fn a_refresh_token_in_exchange_does_not_outlive_the_session() {
    let world = refreshing_world();
    let offline = RelyingParty::web(&world).tokens_for("hiroko", "openid offline_access");
    let asked = [WANTS_REFRESH, ("scope", "openid offline_access")];
    let answer = exchange_as(&world, WEB, &offline, &asked);
    assert_eq!(refusal(&answer), (400, "invalid_scope".to_owned()));
    let scopes = world.get(&format!("{TRAVEL0}/client-scopes"), &admin(&world)).json();
    let is_offline = |scope: &&Value| scope["name"] == "offline_access";
    let scope = scopes.as_array().unwrap().iter().find(is_offline).unwrap()["id"].clone();
    let uuid = client_uuid(&world, TRAVEL0, MACHINE);
    let path =
        format!("{TRAVEL0}/clients/{uuid}/default-client-scopes/{}", scope.as_str().unwrap());
    assert_eq!(world.put(&path, &admin(&world), &json!({})).status, 204);
    let answer = exchange_as(&world, MACHINE, &offline, &[WANTS_REFRESH]);
    assert_eq!(refusal(&answer), invalid_request(), "not by default either");
}

#[test]
fn no_chain_of_exchanges_gains_time() {
    let world = refreshing_world();
    let person = log_in(&world, "openid");
    let machine = post_as(&world, TOKEN, MACHINE, &[("grant_type", "client_credentials")]).json();
    world.advance(Seconds(200));
    for (client, first) in [(WEB, person.clone()), (MACHINE, machine)] {
        let end = claims_of(&first["access_token"])["exp"].clone();
        let mut tokens = first;
        for _ in 0..3 {
            tokens = exchange_as(&world, client, &tokens, &[]).json();
            assert_eq!(claims_of(&tokens["access_token"])["exp"], end);
            assert_eq!(tokens["expires_in"], 100);
        }
    }
    for more in [("requested_token_type", ID), ("scope", "openid"), WANTS_REFRESH] {
        let told = exchange(&world, &person["access_token"], &[more]).json();
        for token in ["access_token", "id_token"].iter().filter_map(|name| told.get(name)) {
            let end = claims_of(&person["access_token"])["exp"].clone();
            assert_eq!(claims_of(token)["exp"], end, "{more:?}");
        }
    }
    let told = refresh_token_of(&world, MACHINE, &person);
    assert_eq!(refresh_as(&world, MACHINE, &told).json()["expires_in"], 300, "a session has time");
}

/// Hiroko is `name` at `client`.
fn empower(world: &World, client: &str, name: &str) -> String {
    let uuid = client_uuid(world, TRAVEL0, client);
    let roles = format!("{TRAVEL0}/clients/{uuid}/roles");
    assert_eq!(world.post(&roles, &admin(world), &json!({ "name": name })).status, 201);
    let role = world.get(&format!("{roles}/{name}"), &admin(world)).json();
    let hiroko = user(world, "hiroko").unwrap().id;
    let held = format!("{TRAVEL0}/users/{hiroko}/role-mappings/clients/{uuid}");
    assert_eq!(world.post(&held, &admin(world), &json!([role])).status, 204);
    held
}

#[test]
fn roles_are_cut_to_the_audience() {
    let world = refreshing_world();
    for client in [WEB, MACHINE, "travel0-spa"] {
        empower(&world, client, "guide");
    }
    add_audience(&world, "bills");
    let tokens = log_in(&world, "openid");
    let roles = |token: &Value| {
        let claim = claims_of(token)["resource_access"].clone();
        let names = claim.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>());
        names.unwrap_or_default()
    };
    assert!(roles(&tokens["access_token"]).len() >= 3, "{tokens}");
    let cut = |audience: &str| {
        let asked = [WANTS_REFRESH, ("audience", audience)];
        let answer = exchange(&world, &tokens["access_token"], &asked);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let machine = cut(MACHINE);
    let refreshed = refresh_as(&world, WEB, &machine).json();
    for told in [&machine, &refreshed] {
        assert_eq!(claims_of(&told["access_token"])["aud"], MACHINE);
        assert_eq!(roles(&told["access_token"]), [MACHINE]);
        let known = introspected(&world, told)["resource_access"].clone();
        assert_eq!(known, json!({ MACHINE: { "roles": ["guide"] } }));
    }
    assert!(claims_of(&machine["access_token"]).get("realm_access").is_some());
    let bills = cut("bills");
    assert_eq!(claims_of(&bills["access_token"]).get("resource_access"), None);
    assert_eq!(introspected(&world, &bills).get("resource_access"), None, "here neither");
}

#[test]
fn an_audience_that_is_gone_is_none_of_a_refreshed_token() {
    let world = exchanging();
    set_attributes(&world, WEB, &refreshing(&[]));
    let held = empower(&world, "travel0-spa", "guide");
    let tokens = log_in(&world, "openid");
    let asked = [WANTS_REFRESH, ("audience", "travel0-spa")];
    let told = exchange(&world, &tokens["access_token"], &asked).json();
    let told = refresh_as(&world, WEB, &told).json();
    assert_eq!(claims_of(&told["access_token"])["aud"], "travel0-spa");
    let roles = world.get(&held, &admin(&world)).json();
    assert_eq!(world.call(Method::DELETE, &held, &admin(&world), Some(&roles)).status, 204);
    let answer = refresh_as(&world, WEB, &told);
    assert_eq!(refusal(&answer), (400, "invalid_target".to_owned()));
}

/// Ends something.
type End = fn(&World, &Value);

#[test]
fn a_refresh_token_in_exchange_ends_with_what_it_came_from() {
    let ends: [(&str, End); 5] = [
        ("the session", |world, tokens| {
            let sid = tokens["session_state"].as_str().unwrap();
            let path = format!("{TRAVEL0}/sessions/{sid}");
            assert_eq!(world.delete(&path, &admin(world)).status, 204);
        }),
        ("the grant", |world, tokens| revoke_as(world, WEB, &tokens["refresh_token"])),
        ("the token", |world, tokens| revoke_as(world, WEB, &tokens["access_token"])),
        ("a theft", |world, tokens| {
            assert_eq!(refresh_as(world, WEB, tokens).status, 200);
            assert_eq!(refusal(&refresh_as(world, WEB, tokens)), invalid_grant());
        }),
        ("the consent", |world, _| {
            let hiroko = user(world, "hiroko").unwrap().id;
            let path = format!("{TRAVEL0}/users/{hiroko}/consents/{WEB}");
            assert_eq!(world.delete(&path, &admin(world)).status, 204);
        }),
    ];
    for (what, end) in ends {
        let world = refreshing_world();
        add_third(&world);
        crate::consents::hiroko_agrees(&world);
        let tokens = log_in(&world, "openid");
        let machine = refresh_token_of(&world, MACHINE, &tokens);
        let third = refresh_token_of(&world, "third", &machine);
        let next = refresh_as(&world, MACHINE, &machine);
        assert_eq!(next.status, 200, "{next:?}");
        let others = log_in(&world, "openid");
        let of_others = refresh_token_of(&world, MACHINE, &others);

        end(&world, &tokens);

        assert_eq!(refusal(&refresh_as(&world, MACHINE, &next.json())), invalid_grant(), "{what}");
        assert_eq!(refusal(&refresh_as(&world, "third", &third)), invalid_grant(), "{what}");
        if what != "a theft" {
            assert!(!is_active(&world, &next.json()), "{what}");
        }
        if what != "the consent" {
            let kept = refresh_as(&world, MACHINE, &of_others);
            assert_eq!(kept.status, 200, "{what}: another session {kept:?}");
        }
    }
}

/// Not even within the life of the access token.
#[test]
fn what_was_taken_back_is_not_exchanged_for_a_refresh_token() {
    let world = refreshing_world();
    add_third(&world);
    configure(&world, WEB, &json!({ "consentRequired": false }));
    crate::consents::hiroko_agrees(&world);
    let tokens = log_in(&world, "openid");
    let bare = exchange_as(&world, MACHINE, &tokens, &[]).json();
    let answer = exchange_as(&world, "third", &bare, &[WANTS_REFRESH]);
    assert_eq!(refusal(&answer), invalid_request(), "nothing of the machine's to end it with");
    assert_eq!(exchange_as(&world, "third", &bare, &[]).status, 200);
    configure(&world, WEB, &json!({ "consentRequired": true }));
    assert_eq!(exchange_as(&world, MACHINE, &tokens, &[WANTS_REFRESH]).status, 200);
    let hiroko = user(&world, "hiroko").unwrap().id;
    let path = format!("{TRAVEL0}/users/{hiroko}/consents/{WEB}");
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    let answer = exchange_as(&world, MACHINE, &tokens, &[WANTS_REFRESH]);
    assert_eq!(refusal(&answer), invalid_request());
}

/// The machine's request for a refresh token in exchange.
fn request_of(tokens: &Value) -> Request<Bytes> {
    let own = [("client_id", MACHINE), ("client_secret", CLIENT_SECRET)];
    let fields = fields_of(&tokens["access_token"], &[WANTS_REFRESH]);
    form_request(&token_path(), &[&own, &fields[..]].concat())
}

#[test]
fn an_exchange_killed_halfway_can_be_repeated() {
    let world = refreshing_world();
    let tokens = log_in(&world, "openid");
    world.crash_at("oidc.exchange.after_family", request_of(&tokens));
    let told = refresh_token_of(&world, MACHINE, &tokens);
    assert_eq!(refresh_as(&world, MACHINE, &told).status, 200);
}

#[test]
fn a_token_that_is_revoked_meanwhile_brings_nothing() {
    let world = refreshing_world();
    let tokens = log_in(&world, "openid");
    let answer =
        Answer::new(world.meanwhile("oidc.exchange.after_family", request_of(&tokens), || {
            revoke_as(&world, WEB, &tokens["access_token"]);
        }));
    assert_eq!(refusal(&answer), invalid_request());
}

#[test]
fn a_revocation_killed_halfway_can_be_repeated() {
    let world = refreshing_world();
    let tokens = log_in(&world, "openid");
    let told = refresh_token_of(&world, MACHINE, &tokens);
    let token = tokens["access_token"].as_str().unwrap();
    let fields = [("client_id", WEB), ("client_secret", CLIENT_SECRET), ("token", token)];
    let path = crate::harness::relying_party::travel0(REVOKE);
    world.crash_at("oidc.revoke.after_directory", form_request(&path, &fields));
    revoke_as(&world, WEB, &tokens["access_token"]);
    assert_eq!(refusal(&refresh_as(&world, MACHINE, &told)), invalid_grant());
}

/// OIDC Back-Channel Logout 1.0 §2.5, Front-Channel Logout 1.0 §3.
#[test]
fn who_got_a_refresh_token_hears_of_the_logout() {
    const TOLD_AT: &str = "https://machine.example/backchannel";
    let told_of = |more: &[(&str, &str)]| {
        let world = refreshing_world();
        let urls = [
            ("backchannel.logout.url", TOLD_AT),
            ("frontchannel.logout.url", "https://machine.example/out"),
        ];
        set_attributes(&world, MACHINE, &refreshing(&urls));
        world.serve(TOLD_AT, 200, "");
        world.deliver_queue();
        let (browser, tokens) = signed_in(&RelyingParty::web(&world));
        assert_eq!(exchange_as(&world, MACHINE, &tokens, more).status, 200);
        let hint = tokens["id_token"].as_str().unwrap();
        let page = log_out(&browser, &[("id_token_hint", hint)]);
        world.pass(TELL_AFTER);
        world.deliver_queue();
        let told = world.posted().into_iter().filter(|post| post.url == TOLD_AT).count();
        (told, page.text.contains("https://machine.example/out"))
    };
    assert_eq!(told_of(&[WANTS_REFRESH]), (1, true));
    assert_eq!(told_of(&[]), (0, false), "an access token makes no client of the session");
}

#[test]
fn a_required_organization_stays_through_exchange_and_refresh() {
    let world = refreshing_world();
    for client in [WEB, MACHINE] {
        set_attributes(&world, client, &refreshing(&[("organizations.usage", "require")]));
    }
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("emilio", &format!("openid organization:{ROCKY}"));
    let openid = ("scope", "openid");
    let asked = [WANTS_REFRESH, openid, ("organization", GRANITE)];
    let own = exchange_as(&world, WEB, &tokens, &asked);
    assert_eq!(organizations(&own), [GRANITE]);
    let others = exchange_as(&world, MACHINE, &tokens, &[WANTS_REFRESH, openid]);
    assert_eq!(organizations(&others), [ROCKY]);
    for (client, answer, org) in [(WEB, own, GRANITE), (MACHINE, others, ROCKY)] {
        let next = refresh_as(&world, client, &answer.json());
        assert_eq!(organizations(&next), [org]);
        let token = next.json()["refresh_token"].clone();
        let token = ("refresh_token", token.as_str().unwrap());
        let fields = [("grant_type", "refresh_token"), token, openid];
        assert_eq!(organizations(&post_as(&world, TOKEN, client, &fields)), [org], "for less");
    }
}

#[test]
fn who_requires_an_organization_refreshes_nothing_without() {
    let world = refreshing_world();
    let tokens = log_in(&world, "openid");
    assert_eq!(refresh_as(&world, WEB, &tokens).status, 200);
    let tokens = log_in(&world, "openid");
    set_attributes(&world, WEB, &refreshing(&[("organizations.usage", "require")]));
    assert_eq!(refusal(&refresh_as(&world, WEB, &tokens)), invalid_grant());
}

#[test]
fn a_subject_token_of_another_type_is_refused() {
    let world = refreshing_world();
    let tokens = log_in(&world, "openid");
    for (name, of_type) in [("id_token", ID), ("refresh_token", REFRESH), ("access_token", JWT)] {
        let mut fields = fields_of(&tokens[name], &[]);
        fields[2].1 = of_type;
        let answer = post_as(&world, TOKEN, WEB, &fields);
        assert_eq!(refusal(&answer), invalid_request(), "{name} {of_type}");
        let as_access = post_as(&world, TOKEN, WEB, &fields_of(&tokens[name], &[]));
        assert_eq!(as_access.status == 200, of_type == JWT, "{name} as {ACCESS}");
    }
}
