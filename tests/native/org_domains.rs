//! `/realms/{realm}/orgs/{org}/domains` (reference phasetwo.md §1.7): who owns a
//! domain, who says so, and for how long.
use crate::harness::browser::json_request;
use crate::harness::world::World;
use crate::org_setup::{Granite, each};
use crate::scim_setup::{org_id, realm};
use guildhall::crypto::digest::sha256_hex;
use guildhall::kernel::id::OrgId;
use guildhall::kernel::time::Seconds;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

const DOMAIN: &str = "granite-outpost.example";

/// Where the resolver is asked for the record of `domain`.
fn url_of(domain: &str) -> String {
    format!("https://cloudflare-dns.com/dns-query?name=_org-domain-ownership.{domain}&type=TXT")
}

pub fn value_of(domain: &str, org: &OrgId) -> String {
    sha256_hex(&format!("{domain} {org}"))
}

/// Puts TXT records, each as a master file writes it, at the record of `domain`.
pub fn publish(world: &World, domain: &str, records: &[String]) {
    let name = format!("_org-domain-ownership.{domain}");
    let answer: Vec<Value> = records
        .iter()
        .map(|data| json!({ "name": name, "type": 16, "TTL": 300, "data": data }))
        .collect();
    let reply = json!({ "Status": 0, "Answer": answer });
    world.serve(&url_of(domain), 200, reply.to_string());
}

/// Puts the record of `org` there, cut in two.
fn publish_proof(world: &World, domain: &str, org: &OrgId) {
    let value = value_of(domain, org);
    let (left, right) = value.split_at(20);
    publish(world, domain, &["\"v=spf1 -all\"".to_owned(), format!("\"{left}\" \"{right}\"")]);
}

fn no_such_name(world: &World, domain: &str) {
    world.serve(&url_of(domain), 200, json!({ "Status": 3 }).to_string());
}

fn verify(granite: &Granite, domain: &str) -> Value {
    let answer = granite.post(&format!("/domains/{domain}/verify"), &json!({}));
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()
}

fn is_verified(granite: &Granite) -> bool {
    granite.get(&format!("/domains/{DOMAIN}")).json()["verified"] == true
}

/// Granite Outpost with its domain verified.
fn verified() -> Granite {
    let granite = Granite::new();
    publish_proof(&granite.world, DOMAIN, &granite.org);
    assert_eq!(verify(&granite, DOMAIN)["verified"], true);
    granite
}

/// The same world, from Adventurez' side, which names the domain, too.
fn rival(granite: &Granite) -> OrgId {
    let org = org_id(&granite.world, "adventurez");
    let path = format!("/realms/travel0/orgs/{org}");
    let body = json!({ "name": "adventurez", "domains": [DOMAIN] });
    let put = granite.world.call(Method::PUT, &path, &granite.admin, Some(&body));
    assert_eq!(put.status, 204);
    org
}

fn rival_verifies(granite: &Granite, org: &OrgId) -> Value {
    let proofs = [&granite.org, org].map(|org| format!("\"{}\"", value_of(DOMAIN, org)));
    publish(&granite.world, DOMAIN, &proofs);
    let path = format!("/realms/travel0/orgs/{org}/domains/{DOMAIN}/verify");
    let answer = granite.world.post(&path, &granite.admin, &json!({}));
    assert_eq!(answer.status, 202);
    answer.json()
}

pub fn claims(granite: &Granite) -> usize {
    let all = Statement::new("SELECT org_id FROM domain_claim");
    granite.world.directory().sql().run(all).unwrap().len()
}

pub fn a_day_passes(granite: &mut Granite) {
    granite.world.advance(Seconds::days(1));
    granite.world.ring_alarms();
    granite.sign_in();
}

#[test]
fn domains_are_listed_with_the_record_that_proves_them() {
    let granite = Granite::new();
    let body = json!({ "name": "granite-outpost", "domains": ["b.example", "a.example"] });
    granite.put("", &body);

    let list = granite.get("/domains");

    assert_eq!(each(&list, "domain_name"), ["a.example", "b.example"]);
    let wanted = json!({
        "domain_name": "a.example", "verified": false, "record_key": "_org-domain-ownership",
        "record_value": value_of("a.example", &granite.org),
    });
    assert_eq!(list.json()[0], wanted);
    assert_eq!(granite.get("/domains/A.example").json(), wanted);
    assert_eq!(granite.get("/domains/c.example").status, 404);
    assert_eq!(granite.post("/domains/c.example/verify", &json!({})).status, 404);
}

/// What the resolver says before a look-up.
type Prepare = fn(&Granite);

/// What it may say, and whether that verifies.
const REPLIES: [(&str, Prepare, bool); 7] = [
    ("no resolver", |granite| granite.world.unplug(&url_of(DOMAIN)), false),
    ("a failure", |granite| granite.world.serve(&url_of(DOMAIN), 500, ""), false),
    ("a redirect", |granite| granite.world.serve(&url_of(DOMAIN), 302, ""), false),
    ("no JSON", |granite| granite.world.serve(&url_of(DOMAIN), 200, "<html>"), false),
    ("no such name", |granite| no_such_name(&granite.world, DOMAIN), false),
    (
        "another organization's record",
        |granite| publish_proof(&granite.world, DOMAIN, &org_id(&granite.world, "adventurez")),
        false,
    ),
    ("the record", |granite| publish_proof(&granite.world, DOMAIN, &granite.org), true),
];

#[test]
fn the_answer_tells_the_truth() {
    let granite = Granite::new();
    for (why, prepare, wanted) in REPLIES {
        prepare(&granite);
        let answer = verify(&granite, DOMAIN);
        assert_eq!(answer["verified"], wanted, "{why}: {answer}");
        assert_eq!(answer.get("reason").is_none(), wanted, "{why}: {answer}");
        assert_eq!(granite.get(&format!("/domains/{DOMAIN}")).json(), answer, "{why}");
        let told = format!("DOMAIN UPDATE orgs/GRANITE/domains/{DOMAIN}/verify");
        assert_eq!(granite.events(1), [(told, json!(DOMAIN))], "{why}");
    }
}

#[test]
fn what_is_no_domain_name_is_never_asked_for() {
    let granite = Granite::new();
    for odd in ["127.0.0.1", "a b", "a/b", "x?y=z"] {
        granite.put("", &json!({ "name": "granite-outpost", "domains": [odd] }));
        let path = guildhall::web::router::path_segment(odd);
        let answer = verify(&granite, &path);
        assert_eq!(answer["reason"], "this is not a domain name", "{odd}");
    }
}

#[test]
fn a_realm_may_name_the_record_otherwise() {
    let granite = Granite::new();
    granite.world.directory().sql().execute_batch(
        "UPDATE realm SET settings = json_set(settings, '$.dns_record_key', '_proof')",
    );
    granite.world.restart();
    let value = value_of(DOMAIN, &granite.org);
    let reply = json!({ "Status": 0, "Answer": [{ "type": 16, "data": value }] });
    let url = url_of(DOMAIN).replace("_org-domain-ownership", "_proof");
    granite.world.serve(&url, 200, reply.to_string());

    let answer = verify(&granite, DOMAIN);

    assert_eq!((&answer["verified"], &answer["record_key"]), (&json!(true), &json!("_proof")));
}

#[test]
fn a_domain_has_one_owner_in_a_realm() {
    let granite = verified();
    let rival = rival(&granite);

    let refused = rival_verifies(&granite, &rival);

    assert_eq!(refused["verified"], false);
    let reason = refused["reason"].as_str().unwrap();
    assert!(reason.starts_with("another organization"), "{reason}");
    assert!(!reason.contains("granite"), "not whose: {reason}");
    assert!(is_verified(&granite));
    assert_eq!(claims(&granite), 1);
}

#[test]
fn a_domain_is_free_once_its_owner_gives_it_up_or_goes() {
    let gives_up = |granite: &Granite| {
        granite.put("", &json!({ "name": "granite-outpost", "domains": [] })).status
    };
    let goes = |granite: &Granite| granite.delete("").status;
    for leave in [gives_up as fn(&Granite) -> http::StatusCode, goes] {
        let granite = verified();
        let rival = rival(&granite);
        assert_eq!(leave(&granite), 204);
        assert_eq!(rival_verifies(&granite, &rival)["verified"], true);
        assert_eq!(claims(&granite), 1);
    }
}

#[test]
fn a_realm_may_let_organizations_share_a_domain() {
    let granite = verified();
    let rival = rival(&granite);
    granite.world.directory().sql().execute_batch(
        "UPDATE realm SET settings = json_set(settings, '$.shared_domains', json('true'))",
    );
    granite.world.restart();
    assert!(realm(&granite.world).settings.shared_domains);

    assert_eq!(rival_verifies(&granite, &rival)["verified"], true);
    assert!(is_verified(&granite));
    assert_eq!(claims(&granite), 2);
}

#[test]
fn replacing_the_organization_keeps_what_was_verified() {
    let granite = verified();
    let body = json!({ "name": "granite-outpost", "domains": [DOMAIN, "new.example"] });

    granite.put("", &body);

    let list = granite.get("/domains").json();
    assert_eq!((&list[0]["verified"], &list[1]["verified"]), (&json!(true), &json!(false)));
    granite.put("", &json!({ "name": "granite-outpost", "domains": [] }));
    granite.put("", &body);
    assert!(!is_verified(&granite), "gone and back is new");
}

#[test]
fn a_verified_domain_is_looked_up_daily_and_lost_after_two_failures() {
    let mut granite = verified();
    a_day_passes(&mut granite);
    assert!(is_verified(&granite));
    no_such_name(&granite.world, DOMAIN);

    a_day_passes(&mut granite);
    assert!(is_verified(&granite), "once may be an accident");
    assert!(granite.get(&format!("/domains/{DOMAIN}")).json()["reason"].is_string());
    publish_proof(&granite.world, DOMAIN, &granite.org);
    a_day_passes(&mut granite);
    no_such_name(&granite.world, DOMAIN);
    a_day_passes(&mut granite);
    assert!(is_verified(&granite), "not twice in a row");
    a_day_passes(&mut granite);

    assert!(!is_verified(&granite));
    assert_eq!(claims(&granite), 0, "others may have it");
    assert_eq!(granite.told(1), [format!("DOMAIN UPDATE orgs/GRANITE/domains/{DOMAIN}")]);
    a_day_passes(&mut granite);
    publish_proof(&granite.world, DOMAIN, &granite.org);
    assert_eq!(verify(&granite, DOMAIN)["verified"], true);
}

#[test]
fn a_resolver_that_fails_takes_nothing_back() {
    let mut granite = verified();
    for _ in 0..5 {
        granite.world.unplug(&url_of(DOMAIN));
        a_day_passes(&mut granite);
        granite.world.serve(&url_of(DOMAIN), 200, json!({ "Status": 2 }).to_string());
        a_day_passes(&mut granite);
    }
    assert!(is_verified(&granite));
}

/// Who asks again and again sees the same cached answer: that is no second check.
#[test]
fn asking_twice_takes_nothing_back() {
    let granite = verified();
    no_such_name(&granite.world, DOMAIN);
    for _ in 0..3 {
        let answer = verify(&granite, DOMAIN);
        assert_eq!(answer["verified"], true);
        assert!(answer["reason"].is_string(), "but it is told");
    }
}

#[test]
fn a_verification_killed_anywhere_is_finished_by_the_alarm() {
    for point in ["org.verify.after_stage", "org.verify.after_directory"] {
        let granite = Granite::new();
        publish_proof(&granite.world, DOMAIN, &granite.org);
        let path = granite.path(&format!("/domains/{DOMAIN}/verify"));
        granite
            .world
            .crash_at(point, json_request(Method::POST, &path, &granite.admin, Some(&json!({}))));
        assert!(!is_verified(&granite), "{point}");

        granite.world.ring_alarms();

        assert!(is_verified(&granite), "{point}");
        assert_eq!(claims(&granite), 1, "{point}");
    }
}

#[test]
fn a_domain_removed_while_it_was_claimed_is_nobodys() {
    for point in ["org.verify.after_stage", "org.verify.after_directory"] {
        let granite = Granite::new();
        publish_proof(&granite.world, DOMAIN, &granite.org);
        let path = granite.path(&format!("/domains/{DOMAIN}/verify"));
        granite
            .world
            .crash_at(point, json_request(Method::POST, &path, &granite.admin, Some(&json!({}))));

        granite.put("", &json!({ "name": "granite-outpost", "domains": [] }));
        granite.world.ring_alarms();

        assert_eq!(claims(&granite), 0, "{point}");
        assert_eq!(granite.get("/domains").json(), json!([]), "{point}");
    }
}
