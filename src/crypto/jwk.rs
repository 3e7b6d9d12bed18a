//! JSON Web Keys (RFC 7517): naming, publishing and reading public ones.
use crate::crypto::digest::sha256_base64url;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value, json};

/// Every member of a key that may be published, of all three types (RFC 7518
/// §6.2.1, §6.3.1; RFC 8037 §2). A list of what may leave, not of what may not:
/// `d`, `p`, `q`, `k` and whatever comes next stay behind.
const PUBLIC_MEMBERS: &[&str] = &["kty", "crv", "x", "y", "n", "e"];

/// Members that only private or symmetric keys have.
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The thumbprint of a public key (RFC 7638 §3): SHA-256 of its required
/// members in lexicographic order, in base64url. Our `kid`. `None` when the key
/// is of an unknown type or lacks a member.
#[must_use]
pub fn thumbprint(public_jwk: &Value) -> Option<String> {
    let members: &[&str] = match text(public_jwk, "kty")? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    let written: Option<Vec<String>> = members
        .iter()
        .map(|name| {
            Some(format!("{}:{}", Value::from(*name), Value::from(text(public_jwk, name)?)))
        })
        .collect();
    Some(sha256_base64url(&format!("{{{}}}", written?.join(","))))
}

/// The key as it stands in a published set (RFC 7517 §5): its public members
/// with `kid`, `alg` and `use`.
#[must_use]
pub fn to_published(jwk: &Value, kid: &str, alg: &str) -> Value {
    let mut published: Map<String, Value> = PUBLIC_MEMBERS
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), jwk.get(name)?.clone())))
        .collect();
    published.insert("kid".to_owned(), json!(kid));
    published.insert("alg".to_owned(), json!(alg));
    published.insert("use".to_owned(), json!("sig"));
    Value::Object(published)
}

/// Whether the key holds nothing that only a private or symmetric one has.
#[must_use]
pub fn is_public(jwk: &Value) -> bool {
    PRIVATE_MEMBERS.iter().all(|name| jwk.get(name).is_none())
}

/// The key to verify signatures of `algorithm` with, for jsonwebtoken.
///
/// `None` when the algorithm is not one of ours, when the key is of another
/// type, curve, use or algorithm, or when it is not a public key at all. Whether
/// its numbers make a strong key is for `crypto::provider` to judge.
#[must_use]
pub fn verifying_key(jwk: &Value, algorithm: &str) -> Option<(Algorithm, DecodingKey)> {
    if !is_for(jwk, algorithm) {
        return None;
    }
    match algorithm {
        "ES256" => Some((Algorithm::ES256, p256_key(jwk)?)),
        "EdDSA" => Some((Algorithm::EdDSA, ed25519_key(jwk)?)),
        "RS256" => Some((Algorithm::RS256, rsa_key(jwk)?)),
        "PS256" => Some((Algorithm::PS256, rsa_key(jwk)?)),
        _ => None,
    }
}

/// What the key says of itself (RFC 7517 §4.2, §4.4) does not contradict its use.
fn is_for(jwk: &Value, algorithm: &str) -> bool {
    let agrees = |name, wanted: &str| jwk.get(name).is_none_or(|value| value == wanted);
    agrees("use", "sig") && agrees("alg", algorithm) && is_public(jwk)
}

fn p256_key(jwk: &Value) -> Option<DecodingKey> {
    let named = text(jwk, "kty")? == "EC" && text(jwk, "crv")? == "P-256";
    let [x, y] = [bytes32(jwk, "x")?, bytes32(jwk, "y")?];
    // An uncompressed point: SEC 1 §2.3.3.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    named.then(|| DecodingKey::from_ec_der(&point))
}

fn ed25519_key(jwk: &Value) -> Option<DecodingKey> {
    let named = text(jwk, "kty")? == "OKP" && text(jwk, "crv")? == "Ed25519";
    let x = bytes32(jwk, "x")?;
    named.then(|| DecodingKey::from_ed_der(&x))
}

fn rsa_key(jwk: &Value) -> Option<DecodingKey> {
    let named = text(jwk, "kty")? == "RSA";
    let [n, e] = [bytes(jwk, "n")?, bytes(jwk, "e")?];
    named.then(|| DecodingKey::from_rsa_raw_components(&n, &e))
}

fn text<'a>(jwk: &'a Value, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}

fn bytes(jwk: &Value, name: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text(jwk, name)?).ok()
}

fn bytes32(jwk: &Value, name: &str) -> Option<[u8; 32]> {
    bytes(jwk, name)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ed25519() -> Value {
        json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        })
    }

    fn with(member: &str, value: &str) -> Value {
        let mut jwk = ed25519();
        jwk[member] = json!(value);
        jwk
    }

    /// The keys and thumbprints printed in RFC 7638 §3.1 and RFC 8037 A.3.
    #[test]
    fn thumbprints_are_those_printed_in_the_rfcs() {
        let rsa = json!({
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29",
        });
        let known = [
            (rsa, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
            (ed25519(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        ];
        for (jwk, kid) in known {
            assert_eq!(thumbprint(&jwk).as_deref(), Some(kid));
        }
    }

    #[test]
    fn a_key_that_lacks_a_member_has_no_thumbprint() {
        for jwk in
            [json!({"kty": "EC", "crv": "P-256", "x": "AA"}), json!({"kty": "oct"}), json!(1)]
        {
            assert_eq!(thumbprint(&jwk), None, "{jwk}");
        }
    }

    #[test]
    fn only_public_members_are_published() {
        let mut exported = with("d", "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
        exported["key_ops"] = json!(["sign"]);
        exported["ext"] = json!(true);

        let mut expected = ed25519();
        expected["kid"] = json!("k1");
        expected["alg"] = json!("EdDSA");
        expected["use"] = json!("sig");
        assert_eq!(to_published(&exported, "k1", "EdDSA"), expected);
    }

    #[test]
    fn a_published_key_verifies_its_algorithm() {
        let published = to_published(&ed25519(), "k1", "EdDSA");
        assert!(verifying_key(&published, "EdDSA").is_some());
        assert!(verifying_key(&ed25519(), "EdDSA").is_some());
    }

    #[test]
    fn an_odd_key_verifies_nothing() {
        let coordinate = BASE64_URL_SAFE_NO_PAD.encode([7; 32]);
        let ec = |x: &[u8], y: &[u8], crv: &str| {
            let encode = |part: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(part);
            json!({"kty": "EC", "crv": crv, "x": encode(x), "y": encode(y)})
        };
        let refused = [
            ("another curve", with("crv", "X25519"), "EdDSA"),
            ("another type", with("kty", "EC"), "EdDSA"),
            ("for encryption", with("use", "enc"), "EdDSA"),
            ("for another algorithm", with("alg", "ES256"), "EdDSA"),
            ("a private key", with("d", &coordinate), "EdDSA"),
            ("too short", with("x", "AAAA"), "EdDSA"),
            ("padded", with("x", &format!("{coordinate}=")), "EdDSA"),
            ("an unknown algorithm", ed25519(), "none"),
            ("a symmetric algorithm", json!({"kty": "oct", "k": coordinate}), "HS256"),
            ("an Ed25519 key for ES256", ed25519(), "ES256"),
            ("an Ed25519 key for RS256", ed25519(), "RS256"),
            ("another prime curve", ec(&[1; 32], &[1; 32], "secp256k1"), "ES256"),
            ("65 bytes, split elsewhere", ec(&[1; 31], &[1; 33], "P-256"), "ES256"),
        ];
        for (why, jwk, algorithm) in refused {
            assert!(verifying_key(&jwk, algorithm).is_none(), "{why}");
        }
    }
}
