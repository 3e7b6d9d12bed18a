//! Initial access tokens (RFC 7591 §1.2): an administrator makes one, and a program
//! registers as many clients with it as it is good for.
use crate::crypto::token::TokenHash;
use crate::kernel::time::Timestamp;
use serde_json::{Value, json};

/// A token, as the directory keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialAccess {
    /// Its name.
    pub id: String,
    /// The hash of its secret.
    pub token: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is over; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// How many clients could be registered with it.
    pub total: i64,
    /// How many still can.
    pub remaining: i64,
}

impl InitialAccess {
    /// As Keycloak's administration API writes it; `token` only when it is made.
    #[must_use]
    pub fn to_json(&self, token: Option<&str>) -> Value {
        let life = self.expires_at.map_or(0, |at| at.as_unix() - self.created_at.as_unix());
        let mut body = json!({
            "id": self.id,
            "timestamp": self.created_at,
            "expiration": life,
            "count": self.total,
            "remainingCount": self.remaining,
        });
        if let Some(token) = token {
            body["token"] = token.into();
        }
        body
    }
}
