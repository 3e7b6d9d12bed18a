//! The kinds of protocol mappers, by Keycloak's names, and those that tell of the
//! person and of the client. Other kinds have no effect.
use super::claims::Facts;
use super::mapper::{Config, Paper, Said};
use super::{mapper_organizations as organizations, mapper_roles as roles};
use crate::realm::client::Client;
use crate::realm::user::User;
use serde_json::{Map, Value, json};

/// A kind of mapper.
pub struct Kind {
    /// Its name.
    pub id: &'static str,
    /// When it works: the lowest first, as Keycloak has it.
    pub order: u8,
    /// Whether an access token shows it when nothing is said of that.
    shown_by_default: bool,
    /// Whether the userinfo endpoint can show it.
    in_userinfo: bool,
    /// What it says.
    tell: fn(&Facts<'_>, Config<'_>, Paper, &mut Said),
}

impl Kind {
    /// Says on `paper` what a mapper of this kind has to say, if it belongs there.
    pub fn tell(&self, facts: &Facts<'_>, config: Config<'_>, paper: Paper, said: &mut Said) {
        let may = self.in_userinfo || paper != Paper::Userinfo;
        if may && config.is_shown(paper, facts.is_lightweight(), self.shown_by_default) {
            (self.tell)(facts, config, paper, said);
        }
    }

    /// Says it whether it belongs there or not.
    pub fn tell_all(&self, facts: &Facts<'_>, config: Config<'_>, paper: Paper, said: &mut Said) {
        (self.tell)(facts, config, paper, said);
    }
}

/// The kind called `id`.
#[must_use]
pub fn find_kind(id: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.id == id)
}

type Tell = fn(&Facts<'_>, Config<'_>, Paper, &mut Said);

const fn kind(id: &'static str, tell: Tell) -> Kind {
    Kind { id, order: 0, shown_by_default: false, in_userinfo: true, tell }
}

impl Kind {
    const fn of_tokens(self) -> Self {
        Self { in_userinfo: false, ..self }
    }

    const fn by_default(self) -> Self {
        Self { shown_by_default: true, ..self }
    }

    const fn at(self, order: u8) -> Self {
        Self { order, ..self }
    }
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    kind("oidc-usermodel-attribute-mapper", attribute),
    kind("oidc-usermodel-property-mapper", property),
    kind("oidc-full-name-mapper", full_name),
    kind("oidc-address-mapper", address),
    kind("oidc-hardcoded-claim-mapper", hardcoded),
    kind("oidc-usersessionmodel-note-mapper", note),
    kind("oidc-group-membership-mapper", groups),
    kind("oidc-sub-mapper", sub).of_tokens(),
    kind("oidc-acr-mapper", acr).of_tokens(),
    kind("oidc-nonce-backwards-compatible-mapper", nonce).of_tokens().by_default(),
    kind("oidc-allowed-origins-mapper", allowed_origins).of_tokens().by_default(),
    kind("oidc-audience-mapper", audience).of_tokens(),
    // These two work on the roles before anything is said: `Facts::new`.
    kind(roles::RENAME, silence).of_tokens().at(10),
    kind(roles::HARDCODED, silence).of_tokens().at(20),
    kind("oidc-audience-resolve-mapper", roles::audience_resolve).of_tokens().by_default().at(30),
    kind("oidc-usermodel-realm-role-mapper", roles::realm_roles).at(40),
    kind("oidc-usermodel-client-role-mapper", roles::client_roles).at(40),
    kind(organizations::MEMBERSHIP, organizations::membership),
    kind(organizations::GROUPS, organizations::groups).at(10),
    kind("oidc-organization-role-membership-mapper", organizations::roles).at(20),
    kind(organizations::AUTH0, organizations::auth0),
    kind(organizations::OF_ALL[0], organizations::all_roles),
    kind(organizations::OF_ALL[1], organizations::all_attributes),
    kind(organizations::OF_ALL[2], organizations::all_of_one_attribute),
    kind(organizations::OF_THE_ACTIVE[0], organizations::active),
];

fn silence(_: &Facts<'_>, _: Config<'_>, _: Paper, _: &mut Said) {}

/// The user's attribute, or, where they have none, that of one of their groups;
/// with `aggregate.attrs` all of these together.
fn attribute(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    let Some(name) = config.get("user.attribute") else { return };
    let person = &facts.standing.person;
    let mut values = values_of(&person.user, name);
    let of_groups = person.groups.iter().filter_map(|group| group.attribute(name));
    if config.is_on("aggregate.attrs", false) {
        for value in of_groups.flatten() {
            if !values.contains(value) {
                values.push(value.clone());
            }
        }
    } else if values.is_empty() {
        values.extend(of_groups.take(1).flatten().cloned());
    }
    put_shaped(config, &values, said);
}

fn put_shaped<T: AsRef<str>>(config: Config<'_>, values: &[T], said: &mut Said) {
    if let Some(value) = config.shape(values) {
        said.put(&config.path(""), value);
    }
}

/// Keycloak keeps four fields of a profile among the attributes, by these names.
fn values_of(user: &User, name: &str) -> Vec<String> {
    let one = match name {
        "username" => Some(user.username.as_str()),
        "email" => user.email.as_ref().map(crate::kernel::email::EmailAddress::as_str),
        "firstName" => user.first_name.as_deref(),
        "lastName" => user.last_name.as_deref(),
        _ => return user.attributes.get(name).cloned().unwrap_or_default(),
    };
    one.filter(|text| !text.is_empty()).map(str::to_owned).into_iter().collect()
}

fn property(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    let user = &facts.standing.person.user;
    let value = match config.get("user.attribute") {
        Some("id") => user.id.to_string(),
        Some("enabled") => user.enabled.to_string(),
        Some("emailVerified") => user.email_verified.to_string(),
        Some("createdTimestamp") => (user.created_at.as_unix() * 1000).to_string(),
        Some(name @ ("username" | "email" | "firstName" | "lastName")) => {
            return put_shaped(config, &values_of(user, name), said);
        }
        _ => return,
    };
    put_shaped(config, &[value], said);
}

fn full_name(facts: &Facts<'_>, _: Config<'_>, _: Paper, said: &mut Said) {
    let user = &facts.standing.person.user;
    let names = [&user.first_name, &user.last_name].into_iter().flatten();
    let names: Vec<&str> = names.map(String::as_str).filter(|name| !name.is_empty()).collect();
    if !names.is_empty() {
        said.put(&["name".to_owned()], json!(names.join(" ")));
    }
}

/// OIDC Core §5.1.1. The claim of somebody without an address is an empty object,
/// as in Keycloak.
fn address(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    const PARTS: [(&str, &str, &str); 6] = [
        ("formatted", "user.attribute.formatted", "formatted"),
        ("street_address", "user.attribute.street", "street"),
        ("locality", "user.attribute.locality", "locality"),
        ("region", "user.attribute.region", "region"),
        ("postal_code", "user.attribute.postal_code", "postal_code"),
        ("country", "user.attribute.country", "country"),
    ];
    let user = &facts.standing.person.user;
    let part = |(claim, key, default): (&str, &str, &str)| {
        let value = values_of(user, config.get(key).unwrap_or(default)).into_iter().next()?;
        Some((claim.to_owned(), Value::String(value)))
    };
    let address: Map<String, Value> = PARTS.into_iter().filter_map(part).collect();
    said.put(&["address".to_owned()], Value::Object(address));
}

fn hardcoded(_: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    put_shaped(config, config.get("claim.value").as_slice(), said);
}

/// What we know of a session, by the names of Keycloak's notes.
fn note(facts: &Facts<'_>, config: Config<'_>, paper: Paper, said: &mut Said) {
    let of_service = |value: &str| facts.known.session.is_none().then(|| value.to_owned());
    let value = match config.get("user.session.note") {
        Some("AUTH_TIME") => facts.known.authenticated_at.map(|at| at.as_unix().to_string()),
        Some("client_id" | "clientId") => of_service(&facts.selection.client.client_id),
        Some("clientHost" | "clientAddress") => facts.known.address.and_then(of_service),
        _ => None,
    };
    let path = config.path("");
    let Some(value) = value.and_then(|value| config.shape(&[value])) else { return };
    if path == ["auth_time"] {
        // Only what is true: our own check of a token's age reads it.
        let at = facts.known.authenticated_at.filter(|_| paper != Paper::Userinfo);
        said.claims.extend(at.map(|at| ("auth_time".to_owned(), json!(at))));
    } else {
        said.put(&path, value);
    }
}

fn groups(facts: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    let full = config.is_on("full.path", false);
    let groups = facts.standing.person.groups.iter();
    let names: Vec<Value> = groups
        .filter_map(|group| {
            let path = || format!("/{}", group.path.join("/"));
            if full { Some(path()) } else { group.path.last().cloned() }
        })
        .map(Value::String)
        .collect();
    if !names.is_empty() {
        said.put(&config.path(""), Value::Array(names));
    }
}

fn sub(facts: &Facts<'_>, _: Config<'_>, _: Paper, said: &mut Said) {
    said.claims.insert("sub".to_owned(), json!(facts.standing.person.user.id));
}

fn acr(facts: &Facts<'_>, _: Config<'_>, _: Paper, said: &mut Said) {
    said.put(&["acr".to_owned()], json!(facts.known.level.to_string()));
}

/// The nonce belongs into the ID token; older adapters look for it in this one.
fn nonce(facts: &Facts<'_>, _: Config<'_>, paper: Paper, said: &mut Said) {
    let nonce = facts.known.nonce.filter(|_| paper == Paper::Access);
    said.claims.extend(nonce.map(|nonce| ("nonce".to_owned(), json!(nonce))));
}

fn allowed_origins(facts: &Facts<'_>, _: Config<'_>, _: Paper, said: &mut Said) {
    let origins = origins_of(facts.selection.client);
    if !origins.is_empty() {
        said.put(&["allowed-origins".to_owned()], json!(origins));
    }
}

/// The client's origins; `+` stands for those of its redirect URIs.
fn origins_of(client: &Client) -> Vec<String> {
    let settings = &client.settings;
    let of_uri = |uri: &String| {
        let origin = url::Url::parse(uri).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    };
    let mut origins: Vec<String> = Vec::new();
    for origin in &settings.web_origins {
        match origin.as_str() {
            "+" => origins.extend(settings.redirect_uris.iter().filter_map(of_uri)),
            origin => origins.push(origin.to_owned()),
        }
    }
    origins.sort_unstable();
    origins.dedup();
    origins
}

fn audience(_: &Facts<'_>, config: Config<'_>, _: Paper, said: &mut Said) {
    let named = config.get("included.client.audience");
    let named = named.or_else(|| config.get("included.custom.audience"));
    said.audience.extend(named.map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::mapper_bench::{Bench, check};

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
}
