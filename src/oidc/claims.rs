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
        for (kind, mapper) in
            mappers.iter().filter(|(kind, _)| [HARDCODED, RENAME].contains(&kind.id))
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
    let mut said = Said::default();
    for mapper in facts.selection.within_reach(&facts.standing.person) {
        if let Some(kind) = find_kind(&mapper.mapper) {
            kind.tell_all(facts, Config::of(mapper), paper, &mut said);
        }
    }
    said
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::org::claims::OrgClaims;
    use crate::realm::built_in_scope::{BUILT_IN_SCOPES, OPENID_CONNECT};
    use crate::realm::client::{Client, ClientSettings};
    use crate::realm::client_scope::{ClientScope, Place};
    use crate::realm::person::{HeldGroup, HeldRole, Person};
    use crate::realm::recipe::{HeldScope, Recipe, ScopeContent};
    use crate::realm::registry::Attributes;
    use crate::realm::user::User;
    use std::collections::{BTreeMap, HashSet};
    use std::rc::Rc;

    type Pairs<'a> = &'a [(&'a str, &'a str)];

    fn mapper(kind: &str, name: &str, config: BTreeMap<String, String>) -> ProtocolMapper {
        ProtocolMapper {
            id: "m".parse().unwrap(),
            name: name.to_owned(),
            protocol: OPENID_CONNECT.to_owned(),
            mapper: kind.to_owned(),
            config,
        }
    }

    /// What a new client gets in a new realm, with these mappers of its own.
    pub fn recipe_of(own: &[(&str, Pairs<'_>)]) -> Recipe {
        let built_in = BUILT_IN_SCOPES.iter().filter(|scope| scope.protocol == OPENID_CONNECT);
        let scopes = built_in.filter_map(|scope| {
            let content = ScopeContent {
                scope: ClientScope {
                    id: scope.name.parse().unwrap(),
                    name: scope.name.to_owned(),
                    description: String::new(),
                    protocol: OPENID_CONNECT.to_owned(),
                    attributes: scope.attributes(),
                },
                mappers: scope
                    .mappers
                    .iter()
                    .map(|one| mapper(one.mapper, one.name, one.config()))
                    .collect(),
                roles: HashSet::new(),
            };
            Some(HeldScope { place: scope.place?, content: Rc::new(content) })
        });
        let of_client = own.iter().map(|(kind, config)| {
            let pairs = config.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            mapper(kind, "own", pairs.collect())
        });
        Recipe { scopes: scopes.collect(), mappers: of_client.collect(), roles: HashSet::new() }
    }

    fn attributes(pairs: Pairs<'_>) -> Attributes {
        let mut all = Attributes::new();
        for (name, value) in pairs {
            all.entry((*name).to_owned()).or_default().push((*value).to_owned());
        }
        all
    }

    fn org(id: &str, alias: &str) -> OrgClaims {
        OrgClaims {
            id: id.parse().unwrap(),
            alias: alias.parse().unwrap(),
            title: alias.to_uppercase(),
            name: format!("{alias} inc."),
            attributes: attributes(&[("id", "forged"), ("own", "gold"), ("tier", "gold")]),
            roles: vec!["guide".to_owned()],
            groups: vec!["/Guides/Rafting".to_owned()],
        }
    }

    fn role(id: &str, client_id: Option<&str>, name: &str) -> HeldRole {
        HeldRole {
            id: id.parse().unwrap(),
            client_id: client_id.map(str::to_owned),
            name: name.to_owned(),
        }
    }

    fn person() -> Person {
        Person {
            user: User {
                id: "u1".parse().unwrap(),
                username: "hiroko".parse().unwrap(),
                email: Some("hiroko@adventurez.example".parse().unwrap()),
                email_verified: true,
                first_name: Some("Hiroko".to_owned()),
                last_name: Some("Sato".to_owned()),
                enabled: true,
                home_org: None,
                service_account_for: None,
                created_at: Timestamp::from_unix(1_700_000_000),
                attributes: attributes(&[
                    ("phoneNumber", "+1 555"),
                    ("street", "Main St 1"),
                    ("land", "CH"),
                    ("tags", "a"),
                    ("tags", "b"),
                    ("size", "42"),
                    ("shape", r#"{"w":1}"#),
                ]),
                required_actions: Vec::new(),
            },
            roles: vec![
                role("r1", None, "staff"),
                role("r2", Some("app"), "own"),
                role("r3", Some("my.api"), "read"),
            ],
            groups: vec![HeldGroup {
                path: vec!["Guides".to_owned(), "Rafting".to_owned()],
                attributes: vec![
                    attributes(&[("tags", "c"), ("river", "Reuss")]),
                    attributes(&[("river", "Rhine"), ("base", "Alps")]),
                ],
            }],
            orgs: Vec::new(),
        }
    }

    fn client() -> Client {
        Client {
            uuid: "c".parse().unwrap(),
            client_id: "app".to_owned(),
            secret_hash: None,
            service_account: None,
            settings: ClientSettings {
                redirect_uris: vec!["https://app.example/cb".to_owned()],
                web_origins: vec!["+".to_owned(), "https://other.example".to_owned()],
                ..ClientSettings::default()
            },
        }
    }

    struct Bench {
        client: Client,
        recipe: Recipe,
        standing: Standing,
        session: Option<SessionId>,
    }

    impl Bench {
        fn with(own: &[(&str, Pairs<'_>)]) -> Self {
            Self {
                client: client(),
                recipe: recipe_of(own),
                standing: Standing::alone(Rc::new(person())),
                session: Some("s1".parse().unwrap()),
            }
        }

        fn facts<T>(&self, scope: &str, look: impl FnOnce(&Facts<'_>) -> T) -> Result<T, TooMuch> {
            let selection = Selection::of(&self.client, &self.recipe, scope).unwrap();
            let known = Known {
                issuer: "https://id.example/realms/travel0",
                now: Timestamp::from_unix(1_800_000_000),
                expires_at: Timestamp::from_unix(1_800_000_300),
                session: self.session.as_ref(),
                authenticated_at: self
                    .session
                    .as_ref()
                    .map(|_| Timestamp::from_unix(1_799_999_000)),
                address: Some("192.0.2.7"),
                nonce: Some("n1"),
                level: 1,
            };
            Facts::new(&selection, &self.standing, known).map(|facts| look(&facts))
        }

        fn put_role_into(&mut self, scope: &str, role: &str) {
            let scopes = &mut self.recipe.scopes;
            let held = scopes.iter_mut().find(|held| held.scope.name == scope).unwrap();
            Rc::make_mut(&mut held.content).roles.insert(role.parse().unwrap());
        }

        fn access(&self, scope: &str) -> Value {
            self.facts(scope, |facts| Value::Object(access(facts, "j1"))).unwrap()
        }

        fn id(&self, scope: &str, requested: Option<&Value>) -> Value {
            self.facts(scope, |facts| Value::Object(id(facts, "j2", "hash", requested))).unwrap()
        }

        fn userinfo(&self, scope: &str) -> Value {
            self.facts(scope, |facts| Value::Object(userinfo(facts, None))).unwrap()
        }
    }

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

    /// A kind, what it is told, and the claim that an access token gets.
    type Case<'a> = (&'a str, Pairs<'a>, &'a str, Value);

    fn check(cases: &[Case<'_>]) {
        for (kind, config, claim, expected) in cases {
            let config = [config, &[("access.token.claim", "true")][..]].concat();
            let bench = Bench::with(&[(kind, &config)]);
            assert_eq!(bench.access("openid")[*claim], *expected, "{kind} {config:?}");
        }
    }

    #[test]
    fn the_mappers_of_the_profile_say_what_they_are_told_to() {
        check(&[
            (
                "oidc-usermodel-attribute-mapper",
                &[("user.attribute", "tags"), ("claim.name", "x.y")],
                "x",
                json!({ "y": "a" }),
            ),
            (
                "oidc-usermodel-attribute-mapper",
                &[("user.attribute", "tags"), ("claim.name", "x"), ("multivalued", "true")],
                "x",
                json!(["a", "b"]),
            ),
            (
                "oidc-usermodel-attribute-mapper",
                &[
                    ("user.attribute", "tags"),
                    ("claim.name", "x"),
                    ("multivalued", "true"),
                    ("aggregate.attrs", "true"),
                ],
                "x",
                json!(["a", "b", "c"]),
            ),
            (
                "oidc-usermodel-attribute-mapper",
                &[("user.attribute", "river"), ("claim.name", "x")],
                "x",
                json!("Reuss"),
            ),
            (
                "oidc-usermodel-attribute-mapper",
                &[("user.attribute", "base"), ("claim.name", "x")],
                "x",
                json!("Alps"),
            ),
            (
                "oidc-usermodel-attribute-mapper",
                &[("user.attribute", "size"), ("claim.name", "x"), ("jsonType.label", "int")],
                "x",
                json!(42),
            ),
            (
                "oidc-usermodel-attribute-mapper",
                &[("user.attribute", "shape"), ("claim.name", "x"), ("jsonType.label", "JSON")],
                "x",
                json!({ "w": 1 }),
            ),
            (
                "oidc-usermodel-attribute-mapper",
                &[("user.attribute", "nothing"), ("claim.name", "x")],
                "x",
                Value::Null,
            ),
            (
                "oidc-usermodel-property-mapper",
                &[
                    ("user.attribute", "emailVerified"),
                    ("claim.name", "x"),
                    ("jsonType.label", "boolean"),
                ],
                "x",
                json!(true),
            ),
            (
                "oidc-usermodel-property-mapper",
                &[("user.attribute", "username"), ("claim.name", r"a\.b")],
                "a.b",
                json!("hiroko"),
            ),
            ("oidc-address-mapper", &[("user.attribute.country", "land")], "address", {
                json!({ "street_address": "Main St 1", "country": "CH" })
            }),
        ]);
    }

    #[test]
    fn the_mappers_of_roles_and_audience_say_what_they_are_told_to() {
        check(&[
            (
                "oidc-usermodel-realm-role-mapper",
                &[
                    ("claim.name", "x"),
                    ("multivalued", "true"),
                    ("usermodel.realmRoleMapping.rolePrefix", "R_"),
                ],
                "x",
                json!(["R_staff"]),
            ),
            (
                "oidc-usermodel-client-role-mapper",
                &[
                    ("claim.name", "x.${client_id}"),
                    ("multivalued", "true"),
                    ("usermodel.clientRoleMapping.rolePrefix", "C_"),
                ],
                "x",
                json!({ "app": ["C_own"], "my.api": ["C_read"] }),
            ),
            (
                "oidc-usermodel-client-role-mapper",
                &[("claim.name", "x"), ("usermodel.clientRoleMapping.clientId", "my.api")],
                "x",
                json!("read"),
            ),
            (
                "oidc-audience-mapper",
                &[("included.client.audience", "api"), ("included.custom.audience", "no")],
                "aud",
                json!(["api", "my.api"]),
            ),
            (
                "oidc-audience-mapper",
                &[("included.client.audience", ""), ("included.custom.audience", "urn:x")],
                "aud",
                json!(["my.api", "urn:x"]),
            ),
            (
                "oidc-hardcoded-claim-mapper",
                &[("claim.name", "x"), ("claim.value", "7"), ("jsonType.label", "long")],
                "x",
                json!(7),
            ),
            (
                "oidc-hardcoded-role-mapper",
                &[("role", "guest")],
                "realm_access",
                json!({ "roles": ["guest", "staff"] }),
            ),
            (
                "oidc-hardcoded-role-mapper",
                &[("role", "my.api.write")],
                "resource_access",
                json!({ "app": { "roles": ["own"] }, "my.api": { "roles": ["read", "write"] } }),
            ),
            (
                "oidc-role-name-mapper",
                &[("role", "staff"), ("new.role.name", "app.crew")],
                "resource_access",
                json!({ "app": { "roles": ["crew", "own"] }, "my.api": { "roles": ["read"] } }),
            ),
            (
                "oidc-role-name-mapper",
                &[("role", "nobody"), ("new.role.name", "admin")],
                "realm_access",
                json!({ "roles": ["staff"] }),
            ),
        ]);
    }

    #[test]
    fn the_mappers_of_session_and_groups_say_what_they_are_told_to() {
        check(&[
            (
                "oidc-usersessionmodel-note-mapper",
                &[("user.session.note", "AUTH_TIME"), ("claim.name", "x")],
                "x",
                json!("1799999000"),
            ),
            (
                "oidc-usersessionmodel-note-mapper",
                &[("user.session.note", "clientAddress"), ("claim.name", "x")],
                "x",
                Value::Null,
            ),
            (
                "oidc-group-membership-mapper",
                &[("claim.name", "x"), ("full.path", "true")],
                "x",
                json!(["/Guides/Rafting"]),
            ),
            (
                "oidc-group-membership-mapper",
                &[("claim.name", "x"), ("full.path", "false")],
                "x",
                json!(["Rafting"]),
            ),
            ("oidc-nonce-backwards-compatible-mapper", &[], "nonce", json!("n1")),
            ("oidc-no-such-mapper", &[("claim.name", "x")], "x", Value::Null),
        ]);
    }

    #[test]
    fn a_client_that_speaks_for_itself_says_where_from() {
        let mut bench = Bench::with(&[
            (
                "oidc-usersessionmodel-note-mapper",
                &[
                    ("user.session.note", "clientAddress"),
                    ("claim.name", "clientAddress"),
                    ("access.token.claim", "true"),
                ],
            ),
            (
                "oidc-usersessionmodel-note-mapper",
                &[
                    ("user.session.note", "client_id"),
                    ("claim.name", "client_id"),
                    ("access.token.claim", "true"),
                ],
            ),
        ]);
        bench.session = None;
        let claims = bench.access("");
        assert_eq!(
            (&claims["clientAddress"], &claims["client_id"]),
            (&json!("192.0.2.7"), &json!("app"))
        );
    }

    const MEMBERSHIP: &str = "oidc-organization-membership-mapper";

    /// Reference keycloak.md §4.5.
    #[test]
    fn the_organization_claim_has_the_shape_that_is_asked() {
        let cases: &[(Pairs<'_>, Value)] = &[
            (&[], json!(["acme", "globex"])),
            (&[("multivalued", "false")], json!("acme")),
            (&[("jsonType.label", "JSON")], json!({ "acme": {}, "globex": {} })),
            (
                &[("addOrganizationId", "true")],
                json!({ "acme": { "id": "o1" }, "globex": { "id": "o2" } }),
            ),
            (
                &[("addOrganizationId", "true"), ("addOrganizationAttributes", "true")],
                json!({
                    "acme": { "id": "o1", "own": ["gold"], "tier": ["gold"] },
                    "globex": { "id": "o2", "own": ["gold"], "tier": ["gold"] },
                }),
            ),
        ];
        for (config, expected) in cases {
            let config = [config, &[("access.token.claim", "true"), ("claim.name", "orgs")][..]];
            let mut bench = Bench::with(&[(MEMBERSHIP, &config.concat())]);
            bench.standing.orgs = vec![org("o1", "acme"), org("o2", "globex")];
            assert_eq!(bench.access("")["orgs"], *expected, "{config:?}");
        }
    }

    #[test]
    fn groups_and_roles_join_the_organization_claim() {
        let shown = &[("access.token.claim", "true")][..];
        let mut bench = Bench::with(&[
            ("oidc-organization-role-membership-mapper", shown),
            ("oidc-organization-group-membership-mapper", shown),
        ]);
        bench.standing.orgs = vec![org("o1", "acme")];
        let claims = bench.access("organization:acme");
        assert_eq!(claims["scope"], "profile email organization:acme");
        assert_eq!(
            claims["organization"],
            json!({ "acme": { "groups": ["/Guides/Rafting"], "roles": ["guide"] } })
        );
        // Without the scope there is no claim to join.
        assert!(bench.access("").get("organization").is_none());
    }

    /// Reference phasetwo.md §4.
    #[test]
    fn phase_twos_mappers_tell_of_every_organization() {
        let named = [("access.token.claim", "true"), ("claim.name", "x")];
        let some = [&named[..], &[("included.active.organization.properties", "id,role")]].concat();
        let guide = json!(["guide"]);
        let all = json!({ "id": ["forged"], "own": ["gold"], "tier": ["gold"] });
        let cases: &[(&str, Pairs<'_>, Value)] = &[
            (
                "oidc-organization-role-mapper",
                &named,
                json!({ "o1": { "name": "acme inc.", "roles": guide } }),
            ),
            (
                "oidc-organization-attribute-mapper",
                &named,
                json!({ "o1": { "name": "acme inc.", "attributes": all } }),
            ),
            ("oidc-organization-specific-attribute-mapper", &named, json!({ "o1": "gold" })),
            (
                "oidc-active-organization-mapper",
                &named,
                json!({ "id": "o1", "name": "acme inc.", "role": guide, "attribute": all }),
            ),
            ("oidc-active-organization-mapper", &some, json!({ "id": "o1", "role": guide })),
        ];
        for (kind, config, expected) in cases {
            let mut bench = Bench::with(&[(kind, config)]);
            assert_eq!(bench.access("")["x"], json!({}), "{kind}");
            bench.standing.every = vec![org("o1", "acme")];
            bench.standing.active = Some(org("o1", "acme"));
            assert_eq!(bench.access("")["x"], *expected, "{kind}");
        }
    }

    #[test]
    fn auth0s_claims_name_the_one_organization() {
        let mut bench =
            Bench::with(&[("oidc-auth0-organization-mapper", &[("access.token.claim", "true")])]);
        bench.standing.orgs = vec![org("o1", "acme")];
        let claims = bench.access("organization:acme");
        assert_eq!((&claims["org_id"], &claims["org_name"]), (&json!("o1"), &json!("acme")));
        bench.standing.orgs.push(org("o2", "globex"));
        assert!(bench.access("organization:*").get("org_id").is_none());
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
