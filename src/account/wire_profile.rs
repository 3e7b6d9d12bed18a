//! The profile of a realm's users as Keycloak's administration API writes it
//! (`UPConfig`), and as the directory keeps it: what was written is read again.
use super::profile::{Attribute, BadProfile, Profile};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ProfileJson {
    /// The fields, in the order in which pages show them.
    pub attributes: Option<Vec<AttributeJson>>,
    /// What fields stand together.
    pub groups: Option<Vec<GroupJson>>,
    /// What holds for attributes that are no field; absent: there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmanaged_attribute_policy: Option<Unmanaged>,
}

/// What administrators may do with attributes that are no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Unmanaged {
    /// Everything; so may the person, where they may anything.
    Enabled,
    /// See them.
    AdminView,
    /// See and change them.
    AdminEdit,
}

/// A field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AttributeJson {
    /// Its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Validators with their configurations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validations: Option<Map<String, Value>>,
    /// For pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Map<String, Value>>,
    /// Whether there must be a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required: Option<RequiredJson>,
    /// Who may see and change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionsJson>,
    /// When it is there at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<SelectorJson>,
    /// With which others it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Whether it may have several values.
    pub multivalued: bool,
    /// What it is for somebody new who does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_value: Option<String>,
}

/// For whom there must be a value; for all when nobody is named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequiredJson {
    /// `admin`, `user`.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "list")]
    pub roles: Vec<String>,
    /// Client scopes.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "list")]
    pub scopes: Vec<String>,
}

/// Who may see and change a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PermissionsJson {
    /// Who sees it; so does who changes it.
    #[serde(deserialize_with = "list")]
    pub view: Vec<String>,
    /// Who changes it.
    #[serde(deserialize_with = "list")]
    pub edit: Vec<String>,
}

/// For which client scopes a field is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SelectorJson {
    /// Client scopes.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "list")]
    pub scopes: Vec<String>,
}

/// What fields stand together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GroupJson {
    /// Its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_header: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_description: Option<String>,
    /// For pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<Map<String, Value>>,
}

/// `null` is an empty list.
fn list<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Who may see and change what everybody has.
const EVERYBODY: [&str; 2] = ["admin", "user"];

impl ProfileJson {
    /// The profile that every realm begins with. Whatever else a user is given is
    /// an attribute.
    #[must_use]
    pub fn built_in() -> Self {
        let field = |name: &str, validations: Value| AttributeJson {
            name: Some(name.to_owned()),
            display_name: Some(format!("${{{name}}}")),
            validations: validations.as_object().cloned(),
            permissions: Some(PermissionsJson {
                view: EVERYBODY.map(str::to_owned).to_vec(),
                edit: EVERYBODY.map(str::to_owned).to_vec(),
            }),
            ..AttributeJson::default()
        };
        let name = || json!({ "length": { "max": 255 } });
        Self {
            attributes: Some(vec![
                field("username", json!({ "length": { "min": 1, "max": 255 } })),
                field("email", json!({ "email": {}, "length": { "max": 254 } })),
                field("firstName", name()),
                field("lastName", name()),
            ]),
            groups: Some(Vec::new()),
            unmanaged_attribute_policy: Some(Unmanaged::Enabled),
        }
    }

    /// The profile, checked.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn profile(&self) -> Result<Profile, BadProfile> {
        Profile::read(self)
    }

    /// The fields as a form for an administrator asks for them
    /// (`UserProfileMetadata`).
    #[must_use]
    pub fn metadata(&self, profile: &Profile) -> Value {
        let fields = self.attributes.iter().flatten().zip(profile.attributes());
        let seen = fields.filter(|(_, field)| field.view.admin);
        let attributes: Vec<Value> = seen.map(|(json, field)| described(json, field)).collect();
        json!({ "attributes": attributes, "groups": self.groups.clone().unwrap_or_default() })
    }
}

fn described(json: &AttributeJson, field: &Attribute) -> Value {
    let mut body = json!({
        "name": field.name,
        "required": field.name == "username" || field.required.admin,
        "readOnly": !field.edit.admin,
        "validators": json.validations.clone().unwrap_or_default(),
        "multivalued": field.multivalued,
    });
    let texts = [
        ("displayName", &json.display_name),
        ("group", &json.group),
        ("defaultValue", &json.default_value),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            body[name] = text.as_str().into();
        }
    }
    if let Some(annotations) = &json.annotations {
        body["annotations"] = annotations.clone().into();
    }
    body
}
