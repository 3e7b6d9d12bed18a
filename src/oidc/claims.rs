//! What tokens say: what a token is, we say; everything else, the protocol mappers
//! of the client and of the client scopes that were granted (reference keycloak.md
//! §4.2, §4.3).
use super::mapper::{Config, PROTECTED, Paper, Said};
use super::mapper_kinds::{Kind, find_kind};
use super::mapper_roles::{HARDCODED, RENAME, Roles};
use super::selection::Selection;
use super::standing::Standing;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::realm::person::{MAX_TOKEN_GROUPS, MAX_TOKEN_ROLES};
use crate::realm::protocol_mapper::ProtocolMapper;
use serde_json::{Map, Value, json};

/// The attribute of a client whose access tokens say only what is marked as
/// `lightweight.claim`.
const LIGHTWEIGHT: &str = "client.use.lightweight.access.token.enabled";

/// More than one token can tell.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// Of roles.
    #[error("a token carries at most {MAX_TOKEN_ROLES} roles: narrow the scope of the client")]
    Roles,
    /// Of groups.
    #[error("a token is made with at most {MAX_TOKEN_GROUPS} groups and groups above them")]
    Groups,
}

/// What there is to know of whoever a token is about, and of their login.
pub struct Known<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `iat`.
    pub now: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `sid`; none when a client speaks for itself.
    pub session: Option<&'a SessionId>,
    /// `auth_time`.
    pub authenticated_at: Option<Timestamp>,
    /// Where the request came from.
    pub address: Option<&'a str>,
    /// The nonce of the authorization request.
    pub nonce: Option<&'a str>,
    /// `acr`.
    pub level: u8,
}

/// Everything a token may be made of.
pub struct Facts<'a> {
    known: Known<'a>,
    /// The client, and what the grant brings it.
    pub selection: &'a Selection<'a>,
    /// Who, and what they are where.
    pub standing: &'a Standing,
    /// The mappers that have a say, in their order.
    pub mappers: Vec<(&'static Kind, &'a ProtocolMapper)>,
    /// `scope`.
    pub scope: String,
    roles: Roles,
    changed_roles: Roles,
}

impl<'a> std::ops::Deref for Facts<'a> {
    type Target = Known<'a>;

    fn deref(&self) -> &Known<'a> {
        &self.known
    }
}

impl<'a> Facts<'a> {
    /// What a token with the grant of `selection` about `standing` is made of.
    ///
    /// # Errors
    /// As [`TooMuch`] says.
    pub fn new(
        selection: &'a Selection<'a>,
        standing: &'a Standing,
        known: Known<'a>,
    ) -> Result<Self, TooMuch> {
        let person = &standing.person;
        if person.roles.len() > MAX_TOKEN_ROLES {
            return Err(TooMuch::Roles);
        }
        if person.groups.iter().map(|group| group.path.len()).sum::<usize>() > MAX_TOKEN_GROUPS {
            return Err(TooMuch::Groups);
        }
        let permitted = selection.permitted(person);
        let mappers = selection.mappers(&permitted);
        let held = person.roles.iter().filter(|role| selection.passes(&role.id, &permitted));
        let roles: Roles = held.collect();
        let mut changed_roles = roles.clone();
        for (kind, mapper) in mappers.iter().filter(|(kind, _)| [HARDCODED, RENAME].contains(&kind.id))
        {
            changed_roles.change(kind.id, Config::of(mapper));
        }
        let scope = selection.told(&permitted);
        Ok(Self { known, selection, standing, mappers, scope, roles, changed_roles })
    }

    /// The roles that are told on `paper`. Mappers change those of tokens only, as
    /// in Keycloak.
    #[must_use]
    pub const fn roles(&self, paper: Paper) -> &Roles {
        match paper {
            Paper::Userinfo => &self.roles,
            Paper::Access | Paper::Id | Paper::Introspection => &self.changed_roles,
        }
    }

    /// Whether access tokens say only what is marked for light ones.
    #[must_use]
    pub fn is_lightweight(&self) -> bool {
        let attributes = &self.selection.client.settings.attributes;
        attributes.get(LIGHTWEIGHT).is_some_and(|value| value == "true")
    }

    /// What the mappers say on `paper`.
    #[must_use]
    pub fn said(&self, paper: Paper) -> Said {
        let mut said = Said::default();
        for (kind, mapper) in &self.mappers {
            kind.tell(self, Config::of(mapper), paper, &mut said);
        }
        said
    }
}

/// The claims of an access token, with `jti` as its name.
///
/// `aud` is absent when no mapper names a resource server, as in Keycloak.
#[must_use]
pub fn access(facts: &Facts<'_>, jti: &str) -> Map<String, Value> {
    let mut said = facts.said(Paper::Access);
    let audience = audience(&said);
    put_common(facts, &mut said.claims, "Bearer", jti);
    said.claims.insert("scope".to_owned(), json!(facts.scope));
    said.claims.extend(audience.map(|audience| ("aud".to_owned(), audience)));
    said.claims
}

/// The claims of an ID token (OIDC Core §2) that goes with an access token whose
/// hash is `at_hash`. Those that the client `requested` come along, whatever the
/// mappers say.
#[must_use]
pub fn id(
    facts: &Facts<'_>,
    jti: &str,
    at_hash: &str,
    requested: Option<&Value>,
) -> Map<String, Value> {
    let mut said = facts.said(Paper::Id);
    add_requested(facts, Paper::Id, requested, &mut said);
    said.audience.insert(facts.selection.client.client_id.clone());
    let audience = audience(&said);
    put_common(facts, &mut said.claims, "ID", jti);
    let mut put = |name: &str, value: Value| said.claims.insert(name.to_owned(), value);
    put("sub", json!(facts.standing.person.user.id));
    put("at_hash", json!(at_hash));
    if let Some(audience) = audience {
        put("aud", audience);
    }
    if let Some(nonce) = facts.nonce {
        put("nonce", json!(nonce));
    }
    if let Some(at) = facts.authenticated_at {
        put("auth_time", json!(at));
    }
    said.claims
}

/// What the userinfo endpoint answers (OIDC Core §5.3.2).
#[must_use]
pub fn userinfo(facts: &Facts<'_>, requested: Option<&Value>) -> Map<String, Value> {
    let mut said = facts.said(Paper::Userinfo);
    add_requested(facts, Paper::Userinfo, requested, &mut said);
    said.claims.insert("sub".to_owned(), json!(facts.standing.person.user.id));
    said.claims
}

/// What both kinds of token say of themselves.
fn put_common(facts: &Facts<'_>, claims: &mut Map<String, Value>, typ: &str, jti: &str) {
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(facts.issuer));
    put("iat", json!(facts.now));
    put("exp", json!(facts.expires_at));
    put("jti", json!(jti));
    put("typ", json!(typ));
    put("azp", json!(facts.selection.client.client_id));
    if let Some(session) = facts.session {
        put("sid", json!(session));
    }
}

/// One is text, several are a list (RFC 7519 §4.1.3).
fn audience(said: &Said) -> Option<Value> {
    let mut all = said.audience.iter();
    match (all.next(), all.next()) {
        (None, _) => None,
        (Some(one), None) => Some(json!(one)),
        (Some(_), Some(_)) => Some(json!(said.audience)),
    }
}

/// Adds the claims that are members of `requested` (OIDC Core §5.5.1), if a mapper
/// of a scope that the client may ask for can say them. All are voluntary to us,
/// so one that is not there is left out, essential or not.
fn add_requested(facts: &Facts<'_>, paper: Paper, requested: Option<&Value>, said: &mut Said) {
    let Some(Value::Object(requested)) = requested else { return };
    let mut offers: Option<Said> = None;
    for name in requested.keys() {
        if said.claims.contains_key(name) || PROTECTED.contains(&name.as_str()) {
            continue;
        }
        let offers = offers.get_or_insert_with(|| offered(facts, paper));
        if let Some(value) = offers.claims.get(name) {
            said.claims.insert(name.clone(), value.clone());
        }
    }
}

/// Everything that the client could be told with all of its scopes.
fn offered(facts: &Facts<'_>, paper: Paper) -> Said {
    let recipe = facts.selection.recipe;
    let of_scopes = recipe.scopes.iter().flat_map(|held| &held.mappers);
    let mut said = Said::default();
    for mapper in recipe.mappers.iter().chain(of_scopes) {
        if let Some(kind) = find_kind(&mapper.mapper) {
            kind.tell_all(facts, Config::of(mapper), paper, &mut said);
        }
    }
    said
}
