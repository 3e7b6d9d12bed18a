//! `KEYCLOAK`: an organization's directory presents an access token of the realm.
use crate::admin_setup::{TRAVEL0, client_role, holder_of, make_client, outside_holder_of};
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::organizations::token_of;
use crate::scim_setup::{Directory, admin, let_manage, org_id, travel0, user};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

fn keycloak(world: &World) -> Directory<'_> {
    let directory = Directory::configure(world, "granite-outpost", &json!({ "type": "KEYCLOAK" }));
    let_manage(world, &directory.org, "hiroko");
    directory
}

/// How the endpoint answers who presents `token`.
fn status(world: &World, directory: Directory<'_>, token: &str) -> u16 {
    let status = directory.with_bearer(token).status();
    world.app().ports.tries.clear();
    status
}

fn here(world: &World) -> Directory<'_> {
    Directory::at(world, org_id(world, "granite-outpost"))
}

/// A service account of travel0, which holds the realm role called `role`, if any.
fn machine(world: &World, role: Option<&str>) -> String {
    let body =
        json!({ "clientId": "provisioner", "secret": "s3cret", "serviceAccountsEnabled": true });
    let uuid = make_client(world, TRAVEL0, &body);
    let path = format!("{TRAVEL0}/clients/{uuid}/service-account-user");
    let account = world.get(&path, &admin(world)).json()["id"].as_str().unwrap().to_owned();
    if let Some(role) = role {
        grant(world, &account, role);
    }
    machine_token(world)
}

fn machine_token(world: &World) -> String {
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "provisioner"),
        ("client_secret", "s3cret"),
    ];
    let answer = world.post_form("/realms/travel0/protocol/openid-connect/token", &fields);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn grant(world: &World, user: &str, role: &str) {
    world.post(&format!("{TRAVEL0}/roles"), &admin(world), &json!({ "name": role }));
    let role = world.get(&format!("{TRAVEL0}/roles/{role}"), &admin(world)).json();
    let path = format!("{TRAVEL0}/users/{user}/role-mappings/realm");
    assert_eq!(world.post(&path, &admin(world), &json!([role])).status, 204);
}

#[test]
fn who_may_manage_members_and_providers_speaks_for_the_directory() {
    let world = travel0();
    keycloak(&world);
    let all = holder_of(&world, &["view-organizations", "manage-organizations"]);
    let owner = token_of(&world, "hiroko");
    assert_eq!(status(&world, here(&world), &all), 200, "an administrator of organizations");
    assert_eq!(status(&world, here(&world), &owner), 200, "an administrator of this one");
}

#[test]
fn whoever_may_do_less_is_refused() {
    let world = travel0();
    keycloak(&world);
    let_manage(&world, &org_id(&world, "rocky-mountain"), "jonno");
    let refused = [
        ("who may only see", holder_of(&world, &["view-organizations"])),
        ("who may manage, and not enter", holder_of(&world, &["manage-organizations"])),
        ("who administers people", holder_of(&world, &["manage-users"])),
        ("an administrator of another organization", token_of(&world, "jonno")),
        ("a member", token_of(&world, "emilio")),
        (
            "an administrator of realm master",
            outside_holder_of(&world, &["view-organizations", "manage-organizations"]),
        ),
        ("an administrator of everything", admin(&world)),
        ("a service account without a role", machine(&world, None)),
        ("no token", "nonsense".to_owned()),
    ];
    for (who, token) in refused {
        assert_eq!(status(&world, here(&world), &token), 401, "{who}");
    }
}

/// Reference phasetwo.md §8.1: what Phase Two asks for, directly or through a
/// composite.
#[test]
fn a_service_account_with_the_realm_role_speaks_for_every_directory() {
    let world = travel0();
    keycloak(&world);
    let token = machine(&world, Some("scim-access"));
    assert_eq!(status(&world, here(&world), &token), 200);
    let rocky = Directory::configure(&world, "rocky-mountain", &json!({ "type": "KEYCLOAK" }));
    assert_eq!(status(&world, rocky, &token), 200);
    let secret = Directory::connect(&world, "adventurez");
    assert_eq!(status(&world, secret, &token), 401, "which takes something else");
}

#[test]
fn a_composite_role_includes_the_realm_role() {
    let world = travel0();
    keycloak(&world);
    let token = machine(&world, Some("robot"));
    assert_eq!(status(&world, here(&world), &token), 401);
    world.post(&format!("{TRAVEL0}/roles"), &admin(&world), &json!({ "name": "scim-access" }));
    let role = world.get(&format!("{TRAVEL0}/roles/scim-access"), &admin(&world)).json();
    let path = format!("{TRAVEL0}/roles/robot/composites");
    assert_eq!(world.post(&path, &admin(&world), &json!([role])).status, 204);
    assert_eq!(status(&world, here(&world), &token), 200);
}

/// A person is not a directory because a machine's role was given to them, nor is a
/// client's role of the same name the realm's.
#[test]
fn the_realm_role_is_for_service_accounts_only() {
    let world = travel0();
    keycloak(&world);
    grant(&world, user(&world, "jonno").unwrap().id.as_str(), "scim-access");
    assert_eq!(status(&world, here(&world), &token_of(&world, "jonno")), 401);

    let token = machine(&world, None);
    let uuid = crate::admin_setup::client_uuid(&world, TRAVEL0, "provisioner");
    let path = format!("{TRAVEL0}/clients/{uuid}/roles");
    world.post(&path, &admin(&world), &json!({ "name": "scim-access" }));
    let role = client_role(&world, TRAVEL0, "provisioner", "scim-access");
    let account = user(&world, "service-account-provisioner").unwrap().id;
    let path = format!("{TRAVEL0}/users/{account}/role-mappings/clients/{uuid}");
    assert_eq!(world.post(&path, &admin(&world), &json!([role])).status, 204);
    assert_eq!(status(&world, here(&world), &token), 401);
}

#[test]
fn a_token_that_is_over_is_over_here_too() {
    let world = travel0();
    keycloak(&world);
    let rp = RelyingParty::web(&world);
    let tokens = rp.tokens_for("hiroko", "openid");
    let token = tokens["access_token"].as_str().unwrap().to_owned();
    assert_eq!(status(&world, here(&world), &token), 200);
    let mut forged = token.clone();
    forged.truncate(token.len() - 4);
    assert_eq!(status(&world, here(&world), &format!("{forged}AAAA")), 401, "forged");
    assert_eq!(
        status(&world, here(&world), tokens["id_token"].as_str().unwrap()),
        401,
        "an ID token"
    );
    world.advance(Seconds::minutes(6));
    assert_eq!(status(&world, here(&world), &token), 401, "expired");
}

/// RFC 7009.
#[test]
fn a_revoked_token_is_refused() {
    let world = travel0();
    keycloak(&world);
    let token = machine(&world, Some("scim-access"));
    assert_eq!(status(&world, here(&world), &token), 200);
    let fields =
        [("token", token.as_str()), ("client_id", "provisioner"), ("client_secret", "s3cret")];
    let revoked = world.post_form("/realms/travel0/protocol/openid-connect/revoke", &fields);
    assert_eq!(revoked.status, 200, "{revoked:?}");
    assert_eq!(status(&world, here(&world), &token), 401);
    assert_eq!(status(&world, here(&world), &machine_token(&world)), 200);
}

/// Whoever lost the right loses the directory with the next request.
#[test]
fn a_right_that_is_taken_away_is_gone_at_once() {
    let world = travel0();
    let directory = keycloak(&world);
    let hiroko = token_of(&world, "hiroko");
    assert_eq!(status(&world, here(&world), &hiroko), 200);
    let id = user(&world, "hiroko").unwrap().id;
    let path = format!("/realms/travel0/orgs/{}/members/{id}", directory.org);
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    assert_eq!(status(&world, here(&world), &hiroko), 401);
}

#[test]
fn the_log_says_whose_token_it_was() {
    let world = travel0();
    let directory = keycloak(&world);
    let hiroko = token_of(&world, "hiroko");
    assert_eq!(status(&world, here(&world), &hiroko), 200);
    let entry = directory.log("")[0].clone();
    let id = user(&world, "hiroko").unwrap().id;
    assert_eq!(entry["credential"], "KEYCLOAK");
    assert_eq!(entry["caller"], id.as_str());
}

#[test]
fn one_request_asks_one_object() {
    let world = travel0();
    keycloak(&world);
    let token = token_of(&world, "hiroko");
    status(&world, here(&world), &token);
    let directory = here(&world).with_bearer(&token);
    let (answer, trips) = world.trips_of(|| directory.get("/Users"));
    assert_eq!(answer.status, 200);
    assert_eq!((trips.objects, trips.directory), (1, 1));
}

/// What the other kinds keep is gone when the kind changes, and comes back with it
/// only when it is sent.
#[test]
fn a_secret_does_not_survive_another_kind() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let kind = |body: Value| directory.reconfigure(&json!({ "auth": body }));
    assert_eq!(kind(json!({ "type": "KEYCLOAK" })).json()["auth"], json!({ "type": "KEYCLOAK" }));
    assert_eq!(directory.status(), 401);
    let back = kind(json!({ "type": "EXTERNAL_SECRET" }));
    assert_eq!(
        (back.status.as_u16(), back.error().as_str()),
        (400, "auth.shared_secret is missing")
    );
    assert_eq!(directory.send(Method::GET, "/Users", None).status, 401);
}
