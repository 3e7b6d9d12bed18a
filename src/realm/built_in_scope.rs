//! The client scopes that every realm begins with, and their mappers, as
//! Keycloak 26.7 makes them (reference keycloak.md §4.3).
use super::client_scope::Place;
use std::collections::BTreeMap;

/// The protocol of clients that speak OpenID Connect.
pub const OPENID_CONNECT: &str = "openid-connect";

/// The protocol of clients that speak SAML.
pub const SAML: &str = "saml";

/// The scope of every client that has a service account.
pub const SERVICE_ACCOUNT: &str = "service_account";

/// The scope that tells of organizations.
pub const ORGANIZATION: &str = "organization";

/// A scope that every realm begins with.
pub struct BuiltInScope {
    /// Its name.
    pub name: &'static str,
    /// For administrators.
    pub description: &'static str,
    /// [`OPENID_CONNECT`] or [`SAML`].
    pub protocol: &'static str,
    /// Where new clients get it.
    pub place: Option<Place>,
    /// Whether it is named in `scope` of a token; SAML has no such thing.
    in_token_scope: Option<bool>,
    /// What a page that asks for consent says; no such page when `None`.
    consent: Option<&'static str>,
    /// Its mappers.
    pub mappers: &'static [BuiltInMapper],
}

/// A mapper of such a scope.
pub struct BuiltInMapper {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub mapper: &'static str,
    /// Which tokens and answers show it: `{name}.claim` each.
    shown_in: &'static [&'static str],
    /// Everything else it is told.
    config: &'static [(&'static str, &'static str)],
}

impl BuiltInScope {
    /// The attributes that Keycloak gives it.
    #[must_use]
    pub fn attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = BTreeMap::new();
        let mut put = |name: &str, value: String| attributes.insert(name.to_owned(), value);
        if let Some(included) = self.in_token_scope {
            put("include.in.token.scope", included.to_string());
        }
        if self.name != "AuthnContextClassRef" {
            put("display.on.consent.screen", self.consent.is_some().to_string());
        }
        if let Some(consent) = self.consent {
            put("consent.screen.text", format!("${{{consent}ScopeConsentText}}"));
        }
        attributes
    }
}

impl BuiltInMapper {
    /// What Keycloak tells it.
    #[must_use]
    pub fn config(&self) -> BTreeMap<String, String> {
        let shown = self.shown_in.iter().map(|token| (format!("{token}.claim"), "true".to_owned()));
        let told =
            self.config.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        shown.chain(told).collect()
    }
}

const ALL_TOKENS: &[&str] = &["id.token", "access.token", "userinfo.token", "introspection.token"];
const TOKENS: &[&str] = &["id.token", "access.token", "introspection.token"];
const ACCESS: &[&str] = &["access.token", "introspection.token"];

const ATTRIBUTE: &str = "oidc-usermodel-attribute-mapper";
const NOTE: &str = "oidc-usersessionmodel-note-mapper";

/// A mapper that shows the user's attribute as a claim.
macro_rules! attribute {
    ($name:literal, $attribute:literal, $claim:literal) => {
        attribute!($name, $attribute, $claim, "String")
    };
    ($name:literal, $attribute:literal, $claim:literal, $kind:literal) => {
        BuiltInMapper {
            name: $name,
            mapper: ATTRIBUTE,
            shown_in: ALL_TOKENS,
            config: &[
                ("user.attribute", $attribute),
                ("claim.name", $claim),
                ("jsonType.label", $kind),
            ],
        }
    };
}

/// A mapper that shows a note of the session as a claim.
macro_rules! note {
    ($name:literal, $note:literal, $claim:literal, $kind:literal) => {
        BuiltInMapper {
            name: $name,
            mapper: NOTE,
            shown_in: TOKENS,
            config: &[
                ("user.session.note", $note),
                ("claim.name", $claim),
                ("jsonType.label", $kind),
            ],
        }
    };
}

const fn plain(
    name: &'static str,
    mapper: &'static str,
    shown_in: &'static [&'static str],
) -> BuiltInMapper {
    BuiltInMapper { name, mapper, shown_in, config: &[] }
}

const PROFILE: &[BuiltInMapper] = &[
    plain("full name", "oidc-full-name-mapper", ALL_TOKENS),
    attribute!("family name", "lastName", "family_name"),
    attribute!("given name", "firstName", "given_name"),
    attribute!("middle name", "middleName", "middle_name"),
    attribute!("nickname", "nickname", "nickname"),
    attribute!("username", "username", "preferred_username"),
    attribute!("profile", "profile", "profile"),
    attribute!("picture", "picture", "picture"),
    attribute!("website", "website", "website"),
    attribute!("gender", "gender", "gender"),
    attribute!("birthdate", "birthdate", "birthdate"),
    attribute!("zoneinfo", "zoneinfo", "zoneinfo"),
    attribute!("locale", "locale", "locale"),
    attribute!("updated at", "updatedAt", "updated_at", "long"),
];

const EMAIL: &[BuiltInMapper] = &[
    attribute!("email", "email", "email"),
    BuiltInMapper {
        name: "email verified",
        mapper: "oidc-usermodel-property-mapper",
        shown_in: ALL_TOKENS,
        config: &[
            ("user.attribute", "emailVerified"),
            ("claim.name", "email_verified"),
            ("jsonType.label", "boolean"),
        ],
    },
];

const ADDRESS: &[BuiltInMapper] = &[BuiltInMapper {
    name: "address",
    mapper: "oidc-address-mapper",
    shown_in: ALL_TOKENS,
    config: &[
        ("user.attribute.formatted", "formatted"),
        ("user.attribute.street", "street"),
        ("user.attribute.locality", "locality"),
        ("user.attribute.region", "region"),
        ("user.attribute.postal_code", "postal_code"),
        ("user.attribute.country", "country"),
    ],
}];

const PHONE: &[BuiltInMapper] = &[
    attribute!("phone number", "phoneNumber", "phone_number"),
    attribute!("phone number verified", "phoneNumberVerified", "phone_number_verified", "boolean"),
];

const ROLES: &[BuiltInMapper] = &[
    BuiltInMapper {
        name: "realm roles",
        mapper: "oidc-usermodel-realm-role-mapper",
        shown_in: ACCESS,
        config: &[
            ("user.attribute", "foo"),
            ("claim.name", "realm_access.roles"),
            ("jsonType.label", "String"),
            ("multivalued", "true"),
        ],
    },
    BuiltInMapper {
        name: "client roles",
        mapper: "oidc-usermodel-client-role-mapper",
        shown_in: ACCESS,
        config: &[
            ("user.attribute", "foo"),
            ("claim.name", "resource_access.${client_id}.roles"),
            ("jsonType.label", "String"),
            ("multivalued", "true"),
        ],
    },
    plain("audience resolve", "oidc-audience-resolve-mapper", ACCESS),
];

const MICROPROFILE: &[BuiltInMapper] = &[
    attribute!("upn", "username", "upn"),
    BuiltInMapper {
        name: "groups",
        mapper: "oidc-usermodel-realm-role-mapper",
        shown_in: TOKENS,
        config: &[
            ("user.attribute", "foo"),
            ("claim.name", "groups"),
            ("jsonType.label", "String"),
            ("multivalued", "true"),
        ],
    },
];

/// What may be added to [`ORGANIZATION`]: the person's groups and roles in each.
pub const ORGANIZATION_DETAILS: &[BuiltInMapper] = &[
    plain("organization groups", "oidc-organization-group-membership-mapper", TOKENS),
    plain("organization roles", "oidc-organization-role-membership-mapper", TOKENS),
];

const MEMBERSHIP: &[BuiltInMapper] = &[BuiltInMapper {
    name: "organization",
    mapper: "oidc-organization-membership-mapper",
    shown_in: TOKENS,
    config: &[
        ("claim.name", "organization"),
        ("jsonType.label", "String"),
        ("multivalued", "true"),
    ],
}];

const BASIC: &[BuiltInMapper] = &[
    plain("sub", "oidc-sub-mapper", ACCESS),
    note!("auth_time", "AUTH_TIME", "auth_time", "long"),
];

const SERVICE: &[BuiltInMapper] = &[
    note!("Client ID", "client_id", "client_id", "String"),
    note!("Client Host", "clientHost", "clientHost", "String"),
    note!("Client IP Address", "clientAddress", "clientAddress", "String"),
];

const ROLE_LIST: &[BuiltInMapper] = &[BuiltInMapper {
    name: "role list",
    mapper: "saml-role-list-mapper",
    shown_in: &[],
    config: &[("single", "false"), ("attribute.nameformat", "Basic"), ("attribute.name", "Role")],
}];

/// An OpenID Connect scope.
const fn oidc(
    name: &'static str,
    description: &'static str,
    place: Option<Place>,
    mappers: &'static [BuiltInMapper],
) -> BuiltInScope {
    BuiltInScope {
        name,
        description,
        protocol: OPENID_CONNECT,
        place,
        in_token_scope: Some(false),
        consent: None,
        mappers,
    }
}

impl BuiltInScope {
    const fn told(self) -> Self {
        Self { in_token_scope: Some(true), ..self }
    }

    const fn asking(self, consent: &'static str) -> Self {
        Self { consent: Some(consent), ..self }
    }
}

const DEFAULT: Option<Place> = Some(Place::Default);
const OPTIONAL: Option<Place> = Some(Place::Optional);

/// The scopes.
pub const BUILT_IN_SCOPES: &[BuiltInScope] = &[
    oidc("profile", "OpenID Connect built-in scope: profile", DEFAULT, PROFILE)
        .told()
        .asking("profile"),
    oidc("email", "OpenID Connect built-in scope: email", DEFAULT, EMAIL).told().asking("email"),
    oidc("roles", "OpenID Connect scope for add user roles to the access token", DEFAULT, ROLES)
        .asking("roles"),
    oidc(
        "web-origins",
        "OpenID Connect scope for add allowed web origins to the access token",
        DEFAULT,
        &[plain("allowed web origins", "oidc-allowed-origins-mapper", ACCESS)],
    ),
    oidc(
        "acr",
        "OpenID Connect scope for add acr (authentication context class reference) to the token",
        DEFAULT,
        &[plain("acr loa level", "oidc-acr-mapper", TOKENS)],
    ),
    oidc("basic", "OpenID Connect scope for add all basic claims to the token", DEFAULT, BASIC),
    oidc("address", "OpenID Connect built-in scope: address", OPTIONAL, ADDRESS)
        .told()
        .asking("address"),
    oidc("phone", "OpenID Connect built-in scope: phone", OPTIONAL, PHONE).told().asking("phone"),
    BuiltInScope {
        in_token_scope: None,
        ..oidc("offline_access", "OpenID Connect built-in scope: offline_access", OPTIONAL, &[])
    }
    .asking("offlineAccess"),
    oidc("microprofile-jwt", "Microprofile - JWT built-in scope", OPTIONAL, MICROPROFILE).told(),
    oidc(
        ORGANIZATION,
        "Additional claims about the organization a subject belongs to",
        OPTIONAL,
        MEMBERSHIP,
    )
    .told()
    .asking("organization"),
    oidc(
        SERVICE_ACCOUNT,
        "Specific scope for a client enabled for service accounts",
        None,
        SERVICE,
    ),
    BuiltInScope {
        protocol: SAML,
        in_token_scope: None,
        ..oidc("role_list", "SAML role list", DEFAULT, ROLE_LIST)
    }
    .asking("samlRoleList"),
    BuiltInScope {
        protocol: SAML,
        in_token_scope: None,
        ..oidc(
            "saml_organization",
            "Organization Membership",
            DEFAULT,
            &[plain("organization", "saml-organization-membership-mapper", &[])],
        )
    },
    BuiltInScope {
        protocol: SAML,
        in_token_scope: None,
        ..oidc(
            "AuthnContextClassRef",
            "AuthnContextClassRef Level of Authentiation",
            DEFAULT,
            &[plain("AuthnContextClassRef", "saml-authn-context-class-ref-mapper", &[])],
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: &str) -> &'static BuiltInScope {
        BUILT_IN_SCOPES.iter().find(|scope| scope.name == name).unwrap()
    }

    #[test]
    fn the_organization_scope_is_told_as_keycloak_tells_it() {
        let organization = scope("organization");
        assert_eq!(organization.attributes()["include.in.token.scope"], "true");
        let text = &organization.attributes()["consent.screen.text"];
        assert_eq!(text, "${organizationScopeConsentText}");
        let config = organization.mappers[0].config();
        for (name, value) in [
            ("id.token.claim", "true"),
            ("access.token.claim", "true"),
            ("introspection.token.claim", "true"),
            ("claim.name", "organization"),
            ("jsonType.label", "String"),
            ("multivalued", "true"),
        ] {
            assert_eq!(config[name], value, "{name}");
        }
        assert_eq!(config.len(), 6);
    }

    #[test]
    fn new_clients_get_the_scopes_that_keycloak_gives_them() {
        let named = |place: Place| -> Vec<&str> {
            let mut names: Vec<_> = BUILT_IN_SCOPES
                .iter()
                .filter(|scope| scope.place == Some(place) && scope.protocol == OPENID_CONNECT)
                .map(|scope| scope.name)
                .collect();
            names.sort_unstable();
            names
        };
        let default = ["acr", "basic", "email", "profile", "roles", "web-origins"];
        let optional = ["address", "microprofile-jwt", "offline_access", "organization", "phone"];
        assert_eq!(named(Place::Default), default);
        assert_eq!(named(Place::Optional), optional);
    }
}
