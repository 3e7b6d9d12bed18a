//! Attacks that have a name, tried at every door they could come by.
use crate::authorization_setup::{error_of, open, push, request_of, set_attributes};
use crate::device_setup::{DEVICE_CODE, Device, device_world};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{
    RelyingParty, VERIFIER, claims_of, code_in, issuer, parameter, sign_in, travel0, travel0_world,
    userinfo,
};
use crate::harness::world::World;
use crate::logout::log_out;
use crate::scim_setup::admin;
use crate::token_setup::{INTROSPECT, MACHINE, Signer, TOKEN, post_as, refusal};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};
use guildhall::crypto::password::count_hashes;
use serde_json::{Value, json};

/// The header of a token.
pub fn header_of(token: &Value) -> Value {
    let header = token.as_str().unwrap().split('.').next().unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

fn with(mut value: Value, name: &str, member: Value) -> Value {
    value[name] = member;
    value
}

/// What somebody without the realm's key makes of a good token, and why each could be
/// believed.
fn forgeries(world: &World, good: &Value) -> Vec<(&'static str, String)> {
    let (header, claims) = (header_of(good), claims_of(good));
    let published = world.get(&travel0("/protocol/openid-connect/certs"), "").json();
    let public = published["keys"][0].clone();
    let x = BASE64_URL_SAFE_NO_PAD.decode(public["x"].as_str().unwrap()).unwrap();
    let thief = Signer::es256(9);
    let own = thief.bare_jwk();
    let unsigned = |alg: &str| {
        let token = thief.sign_as(&with(header.clone(), "alg", json!(alg)), &claims);
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    let shared = |secret: &[u8]| {
        let signer = Signer::Shared(secret.to_vec());
        signer.sign_as(&with(header.clone(), "alg", json!("HS256")), &claims)
    };
    let stolen =
        |name: &str, member: Value| thief.sign_as(&with(header.clone(), name, member), &claims);
    let text = good.as_str().unwrap();
    let (signed, signature) = text.rsplit_once('.').unwrap();
    let with_kid = |kid: &str| stolen("kid", json!(kid));
    vec![
        ("alg none", unsigned("none")),
        ("alg None", unsigned("None")),
        ("alg nOnE", unsigned("nOnE")),
        ("no alg", unsigned("")),
        ("no signature", format!("{signed}.")),
        ("no third part", signed.to_owned()),
        ("another's signature", thief.sign_as(&header, &claims)),
        ("the published key as a secret", shared(public.to_string().as_bytes())),
        ("its number as a secret", shared(&x)),
        ("no secret", shared(b"")),
        ("a client's secret", shared(CLIENT_SECRET.as_bytes())),
        (
            "another algorithm",
            Signer::Rsa("RS256").sign_as(&with(header.clone(), "alg", json!("RS256")), &claims),
        ),
        ("jwk", stolen("jwk", own.clone())),
        ("jwk of the same name", stolen("jwk", with(own, "kid", header["kid"].clone()))),
        ("jku", stolen("jku", json!("https://evil.example/keys"))),
        (
            "jku of ours",
            stolen("jku", json!(format!("{}/protocol/openid-connect/certs", issuer()))),
        ),
        ("x5u", stolen("x5u", json!("https://evil.example/cert"))),
        ("x5c", stolen("x5c", json!(["MIIB"]))),
        ("crit", stolen("crit", json!(["exp"]))),
        ("kid as a path", with_kid("../../../../dev/null")),
        ("kid as SQL", with_kid("x' UNION SELECT 'k' --")),
        ("kid as a URL", with_kid("https://evil.example/key")),
        ("kid of nobody", with_kid("")),
        ("kid no text", stolen("kid", json!(["k"]))),
        ("a second signature", format!("{text}.{signature}")),
        (
            "JSON serialization",
            json!({ "payload": text.split('.').nth(1), "signatures": [] }).to_string(),
        ),
    ]
}

#[test]
fn no_forged_token_opens_a_door() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid");
    let tokens = app.redeem(&code_in(&sign_in(&browser, &page, "hiroko", PASSWORD))).json();
    let access = &tokens["access_token"];
    assert_eq!(userinfo(&world, access).status, 200);
    for (why, forged) in forgeries(&world, access) {
        for path in ["/protocol/openid-connect/userinfo", "/orgs/me", "/users/active-organization"]
        {
            assert_eq!(world.get(&travel0(path), &forged).status, 401, "{why} {path}");
        }
        let told = post_as(&world, INTROSPECT, MACHINE, &[("token", &forged)]);
        assert_eq!(told.text, r#"{"active":false}"#, "{why}");
    }
    let master = json!(admin(&world));
    for (why, forged) in forgeries(&world, &master) {
        assert_eq!(world.get("/admin/realms/travel0/users", &forged).status, 401, "{why}");
    }
    for (why, forged) in forgeries(&world, &tokens["id_token"]) {
        let hint = app.authorization_path("openid", "");
        let mut query = url::form_urlencoded::Serializer::new(hint);
        let path = query.append_pair("id_token_hint", &forged).append_pair("prompt", "none");
        let answer = browser.open(&path.finish());
        assert_eq!(error_of(&answer), "invalid_request", "{why}");
        let bye = [("id_token_hint", &*forged), ("post_logout_redirect_uri", app.redirect_uri)];
        let answer = log_out(&browser, &bye);
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{why}");
    }
    for (why, forged) in forgeries(&world, &tokens["refresh_token"]) {
        let answer = app.refresh(&forged);
        assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()), "{why}");
    }
    assert_eq!(userinfo(&world, access).status, 200, "nobody was signed out");
    assert_eq!(app.refresh(tokens["refresh_token"].as_str().unwrap()).status, 200);
}

/// Every token says what it is for, and is for nothing else.
#[test]
fn a_token_of_one_kind_is_none_of_another() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    set_attributes(&world, app.client_id, &json!({ "user.info.response.signature.alg": "ES256" }));
    let signed_userinfo = userinfo(&world, &tokens["access_token"]).text;
    let fields = [
        ("client_id", MACHINE),
        ("client_secret", CLIENT_SECRET),
        ("token", tokens["access_token"].as_str().unwrap()),
    ];
    let mut request = form_request(&travel0(INTROSPECT), &fields);
    let wanted = "application/token-introspection+jwt".parse().unwrap();
    request.headers_mut().insert("accept", wanted);
    let introspected = Answer::new(world.send(request)).text;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let kinds = [
        ("access", text("access_token")),
        ("id", text("id_token")),
        ("refresh", text("refresh_token")),
        ("userinfo", signed_userinfo),
        ("introspection", introspected),
        ("code", app.code_for("hiroko", "openid")),
    ];
    for (kind, token) in &kinds {
        assert_eq!(
            userinfo(&world, &json!(token)).status == 200,
            *kind == "access",
            "userinfo takes {kind}"
        );
        assert_eq!(
            world.get(&travel0("/orgs/me"), token).status == 200,
            *kind == "access",
            "{kind}"
        );
        let hint =
            [&request_of(&app)[..], &[("id_token_hint", token.as_str()), ("prompt", "none")]]
                .concat();
        let error = error_of(&open(&Browser::new(&world), &hint));
        let expected = if *kind == "id" { "login_required" } else { "invalid_request" };
        assert_eq!(error, expected, "a hint is {kind}");
        let asked = [
            ("client_assertion", token.as_str()),
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ];
        let answer = world.post_form(&travel0(TOKEN), &asked);
        assert_eq!(refusal(&answer), (401, "invalid_client".to_owned()), "an assertion is {kind}");
        if *kind != "refresh" {
            assert_eq!(app.refresh(token).error(), "invalid_grant", "a refresh token is {kind}");
        }
        if *kind != "code" {
            assert_eq!(app.redeem(token).error(), "invalid_grant", "a code is {kind}");
        }
        if *kind != "id" {
            let bye =
                [("id_token_hint", token.as_str()), ("post_logout_redirect_uri", app.redirect_uri)];
            let answer = log_out(&Browser::new(&world), &bye);
            assert_eq!(answer.status, 400, "a logout's hint is {kind}");
        }
    }
    assert_eq!(app.refresh(&text("refresh_token")).status, 200, "nobody was signed out");
}

/// Two realms of one deployment share nothing, whatever they are called.
#[test]
fn what_one_realm_gave_out_is_nothing_in_another() {
    let world = device_world();
    let administrator = admin(&world);
    let other = json!({ "realm": "travel0x", "enabled": true });
    assert_eq!(world.post("/admin/realms", &administrator, &other).status, 201);
    let app = RelyingParty::web(&world);
    let body = json!({
        "clientId": app.client_id, "secret": CLIENT_SECRET, "redirectUris": [app.redirect_uri],
        "attributes": { "oauth2.device.authorization.grant.enabled": "true" },
    });
    let made = world.post("/admin/realms/travel0x/clients", &admin(&world), &body);
    assert_eq!(made.status, 201, "{made:?}");
    let there = |endpoint: &str| format!("/realms/travel0x{endpoint}");
    let ask = |fields: &[(&str, &str)]| {
        let own = [("client_id", app.client_id), ("client_secret", CLIENT_SECRET)];
        refusal(&world.post_form(&there(TOKEN), &[&own, fields].concat()))
    };
    let invalid_grant = (400, "invalid_grant".to_owned());

    let code = app.code_for("hiroko", "openid");
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri),
        ("code_verifier", VERIFIER),
    ];
    assert_eq!(ask(&redeem), invalid_grant, "a code");
    let tokens = app.redeem(&code).json();
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(
        ask(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]),
        invalid_grant,
        "a refresh token"
    );
    let device = Device::of(app, &[("scope", "openid")]);
    device.approved_by("hiroko");
    let poll = [("grant_type", DEVICE_CODE), ("device_code", device.code())];
    assert_eq!(ask(&poll), invalid_grant, "a device code");
    let access = tokens["access_token"].as_str().unwrap();
    for path in ["/protocol/openid-connect/userinfo", "/orgs/me", "/users/active-organization"] {
        assert_eq!(world.get(&there(path), access).status, 401, "{path}");
    }
    let own = [("client_id", app.client_id), ("client_secret", CLIENT_SECRET), ("token", access)];
    let told = world.post_form(&there(INTROSPECT), &own);
    assert_eq!(told.text, r#"{"active":false}"#);

    let auth = "/protocol/openid-connect/auth";
    let here =
        app.authorization_path("openid", "&prompt=none").replace(&travel0(auth), &there(auth));
    let hint = tokens["id_token"].as_str().unwrap();
    let answer = Browser::new(&world).open(&format!("{here}&id_token_hint={hint}"));
    assert_eq!(error_of(&answer), "invalid_request", "a hint");
    let pushed = push(&app, &request_of(&app)).json();
    let uri = pushed["request_uri"].as_str().unwrap();
    let path = format!("{}?client_id={}&request_uri={uri}", there(auth), app.client_id);
    assert_eq!(Browser::new(&world).open(&path).status, 400, "a pushed request");

    let browser = Browser::new(&world);
    let login = app.send(&browser, "openid");
    sign_in(&browser, &login, "hiroko", PASSWORD);
    assert_eq!(error_of(&browser.open(&here)), "login_required", "a session");
    let logout = there("/protocol/openid-connect/logout");
    let bye =
        format!("{logout}?id_token_hint={hint}&post_logout_redirect_uri={}", app.redirect_uri);
    assert_eq!(browser.open(&bye).status, 400);
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200, "nobody was signed out");

    // A form of one realm posted to the other.
    let page = app.send(&Browser::new(&world), "openid");
    let fields = [("state", page.field("state")), ("csrf", page.field("csrf"))];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let person = [("username", "hiroko"), ("password", PASSWORD)];
    let path = there("/login-actions/authenticate");
    assert_eq!(browser.submit(&path, &[&fields[..], &person].concat()).status, 400);
    assert_eq!(app.refresh(refresh).status, 200);
}

/// A client notices that they were taken away on the road, because nobody makes up
/// what was not sent, and what was sent comes back to the letter.
#[test]
fn state_and_nonce_come_back_as_they_were_sent_or_not_at_all() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let nasty = "a b&c=d%20+#\u{e9}\"<x>/?";
    for (state, nonce) in [(Some(nasty), Some(nasty)), (Some("s"), None), (None, Some("n"))] {
        let mut request = request_of(&app);
        request.retain(|(name, _)| *name != "state");
        request.extend(state.map(|state| ("state", state)));
        request.extend(nonce.map(|nonce| ("nonce", nonce)));
        let browser = Browser::new(&world);
        let silent = [&request[..], &[("prompt", "none")]].concat();
        assert_eq!(parameter(&open(&browser, &silent), "state").as_deref(), state);
        let answer = sign_in(&browser, &open(&browser, &request), "hiroko", PASSWORD);
        assert_eq!(parameter(&answer, "state").as_deref(), state);
        let tokens = app.redeem(&code_in(&answer)).json();
        let told = claims_of(&tokens["id_token"]);
        assert_eq!(told.get("nonce").and_then(Value::as_str), nonce);
        assert!(claims_of(&tokens["access_token"]).get("nonce").is_none());
    }
}

/// Where an app's people go after a logout is as exact as where they go after a login.
#[test]
fn no_trick_makes_a_logout_lead_elsewhere() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let bye = "https://app.example/bye";
    let attribute = json!({ "post.logout.redirect.uris": bye });
    set_attributes(&world, app.client_id, &attribute);
    let (browser, tokens) = crate::logout::signed_in(&app);
    let hint = tokens["id_token"].as_str().unwrap();
    for uri in [
        "https://evil.example/",
        "//evil.example/",
        "https://app.example.evil.example/bye",
        "https://app.example@evil.example/bye",
        "https://user@app.example/bye",
        "https://app.example\\@evil.example/bye",
        "https://APP.example/bye",
        "https://app.example:443/bye",
        "https://app.example/bye/",
        "https://app.example/bye?",
        "https://app.example/bye?next=https://evil.example",
        "https://app.example/bye#x",
        "https://app.example/%62ye",
        "https://app.example/x/../bye",
        "http://app.example/bye",
        "https://\u{430}pp.example/bye",
        "https://xn--pp-8tb.example/bye",
        " https://app.example/bye",
        "https://app.example/bye\n",
        "https://app.example/*",
        "javascript:alert(1)",
        "data:text/html,x",
        app.redirect_uri,
        "+",
        "",
    ] {
        for client in [vec![], vec![("client_id", app.client_id)]] {
            let query = [&client[..], &[("post_logout_redirect_uri", uri)]].concat();
            let hinted = [&query[..], &[("id_token_hint", hint)]].concat();
            let asked = if uri.is_empty() { query } else { hinted };
            let answer = log_out(&browser, &asked);
            assert_eq!(answer.location(), "", "{uri}");
            assert!(uri.is_empty() || answer.status == 400, "{uri}: {answer:?}");
            assert!(!answer.text.contains("evil.example"), "{uri}: {}", answer.text);
            assert_eq!(answer.header("refresh"), "", "{uri}");
        }
    }
    assert_eq!(userinfo(&world, &tokens["access_token"]).status, 200, "still signed in");
    let good = [("id_token_hint", hint), ("post_logout_redirect_uri", bye)];
    assert_eq!(log_out(&browser, &good).location(), bye);
}

/// What a refusal costs: queries, calls and hashes. A hash is what takes time.
fn cost_of<T>(world: &World, work: impl FnOnce() -> T) -> (u64, u32, u32) {
    let before = count_hashes();
    let (_, trips) = world.trips_of(work);
    (count_hashes() - before, trips.directory, trips.objects)
}

/// No clock tells who is here: a name that nobody has, a person who may not sign in
/// and a wrong password cost the same, in the browser and at the token endpoint.
#[test]
fn a_refused_login_costs_the_same_whoever_it_is() {
    let world = travel0_world();
    let emilio = crate::scim_setup::user(&world, "emilio").unwrap().id;
    let path = format!("/admin/realms/travel0/users/{emilio}");
    assert_eq!(world.put(&path, &admin(&world), &json!({ "enabled": false })).status, 204);
    let nameless = json!({ "username": "passwordless", "enabled": true });
    let users = "/admin/realms/travel0/users";
    assert_eq!(world.post(users, &admin(&world), &nameless).status, 201);

    let app = RelyingParty::web(&world);
    let in_browser = |username: &str, password: &str| {
        let browser = Browser::new(&world);
        let page = app.send(&browser, "openid");
        cost_of(&world, || sign_in(&browser, &page, username, password))
    };
    let at_token = |username: &str, password: &str| {
        let fields = [
            ("client_id", "admin-cli"),
            ("grant_type", "password"),
            ("username", username),
            ("password", password),
        ];
        cost_of(&world, || world.post_form(&travel0(TOKEN), &fields))
    };
    in_browser("hiroko", "wrong");
    at_token("hiroko", "wrong");
    for cost in [&in_browser as &dyn Fn(&str, &str) -> (u64, u32, u32), &at_token] {
        let wrong = cost("hiroko", "wrong");
        assert_eq!(wrong.0, 1, "one hash");
        for (username, password) in [
            ("nobody-at-all", "wrong"),
            ("hiroko@granite-outpost.example", "wrong"),
            ("nobody@granite-outpost.example", "wrong"),
            ("passwordless", "wrong"),
            ("service-account-travel0-machine", "wrong"),
            ("emilio", PASSWORD),
            ("emilio", "wrong"),
        ] {
            assert_eq!(cost(username, password), wrong, "{username}");
        }
    }
    for _ in 0..10 {
        in_browser("hiroko", "wrong");
    }
    let locked = in_browser("hiroko", PASSWORD);
    assert_eq!(locked, in_browser("nobody-at-all", PASSWORD), "a locked account");
}
