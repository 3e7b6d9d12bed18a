//! Keycloak's JSON of users and what hangs on them (the representations of its
//! `OpenAPI` document, 26.8.1).
use super::credential::PasswordInfo;
use super::offline::OfflineGrant;
use super::oversee::{Failures, SessionInfo};
use crate::kernel::email::EmailAddress;
use crate::kernel::secret::Secret;
use crate::kernel::time::Timestamp;
use crate::realm::registry::Attributes;
use crate::realm::session_index::{ClientSessions, IndexedSession};
use crate::realm::store::federated_identity::FederatedIdentity;
use crate::realm::user::User;
use crate::web::answer::BadBody;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The username of a client's own account begins so.
const SERVICE_ACCOUNT_PREFIX: &str = "service-account-";

/// `UserRepresentation`, as it is sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserJson<'a> {
    id: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    email_verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Attributes>,
    created_timestamp: i64,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_account_client_id: Option<&'a str>,
    #[serde(flatten)]
    full: Option<FullUserJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    federated_identities: Option<Vec<FederatedIdentityJson>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_profile_metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<BTreeMap<&'static str, bool>>,
}

/// What a brief representation leaves out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FullUserJson<'a> {
    totp: bool,
    disableable_credential_types: [&'a str; 0],
    required_actions: Vec<&'static str>,
    not_before: i64,
}

impl<'a> UserJson<'a> {
    /// The user without attributes and what else costs space.
    #[must_use]
    pub fn brief(user: &'a User) -> Self {
        Self {
            id: user.id.as_str(),
            username: user.username.as_str(),
            first_name: user.first_name.as_deref(),
            last_name: user.last_name.as_deref(),
            email: user.email.as_ref().map(EmailAddress::as_str),
            email_verified: user.email_verified,
            attributes: None,
            created_timestamp: user.created_at.as_unix_millis(),
            enabled: user.enabled,
            service_account_client_id: user
                .is_service_account()
                .then(|| user.username.as_str().strip_prefix(SERVICE_ACCOUNT_PREFIX))
                .flatten(),
            full: None,
            federated_identities: None,
            user_profile_metadata: None,
            access: None,
        }
    }

    /// The whole user.
    #[must_use]
    pub fn full(user: &'a User) -> Self {
        let full = FullUserJson {
            totp: false,
            disableable_credential_types: [],
            required_actions: user.required_actions.iter().map(|one| one.as_str()).collect(),
            not_before: 0,
        };
        let attributes = (!user.attributes.is_empty()).then_some(&user.attributes);
        Self { full: Some(full), attributes, ..Self::brief(user) }
    }

    /// With the attributes, if there are any.
    #[must_use]
    pub fn with_attributes(mut self, user: &'a User) -> Self {
        self.attributes = (!user.attributes.is_empty()).then_some(&user.attributes);
        self
    }

    /// With whether the caller may change the user, as lists tell it.
    #[must_use]
    pub fn with_management(mut self, may_manage: bool) -> Self {
        self.access = Some([("manage", may_manage)].into());
        self
    }

    /// With what the caller may do with the user.
    #[must_use]
    pub fn with_access(mut self, may_manage: bool) -> Self {
        let rights = [
            ("manageGroupMembership", may_manage),
            ("resetPassword", may_manage),
            ("view", true),
            ("mapRoles", may_manage),
            ("impersonate", false),
            ("manage", may_manage),
        ];
        self.access = Some(rights.into());
        self
    }

    /// With the user's identities elsewhere.
    #[must_use]
    pub fn with_identities(mut self, identities: &[FederatedIdentity]) -> Self {
        self.federated_identities =
            Some(identities.iter().map(FederatedIdentityJson::from).collect());
        self
    }

    /// With what the profile's fields are.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Value) -> Self {
        self.user_profile_metadata = Some(metadata);
        self
    }
}

/// One value or several: both are sent by clients in the field.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<Option<String>>),
}

/// `UserRepresentation`, as it is received. What is ours to keep (`id`,
/// `createdTimestamp` ...) is read and passed over, as by Keycloak.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserDraftJson {
    /// `username`.
    pub username: Option<String>,
    /// `email`; empty takes it away.
    pub email: Option<String>,
    /// `emailVerified`.
    pub email_verified: Option<bool>,
    /// `firstName`; empty takes it away.
    pub first_name: Option<String>,
    /// `lastName`; empty takes it away.
    pub last_name: Option<String>,
    /// `enabled`.
    pub enabled: Option<bool>,
    attributes: Option<BTreeMap<String, Option<Values>>>,
    /// `requiredActions`.
    pub required_actions: Option<Vec<String>>,
    /// `credentials`.
    pub credentials: Option<Vec<CredentialDraftJson>>,
    /// `federatedIdentities`, at creation.
    pub federated_identities: Option<Vec<FederatedIdentityJson>>,
    /// `groups`: paths of groups of the realm, at creation; otherwise passed over,
    /// as by Keycloak.
    pub groups: Option<Vec<String>>,
    /// `id`, which counts where a whole realm is made.
    pub id: Option<String>,
    /// `realmRoles`, names; as `clientRoles`, heard where users are imported only.
    pub realm_roles: Option<Vec<String>>,
    /// `clientRoles`, by `client_id`.
    pub client_roles: Option<BTreeMap<String, Vec<String>>>,
    /// `serviceAccountClientId`: the client whose own account this is.
    pub service_account_client_id: Option<String>,
}

/// Every member of the representation.
const USER_MEMBERS: &[&str] = &[
    "access",
    "applicationRoles",
    "attributes",
    "clientConsents",
    "clientRoles",
    "createdTimestamp",
    "credentials",
    "disableableCredentialTypes",
    "email",
    "emailVerified",
    "enabled",
    "federatedIdentities",
    "federationLink",
    "firstName",
    "groups",
    "id",
    "issuedVerifiableCredentials",
    "lastName",
    "notBefore",
    "origin",
    "realmRoles",
    "requiredActions",
    "self",
    "serviceAccountClientId",
    "socialLinks",
    "totp",
    "userProfileMetadata",
    "username",
    "verifiableCredentials",
];

impl UserDraftJson {
    /// Reads a representation.
    ///
    /// # Errors
    /// `Unrecognized` for a member that no user has, `Shape` for one of another type.
    pub fn read(body: Value) -> Result<Self, BadBody> {
        let not_one = || BadBody::Shape("a user is an object".to_owned());
        let members = body.as_object().ok_or_else(not_one)?;
        let unknown = members.keys().find(|name| !USER_MEMBERS.contains(&name.as_str()));
        if let Some(name) = unknown {
            return Err(BadBody::Unrecognized(format!("Unrecognized field \"{name}\"")));
        }
        serde_json::from_value(body).map_err(BadBody::from)
    }

    /// Whether it says anything that the realm's profile has a say in.
    #[must_use]
    pub fn tells_of_the_person(&self) -> bool {
        let texts = [&self.username, &self.email, &self.first_name, &self.last_name];
        self.attributes.is_some() || texts.into_iter().any(Option::is_some)
    }

    /// The attributes, if they are to be replaced.
    #[must_use]
    pub fn attributes(&mut self) -> Option<Attributes> {
        let named = self.attributes.take()?;
        let values = |values| match values {
            Values::One(value) => vec![value],
            Values::Many(values) => values.into_iter().flatten().collect(),
        };
        let kept = named.into_iter().filter_map(|(name, found)| Some((name, values(found?))));
        Some(kept.filter(|(_, values)| !values.is_empty()).collect())
    }
}

/// `CredentialRepresentation`, as it is received.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CredentialDraftJson {
    /// `password`; absent means that too.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The password.
    pub value: Option<Secret>,
    /// Whether it must be changed at the next login.
    pub temporary: Option<bool>,
    /// A hash made elsewhere: JSON in a text.
    pub secret_data: Option<Secret>,
    /// How that was made: JSON in a text.
    pub credential_data: Option<String>,
}

/// `CredentialRepresentation`, as it is sent.
#[must_use]
pub fn credential(password: &PasswordInfo) -> Value {
    let data = json!({ "hashIterations": 2, "algorithm": "argon2", "additionalParameters": {} });
    let mut body = json!({
        "id": password.id,
        "type": "password",
        "createdDate": password.changed_at.as_unix_millis(),
        "credentialData": data.to_string(),
    });
    if let (Some(label), Some(members)) = (&password.label, body.as_object_mut()) {
        members.insert("userLabel".to_owned(), label.as_str().into());
    }
    body
}

/// `FederatedIdentityRepresentation`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FederatedIdentityJson {
    /// The provider's alias.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_provider: Option<String>,
    /// The id there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The name there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
}

impl From<&FederatedIdentity> for FederatedIdentityJson {
    fn from(identity: &FederatedIdentity) -> Self {
        Self {
            identity_provider: Some(identity.provider.clone()),
            user_id: Some(identity.provider_user.clone()),
            user_name: Some(identity.provider_username.clone()),
        }
    }
}

/// `UserSessionRepresentation`, of a session as its account tells it; `clients` maps
/// the clients' keys to their `client_id`s.
#[must_use]
pub fn session(session: &SessionInfo, user: &User, clients: BTreeMap<String, String>) -> Value {
    indexed_session(&IndexedSession {
        id: session.id.clone(),
        user: user.id.clone(),
        username: user.username.as_str().to_owned(),
        ip: session.ip.clone(),
        started_at: session.started_at,
        last_seen_at: session.last_seen_at,
        clients,
    })
}

/// What was granted to a client and outlives its session.
#[must_use]
pub fn offline(grant: &OfflineGrant, user: &User, clients: BTreeMap<String, String>) -> Value {
    indexed_session(&IndexedSession {
        id: grant.session.clone(),
        user: user.id.clone(),
        username: user.username.as_str().to_owned(),
        ip: None,
        started_at: grant.started_at,
        last_seen_at: grant.last_seen_at,
        clients,
    })
}

/// The same, of a session as the index has it.
#[must_use]
pub fn indexed_session(session: &IndexedSession) -> Value {
    json!({
        "id": session.id,
        "username": session.username,
        "userId": session.user,
        "ipAddress": session.ip.as_deref().unwrap_or_default(),
        "start": session.started_at.as_unix_millis(),
        "lastAccess": session.last_seen_at.as_unix_millis(),
        "rememberMe": false,
        "clients": session.clients,
        "transientUser": false,
    })
}

/// An entry of the statistics of sessions; Keycloak writes numbers as text here.
#[must_use]
pub fn client_sessions(counted: &ClientSessions) -> Value {
    json!({
        "id": counted.client,
        "clientId": counted.client_id,
        "active": counted.sessions.to_string(),
        "offline": "0",
    })
}

/// The status of the defence against guessing, in Keycloak's words.
#[must_use]
pub fn brute_force(failures: &Failures) -> Value {
    json!({
        "numFailures": failures.count,
        "numTemporaryLockouts": u8::from(failures.locked_until.is_some()),
        "numSecondaryAuthFailures": 0,
        "disabled": failures.locked_until.is_some(),
        "lastIPFailure": failures.last_ip.as_deref().unwrap_or("n/a"),
        "lastFailure": failures.last_at.map_or(0, Timestamp::as_unix_millis),
        "failedLoginNotBefore": failures.locked_until.map_or(0, Timestamp::as_unix),
    })
}
