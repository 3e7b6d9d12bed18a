//! What a mapper of an identity provider can be: the types that Keycloak 26.7 and
//! Phase Two have, with what each is told (reference keycloak.md §6, phasetwo.md
//! §4; which provider has which was measured on Keycloak 26.7.1).
//!
//! What comes of them is in `mapper_engine`; there is no login that asks it yet. A mapper of a type
//! that is not here is kept too, as by Keycloak.
use crate::realm::config_property::ConfigProperty;

/// A type of mapper.
#[derive(Clone, Copy, Debug)]
pub struct MapperType {
    /// What `identityProviderMapper` names.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// Which of its like it stands among.
    pub category: &'static str,
    /// What it does.
    pub help: &'static str,
    /// What it is told.
    pub properties: &'static [ConfigProperty],
    of: Providers,
}

/// Which providers have a type.
#[derive(Clone, Copy, Debug)]
enum Providers {
    Every,
    But(&'static [&'static str]),
    These(&'static [&'static str]),
}

impl Providers {
    fn include(self, kind: &str) -> bool {
        match self {
            Self::Every => true,
            Self::But(kinds) => !kinds.contains(&kind),
            Self::These(kinds) => kinds.contains(&kind),
        }
    }
}

/// The types that a provider of `kind` has, by id.
pub fn of_provider(kind: &str) -> impl Iterator<Item = &'static MapperType> {
    TYPES.iter().filter(move |one| one.of.include(kind))
}

/// Every type there is.
#[must_use]
pub const fn all() -> &'static [MapperType] {
    TYPES
}

const OIDC: Providers = Providers::These(&["oidc", "keycloak-oidc"]);
const SAML: Providers = Providers::These(&["saml"]);

const ATTRIBUTES: &str = "Attribute Importer";
const ROLES: &str = "Role Importer";
const GROUPS: &str = "Group Importer";

const CLAIM: ConfigProperty = ConfigProperty::text(
    "claim",
    "Claim",
    "Which claim to look at. A dot leads into an object (address.locality); \\. is a dot itself.",
);
const CLAIMS: ConfigProperty = ConfigProperty::new(
    "claims",
    "Map",
    "Claims",
    "Names and values of claims, all of which must be there. A dot leads into an object; \\. is \
     a dot itself.",
);
const CLAIMS_ARE_REGEX: ConfigProperty = ConfigProperty::flag(
    "are.claim.values.regex",
    "Regex Claim Values",
    "Whether the values are regular expressions.",
);
const SAML_ATTRIBUTES: ConfigProperty = ConfigProperty::new(
    "attributes",
    "Map",
    "Attributes",
    "Names (or friendly names) and values of attributes, all of which must be there.",
);
const SAML_ATTRIBUTES_ARE_REGEX: ConfigProperty = ConfigProperty::flag(
    "are.attribute.values.regex",
    "Regex Attribute Values",
    "Whether the values are regular expressions.",
);
const SAML_NAME: ConfigProperty = ConfigProperty::text(
    "attribute.name",
    "Attribute Name",
    "The attribute's name; or give its friendly name.",
);
const SAML_FRIENDLY_NAME: ConfigProperty = ConfigProperty::text(
    "attribute.friendly.name",
    "Friendly Name",
    "The attribute's friendly name; or give its name.",
);
const USER_ATTRIBUTE: ConfigProperty = ConfigProperty::new(
    "user.attribute",
    "UserProfileAttributeList",
    "User Attribute Name",
    "Where to keep the value: email, firstName, lastName, or an attribute of the user.",
);
const NULLABLE: ConfigProperty = ConfigProperty::flag(
    "allow.nullable.property",
    "Allow Nullable Property",
    "Whether nothing there empties the field here.",
)
.or("false");
const ROLE: ConfigProperty = ConfigProperty::new(
    "role",
    "Role",
    "Role",
    "The role to grant. A client's role is written client.role.",
);
const GROUP: ConfigProperty =
    ConfigProperty::new("group", "Group", "Group", "The path of the group to join.");
const TARGET: ConfigProperty = ConfigProperty::choice(
    "target",
    &["LOCAL", "BROKER_ID", "BROKER_USERNAME"],
    "Target",
    "What the name is for: the username here (LOCAL), or the id or the username by which the \
     person is found again.",
)
.or("LOCAL");
const ORG_ADD: ConfigProperty = ConfigProperty::flag(
    "org_add",
    "Add To Organization",
    "Whether who is no member yet becomes one.",
);
const ORG: ConfigProperty =
    ConfigProperty::text("org", "Organization", "The name of the organization.");
const ORG_ROLE: ConfigProperty =
    ConfigProperty::text("org_role", "Organization Role", "The role in it to grant.");

/// The importer of a social provider, which looks into its profile.
const fn social(id: &'static str, kind: &'static [&'static str]) -> MapperType {
    const PROPERTIES: &[ConfigProperty] = &[
        ConfigProperty::text(
            "jsonField",
            "Social Profile JSON Field Path",
            "The place in the provider's profile, with dots and indexes: contact.address[0].city.",
        ),
        ConfigProperty::new(
            "userAttribute",
            "UserProfileAttributeList",
            "User Attribute Name",
            "The attribute of the user that keeps the value.",
        ),
    ];
    MapperType {
        id,
        name: ATTRIBUTES,
        category: ATTRIBUTES,
        help: "Keeps a part of the provider's profile as an attribute of the user.",
        properties: PROPERTIES,
        of: Providers::These(kind),
    }
}

/// By id.
const TYPES: &[MapperType] = &[
    social("facebook-user-attribute-mapper", &["facebook"]),
    social("github-user-attribute-mapper", &["github"]),
    social("gitlab-user-attribute-mapper", &["gitlab"]),
    social("google-user-attribute-mapper", &["google"]),
    MapperType {
        id: "hardcoded-attribute-idp-mapper",
        name: "Hardcoded Attribute",
        category: ATTRIBUTES,
        help: "Gives every user who comes through the provider the same attribute.",
        properties: &[
            ConfigProperty::new(
                "attribute",
                "UserProfileAttributeList",
                "User Attribute",
                "The attribute's name.",
            ),
            ConfigProperty::text("attribute.value", "User Attribute Value", "Its value."),
        ],
        of: Providers::Every,
    },
    MapperType {
        id: "hardcoded-user-session-attribute-idp-mapper",
        name: "Hardcoded User Session Attribute",
        category: ATTRIBUTES,
        help: "Gives every session that begins through the provider the same note.",
        properties: &[
            ConfigProperty::text("attribute", "User Session Attribute", "The note's name."),
            ConfigProperty::text("attribute.value", "User Session Attribute Value", "Its value."),
        ],
        of: Providers::Every,
    },
    MapperType {
        id: "keycloak-oidc-role-to-role-idp-mapper",
        name: "External Role to Role",
        category: ROLES,
        help: "Grants a role here to who has a role there.",
        properties: &[
            ConfigProperty::text(
                "external.role",
                "External role",
                "The role there. A client's role is written client.role.",
            ),
            ROLE,
        ],
        of: Providers::These(&["keycloak-oidc"]),
    },
    social("linkedin-user-attribute-mapper", &["linkedin-openid-connect"]),
    social("microsoft-user-attribute-mapper", &["microsoft"]),
    MapperType {
        id: "oidc-advanced-group-idp-mapper",
        name: "Advanced Claim to Group",
        category: GROUPS,
        help: "Puts who has all of the claims into a group.",
        properties: &[CLAIMS, CLAIMS_ARE_REGEX, GROUP],
        of: OIDC,
    },
    MapperType {
        id: "oidc-advanced-org-role-idp-mapper",
        name: "Advanced Claim to Org Role",
        category: ROLES,
        help: "Grants who has all of the claims a role in an organization.",
        properties: &[CLAIMS, CLAIMS_ARE_REGEX, ORG_ADD, ORG, ORG_ROLE],
        of: OIDC,
    },
    MapperType {
        id: "oidc-advanced-role-idp-mapper",
        name: "Advanced Claim to Role",
        category: ROLES,
        help: "Grants who has all of the claims a role of the realm or of a client.",
        properties: &[CLAIMS, CLAIMS_ARE_REGEX, ROLE],
        of: OIDC,
    },
    MapperType {
        id: "oidc-hardcoded-group-idp-mapper",
        name: "Hardcoded Group",
        category: GROUPS,
        help: "Puts everybody who comes through the provider into a group.",
        properties: &[GROUP],
        of: Providers::Every,
    },
    MapperType {
        id: "oidc-hardcoded-org-role-idp-mapper",
        name: "Hardcoded Organization Role",
        category: ROLES,
        help: "Grants everybody who comes through the provider a role in an organization.",
        properties: &[ORG_ADD, ORG, ORG_ROLE],
        of: Providers::Every,
    },
    MapperType {
        id: "oidc-hardcoded-role-idp-mapper",
        name: "Hardcoded Role",
        category: ROLES,
        help: "Grants everybody who comes through the provider a role.",
        properties: &[ROLE],
        of: Providers::Every,
    },
    MapperType {
        id: "oidc-role-idp-mapper",
        name: "Claim to Role",
        category: ROLES,
        help: "Grants who has the claim a role of the realm or of a client.",
        properties: &[
            CLAIM,
            ConfigProperty::text(
                "claim.value",
                "Claim Value",
                "What the claim must be, or hold when it is a list.",
            ),
            ROLE,
        ],
        of: OIDC,
    },
    MapperType {
        id: "oidc-user-attribute-idp-mapper",
        name: ATTRIBUTES,
        category: ATTRIBUTES,
        help: "Keeps a claim as a field or an attribute of the user.",
        properties: &[CLAIM, USER_ATTRIBUTE, NULLABLE],
        of: OIDC,
    },
    MapperType {
        id: "oidc-user-session-note-idp-mapper",
        name: "User Session Note Mapper",
        category: "User Session",
        help: "Keeps every claim that fits as a note of the session.",
        properties: &[CLAIMS, CLAIMS_ARE_REGEX],
        of: OIDC,
    },
    MapperType {
        id: "oidc-username-idp-mapper",
        name: "Username Template Importer",
        category: "Preprocessor",
        help: "Writes the username from a template.",
        properties: &[
            ConfigProperty::text(
                "template",
                "Template",
                "Text with ${ALIAS}, the provider's alias, and ${CLAIM.name}, a claim. |uppercase \
                 and |lowercase change the case.",
            )
            .or("${ALIAS}.${CLAIM.preferred_username}"),
            TARGET,
        ],
        of: Providers::But(&["saml", "oauth2"]),
    },
    MapperType {
        id: "saml-advanced-group-idp-mapper",
        name: "Advanced Attribute to Group",
        category: GROUPS,
        help: "Puts who has all of the attributes into a group.",
        properties: &[SAML_ATTRIBUTES, SAML_ATTRIBUTES_ARE_REGEX, GROUP],
        of: SAML,
    },
    MapperType {
        id: "saml-advanced-org-role-idp-mapper",
        name: "Advanced Attribute to Org Role",
        category: ROLES,
        help: "Grants who has all of the attributes a role in an organization.",
        properties: &[SAML_ATTRIBUTES, SAML_ATTRIBUTES_ARE_REGEX, ORG_ADD, ORG, ORG_ROLE],
        of: SAML,
    },
    MapperType {
        id: "saml-advanced-role-idp-mapper",
        name: "Advanced Attribute to Role",
        category: ROLES,
        help: "Grants who has all of the attributes a role of the realm or of a client.",
        properties: &[SAML_ATTRIBUTES, SAML_ATTRIBUTES_ARE_REGEX, ROLE],
        of: SAML,
    },
    MapperType {
        id: "saml-role-idp-mapper",
        name: "SAML Attribute to Role",
        category: "Role Mapper",
        help: "Grants who has the attribute a role of the realm or of a client.",
        properties: &[
            SAML_NAME,
            SAML_FRIENDLY_NAME,
            ConfigProperty::text(
                "attribute.value",
                "Attribute Value",
                "What the attribute must be, or hold when it has several values.",
            ),
            ROLE,
        ],
        of: SAML,
    },
    MapperType {
        id: "saml-user-attribute-idp-mapper",
        name: ATTRIBUTES,
        category: ATTRIBUTES,
        help: "Keeps an attribute of the assertion as a field or an attribute of the user.",
        properties: &[
            SAML_NAME,
            SAML_FRIENDLY_NAME,
            ConfigProperty::choice(
                "attribute.name.format",
                &["ATTRIBUTE_FORMAT_BASIC", "ATTRIBUTE_FORMAT_URI", "ATTRIBUTE_FORMAT_UNSPECIFIED"],
                "Name Format",
                "How our metadata asks for the attribute.",
            )
            .or("ATTRIBUTE_FORMAT_BASIC"),
            USER_ATTRIBUTE,
            NULLABLE,
        ],
        of: SAML,
    },
    MapperType {
        id: "saml-username-idp-mapper",
        name: "Username Template Importer",
        category: "Preprocessor",
        help: "Writes the username from a template.",
        properties: &[
            ConfigProperty::text(
                "template",
                "Template",
                "Text with ${ALIAS}, the provider's alias, ${NAMEID}, the assertion's name, and \
                 ${ATTRIBUTE.name}, an attribute. |uppercase, |lowercase and |localpart change it.",
            )
            .or("${ALIAS}.${NAMEID}"),
            TARGET,
        ],
        of: SAML,
    },
    MapperType {
        id: "saml-xpath-attribute-idp-mapper",
        name: "XPath Attribute Importer",
        category: ATTRIBUTES,
        help: "Keeps a part of an attribute that is XML as a field or an attribute of the user.",
        properties: &[
            ConfigProperty::text(
                "attribute.xpath",
                "Attribute XPath",
                "The place in the attribute, which is put below an element root.",
            ),
            SAML_NAME,
            SAML_FRIENDLY_NAME,
            USER_ATTRIBUTE,
        ],
        of: SAML,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::federation::provider::KINDS;

    fn ids(kind: &str) -> Vec<&'static str> {
        of_provider(kind).map(|one| one.id).collect()
    }

    #[test]
    fn types_stand_in_the_order_of_their_ids_and_each_once() {
        let all: Vec<&str> = TYPES.iter().map(|one| one.id).collect();
        assert!(all.is_sorted_by(|one, next| one < next), "{all:?}");
    }

    /// Measured on Keycloak 26.7.1, and Phase Two's beside them.
    #[test]
    fn a_provider_has_the_types_that_it_has_there() {
        assert_eq!(
            ids("oauth2"),
            [
                "hardcoded-attribute-idp-mapper",
                "hardcoded-user-session-attribute-idp-mapper",
                "oidc-hardcoded-group-idp-mapper",
                "oidc-hardcoded-org-role-idp-mapper",
                "oidc-hardcoded-role-idp-mapper",
            ]
        );
        for (kind, count) in [("oidc", 12), ("keycloak-oidc", 13), ("saml", 12), ("google", 7)] {
            assert_eq!(ids(kind).len(), count, "{kind}");
        }
        assert!(ids("google").contains(&"google-user-attribute-mapper"));
        assert!(!ids("google").contains(&"github-user-attribute-mapper"));
    }

    #[test]
    fn every_kind_has_some_and_every_type_tells_what_it_wants() {
        assert!(KINDS.iter().all(|kind| !ids(kind).is_empty()));
        assert!(TYPES.iter().all(|one| !one.properties.is_empty() && !one.help.is_empty()));
    }
}
