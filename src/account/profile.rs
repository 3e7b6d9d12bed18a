//! The profile of a realm's users: which fields they have, who may see and change
//! each, and what may stand in it (Keycloak's declarative user profile).
use super::profile_validator::Validator;
use super::wire_profile::{AttributeJson, ProfileJson, Unmanaged};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::store::user_profile;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// Longest profile, in bytes of JSON: far above what a form can ask for, and a
/// small part of a row.
pub const MAX_PROFILE_BYTES: usize = 64 * 1024;

/// The fields that users have apart from their attributes.
pub const ROOT_FIELDS: [&str; 4] = ["username", "email", "firstName", "lastName"];

/// Those without which a profile cannot be.
const NEEDED: [&str; 2] = ["username", "email"];

/// A profile, ready to check users by.
#[derive(Debug)]
pub struct Profile {
    attributes: Vec<Attribute>,
    /// What holds for attributes that are no field; `None`: there are none.
    pub unmanaged: Option<Unmanaged>,
}

/// A field.
#[derive(Debug)]
pub struct Attribute {
    /// Its key.
    pub name: String,
    /// Who sees it.
    pub view: Who,
    /// Who changes it.
    pub edit: Who,
    /// For whom there must be a value.
    pub required: Who,
    /// Whether it may have several values.
    pub multivalued: bool,
    /// What it is for somebody new who does not say.
    pub default_value: Option<String>,
    /// What may stand in it.
    pub validators: Vec<Validator>,
}

/// Administrators, the people themselves, both or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who {
    /// Who administers users.
    pub admin: bool,
    /// The person.
    pub user: bool,
}

/// Why a profile cannot be; each reason by itself.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("UserProfile configuration is invalid due to validation error(s): {}", .0.join(", "))]
pub struct BadProfile(pub Vec<String>);

/// A realm's profile as it was written, and ready for use.
pub struct Known {
    /// As it was written.
    pub json: ProfileJson,
    /// Ready for use.
    pub profile: Profile,
}

/// The profile of the realm. No I/O while the isolate remembers it.
///
/// # Errors
/// `Refused` when the directory fails, `Corrupt` when it holds no profile.
pub async fn of_realm(context: &RealmContext<'_>) -> Result<Rc<Known>, StoreError> {
    let (memo, realm) = (&context.ports.memo, &context.realm.id);
    let key = format!("profile/{realm}");
    if let Some(known) = memo.get::<Known>(&key, context.now) {
        return Ok(known);
    }
    let found = user_profile::find(&*context.ports.directory, realm).await?;
    let json: ProfileJson = found.unwrap_or_else(ProfileJson::built_in);
    let profile = json.profile().map_err(|_| StoreError::Corrupt { column: "document" })?;
    let known = Rc::new(Known { json, profile });
    memo.put(key, Rc::clone(&known), context.now);
    Ok(known)
}

impl Profile {
    /// Reads a profile.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(json: &ProfileJson) -> Result<Self, BadProfile> {
        let mut faults = Vec::new();
        let groups: BTreeSet<&str> =
            json.groups.iter().flatten().filter_map(|group| group.name.as_deref()).collect();
        if json.groups.iter().flatten().count() != groups.len() {
            faults.push("a group has no name, or another one's".to_owned());
        }
        if json.attributes.is_none() {
            faults.push(
                "UserProfile configuration without 'attributes' section is not allowed".to_owned(),
            );
        }
        let mut attributes: Vec<Attribute> = Vec::new();
        for one in json.attributes.iter().flatten() {
            let attribute = read_attribute(one, &mut faults);
            let name = &attribute.name;
            if attributes.iter().any(|known| known.name == *name) {
                faults.push(format!("Attribute configuration already exists with 'name':'{name}'"));
            }
            if one.group.as_ref().is_some_and(|group| !groups.contains(group.as_str())) {
                faults.push(format!("attribute '{name}' stands in a group that is not there"));
            }
            attributes.push(attribute);
        }
        for needed in NEEDED {
            if !attributes.iter().any(|one| one.name == needed) {
                faults.push(format!("The attribute '{needed}' can not be removed"));
            }
        }
        let bytes = serde_json::to_vec(json).map_or(usize::MAX, |json| json.len());
        if bytes > MAX_PROFILE_BYTES {
            faults.push(format!("more than {MAX_PROFILE_BYTES} bytes (MAX_PROFILE_BYTES)"));
        }
        if faults.is_empty() {
            Ok(Self { attributes, unmanaged: json.unmanaged_attribute_policy })
        } else {
            Err(BadProfile(faults))
        }
    }

    /// The fields, in their order.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The field called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|one| one.name == name)
    }

    /// Whether an administrator sees the attribute called `name`.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        match self.find(name) {
            Some(field) => field.view.admin,
            None => self.unmanaged.is_some(),
        }
    }

    /// Whether an administrator changes it.
    #[must_use]
    pub fn lets_change(&self, name: &str) -> bool {
        match self.find(name) {
            Some(field) => field.edit.admin,
            None => matches!(self.unmanaged, Some(Unmanaged::Enabled | Unmanaged::AdminEdit)),
        }
    }
}

fn read_attribute(json: &AttributeJson, faults: &mut Vec<String>) -> Attribute {
    let name = json.name.clone().unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() {
        faults.push("Attribute configuration without 'name' is not allowed".to_owned());
    } else if !name.chars().all(fits) {
        faults.push(format!(
            "Invalid attribute name (only letters, numbers and '.' '_' '-' special characters \
             allowed): {name}"
        ));
    }
    let validators = json.validations.iter().flatten();
    let validators: Vec<Validator> =
        validators.filter_map(|(id, config)| read_validator((&name, id), config, faults)).collect();
    // Scopes are not known where users are changed.
    let required_scopes = json.required.iter().flat_map(|required| &required.scopes);
    let selector_scopes = json.selector.iter().flat_map(|selector| &selector.scopes);
    if required_scopes.chain(selector_scopes).next().is_some() {
        faults.push(format!("attribute '{name}': scopes are not consulted here"));
    }
    let mut who = |roles: &[String], place: &str| {
        for role in roles.iter().filter(|role| !["admin", "user"].contains(&role.as_str())) {
            faults.push(format!(
                "'{place}' configuration for attribute '{name}' contains unsupported role '{role}'"
            ));
        }
        let has = |wanted: &str| roles.iter().any(|role| role == wanted);
        Who { admin: has("admin"), user: has("user") }
    };
    let is_root = ROOT_FIELDS.contains(&name.as_str());
    let (view, edit) = match &json.permissions {
        Some(given) => (who(&given.view, "permissions.view"), who(&given.edit, "permissions.edit")),
        None => (Who { admin: true, user: is_root }, Who { admin: true, user: is_root }),
    };
    let required = match &json.required {
        None => Who { admin: false, user: false },
        Some(required) if required.roles.is_empty() => Who { admin: true, user: true },
        Some(required) => who(&required.roles, "required.roles"),
    };
    if is_root && !edit.admin {
        faults.push(format!("'permissions.edit' for attribute '{name}' must contain 'admin'"));
    }
    // Who may change a field, sees it.
    let view = Who { admin: view.admin || edit.admin, user: view.user || edit.user };
    Attribute {
        name,
        view,
        edit,
        required,
        multivalued: json.multivalued,
        default_value: json.default_value.clone().filter(|text| !text.is_empty()),
        validators,
    }
}

fn read_validator(
    (name, id): (&str, &str),
    config: &Value,
    faults: &mut Vec<String>,
) -> Option<Validator> {
    let empty = Map::new();
    let config = match config {
        Value::Null => &empty,
        Value::Object(config) => config,
        _ => {
            faults.push(format!("Validator '{id}' defined for attribute '{name}' is no object"));
            return None;
        }
    };
    match Validator::read(id, config) {
        Ok(validator) => Some(validator),
        Err(why) => {
            faults.push(format!("Validator '{id}' defined for attribute '{name}': {why}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(attribute: &Value) -> Result<Profile, BadProfile> {
        let mut json = ProfileJson::built_in();
        let attribute = serde_json::from_value(attribute.clone()).unwrap();
        json.attributes.as_mut().unwrap().push(attribute);
        json.profile()
    }

    #[test]
    fn the_built_in_profile_is_one() {
        let profile = ProfileJson::built_in().profile().unwrap();
        let names: Vec<&str> = profile.attributes().iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ROOT_FIELDS);
        assert!(profile.shows("anything") && profile.lets_change("anything"));
    }

    #[test]
    fn a_field_without_permissions_is_the_administrators() {
        let profile = read(&json!({ "name": "plan" })).unwrap();
        let plan = profile.find("plan").unwrap();
        assert_eq!(
            (plan.view, plan.edit),
            (Who { admin: true, user: false }, Who { admin: true, user: false })
        );
    }

    #[test]
    fn who_changes_a_field_sees_it_and_who_is_not_named_does_neither() {
        let edited = json!({ "name": "a", "permissions": { "view": [], "edit": ["user"] } });
        let field = read(&edited).unwrap();
        assert_eq!(field.find("a").unwrap().view, Who { admin: false, user: true });
        assert!(!field.shows("a") && !field.lets_change("a"));
    }

    #[test]
    fn a_field_is_required_of_those_who_are_named_or_of_all() {
        for (required, admin, user) in [
            (json!({}), true, true),
            (json!({ "roles": ["user"] }), false, true),
            (json!({ "roles": ["admin"] }), true, false),
            (json!(null), false, false),
        ] {
            let profile = read(&json!({ "name": "a", "required": required })).unwrap();
            assert_eq!(profile.find("a").unwrap().required, Who { admin, user }, "{required}");
        }
    }

    #[test]
    fn what_cannot_be_a_profile_is_told_all_at_once() {
        for attribute in [
            json!({}),
            json!({ "name": "" }),
            json!({ "name": "a b" }),
            json!({ "name": "email" }),
            json!({ "name": "a", "group": "nowhere" }),
            json!({ "name": "a", "permissions": { "edit": ["boss"] } }),
            json!({ "name": "a", "required": { "roles": ["boss"] } }),
            json!({ "name": "a", "required": { "scopes": ["email"] } }),
            json!({ "name": "a", "selector": { "scopes": ["email"] } }),
            json!({ "name": "a", "validations": { "local-date": {} } }),
            json!({ "name": "a", "validations": { "length": 7 } }),
            json!({ "name": "a", "displayName": "x".repeat(MAX_PROFILE_BYTES) }),
        ] {
            assert_eq!(read(&attribute).unwrap_err().0.len(), 1, "{attribute:.60}");
        }
        assert_eq!(ProfileJson::default().profile().unwrap_err().0.len(), 3);
        let two = json!({ "name": "a b", "validations": { "nothing": {} } });
        assert_eq!(read(&two).unwrap_err().0.len(), 2);
    }
}
