//! The OpenID Foundation's conformance suite, profile "Basic OP"
//! (`oidcc-basic-certification-test-plan`): what each module does and demands, with a
//! client that was made and one that registered itself. A test's comment names the
//! modules; `docs/conformance.md` has the whole table.
use crate::certification_setup::{
    CALLBACK, Client, REALM, certified, check_error, check_words, clients, code_of, discovery,
    endpoint, header_of, id_of, log_in, post_userinfo, post_userinfo_with_header, register,
    signed_in, userinfo,
};
use crate::harness::browser::Browser;
use crate::harness::relying_party::{CHALLENGE, VERIFIER, claims_of, parameter};
use crate::harness::world::World;
use crate::scim_setup::admin;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

/// Errors that say that somebody would have to be asked (OIDC Core §3.1.2.6).
const NEEDS_A_PAGE: [&str; 4] =
    ["interaction_required", "login_required", "account_selection_required", "consent_required"];

/// Does it with each kind of client.
fn with_each(check: impl Fn(&Client<'_>)) {
    let world = certified();
    for client in clients(&world, &json!({})) {
        check(&client);
        client.unregister();
    }
}

fn names(claims: &Value) -> Vec<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

/// `oidcc-server`: a login without PKCE ends in good tokens; the ID token tells
/// nothing that nobody asked for.
#[test]
fn a_login_ends_in_tokens_that_tell_what_was_asked_for() {
    const MAY: [&str; 13] = [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "azp",
        "at_hash",
        "jti",
        "sid",
    ];
    with_each(|client| {
        let claims = id_of(&client.run(&[]));
        assert_eq!(claims["nonce"], "nonce-of-the-suite");
        assert!(names(&claims).iter().all(|name| MAY.contains(name)), "{claims}");
    });
}

/// `oidcc-server-client-secret-post`: the secret in the form.
#[test]
fn a_secret_may_come_in_the_form() {
    let world = certified();
    let method = json!({ "token_endpoint_auth_method": "client_secret_post" });
    for client in clients(&world, &method) {
        let browser = Browser::new(&world);
        let code = code_of(&log_in(&browser, &client.ask(&browser, &[])));
        let answer = client.post_token_with_secret(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
        ]);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// `oidcc-response-type-missing`: told to the client in the query, or a page.
#[test]
fn a_request_without_response_type_is_told_to_the_client() {
    with_each(|client| {
        let answer = client.ask(&Browser::new(client.world), &[("response_type", "")]);
        check_error(&answer, &["invalid_request", "unsupported_response_type"]);
        assert_eq!(parameter(&answer, "state").as_deref(), Some("state-of-the-suite"));
    });
}

/// `oidcc-idtoken-signature`, `oidcc-idtoken-rs256`: a client that registers and says
/// nothing of an algorithm gets RS256, whatever the realm prefers, and the key is
/// published before its first token.
#[test]
fn a_client_that_says_nothing_gets_rs256() {
    let world = certified();
    let change = json!({ "defaultSignatureAlgorithm": "EdDSA" });
    assert_eq!(world.put(REALM, &admin(&world), &change).status, 204);
    let told = register(&world, &json!({})).json();
    assert_eq!(told["id_token_signed_response_alg"], "RS256");
    Client::registered(&world, &json!({})).run(&[]);

    let client = Client::registered(&world, &json!({ "id_token_signed_response_alg": "ES256" }));
    let keys = world.get(&endpoint("certs"), "").json();
    assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["alg"] == "ES256"), "{keys}");
    let browser = Browser::new(&world);
    let code = code_of(&log_in(&browser, &client.ask(&browser, &[])));
    assert_eq!(header_of(&client.redeem(&code).json()["id_token"])["alg"], "ES256");
}

/// `oidcc-idtoken-unsigned`: passed over, as `none` is neither advertised nor taken.
#[test]
fn an_unsigned_id_token_is_not_to_be_had() {
    let world = certified();
    let offered = discovery(&world)["id_token_signing_alg_values_supported"].clone();
    assert!(offered.as_array().unwrap().iter().all(|name| name != "none"));
    let refused = register(&world, &json!({ "id_token_signed_response_alg": "none" }));
    assert_eq!(refused.error(), "invalid_client_metadata");
}

/// `oidcc-userinfo-get`, `oidcc-userinfo-post-header`, `oidcc-userinfo-post-body`: JSON
/// with the ID token's `sub`.
#[test]
fn userinfo_takes_the_token_in_the_header_and_in_the_form() {
    with_each(|client| {
        let tokens = client.run(&[]);
        let token = tokens["access_token"].as_str().unwrap();
        for answer in [
            userinfo(client.world, &tokens),
            post_userinfo_with_header(client.world, &tokens),
            post_userinfo(client.world, &[("access_token", token)]),
        ] {
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.header("content-type"), "application/json");
            assert_eq!(answer.json()["sub"], id_of(&tokens)["sub"]);
        }
    });
}

/// `oidcc-ensure-request-without-nonce-succeeds-for-code-flow`.
#[test]
fn a_request_needs_no_nonce() {
    with_each(|client| {
        assert!(id_of(&client.run(&[("nonce", "")])).get("nonce").is_none());
    });
}

/// What a scope brings (OIDC Core §5.4), of the types of §5.1.
const SCOPES: [(&str, &[&str]); 4] = [
    (
        "profile",
        &[
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
            "preferred_username",
        ],
    ),
    ("email", &["email", "email_verified"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

fn check_scopes(client: &Client<'_>, scope: &str) {
    let told = userinfo(client.world, &client.run(&[("scope", scope)])).json();
    for (name, claims) in SCOPES {
        let is_asked = scope.split(' ').any(|word| word == name);
        for claim in claims {
            assert_eq!(told.get(*claim).is_some(), is_asked, "{scope}: {claim} {told}");
        }
    }
    for (claim, value) in told.as_object().unwrap() {
        let fits = match claim.as_str() {
            "email_verified" | "phone_number_verified" => value.is_boolean(),
            "updated_at" => value.as_i64().is_some_and(|at| at > 631_152_000),
            "address" => value.as_object().unwrap().values().all(Value::is_string),
            _ => value.is_string(),
        };
        assert!(fits, "{claim}: {value}");
    }
}

/// `oidcc-scope-profile`, `oidcc-scope-email`, `oidcc-scope-address`,
/// `oidcc-scope-phone`, `oidcc-scope-all`, `oidcc-ensure-other-scope-order-succeeds`:
/// the scopes are advertised (else the module is passed over), and userinfo tells all
/// of their claims.
#[test]
fn each_scope_brings_its_claims() {
    let world = certified();
    let scopes = discovery(&world)["scopes_supported"].clone();
    for (name, _) in SCOPES {
        assert!(scopes.as_array().unwrap().iter().any(|scope| scope == name), "{name}");
    }
    let all = "openid profile email phone address";
    for client in clients(&world, &json!({})) {
        let scopes = ["openid profile", "openid email", "openid address", "openid phone", all];
        for scope in scopes.into_iter().chain(["email openid"]) {
            check_scopes(&client, scope);
        }
    }
}

/// `oidcc-display-page`, `oidcc-display-popup`, `oidcc-ui-locales`,
/// `oidcc-claims-locales`, `oidcc-ensure-request-with-unknown-parameter-succeeds`: what
/// has no effect makes no error.
#[test]
fn what_has_no_effect_makes_no_error() {
    with_each(|client| {
        for extra in [
            ("display", "page"),
            ("display", "popup"),
            ("ui_locales", "se"),
            ("claims_locales", "se"),
        ] {
            client.run(&[extra]);
        }
        let (browser, _) = signed_in(client);
        client.finish(&code_of(&client.ask(&browser, &[("extra", "foobar")])));
    });
}

/// `oidcc-login-hint`: no error; we fill it in.
#[test]
fn a_login_hint_is_filled_in() {
    with_each(|client| {
        let hint = ("login_hint", "buffy@suite.example");
        let page = client.ask(&Browser::new(client.world), &[hint]);
        assert_eq!(page.field("username"), hint.1);
        client.run(&[hint]);
    });
}

/// `oidcc-ensure-request-with-acr-values-succeeds`: `acr` is one of those asked for,
/// which are all that are advertised.
#[test]
fn one_of_the_levels_asked_for_is_told() {
    let world = certified();
    let levels = discovery(&world)["acr_values_supported"].clone();
    let levels: Vec<&str> = levels.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for client in clients(&world, &json!({})) {
        let (browser, first) = signed_in(&client);
        let asked = levels.join(" ");
        let answer = client.ask(&browser, &[("acr_values", &asked)]);
        let second = client.finish(&code_of(&answer));
        for tokens in [first, second] {
            let acr = id_of(&tokens)["acr"].clone();
            assert!(levels.contains(&acr.as_str().unwrap()), "{acr}");
        }
    }
}

/// `oidcc-prompt-login`, `oidcc-max-age-1`: a second login page, and a later
/// `auth_time`.
#[test]
fn a_person_is_asked_again_where_the_client_wants_it() {
    with_each(|client| {
        for again in [("prompt", "login"), ("max_age", "1")] {
            let (browser, first) = signed_in(client);
            let page = client.ask(&browser, &[again]);
            assert!(page.text.contains("kc-form-login"), "{again:?}");
            let second = id_of(&client.finish(&code_of(&log_in(&browser, &page))));
            let now = client.world.now().as_unix();
            assert_eq!(second["auth_time"], now, "{again:?}");
            assert!(second["auth_time"].as_i64() > id_of(&first)["auth_time"].as_i64());
            assert_eq!(second["sub"], id_of(&first)["sub"]);
        }
    });
}

/// `oidcc-prompt-none-not-logged-in`: an error that says so, with a long `state`.
#[test]
fn a_stranger_is_not_logged_in_silently() {
    let state = "s".repeat(128);
    with_each(|client| {
        let asked = [("prompt", "none"), ("state", state.as_str())];
        let answer = client.ask(&Browser::new(client.world), &asked);
        check_error(&answer, &NEEDS_A_PAGE);
        assert_eq!(parameter(&answer, "state").as_ref(), Some(&state));
    });
}

/// `oidcc-prompt-none-logged-in`, `oidcc-max-age-10000`, `oidcc-id-token-hint`: no
/// page, and the same `sub` and `auth_time`.
#[test]
fn a_second_login_is_silent_and_about_the_same() {
    with_each(|client| {
        let browser = Browser::new(client.world);
        let page = client.ask(&browser, &[("max_age", "15000")]);
        let first = client.finish(&code_of(&log_in(&browser, &page)));
        assert_eq!(id_of(&first)["auth_time"], client.world.now().as_unix());
        client.world.advance(Seconds(5));
        let hint = first["id_token"].as_str().unwrap();
        for again in [
            vec![("prompt", "none")],
            vec![("max_age", "10000")],
            vec![("prompt", "none"), ("id_token_hint", hint)],
        ] {
            let second = client.finish(&code_of(&client.ask(&browser, &again)));
            for claim in ["sub", "auth_time"] {
                assert_eq!(id_of(&second)[claim], id_of(&first)[claim], "{again:?}");
            }
        }
    });
}

/// `oidcc-codereuse`, `oidcc-codereuse-30seconds`: `invalid_grant`, also half a minute
/// later, and then the access token of the first time is over.
#[test]
fn a_code_that_comes_again_ends_its_access_token() {
    with_each(|client| {
        for later in [0, 30] {
            let browser = Browser::new(client.world);
            let code = code_of(&log_in(&browser, &client.ask(&browser, &[])));
            let tokens = client.finish(&code);
            client.world.advance(Seconds(later));
            let again = client.redeem(&code);
            assert_eq!(
                (again.status.as_u16(), again.error().as_str()),
                (400, "invalid_grant"),
                "{later}"
            );
            assert_eq!(again.header("content-type"), "application/json");
            check_words(again.json()["error_description"].as_str().unwrap());
            assert_eq!(userinfo(client.world, &tokens).status, 401, "{later}");
        }
    });
}

/// `oidcc-ensure-registered-redirect-uri`: a page, and nobody is sent anywhere.
#[test]
fn nobody_is_sent_to_another_redirect_uri() {
    with_each(|client| {
        let other = format!("{CALLBACK}/other");
        let answer = client.ask(&Browser::new(client.world), &[("redirect_uri", &other)]);
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""));
        assert!(answer.text.contains("<html"), "{answer:?}");
    });
}

/// `oidcc-ensure-post-request-succeeds`.
#[test]
fn a_request_may_be_posted() {
    with_each(|client| {
        let browser = Browser::new(client.world);
        let page = browser.submit(&endpoint("auth"), &client.request(&[]));
        client.finish(&code_of(&log_in(&browser, &page)));
    });
}

/// `oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported`,
/// `oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported`,
/// `oidcc-ensure-request-object-with-redirect-uri`: passed over, as `none` is not among
/// the algorithms of request objects; ours are signed.
#[test]
fn unsigned_request_objects_are_not_advertised() {
    let offered = discovery(&certified())["request_object_signing_alg_values_supported"].clone();
    let offered: Vec<&str> = offered.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(offered.contains(&"RS256") && !offered.contains(&"none"), "{offered:?}");
}

/// `oidcc-claims-essential`: userinfo tells the claim, and the ID token does not; so
/// after a refresh, and whatever else is asked for stays untold.
#[test]
fn userinfo_tells_a_claim_that_was_asked_for_by_name() {
    with_each(|client| {
        let claims = r#"{"userinfo":{"name":{"essential":true},"sub":null,"no_such":null}}"#;
        let check = |tokens: &Value| {
            let told = userinfo(client.world, tokens).json();
            assert_eq!(names(&told), ["name", "sub"]);
            assert_eq!(told["name"], "Ines Spector");
            assert!(id_of(tokens).get("name").is_none());
            assert!(claims_of(&tokens["access_token"]).get("name").is_none());
        };
        let tokens = client.run(&[("claims", claims)]);
        check(&tokens);
        if let Some(refresh_token) = tokens["refresh_token"].as_str() {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
            check(&client.post_token(&fields).json());
        }
    });
}

/// What people were not asked about is not told, where they are asked.
#[test]
fn a_claim_by_name_does_not_go_round_the_persons_consent() {
    let world = certified();
    let client = Client::fixed(&world, "suite-1");
    let uuid = crate::admin_setup::client_uuid(&world, REALM, &client.id);
    let change = json!({ "consentRequired": true });
    let path = format!("{REALM}/clients/{uuid}");
    assert_eq!(world.put(&path, &admin(&world), &change).status, 204);
    let claims = r#"{"userinfo":{"name":null,"email":null},"id_token":{"email":null}}"#;
    let browser = Browser::new(&world);
    let page = client.ask(&browser, &[("claims", claims), ("scope", "openid profile")]);

    let tokens = client.finish(&code_of(&agree(&browser, &log_in(&browser, &page))));

    let told = userinfo(&world, &tokens).json();
    assert_eq!(told["name"], "Ines Spector");
    assert!(told.get("email").is_none() && id_of(&tokens).get("email").is_none(), "{told}");
}

fn agree(
    browser: &Browser<'_>,
    page: &crate::harness::browser::Answer,
) -> crate::harness::browser::Answer {
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    browser.submit(&page.action(), &[("state", &state), ("csrf", &csrf), ("accept", "yes")])
}

/// `oidcc-refresh-token`: with `offline_access`, as that is advertised, and a question
/// to the person; the tokens are other ones about the same login, and another client
/// cannot refresh.
#[test]
fn a_refresh_token_works_for_its_client_alone() {
    let world = certified();
    let scopes = discovery(&world)["scopes_supported"].clone();
    assert!(scopes.as_array().unwrap().iter().any(|scope| scope == "offline_access"));
    let grants = json!({ "grant_types": ["authorization_code", "refresh_token"] });
    let pairs = [
        ["suite-1", "suite-2"].map(|client_id| Client::fixed(&world, client_id)),
        [(); 2].map(|()| Client::registered(&world, &grants)),
    ];
    for [client, other] in pairs {
        let scope = "openid offline_access";
        let browser = Browser::new(&world);
        let page = client.ask(&browser, &[("scope", scope), ("prompt", "consent")]);
        let first = client.finish(&code_of(&agree(&browser, &log_in(&browser, &page))));
        let refresh_token = first["refresh_token"].as_str().unwrap().to_owned();
        world.advance(Seconds(1));
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.as_str()),
            ("scope", scope),
        ];
        let answer = client.post_token(&fields);
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
        let second = answer.json();
        assert_eq!(second["token_type"], "Bearer");
        assert_ne!(second["access_token"], first["access_token"]);
        for claim in ["iss", "sub", "aud", "auth_time", "azp"] {
            assert_eq!(id_of(&second)[claim], id_of(&first)[claim], "{claim}");
        }
        assert_ne!(id_of(&second)["iat"], id_of(&first)["iat"]);
        let newer = second["refresh_token"].as_str().unwrap();
        let stolen = other.post_token(&[fields[0], ("refresh_token", newer), fields[2]]);
        assert_eq!((stolen.status.as_u16(), stolen.error().as_str()), (400, "invalid_grant"));
        assert_eq!(client.post_token(&[fields[0], ("refresh_token", newer)]).status, 200);
    }
}

/// `oidcc-ensure-request-with-valid-pkce-succeeds`, and what is sent counts.
#[test]
fn pkce_counts_where_it_is_used() {
    with_each(|client| {
        let with = [("code_challenge", CHALLENGE), ("code_challenge_method", "S256")];
        for (verifier, status) in [(VERIFIER, 200), ("", 400)] {
            let browser = Browser::new(client.world);
            let code = code_of(&log_in(&browser, &client.ask(&browser, &with)));
            let answer = client.post_token(&[
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("redirect_uri", CALLBACK),
                ("code_verifier", verifier),
            ]);
            assert_eq!(answer.status.as_u16(), status, "{answer:?}");
        }
    });
}

/// Where the realm says nothing of it, who registers uses PKCE; and an app without a
/// secret does in any case.
#[test]
fn a_realm_spares_pkce_only_where_it_says_so_and_never_a_public_client() {
    let world = certified();
    let public = json!({ "token_endpoint_auth_method": "none" });
    let of = |with: &Value| register(&world, with).json()["client_id"].clone();
    let ask = |client_id: &Value| ask_without_pkce(&world, client_id.as_str().unwrap());
    let early = of(&json!({}));
    assert_eq!(ask(&early).status, 200);
    check_error(&ask(&of(&public)), &["invalid_request"]);

    let attributes = world.get(REALM, &admin(&world)).json()["attributes"].clone();
    for said in [Value::Null, json!("false"), json!("yes")] {
        let mut change = json!({ "attributes": attributes });
        match said {
            Value::Null => {
                let all = change["attributes"].as_object_mut().unwrap();
                all.remove("clientRegistration.withoutPkce");
            }
            said => change["attributes"]["clientRegistration.withoutPkce"] = said,
        }
        assert_eq!(world.put(REALM, &admin(&world), &change).status, 204);
        check_error(&ask(&of(&json!({}))), &["invalid_request"]);
    }
    assert_eq!(ask(&early).status, 200, "what a client was spared it is spared");
}

fn ask_without_pkce(world: &World, client_id: &str) -> crate::harness::browser::Answer {
    Client::fixed(world, "suite-1").ask(&Browser::new(world), &[("client_id", client_id)])
}

/// RFC 6750 §2: in one way, and of a form only where it is posted.
#[test]
fn a_token_comes_to_userinfo_in_one_way() {
    let world = certified();
    let tokens = Client::fixed(&world, "suite-1").run(&[]);
    let token = tokens["access_token"].as_str().unwrap();
    let twice = post_userinfo(&world, &[("access_token", token), ("access_token", token)]);
    assert_eq!((twice.status.as_u16(), twice.error().as_str()), (400, "invalid_request"));
    let mut both =
        crate::harness::browser::form_request(&endpoint("userinfo"), &[("access_token", token)]);
    both.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let both = crate::harness::browser::Answer::new(world.send(both));
    assert_eq!((both.status.as_u16(), both.error().as_str()), (400, "invalid_request"));
    for fields in [vec![], vec![("access_token", "")], vec![("access_token", "x")]] {
        assert_eq!(post_userinfo(&world, &fields).status, 401, "{fields:?}");
    }
    let query = format!("{}?access_token={token}", endpoint("userinfo"));
    assert_eq!(world.post_form(&query, &[]).status, 401);
}
