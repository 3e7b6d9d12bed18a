//! What a SAML identity provider must know of us: metadata of the service
//! provider that we are to it (OASIS saml-metadata-2.0-os §2.4.4). Our requests
//! are not signed, so there is no key in it.
use super::mapper::Mapper;
use super::provider::Provider;
use crate::realm::context::RealmContext;
use crate::web::page::render;
use askama::Template;

/// How a person is named when the configuration does not say.
const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// Everything the document may show.
#[derive(Template)]
#[template(path = "federation/templates/sp_metadata.xml")]
struct Metadata<'a> {
    entity_id: String,
    wants_signed: bool,
    endpoint: String,
    name_id_format: &'a str,
    realm_name: &'a str,
    attributes: Vec<Attribute<'a>>,
}

/// An attribute that a mapper would like to get.
struct Attribute<'a> {
    name: &'a str,
    friendly: Option<&'a str>,
    format: &'static str,
}

/// The metadata that the provider is to be given.
#[must_use]
pub fn write(context: &RealmContext<'_>, provider: &Provider, mappers: &[Mapper]) -> String {
    let set = |name: &str| {
        let value = provider.settings.config.get(name);
        value.map(String::as_str).filter(|text| !text.is_empty())
    };
    let alias = provider.alias.as_str();
    render(&Metadata {
        entity_id: set("entityId").map_or_else(|| context.issuer(), str::to_owned),
        wants_signed: set("wantAssertionsSigned") == Some("true"),
        // Keycloak's, which identity providers out there are told already.
        endpoint: context.url(&format!("/broker/{alias}/endpoint")),
        name_id_format: set("nameIDPolicyFormat").unwrap_or(PERSISTENT),
        realm_name: &context.realm.display_name,
        attributes: mappers.iter().filter_map(requested).collect(),
    })
}

fn requested(mapper: &Mapper) -> Option<Attribute<'_>> {
    if mapper.kind != "saml-user-attribute-idp-mapper" {
        return None;
    }
    let set =
        |name: &str| mapper.config.get(name).map(String::as_str).filter(|text| !text.is_empty());
    let friendly = set("attribute.friendly.name");
    Some(Attribute {
        name: set("attribute.name").or(friendly)?,
        friendly,
        format: match set("attribute.name.format") {
            Some("ATTRIBUTE_FORMAT_URI") => "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
            Some("ATTRIBUTE_FORMAT_UNSPECIFIED") => {
                "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
            }
            _ => "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
        },
    })
}
