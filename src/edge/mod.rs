//! Workers glue: the only module that names the `worker` crate.
