//! What tokens say: what a token is, we say; everything else, the protocol mappers
//! of the client and of the client scopes that were granted (reference keycloak.md
//! §4.2, §4.3).
use super::mapper::{Config, PROTECTED, Paper, Said, USERINFO_CLAIMS};
use super::mapper_kinds::{Kind, find_kind};
use super::mapper_roles::{HARDCODED, RENAME, Roles};
use super::selection::Selection;
use super::standing::Standing;
use crate::kernel::id::{OrgId, SessionId};
use crate::kernel::time::Timestamp;
use crate::realm::person::{HeldRole, MAX_TOKEN_GROUPS, MAX_TOKEN_ROLES};
use crate::realm::protocol_mapper::ProtocolMapper;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The attribute of a client whose access tokens say only what is marked as
/// `lightweight.claim`.
const LIGHTWEIGHT: &str = "client.use.lightweight.access.token.enabled";

/// The attribute of a client whose ID tokens say nothing of their type: `true`. The
/// claim is Keycloak's, and OIDC Core §2 knows nothing of it; a client that registers
/// itself gets what the specification has.
const WITHOUT_TYP: &str = "id.token.without.typ";

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
    /// Of the login.
    pub known: Known<'a>,
    /// The client, and what the grant brings it.
    pub selection: &'a Selection<'a>,
    /// Who, and what they are where.
    pub standing: &'a Standing,
    /// The mappers that have a say, in their order.
    pub mappers: Vec<(&'static Kind, &'a ProtocolMapper)>,
    /// `scope`.
    pub scope: String,
    /// By organization, the roles that come with the person's groups there.
    pub of_groups: BTreeMap<OrgId, Roles>,
    roles: Roles,
    changed_roles: Roles,
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
        let of_groups = standing.mapped.values().map(Vec::len).sum::<usize>();
        if person.roles.len().max(of_groups) > MAX_TOKEN_ROLES {
            return Err(TooMuch::Roles);
        }
        if person.groups.iter().map(|group| group.path.len()).sum::<usize>() > MAX_TOKEN_GROUPS {
            return Err(TooMuch::Groups);
        }
        let permitted = selection.permitted(person);
        let mappers = selection.mappers(&permitted);
        let passed = |roles: &'a [HeldRole]| -> Roles {
            roles.iter().filter(|role| selection.passes(&role.id, &permitted)).collect()
        };
        let roles = passed(&person.roles);
        let of_groups =
            standing.mapped.iter().map(|(org, roles)| (org.clone(), passed(roles))).collect();
        let mut changed_roles = roles.clone();
        for (kind, mapper) in
            mappers.iter().filter(|(kind, _)| [HARDCODED, RENAME].contains(&kind.id))
        {
            changed_roles.change(kind.id, Config::of(mapper));
        }
        let scope = selection.told(&permitted);
        Ok(Self { known, selection, standing, mappers, scope, of_groups, roles, changed_roles })
    }

    /// The same, with the roles of none but these clients: who is not in the audience
    /// of a token does not read what the person may do elsewhere.
    #[must_use]
    pub fn for_clients(mut self, clients: &[String]) -> Self {
        let of_groups = self.of_groups.values_mut();
        for roles in [&mut self.roles, &mut self.changed_roles].into_iter().chain(of_groups) {
            roles.clients.retain(|client_id, _| clients.contains(client_id));
        }
        self
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
/// `aud` is absent when no mapper names a resource server, as in Keycloak. What the
/// client `requested` of userinfo (OIDC Core §5.5) is named in it, without the values:
/// userinfo reads it there, and needs not know the grant.
#[must_use]
pub fn access(facts: &Facts<'_>, jti: &str, requested: Option<&Value>) -> Map<String, Value> {
    let mut said = facts.said(Paper::Access);
    let audience = audience(&said);
    put_common(facts, &mut said.claims, "Bearer", jti);
    let named: Vec<&str> = names_in(requested).collect();
    if !named.is_empty() {
        said.claims.insert(USERINFO_CLAIMS.to_owned(), json!(named));
    }
    said.claims.insert("scope".to_owned(), json!(facts.scope));
    said.claims.extend(audience.map(|audience| ("aud".to_owned(), audience)));
    said.claims
}

/// The claims of an ID token (OIDC Core §2); `at_hash` is the hash of the access token
/// that it goes with. Those that the client `requested` come along, whatever the
/// mappers say.
#[must_use]
pub fn id(
    facts: &Facts<'_>,
    jti: &str,
    at_hash: Option<&str>,
    requested: Option<&Value>,
) -> Map<String, Value> {
    let mut said = facts.said(Paper::Id);
    add_requested(facts, Paper::Id, names_in(requested), &mut said);
    said.audience.insert(facts.selection.client.client_id.clone());
    let audience = audience(&said);
    put_common(facts, &mut said.claims, "ID", jti);
    if facts.selection.client.has_on(WITHOUT_TYP) {
        said.claims.remove("typ");
    }
    let mut put = |name: &str, value: Value| said.claims.insert(name.to_owned(), value);
    put("sub", json!(facts.standing.person.user.id));
    if let Some(at_hash) = at_hash {
        put("at_hash", json!(at_hash));
    }
    if let Some(audience) = audience {
        put("aud", audience);
    }
    if let Some(nonce) = facts.known.nonce {
        put("nonce", json!(nonce));
    }
    if let Some(at) = facts.known.authenticated_at {
        put("auth_time", json!(at));
    }
    said.claims
}

/// What the userinfo endpoint answers (OIDC Core §5.3.2), the claims that were
/// `requested` one by one among them.
#[must_use]
pub fn userinfo(facts: &Facts<'_>, requested: &[String]) -> Map<String, Value> {
    let mut said = facts.said(Paper::Userinfo);
    let names = requested.iter().map(String::as_str);
    add_requested(facts, Paper::Userinfo, names, &mut said);
    said.claims.insert("sub".to_owned(), json!(facts.standing.person.user.id));
    said.claims
}

/// What introspection tells besides what is in the token: the claims that mappers
/// put there and nowhere else, and those that a light token leaves out.
#[must_use]
pub fn introspection(facts: &Facts<'_>) -> Map<String, Value> {
    facts.said(Paper::Introspection).claims
}

/// What both kinds of token say of themselves.
fn put_common(facts: &Facts<'_>, claims: &mut Map<String, Value>, typ: &str, jti: &str) {
    let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    put("iss", json!(facts.known.issuer));
    put("iat", json!(facts.known.now));
    put("exp", json!(facts.known.expires_at));
    put("jti", json!(jti));
    put("typ", json!(typ));
    put("azp", json!(facts.selection.client.client_id));
    if let Some(session) = facts.known.session {
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

/// The claims that a member of the parameter `claims` asks for, but for those that
/// say what a token is.
fn names_in(requested: Option<&Value>) -> impl Iterator<Item = &str> {
    let wishes = requested.and_then(Value::as_object).into_iter().flatten();
    wishes.map(|(name, _)| name.as_str()).filter(|name| !PROTECTED.contains(name))
}

/// Adds the claims that were asked for by name (OIDC Core §5.5.1), if a mapper of a
/// scope that the client may ask for can say them. All are voluntary to us, so one
/// that is not there is left out, essential or not.
fn add_requested<'a>(
    facts: &Facts<'_>,
    paper: Paper,
    names: impl Iterator<Item = &'a str>,
    said: &mut Said,
) {
    let mut offers: Option<Said> = None;
    for name in names {
        if said.claims.contains_key(name) || PROTECTED.contains(&name) {
            continue;
        }
        let offers = offers.get_or_insert_with(|| offered(facts, paper));
        if let Some(value) = offers.claims.get(name) {
            said.claims.insert(name.to_owned(), value.clone());
        }
    }
}

/// Everything that the client could be told with all of its scopes.
fn offered(facts: &Facts<'_>, paper: Paper) -> Said {
    let mut said = Said::default();
    for mapper in facts.selection.within_reach(&facts.standing.person) {
        if let Some(kind) = find_kind(&mapper.mapper) {
            kind.tell_all(facts, Config::of(mapper), paper, &mut said);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::mapper_bench::{Bench, person, role};
    use crate::realm::client_scope::Place;
    use crate::realm::person::HeldGroup;
    use std::rc::Rc;

    const ISSUER: &str = "https://id.example/realms/travel0";

    /// Reference keycloak.md §4.2, §4.3.
    #[test]
    fn the_access_token_of_a_new_realm_is_keycloaks() {
        assert_eq!(
            Bench::with(&[]).access("openid"),
            json!({
                "iss": ISSUER, "iat": 1_800_000_000, "exp": 1_800_000_300,
                "auth_time": 1_799_999_000, "jti": "j1", "aud": "my.api", "sub": "u1",
                "typ": "Bearer", "azp": "app", "sid": "s1", "acr": "1",
                "allowed-origins": ["https://app.example", "https://other.example"],
                "realm_access": { "roles": ["staff"] },
                "resource_access": {
                    "app": { "roles": ["own"] }, "my.api": { "roles": ["read"] },
                },
                "scope": "openid profile email", "email_verified": true, "name": "Hiroko Sato",
                "preferred_username": "hiroko", "given_name": "Hiroko", "family_name": "Sato",
                "email": "hiroko@adventurez.example",
            })
        );
    }

    #[test]
    fn the_id_token_and_userinfo_of_a_new_realm_are_keycloaks() {
        let bench = Bench::with(&[]);
        let profile = json!({
            "sub": "u1", "email_verified": true, "name": "Hiroko Sato",
            "preferred_username": "hiroko", "given_name": "Hiroko", "family_name": "Sato",
            "email": "hiroko@adventurez.example",
        });
        assert_eq!(bench.userinfo("openid"), profile);
        let mut token = json!({
            "iss": ISSUER, "iat": 1_800_000_000, "exp": 1_800_000_300,
            "auth_time": 1_799_999_000, "jti": "j2", "aud": "app", "typ": "ID", "azp": "app",
            "sid": "s1", "acr": "1", "at_hash": "hash", "nonce": "n1",
        });
        token.as_object_mut().unwrap().extend(profile.as_object().unwrap().clone());
        assert_eq!(bench.id("openid", None), token);
    }

    #[test]
    fn optional_scopes_bring_their_claims_when_they_are_asked_for() {
        let bench = Bench::with(&[]);
        let claims = bench.access("openid phone address microprofile-jwt");
        assert_eq!(claims["scope"], "openid profile email address phone microprofile-jwt");
        assert_eq!(claims["phone_number"], "+1 555");
        assert_eq!(claims["address"], json!({ "street_address": "Main St 1" }));
        assert_eq!((&claims["upn"], &claims["groups"]), (&json!("hiroko"), &json!(["staff"])));
        assert!(claims.get("phone_number_verified").is_none());
        let info = bench.userinfo("openid phone");
        assert_eq!((&info["phone_number"], info.get("address")), (&json!("+1 555"), None));
    }

    #[test]
    fn what_is_empty_is_not_said() {
        let mut bench = Bench::with(&[]);
        let mut nobody = person();
        nobody.roles.clear();
        nobody.user.email = None;
        nobody.user.first_name = None;
        nobody.user.last_name = Some(String::new());
        bench.standing = Standing::alone(Rc::new(nobody));
        bench.client.settings.web_origins.clear();
        bench.session = None;
        let claims = bench.access("organization");
        for name in [
            "aud",
            "realm_access",
            "resource_access",
            "allowed-origins",
            "sid",
            "auth_time",
            "name",
            "given_name",
            "family_name",
            "email",
            "organization",
        ] {
            assert!(claims.get(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_mapper_cannot_overwrite_what_a_token_is() {
        let plain = Bench::with(&[]).access("openid");
        let plain_id = Bench::with(&[]).id("openid", None);
        for name in PROTECTED {
            for kind in ["oidc-hardcoded-claim-mapper", "oidc-usermodel-attribute-mapper"] {
                let config = [
                    ("claim.name", *name),
                    ("claim.value", "forged"),
                    ("user.attribute", "tags"),
                    ("access.token.claim", "true"),
                    ("id.token.claim", "true"),
                ];
                let bench = Bench::with(&[(kind, &config)]);
                assert_eq!(bench.access("openid"), plain, "{name}");
                assert_eq!(bench.id("openid", None), plain_id, "{name}");
                assert_eq!(bench.userinfo("openid")["sub"], "u1", "{name}");
            }
        }
        let note = [
            ("user.session.note", "client_id"),
            ("claim.name", "auth_time"),
            ("access.token.claim", "true"),
        ];
        let mut service = Bench::with(&[("oidc-usersessionmodel-note-mapper", &note)]);
        service.session = None;
        assert!(service.access("").get("auth_time").is_none());
    }

    #[test]
    fn a_light_token_says_what_is_marked_for_it() {
        let mut bench = Bench::with(&[(
            "oidc-hardcoded-claim-mapper",
            &[("claim.name", "x"), ("claim.value", "y"), ("lightweight.claim", "true")],
        )]);
        bench.client.settings.attributes.insert(LIGHTWEIGHT.to_owned(), "true".to_owned());
        let claims = bench.access("openid");
        let mut names: Vec<&str> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["azp", "exp", "iat", "iss", "jti", "scope", "sid", "typ", "x"]);
        assert_eq!(bench.id("openid", None)["name"], "Hiroko Sato");
    }

    #[test]
    fn the_scope_of_the_client_and_of_its_scopes_lets_roles_through() {
        let mut bench = Bench::with(&[]);
        bench.client.settings.full_scope_allowed = false;
        assert!(bench.access("").get("realm_access").is_none());
        bench.recipe.roles.insert("r2".parse().unwrap());
        bench.put_role_into("address", "r1");
        let own = json!({ "app": { "roles": ["own"] } });
        assert_eq!(bench.access("")["resource_access"], own);
        assert_eq!(bench.access("").get("realm_access"), None);
        assert_eq!(bench.access("address")["realm_access"], json!({ "roles": ["staff"] }));
    }

    /// Keycloak's rule: a scope with roles is for those who hold one of them.
    #[test]
    fn who_holds_none_of_a_scopes_roles_does_not_get_the_scope() {
        let mut bench = Bench::with(&[]);
        bench.put_role_into("phone", "r9");
        let claims = bench.access("openid phone");
        assert_eq!(claims["scope"], "openid profile email");
        assert!(claims.get("phone_number").is_none());
        assert_eq!(claims["realm_access"], json!({ "roles": ["staff"] }));
        let requested = json!({ "phone_number": null });
        assert!(bench.id("openid", Some(&requested)).get("phone_number").is_none());
    }

    /// OIDC Core §5.5.1.
    #[test]
    fn claims_that_are_asked_for_one_by_one_come_if_the_client_may_ask() {
        let bench = Bench::with(&[]);
        let requested = json!({
            "phone_number": { "essential": true }, "nickname": null, "iss": { "value": "forged" },
            "no_such_claim": null, "address": null,
        });
        let claims = bench.id("openid", Some(&requested));
        assert_eq!(claims["phone_number"], "+1 555");
        assert_eq!(claims["address"]["street_address"], "Main St 1");
        assert_eq!(claims["iss"], ISSUER);
        for absent in ["nickname", "no_such_claim", "realm_access", "upn"] {
            assert!(claims.get(absent).is_none(), "{absent}");
        }
        let mut narrow = Bench::with(&[]);
        narrow.recipe.scopes.retain(|held| held.place == Place::Default);
        assert!(narrow.id("openid", Some(&requested)).get("phone_number").is_none());
    }

    /// OIDC Core §5.5.
    #[test]
    fn an_access_token_names_what_userinfo_was_asked_for() {
        let bench = Bench::with(&[]);
        let access = |requested: Option<&Value>| {
            let claims = bench.facts("openid", |facts| access(facts, "j1", requested)).unwrap();
            claims.get(USERINFO_CLAIMS).cloned()
        };
        let requested = json!({ "phone_number": { "value": "+1" }, "iss": null, "sub": null });
        assert_eq!(access(Some(&requested)), Some(json!(["phone_number"])));
        assert_eq!(access(Some(&json!({ "sub": null }))), None);
        assert_eq!(access(None), None);
        let told = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            bench.facts("openid", |facts| userinfo(facts, &names)).unwrap()
        };
        assert_eq!(told(&["phone_number", "sid", "x"])["phone_number"], "+1 555");
        assert!(told(&["sid"]).get("sid").is_none() && told(&[]).get("phone_number").is_none());
    }

    #[test]
    fn more_roles_and_groups_than_a_token_tells_are_refused() {
        let check = |roles: usize, groups: usize| {
            let mut bench = Bench::with(&[]);
            let mut many = person();
            many.roles = (0..roles).map(|n| role(&format!("r{n}"), None, &n.to_string())).collect();
            let group = HeldGroup { path: vec!["g".to_owned()], attributes: Vec::new() };
            many.groups = vec![group; groups];
            bench.standing = Standing::alone(Rc::new(many));
            bench.facts("openid", |_| ())
        };
        assert_eq!(check(MAX_TOKEN_ROLES, MAX_TOKEN_GROUPS), Ok(()));
        assert_eq!(check(MAX_TOKEN_ROLES + 1, 0), Err(TooMuch::Roles));
        assert_eq!(check(0, MAX_TOKEN_GROUPS + 1), Err(TooMuch::Groups));
    }
}
