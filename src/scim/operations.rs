//! The body of a PATCH (RFC 7644 §3.5.2): its operations, as they were sent.
use super::error::Refusal;
use crate::web::json;
use serde_json::{Map, Value};

/// Most operations of one request. Entra sends at most one per mapped attribute.
pub const MAX_OPERATIONS: usize = 1000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Next to what is there.
    Add,
    /// Instead of what is there.
    Replace,
    /// Takes away.
    Remove,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent {
    /// What it does.
    pub op: Op,
    /// Where; an empty path is none.
    pub path: Option<String>,
    /// With what; null when it is not said.
    pub value: Value,
}

/// Reads the body of a PATCH. Member names are matched without regard to case,
/// and so are operations: Entra sends "Replace".
///
/// # Errors
/// `Syntax` for a body that is no PATCH, `Path` for a path that is no text.
pub fn read(body: &[u8]) -> Result<Vec<Sent>, Refusal> {
    let bad = |why: &str| Refusal::Syntax(why.to_owned());
    let mut body: Map<String, Value> =
        json::read(body).map_err(|error| Refusal::Syntax(error.to_string()))?;
    let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
        return Err(bad("Operations is not a list"));
    };
    if operations.is_empty() || operations.len() > MAX_OPERATIONS {
        return Err(Refusal::Syntax(format!("Operations has not 1 to {MAX_OPERATIONS} members")));
    }
    operations.into_iter().map(operation).collect()
}

fn operation(value: Value) -> Result<Sent, Refusal> {
    let Value::Object(mut members) = value else {
        return Err(Refusal::Syntax("an operation is not an object".to_owned()));
    };
    let op = take(&mut members, "op");
    let op = match op.as_ref().and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
        Some("add") => Op::Add,
        Some("replace") => Op::Replace,
        Some("remove") => Op::Remove,
        _ => return Err(Refusal::Syntax("op is not add, replace or remove".to_owned())),
    };
    let path = match take(&mut members, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text).filter(|text| !text.is_empty()),
        Some(_) => return Err(Refusal::Path("it is not a string".to_owned())),
    };
    let value = take(&mut members, "value");
    // RFC 7644 §3.5.2.1; brackets say what to add as well.
    let is_said = path.as_ref().is_some_and(|path| path.ends_with(']'));
    if op == Op::Add && value.is_none() && !is_said {
        return Err(Refusal::Value("add needs a value".to_owned()));
    }
    Ok(Sent { op, path, value: value.unwrap_or(Value::Null) })
}

/// Takes out the member called `name`, case aside.
pub(super) fn take(members: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let key = members.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    members.remove(&key)
}
