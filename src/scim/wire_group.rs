//! Groups as SCIM JSON (RFC 7643 §4.2).
use super::error::Refusal;
use super::group::{Member, MemberKind, ScimGroup, UserGroup};
use super::group_list::{members_of, telling};
use super::schema::GROUP_URN;
use super::wire::View;
use crate::kernel::id::GroupId;
use crate::platform::sql::Sql;
use serde_json::{Value, json};
use std::collections::HashMap;

/// The members of some groups, if the answer tells them.
type Members = Option<HashMap<GroupId, Vec<Member>>>;

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

/// `groups`, each as `view` shows it.
///
/// # Errors
/// `TooManyTold`; `Store` when SQLite fails.
pub fn all(sql: &dyn Sql, groups: &[ScimGroup], view: &View) -> Result<Vec<Value>, Refusal> {
    let members = members_of(sql, groups, telling(&view.projection, &view.shape))?;
    let show = |one: &ScimGroup| match group(one, &members, &view.base) {
        Value::Object(json) => Value::Object(view.projection.of(&view.shape, json)),
        json => json,
    };
    Ok(groups.iter().map(show).collect())
}

fn group(group: &ScimGroup, members: &Members, base: &str) -> Value {
    let mut json = json!({
        "schemas": [GROUP_URN],
        "id": group.id,
        "displayName": group.name,
        "meta": {
            "resourceType": "Group",
            "created": group.created_at.to_rfc3339(),
            "lastModified": group.updated_at.to_rfc3339(),
            "location": location(&group.id, base),
            "version": etag(group),
        },
    });
    if let Some(external_id) = &group.external_id {
        json["externalId"] = json!(external_id);
    }
    if let Some(members) = members {
        let members = members.get(&group.id).map(Vec::as_slice).unwrap_or_default();
        let members: Vec<Value> = members.iter().map(|one| member(one, base)).collect();
        json["members"] = json!(members);
    }
    json
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
