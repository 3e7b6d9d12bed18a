//! What an organization's directory says about a group (RFC 7643 §4.2), reduced to
//! what a group has here.
use super::error::Refusal;
use super::group::MAX_NAMED_MEMBERS;
use super::operations::take;
use crate::web::json;
use serde_json::{Map, Value};

/// Longest `externalId` of a group, in bytes.
pub const MAX_EXTERNAL_ID_BYTES: usize = 4096;

/// A group, as pushed with POST or PUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDocument {
    /// `displayName`.
    pub name: String,
    /// `externalId`.
    pub external_id: Option<String>,
    /// The ids of the members, of either kind.
    pub members: Vec<String>,
}

impl GroupDocument {
    /// Reads a resource that a client sent. Names are matched without regard to
    /// case; what a group does not have, and what only we set, is passed over.
    ///
    /// # Errors
    /// `Syntax` when it is not an object, `Value` for an attribute of another type or
    /// without `displayName`, `TooManyNamed`.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let mut pushed: Map<String, Value> =
            json::read(body).map_err(|error| Refusal::Syntax(error.to_string()))?;
        let mut value = |name| take(&mut pushed, name).unwrap_or(Value::Null);
        let document = Self {
            name: display_name(value("displayName"))?,
            external_id: external_id(value("externalId"))?,
            members: member_ids(value("members"))?,
        };
        if document.members.len() > MAX_NAMED_MEMBERS {
            return Err(Refusal::TooManyNamed);
        }
        Ok(document)
    }
}

/// `value` as a `displayName`. What a group cannot be called, [`crate::org::group`]
/// refuses.
///
/// # Errors
/// `Value`.
pub fn display_name(value: Value) -> Result<String, Refusal> {
    match value {
        Value::String(name) => Ok(name),
        Value::Null => Err(Refusal::Value("displayName is required".to_owned())),
        _ => Err(Refusal::Value("displayName is not a string".to_owned())),
    }
}

/// `value` as an `externalId`; `None` leaves it unassigned.
///
/// # Errors
/// `Value`.
pub fn external_id(value: Value) -> Result<Option<String>, Refusal> {
    match value {
        Value::Null => Ok(None),
        Value::String(id) if id.len() <= MAX_EXTERNAL_ID_BYTES => Ok(Some(id)),
        Value::String(_) => {
            let why = format!("externalId has at most {MAX_EXTERNAL_ID_BYTES} bytes");
            Err(Refusal::Value(why))
        }
        _ => Err(Refusal::Value("externalId is not a string".to_owned())),
    }
}

/// The ids that `value` lists: objects with `value`, as the RFC has it, or bare ids;
/// or one of these without a list around it, as Entra sends it.
///
/// # Errors
/// `Value` for anything else.
pub fn member_ids(value: Value) -> Result<Vec<String>, Refusal> {
    let values = match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values,
        one => vec![one],
    };
    values.into_iter().map(member_id).collect()
}

fn member_id(value: Value) -> Result<String, Refusal> {
    let id = match value {
        Value::Object(mut member) => take(&mut member, "value"),
        bare => Some(bare),
    };
    match id {
        Some(Value::String(id)) => Ok(id),
        _ => Err(Refusal::Value("a member has no value that is a string".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(body: &Value) -> Result<GroupDocument, Refusal> {
        GroupDocument::read(body.to_string().as_bytes())
    }

    #[test]
    fn a_group_is_read_in_every_spelling() {
        let pushed = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "x", "meta": {},
            "DISPLAYNAME": "Guides", "externalid": "e", "colour": "red",
            "Members": [{"Value": "a", "display": "Ann", "$ref": null}, "b"],
        });
        let document = read(&pushed).unwrap();
        assert_eq!(
            (document.name.as_str(), document.external_id.as_deref()),
            ("Guides", Some("e"))
        );
        assert_eq!(document.members, ["a", "b"]);
        assert_eq!(member_ids(json!({"value": "a"})).unwrap(), ["a"]);
        assert_eq!(member_ids(json!("a")).unwrap(), ["a"]);
        assert_eq!(member_ids(json!(null)).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn values_of_the_wrong_type_are_refused() {
        let refused = [
            json!({}),
            json!({"displayName": null}),
            json!({"displayName": 7}),
            json!({"displayName": "g", "externalId": 7}),
            json!({"displayName": "g", "externalId": "x".repeat(MAX_EXTERNAL_ID_BYTES + 1)}),
            json!({"displayName": "g", "members": 7}),
            json!({"displayName": "g", "members": [{"display": "Ann"}]}),
            json!({"displayName": "g", "members": [{"value": 7}]}),
            json!({"displayName": "g", "members": [null]}),
        ];
        for body in refused {
            assert!(matches!(read(&body), Err(Refusal::Value(_))), "{body}");
        }
        assert!(matches!(GroupDocument::read(b"[]"), Err(Refusal::Syntax(_))));
    }

    #[test]
    fn a_request_names_so_many_members_and_no_more() {
        let group = |count: usize| json!({"displayName": "g", "members": vec!["a"; count]});
        assert!(read(&group(MAX_NAMED_MEMBERS)).is_ok());
        assert!(matches!(read(&group(MAX_NAMED_MEMBERS + 1)), Err(Refusal::TooManyNamed)));
    }
}
