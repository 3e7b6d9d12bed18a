//! Exchanging access tokens (RFC 8693): for less, or for another organization.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::{Answer, form_request};
use crate::harness::relying_party::{RelyingParty, claims_of, token_path, travel0_world, userinfo};
use crate::harness::world::{BASE, World};
use crate::refresh::{directory, leave};
use crate::scim_setup::{admin, org_id};
use crate::token_setup::{MACHINE, Signer, configure, post_as, refusal, set_attributes};
use guildhall::app::demo::CLIENT_SECRET;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

pub const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
pub const ACCESS: &str = "urn:ietf:params:oauth:token-type:access_token";
pub const GRANITE: &str = "granite-outpost";
pub const ROCKY: &str = "rocky-mountain";
const SCOPE: &str = "openid organization";
pub const WEB: &str = "travel0-web";

pub fn invalid_request() -> (u16, String) {
    (400, "invalid_request".to_owned())
}

fn denied() -> (u16, String) {
    (400, "access_denied".to_owned())
}

/// A world whose web client and machine may exchange.
pub fn exchanging() -> World {
    let world = travel0_world();
    for client in [WEB, MACHINE] {
        set_attributes(&world, client, &json!({ "standard.token.exchange.enabled": "true" }));
    }
    world
}

pub fn fields_of<'a>(subject: &'a Value, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("grant_type", EXCHANGE),
        ("subject_token", subject.as_str().unwrap()),
        ("subject_token_type", ACCESS),
    ];
    fields.extend(more);
    fields
}

/// The web client exchanges `subject`.
pub fn exchange(world: &World, subject: &Value, more: &[(&str, &str)]) -> Answer {
    RelyingParty::web(world).token(&fields_of(subject, more))
}

pub fn organizations(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let claim = claims_of(&answer.json()["access_token"])["organization"].clone();
    claim.as_object().map(|orgs| orgs.keys().cloned().collect()).unwrap_or_default()
}

/// Tells `audience` in the tokens of the web client.
pub fn add_audience(world: &World, audience: &str) {
    let uuid = client_uuid(world, TRAVEL0, WEB);
    let path = format!("{TRAVEL0}/clients/{uuid}/protocol-mappers/models");
    let mapper = json!({
        "name": audience, "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": { "included.custom.audience": audience, "access.token.claim": "true" },
    });
    assert_eq!(world.post(&path, &admin(world), &mapper).status, 201);
}

#[test]
fn a_client_exchanges_its_own_token_for_less() {
    let world = exchanging();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid organization phone");
    let answer = exchange(&world, &tokens["access_token"], &[]);
    let told = answer.json();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        (&told["issued_token_type"], &told["token_type"]),
        (&json!(ACCESS), &json!("Bearer"))
    );
    assert_eq!((told.get("refresh_token"), told.get("id_token")), (None, None));
    let [old, new] = [&tokens, &told].map(|tokens| claims_of(&tokens["access_token"]));
    for same in ["sub", "sid", "auth_time", "azp", "iss"] {
        assert_eq!(old[same], new[same], "{same}");
    }
    assert_ne!(old["jti"], new["jti"]);
    assert!(!new["scope"].as_str().unwrap().contains("phone"));
    assert_eq!(new.get("organization"), None);
    let kept = exchange(&world, &tokens["access_token"], &[("scope", SCOPE)]);
    assert_eq!(organizations(&kept), [GRANITE]);
    assert_eq!(userinfo(&world, &kept.json()["access_token"]).status, 200);
}

#[test]
fn an_exchange_gains_no_scope() {
    let world = exchanging();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    for more in ["phone", "openid phone", "offline_access"] {
        let answer = exchange(&world, &tokens["access_token"], &[("scope", more)]);
        assert_eq!(refusal(&answer), (400, "invalid_scope".to_owned()), "{more}");
    }
}

#[test]
fn a_token_is_exchanged_for_another_organization_of_the_person() {
    let world = exchanging();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("emilio", &format!("openid organization:{ROCKY}"));
    let subject = &tokens["access_token"];
    let id = org_id(&world, GRANITE);
    let scope = format!("organization:{GRANITE}");
    for asked in [
        ("organization", GRANITE),
        ("organization", id.as_str()),
        ("organization_name", GRANITE),
        ("scope", &scope),
    ] {
        assert_eq!(organizations(&exchange(&world, subject, &[asked])), [GRANITE], "{asked:?}");
    }
    let kept = exchange(&world, subject, &[("scope", "organization:*")]);
    assert_eq!(organizations(&kept), [ROCKY], "all are those of the token");
}

#[test]
fn an_organization_of_others_is_refused_as_one_that_is_not_there() {
    let world = exchanging();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", SCOPE);
    let subject = &tokens["access_token"];
    let ask = |name: &'static str, value: &str| exchange(&world, subject, &[(name, value)]);
    let nowhere = ask("organization", "nowhere");
    assert_eq!(refusal(&nowhere), denied());
    for answer in [
        ask("organization", ROCKY),
        ask("organization", org_id(&world, ROCKY).as_str()),
        ask("scope", &format!("organization:{ROCKY}")),
        ask("scope", "organization:nowhere"),
        ask("scope", &format!("organization:{GRANITE} organization:{ROCKY}")),
    ] {
        assert_eq!((answer.status, &answer.text), (nowhere.status, &nowhere.text));
    }
    leave(&world, "hiroko", GRANITE);
    assert_eq!(ask("organization", GRANITE).text, nowhere.text, "who left is no member");
}

#[test]
fn the_clients_policy_binds_an_exchange() {
    let world = exchanging();
    let tokens = RelyingParty::web(&world).tokens_for("emilio", "openid");
    let subject = &tokens["access_token"];
    set_attributes(
        &world,
        WEB,
        &json!({ "organizations.allowed": ROCKY,
        "standard.token.exchange.enabled": "true" }),
    );
    assert_eq!(refusal(&exchange(&world, subject, &[("organization", GRANITE)])), denied());
    assert_eq!(organizations(&exchange(&world, subject, &[("organization", ROCKY)])), [ROCKY]);
    set_attributes(
        &world,
        WEB,
        &json!({ "organizations.usage": "require", "organizations.allowed": format!("{ROCKY}##{GRANITE}"),
        "standard.token.exchange.enabled": "true" }),
    );
    assert_eq!(refusal(&exchange(&world, subject, &[])), denied(), "it speaks for none");
    let hiroko = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    assert_eq!(organizations(&exchange(&world, &hiroko["access_token"], &[])), [GRANITE]);
    set_attributes(
        &world,
        WEB,
        &json!({ "organizations.usage": "none",
        "standard.token.exchange.enabled": "true" }),
    );
    assert_eq!(refusal(&exchange(&world, subject, &[("organization", ROCKY)])), denied());
}

#[test]
fn only_a_confidential_client_that_may_exchanges() {
    let world = travel0_world();
    let unauthorized = (400, "unauthorized_client".to_owned());
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    assert_eq!(refusal(&exchange(&world, &tokens["access_token"], &[])), unauthorized);
    set_attributes(&world, "travel0-spa", &json!({ "standard.token.exchange.enabled": "true" }));
    let spa = RelyingParty::spa(&world);
    let tokens = spa.tokens_for("hiroko", "openid");
    let answer = spa.token(&fields_of(&tokens["access_token"], &[]));
    assert_eq!(refusal(&answer), unauthorized);
}

#[test]
fn a_client_exchanges_others_tokens_only_when_they_are_meant_for_it() {
    let world = exchanging();
    let ask = |tokens: &Value| {
        let fields = fields_of(&tokens["access_token"], &[]);
        post_as(&world, crate::token_setup::TOKEN, MACHINE, &fields)
    };
    let app = RelyingParty::web(&world);
    assert_eq!(refusal(&ask(&app.tokens_for("hiroko", "openid"))), invalid_request());
    add_audience(&world, MACHINE);
    let answer = ask(&app.tokens_for("hiroko", "openid"));
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = claims_of(&answer.json()["access_token"]);
    assert_eq!(
        (&claims["azp"], &claims["preferred_username"]),
        (&json!(MACHINE), &json!("hiroko"))
    );
}

/// An API that a token of one organization is shown to is no way into another.
#[test]
fn who_was_shown_a_token_does_not_switch_its_organization() {
    let world = exchanging();
    add_audience(&world, MACHINE);
    let scope = format!("openid organization:{ROCKY}");
    let tokens = RelyingParty::web(&world).tokens_for("emilio", &scope);
    let ask = |organization: &str| {
        let fields = fields_of(&tokens["access_token"], &[("organization", organization)]);
        post_as(&world, crate::token_setup::TOKEN, MACHINE, &fields)
    };
    assert_eq!(organizations(&ask(ROCKY)), [ROCKY]);
    let (another, nowhere) = (ask(GRANITE), ask("nowhere"));
    assert_eq!(refusal(&another), denied());
    assert_eq!(another.text, nowhere.text);
}

#[test]
fn an_audience_is_one_that_the_clients_tokens_have() {
    let world = exchanging();
    for audience in ["bills", "tours"] {
        add_audience(&world, audience);
    }
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let subject = &tokens["access_token"];
    let both = exchange(&world, subject, &[("audience", "tours"), ("audience", "bills")]);
    assert_eq!(claims_of(&both.json()["access_token"])["aud"], json!(["bills", "tours"]));
    let one = exchange(&world, subject, &[("audience", "tours")]);
    assert_eq!(claims_of(&one.json()["access_token"])["aud"], "tours");
    let more = exchange(&world, subject, &[("audience", "tours"), ("audience", "others")]);
    assert_eq!(refusal(&more), (400, "invalid_target".to_owned()));
    let resource = exchange(&world, subject, &[("resource", "https://nobody.example")]);
    assert_eq!(refusal(&resource), (400, "invalid_target".to_owned()));
}

#[test]
fn what_is_no_access_token_of_the_realm_is_not_exchanged() {
    let world = exchanging();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let access = tokens["access_token"].as_str().unwrap();
    let (signed, signature) = access.rsplit_once('.').unwrap();
    let payload = access.split('.').nth(1).unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let subjects = [
        json!("x"),
        json!(format!("{signed}.{other}{}", &signature[1..])),
        // {"alg":"none"}
        json!(format!("eyJhbGciOiJub25lIn0.{payload}.")),
        json!(admin(&world)),
        tokens["id_token"].clone(),
        tokens["refresh_token"].clone(),
    ];
    for subject in &subjects {
        assert_eq!(refusal(&exchange(&world, subject, &[])), invalid_request(), "{subject}");
    }
    world.advance(Seconds(300));
    assert_eq!(refusal(&exchange(&world, &tokens["access_token"], &[])), invalid_request());
}

/// Ends something.
type End = fn(&World, &Value);

#[test]
fn a_token_whose_ground_is_gone_is_not_exchanged() {
    let ended: [(&str, End); 4] = [
        ("the session", |world, tokens| {
            let user = claims_of(&tokens["access_token"])["sub"].as_str().unwrap().to_owned();
            let path = format!("{TRAVEL0}/users/{user}/logout");
            assert_eq!(world.post(&path, &admin(world), &json!({})).status, 204);
        }),
        ("the person", |world, _| {
            directory(
                world,
                "UPDATE user SET enabled = 0
                  WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?",
                "hiroko",
            );
        }),
        ("the client", |world, _| configure(world, WEB, &json!({ "enabled": false }))),
        ("the token", |world, tokens| {
            let token = [("token", tokens["access_token"].as_str().unwrap())];
            let path = "/protocol/openid-connect/revoke";
            assert_eq!(post_as(world, path, WEB, &token).status, 200);
        }),
    ];
    for (what, end) in ended {
        let world = exchanging();
        add_audience(&world, MACHINE);
        let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
        let fields = fields_of(&tokens["access_token"], &[]);
        let ask = || post_as(&world, crate::token_setup::TOKEN, MACHINE, &fields);
        assert_eq!(ask().status, 200, "{what}");
        end(&world, &tokens);
        assert_eq!(refusal(&ask()), invalid_request(), "{what}");
    }
}

#[test]
fn only_access_tokens_are_exchanged_and_for_nobody_else() {
    let world = exchanging();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    let subject = &tokens["access_token"];
    let refresh = "urn:ietf:params:oauth:token-type:refresh_token";
    assert_eq!(exchange(&world, subject, &[("requested_token_type", ACCESS)]).status, 200);
    for more in [
        ("requested_token_type", refresh),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:saml2"),
        ("requested_token_type", "id_token"),
        ("actor_token", "x"),
        ("requested_subject", "emilio"),
        ("subject_issuer", "x"),
        ("subject_token_type", ACCESS),
        ("subject_token", "x"),
    ] {
        assert_eq!(refusal(&exchange(&world, subject, &[more])), invalid_request(), "{more:?}");
    }
    let app = RelyingParty::web(&world);
    let mut fields = fields_of(subject, &[]);
    fields[2].1 = refresh;
    assert_eq!(refusal(&app.token(&fields)), invalid_request());
    fields.pop();
    assert_eq!(refusal(&app.token(&fields)), invalid_request());
}

#[test]
fn who_must_be_asked_and_was_not_gets_no_exchange() {
    let world = exchanging();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    configure(&world, WEB, &json!({ "consentRequired": true }));
    let answer = exchange(&world, &tokens["access_token"], &[]);
    assert_eq!(refusal(&answer), (400, "invalid_scope".to_owned()));
}

#[test]
fn a_bound_token_wants_its_key() {
    let world = exchanging();
    let prove = |signer: &Signer, jti: &str, fields: &[(&str, &str)]| {
        let header = json!({
            "typ": "dpop+jwt", "alg": signer.alg(), "jwk": signer.bare_jwk(),
        });
        let claims = json!({
            "htm": Method::POST.as_str(), "htu": format!("{BASE}{}", token_path()), "jti": jti,
            "iat": world.now().as_unix(),
        });
        let own = [("client_id", MACHINE), ("client_secret", CLIENT_SECRET)];
        let mut request = form_request(&token_path(), &[&own, fields].concat());
        let proof = signer.sign_as(&header, &claims);
        request.headers_mut().insert("dpop", proof.parse().unwrap());
        Answer::new(world.send(request))
    };
    let (own, other) = (Signer::es256(1), Signer::es256(2));
    let tokens = prove(&own, "1", &[("grant_type", "client_credentials")]).json();
    let fields = fields_of(&tokens["access_token"], &[]);
    let bare = post_as(&world, crate::token_setup::TOKEN, MACHINE, &fields);
    assert_eq!(refusal(&bare), invalid_request());
    assert_eq!(refusal(&prove(&other, "2", &fields)), invalid_request());
    let answer = prove(&own, "3", &fields);
    assert_eq!(answer.status, 200, "{answer:?}");
    let claims = |tokens: &Value| claims_of(&tokens["access_token"])["cnf"].clone();
    assert_eq!(claims(&answer.json()), claims(&tokens));
}

#[test]
fn exchanges_are_told_in_keycloaks_words() {
    let world = exchanging();
    let config = format!("{TRAVEL0}/events/config");
    let answer = world.put(&config, &admin(&world), &json!({ "eventsEnabled": true }));
    assert_eq!(answer.status, 204, "{answer:?}");
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid");
    exchange(&world, &tokens["access_token"], &[]);
    exchange(&world, &json!("x"), &[]);
    world.deliver_queue();
    let path = format!("{TRAVEL0}/events?type=TOKEN_EXCHANGE&type=TOKEN_EXCHANGE_ERROR");
    let told = world.get(&path, &admin(&world)).json();
    let said = |n: usize| (told[n]["type"].clone(), told[n]["clientId"].clone());
    assert_eq!(said(0), (json!("TOKEN_EXCHANGE_ERROR"), json!(WEB)), "{told}");
    assert_eq!(said(1), (json!("TOKEN_EXCHANGE"), json!(WEB)));
    assert_eq!(told[0]["error"], "invalid_token");
    assert_eq!(told[1]["sessionId"], tokens["session_state"]);
}

#[test]
fn the_discovery_document_names_the_exchange() {
    let world = travel0_world();
    let path = crate::harness::relying_party::travel0("/.well-known/openid-configuration");
    let document = crate::harness::relying_party::get_with(&world, &path, &[]).json();
    assert!(document["grant_types_supported"].as_array().unwrap().contains(&json!(EXCHANGE)));
}
