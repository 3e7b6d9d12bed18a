//! Keys derived from the master key (RFC 5869), one per purpose and realm.

/// The derived keys of a deployment.
pub struct Keyring;
