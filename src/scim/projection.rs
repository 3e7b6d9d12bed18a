//! What an answer shows of a resource (RFC 7644 §3.9): what a client asks for, and
//! what is told whatever it asks for.
use super::schema::{Attribute, Returned, Schema};
use super::shape::{Field, Found, Shape};
use serde_json::{Map, Value};

/// `attributes` and `excludedAttributes`, in the client's words. Names that lead
/// nowhere ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    wanted: Vec<String>,
    unwanted: Vec<String>,
}

/// What is said of an attribute or a part of one; later says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mention {
    Not,
    /// A part of it.
    Part,
    /// What it is a part of.
    Owner,
    /// It.
    Whole,
}

impl Projection {
    /// Of these names; none: what is told by default.
    #[must_use]
    pub fn new(wanted: Vec<String>, unwanted: Vec<String>) -> Self {
        let named = |names: Vec<String>| {
            let trimmed = names.into_iter().map(|name| name.trim().to_owned());
            trimmed.filter(|name| !name.is_empty()).collect()
        };
        Self { wanted: named(wanted), unwanted: named(unwanted) }
    }

    /// Whether the answer shows what `name` leads to, so that nobody looks it up in
    /// vain.
    #[must_use]
    pub fn shows(&self, shape: &Shape, name: &str) -> bool {
        match shape.find(name) {
            Some(Found::Attribute(field)) => {
                let owner = Field { sub: None, ..field };
                self.includes(shape, &owner) && self.includes(shape, &field)
            }
            Some(Found::Extension(_)) | None => false,
        }
    }

    /// `resource`, reduced to what the answer shows.
    #[must_use]
    pub fn of(&self, shape: &Shape, mut resource: Map<String, Value>) -> Map<String, Value> {
        resource.retain(|name, value| match shape.extension(name) {
            Some(extension) => self.reduce_extension(shape, extension, value),
            None => shape.attribute(name).is_some_and(|attribute| {
                self.reduce(shape, &Field { extension: None, attribute, sub: None }, value)
            }),
        });
        resource
    }

    fn reduce_extension(&self, shape: &Shape, extension: &Schema, value: &mut Value) -> bool {
        let Some(members) = value.as_object_mut() else { return false };
        members.retain(|name, value| {
            super::schema::find(&extension.attributes, name).is_some_and(|attribute| {
                let field = Field { extension: Some(extension), attribute, sub: None };
                self.reduce(shape, &field, value)
            })
        });
        !members.is_empty()
    }

    /// Whether anything of `value` is shown; the rest of it is taken away.
    fn reduce(&self, shape: &Shape, field: &Field<'_>, value: &mut Value) -> bool {
        if !self.includes(shape, field) {
            return false;
        }
        let subs = field.attribute.subs();
        if subs.is_empty() {
            return true;
        }
        let shown: Vec<&Attribute> = subs
            .iter()
            .filter(|sub| self.includes(shape, &Field { sub: Some(sub), ..*field }))
            .collect();
        let reduce = |value: &mut Value| {
            if let Some(members) = value.as_object_mut() {
                members.retain(|name, _| shown.iter().any(|sub| sub.name == *name));
            }
        };
        match value {
            Value::Array(values) => values.iter_mut().for_each(reduce),
            one => reduce(one),
        }
        true
    }

    fn includes(&self, shape: &Shape, field: &Field<'_>) -> bool {
        let told = field.sub.map_or(field.attribute.returned, |sub| sub.returned);
        if told == Returned::Always {
            return true;
        }
        if mention(&self.unwanted, shape, field) >= Mention::Owner {
            return false;
        }
        match mention(&self.wanted, shape, field) {
            Mention::Not => self.wanted.is_empty() && told == Returned::Default,
            Mention::Owner => told == Returned::Default,
            Mention::Part | Mention::Whole => true,
        }
    }
}

/// What `names` say of `field`: of all of it, of a part of it, or nothing.
fn mention(names: &[String], shape: &Shape, field: &Field<'_>) -> Mention {
    let mentions = names.iter().map(|name| match shape.find(name) {
        None => Mention::Not,
        Some(Found::Extension(extension)) => {
            let is_inside = field.extension.is_some_and(|one| one.urn == extension.urn);
            if is_inside { Mention::Owner } else { Mention::Not }
        }
        Some(Found::Attribute(other)) => mentioned(&other, field),
    });
    mentions.max().unwrap_or(Mention::Not)
}

fn mentioned(named: &Field<'_>, field: &Field<'_>) -> Mention {
    let urn = |field: &Field<'_>| field.extension.map(|extension| extension.urn.clone());
    if urn(named) != urn(field) || named.attribute.name != field.attribute.name {
        return Mention::Not;
    }
    match (named.sub, field.sub) {
        (None, None) => Mention::Whole,
        (None, Some(_)) => Mention::Owner,
        (Some(_), None) => Mention::Part,
        (Some(named), Some(sub)) if named.name == sub.name => Mention::Whole,
        (Some(_), Some(_)) => Mention::Not,
    }
}
