//! Where changes to identity providers are made, whoever asks: a visit to an
//! organization's object, or an inquiry to the realm.
use super::error::ProviderError;
use super::provider::Provider;
use crate::crypto::keyring::Purpose;
use crate::crypto::vault;
use crate::event::audit::{self, AuditEvent, Change, Place};
use crate::event::store;
use crate::kernel::id::OrgId;
use crate::kernel::secret::Secret;
use crate::org::visit::Visit;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::realm::context::RealmContext;
use crate::realm::inquiry::Inquiry;

/// Who changes what, where.
pub struct Desk<'a> {
    /// The realm, the time, the machine.
    pub context: RealmContext<'a>,
    /// The organization whose path was called, if one was.
    pub org: Option<&'a OrgId>,
    /// By whom.
    pub actor: audit::Actor,
}

impl<'a> Desk<'a> {
    /// The desk of a visit to an organization.
    #[must_use]
    pub fn of_visit(visit: &'a Visit<'a>) -> Self {
        Self {
            context: visit.realm_context(),
            org: Some(&visit.organization.id),
            actor: visit.audit_actor(),
        }
    }

    /// The desk of an inquiry to the realm.
    #[must_use]
    pub fn of_inquiry(inquiry: &'a Inquiry<'a>) -> Self {
        Self { context: inquiry.context.clone(), org: None, actor: inquiry.audit_actor() }
    }

    /// Makes a change and writes it down, in one transaction.
    ///
    /// # Errors
    /// `Conflict` when a constraint of the directory says so; then nothing has
    /// changed.
    pub async fn commit(
        &self,
        mut statements: Vec<Statement>,
        change: Change,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        statements.push(self.recording(change)?);
        self.context.ports.directory.batch(statements).await
    }

    /// The statement that writes down `change`.
    ///
    /// # Errors
    /// `Refused` when it cannot be written as JSON.
    pub fn recording(&self, change: Change) -> Result<Statement, StoreError> {
        let place = Place { realm: &self.context.realm.id, org: self.org };
        let random = &*self.context.ports.random;
        let actor = self.actor.clone();
        let event = AuditEvent::new(random, self.context.now, place, actor, change);
        store::audit::insertion(&event)
    }

    /// Encrypts the secret of `provider`.
    ///
    /// # Errors
    /// `Vault`.
    pub fn encrypt(&self, provider: &Provider, secret: &Secret) -> Result<String, ProviderError> {
        let key = self.context.keyring.derive(Purpose::ProviderSecret, &self.context.realm.id);
        let random = self.context.ports.random.bytes32();
        vault::encrypt(&key, &provider.vault_place(), secret, random)
            .map_err(|_| ProviderError::Vault)
    }
}
