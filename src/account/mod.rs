//! What proves who somebody is, and what they allowed: password, sessions,
//! authorization codes, refresh families, lock-out.
//!
//! Everything but `register`, `browser` and `csrf` runs inside the account's
//! object, on its own database and without awaiting, so that nothing that may
//! happen once can happen twice (RFC 6749 §4.1.2, RFC 9700 §4.14.2). Each verb
//! carries the typed call by which the Worker asks for it; `routes` lists them.
//!
//! Not done: second factors, passkeys, changing a password. A first one is set
//! by who proves to be the person in another way (`password_set_first`).
pub mod alarm;
pub mod browser;
pub mod code;
pub mod code_issue;
pub mod code_redeem;
pub mod confirm;
pub mod create;
pub mod csrf;
pub mod decoy;
pub mod dissolve;
pub mod family;
pub mod family_end;
pub mod family_rotate;
pub mod family_start;
pub mod grant;
pub mod lockout;
pub mod login;
pub mod password_awaits;
pub mod password_rule;
pub mod password_set_first;
pub mod register;
pub mod routes;
pub mod session;
pub mod session_check;
pub mod session_end;
pub mod session_find;
pub mod session_organization;
pub mod session_start;
pub mod stage;
mod store;
