//! One request inside an organization's object.
use super::organization::Organization;
use crate::crypto::keyring::Keyring;
use crate::event::audit;
use crate::kernel::id::OrgId;
use crate::kernel::time::Timestamp;
use crate::platform::ObjectPorts;
use crate::platform::sql::Sql;
use crate::realm::actor::Actor;
use crate::realm::context::RealmContext;
use crate::realm::settings::Realm;
use crate::web::router::Params;
use crate::web::{Request, Response};
use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The header in which the Worker tells the object who visits. It strips any
/// such header that comes from outside.
pub const VISITOR_HEADER: &str = "x-guildhall-visitor";

/// What the Worker found out before it handed the request over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visitor {
    /// The realm of the URL.
    pub realm: Realm,
    /// The organization of the URL.
    pub org: OrgId,
    /// Who presents an access token of ours; `None` where the object checks
    /// another credential (SCIM).
    pub caller: Option<Actor>,
    /// The address the request came from.
    pub ip: Option<String>,
}

/// What a handler inside the object may use.
pub struct Visit<'a> {
    /// The object's database and alarm, and the machine.
    pub object: &'a ObjectPorts<'a>,
    /// The keys derived from the master key.
    pub keyring: &'a Keyring,
    /// The URL that issuers grow from.
    pub public_url: &'a str,
    /// Where TXT records are looked up.
    pub dns_resolver_url: &'a str,
    /// When the request came.
    pub now: Timestamp,
    /// Who visits, and which realm and organization.
    pub visitor: Visitor,
    /// The organization, alive.
    pub organization: Organization,
}

impl Visit<'_> {
    /// The object's database.
    #[must_use]
    pub fn sql(&self) -> &dyn Sql {
        self.object.sql
    }

    /// The realm, for verbs that leave the object.
    #[must_use]
    pub fn realm_context(&self) -> RealmContext<'_> {
        RealmContext {
            ports: self.object.ports,
            keyring: self.keyring,
            public_url: self.public_url,
            now: self.now,
            ip: self.visitor.ip.as_deref(),
            realm: Rc::new(self.visitor.realm.clone()),
        }
    }

    /// The absolute URL of a path below the organization's `/orgs/{id}`.
    #[must_use]
    pub fn org_url(&self, path: &str) -> String {
        self.realm_context().url(&format!("/orgs/{}{path}", self.organization.id))
    }

    /// The caller, as the audit trail names it.
    #[must_use]
    pub fn audit_actor(&self) -> audit::Actor {
        let ip = self.visitor.ip.as_deref();
        match &self.visitor.caller {
            Some(actor) => actor.audited(ip),
            None => audit::Actor { ip_address: ip.map(str::to_owned), ..audit::Actor::default() },
        }
    }
}

/// A handler that stays inside the object: synchronous, so no other request can
/// come between two of its statements.
pub type Local = fn(&Visit<'_>, &Request, &Params) -> Response;

/// A handler that leaves the object, for the directory or another object.
pub type Leaving =
    for<'a> fn(&'a Visit<'a>, &'a Request, &'a Params) -> LocalBoxFuture<'a, Response>;

/// A handler inside the object.
#[derive(Clone, Copy)]
pub enum Handler {
    /// Stays.
    Local(Local),
    /// Leaves.
    Leaving(Leaving),
}
