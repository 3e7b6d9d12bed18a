//! Every operation of Keycloak's and of Phase Two's documents, and every other one
//! that clients call (tests/workerd compares), is answered, or
//! docs/compatibility.md says why not. The document is written from the three
//! lists, the route tables and [`REASONS`]:
//!
//! `UPDATE_DOCS=1 cargo test compatibility`
use guildhall::app::routes::Door;
use guildhall::app::{org_object, routes};
use guildhall::web::router::Found;
use http::Method;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What we do not answer, by the beginning of what follows the realm, and why.
/// The first that fits counts.
const REASONS: &[(&str, &str)] = &[
    ("/organizations", "not yet: Keycloak's own organizations API, over the same organizations"),
    ("/client-templates", "Keycloak's old name of client-scopes"),
    ("/clients/{client-uuid}/authz", "authorization services (UMA) are out of scope"),
    ("/authentication", "there is no flow engine: how people sign in is set, not programmed"),
    ("/user-storage", "there is no LDAP: directories speak SCIM"),
    ("/testLDAPConnection", "there is no LDAP: directories speak SCIM"),
    ("/ldap-server-capabilities", "there is no LDAP: directories speak SCIM"),
    ("/workflows", "an experiment of Keycloak's"),
    ("/client-types", "an experiment of Keycloak's"),
    ("/client-policies", "not yet: realm attributes say who may register what"),
    ("/client-registration-policy", "not yet: realm attributes say who may register what"),
    (
        "/client-description-converter",
        "not yet: OpenID Connect metadata is registered, not converted",
    ),
    ("/clients/{client-uuid}/installation", "adapters' configuration files are not made here"),
    (
        "/clients/{client-uuid}/certificates",
        "a client's keys are its `jwks` or `jwks.url`; certificates are not made here",
    ),
    ("/clients/{client-uuid}/nodes", "there is no cluster of adapters"),
    ("/clients/{client-uuid}/test-nodes-available", "there is no cluster of adapters"),
    ("/clients/{client-uuid}/push-revocation", "there is no cluster of adapters"),
    ("/push-revocation", "there is no cluster of adapters"),
    ("/clients/{client-uuid}/evaluate-scopes/generate-example-saml-response", "not yet: with SAML"),
    (
        "/clients/{client-uuid}/evaluate-scopes/scope-mappings/{roleContainer}/{type}",
        "`granted` and `not-granted`, the types there are, are listed above",
    ),
    ("/localization", "not yet: pages speak English"),
    ("/credential-registrators", "not yet: with second factors"),
    ("/attack-detection/brute-force/users", "not yet"),
    ("/vc", "verifiable credentials are out of scope"),
    (
        "/users-management-permissions",
        "fine-grained permissions are out of scope: organizations have roles",
    ),
    (
        "/clients/{client-uuid}/client-secret/rotated",
        "not yet: a new secret takes the place of the old one at once",
    ),
    (
        "/users/{user-id}/impersonation",
        "not planned: support sees the audit trail, not the person's session",
    ),
    ("/users/{user-id}/reset-password-email", "Keycloak's old name of execute-actions-email"),
    ("/webhooks", "not yet: webhooks"),
    ("/magic-link", "not yet: with the login pages"),
    ("/attributes", "realm attributes are members of the realm's representation"),
    ("/events", "not yet: publishing events of one's own"),
    ("/users/{id}/remove-totp", "not yet: with second factors"),
    ("/clear-crl-cache", "there are no client certificates, so no lists of revoked ones"),
    (
        "/members/{id}/groups",
        "an organization's groups, asked of a realm: not known to Keycloak either",
    ),
    (
        "/groups/{groupId}/members",
        "an organization's groups, asked of a realm: not known to Keycloak either",
    ),
    ("/admin/{realm}/console/whoami", "Keycloak's own console asks it"),
    ("/resources/{realm}", "not yet: pages speak English"),
    ("/authz/entitlement", "authorization services (UMA) are out of scope"),
    ("/.well-known/uma2-configuration", "authorization services (UMA) are out of scope"),
    (
        "/clients-registrations",
        "clients register at `clients-registrations/openid-connect`, as RFC 7591 has it",
    ),
    ("/protocol/openid-connect/token/introspect", "not yet: tokens are verified from the key set"),
];

/// The lists of tests/fixtures, as the document calls them.
const LISTS: &[(&str, &str)] = &[
    ("Keycloak 26.8.1, Admin REST API", "keycloak-26.8.1-operations.txt"),
    ("What clients call besides", "clients-operations.txt"),
    ("Phase Two", "phasetwo-operations.txt"),
];

/// Where in a path a reason may also stand.
const ANYWHERE: &[(&str, &str)] = &[
    (
        "/management/permissions",
        "fine-grained permissions are out of scope: organizations have roles",
    ),
    ("/vc/", "verifiable credentials are out of scope"),
    ("/teams", "teams are groups here"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Method and path of each line of a list.
fn operations(list: &str) -> Vec<(Method, String)> {
    let text = fs::read_to_string(root().join("tests/fixtures").join(list)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (method, path) = line.split_once(' ').unwrap();
            (method.parse().unwrap(), path.to_owned())
        })
        .collect()
}

/// A path with its variables filled in.
fn example(path: &str) -> String {
    let segments =
        path.split('/').map(|segment| if segment.starts_with('{') { "x" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn is_answered(method: &Method, path: &str) -> bool {
    let path = example(path);
    match routes::router().unwrap().find(method, &path) {
        Found::Handler(Door::Org | Door::OrgCredential, _) => {
            matches!(org_object::router().unwrap().find(method, &path), Found::Handler(..))
        }
        Found::Handler(..) => true,
        Found::Method(_) | Found::Nothing => false,
    }
}

fn reason(path: &str) -> Option<&'static str> {
    let below = path
        .strip_prefix("/admin/realms/{realm}")
        .or_else(|| path.strip_prefix("/realms/{realm}"))
        .unwrap_or(path);
    let fits = |(start, _): &&(&str, &str)| below.starts_with(*start);
    let anywhere = |(part, _): &&(&str, &str)| below.contains(*part);
    let found = ANYWHERE.iter().find(anywhere).or_else(|| REASONS.iter().find(fits));
    found.map(|(_, why)| *why)
}

/// What is neither answered nor explained.
fn unexplained() -> Vec<String> {
    LISTS
        .iter()
        .flat_map(|(_, list)| operations(list))
        .filter(|(method, path)| !is_answered(method, path) && reason(path).is_none())
        .map(|(method, path)| format!("{method} {path}"))
        .collect()
}

#[test]
fn what_is_not_answered_has_a_reason() {
    assert_eq!(unexplained(), Vec::<String>::new(), "say why in REASONS");
}

fn render() -> String {
    let mut text = String::from(
        "<!-- Written by tests/native/compatibility.rs: UPDATE_DOCS=1 cargo test compatibility -->\n\
         # Compatibility\n\n\
         Every operation of the administration APIs that clients of Keycloak and of Phase Two know, and whether\n\
         it is answered here. What an answer looks like is in api.md.\n\n\
         Keycloak's JavaScript client and python-keycloak, as their registries have them, make every call that\n\
         they offer and that is answered here: tests/workerd/operations.mjs fails when one is left out.\n",
    );
    for (title, list) in LISTS {
        let operations = operations(list);
        let answered = operations.iter().filter(|(method, path)| is_answered(method, path)).count();
        write!(text, "\n## {title}\n\n{answered} of {} operations.\n\n", operations.len()).unwrap();
        text.push_str("| operation | answered |\n| --- | --- |\n");
        for (method, path) in operations {
            let told =
                if is_answered(&method, &path) { "yes" } else { reason(&path).unwrap_or("") };
            writeln!(text, "| {method} `{path}` | {told} |").unwrap();
        }
    }
    text
}

#[test]
fn the_document_says_what_is_answered() {
    let file = root().join(Path::new("docs/compatibility.md"));
    let rendered = render();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &rendered).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == rendered,
        "docs/compatibility.md is stale: UPDATE_DOCS=1 cargo test compatibility"
    );
}
