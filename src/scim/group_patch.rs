//! PATCH of a group (RFC 7644 §3.5.2), in every form that identity providers send,
//! as steps. Members are named by id, so no step reads those that are there.
use super::error::Refusal;
use super::group::MAX_NAMED_MEMBERS;
use super::group_document::{display_name, external_id, member_ids};
use super::operations::{self, Op, Sent};
use super::schema::GROUP_URN;
use serde_json::Value;

/// One change of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `displayName` becomes this.
    Name(String),
    /// `externalId` becomes this.
    ExternalId(Option<String>),
    /// These become members.
    Add(Vec<String>),
    /// These are members no more.
    Remove(Vec<String>),
    /// These are the members.
    Replace(Vec<String>),
}

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Name,
    ExternalId,
    Members,
    Selected(Vec<String>),
}

/// Reads the body of a PATCH.
///
/// # Errors
/// `Syntax`, `Path`, `Filter`, `NoTarget`, `Value`, `Mutability`: what is wrong with
/// the first operation that cannot be done; `TooManyNamed`.
pub fn read(body: &[u8]) -> Result<Vec<Step>, Refusal> {
    let mut steps = Vec::new();
    for operation in operations::read(body)? {
        steps.extend(steps_of(operation)?);
    }
    let named = |step: &Step| match step {
        Step::Name(_) | Step::ExternalId(_) => 0,
        Step::Add(ids) | Step::Remove(ids) | Step::Replace(ids) => ids.len(),
    };
    if steps.iter().map(named).sum::<usize>() > MAX_NAMED_MEMBERS {
        return Err(Refusal::TooManyNamed);
    }
    Ok(steps)
}

fn steps_of(operation: Sent) -> Result<Vec<Step>, Refusal> {
    let Sent { op, path, value } = operation;
    match path {
        Some(path) => Ok(step(op, target(&path)?, value)?.into_iter().collect()),
        None => merge(op, value),
    }
}

/// An operation without a path: `value` is a set of attributes. What a group does not
/// have, or only we set, is passed over, as in a PUT: Okta sends `id` with the name.
fn merge(op: Op, value: Value) -> Result<Vec<Step>, Refusal> {
    if op == Op::Remove {
        return Err(Refusal::NoTarget("remove needs a path".to_owned()));
    }
    let Value::Object(members) = value else {
        return Err(Refusal::Value("without a path, value is an object".to_owned()));
    };
    let mut steps = Vec::new();
    for (key, value) in members {
        if let Ok(target) = target(&key) {
            steps.extend(step(op, target, value)?);
        }
    }
    Ok(steps)
}

/// RFC 7643 §2.5: to replace by null is to leave unassigned; to add it is nothing.
fn step(op: Op, target: Target, value: Value) -> Result<Option<Step>, Refusal> {
    let fixed = |what: &str| Err(Refusal::Mutability(what.to_owned()));
    let step = match (target, op) {
        (Target::Name | Target::ExternalId | Target::Members, Op::Add) if value.is_null() => {
            return Ok(None);
        }
        (Target::Name, Op::Remove) => return fixed("displayName is required"),
        (Target::Name, Op::Add | Op::Replace) => Step::Name(display_name(value)?),
        (Target::ExternalId, Op::Remove) => Step::ExternalId(None),
        (Target::ExternalId, Op::Add | Op::Replace) => Step::ExternalId(external_id(value)?),
        (Target::Members, Op::Add) => Step::Add(member_ids(value)?),
        (Target::Members, Op::Replace) => Step::Replace(member_ids(value)?),
        (Target::Members, Op::Remove) if value.is_null() => Step::Replace(Vec::new()),
        // Entra and JumpCloud list whom to remove.
        (Target::Members, Op::Remove) => Step::Remove(member_ids(value)?),
        (Target::Selected(ids), Op::Add) => Step::Add(ids),
        (Target::Selected(ids), Op::Remove) => Step::Remove(ids),
        (Target::Selected(_), Op::Replace) => {
            return fixed("a member is added or removed as a whole");
        }
    };
    Ok(Some(step))
}

/// What `path` names: an attribute, with or without the schema in front.
fn target(path: &str) -> Result<Target, Refusal> {
    let path = path.trim();
    let unknown = || Refusal::Path(format!("there is no attribute {path}"));
    let bare = without_schema(path);
    let end = bare.find(['[', '.']).unwrap_or(bare.len());
    let (name, rest) = bare.split_at_checked(end).unwrap_or((bare, ""));
    match (name.to_ascii_lowercase().as_str(), rest) {
        ("displayname", "") => Ok(Target::Name),
        ("externalid", "") => Ok(Target::ExternalId),
        ("members", "") => Ok(Target::Members),
        ("members", rest) => match rest.strip_prefix('[') {
            Some(selector) => selected(selector).map(Target::Selected),
            None => Err(part_of_member(rest).unwrap_or_else(unknown)),
        },
        ("id" | "schemas" | "meta", _) => Err(Refusal::Mutability(format!("{name} is read-only"))),
        _ => Err(unknown()),
    }
}

fn without_schema(path: &str) -> &str {
    let Some((head, rest)) = path.split_at_checked(GROUP_URN.len()) else { return path };
    if !head.eq_ignore_ascii_case(GROUP_URN) {
        return path;
    }
    rest.strip_prefix(':').unwrap_or(path)
}

/// Why `.value` and the like cannot be written: a member is what it is.
fn part_of_member(rest: &str) -> Option<Refusal> {
    let part = rest.strip_prefix('.')?;
    let known = ["value", "$ref", "type", "display"];
    known.iter().any(|name| name.eq_ignore_ascii_case(part)).then(|| {
        Refusal::Mutability(format!("{part} of a member is not changed: add and remove members"))
    })
}

/// The ids in `value eq "a" or value eq "b"]`.
fn selected(text: &str) -> Result<Vec<String>, Refusal> {
    let bad = |rest: &str| {
        let found: String = rest.chars().take(20).collect();
        Refusal::Path(format!(
            "members are selected by value eq \"id\", joined by or; not \"{found}\""
        ))
    };
    let mut ids = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (id, after) = comparison(rest)?;
        ids.push(id);
        if let Some(end) = after.strip_prefix(']') {
            return match end {
                "" => Ok(ids),
                end => Err(part_of_member(end).unwrap_or_else(|| bad(end))),
            };
        }
        let (word, after) = word(after);
        if !word.eq_ignore_ascii_case("or") {
            return Err(if word.eq_ignore_ascii_case("and") { only_value() } else { bad(rest) });
        }
        rest = after;
    }
}

/// `value eq "a"`, and what follows it.
fn comparison(text: &str) -> Result<(String, &str), Refusal> {
    let (name, rest) = word(text);
    let (operator, rest) = word(rest);
    if name.is_empty() || operator.is_empty() {
        return Err(Refusal::Path("brackets hold a filter such as value eq \"id\"".to_owned()));
    }
    if !name.eq_ignore_ascii_case("value") || !operator.eq_ignore_ascii_case("eq") {
        return Err(only_value());
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let Some(Ok(Value::String(id))) = values.next() else {
        return Err(Refusal::Path("an id is a string in quotation marks".to_owned()));
    };
    let after = rest.get(values.byte_offset()..).unwrap_or_default();
    Ok((id, after.trim_start()))
}

fn only_value() -> Refusal {
    Refusal::Filter("members are selected by value eq \"id\", joined by or".to_owned())
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '$').unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (word, rest.trim_start())
}
