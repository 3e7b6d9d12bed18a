//! Clients as Keycloak's administration API writes them (reference keycloak.md
//! §2, `ClientRepresentation`). Fields that nothing here acts on are kept.
use super::built_in_scope::OPENID_CONNECT;
use super::client::{Client, Grant};
use super::client_scope::Place;
use super::kept::{Field, Kept, Kind};
use super::protocol_mapper::ProtocolMapper;
use super::store::client_scope::Attachment;
use super::wire_keycloak_scope::{MapperChangeJson, MapperJson};
use crate::kernel::secret::Secret;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The fields that are kept without effect.
pub const KEPT: &[Field] = &[
    ("type", Kind::Text),
    ("rootUrl", Kind::Text),
    ("adminUrl", Kind::Text),
    ("baseUrl", Kind::Text),
    ("surrogateAuthRequired", Kind::Flag),
    ("alwaysDisplayInConsole", Kind::Flag),
    ("defaultRoles", Kind::List),
    ("notBefore", Kind::Number),
    ("bearerOnly", Kind::Flag),
    ("implicitFlowEnabled", Kind::Flag),
    ("frontchannelLogout", Kind::Flag),
    ("authenticationFlowBindingOverrides", Kind::Object),
    ("nodeReRegistrationTimeout", Kind::Number),
    ("registeredNodes", Kind::Object),
];

/// A client, as sent to make or change one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientChangeJson {
    /// The key of a new client, when the sender chooses it.
    pub id: Option<String>,
    /// Its public name.
    pub client_id: Option<String>,
    /// The name for people.
    pub name: Option<String>,
    /// For administrators.
    pub description: Option<String>,
    /// Whether it may do anything.
    pub enabled: Option<bool>,
    /// Its protocol.
    pub protocol: Option<String>,
    /// Whether it has no secret.
    pub public_client: Option<bool>,
    /// Its secret.
    pub secret: Option<Secret>,
    /// How it proves who it is.
    pub client_authenticator_type: Option<String>,
    /// Whether it may use authorization codes.
    pub standard_flow_enabled: Option<bool>,
    /// Whether it may use the password grant.
    pub direct_access_grants_enabled: Option<bool>,
    /// Whether it may act for itself.
    pub service_accounts_enabled: Option<bool>,
    /// Keycloak's permission engine, which we do not have.
    pub authorization_services_enabled: Option<bool>,
    /// Where an authorization answer may go.
    pub redirect_uris: Option<Vec<String>>,
    /// Browser origins that may call the token endpoint.
    pub web_origins: Option<Vec<String>>,
    /// Whether its tokens may carry every role.
    pub full_scope_allowed: Option<bool>,
    /// Whether people are asked before it gets their tokens.
    pub consent_required: Option<bool>,
    /// Keycloak's attributes; `null` and an empty text forget.
    pub attributes: Option<BTreeMap<String, Value>>,
    /// All of its mappers.
    pub protocol_mappers: Option<Vec<MapperChangeJson>>,
    /// Of a new client: the names of the scopes in all its tokens.
    pub default_client_scopes: Option<Vec<String>>,
    /// Of a new client: the names of the scopes it may ask for.
    pub optional_client_scopes: Option<Vec<String>>,
    #[serde(default, rename = "access")]
    _access: IgnoredAny,
    #[serde(default, rename = "origin")]
    _origin: IgnoredAny,
    #[serde(default, rename = "registrationAccessToken")]
    _registration_access_token: IgnoredAny,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Kept,
}

/// What is answered about one client.
pub struct ClientView<'a> {
    /// The client.
    pub client: &'a Client,
    /// The fields that are kept.
    pub kept: &'a Kept,
    /// Its secret, or what stands in for it; `None` for a public client.
    pub secret: Option<&'a str>,
    /// The names of its scopes.
    pub scopes: &'a [&'a Attachment],
    /// Its mappers.
    pub mappers: &'a [&'a ProtocolMapper],
    /// Whether the caller may change it.
    pub may_manage: bool,
}

impl ClientView<'_> {
    /// The client as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let (client, settings) = (self.client, &self.client.settings);
        let mut body = defaults();
        body.extend(self.kept.clone());
        let known = json!({
            "id": client.uuid,
            "clientId": client.client_id,
            "name": settings.name,
            "description": settings.description,
            "enabled": settings.enabled,
            "protocol": OPENID_CONNECT,
            "publicClient": client.is_public(),
            "clientAuthenticatorType": settings.authenticator,
            "standardFlowEnabled": client.may(Grant::AuthorizationCode),
            "directAccessGrantsEnabled": client.may(Grant::Password),
            "serviceAccountsEnabled": client.service_account.is_some(),
            "authorizationServicesEnabled": false,
            "redirectUris": settings.redirect_uris,
            "webOrigins": settings.web_origins,
            "attributes": settings.attributes,
            "fullScopeAllowed": settings.full_scope_allowed,
            "consentRequired": settings.consent_required,
            "defaultClientScopes": self.names(Place::Default),
            "optionalClientScopes": self.names(Place::Optional),
            "access": { "view": true, "configure": self.may_manage, "manage": self.may_manage },
        });
        if let Value::Object(known) = known {
            body.extend(known);
        }
        if let Some(secret) = self.secret {
            body.insert("secret".to_owned(), secret.into());
        }
        if !self.mappers.is_empty() {
            let mappers = self.mappers.iter().map(|one| json!(MapperJson::from(*one)));
            body.insert("protocolMappers".to_owned(), mappers.collect());
        }
        Value::Object(body)
    }

    fn names(&self, place: Place) -> Vec<&str> {
        let here = self.scopes.iter().filter(|scope| scope.place == place);
        here.map(|scope| scope.name.as_str()).collect()
    }
}

/// What the kept fields are before anybody writes them.
fn defaults() -> Map<String, Value> {
    let defaults = json!({
        "surrogateAuthRequired": false,
        "alwaysDisplayInConsole": false,
        "notBefore": 0,
        "bearerOnly": false,
        "implicitFlowEnabled": false,
        "frontchannelLogout": false,
        "authenticationFlowBindingOverrides": {},
        "nodeReRegistrationTimeout": -1,
    });
    if let Value::Object(defaults) = defaults { defaults } else { Map::new() }
}
