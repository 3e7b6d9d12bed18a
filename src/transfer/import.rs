//! `POST /partialImport`: a saga of accounts and directory whose commit point is
//! one batch (`account::register_many`). Before it nothing of the document is to be
//! seen, after it everything.
use super::document::Document;
use super::outcome::Outcome;
use super::plan::{Judged, plan, require_roles};
use super::survey::Survey;
use crate::account::administer::{finish_deletion, taken};
use crate::account::register_many::{AT_ONCE, RegisterManyError, register_many};
use crate::platform::row::StoreError;
use crate::realm::error::AdminError;
use crate::realm::group_change;
use crate::realm::inquiry::Inquiry;
use crate::realm::role::AdminRole;
use futures::stream::{self, StreamExt};

/// Imports what the body brings; answers what came of each thing.
///
/// # Errors
/// `Forbidden`, `Invalid`, `Rejected` and `Conflict` as [`plan`] says; then nothing
/// has changed.
pub async fn import(inquiry: &Inquiry<'_>) -> Result<Vec<Outcome>, AdminError> {
    inquiry.require(&[AdminRole::ManageRealm])?;
    let (policy, document) = Document::of_partial_import(inquiry.body()?)?;
    require_roles(inquiry, &document)?;
    let survey = Survey::of(inquiry, &document).await?;
    let Judged { people, statements, gone, outcomes } =
        plan(inquiry, policy, survey, document).await?;
    register_many(inquiry.context, &people, statements).await.map_err(refusal)?;
    let farewells = gone.iter().map(|user| finish_deletion(inquiry, user));
    stream::iter(farewells).buffer_unordered(AT_ONCE).collect::<()>().await;
    Ok(outcomes)
}

/// Why nothing was made: somebody was faster, or the document contradicts itself
/// in a way that only the directory sees.
pub(super) fn refusal(error: RegisterManyError) -> AdminError {
    match error {
        RegisterManyError::IdTaken(user) => {
            AdminError::Conflict(format!("User exists with same id {user}"))
        }
        RegisterManyError::PasswordTooLong(_) => AdminError::Invalid(error.to_string()),
        RegisterManyError::Store(StoreError::Conflict { what }) => {
            match taken(StoreError::Conflict { what: what.clone() }) {
                AdminError::Store(_) => AdminError::Conflict(format!(
                    "Nothing was imported: something is there already, or twice ({what})"
                )),
                known => known,
            }
        }
        RegisterManyError::Store(error) => group_change::broken(error),
    }
}
