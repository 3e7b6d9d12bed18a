//! Invitations in Keycloak's words (reference keycloak.md §1.5), which are those of
//! Phase Two's paths.
use crate::admin_org_members::told;
use crate::admin_setup::{holder_of, located, make_client};
use crate::harness::browser::{Answer, Browser, form, request};
use crate::harness::world::World;
use crate::invitations::{MARTA, accept, link};
use crate::org_setup::{Granite, NOBODY, each};
use crate::scim_setup::{org_id, user};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const TRAVEL0: &str = "/admin/realms/travel0";

const INVITE: &str = "/members/invite-user";

const INVITE_EXISTING: &str = "/members/invite-existing-user";

impl Granite {
    /// POST of a form by the administrator.
    fn submit(&self, below: &str, fields: &[(&str, &str)]) -> Answer {
        let request = request(Method::POST, &self.admin_path(below))
            .header("authorization", format!("Bearer {}", self.admin))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form(fields))
            .unwrap();
        Answer::new(self.world.send(request))
    }

    /// The same as Keycloak's JavaScript client sends it.
    fn submit_in_parts(&self, below: &str, fields: &[(&str, &str)]) -> Answer {
        let mut parts = String::new();
        for (name, value) in fields {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"");
            parts.push_str(&["--x-1\r\n", &head, "\r\n\r\n", value, "\r\n"].concat());
        }
        let request = request(Method::POST, &self.admin_path(below))
            .header("authorization", format!("Bearer {}", self.admin))
            .header("content-type", "multipart/form-data; boundary=x-1")
            .body(format!("{parts}--x-1--\r\n").into())
            .unwrap();
        Answer::new(self.world.send(request))
    }

    fn invite(&self, fields: &[(&str, &str)]) {
        let invited = self.submit(INVITE, fields);
        assert_eq!((invited.status.as_u16(), invited.text.as_str()), (204, ""));
    }

    fn addresses(&self, query: &str) -> Vec<String> {
        each(&self.ask(Method::GET, &format!("/invitations{query}"), None), "email")
    }

    /// The id of the only invitation.
    fn invitation(&self) -> String {
        self.read("/invitations")[0]["id"].as_str().unwrap().to_owned()
    }
}

fn refused(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

#[test]
fn an_invitation_is_mailed_and_shown_without_its_link() {
    let granite = Granite::new();
    let now = granite.world.now().as_unix();
    let fields =
        [("email", " Marta@Freelance.example "), ("firstName", "Marta"), ("lastName", "L.")];
    granite.invite(&fields);

    let listed = granite.read("/invitations");
    let id = granite.invitation();
    let whole = json!({
        "id": id, "organizationId": granite.org, "email": MARTA, "firstName": "Marta",
        "lastName": "L.", "sentDate": now, "expiresAt": now + 43_200, "status": "PENDING",
    });
    assert_eq!(listed, json!([whole]));
    assert_eq!(granite.read(&format!("/invitations/{id}")), whole);
    let mail = granite.world.mails().pop().unwrap();
    assert_eq!(mail.to, MARTA);
    let ticket = link(&granite.world).split("ticket=").nth(1).unwrap().to_owned();
    assert!(!listed.to_string().contains(&ticket), "CVE-2026-16072");
    assert_eq!(
        granite.events(1),
        [(
            "ORGANIZATION_MEMBERSHIP ACTION organizations/GRANITE/members/invite-user".to_owned(),
            json!({ "id": id, "email": MARTA, "firstName": "Marta", "lastName": "L." })
        )]
    );
    granite.world.advance(Seconds::hours(12));
    let mut granite = granite;
    granite.sign_in();
    assert_eq!(granite.read("/invitations")[0]["status"], "EXPIRED");
}

#[test]
fn a_form_may_come_in_parts() {
    let granite = Granite::new();
    let sent = granite.submit_in_parts(INVITE, &[("email", MARTA), ("firstName", "Märta")]);
    assert_eq!(sent.status, 204, "{sent:?}");
    let listed = granite.read("/invitations");
    assert_eq!((&listed[0]["email"], &listed[0]["firstName"]), (&json!(MARTA), &json!("Märta")));
    let jonno = granite.id_of("jonno");
    let sent = granite.submit_in_parts(INVITE_EXISTING, &[("id", jonno.as_str())]);
    assert_eq!(sent.status, 204, "{sent:?}");
    let json = granite.ask(Method::POST, INVITE, Some(&json!({ "email": "a@b.example" })));
    assert_eq!(told(&json), (400, "Email is required to invite a member".to_owned()));
    assert_eq!(granite.addresses("").len(), 2);
}

#[test]
fn who_cannot_be_invited_is_told_in_keycloaks_words() {
    let granite = Granite::new();
    granite.invite(&[("email", MARTA)]);
    let before = granite.world.dump();
    let long = "x".repeat(256);
    for (fields, wanted) in [
        (vec![], refused(400, "Email is required to invite a member")),
        (vec![("email", "  ")], refused(400, "Email is required to invite a member")),
        (vec![("email", "no address")], refused(400, "Invalid email format")),
        (vec![("email", "a@b@c.example")], refused(400, "Invalid email format")),
        (
            vec![("email", "HIROKO@granite-outpost.example")],
            refused(409, "User already a member of the organization"),
        ),
        (vec![("email", MARTA)], refused(409, "User already has a pending invitation")),
        (
            vec![("email", "a@b.example"), ("firstName", &long)],
            refused(400, "firstName has at most 255 bytes on one line"),
        ),
        (
            vec![("email", "a@b.example"), ("lastName", "a\nb")],
            refused(400, "lastName has at most 255 bytes on one line"),
        ),
    ] {
        assert_eq!(told(&granite.submit(INVITE, &fields)), wanted, "{fields:?}");
    }
    let odd = granite.submit(&format!("{INVITE}?client_id=nobody"), &[("email", "a@b.example")]);
    assert_eq!(told(&odd), refused(400, "Client not found"));
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn a_user_of_the_realm_is_invited_by_id() {
    let granite = Granite::new();
    let jonno = granite.id_of("jonno");
    let invite = |id: &str| granite.submit(INVITE_EXISTING, &[("id", id)]);
    assert_eq!(invite(jonno.as_str()).status, 204);
    let listed = granite.read("/invitations");
    let told_of = ["email", "firstName", "lastName"].map(|name| listed[0][name].clone());
    assert_eq!(told_of, ["jonno@rocky-mountain.example", "Jonno", "Reyes"].map(Value::from));
    assert_eq!(granite.world.mails().pop().unwrap().to, "jonno@rocky-mountain.example");

    let before = granite.world.dump();
    let again = invite(jonno.as_str());
    let duplicate = json!({ "error": "conflict", "error_description": "Duplicate resource error" });
    assert_eq!((again.status.as_u16(), again.json()), (409, duplicate));
    let nothing = granite.submit(INVITE_EXISTING, &[]);
    let words = "To invite a member you need to provide the user id";
    assert_eq!((nothing.status.as_u16(), nothing.json()), (400, json!({ "error": words })));
    for id in [NOBODY, "no id"] {
        assert_eq!(told(&invite(id)), refused(400, "User does not exist"));
    }
    let hiroko = granite.id_of("hiroko");
    let member = refused(409, "User already a member of the organization");
    assert_eq!(told(&invite(hiroko.as_str())), member);
    assert_eq!(granite.world.dump(), before);

    let path = format!("{TRAVEL0}/users");
    let body = json!({ "username": "mailless", "enabled": true });
    let id = located(&granite.world.post(&path, &granite.admin, &body));
    assert_eq!(told(&invite(&id)), refused(400, "User does not have an email address"));
}

#[test]
fn invitations_are_found_by_what_they_say() {
    let mut granite = Granite::new();
    granite.invite(&[("email", "old@mail.example"), ("firstName", "Olga"), ("lastName", "Dee")]);
    granite.world.advance(Seconds::hours(12));
    granite.sign_in();
    granite.invite(&[("email", "new@mail.example"), ("firstName", "Nora"), ("lastName", "Dee")]);
    let [old, new] = ["old@mail.example", "new@mail.example"];
    let found = |query: &str| granite.addresses(query);
    assert_eq!(found(""), [old, new]);
    assert_eq!(
        (found("?status=PENDING"), found("?status=EXPIRED")),
        (vec![new.into()], vec![old.into()])
    );
    assert_eq!(found("?email=NEW@mail.example"), [new]);
    assert_eq!(found("?email=new"), [""; 0], "exact");
    assert_eq!((found("?firstName=Nora"), found("?firstName=Nor")), (vec![new.into()], vec![]));
    assert_eq!(found("?lastName=Dee"), [old, new]);
    assert_eq!((found("?search=OLG"), found("?search=ew@m")), (vec![old.into()], vec![new.into()]));
    assert_eq!(found("?search=dee&status=PENDING&firstName=Nora&lastName=Dee"), [new]);
    assert_eq!((found("?first=1"), found("?max=1")), (vec![new.into()], vec![old.into()]));
    let odd = granite.ask(Method::GET, "/invitations?status=SENT", None);
    assert_eq!(told(&odd), refused(400, "status is PENDING or EXPIRED"));
    // One that ran out gives way without a word.
    granite.invite(&[("email", old)]);
    assert_eq!(granite.addresses("?status=PENDING"), [new, old]);
}

#[test]
fn sending_again_voids_the_older_link() {
    let mut granite = Granite::new();
    granite.invite(&[("email", MARTA)]);
    let (id, older) = (granite.invitation(), link(&granite.world));
    granite.world.advance(Seconds::hours(13));
    granite.sign_in();
    let now = granite.world.now().as_unix();
    let sent = granite.ask(Method::POST, &format!("/invitations/{id}/resend"), None);
    assert_eq!((sent.status.as_u16(), sent.text.as_str()), (204, ""));
    let listed = granite.read("/invitations");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let times = (&listed[0]["sentDate"], &listed[0]["expiresAt"], &listed[0]["status"]);
    assert_eq!(times, (&json!(now), &json!(now + 43_200), &json!("PENDING")));
    assert_eq!(listed[0]["id"], id, "the id stays");
    assert_ne!(Browser::new(&granite.world).open(&older).status, 200);
    assert_eq!(Browser::new(&granite.world).open(&link(&granite.world)).status, 200);
}

#[test]
fn what_is_taken_back_is_gone_in_both_dialects() {
    let granite = Granite::new();
    granite.invite(&[("email", MARTA)]);
    let (id, link) = (granite.invitation(), link(&granite.world));
    let path = format!("/invitations/{id}");
    assert_eq!(granite.get(&path).json()["email"], MARTA, "Phase Two shows it");
    let gone = granite.ask(Method::DELETE, &path, None);
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    let none = refused(404, "Invitation not found");
    for (method, below) in [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/resend")] {
        assert_eq!(told(&granite.ask(method, &format!("{path}{below}"), None)), none);
    }
    assert_eq!(granite.get(&path).status, 404);
    assert_ne!(Browser::new(&granite.world).open(&link).status, 200);
    assert_eq!(told(&granite.ask(Method::GET, "/invitations/no%20id", None)), none);
}

#[test]
fn what_phase_two_invites_keycloak_shows() {
    let granite = Granite::new();
    let body = json!({ "email": MARTA, "roles": ["guide"], "send": true });
    let id = located(&granite.post("/invitations", &body));
    let shown = granite.read(&format!("/invitations/{id}"));
    let created = granite.world.now().as_unix();
    let week = 7 * 24 * 3600;
    assert_eq!(
        shown,
        json!({ "id": id, "organizationId": granite.org, "email": MARTA, "sentDate": created,
                "expiresAt": created + week, "status": "PENDING" })
    );
    let taken = granite.submit(INVITE, &[("email", MARTA)]);
    assert_eq!(told(&taken), refused(409, "User already has a pending invitation"));
    assert_eq!(granite.delete(&format!("/invitations/{id}")).status, 204);
    assert_eq!(granite.read("/invitations"), json!([]));
}

/// #47080: the id of an invitation counts in its own organization only.
#[test]
fn an_invitation_of_another_organization_is_none_here() {
    let granite = Granite::new();
    granite.invite(&[("email", MARTA)]);
    let id = granite.invitation();
    let rocky = org_id(&granite.world, "rocky-mountain");
    let path = format!("{TRAVEL0}/organizations/{rocky}/invitations/{id}");
    for (method, below) in [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/resend")] {
        let answer = granite.world.call(method, &format!("{path}{below}"), &granite.admin, None);
        assert_eq!(told(&answer), refused(404, "Invitation not found"));
    }
    assert_eq!(granite.addresses(""), [MARTA]);
}

/// Who may only see does not see invitations; to invite takes the role over users.
#[test]
fn seeing_invitations_takes_the_role_to_change() {
    let granite = Granite::new();
    let world = &granite.world;
    let path = granite.admin_path("/invitations");
    let sees = holder_of(world, &["view-organizations", "manage-users"]);
    assert_eq!(world.get(&path, &sees).status, 403);
    let manages = holder_of(world, &["manage-organizations"]);
    assert_eq!(world.get(&path, &manages).status, 200);
    let invite = world.post(&granite.admin_path(INVITE), &manages, &json!({}));
    assert_eq!(invite.status, 403);
}

/// CVE-2026-1529: a ticket counts only as it was sealed.
#[test]
fn a_ticket_that_was_changed_is_none() {
    let granite = Granite::new();
    granite.invite(&[("email", MARTA)]);
    let link = link(&granite.world);
    let (start, ticket) = link.split_once("ticket=").unwrap();
    let browser = Browser::new(&granite.world);
    let mut forged = ticket.to_owned();
    let place = forged.len() / 2;
    let other = if &forged[place..=place] == "A" { "B" } else { "A" };
    forged.replace_range(place..=place, other);
    let unsigned = ticket.rsplit_once('.').map_or("e30.e30.", |(body, _)| body);
    for odd in [forged.as_str(), unsigned, "", "e30.e30."] {
        assert_eq!(browser.open(&format!("{start}ticket={odd}")).status, 404, "{odd}");
    }
    assert_eq!(browser.open(&link).status, 200);
}

/// The page after accepting `link`, and what the form was filled with.
fn joined(world: &World) -> (Answer, [String; 2]) {
    let browser = Browser::new(world);
    let page = browser.open(&link(world));
    let filled = ["firstName", "lastName"].map(|name| page.field(name));
    (accept(&browser, &page), filled)
}

#[test]
fn whoever_accepts_is_an_unmanaged_member_and_led_to_the_client() {
    let granite = Granite::new();
    let client =
        json!({ "clientId": "rafts", "rootUrl": "https://rafts.example", "baseUrl": "/home" });
    make_client(&granite.world, TRAVEL0, &client);
    let heard = json!({ "eventsEnabled": true });
    let config = format!("{TRAVEL0}/events/config");
    assert_eq!(granite.world.put(&config, &granite.admin, &heard).status, 204);
    let fields = [("email", MARTA), ("firstName", "Ma"), ("lastName", "Li \"x\"")];
    let invited = granite.submit(&format!("{INVITE}?client_id=rafts"), &fields);
    assert_eq!(invited.status, 204, "{invited:?}");

    let (page, filled) = joined(&granite.world);
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(filled[0], "Ma");
    assert!(page.text.contains("https://rafts.example/home"), "{}", page.text);
    let marta = user(&granite.world, MARTA).unwrap();
    assert_eq!(marta.first_name.as_deref(), Some("Marta"), "what she says counts");
    assert_eq!(granite.type_of(&marta.id), "UNMANAGED");
    assert_eq!(granite.read("/invitations"), json!([]));
    granite.world.deliver_queue();
    let events = format!("{TRAVEL0}/events?type=INVITE_ORG");
    let events = granite.world.get(&events, &granite.admin).json();
    assert_eq!(events.as_array().unwrap().len(), 1);
    assert_eq!(events[0]["userId"], marta.id.as_str());
    assert_eq!(events[0]["details"], json!({ "org_id": granite.org, "username": MARTA }));
}

#[test]
fn a_client_that_is_switched_off_leads_nowhere() {
    let granite = Granite::new();
    let client = json!({ "clientId": "rafts", "baseUrl": "https://rafts.example/home" });
    let uuid = make_client(&granite.world, TRAVEL0, &client);
    let invited = granite.submit(&format!("{INVITE}?client_id=rafts"), &[("email", MARTA)]);
    assert_eq!(invited.status, 204);
    let off = json!({ "clientId": "rafts", "enabled": false });
    let path = format!("{TRAVEL0}/clients/{uuid}");
    assert_eq!(granite.world.put(&path, &granite.admin, &off).status, 204);
    let refused_now =
        granite.submit(&format!("{INVITE}?client_id=rafts"), &[("email", "a@b.example")]);
    assert_eq!(told(&refused_now), refused(400, "Client not found"));
    let (page, _) = joined(&granite.world);
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("rafts.example"), "{}", page.text);
}

#[test]
fn the_realm_says_how_long_an_invitation_lives() {
    let granite = Granite::new();
    let body = json!({ "actionTokenGeneratedByAdminLifespan": 600 });
    assert_eq!(granite.world.put(TRAVEL0, &granite.admin, &body).status, 204);
    granite.invite(&[("email", MARTA)]);
    let listed = granite.read("/invitations");
    let life = listed[0]["expiresAt"].as_i64().unwrap() - listed[0]["sentDate"].as_i64().unwrap();
    assert_eq!(life, 600);
    let link = link(&granite.world);
    granite.world.advance(Seconds(599));
    assert_eq!(Browser::new(&granite.world).open(&link).status, 200);
    granite.world.advance(Seconds(1));
    assert_eq!(Browser::new(&granite.world).open(&link).status, 410);
}
