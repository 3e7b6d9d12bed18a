//! The authorization endpoint and the pages behind it.
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{
    CHALLENGE, RelyingParty, claims_of, code_in, issuer, parameter, sign_in, travel0, travel0_world,
};
use crate::harness::world::World;
use crate::refresh::leave;
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;

fn error_of(answer: &Answer) -> Option<String> {
    assert_eq!(answer.status, 303, "{answer:?}");
    parameter(answer, "error")
}

#[test]
fn a_person_signs_in_and_the_app_gets_a_code() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);

    let page = app.send(&browser, "openid");
    let answer = sign_in(&browser, &page, "hiroko", PASSWORD);

    assert!(answer.location().starts_with(app.redirect_uri), "{answer:?}");
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-1"));
    assert_eq!(parameter(&answer, "iss"), Some(issuer()));
    assert!(parameter(&answer, "session_state").is_some());
    assert_eq!(app.redeem(&code_in(&answer)).status, 200);
}

#[test]
fn the_email_signs_in_as_the_username_does() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid");
    code_in(&sign_in(&browser, &page, "Hiroko@Granite-Outpost.example", PASSWORD));
}

#[test]
fn a_second_login_is_silent() {
    let world = travel0_world();
    let browser = Browser::new(&world);
    let first = RelyingParty::web(&world);
    let page = first.send(&browser, "openid");
    sign_in(&browser, &page, "hiroko", PASSWORD);

    let second = RelyingParty::spa(&world);
    let (answer, trips) = world.trips_of(|| second.send(&browser, "openid"));

    code_in(&answer);
    assert_eq!(trips.objects, 2, "find the session, issue the code");
    code_in(&browser.open(&second.authorization_path("openid", "&prompt=none")));
}

/// RFC 9700 §2.1: compared to the letter.
#[test]
fn a_redirect_uri_that_differs_in_anything_is_a_page_and_no_redirect() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let differing = [
        "",
        "http://localhost:3000",
        "http://localhost:3000/callback/",
        "http://localhost:3000/Callback",
        "http://localhost:3000/callback?x=1",
        "http://localhost:3000/callback#x",
        "http://localhost:3000/callback/../callback",
        "http://localhost:3000/%63allback",
        "HTTP://localhost:3000/callback",
        "https://localhost:3000/callback",
        "http://localhost:3001/callback",
        "http://localhost:3000@evil.example/callback",
        "http://evil.example/callback",
        "//evil.example",
        "javascript:alert(1)",
    ];
    for redirect_uri in differing {
        let other = RelyingParty { redirect_uri, ..app };
        let answer = other.send(&Browser::new(&world), "openid");
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{redirect_uri}");
        assert!(answer.header("content-type").starts_with("text/html"), "{redirect_uri}");
    }
}

#[test]
fn an_unknown_client_is_a_page_and_no_redirect() {
    let world = travel0_world();
    let stranger = RelyingParty { client_id: "stranger", ..RelyingParty::web(&world) };
    let answer = stranger.send(&Browser::new(&world), "openid");
    assert_eq!((answer.status.as_u16(), answer.location()), (400, ""));
}

/// RFC 6749 §3.1: parameters MUST NOT be included more than once.
#[test]
fn a_repeated_parameter_is_refused() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let open = |extra: &str| Browser::new(&world).open(&app.authorization_path("openid", extra));
    for extra in ["&client_id=travel0-web", "&redirect_uri=http://localhost:3000/callback"] {
        assert_eq!(open(extra).status, 400, "{extra}");
    }
    for extra in ["&state=state-1", "&scope=openid", "&nonce=n", "&response_type=code"] {
        let answer = open(extra);
        assert_eq!(error_of(&answer).as_deref(), Some("invalid_request"), "{extra}");
        assert_eq!(parameter(&answer, "iss"), Some(issuer()), "{extra}");
    }
}

#[test]
fn a_mistake_of_the_client_is_told_to_the_client() {
    let world = travel0_world();
    let told = |extra: &str, without: &str| {
        let path = RelyingParty::web(&world).authorization_path("openid", extra);
        error_of(&Browser::new(&world).open(&path.replace(without, "")))
    };
    let known = [
        ("&response_type=token", "&response_type=code", "unsupported_response_type"),
        ("&response_mode=jwt", "", "invalid_request"),
        ("&code_challenge_method=plain", "&code_challenge_method=S256", "invalid_request"),
        ("", "&code_challenge_method=S256", "invalid_request"),
        ("&request=e30", "", "invalid_request_object"),
        ("&prompt=none+login", "", "invalid_request"),
        ("&prompt=none", "", "login_required"),
    ];
    for (extra, without, code) in known {
        assert_eq!(told(extra, without).as_deref(), Some(code), "{extra} without {without}");
    }
}

#[test]
fn a_request_may_be_posted() {
    let world = travel0_world();
    let fields = [
        ("client_id", "travel0-web"),
        ("redirect_uri", "http://localhost:3000/callback"),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let browser = Browser::new(&world);
    let page = browser.submit(&travel0("/protocol/openid-connect/auth"), &fields);
    code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
}

#[test]
fn an_old_session_does_not_satisfy_max_age() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    let ask = |extra: &str| browser.open(&app.authorization_path("openid", extra));

    world.advance(Seconds(59));
    code_in(&ask("&max_age=60"));
    world.advance(Seconds(1));
    let page = ask("&max_age=60");
    assert_eq!(error_of(&ask("&max_age=60&prompt=none")).as_deref(), Some("login_required"));

    code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
}

#[test]
fn prompt_login_asks_again() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);

    let page = browser.open(&app.authorization_path("openid", "&prompt=login&login_hint=emilio"));

    assert_eq!(page.field("username"), "emilio");
    code_in(&sign_in(&browser, &page, "emilio", PASSWORD));
}

#[test]
fn a_session_ends_when_it_is_idle() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);

    world.advance(Seconds::minutes(30));

    assert_eq!(app.send(&browser, "openid").status, 200);
}

/// What an answer must not tell: whether there is such a user.
#[test]
fn a_wrong_password_and_an_unknown_user_look_alike() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let refused = |username: &str, password: &str| {
        let browser = Browser::new(&world);
        let page = app.send(&browser, "openid");
        let (answer, trips) = world.trips_of(|| sign_in(&browser, &page, username, password));
        let text = answer.text.replace(username, "{}");
        let without_tokens: Vec<_> =
            text.lines().filter(|line| !line.contains("hidden")).map(str::to_owned).collect();
        (answer.status, trips, without_tokens)
    };
    let wrong = refused("hiroko", "wrong");
    assert_eq!(wrong, refused("nobody-at-all", "wrong"));
    assert_eq!(wrong, refused("hiroko", &"x".repeat(2000)));
    assert_eq!(wrong, refused("service-account-travel0-machine", "wrong"));
}

#[test]
fn an_unknown_user_leaves_nothing_behind() {
    let world = travel0_world();
    let before = world.count_objects();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid");
    for name in ["a", "b", "c", "d"] {
        sign_in(&browser, &page, name, "wrong");
    }
    assert_eq!(world.count_objects(), before);
}

/// The realm's default: ten failures lock, for fifteen minutes.
#[test]
fn a_locked_account_refuses_its_own_password_until_the_lock_opens() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let attempt = |password: &str| {
        let browser = Browser::new(&world);
        let page = app.send(&browser, "openid");
        sign_in(&browser, &page, "hiroko", password).status.as_u16()
    };
    for _ in 0..9 {
        assert_eq!(attempt("wrong"), 200);
    }
    assert_eq!(attempt(PASSWORD), 303, "nine failures do not lock, and are forgotten");
    for _ in 0..10 {
        assert_eq!(attempt("wrong"), 200);
    }
    assert_eq!(attempt(PASSWORD), 200, "locked");
    world.advance(Seconds(15 * 60 - 1));
    assert_eq!(attempt(PASSWORD), 200, "still locked");
    world.advance(Seconds(1));
    assert_eq!(attempt(PASSWORD), 303, "open again");
}

#[test]
fn a_form_from_elsewhere_is_refused_before_anything_is_done() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid");
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    let post = |browser: &Browser<'_>, state: &str, csrf: &str| {
        let fields =
            [("state", state), ("csrf", csrf), ("username", "hiroko"), ("password", PASSWORD)];
        let (answer, trips) = world.trips_of(|| browser.submit(&page.action(), &fields));
        assert_eq!(trips.objects, 0, "nobody was asked");
        answer.status.as_u16()
    };
    let other = Browser::new(&world);
    app.send(&other, "openid");

    assert_eq!(post(&Browser::new(&world), &state, &csrf), 400, "no cookie");
    assert_eq!(post(&other, &state, &csrf), 400, "another browser");
    assert_eq!(post(&browser, &state, ""), 400, "no token");
    assert_eq!(post(&browser, &state, &state), 400, "another kind of token");
    assert_eq!(post(&browser, &csrf, &csrf), 400, "no state");
    world.advance(Seconds::minutes(30));
    assert_eq!(post(&browser, &state, &csrf), 400, "too late");
}

#[test]
fn an_organization_in_the_scope_stands_in_both_tokens() {
    let world = travel0_world();
    let tokens =
        RelyingParty::web(&world).tokens_for("hiroko", "openid organization:granite-outpost");
    for name in ["access_token", "id_token"] {
        let org = &claims_of(&tokens[name])["organization"]["granite-outpost"];
        assert!(org["id"].is_string(), "{name}");
        assert_eq!(org["roles"], serde_json::json!(["guide", "scheduler"]), "{name}");
        assert_eq!(org["groups"], serde_json::json!(["/Guides/Rafting", "/Office"]), "{name}");
    }
    assert_eq!(tokens["scope"], "openid profile email organization:granite-outpost");
}

/// Reference keycloak.md §4.4, and issue #37169: no membership, no claim.
#[test]
fn an_organization_of_others_is_dropped_without_a_word() {
    let world = travel0_world();
    for scope in ["openid organization:adventurez", "openid organization:no-such"] {
        let tokens = RelyingParty::web(&world).tokens_for("hiroko", scope);
        assert_eq!(tokens["scope"], "openid profile email", "{scope}");
        assert!(claims_of(&tokens["id_token"]).get("organization").is_none(), "{scope}");
    }
}

#[test]
fn several_organizations_may_be_named_or_all_asked_for() {
    let world = travel0_world();
    for scope in [
        "openid organization:rocky-mountain organization:granite-outpost organization:adventurez",
        "openid organization:*",
    ] {
        let tokens = RelyingParty::web(&world).tokens_for("emilio", scope);
        let claim = &claims_of(&tokens["access_token"])["organization"];
        let aliases: Vec<_> = claim.as_object().unwrap().keys().collect();
        assert_eq!(aliases, ["granite-outpost", "rocky-mountain"], "{scope}");
    }
}

#[test]
fn the_only_organization_needs_no_choice() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("hiroko", "openid organization");
    let claim = &claims_of(&tokens["id_token"])["organization"];
    assert!(claim["granite-outpost"].is_object(), "{claim}");
}

pub fn page_of_choices<'a>(world: &'a World, app: &RelyingParty<'_>) -> (Browser<'a>, Answer) {
    let browser = Browser::new(world);
    let page = app.send(&browser, "openid organization");
    let choices = sign_in(&browser, &page, "emilio", PASSWORD);
    assert_eq!(choices.status, 200, "{choices:?}");
    (browser, choices)
}

pub fn pick(browser: &Browser<'_>, page: &Answer, alias: &str) -> Answer {
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    browser.submit(&page.action(), &[("state", &state), ("csrf", &csrf), ("kc.org", alias)])
}

#[test]
fn of_several_organizations_the_person_picks_one() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, page) = page_of_choices(&world, &app);

    let tokens = app.redeem(&code_in(&pick(&browser, &page, "granite-outpost"))).json();

    let claim = claims_of(&tokens["id_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().keys().collect::<Vec<_>>(), ["granite-outpost"]);
}

#[test]
fn only_an_own_organization_can_be_picked() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, page) = page_of_choices(&world, &app);
    for alias in ["adventurez", "no-such", "../x"] {
        let answer = pick(&browser, &page, alias);
        assert_eq!((answer.status.as_u16(), answer.location()), (200, ""), "{alias}");
    }
}

/// The one that is left is not the one that was picked.
#[test]
fn a_choice_that_was_lost_is_not_replaced_by_what_is_left() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, page) = page_of_choices(&world, &app);
    leave(&world, "emilio", "granite-outpost");

    let answer = pick(&browser, &page, "granite-outpost");

    assert_eq!((answer.status.as_u16(), answer.location()), (200, ""));
    code_in(&pick(&browser, &answer, "rocky-mountain"));
}

#[test]
fn a_choice_without_the_session_leads_to_the_login() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, page) = page_of_choices(&world, &app);
    world.advance(Seconds::minutes(29));
    // Somebody else signs in on the same browser meanwhile.
    let other = browser.open(&app.authorization_path("openid", "&prompt=login"));
    sign_in(&browser, &other, "hiroko", PASSWORD);

    let answer = pick(&browser, &page, "granite-outpost");

    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("kc-form-login"), "{answer:?}");
}

#[test]
fn a_choice_cannot_be_made_silently() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, _) = page_of_choices(&world, &app);
    let answer = browser.open(&app.authorization_path("openid organization", "&prompt=none"));
    assert_eq!(error_of(&answer).as_deref(), Some("interaction_required"));
}

#[test]
fn a_form_token_of_one_page_does_not_open_the_other() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let (browser, page) = page_of_choices(&world, &app);
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    let path = travel0("/login-actions/authenticate");
    let fields =
        [("state", &*state), ("csrf", &*csrf), ("username", "hiroko"), ("password", PASSWORD)];
    assert_eq!(browser.submit(&path, &fields).status, 400);
}

#[test]
fn the_session_cookie_is_kept_from_scripts_and_other_sites() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = app.send(&browser, "openid");
    let answer = sign_in(&browser, &page, "hiroko", PASSWORD);
    let cookie = answer.header("set-cookie");
    for attribute in ["__Host-guildhall-session-travel0=", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{attribute}: {cookie}");
    }
}

#[test]
fn a_login_form_of_another_content_type_is_refused() {
    let world = travel0_world();
    let mut request = form_request(&travel0("/login-actions/authenticate"), &[]);
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    assert_eq!(Answer::new(world.send(request)).status, 400);
}
