//! Revoking what a refresh family was granted (RFC 7009 §2.1): the chain ends, and
//! so do the access tokens that its client has of the session, and what was got in
//! exchange for these.
use super::family_exchange::end_through;
use super::store;
use crate::kernel::id::FamilyId;
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::object::Call;
use crate::platform::row::StoreError;
use crate::platform::sql::{Sql, in_transaction};
use serde::{Deserialize, Serialize};

/// "End this chain of mine." Twice is once; another client's, or an unknown one,
/// stays as it is.
#[derive(Debug, Serialize, Deserialize)]
pub struct RevokeFamily {
    /// Which.
    pub family: FamilyId,
    /// The client, authenticated.
    pub client_id: String,
    /// How long an access token of the realm can live.
    pub token_life: Seconds,
}

impl Call for RevokeFamily {
    const NAME: &'static str = "account.family.revoke";
    type Answer = ();

    fn of_blank() -> Option<()> {
        Some(())
    }
}

/// Ends the chain, if it is the client's.
///
/// # Errors
/// `Refused` when SQLite fails.
pub fn revoke(sql: &dyn Sql, asked: &RevokeFamily, now: Timestamp) -> Result<(), StoreError> {
    let Some(family) = store::family::find(sql, &asked.family)? else { return Ok(()) };
    if family.granted.client_id != asked.client_id {
        return Ok(());
    }
    in_transaction(sql, || {
        store::family::mark_ended(sql, &family.id, now)?;
        let of = (&family.session, &*asked.client_id);
        store::revoked_grant::mark(sql, of, now, now + asked.token_life)?;
        end_through(sql, &family.session, &asked.client_id, now, now + asked.token_life)
    })
}
