//! Groups as SCIM JSON (RFC 7643 §4.2).
use super::group::{Member, MemberKind, ScimGroup, UserGroup};
use super::schema::GROUP_URN;
use super::wire::View;
use crate::kernel::id::GroupId;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// The members of some groups, if the answer tells them.
pub type Members = Option<HashMap<GroupId, Vec<Member>>>;

/// The `ETag` of a group, weak as that of a user.
#[must_use]
pub fn etag(group: &ScimGroup) -> String {
    format!("W/\"{}\"", group.version)
}

/// The URL of a group.
#[must_use]
pub fn location(group: &GroupId, base: &str) -> String {
    format!("{base}/Groups/{group}")
}

/// A group, as `view` shows it.
#[must_use]
pub fn group(group: &ScimGroup, members: &Members, view: &View) -> Value {
    let mut json = Map::new();
    json.insert("schemas".to_owned(), json!([GROUP_URN]));
    json.insert("id".to_owned(), json!(group.id));
    json.insert("displayName".to_owned(), json!(group.name));
    if let Some(external_id) = &group.external_id {
        json.insert("externalId".to_owned(), json!(external_id));
    }
    if let Some(members) = members {
        let members = members.get(&group.id).map(Vec::as_slice).unwrap_or_default();
        let members: Vec<Value> = members.iter().map(|one| member(one, &view.base)).collect();
        json.insert("members".to_owned(), json!(members));
    }
    json.insert(
        "meta".to_owned(),
        json!({
            "resourceType": "Group",
            "created": group.created_at.to_rfc3339(),
            "lastModified": group.updated_at.to_rfc3339(),
            "location": location(&group.id, &view.base),
            "version": etag(group),
        }),
    );
    Value::Object(view.projection.of(&view.shape, json))
}

fn member(member: &Member, base: &str) -> Value {
    let endpoint = match member.kind {
        MemberKind::User => "Users",
        MemberKind::Group => "Groups",
    };
    let mut json = json!({
        "value": member.value,
        "$ref": format!("{base}/{endpoint}/{}", member.value),
        "type": member.kind.as_str(),
    });
    if let Some(display) = &member.display {
        json["display"] = json!(display);
    }
    json
}

/// A group that a user is in, as their `groups` tell it (RFC 7643 §4.1.2).
#[must_use]
pub fn user_group(group: &UserGroup, base: &str) -> Value {
    json!({
        "value": group.group,
        "$ref": location(&group.group, base),
        "display": group.display,
        "type": if group.direct { "direct" } else { "indirect" },
    })
}
