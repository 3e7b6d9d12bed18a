//! What a list of organizations is asked for, in the words of the indexes of
//! `schemas/directory/0004_search.sql`.
use super::page::Page;
use crate::kernel::id::{RealmId, UserId};

/// Most attributes that one query names: each is a look-up.
pub const MAX_PAIRS: usize = 10;

/// Which organizations to list.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Only those all of these users belong to.
    pub members: Vec<&'a UserId>,
    /// Only those whose name contains this, or what else [`Within`] says.
    pub part: Option<Part>,
    /// Only those of exactly this name, or that name exactly this domain.
    pub exact: Option<String>,
    /// Only those that use the identity provider of this alias.
    pub provider: Option<String>,
    /// Only those that have all of these attributes: names and values, exactly.
    pub attributes: Vec<(String, String)>,
    /// Which part of the list.
    pub page: Page,
}

impl Wanted<'_> {
    /// All of them.
    #[must_use]
    pub const fn all(page: Page) -> Self {
        Self {
            members: Vec::new(),
            part: None,
            exact: None,
            provider: None,
            attributes: Vec::new(),
            page,
        }
    }
}

/// Where besides the name a part is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// In the display name: Phase Two's search.
    DisplayName,
    /// In the domains: Keycloak's.
    Domains,
}

/// A part of a name, as an index is asked for it: a query of FTS5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Three characters and more.
    Text(String),
    /// One character or two.
    Gram(String),
}

impl Part {
    /// What `search` asks for in `realm`; `None` when it asks for nothing. Case
    /// and surrounding space do not count.
    #[must_use]
    pub fn of(realm: &RealmId, search: &str, within: Within) -> Option<Self> {
        let search = search.trim();
        let realm = mark(realm);
        match search.chars().count() {
            0 => None,
            1 | 2 => Some(Self::Gram(gram_query(&realm, search, within))),
            _ => Some(Self::Text(text_query(&realm, search, within))),
        }
    }
}

/// The three characters by which the indexes know a realm; several may share
/// them.
fn mark(realm: &RealmId) -> String {
    let padded = format!("000{realm}");
    padded.chars().skip(padded.chars().count().saturating_sub(3)).collect()
}

/// A phrase of the trigram index. In an FTS5 string only the quotation mark
/// means something; a NUL would end the query, and like every control character it is in no name.
fn text_query(realm: &str, search: &str, within: Within) -> String {
    let also = match within {
        Within::DisplayName => "display_name",
        Within::Domains => "domains",
    };
    let phrase = search.replace('\0', "\u{1}").replace('"', "\"\"");
    format!("realm : \"{realm}\" AND {{name {also}}} : \"{phrase}\"")
}

/// Every way to write `search` in upper and lower case, as the words of the
/// index of characters and pairs.
fn gram_query(realm: &str, search: &str, within: Within) -> String {
    let also = match within {
        Within::DisplayName => 'y',
        Within::Domains => 'z',
    };
    let mut ways = vec![String::new()];
    for c in search.chars() {
        let cases = cases(c);
        ways = ways.iter().flat_map(|way| cases.iter().map(move |c| format!("{way}{c}"))).collect();
    }
    let words = |way: &String| ['x', also].map(|kind| format!("{}{kind}{}", hex(realm), hex(way)));
    ways.iter().flat_map(words).collect::<Vec<_>>().join(" OR ")
}

/// ASCII is folded in the index; other letters stand there as they are written.
fn cases(c: char) -> Vec<char> {
    if c.is_ascii() {
        return vec![c.to_ascii_lowercase()];
    }
    let mut cases = vec![c];
    for other in [single(c.to_lowercase()), single(c.to_uppercase())].into_iter().flatten() {
        if !cases.contains(&other) {
            cases.push(other);
        }
    }
    cases
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

fn hex(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A `q` that is not `name:value`s separated by spaces, or too many of them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "q is not a list of at most {MAX_PAIRS} attributes like plan:pro or \"a name\":\"a value\""
)]
pub struct BadQuery;

/// Reads Keycloak's attribute query: `k1:v1 "k 2":"v 2"`, in which a backslash
/// inside quotation marks takes the next character as it is.
///
/// # Errors
/// [`BadQuery`]. (Keycloak passes over what it cannot read, and then answers
/// more than was asked for.)
pub fn read_pairs(query: &str) -> Result<Vec<(String, String)>, BadQuery> {
    let mut rest = query.trim_start();
    let mut pairs = Vec::new();
    while !rest.is_empty() {
        let (name, after) = read_word(rest, &[':', ' '])?;
        let (value, after) = read_word(after.strip_prefix(':').ok_or(BadQuery)?, &[' '])?;
        if !after.is_empty() && !after.starts_with(' ') {
            return Err(BadQuery);
        }
        pairs.push((name, value));
        rest = after.trim_start();
    }
    if pairs.len() > MAX_PAIRS { Err(BadQuery) } else { Ok(pairs) }
}

/// The word that `text` begins with, quoted or up to one of `ends`, and what
/// follows it.
fn read_word<'a>(text: &'a str, ends: &[char]) -> Result<(String, &'a str), BadQuery> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
        return if word.is_empty() { Err(BadQuery) } else { Ok((word.to_owned(), rest)) };
    };
    let mut word = String::new();
    let mut chars = quoted.char_indices();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return Ok((word, quoted.get(place + 1..).unwrap_or_default())),
            '\\' => word.push(chars.next().ok_or(BadQuery)?.1),
            _ => word.push(c),
        }
    }
    Err(BadQuery)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &str) -> Result<Vec<(String, String)>, BadQuery> {
        read_pairs(query)
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn attributes_are_read_as_keycloak_writes_them() {
        assert_eq!(pairs(""), Ok(vec![]));
        assert_eq!(pairs(" plan:pro  x:y:z "), Ok(vec![pair("plan", "pro"), pair("x", "y:z")]));
        assert_eq!(pairs("\"a b\":\"c \\\" d\""), Ok(vec![pair("a b", "c \" d")]));
        assert_eq!(pairs("a:\"\""), Ok(vec![pair("a", "")]));
    }

    #[test]
    fn what_is_no_attribute_query_is_told() {
        let many = "a:b ".repeat(MAX_PAIRS + 1);
        for query in ["plan", "plan:", ":pro", "\"a:b", "a:\"b", "a:\"b\\", "a:\"b\"c", &many] {
            assert_eq!(pairs(query), Err(BadQuery), "{query}");
        }
    }

    #[test]
    fn a_part_of_a_name_is_a_phrase_whatever_it_holds() {
        let realm = "realm-1".parse().unwrap();
        let text = |phrase: &str| {
            Some(Part::Text(format!("realm : \"m-1\" AND {{name display_name}} : \"{phrase}\"")))
        };
        let of = |search: &str| Part::of(&realm, search, Within::DisplayName);
        let gram = |query: &str| Some(Part::Gram(query.to_owned()));
        assert_eq!(of("  "), None);
        assert_eq!(of(" a\"b* "), text("a\"\"b*"));
        assert_eq!(of("abc\0OR"), text("abc\u{1}OR"));
        assert_eq!(of("Ab"), gram("6d2d31x6162 OR 6d2d31y6162"));
        assert_eq!(of("ü"), gram("6d2d31xc3bc OR 6d2d31yc3bc OR 6d2d31xc39c OR 6d2d31yc39c"));
        assert_eq!(Part::of(&realm, "Ab", Within::Domains), gram("6d2d31x6162 OR 6d2d31z6162"));
        let domains = "realm : \"m-1\" AND {name domains} : \"abc\"";
        assert_eq!(Part::of(&realm, "abc", Within::Domains), Some(Part::Text(domains.to_owned())));
    }
}
