//! Hashes, passwords, derived keys, sealed tickets and JSON Web Tokens.
//!
//! Pure functions of their arguments: time and fresh bytes come in, and private
//! keys of realms never do (`platform::keys` signs; this folder verifies).
//! Nothing here knows a protocol; RFC 7515, 7517, 7518, 7519, 7636, 7638, 8037
//! and 9106 are what it speaks.
pub mod digest;
pub mod foreign;
pub mod jwk;
pub mod jwt;
pub mod keyring;
pub mod password;
pub mod pkce;
pub mod provider;
pub mod seal;
pub mod spki;
pub mod token;
pub mod vault;
pub mod x509;
