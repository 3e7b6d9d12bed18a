//! What a real Keycloak and Phase Two's extension answered (scripts/compare
//! --record), and whether ours answers the same: status, body and `Location`.
//!
//! What [`DEVIATIONS`](deviations::DEVIATIONS) lists is otherwise here, and says
//! why. A representation of ours may have more members. Where Keycloak answers 500, ours does what is asked for or gives a reason.
//! Requests for paths that are not answered here yet are left out.
mod deviations;
mod normal;
mod replay;

use deviations::DEVIATIONS;
use std::collections::BTreeSet;
use std::fmt::Write as _;

macro_rules! groups {
    ($($test:ident: $group:literal,)*) => {
        /// The files that are replayed.
        const GROUPS: &[&str] = &[$($group),*];

        $(#[test]
        fn $test() {
            agree($group);
        })*
    };
}

groups! {
    the_realms_agree: "realms",
    the_groups_agree: "groups",
    the_members_of_groups_agree: "group-members",
    the_roles_of_groups_agree: "group-roles",
    the_scope_mappings_agree: "scope-mappings",
    the_components_agree: "components",
    the_users_agree: "users",
    the_attributes_of_users_agree: "user-attributes",
    the_credentials_of_users_agree: "user-credentials",
    the_roles_of_users_agree: "user-roles",
    the_roles_agree: "roles",
    the_roles_of_clients_agree: "client-roles",
    the_clients_agree: "clients",
    the_client_scopes_agree: "client-scopes",
    the_identity_providers_agree: "identity-providers",
    the_authentication_agrees: "authentication",
    the_server_agrees: "server",
    the_organizations_of_keycloak_agree: "admin-orgs",
    the_members_of_keycloaks_organizations_agree: "admin-org-members",
    the_invitations_of_keycloaks_organizations_agree: "admin-org-invitations",
    the_providers_of_keycloaks_organizations_agree: "admin-org-idps",
    the_groups_of_keycloaks_organizations_agree: "admin-org-groups",
    the_organizations_agree: "orgs",
    the_members_agree: "org-members",
    the_roles_of_organizations_agree: "org-roles",
    the_invitations_agree: "org-invitations",
    the_domains_agree: "org-domains",
    the_identity_providers_of_organizations_agree: "org-idps",
    the_configuration_of_organizations_agrees: "org-config",
    the_organizations_of_users_agree: "org-users",
    the_events_agree: "events",
    the_events_of_organizations_agree: "org-events",
    the_documents_of_organizations_agree: "org-transfer",
    the_imports_agree: "partial-import",
    the_exports_agree: "partial-export",
}

/// Every difference is listed, and everything listed is a difference.
fn agree(group: &str) {
    let listed: BTreeSet<&str> = DEVIATIONS
        .iter()
        .filter(|(of, _)| *of == group)
        .flat_map(|(_, reasons)| reasons.iter().flat_map(|(_, whats)| whats.iter().copied()))
        .collect();
    let differences = replay::differences(group);
    let mut told = String::new();
    for it in differences.iter().filter(|it| !listed.contains(it.what.as_str())) {
        write!(told, "\n\"{}\"\n  theirs: {}", it.what, it.told).unwrap();
    }
    let found: BTreeSet<&str> = differences.iter().map(|it| it.what.as_str()).collect();
    for what in listed.difference(&found) {
        write!(told, "\n\"{what}\" is listed, and no deviation").unwrap();
    }
    assert!(told.is_empty(), "{}:{told}", replay::read(group).source);
}

#[test]
fn every_file_is_replayed() {
    let files: BTreeSet<String> = std::fs::read_dir(replay::folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    let known: BTreeSet<String> = GROUPS.iter().map(|group| (*group).to_owned()).collect();

    assert_eq!(files, known);
}
