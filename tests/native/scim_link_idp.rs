//! `link_idp`: who is pushed is known to the organization's identity provider.
use crate::harness::world::World;
use crate::scim_life::{DOMAIN, own, promote, registered};
use crate::scim_setup::{Directory, admin, config_path, org_id, person, travel0, user};
use guildhall::realm::user::User;
use http::Method;
use serde_json::{Value, json};

const GRANITE: &str = "granite-outpost";
const ROCKY: &str = "rocky-mountain";

fn add_provider(world: &World, org: &str, alias: &str) {
    let path = format!("/realms/travel0/orgs/{}/idps", org_id(world, org));
    let body = json!({
        "alias": alias, "providerId": "oidc", "enabled": true,
        "config": { "clientId": "guildhall", "clientSecret": "a secret", "useJwksUrl": true,
                    "authorizationUrl": "https://okta.example/authorize",
                    "tokenUrl": "https://okta.example/token" },
    });
    let answer = world.post(&path, &admin(world), &body);
    assert_eq!(answer.status, 201, "{answer:?}");
}

fn set_linking(directory: &Directory<'_>, on: bool) {
    let path = config_path(&directory.org);
    let body = json!({ "enabled": true, "link_idp": on });
    let answer = directory.world.call(Method::PUT, &path, &admin(directory.world), Some(&body));
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Granite Outpost links whom it pushes with its provider `okta`.
fn linking(world: &World) -> Directory<'_> {
    let granite = Directory::connect(world, GRANITE);
    own(world, GRANITE, DOMAIN);
    add_provider(world, GRANITE, "okta");
    set_linking(&granite, true);
    granite
}

/// Provider and id there, of each identity of `user`.
fn identities(world: &World, user: &User) -> Vec<(String, String)> {
    let path = format!("/admin/realms/travel0/users/{}/federated-identity", user.id);
    let answer = world.get(&path, &admin(world));
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let found = answer.json();
    let found = found.as_array().unwrap().iter();
    found.map(|one| (text(one, "identityProvider"), text(one, "userId"))).collect()
}

fn is_okta(id: &str) -> Vec<(String, String)> {
    vec![("okta".to_owned(), id.to_owned())]
}

fn ann(world: &World) -> User {
    user(world, "ann@granite-outpost.example").unwrap()
}

fn external(id: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "externalId", "value": id }] })
}

#[test]
fn who_is_pushed_is_known_at_the_provider() {
    let world = travel0();
    let granite = linking(&world);
    let at = granite.pushed(&person("ann", "ann@granite-outpost.example"));
    let ann = ann(&world);
    assert_eq!(identities(&world, &ann), is_okta("ext-ann"));

    assert_eq!(granite.patch(&at, &external("other")).status, 200);
    assert_eq!(identities(&world, &ann), is_okta("other"), "it follows externalId");

    set_linking(&granite, false);
    assert_eq!(granite.patch(&at, &external("third")).status, 200);
    assert_eq!(identities(&world, &ann), [], "what was linked does not go stale");
}

#[test]
fn a_deletion_takes_back_what_the_directory_linked_and_nothing_else() {
    let world = travel0();
    let granite = linking(&world);
    let mara = registered(&world, "mara", "mara@granite-outpost.example", true);
    let path = format!("/admin/realms/travel0/users/{}/federated-identity/google", mara.id);
    let own = json!({ "userId": "mara-at-google", "userName": "mara" });
    assert_eq!(world.post(&path, &admin(&world), &own).status, 204);
    let at = granite.pushed(&person("mara", "mara@granite-outpost.example"));
    assert_eq!(identities(&world, &mara).len(), 2);

    assert_eq!(granite.delete(&at).status, 204);

    let left = [("google".to_owned(), "mara-at-google".to_owned())];
    assert_eq!(identities(&world, &mara), left);
    assert_eq!(user(&world, "mara"), Some(mara));
}

/// Who has an identity at a provider can be signed in by it: nobody gets one whom the
/// organization could not sign in as anyhow.
#[test]
fn nobody_is_linked_who_is_not_the_organizations() {
    let world = travel0();
    let granite = linking(&world);
    let boss = registered(&world, "boss", "boss@granite-outpost.example", true);
    promote(&world, &boss);
    registered(&world, "unread", "unread@granite-outpost.example", false);
    let cases = [
        ("boss", person("boss", "boss@granite-outpost.example")),
        ("unread", person("unread", "unread@granite-outpost.example")),
        ("jonno", person("jonno", "jonno@rocky-mountain.example")),
        ("kim@elsewhere.example", person("kim", "kim@elsewhere.example")),
        // A member of this organization and another, with an address elsewhere.
        ("emilio", person("emilio", user(&world, "emilio").unwrap().email.unwrap().as_str())),
    ];
    for (name, body) in cases {
        granite.pushed(&body);
        assert_eq!(identities(&world, &user(&world, name).unwrap()), [], "{name}");
    }
}

/// Another owner of the domain may not have who reads mail there signed in either.
#[test]
fn a_domain_with_two_owners_links_nobody_whom_another_uses() {
    let world = travel0();
    let granite = linking(&world);
    let claim = format!(
        "INSERT INTO domain_claim (realm_id, domain, org_id, claim_id, claimed_at)
         SELECT realm_id, domain, '{}', 'x', 1 FROM domain_claim WHERE org_id = '{}'",
        org_id(&world, ROCKY),
        granite.org
    );
    world.directory().sql().execute_batch(&claim);
    let mara = registered(&world, "mara", "mara@granite-outpost.example", true);

    granite.pushed(&person("mara", "mara@granite-outpost.example"));
    granite.pushed(&person("ann", "ann@granite-outpost.example"));

    assert_eq!(identities(&world, &mara), []);
    assert_eq!(identities(&world, &ann(&world)), is_okta("ext-ann"), "whom it made for itself");
}

#[test]
fn an_identity_of_somebody_else_is_never_taken_over() {
    let world = travel0();
    let granite = linking(&world);
    let jonno = user(&world, "jonno").unwrap();
    let path = format!("/admin/realms/travel0/users/{}/federated-identity/okta", jonno.id);
    let known = json!({ "userId": "ext-ann", "userName": "jonno" });
    assert_eq!(world.post(&path, &admin(&world), &known).status, 204);

    let at = granite.pushed(&person("ann", "ann@granite-outpost.example"));

    assert_eq!(identities(&world, &ann(&world)), []);
    assert_eq!(identities(&world, &jonno), is_okta("ext-ann"));
    assert_eq!(granite.delete(&at).status, 204);
    assert_eq!(identities(&world, &jonno), is_okta("ext-ann"));
}

/// One provider of two organizations: only where the realm lets them share.
#[test]
fn a_provider_that_others_use_links_nobody() {
    let world = travel0();
    let granite = linking(&world);
    let claim = format!(
        "INSERT INTO identity_provider_org
                (realm_id, org_id, identity_provider_id, domains, linked_at)
         SELECT realm_id, '{}', identity_provider_id, '[]', 9 FROM identity_provider_org
          WHERE org_id = '{}'",
        org_id(&world, ROCKY),
        granite.org
    );
    world.directory().sql().execute_batch(&claim);
    let at = granite.pushed(&person("ann", "ann@granite-outpost.example"));
    assert_eq!(identities(&world, &ann(&world)), []);

    world.directory().sql().execute_batch(
        "UPDATE realm SET settings = json_set(settings, '$.shared_idps', json('true'))",
    );
    assert_eq!(granite.patch(&at, &external("other")).status, 200);
    assert_eq!(identities(&world, &ann(&world)), is_okta("other"));
}

#[test]
fn a_killed_link_is_made_by_the_alarm() {
    for point in ["org.outbox.before_drain", "scim.link.after_directory"] {
        let world = travel0();
        let granite = linking(&world);
        let body = person("ann", "ann@granite-outpost.example");

        world.crash_at(point, granite.request(Method::POST, "/Users", Some(&body)));
        world.ring_alarms();
        world.ring_alarms();

        assert_eq!(identities(&world, &ann(&world)), is_okta("ext-ann"), "{point}");
        assert_eq!(granite.rows("SELECT kind FROM scim_errand").len(), 0, "{point}");
    }
}

/// The trail of the realm tells who was linked, where, and for whom.
#[test]
fn a_link_is_in_the_audit_trail_once() {
    let world = travel0();
    let granite = linking(&world);
    let at = granite.pushed(&person("ann", "ann@granite-outpost.example"));
    granite.delete(&at);
    let path = "/admin/realms/travel0/admin-events?resourcePath=*federated-identity*&max=50";
    let events = world.get(path, &admin(&world)).json();
    let told: Vec<&str> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["operationType"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["CREATE"], "the account took the identity along");
}
