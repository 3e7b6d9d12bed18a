//! Organizations: themselves, their domains, members, roles, portal links, and
//! what a realm says about all of them.
use super::operation::{Credential, Dialect, Group, Operation};
use super::schema::{
    Named, Object, boolean, count, integer_between, list_of, list_of_at_most, map_of, named,
    nullable, object, one_of, string, string_up_to, told,
};
use guildhall::org::profile::{MAX_DOMAINS, MAX_FIELD_BYTES};
use guildhall::org::routes_role::MAX_BULK_ITEMS;

const fn group(tag: &'static str, base: &'static str) -> Group {
    Group { tag, base, dialect: Dialect::Organizations, credential: Credential::Token }
}

const ALL: Group = group("Organizations", "/realms/{realm}/orgs");
const OF_USER: Group = group("Organizations", "/realms/{realm}/users");
const ONE: Group = group("Organizations", "/realms/{realm}/orgs/{org}");
const DOMAINS: Group = group("Domains", "/realms/{realm}/orgs/{org}/domains");
const MEMBERS: Group = group("Members", "/realms/{realm}/orgs/{org}/members");
const ROLES: Group = group("Roles of organizations", "/realms/{realm}/orgs/{org}/roles");
const ROLES_OF_USER: Group =
    group("Roles of organizations", "/realms/{realm}/users/{user}/orgs/{org}/roles");

/// What a change asks for, besides being let in.
const MANAGE: &str = "`manage-organizations` or `manage-organization`";
const SEE_MEMBERS: &str = "`view-organizations` or `view-members`";
const CHANGE_MEMBERS: &str = "`view-members` and `manage-members`, or the administrator's roles";
const SEE_ROLES: &str = "`view-organizations` or `view-roles`";
const CHANGE_ROLES: &str = "`view-roles` and `manage-roles`, or the administrator's roles";
const GRANT_ROLES: &str = "`manage-organizations` or `manage-roles`";

const WITHOUT_ADMIN: (&str, &str) =
    ("excludeAdminAccounts", "Whether to leave out the organization's own administrator");

pub fn operations() -> Vec<Operation> {
    [organizations(), domains(), members(), roles(), roles_of_user()].concat()
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
            .takes(named("OrganizationDraft"))
            .done()
            .refuses(&[409]),
        ONE.delete("", "deleteOrganization", "Deletes an organization with everything in it")
            .needs("`manage-organizations` or `delete-organization`")
            .done(),
        ONE.post("/portal-link", "createPortalLink", "Makes a link that signs an administrator of the organization in")
            .needs("`manage-organizations` or `manage-organization`; without `userId` all eleven roles or `manage-organizations`")
            .takes_form(named("PortalLinkDraft"))
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

fn members() -> Vec<Operation> {
    let (without, told) = WITHOUT_ADMIN;
    vec![
        MEMBERS
            .get("", "listMembers", "The members, oldest membership first")
            .needs(SEE_MEMBERS)
            .text("search", "Words between commas, any of which stands in a name or the address")
            .flag("includeOrgs", "Whether to tell the members' roles in this organization")
            .flag(without, told)
            .paged()
            .answers(list_of(named("Member"))),
        MEMBERS
            .get("/count", "countMembers", "How many the list has in all")
            .needs(SEE_MEMBERS)
            .flag(without, told)
            .answers(count()),
        MEMBERS
            .get("/{user}", "checkMember", "Whether a user is a member")
            .needs(SEE_MEMBERS)
            .done(),
        MEMBERS
            .put("/{user}", "addMember", "Makes a user a member; twice is once")
            .needs(CHANGE_MEMBERS)
            .created(),
        MEMBERS
            .delete("/{user}", "removeMember", "Removes a member, with roles and groups")
            .about("Who may see the members may always remove themselves.")
            .needs(CHANGE_MEMBERS)
            .done()
            .refuses(&[403]),
        MEMBERS
            .get(
                "/{user}/attributes",
                "readMemberAttributes",
                "What the organization notes about a member",
            )
            .needs(CHANGE_MEMBERS)
            .answers(named("Attributes"))
            .refuses(&[400]),
        MEMBERS
            .put(
                "/{user}/attributes",
                "replaceMemberAttributes",
                "Replaces what the organization notes about a member",
            )
            .needs(CHANGE_MEMBERS)
            .takes(named("MemberAttributesDraft"))
            .answers(named("Attributes")),
    ]
}

fn roles() -> Vec<Operation> {
    let (without, told) = WITHOUT_ADMIN;
    vec![
        ROLES
            .get("", "listOrganizationRoles", "The organization's roles")
            .needs(SEE_ROLES)
            .answers(list_of(named("OrganizationRole"))),
        ROLES
            .post("", "createOrganizationRole", "Creates a role")
            .needs(CHANGE_ROLES)
            .takes(named("OrganizationRoleDraft"))
            .created()
            .refuses(&[409]),
        ROLES
            .put("", "createOrganizationRoles", "Creates many roles; each succeeds or fails alone")
            .needs(CHANGE_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
        ROLES
            .patch(
                "",
                "deleteOrganizationRoles",
                "Deletes many roles; each succeeds or fails alone",
            )
            .needs(CHANGE_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
        ROLES
            .get("/{role}", "readOrganizationRole", "One role")
            .needs(SEE_ROLES)
            .answers(named("OrganizationRole")),
        ROLES
            .put("/{role}", "describeOrganizationRole", "Changes the description of a role")
            .needs(CHANGE_ROLES)
            .takes(named("OrganizationRoleDraft"))
            .done(),
        ROLES
            .delete("/{role}", "deleteOrganizationRole", "Deletes a role that is not built in")
            .needs(CHANGE_ROLES)
            .done()
            .refuses(&[400]),
        ROLES
            .get("/{role}/users", "listOrganizationRoleHolders", "The members who hold a role")
            .needs(SEE_ROLES)
            .flag(without, told)
            .paged()
            .answers(list_of(named("BriefUser"))),
        ROLES
            .get(
                "/{role}/users/{user}",
                "checkOrganizationRoleHolder",
                "Whether a member holds a role",
            )
            .needs(SEE_ROLES)
            .done(),
        ROLES
            .put("/{role}/users/{user}", "grantOrganizationRole", "Grants a role; twice is once")
            .needs(CHANGE_ROLES)
            .created()
            .refuses(&[400]),
        ROLES
            .delete("/{role}/users/{user}", "revokeOrganizationRole", "Takes a role back")
            .needs(CHANGE_ROLES)
            .done(),
    ]
}

fn roles_of_user() -> Vec<Operation> {
    vec![
        ROLES_OF_USER
            .get("", "listOrganizationRolesOfUser", "The roles that a member holds")
            .needs(SEE_ROLES)
            .answers(list_of(named("OrganizationRole"))),
        ROLES_OF_USER
            .put(
                "",
                "grantOrganizationRolesToUser",
                "Grants many roles; each succeeds or fails alone",
            )
            .needs(GRANT_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
        ROLES_OF_USER
            .patch(
                "",
                "revokeOrganizationRolesFromUser",
                "Takes many roles back; each succeeds or fails alone",
            )
            .needs(GRANT_ROLES)
            .takes(many_roles())
            .answers_with(207, list_of(named("BulkItem"))),
    ]
}

fn many_roles() -> serde_json::Value {
    list_of_at_most(MAX_BULK_ITEMS, named("OrganizationRoleDraft"))
}

pub fn schemas() -> Vec<Named> {
    let texts = || object().may_have("displayName", string()).may_have("url", string());
    let role = || object().may_have("description", string());
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
        ("OrganizationDraft", organization_draft().into()),
        (
            "MyOrganization",
            texts()
                .has("name", string())
                .has("attributes", named("Attributes"))
                .has("roles", list_of(string()))
                .into(),
        ),
        ("OrganizationsConfig", config().into()),
        ("OrganizationsConfigDraft", config_draft().into()),
        (
            "OrganizationSwitch",
            object()
                .may_have("id", string())
                .may_have("organizationId", told(string(), "Another name of `id`"))
                .into(),
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
        ("BriefUser", brief_user().into()),
        (
            "Member",
            brief_user().has("organizations", map_of(list_of(named("OrganizationRole")))).into(),
        ),
        ("MemberAttributesDraft", object().takes("attributes", named("Attributes")).into()),
        ("OrganizationRole", role().has("id", string()).has("name", string()).into()),
        (
            "OrganizationRoleDraft",
            object().takes_each(&["id", "name", "description"], string()).into(),
        ),
        (
            "BulkItem",
            object()
                .has("status", integer_between(200, 599))
                .may_have("error", told(string(), "Why it failed"))
                .has("item", role().may_have("id", string()).may_have("name", string()))
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

fn sync_mode() -> serde_json::Value {
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
        let also = told(boolean(), &format!("Another name of `{name}`"));
        object.may_have(name, boolean()).may_have(other, also)
    });
    switches
        .takes("expirationInSecs", integer_between(1, 365 * 24 * 60 * 60))
        .takes("defaultApplicationUri", string())
        .may_have("scimEnabled", boolean())
        .takes("defaultPostBrokerFlow", string())
        .takes("defaultSyncMode", sync_mode())
}

/// A user as Keycloak shows one in brief.
fn brief_user() -> Object {
    object()
        .has("id", string())
        .has("username", string())
        .may_have("firstName", string())
        .may_have("lastName", string())
        .may_have("email", string())
        .has("emailVerified", boolean())
        .has("enabled", boolean())
        .has("createdTimestamp", told(super::schema::integer(), "In milliseconds"))
        .may_have("serviceAccountClientId", string())
}
