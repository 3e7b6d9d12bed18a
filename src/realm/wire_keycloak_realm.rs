//! Realms as Keycloak's administration API writes them (reference keycloak.md §2,
//! `RealmRepresentation`). Fields that nothing here acts on are kept.
use super::defaults::Defaults;
use super::kept::{Field, Kept, Kind};
use super::settings::Realm;
use super::wire_events::EventsConfigJson;
use super::wire_keycloak_role::RoleJson;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The fields that are kept without effect.
pub const KEPT: &[Field] = &[
    ("accessCodeLifespan", Kind::Number),
    ("accessCodeLifespanLogin", Kind::Number),
    ("accessCodeLifespanUserAction", Kind::Number),
    ("accessTokenLifespanForImplicitFlow", Kind::Number),
    ("accountTheme", Kind::Text),
    ("actionTokenGeneratedByAdminLifespan", Kind::Number),
    ("actionTokenGeneratedByUserLifespan", Kind::Number),
    ("adminPermissionsEnabled", Kind::Flag),
    ("adminTheme", Kind::Text),
    ("browserFlow", Kind::Text),
    ("browserSecurityHeaders", Kind::Object),
    ("bruteForceStrategy", Kind::Text),
    ("clientAuthenticationFlow", Kind::Text),
    ("clientPolicies", Kind::Object),
    ("clientProfiles", Kind::Object),
    ("defaultLocale", Kind::Text),
    ("directGrantFlow", Kind::Text),
    ("displayNameHtml", Kind::Text),
    ("dockerAuthenticationFlow", Kind::Text),
    ("duplicateEmailsAllowed", Kind::Flag),
    ("editUsernameAllowed", Kind::Flag),
    ("emailTheme", Kind::Text),
    ("firstBrokerLoginFlow", Kind::Text),
    ("internationalizationEnabled", Kind::Flag),
    ("localizationTexts", Kind::Object),
    ("loginTheme", Kind::Text),
    ("loginWithEmailAllowed", Kind::Flag),
    ("maxDeltaTimeSeconds", Kind::Number),
    ("maxSecondaryAuthFailures", Kind::Number),
    ("maxTemporaryLockouts", Kind::Number),
    ("minimumQuickLoginWaitSeconds", Kind::Number),
    ("otpPolicyAlgorithm", Kind::Text),
    ("otpPolicyCodeReusable", Kind::Flag),
    ("otpPolicyDigits", Kind::Number),
    ("otpPolicyInitialCounter", Kind::Number),
    ("otpPolicyLookAheadWindow", Kind::Number),
    ("otpPolicyPeriod", Kind::Number),
    ("otpPolicyType", Kind::Text),
    ("otpSupportedApplications", Kind::List),
    ("permanentLockout", Kind::Flag),
    ("quickLoginCheckMilliSeconds", Kind::Number),
    ("refreshTokenMaxReuse", Kind::Number),
    ("registrationEmailAsUsername", Kind::Flag),
    ("registrationFlow", Kind::Text),
    ("rememberMe", Kind::Flag),
    ("requiredCredentials", Kind::List),
    ("resetCredentialsFlow", Kind::Text),
    ("resetPasswordAllowed", Kind::Flag),
    ("revokeRefreshToken", Kind::Flag),
    ("scimApiEnabled", Kind::Flag),
    ("smtpServer", Kind::Object),
    ("sslRequired", Kind::Text),
    ("ssoSessionIdleTimeoutRememberMe", Kind::Number),
    ("ssoSessionMaxLifespanRememberMe", Kind::Number),
    ("supportedLocales", Kind::List),
    ("userManagedAccessAllowed", Kind::Flag),
    ("verifiableCredentialsEnabled", Kind::Flag),
    ("verifyEmail", Kind::Flag),
    ("waitIncrementSeconds", Kind::Number),
    ("webAuthnPolicyAcceptableAaguids", Kind::List),
    ("webAuthnPolicyAttestationConveyancePreference", Kind::Text),
    ("webAuthnPolicyAuthenticatorAttachment", Kind::Text),
    ("webAuthnPolicyAvoidSameAuthenticatorRegister", Kind::Flag),
    ("webAuthnPolicyCreateTimeout", Kind::Number),
    ("webAuthnPolicyExtraOrigins", Kind::List),
    ("webAuthnPolicyPasswordlessAcceptableAaguids", Kind::List),
    ("webAuthnPolicyPasswordlessAttestationConveyancePreference", Kind::Text),
    ("webAuthnPolicyPasswordlessAuthenticatorAttachment", Kind::Text),
    ("webAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister", Kind::Flag),
    ("webAuthnPolicyPasswordlessCreateTimeout", Kind::Number),
    ("webAuthnPolicyPasswordlessExtraOrigins", Kind::List),
    ("webAuthnPolicyPasswordlessMediation", Kind::Text),
    ("webAuthnPolicyPasswordlessPasskeysEnabled", Kind::Flag),
    ("webAuthnPolicyPasswordlessRequireResidentKey", Kind::Text),
    ("webAuthnPolicyPasswordlessResidentKey", Kind::Text),
    ("webAuthnPolicyPasswordlessRpEntityName", Kind::Text),
    ("webAuthnPolicyPasswordlessRpId", Kind::Text),
    ("webAuthnPolicyPasswordlessSignatureAlgorithms", Kind::List),
    ("webAuthnPolicyPasswordlessUserVerificationRequirement", Kind::Text),
    ("webAuthnPolicyRequireResidentKey", Kind::Text),
    ("webAuthnPolicyResidentKey", Kind::Text),
    ("webAuthnPolicyRpEntityName", Kind::Text),
    ("webAuthnPolicyRpId", Kind::Text),
    ("webAuthnPolicySignatureAlgorithms", Kind::List),
    ("webAuthnPolicyUserVerificationRequirement", Kind::Text),
];

/// What has paths of its own, or is not here: a realm is written without, and
/// empty ones pass. Of these, making a realm takes the clients, roles, groups, users,
/// identity providers and client scopes first (`transfer`).
pub const MADE_ELSEWHERE: &[&str] = &[
    "authenticationFlows",
    "authenticatorConfig",
    "clientScopeMappings",
    "clientScopes",
    "clients",
    "components",
    "defaultDefaultClientScopes",
    "defaultOptionalClientScopes",
    "federatedUsers",
    "groups",
    "identityProviderMappers",
    "identityProviders",
    "organizations",
    "protocolMappers",
    "requiredActions",
    "roles",
    "scopeMappings",
    "userFederationMappers",
    "userFederationProviders",
    "users",
];

/// What Keycloak answers and nobody can write.
pub const COMPUTED: &[&str] = &[
    "adminPermissionsClient",
    "certificate",
    "codeSecret",
    "defaultRole",
    "defaultRoles",
    "keycloakVersion",
    "privateKey",
    "publicKey",
    "realmCacheEnabled",
    "userCacheEnabled",
];

/// What [`RealmChangeJson`] reads itself.
const READ: &[&str] = &[
    "access",
    "accessTokenLifespan",
    "attributes",
    "bruteForceProtected",
    "clientOfflineSessionIdleTimeout",
    "clientOfflineSessionMaxLifespan",
    "clientSessionIdleTimeout",
    "clientSessionMaxLifespan",
    "defaultGroups",
    "defaultSignatureAlgorithm",
    "displayName",
    "enabled",
    "failureFactor",
    "id",
    "maxFailureWaitSeconds",
    "notBefore",
    "oauth2DeviceCodeLifespan",
    "oauth2DevicePollingInterval",
    "offlineSessionIdleTimeout",
    "offlineSessionMaxLifespan",
    "offlineSessionMaxLifespanEnabled",
    "organizationsEnabled",
    "passwordPolicy",
    "realm",
    "registrationAllowed",
    "ssoSessionIdleTimeout",
    "ssoSessionMaxLifespan",
];

/// Whether a realm's representation has a member called `name`.
#[must_use]
pub fn is_member(name: &str) -> bool {
    [READ, MADE_ELSEWHERE, COMPUTED, &EventsConfigJson::MEMBERS]
        .iter()
        .any(|names| names.contains(&name))
        || KEPT.iter().any(|(kept, _)| *kept == name)
}

/// A realm, as sent to make or change one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RealmChangeJson {
    /// The key of a new realm, when the sender chooses it.
    pub id: Option<String>,
    /// Its name in URLs.
    pub realm: Option<String>,
    /// Its name for people.
    pub display_name: Option<String>,
    /// Whether anyone may sign in.
    pub enabled: Option<bool>,
    /// In seconds.
    pub access_token_lifespan: Option<i64>,
    /// In seconds.
    pub sso_session_idle_timeout: Option<i64>,
    /// In seconds.
    pub sso_session_max_lifespan: Option<i64>,
    /// In seconds.
    pub offline_session_idle_timeout: Option<i64>,
    /// In seconds.
    pub offline_session_max_lifespan: Option<i64>,
    /// Whether that counts.
    pub offline_session_max_lifespan_enabled: Option<bool>,
    /// In seconds; 0 for as long as the session.
    pub client_session_idle_timeout: Option<i64>,
    /// In seconds; 0 for as long as the session.
    pub client_session_max_lifespan: Option<i64>,
    /// In seconds; 0 for as long as the offline session.
    pub client_offline_session_idle_timeout: Option<i64>,
    /// In seconds; 0 for as long as the offline session.
    pub client_offline_session_max_lifespan: Option<i64>,
    /// How long a device waits for its person, in seconds.
    #[serde(rename = "oauth2DeviceCodeLifespan")]
    pub device_code_lifespan: Option<i64>,
    /// How often it asks, in seconds.
    #[serde(rename = "oauth2DevicePollingInterval")]
    pub device_polling_interval: Option<i64>,
    /// How tokens are signed.
    pub default_signature_algorithm: Option<String>,
    /// What a password must be, such as `length(12)`.
    pub password_policy: Option<String>,
    /// Whether wrong passwords lock an account.
    pub brute_force_protected: Option<bool>,
    /// How many do.
    pub failure_factor: Option<i64>,
    /// How long it stays locked, in seconds.
    pub max_failure_wait_seconds: Option<i64>,
    /// Whether the realm has organizations.
    pub organizations_enabled: Option<bool>,
    /// Whether people may make an account for themselves.
    pub registration_allowed: Option<bool>,
    /// What began up to then is over, in Unix seconds.
    pub not_before: Option<i64>,
    /// Replaces those there are.
    pub attributes: Option<BTreeMap<String, Value>>,
    /// The paths of the groups that new people join, in the place of others.
    pub default_groups: Option<Vec<String>>,
    #[serde(default, rename = "access")]
    _access: IgnoredAny,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Kept,
}

/// The whole realm.
#[must_use]
pub fn full(realm: &Realm, kept: &Kept, defaults: &Defaults) -> Value {
    let settings = &realm.settings;
    let client_sessions = &settings.client_sessions;
    let mut body = unwritten();
    body.extend(kept.clone());
    let known = json!({
        "id": realm.id,
        "realm": realm.name,
        "displayName": realm.display_name,
        "enabled": realm.enabled,
        "accessTokenLifespan": settings.access_token_lifespan,
        "ssoSessionIdleTimeout": settings.sso_session_idle_timeout,
        "ssoSessionMaxLifespan": settings.sso_session_max_lifespan,
        "offlineSessionIdleTimeout": settings.offline_session_idle_timeout,
        "offlineSessionMaxLifespan": settings.offline_session_max_lifespan,
        "offlineSessionMaxLifespanEnabled": settings.offline_session_max_lifespan_enabled,
        "clientSessionIdleTimeout": client_sessions.idle.unwrap_or_default(),
        "clientSessionMaxLifespan": client_sessions.life.unwrap_or_default(),
        "clientOfflineSessionIdleTimeout": client_sessions.offline_idle.unwrap_or_default(),
        "clientOfflineSessionMaxLifespan": client_sessions.offline_life.unwrap_or_default(),
        "oauth2DeviceCodeLifespan": settings.device_code_lifespan,
        "oauth2DevicePollingInterval": settings.device_polling_interval,
        "defaultSignatureAlgorithm": settings.signing_algorithm,
        "passwordPolicy": format!("length({})", settings.min_password_chars),
        "bruteForceProtected": settings.brute_force_protected,
        "failureFactor": settings.max_login_failures,
        "maxFailureWaitSeconds": settings.lockout,
        "organizationsEnabled": settings.organizations_enabled,
        "registrationAllowed": settings.registration_allowed,
        "notBefore": realm.not_before,
        "attributes": settings.to_attributes(),
    });
    for known in [known, json!(EventsConfigJson::of(&settings.events))] {
        if let Value::Object(known) = known {
            body.extend(known);
        }
    }
    if let Some(role) = &defaults.role {
        body.insert("defaultRole".to_owned(), json!(RoleJson::brief(role, &realm.id)));
    }
    if !defaults.groups.is_empty() {
        body.insert("defaultGroups".to_owned(), json!(defaults.groups));
    }
    Value::Object(body)
}

/// What a list tells when it shall be brief.
#[must_use]
pub fn brief(realm: &Realm) -> Value {
    json!({
        "id": realm.id,
        "realm": realm.name,
        "displayName": realm.display_name,
        "enabled": realm.enabled,
    })
}

/// What a caller is told who administers something in the realm, but may not
/// read the realm itself.
#[must_use]
pub fn name_only(realm: &Realm) -> Value {
    json!({ "realm": realm.name })
}

/// What the kept fields are before anybody writes them: Keycloak's defaults
/// (reference keycloak.md §2), as far as they are true of us or change nothing.
fn unwritten() -> Map<String, Value> {
    let defaults = json!({
        "revokeRefreshToken": true,
        "refreshTokenMaxReuse": 0,
        "ssoSessionIdleTimeoutRememberMe": 0,
        "ssoSessionMaxLifespanRememberMe": 0,
        "accessCodeLifespan": 60,
        "accessCodeLifespanUserAction": 300,
        "accessCodeLifespanLogin": 1800,
        "actionTokenGeneratedByAdminLifespan": 43200,
        "actionTokenGeneratedByUserLifespan": 300,
        "sslRequired": "external",
        "registrationEmailAsUsername": false,
        "rememberMe": false,
        "verifyEmail": false,
        "loginWithEmailAllowed": true,
        "duplicateEmailsAllowed": false,
        "resetPasswordAllowed": false,
        "editUsernameAllowed": false,
        "permanentLockout": false,
        "waitIncrementSeconds": 60,
        "minimumQuickLoginWaitSeconds": 60,
        "quickLoginCheckMilliSeconds": 1000,
        "maxDeltaTimeSeconds": 43200,
        "requiredCredentials": ["password"],
        "smtpServer": {},
        "internationalizationEnabled": false,
        "userManagedAccessAllowed": false,
        "adminPermissionsEnabled": false,
        "verifiableCredentialsEnabled": false,
    });
    if let Value::Object(defaults) = defaults { defaults } else { Map::new() }
}
