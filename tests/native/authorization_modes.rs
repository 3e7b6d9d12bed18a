//! How the answer to an authorization request travels (OAuth 2.0 Multiple Response
//! Type Encoding Practices, OAuth 2.0 Form Post Response Mode).
use crate::admin_setup::made;
use crate::authorization_setup::change_client;
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{RelyingParty, code_in, issuer, sign_in, travel0_world};
use crate::scim_setup::admin;
use guildhall::app::demo::PASSWORD;
use serde_json::json;

fn fragment_of(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 303, "{answer:?}");
    let url = url::Url::parse(answer.location()).unwrap();
    assert_eq!(url.query(), None, "{answer:?}");
    let fragment = url.fragment().unwrap_or_default().to_owned();
    url::form_urlencoded::parse(fragment.as_bytes()).into_owned().collect()
}

fn names(pairs: &[(String, String)]) -> Vec<&str> {
    pairs.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn a_fragment_brings_the_code_or_the_error() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);

    let silent = app.authorization_path("openid", "&response_mode=fragment&prompt=none");
    let refused = fragment_of(&browser.open(&silent));
    assert_eq!(names(&refused), ["error", "error_description", "state", "iss"]);

    let page = browser.open(&app.authorization_path("openid", "&response_mode=fragment"));
    let granted = fragment_of(&sign_in(&browser, &page, "hiroko", PASSWORD));
    assert_eq!(names(&granted), ["state", "session_state", "iss", "code"]);
    assert_eq!(granted[2].1, issuer());
    assert_eq!(app.redeem(&granted[3].1).status, 200);
}

#[test]
fn a_form_is_posted_by_a_script_that_its_policy_names_or_by_a_button() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = browser.open(&app.authorization_path("openid", "&response_mode=form_post"));

    let answer = sign_in(&browser, &page, "hiroko", PASSWORD);

    assert_eq!((answer.status.as_u16(), answer.location()), (200, ""));
    assert_eq!(answer.action(), app.redirect_uri);
    assert_eq!((answer.field("state"), answer.field("iss")), ("state-1".to_owned(), issuer()));
    let policy = answer.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(answer.text.contains(&format!("<script nonce=\"{nonce}\">")), "{answer:?}");
    assert_eq!(answer.text.matches("<script").count(), 1);
    assert!(policy.contains("form-action https: http://localhost:3000"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("x-frame-options"), "DENY");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.text.contains("<button"), "{answer:?}");
    assert_eq!(app.redeem(&answer.field("code")).status, 200);

    let again = browser.open(&app.authorization_path("openid", "&response_mode=form_post"));
    let other = again.header("content-security-policy");
    assert_ne!(other, policy, "a nonce is used once");
}

#[test]
fn a_form_tells_errors_too_and_nothing_in_it_becomes_markup() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let hostile = "\"><script>alert(1)</script><input name=\"code";
    let query = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect::<String>();
    let path = app.authorization_path("openid", "&response_mode=form_post&prompt=none");

    let answer =
        Browser::new(&world).open(&path.replace("state=state-1", &format!("state={query}")));

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.field("error"), "login_required");
    assert_eq!(answer.text.matches("<script").count(), 1, "{}", answer.text);
    assert!(!answer.text.contains("name=\"code\""), "{}", answer.text);
    assert!(!answer.field("state").contains('<'), "escaped: {}", answer.text);
}

#[test]
fn a_mode_we_do_not_have_is_told_in_the_query() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    for mode in ["jwt", "query.jwt", "web_message", "FORM_POST"] {
        let path = app.authorization_path("openid", &format!("&response_mode={mode}"));
        let answer = Browser::new(&world).open(&path);
        assert_eq!(crate::authorization_setup::error_of(&answer), "invalid_request", "{mode}");
    }
    let twice = app.authorization_path("openid", "&response_mode=form_post&response_mode=query");
    let answer = Browser::new(&world).open(&twice);
    assert_eq!(crate::authorization_setup::error_of(&answer), "invalid_request");
}

#[test]
fn an_apps_own_scheme_gets_a_redirect_and_no_form() {
    let world = travel0_world();
    let body = json!({ "clientId": "phone", "publicClient": true,
        "redirectUris": ["com.example.app:/cb"] });
    made(&world.post("/admin/realms/travel0/clients", &admin(&world), &body));
    let redirect_uri = "com.example.app:/cb";
    let app = RelyingParty { client_id: "phone", secret: None, redirect_uri, world: &world };
    let browser = Browser::new(&world);

    let refused = browser.open(&app.authorization_path("openid", "&response_mode=form_post"));
    assert_eq!(crate::authorization_setup::error_of(&refused), "invalid_request");
    let page = app.send(&browser, "openid");
    assert_eq!(app.redeem(&code_in(&sign_in(&browser, &page, "hiroko", PASSWORD))).status, 200);
}

/// The page of a login cannot be framed, and its answer is kept by nobody.
#[test]
fn no_page_of_a_login_can_be_framed() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let page = app.send(&Browser::new(&world), "openid");
    assert_eq!(page.header("x-frame-options"), "DENY");
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
}

/// What is registered is what is compared: nothing in a request is rewritten first.
#[test]
fn no_trick_makes_another_address_a_registered_one() {
    let world = travel0_world();
    let uris = json!(["https://app.example/cb", "https://xn--pple-43d.example/cb"]);
    assert_eq!(change_client(&world, "travel0-web", &json!({ "redirectUris": uris })).status, 204);
    for redirect_uri in [
        "https://app.example./cb",
        "https://APP.example/cb",
        "https://app.example:443/cb",
        "https://app.example/cb/",
        "https://app.example/cb?",
        "https://app.example/cb#",
        "https://app.example//cb",
        "https://app.example/%63b",
        "https://app.example/x/../cb",
        "https://app.example\\@evil.example/cb",
        "https://user@app.example/cb",
        "https://app.example@evil.example/cb",
        "https://app.example.evil.example/cb",
        "https://app.example%2eevil.example/cb",
        "https://\u{430}pple.example/cb",
        "http://app.example/cb",
        "https:/app.example/cb",
        "https:app.example/cb",
        " https://app.example/cb",
        "https://app.example/cb\n",
        "https://app.example/*",
        "data:text/html,x",
    ] {
        let app = RelyingParty { redirect_uri, ..RelyingParty::web(&world) };
        for extra in ["", "&response_mode=form_post", "&prompt=none"] {
            let answer = Browser::new(&world).open(&app.authorization_path("openid", extra));
            assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{redirect_uri}");
            assert!(!answer.text.contains("<form"), "{redirect_uri}");
        }
    }
}
