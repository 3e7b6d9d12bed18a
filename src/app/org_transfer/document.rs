//! Reading a document: which form it has, and what it wants.
use super::draft::Draft;
use super::error::TransferError;
use super::options::Options;
use super::{wire_guildhall, wire_phasetwo};
use crate::realm::context::RealmContext;
use crate::web::answer::{self, BadBody};
use crate::web::{Request, json, multipart};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// By which a document names its form. Phase Two's do not.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Head {
    format: Option<Value>,
}

/// Reads the document that `request` brings, as JSON or as the field `file` of a
/// form.
///
/// # Errors
/// `Body`, `Form`, or `Field` for a format or a version that is not known.
pub fn read(
    context: &RealmContext<'_>,
    request: &Request,
    options: Options,
) -> Result<Draft, TransferError> {
    let parts = multipart::read(request)?;
    let file = parts.as_ref().map(|parts| parts.iter().find(|part| part.name == "file"));
    let text: &[u8] = match file {
        Some(Some(part)) => part.content,
        Some(None) => return Err(TransferError::Field("file is missing".to_owned())),
        None => {
            answer::check_json(request)?;
            request.body()
        }
    };
    let head: Head = parse(text)?;
    match head.format {
        None => {
            let document: wire_phasetwo::DocumentRequest = parse(text)?;
            Ok(document.draft(context, options))
        }
        Some(Value::String(format)) if format == wire_guildhall::FORMAT => {
            let document: wire_guildhall::DocumentRequest = parse(text)?;
            document.draft(context).map_err(TransferError::Field)
        }
        Some(other) => Err(TransferError::Field(format!(
            "format {other} is not known: \"{}\" is, and Phase Two's documents have none",
            wire_guildhall::FORMAT
        ))),
    }
}

fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, BadBody> {
    json::read(text).map_err(|error| BadBody::Shape(error.to_string()))
}
