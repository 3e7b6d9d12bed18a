//! People who make an account for themselves: `prompt=create` (Initiating User
//! Registration via OpenID Connect §4), where the realm lets them.
use crate::admin_setup::TRAVEL0;
use crate::admin_users::{USERS, made, signs_in};
use crate::authorization_setup::{error_of, is_login, push, request_of};
use crate::harness::browser::{Answer, Browser, form_request, json_request};
use crate::harness::relying_party::{RelyingParty, claims_of, code_in, parameter, sign_in};
use crate::harness::world::{BASE, World};
use crate::invitations::{self, MARTA, accept, invite};
use crate::scim_setup::{admin, travel0, user};
use guildhall::account::mail_registration::RegistrationMail;
use guildhall::app::demo;
use guildhall::crypto::password::count_hashes;
use guildhall::kernel::time::Seconds;
use guildhall::realm::user::RequiredAction;
use http::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "a password of her own";
const NEW: &str = "nora@freelance.example";
const HIROKO: &str = "hiroko@granite-outpost.example";
const ACTION: &str = "/realms/travel0/login-actions/registration";

fn set(world: &World, settings: &Value) {
    let answer = world.put(TRAVEL0, &admin(world), settings);
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// Lets people register themselves in realm travel0.
pub fn allow(world: &World) {
    set(world, &json!({ "registrationAllowed": true }));
}

fn allowing() -> World {
    let world = travel0();
    allow(&world);
    world
}

/// What the app's `prompt=create` brings.
fn create(browser: &Browser<'_>, app: &RelyingParty<'_>) -> Answer {
    browser.open(&app.authorization_path("openid email", "&prompt=create"))
}

/// The registration page.
pub fn page(browser: &Browser<'_>, app: &RelyingParty<'_>) -> Answer {
    let page = create(browser, app);
    assert!(is_registration(&page), "{page:?}");
    page
}

fn is_registration(answer: &Answer) -> bool {
    answer.status == 200 && answer.text.contains("kc-register-form")
}

fn fields<'a>(
    hidden: &'a [String; 2],
    email: &'a str,
    password: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("state", &hidden[0]),
        ("csrf", &hidden[1]),
        ("email", email),
        ("firstName", "Nora"),
        ("lastName", "Nyqvist"),
        ("password", password),
        ("register", "yes"),
    ]
}

/// Fills in the page.
pub fn fill_in(browser: &Browser<'_>, page: &Answer, email: &str, password: &str) -> Answer {
    let hidden = [page.field("state"), page.field("csrf")];
    browser.submit(&page.action(), &fields(&hidden, email, password))
}

fn register(world: &World, email: &str, password: &str) -> Answer {
    let browser = Browser::new(world);
    let page = page(&browser, &RelyingParty::web(world));
    fill_in(&browser, &page, email, password)
}

fn press(browser: &Browser<'_>, page: &Answer, button: &str) -> Answer {
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    browser.submit(&page.action(), &[("state", &*state), ("csrf", &*csrf), (button, "yes")])
}

/// The path of the link in the newest mail, which goes to `email`.
fn link(world: &World, email: &str) -> String {
    let mail = world.mails().pop().unwrap();
    assert_eq!(mail.to, email);
    let link = mail.text.lines().find(|line| line.starts_with(BASE)).unwrap();
    link.strip_prefix(BASE).unwrap().to_owned()
}

fn confirm(browser: &Browser<'_>, link: &str) -> Answer {
    let page = browser.open(link);
    let (key, csrf) = (page.field("key"), page.field("csrf"));
    browser.submit(&page.action(), &[("key", &key), ("csrf", &csrf)])
}

fn without_secrets(page: &Answer, email: &str) -> String {
    page.text.replace(email, "ADDRESS")
}

#[test]
fn somebody_new_makes_an_account_and_signs_in_to_the_app() {
    let world = allowing();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let shown = page(&browser, &app);
    assert_eq!(shown.action(), ACTION);

    let answer = fill_in(&browser, &shown, " Nora@Freelance.EXAMPLE ", PASSWORD);

    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.text.contains("Check your mail") && answer.text.contains(NEW), "{answer:?}");
    let nora = user(&world, NEW).unwrap();
    assert_eq!(nora.email.as_ref().map(ToString::to_string).as_deref(), Some(NEW));
    assert_eq!((nora.email_verified, nora.enabled), (false, true));
    assert_eq!(nora.required_actions, [RequiredAction::VerifyEmail]);
    assert_eq!(nora.display_name(), "Nora Nyqvist");
    assert!(is_login(&app.send(&browser, "openid")), "nobody is signed in");

    let done = confirm(&browser, &link(&world, NEW));
    assert!(done.text.contains(app.redirect_uri), "{done:?}");
    let login = app.send(&browser, "openid email");
    assert!(is_login(&login), "the link signs nobody in: {login:?}");
    let tokens = app.redeem(&code_in(&sign_in(&browser, &login, NEW, PASSWORD))).json();
    let claims = claims_of(&tokens["id_token"]);
    assert_eq!((&claims["email"], &claims["email_verified"]), (&json!(NEW), &json!(true)));
    assert_eq!(world.mails().len(), 1);
}

#[test]
fn nobody_gets_in_before_the_address_is_confirmed() {
    let world = allowing();
    assert_eq!(register(&world, NEW, PASSWORD).status, 200);
    let first = world.mails().len();

    let browser = Browser::new(&world);
    let login = RelyingParty::web(&world).send(&browser, "openid");
    let asked = sign_in(&browser, &login, NEW, PASSWORD);

    assert!(asked.text.contains("Check your mail"), "{asked:?}");
    assert_eq!(world.mails().len(), first + 1, "the link comes once more");
    assert_eq!(confirm(&browser, &link(&world, NEW)).status, 200);
    assert!(signs_in(&world, NEW, PASSWORD));
}

#[test]
fn a_link_that_is_old_confirms_nothing() {
    let world = allowing();
    register(&world, NEW, PASSWORD);
    let link = link(&world, NEW);
    world.advance(Seconds::hours(1));
    assert_eq!(Browser::new(&world).open(&link).status, 410);
    assert!(!user(&world, NEW).unwrap().email_verified);
}

/// Initiating User Registration §4.1: what is not supported is `invalid_request`.
#[test]
fn where_the_realm_does_not_let_people_register_the_client_is_told_so() {
    let world = travel0();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let told = |answer: &Answer| {
        assert_eq!(error_of(answer), "invalid_request");
        assert_eq!(parameter(answer, "state").as_deref(), Some("state-1"));
    };
    told(&create(&browser, &app));
    for prompts in ["create%20consent", "login%20create"] {
        told(&browser.open(&app.authorization_path("openid", &format!("&prompt={prompts}"))));
    }
    let pushed = [request_of(&app), vec![("prompt", "create")]].concat();
    assert_eq!(push(&app, &pushed).error(), "invalid_request");
    let login = app.send(&browser, "openid");
    assert!(!login.text.contains("Create an account"), "{login:?}");
    let pressed = press(&browser, &login, "create");
    assert!(is_login(&pressed), "a button that is not there: {pressed:?}");

    allow(&world);
    let page = page(&browser, &app);
    set(&world, &json!({ "registrationAllowed": false }));
    let late = fill_in(&browser, &page, NEW, PASSWORD);
    assert_eq!(error_of(&late), "access_denied");
    assert!(user(&world, NEW).is_none() && world.mails().is_empty());
}

/// Without a confirmed address, anybody could come under anybody's.
#[test]
fn nobody_registers_where_no_address_is_confirmed() {
    let world = allowing();
    let path = format!("{TRAVEL0}/authentication/required-actions/VERIFY_EMAIL");
    assert_eq!(world.put(&path, &admin(&world), &json!({ "enabled": false })).status, 204);
    let answer = create(&Browser::new(&world), &RelyingParty::web(&world));
    assert_eq!(error_of(&answer), "invalid_request");
}

/// §4.2.
#[test]
fn discovery_and_the_realm_say_whether_people_register() {
    let world = travel0();
    let prompts = || {
        let path = "/realms/travel0/.well-known/openid-configuration";
        world.get(path, "").json()["prompt_values_supported"].clone()
    };
    let setting = || world.get(TRAVEL0, &admin(&world)).json()["registrationAllowed"].clone();
    let without = json!(["none", "login", "consent", "select_account"]);
    assert_eq!((prompts(), setting()), (without.clone(), json!(false)));
    allow(&world);
    let with = json!(["none", "login", "consent", "select_account", "create"]);
    assert_eq!((prompts(), setting()), (with.clone(), json!(true)));
    set(&world, &json!({ "displayName": "Travel" }));
    assert_eq!((prompts(), setting()), (with, json!(true)), "what is not named stays");
    set(&world, &json!({ "registrationAllowed": false }));
    assert_eq!((prompts(), setting()), (without, json!(false)));
    let odd = world.put(TRAVEL0, &admin(&world), &json!({ "registrationAllowed": "yes" }));
    assert_eq!(odd.status, 400, "{odd:?}");
}

#[test]
fn the_pages_lead_to_each_other() {
    let world = allowing();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let login = browser.open(&app.authorization_path("openid", &format!("&login_hint={NEW}")));
    assert!(is_login(&login) && login.text.contains("Create an account"), "{login:?}");
    let page = press(&browser, &login, "create");
    assert!(is_registration(&page), "{page:?}");
    assert_eq!(page.field("email"), NEW, "the hint is filled in");
    let login = press(&browser, &page, "back");
    assert!(is_login(&login), "{login:?}");
    let answer = sign_in(&browser, &login, "hiroko", demo::PASSWORD);
    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-1"), "the same request");

    let page = create(&browser, &app);
    assert!(is_registration(&page), "whoever is signed in: {page:?}");
    let login = press(&browser, &page, "back");
    assert!(is_login(&login), "{login:?}");
    for prompts in ["create%20consent", "login%20create", "create%20select_account"] {
        let path = app.authorization_path("openid", &format!("&prompt={prompts}"));
        assert!(is_registration(&browser.open(&path)), "{prompts}");
    }
    let path = app.authorization_path("openid", "&prompt=create%20none");
    assert_eq!(error_of(&browser.open(&path)), "invalid_request");
    assert!(world.mails().is_empty());
}

/// Nobody learns by the form who is here: the same answer, for the same hashes.
#[test]
fn an_address_that_is_taken_looks_like_one_that_is_not() {
    let world = allowing();
    let service = json!({ "username": "robot@freelance.example", "email": "r@other.example" });
    made(&world, &service);
    let before = user(&world, "hiroko").unwrap();
    let answer = |email: &str| {
        let hashes = count_hashes();
        let answer = register(&world, email, PASSWORD);
        let cost = count_hashes() - hashes;
        let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        (answer.status, without_secrets(&answer, email), headers, cost)
    };

    let fresh = answer(NEW);

    assert_eq!(fresh.3, 1, "one hash");
    for taken in [HIROKO, NEW, "HIROKO@granite-outpost.example", "robot@freelance.example"] {
        let (status, text, headers, cost) = answer(taken);
        let text = text.replace(&taken.to_lowercase(), "ADDRESS");
        assert_eq!((status, text, headers, cost), fresh, "{taken}");
    }
    assert_eq!(user(&world, "hiroko").unwrap(), before, "nothing is changed");
    assert!(signs_in(&world, "hiroko", demo::PASSWORD) && !signs_in(&world, "hiroko", PASSWORD));
}

/// A disabled person may not be told either.
#[test]
fn a_disabled_person_is_no_exception() {
    let world = allowing();
    let id = user(&world, "hiroko").unwrap().id;
    let off = json!({ "enabled": false });
    assert_eq!(world.put(&format!("{USERS}/{id}"), &admin(&world), &off).status, 204);
    let taken = register(&world, HIROKO, PASSWORD);
    let fresh = register(&world, NEW, PASSWORD);
    assert_eq!(without_secrets(&taken, HIROKO), without_secrets(&fresh, NEW));
    assert!(!user(&world, "hiroko").unwrap().enabled);
}

#[test]
fn the_owner_of_a_taken_address_reads_that_somebody_tried() {
    let world = allowing();
    register(&world, HIROKO, PASSWORD);
    let mail = world.mails().pop().unwrap();
    assert_eq!(mail.to, HIROKO);
    assert!(mail.text.contains("There is one already"), "{}", mail.text);
    for part in [&mail.text, &mail.html] {
        assert!(!part.contains("action-token") && !part.contains("Nora"), "{part}");
        assert!(!part.contains("localhost:3000"), "whoever asks says nothing: {part}");
    }
    let uri = "https://app.travel0.example/";
    set(
        &world,
        &json!({ "attributes": { "_providerConfig.orgs.config.defaultApplicationUri": uri } }),
    );
    register(&world, HIROKO, PASSWORD);
    assert!(world.mails().pop().unwrap().text.contains(uri), "the administrator does");
}

#[test]
fn the_mails_show_names_as_they_are() {
    for sample in RegistrationMail::samples() {
        let mail = sample.compose(NEW);
        assert!(!mail.html.contains("<b>") && !mail.html.contains("<script"), "{}", mail.html);
        assert!(!mail.subject.contains(char::is_control), "{}", mail.subject);
    }
}

#[test]
fn what_cannot_be_taken_is_told_on_the_page_and_the_rest_is_kept() {
    let world = allowing();
    let browser = Browser::new(&world);
    let mut shown = page(&browser, &RelyingParty::web(&world));
    let long = "x".repeat(5000);
    for (email, password, problem) in [
        (NEW, "short", "The password is shorter than 8 characters."),
        (NEW, long.as_str(), "The password is too long."),
        ("nora", PASSWORD, "This cannot be an email address."),
        ("nora@two@freelance.example", PASSWORD, "This cannot be an email address."),
        (" ", PASSWORD, "Enter your email address."),
        ("hiroko@granite-outpost.example", "short", "The password is shorter than 8 characters."),
    ] {
        shown = fill_in(&browser, &shown, email, password);
        assert!(is_registration(&shown) && shown.text.contains(problem), "{problem}: {shown:?}");
        assert_eq!(shown.field("email"), email.trim());
        assert_eq!(shown.field("firstName"), "Nora");
        assert!(!shown.text.contains(&format!("\"{password}\"")), "{problem}");
    }
    let hidden = [shown.field("state"), shown.field("csrf")];
    let mut nameless = fields(&hidden, NEW, PASSWORD);
    nameless.retain(|(name, _)| !["firstName", "lastName"].contains(name));
    let shown = browser.submit(ACTION, &nameless);
    for problem in ["Enter your first name.", "Enter your last name."] {
        assert!(shown.text.contains(problem), "{shown:?}");
    }
    assert!(user(&world, NEW).is_none() && world.mails().is_empty());
    assert_eq!(fill_in(&browser, &shown, NEW, PASSWORD).status, 200);
    assert!(user(&world, NEW).is_some(), "in the end it is taken");
}

#[test]
fn the_password_rule_and_the_profile_of_the_realm_count() {
    let world = allowing();
    set(&world, &json!({ "passwordPolicy": "length(30)" }));
    let short = register(&world, NEW, PASSWORD);
    assert!(short.text.contains("shorter than 30"), "{short:?}");
    set(&world, &json!({ "passwordPolicy": "length(8)" }));
    let path = format!("{USERS}/profile");
    let mut profile = world.get(&path, &admin(&world)).json();
    for field in profile["attributes"].as_array_mut().unwrap() {
        let pattern = match field["name"].as_str() {
            Some("email") => ".*@staff\\.example",
            Some("lastName") => "[A-M].*",
            _ => continue,
        };
        field["validations"] = json!({ "pattern": { "pattern": pattern } });
    }
    let changed = world.put(&path, &admin(&world), &profile);
    assert_eq!(changed.status, 200, "{changed:?}");
    let refused = register(&world, NEW, PASSWORD);
    for problem in ["This cannot be an email address.", "This cannot be a last name."] {
        assert!(refused.text.contains(problem), "{refused:?}");
    }
    assert!(user(&world, NEW).is_none());
}

#[test]
fn a_form_that_is_not_this_browsers_is_refused() {
    let world = allowing();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let shown = page(&browser, &app);
    let hidden = [shown.field("state"), shown.field("csrf")];
    let good = fields(&hidden, NEW, PASSWORD);
    let refused = |browser: &Browser<'_>, fields: &[(&str, &str)]| {
        let answer = browser.submit(ACTION, fields);
        assert_eq!(answer.status, 400, "{answer:?}");
    };
    let without = |name: &str| -> Vec<_> {
        good.iter().filter(|(known, _)| *known != name).copied().collect()
    };
    refused(&browser, &without("csrf"));
    refused(&browser, &without("state"));
    refused(&Browser::new(&world), &good);
    let other = Browser::new(&world);
    page(&other, &app);
    refused(&other, &good);
    let login = app.send(&browser, "openid");
    let of_login = [login.field("state"), login.field("csrf")];
    refused(&browser, &fields(&of_login, NEW, PASSWORD));
    let mixed = [login.field("state"), hidden[1].clone()];
    refused(&browser, &fields(&mixed, NEW, PASSWORD));
    let twice = [&good[..], &[("csrf", &*hidden[1])]].concat();
    refused(&browser, &twice);
    let master = "/realms/master/login-actions/registration";
    assert_eq!(browser.submit(master, &good).status, 400, "another realm's state");
    let json = json_request(Method::POST, ACTION, "", Some(&json!({ "email": NEW })));
    assert_eq!(browser.send(json).status, 400);
    assert_eq!(fill_in(&browser, &login, "hiroko", demo::PASSWORD).status, 200, "no sign-in");
    world.advance(Seconds::minutes(30));
    refused(&browser, &good);
    assert!(user(&world, NEW).is_none() && world.mails().is_empty());
}

#[test]
fn nobody_frames_the_page_or_keeps_it() {
    let world = allowing();
    let browser = Browser::new(&world);
    let shown = page(&browser, &RelyingParty::web(&world));
    let told = fill_in(&browser, &shown, NEW, PASSWORD);
    for page in [shown, told] {
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert!(page.header("cache-control").contains("no-store"), "{page:?}");
        assert!(!page.text.contains("<script"), "{page:?}");
    }
}

/// Wherever it is killed, the person can go on, and nothing is there twice.
#[test]
fn a_registration_that_is_killed_leaves_a_person_who_can_go_on_or_nobody() {
    for (point, is_there) in
        [("account.register.after_object", false), ("account.register.after_directory", true)]
    {
        let world = allowing();
        let browser = Browser::new(&world);
        let shown = page(&browser, &RelyingParty::web(&world));
        let hidden = [shown.field("state"), shown.field("csrf")];
        let request = form_request(ACTION, &fields(&hidden, NEW, PASSWORD));
        world.crash_at(point, browser.dress(request));
        assert_eq!(user(&world, NEW).is_some(), is_there, "{point}");
        world.ring_alarms();

        assert_eq!(fill_in(&browser, &shown, NEW, PASSWORD).status, 200, "{point}");
        let login = RelyingParty::web(&world).send(&browser, "openid");
        let asked = sign_in(&browser, &login, NEW, PASSWORD);
        assert!(asked.text.contains("Check your mail"), "{point}: {asked:?}");
        assert_eq!(confirm(&browser, &link(&world, NEW)).status, 200, "{point}");
        assert!(signs_in(&world, NEW, PASSWORD), "{point}");
    }
}

#[test]
fn what_is_left_of_a_refused_registration_goes_away() {
    let world = allowing();
    let before = world.count_objects();
    register(&world, HIROKO, PASSWORD);
    assert_eq!(world.count_objects(), before + 1, "an account that nobody waits for");
    world.ring_alarms();
    assert_eq!(world.count_objects(), before);
}

/// Two at once: one is a person, both read the same page.
#[test]
fn of_two_registrations_at_once_one_counts() {
    for step in 1.. {
        let world = allowing();
        let (app, browser) = (RelyingParty::web(&world), Browser::new(&world));
        let shown = page(&browser, &app);
        let hidden = [shown.field("state"), shown.field("csrf")];
        let request =
            |password: &str| browser.dress(form_request(ACTION, &fields(&hidden, NEW, password)));
        let both = world.interleaved(step, request(PASSWORD), request("the other password"));
        let Some([first, second]) = both else { break };
        let [first, second] = [first, second].map(Answer::new);
        assert_eq!((first.status, &first.text), (second.status, &second.text), "{step}");
        let mails = world.mails();
        let links = mails.iter().filter(|mail| mail.text.contains("action-token")).count();
        assert_eq!((mails.len(), links), (2, 1), "{step}");
        assert!(user(&world, NEW).is_some());
    }
}

#[test]
fn default_actions_and_groups_are_those_of_everybody_new() {
    let world = allowing();
    let path = format!("{TRAVEL0}/authentication/required-actions/UPDATE_PASSWORD");
    assert_eq!(world.put(&path, &admin(&world), &json!({ "defaultAction": true })).status, 204);
    let group = world.post(&format!("{TRAVEL0}/groups"), &admin(&world), &json!({ "name": "all" }));
    assert_eq!(group.status, 201);
    set(&world, &json!({ "defaultGroups": ["/all"] }));

    register(&world, NEW, PASSWORD);

    let nora = user(&world, NEW).unwrap();
    let both = [RequiredAction::VerifyEmail, RequiredAction::UpdatePassword];
    assert_eq!(nora.required_actions, both);
    let groups = world.get(&format!("{USERS}/{}/groups", nora.id), &admin(&world)).json();
    assert_eq!(groups[0]["name"], "all", "{groups}");
}

/// An invitation registers whoever it is for, whatever the realm lets others do.
#[test]
fn an_invitation_needs_no_permission_of_the_realm() {
    for allows in [false, true] {
        let world = travel0();
        set(&world, &json!({ "registrationAllowed": allows }));
        assert_eq!(invite(&world, MARTA).status, 201);
        let link = invitations::link(&world);
        let ticket = link.split("ticket=").nth(1).unwrap();
        let browser = Browser::new(&world);
        let extra = format!("&organization=rocky-mountain&invitation={ticket}&prompt=create");
        let path = RelyingParty::web(&world).authorization_path("openid", &extra);
        let away = browser.open(&path);
        assert_eq!(away.status, 303, "{away:?}");
        let joined = accept(&browser, &browser.open(away.location()));
        assert_eq!(joined.status, 200, "{joined:?}");
        assert!(user(&world, MARTA).unwrap().email_verified);
    }
}
