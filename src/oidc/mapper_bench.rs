//! For tests: one person and one client with everything that a mapper can tell of,
//! and the papers that it would stand on.
use super::claims::{self, Facts, Known, TooMuch};
use super::selection::Selection;
use super::standing::Standing;
use crate::kernel::id::SessionId;
use crate::kernel::time::Timestamp;
use crate::org::claims::OrgClaims;
use crate::realm::built_in_scope::{BUILT_IN_SCOPES, OPENID_CONNECT};
use crate::realm::client::{Client, ClientSettings};
use crate::realm::client_scope::ClientScope;
use crate::realm::person::{HeldGroup, HeldRole, Person};
use crate::realm::protocol_mapper::ProtocolMapper;
use crate::realm::recipe::{HeldScope, Recipe, ScopeContent};
use crate::realm::registry::Attributes;
use crate::realm::user::User;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

pub type Pairs<'a> = &'a [(&'a str, &'a str)];

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
    Recipe { scopes: scopes.collect(), mappers: of_client.collect(), ..Recipe::default() }
}

fn attributes(pairs: Pairs<'_>) -> Attributes {
    let mut all = Attributes::new();
    for (name, value) in pairs {
        all.entry((*name).to_owned()).or_default().push((*value).to_owned());
    }
    all
}

pub fn org(id: &str, alias: &str) -> OrgClaims {
    OrgClaims {
        mapped: Vec::new(),
        id: id.parse().unwrap(),
        alias: alias.parse().unwrap(),
        title: alias.to_uppercase(),
        name: format!("{alias} inc."),
        attributes: attributes(&[("id", "forged"), ("own", "gold"), ("tier", "gold")]),
        domains: Vec::new(),
        roles: vec!["guide".to_owned()],
        groups: vec!["/Guides/Rafting".to_owned()],
    }
}

pub fn role(id: &str, client_id: Option<&str>, name: &str) -> HeldRole {
    HeldRole {
        id: id.parse().unwrap(),
        client_id: client_id.map(str::to_owned),
        name: name.to_owned(),
    }
}

pub fn person() -> Person {
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
            manager: None,
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

/// A client, a person, and the papers that tell of them.
pub struct Bench {
    pub client: Client,
    pub recipe: Recipe,
    pub standing: Standing,
    pub session: Option<SessionId>,
}

impl Bench {
    pub fn with(own: &[(&str, Pairs<'_>)]) -> Self {
        Self {
            client: client(),
            recipe: recipe_of(own),
            standing: Standing::alone(Rc::new(person())),
            session: Some("s1".parse().unwrap()),
        }
    }

    pub fn facts<T>(&self, scope: &str, look: impl FnOnce(&Facts<'_>) -> T) -> Result<T, TooMuch> {
        let selection = Selection::of(&self.client, &self.recipe, scope).unwrap();
        let known = Known {
            issuer: "https://id.example/realms/travel0",
            now: Timestamp::from_unix(1_800_000_000),
            expires_at: Timestamp::from_unix(1_800_000_300),
            session: self.session.as_ref(),
            authenticated_at: self.session.as_ref().map(|_| Timestamp::from_unix(1_799_999_000)),
            address: Some("192.0.2.7"),
            nonce: Some("n1"),
            level: 1,
        };
        Facts::new(&selection, &self.standing, known).map(|facts| look(&facts))
    }

    pub fn put_role_into(&mut self, scope: &str, role: &str) {
        let scopes = &mut self.recipe.scopes;
        let held = scopes.iter_mut().find(|held| held.scope.name == scope).unwrap();
        Rc::make_mut(&mut held.content).roles.insert(role.parse().unwrap());
    }

    pub fn access(&self, scope: &str) -> Value {
        self.facts(scope, |facts| Value::Object(claims::access(facts, "j1", None))).unwrap()
    }

    pub fn id(&self, scope: &str, requested: Option<&Value>) -> Value {
        self.facts(scope, |facts| Value::Object(claims::id(facts, "j2", Some("hash"), requested)))
            .unwrap()
    }

    pub fn userinfo(&self, scope: &str) -> Value {
        self.facts(scope, |facts| Value::Object(claims::userinfo(facts, &[]))).unwrap()
    }
}

/// A kind, what it is told, and the claim that an access token gets.
pub type Case<'a> = (&'a str, Pairs<'a>, &'a str, Value);

/// Compares what one mapper says with what it should.
pub fn check(cases: &[Case<'_>]) {
    for (kind, config, claim, expected) in cases {
        let config = [config, &[("access.token.claim", "true")][..]].concat();
        let bench = Bench::with(&[(kind, &config)]);
        assert_eq!(bench.access("openid")[*claim], *expected, "{kind} {config:?}");
    }
}
