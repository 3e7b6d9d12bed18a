//! What a list is asked for: in the query of a GET (RFC 7644 §3.4.2), or in the body
//! of a `/.search` (§3.4.3).
use super::cursor::Cursor;
use super::error::Refusal;
use super::filter::{Filter, Key};
use super::projection::Projection;
use super::schema::{Attribute, Kind};
use super::shape::{Found, Shape};
use crate::web::form::Form;
use crate::web::json;
use serde::Deserialize;
use serde_json::Value;

/// Resources of a page when the client names no number.
pub const DEFAULT_COUNT: i64 = 100;

/// Most resources of a page, whatever the client names (`filter.maxResults`).
pub const MAX_COUNT: i64 = 200;

/// What a `/.search` must say it is (RFC 7644 §3.4.3).
pub const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// What a client asks for, in its words. In a query, every member is text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Asked {
    schemas: Vec<String>,
    attributes: Option<Names>,
    excluded_attributes: Option<Names>,
    filter: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<Value>,
    count: Option<Value>,
    cursor: Option<String>,
}

/// Names of attributes: a list, or, as in a query, separated by commas.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Names {
    List(Vec<String>),
    Text(String),
}

/// What a client asks of the resources of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which.
    pub filter: Filter,
    /// In which order; as they were made, when none is named.
    pub sort: Option<Sort>,
    /// From where on.
    pub from: From,
    /// How many at most.
    pub count: i64,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what: the `value` of the first value, of a list.
    pub by: Key,
    /// Whether it is the first value of a list.
    pub is_list: bool,
    /// Whether backwards.
    pub descending: bool,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// At this place, counted from 1.
    Index(i64),
    /// At the first one; more is asked for by cursor (RFC 9865).
    Start,
    /// Behind this one.
    After(Cursor),
}

impl Asked {
    /// Reads the query of a GET.
    #[must_use]
    pub fn in_query(query: &Form) -> Self {
        let text = |name: &str| query.first(name).map(str::to_owned);
        let value = |name: &str| text(name).filter(|text| !text.is_empty()).map(Value::from);
        Self {
            schemas: Vec::new(),
            attributes: text("attributes").map(Names::Text),
            excluded_attributes: text("excludedAttributes").map(Names::Text),
            filter: text("filter"),
            sort_by: text("sortBy"),
            sort_order: text("sortOrder"),
            start_index: value("startIndex"),
            count: value("count"),
            cursor: text("cursor"),
        }
    }

    /// Reads the body of a `/.search`.
    ///
    /// # Errors
    /// `Syntax` for what is none.
    pub fn in_body(body: &[u8]) -> Result<Self, Refusal> {
        let asked: Self = json::read(body).map_err(|error| Refusal::Syntax(error.to_string()))?;
        if !asked.schemas.iter().any(|urn| urn.eq_ignore_ascii_case(SEARCH_URN)) {
            return Err(Refusal::Syntax(format!("schemas does not name {SEARCH_URN}")));
        }
        Ok(asked)
    }

    /// What the answer shows of each resource.
    #[must_use]
    pub fn projection(&self) -> Projection {
        let names = |names: &Option<Names>| match names {
            None => Vec::new(),
            Some(Names::List(list)) => list.clone(),
            Some(Names::Text(text)) => text.split(',').map(str::to_owned).collect(),
        };
        Projection::new(names(&self.attributes), names(&self.excluded_attributes))
    }

    /// What that means for resources of `shape`. RFC 7644 §3.4.2.4: a `startIndex`
    /// below 1 is 1, a negative `count` is 0.
    ///
    /// # Errors
    /// `Filter`; `Path` for an order by what is not there; `Value` for a number that
    /// is none; `Cursor`, `Count` (RFC 9865 §2.1).
    pub fn of(&self, shape: &Shape) -> Result<Query, Refusal> {
        let filter = match self.filter.as_deref() {
            None | Some("") => Filter::default(),
            Some(text) => Filter::read(text, shape)?,
        };
        let sort = self.sort(shape)?;
        let start_index = number("startIndex", self.start_index.as_ref())?;
        let count = number("count", self.count.as_ref())?;
        let from = match (self.cursor.as_deref(), start_index) {
            (None, start_index) => From::Index(start_index.unwrap_or(1).max(1)),
            (Some(_), Some(_)) => {
                let why = "startIndex and cursor exclude each other".to_owned();
                return Err(Refusal::Value(why));
            }
            (Some(_), None) if count.is_some_and(|count| count < 0) => return Err(Refusal::Count),
            (Some(""), None) => From::Start,
            (Some(text), None) => From::After(Cursor::read(text, &filter, sort.as_ref())?),
        };
        let count = count.unwrap_or(DEFAULT_COUNT).clamp(0, MAX_COUNT);
        Ok(Query { filter, sort, from, count })
    }

    fn sort(&self, shape: &Shape) -> Result<Option<Sort>, Refusal> {
        let descending = match self.sort_order.as_deref() {
            None | Some("") => false,
            Some(order) if order.eq_ignore_ascii_case("ascending") => false,
            Some(order) if order.eq_ignore_ascii_case("descending") => true,
            Some(_) => {
                let why = "sortOrder is neither ascending nor descending".to_owned();
                return Err(Refusal::Value(why));
            }
        };
        let Some(name) = self.sort_by.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let Some(Found::Attribute(mut field)) = shape.find(name) else {
            return Err(Refusal::Path(format!("there is no attribute {name}")));
        };
        // RFC 7644 §3.4.2.3: of a list, the primary or else the first value counts.
        let is_list = field.attribute.multi_valued;
        field.sub = field.sub.or_else(|| field.attribute.sub("value"));
        let sorted: &Attribute = field.sub.unwrap_or(field.attribute);
        if matches!(sorted.kind, Kind::Complex(_)) {
            return Err(Refusal::Path(format!("{name} has parts; sort by one of them")));
        }
        Ok(Some(Sort { by: Key::of(&field), is_list, descending }))
    }
}

fn number(name: &str, value: Option<&Value>) -> Result<Option<i64>, Refusal> {
    let read = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_i64(),
    };
    read.map(Some).ok_or_else(|| Refusal::Value(format!("{name} is not a whole number")))
}
