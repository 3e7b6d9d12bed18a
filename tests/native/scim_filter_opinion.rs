//! A second opinion on filters: an evaluator that was written from RFC 7644 §3.4.2.2
//! alone, and how a filter may be spelled.
//!
//! Where the RFC leaves a choice, this is the one that is taken: `ne` is `not eq`, of
//! lists too; what is unassigned equals nothing but `null`; a value is not primary
//! unless it says so (RFC 7643 §2.4).
use crate::harness::dice::Dice;
use serde_json::Value;

pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Case does not count.
    Text,
    /// Case counts.
    Exact,
    Truth,
    Moment,
}

/// An attribute with one value, by the way to it.
pub type Single = (&'static [&'static str], Kind);

/// A filter, as it is meant.
#[derive(Clone, Debug)]
pub enum Filter {
    Compare(Place, &'static str, Value),
    Present(Place),
    /// `attribute[...]`.
    Has(&'static str, Box<Self>),
    /// `attribute[...].part op value`.
    HasPart(&'static str, Box<Self>, Box<Self>),
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

/// What is compared.
#[derive(Clone, Debug)]
pub enum Place {
    Single(Single),
    /// A part of the values of a list; `None`: the values themselves.
    List(&'static str, Option<&'static str>, Kind),
    /// A part of the value that brackets look at.
    Part(&'static str, Kind),
}

impl Filter {
    /// Whether `subject` meets it: a resource, or in brackets one value of a list.
    pub fn holds(&self, subject: &Value) -> bool {
        match self {
            Self::Compare(place, operator, literal) => {
                let kind = place.kind();
                let values = place.values(subject);
                let equal = |literal: &Value| match literal {
                    Value::Null => values.iter().all(is_empty),
                    literal => values.iter().any(|value| compare(kind, "eq", value, literal)),
                };
                match *operator {
                    "eq" => equal(literal),
                    "ne" => !equal(literal),
                    operator => values.iter().any(|value| compare(kind, operator, value, literal)),
                }
            }
            Self::Present(Place::List(list, None, _)) => {
                elements(subject, list).iter().any(|value| !is_empty(value))
            }
            Self::Present(place) => place.values(subject).iter().any(|value| !is_empty(value)),
            Self::Has(list, inner) => elements(subject, list).iter().any(|one| inner.holds(one)),
            Self::HasPart(list, inner, part) => {
                elements(subject, list).iter().any(|one| inner.holds(one) && part.holds(one))
            }
            Self::Not(inner) => !inner.holds(subject),
            Self::And(left, right) => left.holds(subject) && right.holds(subject),
            Self::Or(left, right) => left.holds(subject) || right.holds(subject),
        }
    }
}

impl Place {
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Single((_, kind)) | Self::List(_, _, kind) | Self::Part(_, kind) => *kind,
        }
    }

    pub fn values(&self, subject: &Value) -> Vec<Value> {
        match self {
            Self::Single((path, _)) => {
                let found = path.iter().try_fold(subject, |value, name| value.get(name));
                found.cloned().into_iter().collect()
            }
            Self::List(list, None, _) if *list == "schemas" => elements(subject, list),
            // Compared, a list stands for its `value`s.
            Self::List(list, sub, _) => {
                let sub = sub.unwrap_or("value");
                elements(subject, list).iter().map(|one| part(one, sub)).collect()
            }
            Self::Part(name, _) => vec![part(subject, name)],
        }
    }
}

pub fn elements(subject: &Value, list: &str) -> Vec<Value> {
    subject.get(list).and_then(Value::as_array).cloned().unwrap_or_default()
}

pub fn part(element: &Value, name: &str) -> Value {
    match element.get(name) {
        Some(value) => value.clone(),
        None if name == "primary" => Value::Bool(false),
        None => Value::Null,
    }
}

/// RFC 7644 table 3, `pr`: "non-empty or non-null".
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        _ => false,
    }
}

fn compare(kind: Kind, operator: &str, value: &Value, literal: &Value) -> bool {
    match kind {
        Kind::Truth => value == literal,
        Kind::Moment => match (value.as_str(), literal.as_str()) {
            (Some(left), Some(right)) => ordered(operator, &instant(left), &instant(right)),
            _ => false,
        },
        Kind::Text | Kind::Exact => {
            let (Some(left), Some(right)) = (value.as_str(), literal.as_str()) else {
                return false;
            };
            let fold = |text: &str| {
                if kind == Kind::Exact { text.to_owned() } else { text.to_lowercase() }
            };
            let (left, right) = (fold(left), fold(right));
            match operator {
                "co" => left.contains(&right),
                "sw" => left.starts_with(&right),
                "ew" => left.ends_with(&right),
                operator => ordered(operator, &left, &right),
            }
        }
    }
}

fn ordered<T: Ord>(operator: &str, left: &T, right: &T) -> bool {
    match operator {
        "eq" => left == right,
        "gt" => left > right,
        "ge" => left >= right,
        "lt" => left < right,
        "le" => left <= right,
        other => panic!("{other} orders nothing"),
    }
}

/// Milliseconds since some day, of a moment written with or without a fraction, in
/// any zone.
fn instant(text: &str) -> i64 {
    let number = |part: &str| part.parse::<i64>().unwrap();
    let (date, rest) = text.split_at(10);
    let date: Vec<i64> = date.split('-').map(number).collect();
    let clock: Vec<i64> = rest[1..9].split(':').map(number).collect();
    let zone_at = rest[9..].find(['Z', '+', '-']).unwrap() + 9;
    let fraction = rest[9..zone_at].trim_start_matches('.');
    let millis = number(&format!("{fraction:0<3}")[..3]);
    let offset = match &rest[zone_at..] {
        "Z" => 0,
        zone => {
            let minutes = number(&zone[1..3]) * 60 + number(&zone[4..6]);
            if zone.starts_with('-') { -minutes } else { minutes }
        }
    };
    // Every moment here is of one year, and no leap day lies between two of them.
    let days = date[0] * 372 + date[1] * 31 + date[2];
    ((days * 24 + clock[0]) * 60 + clock[1] - offset) * 60_000 + clock[2] * 1000 + millis
}

impl Filter {
    pub fn write(&self, dice: &Dice) -> String {
        match self {
            Self::Compare(place, operator, literal) => {
                let literal = match literal {
                    Value::Bool(_) if dice.below(3) == 0 => capitalised(&literal.to_string()),
                    literal => literal.to_string(),
                };
                format!("{} {} {literal}", place.write(dice), spelled(operator, dice))
            }
            Self::Present(place) => format!("{} {}", place.write(dice), spelled("pr", dice)),
            Self::Has(list, inner) => format!("{}[{}]", spelled(list, dice), inner.write(dice)),
            Self::HasPart(list, inner, part) => {
                format!("{}[{}].{}", spelled(list, dice), inner.write(dice), part.write(dice))
            }
            Self::Not(inner) => format!("{} ({})", spelled("not", dice), inner.write(dice)),
            Self::And(left, right) => {
                // `or` binds less: without parentheses it would mean something else.
                let side = |side: &Self| match side {
                    Self::Or(..) => format!("({})", side.write(dice)),
                    side => side.write(dice),
                };
                format!("{} {} {}", side(left), spelled("and", dice), side(right))
            }
            Self::Or(left, right) => {
                format!("{} {} {}", left.write(dice), spelled("or", dice), right.write(dice))
            }
        }
    }
}

impl Place {
    pub fn write(&self, dice: &Dice) -> String {
        match self {
            Self::Single((path, _)) if path[0] == ENTERPRISE_URN => {
                format!("{ENTERPRISE_URN}:{}", spelled(&path[1..].join("."), dice))
            }
            Self::Single((path, _)) => prefixed(spelled(&path.join("."), dice), dice),
            Self::List(list, None, _) => prefixed(spelled(list, dice), dice),
            Self::List(list, Some(sub), _) => {
                prefixed(spelled(&format!("{list}.{sub}"), dice), dice)
            }
            Self::Part(name, _) => spelled(name, dice),
        }
    }
}

/// RFC 7644 §3.10: an attribute may have its schema in front.
fn prefixed(name: String, dice: &Dice) -> String {
    let common = ["id", "externalid", "schemas", "meta"];
    let is_common = common.iter().any(|common| name.to_lowercase().starts_with(common));
    if dice.below(8) == 0 && !is_common { format!("{USER_URN}:{name}") } else { name }
}

/// Names and operators have no case.
fn spelled(name: &str, dice: &Dice) -> String {
    match dice.below(6) {
        0 => name.to_uppercase(),
        1 => name.to_lowercase(),
        2 => capitalised(name),
        _ => name.to_owned(),
    }
}

fn capitalised(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}
