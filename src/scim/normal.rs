//! A resource in normal form: what filters and sorting look at. Text is folded
//! where case does not count, moments are numbers, a list begins with its primary
//! value, and whether a value is primary is always said (RFC 7643 §2.4: it is not,
//! unless it says so).
use super::document::Document;
use super::moment;
use super::schema::{Attribute, Kind};
use super::shape::Shape;
use serde_json::{Map, Value};

/// `text` as `attribute` compares it.
#[must_use]
pub fn fold(attribute: &Attribute, text: &str) -> String {
    if attribute.case_exact { text.to_owned() } else { text.to_lowercase() }
}

/// A boolean, also in Entra's words: `"True"`.
#[must_use]
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// `document` in normal form.
#[must_use]
pub fn of(document: &Document, shape: &Shape) -> Value {
    let mut normal = Map::new();
    for (name, value) in &document.0 {
        if let Some(extension) = shape.extension(name) {
            normal.insert(extension.urn.to_string(), members(&extension.attributes, value));
        } else if let Some(attribute) = shape.attribute(name) {
            normal.insert(name.clone(), whole(attribute, value));
        }
    }
    Value::Object(normal)
}

fn whole(attribute: &Attribute, value: &Value) -> Value {
    let Some(values) = value.as_array().filter(|_| attribute.multi_valued) else {
        return one(attribute, value);
    };
    let mut values: Vec<Value> = values.iter().map(|value| one(attribute, value)).collect();
    values.sort_by_key(|value| value.get("primary") != Some(&Value::Bool(true)));
    Value::Array(values)
}

/// One value of `attribute` in normal form.
#[must_use]
pub fn one(attribute: &Attribute, value: &Value) -> Value {
    match (&attribute.kind, value) {
        (Kind::Complex(subs), value) => {
            let mut value = members(subs, value);
            let has_primary = attribute.multi_valued && attribute.sub("primary").is_some();
            if let (true, Some(members)) = (has_primary, value.as_object_mut()) {
                members.entry("primary").or_insert(Value::Bool(false));
            }
            value
        }
        (Kind::Moment, Value::String(text)) => moment::parse(text).into(),
        (Kind::Text | Kind::Reference | Kind::Binary, Value::String(text)) => {
            fold(attribute, text).into()
        }
        (_, value) => value.clone(),
    }
}

fn members(table: &[Attribute], value: &Value) -> Value {
    let known = value.as_object().into_iter().flatten().filter_map(|(name, value)| {
        let attribute = super::schema::find(table, name)?;
        Some((name.clone(), whole(attribute, value)))
    });
    Value::Object(known.collect())
}
