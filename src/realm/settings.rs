//! A realm and its settings.
use super::events::EventSettings;
use super::required_action::ActionSettings;
use super::user::RequiredAction;
use crate::kernel::id::{RealmId, RealmName, RoleId};
use crate::kernel::time::{Seconds, Timestamp};
use crate::platform::keys::SigningAlgorithm;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The realm that administers the others.
pub const MASTER: &str = "master";

/// A tenant of this server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Realm {
    /// Its key everywhere, for ever.
    pub id: RealmId,
    /// Its name in URLs.
    pub name: RealmName,
    /// Its name for people.
    pub display_name: String,
    /// Whether anyone may sign in.
    pub enabled: bool,
    /// Everything an administrator can set.
    pub settings: Settings,
    /// What it was furnished with ([`super::furnish::EDITION`]).
    pub edition: u32,
    /// What began up to this moment is over: sessions, and what was granted in
    /// them. It never goes back.
    #[serde(default)]
    pub not_before: Timestamp,
    /// What everybody in it holds; `None` until it is furnished with it.
    #[serde(default)]
    pub default_role: Option<RoleId>,
}

impl Realm {
    /// Whether this is the realm that administers the others.
    #[must_use]
    pub fn is_master(&self) -> bool {
        self.name.as_str() == MASTER
    }
}

/// How long the refresh tokens of one client are good for, where that is shorter than
/// the session that they are of, which `None` leaves it to. A client may say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSessions {
    /// Unused.
    pub idle: Option<Seconds>,
    /// Used or not.
    pub life: Option<Seconds>,
    /// Unused, when they outlive the session.
    pub offline_idle: Option<Seconds>,
    /// Used or not, when they outlive the session.
    pub offline_life: Option<Seconds>,
}

/// What an administrator can set for a realm. A setting that an older row does
/// not have takes its default. Lengths of time are in seconds.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How tokens are signed. Our default is ES256; Keycloak's is RS256.
    pub signing_algorithm: SigningAlgorithm,
    /// Life of an access token; Keycloak's default.
    pub access_token_lifespan: Seconds,
    /// A session that is not used for so long has ended; Keycloak's default.
    pub sso_session_idle_timeout: Seconds,
    /// A session ends after so long, used or not; Keycloak's default.
    pub sso_session_max_lifespan: Seconds,
    /// An offline grant that is not used for so long is over; Keycloak's default.
    pub offline_session_idle_timeout: Seconds,
    /// An offline grant is over after so long, used or not; Keycloak's default.
    pub offline_session_max_lifespan: Seconds,
    /// Whether that is so; off, as in Keycloak.
    pub offline_session_max_lifespan_enabled: bool,
    /// How long what clients were granted in a session is good for.
    pub client_sessions: ClientSessions,
    /// How long a refresh token may come once more whose answer got lost. None: the
    /// second time looks like theft (RFC 9700 §4.14.2).
    pub refresh_grace: Seconds,
    /// How long a device waits for its person (RFC 8628); Keycloak's default.
    pub device_code_lifespan: Seconds,
    /// How often it asks; Keycloak's default.
    pub device_polling_interval: Seconds,
    /// Life of an invitation. Seven days, as Auth0's (reference
    /// auth0-and-peers.md §1.1): people are on holiday.
    pub invitation_lifespan: Seconds,
    /// Whether organizations may be SCIM service providers; off as in Phase Two.
    pub scim_enabled: bool,
    /// Whether the realm has organizations; on, where Keycloak's default is off: they
    /// are what this server is for, and Phase Two knows no such switch.
    pub organizations_enabled: bool,
    /// Whether people may make an account for themselves; off as in Keycloak.
    pub registration_allowed: bool,
    /// Where an invitation leads when it names no page itself.
    pub default_application_uri: Option<String>,
    /// Whether an organization gets an administrator of its own, a user without
    /// a password; on as in Phase Two (reference phasetwo.md §2).
    pub create_admin_user: bool,
    /// Whether an identity provider may serve several organizations.
    pub shared_idps: bool,
    /// Whether an organization may have several identity providers.
    pub multiple_idps: bool,
    /// Whether a new identity provider waits until somebody signed in through it.
    pub validate_idp: bool,
    /// Life of a portal link; Phase Two's default.
    pub portal_link_expiration: Seconds,
    /// The flow after a login through an organization's identity provider, when
    /// the provider names none.
    pub post_broker_flow: Option<String>,
    /// How such a login changes the person's profile, when the provider does not
    /// say.
    pub sync_mode: Option<SyncMode>,
    /// The label below which a domain's owner publishes the proof.
    pub dns_record_key: String,
    /// Whether several organizations may hold one verified domain.
    pub shared_domains: bool,
    /// What administrators note about the realm ([`super::attribute`]).
    pub attributes: BTreeMap<String, String>,
    /// Fewest characters of a password (NIST SP 800-63B-4 §3.1.1.2 asks for 8
    /// at the least).
    pub min_password_chars: u32,
    /// Whether wrong passwords lock an account.
    pub brute_force_protected: bool,
    /// Wrong passwords in a row before an account is locked; Keycloak's default
    /// is 30, OWASP suggests fewer.
    pub max_login_failures: u32,
    /// How long a locked account stays locked.
    pub lockout: Seconds,
    /// How long a signing key signs before the next one takes over.
    pub key_lifespan: Seconds,
    /// What is written down of what happens.
    pub events: EventSettings,
    /// What is decided about required actions, by alias; one that is not here is
    /// as it came ([`super::required_action`]).
    pub required_actions: BTreeMap<String, ActionSettings>,
    /// Wrong passwords up to this moment are forgotten: somebody unlocked
    /// everybody. In Unix seconds; 0 when nobody did.
    pub failures_forgotten_at: i64,
}

/// How a login through an identity provider changes a person's profile. Named
/// as in Keycloak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SyncMode {
    /// Only the first one does.
    Import,
    /// Every one does.
    Force,
    /// As the mapper decides.
    Legacy,
}

impl SyncMode {
    /// As the wire spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "IMPORT",
            Self::Force => "FORCE",
            Self::Legacy => "LEGACY",
        }
    }
}

impl std::str::FromStr for SyncMode {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Import, Self::Force, Self::Legacy]
            .into_iter()
            .find(|mode| mode.as_str() == text)
            .ok_or(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            signing_algorithm: SigningAlgorithm::Es256,
            access_token_lifespan: Seconds::minutes(5),
            sso_session_idle_timeout: Seconds::minutes(30),
            sso_session_max_lifespan: Seconds::hours(10),
            offline_session_idle_timeout: Seconds::days(30),
            offline_session_max_lifespan: Seconds::days(60),
            offline_session_max_lifespan_enabled: false,
            client_sessions: ClientSessions::default(),
            refresh_grace: Seconds(0),
            device_code_lifespan: Seconds::minutes(10),
            device_polling_interval: Seconds(5),
            invitation_lifespan: Seconds::days(7),
            scim_enabled: false,
            organizations_enabled: true,
            registration_allowed: false,
            default_application_uri: None,
            create_admin_user: true,
            shared_idps: false,
            multiple_idps: false,
            validate_idp: false,
            portal_link_expiration: Seconds::days(1),
            post_broker_flow: None,
            sync_mode: None,
            dns_record_key: "_org-domain-ownership".to_owned(),
            shared_domains: false,
            attributes: BTreeMap::new(),
            min_password_chars: 8,
            brute_force_protected: true,
            max_login_failures: 10,
            lockout: Seconds::minutes(15),
            key_lifespan: Seconds::days(90),
            events: EventSettings::default(),
            required_actions: BTreeMap::new(),
            failures_forgotten_at: 0,
        }
    }
}

impl Settings {
    /// After how many wrong passwords an account is locked; 0 for never.
    #[must_use]
    pub const fn failures_before_lockout(&self) -> u32 {
        if self.brute_force_protected { self.max_login_failures } else { 0 }
    }

    /// Whether people may make an account for themselves: where the realm lets them,
    /// and asks at the login that an address be confirmed. Without that, anybody
    /// could sign in under anybody's address.
    #[must_use]
    pub fn lets_register(&self) -> bool {
        self.registration_allowed && self.asks_for(RequiredAction::VerifyEmail)
    }
}
