//! Changing what one place of a document says. On a refusal the document is left
//! half-changed: work on a copy.
use super::document::{Document, accept, accept_one};
use super::error::Refusal;
use super::expression::{AttributeName, Comparison, Place};
use super::schema::{self, Attribute};
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

/// What a place names, as the schema has it.
pub struct Target {
    attribute: &'static Attribute,
    sub: Option<&'static Attribute>,
    enterprise: bool,
}

impl Target {
    /// Finds what `place` names.
    ///
    /// # Errors
    /// `Path` when there is nothing of that name, `Mutability` when only we set it.
    pub fn of(place: &Place) -> Result<Self, Refusal> {
        let AttributeName { enterprise, name, sub } = &place.attribute;
        let unknown = |name: &str| Refusal::Path(format!("there is no attribute {name}"));
        if !enterprise && schema::is_read_only(name) {
            return Err(Refusal::Mutability(format!("{name} is read-only")));
        }
        let found = if *enterprise {
            schema::find(schema::ENTERPRISE, name)
        } else {
            schema::find_core(name)
        };
        let attribute = found.ok_or_else(|| unknown(name))?;
        let sub = match sub {
            Some(sub) => Some(attribute.sub(sub).ok_or_else(|| unknown(sub))?),
            None => None,
        };
        if place.selector.is_some() && !attribute.multi_valued {
            return Err(Refusal::Path(format!("{name} has no list of values to select from")));
        }
        Ok(Self { attribute, sub, enterprise: *enterprise })
    }
}

/// Whether `place` is the enterprise extension as a whole.
#[must_use]
pub fn is_extension(place: &Place) -> bool {
    place.attribute.enterprise && place.attribute.name.is_empty()
}

/// Adds or replaces the value at `place`; null there means "unassigned"
/// (RFC 7643 §2.5).
///
/// # Errors
/// `Path` and `Mutability` as [`Target::of`], `Value` for a value of another type,
/// `NoTarget` when a replacement selects nothing.
pub fn write(
    document: &mut Document,
    mode: Mode,
    place: &Place,
    value: Value,
) -> Result<(), Refusal> {
    match (value, mode) {
        (Value::Null, Mode::Add) => Ok(()),
        (Value::Null, Mode::Replace) => unset(document, place),
        (value, _) if is_extension(place) => write_extension(document, mode, value),
        (value, _) => {
            let target = Target::of(place)?;
            in_owner(document, &target, |owner| write_in(owner, mode, &target, place, value))
        }
    }
}

/// Leaves what `place` names unassigned.
///
/// # Errors
/// As [`write()`]; `Mutability` also for what a user must have.
pub fn remove(document: &mut Document, place: &Place) -> Result<(), Refusal> {
    if !is_extension(place) && place.attribute.sub.is_none() && place.selector.is_none() {
        let attribute = Target::of(place)?.attribute;
        if attribute.required {
            return Err(Refusal::Mutability(format!("{} is required", attribute.name)));
        }
    }
    unset(document, place)
}

fn write_extension(document: &mut Document, mode: Mode, value: Value) -> Result<(), Refusal> {
    let Value::Object(members) = value else {
        return Err(Refusal::Value("an extension is an object".to_owned()));
    };
    for (name, value) in members {
        if schema::find(schema::ENTERPRISE, &name).is_some() {
            let attribute = AttributeName { enterprise: true, name, sub: None };
            write(document, mode, &Place { attribute, selector: None }, value)?;
        }
    }
    Ok(())
}

fn write_in(
    owner: &mut Members,
    mode: Mode,
    target: &Target,
    place: &Place,
    value: Value,
) -> Result<(), Refusal> {
    let attribute = target.attribute;
    match (attribute.multi_valued, target.sub, &place.selector) {
        (false, None, _) => write_single(owner, attribute, value),
        (false, Some(sub), _) => in_object(owner, attribute.name, |members| {
            put(members, sub, accept(sub, value)?);
            Ok(())
        }),
        (true, None, None) => write_list(owner, mode, attribute, value),
        (true, sub, selector) => {
            let selector = selector.as_deref().unwrap_or_default();
            let selected = Selected { list: attribute, sub, selector };
            in_list(owner, attribute.name, |list| write_selected(list, mode, &selected, value))
        }
    }
}

/// A complex value keeps the sub-attributes that are not named, for add and
/// replace alike (RFC 7644 §3.5.2.3).
fn write_single(owner: &mut Members, to: &Attribute, value: Value) -> Result<(), Refusal> {
    match accept(to, value)? {
        Some(Value::Object(new)) => in_object(owner, to.name, |members| {
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
        (Mode::Add, Some(Value::Array(new))) => in_list(owner, attribute.name, |list| {
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

/// RFC 7644 §3.5.2: a new primary value takes `primary` from the others.
fn yield_primary(list: &mut [Value], new: &Value) {
    if new.get("primary") != Some(&Value::Bool(true)) {
        return;
    }
    for other in list.iter_mut().filter_map(|value| value.get_mut("primary")) {
        *other = Value::Bool(false);
    }
}

/// Values of a list: those that meet every condition; all when there is none.
struct Selected<'a> {
    list: &'static Attribute,
    sub: Option<&'static Attribute>,
    selector: &'a [Comparison],
}

impl Selected<'_> {
    fn contains(&self, value: &Value) -> Result<bool, Refusal> {
        for comparison in self.selector {
            let sub = self.sub_of(&comparison.attribute)?;
            if !same(sub, value.get(sub.name), &comparison.literal) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn sub_of(&self, name: &AttributeName) -> Result<&'static Attribute, Refusal> {
        let plain = name.sub.is_none() && !name.enterprise;
        let sub = self.list.sub(&name.name).filter(|_| plain);
        sub.ok_or_else(|| {
            Refusal::Path(format!("{} has no sub-attribute {}", self.list.name, name.name))
        })
    }

    /// A value that meets every condition.
    fn implied(&self) -> Result<Members, Refusal> {
        let mut members = Members::new();
        for comparison in self.selector {
            let sub = self.sub_of(&comparison.attribute)?;
            put(&mut members, sub, accept(sub, comparison.literal.clone())?);
        }
        Ok(members)
    }

    fn nothing(&self) -> Refusal {
        Refusal::NoTarget(format!("no value of {} is selected", self.list.name))
    }

    /// What `value` says about each selected value.
    fn members_of(&self, value: Value) -> Result<Members, Refusal> {
        let mut members = Members::new();
        match self.sub {
            Some(sub) => put(&mut members, sub, accept(sub, value)?),
            None => {
                if let Some(Value::Object(new)) = accept_one(self.list, value)? {
                    members = new;
                }
            }
        }
        Ok(members)
    }
}

fn same(sub: &Attribute, has: Option<&Value>, wanted: &Value) -> bool {
    match (has, wanted) {
        (Some(Value::String(has)), Value::String(wanted)) if !sub.case_exact => {
            has.to_lowercase() == wanted.to_lowercase()
        }
        (Some(Value::Bool(has)), Value::String(wanted)) => {
            wanted.eq_ignore_ascii_case(if *has { "true" } else { "false" })
        }
        // RFC 7643 §2.4: `primary` is false unless said otherwise.
        (None, Value::Bool(false) | Value::Null) => true,
        (has, wanted) => has == Some(wanted),
    }
}

fn write_selected(
    list: &mut Vec<Value>,
    mode: Mode,
    selected: &Selected<'_>,
    value: Value,
) -> Result<(), Refusal> {
    let new = selected.members_of(value)?;
    let mut others = Vec::with_capacity(list.len());
    for value in &*list {
        others.push(!selected.contains(value)?);
    }
    if others.iter().all(|other| *other) {
        return write_implied(list, mode, selected, new);
    }
    yield_primary(list, &Value::Object(new.clone()));
    for (value, other) in list.iter_mut().zip(others) {
        if let (Value::Object(members), false) = (value, other) {
            members.extend(new.clone());
        }
    }
    Ok(())
}

/// Entra adds `emails[type eq "work"].value` to a user who has no such address.
fn write_implied(
    list: &mut Vec<Value>,
    mode: Mode,
    selected: &Selected<'_>,
    new: Members,
) -> Result<(), Refusal> {
    if mode == Mode::Replace && !selected.selector.is_empty() {
        return Err(selected.nothing());
    }
    let mut members = selected.implied()?;
    members.extend(new);
    append(list, Value::Object(members));
    Ok(())
}

fn unset(document: &mut Document, place: &Place) -> Result<(), Refusal> {
    if is_extension(place) {
        document.0.remove(schema::ENTERPRISE_URN);
        return Ok(());
    }
    let target = Target::of(place)?;
    in_owner(document, &target, |owner| unset_in(owner, &target, place))
}

fn unset_in(owner: &mut Members, target: &Target, place: &Place) -> Result<(), Refusal> {
    let attribute = target.attribute;
    match (&place.selector, target.sub) {
        (None, None) => {
            owner.remove(attribute.name);
            Ok(())
        }
        (None, Some(sub)) if !attribute.multi_valued => {
            in_object(owner, attribute.name, |members| {
                members.remove(sub.name);
                Ok(())
            })
        }
        (selector, sub) => {
            let selector = selector.as_deref().unwrap_or_default();
            let selected = Selected { list: attribute, sub, selector };
            in_list(owner, attribute.name, |list| unset_selected(list, &selected))
        }
    }
}

fn unset_selected(list: &mut Vec<Value>, selected: &Selected<'_>) -> Result<(), Refusal> {
    let mut found = selected.selector.is_empty();
    for mut value in std::mem::take(list) {
        if !selected.contains(&value)? {
            list.push(value);
            continue;
        }
        found = true;
        if let (Some(sub), Some(members)) = (selected.sub, value.as_object_mut()) {
            members.remove(sub.name);
            if !members.is_empty() {
                list.push(value);
            }
        }
    }
    if found { Ok(()) } else { Err(selected.nothing()) }
}

fn put(owner: &mut Members, attribute: &Attribute, value: Option<Value>) {
    match value {
        Some(value) => owner.insert(attribute.name.to_owned(), value),
        None => owner.remove(attribute.name),
    };
}

/// Works on the members among which the target is: the document's own, or the
/// extension's.
fn in_owner(
    document: &mut Document,
    target: &Target,
    work: impl FnOnce(&mut Members) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    if target.enterprise {
        in_object(&mut document.0, schema::ENTERPRISE_URN, work)
    } else {
        work(&mut document.0)
    }
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
fn in_list(
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
