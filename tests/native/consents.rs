//! Whether a person allows what a client asks for, and what became of that.
use crate::admin_setup::TRAVEL0;
use crate::authorization_setup::{change_client, error_of, is_login};
use crate::harness::browser::{Answer, Browser, form_request, json_request};
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, sign_in, travel0, travel0_world,
};
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id, user};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

/// A world whose web client must ask.
fn asking() -> World {
    let world = travel0_world();
    require(&world, true);
    world
}

fn require(world: &World, required: bool) {
    let change = json!({ "consentRequired": required, "name": "Trip planner" });
    assert_eq!(change_client(world, "travel0-web", &change).status, 204);
}

fn is_question(answer: &Answer) -> bool {
    answer.status == 200 && answer.text.contains("id=\"kc-cancel\"")
}

fn answer(browser: &Browser<'_>, page: &Answer, what: &str) -> Answer {
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    browser.submit(&page.action(), &[("state", &state), ("csrf", &csrf), (what, "yes")])
}

/// A browser in which a person signed in, and the question.
fn asked<'a>(world: &'a World, username: &str, scope: &str) -> (Browser<'a>, Answer) {
    let browser = Browser::new(world);
    let page = RelyingParty::web(world).send(&browser, scope);
    let question = sign_in(&browser, &page, username, PASSWORD);
    assert!(is_question(&question), "{question:?}");
    (browser, question)
}

/// Hiroko allows the web client, which need not ask, what it asks for.
pub fn hiroko_agrees(world: &World) {
    let app = RelyingParty::web(world);
    let browser = Browser::new(world);
    let page = browser.open(&app.authorization_path("openid", "&prompt=consent"));
    let question = sign_in(&browser, &page, "hiroko", PASSWORD);
    code_in(&answer(&browser, &question, "accept"));
}

fn path(world: &World, username: &str) -> String {
    format!("{TRAVEL0}/users/{}/consents", user(world, username).unwrap().id)
}

fn consents(world: &World, username: &str) -> Value {
    world.get(&path(world, username), &admin(world)).json()
}

#[test]
fn a_person_is_asked_once_and_sees_what_for() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, question) = asked(&world, "hiroko", "openid organization:granite-outpost");
    for words in ["Trip planner", "Your email address", "Granite Outpost", "Hiroko"] {
        assert!(question.text.contains(words), "{words}: {}", question.text);
    }
    assert_eq!(app.redeem(&code_in(&answer(&browser, &question, "accept"))).status, 200);

    code_in(&app.send(&browser, "openid organization:granite-outpost"));
    let silent = app.authorization_path("openid organization:granite-outpost", "&prompt=none");
    code_in(&browser.open(&silent));
    // For no organization nothing was allowed.
    assert!(is_question(&app.send(&browser, "openid")));
}

#[test]
fn a_person_who_says_no_gives_nothing() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, question) = asked(&world, "hiroko", "openid");
    for what in ["cancel", "neither"] {
        assert_eq!(error_of(&answer(&browser, &question, what)), "access_denied", "{what}");
    }
    assert_eq!(consents(&world, "hiroko"), json!([]));
    assert!(is_question(&app.send(&browser, "openid")));
    let silent = browser.open(&app.authorization_path("openid", "&prompt=none"));
    assert_eq!(error_of(&silent), "consent_required");
}

#[test]
fn prompt_consent_asks_again_and_of_any_client() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    for _ in 0..2 {
        let question = browser.open(&app.authorization_path("openid", "&prompt=consent"));
        assert!(is_question(&question), "{question:?}");
        code_in(&answer(&browser, &question, "accept"));
    }
    code_in(&app.send(&browser, "openid"));
}

#[test]
fn the_organization_that_was_picked_is_the_one_that_is_asked_about() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, choices) = crate::authorize::page_of_choices(&world, &app);
    let question = crate::authorize::pick(&browser, &choices, "granite-outpost");
    assert!(is_question(&question), "{question:?}");
    assert!(!question.text.contains("Rocky"), "{}", question.text);
    let tokens = app.redeem(&code_in(&answer(&browser, &question, "accept"))).json();
    let claim = claims_of(&tokens["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().keys().collect::<Vec<_>>(), ["granite-outpost"]);
    let listed = consents(&world, "emilio");
    assert_eq!(listed[0]["organizations"], json!([org_id(&world, "granite-outpost")]));
}

/// What was shown is what is allowed: when something else would be granted by now,
/// that is asked about.
#[test]
fn an_answer_allows_nothing_that_was_not_shown() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, question) = asked(&world, "emilio", "openid organization:*");
    crate::refresh::leave(&world, "emilio", "rocky-mountain");
    let again = answer(&browser, &question, "accept");
    assert!(is_question(&again), "{again:?}");
    assert_eq!(consents(&world, "emilio"), json!([]));
    let tokens = app.redeem(&code_in(&answer(&browser, &again, "accept"))).json();
    assert_eq!(tokens["scope"], "openid profile email organization:*");
}

#[test]
fn a_forged_answer_is_refused() {
    let world = asking();
    let (browser, question) = asked(&world, "hiroko", "openid");
    let (state, csrf) = (question.field("state"), question.field("csrf"));
    let post = |browser: &Browser<'_>, state: &str, csrf: &str| {
        let fields = [("state", state), ("csrf", csrf), ("accept", "yes")];
        browser.submit(&question.action(), &fields).status.as_u16()
    };
    let other = Browser::new(&world);
    let login = RelyingParty::web(&world).send(&other, "openid");
    assert_eq!(post(&Browser::new(&world), &state, &csrf), 400, "no cookie");
    assert_eq!(post(&other, &state, &csrf), 400, "another browser");
    assert_eq!(post(&other, &state, &login.field("csrf")), 400, "another page");
    assert_eq!(post(&browser, &state, ""), 400, "no token");
    assert_eq!(consents(&world, "hiroko"), json!([]));
    world.advance(Seconds::minutes(30));
    assert_eq!(post(&browser, &state, &csrf), 400, "too late");
}

#[test]
fn an_answer_without_the_session_leads_to_the_login() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, question) = asked(&world, "hiroko", "openid");
    let page = browser.open(&app.authorization_path("openid", "&prompt=login"));
    sign_in(&browser, &page, "emilio", PASSWORD);
    assert!(is_login(&answer(&browser, &question, "accept")));
    assert_eq!(consents(&world, "emilio"), json!([]));
}

#[test]
fn consents_are_listed_and_taking_one_back_ends_what_grew_from_it() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, question) = asked(&world, "hiroko", "openid");
    let tokens = app.redeem(&code_in(&answer(&browser, &question, "accept"))).json();
    let spa = RelyingParty::spa(&world).tokens_for("hiroko", "openid");
    let listed = consents(&world, "hiroko");
    assert_eq!(listed[0]["clientId"], "travel0-web");
    assert_eq!(listed[0]["grantedClientScopes"], json!(["email", "profile", "roles"]));
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let unspent = code_in(&app.send(&browser, "openid"));

    let one = format!("{}/travel0-web", path(&world, "hiroko"));
    assert_eq!(world.delete(&one, &admin(&world)).status, 204);

    assert_eq!(consents(&world, "hiroko"), json!([]));
    let refused = app.refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(refused.error(), "invalid_grant");
    assert_eq!(app.redeem(&unspent).error(), "invalid_grant");
    assert!(is_question(&app.send(&browser, "openid")), "asked anew, still signed in");
    let other = RelyingParty::spa(&world).refresh(spa["refresh_token"].as_str().unwrap());
    assert_eq!(other.status, 200, "another client's stays");
    assert_eq!(world.delete(&one, &admin(&world)).status, 404, "twice");
    assert_eq!(world.delete(&format!("{one}x"), &admin(&world)).status, 404);
}

#[test]
fn taking_one_back_killed_in_between_can_be_finished() {
    let world = travel0_world();
    hiroko_agrees(&world);
    let one = format!("{}/travel0-web", path(&world, "hiroko"));
    let request = json_request(Method::DELETE, &one, &admin(&world), None);
    world.crash_at("user.consent.after_directory", request);
    assert_eq!(world.delete(&one, &admin(&world)).status, 204);
    assert_eq!(consents(&world, "hiroko"), json!([]));
}

#[test]
fn an_answer_killed_in_between_is_remembered() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, question) = asked(&world, "hiroko", "openid");
    let (state, csrf) = (question.field("state"), question.field("csrf"));
    let fields = [("state", &*state), ("csrf", &*csrf), ("accept", "yes")];
    let request = form_request(&question.action(), &fields);
    world.crash_at("oidc.consent.after_account", browser.dress(request));
    code_in(&app.send(&browser, "openid"));
}

/// Where there is no page to ask on.
#[test]
fn a_client_that_must_ask_gets_nothing_behind_the_persons_back() {
    let world = asking();
    let change = json!({ "directAccessGrantsEnabled": true });
    assert_eq!(change_client(&world, "travel0-web", &change).status, 204);
    let app = RelyingParty::web(&world);
    let fields = [("grant_type", "password"), ("username", "hiroko"), ("password", PASSWORD)];
    assert_eq!(app.token(&fields).error(), "unauthorized_client");

    let (browser, question) = asked(&world, "emilio", "openid organization:rocky-mountain");
    let tokens = app.redeem(&code_in(&answer(&browser, &question, "accept"))).json();
    let switch = |alias: &str| {
        let body = json!({ "id": org_id(&world, alias) });
        let token = tokens["access_token"].as_str().unwrap();
        let path = travel0("/users/switch-organization");
        world.call(Method::PUT, &path, token, Some(&body)).status.as_u16()
    };
    assert_eq!(switch("rocky-mountain"), 200);
    assert_ne!(switch("granite-outpost"), 200, "nothing was allowed for that one");
}

#[test]
fn nobody_is_asked_for_a_client_that_need_not_ask() {
    let world = asking();
    let app = RelyingParty::web(&world);
    let (browser, _) = asked(&world, "hiroko", "openid");
    require(&world, false);
    code_in(&app.send(&browser, "openid"));
}
