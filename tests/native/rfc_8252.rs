//! What RFC 8252 asks of the server of apps on people's own machines.
use crate::admin_setup::{TRAVEL0, make_client};
use crate::authorization_setup::change_client;
use crate::harness::browser::Browser;
use crate::harness::relying_party::{
    RelyingParty, VERIFIER, code_in, sign_in, travel0, travel0_world,
};
use crate::harness::world::World;
use crate::scim_setup::admin;
use crate::token_setup::refusal;
use guildhall::app::demo::PASSWORD;
use serde_json::json;

fn native(world: &World, redirect_uris: &[&str]) {
    let body = json!({ "clientId": "native", "publicClient": true, "redirectUris": redirect_uris });
    make_client(world, TRAVEL0, &body);
}

fn app<'a>(world: &'a World, redirect_uri: &'a str) -> RelyingParty<'a> {
    RelyingParty { world, client_id: "native", secret: None, redirect_uri }
}

/// §7.3, §8.4: an app listens where it finds room; nothing else may differ.
#[test]
fn an_app_on_the_loopback_comes_with_any_port() {
    let world = travel0_world();
    native(&world, &["http://127.0.0.1/cb", "http://[::1]:4000/cb"]);
    for redirect_uri in [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:49152/cb",
        "http://[::1]:4000/cb",
        "http://[::1]:65535/cb",
    ] {
        let app = app(&world, redirect_uri);
        let browser = Browser::new(&world);
        let answer = sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
        assert!(answer.location().starts_with(&format!("{redirect_uri}?")), "{answer:?}");
        let code = code_in(&answer);
        let elsewhere = app.redeem_with(&code, "http://127.0.0.1:49153/cb", VERIFIER);
        assert_eq!(refusal(&elsewhere), (400, "invalid_grant".to_owned()), "{redirect_uri}");
        assert_eq!(app.redeem(&code).status, 200, "{redirect_uri}");
    }
    for redirect_uri in [
        "http://127.0.0.1:49152/",
        "http://127.0.0.1:49152/cb/",
        "http://127.0.0.1:49152/cb?x=1",
        "http://127.0.0.1:49152/cb#x",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.2:49152/cb",
        "http://localhost:49152/cb",
        "https://127.0.0.1:49152/cb",
    ] {
        let answer = app(&world, redirect_uri).send(&Browser::new(&world), "openid");
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{redirect_uri}");
    }
}

/// §8.3: a name may lead elsewhere, so that it is compared to the letter.
#[test]
fn a_name_of_the_loopback_keeps_its_port() {
    let world = travel0_world();
    native(&world, &["http://localhost:4000/cb"]);
    assert_eq!(app(&world, "http://localhost:4000/cb").send(&Browser::new(&world), "").status, 200);
    for redirect_uri in ["http://localhost:4001/cb", "http://127.0.0.1:4000/cb"] {
        let answer = app(&world, redirect_uri).send(&Browser::new(&world), "openid");
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{redirect_uri}");
    }
}

/// §6, §7.1, §7.2, §8.1: own schemes and https addresses will do, never without PKCE.
#[test]
fn an_app_brings_its_own_scheme_or_an_address_that_it_claims() {
    let world = travel0_world();
    native(&world, &["com.example.app:/cb", "https://app.example/native"]);
    for redirect_uri in ["com.example.app:/cb", "https://app.example/native"] {
        let app = app(&world, redirect_uri);
        let browser = Browser::new(&world);
        let answer = sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
        let code = code_in(&answer);
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect_uri),
        ];
        assert_eq!(refusal(&app.token(&fields)), (400, "invalid_request".to_owned()));
        assert_eq!(app.redeem(&code).status, 200);
    }
    for redirect_uri in ["com.example.app:/other", "COM.example.app:/cb", "com.example.app://cb"] {
        let answer = app(&world, redirect_uri).send(&Browser::new(&world), "openid");
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{redirect_uri}");
    }
}

/// §7.1, §7.3: browsers hold what follows a form to the page's policy; it lets them go
/// to where this app is, and other apps' pages do not.
#[test]
fn the_pages_of_a_login_let_the_browser_go_to_the_app() {
    let world = travel0_world();
    let apps = [
        ("com.example.app:/cb", " com.example.app:"),
        ("http://[::1]:4000/cb", " http:"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:*"),
    ];
    native(&world, &apps.map(|(redirect_uri, _)| redirect_uri));
    for (redirect_uri, end) in apps {
        let app = app(&world, redirect_uri);
        let browser = Browser::new(&world);
        let login = app.send(&browser, "openid");
        let wrong = sign_in(&browser, &login, "hiroko", "wrong");
        let choice = app.send(&browser, "openid organization");
        let choice = sign_in(&browser, &choice, "emilio", PASSWORD);
        let consent = browser.open(&app.authorization_path("openid", "&prompt=consent"));
        let query = [("client_id", "native"), ("post_logout_redirect_uri", redirect_uri)];
        let logout = crate::logout::log_out(&browser, &query);
        for page in [login, wrong, choice, consent, logout] {
            assert_eq!(page.status, 200, "{page:?}");
            let policy = page.header("content-security-policy");
            let actions = policy.split("form-action ").nth(1).unwrap();
            assert!(actions.starts_with("'self' https: ") && actions.ends_with(end), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        }
    }
    let page = RelyingParty::web(&world).send(&Browser::new(&world), "openid");
    assert!(page.header("content-security-policy").ends_with("http://127.0.0.1:*"), "{page:?}");
}

/// §8.4, RFC 9700 §2.6: a whole address, and under TLS once it leaves the machine.
#[test]
fn an_address_is_registered_whole_and_under_tls() {
    let world = travel0_world();
    for bad in [
        "http://app.example/cb",
        "http://10.0.0.1/cb",
        "http://localhost.evil.example/cb",
        "https://app.example/*",
        "*",
        "/cb",
        "app",
        "https://app.example/cb#x",
        "javascript:alert(1)",
    ] {
        let change = json!({ "redirectUris": [bad] });
        assert_eq!(change_client(&world, "travel0-web", &change).status, 400, "{bad}");
        let logout = json!({ "attributes": { "post.logout.redirect.uris": bad } });
        assert_eq!(change_client(&world, "travel0-web", &logout).status, 400, "{bad}");
        let body = json!({ "clientId": "new", "redirectUris": [bad] });
        let answer = world.post(&format!("{TRAVEL0}/clients"), &admin(&world), &body);
        assert_eq!(answer.status, 400, "{bad}");
    }
    for good in ["http://localhost:1/cb", "http://[::1]/cb", "http://127.0.0.1:9/cb"] {
        let change = json!({ "redirectUris": [good] });
        assert_eq!(change_client(&world, "travel0-web", &change).status, 204, "{good}");
    }
}

/// §8.4: what kind of client it is, is kept, and an app stays one without a secret.
#[test]
fn what_kind_of_client_an_app_is_is_kept() {
    let world = travel0_world();
    native(&world, &["com.example.app:/cb"]);
    let list = world.get(&format!("{TRAVEL0}/clients?clientId=native"), &admin(&world)).json();
    assert_eq!(list[0]["publicClient"], true);
    let path = travel0("/protocol/openid-connect/token");
    let alone = [("grant_type", "client_credentials"), ("client_id", "native")];
    assert_eq!(refusal(&world.post_form(&path, &alone)), (400, "unauthorized_client".to_owned()));
}
