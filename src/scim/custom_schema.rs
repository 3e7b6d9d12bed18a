//! Schemas that an organization defines for its users (RFC 7643 §3.3, §7).
use super::schema::{Attribute, Kind, Mutability, Returned, Schema};
use serde_json::Value;
use std::borrow::Cow;

/// Most schemas of an organization.
pub const MAX_SCHEMAS: usize = 10;

/// Most attributes of a schema, parts of attributes included.
pub const MAX_ATTRIBUTES: usize = 100;

/// Longest name, URN or description, in bytes.
const MAX_TEXT: usize = 200;

/// What a URN of an organization begins with.
const URN: &str = "urn:";

/// The prefix that the IETF keeps for itself.
const RESERVED: &str = "urn:ietf:params:scim:";

/// Reads a schema. What we do not enforce is refused rather than announced: values
/// that are unique, never told, or written by nobody.
///
/// # Errors
/// What is wrong with it.
pub fn read(document: &Value) -> Result<Schema, String> {
    let urn = text(document, "id")?.ok_or("id is missing")?;
    let is_urn = urn.to_ascii_lowercase().starts_with(URN)
        && urn.len() > URN.len()
        && urn.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
        && !urn.ends_with(':');
    if !is_urn || urn.to_ascii_lowercase().starts_with(RESERVED) {
        return Err(format!("id is not a URN of your own: urn:..., and not {RESERVED}..."));
    }
    let attributes = attributes(document, "attributes")?;
    let parts: usize = attributes.iter().map(|attribute| attribute.subs().len()).sum();
    if attributes.is_empty() || attributes.len() + parts > MAX_ATTRIBUTES {
        return Err(format!("attributes has not 1 to {MAX_ATTRIBUTES} members"));
    }
    let or_urn = |read: Option<String>| Cow::Owned(read.unwrap_or_else(|| urn.clone()));
    Ok(Schema {
        name: or_urn(text(document, "name")?),
        description: or_urn(text(document, "description")?),
        attributes,
        urn: Cow::Owned(urn),
    })
}

fn attributes(document: &Value, member: &str) -> Result<Vec<Attribute>, String> {
    let Some(list) = document.get(member).and_then(Value::as_array) else {
        return Err(format!("{member} is not a list"));
    };
    if list.len() > MAX_ATTRIBUTES {
        return Err(format!("{member} has more than {MAX_ATTRIBUTES} members"));
    }
    let read: Vec<Attribute> = list.iter().map(attribute).collect::<Result<_, _>>()?;
    for (place, one) in read.iter().enumerate() {
        if read.iter().take(place).any(|other| other.name.eq_ignore_ascii_case(&one.name)) {
            return Err(format!("{} stands there twice", one.name));
        }
    }
    Ok(read)
}

fn attribute(document: &Value) -> Result<Attribute, String> {
    let name = text(document, "name")?.ok_or("an attribute has no name")?;
    // RFC 7643 §2.1: a letter, then letters, digits, `-` and `_`; and `$ref`.
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !is_name && name != "$ref" {
        return Err(format!("{name} is not a name of an attribute"));
    }
    let wrong = |what: &str| format!("{what} of {name} is not one of those that we have");
    let kind = match text(document, "type")?.as_deref().unwrap_or("string") {
        "string" => Kind::Text,
        "reference" => Kind::Reference,
        "binary" => Kind::Binary,
        "boolean" => Kind::Boolean,
        "decimal" => Kind::Decimal,
        "integer" => Kind::Integer,
        "dateTime" => Kind::Moment,
        "complex" => Kind::Complex(parts(document)?),
        _ => return Err(wrong("type")),
    };
    let mutability = match text(document, "mutability")?.as_deref() {
        None | Some("readWrite") => Mutability::ReadWrite,
        Some("immutable") => Mutability::Immutable,
        Some(_) => return Err(wrong("mutability")),
    };
    let returned = match text(document, "returned")?.as_deref() {
        None | Some("default") => Returned::Default,
        Some("always") => Returned::Always,
        Some("request") => Returned::Request,
        Some(_) => return Err(wrong("returned")),
    };
    if !matches!(text(document, "uniqueness")?.as_deref(), None | Some("none")) {
        return Err(wrong("uniqueness"));
    }
    let plain = Attribute::new("", kind);
    Ok(Attribute {
        description: text(document, "description")?,
        multi_valued: truth(document, "multiValued")?,
        required: truth(document, "required")?,
        case_exact: plain.case_exact || truth(document, "caseExact")?,
        mutability,
        returned,
        canonical: texts(document, "canonicalValues")?,
        references: texts(document, "referenceTypes")?,
        name: Cow::Owned(name),
        ..plain
    })
}

/// RFC 7643 §2.3.8: a part of a complex value is not complex itself.
fn parts(document: &Value) -> Result<Vec<Attribute>, String> {
    let parts = attributes(document, "subAttributes")?;
    if parts.is_empty() || parts.iter().any(|part| matches!(part.kind, Kind::Complex(_))) {
        return Err("subAttributes has no members, or complex ones".to_owned());
    }
    Ok(parts)
}

fn text(document: &Value, member: &str) -> Result<Option<String>, String> {
    match document.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if (1..=MAX_TEXT).contains(&text.len()) => Ok(Some(text.clone())),
        Some(_) => Err(format!("{member} is not a text of 1 to {MAX_TEXT} bytes")),
    }
}

fn texts(document: &Value, member: &str) -> Result<Vec<Cow<'static, str>>, String> {
    let wrong = || format!("{member} is not a list of at most {MAX_ATTRIBUTES} texts");
    let list = match document.get(member) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= MAX_ATTRIBUTES => list,
        Some(_) => return Err(wrong()),
    };
    let one = |value: &Value| match value {
        Value::String(text) if text.len() <= MAX_TEXT => Ok(Cow::Owned(text.clone())),
        _ => Err(wrong()),
    };
    list.iter().map(one).collect()
}

fn truth(document: &Value, member: &str) -> Result<bool, String> {
    match document.get(member) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(truth)) => Ok(*truth),
        Some(_) => Err(format!("{member} is not a boolean")),
    }
}
