//! Organizations: themselves, their domains, portal links, and what a realm says
//! about all of them.
use super::operation::{Credential, Group, Operation};
use super::refusal::Dialect;
use super::schema::{
    Named, Object, boolean, count, integer_between, like, list_of, list_of_at_most, map_of, named,
    nullable, object, one_of, string, string_up_to, told,
};
use guildhall::org::profile::{MAX_DOMAINS, MAX_FIELD_BYTES};
use serde_json::{Value, json};

pub const fn group(tag: &'static str, base: &'static str) -> Group {
    Group { tag, base, dialect: Dialect::Organizations, credential: Credential::Token }
}

const ALL: Group = group("Organizations", "/realms/{realm}/orgs");
const OF_USER: Group = group("Organizations", "/realms/{realm}/users");
const ONE: Group = group("Organizations", "/realms/{realm}/orgs/{org}");
const DOMAINS: Group = group("Domains", "/realms/{realm}/orgs/{org}/domains");

/// What a change asks for, besides being let in.
const MANAGE: &str = "`manage-organizations` or `manage-organization`";

pub fn operations() -> Vec<Operation> {
    [organizations(), domains()].concat()
}

fn organizations() -> Vec<Operation> {
    let filtered = |operation: Operation| {
        operation
            .text("search", "A part of name or display name, case aside")
            .text("q", "Attributes, all of them and exactly: `k1:v1 \"k 2\":\"v 2\"`")
            .paged()
    };
    vec![
        filtered(ALL.get("", "listOrganizations", "Lists organizations by name"))
            .about("All of them for who holds `view-organizations`, else the caller's own; at most 100 a page.")
            .answers(list_of(named("Organization"))),
        ALL.post("", "createOrganization", "Creates an organization")
            .needs("`create-organization`, and the creator becomes its owner, or `view-organizations` and `manage-organizations`")
            .takes(named("OrganizationDraft"))
            .created()
            .refuses(&[409]),
        filtered(ALL.get("/count", "countOrganizations", "How many the list has"))
            .needs("`view-organizations`")
            .answers(count()),
        ALL.get("/me", "listMyOrganizations", "The caller's organizations by id, with their roles in each")
            .paged()
            .answers(map_of(named("MyOrganization"))),
        OF_USER
            .get("/{user}/orgs", "listOrganizationsOfUser", "The organizations of a user")
            .about("Without `view-organizations`: those that the caller belongs to as well.")
            .paged()
            .answers(list_of(named("Organization"))),
        ALL.get("/config", "readOrganizationsConfig", "What the realm says about all its organizations")
            .needs("`manage-realm`")
            .answers(named("OrganizationsConfig")),
        ALL.put("/config", "replaceOrganizationsConfig", "Changes what the realm says about all its organizations")
            .about("What is left out gets its default.")
            .needs("`manage-realm`")
            .takes(named("OrganizationsConfigDraft"))
            .answers(named("OrganizationsConfig")),
        OF_USER
            .put("/switch-organization", "switchOrganization", "Makes an organization the active one of the session")
            .about("The tokens speak for that organization alone.")
            .takes(named("OrganizationSwitch"))
            .answers(named("Tokens"))
            .tells(200, "Cache-Control", "`no-store`"),
        OF_USER
            .get("/active-organization", "readActiveOrganization", "The organization that the session switched to, else the caller's first")
            .answers(named("Organization")),
        ONE.get("", "readOrganization", "One organization")
            .needs("to be an administrator or a member")
            .answers(named("Organization")),
        ONE.put("", "replaceOrganization", "Replaces an organization")
            .about("What is absent is emptied, but for the domains, which stay. The alias never changes.")
            .needs(MANAGE)
            .takes(like(
                named("OrganizationDraft"),
                json!({ "name": "red-canyon", "displayName": "Red Canyon Kayaks" }),
            ))
            .done()
            .refuses(&[409]),
        ONE.delete("", "deleteOrganization", "Deletes an organization with everything in it")
            .needs("`manage-organizations` or `delete-organization`")
            .done(),
        ONE.post("/portal-link", "createPortalLink", "Makes a link that signs an administrator of the organization in")
            .needs("`manage-organizations` or `manage-organization`; without `userId` all eleven roles or `manage-organizations`")
            .takes_form(named("PortalLinkDraft"))
            .takes_as("application/json", named("JsonObject"))
            .or_nothing()
            .answers(named("PortalLink")),
    ]
}

fn domains() -> Vec<Operation> {
    vec![
        DOMAINS
            .get("", "listDomains", "The organization's domains")
            .answers(list_of(named("Domain"))),
        DOMAINS.get("/{domain}", "readDomain", "One domain").answers(named("Domain")),
        DOMAINS
            .post("/{domain}/verify", "verifyDomain", "Looks the domain's TXT record up now")
            .about("202 whatever comes of it: the body says.")
            .needs(MANAGE)
            .answers_with(202, named("Domain")),
    ]
}

pub fn schemas() -> Vec<Named> {
    let texts = || object().may_have("displayName", string()).may_have("url", string());
    vec![
        (
            "Organization",
            texts()
                .has("id", string())
                .has("name", string())
                .may_have("realm", string())
                .has("domains", list_of(string()))
                .has("attributes", named("Attributes"))
                .into(),
        ),
        (
            "OrganizationDraft",
            like(
                organization_draft(),
                json!({
                    "name": "blue-canyon",
                    "displayName": "Blue Canyon Kayaks",
                    "url": "https://blue-canyon.example",
                    "domains": ["blue-canyon.example"],
                    "attributes": { "tier": ["gold"] },
                }),
            ),
        ),
        (
            "MyOrganization",
            texts()
                .has("name", string())
                .has("attributes", named("Attributes"))
                .has("roles", list_of(string()))
                .into(),
        ),
        ("OrganizationsConfig", config().into()),
        (
            "OrganizationsConfigDraft",
            like(config_draft(), json!({ "scimEnabled": true, "multipleIdpsEnabled": true })),
        ),
        (
            "OrganizationSwitch",
            object().may_have("id", string()).alias("organizationId", "id").into(),
        ),
        (
            "PortalLinkDraft",
            object()
                .may_have(
                    "userId",
                    told(
                        string(),
                        "Who is signed in; the organization's own administrator unless said",
                    ),
                )
                .may_have("baseUri", told(string(), "Where the redirect begins"))
                .open()
                .into(),
        ),
        (
            "PortalLink",
            object().has("user", string()).has("link", string()).has("redirect", string()).into(),
        ),
        (
            "Domain",
            object()
                .has("domain_name", string())
                .has("verified", boolean())
                .has(
                    "record_key",
                    told(string(), "The label before the domain, where the TXT record belongs"),
                )
                .has("record_value", told(string(), "What the TXT record must hold"))
                .may_have("reason", told(string(), "Why the last check did not verify it"))
                .into(),
        ),
    ]
}

fn organization_draft() -> Object {
    let text = || string_up_to(MAX_FIELD_BYTES);
    object()
        .takes("id", told(string(), "Honoured when given"))
        .has("name", text())
        .takes_each(&["displayName", "url"], text())
        .takes("realm", told(string(), "Passed over"))
        .takes("domains", list_of_at_most(MAX_DOMAINS, nullable(text())))
        .takes("attributes", named("Attributes"))
}

const SWITCHES: [[&str; 2]; 4] = [
    ["createAdminUserEnabled", "createAdminUser"],
    ["sharedIdpsEnabled", "sharedIdps"],
    ["multipleIdpsEnabled", "multipleIdps"],
    ["validateIdpEnabled", "validateIdp"],
];

fn sync_mode() -> Value {
    one_of(&["IMPORT", "FORCE", "LEGACY"])
}

fn config() -> Object {
    let switches = SWITCHES.iter().fold(object(), |object, [name, _]| object.has(name, boolean()));
    switches
        .has("expirationInSecs", count())
        .may_have("defaultApplicationUri", string())
        .has("scimEnabled", boolean())
        .may_have("defaultPostBrokerFlow", string())
        .may_have("defaultSyncMode", sync_mode())
}

fn config_draft() -> Object {
    let switches = SWITCHES.iter().fold(object(), |object, [name, other]| {
        object.may_have(name, boolean()).alias(other, name)
    });
    switches
        .takes("expirationInSecs", integer_between(1, 365 * 24 * 60 * 60))
        .takes("defaultApplicationUri", string())
        .may_have("scimEnabled", boolean())
        .takes("defaultPostBrokerFlow", string())
        .takes("defaultSyncMode", sync_mode())
}
