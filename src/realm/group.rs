//! Groups of a realm: a tree whose members hold the roles of their groups and of
//! all groups above. (Groups inside organizations are `org`'s.)
use super::registry::Attributes;
use crate::kernel::id::GroupId;
use std::collections::BTreeMap;

/// Most groups of a realm, the constraint `too_many_groups`. A search by a part
/// of the name looks at each of them; who has more customers than that gives
/// them organizations.
pub const MAX_GROUPS: i64 = 10_000;

/// How many groups may stand one below the other, the constraint
/// `group_too_deep`: each knows all that are above it.
pub const MAX_GROUP_DEPTH: usize = 16;

/// Most groups that new people join, the constraint `too_many_default_groups`:
/// each is a row more with every person.
pub const MAX_DEFAULT_GROUPS: i64 = 100;

/// Longest name of a group, in bytes: Keycloak's column.
pub const MAX_GROUP_NAME_BYTES: usize = 255;

/// Longest description of a group, in bytes: Keycloak's column.
pub const MAX_DESCRIPTION_BYTES: usize = 255;

/// Longest attributes of a group, in bytes of JSON.
pub const MAX_ATTRIBUTE_BYTES: usize = 64 * 1024;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The key.
    pub id: GroupId,
    /// The group above; `None` at the top.
    pub parent: Option<GroupId>,
    /// Unique among its siblings.
    pub name: String,
    /// For administrators.
    pub description: String,
    /// What the product's team notes about it.
    pub attributes: Attributes,
    /// The names from the top down to this one's.
    pub line: Vec<String>,
    /// How many groups are directly below.
    pub children: i64,
}

impl Group {
    /// Where it is, such as `/guides/rafting`; a slash in a name stands there as
    /// `~/` (Keycloak's escape).
    #[must_use]
    pub fn path(&self) -> String {
        path_of_line(&self.line)
    }
}

/// The path of the group to which these names lead from the top.
#[must_use]
pub fn path_of_line(line: &[String]) -> String {
    line.iter().flat_map(|name| ["/".to_owned(), name.replace('/', "~/")]).collect()
}

/// The roles that were granted to one group itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRoles {
    /// Roles of the realm, by name.
    pub of_realm: Vec<String>,
    /// Roles of clients: `client_id`, name.
    pub of_clients: BTreeMap<String, Vec<String>>,
}

impl GroupRoles {
    /// Adds a role.
    pub fn add(&mut self, client: Option<&str>, role: &str) {
        match client {
            None => self.of_realm.push(role.to_owned()),
            Some(client) => {
                self.of_clients.entry(client.to_owned()).or_default().push(role.to_owned());
            }
        }
    }
}

/// Why something cannot be a group's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadGroup {
    /// No name, or nothing but space; Keycloak's words.
    #[error("Group name is missing")]
    NoName,
    /// Too long, with control characters, or ambiguous in a path.
    #[error(
        "a group's name has at most {MAX_GROUP_NAME_BYTES} bytes, no control characters and no ~ at its end"
    )]
    Name,
    /// Too long.
    #[error("a group's description has at most {MAX_DESCRIPTION_BYTES} bytes")]
    Description,
    /// Too much.
    #[error("a group's attributes have at most {MAX_ATTRIBUTE_BYTES} bytes")]
    Attributes,
}

/// `name`, if a group can be called that. Unlike in Keycloak, none ends in `~`:
/// below it every path would read as a name with a slash.
///
/// # Errors
/// `NoName`, `Name`.
pub fn checked_name(name: Option<String>) -> Result<String, BadGroup> {
    let name = name.filter(|name| !name.trim().is_empty()).ok_or(BadGroup::NoName)?;
    let fits = name.len() <= MAX_GROUP_NAME_BYTES && !name.ends_with('~');
    if fits && !name.chars().any(char::is_control) { Ok(name) } else { Err(BadGroup::Name) }
}

/// `description`, if it is not too long.
///
/// # Errors
/// `Description`.
pub fn checked_description(description: Option<String>) -> Result<String, BadGroup> {
    let description = description.unwrap_or_default();
    let fits = description.len() <= MAX_DESCRIPTION_BYTES;
    if fits { Ok(description) } else { Err(BadGroup::Description) }
}

/// `attributes`, if they are not too much.
///
/// # Errors
/// `Attributes`.
pub fn checked_attributes(attributes: Attributes) -> Result<Attributes, BadGroup> {
    let bytes = serde_json::to_vec(&attributes).map_or(usize::MAX, |json| json.len());
    if bytes <= MAX_ATTRIBUTE_BYTES { Ok(attributes) } else { Err(BadGroup::Attributes) }
}

/// What there is no group at.
#[must_use]
pub fn no_group_at(path: &str) -> String {
    format!("Unable to find group specified by path: {path}")
}

/// The names on a path such as `/guides/a~/b`, with or without the slashes at its
/// ends; none for a path that leads nowhere.
#[must_use]
pub fn names_of_path(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    names_of_segments(path.strip_suffix('/').unwrap_or(path).split('/'))
}

/// The same for a path that is cut at its slashes: a segment that ends in `~` goes
/// on after the next slash, or ends in it.
pub fn names_of_segments<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Vec<String> {
    let mut names = Vec::new();
    let mut begun = String::new();
    for segment in segments {
        let segment = segment.as_ref();
        if let Some(start) = segment.strip_suffix('~') {
            begun.push_str(start);
            begun.push('/');
        } else {
            names.push(std::mem::take(&mut begun) + segment);
        }
    }
    if !begun.is_empty() {
        names.push(begun);
    }
    if names.iter().any(String::is_empty) { Vec::new() } else { names }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(line: &[&str]) -> Group {
        Group {
            id: "g".parse().unwrap(),
            parent: None,
            name: line.last().unwrap().to_string(),
            description: String::new(),
            attributes: Attributes::new(),
            line: line.iter().map(ToString::to_string).collect(),
            children: 0,
        }
    }

    #[test]
    fn a_path_leads_back_to_its_names() {
        let lines: &[(&[&str], &str)] = &[
            (&["guides"], "/guides"),
            (&["guides", "rafting"], "/guides/rafting"),
            (&["a/b"], "/a~/b"),
            (&["a/", "/b"], "/a~//~/b"),
            (&["a/"], "/a~/"),
            (&["/"], "/~/"),
            (&["a~b", "c ~ d"], "/a~b/c ~ d"),
            (&["a~/b"], "/a~~/b"),
        ];
        for (line, path) in lines {
            assert_eq!(group(line).path(), *path);
            assert_eq!(names_of_path(path), *line, "{path}");
        }
    }

    #[test]
    fn a_path_may_lack_the_slashes_at_its_ends() {
        for path in ["a/b", "/a/b", "a/b/", "/a/b/"] {
            assert_eq!(names_of_path(path), ["a", "b"], "{path}");
        }
        for path in ["", "/", "//", "a//b"] {
            assert_eq!(names_of_path(path), Vec::<String>::new(), "{path}");
        }
    }

    #[test]
    fn a_name_is_some_text_of_one_line() {
        let checked = |name: &str| checked_name(Some(name.to_owned()));
        for good in ["a", " a", "a/b", "~a", "Ä", &"x".repeat(MAX_GROUP_NAME_BYTES)] {
            assert_eq!(checked(good), Ok(good.to_owned()));
        }
        for none in ["", " ", "\t"] {
            assert_eq!(checked(none), Err(BadGroup::NoName), "{none:?}");
        }
        assert_eq!(checked_name(None), Err(BadGroup::NoName));
        for bad in ["a\nb", "a~", "~", &"x".repeat(MAX_GROUP_NAME_BYTES + 1)] {
            assert_eq!(checked(bad), Err(BadGroup::Name), "{bad:?}");
        }
    }
}
