//! What the native tests run on: the ports in plain memory.
pub mod keys;
