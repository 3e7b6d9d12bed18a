//! An answer without what differs each time: ids, times, tokens, secrets. As
//! scripts/compare.mjs does it.
use crate::harness::world::BASE;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The id of nothing, which stays as it is.
pub const NOTHING: &str = "00000000-0000-4000-8000-000000000000";

/// Members of answers that differ each time.
const SECRETS: &[&str] = &[
    "secret",
    "kid",
    "publicKey",
    "certificate",
    "registrationAccessToken",
    "session_state",
    "sessionId",
    "record_value",
];

/// How bodies that cannot be read are told.
const UNREADABLE: &str = "Cannot parse the JSON";

/// How members that nothing has are told.
const UNRECOGNIZED: &str = "Unrecognized field \"";

/// Numbers above are moments: in 2017, in seconds.
const MOMENT: f64 = 1_500_000_000.0;

/// A kept text that is shorter may also stand somewhere by chance.
const SHORTEST: usize = 8;

/// Replaces what the realm's requests kept by its name, and the rest by its kind.
pub struct Normal<'a>(pub &'a BTreeMap<String, String>);

impl Normal<'_> {
    pub fn value(&self, value: &Value, unordered: bool) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Number(number) if number.as_f64().is_some_and(|it| it > MOMENT) => {
                Value::String("{time}".to_owned())
            }
            Value::Array(list) => self.list(list, unordered),
            Value::Object(members) => self.object(members, unordered),
            other => other.clone(),
        }
    }

    fn list(&self, list: &[Value], unordered: bool) -> Value {
        let mut list: Vec<_> = list.iter().map(|value| self.value(value, unordered)).collect();
        if unordered {
            list.sort_by_key(Value::to_string);
        }
        Value::Array(list)
    }

    fn object(&self, members: &Map<String, Value>, unordered: bool) -> Value {
        let of_secret = members.get("type").is_some_and(|kind| kind == "secret");
        let member = |(key, value): (&String, &Value)| {
            let secret = SECRETS.contains(&key.as_str()) || (of_secret && key == "value");
            let shown = match value {
                Value::String(text) if secret && !text.starts_with("**") => {
                    Value::String(format!("{{{key}}}"))
                }
                value => self.value(value, unordered),
            };
            (self.text(key), shown)
        };
        Value::Object(members.iter().map(member).collect())
    }

    pub fn text(&self, text: &str) -> String {
        // Ours goes on and says what it is.
        if text.starts_with(UNREADABLE) {
            return UNREADABLE.to_owned();
        }
        if let Some((_, rest)) = text.split_once(UNRECOGNIZED) {
            let name = rest.split('"').next().unwrap_or_default();
            return format!("{UNRECOGNIZED}{name}\"");
        }
        let mut kept: Vec<_> = self
            .0
            .iter()
            .filter(|(_, id)| id.as_str() != NOTHING && id.len() >= SHORTEST)
            .collect();
        kept.sort_by_key(|(_, id)| std::cmp::Reverse(id.len()));
        let named = kept
            .into_iter()
            .fold(text.to_owned(), |text, (name, id)| text.replace(id, &format!("{{{name}}}")));
        let placed = named.replace(BASE, "{base}");
        let rules = [("{token}", token as Finder), ("{time}", moment), ("{uuid}", uuid)];
        rules.into_iter().fold(placed, |text, (name, find)| replace(&text, name, find))
    }
}

/// How many bytes at the beginning of a text are one of its kind; none when 0.
type Finder = fn(&str) -> usize;

fn replace(text: &str, name: &str, find: Finder) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = find(rest);
        if length == 0 {
            replaced.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            replaced.push_str(name);
            rest = &rest[length..];
        }
    }
    replaced
}

fn uuid(text: &str) -> usize {
    let fits = like(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    if fits && !text.starts_with(NOTHING) { 36 } else { 0 }
}

/// `2027-01-15T08:00Z`, with or without seconds and their parts.
fn moment(text: &str) -> usize {
    const MINUTE: &str = "dddd-dd-ddTdd:dd";
    if !like(text, MINUTE) {
        return 0;
    }
    let end = text[MINUTE.len()..].find(|it: char| !(it.is_ascii_digit() || ":.".contains(it)));
    match end.map(|end| MINUTE.len() + end) {
        Some(end) if text[end..].starts_with('Z') => end + 1,
        _ => 0,
    }
}

/// A JWT.
fn token(text: &str) -> usize {
    if !text.starts_with("eyJ") {
        return 0;
    }
    let end = text
        .find(|it: char| !(it.is_ascii_alphanumeric() || "-_.".contains(it)))
        .unwrap_or(text.len());
    if text[..end].matches('.').count() == 2 { end } else { 0 }
}

/// Whether `text` begins like `pattern`: `x` is a hexadecimal digit, `d` a decimal one.
fn like(text: &str, pattern: &str) -> bool {
    text.len() >= pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(it, wanted)| match wanted {
            b'x' => it.is_ascii_digit() || (b'a'..=b'f').contains(&it),
            b'd' => it.is_ascii_digit(),
            wanted => it == wanted,
        })
}

#[test]
fn what_differs_each_time_is_replaced() {
    let kept = BTreeMap::from([("org".to_owned(), "observed-orgs".to_owned())]);
    let shown = |text| Normal(&kept).text(text);

    assert_eq!(shown("http://localhost:8787/realms/observed-orgs"), "{base}/realms/{org}");
    assert_eq!(shown("at 2027-01-15T08:00Z."), "at {time}.");
    assert_eq!(shown("2027-01-15T08:00:01.5Z"), "{time}");
    assert_eq!(shown("x 6b5c6a6e-0000-4000-8000-00000000abcd"), "x {uuid}");
    assert_eq!(shown(NOTHING), NOTHING);
    assert_eq!(shown("eyJhbGciOiJ.e30.c2ln, é"), "{token}, é");
}
