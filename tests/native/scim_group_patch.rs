//! PATCH of a group (RFC 7644 §3.5.2), in the forms that identity providers send.
use crate::org_setup::NOBODY;
use crate::scim_group_setup::{connected, sorted, text, values};
use serde_json::{Value, json};

const URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Each form, and who is in a group of Ann and Ben after it.
#[test]
fn members_come_and_go_in_every_form() {
    let granite = connected();
    let directory = granite.directory();
    let [ann, ben, cat] = ["ann", "ben", "cat"].map(|name| directory.hire(name));
    let one = |id: &str| json!({ "value": id });
    let id = directory.group("Pilots", &[]);
    let only = |id: &str| format!("members[value eq \"{id}\"]");
    let forms: Vec<(Value, Vec<&str>)> = vec![
        // Okta
        (json!([{"op": "add", "path": "members", "value": [one(&cat)]}]), vec![&ann, &ben, &cat]),
        (json!([{"op": "remove", "path": only(&ann)}]), vec![&ben]),
        (json!([{"op": "replace", "path": "members", "value": [one(&cat)]}]), vec![&cat]),
        (
            json!([{"op": "replace", "value": {"id": id, "displayName": "Pilots"}}]),
            vec![&ann, &ben],
        ),
        // Entra
        (
            json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": cat}]}]),
            vec![&ann, &ben, &cat],
        ),
        (json!([{"op": "Remove", "path": "members", "value": [one(&ann)]}]), vec![&ben]),
        (json!([{"op": "Remove", "path": "members", "value": [one(&ann), one(&ben)]}]), vec![]),
        (json!([{"op": "Remove", "path": "members", "value": one(&ben)}]), vec![&ann]),
        // OneLogin
        (
            json!([{"op": "add", "path": "members", "value": [one(&cat), one(&ann)]}]),
            vec![&ann, &ben, &cat],
        ),
        (
            json!([{"op": "replace", "value": {"members": [one(&ben), one(&cat)]}}]),
            vec![&ben, &cat],
        ),
        (json!([{"op": "replace", "path": "members", "value": []}]), vec![]),
        // JumpCloud
        (json!([{"op": "remove", "path": "members", "value": [{"value": ben}]}]), vec![&ann]),
        (json!([{"op": "remove", "path": "members", "value": [ben]}]), vec![&ann]),
        // Whoever reads the RFC
        (json!([{"op": "remove", "path": "members"}]), vec![]),
        (json!([{"op": "remove", "path": "members", "value": null}]), vec![]),
        (json!([{"op": "replace", "path": "members", "value": null}]), vec![]),
        (json!([{"op": "add", "value": {"members": [cat]}}]), vec![&ann, &ben, &cat]),
        (json!([{"op": "add", "path": "members", "value": cat}]), vec![&ann, &ben, &cat]),
        (json!([{"op": "add", "path": "members", "value": null}]), vec![&ann, &ben]),
        (json!([{"op": "add", "path": only(&cat)}]), vec![&ann, &ben, &cat]),
        (
            json!([{"op": "REMOVE", "path": format!("{URN}:members[VALUE EQ \"{ann}\"]")}]),
            vec![&ben],
        ),
        (
            json!([{"op": "remove", "path": format!("members[value eq \"{ann}\" or value eq \"{ben}\"]")}]),
            vec![],
        ),
        (json!([{"op": "remove", "path": format!("Members[ value eq \"{ann}\" ]")}]), vec![&ben]),
        (
            json!([{"op": "add", "path": "members", "value": [one(&cat)]},
                   {"op": "remove", "path": only(&cat)},
                   {"op": "remove", "path": only(&ann)},
                   {"op": "add", "path": "members", "value": [one(&ann)]}]),
            vec![&ann, &ben],
        ),
        // Nothing to do is no error
        (json!([{"op": "add", "path": "members", "value": [one(&ann)]}]), vec![&ann, &ben]),
        (
            json!([{"op": "add", "path": "members", "value": [one(NOBODY), one("x y")]}]),
            vec![&ann, &ben],
        ),
        (json!([{"op": "remove", "path": only(&cat)}]), vec![&ann, &ben]),
        (json!([{"op": "remove", "path": only(NOBODY)}]), vec![&ann, &ben]),
        (json!([{"op": "remove", "path": "members", "value": []}]), vec![&ann, &ben]),
        (
            json!([{"op": "replace", "value": {"colour": "red", "meta": {}, "schemas": []}}]),
            vec![&ann, &ben],
        ),
    ];
    for (operations, wanted) in forms {
        let start = json!([{"op": "replace", "path": "members", "value": [one(&ann), one(&ben)]}]);
        directory.patched(&id, &start);
        let wanted = sorted(&wanted);
        assert_eq!(directory.patched(&id, &operations), wanted, "{operations}");
        assert_eq!(directory.members(&id), wanted, "{operations}: and later");
    }
}

#[test]
fn names_and_keys_are_written_in_every_form() {
    let granite = connected();
    let directory = granite.directory();
    let ann = directory.hire("ann");
    let id = directory.group("Pilots", &[&ann]);
    let forms = [
        (json!([{"op": "replace", "path": "displayName", "value": "A"}]), "A", Value::Null),
        (json!([{"op": "Replace", "path": "DISPLAYNAME", "value": "B"}]), "B", Value::Null),
        (
            json!([{"op": "add", "path": format!("{URN}:displayName"), "value": "C"}]),
            "C",
            Value::Null,
        ),
        (
            json!([{"op": "replace", "value": {format!("{URN}:displayName"): "D"}}]),
            "D",
            Value::Null,
        ),
        (json!([{"op": "add", "path": "externalId", "value": "e1"}]), "D", json!("e1")),
        (
            json!([{"op": "replace", "value": {"externalId": "e2", "displayName": "E"}}]),
            "E",
            json!("e2"),
        ),
        (json!([{"op": "add", "path": "externalId", "value": null}]), "E", json!("e2")),
        (json!([{"op": "remove", "path": "externalId"}]), "E", Value::Null),
        (json!([{"op": "add", "value": {"externalId": "e3"}}]), "E", json!("e3")),
        (json!([{"op": "replace", "path": "externalId", "value": null}]), "E", Value::Null),
    ];
    for (operations, name, external_id) in forms {
        let answer = directory.patch_group(&id, &operations);
        assert_eq!(answer.status, 200, "{operations}: {answer:?}");
        let told = answer.json();
        assert_eq!(
            (&told["displayName"], &told["externalId"]),
            (&json!(name), &external_id),
            "{operations}"
        );
        assert_eq!(values(&told), [ann.as_str()], "{operations}");
    }
    assert_eq!(granite.path_of(&id), "/E");
}

/// RFC 7644 table 9. Nothing of a refused request is done.
#[test]
fn each_refusal_has_its_reason_and_does_nothing() {
    let granite = connected();
    let directory = granite.directory();
    let [ann, ben] = ["ann", "ben"].map(|name| directory.hire(name));
    let id = directory.group("Pilots", &[&ann]);
    let before = directory.get(&format!("/Groups/{id}")).text;
    let known = [
        (json!([]), "invalidSyntax"),
        (json!("x"), "invalidSyntax"),
        (json!([7]), "invalidSyntax"),
        (json!([{"op": "upsert", "path": "displayName", "value": "x"}]), "invalidSyntax"),
        (json!([{"path": "displayName", "value": "x"}]), "invalidSyntax"),
        (json!([{"op": "add", "path": 7, "value": "x"}]), "invalidPath"),
        (json!([{"op": "add", "path": "colour", "value": "x"}]), "invalidPath"),
        (json!([{"op": "add", "path": "userName", "value": "x"}]), "invalidPath"),
        (json!([{"op": "add", "path": URN, "value": {}}]), "invalidPath"),
        (json!([{"op": "add", "path": "displayName.x", "value": "x"}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members["}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members[]"}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members[value eq \"a\""}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members[value eq \"a\"]x"}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members[value eq a]"}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members[value eq 7]"}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members.colour"}]), "invalidPath"),
        (json!([{"op": "remove", "path": "members[type eq \"User\"]"}]), "invalidFilter"),
        (json!([{"op": "remove", "path": "members[value sw \"a\"]"}]), "invalidFilter"),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\" and type eq \"User\"]"}]),
            "invalidFilter",
        ),
        (json!([{"op": "remove"}]), "noTarget"),
        (json!([{"op": "remove", "value": {"displayName": "x"}}]), "noTarget"),
        (json!([{"op": "replace", "value": "x"}]), "invalidValue"),
        (json!([{"op": "replace", "path": "displayName", "value": null}]), "invalidValue"),
        (json!([{"op": "replace", "path": "displayName", "value": ""}]), "invalidValue"),
        (json!([{"op": "replace", "path": "displayName", "value": ["x"]}]), "invalidValue"),
        (json!([{"op": "add", "path": "externalId", "value": 7}]), "invalidValue"),
        (json!([{"op": "add", "path": "members", "value": [7]}]), "invalidValue"),
        (json!([{"op": "add", "path": "members", "value": [{"display": "Ann"}]}]), "invalidValue"),
        (json!([{"op": "remove", "path": "displayName"}]), "mutability"),
        (json!([{"op": "replace", "path": "id", "value": "x"}]), "mutability"),
        (json!([{"op": "replace", "path": "meta.version", "value": "x"}]), "mutability"),
        (json!([{"op": "replace", "path": "members.value", "value": "x"}]), "mutability"),
        (
            json!([{"op": "replace", "path": "members[value eq \"a\"].display", "value": "x"}]),
            "mutability",
        ),
        (json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": {}}]), "mutability"),
    ];
    for (operations, scim_type) in known {
        let mut after = json!([
            {"op": "replace", "path": "displayName", "value": "New"},
            {"op": "replace", "path": "members", "value": [{"value": ben}]},
        ]);
        match operations.as_array().filter(|list| !list.is_empty()) {
            Some(list) => after.as_array_mut().unwrap().extend(list.clone()),
            None => after = operations.clone(),
        }
        let answer = directory.patch_group(&id, &after);
        let told = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &told["scimType"]),
            (400, &json!(scim_type)),
            "{operations}: {told}"
        );
        assert_eq!(directory.get(&format!("/Groups/{id}")).text, before, "{operations}");
    }
}

/// What fails is the last step, in the database: the first ones are undone.
#[test]
fn a_patch_is_done_whole_or_not_at_all() {
    let granite = connected();
    let directory = granite.directory();
    let [ann, ben] = ["ann", "ben"].map(|name| directory.hire(name));
    let id = directory.group("Pilots", &[&ann]);
    directory.group("Taken", &[]);
    // Everything but the log of requests.
    let state = || {
        let dump = granite.world.dump();
        let rows = dump.lines().filter(|row| !row.starts_with("scim_log "));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let before = state();
    let operations = json!([
        {"op": "replace", "path": "members", "value": [{"value": ben}]},
        {"op": "replace", "path": "externalId", "value": "e"},
        {"op": "replace", "path": "displayName", "value": "Taken"},
    ]);
    let answer = directory.patch_group(&id, &operations);
    assert_eq!((answer.status.as_u16(), &answer.json()["scimType"]), (409, &json!("uniqueness")));
    assert!(state() == before, "something was written");
}

#[test]
fn a_request_names_so_many_members_and_no_more() {
    let granite = connected();
    let directory = granite.directory();
    let id = directory.group("Pilots", &[]);
    let half = json!({"op": "add", "path": "members", "value": vec!["x"; 10_001]});
    let answer = directory.patch_group(&id, &json!([half, half]));
    assert_eq!(answer.status, 413);
    assert!(text(&answer.json()["detail"]).contains("20000 members (MAX_NAMED_MEMBERS)"));
    let selected = vec!["value eq \"x\""; 1000].join(" or ");
    let one = json!({"op": "remove", "path": format!("members[{selected}]")});
    assert_eq!(directory.patch_group(&id, &json!([one])).status, 200, "a long path is a list");
    assert_eq!(directory.patch_group(&id, &json!(vec![one; 21])).status, 413);
}
