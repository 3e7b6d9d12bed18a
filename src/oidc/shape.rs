//! What a client's settings make of its tokens, besides what they say: who signs
//! them with what, how long they live, and the key that they are bound to.
use super::claims::Facts;
use super::scope;
use crate::account::family::Span;
use crate::kernel::time::Seconds;
use crate::platform::keys::SigningAlgorithm;
use crate::realm::attribute::check_life;
use crate::realm::client::Client;
use crate::realm::context::RealmContext;
use crate::realm::key::MAX_CLIENT_TOKEN_LIFE;
use serde_json::{Map, Value, json};

/// Keycloak's attributes.
const ACCESS_ALG: &str = "access.token.signed.response.alg";
const ID_ALG: &str = "id.token.signed.response.alg";
const USERINFO_ALG: &str = "user.info.response.signature.alg";
const AT_JWT: &str = "access.token.header.type.rfc9068";
/// The type of RFC 9068 §2.1.
const RFC_9068: &str = "at+jwt";

const ACCESS_LIFE: &str = "access.token.lifespan";
const IDLE: &str = "client.session.idle.timeout";
const LIFE: &str = "client.session.max.lifespan";
const OFFLINE_IDLE: &str = "client.offline.session.idle.timeout";
const OFFLINE_LIFE: &str = "client.offline.session.max.lifespan";

/// The shape of a client's tokens.
#[derive(Clone, Debug)]
pub struct Shape {
    /// What signs access tokens; what the realm signs with when it does not matter.
    pub access_algorithm: Option<SigningAlgorithm>,
    /// What signs ID tokens.
    pub id_algorithm: Option<SigningAlgorithm>,
    /// The `typ` of an access token's header.
    pub access_typ: &'static str,
    /// How long an access token lives.
    pub access_life: Seconds,
    /// How long the refresh family lives.
    pub span: Span,
    /// The thumbprint of the key that the access token is bound to (RFC 9449 §6).
    pub jkt: Option<String>,
}

impl Shape {
    /// The shape of the client's tokens for a grant of `granted_scope`, bound to the
    /// key that it proved to have.
    #[must_use]
    pub fn of(
        context: &RealmContext<'_>,
        client: &Client,
        granted_scope: &str,
        jkt: Option<&str>,
    ) -> Self {
        Self {
            access_algorithm: algorithm(client, ACCESS_ALG),
            id_algorithm: id_algorithm(client),
            access_typ: if client.has_on(AT_JWT) { RFC_9068 } else { "JWT" },
            access_life: access_life(context, client),
            span: span(context, client, scope::is_offline(granted_scope)),
            jkt: jkt.map(str::to_owned),
        }
    }

    /// Adds what a token of RFC 9068 never lacks (§2.2), and Keycloak's may: who it is
    /// about, whose it is, and, where nobody named a resource, ourselves as the one it
    /// is for (§3).
    pub fn complete(&self, claims: &mut Map<String, Value>, facts: &Facts<'_>) {
        if self.access_typ != RFC_9068 {
            return;
        }
        claims.insert("client_id".to_owned(), json!(facts.selection.client.client_id));
        claims.insert("sub".to_owned(), json!(facts.standing.person.user.id));
        claims.entry("aud").or_insert_with(|| json!(facts.known.issuer));
    }

    /// Adds the confirmation of the key (RFC 9449 §6.1, RFC 7800 §3).
    pub fn confirm(&self, claims: &mut Map<String, Value>) {
        if let Some(jkt) = &self.jkt {
            claims.insert("cnf".to_owned(), json!({ "jkt": jkt }));
        }
    }

    /// The `token_type` of the answer (RFC 6749 §7.1, RFC 9449 §5).
    #[must_use]
    pub const fn token_type(&self) -> &'static str {
        if self.jkt.is_some() { "DPoP" } else { "Bearer" }
    }
}

fn algorithm(client: &Client, name: &str) -> Option<SigningAlgorithm> {
    client.attribute(name)?.parse().ok()
}

/// What signs the client's ID tokens, and its logout tokens, which it verifies alike
/// (OIDC Back-Channel Logout 1.0 §2.6); what the realm signs with without.
#[must_use]
pub fn id_algorithm(client: &Client) -> Option<SigningAlgorithm> {
    algorithm(client, ID_ALG)
}

/// What signs the client's userinfo; plain JSON without.
#[must_use]
pub fn userinfo_algorithm(client: &Client) -> Option<SigningAlgorithm> {
    algorithm(client, USERINFO_ALG)
}

fn life(client: &Client, name: &str) -> Option<Seconds> {
    check_life(client.attribute(name)?.parse().ok()?).ok()
}

fn access_life(context: &RealmContext<'_>, client: &Client) -> Seconds {
    let own = life(client, ACCESS_LIFE).map(|own| own.min(MAX_CLIENT_TOKEN_LIFE));
    own.unwrap_or(context.realm.settings.access_token_lifespan)
}

/// The longest that an access token of the realm can live.
#[must_use]
pub fn longest_access_life(context: &RealmContext<'_>) -> Seconds {
    context.realm.settings.access_token_lifespan.max(MAX_CLIENT_TOKEN_LIFE)
}

/// How long a refresh family of the client lives. A client shortens what the realm
/// allows, and never lengthens it.
#[must_use]
pub fn span(context: &RealmContext<'_>, client: &Client, is_offline: bool) -> Span {
    let settings = &context.realm.settings;
    let usual = &settings.client_sessions;
    if !is_offline {
        let most = settings.sso_session_idle_timeout;
        let idle = life(client, IDLE).or(usual.idle).map_or(most, |own| own.min(most));
        return Span { is_offline, idle, life: life(client, LIFE).or(usual.life) };
    }
    let most = settings.offline_session_idle_timeout;
    let idle = life(client, OFFLINE_IDLE).or(usual.offline_idle);
    let idle = idle.map_or(most, |own| own.min(most));
    let most = settings
        .offline_session_max_lifespan_enabled
        .then_some(settings.offline_session_max_lifespan);
    let own = life(client, OFFLINE_LIFE).or(usual.offline_life);
    let life = match (own, most) {
        (Some(own), Some(most)) => Some(own.min(most)),
        (own, most) => own.or(most),
    };
    Span { is_offline, idle, life }
}
