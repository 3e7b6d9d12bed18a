//! The grammar shared by filters and PATCH paths (RFC 7644 figures 1 and 7), as
//! far as this server understands it: `eq`, joined by `and`, and value paths.
use super::schema::{ENTERPRISE_URN, USER_URN};
use serde_json::Value;

/// Longest filter or path, in bytes. Entra's longest is under 300.
pub const MAX_EXPRESSION_BYTES: usize = 4096;

/// Text that is not an expression of ours; says what was expected.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadExpression(pub String);

/// An attribute by name: `emails.value`, or with its schema in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeName {
    /// Whether it belongs to the enterprise extension.
    pub enterprise: bool,
    /// The attribute; empty for the extension as a whole.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// `attribute eq literal`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The left side.
    pub attribute: AttributeName,
    /// The right side: a string, a boolean, a number or null.
    pub literal: Value,
}

/// A place in a resource: `emails[type eq "work"].value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The attribute; its sub-attribute, when it stands outside brackets.
    pub attribute: AttributeName,
    /// What stood in brackets; all must hold.
    pub selector: Option<Vec<Comparison>>,
}

/// One term of a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// `userName eq "ann"`, or `emails[type eq "work"].value eq "a@b"`.
    Equals(Place, Value),
    /// `emails[value eq "a@b"]`.
    Has(Place),
}

/// Reads a filter: terms joined by `and`.
///
/// # Errors
/// `BadExpression` for everything else.
pub fn parse_filter(text: &str) -> Result<Vec<Term>, BadExpression> {
    let mut scanner = Scanner::new(text)?;
    let mut terms = vec![term(&mut scanner)?];
    while !scanner.is_done() {
        scanner.keyword("and")?;
        terms.push(term(&mut scanner)?);
    }
    Ok(terms)
}

/// Reads a PATCH path.
///
/// # Errors
/// `BadExpression` when it is none.
pub fn parse_place(text: &str) -> Result<Place, BadExpression> {
    let mut scanner = Scanner::new(text)?;
    let place = place(&mut scanner)?;
    if scanner.is_done() { Ok(place) } else { Err(scanner.expected("the end")) }
}

fn term(scanner: &mut Scanner<'_>) -> Result<Term, BadExpression> {
    let place = place(scanner)?;
    let selects = place.selector.is_some() && place.attribute.sub.is_none();
    if selects && !scanner.sees_operator() {
        return Ok(Term::Has(place));
    }
    scanner.keyword("eq")?;
    Ok(Term::Equals(place, scanner.literal()?))
}

fn place(scanner: &mut Scanner<'_>) -> Result<Place, BadExpression> {
    let mut attribute = attribute_name(scanner.word()?)?;
    if !scanner.take('[') {
        return Ok(Place { attribute, selector: None });
    }
    let mut comparisons = vec![comparison(scanner)?];
    while !scanner.take(']') {
        scanner.keyword("and")?;
        comparisons.push(comparison(scanner)?);
    }
    if scanner.take_adjacent('.') {
        attribute.sub = Some(scanner.word()?.to_owned());
    }
    Ok(Place { attribute, selector: Some(comparisons) })
}

fn comparison(scanner: &mut Scanner<'_>) -> Result<Comparison, BadExpression> {
    let attribute = attribute_name(scanner.word()?)?;
    scanner.keyword("eq")?;
    Ok(Comparison { attribute, literal: scanner.literal()? })
}

/// Takes the schema off the front of a name (RFC 7644 §3.10).
fn attribute_name(word: &str) -> Result<AttributeName, BadExpression> {
    let (enterprise, rest) = match (after_urn(word, ENTERPRISE_URN), after_urn(word, USER_URN)) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => (false, word),
    };
    let (name, sub) = match rest.split_once('.') {
        Some((name, sub)) => (name, Some(sub.to_owned())),
        None => (rest, None),
    };
    let is_name = |text: &str| !text.is_empty() && !text.contains(['.', ':']);
    let whole_extension = enterprise && rest.is_empty();
    if (whole_extension || is_name(name)) && sub.as_deref().is_none_or(is_name) {
        return Ok(AttributeName { enterprise, name: name.to_owned(), sub });
    }
    Err(BadExpression(format!("{word} is not an attribute")))
}

/// What follows `urn` and its colon; empty for `urn` itself.
fn after_urn<'a>(word: &'a str, urn: &str) -> Option<&'a str> {
    let (head, rest) = word.split_at_checked(urn.len())?;
    if !head.eq_ignore_ascii_case(urn) {
        return None;
    }
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
}

/// Reads an expression from left to right.
struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Result<Self, BadExpression> {
        if text.len() > MAX_EXPRESSION_BYTES {
            let why = format!("it has more than {MAX_EXPRESSION_BYTES} bytes");
            return Err(BadExpression(why));
        }
        Ok(Self { rest: text.trim() })
    }

    fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    fn expected(&self, what: &str) -> BadExpression {
        let found: String = self.rest.chars().take(20).collect();
        BadExpression(format!("expected {what} at \"{found}\""))
    }

    /// An attribute name, with schema and sub-attribute.
    fn word(&mut self) -> Result<&'a str, BadExpression> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.:$".contains(c);
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.expected("an attribute"));
        }
        Ok(self.advance(end))
    }

    /// Exactly `wanted`, case aside, as a word of its own.
    fn keyword(&mut self, wanted: &str) -> Result<(), BadExpression> {
        let before = self.rest;
        if self.word().is_ok_and(|word| word.eq_ignore_ascii_case(wanted)) {
            return Ok(());
        }
        self.rest = before;
        Err(self.expected(wanted))
    }

    /// Whether something other than `and` or the end comes next.
    fn sees_operator(&self) -> bool {
        let mut ahead = Self { rest: self.rest };
        !ahead.is_done() && ahead.keyword("and").is_err()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.take_adjacent(wanted);
        self.rest = self.rest.trim_start();
        found
    }

    fn take_adjacent(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// A JSON string, `true`, `false`, `null` or a number (RFC 7644 §3.4.2.2).
    fn literal(&mut self) -> Result<Value, BadExpression> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<Value>();
        let read = values.next().and_then(Result::ok).filter(|v| !v.is_object() && !v.is_array());
        let length = values.byte_offset();
        if let Some(value) = read {
            self.advance(length);
            return Ok(value);
        }
        // Entra writes booleans as it pleases: `active eq True`.
        let before = self.rest;
        match self.word().map(str::to_ascii_lowercase).as_deref() {
            Ok("true") => Ok(Value::Bool(true)),
            Ok("false") => Ok(Value::Bool(false)),
            _ => {
                self.rest = before;
                Err(self.expected("a value"))
            }
        }
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest.trim_start();
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_in_all_its_forms() {
        let known = [
            ("active", (false, "active", None, 0)),
            ("name.givenName", (false, "name", Some("givenName"), 0)),
            (r#"emails[type eq "work"].value"#, (false, "emails", Some("value"), 1)),
            (r#"emails[type eq "work" and primary eq true]"#, (false, "emails", None, 2)),
            (
                "urn:ietf:params:scim:schemas:core:2.0:user:name.familyName",
                (false, "name", Some("familyName"), 0),
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                (true, "manager", Some("value"), 0),
            ),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", (true, "", None, 0)),
        ];
        for (text, (enterprise, name, sub, comparisons)) in known {
            let place = parse_place(text).unwrap();
            assert_eq!(place.attribute.enterprise, enterprise, "{text}");
            assert_eq!(place.attribute.name, name, "{text}");
            assert_eq!(place.attribute.sub.as_deref(), sub, "{text}");
            assert_eq!(place.selector.map_or(0, |selector| selector.len()), comparisons, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_expression_is_refused() {
        let long = format!("userName eq \"{}\"", "x".repeat(MAX_EXPRESSION_BYTES));
        let refused = [
            "",
            "userName",
            "userName eq",
            "userName eq ann",
            "userName co \"ann\"",
            "userName eq \"ann",
            "userName eq \"ann\" or active eq true",
            "userName eq \"ann\" and",
            "not (userName eq \"ann\")",
            "(userName eq \"ann\")",
            "emails[value eq \"a\"",
            "emails[]",
            "userName eq {\"a\": 1}",
            "userName eq \"ann\" active eq true",
            "a.b.c eq 1",
            ".a eq 1",
            "urn:some:other:thing eq 1",
            "userName eq \"ann\"]",
            long.as_str(),
        ];
        for text in refused {
            assert!(parse_filter(text).is_err(), "{text}");
        }
        for text in ["", "a[", "a]", "a b", "emails[type eq \"work\"].value x", "a..b"] {
            assert!(parse_place(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_string_may_hold_escapes_and_brackets() {
        let terms = parse_filter(r#"userName EQ "a\"b]and[c\u00e9" AND active eq True"#).unwrap();
        assert_eq!(terms.len(), 2);
        assert!(matches!(&terms[0], Term::Equals(_, Value::String(s)) if s == "a\"b]and[cé"));
        assert!(matches!(&terms[1], Term::Equals(_, Value::Bool(true))));
    }
}
