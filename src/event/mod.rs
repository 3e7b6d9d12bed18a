//! What happened, who did it, and how the rest of the world is told.
//!
//! A change inside an object writes three things in one transaction: the new
//! state, an audit event, and outbox rows. The outbox is drained to the
//! directory and the queue right after, and again by the object's alarm until
//! nothing is left.
pub mod audit;
pub mod filter;
pub mod message;
pub mod outbox;
pub mod redact;
pub mod store;
pub mod user_event;
