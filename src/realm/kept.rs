//! Fields of Keycloak's representations that nothing here acts on. They are kept
//! as they were written, so that a program that reads a realm or a client, changes
//! something and writes it back finds what it wrote.
use serde_json::{Map, Value};

/// The fields that are kept, by name.
pub type Kept = Map<String, Value>;

/// The most that is kept of one realm or client, in bytes of JSON: far above any
/// configuration that means something, and a small part of a row.
pub const MAX_KEPT_BYTES: usize = 64 * 1024;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
}

impl Kind {
    fn is_of(self, value: &Value) -> bool {
        match self {
            Self::Flag => value.is_boolean(),
            Self::Number => value.is_i64(),
            Self::Text => value.is_string(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
        }
    }
}

/// A field that is kept.
pub type Field = (&'static str, Kind);

/// Why a field cannot be kept.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadField {
    /// The representation has no such field.
    #[error("Unrecognized field \"{0}\"")]
    Unknown(String),
    /// It holds something else.
    #[error("{0} is of the wrong type")]
    Type(String),
    /// Together they are too long.
    #[error("the fields that are kept without effect have more than {MAX_KEPT_BYTES} bytes")]
    TooLong,
}

/// Keeps what `given` holds of `fields`; what it does not name stays, `null`
/// forgets.
///
/// # Errors
/// As [`BadField`] says; then nothing has changed.
pub fn keep(kept: &Kept, given: Kept, fields: &[Field]) -> Result<Kept, BadField> {
    let mut kept = kept.clone();
    for (name, value) in given {
        let Some((_, kind)) = fields.iter().find(|(known, _)| *known == name) else {
            return Err(BadField::Unknown(name));
        };
        if value.is_null() {
            kept.remove(&name);
        } else if kind.is_of(&value) {
            kept.insert(name, value);
        } else {
            return Err(BadField::Type(name));
        }
    }
    let bytes = serde_json::to_vec(&kept).map_or(usize::MAX, |json| json.len());
    if bytes > MAX_KEPT_BYTES { Err(BadField::TooLong) } else { Ok(kept) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FIELDS: &[Field] = &[("loginTheme", Kind::Text), ("rememberMe", Kind::Flag)];

    fn object(value: &Value) -> Kept {
        value.as_object().unwrap().clone()
    }

    fn keep_given(given: &Value) -> Result<Kept, BadField> {
        keep(&object(&json!({ "loginTheme": "blue" })), object(given), FIELDS)
    }

    #[test]
    fn what_is_given_is_kept_and_the_rest_stays() {
        let kept = keep_given(&json!({ "rememberMe": true })).unwrap();
        assert_eq!(kept, object(&json!({ "loginTheme": "blue", "rememberMe": true })));
        assert_eq!(keep_given(&json!({ "loginTheme": null })).unwrap(), Kept::new());
    }

    #[test]
    fn what_is_unknown_of_another_type_or_too_long_is_refused() {
        let unknown = keep_given(&json!({ "loginTehme": "red" }));
        assert_eq!(unknown, Err(BadField::Unknown("loginTehme".to_owned())));
        let typed = keep_given(&json!({ "rememberMe": "yes" }));
        assert_eq!(typed, Err(BadField::Type("rememberMe".to_owned())));
        let long = keep_given(&json!({ "loginTheme": "x".repeat(MAX_KEPT_BYTES) }));
        assert_eq!(long, Err(BadField::TooLong));
    }
}
