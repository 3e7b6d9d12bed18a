//! What protocol mappers have in common (reference keycloak.md §4.5, §4.6): where
//! a value goes, of which type it is, and which tokens show it.
use crate::realm::protocol_mapper::ProtocolMapper;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The claim of an access token that names what userinfo was asked to tell besides
/// its scope (OIDC Core §5.5): a list of names, and ours to read alone.
pub const USERINFO_CLAIMS: &str = "userinfo_claims";

/// Claims that say what a token is. No mapper writes them by name; those that
/// exist to do so (`sub`, `aud`, `auth_time`, `nonce`) have a way of their own.
pub const PROTECTED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "typ",
    "azp",
    "sid",
    "session_state",
    "scope",
    "nonce",
    "auth_time",
    "at_hash",
    "c_hash",
    "s_hash",
    "cnf",
    "act",
    "may_act",
    "events",
    USERINFO_CLAIMS,
];

/// Most names in the path of a claim; deeper ones are not written. Readers of
/// JSON give up at 128 levels, those of claims long before.
pub const MAX_CLAIM_DEPTH: usize = 16;

/// What is written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// The access token.
    Access,
    /// The ID token.
    Id,
    /// The answer of the userinfo endpoint.
    Userinfo,
    /// The answer of the introspection endpoint.
    Introspection,
}

/// What mappers have said.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The claims.
    pub claims: Map<String, Value>,
    /// What they add to `aud`.
    pub audience: BTreeSet<String>,
}

impl Said {
    /// Writes a claim, or adds to the list that is there when both are lists. The
    /// parts of a path that are no objects stay as they are.
    pub fn put(&mut self, path: &[String], value: Value) {
        let is_protected = path.first().is_none_or(|name| PROTECTED.contains(&name.as_str()));
        if !is_protected {
            put(&mut self.claims, path, value);
        }
    }

    /// The claim at `path`.
    pub fn at(&mut self, path: &[String]) -> Option<&mut Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.claims.get_mut(first)?, |value, name| value.get_mut(name))
    }
}

fn put(object: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((name, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        match (object.get_mut(name), value) {
            (Some(Value::Array(list)), Value::Array(more)) => {
                for one in more {
                    if !list.contains(&one) {
                        list.push(one);
                    }
                }
            }
            (_, value) => {
                object.insert(name.clone(), value);
            }
        }
        return;
    }
    let inner = object.entry(name.clone()).or_insert_with(|| json!({}));
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// A mapper's name and what it is told.
#[derive(Clone, Copy, Debug)]
pub struct Config<'a> {
    /// The mapper's name.
    pub name: &'a str,
    config: &'a BTreeMap<String, String>,
}

impl<'a> Config<'a> {
    /// Of that mapper.
    #[must_use]
    pub const fn of(mapper: &'a ProtocolMapper) -> Self {
        Self { name: mapper.name.as_str(), config: &mapper.config }
    }

    /// What it is told of `key`; nothing is as good as not being told.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.config.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether `key` is switched on; `default` when nothing is said.
    #[must_use]
    pub fn is_on(&self, key: &str, default: bool) -> bool {
        self.get(key).map_or(default, |value| value == "true")
    }

    /// Whether what it says belongs on `paper`. Userinfo follows the ID token and
    /// introspection the access token when nothing is said of them; `default` is
    /// what an access token without a word on it gets.
    #[must_use]
    pub fn is_shown(&self, paper: Paper, is_lightweight: bool, default: bool) -> bool {
        match paper {
            Paper::Access if is_lightweight => self.is_on("lightweight.claim", false),
            Paper::Access => self.is_on("access.token.claim", default),
            Paper::Id => self.is_on("id.token.claim", false),
            Paper::Userinfo => {
                self.is_on("userinfo.token.claim", self.is_on("id.token.claim", false))
            }
            Paper::Introspection => {
                self.is_on("introspection.token.claim", self.is_on("access.token.claim", default))
            }
        }
    }

    /// Where the value goes: `claim.name`, or else `default`. Empty when nowhere.
    #[must_use]
    pub fn path(&self, default: &str) -> Vec<String> {
        let path = split_path(self.get("claim.name").unwrap_or(default));
        if path.len() > MAX_CLAIM_DEPTH { Vec::new() } else { path }
    }

    /// The values as the claim has them: a list when `multivalued`, else the first,
    /// each of the type `jsonType.label`. What is not of that type is left out.
    #[must_use]
    pub fn shape<T: AsRef<str>>(&self, values: &[T]) -> Option<Value> {
        let mut typed = values.iter().map(|text| self.typed(text.as_ref()));
        if !self.is_on("multivalued", false) {
            return typed.next().flatten();
        }
        let list: Vec<Value> = typed.flatten().collect();
        (!list.is_empty()).then_some(Value::Array(list))
    }

    fn typed(&self, text: &str) -> Option<Value> {
        match self.get("jsonType.label") {
            Some("boolean") => Some(json!(text.eq_ignore_ascii_case("true"))),
            Some("long") => text.trim().parse::<i64>().ok().map(Value::from),
            Some("int") => text.trim().parse::<i32>().ok().map(Value::from),
            Some("JSON") => serde_json::from_str(text).ok(),
            _ => Some(json!(text)),
        }
    }
}

/// The names between dots. A backslash takes the meaning from what follows.
#[must_use]
pub fn split_path(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '.' => {
                names.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        };
        if let Some(name) = names.last_mut() {
            name.push(letter);
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapper(config: &[(&str, &str)]) -> ProtocolMapper {
        ProtocolMapper {
            id: "m".parse().unwrap(),
            name: "m".to_owned(),
            protocol: "openid-connect".to_owned(),
            mapper: "any".to_owned(),
            config: config.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        }
    }

    #[test]
    fn dots_nest_and_a_backslash_escapes() {
        let paths: [(&str, &[&str]); 8] = [
            ("a", &["a"]),
            ("a.b.c", &["a", "b", "c"]),
            (r"https://app\.example/roles", &["https://app.example/roles"]),
            (r"a\\.b", &[r"a\", "b"]),
            (r"a\b", &["ab"]),
            ("a..b.", &["a", "b"]),
            ("", &[]),
            (r"a\", &[r"a\"]),
        ];
        for (text, path) in paths {
            assert_eq!(split_path(text), path, "{text}");
        }
    }

    #[test]
    fn values_are_of_the_type_that_is_asked() {
        let shaped = |kind: &str, many: &str, values: &[&str]| {
            let mapper = mapper(&[("jsonType.label", kind), ("multivalued", many)]);
            Config::of(&mapper).shape(values).unwrap_or(Value::Null)
        };
        let cases: [(&str, &str, &[&str], Value); 16] = [
            ("String", "", &["7", "8"], json!("7")),
            ("", "", &["7"], json!("7")),
            ("String", "true", &["7", "8"], json!(["7", "8"])),
            ("String", "true", &["7"], json!(["7"])),
            ("String", "true", &[], Value::Null),
            ("String", "", &[], Value::Null),
            ("long", "", &["9007199254740993"], json!(9_007_199_254_740_993_i64)),
            ("long", "true", &["1", "x", "2"], json!([1, 2])),
            ("long", "", &["x"], Value::Null),
            ("int", "", &["2147483647"], json!(2_147_483_647)),
            ("int", "", &["2147483648"], Value::Null),
            ("boolean", "", &["TRUE"], json!(true)),
            ("boolean", "", &["yes"], json!(false)),
            ("JSON", "", &[r#"{"a":[1]}"#], json!({ "a": [1] })),
            ("JSON", "", &["{"], Value::Null),
            ("JSON", "true", &["1", "[2]"], json!([1, [2]])),
        ];
        for (kind, many, values, expected) in cases {
            assert_eq!(shaped(kind, many, values), expected, "{kind} {many} {values:?}");
        }
    }

    #[test]
    fn each_paper_shows_what_it_is_told_to() {
        let shown = |config: &[(&str, &str)], default: bool| {
            let mapper = mapper(config);
            let papers = [Paper::Access, Paper::Id, Paper::Userinfo, Paper::Introspection];
            papers.map(|paper| Config::of(&mapper).is_shown(paper, false, default))
        };
        assert_eq!(shown(&[], false), [false; 4]);
        assert_eq!(shown(&[], true), [true, false, false, true]);
        assert_eq!(shown(&[("access.token.claim", "true")], false), [true, false, false, true]);
        assert_eq!(shown(&[("id.token.claim", "true")], false), [false, true, true, false]);
        let but_not_userinfo = [("id.token.claim", "true"), ("userinfo.token.claim", "false")];
        assert_eq!(shown(&but_not_userinfo, false), [false, true, false, false]);
        let only = [("introspection.token.claim", "true"), ("access.token.claim", "false")];
        assert_eq!(shown(&only, true), [false, false, false, true]);
        let light = mapper(&[("lightweight.claim", "true")]);
        assert!(Config::of(&light).is_shown(Paper::Access, true, false));
        assert!(!Config::of(&light).is_shown(Paper::Access, false, false));
    }

    #[test]
    fn lists_grow_and_what_is_no_object_stays() {
        let mut said = Said::default();
        let mut put = |path: &str, value: Value| said.put(&split_path(path), value);
        put("a.list", json!(["x"]));
        put("a.list", json!(["x", "y"]));
        put("a.list.deeper", json!(1));
        put("text", json!("one"));
        put("text", json!("two"));
        put("", json!("nowhere"));
        assert_eq!(json!(said.claims), json!({ "a": { "list": ["x", "y"] }, "text": "two" }));
    }

    #[test]
    fn no_mapper_writes_what_a_token_is() {
        let mut said = Said::default();
        for name in PROTECTED {
            said.put(&split_path(name), json!("forged"));
            said.put(&split_path(&format!("{name}.deeper")), json!("forged"));
        }
        assert!(said.claims.is_empty(), "{said:?}");
        let deep = mapper(&[("claim.name", &vec!["x"; MAX_CLAIM_DEPTH + 1].join("."))]);
        assert!(Config::of(&deep).path("").is_empty());
        let deepest = mapper(&[("claim.name", &vec!["x"; MAX_CLAIM_DEPTH].join("."))]);
        assert_eq!(Config::of(&deepest).path("").len(), MAX_CLAIM_DEPTH);
    }
}
