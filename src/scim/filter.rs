//! Which users a list asks for (RFC 7644 §3.4.2.2).
use super::error::Refusal;
use super::expression::{Comparison, Place, Term, parse_filter};
use serde_json::Value;

/// One condition on a user. Every one but `Active` is answered from an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `id eq`.
    Id(String),
    /// `userName eq`, without regard to case; folded.
    UserName(String),
    /// `externalId eq`, exactly.
    ExternalId(String),
    /// An e-mail address, without regard to case; folded. With its type, if the
    /// filter names one.
    Email {
        /// The address.
        value: String,
        /// `work`, `home`, ...
        kind: Option<String>,
    },
    /// `active eq`.
    Active(bool),
}

/// Conditions that must all hold; none: every user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(pub Vec<Condition>);

impl Filter {
    /// Reads the parameter `filter`.
    ///
    /// # Errors
    /// `Filter` for everything beyond equality of `id`, `userName`, `externalId`,
    /// `emails` and `active`, joined by `and`.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let terms = parse_filter(text).map_err(|error| Refusal::Filter(error.to_string()))?;
        terms.iter().map(condition).collect::<Result<Vec<_>, Refusal>>().map(Self)
    }
}

fn condition(term: &Term) -> Result<Condition, Refusal> {
    match term {
        Term::Equals(place, literal) => equality(place, literal),
        Term::Has(place) => has(place),
    }
    .ok_or_else(|| {
        let known = "equality of id, userName, externalId, emails and active, joined by and";
        Refusal::Filter(format!("this server filters by {known}"))
    })
}

fn equality(place: &Place, literal: &Value) -> Option<Condition> {
    let attribute = &place.attribute;
    if attribute.enterprise {
        return None;
    }
    let name = attribute.name.to_ascii_lowercase();
    let sub = attribute.sub.as_deref().map(str::to_ascii_lowercase);
    match (name.as_str(), sub.as_deref(), &place.selector) {
        ("id", None, None) => Some(Condition::Id(text(literal)?)),
        ("username", None, None) => Some(Condition::UserName(folded(literal)?)),
        ("externalid", None, None) => Some(Condition::ExternalId(text(literal)?)),
        ("active", None, None) => Some(Condition::Active(truth(literal)?)),
        // RFC 7644 §3.4.2.2: `emails eq` compares the sub-attribute `value`.
        ("emails", None | Some("value"), None) => email(literal, None),
        ("emails", Some("value"), Some(selector)) => match selector.as_slice() {
            [only] if is_sub(only, "type") => email(literal, Some(folded(&only.literal)?)),
            _ => None,
        },
        _ => None,
    }
}

fn has(place: &Place) -> Option<Condition> {
    let name = &place.attribute.name;
    if place.attribute.enterprise || !name.eq_ignore_ascii_case("emails") {
        return None;
    }
    match place.selector.as_deref()? {
        [value] if is_sub(value, "value") => email(&value.literal, None),
        [kind, value] | [value, kind] if is_sub(value, "value") && is_sub(kind, "type") => {
            email(&value.literal, Some(folded(&kind.literal)?))
        }
        _ => None,
    }
}

fn is_sub(comparison: &Comparison, name: &str) -> bool {
    let attribute = &comparison.attribute;
    !attribute.enterprise && attribute.sub.is_none() && attribute.name.eq_ignore_ascii_case(name)
}

fn email(literal: &Value, kind: Option<String>) -> Option<Condition> {
    Some(Condition::Email { value: folded(literal)?, kind })
}

fn text(literal: &Value) -> Option<String> {
    literal.as_str().map(str::to_owned)
}

fn folded(literal: &Value) -> Option<String> {
    literal.as_str().map(str::to_lowercase)
}

/// Entra compares booleans with strings: `active eq "True"`.
fn truth(literal: &Value) -> Option<bool> {
    match literal {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_that_providers_send_are_understood() {
        let email = |kind: Option<&str>| Condition::Email {
            value: "ann@x.example".to_owned(),
            kind: kind.map(str::to_owned),
        };
        let known = [
            (r#"userName eq "Ann""#, Condition::UserName("ann".to_owned())),
            (r#"USERNAME Eq "Ann""#, Condition::UserName("ann".to_owned())),
            (
                r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "Ann""#,
                Condition::UserName("ann".to_owned()),
            ),
            (r#"externalId eq "Ann""#, Condition::ExternalId("Ann".to_owned())),
            (r#"id eq "1""#, Condition::Id("1".to_owned())),
            ("active eq true", Condition::Active(true)),
            (r#"active eq "False""#, Condition::Active(false)),
            (r#"emails.value eq "Ann@x.example""#, email(None)),
            (r#"emails eq "Ann@x.example""#, email(None)),
            (r#"emails[value eq "Ann@x.example"]"#, email(None)),
            (r#"emails[type eq "Work"].value eq "Ann@x.example""#, email(Some("work"))),
            (r#"emails[type eq "work" and value eq "Ann@x.example"]"#, email(Some("work"))),
        ];
        for (text, condition) in known {
            assert_eq!(Filter::read(text).unwrap(), Filter(vec![condition]), "{text}");
        }
        assert_eq!(Filter::read(r#"userName eq "a" and active eq true"#).unwrap().0.len(), 2);
    }

    #[test]
    fn every_other_filter_is_refused_rather_than_answered_wrongly() {
        let refused = [
            r#"title eq "Guide""#,
            r#"userName sw "a""#,
            "userName pr",
            "userName eq true",
            r#"active eq "yes""#,
            r#"name.familyName eq "x""#,
            r#"emails.type eq "work""#,
            r#"emails[primary eq true].value eq "x""#,
            r#"userName eq "a" or userName eq "b""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:userName eq "a""#,
        ];
        for text in refused {
            assert!(matches!(Filter::read(text), Err(Refusal::Filter(_))), "{text}");
        }
    }
}
