//! The platform's errors in the words of the ports.
use crate::platform::row::StoreError;
use worker::Error;

/// What a database said. D1 hides SQLite's text behind its own error type.
pub fn from_database(error: &Error) -> StoreError {
    let message = match error {
        Error::D1(error) => String::from(AsRef::<js_sys::Error>::as_ref(error).message()),
        other => other.to_string(),
    };
    StoreError::from_message(&message)
}

/// Any other refusal of the platform.
pub fn refused(error: &Error) -> StoreError {
    StoreError::Refused(error.to_string())
}
