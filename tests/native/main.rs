//! One binary for every native test: linking is the slow part.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and not every helper stands in a #[test]"
)]

mod account;
mod admin_accounts;
mod admin_actions;
mod admin_client_sessions;
mod admin_clients;
mod admin_components;
mod admin_events;
mod admin_flows;
mod admin_group_roles;
mod admin_groups;
mod admin_realms;
mod admin_required_actions;
mod admin_roles;
mod admin_scope_mappings;
mod admin_setup;
mod admin_user;
mod admin_users;
mod architecture;
mod at_once;
mod authorize;
mod compatibility;
mod docs;
mod harness;
mod identity_provider_extras;
mod identity_providers;
mod invitations;
mod invitations_me;
mod isolation;
mod jwt;
mod lists;
mod logout;
mod logout_all;
mod logs;
mod migrations;
mod org_domains;
mod org_members;
mod org_permissions;
mod org_replace;
mod org_roles;
mod org_setup;
mod organization_search;
mod organizations;
mod organizations_carried;
mod organizations_config;
mod organizations_export;
mod organizations_import;
mod organizations_import_faults;
mod organizations_me;
mod pages;
mod portal_link;
mod queue;
mod refresh;
mod scim_config;
mod scim_faults;
mod scim_isolation;
mod scim_setup;
mod scim_store;
mod scim_users;
mod switch_organization;
mod token;
mod trail;
mod trail_people;
mod trail_setup;
mod transfer_setup;
mod userinfo;
mod writes;
