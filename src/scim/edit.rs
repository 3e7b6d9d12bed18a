//! Changing what one place of a document says. On a refusal the document is left
//! half-changed: work on a copy.
use super::document::{Document, accept, accept_one};
use super::error::Refusal;
use super::expression::{Expression, Operator, Path};
use super::filter::{self, Filter};
use super::normal;
use super::schema::{Attribute, Schema};
use super::shape::{Field, Found, Shape};
use serde_json::{Map, Value};

type Members = Map<String, Value>;

/// The two ways to write (RFC 7644 §3.5.2.1, §3.5.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Next to what is there.
    Add,
    /// Instead of what is there.
    Replace,
}

/// What a path names, as the schema has it.
enum Target<'a> {
    /// An extension as a whole.
    Extension(&'a Schema),
    /// An attribute, or a part of it.
    Attribute(Field<'a>),
    /// Values of a list, or a part of each.
    Values(Field<'a>, Selector<'a>),
}

/// Values of a list: those that the filter lets through.
struct Selector<'a> {
    filter: Filter,
    expression: &'a Expression,
}

impl<'a> Target<'a> {
    /// Finds what `path` names.
    ///
    /// # Errors
    /// `Path` when there is nothing of that name, `Mutability` when only we write it.
    fn of(path: &'a Path, shape: &'a Shape) -> Result<Self, Refusal> {
        let unknown = |name: &str| Refusal::Path(format!("there is no attribute {name}"));
        let mut field = match shape.find(&path.name).ok_or_else(|| unknown(&path.name))? {
            Found::Extension(_) if path.selector.is_some() => return Err(unknown(&path.name)),
            Found::Extension(extension) => return Ok(Self::Extension(extension)),
            Found::Attribute(field) => field,
        };
        if let Some(sub) = &path.sub {
            let found = field.attribute.sub(sub).filter(|_| field.sub.is_none());
            field.sub = Some(found.ok_or_else(|| unknown(sub))?);
        }
        if field.is_read_only() {
            return Err(Refusal::Mutability(format!("{} is read-only", path.name)));
        }
        let Some(expression) = &path.selector else { return Ok(Self::Attribute(field)) };
        if !field.attribute.multi_valued {
            let why = format!("{} has no list of values to select from", path.name);
            return Err(Refusal::Path(why));
        }
        let filter = filter::on_values(expression, field.attribute).map_err(Refusal::Path)?;
        Ok(Self::Values(field, Selector { filter, expression }))
    }
}

/// Adds or replaces the value at `path`; null there means "unassigned"
/// (RFC 7643 §2.5).
///
/// # Errors
/// `Path` when it names nothing, `Mutability` when only we write it, `Value` for a
/// value of another type, `NoTarget` when a replacement selects nothing.
pub fn write(
    document: &mut Document,
    mode: Mode,
    path: &Path,
    value: Value,
    shape: &Shape,
) -> Result<(), Refusal> {
    match (value, mode) {
        (Value::Null, Mode::Add) => Ok(()),
        (Value::Null, Mode::Replace) => unset(document, &Target::of(path, shape)?),
        (value, _) => match Target::of(path, shape)? {
            Target::Extension(extension) => {
                write_extension(document, mode, extension, value, shape)
            }
            Target::Attribute(field) => {
                in_owner(document, &field, |owner| write_in(owner, mode, &field, value))
            }
            Target::Values(field, selector) => in_list(document, &field, |list| {
                let selected = Selected { field, selector: Some(selector) };
                write_selected(list, mode, &selected, value)
            }),
        },
    }
}

/// Leaves what `path` names unassigned.
///
/// # Errors
/// As [`write()`]; `Mutability` also for what a resource must have.
pub fn remove(document: &mut Document, path: &Path, shape: &Shape) -> Result<(), Refusal> {
    let target = Target::of(path, shape)?;
    if let Target::Attribute(field) = &target {
        let (attribute, whole) = (field.attribute, field.sub.is_none());
        if attribute.required && whole {
            return Err(Refusal::Mutability(format!("{} is required", attribute.name)));
        }
    }
    unset(document, &target)
}

fn write_extension(
    document: &mut Document,
    mode: Mode,
    extension: &Schema,
    value: Value,
    shape: &Shape,
) -> Result<(), Refusal> {
    let Value::Object(members) = value else {
        return Err(Refusal::Value("an extension is an object".to_owned()));
    };
    for (name, value) in members {
        let name = format!("{}:{name}", extension.urn);
        if shape.find(&name).is_some() {
            let path = Path { name, selector: None, sub: None };
            write(document, mode, &path, value, shape)?;
        }
    }
    Ok(())
}

fn write_in(
    owner: &mut Members,
    mode: Mode,
    field: &Field<'_>,
    value: Value,
) -> Result<(), Refusal> {
    let attribute = field.attribute;
    match (attribute.multi_valued, field.sub) {
        (false, None) => write_single(owner, attribute, value),
        (false, Some(sub)) => in_object(owner, &attribute.name, |members| {
            put(members, sub, accept(sub, value)?);
            Ok(())
        }),
        (true, None) => write_list(owner, mode, attribute, value),
        (true, Some(_)) => {
            let selected = Selected { field: *field, selector: None };
            in_values(owner, &attribute.name, |list| write_selected(list, mode, &selected, value))
        }
    }
}

/// A complex value keeps the sub-attributes that are not named, for add and
/// replace alike (RFC 7644 §3.5.2.3).
fn write_single(owner: &mut Members, to: &Attribute, value: Value) -> Result<(), Refusal> {
    match accept(to, value)? {
        Some(Value::Object(new)) => in_object(owner, &to.name, |members| {
            members.extend(new);
            Ok(())
        }),
        accepted => {
            put(owner, to, accepted);
            Ok(())
        }
    }
}

fn write_list(
    owner: &mut Members,
    mode: Mode,
    attribute: &Attribute,
    value: Value,
) -> Result<(), Refusal> {
    match (mode, accept(attribute, value)?) {
        (Mode::Replace, accepted) => {
            put(owner, attribute, accepted);
            Ok(())
        }
        (Mode::Add, Some(Value::Array(new))) => in_values(owner, &attribute.name, |list| {
            for value in new {
                append(list, value);
            }
            Ok(())
        }),
        (Mode::Add, _) => Ok(()),
    }
}

/// RFC 7644 §3.5.2.1: a value that is there already is not added again.
fn append(list: &mut Vec<Value>, value: Value) {
    if !list.contains(&value) {
        yield_primary(list, &value);
        list.push(value);
    }
}

fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// RFC 7644 §3.5.2: a new primary value takes `primary` from the others.
fn yield_primary(list: &mut [Value], new: &Value) {
    if is_primary(new) {
        for other in list.iter_mut().filter_map(|value| value.get_mut("primary")) {
            *other = Value::Bool(false);
        }
    }
}

/// The same, where the new value is among them.
fn keep_primary(list: &mut [Value], new: &Value) {
    for other in list.iter_mut().filter(|value| *value != new) {
        if let Some(primary) = other.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
}

/// Values of a list: those that are selected; all when there is no selector. Or the
/// part of them that is named.
struct Selected<'a> {
    field: Field<'a>,
    selector: Option<Selector<'a>>,
}

impl Selected<'_> {
    fn contains(&self, value: &Value) -> bool {
        let normal = || normal::one(self.field.attribute, value);
        self.selector.as_ref().is_none_or(|selector| selector.filter.holds(&normal()))
    }

    /// What the selector says that a value must be, when it says so by equality:
    /// Entra adds `emails[type eq "work"].value` to a user who has no such address.
    fn implied(&self) -> Result<Members, Refusal> {
        let mut members = Members::new();
        let expression = self.selector.as_ref().map(|selector| selector.expression);
        let terms = match expression {
            None => &[],
            Some(Expression::All(terms)) => terms.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        for term in terms {
            let Expression::Compare(path, Operator::Equal, literal) = term else {
                return Err(self.nothing());
            };
            if let Some(sub) = self.field.attribute.sub(&path.name) {
                put(&mut members, sub, accept(sub, literal.clone())?);
            }
        }
        Ok(members)
    }

    fn nothing(&self) -> Refusal {
        Refusal::NoTarget(format!("no value of {} is selected", self.field.attribute.name))
    }

    /// What a selected value becomes. A value that replaces another keeps what it
    /// was selected by (RFC 7644 §3.5.2.3).
    fn write(&self, mode: Mode, old: Option<&Value>, new: Value) -> Result<Value, Refusal> {
        let list = self.field.attribute;
        if list.subs().is_empty() {
            return Ok(accept_one(list, new)?.unwrap_or_default());
        }
        let mut members = match (old, self.field.sub, mode) {
            (Some(Value::Object(old)), Some(_), _) | (Some(Value::Object(old)), _, Mode::Add) => {
                old.clone()
            }
            (Some(_), _, _) => self.implied().unwrap_or_default(),
            (None, _, _) => self.implied()?,
        };
        match self.field.sub {
            Some(sub) => put(&mut members, sub, accept(sub, new)?),
            None => {
                if let Some(Value::Object(new)) = accept_one(list, new)? {
                    members.extend(new);
                }
            }
        }
        Ok(Value::Object(members))
    }
}

fn write_selected(
    list: &mut Vec<Value>,
    mode: Mode,
    selected: &Selected<'_>,
    value: Value,
) -> Result<(), Refusal> {
    let chosen: Vec<bool> = list.iter().map(|value| selected.contains(value)).collect();
    if !chosen.contains(&true) {
        if mode == Mode::Replace && selected.selector.is_some() {
            return Err(selected.nothing());
        }
        append(list, selected.write(mode, None, value)?);
        return Ok(());
    }
    let mut written = None;
    for (old, _) in list.iter_mut().zip(chosen).filter(|(_, chosen)| *chosen) {
        *old = selected.write(mode, Some(old), value.clone())?;
        written.get_or_insert(old.clone());
    }
    if let Some(new) = written.filter(is_primary) {
        keep_primary(list, &new);
    }
    list.retain(|value| !is_empty(value));
    Ok(())
}

/// A value without parts is unassigned (RFC 7643 §2.5).
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(Map::is_empty)
}

fn unset(document: &mut Document, target: &Target<'_>) -> Result<(), Refusal> {
    match target {
        Target::Extension(extension) => {
            document.0.remove(&*extension.urn);
            Ok(())
        }
        Target::Attribute(field) => in_owner(document, field, |owner| unset_in(owner, field)),
        Target::Values(field, selector) => in_list(document, field, |list| {
            if !unset_selected(list, field, |value| {
                selector.filter.holds(&normal::one(field.attribute, value))
            }) {
                let name = &field.attribute.name;
                return Err(Refusal::NoTarget(format!("no value of {name} is selected")));
            }
            Ok(())
        }),
    }
}

fn unset_in(owner: &mut Members, field: &Field<'_>) -> Result<(), Refusal> {
    let name = &field.attribute.name;
    match field.sub {
        None => {
            owner.remove(&**name);
            Ok(())
        }
        Some(sub) if !field.attribute.multi_valued => in_object(owner, name, |members| {
            members.remove(&*sub.name);
            Ok(())
        }),
        Some(_) => in_values(owner, name, |list| {
            unset_selected(list, field, |_| true);
            Ok(())
        }),
    }
}

/// Whether anything was selected.
fn unset_selected(
    list: &mut Vec<Value>,
    field: &Field<'_>,
    is_selected: impl Fn(&Value) -> bool,
) -> bool {
    let mut found = false;
    for mut value in std::mem::take(list) {
        if !is_selected(&value) {
            list.push(value);
            continue;
        }
        found = true;
        if let (Some(sub), Some(members)) = (field.sub, value.as_object_mut()) {
            members.remove(&*sub.name);
            if !members.is_empty() {
                list.push(value);
            }
        }
    }
    found
}

fn put(owner: &mut Members, attribute: &Attribute, value: Option<Value>) {
    match value {
        Some(value) => owner.insert(attribute.name.to_string(), value),
        None => owner.remove(&*attribute.name),
    };
}

/// Works on the members among which the attribute is: the document's own, or an
/// extension's.
fn in_owner(
    document: &mut Document,
    field: &Field<'_>,
    work: impl FnOnce(&mut Members) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    match field.extension {
        Some(extension) => in_object(&mut document.0, &extension.urn, work),
        None => work(&mut document.0),
    }
}

/// Works on the values of the list.
fn in_list(
    document: &mut Document,
    field: &Field<'_>,
    work: impl FnOnce(&mut Vec<Value>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    in_owner(document, field, |owner| in_values(owner, &field.attribute.name, work))
}

/// Works on the object under `key`. An emptied one is an unassigned one
/// (RFC 7643 §2.5).
fn in_object(
    owner: &mut Members,
    key: &str,
    work: impl FnOnce(&mut Members) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut members = match owner.remove(key) {
        Some(Value::Object(members)) => members,
        _ => Members::new(),
    };
    work(&mut members)?;
    if !members.is_empty() {
        owner.insert(key.to_owned(), Value::Object(members));
    }
    Ok(())
}

/// [`in_object`], for a list.
fn in_values(
    owner: &mut Members,
    key: &str,
    work: impl FnOnce(&mut Vec<Value>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut list = match owner.remove(key) {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    work(&mut list)?;
    if !list.is_empty() {
        owner.insert(key.to_owned(), Value::Array(list));
    }
    Ok(())
}
