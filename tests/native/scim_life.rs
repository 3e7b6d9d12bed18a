//! The life of a person whom a directory pushes: whom a push reaches, what
//! `active=false` ends, and what DELETE takes along.
use crate::harness::browser::Answer;
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::org_domains::{publish, value_of};
use crate::scim_setup::{Directory, active, admin, count_people, org_id, person, travel0, user};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use guildhall::realm::store::candidate::{self, Sought};
use guildhall::realm::store::{realm as realms, user as users};
use guildhall::realm::user::User;
use http::Method;
use serde_json::{Value, json};

pub const DOMAIN: &str = "granite-outpost.example";
const GRANITE: &str = "granite-outpost";
const ROCKY: &str = "rocky-mountain";
const USERS: &str = "/admin/realms/travel0/users";

/// Lets the organization show that it owns `domain`.
pub fn own(world: &World, alias: &str, domain: &str) {
    let org = org_id(world, alias);
    publish(world, domain, &[format!("\"{}\"", value_of(domain, &org))]);
    let path = format!("/realms/travel0/orgs/{org}/domains/{domain}/verify");
    let answer = world.post(&path, &admin(world), &json!({}));
    assert_eq!(answer.json()["verified"], true, "{answer:?}");
}

/// Somebody whom an administrator made.
pub fn registered(world: &World, username: &str, email: &str, verified: bool) -> User {
    let body = json!({ "username": username, "email": email, "emailVerified": verified,
                       "firstName": "Own", "lastName": "Name", "enabled": true });
    let answer = world.post(USERS, &admin(world), &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    user(world, username).unwrap()
}

/// Lets `user` sign in with the demonstration's password.
fn give_password(world: &World, user: &User) {
    let body = json!({ "type": "password", "value": PASSWORD, "temporary": false });
    let path = format!("{USERS}/{}/reset-password", user.id);
    assert_eq!(world.call(Method::PUT, &path, &admin(world), Some(&body)).status, 204);
}

/// Makes `user` an administrator of the realm.
pub fn promote(world: &World, user: &User) {
    let token = admin(world);
    let clients = world.get("/admin/realms/travel0/clients?clientId=realm-management", &token);
    let client = clients.json()[0]["id"].as_str().unwrap().to_owned();
    let role = format!("/admin/realms/travel0/clients/{client}/roles/view-users");
    let role = world.get(&role, &token).json();
    let path = format!("{USERS}/{}/role-mappings/clients/{client}", user.id);
    assert_eq!(world.post(&path, &token, &json!([role])).status, 204);
}

fn refresh(world: &World, tokens: &Value) -> Answer {
    RelyingParty::web(world).refresh(tokens["refresh_token"].as_str().unwrap())
}

fn tokens(world: &World, name: &str, scope: &str) -> Value {
    RelyingParty::web(world).tokens_for(name, scope)
}

#[test]
fn an_owned_domain_reaches_who_reads_its_mail() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    let mara = registered(&world, "mara", "mara@granite-outpost.example", true);
    let at = granite.pushed(&person("m", "mara@granite-outpost.example"));
    assert_eq!(granite.claims(&mara), None, "a domain that is only named is nobody's");
    assert_eq!(granite.delete(&at).status, 204);
    own(&world, GRANITE, DOMAIN);

    let mut body = person("m", "mara@granite-outpost.example");
    body["name"] = json!({ "givenName": "Other" });
    let pushed = granite.push(&body);

    assert_eq!(pushed.status, 201);
    assert!(granite.claims(&mara).is_some(), "a member");
    assert_eq!(user(&world, "mara"), Some(mara), "the profile is the person's");
}

/// Whatever makes somebody more than a reader of the domain's mail keeps them out of
/// reach, and the answer is the same.
#[test]
fn an_owned_domain_reaches_nobody_else() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    own(&world, GRANITE, DOMAIN);
    registered(&world, "unread", "unread@granite-outpost.example", false);
    let boss = registered(&world, "boss", "boss@granite-outpost.example", true);
    promote(&world, &boss);
    registered(&world, "near", "near@sub.granite-outpost.example", true);
    registered(&world, "named", "named@elsewhere.example", true);
    let cases = [
        ("unread", person("a", "unread@granite-outpost.example")),
        ("boss", person("b", "boss@granite-outpost.example")),
        ("near", person("c", "near@sub.granite-outpost.example")),
        ("jonno", person("d", "jonno@rocky-mountain.example")),
        ("named", json!({ "userName": "named" })),
    ];
    for (name, body) in cases {
        let before = user(&world, name).unwrap();

        let at = granite.pushed(&body);

        assert_eq!(granite.claims(&before), None, "{name}");
        assert_eq!(granite.patch(&at, &active(false)).status, 200, "{name}");
        assert_eq!(granite.delete(&at).status, 204, "{name}");
        assert_eq!(user(&world, name), Some(before), "{name}");
    }
}

#[test]
fn an_address_of_an_owned_domain_is_verified_from_the_start() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    own(&world, GRANITE, DOMAIN);
    granite.pushed(&person("ann", "ann@granite-outpost.example"));
    granite.pushed(&person("kim", "kim@elsewhere.example"));
    let verified = |name| user(&world, name).unwrap().email_verified;
    assert!(verified("ann@granite-outpost.example"));
    assert!(!verified("kim@elsewhere.example"));
}

/// The account that administers the organization itself is nobody's to provision.
#[test]
fn the_own_administration_account_is_out_of_reach() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    let name = format!("org-admin-{}", granite.org);
    registered(&world, &name, "own@granite.example", false);
    let home = format!("UPDATE user SET home_org_id = '{}' WHERE username = '{name}'", granite.org);
    world.directory().sql().execute_batch(&home);
    let own = user(&world, &name).unwrap();

    let at = granite.pushed(&json!({ "userName": name }));
    assert_eq!(granite.claims(&own), None);
    granite.delete(&at);

    assert_eq!(user(&world, &name), Some(own));
}

type Deactivate = fn(&Directory<'_>, &str) -> Answer;

#[test]
fn who_is_deactivated_refreshes_nothing_any_more() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    let deactivations: [(&str, Deactivate); 2] = [
        ("patch", |granite, at| granite.patch(at, &active(false))),
        ("put", |granite, at| {
            let mut body = granite.get(at).json();
            body["active"] = false.into();
            granite.put(at, &body)
        }),
    ];
    for (way, deactivate) in deactivations {
        let email = format!("{way}@granite.example");
        let at = granite.pushed(&person(way, &email));
        let ann = user(&world, &email).unwrap();
        give_password(&world, &ann);
        let named = tokens(&world, &email, &format!("openid organization:{GRANITE}"));
        let plain = tokens(&world, &email, "openid");

        assert_eq!(deactivate(&granite, &at).status, 200, "{way}");

        assert_eq!(refresh(&world, &named).status, 400, "{way}: in the organization's name");
        assert_eq!(refresh(&world, &plain).status, 400, "{way}: of the account");
        assert_eq!(granite.get(&at).json()["active"], false, "{way}: the record stays");
        assert_eq!(user(&world, &email), Some(ann.clone()), "{way}: so does the person");

        world.advance(Seconds(2));
        assert_eq!(granite.patch(&at, &active(true)).status, 200, "{way}");
        let again = tokens(&world, &email, &format!("openid organization:{GRANITE}"));
        assert_eq!(refresh(&world, &again).status, 200, "{way}: back again");
    }
}

/// What others use goes on: only what was for this organization ends.
#[test]
fn who_belongs_elsewhere_stays_signed_in_there() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    let email = user(&world, "emilio").unwrap().email.unwrap();
    let at = granite.pushed(&person("emilio", email.as_str()));
    let rocky = tokens(&world, "emilio", &format!("openid organization:{ROCKY}"));
    let ours = tokens(&world, "emilio", &format!("openid organization:{GRANITE}"));

    assert_eq!(granite.patch(&at, &active(false)).status, 200);

    assert_eq!(refresh(&world, &ours).status, 400);
    let rocky = refresh(&world, &rocky);
    assert_eq!(rocky.status, 200);
    assert_eq!(granite.delete(&at).status, 204);
    assert_eq!(refresh(&world, &rocky.json()).status, 200);
    assert!(user(&world, "emilio").is_some());
}

#[test]
fn a_killed_deactivation_signs_out_all_the_same() {
    for point in ["org.outbox.before_drain", "scim.sign_out.after_directory"] {
        let world = travel0();
        let granite = Directory::connect(&world, GRANITE);
        let at = granite.pushed(&person("ann", "ann@granite.example"));
        give_password(&world, &user(&world, "ann@granite.example").unwrap());
        let named =
            tokens(&world, "ann@granite.example", &format!("openid organization:{GRANITE}"));
        let plain = tokens(&world, "ann@granite.example", "openid");

        world.crash_at(point, granite.request(Method::PATCH, &at, Some(&active(false))));

        assert_eq!(refresh(&world, &named).status, 400, "{point}: at the next request");
        world.ring_alarms();
        world.ring_alarms();
        assert_eq!(refresh(&world, &plain).status, 400, "{point}");
        assert_eq!(granite.rows("SELECT kind FROM scim_errand").len(), 0, "{point}");
    }
}

#[test]
fn a_deletion_takes_along_whom_the_directory_made_and_nobody_has() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    let people = count_people(&world);
    let at = granite.pushed(&person("ann", "ann@granite.example"));
    let boss = granite.pushed(&person("boss", "boss@granite.example"));
    promote(&world, &user(&world, "boss@granite.example").unwrap());
    let both = granite.pushed(&person("both", "both@granite.example"));
    let rocky = Directory::connect(&world, ROCKY);
    crate::scim_isolation::furnish(&rocky, &user(&world, "both@granite.example").unwrap());
    let hiroko = granite.pushed(&person("h", "hiroko@granite-outpost.example"));

    for at in [&at, &boss, &both, &hiroko] {
        assert_eq!(granite.delete(at).status, 204);
        assert_eq!(granite.get(at).status, 404);
    }

    let is_there = |name: &str| user(&world, name).is_some();
    assert!(!is_there("ann@granite.example"), "nobody else had them");
    assert!(is_there("boss@granite.example"), "who administers the realm stays");
    assert!(is_there("both@granite.example"), "who belongs elsewhere stays");
    assert!(is_there("hiroko"), "whom no directory made stays");
    assert_eq!(count_people(&world), people + 2);
    world.deliver_queue();
    assert!(is_there("both@granite.example"));
}

#[test]
fn who_is_deleted_can_be_pushed_again_while_the_deletion_is_on_its_way() {
    for point in
        ["org.outbox.before_drain", "org.accounts.after_directory", "scim.forget.after_directory"]
    {
        let world = travel0();
        let granite = Directory::connect(&world, GRANITE);
        let people = count_people(&world);
        let body = person("ann", "ann@granite.example");
        let at = granite.pushed(&body);
        let first = user(&world, "ann@granite.example").unwrap();

        world.crash_at(point, granite.request(Method::DELETE, &at, None));
        assert_eq!(granite.get(&at).status, 404, "{point}: the object has committed");
        let again = granite.push(&body);

        assert_eq!(again.status, 201, "{point}");
        let second = user(&world, "ann@granite.example").unwrap();
        assert_ne!(second.id, first.id, "{point}: somebody new");
        for _ in 0..3 {
            world.ring_alarms();
            world.deliver_queue();
        }
        assert_eq!(user(&world, "ann@granite.example"), Some(second.clone()), "{point}");
        assert!(granite.claims(&second).is_some(), "{point}: a member");
        assert_eq!(count_people(&world), people + 1, "{point}: one person");
        assert_eq!(granite.count(r#"userName eq "ann""#), 1, "{point}");
    }
}

#[test]
fn a_killed_deletion_that_nobody_retries_is_finished_by_the_alarm() {
    for point in
        ["org.outbox.before_drain", "org.accounts.after_directory", "scim.forget.after_directory"]
    {
        let world = travel0();
        let granite = Directory::connect(&world, GRANITE);
        let people = count_people(&world);
        let at = granite.pushed(&person("ann", "ann@granite.example"));

        world.crash_at(point, granite.request(Method::DELETE, &at, None));
        for _ in 0..3 {
            world.ring_alarms();
            world.deliver_queue();
        }

        assert_eq!(count_people(&world), people, "{point}: nobody is left over");
        assert_eq!(granite.rows("SELECT kind FROM scim_errand").len(), 0, "{point}");
    }
}

/// A push that made somebody, and then turned out to be about a user there is.
#[test]
fn a_person_whom_no_resource_is_about_in_the_end_goes() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    granite.pushed(&person("bob", "bob@granite.example"));
    let people = count_people(&world);
    let request =
        granite.request(Method::POST, "/Users", Some(&person("ann", "ann@granite.example")));
    world.crash_at("scim.create.after_user", request);
    assert_eq!(count_people(&world), people + 1);

    let retried = granite.push(&person("ann", "bob@granite.example"));

    assert_eq!(retried.status, 409, "{retried:?}");
    assert_eq!(count_people(&world), people, "nobody is left over");
}

#[test]
fn two_organizations_have_two_views_of_one_person() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    let rocky = Directory::connect(&world, ROCKY);
    let emilio = user(&world, "emilio").unwrap();
    let email = emilio.email.clone().unwrap();
    let view = |name: &str, title: &str| {
        let mut body = person(name, email.as_str());
        body["title"] = title.into();
        body
    };
    let ours = granite.pushed(&view("e.granite", "Guide"));
    let theirs = rocky.pushed(&view("e.rocky", "Pilot"));
    let before = rocky.get(&theirs).json();

    assert_eq!(granite.put(&ours, &view("e.other", "Boss")).status, 200);
    assert_eq!(granite.patch(&ours, &active(false)).status, 200);

    assert_eq!(rocky.get(&theirs).json(), before, "the other view");
    assert_eq!(granite.get(&ours).json()["title"], "Boss");
    assert_eq!(granite.claims(&emilio), None);
    assert!(rocky.claims(&emilio).is_some(), "the other membership");
    assert_eq!(granite.delete(&ours).status, 204);
    assert_eq!(rocky.get(&theirs).json(), before);
    assert_eq!(user(&world, "emilio"), Some(emilio), "the person");
}

/// A PUT names nobody by `id`: the resource stays what its path says.
#[test]
fn a_put_of_an_id_reaches_nobody() {
    let world = travel0();
    let granite = Directory::connect(&world, GRANITE);
    let at = granite.pushed(&person("ann", "ann@granite.example"));
    let jonno = user(&world, "jonno").unwrap();
    let mut body = person("ann", "ann@granite.example");
    body["id"] = jonno.id.as_str().into();

    let put = granite.put(&at, &body);

    assert_eq!(format!("/Users/{}", put.json()["id"].as_str().unwrap()), at);
    assert_eq!(granite.put(&format!("/Users/{}", jonno.id), &body).status, 404);
    assert_eq!(user(&world, "jonno"), Some(jonno));
}

/// Who may make realms holds no role of a client, and administers all the same.
#[test]
fn who_makes_realms_is_an_administrator() {
    let world = travel0();
    let token = admin(&world);
    let body = json!({ "username": "maker", "enabled": true });
    assert_eq!(world.post("/admin/realms/master/users", &token, &body).status, 201);
    let master = world.run(realms::find(world.directory(), &"master".parse().unwrap()));
    let master = master.unwrap().unwrap().id;
    let name = "maker".parse().unwrap();
    let maker = world.run(users::find_by_username(world.directory(), &master, &name));
    let maker = maker.unwrap().unwrap().id;
    let is_administrator = || {
        let sought = Sought { ids: &[&maker], ..Sought::default() };
        let place = (&master, &org_id(&world, GRANITE));
        world.run(candidate::list(world.directory(), place, sought)).unwrap()[0].is_administrator
    };
    assert!(!is_administrator());
    let role = world.get("/admin/realms/master/roles/create-realm", &token).json();
    let path = format!("/admin/realms/master/users/{maker}/role-mappings/realm");
    assert_eq!(world.post(&path, &token, &json!([role])).status, 204);
    assert!(is_administrator());
}
