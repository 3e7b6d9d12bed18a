//! Every SQL statement of the `org` domain, a file per noun. The database is the
//! organization's own: no statement needs to say which.
pub mod group;
pub mod member;
pub mod organization;
pub mod role;
