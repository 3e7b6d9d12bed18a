//! Workers glue: the only module that names the `worker` crate.
//!
//! Each file puts one port of `platform` over one part of Cloudflare's platform,
//! or one of its events onto one function of `app`. If something here needs a
//! test of its own, it belongs lower; what only the real runtime can show is
//! tested through `selftest` by `tests/workerd/platform.test.mjs`.
mod alarm;
mod clock;
mod directory;
mod entry;
mod fault;
mod fetch;
mod http;
mod isolate;
mod keys;
mod log;
mod mail;
mod meter;
mod number;
mod object;
mod objects;
mod queue;
mod random;
mod selftest;
mod sql;
mod store_error;
mod subtle;
