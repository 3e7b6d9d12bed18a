//! One binary for every native test: linking is the slow part.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and not every helper stands in a #[test]"
)]

mod account;
mod admin_accounts;
mod admin_actions;
mod admin_events;
mod admin_users;
mod architecture;
mod authorize;
mod docs;
mod harness;
mod identity_providers;
mod invitations;
mod jwt;
mod logout;
mod logs;
mod migrations;
mod organizations;
mod pages;
mod queue;
mod refresh;
mod scim_config;
mod scim_faults;
mod scim_isolation;
mod scim_setup;
mod scim_store;
mod scim_users;
mod token;
mod userinfo;
