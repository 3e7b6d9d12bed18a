//! What a provider tells of who signs in, and whether it is what a mapper looks for
//! (reference keycloak.md §6).
use crate::account::pattern::{BadPattern, Pattern};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a provider tells of who signs in.
#[derive(Clone, Debug)]
pub enum Told {
    /// The claims of OpenID Connect, or the profile of a social provider.
    Claims(Map<String, Value>),
    /// An assertion of SAML.
    Assertion {
        /// The subject's name.
        name_id: String,
        /// What is said about them.
        attributes: Vec<Attribute>,
    },
}

/// An attribute of an assertion.
#[derive(Clone, Debug, Default)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub friendly_name: Option<String>,
    /// Its values.
    pub values: Vec<String>,
}

impl Told {
    /// The values that `name` has: of claims, the place to which dots lead (`\.` is a dot
    /// itself); of an assertion, the attribute of that name or friendly name.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<String> {
        match self {
            Self::Claims(claims) => claim(claims, name).map(values_of).unwrap_or_default(),
            Self::Assertion { attributes, .. } => attributes
                .iter()
                .filter(|one| one.name == name || one.friendly_name.as_deref() == Some(name))
                .flat_map(|one| one.values.iter().cloned())
                .collect(),
        }
    }

    /// Whether a list of roles, as Keycloak's tokens have them, holds `role`: one of the
    /// realm's, or `client.role`.
    #[must_use]
    pub fn has_keycloak_role(&self, role: &str) -> bool {
        let Self::Claims(claims) = self else { return false };
        let holds = |list: Option<&Value>, role: &str| {
            list.and_then(|held| held.get("roles"))
                .and_then(Value::as_array)
                .is_some_and(|roles| roles.iter().any(|one| one.as_str() == Some(role)))
        };
        let of_client = |(dot, _)| {
            let (client, role) = (role.get(..dot), role.get(dot + 1..));
            client.zip(role).is_some_and(|(client, role)| {
                holds(claims.get("resource_access").and_then(|all| all.get(client)), role)
            })
        };
        holds(claims.get("realm_access"), role) || role.match_indices('.').any(of_client)
    }
}

/// What is at the place called `path`; a number leads into a list.
fn claim<'a>(claims: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let names = split(path);
    let (first, deeper) = names.split_first()?;
    deeper.iter().try_fold(claims.get(first)?, |at, name| match at {
        Value::Array(list) => list.get(name.parse::<usize>().ok()?),
        at => at.as_object()?.get(name),
    })
}

/// The names between dots. Of backslashes only `\.` means something.
fn split(path: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '.' => {
                names.push(String::new());
                continue;
            }
            '\\' if letters.next_if_eq(&'.').is_some() => '.',
            letter => letter,
        };
        if let Some(name) = names.last_mut() {
            name.push(letter);
        }
    }
    names
}

fn values_of(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(values_of).collect(),
        other => vec![other.to_string()],
    }
}

/// Something that must have been told.
#[derive(Clone, Debug)]
pub struct Condition {
    key: String,
    wanted: Wanted,
}

#[derive(Clone, Debug)]
enum Wanted {
    Text(String),
    Pattern(Pattern),
}

/// Why conditions cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadConditions {
    /// Not what Keycloak writes.
    #[error("it must be a JSON array of objects with key and value")]
    Malformed,
    /// Everybody would meet them.
    #[error("it must not be empty")]
    Empty,
    /// One of the values is no regular expression of ours.
    #[error(transparent)]
    Pattern(#[from] BadPattern),
}

#[derive(Deserialize)]
struct Pair {
    key: String,
    value: String,
}

impl Condition {
    /// That `key` has the value `text`.
    #[must_use]
    pub fn is(key: &str, text: &str) -> Self {
        Self { key: key.to_owned(), wanted: Wanted::Text(text.to_owned()) }
    }

    /// Reads `[{"key": ..., "value": ...}]`. Without any, which Keycloak takes for
    /// "everybody", we refuse: a hardcoded mapper says that.
    ///
    /// # Errors
    /// As [`BadConditions`] says.
    pub fn read_all(text: &str, regex: bool) -> Result<Vec<Self>, BadConditions> {
        let pairs: Vec<Pair> = serde_json::from_str(text).map_err(|_| BadConditions::Malformed)?;
        if pairs.is_empty() {
            return Err(BadConditions::Empty);
        }
        let read = |Pair { key, value }| {
            let wanted =
                if regex { Wanted::Pattern(Pattern::read(&value)?) } else { Wanted::Text(value) };
            Ok(Self { key, wanted })
        };
        pairs.into_iter().map(read).collect()
    }

    /// Whether one of the values that were told is the one.
    #[must_use]
    pub fn is_met(&self, told: &Told) -> bool {
        told.values(&self.key).iter().any(|value| match &self.wanted {
            Wanted::Text(text) => value == text,
            Wanted::Pattern(pattern) => pattern.matches(value),
        })
    }

    /// The claim that it is about.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: &Value) -> Told {
        Told::Claims(value.as_object().unwrap().clone())
    }

    #[test]
    fn dots_lead_into_objects_unless_they_are_escaped() {
        let told = claims(&json!({
            "a": { "b": { "c": "deep" }, "n": 7, "no": null },
            "https://app.example/team": ["x", "y"],
            "a.b": "flat",
            "on": true,
        }));
        let cases: [(&str, &[&str]); 9] = [
            ("a.b.c", &["deep"]),
            ("a.n", &["7"]),
            ("a.no", &[]),
            (r"https://app\.example/team", &["x", "y"]),
            (r"a\.b", &["flat"]),
            ("on", &["true"]),
            ("a.b.c.d", &[]),
            ("", &[]),
            ("a..b", &[]),
        ];
        for (name, values) in cases {
            assert_eq!(told.values(name), values, "{name}");
        }
    }

    #[test]
    fn attributes_have_two_names() {
        let told = Told::Assertion {
            name_id: "ann".to_owned(),
            attributes: vec![Attribute {
                name: "urn:oid:1".to_owned(),
                friendly_name: Some("team.name".to_owned()),
                values: vec!["x".to_owned(), "y".to_owned()],
            }],
        };
        assert_eq!(told.values("urn:oid:1"), ["x", "y"]);
        assert_eq!(told.values("team.name"), ["x", "y"]);
        assert!(told.values("team").is_empty());
    }

    #[test]
    fn a_regular_expression_means_the_whole_value() {
        let told = claims(&json!({ "team": ["rafting-north", "office"] }));
        let met = |value: &str, regex: bool| {
            let text = json!([{ "key": "team", "value": value }]).to_string();
            Condition::read_all(&text, regex).unwrap().iter().all(|one| one.is_met(&told))
        };
        assert!(met("rafting-.*", true) && met("office", false) && met("office", true));
        assert!(!met("rafting", true) && !met("rafting-.*", false));
    }

    #[test]
    fn conditions_that_are_none_are_refused() {
        for text in ["nonsense", "{}", r#"[{"key":"a"}]"#, "[1]", ""] {
            assert_eq!(Condition::read_all(text, false).unwrap_err(), BadConditions::Malformed);
        }
        assert_eq!(Condition::read_all("[]", false).unwrap_err(), BadConditions::Empty);
        let bad = Condition::read_all(r#"[{"key":"a","value":"("}]"#, true).unwrap_err();
        assert!(matches!(bad, BadConditions::Pattern(_)));
    }

    #[test]
    fn roles_of_keycloak_are_the_realms_or_a_clients() {
        let told = claims(&json!({
            "realm_access": { "roles": ["pilot"] },
            "resource_access": { "my.app": { "roles": ["reader"] } },
        }));
        assert!(told.has_keycloak_role("pilot") && told.has_keycloak_role("my.app.reader"));
        for role in ["reader", "app.reader", "my.app.", "my.app.pilot", ""] {
            assert!(!told.has_keycloak_role(role), "{role}");
        }
    }
}
