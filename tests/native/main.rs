//! One binary for every native test: linking is the slow part.
mod architecture;
mod harness;
mod jwt;
mod pages;
