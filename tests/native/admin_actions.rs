//! What an administrator asks of a person: by mail, or at the next login.
use crate::admin_users::{USERS, made, put, signs_in};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{RelyingParty, sign_in, token_path};
use crate::harness::world::{BASE, World};
use crate::scim_setup::{admin, travel0, user};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

const NEW: &str = "a much better password";

pub fn ask(world: &World, username: &str, what: &str, body: &Value) -> Answer {
    let id = user(world, username).unwrap().id;
    put(world, &format!("{USERS}/{id}/{what}"), &admin(world), body)
}

/// The path of the link in the newest mail.
pub fn link(world: &World) -> String {
    let mails = world.mails();
    let text = &mails.last().unwrap().text;
    let link = text.lines().find(|line| line.starts_with(BASE)).unwrap();
    link.strip_prefix(BASE).unwrap().to_owned()
}

/// Fills in the page that `page` shows, with this password twice.
pub fn choose(browser: &Browser<'_>, page: &Answer, password: &str, again: &str) -> Answer {
    let hidden = if page.text.contains("name=\"key\"") { "key" } else { "state" };
    let (state, csrf) = (page.field(hidden), page.field("csrf"));
    let fields = [
        (hidden, &*state),
        ("csrf", &*csrf),
        ("password-new", password),
        ("password-confirm", again),
    ];
    browser.submit(&page.action(), &fields)
}

#[test]
fn a_person_sets_a_password_through_a_mail_once() {
    let world = travel0();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("hiroko", "openid");
    let asked = ask(&world, "hiroko", "execute-actions-email", &json!(["UPDATE_PASSWORD"]));
    assert_eq!((asked.status.as_u16(), asked.text.as_str()), (204, ""));
    assert_eq!(world.mails().last().unwrap().to, "hiroko@granite-outpost.example");

    let (link, browser) = (link(&world), Browser::new(&world));
    let page = browser.open(&link);
    assert_eq!(page.status, 200, "{page:?}");
    let differs = choose(&browser, &page, NEW, "another one");
    assert!(differs.text.contains("The two passwords differ."), "{differs:?}");
    let short = choose(&browser, &page, "short", "short");
    assert!(short.text.contains("shorter than 8"), "{short:?}");
    let done = choose(&browser, &page, NEW, NEW);
    assert_eq!(done.status, 200);
    assert!(done.text.contains("up to date"), "{done:?}");

    assert!(signs_in(&world, "hiroko", NEW) && !signs_in(&world, "hiroko", PASSWORD));
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(app.refresh(refresh).status, 400, "whoever had the account is out");
    assert_eq!(browser.open(&link).status, 410, "the link was used");
    assert_eq!(choose(&browser, &page, PASSWORD, PASSWORD).status, 410);
    assert!(signs_in(&world, "hiroko", NEW));
}

#[test]
fn a_person_confirms_an_address_through_a_mail() {
    let world = travel0();
    let body = json!({ "username": "ann", "email": "ann@example.com", "enabled": true });
    let person = made(&world, &body);
    let redirect = "client_id=travel0-web&redirect_uri=http://localhost:3000/callback";
    let asked = ask(&world, "ann", &format!("send-verify-email?{redirect}"), &json!({}));
    assert_eq!(asked.status, 204, "{asked:?}");
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    let verified = || world.get(&person, &admin(&world)).json()["emailVerified"].clone();
    assert_eq!(verified(), false, "opening a link changes nothing");
    let (key, csrf) = (page.field("key"), page.field("csrf"));
    let done = browser.submit(&page.action(), &[("key", &key), ("csrf", &csrf)]);
    assert!(done.text.contains("http://localhost:3000/callback"), "{done:?}");
    assert_eq!(verified(), true);
}

#[test]
fn a_link_is_void_when_it_is_old_damaged_or_the_address_changed() {
    let world = travel0();
    ask(&world, "hiroko", "execute-actions-email?lifespan=60", &json!(["VERIFY_EMAIL"]));
    let old = link(&world);
    let browser = Browser::new(&world);
    assert_eq!(browser.open(&old).status, 200);
    assert_eq!(browser.open(&format!("{old}x")).status, 410);
    assert_eq!(browser.open("/realms/travel0/login-actions/action-token").status, 410);
    world.advance(Seconds(60));
    assert_eq!(browser.open(&old).status, 410);

    ask(&world, "hiroko", "execute-actions-email", &json!(["UPDATE_PASSWORD"]));
    let link = link(&world);
    let page = browser.open(&link);
    let id = user(&world, "hiroko").unwrap().id;
    let moved = json!({ "email": "other@example.com" });
    put(&world, &format!("{USERS}/{id}"), &admin(&world), &moved);
    assert_eq!(choose(&browser, &page, NEW, NEW).status, 410);
    assert_eq!(browser.open(&link.replace("travel0", "master")).status, 410);
    assert!(signs_in(&world, "hiroko", PASSWORD));
}

#[test]
fn a_forged_form_changes_nothing() {
    let world = travel0();
    ask(&world, "hiroko", "execute-actions-email", &json!(["UPDATE_PASSWORD"]));
    let link = link(&world);
    let key = link.split("key=").nth(1).unwrap();
    let fields = [("key", key), ("password-new", NEW), ("password-confirm", NEW)];
    let forged = Answer::new(world.send(form_request(&link, &fields)));
    assert_eq!(forged.status, 400);
    let page = Browser::new(&world).open(&link);
    assert_eq!(choose(&Browser::new(&world), &page, NEW, NEW).status, 400, "another browser");
    assert!(signs_in(&world, "hiroko", PASSWORD));
}

#[test]
fn a_mail_that_cannot_be_is_refused() {
    let world = travel0();
    made(&world, &json!({ "username": "silent", "enabled": true }));
    made(&world, &json!({ "username": "off", "email": "off@example.com" }));
    let refused = [
        ("silent", "execute-actions-email", json!(["UPDATE_PASSWORD"]), "User email missing"),
        ("off", "execute-actions-email", json!(["UPDATE_PASSWORD"]), "User is disabled"),
        (
            "hiroko",
            "execute-actions-email",
            json!(["CONFIGURE_TOTP"]),
            "Required action CONFIGURE_TOTP is not supported",
        ),
        ("hiroko", "execute-actions-email", json!([]), "No required action is named"),
        (
            "hiroko",
            "send-verify-email?redirect_uri=https://a.example",
            json!({}),
            "Client id missing",
        ),
        ("hiroko", "send-verify-email?client_id=nobody", json!({}), "Client doesn't exist"),
        (
            "hiroko",
            "send-verify-email?client_id=travel0-web&redirect_uri=https://a.example",
            json!({}),
            "Invalid redirect uri.",
        ),
        (
            "hiroko",
            "send-verify-email?lifespan=0",
            json!({}),
            "lifespan is 1 to 2592000 seconds (MAX_LIFESPAN)",
        ),
    ];
    for (who, what, body, words) in refused {
        let answer = ask(&world, who, what, &body);
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["errorMessage"]),
            (400, &json!(words)),
            "{what}"
        );
    }
    assert_eq!(ask(&world, "hiroko", "execute-actions-email", &json!({})).status, 400);
    assert_eq!(world.mails().len(), 0);
}

#[test]
fn a_password_that_is_cut_off_is_chosen_again_or_set() {
    for cut in ["account.action.before_password", "account.action.after_password"] {
        let world = travel0();
        ask(&world, "hiroko", "execute-actions-email", &json!(["UPDATE_PASSWORD", "VERIFY_EMAIL"]));
        let (link, browser) = (link(&world), Browser::new(&world));
        let page = browser.open(&link);
        let (key, csrf) = (page.field("key"), page.field("csrf"));
        let fields =
            [("key", &*key), ("csrf", &*csrf), ("password-new", NEW), ("password-confirm", NEW)];
        world.crash_at(cut, browser.dress(form_request(&page.action(), &fields)));
        let is_set = signs_in(&world, "hiroko", NEW);
        assert_eq!(is_set, cut == "account.action.after_password");
        assert_eq!(signs_in(&world, "hiroko", PASSWORD), !is_set);
        let status = if is_set { 410 } else { 200 };
        assert_eq!(browser.open(&link).status, status, "{cut}");
    }
}

pub fn temporary(world: &World) {
    let body = json!({ "type": "password", "value": "for the moment", "temporary": true });
    assert_eq!(ask(world, "hiroko", "reset-password", &body).status, 204);
}

#[test]
fn a_temporary_password_leads_to_a_new_one_and_nowhere_else() {
    let world = travel0();
    temporary(&world);
    let id = user(&world, "hiroko").unwrap().id;
    let body = world.get(&format!("{USERS}/{id}"), &admin(&world)).json();
    assert_eq!(body["requiredActions"], json!(["UPDATE_PASSWORD"]));

    let (app, browser) = (RelyingParty::web(&world), Browser::new(&world));
    let page = sign_in(&browser, &app.send(&browser, "openid"), "hiroko", "for the moment");
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Choose a new password"), "{page:?}");
    let again = app.send(&browser, "openid");
    assert!(again.text.contains("Choose a new password"), "the session is no way round it");
    let silent = browser.open(&app.authorization_path("openid", "&prompt=none"));
    assert!(silent.location().contains("error=interaction_required"), "{silent:?}");

    let short = choose(&browser, &page, "short", "short");
    assert!(short.text.contains("shorter than 8"), "{short:?}");
    let done = choose(&browser, &page, NEW, NEW);
    assert_eq!(done.status, 303, "{done:?}");
    assert!(done.location().contains("code="), "{done:?}");
    assert!(signs_in(&world, "hiroko", NEW));
    assert!(user(&world, "hiroko").unwrap().required_actions.is_empty());

    let replayed = choose(&browser, &page, "yet another password", "yet another password");
    assert_eq!(replayed.status, 303);
    assert!(signs_in(&world, "hiroko", NEW), "a form that was kept sets nothing");
}

#[test]
fn a_new_password_needs_a_fresh_login() {
    let world = travel0();
    let (app, browser) = (RelyingParty::web(&world), Browser::new(&world));
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    world.advance(Seconds::minutes(5));
    ask(&world, "hiroko", "reset-password", &json!({ "value": PASSWORD, "temporary": true }));
    let page = app.send(&browser, "openid");
    assert!(page.text.contains("kc-form-login"), "{page:?}");
}

#[test]
fn the_password_grant_is_refused_while_something_is_owed() {
    let world = travel0();
    let id = user(&world, "hiroko").unwrap().id;
    let owed = json!({ "requiredActions": ["UPDATE_PASSWORD"] });
    assert_eq!(put(&world, &format!("{USERS}/{id}"), &admin(&world), &owed).status, 204);
    let fields = [
        ("grant_type", "password"),
        ("client_id", "admin-cli"),
        ("username", "hiroko"),
        ("password", PASSWORD),
    ];
    let refused = world.post_form(&token_path(), &fields);
    assert_eq!(refused.status, 400);
    assert_eq!(refused.json()["error_description"], "Account is not fully set up");
    let done = json!({ "requiredActions": [] });
    put(&world, &format!("{USERS}/{id}"), &admin(&world), &done);
    assert_eq!(world.post_form(&token_path(), &fields).status, 200);
}

#[test]
fn an_address_that_is_owed_is_asked_for_by_mail_at_login() {
    let world = travel0();
    let body = json!({
        "username": "ann", "email": "ann@example.com", "enabled": true,
        "requiredActions": ["VERIFY_EMAIL"],
        "credentials": [{ "type": "password", "value": PASSWORD }],
    });
    made(&world, &body);
    let (app, browser) = (RelyingParty::web(&world), Browser::new(&world));
    let page = sign_in(&browser, &app.send(&browser, "openid"), "ann", PASSWORD);
    assert!(page.text.contains("Check your mail"), "{page:?}");
    let page = browser.open(&link(&world));
    let (key, csrf) = (page.field("key"), page.field("csrf"));
    let done = browser.submit(&page.action(), &[("key", &key), ("csrf", &csrf)]);
    assert_eq!(done.status, 200, "{done:?}");
    assert!(signs_in(&world, "ann", PASSWORD));
    assert!(user(&world, "ann").unwrap().email_verified);
}
