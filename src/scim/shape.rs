//! What a resource of a type may consist of: its core schema, and the schemas that
//! extend it.
use super::schema::{self, Attribute, COMMON, ENTERPRISE, GROUP, Schema, USER};
use super::store;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use std::borrow::Cow;

/// The kinds of resources (RFC 7643 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourceType {
    /// An organization's view of a person.
    User,
    /// A group of the organization.
    Group,
}

impl ResourceType {
    /// As `meta.resourceType` says it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Where the resources are, below the service's URL.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }
}

/// What a resource may consist of.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Of which kind it is.
    pub resource: ResourceType,
    /// The core schema.
    pub core: &'static Schema,
    /// What extends it.
    pub extensions: Vec<Cow<'static, Schema>>,
}

/// What a name leads to.
#[derive(Clone, Copy, Debug)]
pub enum Found<'a> {
    /// An extension as a whole.
    Extension(&'a Schema),
    /// An attribute, or a part of one.
    Attribute(Field<'a>),
}

/// An attribute of a shape, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// The extension that it belongs to.
    pub extension: Option<&'a Schema>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The part.
    pub sub: Option<&'a Attribute>,
}

impl Field<'_> {
    /// Whether only we write it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.attribute.is_read_only() || self.sub.is_some_and(Attribute::is_read_only)
    }
}

impl Shape {
    /// A user of this organization, with the extensions that it defined.
    ///
    /// # Errors
    /// `Refused` when SQLite fails.
    pub fn of_users(sql: &dyn Sql) -> Result<Self, StoreError> {
        let mut shape = Self::plain_user();
        shape.extensions.extend(store::schema::list(sql)?.into_iter().map(Cow::Owned));
        Ok(shape)
    }

    /// A user, without extensions of an organization.
    #[must_use]
    pub fn plain_user() -> Self {
        let extensions = vec![Cow::Borrowed(&*ENTERPRISE)];
        Self { resource: ResourceType::User, core: &USER, extensions }
    }

    /// A group.
    #[must_use]
    pub fn of_groups() -> Self {
        Self { resource: ResourceType::Group, core: &GROUP, extensions: Vec::new() }
    }

    /// The extension called `urn`, case aside.
    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        let mut extensions = self.extensions.iter().map(|extension| &**extension);
        extensions.find(|extension| extension.urn.eq_ignore_ascii_case(urn))
    }

    /// The top-level attribute called `name`, case aside; those of all resources
    /// (`id`, `meta`) among them.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        schema::find(&self.core.attributes, name).or_else(|| schema::find(&COMMON, name))
    }

    /// What `name` leads to: `emails.value`, with or without its schema in front
    /// (RFC 7644 §3.10).
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Found<'_>> {
        for extension in &self.extensions {
            match after_urn(name, &extension.urn) {
                Some("") => return Some(Found::Extension(extension)),
                Some(rest) => {
                    return Self::field(Some(extension), rest, |name| {
                        schema::find(&extension.attributes, name)
                    });
                }
                None => {}
            }
        }
        let rest = after_urn(name, &self.core.urn).unwrap_or(name);
        Self::field(None, rest, |name| self.attribute(name))
    }

    fn field<'a>(
        extension: Option<&'a Schema>,
        name: &str,
        find: impl Fn(&str) -> Option<&'a Attribute>,
    ) -> Option<Found<'a>> {
        let (name, sub) = match name.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (name, None),
        };
        let attribute = find(name)?;
        let sub = match sub {
            Some(sub) => Some(attribute.sub(sub)?),
            None => None,
        };
        Some(Found::Attribute(Field { extension, attribute, sub }))
    }
}

/// What follows `urn` and its colon; empty for `urn` itself.
fn after_urn<'a>(name: &'a str, urn: &str) -> Option<&'a str> {
    let (head, rest) = name.split_at_checked(urn.len())?;
    if !head.eq_ignore_ascii_case(urn) {
        return None;
    }
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix(':') }
}
