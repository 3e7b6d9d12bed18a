//! Which role opens which route of an organization (reference phasetwo.md §1 and
//! §3.2): exactly those that the table says, and no others.
use crate::harness::world::World;
use crate::org_setup::{Granite, NOBODY};
use crate::organizations::{fill, object_routes, token_of};
use crate::scim_setup::{realm, user};
use guildhall::org::role::BuiltIn;
use guildhall::realm::store::role::{ClientRole, client_role_grant};
use http::Method;
use serde_json::{Value, json};

const ORG: &str = "/realms/{realm}/orgs/{org}";
const IDPS: &str = "/realms/{realm}/orgs/{org}/idps";
const USER_ROLES: &str = "/realms/{realm}/users/{user}/orgs/{org}/roles";

/// A role in the organization: one that lets see, and one that lets change.
type Roles = (Option<&'static str>, Option<&'static str>);

const FREE: Roles = (None, None);
const MANAGE: Roles = (None, Some("manage-organization"));
const DELETE: Roles = (None, Some("delete-organization"));
const SEE_MEMBERS: Roles = (Some("view-members"), None);
const MEMBERS: Roles = (Some("view-members"), Some("manage-members"));
const SEE_ROLES: Roles = (Some("view-roles"), None);
const ROLES: Roles = (Some("view-roles"), Some("manage-roles"));
const GRANT_ONLY: Roles = (None, Some("manage-roles"));
const SEE_INVITATIONS: Roles = (Some("view-invitations"), None);
const INVITATIONS: Roles = (Some("view-invitations"), Some("manage-invitations"));
/// To be signed in as the organization's administrator takes all eleven at once,
/// which nobody here holds.
const PORTAL: Roles = (None, Some("all eleven roles"));
const SEE_LOGIN: Roles = (Some("view-identity-providers"), None);
const LOGIN: Roles = (Some("view-identity-providers"), Some("manage-identity-providers"));

/// What no member may.
const LINK: Roles = (Some("view-identity-providers"), Some("no member's"));

/// The permission table: a row per route.
fn table() -> Vec<(Method, String, Roles)> {
    let (get, post, put, patch, delete) =
        (Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE);
    let mut table: Vec<(Method, String, Roles)> = [
        (&get, "", FREE),
        (&put, "", MANAGE),
        (&delete, "", DELETE),
        (&get, "/domains", FREE),
        (&get, "/domains/{domain}", FREE),
        (&post, "/domains/{domain}/verify", MANAGE),
        (&get, "/members", SEE_MEMBERS),
        (&get, "/members/count", SEE_MEMBERS),
        (&get, "/members/{user}", SEE_MEMBERS),
        (&put, "/members/{user}", MEMBERS),
        (&delete, "/members/{user}", MEMBERS),
        (&get, "/members/{user}/attributes", MEMBERS),
        (&put, "/members/{user}/attributes", MEMBERS),
        (&get, "/members/{user}/effective", SEE_ROLES),
        (&get, "/roles", SEE_ROLES),
        (&post, "/roles", ROLES),
        (&put, "/roles", ROLES),
        (&patch, "/roles", ROLES),
        (&get, "/roles/{role}", SEE_ROLES),
        (&put, "/roles/{role}", ROLES),
        (&delete, "/roles/{role}", ROLES),
        (&get, "/roles/{role}/users", SEE_ROLES),
        (&get, "/roles/{role}/users/{user}", SEE_ROLES),
        (&put, "/roles/{role}/users/{user}", ROLES),
        (&delete, "/roles/{role}/users/{user}", ROLES),
        (&get, "/invitations", SEE_INVITATIONS),
        (&post, "/invitations", INVITATIONS),
        (&get, "/invitations/count", SEE_INVITATIONS),
        (&get, "/invitations/{invitation}", SEE_INVITATIONS),
        (&delete, "/invitations/{invitation}", INVITATIONS),
        (&get, "/invitations/{invitation}/history", SEE_INVITATIONS),
        (&put, "/invitations/{invitation}/resend-email", INVITATIONS),
        (&post, "/portal-link", PORTAL),
        (&get, "/scim", SEE_LOGIN),
        (&post, "/scim", LOGIN),
        (&put, "/scim", LOGIN),
        (&delete, "/scim", LOGIN),
        (&get, "/scim/log", SEE_LOGIN),
        (&post, "/scim/rotate", LOGIN),
        (&get, "/scim/schemas", SEE_LOGIN),
        (&get, "/scim/schemas/{urn}", SEE_LOGIN),
        (&put, "/scim/schemas/{urn}", LOGIN),
        (&delete, "/scim/schemas/{urn}", LOGIN),
    ]
    .into_iter()
    .map(|(method, path, roles)| (method.clone(), format!("{ORG}{path}"), roles))
    .collect();
    table.extend([
        (get.clone(), USER_ROLES.to_owned(), SEE_ROLES),
        (put.clone(), USER_ROLES.to_owned(), GRANT_ONLY),
        (patch, USER_ROLES.to_owned(), GRANT_ONLY),
    ]);
    let idps = [
        (&get, "", SEE_LOGIN),
        (&post, "", LOGIN),
        (&post, "/link", LINK),
        (&post, "/import-config", LOGIN),
        (&get, "/{alias}", SEE_LOGIN),
        (&put, "/{alias}", LOGIN),
        (&delete, "/{alias}", LOGIN),
        (&post, "/{alias}/unlink", LINK),
        (&get, "/{alias}/mappers", SEE_LOGIN),
        (&post, "/{alias}/mappers", LOGIN),
        (&get, "/{alias}/mappers/{mapper}", SEE_LOGIN),
        (&put, "/{alias}/mappers/{mapper}", LOGIN),
        (&delete, "/{alias}/mappers/{mapper}", LOGIN),
    ];
    let idps = idps.into_iter();
    table
        .extend(idps.map(|(method, path, roles)| (method.clone(), format!("{IDPS}{path}"), roles)));
    table
}

/// What an administrator needs: `view-organizations` opens every door and
/// `manage-organizations` lets change behind it; neither is the other. Behind the
/// door to identity providers Keycloak's own roles count (reference phasetwo.md
/// §1.8), but for the list and for linking.
fn administrator_passes(row: &(Method, String, Roles), held: &[&str]) -> bool {
    let holds = |role| held.contains(&role);
    let (view, manage) = (holds("view-organizations"), holds("manage-organizations"));
    let manages_idps = holds("manage-identity-providers");
    let listed = row.1 == IDPS && row.0 == Method::GET;
    let one_idp = row.1.starts_with(IDPS) && !listed && row.2 != LINK;
    match row.2 {
        (_, Some(_)) if one_idp => view && manages_idps,
        (_, None) if one_idp => view && (manages_idps || holds("view-identity-providers")),
        (None, Some(_)) if row.1 == USER_ROLES => manage,
        (_, Some(_)) => view && manage,
        (_, None) => view,
    }
}

#[test]
fn every_route_has_its_row() {
    let table = table();
    for (method, path) in object_routes() {
        // Keycloak's paths have a table of their own (org_group_guards.rs).
        if path.contains("/scim/v2/") || path.starts_with("/admin/") {
            continue;
        }
        let rows = table.iter().filter(|row| row.0 == method && row.1 == path).count();
        assert_eq!(rows, 1, "{method} {path}");
    }
}

/// A body that no handler likes: whoever gets past the door changes nothing.
fn body_of(method: &Method, path: &str) -> Option<Value> {
    match *method {
        Method::GET | Method::DELETE => None,
        Method::PATCH => Some(json!([])),
        _ if path.ends_with("/roles") && *method == Method::PUT => Some(json!([])),
        _ => Some(json!({})),
    }
}

fn passes(world: &World, granite: &Granite, row: &(Method, String, Roles), token: &str) -> bool {
    let values = [("realm", "travel0"), ("org", granite.org.as_str()), ("user", NOBODY)];
    let path = fill(&row.1, &values);
    let answer = world.call(row.0.clone(), &path, token, body_of(&row.0, &path).as_ref());
    assert!(answer.status.as_u16() < 500, "{} {path}: {answer:?}", row.0);
    ![401, 403].contains(&answer.status.as_u16())
}

/// What a member may hold: nothing, each role alone, each of those that open a
/// door together with each that lets change what is behind it.
fn holdings() -> Vec<Vec<&'static str>> {
    let doors = ["view-members", "view-roles", "view-invitations", "view-identity-providers"];
    let names: Vec<&'static str> = BuiltIn::ALL.iter().map(|(_, name, _)| *name).collect();
    let mut holdings = vec![vec![]];
    holdings.extend(names.iter().map(|name| vec![*name]));
    for door in doors {
        let changers = names.iter().filter(|name| name.starts_with("manage-"));
        holdings.extend(changers.map(|name| vec![door, *name]));
    }
    holdings
}

fn hold(granite: &Granite, member: &str, roles: &[&str]) {
    let list = roles.iter().map(|role| format!("'{role}'")).collect::<Vec<_>>().join(",");
    granite.script(&format!(
        "DELETE FROM member_role;
         INSERT INTO member_role (user_id, role_id)
         SELECT '{member}', id FROM role WHERE name IN ({list})"
    ));
}

#[test]
fn a_members_role_opens_what_the_table_says() {
    let granite = Granite::new();
    let world = &granite.world;
    let emilio = granite.id_of("emilio");
    let token = token_of(world, "emilio");
    for held in holdings() {
        hold(&granite, emilio.as_str(), &held);
        // What deletes the organization is tried below.
        for row in table().iter().filter(|row| row.2 != DELETE) {
            let (see, change) = row.2;
            let wanted = [see, change].into_iter().flatten().all(|role| held.contains(&role));
            assert_eq!(
                passes(world, &granite, row, &token),
                wanted,
                "{held:?}: {} {}",
                row.0,
                row.1
            );
        }
    }
}

#[test]
fn only_one_role_deletes() {
    for (_, name, _) in BuiltIn::ALL {
        let granite = Granite::new();
        hold(&granite, granite.id_of("emilio").as_str(), &[name]);
        let token = token_of(&granite.world, "emilio");
        let deleted = granite.world.delete(&granite.path(""), &token).status;
        assert_eq!(
            deleted.as_u16(),
            if name == "delete-organization" { 204 } else { 401 },
            "{name}"
        );
    }
}

#[test]
fn an_administrators_role_opens_what_the_table_says() {
    let granite = Granite::new();
    let world = &granite.world;
    let sumana = user(world, "sumana").unwrap().id;
    let token = token_of(world, "sumana");
    let home = realm(world).id;
    for held in [
        &[][..],
        &["view-organizations"],
        &["manage-organizations"],
        &["view-organizations", "manage-organizations"],
        &["create-organization"],
        &["view-organizations", "view-identity-providers"],
        &["view-organizations", "manage-identity-providers"],
        &["manage-identity-providers"],
        &["manage-realm", "manage-users", "view-users"],
    ] {
        let forget = format!("DELETE FROM user_role WHERE user_id = '{sumana}'");
        world.directory().sql().execute_batch(&forget);
        for name in held {
            let role = ClientRole { realm: &home, client_id: "realm-management", name };
            let grant = client_role_grant(role, &sumana);
            world.run(world.app().ports.directory.run(grant)).unwrap();
        }
        for row in table().iter().filter(|row| row.2 != DELETE) {
            let wanted = administrator_passes(row, held);
            assert_eq!(
                passes(world, &granite, row, &token),
                wanted,
                "{held:?}: {} {}",
                row.0,
                row.1
            );
        }
    }
}
