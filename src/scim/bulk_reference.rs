//! References of one operation of a bulk request to what another makes (RFC 7644
//! §3.7.2): `bulkId:` and the `bulkId` of a POST, as a value or a part of one, or in the
//! path. Operations run after those that they refer to; where they refer to each other in
//! a circle, a resource is made without the reference first and completed afterwards.
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What a reference begins with.
const PREFIX: &str = "bulkId:";

/// What is referred to: ids of resources, by `bulkId`.
pub type Known = BTreeMap<String, String>;

/// An operation, as far as its order matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// What it makes, if it is a POST.
    pub makes: Option<String>,
    /// What it refers to.
    pub needs: BTreeSet<String>,
}

/// When an operation runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which one.
    pub index: usize,
    /// What it refers to that comes after it.
    pub later: BTreeSet<String>,
}

/// The order in which `nodes` run: their own, but for what must be there first.
#[must_use]
pub fn order(nodes: &[Node]) -> Vec<Turn> {
    let mut makers = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        if let Some(id) = &node.makes {
            makers.entry(id.as_str()).or_insert(index);
        }
    }
    let mut walk = Walk {
        nodes,
        makers,
        begun: vec![false; nodes.len()],
        done: vec![false; nodes.len()],
        turns: Vec::new(),
    };
    for index in 0..nodes.len() {
        walk.visit(index);
    }
    walk.turns
}

struct Walk<'a> {
    nodes: &'a [Node],
    makers: BTreeMap<&'a str, usize>,
    begun: Vec<bool>,
    done: Vec<bool>,
    turns: Vec<Turn>,
}

impl Walk<'_> {
    /// Goes down to what `start` needs, without recursion: a chain may be as long as
    /// the request.
    fn visit(&mut self, start: usize) {
        let mut path = vec![start];
        while let Some(&index) = path.last() {
            self.begun[index] = true;
            let nodes = self.nodes;
            let makers = nodes[index].needs.iter().filter_map(|id| self.makers.get(id.as_str()));
            if let Some(&next) = makers.into_iter().find(|next| !self.begun[**next]) {
                path.push(next);
                continue;
            }
            path.pop();
            if std::mem::replace(&mut self.done[index], true) {
                continue;
            }
            let later = nodes[index].needs.iter().filter(|id| self.is_on(&path, index, id));
            let later = later.cloned().collect();
            self.turns.push(Turn { index, later });
        }
    }

    /// Whether what is called `id` is still being waited for.
    fn is_on(&self, path: &[usize], index: usize, id: &str) -> bool {
        self.makers.get(id).is_some_and(|maker| *maker == index || path.contains(maker))
    }
}

/// What `data` refers to.
#[must_use]
pub fn needs(data: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect(data, &mut found);
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(named(text).map(str::to_owned)),
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(members) => members.values().for_each(|value| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The references in a text: all of it, or, in a path of a PATCH, what stands between
/// quotes.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let whole = text.strip_prefix(PREFIX).into_iter();
    let quoted = text.split('"').skip(1).step_by(2).filter_map(|part| part.strip_prefix(PREFIX));
    whole.chain(quoted.filter(|_| !text.starts_with(PREFIX)))
}

/// The reference in the last segment of a path.
#[must_use]
pub fn of_path(segment: &str) -> Option<&str> {
    segment.strip_prefix(PREFIX)
}

/// `data` with the id in place of each reference.
///
/// # Errors
/// The first reference that leads nowhere.
pub fn fill(data: Value, known: &Known) -> Result<Value, String> {
    Ok(match data {
        Value::String(text) => Value::String(fill_text(text, known)?),
        Value::Array(values) => Value::Array(
            values.into_iter().map(|value| fill(value, known)).collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let filled = members.into_iter().map(|(name, value)| Ok((name, fill(value, known)?)));
            Value::Object(filled.collect::<Result<Map<_, _>, String>>()?)
        }
        other => other,
    })
}

fn fill_text(text: String, known: &Known) -> Result<String, String> {
    let names: Vec<String> = named(&text).map(str::to_owned).collect();
    let mut filled = text;
    for name in names {
        let id = known.get(&name).ok_or_else(|| name.clone())?;
        let reference = format!("{PREFIX}{name}");
        if filled == reference {
            filled.clone_from(id);
        } else {
            filled = filled.replace(&format!("\"{reference}\""), &format!("\"{id}\""));
        }
    }
    Ok(filled)
}

/// `data` without what refers to `later`: the object that holds a reference goes as a
/// whole, such as a member of a group.
#[must_use]
pub fn without(data: &Map<String, Value>, later: &BTreeSet<String>) -> Map<String, Value> {
    let kept = data.iter().filter_map(|(name, value)| Some((name.clone(), prune(value, later)?)));
    kept.collect()
}

fn prune(value: &Value, later: &BTreeSet<String>) -> Option<Value> {
    match value {
        Value::String(text) => {
            (!named(text).any(|name| later.contains(name))).then(|| value.clone())
        }
        Value::Array(values) => {
            Some(Value::Array(values.iter().filter_map(|one| prune(one, later)).collect()))
        }
        Value::Object(members) => {
            let kept: Option<Map<String, Value>> = members
                .iter()
                .map(|(name, value)| Some((name.clone(), prune(value, later)?)))
                .collect();
            kept.map(Value::Object)
        }
        other => Some(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn node(makes: &str, needs: &[&str]) -> Node {
        let makes = (!makes.is_empty()).then(|| makes.to_owned());
        Node { makes, needs: needs.iter().map(|id| (*id).to_owned()).collect() }
    }

    fn ordered(nodes: &[Node]) -> Vec<(usize, Vec<String>)> {
        let turns = order(nodes).into_iter();
        turns.map(|turn| (turn.index, turn.later.into_iter().collect())).collect()
    }

    #[test]
    fn what_is_needed_comes_first_and_a_circle_is_cut_once() {
        let none = Vec::new;
        let chain = [node("", &["b"]), node("b", &["c"]), node("c", &[]), node("d", &["nobody"])];
        assert_eq!(ordered(&chain), [(2, none()), (1, none()), (0, none()), (3, none())]);

        let circle = [node("a", &["b"]), node("b", &["c"]), node("c", &["a"])];
        assert_eq!(ordered(&circle), [(2, vec!["a".to_owned()]), (1, none()), (0, none())]);

        assert_eq!(ordered(&[node("a", &["a"])]), [(0, vec!["a".to_owned()])]);
    }

    #[test]
    fn a_chain_as_long_as_a_request_is_ordered() {
        let nodes: Vec<Node> = (0..1_000)
            .map(|number| node(&number.to_string(), &[&(number + 1).to_string()]))
            .collect();
        let indexes: Vec<usize> = order(&nodes).into_iter().map(|turn| turn.index).collect();
        assert_eq!(indexes, (0..1_000).rev().collect::<Vec<_>>());
    }

    #[test]
    fn references_are_filled_wherever_they_stand() {
        let data = json!({
            "members": [{ "value": "bulkId:a" }, { "value": "known" }],
            "path": "members[value eq \"bulkId:b\"]", "manager": "bulkId:a", "title": "no bulkId:a",
        });
        assert_eq!(needs(&data).into_iter().collect::<Vec<_>>(), ["a", "b"]);
        let known =
            Known::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
        let filled = json!({
            "members": [{ "value": "1" }, { "value": "known" }],
            "path": "members[value eq \"2\"]", "manager": "1", "title": "no bulkId:a",
        });
        assert_eq!(fill(data.clone(), &known), Ok(filled));
        assert_eq!(fill(data, &Known::new()), Err("a".to_owned()));
    }

    #[test]
    fn what_comes_later_is_left_out_with_what_holds_it() {
        let data = json!({
            "members": [{ "value": "bulkId:a", "type": "Group" }, { "value": "bulkId:b" }],
            "displayName": "x", "manager": { "value": "bulkId:a" },
        });
        let kept = without(data.as_object().unwrap(), &BTreeSet::from(["a".to_owned()]));
        let wanted = json!({ "members": [{ "value": "bulkId:b" }], "displayName": "x" });
        assert_eq!(Value::Object(kept), wanted);
    }
}
