//! What proves who somebody is, and what they allowed: password, sessions,
//! authorization codes, refresh families, lock-out.
//!
//! Everything but `register`, `register_many`, `browser` and `csrf` runs inside the account's
//! object, on its own database and without awaiting, so that nothing that may
//! happen once can happen twice (RFC 6749 §4.1.2, RFC 9700 §4.14.2). Each verb
//! carries the typed call by which the Worker asks for it; `routes` lists them.
//!
//! `routes_admin_*` are Keycloak's Admin REST for users (reference keycloak.md
//! §3.2), in the Worker: what the directory keeps they change there, and ask the
//! account's object for the rest. A first password is also set by who proves to
//! be the person in another way (`password_set_first`).
//!
//! Not done: second factors, passkeys.
pub mod action_ticket;
pub mod administer;
pub mod alarm;
pub mod announce;
pub mod browser;
pub mod code;
pub mod code_issue;
pub mod code_redeem;
pub mod confirm;
pub mod consent;
pub mod consent_give;
pub mod create;
pub mod credential;
pub mod csrf;
pub mod decoy;
pub mod device_guess;
pub mod dissolve;
pub mod draft;
pub mod end_sessions;
pub mod erase;
pub mod family;
pub mod family_end;
pub mod family_exchange;
pub mod family_judge;
pub mod family_revoke;
pub mod family_rotate;
pub mod family_start;
pub mod farewell;
pub mod grant;
pub mod imported_hash;
pub mod lockout;
pub mod login;
pub mod mail;
pub mod mail_registration;
pub mod mail_test;
pub mod newcomer;
pub mod offline;
pub mod organization_leave;
pub mod oversee;
pub mod pages;
pub mod password_awaits;
pub mod password_form;
pub mod password_rule;
pub mod password_set_first;
pub mod pattern;
pub mod profile;
pub mod profile_check;
pub mod profile_validator;
pub mod register;
pub mod register_many;
pub mod routes;
pub mod routes_action;
pub mod routes_admin_actions;
pub mod routes_admin_client_sessions;
pub mod routes_admin_credentials;
pub mod routes_admin_groups;
pub mod routes_admin_links;
pub mod routes_admin_mail;
pub mod routes_admin_profile;
pub mod routes_admin_sessions;
pub mod routes_admin_users;
pub mod session;
pub mod session_check;
pub mod session_end;
pub mod session_find;
pub mod session_organization;
pub mod session_rule;
pub mod session_start;
pub mod stage;
mod store;
pub mod token_check;
pub mod wire_consent;
pub mod wire_keycloak;
pub mod wire_profile;
