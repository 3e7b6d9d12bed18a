//! Invitations, from the request to the member.
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{RelyingParty, sign_in};
use crate::harness::world::World;
use crate::scim_setup::{Directory, count_people, org_id, person, realm, travel0, user};
use guildhall::app::demo;
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use serde_json::{Value, json};

const PASSWORD: &str = "long enough for Travel0";
pub const MARTA: &str = "marta@freelance.example";

fn jonno(world: &World) -> String {
    let tokens = RelyingParty::web(world).tokens_for("jonno", "openid");
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn path(world: &World) -> String {
    format!("/realms/travel0/orgs/{}/invitations", org_id(world, "rocky-mountain"))
}

pub fn invite(world: &World, email: &str) -> Answer {
    let body = json!({ "email": email, "roles": ["guide"], "send": true });
    world.post(&path(world), &jonno(world), &body)
}

/// The link in the newest mail.
pub fn link(world: &World) -> String {
    let mail = world.mails().pop().unwrap();
    let start = mail.text.find("http://").unwrap();
    mail.text[start..].split_whitespace().next().unwrap().to_owned()
}

pub fn accept(browser: &Browser<'_>, page: &Answer) -> Answer {
    let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));
    browser.submit(
        &page.action(),
        &[
            ("ticket", &ticket),
            ("csrf", &csrf),
            ("firstName", "Marta"),
            ("lastName", "Lindqvist"),
            ("password", PASSWORD),
        ],
    )
}

fn members(world: &World) -> Vec<String> {
    let path = format!("/realms/travel0/orgs/{}/members", org_id(world, "rocky-mountain"));
    let list: Value = world.get(&path, &jonno(world)).json();
    let people = list.as_array().unwrap().iter();
    people.map(|one| one["email"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_mail_names_the_organization_and_brings_a_link() {
    let world = travel0();
    assert_eq!(invite(&world, MARTA).status, 201);

    let mail = world.mails().pop().unwrap();

    assert_eq!(mail.to, MARTA);
    assert!(mail.subject.contains("Rocky Mountain High Adventures"), "{}", mail.subject);
    assert!(mail.text.contains("guide") && mail.text.contains("22 January 2027"), "{}", mail.text);
    assert!(mail.html.contains("login-actions/invitation?ticket="));
}

#[test]
fn nothing_is_mailed_unless_asked_for() {
    let world = travel0();
    world.post(&path(&world), &jonno(&world), &json!({ "email": MARTA }));
    assert!(world.mails().is_empty());
}

#[test]
fn a_new_person_chooses_a_password_and_is_a_member_with_the_roles() {
    let world = travel0();
    invite(&world, MARTA);
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    assert!(page.text.contains("Rocky Mountain High Adventures") && page.text.contains(MARTA));

    let joined = accept(&browser, &page);

    assert_eq!(joined.status, 200, "{}", joined.text);
    assert!(joined.text.contains("Rocky Mountain High Adventures"));
    // Signed in already: the app gets its code without another page.
    let app = RelyingParty::web(&world);
    let silent = app.send(&browser, "openid organization:rocky-mountain");
    assert!(silent.location().contains("code="), "{silent:?}");
    let marta = user(&world, MARTA).unwrap();
    assert!(marta.email_verified);
    assert!(members(&world).contains(&MARTA.to_owned()));
    let again = Browser::new(&world);
    let login = app.send(&again, "openid organization:rocky-mountain");
    let signed_in = sign_in(&again, &login, MARTA, PASSWORD);
    assert!(signed_in.location().contains("code="), "{signed_in:?}");
}

#[test]
fn a_ticket_works_once() {
    let world = travel0();
    invite(&world, MARTA);
    let link = link(&world);
    let browser = Browser::new(&world);
    let page = browser.open(&link);
    accept(&browser, &page);
    let (people, before) = (count_people(&world), members(&world));

    let reopened = Browser::new(&world).open(&link);
    let resubmitted = accept(&browser, &page);

    for again in [reopened, resubmitted] {
        assert_eq!(again.status, 410);
        assert!(again.text.contains("already been used"), "{}", again.text);
    }
    assert_eq!((count_people(&world), members(&world)), (people, before));
}

/// Who presses twice joins with the first and reads the answer to the second.
#[test]
fn a_used_ticket_still_shows_the_way_to_the_app() {
    let world = travel0();
    let body = json!({ "email": MARTA, "redirectUri": "https://app.example/hi", "send": true });
    assert_eq!(world.post(&path(&world), &jonno(&world), &body).status, 201);
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));

    for status in [200, 410] {
        let answer = accept(&browser, &page);
        assert_eq!(answer.status, status);
        assert!(answer.text.contains("href=\"https://app.example/hi\""), "{}", answer.text);
    }
}

#[test]
fn an_invitation_that_cannot_be_read_now_says_that_it_is_our_fault() {
    let world = travel0();
    invite(&world, MARTA);
    let link = link(&world);
    let rename = "ALTER TABLE user RENAME TO gone";
    world.directory().sql().run(Statement::new(rename)).unwrap();

    let page = Browser::new(&world).open(&link);

    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (500, "text/html; charset=utf-8")
    );
    assert!(page.text.contains("Something went wrong") && page.text.contains("Travel0"));
}

#[test]
fn a_ticket_is_dead_at_its_expiry_second() {
    let world = travel0();
    invite(&world, MARTA);
    let link = link(&world);
    world.advance(Seconds::days(7));
    let page = Browser::new(&world).open(&link);
    assert!(page.status == 410 && page.text.contains("has expired"), "{}", page.text);
}

#[test]
fn a_revoked_invitation_says_so_and_frees_the_address() {
    let world = travel0();
    let created = invite(&world, MARTA);
    let link = link(&world);
    assert_eq!(invite(&world, MARTA).status, 409);

    assert_eq!(world.delete(created.location(), &jonno(&world)).status, 204);

    let page = Browser::new(&world).open(&link);
    assert!(page.status == 410 && page.text.contains("withdrawn"), "{}", page.text);
    assert_eq!(world.delete(created.location(), &jonno(&world)).status, 404);
    assert_eq!(invite(&world, MARTA).status, 201);
}

#[test]
fn a_forged_ticket_leads_nowhere() {
    let world = travel0();
    invite(&world, MARTA);
    let link = link(&world);
    for forged in ["", "garbage", &link.split_once("ticket=").unwrap().1[1..]] {
        let path = format!("/realms/travel0/login-actions/invitation?ticket={forged}");
        assert_eq!(Browser::new(&world).open(&path).status, 404, "{forged:.20}");
    }
    let elsewhere = link.replace("/realms/travel0/", "/realms/master/");
    assert_eq!(Browser::new(&world).open(&elsewhere).status, 404);
}

#[test]
fn somebody_else_who_is_signed_in_is_told_whom_it_is_for() {
    let world = travel0();
    invite(&world, MARTA);
    let browser = Browser::new(&world);
    let login = RelyingParty::web(&world).send(&browser, "openid");
    sign_in(&browser, &login, "hiroko", demo::PASSWORD);

    let page = browser.open(&link(&world));

    assert!(page.status == 403 && page.text.contains("someone else"), "{}", page.text);
    assert!(!members(&world).contains(&MARTA.to_owned()));
}

#[test]
fn a_user_joins_with_their_own_password_and_no_other() {
    let world = travel0();
    invite(&world, "hiroko@granite-outpost.example");
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));
    let submit = |password: &str| {
        let fields = [("ticket", ticket.as_str()), ("csrf", &csrf), ("password", password)];
        browser.submit(&page.action(), &fields)
    };

    let wrong = submit("not the password");
    assert!(wrong.text.contains("not correct") && !wrong.text.contains("You joined"));
    assert_eq!(members(&world).len(), 3);
    assert_eq!(submit(demo::PASSWORD).status, 200);
    assert_eq!(members(&world).len(), 4);
}

/// Marta as another organization's directory made her: without a password.
pub fn pushed_and_invited() -> World {
    let world = travel0();
    Directory::connect(&world, "granite-outpost").pushed(&person("marta", MARTA));
    assert_eq!(invite(&world, MARTA).status, 201);
    world
}

/// The form of whoever is known, with a password.
pub fn with_password(page: &Answer, password: &str) -> http::Request<bytes::Bytes> {
    let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));
    let fields = [("ticket", ticket.as_str()), ("csrf", &csrf), ("password", password)];
    form_request(&page.action(), &fields)
}

/// Whether Marta signs in with `password` and gets a code for the organization.
fn marta_enters(world: &World, password: &str) -> bool {
    let browser = Browser::new(world);
    let login = RelyingParty::web(world).send(&browser, "openid organization:rocky-mountain");
    sign_in(&browser, &login, MARTA, password).location().contains("code=")
}

fn count_martas(world: &World) -> usize {
    members(world).iter().filter(|one| *one == MARTA).count()
}

#[test]
fn a_user_without_a_password_chooses_one_and_is_a_member() {
    let world = pushed_and_invited();
    assert!(!user(&world, MARTA).unwrap().email_verified);
    let people = count_people(&world);
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    assert!(page.text.contains("Choose a password"), "{}", page.text);
    assert!(!page.text.contains("First name"), "{}", page.text);

    let joined = browser.send(with_password(&page, PASSWORD));

    assert_eq!(joined.status, 200, "{}", joined.text);
    assert_eq!((count_people(&world), count_martas(&world)), (people, 1));
    assert!(user(&world, MARTA).unwrap().email_verified);
    // Signed in already, and with the password from now on.
    let app = RelyingParty::web(&world);
    let silent = app.send(&browser, "openid organization:rocky-mountain");
    assert!(silent.location().contains("code="), "{silent:?}");
    assert!(marta_enters(&world, PASSWORD));
}

#[test]
fn a_first_password_that_is_too_short_is_named_and_not_set() {
    let world = pushed_and_invited();
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));

    let again = browser.send(with_password(&page, "short"));

    assert!(again.text.contains("shorter than 8"), "{}", again.text);
    assert!(again.text.contains("Choose a password"), "{}", again.text);
    assert_eq!(count_martas(&world), 0);
    assert_eq!(browser.send(with_password(&again, PASSWORD)).status, 200);
    assert!(marta_enters(&world, PASSWORD) && !marta_enters(&world, "short"));
}

#[test]
fn of_two_first_passwords_at_once_one_is_set_and_one_member_made() {
    let other = "the other long password";
    for (second, status) in [(other, 200), (PASSWORD, 410)] {
        let world = pushed_and_invited();
        let (slow, quick) = (Browser::new(&world), Browser::new(&world));
        let (slow_page, quick_page) = (slow.open(&link(&world)), quick.open(&link(&world)));
        let request = slow.dress(with_password(&slow_page, second));

        let late = world.meanwhile("invitation.accept.after_begin", request, || {
            let joined = quick.send(with_password(&quick_page, PASSWORD));
            assert_eq!(joined.status, 200, "{}", joined.text);
        });

        let late = Answer::new(late);
        assert_eq!(late.status, status, "{}", late.text);
        assert!(late.text.contains(if status == 200 {
            "not correct"
        } else {
            "already been used"
        }));
        assert_eq!(count_martas(&world), 1);
        assert!(marta_enters(&world, PASSWORD) && !marta_enters(&world, other));
    }
}

#[test]
fn a_password_is_never_replaced_whatever_form_comes() {
    let world = pushed_and_invited();
    let stale = Browser::new(&world);
    let page = stale.open(&link(&world));
    let point = "invitation.accept.after_user";
    world.crash_at(point, stale.dress(with_password(&page, PASSWORD)));

    // The page to choose a password is still open, and its form comes again.
    let forged = stale.send(with_password(&page, "a password of a thief"));

    assert!(forged.text.contains("not correct"), "{}", forged.text);
    assert_eq!(count_martas(&world), 0);
    assert_eq!(stale.send(with_password(&page, PASSWORD)).status, 200);
    assert!(marta_enters(&world, PASSWORD) && !marta_enters(&world, "a password of a thief"));
}

#[test]
fn choosing_a_password_killed_anywhere_can_be_finished() {
    let points = [
        "invitation.accept.after_begin",
        "invitation.accept.after_user",
        "org.outbox.before_drain",
    ];
    for point in points {
        let world = pushed_and_invited();
        let browser = Browser::new(&world);
        let page = browser.open(&link(&world));
        world.crash_at(point, browser.dress(with_password(&page, PASSWORD)));
        world.ring_alarms();

        let page = browser.open(&link(&world));
        if page.status == 200 {
            let joined = browser.send(with_password(&page, PASSWORD));
            assert_eq!(joined.status, 200, "{point}: {}", joined.text);
        }

        assert!(marta_enters(&world, PASSWORD), "{point}");
        assert_eq!(count_martas(&world), 1, "{point}");
    }
}

fn set_enabled(world: &World, email: &str, enabled: bool) {
    let statement = "UPDATE user SET enabled = ? WHERE email = ?";
    let statement = Statement::new(statement).bind(enabled).bind(email);
    world.directory().sql().run(statement).unwrap();
}

#[test]
fn a_disabled_user_is_told_so_and_nothing_changes() {
    let world = pushed_and_invited();
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    set_enabled(&world, MARTA, false);
    let answers =
        [Browser::new(&world).open(&link(&world)), browser.send(with_password(&page, PASSWORD))];

    for answer in answers {
        assert_eq!(answer.status, 403);
        assert!(answer.text.contains("account is disabled"), "{}", answer.text);
    }
    assert_eq!(count_martas(&world), 0);
    set_enabled(&world, MARTA, true);
    assert!(!marta_enters(&world, PASSWORD));
    assert!(browser.open(&link(&world)).text.contains("Choose a password"));
}

#[test]
fn a_disabled_user_does_not_join_with_a_password_or_a_session() {
    let world = travel0();
    let hiroko = "hiroko@granite-outpost.example";
    invite(&world, hiroko);
    let (stranger, signed_in) = (Browser::new(&world), Browser::new(&world));
    let page = stranger.open(&link(&world));
    let login = RelyingParty::web(&world).send(&signed_in, "openid");
    sign_in(&signed_in, &login, "hiroko", demo::PASSWORD);
    assert!(signed_in.open(&link(&world)).text.contains("You are signed in"));

    set_enabled(&world, hiroko, false);

    let form = || with_password(&page, demo::PASSWORD);
    for answer in [stranger.send(form()), signed_in.send(form()), signed_in.open(&link(&world))] {
        assert_eq!(answer.status, 403, "{}", answer.text);
    }
    assert_eq!(members(&world).len(), 3);
}

/// The address is what the ticket proves; a name that reads like it is not.
#[test]
fn a_user_who_is_only_called_like_the_address_keeps_their_account() {
    let world = travel0();
    let mut pushed = person(MARTA, MARTA);
    pushed.as_object_mut().unwrap().remove("emails");
    Directory::connect(&world, "granite-outpost").pushed(&pushed);
    let namesake = user(&world, MARTA).unwrap();
    assert_eq!(namesake.email, None);
    invite(&world, MARTA);
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    assert!(page.text.contains("First name"), "{}", page.text);

    assert_eq!(accept(&browser, &page).status, 200);

    let list: Value = world
        .get(
            &format!("/realms/travel0/orgs/{}/members", org_id(&world, "rocky-mountain")),
            &jonno(&world),
        )
        .json();
    assert!(list.as_array().unwrap().iter().all(|one| one["id"] != namesake.id.as_str()));
}

#[test]
fn a_form_from_elsewhere_is_not_taken() {
    let world = travel0();
    invite(&world, MARTA);
    let page = Browser::new(&world).open(&link(&world));
    // Another browser, or none at all, posts what this one was shown.
    let stolen = accept(&Browser::new(&world), &page);
    assert!(stolen.text.contains("try again"), "{}", stolen.text);
    let fields = [("ticket", page.field("ticket")), ("password", PASSWORD.to_owned())];
    let fields: Vec<_> = fields.iter().map(|(key, value)| (*key, value.as_str())).collect();
    world.send(form_request(&page.action(), &fields));
    assert!(user(&world, MARTA).is_none());
}

#[test]
fn details_that_cannot_be_taken_are_named_and_nothing_is_lost() {
    let world = travel0();
    invite(&world, MARTA);
    let browser = Browser::new(&world);
    let page = browser.open(&link(&world));
    let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));

    let again = browser.submit(
        &page.action(),
        &[("ticket", &ticket), ("csrf", &csrf), ("firstName", "Marta"), ("password", "short")],
    );

    assert!(again.text.contains("last name") && again.text.contains("shorter than 8"));
    assert_eq!(again.field("firstName"), "Marta");
    assert_eq!(accept(&browser, &again).status, 200);
}

#[test]
fn an_acceptance_killed_anywhere_can_be_finished() {
    let points = [
        "invitation.accept.after_begin",
        "account.register.after_object",
        "account.register.after_directory",
        "invitation.accept.after_user",
        "org.outbox.before_drain",
    ];
    for point in points {
        let world = travel0();
        invite(&world, MARTA);
        let link = link(&world);
        let browser = Browser::new(&world);
        let page = browser.open(&link);
        let (ticket, csrf) = (page.field("ticket"), page.field("csrf"));
        let fields = [
            ("ticket", ticket.as_str()),
            ("csrf", csrf.as_str()),
            ("firstName", "Marta"),
            ("lastName", "Lindqvist"),
            ("password", PASSWORD),
        ];
        world.crash_at(point, browser.dress(form_request(&page.action(), &fields)));
        world.ring_alarms();

        let page = browser.open(&link);
        if page.status == 200 {
            assert_eq!(accept(&browser, &page).status, 200, "{point}");
        }

        let app = RelyingParty::web(&world);
        let other = Browser::new(&world);
        let login = app.send(&other, "openid organization:rocky-mountain");
        let signed_in = sign_in(&other, &login, MARTA, PASSWORD);
        assert!(signed_in.location().contains("code="), "{point}");
        assert_eq!(members(&world).iter().filter(|one| *one == MARTA).count(), 1, "{point}");
        assert_eq!(count_people(&world), 6, "{point}");
    }
}

#[test]
fn who_may_not_invite_learns_and_changes_nothing() {
    let world = travel0();
    let tokens = RelyingParty::web(&world).tokens_for("emilio", "openid");
    let emilio = tokens["access_token"].as_str().unwrap();
    let body = json!({ "email": MARTA, "send": true });
    assert_eq!(world.post(&path(&world), emilio, &body).status, 401);
    assert!(world.mails().is_empty());
}

#[test]
fn an_invitation_that_cannot_be_is_refused() {
    let world = travel0();
    let jonno = jonno(&world);
    let refused = [
        (400, "Invalid email: nobody", json!({ "email": "nobody" })),
        (400, "Invalid email: ", json!({})),
        (400, "Unknown role in list.", json!({ "email": MARTA, "roles": ["captain"] })),
        (
            400,
            "redirectUri is not a web address",
            json!({ "email": MARTA, "redirectUri": "javascript:1" }),
        ),
        (409, "this person is a member already", json!({ "email": "EMILIO@freelance.example" })),
    ];
    for (status, error, body) in refused {
        let answer = world.post(&path(&world), &jonno, &body);
        assert_eq!((answer.status.as_u16(), answer.error().as_str()), (status, error), "{body}");
    }
    assert_eq!(world.get(&path(&world), &jonno).json(), json!([]));
}

/// CVE-2026-16072: who reads an invitation must not be able to accept it.
#[test]
fn the_ticket_is_in_the_mail_only() {
    let world = travel0();
    let created = invite(&world, MARTA);
    let ticket = link(&world).split_once("ticket=").unwrap().1.to_owned();
    let read = world.get(created.location(), &jonno(&world));
    assert_eq!(read.json()["email"], MARTA);
    assert!(!read.text.contains(&ticket) && !read.text.contains("ticket"));
    assert_eq!(realm(&world).name.as_str(), "travel0");
}
