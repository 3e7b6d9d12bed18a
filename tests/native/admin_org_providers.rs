//! `/admin/realms/{realm}/organizations/{org}/identity-providers` (reference keycloak.md
//! §1.6), and `organizationId` of a provider.
use crate::admin_org_members::told;
use crate::admin_setup::holder_of;
use crate::harness::browser::{Answer, request};
use crate::org_setup::{Granite, each};
use crate::scim_setup::org_id;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

const INSTANCES: &str = "/admin/realms/travel0/identity-provider/instances";
const LINKS: &str = "/identity-providers";

fn refused(status: u16, words: &str) -> (u16, String) {
    (status, words.to_owned())
}

impl Granite {
    /// Makes a provider of the realm, with a secret; its `internalId`.
    fn make_provider(&self, alias: &str) -> String {
        let config = json!({ "clientId": "us", "clientSecret": "hidden-0" });
        let body = json!({ "alias": alias, "providerId": "oidc", "config": config });
        let made = self.world.post(INSTANCES, &self.admin, &body);
        assert_eq!(made.status, 201, "{made:?}");
        self.provider(alias)["internalId"].as_str().unwrap().to_owned()
    }

    /// The provider, as the realm's administrators see it.
    fn provider(&self, alias: &str) -> Value {
        self.world.get(&format!("{INSTANCES}/{alias}"), &self.admin).json()
    }

    /// `POST` of this text, whatever it is.
    fn link(&self, org: &str, word: &str) -> Answer {
        let path = format!("/admin/realms/travel0/organizations/{org}{LINKS}");
        let request = request(Method::POST, &path)
            .header("authorization", format!("Bearer {}", self.admin))
            .header("content-type", "application/json")
            .body(Bytes::copy_from_slice(word.as_bytes()))
            .unwrap();
        Answer::new(self.world.send(request))
    }

    fn linked(&self) -> Vec<String> {
        each(&self.ask(Method::GET, LINKS, None), "alias")
    }

    fn other_org(&self) -> String {
        let body = json!({ "name": "basalt-outpost" });
        let made = self.world.post("/realms/travel0/orgs", &self.admin, &body);
        assert_eq!(made.status, 201, "{made:?}");
        org_id(&self.world, "basalt-outpost").to_string()
    }

    fn share_providers(&self) {
        let config = json!({ "sharedIdpsEnabled": true });
        let put = self.world.put("/realms/travel0/orgs/config", &self.admin, &config);
        assert_eq!(put.status, 200, "{put:?}");
    }
}

#[test]
fn a_provider_is_linked_and_unlinked() {
    let granite = Granite::new();
    let id = granite.make_provider("rocks");
    let org = granite.org.to_string();
    let before = granite.linked();

    let answer = granite.link(&org, "rocks");
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""));
    assert_eq!(answer.location(), "");
    assert_eq!(granite.linked().len(), before.len() + 1);
    let again = granite.link(&org, "rocks");
    let words = "Identity provider already associated to the organization";
    assert_eq!(told(&again), refused(409, words));

    let read = granite.read(&format!("{LINKS}/rocks"));
    let link =
        json!({ "organizationId": org, "autoMembership": true, "membershipType": "UNMANAGED" });
    assert_eq!(read["config"]["clientSecret"], "**********");
    assert_eq!(
        (&read["organizationId"], &read["organizationLinks"]),
        (&json!(org), &json!([link]))
    );
    assert_eq!(granite.provider("rocks")["organizationLinks"], json!([link]));
    let in_phase_twos = each(&granite.get("/idps"), "alias");
    assert!(in_phase_twos.contains(&"rocks".to_owned()), "{in_phase_twos:?}");

    let path = format!("{LINKS}/rocks");
    assert_eq!(granite.ask(Method::DELETE, &path, None).status, 204);
    assert_eq!(granite.linked(), before);
    let gone = granite.ask(Method::DELETE, &path, None);
    assert_eq!(told(&gone), refused(404, "Identity provider not found with the given alias"));
    let gone = granite.ask(Method::GET, &path, None);
    let words = "Identity provider not associated with the organization";
    assert_eq!(told(&gone), refused(404, words));
    assert_eq!(granite.provider("rocks")["internalId"], json!(id), "the realm keeps it");
}

#[test]
fn a_body_is_an_alias_or_a_key_however_clients_write_it() {
    let granite = Granite::new();
    let id = granite.make_provider("rocks");
    let org = granite.org.to_string();
    for word in ["rocks", "\"rocks\"", " rocks\n", "\"rocks", &id, &format!("\"{id}\"")] {
        assert_eq!(granite.link(&org, word).status, 204, "{word}");
        assert_eq!(granite.ask(Method::DELETE, &format!("{LINKS}/rocks"), None).status, 204);
    }
    let before = granite.world.dump();
    for word in ["", "nobody", "{\"alias\":\"rocks\"}", "[]", "a b", "\"\"rocks\"\""] {
        let words = "Identity provider not found with the given alias";
        assert_eq!(told(&granite.link(&org, word)), refused(400, words), "{word}");
    }
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn several_organizations_use_one_where_the_realm_shares() {
    let granite = Granite::new();
    granite.make_provider("rocks");
    let (org, other) = (granite.org.to_string(), granite.other_org());
    assert_eq!(granite.link(&org, "rocks").status, 204);
    let words = "Identity provider already associated with a different organization";
    assert_eq!(told(&granite.link(&other, "rocks")), refused(400, words));

    granite.share_providers();
    assert_eq!(granite.link(&other, "rocks").status, 204);
    assert_eq!(granite.provider("rocks")["organizationLinks"].as_array().unwrap().len(), 2);
    assert!(granite.provider("rocks").get("organizationId").is_none());
    let seen = granite.read(&format!("{LINKS}/rocks"));
    assert_eq!(seen["organizationId"], json!(org), "each sees itself only");
    assert_eq!(seen["organizationLinks"].as_array().unwrap().len(), 1);
    assert!(!seen.to_string().contains(&other), "{seen}");

    // One of them manages the accounts at most.
    let managed = json!({ "autoMembership": true, "membershipType": "MANAGED" });
    let path = format!("{LINKS}/rocks");
    assert_eq!(granite.ask(Method::PUT, &path, Some(&managed)).status, 204);
    let theirs = format!("/admin/realms/travel0/organizations/{other}{path}");
    let second = granite.world.put(&theirs, &granite.admin, &managed);
    let words = "Another organization manages the accounts of this identity provider";
    assert_eq!(told(&second), refused(400, words));
    let unmanaged = json!({ "membershipType": "UNMANAGED" });
    assert_eq!(granite.ask(Method::PUT, &path, Some(&unmanaged)).status, 204);
    assert_eq!(granite.world.put(&theirs, &granite.admin, &managed).status, 204);
}

#[test]
fn a_link_says_what_becomes_of_who_signs_in() {
    let granite = Granite::new();
    granite.make_provider("rocks");
    assert_eq!(granite.link(granite.org.as_str(), "rocks").status, 204);
    let path = format!("{LINKS}/rocks");
    let link = || {
        let read = granite.read(&path);
        let link = &read["organizationLinks"][0];
        (link["autoMembership"].as_bool().unwrap(), link["membershipType"].clone())
    };
    for (body, expected) in [
        (json!({ "autoMembership": false }), (false, json!("UNMANAGED"))),
        (json!({ "membershipType": "MANAGED" }), (true, json!("MANAGED"))),
        (json!({}), (true, json!("UNMANAGED"))),
    ] {
        let changed = granite.ask(Method::PUT, &path, Some(&body));
        assert_eq!((changed.status.as_u16(), changed.text.as_str()), (204, ""), "{body}");
        assert_eq!(link(), expected, "{body}");
    }
    let before = granite.world.dump();
    for body in [
        json!({ "autoMembership": false, "membershipType": "MANAGED" }),
        json!({ "membershipType": "OTHER" }),
        json!({ "membershipType": 1 }),
        json!({ "unknown": true }),
        json!([]),
    ] {
        assert_eq!(granite.ask(Method::PUT, &path, Some(&body)).status, 400, "{body}");
    }
    let unlinked = granite.ask(Method::PUT, &format!("{LINKS}/none"), Some(&json!({})));
    let words = "Identity provider not associated with the organization";
    assert_eq!(told(&unlinked), refused(404, words));
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn its_groups_are_the_organizations() {
    let granite = Granite::new();
    granite.make_provider("rocks");
    let path = format!("{LINKS}/rocks/groups");
    let words = "Identity provider not associated with the organization";
    assert_eq!(told(&granite.ask(Method::GET, &path, None)), refused(404, words));
    assert_eq!(granite.link(granite.org.as_str(), "rocks").status, 204);
    let porters = granite.plant(None, "Porters");
    granite.plant(Some(&porters), "Ropes");
    assert_eq!(granite.read(&path), granite.read("/groups"));
    let found = granite.read(&format!("{path}?search=rop"));
    assert_eq!(found[0]["path"], "/Porters/Ropes");
}

/// CVE-2026-18201: who may change providers could let themselves into an organization.
#[test]
fn an_organization_is_joined_by_who_may_change_it_only() {
    let granite = Granite::new();
    let org = granite.org.to_string();
    let token = holder_of(&granite.world, &["manage-identity-providers"]);
    let body = json!({ "alias": "own", "providerId": "oidc", "organizationId": org });
    let before = granite.world.dump();
    assert_eq!(granite.world.post(INSTANCES, &token, &body).status, 403);
    let named = json!({ "home.idp.discovery.org": org });
    assert_eq!(granite.world.dump(), before);

    let plain = json!({ "alias": "own", "providerId": "oidc", "config": {} });
    assert_eq!(granite.world.post(INSTANCES, &token, &plain).status, 201);
    let path = format!("{INSTANCES}/own");
    let before = granite.world.dump();
    for body in [
        body.clone(),
        json!({ "alias": "own", "providerId": "oidc", "config": named }),
        json!({ "alias": "own", "providerId": "oidc", "organizationId": "nobody" }),
    ] {
        assert_eq!(granite.world.put(&path, &token, &body).status, 403, "{body}");
    }
    assert_eq!(granite.world.dump(), before);

    assert_eq!(granite.world.put(&path, &granite.admin, &body).status, 204);
    assert_eq!(granite.provider("own")["organizationId"], json!(org));
    // What was read can be sent back by who may not change organizations.
    let read = granite.provider("own");
    assert_eq!(granite.world.put(&path, &token, &read).status, 204);
    assert_eq!(granite.provider("own")["organizationId"], json!(org));
    let unknown = json!({ "alias": "own", "providerId": "oidc", "organizationId": "nobody" });
    let answer = granite.world.put(&path, &granite.admin, &unknown);
    assert_eq!(told(&answer), refused(400, "Organization not found."));
}

#[test]
fn a_role_opens_what_the_reference_says() {
    let granite = Granite::new();
    granite.make_provider("rocks");
    assert_eq!(granite.link(granite.org.as_str(), "rocks").status, 204);
    let one = format!("{LINKS}/rocks");
    let groups = format!("{LINKS}/rocks/groups");
    let reads = [LINKS, one.as_str(), groups.as_str()];
    // None of the bodies changes anything.
    let writes =
        [(Method::POST, LINKS, json!("none")), (Method::PUT, &one, json!({ "unknown": true }))];
    let holdings: &[(&[&str], bool, bool)] = &[
        (&["view-organizations", "view-identity-providers"], true, false),
        (&["view-organizations", "manage-identity-providers"], true, false),
        (&["manage-organizations", "view-identity-providers"], true, false),
        (&["manage-organizations", "manage-identity-providers"], true, true),
        (&["manage-realm", "manage-identity-providers"], true, true),
        (&["manage-organizations"], false, false),
        (&["manage-identity-providers"], false, false),
        (&["query-organizations", "manage-identity-providers"], false, false),
        (&["view-realm", "manage-users"], false, false),
    ];
    for (held, may_read, may_write) in holdings {
        let token = holder_of(&granite.world, held);
        for below in reads {
            let answer = granite.world.get(&granite.admin_path(below), &token);
            let expected = if *may_read { 200 } else { 403 };
            assert_eq!(answer.status.as_u16(), expected, "{held:?} {below}");
        }
        for (method, below, body) in &writes {
            let path = granite.admin_path(below);
            let answer = granite.world.call(method.clone(), &path, &token, Some(body));
            let expected = if *may_write { 400 } else { 403 };
            assert_eq!(answer.status.as_u16(), expected, "{held:?} {method} {below}");
        }
        if !may_write {
            let answer = granite.world.delete(&granite.admin_path(&one), &token);
            assert_eq!(answer.status, 403, "{held:?}");
        }
    }
}

/// Keycloak 26.8: where the people of a domain sign in is said of the domain.
#[test]
fn a_domain_leads_to_a_provider_of_the_organization() {
    let granite = Granite::new();
    granite.make_provider("rocks");
    granite.make_provider("sand");
    let name = granite.read("")["name"].clone();
    let put = |domains: Value| {
        let body = json!({ "name": name, "alias": name, "domains": domains });
        granite.ask(Method::PUT, "", Some(&body))
    };
    let domains = || granite.read("")["domains"].clone();
    let one = |extra: Value| {
        let mut domain = json!({ "name": "one.example", "verified": false });
        domain.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        domain
    };
    let words = "Identity provider rocks is not associated with the organization";
    let led = one(json!({ "identityProviderAlias": "rocks" }));
    assert_eq!(told(&put(json!([led]))), refused(400, words));
    let new = json!({ "name": "new", "domains": [led] });
    let made = granite.world.post("/admin/realms/travel0/organizations", &granite.admin, &new);
    assert_eq!(told(&made), refused(400, words));

    for alias in ["rocks", "sand"] {
        assert_eq!(granite.link(granite.org.as_str(), alias).status, 204);
    }
    let two = json!({ "name": "two.example", "verified": false });
    assert_eq!(put(json!([led, two])).status, 204);
    let at_once = one(json!({ "identityProviderAlias": "rocks", "autoRedirect": true }));
    assert_eq!(domains(), json!([at_once, two]));
    let config = granite.provider("rocks")["config"].clone();
    assert_eq!(config["home.idp.discovery.domains"], "one.example", "Phase Two's word for it");

    // Nothing is said, so nothing changes.
    assert_eq!(put(json!([one(json!({})), two])).status, 204);
    assert_eq!(domains(), json!([at_once, two]));
    let offered = one(json!({ "identityProviderAlias": "sand", "autoRedirect": false }));
    assert_eq!(put(json!([offered, two])).status, 204);
    assert_eq!(domains(), json!([offered, two]));
    let routes = json!([{ "domain": "one.example", "alias": "sand", "auto_redirect": false }]);
    let told = ("ORGANIZATION UPDATE organizations/GRANITE/domains".to_owned(), routes);
    let newest = granite.events(50);
    assert!(newest.contains(&told), "{newest:?}");
    // What is said of one twice is said last.
    assert_eq!(put(json!([at_once, offered, two])).status, 204);
    assert_eq!(domains(), json!([offered, two]));
    let config = granite.provider("rocks")["config"].clone();
    assert!(config["home.idp.discovery.domains"].as_str().unwrap_or_default().is_empty());
    for nothing in [Value::Null, json!("")] {
        assert_eq!(put(json!([offered, two])).status, 204);
        assert_eq!(put(json!([one(json!({ "identityProviderAlias": nothing })), two])).status, 204);
        assert_eq!(domains(), json!([one(json!({})), two]));
    }
    assert_eq!(put(json!([offered, two])).status, 204);
    assert_eq!(granite.ask(Method::DELETE, &format!("{LINKS}/sand"), None).status, 204);
    assert_eq!(domains(), json!([one(json!({})), two]));
}

/// What Phase Two's clients said with the link is told of the domain.
#[test]
fn a_domain_of_a_link_leads_there_too() {
    let granite = Granite::new();
    granite.make_provider("rocks");
    let link = json!({ "alias": "rocks", "domains": ["one.example"] });
    assert_eq!(granite.post("/idps/link", &link).status, 201);
    let name = granite.read("")["name"].clone();
    let domain = json!([{ "name": "one.example" }]);
    let body = json!({ "name": name, "alias": name, "domains": domain });
    assert_eq!(granite.ask(Method::PUT, "", Some(&body)).status, 204);
    let told = json!([{ "name": "one.example", "verified": false,
        "identityProviderAlias": "rocks", "autoRedirect": true }]);
    assert_eq!(granite.read("")["domains"], told);
}
