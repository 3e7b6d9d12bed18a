//! What is wrong with a field of a user's profile, in Keycloak's words: a key that
//! programs translate, and what it speaks of.
use serde::Serialize;
use serde_json::{Value, json};

/// A value that the realm's profile does not take (`ErrorRepresentation`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProfileFault {
    /// The field.
    pub field: String,
    /// Such as `error-user-attribute-required`.
    #[serde(rename = "errorMessage")]
    pub message: String,
    /// The field, and then what the message needs.
    pub params: Vec<Value>,
}

impl ProfileFault {
    /// A fault of `field`; `params` follow its name.
    #[must_use]
    pub fn new(field: &str, message: &str, params: Vec<Value>) -> Self {
        let params = std::iter::once(Value::from(field)).chain(params).collect();
        Self { field: field.to_owned(), message: message.to_owned(), params }
    }

    /// The body of an answer: one fault by itself, several in a list.
    #[must_use]
    pub fn body(faults: &[Self]) -> Value {
        match faults {
            [one] => json!(one),
            _ => json!({ "errors": faults }),
        }
    }
}
