//! Which resources a list asks for, and which values of a list a PATCH means
//! (RFC 7644 §3.4.2.2): an expression, understood by the schema.
//!
//! A comparison with a list holds when it holds for one of its values; `ne` is
//! `not eq`. What is unassigned equals nothing but `null`.
use super::error::Refusal;
use super::expression::{Expression, Operator, Path, parse_filter};
use super::moment;
use super::normal::{fold, truth};
use super::schema::{Attribute, Kind};
use super::shape::{Field, Found, Shape};
use serde_json::Value;

/// A condition. With no member, [`Self::All`] always holds and [`Self::Any`] never.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All hold.
    All(Vec<Self>),
    /// One holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// One value of the list meets the condition, whose keys are its parts.
    Some(Key, Box<Self>),
    /// The value passes the check.
    Test(Key, Check),
}

/// Where a value is, in the schema's spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The extension that it belongs to.
    pub extension: Option<String>,
    /// The attribute; empty for a value of a list that has no parts.
    pub name: String,
    /// The part.
    pub sub: Option<String>,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// Assigned, and not empty.
    Present,
    /// This.
    Equal(Scalar),
    /// A text with this in it.
    Contains(String),
    /// A text that begins so.
    StartsWith(String),
    /// A text that ends so.
    EndsWith(String),
    /// Above this.
    Greater(Scalar),
    /// This or above.
    GreaterOrEqual(Scalar),
    /// Below this.
    Less(Scalar),
    /// This or below.
    LessOrEqual(Scalar),
}

/// A value to compare with, in normal form ([`super::normal`]).
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Text; folded where case does not count.
    Text(String),
    /// True or false.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A moment, in milliseconds since 1970.
    Moment(i64),
}

impl Default for Filter {
    /// Every resource.
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Key {
    /// The key of `field`.
    #[must_use]
    pub fn of(field: &Field<'_>) -> Self {
        Self {
            extension: field.extension.map(|extension| extension.urn.to_string()),
            name: field.attribute.name.to_string(),
            sub: field.sub.map(|sub| sub.name.to_string()),
        }
    }

    /// A part of a value of a list.
    fn part(name: &str) -> Self {
        Self { extension: None, name: name.to_owned(), sub: None }
    }

    /// Whether it is the attribute `name` of the core schema, as a whole.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.extension.is_none() && self.sub.is_none() && self.name == name
    }
}

impl Filter {
    /// Reads the parameter `filter` of a list of resources of `shape`.
    ///
    /// # Errors
    /// `Filter` for what is no filter, or compares what cannot be compared.
    pub fn read(text: &str, shape: &Shape) -> Result<Self, Refusal> {
        let expression = parse_filter(text).map_err(|error| Refusal::Filter(error.to_string()))?;
        on_resource(&expression, shape).map_err(Refusal::Filter)
    }

    /// Whether `value`, in normal form, meets the condition: for values that are
    /// not in the database.
    #[must_use]
    pub fn holds(&self, value: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(value)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(value)),
            Self::Not(inner) => !inner.holds(value),
            Self::Some(key, inner) => {
                let list = value.get(&key.name).and_then(Value::as_array);
                list.into_iter().flatten().any(|value| inner.holds(value))
            }
            Self::Test(key, check) if key.name.is_empty() => check.passes(value),
            Self::Test(key, check) => value.get(&key.name).is_some_and(|part| check.passes(part)),
        }
    }
}

/// The selector of a PATCH path, on the values of `list`.
///
/// # Errors
/// What is wrong with it.
pub fn on_values(expression: &Expression, list: &Attribute) -> Result<Filter, String> {
    walk(expression, &|path| {
        if path.selector.is_some() {
            return Err(format!("{} cannot be selected from here", path.name));
        }
        let sub = list.sub(&path.name).or_else(|| {
            // `members[value eq "x"]` of a list of plain values.
            Some(list)
                .filter(|list| list.subs().is_empty() && path.name.eq_ignore_ascii_case("value"))
        });
        let sub = sub.ok_or_else(|| format!("{} has no part {}", list.name, path.name))?;
        let name = if list.subs().is_empty() { "" } else { &sub.name };
        Ok(Target { within: None, key: Key::part(name), attribute: sub, is_named: true })
    })
}

/// What a comparison is about.
struct Target<'a> {
    /// The list whose values are compared, and what else must hold of the value.
    within: Option<(Key, Filter)>,
    /// The value; a part of the list's.
    key: Key,
    /// What the value is.
    attribute: &'a Attribute,
    /// Whether a part of the list's values was named.
    is_named: bool,
}

fn on_resource(expression: &Expression, shape: &Shape) -> Result<Filter, String> {
    walk(expression, &|path| {
        let found = shape.find(&path.name);
        let Some(Found::Attribute(field)) = found else {
            return Err(format!("there is no attribute {}", path.name));
        };
        let attribute = field.attribute;
        if !attribute.multi_valued {
            if path.selector.is_some() {
                return Err(format!("{} is not a list", path.name));
            }
            return single(&field, path);
        }
        let list = Key { sub: None, ..Key::of(&field) };
        let selected = match &path.selector {
            Some(selector) => on_values(selector, attribute)?,
            None => Filter::default(),
        };
        let sub = match (&path.sub, field.sub) {
            (Some(name), None) => {
                Some(attribute.sub(name).ok_or_else(|| format!("{list:?} has no part {name}"))?)
            }
            (None, sub) => sub,
            (Some(name), Some(_)) => return Err(format!("{name} leads nowhere")),
        };
        let is_named = sub.is_some();
        // RFC 7644 §3.4.2.2: a list without a part named stands for its `value`s.
        let sub = sub.or_else(|| attribute.sub("value"));
        let (name, attribute) = match sub {
            Some(sub) => (&*sub.name, sub),
            None => ("", attribute),
        };
        Ok(Target { within: Some((list, selected)), key: Key::part(name), attribute, is_named })
    })
}

fn single<'a>(field: &Field<'a>, path: &Path) -> Result<Target<'a>, String> {
    if path.sub.is_some() {
        return Err(format!("{} is not a list", path.name));
    }
    let key = Key::of(field);
    let attribute = field.sub.unwrap_or(field.attribute);
    Ok(Target { within: None, key, attribute, is_named: true })
}

fn walk<'a>(
    expression: &Expression,
    resolve: &dyn Fn(&Path) -> Result<Target<'a>, String>,
) -> Result<Filter, String> {
    let each = |parts: &[Expression]| {
        parts.iter().map(|part| walk(part, resolve)).collect::<Result<Vec<_>, _>>()
    };
    match expression {
        Expression::All(parts) => each(parts).map(Filter::All),
        Expression::Any(parts) => each(parts).map(Filter::Any),
        Expression::Not(inner) => Ok(Filter::Not(Box::new(walk(inner, resolve)?))),
        Expression::Present(path) => Ok(present(resolve(path)?)),
        Expression::Compare(path, operator, literal) => compare(resolve(path)?, *operator, literal),
    }
}

/// `pr`, or brackets that select.
fn present(target: Target<'_>) -> Filter {
    match target.within {
        // `emails pr`: whether there is any such value, whatever its parts.
        Some((list, selected)) if !target.is_named => Filter::Some(list, Box::new(selected)),
        within => placed(within, Filter::Test(target.key, Check::Present)),
    }
}

fn placed(within: Option<(Key, Filter)>, test: Filter) -> Filter {
    match within {
        None => test,
        Some((list, Filter::All(parts))) if parts.is_empty() => Filter::Some(list, Box::new(test)),
        Some((list, selected)) => Filter::Some(list, Box::new(Filter::All(vec![selected, test]))),
    }
}

fn compare(target: Target<'_>, operator: Operator, literal: &Value) -> Result<Filter, String> {
    let Target { within, mut key, mut attribute, .. } = target;
    // Entra compares a manager with an id; the RFC has no such comparison.
    if let (None, Some(value)) = (&within, attribute.sub("value")) {
        key.sub = Some(value.name.to_string());
        attribute = value;
    }
    // RFC 7644 §3.4.2.2: null stands for what is unassigned.
    if literal.is_null() {
        let assigned = placed(within, Filter::Test(key, Check::Present));
        return match operator {
            Operator::Equal => Ok(Filter::Not(Box::new(assigned))),
            Operator::NotEqual => Ok(assigned),
            _ => Err(format!("{} cannot be compared so with null", attribute.name)),
        };
    }
    let check = check(attribute, operator, scalar(attribute, literal)?)?;
    let test = placed(within, Filter::Test(key, check));
    Ok(if operator == Operator::NotEqual { Filter::Not(Box::new(test)) } else { test })
}

fn check(attribute: &Attribute, operator: Operator, scalar: Scalar) -> Result<Check, String> {
    let is_ordered = !matches!(scalar, Scalar::Truth(_)) && attribute.kind != Kind::Binary;
    match (operator, scalar) {
        (Operator::Equal | Operator::NotEqual, scalar) => Ok(Check::Equal(scalar)),
        (Operator::Contains, Scalar::Text(text)) if is_ordered => Ok(Check::Contains(text)),
        (Operator::StartsWith, Scalar::Text(text)) if is_ordered => Ok(Check::StartsWith(text)),
        (Operator::EndsWith, Scalar::Text(text)) if is_ordered => Ok(Check::EndsWith(text)),
        (Operator::Greater, scalar) if is_ordered => Ok(Check::Greater(scalar)),
        (Operator::GreaterOrEqual, scalar) if is_ordered => Ok(Check::GreaterOrEqual(scalar)),
        (Operator::Less, scalar) if is_ordered => Ok(Check::Less(scalar)),
        (Operator::LessOrEqual, scalar) if is_ordered => Ok(Check::LessOrEqual(scalar)),
        _ => Err(format!("{} cannot be compared so", attribute.name)),
    }
}

fn scalar(attribute: &Attribute, literal: &Value) -> Result<Scalar, String> {
    let read = match (&attribute.kind, literal) {
        (Kind::Text | Kind::Reference | Kind::Binary, Value::String(text)) => {
            Some(Scalar::Text(fold(attribute, text)))
        }
        // Entra compares booleans with strings: `active eq "True"`.
        (Kind::Boolean, literal) => truth(literal).map(Scalar::Truth),
        (Kind::Decimal | Kind::Integer, Value::Number(number)) => {
            number.as_f64().map(Scalar::Number)
        }
        (Kind::Moment, Value::String(text)) => moment::parse(text).map(Scalar::Moment),
        _ => None,
    };
    read.ok_or_else(|| format!("{} cannot be compared with {literal}", attribute.name))
}

impl Check {
    /// Whether `value`, in normal form, passes.
    fn passes(&self, value: &Value) -> bool {
        let text = value.as_str().unwrap_or_default();
        match self {
            Self::Present => !value.is_null() && value.as_str() != Some(""),
            Self::Equal(scalar) => scalar.order(value) == Some(std::cmp::Ordering::Equal),
            Self::Contains(part) => text.contains(part.as_str()),
            Self::StartsWith(part) => text.starts_with(part.as_str()),
            Self::EndsWith(part) => text.ends_with(part.as_str()),
            Self::Greater(scalar) => scalar.order(value).is_some_and(std::cmp::Ordering::is_gt),
            Self::GreaterOrEqual(scalar) => {
                scalar.order(value).is_some_and(std::cmp::Ordering::is_ge)
            }
            Self::Less(scalar) => scalar.order(value).is_some_and(std::cmp::Ordering::is_lt),
            Self::LessOrEqual(scalar) => scalar.order(value).is_some_and(std::cmp::Ordering::is_le),
        }
    }
}

impl Scalar {
    /// How `value`, in normal form, stands to this.
    fn order(&self, value: &Value) -> Option<std::cmp::Ordering> {
        match self {
            Self::Text(text) => Some(value.as_str()?.cmp(text)),
            Self::Truth(truth) => Some(value.as_bool()?.cmp(truth)),
            Self::Number(number) => value.as_f64()?.partial_cmp(number),
            Self::Moment(moment) => Some(value.as_i64()?.cmp(moment)),
        }
    }
}
