//! The page on which a person types what their device shows, and the question
//! whether it may (RFC 8628 §3.3, §5).
use crate::admin_setup::TRAVEL0;
use crate::authorization_setup::{change_client, is_login};
use crate::authorize::pick;
use crate::device_setup::{
    Device, allow, answer, answer_request, device_world, is_code_page, is_connected, is_over,
    is_question, is_wrong_code, submit_code, type_code,
};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{RelyingParty, claims_of, sign_in, travel0};
use crate::harness::world::World;
use crate::scim_setup::{admin, org_id};
use crate::token_setup::refusal;
use guildhall::account::device_guess::{GUESS_WINDOW, MAX_GUESSES};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use serde_json::json;

const PENDING: (u16, &str) = (400, "authorization_pending");

fn is_pending(device: &Device<'_>) -> bool {
    let answer = device.poll_in_time();
    (answer.status.as_u16(), answer.error().as_str()) == PENDING
}

/// A browser in which hiroko is signed in.
fn hirokos(world: &World) -> Browser<'_> {
    let browser = Browser::new(world);
    let app = RelyingParty::web(world);
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    browser
}

#[test]
fn a_person_types_the_code_signs_in_and_is_asked() {
    let world = device_world();
    change_client(&world, "travel0-spa", &json!({ "name": "Lobby display" }));
    let device = Device::new(&world, "openid email organization:granite-outpost");
    let browser = Browser::new(&world);
    let login = type_code(&browser, device.user_code());
    assert!(is_login(&login), "{login:?}");
    let question = sign_in(&browser, &login, "hiroko", PASSWORD);
    assert!(is_question(&question), "{question:?}");
    for words in ["Lobby display", "Your email address", "Granite Outpost", device.user_code()] {
        assert!(question.text.contains(words), "{words}: {}", question.text);
    }
    assert!(is_pending(&device));
    assert!(is_connected(&answer(&browser, &question, "accept")));
    let tokens = device.tokens();
    let claim = claims_of(&tokens["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().keys().collect::<Vec<_>>(), ["granite-outpost"]);
}

#[test]
fn the_code_may_be_typed_in_any_way() {
    let world = device_world();
    let browser = hirokos(&world);
    let device = Device::new(&world, "openid");
    let code = device.user_code();
    let ways =
        [code.to_lowercase(), code.replace('-', ""), code.replace('-', " "), format!(" {code} ")];
    for typed in ways {
        assert!(is_question(&type_code(&browser, &typed)), "{typed}");
    }
}

/// RFC 8628 §3.3.1, §5.4: a link does not answer for the person.
#[test]
fn a_link_fills_the_code_in_and_does_nothing() {
    let world = device_world();
    let browser = hirokos(&world);
    let device = Device::new(&world, "openid");
    let page = browser.open(device.told["verification_uri_complete"].as_str().unwrap());
    assert!(is_code_page(&page), "{page:?}");
    assert_eq!(page.field("device_user_code"), device.user_code());
    assert!(page.text.contains("Does your device show this code?"), "{}", page.text);
    assert!(is_pending(&device));

    let question = submit_code(&browser, &page, &page.field("device_user_code"));
    assert!(is_question(&question), "{question:?}");
    assert!(question.text.contains("If somebody sent you the code"), "{}", question.text);
    assert!(is_pending(&device));
    let odd = browser.open(&travel0("/device?user_code=%22%3E%3Cscript%3E"));
    assert_eq!(odd.field("device_user_code"), "");
}

/// Also of a client that need not ask, and of a person who allowed all of it before.
#[test]
fn a_person_is_asked_each_time() {
    let world = device_world();
    let browser = hirokos(&world);
    for _ in 0..2 {
        let device = Device::new(&world, "openid");
        let question = type_code(&browser, device.user_code());
        assert!(is_question(&question), "{question:?}");
        assert!(is_connected(&answer(&browser, &question, "accept")));
        device.tokens();
    }
}

#[test]
fn a_person_who_says_no_gives_nothing() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let (browser, question) = device.signed_in("hiroko");
    let page = answer(&browser, &question, "cancel");
    assert!(page.text.contains("Your device was not connected"), "{page:?}");
    assert_eq!(refusal(&device.poll()), (400, "access_denied".to_owned()));
    // An answer stands.
    assert!(is_over(&answer(&browser, &question, "accept")));
    assert_eq!(refusal(&device.poll()), (400, "access_denied".to_owned()));
    assert!(is_wrong_code(&type_code(&browser, device.user_code())));
}

#[test]
fn an_answer_counts_once() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let (emilios, emilios_question) = device.signed_in("emilio");
    let (browser, question) = device.signed_in("hiroko");
    assert!(is_connected(&answer(&browser, &question, "accept")));
    assert!(is_over(&answer(&browser, &question, "accept")));
    assert!(is_over(&answer(&emilios, &emilios_question, "accept")));
    answer(&emilios, &emilios_question, "cancel");
    let tokens = device.tokens();
    assert_eq!(claims_of(&tokens["access_token"])["preferred_username"], "hiroko");
}

#[test]
fn of_several_organizations_the_person_picks_one() {
    let world = device_world();
    let device = Device::new(&world, "openid organization");
    let (browser, choices) = device.signed_in("emilio");
    assert!(choices.text.contains("kc.org"), "{choices:?}");
    let question = pick(&browser, &choices, "rocky-mountain");
    assert!(question.text.contains("Rocky Mountain"), "{question:?}");
    assert!(!question.text.contains("Granite"), "{question:?}");
    assert!(is_connected(&answer(&browser, &question, "accept")));
    let claim = claims_of(&device.tokens()["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().keys().collect::<Vec<_>>(), ["rocky-mountain"]);
}

#[test]
fn a_device_asks_for_an_organization_in_each_way() {
    let world = device_world();
    let id = org_id(&world, "granite-outpost");
    for asked in [
        ("organization", id.as_str()),
        ("organization_name", "granite-outpost"),
        ("scope", "openid organization:granite-outpost"),
    ] {
        let device = Device::of(RelyingParty::spa(&world), &[asked]);
        let (browser, question) = device.signed_in("emilio");
        assert!(question.text.contains("Granite Outpost"), "{asked:?} {question:?}");
        assert!(is_connected(&answer(&browser, &question, "accept")));
        let claim = claims_of(&device.tokens()["access_token"])["organization"].clone();
        let told: Vec<_> = claim.as_object().unwrap().keys().collect();
        assert_eq!(told, ["granite-outpost"], "{asked:?}");
    }
    for said in ["rocky-mountain", "nowhere"] {
        let both = [("organization", id.as_str()), ("organization_name", said)];
        let device = Device::of(RelyingParty::spa(&world), &both);
        let (browser, refused) = device.signed_in("emilio");
        let page = browser.open(refused.location());
        assert!(page.text.contains("Your device was not connected"), "{said} {page:?}");
    }
}

/// The parameter of the authorization endpoint.
#[test]
fn a_demanded_organization_is_the_one_or_none_is() {
    let world = device_world();
    let fields = [("scope", "openid organization"), ("organization", "granite-outpost")];
    let device = Device::of(RelyingParty::spa(&world), &fields);
    let (browser, question) = device.signed_in("emilio");
    assert!(question.text.contains("Granite Outpost"), "{question:?}");
    assert!(is_connected(&answer(&browser, &question, "accept")));
    let claim = claims_of(&device.tokens()["access_token"])["organization"].clone();
    assert_eq!(claim.as_object().unwrap().keys().collect::<Vec<_>>(), ["granite-outpost"]);

    let fields = [("scope", "openid"), ("organization", "adventurez")];
    let device = Device::of(RelyingParty::spa(&world), &fields);
    let (browser, refused) = device.signed_in("emilio");
    assert_eq!(refused.status, 303, "{refused:?}");
    let page = browser.open(refused.location());
    assert!(page.text.contains("Your device was not connected"), "{page:?}");
    // Somebody who belongs there may still come.
    assert!(is_pending(&device));
}

#[test]
fn what_is_no_code_is_not_one() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let browser = hirokos(&world);
    for typed in ["", "x", "WDJB-MJHT", device.code()] {
        assert!(is_wrong_code(&type_code(&browser, typed)), "{typed}");
    }
    // Whoever is nobody yet learns nothing before they have signed in.
    let stranger = Browser::new(&world);
    let login = type_code(&stranger, "WDJB-MJHT");
    assert!(is_login(&login), "{login:?}");
    assert!(is_wrong_code(&sign_in(&stranger, &login, "emilio", PASSWORD)));
}

#[test]
fn a_wrong_password_leads_nowhere() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let browser = Browser::new(&world);
    let login = type_code(&browser, device.user_code());
    let again = sign_in(&browser, &login, "hiroko", "not the password");
    assert!(is_login(&again), "{again:?}");
    assert!(is_question(&sign_in(&browser, &again, "hiroko", PASSWORD)));
}

#[test]
fn a_code_of_another_realm_is_none() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let browser = Browser::new(&world);
    let page = browser.open("/realms/master/device");
    let login = submit_code(&browser, &page, device.user_code());
    let page = sign_in(&browser, &login, "admin", "admin");
    assert!(!is_question(&page), "{page:?}");
    assert!(is_pending(&device));
}

/// RFC 8628 §5.1.
#[test]
fn who_types_too_many_codes_waits() {
    let world = device_world();
    let device = Device::of(RelyingParty::web(&world), &[]);
    let browser = hirokos(&world);
    for _ in 0..MAX_GUESSES {
        assert!(is_wrong_code(&type_code(&browser, "WDJB-MJHT")));
    }
    let locked = |browser: &Browser<'_>| {
        let page = type_code(browser, device.user_code());
        is_code_page(&page) && page.text.contains("You typed too many codes")
    };
    assert!(locked(&browser));
    // Another browser is no way round, nor is signing in.
    let other = Browser::new(&world);
    let login = type_code(&other, device.user_code());
    let page = sign_in(&other, &login, "hiroko", PASSWORD);
    assert!(page.text.contains("You typed too many codes"), "{page:?}");
    // Nobody else waits.
    assert!(is_question(&device.signed_in("emilio").1));

    world.advance(Seconds(GUESS_WINDOW.0 - 1));
    assert!(locked(&browser));
    world.advance(Seconds(1));
    let fresh = Device::new(&world, "openid");
    assert!(is_question(&type_code(&browser, fresh.user_code())));
}

/// Or else whoever guesses begins again with a code of their own.
#[test]
fn a_right_code_does_not_pay_for_wrong_ones() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let browser = hirokos(&world);
    for _ in 0..MAX_GUESSES / 2 {
        assert!(is_wrong_code(&type_code(&browser, "WDJB-MJHT")));
        assert!(is_question(&type_code(&browser, device.user_code())));
    }
    assert!(type_code(&browser, device.user_code()).text.contains("You typed too many codes"));
}

#[test]
fn a_form_that_was_not_shown_here_is_not_taken() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let (browser, question) = device.signed_in("hiroko");
    let others = Browser::new(&world);
    let others_page = others.open(&travel0("/device"));
    for csrf in ["", "forged", &others_page.field("csrf"), &question.field("csrf")] {
        let fields = [("csrf", csrf), ("device_user_code", device.user_code())];
        let page = browser.submit(&travel0("/device"), &fields);
        assert_eq!(page.status, 400, "{csrf}");
        assert!(is_code_page(&page), "{page:?}");
    }
    let other_type = browser.send(
        browser.dress(
            http::Request::post(format!("{}{}", crate::harness::world::BASE, travel0("/device")))
                .header("content-type", "application/json")
                .body(bytes::Bytes::from_static(b"{}"))
                .unwrap(),
        ),
    );
    assert_eq!(other_type.status, 400);
    // The question, with another form's token, and in another browser.
    let (state, csrf) = (question.field("state"), question.field("csrf"));
    let code_page = browser.open(&travel0("/device"));
    for (browser, csrf) in [
        (&browser, code_page.field("csrf")),
        (&browser, String::new()),
        (&others, csrf.clone()),
        (&others, others_page.field("csrf")),
    ] {
        let fields = [("state", &*state), ("csrf", &*csrf), ("accept", "yes")];
        let answer = browser.send(form_request(&question.action(), &fields));
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    assert!(is_pending(&device));
    assert!(is_connected(&answer(&browser, &question, "accept")));
}

/// The person who was asked, and nobody who signs in later in the same browser.
#[test]
fn an_answer_is_the_persons_who_was_asked() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let (browser, question) = device.signed_in("hiroko");
    let app = RelyingParty::web(&world);
    let page = browser.open(&app.authorization_path("openid", "&prompt=login"));
    sign_in(&browser, &page, "emilio", PASSWORD);
    let login = browser.send(answer_request(&browser, &question, "accept"));
    assert!(is_login(&login), "{login:?}");
    assert!(is_pending(&device));
}

#[test]
fn no_page_of_it_can_be_framed_or_kept() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let browser = Browser::new(&world);
    let (_, question) = device.signed_in("hiroko");
    let pages: [Answer; 3] =
        [browser.open(&travel0("/device")), browser.open(&travel0("/device/status")), question];
    for page in pages {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{page:?}");
        assert!(policy.contains("default-src 'none'"), "{page:?}");
        assert_eq!(page.header("cache-control"), "no-store");
    }
}

#[test]
fn the_last_page_repeats_nothing_it_is_told() {
    let world = device_world();
    let browser = Browser::new(&world);
    let page = browser.open(&travel0("/device/status?error=evil%3Cb%3E&error_description=evil"));
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("evil"), "{}", page.text);
    assert!(!is_connected(&browser.open(&travel0("/device/status"))));
}

#[test]
fn a_code_is_over_at_its_second() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let browser = hirokos(&world);
    world.advance(Seconds(599));
    let question = type_code(&browser, device.user_code());
    assert!(is_question(&question), "{question:?}");
    world.advance(Seconds(1));
    assert!(is_wrong_code(&type_code(&browser, device.user_code())));
    assert!(is_over(&answer(&browser, &question, "accept")));
    assert_eq!(refusal(&device.poll()), (400, "expired_token".to_owned()));
}

#[test]
fn a_client_that_lost_the_flow_or_is_another_leads_nowhere() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let browser = hirokos(&world);
    allow(&world, "travel0-spa", "false");
    assert!(is_wrong_code(&type_code(&browser, device.user_code())));
    allow(&world, "travel0-spa", "true");
    change_client(&world, "travel0-spa", &json!({ "enabled": false }));
    assert!(is_wrong_code(&type_code(&browser, device.user_code())));
    change_client(&world, "travel0-spa", &json!({ "enabled": true }));
    let question = type_code(&browser, device.user_code());
    change_client(&world, "travel0-spa", &json!({ "enabled": false }));
    let page = answer(&browser, &question, "accept");
    assert!(page.text.contains("Your device was not connected"), "{page:?}");
}

#[test]
fn a_disabled_person_gets_no_further() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    let (browser, question) = device.signed_in("hiroko");
    let id = crate::scim_setup::user(&world, "hiroko").unwrap().id;
    let path = format!("{TRAVEL0}/users/{id}");
    assert_eq!(world.put(&path, &admin(&world), &json!({ "enabled": false })).status, 204);
    let page = browser.send(answer_request(&browser, &question, "accept"));
    assert!(is_login(&page), "{page:?}");
    assert!(is_pending(&device));
}

/// A new password comes first, and the device is not forgotten over it.
#[test]
fn what_a_person_owes_comes_before_the_question() {
    let world = device_world();
    let device = Device::new(&world, "openid");
    crate::admin_actions::temporary(&world);
    let browser = Browser::new(&world);
    let login = type_code(&browser, device.user_code());
    let owed = sign_in(&browser, &login, "hiroko", "for the moment");
    let new = "a much better password";
    let question = crate::admin_actions::choose(&browser, &owed, new, new);
    assert!(is_question(&question), "{question:?}");
    assert!(is_connected(&answer(&browser, &question, "accept")));
    device.tokens();
}
