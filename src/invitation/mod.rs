//! Invitations: a signed, expiring, single-use way into an organization.
//!
//! `invite`, `show`, `accept` and `revoke` run inside the organization's object;
//! `routes_page` walks the invited person from the link to being a member;
//! `deliver` writes the mail. The wire is Phase Two's (reference phasetwo.md
//! §1.5), which has no ticket, no expiry and no single use: those are ours.
//!
//! `mine` is the same for a caller with an access token; `history` says who did
//! what when.
pub mod accept;
pub mod client_home;
pub mod content;
pub mod deliver;
pub mod expel;
pub mod happenings;
pub mod history;
pub mod invite;
pub mod mail;
pub mod mailed;
pub mod mine;
pub mod pages;
pub mod person;
pub mod resend;
pub mod revoke;
pub mod routes;
pub mod routes_admin;
pub mod routes_admin_member;
pub mod routes_me;
pub mod routes_member;
pub mod routes_page;
pub mod show;
pub mod state;
mod store;
pub mod ticket;
pub mod told;
pub mod wire;
pub mod wire_keycloak;
