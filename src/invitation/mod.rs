pub mod mail;
pub mod pages;
