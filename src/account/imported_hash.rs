//! A password's hash as Keycloak exports it, made one of ours: the texts
//! `credentialData` and `secretData` of a `CredentialRepresentation`.
use crate::crypto::password::{BadPasswordHash, PasswordHash};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Keycloak's name of the one algorithm that is verified here; its default since
/// version 24.
const ARGON2: &str = "argon2";

/// The variant of it that is.
const ARGON2ID: &str = "id";

/// Why a hash is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadImportedHash {
    /// One of the texts is not what Keycloak writes.
    #[error("{0} is not what Keycloak exports of a password")]
    Unreadable(&'static str),
    /// A hash that nobody here could compare a password with.
    #[error(
        "a password hashed with {0} cannot be verified here: argon2 (Argon2id) can, or give the \
         password itself as value"
    )]
    Algorithm(String),
    /// Its parameters are none, or cost more than one login may.
    #[error("the parameters of the password's hash are out of range")]
    Parameters,
}

impl From<BadPasswordHash> for BadImportedHash {
    fn from(_: BadPasswordHash) -> Self {
        Self::Parameters
    }
}

/// `credentialData`: how it was hashed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CredentialData {
    algorithm: Option<String>,
    hash_iterations: Option<u32>,
    #[serde(default)]
    additional_parameters: BTreeMap<String, Vec<String>>,
}

/// `secretData`: what came of it.
#[derive(Deserialize)]
struct SecretData {
    value: String,
    salt: String,
}

/// The hash that the two texts describe.
///
/// # Errors
/// As [`BadImportedHash`] says.
pub fn read(credential_data: &str, secret_data: &str) -> Result<PasswordHash, BadImportedHash> {
    let unreadable = BadImportedHash::Unreadable;
    let how: CredentialData =
        serde_json::from_str(credential_data).map_err(|_| unreadable("credentialData"))?;
    let algorithm = how.algorithm.as_deref().unwrap_or_default();
    let variant = how.parameter("type").unwrap_or(ARGON2ID);
    if algorithm != ARGON2 || variant != ARGON2ID {
        let told = if algorithm == ARGON2 { format!("argon2{variant}") } else { algorithm.into() };
        return Err(BadImportedHash::Algorithm(told));
    }
    let made: SecretData =
        serde_json::from_str(secret_data).map_err(|_| unreadable("secretData"))?;
    let [salt, hash] = [&made.salt, &made.value].map(|text| BASE64_STANDARD.decode(text));
    let (Ok(salt), Ok(hash)) = (salt, hash) else { return Err(unreadable("secretData")) };
    let [salt, hash] = [salt, hash].map(|bytes| BASE64_STANDARD_NO_PAD.encode(bytes));
    let number = |name| how.parameter(name).and_then(|text| text.parse::<u32>().ok());
    let (Some(memory), Some(passes)) = (number("memory"), how.hash_iterations) else {
        return Err(BadImportedHash::Parameters);
    };
    let lanes = number("parallelism").unwrap_or(1);
    let version = version(how.parameter("version").unwrap_or("1.3"))?;
    let phc = format!("$argon2id$v={version}$m={memory},t={passes},p={lanes}${salt}${hash}");
    Ok(phc.parse()?)
}

/// The version as a PHC string has it (RFC 9106 §3.1: 0x13 is 1.3).
fn version(text: &str) -> Result<u8, BadImportedHash> {
    match text {
        "1.3" => Ok(0x13),
        "1.0" => Ok(0x10),
        _ => Err(BadImportedHash::Parameters),
    }
}

impl CredentialData {
    /// The first value of an additional parameter.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.additional_parameters.get(name)?.first().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::password::{Verdict, verify};
    use crate::kernel::secret::Secret;
    use serde_json::{Value, json};

    /// "password" with "somesaltsomesalt", made by OpenSSL 3 (the vector of
    /// `crypto::password`), as Keycloak writes it.
    fn exported() -> (Value, Value) {
        let how = json!({
            "hashIterations": 2, "algorithm": "argon2",
            "additionalParameters": {
                "hashLength": ["32"], "memory": ["256"], "type": ["id"], "version": ["1.3"],
                "parallelism": ["1"],
            },
        });
        let made = json!({
            "value": "yrdGtGIZk/3JHsUHh5gLQUqQppLwvGjf4Z+cJbPLqew=",
            "salt": "c29tZXNhbHRzb21lc2FsdA==", "additionalParameters": {},
        });
        (how, made)
    }

    fn read_both(how: &Value, made: &Value) -> Result<PasswordHash, BadImportedHash> {
        read(&how.to_string(), &made.to_string())
    }

    #[test]
    fn the_password_behind_an_exported_hash_matches() {
        let (how, made) = exported();
        let hash = read_both(&how, &made).unwrap();
        assert_eq!(verify(&Secret::new("password"), &hash), Verdict::MatchButWeak);
        assert_eq!(verify(&Secret::new("Password"), &hash), Verdict::Mismatch);
    }

    #[test]
    fn another_algorithm_is_named() {
        let (mut how, made) = exported();
        for algorithm in ["pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512", "bcrypt", ""] {
            how["algorithm"] = json!(algorithm);
            let refused = read_both(&how, &made);
            assert_eq!(refused, Err(BadImportedHash::Algorithm(algorithm.to_owned())));
        }
        let (mut how, made) = exported();
        how["additionalParameters"]["type"] = json!(["i"]);
        let refused = read_both(&how, &made);
        assert_eq!(refused, Err(BadImportedHash::Algorithm("argon2i".to_owned())));
    }

    #[test]
    fn what_is_no_hash_or_too_dear_is_refused() {
        let set = |pointer: &str, value: Value| {
            let (mut how, mut made) = exported();
            let place = how.pointer_mut(pointer).or_else(|| made.pointer_mut(pointer));
            *place.unwrap() = value;
            read_both(&how, &made)
        };
        for (pointer, value) in [
            ("/hashIterations", json!(11)),
            ("/hashIterations", json!(null)),
            ("/additionalParameters/memory", json!(["65537"])),
            ("/additionalParameters/memory", json!(["much"])),
            ("/additionalParameters/memory", json!([])),
            ("/additionalParameters/parallelism", json!(["11"])),
            ("/additionalParameters/version", json!(["2.0"])),
            ("/salt", json!("")),
            ("/value", json!("")),
        ] {
            assert_eq!(set(pointer, value), Err(BadImportedHash::Parameters), "{pointer}");
        }
        assert_eq!(set("/salt", json!("ä")), Err(BadImportedHash::Unreadable("secretData")));
        let (how, made) = exported();
        let [how, made] = [how, made].map(|value| value.to_string());
        assert_eq!(read("", &made), Err(BadImportedHash::Unreadable("credentialData")));
        assert_eq!(read("[]", &made), Err(BadImportedHash::Unreadable("credentialData")));
        assert_eq!(read(&how, "{}"), Err(BadImportedHash::Unreadable("secretData")));
    }
}
