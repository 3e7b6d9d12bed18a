//! The grammar of filters and PATCH paths (RFC 7644 §3.4.2.2 figure 1, §3.5.2
//! figure 7), and what identity providers write besides: `emails[type eq
//! "work"].value eq "a@b"`, and `True` for `true`.
use serde_json::Value;

/// Longest filter or path, in bytes. Entra's longest is under 300.
pub const MAX_EXPRESSION_BYTES: usize = 4096;

/// How deep parentheses, brackets and `not` may stand in each other.
pub const MAX_DEPTH: usize = 20;

/// Most comparisons of one filter. SQLite binds 100 values to a statement at most,
/// two of them for each comparison.
pub const MAX_COMPARISONS: usize = 40;

/// Text that is not an expression of ours; says what was expected.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadExpression(pub String);

/// A place in a resource: `emails[type eq "work"].value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The attribute as it was written, with its schema in front if one was, and
    /// with its sub-attribute, if that stood before any brackets.
    pub name: String,
    /// What stood in brackets.
    pub selector: Option<Box<Expression>>,
    /// The sub-attribute that stood after the brackets.
    pub sub: Option<String>,
}

/// A condition on a resource, or on one value of a list of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// `and`: all hold.
    All(Vec<Self>),
    /// `or`: one holds.
    Any(Vec<Self>),
    /// `not`: it does not hold.
    Not(Box<Self>),
    /// `pr`: the place has a value; or brackets alone, which select one.
    Present(Path),
    /// A comparison with a string, a boolean, a number or null.
    Compare(Path, Operator, Value),
}

/// How a comparison compares (RFC 7644 table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `eq`.
    Equal,
    /// `ne`.
    NotEqual,
    /// `co`.
    Contains,
    /// `sw`.
    StartsWith,
    /// `ew`.
    EndsWith,
    /// `gt`.
    Greater,
    /// `ge`.
    GreaterOrEqual,
    /// `lt`.
    Less,
    /// `le`.
    LessOrEqual,
}

impl Operator {
    fn named(word: &str) -> Option<Self> {
        let known = [
            ("eq", Self::Equal),
            ("ne", Self::NotEqual),
            ("co", Self::Contains),
            ("sw", Self::StartsWith),
            ("ew", Self::EndsWith),
            ("gt", Self::Greater),
            ("ge", Self::GreaterOrEqual),
            ("lt", Self::Less),
            ("le", Self::LessOrEqual),
        ];
        let mut known = known.into_iter();
        known.find(|(name, _)| word.eq_ignore_ascii_case(name)).map(|(_, operator)| operator)
    }
}

/// Reads a filter.
///
/// # Errors
/// `BadExpression` for what is none, or is larger than the limits of this module.
pub fn parse_filter(text: &str) -> Result<Expression, BadExpression> {
    let mut parser = Parser::new(text)?;
    let expression = parser.any()?;
    parser.end()?;
    Ok(expression)
}

/// Reads a PATCH path.
///
/// # Errors
/// As [`parse_filter`].
pub fn parse_path(text: &str) -> Result<Path, BadExpression> {
    let mut parser = Parser::new(text)?;
    let path = parser.path()?;
    parser.end()?;
    Ok(path)
}

/// A recursive descent, a method for each level of precedence: `or`, `and`, `not`
/// and parentheses, comparisons.
struct Parser<'a> {
    scanner: Scanner<'a>,
    depth: usize,
    comparisons: usize,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, BadExpression> {
        if text.len() > MAX_EXPRESSION_BYTES {
            let why = format!("it has more than {MAX_EXPRESSION_BYTES} bytes");
            return Err(BadExpression(why));
        }
        Ok(Self { scanner: Scanner { rest: text.trim() }, depth: 0, comparisons: 0 })
    }

    fn end(&self) -> Result<(), BadExpression> {
        if self.scanner.rest.is_empty() { Ok(()) } else { Err(self.scanner.expected("the end")) }
    }

    fn any(&mut self) -> Result<Expression, BadExpression> {
        self.joined("or", Self::all, Expression::Any)
    }

    fn all(&mut self) -> Result<Expression, BadExpression> {
        self.joined("and", Self::term, Expression::All)
    }

    fn joined(
        &mut self,
        word: &str,
        read: fn(&mut Self) -> Result<Expression, BadExpression>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, BadExpression> {
        let first = read(self)?;
        if !self.scanner.take_keyword(word) {
            return Ok(first);
        }
        let mut parts = vec![first, read(self)?];
        while self.scanner.take_keyword(word) {
            parts.push(read(self)?);
        }
        Ok(join(parts))
    }

    fn term(&mut self) -> Result<Expression, BadExpression> {
        if self.scanner.take('(') {
            return self.enclosed(')');
        }
        let before = self.scanner.rest;
        if self.scanner.take_keyword("not") {
            if self.scanner.take('(') {
                return self.enclosed(')').map(|inner| Expression::Not(Box::new(inner)));
            }
            self.scanner.rest = before;
        }
        self.comparison()
    }

    /// What stands in brackets or parentheses, one of which has been taken.
    fn enclosed(&mut self, end: char) -> Result<Expression, BadExpression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(BadExpression(format!("it is nested more than {MAX_DEPTH} deep")));
        }
        let inner = self.any()?;
        self.depth -= 1;
        if self.scanner.take(end) {
            Ok(inner)
        } else {
            Err(self.scanner.expected(&end.to_string()))
        }
    }

    fn comparison(&mut self) -> Result<Expression, BadExpression> {
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(BadExpression(format!("it has more than {MAX_COMPARISONS} comparisons")));
        }
        let path = self.path()?;
        let before = self.scanner.rest;
        let word = self.scanner.word().unwrap_or_default();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Expression::Present(path));
        }
        if let Some(operator) = Operator::named(word) {
            return Ok(Expression::Compare(path, operator, self.scanner.literal()?));
        }
        self.scanner.rest = before;
        if path.selector.is_some() && path.sub.is_none() {
            return Ok(Expression::Present(path));
        }
        Err(self.scanner.expected("an operator"))
    }

    fn path(&mut self) -> Result<Path, BadExpression> {
        let Some(name) = self.scanner.word() else {
            return Err(self.scanner.expected("an attribute"));
        };
        let name = name.to_owned();
        if !self.scanner.take('[') {
            return Ok(Path { name, selector: None, sub: None });
        }
        let selector = Some(Box::new(self.enclosed(']')?));
        let sub = if self.scanner.take('.') {
            let sub = self.scanner.word().ok_or_else(|| self.scanner.expected("an attribute"))?;
            Some(sub.to_owned())
        } else {
            None
        };
        Ok(Path { name, selector, sub })
    }
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn expected(&self, what: &str) -> BadExpression {
        let found: String = self.rest.chars().take(20).collect();
        BadExpression(format!("expected {what} at \"{found}\""))
    }

    /// An attribute name with schema and sub-attribute, or a keyword.
    fn word(&mut self) -> Option<&'a str> {
        let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.:$".contains(c);
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        if end == 0 {
            return None;
        }
        Some(self.advance(end))
    }

    /// Takes `wanted`, case aside, if it comes next as a word of its own.
    fn take_keyword(&mut self, wanted: &str) -> bool {
        let before = self.rest;
        let found = self.word().is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        if !found {
            self.rest = before;
        }
        found
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest.trim_start();
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
            Some("true") => Ok(Value::Bool(true)),
            Some("false") => Ok(Value::Bool(false)),
            Some("null") => Ok(Value::Null),
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

    fn eq(name: &str, value: &str) -> Expression {
        let path = Path { name: name.to_owned(), selector: None, sub: None };
        Expression::Compare(path, Operator::Equal, Value::from(value))
    }

    /// RFC 7644 §3.4.2.2: `not` before `and` before `or`.
    #[test]
    fn precedence_and_parentheses() {
        let (a, b, c) = (eq("a", "1"), eq("b", "2"), eq("c", "3"));
        let read = |text| parse_filter(text).unwrap();
        assert_eq!(
            read(r#"a eq "1" or b eq "2" and c eq "3""#),
            Expression::Any(vec![a.clone(), Expression::All(vec![b.clone(), c.clone()])]),
        );
        assert_eq!(
            read(r#"(a eq "1" OR b eq "2") AND NOT(c eq "3")"#),
            Expression::All(vec![
                Expression::Any(vec![a.clone(), b.clone()]),
                Expression::Not(Box::new(c.clone())),
            ]),
        );
        assert_eq!(read(r#"((a eq "1"))"#), a);
        assert_eq!(
            read(r#"not (a eq "1") and b eq "2""#),
            Expression::All(vec![Expression::Not(Box::new(a)), b]),
        );
    }

    #[test]
    fn a_path_is_read_in_all_its_forms() {
        let known = [
            ("active", "active", false, None),
            ("name.givenName", "name.givenName", false, None),
            (r#"emails[type eq "work"].value"#, "emails", true, Some("value")),
            (r#"emails[type eq "work" and primary eq true]"#, "emails", true, None),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                false,
                None,
            ),
        ];
        for (text, name, selects, sub) in known {
            let path = parse_path(text).unwrap();
            assert_eq!(path.name, name, "{text}");
            assert_eq!(path.selector.is_some(), selects, "{text}");
            assert_eq!(path.sub.as_deref(), sub, "{text}");
        }
    }

    #[test]
    fn what_is_not_an_expression_is_refused() {
        let long = format!("userName eq \"{}\"", "x".repeat(MAX_EXPRESSION_BYTES));
        let deep = format!("{}a pr{}", "(".repeat(MAX_DEPTH + 1), ")".repeat(MAX_DEPTH + 1));
        let many = vec!["a pr"; MAX_COMPARISONS + 1].join(" or ");
        let refused = [
            "",
            "userName",
            "userName eq",
            "userName eq ann",
            "userName is \"ann\"",
            "userName eq \"ann",
            "userName eq \"ann\" and",
            "userName eq \"ann\" xor active eq true",
            "not userName eq \"ann\"",
            "not (userName eq \"ann\"",
            "(userName eq \"ann\"",
            "userName eq \"ann\")",
            "()",
            "emails[value eq \"a\"",
            "emails[]",
            "emails[type eq \"work\"].value",
            "userName eq {\"a\": 1}",
            "userName eq [1]",
            "userName eq \"ann\" active eq true",
            "userName eq \"ann\"]",
            long.as_str(),
            deep.as_str(),
            many.as_str(),
        ];
        for text in refused {
            assert!(parse_filter(text).is_err(), "{text}");
        }
        for text in ["", "a[", "a]", "a b", "emails[type eq \"work\"].value x", "a[b eq 1]."] {
            assert!(parse_path(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_string_may_hold_escapes_and_brackets() {
        let filter = parse_filter(r#"userName EQ "a\"b]and[c\u00e9" AND active eq True"#).unwrap();
        let Expression::All(terms) = filter else { panic!("{filter:?}") };
        assert_eq!(terms[0], eq_as("userName", &Value::from("a\"b]and[cé")));
        assert_eq!(terms[1], eq_as("active", &Value::Bool(true)));
    }

    fn eq_as(name: &str, value: &Value) -> Expression {
        let path = Path { name: name.to_owned(), selector: None, sub: None };
        Expression::Compare(path, Operator::Equal, value.clone())
    }
}
