//! JSON Schema (2020-12), as far as the document speaks it.
//!
//! An object is closed: it has the members that are named and no others, as the
//! bodies that we read strictly and the answers that we write. [`Object::open`]
//! says otherwise.
use serde_json::{Map, Value, json};

/// A component of the document: its name and its schema.
pub type Named = (&'static str, Value);

pub fn string() -> Value {
    json!({ "type": "string" })
}

/// Text with a known longest length, in characters.
pub fn string_up_to(max: usize) -> Value {
    json!({ "type": "string", "maxLength": max })
}

/// Text that is not empty, with a known longest length.
pub fn name_up_to(max: usize) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": max })
}

/// Words without spaces.
pub fn word_up_to(max: usize) -> Value {
    json!({ "type": "string", "pattern": format!("^\\S{{1,{max}}}$") })
}

/// A key (`src/kernel/id.rs`).
pub fn identifier() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9._-]{1,36}$" })
}

/// A moment as RFC 3339 writes it.
pub fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

/// One of these words.
pub fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

pub fn boolean() -> Value {
    json!({ "type": "boolean" })
}

/// A whole number that fits 64 bits.
pub fn integer() -> Value {
    json!({ "type": "integer", "format": "int64" })
}

pub fn integer_between(min: i64, max: i64) -> Value {
    json!({ "type": "integer", "minimum": min, "maximum": max })
}

/// How many of something there are.
pub fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

/// Whatever JSON can say.
pub fn anything() -> Value {
    json!({})
}

pub fn list_of(item: impl Into<Value>) -> Value {
    json!({ "type": "array", "items": item.into() })
}

pub fn list_of_at_most(max: usize, item: impl Into<Value>) -> Value {
    json!({ "type": "array", "items": item.into(), "maxItems": max })
}

/// Any names, each with such a value.
pub fn map_of(value: impl Into<Value>) -> Value {
    json!({ "type": "object", "additionalProperties": value.into() })
}

/// The component called `name`.
pub fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The component called `name` with these members, which it may otherwise lack.
pub fn naming(members: &[&str], name: &str) -> Value {
    json!({ "allOf": [named(name), { "required": members }] })
}

/// The component called `name`, in which these lists and objects are empty.
pub fn emptying(members: &[&str], name: &str) -> Value {
    let empty = |name: &&str| ((*name).to_owned(), json!({ "maxItems": 0, "maxProperties": 0 }));
    let empty: Map<String, Value> = members.iter().map(empty).collect();
    json!({ "allOf": [named(name), { "properties": empty }] })
}

/// `schema`, or null.
pub fn nullable(mut schema: Value) -> Value {
    if schema.get("$ref").is_some() {
        return json!({ "anyOf": [schema, { "type": "null" }] });
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    if let Some(kind) = schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        schema["type"] = json!([kind, "null"]);
    }
    schema
}

/// `schema`, with a word for whoever reads it.
pub fn told(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}

/// `schema`, with a value that it describes: for readers, and for schemathesis to
/// begin with.
pub fn like(schema: impl Into<Value>, example: Value) -> Value {
    let mut schema = schema.into();
    schema["examples"] = Value::Array(vec![example]);
    schema
}

/// An object, under construction.
#[derive(Clone, Default)]
pub struct Object {
    properties: Map<String, Value>,
    required: Vec<Value>,
    /// Pairs of which at most one is there.
    rivals: Vec<[String; 2]>,
    is_open: bool,
}

pub fn object() -> Object {
    Object::default()
}

impl Object {
    /// A member that is always there.
    pub fn has(mut self, name: &str, schema: impl Into<Value>) -> Self {
        self.required.push(name.into());
        self.may_have(name, schema)
    }

    /// A member that may be missing.
    pub fn may_have(mut self, name: &str, schema: impl Into<Value>) -> Self {
        self.properties.insert(name.to_owned(), schema.into());
        self
    }

    /// A member of a body that we read: missing and null are the same.
    pub fn takes(self, name: &str, schema: impl Into<Value>) -> Self {
        self.may_have(name, nullable(schema.into()))
    }

    /// Several members of one kind, likewise.
    pub fn takes_each(self, names: &[&str], schema: impl Into<Value>) -> Self {
        let schema = schema.into();
        names.iter().fold(self, |object, name| object.takes(name, schema.clone()))
    }

    /// Members that we read without looking at what they hold.
    pub fn ignores(self, names: &[&str]) -> Self {
        names.iter().fold(self, |object, name| object.may_have(name, anything()))
    }

    /// Another name of a member that is there: one or the other is given.
    pub fn alias(mut self, name: &str, other: &str) -> Self {
        let schema = told(self.properties[other].clone(), &format!("Another name of `{other}`"));
        self.rivals.push([name.to_owned(), other.to_owned()]);
        self.may_have(name, schema)
    }

    /// The members of `other` too.
    pub fn with(mut self, other: Self) -> Self {
        self.properties.extend(other.properties);
        self.required.extend(other.required);
        self
    }

    /// Other members may be there.
    pub fn open(self) -> Self {
        Self { is_open: true, ..self }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        let mut schema = json!({ "type": "object", "properties": object.properties });
        if !object.required.is_empty() {
            schema["required"] = object.required.into();
        }
        if !object.rivals.is_empty() {
            let both = object.rivals.iter().map(|pair| json!({ "not": { "required": pair } }));
            schema["allOf"] = both.collect();
        }
        if !object.is_open {
            schema["additionalProperties"] = false.into();
        }
        schema
    }
}

/// What bodies of every domain are made of.
pub fn schemas() -> Vec<Named> {
    vec![
        ("Attributes", map_of(list_of(string()))),
        ("JsonObject", map_of(anything())),
        (
            "ConfigProperty",
            object()
                .has("name", string())
                .has("label", string())
                .has("helpText", string())
                .has("type", told(string(), "Such as `String`, `boolean` or `List`"))
                .may_have("defaultValue", string())
                .may_have("options", list_of(string()))
                .has("secret", boolean())
                .has("required", boolean())
                .has("readOnly", boolean())
                .into(),
        ),
    ]
}
