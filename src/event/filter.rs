//! Which events an administrator asks for.
use crate::kernel::time::Timestamp;

/// When, in which order, which part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Not before.
    pub from: Option<Timestamp>,
    /// Not after.
    pub to: Option<Timestamp>,
    /// Oldest first; else newest first.
    pub ascending: bool,
    /// How many to pass over.
    pub first: i64,
    /// How many at most.
    pub max: i64,
}

/// A question for admin events. Every condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// One of these; empty for any.
    pub operations: Vec<String>,
    /// One of these; empty for any.
    pub resource_types: Vec<String>,
    /// The path; `*` stands for anything.
    pub path: Option<String>,
    /// The realm of the token.
    pub realm: Option<String>,
    /// The client of the token.
    pub client: Option<String>,
    /// The caller.
    pub user: Option<String>,
    /// Where they called from.
    pub ip: Option<String>,
}

/// A question for user events. Every condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserEventFilter {
    /// One of these; empty for any.
    pub kinds: Vec<String>,
    /// The client.
    pub client: Option<String>,
    /// The person.
    pub user: Option<String>,
    /// Where they were.
    pub ip: Option<String>,
}
