//! Which users an administrator asks for (reference keycloak.md §3.2; the rules
//! of `search` are those of the `OpenAPI` document of Keycloak 26.8.1).
use super::moment;
use crate::kernel::time::Timestamp;
use crate::web::form::Form;

/// What in `search` leads to users by their ids.
const ID_PREFIX: &str = "id:";

/// Most words, attributes or ids that one question may name: each is a condition
/// of the statement that answers it.
pub const MAX_TERMS: usize = 20;

/// A field that people search in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// `username`.
    Username,
    /// `email`.
    Email,
    /// `firstName`.
    FirstName,
    /// `lastName`.
    LastName,
}

/// What a text must be like, case aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// This, from beginning to end.
    Exact(String),
    /// Beginning with `start` and containing each of `parts`. (Keycloak also
    /// wants the parts in their order.)
    Like {
        /// Empty when anything may come first.
        start: String,
        /// None of them empty.
        parts: Vec<String>,
    },
}

impl Pattern {
    /// A word of `search`: `foo` and `foo*` begin with it, `*foo*` contains it,
    /// `"foo"` is it.
    fn of_word(word: &str) -> Self {
        let word = word.to_lowercase();
        let quoted = word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        if let Some(exact) = quoted {
            return Self::Exact(exact.to_owned());
        }
        let mut pieces = word.split('*').map(str::to_owned);
        let start = pieces.next().unwrap_or_default();
        Self::Like { start, parts: pieces.filter(|part| !part.is_empty()).collect() }
    }

    /// A text that may stand anywhere, in which `*` stands for anything.
    #[must_use]
    pub fn within(text: &str) -> Self {
        let text = text.to_lowercase();
        let parts = text.split('*').filter(|part| !part.is_empty()).map(str::to_owned);
        Self::Like { start: String::new(), parts: parts.collect() }
    }

    /// The value of a parameter such as `username`.
    fn of_field(value: &str, exact: bool) -> Self {
        let value = value.to_lowercase();
        if exact {
            return Self::Exact(value);
        }
        let parts = if value.is_empty() { Vec::new() } else { vec![value] };
        Self::Like { start: String::new(), parts }
    }
}

/// A question for users. Every condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Only these.
    pub ids: Option<Vec<String>>,
    /// Each must fit some field.
    pub words: Vec<Pattern>,
    /// Each must fit its field.
    pub fields: Vec<(Field, Pattern)>,
    /// Attributes and their values.
    pub attributes: Vec<(String, String)>,
    /// Whether the address is verified.
    pub email_verified: Option<bool>,
    /// Whether they may sign in.
    pub enabled: Option<bool>,
    /// Linked to this identity provider.
    pub provider: Option<String>,
    /// Known there by this id.
    pub provider_user: Option<String>,
    /// Made then or later.
    pub created_after: Option<Timestamp>,
    /// Made then or earlier.
    pub created_before: Option<Timestamp>,
    /// Whether service accounts are meant too: only where a field is asked for,
    /// as in Keycloak.
    pub with_service_accounts: bool,
}

/// A question that cannot be asked.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadFilter {
    /// Neither a day nor milliseconds.
    #[error("{0} is neither a date (yyyy-MM-dd) nor milliseconds since 1970")]
    NotAMoment(&'static str),
    /// Too much at once.
    #[error("at most {MAX_TERMS} words, attributes or ids can be searched for (MAX_TERMS)")]
    TooManyTerms,
}

impl UserFilter {
    /// Reads the parameters of a query.
    ///
    /// # Errors
    /// As [`BadFilter`] says.
    pub fn read(query: &Form) -> Result<Self, BadFilter> {
        let text = |name: &str| query.first(name).filter(|value| !value.is_empty());
        let exact = query.truth("exact").unwrap_or(false);
        let mut filter = Self {
            attributes: text("q").map(attributes).unwrap_or_default(),
            email_verified: query.truth("emailVerified"),
            enabled: query.truth("enabled"),
            provider: text("idpAlias").map(str::to_owned),
            provider_user: text("idpUserId").map(str::to_owned),
            created_after: bound(text("createdAfter"), "createdAfter", moment::starting)?,
            created_before: bound(text("createdBefore"), "createdBefore", moment::ending)?,
            ..Self::default()
        };
        match text("search").map(str::trim) {
            Some(search) => filter.add_search(search),
            // As in Keycloak, the fields count only where nothing is searched for.
            None => filter.add_fields(&text, exact),
        }
        let terms =
            [filter.words.len(), filter.attributes.len(), filter.ids.as_ref().map_or(0, Vec::len)];
        if terms.iter().any(|count| *count > MAX_TERMS) {
            return Err(BadFilter::TooManyTerms);
        }
        Ok(filter)
    }

    fn add_search(&mut self, search: &str) {
        let words = || search.split_whitespace();
        if let Some(ids) = search.strip_prefix(ID_PREFIX) {
            self.ids = Some(ids.split_whitespace().map(str::to_owned).collect());
            self.with_service_accounts = true;
        } else {
            self.words = words().filter(|word| *word != "*").map(Pattern::of_word).collect();
        }
    }

    fn add_fields<'q>(&mut self, text: &impl Fn(&str) -> Option<&'q str>, exact: bool) {
        let fields = [
            (Field::Username, "username"),
            (Field::Email, "email"),
            (Field::FirstName, "firstName"),
            (Field::LastName, "lastName"),
        ];
        for (field, name) in fields {
            let pattern = text(name).map(|value| Pattern::of_field(value, exact));
            self.fields.extend(pattern.map(|pattern| (field, pattern)));
        }
        self.with_service_accounts = !self.fields.is_empty()
            || !self.attributes.is_empty()
            || self.provider.is_some()
            || self.provider_user.is_some();
    }
}

fn bound(
    text: Option<&str>,
    name: &'static str,
    read: fn(&str) -> Option<Timestamp>,
) -> Result<Option<Timestamp>, BadFilter> {
    text.map(|text| read(text).ok_or(BadFilter::NotAMoment(name))).transpose()
}

/// `key:value "two words":"a value"`, as Keycloak writes it. What is not of that
/// form is passed over, as it does.
fn attributes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = piece(rest, &[':', ' ']);
        let Some(after) = after.strip_prefix(':') else {
            rest = after.trim_start();
            continue;
        };
        let (value, after) = piece(after, &[' ']);
        found.push((key.to_owned(), value.to_owned()));
        rest = after.trim_start();
    }
    found
}

/// The text up to one of `ends`, or inside quotes; and what comes after it.
fn piece<'t>(text: &'t str, ends: &[char]) -> (&'t str, &'t str) {
    let quoted = text.strip_prefix('"').and_then(|inner| inner.split_once('"'));
    quoted.unwrap_or_else(|| text.split_at(text.find(ends).unwrap_or(text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> UserFilter {
        UserFilter::read(&Form::parse(query.as_bytes())).unwrap()
    }

    fn like(start: &str, parts: &[&str]) -> Pattern {
        let parts = parts.iter().map(|part| (*part).to_owned()).collect();
        Pattern::Like { start: start.to_owned(), parts }
    }

    #[test]
    fn a_word_says_where_it_must_stand() {
        let known = [
            ("Foo", like("foo", &[])),
            ("foo*", like("foo", &[])),
            ("*foo*", like("", &["foo"])),
            ("f*o", like("f", &["o"])),
            ("\"Foo\"", Pattern::Exact("foo".to_owned())),
            ("\"", like("\"", &[])),
        ];
        for (word, pattern) in known {
            assert_eq!(Pattern::of_word(word), pattern, "{word}");
        }
    }

    #[test]
    fn search_comes_before_the_fields_and_ids_before_both() {
        assert_eq!(read("search=a+b&username=c").words.len(), 2);
        assert_eq!(read("search=a&username=c").fields, []);
        assert_eq!(read("search=*").words, []);
        assert_eq!(read("search=id:a+b").ids, Some(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn attributes_may_be_quoted() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let known = [
            ("plan:pro", vec![pair("plan", "pro")]),
            (
                "a:b:c  \"two words\":\"a value\" d:e",
                vec![pair("a", "b:c"), pair("two words", "a value"), pair("d", "e")],
            ),
            ("nothing here", vec![]),
            ("a:", vec![pair("a", "")]),
            ("\"open", vec![]),
        ];
        for (text, pairs) in known {
            assert_eq!(attributes(text), pairs, "{text}");
        }
    }

    #[test]
    fn a_moment_that_is_none_is_told() {
        let form = Form::parse(b"createdAfter=yesterday");
        assert_eq!(UserFilter::read(&form), Err(BadFilter::NotAMoment("createdAfter")));
    }

    #[test]
    fn too_many_terms_are_told() {
        let query = format!("search={}", "a+".repeat(MAX_TERMS + 1));
        assert_eq!(UserFilter::read(&Form::parse(query.as_bytes())), Err(BadFilter::TooManyTerms));
    }
}
