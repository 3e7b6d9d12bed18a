//! Domains in Keycloak's words: whose they are, and who vouches for them.
use crate::admin_organizations::{refused, told};
use crate::admin_setup::made;
use crate::harness::browser::{Answer, json_request};
use crate::org_domains::{a_day_passes, claims};
use crate::org_domains::{publish, value_of};
use crate::org_setup::Granite;
use crate::scim_setup::org_id;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const DOMAIN: &str = "vouched.example";

fn put(granite: &Granite, domains: &Value) -> Answer {
    let body = json!({ "name": "granite-outpost", "domains": domains });
    granite.ask(Method::PUT, "", Some(&body))
}

fn vouch(granite: &Granite, verified: bool) {
    let done = put(granite, &json!([{ "name": DOMAIN, "verified": verified }]));
    assert_eq!(done.status, 204, "{done:?}");
}

/// What both dialects and the list say of the only domain.
fn is_verified(granite: &Granite) -> bool {
    let theirs = granite.get(&format!("/domains/{DOMAIN}")).json()["verified"] == true;
    let ours = granite.read("")["domains"] == json!([{ "name": DOMAIN, "verified": true }]);
    let path = "/admin/realms/travel0/organizations?search=vouched";
    let listed =
        granite.world.get(path, &granite.admin).json()[0]["domains"][0]["verified"] == true;
    assert_eq!((ours, listed), (theirs, theirs));
    theirs
}

#[test]
fn who_administers_the_realm_may_vouch_for_a_domain() {
    let mut granite = Granite::new();
    vouch(&granite, true);
    assert!(is_verified(&granite));
    // Nobody asks the DNS, which has no record: the harness has no such page to serve.
    for _ in 0..3 {
        a_day_passes(&mut granite);
        assert!(is_verified(&granite));
    }
    // What is not said stays.
    put(&granite, &json!([{ "name": DOMAIN }]));
    assert!(is_verified(&granite));
    vouch(&granite, true);
    assert_eq!(claims(&granite), 1);

    vouch(&granite, false);

    assert!(!is_verified(&granite));
    assert_eq!(claims(&granite), 0, "others may have it");
}

#[test]
fn what_the_dns_shows_no_word_takes_back() {
    let granite = Granite::new();
    vouch(&granite, false);
    let proof = format!("\"{}\"", value_of(DOMAIN, &granite.org));
    publish(&granite.world, DOMAIN, &[proof]);
    granite.post(&format!("/domains/{DOMAIN}/verify"), &json!({}));
    assert!(is_verified(&granite));
    vouch(&granite, false);
    assert!(is_verified(&granite));
}

#[test]
fn a_new_organization_may_be_vouched_for() {
    let granite = Granite::new();
    let body = json!({ "name": "new", "domains": [{ "name": "New.example", "verified": true }] });
    let path = "/admin/realms/travel0/organizations";
    let id = made(&granite.world.post(path, &granite.admin, &body));
    let read = granite.world.get(&format!("{path}/{id}"), &granite.admin).json();
    assert_eq!(read["domains"], json!([{ "name": "new.example", "verified": true }]));
}

/// One organization of a realm owns a domain at most, whoever says what.
#[test]
fn nobody_vouches_for_what_another_owns() {
    let granite = Granite::new();
    vouch(&granite, true);
    let rival = org_id(&granite.world, "adventurez");
    // Phase Two's dialect lets any number of organizations name a domain.
    let theirs = json!({ "name": "adventurez", "domains": [DOMAIN] });
    let path = format!("/realms/travel0/orgs/{rival}");
    assert_eq!(granite.world.put(&path, &granite.admin, &theirs).status, 204);
    let ours = json!({ "name": "adventurez", "domains": [{ "name": DOMAIN, "verified": true }] });
    let admin_path = format!("/admin/realms/travel0/organizations/{rival}");

    assert_eq!(granite.world.put(&admin_path, &granite.admin, &ours).status, 204);

    let read = granite.world.get(&admin_path, &granite.admin).json();
    assert_eq!(read["domains"], json!([{ "name": DOMAIN, "verified": false }]));
    assert!(granite.get(&format!("/domains/{DOMAIN}")).json()["verified"] == true);
    assert_eq!(claims(&granite), 1);
}

#[test]
fn a_domain_is_named_once_unless_the_realm_lets_them_share() {
    let granite = Granite::new();
    let body = json!([{ "name": "adventurez.example" }]);
    let words =
        "Domain adventurez.example is already linked to organization adventurez in realm travel0";
    assert_eq!(told(&put(&granite, &body)), refused(400, words));
    let shares = json!({ "attributes": { "_providerConfig.orgs.config.sharedDomains": "true" } });
    assert_eq!(granite.world.put("/admin/realms/travel0", &granite.admin, &shares).status, 204);
    assert_eq!(put(&granite, &body).status, 204);
}

#[test]
fn names_are_folded_and_each_counts_once() {
    let granite = Granite::new();
    let body = json!([{ "name": "B.example" }, { "name": "a.example" }, { "name": "b.EXAMPLE" }]);
    assert_eq!(put(&granite, &body).status, 204);
    let listed = granite.read("")["domains"].clone();
    let wanted = json!([{ "name": "a.example", "verified": false }, { "name": "b.example", "verified": false }]);
    assert_eq!(listed, wanted);
    for bad in ["*", "a b.example", "x@a.example", "*.example", "127.0.0.1"] {
        let words = format!("Invalid domain format: {bad}");
        assert_eq!(told(&put(&granite, &json!([{ "name": bad }]))), refused(400, &words));
    }
    assert_eq!(granite.read("")["domains"], wanted);
}

/// Who owns a domain owns all below it.
#[test]
fn a_wildcard_is_proved_by_the_domain_above() {
    let granite = Granite::new();
    assert_eq!(put(&granite, &json!([{ "name": "*.wide.example" }])).status, 204);
    let proof = value_of("wide.example", &granite.org);
    publish(&granite.world, "wide.example", &[format!("\"{proof}\"")]);
    let verified = granite.post("/domains/*.wide.example/verify", &json!({})).json();
    assert_eq!(verified["verified"], true, "{verified}");
    assert_eq!(verified["record_value"], json!(proof));
}

#[test]
fn a_word_that_was_killed_on_its_way_is_kept_by_the_alarm() {
    let points =
        ["org.assert.after_stage", "org.outbox.before_drain", "org.verify.after_directory"];
    for point in points {
        let mut granite = Granite::new();
        let body =
            json!({ "name": "granite-outpost", "domains": [{ "name": DOMAIN, "verified": true }] });
        let path = granite.admin_path("");
        granite
            .world
            .crash_at(point, json_request(Method::PUT, &path, &granite.admin, Some(&body)));
        granite.world.ring_alarms();
        granite.world.advance(Seconds(31));
        granite.world.ring_alarms();
        granite.sign_in();
        assert!(is_verified(&granite), "{point}");
        a_day_passes(&mut granite);
        assert!(is_verified(&granite), "{point}");
    }
}
