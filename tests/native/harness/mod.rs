//! What the native tests run on: the whole product, with its ports in memory.
pub mod browser;
pub mod dice;
pub mod keys;
pub mod log;
mod plan;
pub mod relying_party;
pub mod sql;
pub mod world;
