//! Components: what Keycloak calls the parts of a realm that are configured by
//! names and values. Here they are the realm's signing keys, each by itself.
use super::config_property::ConfigProperty;
use super::key::RealmKey;
use crate::platform::keys::SigningAlgorithm;

/// The type of a component that is a key.
pub const KEY_PROVIDER: &str = "org.keycloak.keys.KeyProvider";

/// What makes keys of one algorithm.
#[derive(Debug)]
pub struct KeyProvider {
    /// What `providerId` names; also the name of a key that has none.
    pub id: &'static str,
    /// What its keys sign with.
    pub algorithm: SigningAlgorithm,
    /// What it is, for people.
    pub help: &'static str,
    /// What it is told.
    pub properties: &'static [ConfigProperty],
    /// What its keys are: values that can be no other here.
    pub fixed: &'static [(&'static str, &'static str)],
}

const PRIORITY: ConfigProperty = ConfigProperty::text(
    "priority",
    "Priority",
    "Of the keys that may sign, the one with the highest number does.",
)
.or("0");
const ENABLED: ConfigProperty =
    ConfigProperty::flag("enabled", "Enabled", "Whether the key counts at all.").or("true");
const ACTIVE: ConfigProperty = ConfigProperty::flag(
    "active",
    "Active",
    "Whether the key may sign; if not, what it signed is still believed.",
)
.or("true");

/// What makes keys, by id.
pub const KEY_PROVIDERS: [&KeyProvider; 3] = [&ECDSA, &EDDSA, &RSA];

static ECDSA: KeyProvider = KeyProvider {
    id: "ecdsa-generated",
    algorithm: SigningAlgorithm::Es256,
    help: "Makes a key on P-256, for ES256.",
    properties: &[
        PRIORITY,
        ENABLED,
        ACTIVE,
        ConfigProperty::choice(
            "ecdsaEllipticCurveKey",
            &["P-256"],
            "Elliptic Curve",
            "The curve of the key.",
        )
        .or("P-256"),
    ],
    fixed: &[("ecdsaEllipticCurveKey", "P-256")],
};

static EDDSA: KeyProvider = KeyProvider {
    id: "eddsa-generated",
    algorithm: SigningAlgorithm::EdDsa,
    help: "Makes a key of Ed25519, for EdDSA.",
    properties: &[
        PRIORITY,
        ENABLED,
        ACTIVE,
        ConfigProperty::choice(
            "eddsaEllipticCurveKey",
            &["Ed25519"],
            "Elliptic Curve",
            "The curve of the key.",
        )
        .or("Ed25519"),
    ],
    fixed: &[("eddsaEllipticCurveKey", "Ed25519")],
};

static RSA: KeyProvider = KeyProvider {
    id: "rsa-generated",
    algorithm: SigningAlgorithm::Rs256,
    help: "Makes an RSA key, for RS256.",
    properties: &[PRIORITY, ENABLED, ACTIVE, RSA_ALGORITHM, RSA_SIZE],
    fixed: &[("algorithm", "RS256"), ("keySize", "2048")],
};

const RSA_ALGORITHM: ConfigProperty = ConfigProperty::choice(
    "algorithm",
    &["RS256", "PS256"],
    "Algorithm",
    "What the key signs with.",
)
.or("RS256");
const RSA_SIZE: ConfigProperty =
    ConfigProperty::choice("keySize", &["2048"], "Key size", "In bits.").or("2048");

/// The same provider, told another algorithm.
static RSA_PSS: KeyProvider = KeyProvider {
    id: "rsa-generated",
    algorithm: SigningAlgorithm::Ps256,
    help: "Makes an RSA key, for PS256.",
    properties: &[PRIORITY, ENABLED, ACTIVE, RSA_ALGORITHM, RSA_SIZE],
    fixed: &[("algorithm", "PS256"), ("keySize", "2048")],
};

/// The provider called `id`, told to make keys for `algorithm`, if it is told.
#[must_use]
pub fn find_provider(id: &str, algorithm: Option<&str>) -> Option<&'static KeyProvider> {
    if id == RSA_PSS.id && algorithm == Some(RSA_PSS.algorithm.as_str()) {
        return Some(&RSA_PSS);
    }
    KEY_PROVIDERS.into_iter().find(|known| known.id == id)
}

/// What made the keys of `algorithm`.
#[must_use]
pub fn provider_of(algorithm: SigningAlgorithm) -> &'static KeyProvider {
    match algorithm {
        SigningAlgorithm::Es256 => &ECDSA,
        SigningAlgorithm::EdDsa => &EDDSA,
        SigningAlgorithm::Rs256 => &RSA,
        SigningAlgorithm::Ps256 => &RSA_PSS,
    }
}

/// The id of the component that `key` is: a rotation makes another one.
#[must_use]
pub fn id_of(key: &RealmKey) -> &str {
    &key.kid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_has_its_provider() {
        for provider in KEY_PROVIDERS {
            assert_eq!(provider_of(provider.algorithm).id, provider.id);
            for (name, _) in provider.fixed {
                assert!(provider.properties.iter().any(|known| known.name == *name), "{name}");
            }
        }
    }
}
