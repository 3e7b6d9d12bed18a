//! `GET /Groups`: a page of the organization's groups (RFC 7644 §3.4.2), and which of
//! them a filter lets through.
use super::error::Refusal;
use super::expression::{Comparison, Place, Term, parse_filter};
use super::group::{MAX_TOLD_MEMBERS, Member, ScimGroup, Telling};
use super::list::{DEFAULT_COUNT, MAX_COUNT};
use super::schema::GROUP_URN;
use super::store;
use super::store::user::Part;
use crate::kernel::id::GroupId;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde_json::Value;
use std::collections::HashMap;

/// How many names are folded at once.
const FOLDED_AT_ONCE: i64 = 500;

/// One condition on a group; each is answered from an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `id eq`.
    Id(String),
    /// `displayName eq`, without regard to case; folded.
    Name(String),
    /// `externalId eq`, exactly.
    ExternalId(String),
    /// `members eq`, `members.value eq`, `members[value eq]`: the id of a user or of
    /// a group directly below.
    Member(String),
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which groups: those that meet all of these.
    pub conditions: Vec<Condition>,
    /// The place of the first one, counted from 1.
    pub start_index: i64,
    /// How many at most.
    pub count: i64,
}

/// A page.
#[derive(Clone, Debug)]
pub struct Listed {
    /// How many the filter lets through, on all pages.
    pub total: i64,
    /// The place of the first one, counted from 1.
    pub start_index: i64,
    /// The groups of this page.
    pub groups: Vec<ScimGroup>,
}

impl Wanted {
    /// Reads the parameters, as of users ([`super::list`]).
    ///
    /// # Errors
    /// `Filter`, or `Value` for a number that is none.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refusal> {
        let number = |name: &str, default: i64| match get(name) {
            None | Some("") => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| Refusal::Value(format!("{name} is not a whole number")))
            }
        };
        Ok(Self {
            conditions: match get("filter") {
                None | Some("") => Vec::new(),
                Some(text) => read_filter(text)?,
            },
            start_index: number("startIndex", 1)?.max(1),
            count: number("count", DEFAULT_COUNT)?.clamp(0, MAX_COUNT),
        })
    }
}

/// A page of the organization's groups, the oldest first.
///
/// # Errors
/// `Store` when SQLite fails.
pub fn list(sql: &dyn Sql, wanted: &Wanted) -> Result<Listed, Refusal> {
    fold_names(sql)?;
    let part = Part { offset: wanted.start_index - 1, limit: wanted.count };
    Ok(Listed {
        total: store::group::count(sql, &wanted.conditions)?,
        start_index: wanted.start_index,
        groups: store::group::list(sql, &wanted.conditions, part)?,
    })
}

/// The members of each of `groups`, if the answer tells them.
///
/// # Errors
/// `TooManyTold`; `Store` when SQLite fails.
pub fn members_of(
    sql: &dyn Sql,
    groups: &[ScimGroup],
    telling: Telling,
) -> Result<Option<HashMap<GroupId, Vec<Member>>>, Refusal> {
    if telling == Telling::Nothing {
        return Ok(None);
    }
    let ids: Vec<&GroupId> = groups.iter().map(|group| &group.id).collect();
    let members = store::group_member::list_members(sql, &ids, telling, MAX_TOLD_MEMBERS + 1)?;
    if i64::try_from(members.len()).is_ok_and(|count| count <= MAX_TOLD_MEMBERS) {
        return Ok(Some(store::group_member::by_group(members)));
    }
    Err(Refusal::TooManyTold)
}

/// Folds the names that SQL could not: it knows the case of ASCII only.
fn fold_names(sql: &dyn Sql) -> Result<(), StoreError> {
    loop {
        let unfolded = store::group::list_unfolded(sql, FOLDED_AT_ONCE)?;
        if unfolded.is_empty() {
            return Ok(());
        }
        for (group, name) in unfolded {
            store::group::set_folded(sql, &group, &name.to_lowercase())?;
        }
    }
}

/// Reads the parameter `filter`.
///
/// # Errors
/// `Filter` for everything beyond equality of `id`, `displayName`, `externalId` and
/// `members`, joined by `and`.
pub fn read_filter(text: &str) -> Result<Vec<Condition>, Refusal> {
    let terms = parse_filter(text).map_err(|error| Refusal::Filter(error.to_string()))?;
    let understood = |term: &Term| {
        condition(term).ok_or_else(|| {
            let known = "equality of id, displayName, externalId and members, joined by and";
            Refusal::Filter(format!("this server filters groups by {known}"))
        })
    };
    terms.iter().map(understood).collect()
}

fn condition(term: &Term) -> Option<Condition> {
    match term {
        Term::Equals(place, literal) => equality(place, literal),
        Term::Has(place) => match place.selector.as_deref()? {
            [Comparison { attribute, literal }]
                if names(place, "members") && attribute.name.eq_ignore_ascii_case("value") =>
            {
                Some(Condition::Member(text(literal)?))
            }
            _ => None,
        },
    }
}

fn equality(place: &Place, literal: &Value) -> Option<Condition> {
    if place.selector.is_some() {
        return None;
    }
    let sub = place.attribute.sub.as_deref();
    let text = text(literal)?;
    if sub.is_none_or(|sub| sub.eq_ignore_ascii_case("value")) && names(place, "members") {
        return Some(Condition::Member(text));
    }
    let plain = |name| sub.is_none() && names(place, name);
    if plain("id") {
        Some(Condition::Id(text))
    } else if plain("displayName") {
        Some(Condition::Name(text.to_lowercase()))
    } else if plain("externalId") {
        Some(Condition::ExternalId(text))
    } else {
        None
    }
}

fn names(place: &Place, name: &str) -> bool {
    !place.attribute.enterprise && place.attribute.name.eq_ignore_ascii_case(name)
}

fn text(literal: &Value) -> Option<String> {
    literal.as_str().map(str::to_owned)
}

/// What an answer tells of members, by `attributes` and `excludedAttributes` (RFC 7644
/// §3.9). What they are called is told when it is asked for.
#[must_use]
pub fn telling<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Telling {
    let named = |parameter: &str| -> Vec<String> {
        let names = get(parameter).unwrap_or_default().to_ascii_lowercase();
        let schema = format!("{}:", GROUP_URN.to_ascii_lowercase());
        let names = names.split(',').map(|name| name.trim().replacen(&schema, "", 1));
        names.filter(|name| !name.is_empty()).collect()
    };
    let wanted = named("attributes");
    let of_members = |name: &String| name == "members" || name.starts_with("members.");
    if named("excludedAttributes").iter().any(|name| name == "members")
        || (!wanted.is_empty() && !wanted.iter().any(of_members))
    {
        Telling::Nothing
    } else if wanted.iter().any(|name| name == "members.display") {
        Telling::Names
    } else {
        Telling::Members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_that_providers_send_are_understood() {
        let member = || Condition::Member("x".to_owned());
        let known = [
            (r#"displayName eq "Ärzte""#, Condition::Name("ärzte".to_owned())),
            (r#"DISPLAYNAME Eq "Guides""#, Condition::Name("guides".to_owned())),
            (r#"externalId eq "Ann""#, Condition::ExternalId("Ann".to_owned())),
            (r#"id eq "1""#, Condition::Id("1".to_owned())),
            (r#"members.value eq "x""#, member()),
            (r#"members eq "x""#, member()),
            (r#"members[value eq "x"]"#, member()),
        ];
        for (text, condition) in known {
            assert_eq!(read_filter(text).unwrap(), [condition], "{text}");
        }
        let both = r#"id eq "1" and members[value eq "x"]"#;
        assert_eq!(read_filter(both).unwrap().len(), 2);
    }

    #[test]
    fn every_other_filter_is_refused_rather_than_answered_wrongly() {
        let refused = [
            r#"displayName sw "a""#,
            "displayName eq 7",
            r#"members.display eq "x""#,
            r#"members[type eq "User"]"#,
            r#"members[value eq "x" and type eq "User"]"#,
            r#"userName eq "x""#,
        ];
        for text in refused {
            assert!(matches!(read_filter(text), Err(Refusal::Filter(_))), "{text}");
        }
    }

    #[test]
    fn members_are_told_unless_they_are_not_wanted() {
        let told = |attributes: &'static str, excluded: &'static str| {
            telling(|name| match name {
                "attributes" => Some(attributes),
                "excludedAttributes" => Some(excluded),
                _ => None,
            })
        };
        let known = [
            ("", "", Telling::Members),
            ("", "Members", Telling::Nothing),
            ("", "displayName, members", Telling::Nothing),
            ("", "urn:ietf:params:scim:schemas:core:2.0:Group:members", Telling::Nothing),
            ("", "members.display", Telling::Members),
            ("displayName", "", Telling::Nothing),
            ("displayName,members", "", Telling::Members),
            ("members.value", "", Telling::Members),
            ("members.display", "", Telling::Names),
        ];
        for (attributes, excluded, telling) in known {
            assert_eq!(told(attributes, excluded), telling, "{attributes} without {excluded}");
        }
    }
}
