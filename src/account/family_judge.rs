//! Judging a refresh token before anything else of the request is looked at: for a
//! request whose own refusals would tell something to whoever holds a token that is
//! no good.
use super::family::RotateRefusal;
use super::family_rotate::{self, RotateFamily};
use crate::kernel::time::Timestamp;
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::Sql;
use serde::{Deserialize, Serialize};

/// "Would this be taken?" Answers why not. What is taken stays the newest, so the same
/// may be asked for afterwards, or something else; what was used before ends its chain
/// here as it does there.
#[derive(Debug, Serialize, Deserialize)]
pub struct JudgeFamily(pub RotateFamily);

impl Call for JudgeFamily {
    const NAME: &'static str = "account.family.judge";
    type Answer = Option<RotateRefusal>;

    fn of_blank() -> Option<Self::Answer> {
        Some(Some(RotateRefusal::Unknown))
    }
}

/// Judges it.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn judge(
    sql: &dyn Sql,
    JudgeFamily(asked): &JudgeFamily,
    now: Timestamp,
) -> Result<Option<RotateRefusal>, StoreError> {
    Ok(family_rotate::find_good(sql, asked, now)?.err())
}
