//! Words every domain shares. Imports nothing else from this crate.
pub mod alias;
pub mod email;
pub mod id;
pub mod route;
pub mod secret;
pub mod time;
