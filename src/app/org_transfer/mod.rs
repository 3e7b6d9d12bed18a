//! Organizations as documents: exported, imported.
//!
//! Two forms. Phase Two's (reference phasetwo.md §7), which other servers write and
//! read, and which loses much; and ours, which loses nothing but secrets and the
//! audit trail. An import is a saga over as many objects as the document has
//! organizations, with one commit point:
//!
//! - Each organization with all that belongs to it, in its object, `Pending`.
//! - One batch of the directory: the registry, what is unique there, and the end
//!   of the import. Its constraints decide: the commit point.
//! - Each object becomes `Active` and tells what it holds.
//!
//! What dies before the commit point is undone by the objects' alarms or by the
//! next import that needs an object, whoever comes first; what dies after it, is
//! finished by the alarms or by the next request ([`crate::org::stage`]).
//!
//! Not done: the audit trail of an organization is not exported; the time since
//! when it uses an identity provider is not kept.
pub mod commit;
pub mod content;
pub mod document;
pub mod draft;
pub mod error;
pub mod export;
pub mod import;
pub mod knowledge;
pub mod limits;
pub mod options;
pub mod people;
pub mod plan;
pub mod plan_invitations;
pub mod plan_members;
pub mod plan_providers;
pub mod problem;
pub mod report;
pub mod routes;
pub mod stage;
pub mod wire_group;
pub mod wire_guildhall;
pub mod wire_phasetwo;
