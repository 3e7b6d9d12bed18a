//! What a mapper says, read from how it is configured (reference keycloak.md §6,
//! phasetwo.md §4).
use super::mapper::Mapper;
use super::mapper_claim::{BadConditions, Condition};
use crate::realm::group::names_of_path;

/// The key of the tree that a group's path is in.
pub const GROUP_TYPE: &str = "groupType";

/// What a mapper says: for whom it does what.
#[derive(Clone, Debug)]
pub struct Rule {
    /// For whom.
    pub test: Test,
    /// What.
    pub deed: Deed,
}

/// For whom a mapper does something.
#[derive(Clone, Debug)]
pub enum Test {
    /// Everybody.
    Everybody,
    /// Who meets all of these.
    All(Vec<Condition>),
    /// Who has this role there, in a Keycloak.
    KeycloakRole(String),
}

/// What a mapper does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Puts them into a group of the realm.
    RealmGroup(Vec<String>),
    /// Puts them into a group of the organization.
    OrgGroup(Vec<String>),
    /// Grants a role of the realm, or of a client when it is written `client.role`.
    Role(String),
    /// Grants a role of the organization called `org`.
    OrgRole {
        /// The organization's name.
        org: String,
        /// The role.
        role: String,
        /// Whether who is no member becomes one.
        join: bool,
    },
    /// Fills in a field, or an attribute, of the user.
    Field {
        /// Which.
        name: String,
        /// With what.
        from: From,
        /// Whether nothing empties `email`, `firstName` and `lastName` too.
        nullable: bool,
    },
    /// Writes a name.
    Name {
        /// What for.
        target: Target,
        /// How.
        template: String,
    },
    /// Notes something of the session.
    Note {
        /// The note's name.
        name: String,
        /// The note.
        value: String,
    },
    /// Notes each claim that fits.
    Notes,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    /// It is always the same.
    Fixed(String),
    /// It is told, at this place.
    Told(String),
}

/// What a template's name is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The username here.
    Local,
    /// The id by which the person is found again.
    BrokerId,
    /// The username that they have there.
    BrokerUsername,
}

/// Why a mapper says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMapper {
    /// A mapper of this type does nothing here.
    #[error("mappers of this type are not consulted")]
    Kind,
    /// It lacks something.
    #[error("config.{0} is missing")]
    Missing(&'static str),
    /// Something in it cannot be.
    #[error("config.{0} cannot be so")]
    Bad(&'static str),
    /// What must have been told cannot be read.
    #[error("config.{0}: {1}")]
    Conditions(&'static str, BadConditions),
}

const CLAIMS: (&str, &str) = ("claims", "are.claim.values.regex");
const ATTRIBUTES: (&str, &str) = ("attributes", "are.attribute.values.regex");

impl Rule {
    /// Reads what `mapper` says.
    ///
    /// # Errors
    /// As [`BadMapper`] says.
    pub fn read(mapper: &Mapper) -> Result<Self, BadMapper> {
        let rule = |test, deed| Ok(Self { test, deed });
        match mapper.kind.as_str() {
            "oidc-hardcoded-group-idp-mapper" => rule(Test::Everybody, group(mapper)?),
            "oidc-advanced-group-idp-mapper" => rule(conditions(mapper, CLAIMS)?, group(mapper)?),
            "saml-advanced-group-idp-mapper" => {
                rule(conditions(mapper, ATTRIBUTES)?, group(mapper)?)
            }
            "oidc-hardcoded-role-idp-mapper" => rule(Test::Everybody, role(mapper)?),
            "oidc-advanced-role-idp-mapper" => rule(conditions(mapper, CLAIMS)?, role(mapper)?),
            "saml-advanced-role-idp-mapper" => rule(conditions(mapper, ATTRIBUTES)?, role(mapper)?),
            "oidc-role-idp-mapper" => {
                let condition = Condition::is(text(mapper, "claim")?, text(mapper, "claim.value")?);
                rule(Test::All(vec![condition]), role(mapper)?)
            }
            "saml-role-idp-mapper" => {
                let condition = Condition::is(saml_name(mapper)?, text(mapper, "attribute.value")?);
                rule(Test::All(vec![condition]), role(mapper)?)
            }
            "keycloak-oidc-role-to-role-idp-mapper" => {
                let there = text(mapper, "external.role")?.to_owned();
                rule(Test::KeycloakRole(there), role(mapper)?)
            }
            "oidc-hardcoded-org-role-idp-mapper" => rule(Test::Everybody, org_role(mapper)?),
            "oidc-advanced-org-role-idp-mapper" => {
                rule(conditions(mapper, CLAIMS)?, org_role(mapper)?)
            }
            "saml-advanced-org-role-idp-mapper" => {
                rule(conditions(mapper, ATTRIBUTES)?, org_role(mapper)?)
            }
            "oidc-user-session-note-idp-mapper" => rule(conditions(mapper, CLAIMS)?, Deed::Notes),
            _ => rule(Test::Everybody, fields(mapper)?),
        }
    }

    /// Whether it gives something that the realm, and not one organization, decides on.
    #[must_use]
    pub const fn reaches_into_realm(&self) -> bool {
        matches!(self.deed, Deed::RealmGroup(_) | Deed::Role(_))
    }

    /// Whether it gives roles of an organization, by themselves or with a group.
    #[must_use]
    pub const fn reaches_into_organization(&self) -> bool {
        matches!(self.deed, Deed::OrgGroup(_) | Deed::OrgRole { .. })
    }
}

/// What is for everybody, and about the person alone.
fn fields(mapper: &Mapper) -> Result<Deed, BadMapper> {
    let field = |name: &'static str, from| {
        let name = text(mapper, name)?.to_owned();
        Ok(Deed::Field { name, from, nullable: is_on(mapper, "allow.nullable.property") })
    };
    let told = |place: &str| From::Told(place.to_owned());
    match mapper.kind.as_str() {
        "hardcoded-attribute-idp-mapper" => {
            field("attribute", From::Fixed(text(mapper, "attribute.value")?.to_owned()))
        }
        "oidc-user-attribute-idp-mapper" => field("user.attribute", told(text(mapper, "claim")?)),
        "saml-user-attribute-idp-mapper" => field("user.attribute", told(saml_name(mapper)?)),
        "hardcoded-user-session-attribute-idp-mapper" => Ok(Deed::Note {
            name: text(mapper, "attribute")?.to_owned(),
            value: text(mapper, "attribute.value")?.to_owned(),
        }),
        "oidc-username-idp-mapper" | "saml-username-idp-mapper" => name(mapper),
        kind if kind.ends_with("-user-attribute-mapper") => {
            let place = text(mapper, "jsonField")?.replace('[', ".").replace(']', "");
            field("userAttribute", From::Told(place))
        }
        _ => Err(BadMapper::Kind),
    }
}

fn name(mapper: &Mapper) -> Result<Deed, BadMapper> {
    let target = match mapper.config.get("target").map_or("LOCAL", String::as_str) {
        "LOCAL" | "" => Target::Local,
        "BROKER_ID" => Target::BrokerId,
        "BROKER_USERNAME" => Target::BrokerUsername,
        _ => return Err(BadMapper::Bad("target")),
    };
    Ok(Deed::Name { target, template: text(mapper, "template")?.to_owned() })
}

fn group(mapper: &Mapper) -> Result<Deed, BadMapper> {
    let names = names_of_path(text(mapper, "group")?);
    if names.is_empty() {
        return Err(BadMapper::Bad("group"));
    }
    match mapper.config.get(GROUP_TYPE).map_or("REALM", String::as_str) {
        "REALM" | "" => Ok(Deed::RealmGroup(names)),
        "ORGANIZATION" => Ok(Deed::OrgGroup(names)),
        _ => Err(BadMapper::Bad(GROUP_TYPE)),
    }
}

fn role(mapper: &Mapper) -> Result<Deed, BadMapper> {
    Ok(Deed::Role(text(mapper, "role")?.to_owned()))
}

fn org_role(mapper: &Mapper) -> Result<Deed, BadMapper> {
    Ok(Deed::OrgRole {
        org: text(mapper, "org")?.to_owned(),
        role: text(mapper, "org_role")?.to_owned(),
        join: is_on(mapper, "org_add"),
    })
}

fn conditions(
    mapper: &Mapper,
    (key, regex): (&'static str, &'static str),
) -> Result<Test, BadMapper> {
    Condition::read_all(text(mapper, key)?, is_on(mapper, regex))
        .map(Test::All)
        .map_err(|error| BadMapper::Conditions(key, error))
}

/// The attribute's name, or else its friendly name.
fn saml_name(mapper: &Mapper) -> Result<&str, BadMapper> {
    text(mapper, "attribute.name").or_else(|_| text(mapper, "attribute.friendly.name"))
}

fn text<'a>(mapper: &'a Mapper, key: &'static str) -> Result<&'a str, BadMapper> {
    let filled = mapper.config.get(key).filter(|text| !text.is_empty());
    filled.map(String::as_str).ok_or(BadMapper::Missing(key))
}

fn is_on(mapper: &Mapper, key: &str) -> bool {
    mapper.config.get(key).is_some_and(|text| text == "true")
}
