//! PATCH (RFC 7644 §3.5.2): operations applied to a copy of a document, all or
//! none.
use super::document::Document;
use super::edit;
use super::error::Refusal;
use super::expression::{Path, parse_path};
use super::operations::{self, Op, Sent};
use super::shape::{Found, Shape};
use serde_json::Value;

/// One operation, not yet checked against a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    op: Op,
    path: Option<Path>,
    value: Value,
}

/// Reads the body of a PATCH.
///
/// # Errors
/// `Syntax` for a body that is no PATCH, `Path` for a path that is none.
pub fn read(body: &[u8]) -> Result<Vec<Operation>, Refusal> {
    let operation = |Sent { op, path, value }| {
        let path = path.as_deref().map(place).transpose()?;
        Ok(Operation { op, path, value })
    };
    operations::read(body)?.into_iter().map(operation).collect()
}

fn place(text: &str) -> Result<Path, Refusal> {
    parse_path(text).map_err(|error| Refusal::Path(error.to_string()))
}

/// `document` after `operations`, in their order.
///
/// # Errors
/// What is wrong with the first operation that cannot be done, or with the
/// result of all.
pub fn apply(
    document: &Document,
    operations: Vec<Operation>,
    shape: &Shape,
) -> Result<Document, Refusal> {
    let mut changed = document.clone();
    for operation in operations {
        apply_one(&mut changed, operation, shape)?;
    }
    changed.checked(shape)
}

fn apply_one(document: &mut Document, operation: Operation, shape: &Shape) -> Result<(), Refusal> {
    let Operation { op, path, value } = operation;
    let mode = match op {
        Op::Add => edit::Mode::Add,
        Op::Replace => edit::Mode::Replace,
        // Entra and JumpCloud list what to remove in `value`; that is for groups.
        Op::Remove => {
            let path = path.ok_or_else(|| Refusal::NoTarget("remove needs a path".to_owned()))?;
            return edit::remove(document, &path, shape);
        }
    };
    match path {
        Some(path) => edit::write(document, mode, &path, value, shape),
        None => merge(document, mode, value, shape),
    }
}

/// An operation without a path: `value` is a set of attributes (RFC 7644
/// §3.5.2.1), by name or, as Entra sends them, by path. What the schema does not
/// know, or only we write, is passed over, as in a PUT.
fn merge(
    document: &mut Document,
    mode: edit::Mode,
    value: Value,
    shape: &Shape,
) -> Result<(), Refusal> {
    let Value::Object(members) = value else {
        return Err(Refusal::Value("without a path, value is an object".to_owned()));
    };
    for (key, value) in members {
        if let Some(path) = known_path(&key, shape) {
            edit::write(document, mode, &path, value, shape)?;
        }
    }
    Ok(())
}

fn known_path(key: &str, shape: &Shape) -> Option<Path> {
    let path = parse_path(key).ok()?;
    let is_ours_to_take = match shape.find(&path.name)? {
        Found::Extension(_) => true,
        Found::Attribute(field) => !field.is_read_only(),
    };
    is_ours_to_take.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ann() -> Document {
        let body = json!({
            "userName": "ann", "active": true, "name": {"givenName": "Ann", "familyName": "Lee"},
            "emails": [{"value": "ann@work.example", "type": "work", "primary": true},
                       {"value": "ann@home.example", "type": "home"}],
        });
        Document::read(body.to_string().as_bytes(), &Shape::plain_user()).unwrap()
    }

    fn patched(operations: &Value) -> Result<Value, Refusal> {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                           "Operations": operations });
        apply(&ann(), read(body.to_string().as_bytes())?, &Shape::plain_user())
            .map(|done| Value::Object(done.0))
    }

    /// What `operations` leave at `pointer`.
    fn after(operations: &Value, pointer: &str) -> Option<Value> {
        patched(operations).unwrap().pointer(pointer).cloned()
    }

    #[test]
    fn every_form_of_a_change_lands_where_it_points() {
        let enterprise = "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let urn = &enterprise[1..];
        let known = [
            (json!([{"op": "replace", "value": {"active": false}}]), "/active", json!(false)),
            (
                json!([{"op": "Replace", "path": "active", "value": "False"}]),
                "/active",
                json!(false),
            ),
            (json!([{"op": "add", "path": "title", "value": "Guide"}]), "/title", json!("Guide")),
            (
                json!([{"op": "replace", "path": "name.givenName", "value": "Anna"}]),
                "/name",
                json!({"givenName": "Anna", "familyName": "Lee"}),
            ),
            (
                json!([{"op": "replace", "path": "name", "value": {"givenName": "Anna"}}]),
                "/name",
                json!({"givenName": "Anna", "familyName": "Lee"}),
            ),
            (
                json!([{"op": "replace", "value": {"name.familyName": "Li", "nope": 1, "id": "x"}}]),
                "/name/familyName",
                json!("Li"),
            ),
            (
                json!([{"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "a@x.example"}]),
                "/emails/0",
                json!({"value": "a@x.example", "type": "work", "primary": true}),
            ),
            (
                json!([{"op": "Add", "path": "emails[type eq \"other\"].value", "value": "o@x.example"}]),
                "/emails/2",
                json!({"value": "o@x.example", "type": "other"}),
            ),
            (
                json!([{"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "1"}]),
                "/phoneNumbers",
                json!([{"value": "1", "type": "mobile"}]),
            ),
            (
                json!([{"op": "add", "path": "emails", "value": [{"value": "n@x.example", "primary": true}]}]),
                "/emails/0/primary",
                json!(false),
            ),
            (
                json!([{"op": "replace", "path": "emails", "value": [{"value": "n@x.example"}]}]),
                "/emails",
                json!([{"value": "n@x.example"}]),
            ),
            (
                json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]),
                "/emails",
                json!([{"value": "ann@work.example", "type": "work", "primary": true}]),
            ),
            (
                json!([{"op": "Add", "path": format!("{urn}:department"), "value": "Rafting"}]),
                enterprise,
                json!({"department": "Rafting"}),
            ),
            (
                json!([{"op": "Add", "path": format!("{urn}:manager"), "value": "26118915"}]),
                enterprise,
                json!({"manager": {"value": "26118915"}}),
            ),
            (
                json!([{"op": "replace", "value": {urn: {"department": "Ziplines"}}}]),
                enterprise,
                json!({"department": "Ziplines"}),
            ),
        ];
        for (operations, pointer, value) in known {
            assert_eq!(after(&operations, pointer), Some(value), "{operations}");
        }
    }

    #[test]
    fn what_is_removed_is_gone() {
        let gone = [
            (json!([{"op": "remove", "path": "name"}]), "/name"),
            (
                json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]),
                "/name",
            ),
            (json!([{"op": "remove", "path": "emails"}]), "/emails"),
            (json!([{"op": "remove", "path": "active"}]), "/active"),
            (json!([{"op": "replace", "path": "name", "value": null}]), "/name"),
            (
                json!([{"op": "remove", "path": "emails[primary eq true].primary"}]),
                "/emails/0/primary",
            ),
        ];
        for (operations, pointer) in gone {
            assert_eq!(after(&operations, pointer), None, "{operations}");
        }
    }

    #[test]
    fn nothing_is_added_twice() {
        let again = json!([{"op": "add", "path": "emails",
                            "value": [{"value": "ann@home.example", "type": "home"}]}]);
        assert_eq!(patched(&again).unwrap(), Value::Object(ann().0));
    }

    /// RFC 7644 table 9.
    #[test]
    fn each_refusal_has_its_reason() {
        let reason = |operations| match patched(&operations).unwrap_err() {
            Refusal::Syntax(_) => "invalidSyntax",
            Refusal::Path(_) => "invalidPath",
            Refusal::NoTarget(_) => "noTarget",
            Refusal::Value(_) => "invalidValue",
            Refusal::Mutability(_) => "mutability",
            other => panic!("{other}"),
        };
        let known = [
            (json!([]), "invalidSyntax"),
            (json!("x"), "invalidSyntax"),
            (json!([{"op": "upsert", "path": "title", "value": "x"}]), "invalidSyntax"),
            (json!([{"path": "title", "value": "x"}]), "invalidSyntax"),
            (json!([{"op": "add", "path": "title[", "value": "x"}]), "invalidPath"),
            (json!([{"op": "add", "path": "shoeSize", "value": 44}]), "invalidPath"),
            (json!([{"op": "add", "path": "name[type eq \"x\"]", "value": "x"}]), "invalidPath"),
            (json!([{"op": "remove"}]), "noTarget"),
            (json!([{"op": "remove", "path": "emails[type eq \"other\"]"}]), "noTarget"),
            (
                json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "x"}]),
                "noTarget",
            ),
            (json!([{"op": "replace", "path": "active", "value": "maybe"}]), "invalidValue"),
            (json!([{"op": "replace", "value": "x"}]), "invalidValue"),
            (json!([{"op": "replace", "path": "userName", "value": ""}]), "invalidValue"),
            (json!([{"op": "remove", "path": "userName"}]), "mutability"),
            (json!([{"op": "replace", "path": "id", "value": "x"}]), "mutability"),
        ];
        for (operations, scim_type) in known {
            assert_eq!(reason(operations.clone()), scim_type, "{operations}");
        }
    }
}
