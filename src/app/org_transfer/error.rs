//! Why nothing was exported or imported.
use super::problem::Problems;
use crate::platform::row::StoreError;
use crate::realm::page::BadPage;
use crate::web::answer::BadBody;
use crate::web::multipart::BadMultipart;

/// A refusal. [`super::routes`] decides what the caller is told.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The caller lacks a permission. Phase Two answers 401, not 403.
    #[error("the caller lacks a permission")]
    Denied,
    /// The body is not what the endpoint takes.
    #[error(transparent)]
    Body(#[from] BadBody),
    /// The form is none.
    #[error(transparent)]
    Form(#[from] BadMultipart),
    /// The page is none.
    #[error(transparent)]
    Page(#[from] BadPage),
    /// The query or the document says something that cannot be.
    #[error("{0}")]
    Field(String),
    /// More than one document holds; names the limit.
    #[error("{0}")]
    Limit(String),
    /// No organization of this id.
    #[error("there is no organization {0}")]
    Unknown(String),
    /// What stands in the way of an import.
    #[error("the import cannot be made")]
    Problems(Problems),
    /// Another request was faster.
    #[error("{0}: nothing was imported, try again")]
    Overtaken(&'static str),
    /// A database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
