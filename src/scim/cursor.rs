//! Where a page ended (RFC 9865): what the next one begins behind.
//!
//! A cursor holds no state of ours, so it does not expire; resources that come or go
//! meanwhile neither repeat others nor hide them.
use super::error::Refusal;
use super::filter::Filter;
use super::query::Sort;
use crate::crypto::digest::sha256;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Longest cursor that is read, in bytes.
const MAX_CURSOR: usize = 8192;

/// The last resource of a page, by what the list is sorted by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// What it was sorted by: text, a number, or null for what has no such value.
    #[serde(rename = "k")]
    pub key: Value,
    /// Its id: no two are in the same place.
    #[serde(rename = "i")]
    pub id: String,
    /// Of which list, so that no cursor continues another.
    #[serde(rename = "l")]
    list: String,
}

impl Cursor {
    /// Behind the resource `id`, whose place is `key`, in this list.
    #[must_use]
    pub fn new(key: Value, id: String, filter: &Filter, sort: Option<&Sort>) -> Self {
        Self { key, id, list: name_of(filter, sort) }
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// `Cursor` when we did not, or for another list.
    pub fn read(text: &str, filter: &Filter, sort: Option<&Sort>) -> Result<Self, Refusal> {
        let bytes = Some(text)
            .filter(|text| text.len() <= MAX_CURSOR)
            .and_then(|text| BASE64_URL_SAFE_NO_PAD.decode(text).ok());
        let cursor: Option<Self> = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let is_place = |cursor: &Self| !cursor.key.is_object() && !cursor.key.is_array();
        cursor
            .filter(|cursor| cursor.list == name_of(filter, sort) && is_place(cursor))
            .ok_or(Refusal::Cursor)
    }

    /// For the client, which need not understand it.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

fn name_of(filter: &Filter, sort: Option<&Sort>) -> String {
    let digest = sha256(format!("{filter:?} {sort:?}").as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(digest.get(..12).unwrap_or_default())
}
