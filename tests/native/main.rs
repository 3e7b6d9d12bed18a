//! One binary for every native test: linking is the slow part.
