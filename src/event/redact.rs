//! Keeping secrets out of what is written down. Whoever tells of a change leaves
//! secrets out already; this is the last door before the trail, for those who
//! forget.
use serde_json::{Map, Value};

/// What stands in for a secret; Keycloak's.
const MASK: &str = "**********";

/// Members that hold secrets in representations of Keycloak's and Phase Two's.
/// In the configuration of a component, their values are lists.
const SECRETS: &[&str] = &[
    "bindCredential",
    "clientSecret",
    "client_secret",
    "codeSecret",
    "keyPassword",
    "keystorePassword",
    "password",
    "privateKey",
    "registrationAccessToken",
    "secret",
    "secretData",
    "sharedSecret",
    "shared_secret",
];

/// Members that are nothing but secrets: Keycloak leaves them out as well.
const LEFT_OUT: &[&str] = &["credentials"];

/// `value` without the secrets that its members are named for.
#[must_use]
pub fn redacted(value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(redacted).collect(),
        Value::Object(members) => Value::Object(members.into_iter().filter_map(member).collect()),
        other => other,
    }
}

fn member((name, value): (String, Value)) -> Option<(String, Value)> {
    if LEFT_OUT.contains(&name.as_str()) {
        return None;
    }
    let value = if SECRETS.contains(&name.as_str()) { masked(value) } else { redacted(value) };
    Some((name, value))
}

/// Hides every text, and tells all the same that there is one.
fn masked(value: Value) -> Value {
    match value {
        Value::String(_) | Value::Number(_) => MASK.into(),
        Value::Array(values) => values.into_iter().map(masked).collect(),
        Value::Object(members) => {
            let hidden = members.into_iter().map(|(name, value)| (name, masked(value)));
            Value::Object(hidden.collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_hidden_wherever_it_stands() {
        let told = redacted(json!({
            "secret": "a",
            "smtpServer": { "password": "b", "host": "mail" },
            "config": { "bindCredential": ["c"], "clientSecret": { "nested": "d" } },
            "list": [{ "shared_secret": "e", "secret": null, "password": 17 }],
            "credentials": [{ "type": "password", "value": "f" }],
        }));
        let expected = json!({
            "secret": MASK,
            "smtpServer": { "password": MASK, "host": "mail" },
            "config": { "bindCredential": [MASK], "clientSecret": { "nested": MASK } },
            "list": [{ "shared_secret": MASK, "secret": null, "password": MASK }],
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn what_only_sounds_like_a_secret_is_told() {
        let plain =
            json!({ "passwordPolicy": "length(8)", "name": "secret", "roles": ["password"] });
        assert_eq!(redacted(plain.clone()), plain);
    }
}
