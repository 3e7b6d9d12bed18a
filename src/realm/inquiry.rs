//! One authenticated request to a realm, outside any organization's object.
use super::actor::Actor;
use super::context::RealmContext;
use super::error::AdminError;
use super::page::Page;
use super::role::AdminRole;
use crate::event::audit::{self, AuditEvent, Change, Place};
use crate::event::store::audit as audit_store;
use crate::kernel::id::RealmId;
use crate::platform::directory::Directory;
use crate::platform::row::{Row, StoreError};
use crate::platform::sql::Statement;
use crate::web::form::Form;
use crate::web::router::Params;
use crate::web::{Request, answer, client_ip};
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// Who asks what, and the realm they ask.
pub struct Inquiry<'a> {
    /// The realm of the URL, the time, the machine.
    pub context: &'a RealmContext<'a>,
    /// The holder of the access token.
    pub actor: &'a Actor,
    /// The request.
    pub request: &'a Request,
    /// What the path filled in.
    pub params: &'a Params,
}

impl Inquiry<'_> {
    /// Passes a caller who holds one of `roles` at least.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn require(&self, roles: &[AdminRole]) -> Result<(), AdminError> {
        if self.actor.holds_any(roles) { Ok(()) } else { Err(AdminError::Forbidden) }
    }

    /// The realm's key.
    #[must_use]
    pub fn realm_id(&self) -> &RealmId {
        &self.context.realm.id
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &dyn Directory {
        &*self.context.ports.directory
    }

    /// The parameters of the query.
    #[must_use]
    pub fn query(&self) -> Form {
        Form::query(self.request)
    }

    /// The page that the query asks for; `default` rows when it does not say.
    ///
    /// # Errors
    /// `Page`.
    pub fn page(&self, default: i64) -> Result<Page, AdminError> {
        Ok(Page::read(&self.query(), default)?)
    }

    /// The JSON body.
    ///
    /// # Errors
    /// `Body`.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, AdminError> {
        Ok(answer::read_json(self.request)?)
    }

    /// The segment `name` of the path, or `unknown` when it cannot be one: an id
    /// that is none names nothing.
    ///
    /// # Errors
    /// `Unknown(unknown)`.
    pub fn param<T: FromStr>(&self, name: &str, unknown: &'static str) -> Result<T, AdminError> {
        self.params.get(name).parse().map_err(|_| AdminError::Unknown(unknown))
    }

    /// The caller, as the audit trail names them.
    #[must_use]
    pub fn audit_actor(&self) -> audit::Actor {
        self.actor.audited(client_ip(self.request))
    }

    /// The statement that writes down `change`.
    ///
    /// # Errors
    /// `Refused` when it cannot be written as JSON.
    pub fn recording(&self, change: Change) -> Result<Statement, StoreError> {
        let ports = self.context.ports;
        let place = Place { realm: self.realm_id(), org: None };
        let actor = self.audit_actor();
        let event = AuditEvent::new(&*ports.random, self.context.now, place, actor, change);
        audit_store::insertion(&event)
    }

    /// Makes a change that the directory keeps and writes it down, in one
    /// transaction; answers what each statement answered. This isolate forgets
    /// what it remembers, so that the caller sees the change at once; the others
    /// do within [`crate::platform::memo::MEMO_AGE`].
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
        let answers = self.directory().batch(statements).await?;
        self.context.ports.memo.clear();
        Ok(answers)
    }
}
