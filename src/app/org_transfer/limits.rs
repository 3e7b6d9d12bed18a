//! How much one document holds. What one export holds, one import takes, unless it
//! makes more identity providers and mappers than [`MAX_STATEMENTS`] lets it.
use crate::app::worker as front_door;
use crate::org::content::Most;

/// Most organizations of one document. An import asks each object twice, and
/// Workers allow 1,000 requests to others for one of ours.
pub const MAX_ORGANIZATIONS: usize = 250;

/// Most people of one document: members and SCIM resources. An import asks the
/// directory for all of them at once.
pub const MAX_PEOPLE: usize = 10_000;

/// Most rows of any other kind that one organization's object is asked for: a
/// document cannot hold more of them anyway.
pub const MAX_ROWS: usize = 50_000;

/// Longest document, in bytes: the longest body that a request may have, so that
/// every export can be imported.
pub const MAX_DOCUMENT_BYTES: usize = front_door::MAX_BODY_BYTES;

/// Most statements of the batch that commits an import. D1 allows 1,000 queries
/// for one request, and an import makes a few more.
pub const MAX_STATEMENTS: usize = 950;

/// Objects that are asked at once: so many connections does the platform keep
/// open at a time.
pub const AT_ONCE: usize = 6;

/// What an object may take out.
pub const MOST: Most = Most { people: MAX_PEOPLE, rows: MAX_ROWS };
