//! The OpenID provider: authorization code with PKCE, client credentials,
//! password (for Keycloak's admin tools), devices and refresh; discovery, keys, userinfo,
//! introspection, revocation, logout that clients hear of, and clients that register
//! themselves.
//!
//! Speaks RFC 6749, 6750, 7009, 7523, 7591, 7592, 7636, 7662, 8414, 8628, 8693, 8707, 9101, 9126,
//! 9207, 9449, 9700, 9728 and OIDC Core, Discovery, RP-Initiated, Front-Channel and Back-Channel Logout;
//! tokens are laid out as Keycloak's, by client scopes and protocol mappers
//! (docs/tokens.md, reference keycloak.md §4). Users' own state (sessions, codes, refresh
//! families) is in `account`; organizations are asked what a person is in them whenever a
//! token is made.
//!
//! Not done: encrypted request objects, and those of an
//! address of the client's own.
pub mod asker;
pub mod authorization;
pub mod authorize;
pub mod backchannel;
pub mod bearer;
pub mod choose;
pub mod claims;
pub mod claims_request;
pub mod client_assertion;
pub mod client_auth;
pub mod client_keys;
pub mod consent;
pub mod demand;
pub mod device;
pub mod device_authorization;
pub mod device_decide;
pub mod device_enter;
pub mod device_happenings;
pub mod discovery;
pub mod dpop;
pub mod error;
pub mod exchange_family;
pub mod exchange_type;
pub mod flow;
pub mod frontchannel;
pub mod grant_authorization_code;
pub mod grant_client_credentials;
pub mod grant_device_code;
pub mod grant_password;
pub mod grant_refresh_token;
pub mod grant_token_exchange;
pub mod happenings;
pub mod id_token_hint;
pub mod incoming;
pub mod introspection;
pub mod invited;
pub mod liveness;
pub mod login;
pub mod logout;
pub mod mapper;
#[cfg(test)]
mod mapper_bench;
pub mod mapper_kinds;
pub mod mapper_organizations;
pub mod mapper_roles;
pub mod pages;
pub mod pages_device;
pub mod pages_registration;
pub mod prompt;
pub mod pushed;
pub mod redirect;
pub mod refresh;
pub mod registration;
pub mod registration_happenings;
mod registration_policy;
pub mod request_object;
pub mod required;
pub mod resource;
pub mod response_mode;
pub mod revocation;
pub mod routes;
pub mod routes_admin_evaluate;
pub mod routes_cors;
pub mod routes_device;
pub mod routes_dpop;
pub mod routes_introspection;
pub mod routes_login;
pub mod routes_logout;
pub mod routes_par;
pub mod routes_portal;
pub mod routes_refresh_logout;
pub mod routes_registration;
pub mod routes_reply;
pub mod routes_resource;
pub mod routes_self_registration;
pub mod routes_switch;
pub mod routes_third_party;
pub mod routes_token;
pub mod routes_userinfo;
pub mod scope;
pub mod selection;
pub mod self_registration;
pub mod settle;
pub mod settle_service;
pub mod shape;
pub mod standing;
pub mod switch;
pub mod tenant;
pub mod tokens;
pub mod user_code;
pub mod userinfo;
