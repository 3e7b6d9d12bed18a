//! What may stand in a field of the profile: Keycloak's validators, as far as we
//! have them. One that we do not have cannot be configured, so none is passed
//! over.
use super::pattern::Pattern;
use crate::kernel::email::EmailAddress;
use serde_json::{Map, Value, json};

/// A check of the values of one field.
#[derive(Clone, Debug)]
pub enum Validator {
    /// How long a value is, in characters.
    Length(Bounds<u64>, Trim),
    /// What a value looks like; what is said when it does not.
    Pattern(Pattern, String, Option<String>),
    /// An address.
    Email,
    /// One of these.
    Options(Vec<String>),
    /// A whole number.
    Integer(Bounds<i64>),
    /// A number.
    Double(Bounds<f64>),
    /// A web address.
    Uri,
    /// A day, `yyyy-MM-dd`.
    IsoDate,
    /// How many values there are.
    Multivalued(Bounds<u64>),
    /// No character that people's names do not have.
    PersonName,
    /// No character that makes trouble in a username.
    Username,
    /// No letter that looks like a Latin one and is none.
    NoHomograph,
}

/// What a number must lie between, both included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds<T> {
    /// The least.
    pub min: Option<T>,
    /// The most.
    pub max: Option<T>,
}

impl<T: PartialOrd> Bounds<T> {
    fn hold(&self, number: &T) -> bool {
        self.min.as_ref().is_none_or(|min| number >= min)
            && self.max.as_ref().is_none_or(|max| number <= max)
    }
}

impl<T: Copy + Into<Value>> Bounds<T> {
    fn params(&self) -> Vec<Value> {
        [self.min, self.max]
            .into_iter()
            .map(|bound| bound.map_or(Value::Null, Into::into))
            .collect()
    }
}

/// Whether space around a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trim {
    /// It does not.
    Around,
    /// It does.
    Nothing,
}

/// What is wrong with a value: Keycloak's key, and what it speaks of.
pub type Fault = (String, Vec<Value>);

impl Validator {
    /// The validator `id` with this configuration.
    ///
    /// # Errors
    /// Why there is none, for the administrator.
    pub fn read(id: &str, config: &Map<String, Value>) -> Result<Self, String> {
        match id {
            "length" => {
                let trims =
                    config.get("trim-disabled").and_then(text_of).as_deref() != Some("true");
                let trim = if trims { Trim::Around } else { Trim::Nothing };
                Ok(Self::Length(bounds(config, |text| text.parse().ok())?, trim))
            }
            "pattern" => {
                let source = config.get("pattern").and_then(Value::as_str);
                let source = source.ok_or_else(|| "pattern is missing".to_owned())?;
                let pattern = Pattern::read(source).map_err(|error| error.to_string())?;
                let message = config.get("error-message").and_then(Value::as_str);
                let message = message.filter(|text| !text.is_empty()).map(str::to_owned);
                Ok(Self::Pattern(pattern, source.to_owned(), message))
            }
            "options" => {
                let options = config.get("options").and_then(Value::as_array);
                let options: Option<Vec<String>> =
                    options.map(|list| list.iter().filter_map(text_of).collect());
                options.map(Self::Options).ok_or_else(|| "options is no list".to_owned())
            }
            "integer" => Ok(Self::Integer(bounds(config, |text| text.parse().ok())?)),
            "double" => {
                let finite =
                    |text: &str| text.parse().ok().filter(|number: &f64| number.is_finite());
                Ok(Self::Double(bounds(config, finite)?))
            }
            "multivalued" => Ok(Self::Multivalued(bounds(config, |text| text.parse().ok())?)),
            "email" => Ok(Self::Email),
            "uri" => Ok(Self::Uri),
            "iso-date" => Ok(Self::IsoDate),
            "person-name-prohibited-characters" => Ok(Self::PersonName),
            "username-prohibited-characters" => Ok(Self::Username),
            "up-username-not-idn-homograph" => Ok(Self::NoHomograph),
            _ => Err("there is no such validator here".to_owned()),
        }
    }

    /// What is wrong with `values`; an empty one is nothing that could be wrong.
    #[must_use]
    pub fn check(&self, values: &[String]) -> Option<Fault> {
        if let Self::Multivalued(bounds) = self {
            let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
            let is_fine = bounds.hold(&count);
            return (!is_fine)
                .then(|| ("error-invalid-multivalued-size".to_owned(), bounds.params()));
        }
        values.iter().filter(|value| !value.is_empty()).find_map(|value| self.check_one(value))
    }

    fn check_one(&self, value: &str) -> Option<Fault> {
        let fault = |message: &str| Some((message.to_owned(), Vec::new()));
        let unless = |is_fine: bool, message| if is_fine { None } else { fault(message) };
        match self {
            Self::Length(bounds, trim) => check_length(value, *bounds, *trim),
            Self::Pattern(pattern, source, message) => (!pattern.matches(value)).then(|| {
                let told = message.as_deref().unwrap_or("error-pattern-no-match");
                (told.to_owned(), vec![json!(source)])
            }),
            Self::Email => unless(value.parse::<EmailAddress>().is_ok(), "error-invalid-email"),
            Self::Options(options) => {
                unless(options.iter().any(|option| option == value), "error-invalid-value")
            }
            Self::Integer(bounds) => check_number(value.trim().parse().ok(), bounds),
            Self::Double(bounds) => {
                let number = value.trim().parse().ok();
                check_number(number.filter(|number: &f64| number.is_finite()), bounds)
            }
            Self::Uri => check_uri(value),
            Self::IsoDate => unless(is_iso_date(value), "error-invalid-date"),
            Self::PersonName => unless(
                !value.chars().any(|c| is_odd(c) || matches!(c, '"' | '$' | '#' | ',')),
                "error-person-name-invalid-character",
            ),
            Self::Username => unless(
                !value.chars().any(|c| is_odd(c) || c.is_whitespace() || "\"'$#,:`".contains(c)),
                "error-username-invalid-character",
            ),
            Self::NoHomograph => {
                unless(!value.chars().any(is_foreign), "error-username-invalid-character")
            }
            Self::Multivalued(_) => None,
        }
    }
}

fn check_length(value: &str, bounds: Bounds<u64>, trim: Trim) -> Option<Fault> {
    let measured = if trim == Trim::Around { value.trim() } else { value };
    let chars = u64::try_from(measured.chars().count()).unwrap_or(u64::MAX);
    if bounds.hold(&chars) {
        return None;
    }
    let message = match (bounds.min, bounds.max) {
        (Some(_), None) => "error-invalid-length-too-short",
        (None, Some(_)) => "error-invalid-length-too-long",
        _ => "error-invalid-length",
    };
    Some((message.to_owned(), bounds.params()))
}

fn check_number<T: PartialOrd + Copy + Into<Value>>(
    number: Option<T>,
    bounds: &Bounds<T>,
) -> Option<Fault> {
    let Some(number) = number else {
        return Some(("error-invalid-number".to_owned(), Vec::new()));
    };
    if bounds.hold(&number) {
        return None;
    }
    let message = match (bounds.min, bounds.max) {
        (Some(_), None) => "error-number-out-of-range-too-small",
        (None, Some(_)) => "error-number-out-of-range-too-big",
        _ => "error-number-out-of-range",
    };
    Some((message.to_owned(), bounds.params()))
}

fn check_uri(value: &str) -> Option<Fault> {
    let message = match url::Url::parse(value) {
        Err(_) => "error-invalid-uri",
        Ok(url) if !matches!(url.scheme(), "http" | "https") => "error-invalid-uri-scheme",
        Ok(_) => return None,
    };
    Some((message.to_owned(), Vec::new()))
}

/// A day that the calendar has (ISO 8601, the Gregorian rule for every year).
fn is_iso_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| -> Option<u32> {
        let is_whole = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| is_whole)
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// What neither a name nor a username holds.
fn is_odd(c: char) -> bool {
    c.is_control() || "<>&%!?§;*~/\\|^=[]{}()".contains(c)
}

/// A letter of another script than Latin.
fn is_foreign(c: char) -> bool {
    let is_latin = matches!(c, '\u{0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    c.is_alphabetic() && !is_latin
}

/// A value of a configuration: Terraform writes numbers as text.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn bounds<T: PartialOrd>(
    config: &Map<String, Value>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Bounds<T>, String> {
    let bound = |name: &str| match config.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match text_of(value).as_deref().map(str::trim) {
            Some("") => Ok(None),
            Some(text) => read(text).map(Some).ok_or_else(|| format!("{name} is no number")),
            None => Err(format!("{name} is no number")),
        },
    };
    let (min, max) = (bound("min")?, bound("max")?);
    match (&min, &max) {
        (Some(least), Some(most)) if least > most => Err("min is more than max".to_owned()),
        _ => Ok(Bounds { min, max }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(id: &str, config: &Value, value: &str) -> Option<String> {
        let validator = Validator::read(id, config.as_object().unwrap()).unwrap();
        validator.check(&[value.to_owned()]).map(|(message, _)| message)
    }

    #[test]
    fn each_validator_takes_and_refuses() {
        let known = [
            ("length", json!({ "min": 2, "max": "3" }), "äöü", "äöüß", "error-invalid-length"),
            ("length", json!({ "min": 2 }), " ab ", " a ", "error-invalid-length-too-short"),
            ("length", json!({ "max": 2 }), " ab ", "abc", "error-invalid-length-too-long"),
            (
                "length",
                json!({ "max": 2, "trim-disabled": true }),
                "ab",
                "ab ",
                "error-invalid-length-too-long",
            ),
            ("pattern", json!({ "pattern": "\\d+" }), "12", "1a", "error-pattern-no-match"),
            ("pattern", json!({ "pattern": "a", "error-message": "not-a" }), "a", "b", "not-a"),
            ("email", json!({}), "a@example.com", "a@", "error-invalid-email"),
            ("options", json!({ "options": ["a", "b"] }), "b", "c", "error-invalid-value"),
            ("integer", json!({}), "-7", "7.5", "error-invalid-number"),
            ("integer", json!({ "min": 1, "max": 9 }), "9", "10", "error-number-out-of-range"),
            ("integer", json!({ "min": "1" }), "1", "0", "error-number-out-of-range-too-small"),
            ("double", json!({ "max": 0.5 }), "0.5", "0.51", "error-number-out-of-range-too-big"),
            ("double", json!({}), "1e3", "NaN", "error-invalid-number"),
            ("uri", json!({}), "https://a.example/b", "a b", "error-invalid-uri"),
            ("uri", json!({}), "http://a", "ftp://a", "error-invalid-uri-scheme"),
            ("iso-date", json!({}), "2024-02-29", "2023-02-29", "error-invalid-date"),
            (
                "person-name-prohibited-characters",
                json!({}),
                "Ann-Marie O'Neil",
                "<b>",
                "error-person-name-invalid-character",
            ),
            (
                "username-prohibited-characters",
                json!({}),
                "ann.b-c@d",
                "a b",
                "error-username-invalid-character",
            ),
            (
                "up-username-not-idn-homograph",
                json!({}),
                "änn1",
                "\u{430}nn",
                "error-username-invalid-character",
            ),
        ];
        for (id, config, fine, bad, message) in known {
            assert_eq!(check(id, &config, fine), None, "{id} {config} {fine}");
            assert_eq!(check(id, &config, bad).as_deref(), Some(message), "{id} {config} {bad}");
            assert_eq!(check(id, &config, ""), None, "{id}: nothing is not wrong");
        }
    }

    #[test]
    fn values_are_counted() {
        let config = json!({ "min": 1, "max": 2 });
        let validator = Validator::read("multivalued", config.as_object().unwrap()).unwrap();
        let values = |count: usize| vec!["x".to_owned(); count];
        assert!(validator.check(&values(2)).is_none());
        for count in [0, 3] {
            let (message, params) = validator.check(&values(count)).unwrap();
            assert_eq!(message, "error-invalid-multivalued-size");
            assert_eq!(params, [json!(1), json!(2)]);
        }
    }

    #[test]
    fn days_that_the_calendar_does_not_have_are_none() {
        for day in ["2023-13-01", "2023-00-01", "2023-04-31", "1900-02-29", "23-04-01", "2023-4-1"]
        {
            assert!(!is_iso_date(day), "{day}");
        }
        assert!(is_iso_date("2000-02-29") && is_iso_date("1999-12-31"));
    }

    #[test]
    fn what_cannot_be_configured_is_told() {
        for (id, config) in [
            ("local-date", json!({})),
            ("anything", json!({})),
            ("length", json!({ "min": "x" })),
            ("length", json!({ "min": -1 })),
            ("length", json!({ "min": 3, "max": 2 })),
            ("integer", json!({ "max": [] })),
            ("double", json!({ "max": "inf" })),
            ("pattern", json!({})),
            ("pattern", json!({ "pattern": "(" })),
            ("options", json!({ "options": "a" })),
        ] {
            assert!(Validator::read(id, config.as_object().unwrap()).is_err(), "{id} {config}");
        }
    }
}
