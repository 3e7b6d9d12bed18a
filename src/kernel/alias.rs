//! The short name of an organization, as it stands in scopes and claims.

/// Longest alias, in bytes: Keycloak's column.
pub const MAX_ALIAS_BYTES: usize = 255;

/// An organization's alias: what follows `organization:` in a scope, and the key
/// of the organization in the token's claim. Never changes.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Alias(String);

/// Text that cannot be an alias.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an alias")]
pub struct BadAlias;

/// Characters that would break a scope, a URL or a claim path; Keycloak refuses
/// the same (reference keycloak.md §1.3). The quotation mark, the backslash and
/// control characters are outside RFC 6749's scope-token.
fn is_refused(c: char) -> bool {
    c.is_whitespace() || c.is_control() || r#"!#$&()*+,/:;=?@[]\""#.contains(c)
}

/// The first character of `text` that no alias has.
#[must_use]
pub fn find_refused(text: &str) -> Option<char> {
    text.chars().find(|c| is_refused(*c))
}

impl Alias {
    /// The alias as it stands in scopes and claims.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The alias of an organization that was given only a name: the name itself
    /// when it can be one, else the name with each run of refused characters
    /// turned into one `-`.
    ///
    /// # Errors
    /// `BadAlias` when nothing usable is left.
    pub fn from_name(name: &str) -> Result<Self, BadAlias> {
        let words: Vec<&str> = name.split(is_refused).filter(|word| !word.is_empty()).collect();
        words.join("-").parse()
    }
}

impl std::str::FromStr for Alias {
    type Err = BadAlias;

    fn from_str(text: &str) -> Result<Self, BadAlias> {
        let fits = (1..=MAX_ALIAS_BYTES).contains(&text.len());
        if fits && !text.chars().any(is_refused) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadAlias)
        }
    }
}

impl TryFrom<String> for Alias {
    type Error = BadAlias;

    fn try_from(text: String) -> Result<Self, BadAlias> {
        text.parse()
    }
}

impl From<Alias> for String {
    fn from(alias: Alias) -> Self {
        alias.0
    }
}

impl std::fmt::Display for Alias {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_becomes_an_alias() {
        let known = [
            ("adventurez", "adventurez"),
            ("Rocky Mountain High Adventures", "Rocky-Mountain-High-Adventures"),
            (" R&D / Labs ", "R-D-Labs"),
        ];
        for (name, alias) in known {
            assert_eq!(Alias::from_name(name).unwrap().as_str(), alias);
        }
        assert_eq!(Alias::from_name(" /*/ "), Err(BadAlias));
    }
}
