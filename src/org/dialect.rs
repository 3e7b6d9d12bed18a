//! In whose words an organization is made and changed: the audit trail tells it in
//! the same.
use super::organization::Organization;
use super::{wire, wire_keycloak};
use crate::event::audit::{Change, Operation};
use crate::kernel::id::OrgId;
use serde::{Deserialize, Serialize};

/// A dialect. What was staged before there were two is in Phase Two's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// `/realms/{realm}/orgs`.
    #[default]
    PhaseTwo,
    /// `/admin/realms/{realm}/organizations`.
    Keycloak,
}

impl Dialect {
    /// The making of `organization`. The event says in which realm.
    #[must_use]
    pub fn creation(self, organization: &Organization) -> Change {
        let representation = match self {
            Self::PhaseTwo => {
                serde_json::to_value(wire::OrganizationJson::recorded(organization)).ok()
            }
            Self::Keycloak => keycloak(organization),
        };
        self.told(&organization.id, Operation::Create, representation)
    }

    /// A change of it, after which it is `organization`.
    #[must_use]
    pub fn change(self, organization: &Organization, realm_name: &str) -> Change {
        let org = &organization.id;
        match self {
            Self::PhaseTwo => Change {
                resource_type: RESOURCE_TYPE,
                operation: Operation::Update,
                // The id twice: what Phase Two writes (reference phasetwo.md §6.1).
                path: format!("orgs/{org}/{org}"),
                representation: serde_json::to_value(wire::OrganizationJson::full(
                    organization,
                    realm_name,
                ))
                .ok(),
            },
            Self::Keycloak => self.told(org, Operation::Update, keycloak(organization)),
        }
    }

    /// The end of it.
    #[must_use]
    pub fn deletion(self, org: &OrgId) -> Change {
        let representation = match self {
            Self::PhaseTwo => Some(org.as_str().into()),
            Self::Keycloak => None,
        };
        self.told(org, Operation::Delete, representation)
    }

    fn told(
        self,
        org: &OrgId,
        operation: Operation,
        representation: Option<serde_json::Value>,
    ) -> Change {
        let path = match self {
            Self::PhaseTwo => format!("orgs/{org}"),
            Self::Keycloak => format!("organizations/{org}"),
        };
        Change { resource_type: RESOURCE_TYPE, operation, path, representation }
    }
}

const RESOURCE_TYPE: &str = "ORGANIZATION";

fn keycloak(organization: &Organization) -> Option<serde_json::Value> {
    serde_json::to_value(wire_keycloak::OrganizationJson::recorded(organization)).ok()
}
