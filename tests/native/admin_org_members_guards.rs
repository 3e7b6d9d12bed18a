//! Who may do what with an organization's members and invitations (reference
//! keycloak.md §1.2).
use crate::admin_setup::{assert_guarded, holder_of, located, nobody};
use crate::org_setup::NOBODY;
use crate::organizations::object_routes;
use crate::writes::Things;
use http::Method;
use serde_json::{Value, json};

const ORGANIZATION: &str = "/admin/realms/{realm}/organizations/{org}";

/// What callers hold.
const HOLDINGS: &[&[&str]] = &[
    &["view-organizations"],
    &["query-organizations", "manage-users"],
    &["manage-organizations"],
    &["manage-realm"],
    &["view-realm", "view-users"],
    &["manage-users"],
    &["create-organization", "manage-users"],
    &["view-organizations", "query-users"],
    &["view-organizations", "view-users"],
    &["view-organizations", "manage-users"],
    &["manage-organizations", "query-users"],
    &["manage-organizations", "view-users"],
    &["manage-organizations", "manage-users"],
    &["manage-realm", "manage-users"],
];

/// Every route below `members` and `invitations`; those of groups and roles, `org_group_guards`
/// has.
fn all_routes() -> Vec<(Method, &'static str)> {
    let below = |path: &str, what: &str| path.starts_with(&format!("{ORGANIZATION}/{what}"));
    let routes = object_routes().into_iter().filter(|(_, path)| {
        (below(path, "members") || below(path, "invitations"))
            && !["/groups", "/effective"].iter().any(|end| path.ends_with(end))
            && !path.contains("/role-mappings/")
    });
    let routes: Vec<_> = routes.collect();
    assert_eq!(routes.len(), 13, "a route needs a line in `may`");
    routes
}

fn may(method: &Method, path: &str, held: &[&str]) -> bool {
    let any = |roles: &[&str]| roles.iter().any(|role| held.contains(role));
    let writes = any(&["manage-organizations", "manage-realm"]);
    let reads = writes || any(&["view-organizations"]);
    if path.contains("/invitations") {
        writes
    } else if *method != Method::GET {
        writes && any(&["manage-users"])
    } else if path.ends_with("/members") || path.ends_with("/members/count") {
        reads && any(&["view-users", "manage-users", "query-users"])
    } else {
        reads && any(&["view-users", "manage-users"])
    }
}

/// A body that no handler likes, so that whoever passes changes nothing.
fn body_of(method: &Method) -> Option<Value> {
    [Method::POST, Method::PUT].contains(method).then(|| json!({}))
}

#[test]
fn a_role_opens_what_the_table_says() {
    let things = Things::new();
    let granite = &things.granite;
    for held in HOLDINGS {
        let token = holder_of(&granite.world, held);
        let name = held.join("-");
        let guest = granite.make_member(&name, ["Gu", "Est"]);
        let invited = json!({ "email": format!("{name}-asked@mail.example") });
        let invitation = located(&granite.post("/invitations", &invited));
        for (method, path) in all_routes() {
            let path = path.replace("{user}", guest.as_str());
            let there = things.there(&path.replace("{invitation}", &invitation));
            // Removing comes last: what goes is not looked at again.
            if method == Method::DELETE {
                continue;
            }
            check(&things, (&method, &path, &there), held, &token);
        }
        for below in [format!("/members/{guest}"), format!("/invitations/{invitation}")] {
            let there = granite.admin_path(&below);
            check(&things, (&Method::DELETE, &there, &there), held, &token);
        }
    }
}

fn check(
    things: &Things,
    (method, path, there): (&Method, &str, &str),
    held: &[&str],
    token: &str,
) {
    let world = &things.granite.world;
    let answer = world.call(method.clone(), there, token, body_of(method).as_ref());
    let told = format!("{held:?} {method} {path}: {answer:?}");
    assert!(!answer.status.is_server_error(), "{told}");
    assert_eq!(answer.status != 403, may(method, path, held), "{told}");
}

/// Hiroko is a member: in Keycloak's own words that is nothing.
#[test]
fn whoever_administers_nothing_is_refused() {
    let things = Things::new();
    let world = &things.granite.world;
    let refused = nobody(world);
    for (method, path) in all_routes() {
        assert_guarded(world, &method, &things.there(path), &[&refused]);
    }
}

/// Nothing is learned of members and invitations by who may not change them.
#[test]
fn a_refusal_does_not_tell_what_is_there() {
    let things = Things::new();
    let (granite, sees) =
        (&things.granite, holder_of(&things.granite.world, &["view-organizations"]));
    let hiroko = granite.id_of("hiroko");
    for (method, below) in [
        (Method::DELETE, "/members/{}"),
        (Method::PUT, "/members/{}/membership-type"),
        (Method::GET, "/members/{}"),
        (Method::GET, "/members/{}/organizations"),
        (Method::GET, "/invitations/{}"),
        (Method::POST, "/invitations/{}/resend"),
    ] {
        let ask = |id: &str| {
            let path = granite.admin_path(&below.replace("{}", id));
            let answer =
                granite.world.call(method.clone(), &path, &sees, body_of(&method).as_ref());
            (answer.status.as_u16(), answer.text)
        };
        let there = if below.starts_with("/inv") {
            things.there("{invitation}")
        } else {
            hiroko.as_str().to_owned()
        };
        assert_eq!(ask(&there), ask(NOBODY), "{method} {below}");
        assert_eq!(ask(NOBODY).0, 403, "{method} {below}");
    }
}
