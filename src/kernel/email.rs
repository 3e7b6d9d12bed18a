//! E-mail addresses, as far as an identity server may judge them.
use std::str::FromStr;

/// Longest address, in bytes (RFC 5321 §4.5.3.1.3, less the angle brackets).
pub const MAX_EMAIL_BYTES: usize = 254;

/// An address, lower-cased: two spellings of one mailbox must not become two
/// people. (RFC 5321 §2.4 lets a host tell `A@` from `a@`; none that matters
/// does, and Keycloak and Phase Two fold case too.)
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

/// Text that is not an e-mail address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct BadEmail;

impl EmailAddress {
    /// The folded address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = BadEmail;

    /// Trims, folds and checks `text`: one `@`, a local part of 1 to 64 bytes
    /// without spaces or control characters, and a domain of dot-separated
    /// labels. Whether mail arrives there only mail can tell.
    fn from_str(text: &str) -> Result<Self, BadEmail> {
        let folded = text.trim().to_lowercase();
        let (local, domain) = folded.split_once('@').ok_or(BadEmail)?;
        let fits = folded.len() <= MAX_EMAIL_BYTES && (1..=64).contains(&local.len());
        if fits && is_local(local) && is_domain(domain) { Ok(Self(folded)) } else { Err(BadEmail) }
    }
}

fn is_local(local: &str) -> bool {
    !local.chars().any(|c| c.is_whitespace() || c.is_control() || r#"@"<>()[],;:\"#.contains(c))
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    })
}

impl TryFrom<String> for EmailAddress {
    type Error = BadEmail;

    fn try_from(text: String) -> Result<Self, BadEmail> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(email: EmailAddress) -> Self {
        email.0
    }
}

impl std::fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_outer_space_are_folded() {
        let email: EmailAddress = " Jonno@Rocky-Mountain.Example ".parse().unwrap();
        assert_eq!(email.as_str(), "jonno@rocky-mountain.example");
        assert_eq!(email.domain(), "rocky-mountain.example");
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let too_long = format!("{}@example.com", "x".repeat(65));
        let refused = [
            "", "a", "@b", "a@", "a@b@c", "a b@c", "a@-b.c", "a@b..c", "<a@b>", "a\n@b", &too_long,
        ];
        for text in refused {
            assert_eq!(text.parse::<EmailAddress>(), Err(BadEmail), "{text:?}");
        }
    }
}
