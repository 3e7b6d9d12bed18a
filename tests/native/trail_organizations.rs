//! The rows of `trail` for organizations: what belongs to one, on Phase Two's paths, on
//! Keycloak's and on those of SCIM.
use crate::admin_setup::located;
use crate::scim_bulk::{creation, request as bulk_request};
use crate::scim_group_setup::{group, patch as operations};
use crate::scim_setup::{active, person};
use crate::trail_setup::{
    Body, Caller, Row, SECRET, Stage, delete, import, name_client, object, of_client, of_realm,
    patch, post, provider, provider_mapper, put, serve,
};
use crate::transfer_setup;
use guildhall::org::role::BuiltIn;
use serde_json::{Value, json};

const ADMIN: &str = "/admin/realms/{realm}";
const REALM: &str = "/realms/{realm}";
const ORG: &str = "/realms/{realm}/orgs/{org}";
const ORGANIZATION: &str = "/admin/realms/{realm}/organizations/{org}";
const SCIM: &str = "/realms/{realm}/scim/v2/organizations/{org}";

/// The rows, in an order in which each finds what it needs.
pub fn rows() -> Vec<Row> {
    let parts = [
        organizations(),
        members(),
        own_roles(),
        roles_of_organizations(),
        groups_of_organizations(),
        members_of_organizations(),
        invitations(),
        providers_of_organizations(),
        scim(),
        scim_groups(),
    ];
    parts.into_iter().flatten().collect()
}

fn organizations() -> Vec<Row> {
    vec![
        post(
            REALM,
            "/orgs",
            &[
                "ORGANIZATION_MEMBERSHIP CREATE orgs/{new}/members/*",
                "ORGANIZATION CREATE orgs/{new}",
            ],
        )
        .body(|_| object(json!({ "name": "made" }))),
        post(
            REALM,
            "/orgs/import",
            &[
                "ORGANIZATION_IMPORT CREATE orgs/import",
                "ORGANIZATION CREATE orgs/*",
                "ORGANIZATION_MEMBERSHIP CREATE orgs/*/members/*",
            ],
        )
        .body(|_| object(transfer_setup::one("imported"))),
        put(ORG, "", &["ORGANIZATION UPDATE orgs/{org}/{org}"])
            .body(|_| object(json!({ "name": "granite-outpost", "displayName": "Granite" }))),
        delete(ORG, "", &["ORGANIZATION DELETE orgs/{org}"]).given(|stage| {
            let id = stage.make("/realms/{realm}/orgs", &json!({ "name": "gone" }));
            stage.name("{org}", id);
        }),
        post(
            ORG,
            "/domains/{domain}/verify",
            &["DOMAIN UPDATE orgs/{org}/domains/{domain}/verify"],
        ),
        post(ORG, "/portal-link", &["ORGANIZATION ACTION orgs/{org}/portal-link"])
            .given(|stage| {
                stage.make_member("powerful");
                let roles: Vec<_> = BuiltIn::names().map(|name| json!({ "name": name })).collect();
                let path = stage.fill("", "/realms/{realm}/users/{user}/orgs/{org}/roles");
                assert_eq!(stage.world().put(&path, stage.token(), &json!(roles)).status, 207);
            })
            .body(|stage| Body::Form(vec![("userId", stage.fill("", "{user}"))])),
        post(ADMIN, "/organizations", &["ORGANIZATION CREATE organizations/{new}"])
            .body(|_| object(json!({ "name": "told-by-keycloak" }))),
        put(
            ADMIN,
            "/organizations/{org}",
            &[
                "ORGANIZATION UPDATE organizations/{org}",
                "DOMAIN UPDATE organizations/{org}/domains/vouched.example",
            ],
        )
        .body(|_| {
            let domain = json!({ "name": "vouched.example", "verified": true });
            object(json!({ "name": "granite-outpost", "domains": [domain] }))
        }),
        delete(ADMIN, "/organizations/{org}", &["ORGANIZATION DELETE organizations/{org}"]).given(
            |stage| {
                let id = stage.make("/realms/{realm}/orgs", &json!({ "name": "gone-too" }));
                stage.name("{org}", id);
            },
        ),
    ]
}

fn members() -> Vec<Row> {
    vec![
        put(ORG, "/members/{user}", &["ORGANIZATION_MEMBERSHIP CREATE orgs/{org}/members/{user}"])
            .given(|stage| stage.make_user("joins")),
        put(ORG, "/members/{user}", &[]),
        put(
            ORG,
            "/members/{user}/attributes",
            &["ORGANIZATION_MEMBERSHIP UPDATE orgs/{org}/members/{user}/attributes"],
        )
        .body(|_| object(json!({ "attributes": { "desk": ["17"] } }))),
        delete(
            ORG,
            "/members/{user}",
            &["ORGANIZATION_MEMBERSHIP DELETE orgs/{org}/members/{user}"],
        )
        .given(|stage| stage.make_member("leaves")),
    ]
}

/// Keycloak's resource types; its paths, too.
fn own_roles() -> Vec<Row> {
    const ROLE: &str = "/organizations/{org}/roles/{role_id}";
    const COMPOSITES: &str = "/organizations/{org}/roles/{role_id}/composites";
    const OF_MEMBER: &str = "/organizations/{org}/members/{user}/role-mappings/organization";
    const OF_GROUP: &str = "/organizations/{org}/groups/{group}/role-mappings/organization";
    let tried =
        |stage: &Stage| object(json!([stage.json("/realms/{realm}/orgs/{org}/roles/tried")]));
    let see = |stage: &Stage| {
        object(json!([stage.json("/realms/{realm}/orgs/{org}/roles/view-members")]))
    };
    vec![
        post(
            ADMIN,
            "/organizations/{org}/roles",
            &["ORGANIZATION_ROLE CREATE organizations/{org}/roles/{new}"],
        )
        .body(|_| object(json!({ "name": "drafted" }))),
        put(ADMIN, ROLE, &["ORGANIZATION_ROLE UPDATE organizations/{org}/roles/{role_id}"])
            .body(|_| object(json!({ "description": "tried" }))),
        post(
            ADMIN,
            COMPOSITES,
            &["ORGANIZATION_ROLE CREATE organizations/{org}/roles/{role_id}/composites"],
        )
        .body(see),
        // What it includes, it includes.
        post(ADMIN, COMPOSITES, &[]).body(see),
        delete(
            ADMIN,
            COMPOSITES,
            &["ORGANIZATION_ROLE DELETE organizations/{org}/roles/{role_id}/composites"],
        )
        .body(see),
        post(
            ADMIN,
            OF_MEMBER,
            &["ORGANIZATION_ROLE_MAPPING CREATE organizations/{org}/members/{user}/role-mappings/organization"],
        )
        .given(|stage| stage.make_member("holds"))
        .body(tried),
        delete(
            ADMIN,
            OF_MEMBER,
            &["ORGANIZATION_ROLE_MAPPING DELETE organizations/{org}/members/{user}/role-mappings/organization"],
        )
        .given(|stage| {
            stage.make_member("drops");
            let path = stage.fill("", "/realms/{realm}/orgs/{org}/roles/tried/users/{user}");
            assert_eq!(stage.world().put(&path, stage.token(), &Value::Null).status, 201);
        })
        .body(tried),
        post(
            ADMIN,
            OF_GROUP,
            &["ORGANIZATION_ROLE_MAPPING CREATE organizations/{org}/groups/{group}/role-mappings/organization"],
        )
        .body(tried),
        delete(
            ADMIN,
            OF_GROUP,
            &["ORGANIZATION_ROLE_MAPPING DELETE organizations/{org}/groups/{group}/role-mappings/organization"],
        )
        .body(tried),
        delete(ADMIN, ROLE, &["ORGANIZATION_ROLE DELETE organizations/{org}/roles/{role_id}"])
            .given(|stage| {
                let path = stage.fill(ORGANIZATION, &format!("{ADMIN}/organizations/{{org}}/roles"));
                let made = stage.world().post(&path, stage.token(), &json!({ "name": "leaves" }));
                stage.name("{role_id}", located(&made));
            }),
    ]
}

fn roles_of_organizations() -> Vec<Row> {
    vec![
        post(ORG, "/roles", &["ORGANIZATION_ROLE CREATE orgs/{org}/roles/made"])
            .body(|_| object(json!({ "name": "made" }))),
        put(
            ORG,
            "/roles",
            &[
                "ORGANIZATION_ROLE CREATE orgs/{org}/roles/one",
                "ORGANIZATION_ROLE CREATE orgs/{org}/roles/two",
            ],
        )
        .body(|_| object(json!([{ "name": "one" }, { "name": "made" }, { "name": "two" }]))),
        patch(
            ORG,
            "/roles",
            &[
                "ORGANIZATION_ROLE DELETE orgs/{org}/roles/one/one",
                "ORGANIZATION_ROLE DELETE orgs/{org}/roles/two/two",
            ],
        )
        .body(|_| object(json!([{ "name": "one" }, { "name": "two" }, { "name": "three" }]))),
        put(ORG, "/roles/{role}", &["ORGANIZATION_ROLE UPDATE orgs/{org}/roles/{role}/{role}"])
            .body(|_| object(json!({ "description": "tried" }))),
        put(
            ORG,
            "/roles/{role}/users/{user}",
            &["ORGANIZATION_ROLE_MAPPING CREATE orgs/{org}/roles/{role}/users/{user}"],
        ),
        delete(
            ORG,
            "/roles/{role}/users/{user}",
            &["ORGANIZATION_ROLE_MAPPING DELETE orgs/{org}/roles/{role}/users/{user}"],
        ),
        put(
            REALM,
            "/users/{user}/orgs/{org}/roles",
            &["ORGANIZATION_ROLE_MAPPING CREATE users/{user}/orgs/{org}/roles"],
        )
        .body(|_| object(json!([{ "name": "tried" }]))),
        patch(
            REALM,
            "/users/{user}/orgs/{org}/roles",
            &["ORGANIZATION_ROLE_MAPPING DELETE users/{user}/orgs/{org}/roles"],
        )
        .body(|_| object(json!([{ "name": "tried" }]))),
        delete(ORG, "/roles/{role}", &["ORGANIZATION_ROLE DELETE orgs/{org}/roles/{role}/{role}"]),
    ]
}

/// Keycloak's resource types; its paths, too.
fn groups_of_organizations() -> Vec<Row> {
    const GROUPS: &str = "/organizations/{org}/groups";
    const GROUP: &str = "/organizations/{org}/groups/{group}";
    const MEMBER: &str = "/organizations/{org}/groups/{group}/members/{user}";
    const REALM_ROLES: &str = "/organizations/{org}/groups/{group}/role-mappings/realm";
    const CLIENT_ROLES: &str = "/organizations/{org}/groups/{group}/role-mappings/clients/{client}";
    vec![
        post(ADMIN, GROUPS, &["ORGANIZATION_GROUP CREATE organizations/{org}/groups/{new}"])
            .body(|_| object(json!({ "name": "made" }))),
        put(ADMIN, GROUP, &["ORGANIZATION_GROUP UPDATE organizations/{org}/groups/{group}"])
            .body(|_| object(json!({ "name": "renamed" }))),
        post(
            ADMIN,
            "/organizations/{org}/groups/{group}/children",
            &["ORGANIZATION_GROUP CREATE organizations/{org}/groups/{group}/children"],
        )
        .body(|_| object(json!({ "name": "child" }))),
        // Where it is already.
        post(ADMIN, GROUPS, &[])
            .body(|stage| object(json!({ "id": stage.fill(ORGANIZATION, "{group}"), "name": "x" }))),
        put(
            ADMIN,
            MEMBER,
            &["ORGANIZATION_GROUP_MEMBERSHIP CREATE organizations/{org}/groups/{group}/members/{user}"],
        )
        .given(|stage| stage.make_member("sits")),
        delete(
            ADMIN,
            MEMBER,
            &["ORGANIZATION_GROUP_MEMBERSHIP DELETE organizations/{org}/groups/{group}/members/{user}"],
        )
        .given(|stage| {
            stage.make_member("rises");
            let path = stage.fill(ORGANIZATION, &format!("{ADMIN}{MEMBER}"));
            assert_eq!(stage.world().put(&path, stage.token(), &Value::Null).status, 204);
        }),
        // Who is not in it is not taken out.
        delete(ADMIN, MEMBER, &[]),
        post(
            ADMIN,
            REALM_ROLES,
            &["REALM_ROLE_MAPPING CREATE organizations/{org}/groups/{group}/role-mappings/realm"],
        )
        .body(of_realm),
        delete(
            ADMIN,
            REALM_ROLES,
            &["REALM_ROLE_MAPPING DELETE organizations/{org}/groups/{group}/role-mappings/realm"],
        )
        .body(of_realm),
        post(
            ADMIN,
            CLIENT_ROLES,
            &["CLIENT_ROLE_MAPPING CREATE organizations/{org}/groups/{group}/role-mappings/clients/{client}"],
        )
        .given(name_client)
        .body(of_client),
        delete(
            ADMIN,
            CLIENT_ROLES,
            &["CLIENT_ROLE_MAPPING DELETE organizations/{org}/groups/{group}/role-mappings/clients/{client}"],
        )
        .given(name_client)
        .body(of_client),
        delete(ADMIN, GROUP, &["ORGANIZATION_GROUP DELETE organizations/{org}/groups/{group}"])
            .given(|stage| {
                let path = stage.fill(ORGANIZATION, &format!("{ADMIN}{GROUPS}"));
                let gone = json!({ "name": "gone" });
                let made = stage.world().post(&path, stage.token(), &gone);
                stage.name("{group}", located(&made));
            }),
    ]
}

/// Keycloak's resource types; its paths, too.
fn members_of_organizations() -> Vec<Row> {
    const MEMBERS: &str = "/organizations/{org}/members";
    const MEMBER: &str = "/organizations/{org}/members/{user}";
    const TYPE: &str = "/organizations/{org}/members/{user}/membership-type";
    const INVITATION: &str = "/organizations/{org}/invitations/{invitation}";
    let id = |stage: &Stage| object(stage.fill("", "{user}").into());
    let invited = |stage: &mut Stage| {
        let body = json!({ "email": "invited@mail.example", "send": false });
        let id = stage.make("/realms/{realm}/orgs/{org}/invitations", &body);
        stage.name("{invitation}", id);
    };
    vec![
        post(
            ADMIN,
            MEMBERS,
            &["ORGANIZATION_MEMBERSHIP CREATE organizations/{org}/members/{user}"],
        )
        .given(|stage| stage.make_user("added"))
        .body(id),
        put(
            ADMIN,
            TYPE,
            &["ORGANIZATION_MEMBERSHIP UPDATE organizations/{org}/members/{user}/membership-type"],
        )
        .given(|stage| stage.make_member("kept"))
        .body(|_| object("MANAGED".into())),
        put(ADMIN, TYPE, &[]).body(|_| object("UNMANAGED".into())),
        delete(
            ADMIN,
            MEMBER,
            &["ORGANIZATION_MEMBERSHIP DELETE organizations/{org}/members/{user}"],
        )
        .given(|stage| stage.make_member("goes")),
        // The account goes too.
        delete(
            ADMIN,
            MEMBER,
            &[
                "USER DELETE users/{user}",
                "ORGANIZATION_MEMBERSHIP DELETE organizations/{org}/members/{user}",
            ],
        )
        .given(|stage| {
            stage.make_member("belonged");
            let path = stage.fill(ORGANIZATION, &format!("{ADMIN}{TYPE}"));
            assert_eq!(stage.world().put(&path, stage.token(), &json!("MANAGED")).status, 204);
        }),
        post(
            ADMIN,
            "/organizations/{org}/members/invite-user",
            &["ORGANIZATION_MEMBERSHIP ACTION organizations/{org}/members/invite-user"],
        )
        .body(|_| Body::Form(vec![("email", "asked@mail.example".to_owned())])),
        post(
            ADMIN,
            "/organizations/{org}/members/invite-existing-user",
            &["ORGANIZATION_MEMBERSHIP ACTION organizations/{org}/members/invite-user"],
        )
        .given(|stage| stage.make_user("known"))
        .body(|stage| Body::Form(vec![("id", stage.fill("", "{user}"))])),
        post(
            ADMIN,
            "/organizations/{org}/invitations/{invitation}/resend",
            &["INVITATION ACTION organizations/{org}/invitations/{invitation}/resend"],
        )
        .given(invited),
        delete(
            ADMIN,
            INVITATION,
            &["INVITATION DELETE organizations/{org}/invitations/{invitation}"],
        )
        .given(|stage| {
            let body = json!({ "email": "taken-back@mail.example", "send": false });
            let id = stage.make("/realms/{realm}/orgs/{org}/invitations", &body);
            stage.name("{invitation}", id);
        }),
    ]
}

fn invitations() -> Vec<Row> {
    vec![
        post(ORG, "/invitations", &["INVITATION CREATE orgs/{org}/invitations/{new}"])
            .body(|_| object(json!({ "email": "made@mail.example", "send": true }))),
        put(
            ORG,
            "/invitations/{invitation}/resend-email",
            &["INVITATION ACTION orgs/{org}/invitations/{invitation}/resend-email"],
        ),
        delete(
            ORG,
            "/invitations/{invitation}",
            &["INVITATION DELETE orgs/{org}/invitations/{invitation}/{invitation}"],
        ),
        delete(
            REALM,
            "/orgs/me/invitations/{invitation}",
            &["INVITATION DELETE orgs/{org}/invitations/{invitation}"],
        )
        .given(Stage::invite_hiroko)
        .by(Caller::Hiroko)
        .lived(&["CUSTOM_REQUIRED_ACTION_ERROR (User invitation revoked.) \
                      invitation_id={invitation} org_id={org}"]),
        post(
            REALM,
            "/orgs/me/invitations/{invitation}",
            &[
                "ORGANIZATION_MEMBERSHIP CREATE orgs/{org}/members/{user}",
                "INVITATION ACTION orgs/{org}/invitations/{invitation}",
            ],
        )
        .given(Stage::invite_hiroko)
        .by(Caller::Hiroko)
        .lived(&[
            "CUSTOM_REQUIRED_ACTION invitation_id={invitation} org_id={org}",
            "INVITE_ORG org_id={org} username=hiroko",
        ]),
    ]
}

fn providers_of_organizations() -> Vec<Row> {
    const ONE: &str = "/idps/{alias}";
    const MAPPERS: &str = "/idps/{alias}/mappers";
    const MAPPER: &str = "/idps/{alias}/mappers/{mapper}";
    vec![
        post(ORG, "/idps", &["IDENTITY_PROVIDER CREATE identity-provider/instances/ours"])
            .body(|_| object(provider("ours"))),
        put(ORG, ONE, &["IDENTITY_PROVIDER UPDATE identity-provider/instances/ours"])
            .given(|stage| stage.name("{alias}", "ours"))
            .body(|_| object(provider("ours"))),
        delete(ORG, ONE, &["IDENTITY_PROVIDER DELETE identity-provider/instances/ours"])
            .given(|stage| stage.name("{alias}", "ours")),
        post(ORG, "/idps/link",
            &["IDENTITY_PROVIDER CREATE identity-provider/instances/linked/organizations/{org}"])
            .given(|stage| {
                let path = "/admin/realms/{realm}/identity-provider/instances";
                stage.make(path, &provider("linked"));
            })
            .body(|_| object(json!({ "alias": "linked" }))),
        post(ORG, "/idps/{alias}/unlink",
            &["IDENTITY_PROVIDER DELETE identity-provider/instances/linked/organizations/{org}"])
            .given(|stage| stage.name("{alias}", "linked")),
        post(ADMIN, "/organizations/{org}/identity-providers",
            &["IDENTITY_PROVIDER CREATE identity-provider/instances/linked/organizations/{org}"])
            .body(|_| object("linked".into())),
        put(ADMIN, "/organizations/{org}/identity-providers/{alias}",
            &["IDENTITY_PROVIDER UPDATE identity-provider/instances/linked/organizations/{org}"])
            .given(|stage| stage.name("{alias}", "linked"))
            .body(|_| object(json!({ "autoMembership": false }))),
        delete(ADMIN, "/organizations/{org}/identity-providers/{alias}",
            &["IDENTITY_PROVIDER DELETE identity-provider/instances/linked/organizations/{org}"])
            .given(|stage| stage.name("{alias}", "linked")),
        post(ORG, MAPPERS,
            &["IDENTITY_PROVIDER_MAPPER CREATE identity-provider/instances/{alias}/mappers/{new}"])
            .body(|_| object(provider_mapper("ours"))),
        put(ORG, MAPPER,
            &["IDENTITY_PROVIDER_MAPPER UPDATE identity-provider/instances/{alias}/mappers/{mapper}"])
            .body(|_| object(provider_mapper("tried"))),
        delete(ORG, MAPPER,
            &["IDENTITY_PROVIDER_MAPPER DELETE identity-provider/instances/{alias}/mappers/{mapper}"]),
        // Nothing is stored by it.
        post(ORG, "/idps/import-config", &[]).given(serve).body(import),
    ]
}

fn secret(_: &Stage) -> Body {
    object(json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": SECRET } }))
}

fn scim() -> Vec<Row> {
    vec![
        post(ORG, "/scim", &["ORGANIZATION CREATE orgs/{org}/scim"])
            .given(Stage::at_rocky_mountain)
            .body(secret),
        put(ORG, "/scim", &["ORGANIZATION UPDATE orgs/{org}/scim"])
            .given(Stage::at_rocky_mountain)
            .body(secret),
        post(ORG, "/scim/rotate", &["ORGANIZATION UPDATE orgs/{org}/scim"])
            .given(Stage::at_rocky_mountain)
            .body(|_| object(json!({ "overlap_seconds": 60 }))),
        delete(ORG, "/scim", &["ORGANIZATION DELETE orgs/{org}/scim"])
            .given(Stage::at_rocky_mountain),
        put(ORG, "/scim/schemas/{urn}", &["ORGANIZATION UPDATE orgs/{org}/scim/schemas/{urn}"])
            .body(|_| {
                object(json!({ "id": "urn:example:tried", "attributes": [{ "name": "a" }] }))
            }),
        delete(ORG, "/scim/schemas/{urn}", &["ORGANIZATION DELETE orgs/{org}/scim/schemas/{urn}"]),
        post(
            SCIM,
            "/Users",
            &[
                "ORGANIZATION_MEMBERSHIP CREATE orgs/{org}/members/*",
                "SCIM_USER CREATE orgs/{org}/scim/users/{new}",
            ],
        )
        .by(Caller::Scim)
        .body(|_| object(person("pushed", "pushed@granite.example"))),
        put(SCIM, "/Users/{id}", &["SCIM_USER UPDATE orgs/{org}/scim/users/{id}"])
            .by(Caller::Scim)
            .given(|stage| stage.push("replaced"))
            .body(|_| object(person("replaced-by", "replaced@granite.example"))),
        patch(
            SCIM,
            "/Users/{id}",
            &[
                "ORGANIZATION_MEMBERSHIP UPDATE orgs/{org}/members/*",
                "SCIM_USER UPDATE orgs/{org}/scim/users/{id}",
            ],
        )
        .by(Caller::Scim)
        .given(|stage| stage.push("patched"))
        .body(|_| object(active(false))),
        delete(
            SCIM,
            "/Users/{id}",
            &[
                "USER DELETE users/*",
                "ORGANIZATION_MEMBERSHIP DELETE orgs/{org}/members/*",
                "SCIM_USER DELETE orgs/{org}/scim/users/{id}",
            ],
        )
        .by(Caller::Scim)
        .given(|stage| stage.push("deleted")),
        post(
            SCIM,
            "/Bulk",
            &[
                "ORGANIZATION_MEMBERSHIP CREATE orgs/{org}/members/*",
                "SCIM_USER CREATE orgs/{org}/scim/users/*",
            ],
        )
        .by(Caller::Scim)
        .body(|_| object(bulk_request(&[creation("many")]))),
    ]
}

fn scim_groups() -> Vec<Row> {
    let renamed = |_: &Stage| object(group("Renamed", &[]));
    vec![
        post(
            SCIM,
            "/Groups",
            &[
                "ORGANIZATION_GROUP CREATE organizations/{org}/groups/{new}",
                "SCIM_GROUP CREATE orgs/{org}/scim/groups/{new}",
            ],
        )
        .by(Caller::Scim)
        .body(|_| object(group("Made", &[]))),
        put(
            SCIM,
            "/Groups/{id}",
            &[
                "ORGANIZATION_GROUP UPDATE organizations/{org}/groups/{id}",
                "ORGANIZATION_GROUP_MEMBERSHIP DELETE organizations/{org}/groups/{id}/members/*",
                "SCIM_GROUP UPDATE orgs/{org}/scim/groups/{id}",
            ],
        )
        .by(Caller::Scim)
        .given(|stage| stage.push_group("replaced-group"))
        .body(renamed),
        patch(
            SCIM,
            "/Groups/{id}",
            &[
                "ORGANIZATION_GROUP_MEMBERSHIP DELETE organizations/{org}/groups/{id}/members/*",
                "SCIM_GROUP UPDATE orgs/{org}/scim/groups/{id}",
            ],
        )
        .by(Caller::Scim)
        .given(|stage| stage.push_group("patched-group"))
        .body(|_| object(operations(&json!([{ "op": "remove", "path": "members" }])))),
        delete(
            SCIM,
            "/Groups/{id}",
            &[
                "ORGANIZATION_GROUP DELETE organizations/{org}/groups/{id}",
                "SCIM_GROUP DELETE orgs/{org}/scim/groups/{id}",
            ],
        )
        .by(Caller::Scim)
        .given(|stage| stage.push_group("deleted-group")),
    ]
}
