//! What an organization's directory says about a person: the pushed resource,
//! reduced to what the schema knows, its values untouched.
use super::error::Refusal;
use super::moment;
use super::normal::truth;
use super::schema::{self, Attribute, ENTERPRISE_URN, Kind};
use super::shape::Shape;
use crate::web::json;
use serde_json::{Map, Value};

/// Largest resource, in bytes of JSON. Okta's and Entra's stay under 4 kB;
/// certificates and addresses fit; a photo belongs behind a URL.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

/// A user as pushed: canonical attribute names, no unassigned values, no `id`,
/// `meta`, `schemas`, password or anything else that the schema does not know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document(pub(super) Map<String, Value>);

/// An e-mail address of a document, as its directory wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Email<'a> {
    /// The address.
    pub value: &'a str,
    /// `work`, `home` or anything else; empty when not said.
    pub kind: &'a str,
}

impl Document {
    /// Reads a resource that a client sent with POST or PUT. Attributes that the
    /// schema does not know, or that only we write, are left out: identity providers
    /// send them freely.
    ///
    /// # Errors
    /// `Syntax` when it is not an object, `Value` when an attribute has another
    /// type, `TooLarge` above [`MAX_DOCUMENT_BYTES`].
    pub fn read(body: &[u8], shape: &Shape) -> Result<Self, Refusal> {
        let pushed: Map<String, Value> =
            json::read(body).map_err(|error| Refusal::Syntax(error.to_string()))?;
        Self::of(pushed, shape)
    }

    /// The same, of what has been read.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(pushed: Map<String, Value>, shape: &Shape) -> Result<Self, Refusal> {
        let mut document = Self::default();
        for (name, value) in pushed {
            document.take(&name, value, shape)?;
        }
        document.checked(shape)
    }

    /// Keeps a top-level member of a pushed resource, if the schema knows it.
    fn take(&mut self, name: &str, value: Value, shape: &Shape) -> Result<(), Refusal> {
        let (name, accepted) = if let Some(extension) = shape.extension(name) {
            (&extension.urn, accept_object(&extension.attributes, &extension.urn, value)?)
        } else if let Some(attribute) = shape.attribute(name).filter(|one| !one.is_read_only()) {
            (&attribute.name, accept(attribute, value)?)
        } else {
            return Ok(());
        };
        if let Some(value) = accepted {
            self.0.insert(name.to_string(), value);
        }
        Ok(())
    }

    /// This document, if it is one that may be stored.
    ///
    /// # Errors
    /// `Value` when something required is missing or blank or several values of a
    /// list are primary, `TooLarge` above [`MAX_DOCUMENT_BYTES`].
    pub fn checked(self, shape: &Shape) -> Result<Self, Refusal> {
        has_required(&shape.core.attributes, &self.0)?;
        for extension in &shape.extensions {
            if let Some(Value::Object(members)) = self.0.get(&*extension.urn) {
                has_required(&extension.attributes, members)?;
            }
        }
        has_one_primary(&self)?;
        is_small(&self)?;
        Ok(self)
    }

    /// `userName`, as pushed.
    #[must_use]
    pub fn user_name(&self) -> &str {
        self.text("userName").unwrap_or_default()
    }

    /// `externalId`, as pushed.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.text("externalId")
    }

    /// `active`, when the directory said.
    #[must_use]
    pub fn active(&self) -> Option<bool> {
        self.0.get("active").and_then(Value::as_bool)
    }

    /// This document with `active` as said, or else `otherwise`: the attribute is
    /// never unassigned, so leaving it out can neither lock out nor let in.
    #[must_use]
    pub fn with_active_or(mut self, otherwise: bool) -> Self {
        if self.active().is_none() {
            self.0.insert("active".to_owned(), Value::Bool(otherwise));
        }
        self
    }

    /// A part of `name`, such as `givenName`.
    #[must_use]
    pub fn name(&self, part: &str) -> Option<&str> {
        self.0.get("name")?.get(part)?.as_str()
    }

    /// Every e-mail address, the primary one first.
    #[must_use]
    pub fn emails(&self) -> Vec<Email<'_>> {
        let values = self.0.get("emails").and_then(Value::as_array);
        let mut values: Vec<&Value> = values.into_iter().flatten().collect();
        values.sort_by_key(|value| !is_primary(value));
        values
            .into_iter()
            .filter(|value| !text_of(value, "value").is_empty())
            .map(|value| Email { value: text_of(value, "value"), kind: text_of(value, "type") })
            .collect()
    }

    /// Whether the enterprise extension has a value.
    #[must_use]
    pub fn is_enterprise(&self) -> bool {
        self.0.contains_key(ENTERPRISE_URN)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }
}

fn text_of<'a>(value: &'a Value, part: &str) -> &'a str {
    value.get(part).and_then(Value::as_str).unwrap_or_default()
}

fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

fn has_required(table: &[Attribute], members: &Map<String, Value>) -> Result<(), Refusal> {
    let is_blank = |name: &str| match members.get(name) {
        Some(Value::String(text)) => text.trim().is_empty(),
        value => value.is_none(),
    };
    match table.iter().find(|attribute| attribute.required && is_blank(&attribute.name)) {
        Some(missing) => Err(Refusal::Value(format!("{} is required", missing.name))),
        None => Ok(()),
    }
}

/// RFC 7643 §2.4: `primary` "MUST appear no more than once" with `true`.
fn has_one_primary(document: &Document) -> Result<(), Refusal> {
    for (name, value) in &document.0 {
        let primaries = value.as_array().into_iter().flatten().filter(|value| is_primary(value));
        if primaries.count() > 1 {
            return Err(Refusal::Value(format!("{name} has more than one primary value")));
        }
    }
    Ok(())
}

fn is_small(document: &Document) -> Result<(), Refusal> {
    let length = serde_json::to_vec(&document.0).map_or(usize::MAX, |bytes| bytes.len());
    if length > MAX_DOCUMENT_BYTES { Err(Refusal::TooLarge) } else { Ok(()) }
}

/// `value` as a value of `attribute`; `None` when that leaves it unassigned
/// (RFC 7643 §2.5: null and the empty list).
///
/// # Errors
/// `Value` when it is of another type.
pub(super) fn accept(attribute: &Attribute, value: Value) -> Result<Option<Value>, Refusal> {
    if !attribute.multi_valued {
        return accept_one(attribute, value);
    }
    // Entra adds a single object where a list stands.
    let values = match value {
        Value::Array(values) => values,
        one => vec![one],
    };
    let mut accepted = Vec::with_capacity(values.len());
    for value in values {
        accepted.extend(accept_one(attribute, value)?);
    }
    Ok((!accepted.is_empty()).then_some(Value::Array(accepted)))
}

/// `value` as one value of `attribute`.
///
/// # Errors
/// As [`accept`].
pub(super) fn accept_one(attribute: &Attribute, value: Value) -> Result<Option<Value>, Refusal> {
    let wrong = |wanted| Err(Refusal::Value(format!("{} is not {wanted}", attribute.name)));
    match (&attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (Kind::Text | Kind::Reference | Kind::Binary, value @ Value::String(_))
        | (Kind::Decimal, value @ Value::Number(_)) => Ok(Some(value)),
        (Kind::Text | Kind::Reference | Kind::Binary, _) => wrong("a string"),
        // Entra sends "True" and "False" (tests/fixtures/entra/patch_disable.json).
        (Kind::Boolean, value) => match truth(&value) {
            Some(truth) => Ok(Some(Value::Bool(truth))),
            None => wrong("a boolean"),
        },
        (Kind::Decimal, _) => wrong("a number"),
        (Kind::Integer, value) if value.is_i64() => Ok(Some(value)),
        (Kind::Integer, _) => wrong("a whole number"),
        (Kind::Moment, Value::String(text)) if moment::parse(&text).is_some() => {
            Ok(Some(Value::String(text)))
        }
        (Kind::Moment, _) => wrong("a date and time"),
        // Entra sends a manager as a bare id.
        (Kind::Complex(subs), Value::String(text)) if schema::find(subs, "value").is_some() => {
            Ok(is_some_value(&text).then(|| serde_json::json!({ "value": text })))
        }
        // Or as a list of one.
        (Kind::Complex(_), Value::Array(mut values))
            if !attribute.multi_valued && values.len() == 1 =>
        {
            accept_one(attribute, values.remove(0))
        }
        (Kind::Complex(subs), value) => {
            let accepted = accept_object(subs, &attribute.name, value)?;
            // OneLogin empties a manager by parts.
            Ok(accepted.filter(|value| {
                let part = value.get("value").and_then(Value::as_str);
                attribute.multi_valued || part.is_none_or(is_some_value)
            }))
        }
    }
}

/// An emptied manager is no manager.
const fn is_some_value(text: &str) -> bool {
    !text.is_empty()
}

fn accept_object(table: &[Attribute], name: &str, value: Value) -> Result<Option<Value>, Refusal> {
    let members = match value {
        Value::Object(members) => members,
        Value::Null => return Ok(None),
        _ => return Err(Refusal::Value(format!("{name} is not an object"))),
    };
    let mut kept = Map::new();
    for (key, value) in members {
        let known = schema::find(table, &key).filter(|attribute| !attribute.is_read_only());
        let Some(attribute) = known else { continue };
        if let Some(value) = accept(attribute, value)? {
            kept.insert(attribute.name.to_string(), value);
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Object(kept)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<Value, Refusal> {
        Document::read(body.to_string().as_bytes(), &Shape::plain_user())
            .map(|document| Value::Object(document.0))
    }

    #[test]
    fn what_the_schema_does_not_know_is_left_out() {
        let kept = read(&json!({
            "schemas": [schema::USER_URN], "id": "x", "meta": {"version": "1"}, "groups": [],
            "USERNAME": "Jonno@Rocky.example", "password": "t0psecret", "favouriteRiver": "Arkansas",
            "name": {"GivenName": "Jonno", "shoeSize": 44, "familyName": null}, "emails": [],
        }));
        let wanted = json!({ "userName": "Jonno@Rocky.example", "name": {"givenName": "Jonno"} });
        assert_eq!(kept.unwrap(), wanted);
    }

    #[test]
    fn values_of_the_wrong_type_are_refused() {
        let refused = [
            json!({}),
            json!({"userName": " "}),
            json!({"userName": 7}),
            json!({"userName": "a", "active": "maybe"}),
            json!({"userName": "a", "name": "Jonno"}),
            json!({"userName": "a", "emails": [{"value": 7}]}),
            json!({"userName": "a", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}),
        ];
        for body in refused {
            assert!(matches!(read(&body), Err(Refusal::Value(_))), "{body}");
        }
        assert!(matches!(Document::read(b"[]", &Shape::plain_user()), Err(Refusal::Syntax(_))));
    }

    #[test]
    fn a_document_has_a_limit() {
        let user = |length: usize| json!({ "userName": "x".repeat(length) });
        let frame = user(0).to_string().len();
        assert!(read(&user(MAX_DOCUMENT_BYTES - frame)).is_ok());
        assert!(matches!(read(&user(MAX_DOCUMENT_BYTES - frame + 1)), Err(Refusal::TooLarge)));
    }

    #[test]
    fn the_primary_address_comes_first() {
        let document = Document::read(
            br#"{"userName":"a","emails":[{"value":"h@x","type":"home"},{"value":""},{"value":"w@x","type":"work","primary":"True"}]}"#,
            &Shape::plain_user(),
        );
        let document = document.unwrap();
        let values: Vec<&str> = document.emails().iter().map(|email| email.value).collect();
        assert_eq!(values, ["w@x", "h@x"]);
    }
}
