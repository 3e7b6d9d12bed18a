//! Attacks on the pages of a login: in somebody else's frame, by somebody else's form.
use crate::authorization_setup::is_login;
use crate::device_setup::{Device, device_world};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{RelyingParty, sign_in, travel0};
use crate::logout::log_out;
use crate::scim_setup::admin;
use guildhall::app::demo::PASSWORD;
use serde_json::json;

fn is_protected(page: &Answer, what: &str) {
    assert!(page.header("content-type").starts_with("text/html"), "{what}: {page:?}");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    assert!(policy.contains("base-uri 'none'") && policy.contains("form-action"), "{what}");
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert_eq!(page.header("x-frame-options"), "DENY", "{what}");
    assert_eq!(page.header("referrer-policy"), "no-referrer", "{what}");
    assert_eq!(page.header("cache-control"), "no-store", "{what}");
}

/// RFC 9700 §4.16: every page on which a click means something, and those that follow.
#[test]
fn no_page_that_asks_something_can_be_framed() {
    let world = device_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let login = app.send(&browser, "openid");
    is_protected(&login, "login");
    is_protected(&sign_in(&browser, &login, "hiroko", "wrong"), "a login that failed");
    let other = RelyingParty { redirect_uri: "https://evil.example/", ..app };
    is_protected(&other.send(&browser, "openid"), "a request that is answered nowhere");

    let (_, choices) = crate::authorize::page_of_choices(&world, &app);
    is_protected(&choices, "the choice of an organization");
    let consent = browser.open(&app.authorization_path("openid", "&prompt=consent"));
    let consent = sign_in(&browser, &consent, "hiroko", PASSWORD);
    assert!(consent.text.contains("id=\"kc-cancel\""), "{consent:?}");
    is_protected(&consent, "consent");

    let posted = browser.open(&app.authorization_path("openid", "&response_mode=form_post"));
    is_protected(&posted, "an answer as a form");
    is_protected(&log_out(&browser, &[]), "the question of a logout");
    is_protected(&log_out(&browser, &[("id_token_hint", "x")]), "a logout that is refused");
    let question = log_out(&browser, &[]);
    let done = browser.submit(&question.action(), &[("csrf", &question.field("csrf"))]);
    is_protected(&done, "signed out");

    let device = Device::new(&world, "openid");
    is_protected(&browser.open(&travel0("/device")), "the code of a device");
    let (_, question) = device.signed_in("hiroko");
    is_protected(&question, "whether a device may");

    let hiroko = crate::scim_setup::user(&world, "hiroko").unwrap().id;
    let path = format!("/admin/realms/travel0/users/{hiroko}");
    let owed = json!({ "requiredActions": ["UPDATE_PASSWORD"] });
    assert_eq!(world.put(&path, &admin(&world), &owed).status, 204);
    let browser = Browser::new(&world);
    let action = sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    assert_eq!((action.status.as_u16(), is_login(&action)), (200, false), "{action:?}");
    is_protected(&action, "a required action");
}

/// The hidden fields of a page's form, but for the token against forgery.
fn hidden(page: &Answer) -> Vec<(&'static str, String)> {
    let is_there = |name: &&str| page.text.contains(&format!("name=\"{name}\""));
    let names = ["state", "ticket", "key"].into_iter().filter(is_there);
    names.map(|name| (name, page.field(name))).collect()
}

/// A page, what it is, the browser that it was shown in, and how it is answered.
type Shown<'a> = (&'a str, &'a Browser<'a>, &'a Answer, &'a [(&'a str, &'a str)]);

/// Login, choice, consent, what a person owes, and a device: each form is taken from the
/// browser that it was shown in, with its own token, and from nowhere else.
#[test]
fn no_form_of_another_browser_or_another_page_is_taken() {
    let world = device_world();
    let app = RelyingParty::web(&world);
    let owed = json!({ "requiredActions": ["UPDATE_PASSWORD"] });
    let jonno = crate::scim_setup::user(&world, "jonno").unwrap().id;
    let path = format!("/admin/realms/travel0/users/{jonno}");
    assert_eq!(world.put(&path, &admin(&world), &owed).status, 204);

    let fresh = || Browser::new(&world);
    let login = fresh();
    let login_page = app.send(&login, "openid");
    let (choice, choice_page) = crate::authorize::page_of_choices(&world, &app);
    let consent = fresh();
    let page = consent.open(&app.authorization_path("openid", "&prompt=consent"));
    let consent_page = sign_in(&consent, &page, "hiroko", PASSWORD);
    let action = fresh();
    let action_page = sign_in(&action, &app.send(&action, "openid"), "jonno", PASSWORD);
    let device = Device::new(&world, "openid");
    let (question, question_page) = device.signed_in("hiroko");
    let new = "a new and long password 7";
    let forms: [Shown<'_>; 5] = [
        ("login", &login, &login_page, &[("username", "hiroko"), ("password", PASSWORD)]),
        ("choice", &choice, &choice_page, &[("kc.org", "granite-outpost")]),
        ("consent", &consent, &consent_page, &[("accept", "yes")]),
        ("action", &action, &action_page, &[("password-new", new), ("password-confirm", new)]),
        ("device", &question, &question_page, &[("accept", "yes")]),
    ];
    for (what, browser, page, answer) in forms {
        let own = page.field("csrf");
        let post = |browser: &Browser<'_>, csrf: Option<&str>| {
            let mut fields = hidden(page);
            fields.extend(csrf.map(|csrf| ("csrf", csrf.to_owned())));
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            browser.submit(&page.action(), &[&fields[..], answer].concat())
        };
        let stranger = fresh();
        app.send(&stranger, "openid");
        let others = forms.iter().filter(|(other, ..)| *other != what);
        let others: Vec<String> = others.map(|(_, _, page, _)| page.field("csrf")).collect();
        for (browser, csrf) in [
            (&fresh(), Some(own.as_str())),
            (&stranger, Some(own.as_str())),
            (browser, None),
            (browser, Some("")),
            (browser, Some("forged")),
        ]
        .into_iter()
        .chain(others.iter().map(|csrf| (browser, Some(csrf.as_str()))))
        {
            let refused = post(browser, csrf);
            assert_eq!((refused.status.as_u16(), refused.location()), (400, ""), "{what} {csrf:?}");
        }
        let taken = post(browser, Some(&own));
        assert_eq!(taken.status, 303, "{what}: {taken:?}");
    }
}
