//! Identity providers of an organization, as Keycloak's administration API has them.
use super::operation::{Credential, Group, Operation};
use super::organization_groups::{CHANGE, SEE};
use super::refusal::Dialect;
use super::schema::{Named, Object, boolean, list_of, named, object, one_of, string, told};

const PROVIDERS: Group = Group {
    tag: "Organization identity providers",
    base: "/admin/realms/{realm}/organizations/{org}/identity-providers",
    dialect: Dialect::Administration,
    credential: Credential::Token,
};

const TYPES: &[&str] = &["MANAGED", "UNMANAGED"];

pub fn operations() -> Vec<Operation> {
    let see = format!("{SEE}, and `view-` or `manage-identity-providers`");
    let change = format!("{CHANGE}, and `manage-identity-providers`");
    vec![
        PROVIDERS
            .get("", "listOrganizationProviders", "The identity providers that it uses, by alias")
            .needs(&see)
            .answers(list_of(named("IdentityProvider"))),
        PROVIDERS
            .post("", "linkOrganizationProvider", "Lets it use one; the body is the alias")
            .about(
                "Or the `internalId`. Spaces around it, and a quotation mark at each end, do \
                 not count.",
            )
            .needs(&change)
            .takes_as("application/json", string())
            .takes_as("text/plain", string())
            .done()
            .refuses(&[400, 409]),
        PROVIDERS
            .get("/{alias}", "readOrganizationProvider", "One that it uses")
            .needs(&see)
            .answers(named("IdentityProvider")),
        PROVIDERS
            .put(
                "/{alias}",
                "changeOrganizationProvider",
                "Says what becomes of who signs in through it",
            )
            .needs(&change)
            .takes(named("OrganizationProviderLinkDraft"))
            .done(),
        PROVIDERS
            .delete("/{alias}", "unlinkOrganizationProvider", "Ends its use; the realm keeps it")
            .needs(&change)
            .done(),
        PROVIDERS
            .get(
                "/{alias}/groups",
                "listOrganizationProviderGroups",
                "The groups to which its mappers can lead",
            )
            .about("As the list of the organization's groups, with the same query.")
            .needs(&see)
            .text("search", "The beginning of the name; all of it with `exact`")
            .flag("exact", "Whether `search` is the whole name")
            .text("q", "Attributes, exactly: `k1:v1 \"k 2\":\"v 2\"`")
            .flag("briefRepresentation", "Whether to leave out attributes and roles")
            .flag("subGroupsCount", "Whether to tell how many groups are below each")
            .flag("populateHierarchy", "Whether to tell what is found below the groups above it")
            .paged()
            .answers(list_of(named("Group"))),
    ]
}

/// How an organization uses a provider, as it is told.
pub fn link() -> Object {
    object()
        .has("organizationId", string())
        .has("autoMembership", boolean())
        .has("membershipType", one_of(TYPES))
}

pub fn schemas() -> Vec<Named> {
    let draft = object()
        .takes("organizationId", told(string(), "Passed over"))
        .takes("autoMembership", told(boolean(), "Whether they become members; true unless said"))
        .takes(
            "membershipType",
            told(one_of(TYPES), "`MANAGED` takes `autoMembership`; `UNMANAGED` unless said"),
        );
    vec![("OrganizationProviderLinkDraft", draft.into())]
}
