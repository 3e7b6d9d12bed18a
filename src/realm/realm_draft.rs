//! A realm as somebody wants to make it: checked, and not written yet.
use super::bootstrap;
use super::defaults::Defaults;
use super::error::AdminError;
use super::furnish::Brought;
use super::inquiry::Inquiry;
use super::kept::Kept;
use super::key::RotateError;
use super::realm_change;
use super::role::{ADMIN, CREATE_REALM, master_client_of};
use super::settings::{Realm, Settings};
use super::store::{self, administrative, realm_removal};
use super::wire_keycloak_realm::{self as wire, RealmChangeJson};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::RealmId;
use crate::kernel::time::Timestamp;
use crate::platform::row::StoreError;
use crate::platform::sql::Statement;
use serde_json::Value;

/// A realm that can be.
pub struct RealmDraft {
    /// The realm.
    pub realm: Realm,
    /// What is kept of it without effect.
    pub kept: Kept,
}

/// A new realm. The path's realm is `master`.
///
/// # Errors
/// `Forbidden` for a caller who may not make realms, `Invalid` says which part
/// cannot be, `Conflict` when what had its key is not gone yet.
pub async fn creation(
    inquiry: &Inquiry<'_>,
    asked: RealmChangeJson,
) -> Result<RealmDraft, AdminError> {
    let id = match asked.id.as_ref().filter(|id| !id.is_empty()) {
        Some(id) => id.parse().map_err(|_| AdminError::Invalid("id is not usable".to_owned()))?,
        None => RealmId::from(inquiry.context.ports.random.uuid()),
    };
    let name = realm_change::checked_name(asked.realm.as_deref().unwrap_or_default())?;
    let blank = Realm {
        id,
        display_name: name.to_string(),
        name,
        // A realm that is made without saying so is off, as in Keycloak.
        enabled: false,
        settings: Settings::default(),
        edition: 0,
        not_before: Timestamp::default(),
        default_role: None,
    };
    let now = inquiry.context.now;
    let (realm, kept) = realm_change::change(asked, &blank, &Kept::new(), now)?;
    if realm_removal::is_going(inquiry.directory(), &realm.id).await? {
        let why = format!("a realm with the id {} is being deleted: try again later", realm.id);
        return Err(AdminError::Conflict(why));
    }
    Ok(RealmDraft { realm, kept })
}

/// Passes a caller who may make realms. The path's realm is `master`.
///
/// # Errors
/// `Forbidden`.
pub async fn require_creator(inquiry: &Inquiry<'_>) -> Result<(), AdminError> {
    if holds(inquiry, CREATE_REALM).await? { Ok(()) } else { Err(AdminError::Forbidden) }
}

/// Whether the caller holds a realm role of `master`; the path's realm is
/// `master`.
///
/// # Errors
/// `Refused` when the directory fails.
pub async fn holds(inquiry: &Inquiry<'_>, role: &str) -> Result<bool, StoreError> {
    let (directory, realm) = (inquiry.directory(), inquiry.realm_id());
    administrative::holds_realm_role(directory, realm, &inquiry.actor.user, role).await
}

impl RealmDraft {
    /// What writes it, to go into one batch: with its first key, what it is
    /// furnished with besides what it brings, and the creator's roles over it.
    ///
    /// # Errors
    /// `Refused` when the directory fails.
    pub async fn statements(
        &self,
        inquiry: &Inquiry<'_>,
        brought: &Brought,
    ) -> Result<Vec<Statement>, StoreError> {
        let (ports, now) = (inquiry.context.ports, inquiry.context.now);
        let realm = &self.realm;
        let made = bootstrap::creation(ports, realm, brought, now).await;
        let mut statements = made.map_err(broken)?;
        statements.push(store::realm::not_before_raise(&realm.id, realm.not_before));
        statements.push(store::realm::kept_update(&realm.id, &self.kept)?);
        if !holds(inquiry, ADMIN).await? {
            let client_id = master_client_of(realm.name.as_str());
            let (master, user) = (inquiry.realm_id(), &inquiry.actor.user);
            statements.push(store::furnish::grant_of_all(master, &client_id, user));
        }
        Ok(statements)
    }

    /// The making of it, in the audit trail.
    #[must_use]
    pub fn change(&self, defaults: &Defaults) -> Change {
        let told = wire::full(&self.realm, &self.kept, defaults);
        change_of(Operation::Create, &self.realm, Some(told))
    }
}

/// Why a key could not be made, as a failure of the store.
#[must_use]
pub fn broken(error: RotateError) -> StoreError {
    match error {
        RotateError::Store(error) => error,
        other => StoreError::Refused(other.to_string()),
    }
}

/// A realm in the audit trail.
#[must_use]
pub fn change_of(operation: Operation, realm: &Realm, representation: Option<Value>) -> Change {
    let path = realm.name.to_string();
    Change { resource_type: "REALM", operation, path, representation }
}

/// What the directory says of a realm that it does not take.
#[must_use]
pub fn taken(error: StoreError, realm: &Realm) -> AdminError {
    match error {
        StoreError::Conflict { .. } => {
            AdminError::Conflict(format!("Realm {} already exists", realm.name))
        }
        error => error.into(),
    }
}
