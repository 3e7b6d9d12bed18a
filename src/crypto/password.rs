//! Passwords: Argon2id (RFC 9106) in PHC strings.
use crate::kernel::secret::Secret;
use argon2::password_hash::phc::PasswordHash as PhcHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::str::FromStr;

/// Memory of one hash, in KiB. OWASP Password Storage Cheat Sheet, Argon2id:
/// "19 MiB of memory, an iteration count of 2, and 1 degree of parallelism";
/// of its equivalent choices, the one whose memory leaves room in a 128 MB
/// isolate for several logins at once.
pub const MEMORY_KIB: u32 = 19_456;

/// Passes over the memory. OWASP, as [`MEMORY_KIB`].
pub const PASSES: u32 = 2;

/// Lanes. OWASP, as [`MEMORY_KIB`]; an isolate has one thread anyway.
pub const LANES: u32 = 1;

/// Length of a salt, in bytes (RFC 9106 §3.1 recommends 16).
pub const SALT_BYTES: usize = 16;

/// Length of a hash, in bytes (RFC 9106 §4: 256 bits).
pub const HASH_BYTES: usize = 32;

/// Longest password, in bytes. NIST SP 800-63B §5.1.1.2 asks for at least 64
/// characters; beyond this a password is a way to make us copy and hash
/// megabytes.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Most memory, in KiB, that a stored hash may ask for: an imported one must not
/// be able to exhaust the isolate's 128 MB.
pub const MAX_MEMORY_KIB: u32 = 65_536;

/// Most passes and lanes a stored hash may ask for: at [`MAX_MEMORY_KIB`] ten
/// passes are about a second of CPU time.
pub const MAX_PASSES: u32 = 10;

/// The salt of the hash that [`verify_nothing`] computes. Any salt does.
const NOBODYS_SALT: [u8; SALT_BYTES] = *b"guildhall nobody";

/// A stored password hash: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, with costs
/// this server can bear.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PasswordHash(String);

/// Why a password cannot be hashed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Longer than [`MAX_PASSWORD_BYTES`].
    #[error("a password has at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// The hash function refused; with our parameters it does not.
    #[error("the password could not be hashed")]
    Hashing,
}

/// Text that is not a usable Argon2id hash.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an Argon2id hash this server can verify")]
pub struct BadPasswordHash;

/// What a presented password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The right one.
    Match,
    /// The right one, under a hash weaker than today's: hash it again and store
    /// that.
    MatchButWeak,
    /// Not the right one.
    Mismatch,
}

thread_local! {
    static HASHES: Cell<u64> = const { Cell::new(0) };
}

/// How many hashes were computed here so far. They are what a login costs: two
/// refusals that make as many take as long.
#[must_use]
pub fn count_hashes() -> u64 {
    HASHES.get()
}

fn count_one() {
    HASHES.set(HASHES.get().wrapping_add(1));
}

/// Hashes `password` with today's parameters and a fresh random `salt`.
///
/// # Errors
/// `TooLong` above [`MAX_PASSWORD_BYTES`]; `Hashing` never, as far as we know.
pub fn hash(password: &Secret, salt: [u8; SALT_BYTES]) -> Result<PasswordHash, PasswordError> {
    if password.expose().len() > MAX_PASSWORD_BYTES {
        return Err(PasswordError::TooLong);
    }
    count_one();
    let hashed = today()
        .and_then(|argon2| argon2.hash_password_with_salt(password.expose().as_bytes(), &salt).ok())
        .ok_or(PasswordError::Hashing)?;
    Ok(PasswordHash(hashed.to_string()))
}

/// Compares `password` with a stored hash. A password above
/// [`MAX_PASSWORD_BYTES`] is a mismatch at no cost, as in [`verify_nothing`].
/// The hashes are compared in constant time.
pub fn verify(password: &Secret, stored: &PasswordHash) -> Verdict {
    let password = password.expose().as_bytes();
    let Ok(parsed) = PhcHash::new(&stored.0) else { return Verdict::Mismatch };
    if password.len() > MAX_PASSWORD_BYTES {
        return Verdict::Mismatch;
    }
    count_one();
    // The parameters of the stored hash apply, not those of this instance.
    if Argon2::default().verify_password(password, &parsed).is_err() {
        return Verdict::Mismatch;
    }
    if is_weak(&parsed) { Verdict::MatchButWeak } else { Verdict::Match }
}

/// Spends what [`verify`] spends, for a user who does not exist or has no
/// password, so that the answer's timing does not tell who does.
pub fn verify_nothing(password: &Secret) {
    let hashed = hash(password, NOBODYS_SALT);
    // Kept from the optimizer, which would drop a hash that nobody reads.
    drop(std::hint::black_box(hashed));
}

/// Argon2id with today's parameters. `None` never: the constants are in range.
fn today() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES)).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn is_weak(hash: &PhcHash) -> bool {
    let Ok(params) = Params::try_from(hash) else { return true };
    params.m_cost() < MEMORY_KIB
        || params.t_cost() < PASSES
        || params.output_len().is_none_or(|length| length < HASH_BYTES)
        || hash.salt.is_none_or(|salt| salt.len() < SALT_BYTES)
        || hash.version != Some(Version::V0x13.into())
}

fn is_bearable(hash: &PhcHash) -> bool {
    let Ok(params) = Params::try_from(hash) else { return false };
    hash.algorithm == argon2::ARGON2ID_IDENT
        && hash.version.is_none_or(|version| Version::try_from(version).is_ok())
        && hash.salt.is_some()
        && hash.hash.is_some()
        && params.m_cost() <= MAX_MEMORY_KIB
        && params.t_cost() <= MAX_PASSES
        && params.p_cost() <= MAX_PASSES
}

impl PasswordHash {
    /// The PHC string, as the database keeps it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PasswordHash {
    type Err = BadPasswordHash;

    /// Reads a PHC string: Argon2id with salt and hash, at most
    /// [`MAX_MEMORY_KIB`] and [`MAX_PASSES`].
    fn from_str(text: &str) -> Result<Self, BadPasswordHash> {
        let parsed = PhcHash::new(text).map_err(|_| BadPasswordHash)?;
        if is_bearable(&parsed) { Ok(Self(text.to_owned())) } else { Err(BadPasswordHash) }
    }
}

impl TryFrom<String> for PasswordHash {
    type Error = BadPasswordHash;

    fn try_from(text: String) -> Result<Self, BadPasswordHash> {
        text.parse()
    }
}

impl From<PasswordHash> for String {
    fn from(hash: PasswordHash) -> Self {
        hash.0
    }
}

/// A hash can be attacked off-line: it does not belong in a log either.
impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "password" with "somesaltsomesalt", made by another implementation
    /// (OpenSSL 3, through Python's `cryptography`).
    const WEAK: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$yrdGtGIZk/3JHsUHh5gLQUqQppLwvGjf4Z+cJbPLqew";

    fn parse(text: &str) -> Result<PasswordHash, BadPasswordHash> {
        text.parse()
    }

    #[test]
    fn a_password_matches_its_own_hash_and_no_other() {
        let stored = hash(&Secret::new("correct horse"), [7; SALT_BYTES]).unwrap();

        assert!(stored.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(parse(stored.as_str()), Ok(stored.clone()));
        assert_eq!(verify(&Secret::new("correct horse"), &stored), Verdict::Match);
        for wrong in ["Correct horse", "correct horse ", ""] {
            assert_eq!(verify(&Secret::new(wrong), &stored), Verdict::Mismatch, "{wrong:?}");
        }
    }

    #[test]
    fn a_match_under_weaker_parameters_asks_for_a_new_hash() {
        let stored = parse(WEAK).unwrap();
        assert_eq!(verify(&Secret::new("password"), &stored), Verdict::MatchButWeak);
        assert_eq!(verify(&Secret::new("Password"), &stored), Verdict::Mismatch);
    }

    #[test]
    fn a_password_of_the_longest_length_is_hashed_and_a_longer_one_refused() {
        let longest = Secret::new("x".repeat(MAX_PASSWORD_BYTES));
        let longer = Secret::new("x".repeat(MAX_PASSWORD_BYTES + 1));

        let stored = hash(&longest, [7; SALT_BYTES]).unwrap();
        assert_eq!(verify(&longest, &stored), Verdict::Match);
        assert_eq!(verify(&longer, &stored), Verdict::Mismatch);
        assert_eq!(hash(&longer, [7; SALT_BYTES]), Err(PasswordError::TooLong));
    }

    #[test]
    fn a_hash_this_server_cannot_bear_is_refused() {
        let (head, tail) = WEAK.split_once("m=256,t=2,p=1").unwrap();
        assert!(parse(&format!("{head}m={MAX_MEMORY_KIB},t={MAX_PASSES},p=1{tail}")).is_ok());
        let refused = [
            ("not a PHC string", "password".to_owned()),
            ("empty", String::new()),
            ("Argon2i", WEAK.replace("argon2id", "argon2i")),
            ("bcrypt", "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy".to_owned()),
            ("no hash", WEAK.rsplit_once('$').unwrap().0.to_owned()),
            ("an unknown version", WEAK.replace("v=19", "v=18")),
            ("too much memory", format!("{head}m=65537,t=2,p=1{tail}")),
            ("too many passes", format!("{head}m=256,t=11,p=1{tail}")),
            ("too many lanes", format!("{head}m=256,t=2,p=11{tail}")),
            ("trailing data", format!("{WEAK}$x")),
        ];
        for (why, text) in refused {
            assert_eq!(parse(&text), Err(BadPasswordHash), "{why}");
        }
    }

    #[test]
    fn neither_a_verdict_nor_a_debug_line_shows_the_hash() {
        assert_eq!(format!("{:?}", parse(WEAK).unwrap()), "PasswordHash(…)");
    }

    /// The time itself is measured where timing is real (the built Worker);
    /// here: it hashes with today's parameters and takes any password.
    #[test]
    fn verifying_nothing_takes_any_password() {
        for password in ["", "x", &"x".repeat(MAX_PASSWORD_BYTES + 1)] {
            verify_nothing(&Secret::new(password));
        }
        assert_eq!(today().map(|argon2| argon2.params().m_cost()), Some(MEMORY_KIB));
    }
}
