//! One binary for every native test: linking is the slow part.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and not every helper stands in a #[test]"
)]

mod account;
mod admin_accounts;
mod admin_actions;
mod admin_clients;
mod admin_events;
mod admin_realms;
mod admin_roles;
mod admin_setup;
mod admin_user;
mod admin_users;
mod architecture;
mod authorize;
mod compatibility;
mod docs;
mod harness;
mod identity_providers;
mod invitations;
mod invitations_me;
mod jwt;
mod lists;
mod logout;
mod logs;
mod migrations;
mod openapi;
mod org_domains;
mod org_members;
mod org_permissions;
mod org_replace;
mod org_roles;
mod org_setup;
mod organization_search;
mod organizations;
mod organizations_config;
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
mod userinfo;
mod writes;
