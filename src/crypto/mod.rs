//! Hashes, passwords, derived keys, sealed tickets and JSON Web Tokens.
pub mod keyring;
