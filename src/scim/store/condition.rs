//! A filter as a condition in SQL, on a table whose rows are resources.
//!
//! Every condition is true or false, never NULL, so that `NOT` turns it around.
use crate::platform::sql::Statement;
use crate::scim::filter::{Check, Filter, Key, Scalar};

/// Where a table has a value.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// Text in normal form, which may be NULL.
    Text(&'static str),
    /// True or false, never NULL.
    Truth(&'static str),
    /// Seconds since 1970, never NULL.
    Seconds(&'static str),
    /// The same for all resources of the table.
    Constant(&'static str),
    /// In the normal form.
    Normal,
}

/// A list that the table does not have in its normal form.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Up to where the condition on one of its values belongs, in parentheses; the
    /// values are rows of `item`.
    pub from: &'static str,
    /// A part of `item`.
    pub part: fn(&str) -> Option<&'static str>,
    /// Whether that looks into the normal form of users.
    pub reads_normal: bool,
}

/// A table of resources.
pub trait Table {
    /// Where `key` is.
    fn place(&self, key: &Key) -> Place;

    /// Where the list `key` is, when not in the normal form.
    fn listing(&self, key: &Key) -> Option<Listing>;

    /// The resources among which those are that have `value` in the list `key`, if
    /// an index knows: a condition with one `?`.
    fn shortlist(&self, key: &Key) -> Option<&'static str>;

    /// The normal form: a column of JSON.
    fn normal(&self) -> &'static str;

    /// What a row consists of; `id` among it.
    fn columns(&self) -> &'static str;

    /// The table, and which rows of it are resources: what stands behind `FROM`.
    fn rows(&self) -> &'static str;

    /// A statement for the number of all resources, called `total`.
    fn tally(&self) -> &'static str;

    /// The column with the id.
    fn id(&self) -> &'static str;

    /// The column with the time when the resource was made.
    fn age(&self) -> &'static str;

    /// Whether a column of text may be NULL.
    fn may_be_null(&self, column: &str) -> bool;
}

/// Whether `filter` looks into the normal form at all.
pub fn needs_normal(table: &dyn Table, filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => {
            parts.iter().any(|part| needs_normal(table, part))
        }
        Filter::Not(inner) => needs_normal(table, inner),
        Filter::Some(key, _) => table.listing(key).is_none_or(|listing| listing.reads_normal),
        Filter::Test(key, _) => matches!(table.place(key), Place::Normal),
    }
}

/// `statement` with the condition that `filter` holds for a row of `table`.
pub fn append(statement: Statement, table: &dyn Table, filter: &Filter) -> Statement {
    match filter {
        Filter::All(parts) => joined(statement, " AND ", "1", parts, &|statement, part| {
            append(statement, table, part)
        }),
        Filter::Any(parts) => {
            joined(statement, " OR ", "0", parts, &|statement, part| append(statement, table, part))
        }
        Filter::Not(inner) => append(statement.push("NOT ("), table, inner).push(")"),
        Filter::Some(key, inner) => some(statement, table, key, inner),
        Filter::Test(key, check) => match table.place(key) {
            Place::Text(column) => text(statement, column, check),
            Place::Truth(column) => truth(statement, column, check),
            Place::Seconds(column) => seconds(statement, column, check),
            Place::Constant(value) => {
                statement.push(if constant(value, check) { "1" } else { "0" })
            }
            Place::Normal => {
                let path = path_of(key);
                let extract = move |statement: Statement| {
                    statement
                        .push("json_extract(")
                        .push(table.normal())
                        .push(", ?)")
                        .bind(path.as_str())
                };
                normal(statement, &extract, check)
            }
        },
    }
}

fn joined(
    statement: Statement,
    word: &'static str,
    none: &'static str,
    parts: &[Filter],
    one: &dyn Fn(Statement, &Filter) -> Statement,
) -> Statement {
    let Some((first, others)) = parts.split_first() else { return statement.push(none) };
    let first = one(statement.push("("), first);
    others.iter().fold(first, |statement, part| one(statement.push(word), part)).push(")")
}

fn some(statement: Statement, table: &dyn Table, list: &Key, filter: &Filter) -> Statement {
    let statement = statement.push("(");
    let statement = match (table.shortlist(list), exact_value(filter)) {
        (Some(shortlist), Some(value)) => statement.push(shortlist).bind(value).push(" AND "),
        _ => statement,
    };
    if let Some(listing) = table.listing(list) {
        let statement = statement.push("EXISTS (").push(listing.from).push("(");
        return item(statement, filter, &|key, statement, check| match (listing.part)(&key.name) {
            Some(column) => text(statement, column, check),
            None => statement.push("0"),
        })
        .push(")))");
    }
    let statement = statement
        .push("EXISTS (SELECT 1 FROM json_each(")
        .push(table.normal())
        .push(", ?) AS item WHERE ")
        .bind(path_of(list));
    item(statement, filter, &|key, statement, check| {
        let name = key.name.clone();
        let extract = move |statement: Statement| {
            if name.is_empty() {
                return statement.push("item.value");
            }
            statement.push("json_extract(item.value, ?)").bind(quoted(&name))
        };
        normal(statement, &extract, check)
    })
    .push("))")
}

/// A check of a part of a value of a list.
type CheckPart<'a> = &'a dyn Fn(&Key, Statement, &Check) -> Statement;

fn item(statement: Statement, filter: &Filter, test: CheckPart<'_>) -> Statement {
    match filter {
        Filter::All(parts) => {
            joined(statement, " AND ", "1", parts, &|statement, part| item(statement, part, test))
        }
        Filter::Any(parts) => {
            joined(statement, " OR ", "0", parts, &|statement, part| item(statement, part, test))
        }
        Filter::Not(inner) => item(statement.push("NOT ("), inner, test).push(")"),
        Filter::Test(key, check) => test(key, statement, check),
        // A part of a value is no list (RFC 7643 §2.3.8).
        Filter::Some(..) => statement.push("0"),
    }
}

/// The `value` that a value of a list must have.
fn exact_value(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Test(key, Check::Equal(Scalar::Text(text))) if key.name == "value" => Some(text),
        Filter::All(parts) => parts.iter().find_map(exact_value),
        _ => None,
    }
}

/// A check of a column of text.
fn text(statement: Statement, column: &'static str, check: &Check) -> Statement {
    let assigned = |statement: Statement| {
        statement.push("(").push(column).push(" IS NOT NULL AND ").push(column)
    };
    match check {
        Check::Present => assigned(statement).push(" <> '')"),
        Check::Equal(Scalar::Text(text)) => {
            statement.push(column).push(" IS ?").bind(text.as_str())
        }
        // A range, which an index answers.
        Check::StartsWith(text) => {
            let statement = assigned(statement).push(" >= ?").bind(text.as_str());
            match end_of_prefix(text) {
                Some(end) => statement.push(" AND ").push(column).push(" < ?)").bind(end),
                None => statement.push(")"),
            }
        }
        Check::Greater(Scalar::Text(text)) => assigned(statement).push(" > ?)").bind(text.as_str()),
        Check::GreaterOrEqual(Scalar::Text(text)) => {
            assigned(statement).push(" >= ?)").bind(text.as_str())
        }
        Check::Less(Scalar::Text(text)) => assigned(statement).push(" < ?)").bind(text.as_str()),
        Check::LessOrEqual(Scalar::Text(text)) => {
            assigned(statement).push(" <= ?)").bind(text.as_str())
        }
        other => normal(statement, &|statement| statement.push(column), other),
    }
}

fn truth(statement: Statement, column: &'static str, check: &Check) -> Statement {
    match check {
        Check::Equal(Scalar::Truth(truth)) => statement.push(column).push(" = ?").bind(*truth),
        Check::Present => statement.push("1"),
        _ => statement.push("0"),
    }
}

/// Our moments have whole seconds; those that they are compared with need not.
fn seconds(statement: Statement, column: &'static str, check: &Check) -> Statement {
    let floor = |millis: &i64| millis.div_euclid(1000);
    let ceiling = |millis: &i64| -(-millis).div_euclid(1000);
    let (sign, seconds) = match check {
        Check::Present => return statement.push("1"),
        Check::Equal(Scalar::Moment(at)) if at % 1000 == 0 => (" = ?", at / 1000),
        Check::Greater(Scalar::Moment(at)) => (" > ?", floor(at)),
        Check::GreaterOrEqual(Scalar::Moment(at)) => (" >= ?", ceiling(at)),
        Check::Less(Scalar::Moment(at)) => (" < ?", ceiling(at)),
        Check::LessOrEqual(Scalar::Moment(at)) => (" <= ?", floor(at)),
        _ => return statement.push("0"),
    };
    statement.push(column).push(sign).bind(seconds)
}

fn constant(value: &str, check: &Check) -> bool {
    Filter::Test(Key { extension: None, name: String::new(), sub: None }, check.clone())
        .holds(&value.into())
}

/// A check of a value of the normal form, which `extract` appends.
fn normal(
    statement: Statement,
    extract: &dyn Fn(Statement) -> Statement,
    check: &Check,
) -> Statement {
    let (sign, scalar) = match check {
        Check::Present => {
            return extract(statement.push("coalesce(")).push(" <> '', 0)");
        }
        Check::Contains(part) => {
            let statement = extract(statement.push("coalesce(instr("));
            return statement.push(", ?) > 0, 0)").bind(part.as_str());
        }
        Check::StartsWith(part) => {
            let statement = extract(statement.push("coalesce(instr("));
            return statement.push(", ?) = 1, 0)").bind(part.as_str());
        }
        Check::EndsWith(part) if part.is_empty() => {
            return extract(statement.push("(")).push(" IS NOT NULL)");
        }
        // From the end of the text, as many characters as the part has.
        Check::EndsWith(part) => {
            let length = i64::try_from(part.chars().count()).unwrap_or(i64::MAX);
            let statement = extract(statement.push("coalesce(substr("));
            return statement.push(", -?) = ?, 0)").bind(length).bind(part.as_str());
        }
        Check::Equal(scalar) => (" = ", scalar),
        Check::Greater(scalar) => (" > ", scalar),
        Check::GreaterOrEqual(scalar) => (" >= ", scalar),
        Check::Less(scalar) => (" < ", scalar),
        Check::LessOrEqual(scalar) => (" <= ", scalar),
    };
    let statement = extract(statement.push("coalesce(")).push(sign);
    match scalar {
        Scalar::Text(text) => statement.push("?, 0)").bind(text.as_str()),
        Scalar::Truth(truth) => statement.push("?, 0)").bind(*truth),
        Scalar::Moment(moment) => statement.push("?, 0)").bind(*moment),
        // Statements bind no fractions.
        Scalar::Number(number) => statement.push("CAST(? AS REAL), 0)").bind(number.to_string()),
    }
}

/// The JSON path to `key` in a normal form.
#[must_use]
pub fn path_of(key: &Key) -> String {
    let mut path = "$".to_owned();
    let parts = [key.extension.as_deref(), Some(&*key.name), key.sub.as_deref()];
    for part in parts.into_iter().flatten() {
        path.push_str(".\"");
        path.push_str(part);
        path.push('"');
    }
    path
}

fn quoted(name: &str) -> String {
    format!("$.\"{name}\"")
}

/// The first text after all that begin with `prefix`.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // The next character, past the gap of the surrogates.
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            last => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}
