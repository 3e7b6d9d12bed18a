//! TODO
pub mod pages;
