//! The OpenID provider: authorization code with PKCE, client credentials,
//! password (for Keycloak's admin tools) and refresh; discovery, keys, userinfo
//! and logout.
//!
//! Speaks RFC 6749, 6750, 7636, 8414, 8707, 9101, 9126, 9207, 9700 and OIDC Core, Discovery and
//! RP-Initiated Logout; tokens are laid out as Keycloak's (reference
//! keycloak.md §4). Users' own state (sessions, codes, refresh families) is in
//! `account`; organizations are asked what a person is in them whenever a token
//! is made.
//!
//! Not done: introspection, revocation, device and back-channel flows; encrypted
//! request objects, and those of an address of the client's own.
pub mod asker;
pub mod authorization;
pub mod authorize;
pub mod bearer;
pub mod choose;
pub mod claims;
pub mod claims_request;
pub mod client_auth;
pub mod client_keys;
pub mod consent;
pub mod demand;
pub mod discovery;
pub mod error;
pub mod flow;
pub mod grant_authorization_code;
pub mod grant_client_credentials;
pub mod grant_password;
pub mod grant_refresh_token;
pub mod happenings;
pub mod id_token_hint;
pub mod incoming;
pub mod invited;
pub mod login;
pub mod logout;
pub mod pages;
pub mod prompt;
pub mod pushed;
pub mod redirect;
pub mod refresh;
pub mod request_object;
pub mod required;
pub mod resource;
pub mod response_mode;
pub mod routes;
pub mod routes_cors;
pub mod routes_login;
pub mod routes_logout;
pub mod routes_par;
pub mod routes_portal;
pub mod routes_reply;
pub mod routes_switch;
pub mod routes_token;
pub mod routes_userinfo;
pub mod scope;
pub mod settle;
pub mod switch;
pub mod tenant;
pub mod tokens;
pub mod userinfo;
