//! Keys derived from the master key, one per purpose and realm.
use crate::kernel::id::RealmId;
use crate::kernel::secret::Secret;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;

/// Length of the master key and of every derived key, in bytes: the output of
/// SHA-256, and the least that RFC 7518 §3.2 lets HS256 be keyed with.
pub const KEY_BYTES: usize = 32;

/// What a derived key is for. A key of one purpose opens nothing made for
/// another. Variants are added, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Seals refresh tokens.
    RefreshToken,
    /// Seals the ticket in an invitation's link.
    InvitationTicket,
    /// Seals the key in a portal link.
    PortalLink,
    /// Seals what a login remembers between two pages.
    LoginFlow,
    /// Seals the tokens that prove a form came from our own page.
    Csrf,
    /// Digests SCIM secrets that people chose.
    ScimCredential,
    /// Encrypts secrets of clients.
    ClientSecret,
    /// Encrypts secrets that a realm has at upstream providers.
    ProviderSecret,
    /// Seals the ticket in a link that asks a person to do something.
    ActionTicket,
    /// Seals the nonces of proofs of possession.
    DpopNonce,
    /// Digests the codes that people type for a device.
    UserCode,
}

impl Purpose {
    /// The name in the derivation. Changing one invalidates what it made.
    const fn as_str(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh-token",
            Self::InvitationTicket => "invitation-ticket",
            Self::PortalLink => "portal-link",
            Self::LoginFlow => "login-flow",
            Self::Csrf => "csrf",
            Self::ScimCredential => "scim-credential",
            Self::ClientSecret => "client-secret",
            Self::ProviderSecret => "provider-secret",
            Self::ActionTicket => "action-ticket",
            Self::DpopNonce => "dpop-nonce",
            Self::UserCode => "user-code",
        }
    }
}

/// The `typ` of what is sealed for [`Purpose::InvitationTicket`].
pub const INVITATION_TICKET: &str = "org-invitation";

/// The derived keys of a deployment.
#[derive(Clone)]
pub struct Keyring(Hkdf<Sha256>);

/// A master key that is not one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a master key: {KEY_BYTES} bytes in unpadded base64url are")]
pub struct BadMasterKey;

impl Keyring {
    /// The keyring of `master`: 32 random bytes in unpadded base64url.
    ///
    /// # Errors
    /// `BadMasterKey` when it is anything else.
    pub fn new(master: &Secret) -> Result<Self, BadMasterKey> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(master.expose()).map_err(|_| BadMasterKey)?;
        let key: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| BadMasterKey)?;
        // No salt: the master key is uniformly random (RFC 5869 §3.1).
        Ok(Self(Hkdf::new(None, &key)))
    }

    /// The key for `purpose` in `realm`: HKDF-SHA256 (RFC 5869) with the info
    /// `guildhall/v1/{purpose}/{realm}`. Neither part can contain a `/`.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "HKDF-SHA256 fails above 8160 bytes only"
    )]
    pub fn derive(&self, purpose: Purpose, realm: &RealmId) -> [u8; KEY_BYTES] {
        let info = format!("guildhall/v1/{}/{realm}", purpose.as_str());
        let mut key = [0; KEY_BYTES];
        self.0.expand(info.as_bytes(), &mut key).expect("32 bytes are within HKDF's limit");
        key
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const ALL: &[Purpose] = &[
        Purpose::RefreshToken,
        Purpose::InvitationTicket,
        Purpose::LoginFlow,
        Purpose::Csrf,
        Purpose::ScimCredential,
        Purpose::ClientSecret,
        Purpose::ProviderSecret,
        Purpose::ActionTicket,
        Purpose::DpopNonce,
        Purpose::UserCode,
    ];

    fn keyring(byte: u8) -> Keyring {
        Keyring::new(&Secret::new(BASE64_URL_SAFE_NO_PAD.encode([byte; 32]))).unwrap()
    }

    fn realm(id: &str) -> RealmId {
        id.parse().unwrap()
    }

    #[test]
    fn every_purpose_realm_and_master_key_has_its_own_key() {
        let mut keys = HashSet::new();
        for master in [1, 2] {
            for name in ["travel0", "adventurez"] {
                for purpose in ALL {
                    keys.insert(keyring(master).derive(*purpose, &realm(name)));
                }
            }
        }
        assert_eq!(keys.len(), 2 * 2 * ALL.len());
    }

    /// Computed with an independent implementation (Python's `hmac`): a change
    /// here would end every session of every deployment.
    #[test]
    fn derivation_never_changes() {
        let key = keyring(7).derive(Purpose::RefreshToken, &realm("travel0"));
        assert_eq!(
            BASE64_URL_SAFE_NO_PAD.encode(key),
            "z8UOK7Lk8FAP_1foNdy1wAzHNRUt2Jk2Tt7p4IYuo00"
        );
    }

    #[test]
    fn only_32_bytes_of_base64url_are_a_master_key() {
        let padded = format!("{}=", BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
        let refused = [
            String::new(),
            "k".to_owned(),
            padded,
            BASE64_URL_SAFE_NO_PAD.encode([7; 31]),
            BASE64_URL_SAFE_NO_PAD.encode([7; 33]),
            "+".repeat(43),
        ];
        for text in refused {
            assert_eq!(Keyring::new(&Secret::new(&*text)).err(), Some(BadMasterKey), "{text:?}");
        }
    }

    #[test]
    fn a_keyring_does_not_print() {
        assert_eq!(format!("{:?}", keyring(7)), "Keyring(…)");
    }
}
