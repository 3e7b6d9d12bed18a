//! What stands in the logs, and what never does. docs/logging.md.
use crate::harness::browser::Browser;
use crate::harness::log::lines_of;
use crate::harness::relying_party::{RelyingParty, code_in, sign_in, travel0_world};
use guildhall::app::demo::{CLIENT_SECRET, PASSWORD};

#[test]
fn a_line_carries_the_name_of_its_request() {
    let world = travel0_world();
    for path in ["/realms/travel0/orgs", "/realms/travel0/protocol/openid-connect/userinfo"] {
        let mut id = String::new();
        let lines =
            lines_of(|| world.get(path, "no token").header("x-request-id").clone_into(&mut id));
        assert!(!id.is_empty() && !lines.is_empty(), "{path}");
        for line in lines {
            assert!(line.contains(&format!("request.id=\"{id}\"")), "{line}");
        }
    }
}

#[test]
fn no_secret_stands_in_a_line() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let mut secrets = vec![PASSWORD.to_owned(), CLIENT_SECRET.to_owned(), "a wrong one".to_owned()];
    let lines = lines_of(|| {
        let browser = Browser::new(&world);
        let page = app.send(&browser, "openid");
        sign_in(&browser, &page, "hiroko", "a wrong one");
        let page = app.send(&browser, "openid");
        let code = code_in(&sign_in(&browser, &page, "hiroko", PASSWORD));
        let tokens = app.redeem(&code).json();
        app.redeem(&code);
        secrets.push(code);
        for name in ["access_token", "id_token", "refresh_token"] {
            let token = tokens[name].as_str().unwrap().to_owned();
            app.refresh(&token);
            world.get("/realms/travel0/orgs", &token);
            secrets.push(token);
        }
    });
    assert!(lines.len() >= 3, "the refusals are logged: {lines:#?}");
    for line in &lines {
        let told = secrets.iter().find(|secret| line.contains(secret.as_str()));
        assert_eq!(told, None, "{line}");
    }
}
