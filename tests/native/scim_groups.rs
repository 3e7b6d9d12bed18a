//! `/realms/{realm}/scim/v2/organizations/{org}/Groups`: the organization's own groups,
//! as its directory sees them.
use crate::harness::relying_party::{RelyingParty, claims_of};
use crate::harness::world::BASE;
use crate::scim_group_setup::{connected, group, sorted, text, values};
use crate::scim_setup::{Directory, fixture, user};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

const ORG: &str = "openid organization:granite-outpost";

#[test]
fn a_group_is_made_read_replaced_and_deleted() {
    let granite = connected();
    let directory = granite.directory();
    let [ann, ben] = ["ann", "ben"].map(|name| directory.hire(name));
    let mut body = group("Pilots", &[&ann]);
    body["externalId"] = json!("ext-1");
    body["id"] = json!("not-for-you-to-say");

    let created = directory.push_group(&body);

    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.header("content-type"), "application/scim+json");
    let id = text(&created.json()["id"]);
    let at = format!("{BASE}{}", directory.path(&format!("/Groups/{id}")));
    assert_eq!(created.location(), at);
    let wanted = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": id,
        "externalId": "ext-1",
        "displayName": "Pilots",
        "members": [{
            "value": ann,
            "$ref": format!("{BASE}{}", directory.path(&format!("/Users/{ann}"))),
            "type": "User",
        }],
        "meta": {
            "resourceType": "Group",
            "created": "2027-01-15T08:00:00Z",
            "lastModified": "2027-01-15T08:00:00Z",
            "location": at,
            "version": created.header("etag"),
        },
    });
    assert_eq!(created.json(), wanted);
    assert_eq!(directory.read_group(&id), wanted);
    assert_eq!(granite.path_of(&id), "/Pilots", "it is the organization's group");
    let person = user(&granite.world, "ann@granite.example").unwrap();
    assert_eq!(granite.in_group(&id), [person.id.as_str()]);

    granite.world.advance(Seconds(60));
    let replaced = directory.put(&format!("/Groups/{id}"), &group("Leaders", &[&ben]));
    assert_eq!(replaced.status, 200, "{replaced:?}");
    let now = replaced.json();
    assert_eq!(
        (&now["displayName"], &now["externalId"], values(&now)),
        (&json!("Leaders"), &Value::Null, vec![ben])
    );
    assert_eq!(now["meta"]["created"], "2027-01-15T08:00:00Z");
    assert_eq!(now["meta"]["lastModified"], "2027-01-15T08:01:00Z");
    assert_eq!(now["meta"]["version"], replaced.header("etag"));
    assert_ne!(replaced.header("etag"), created.header("etag"));

    assert_eq!(directory.put(&format!("/Groups/{id}"), &json!({"displayName": "L"})).status, 200);
    assert_eq!(directory.members(&id), Vec::<String>::new(), "left out is unassigned");

    assert_eq!(directory.delete(&format!("/Groups/{id}")).text, "");
    for gone in [Method::GET, Method::DELETE] {
        assert_eq!(directory.send(gone, &format!("/Groups/{id}"), None).status, 404);
    }
    assert_eq!(granite.ask(Method::GET, &format!("/groups/{id}"), None).status, 404);
    assert!(directory.claims(&person).is_some(), "its members stay members");
}

/// One truth: what the groups API does is seen, and makes a new version.
#[test]
fn a_group_of_the_groups_api_is_the_directorys_group() {
    let granite = connected();
    let directory = granite.directory();
    let ann = directory.hire("ann");
    let person = user(&granite.world, "ann@granite.example").unwrap().id;
    let id = granite.plant(None, "Crew");
    assert_eq!(directory.found(r#"displayName eq "crew""#), ["Crew"]);
    let mut versions = vec![text(&directory.read_group(&id)["meta"]["version"])];
    let mut grown = |why: &str| {
        let group = directory.read_group(&id);
        let version = text(&group["meta"]["version"]);
        assert!(!versions.contains(&version), "{why}: {version}");
        let number = |tag: &str| tag.trim_matches(['W', '/', '"']).parse::<i64>().unwrap();
        assert!(versions.iter().all(|old| number(old) < number(&version)), "{why}");
        versions.push(version);
        let modified = text(&group["meta"]["lastModified"]);
        granite.world.advance(Seconds(1));
        (group, modified)
    };

    granite.world.advance(Seconds(60));
    let renamed =
        granite.ask(Method::PUT, &format!("/groups/{id}"), Some(&json!({"name": "Ärzte"})));
    assert_eq!(renamed.status, 204);
    let (group, modified) = grown("a new name");
    assert_eq!(
        (&group["displayName"], modified.as_str()),
        (&json!("Ärzte"), "2027-01-15T08:01:00Z")
    );
    assert_eq!(directory.found(r#"displayName eq "ärzte""#), ["Ärzte"], "case does not count");

    let seat = format!("/groups/{id}/members/{person}");
    assert_eq!(granite.ask(Method::PUT, &seat, None).status, 204);
    let (group, modified) = grown("a new member");
    assert_eq!((values(&group), modified.as_str()), (vec![ann], "2027-01-15T08:01:01Z"));
    assert_eq!(granite.ask(Method::DELETE, &seat, None).status, 204);
    assert_eq!(values(&grown("a member less").0), Vec::<String>::new());

    let child = granite.plant(Some(&id), "Juniors");
    assert_eq!(values(&grown("a group below").0), [child.as_str()]);
    let top = json!({ "id": child, "name": "Juniors" });
    assert_eq!(granite.ask(Method::POST, "/groups", Some(&top)).status, 204);
    assert_eq!(values(&grown("a group moved away").0), Vec::<String>::new());

    granite.ask(Method::PUT, &seat, None);
    grown("a member again");
    assert_eq!(granite.delete(&format!("/members/{person}")).status, 204);
    assert_eq!(values(&grown("a member who left").0), Vec::<String>::new());

    let described = json!({ "name": "Ärzte", "description": "no matter to SCIM" });
    assert_eq!(granite.ask(Method::PUT, &format!("/groups/{id}"), Some(&described)).status, 204);
    let same = text(&directory.read_group(&id)["meta"]["version"]);
    assert_eq!(Some(&same), versions.last(), "nothing that SCIM tells has changed");
}

/// RFC 7644 §3.14.
#[test]
fn a_condition_on_the_version_is_kept() {
    let granite = connected();
    let directory = granite.directory();
    let id = directory.group("Pilots", &[]);
    let at = format!("/Groups/{id}");
    let conditional = |method: Method, header: &'static str, tag: &str, body: Option<&Value>| {
        let mut request = directory.request(method, &at, body);
        request.headers_mut().insert(header, tag.parse().unwrap());
        granite.world.send(request).status().as_u16()
    };
    let version = || text(&directory.read_group(&id)["meta"]["version"]);
    let first = version();
    let rename =
        json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "G" }] });
    assert_eq!(conditional(Method::GET, "if-none-match", &first, None), 304);
    assert_eq!(conditional(Method::GET, "if-none-match", "W/\"999\"", None), 200);
    assert_eq!(conditional(Method::PATCH, "if-match", "W/\"999\"", Some(&rename)), 412);
    assert_eq!(version(), first);
    assert_eq!(conditional(Method::PATCH, "if-match", &first, Some(&rename)), 200);
    assert_eq!(conditional(Method::PATCH, "if-match", &first, Some(&rename)), 412);
    assert_eq!(conditional(Method::PUT, "if-match", &first, Some(&group("X", &[]))), 412);
    assert_eq!(conditional(Method::DELETE, "if-match", &first, None), 412);
    assert_eq!(conditional(Method::DELETE, "if-match", "*", None), 204);
}

/// Entra asks for a group by its name and by its own key, without members.
#[test]
fn groups_are_found_and_paged() {
    let granite = connected();
    let directory = granite.directory();
    let before = directory.list_groups(&[]).json()["totalResults"].as_i64().unwrap();
    let ann = directory.hire("ann");
    for (name, members) in [("Uno", vec![ann.as_str()]), ("Due", vec![]), ("Tre", vec![])] {
        granite.world.advance(Seconds(1));
        let mut body = group(name, &members);
        body["externalId"] = json!(format!("Ext-{name}"));
        assert_eq!(directory.push_group(&body).status, 201);
    }
    let id = text(
        &directory.list_groups(&[("filter", "displayName eq \"Due\"")]).json()["Resources"][0]["id"],
    );
    let nested = directory.group("Nested", &[]);
    directory
        .patched(&id, &json!([{"op": "add", "path": "members", "value": [{"value": nested}]}]));

    let known = [
        (r#"displayName eq "UNO""#.to_owned(), vec!["Uno"]),
        (r#"externalId eq "Ext-Due""#.to_owned(), vec!["Due"]),
        (r#"externalId eq "ext-due""#.to_owned(), vec![]),
        (format!(r#"id eq "{id}""#), vec!["Due"]),
        (format!(r#"members.value eq "{ann}""#), vec!["Uno"]),
        (format!(r#"members[value eq "{ann}"]"#), vec!["Uno"]),
        (format!(r#"members eq "{nested}""#), vec!["Due"]),
        (format!(r#"members[value eq "{ann}"] and displayName eq "Due""#), vec![]),
        (r#"displayName eq "nobody""#.to_owned(), vec![]),
        (r#"displayName sw "u" or displayName co "RE""#.to_owned(), vec!["Uno", "Tre"]),
        (r#"externalId pr and not (displayName eq "uno")"#.to_owned(), vec!["Due", "Tre"]),
        ("externalId pr and members pr".to_owned(), vec!["Uno", "Due"]),
        (r#"externalId pr and members[type eq "Group"]"#.to_owned(), vec!["Due"]),
        (format!(r#"members[value eq "{ann}" and type eq "User"]"#), vec!["Uno"]),
        (format!(r#"members[value eq "{ann}" and type eq "Group"]"#), vec![]),
        (r#"meta.created ge "2027-01-15T08:00:03Z" and externalId pr"#.to_owned(), vec!["Tre"]),
    ];
    for (filter, names) in known {
        assert_eq!(directory.found(&filter), names, "{filter}");
    }
    let refused = directory.list_groups(&[("filter", "userName eq \"x\"")]);
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["scimType"]),
        (400, &json!("invalidFilter"))
    );

    let first = (before + 1).to_string();
    let page = directory.list_groups(&[("startIndex", &first), ("count", "2")]).json();
    let names: Vec<String> =
        page["Resources"].as_array().unwrap().iter().map(|one| text(&one["displayName"])).collect();
    assert_eq!(
        (names, &page["totalResults"]),
        (vec!["Uno".into(), "Due".into()], &json!(before + 4))
    );
    assert_eq!(page["Resources"][0]["members"][0]["value"], json!(ann), "each with its members");
    assert_eq!(page["Resources"][1]["members"][0]["value"], json!(nested));
    assert_eq!(directory.list_groups(&[("count", "0")]).json()["Resources"], json!([]));
    let bad = directory.list_groups(&[("count", "x")]);
    assert_eq!((bad.status.as_u16(), &bad.json()["scimType"]), (400, &json!("invalidValue")));
}

#[test]
fn members_are_left_out_where_nobody_wants_them() {
    let granite = connected();
    let directory = granite.directory();
    let ann = directory.hire("ann");
    let id = directory.group("Pilots", &[&ann]);
    for query in
        ["excludedAttributes=members", "attributes=displayName", "excludedAttributes=Members"]
    {
        let one = directory.get(&format!("/Groups/{id}?{query}"));
        let listed = directory.get(&format!("/Groups?{query}&filter=id%20eq%20%22{id}%22")).json();
        for told in [one.json(), listed["Resources"][0].clone()] {
            assert_eq!(
                (&told["displayName"], told.get("members")),
                (&json!("Pilots"), None),
                "{query}"
            );
        }
        let same = json!([{"op": "add", "path": "members", "value": [{"value": ann}]}]);
        let patched = directory
            .patch(&format!("/Groups/{id}?{query}"), &crate::scim_group_setup::patch(&same));
        assert_eq!(
            (patched.status.as_u16(), patched.json().get("members")),
            (200, None),
            "{query}"
        );
    }
    let named =
        directory.get(&format!("/Groups/{id}?attributes=members.display,members.value")).json();
    assert_eq!(named["members"][0]["display"], "ann", "what they are called, where that is asked");
}

#[test]
fn a_name_is_unique_among_its_siblings() {
    let granite = connected();
    let directory = granite.directory();
    let guides = directory.group("Pilots", &[]);
    let other = directory.group("Other", &[]);
    let inner = granite.plant(Some(&other), "Pilots");
    let at = format!("/Groups/{other}");
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Pilots"}]);
    let refused = [
        ("made", directory.push_group(&group("Pilots", &[]))),
        ("replaced", directory.put(&at, &group("Pilots", &[&inner]))),
        ("patched", directory.patch_group(&other, &rename)),
        ("moved there", directory.put(&at, &group("Other", &[&guides, &inner]))),
        ("moved away", directory.put(&at, &group("Other", &[]))),
    ];
    for (why, answer) in refused {
        let body = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &body["scimType"]),
            (409, &json!("uniqueness")),
            "{why}"
        );
        assert_eq!(body["detail"], "another group at the same place has that displayName", "{why}");
    }
    assert_eq!(directory.members(&other), [inner.as_str()], "nothing has changed");
    assert_eq!(directory.read_group(&other)["displayName"], "Other");
}

#[test]
fn what_is_no_group_is_refused() {
    let granite = connected();
    let directory = granite.directory();
    let bodies = [
        (json!({"not": "a scim resource"}), "displayName is required"),
        (json!({"displayName": " "}), "Group name is missing"),
        (json!({"displayName": 7}), "displayName is not a string"),
        (json!({"displayName": "x".repeat(256)}), "at most 255 bytes"),
        (json!({"displayName": "g", "externalId": {}}), "externalId is not a string"),
        (json!({"displayName": "g", "members": [{"display": "x"}]}), "a member has no value"),
    ];
    let id = directory.group("Pilots", &[]);
    for (body, why) in bodies {
        let put = directory.put(&format!("/Groups/{id}"), &body);
        for answer in [directory.push_group(&body), put] {
            let told = answer.json();
            assert_eq!(
                (answer.status.as_u16(), &told["scimType"]),
                (400, &json!("invalidValue")),
                "{body}"
            );
            assert!(text(&told["detail"]).contains(why), "{body}: {told}");
        }
    }
    let syntax = directory.push_group(&json!([]));
    assert_eq!(
        (syntax.status.as_u16(), &syntax.json()["scimType"]),
        (400, &json!("invalidSyntax"))
    );
    let many = directory.push_group(&json!({"displayName": "m", "members": vec!["x"; 20_001]}));
    assert_eq!(many.status, 413);
    assert!(text(&many.json()["detail"]).contains("MAX_NAMED_MEMBERS"), "{many:?}");
    for id in ["nobody", "00000000-0000-4000-8000-000000000000", "%F0%9F%8F%94"] {
        assert_eq!(directory.get(&format!("/Groups/{id}")).status, 404, "{id}");
    }
    let wrong = directory.send(Method::POST, &format!("/Groups/{id}"), Some(&json!({})));
    assert_eq!((wrong.status.as_u16(), wrong.header("allow")), (405, "GET, PUT, PATCH, DELETE"));
}

/// A role on the group reaches the token of whom the directory puts in, at the next
/// grant, and leaves it again.
#[test]
fn roles_of_a_group_flow_to_tokens() {
    let granite = connected();
    let directory = granite.directory();
    let pushed = directory.hire("ann");
    let sumana = granite.id_of("sumana");
    assert_eq!(granite.put(&format!("/members/{sumana}"), &Value::Null).status, 201);
    let email = user(&granite.world, "sumana").unwrap().email.unwrap().to_string();
    let linked = directory.pushed(&crate::scim_setup::person("sumana", &email));
    let linked = linked.rsplit('/').next().unwrap();
    let id = directory.group("Pilots", &[&pushed]);
    let path = "/admin/realms/travel0/roles";
    assert_eq!(granite.world.post(path, &granite.admin, &json!({"name": "rafting"})).status, 201);
    let role = granite.world.get(&format!("{path}/rafting"), &granite.admin).json();
    let mapped = granite.ask(
        Method::POST,
        &format!("/groups/{id}/role-mappings/realm"),
        Some(&json!([role])),
    );
    assert_eq!(mapped.status, 204);
    let web = RelyingParty::web(&granite.world);
    let has = |tokens: &Value| {
        let claims = claims_of(&tokens["access_token"]);
        claims["realm_access"]["roles"]
            .as_array()
            .is_some_and(|all| all.contains(&json!("rafting")))
    };
    let refreshed = |tokens: &Value| {
        let answer = web.refresh(tokens["refresh_token"].as_str().unwrap());
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let tokens = web.tokens_for("sumana", ORG);
    assert!(!has(&tokens), "{PASSWORD}: not in the group yet");

    directory
        .patched(&id, &json!([{"op": "Add", "path": "members", "value": [{"value": linked}]}]));
    let tokens = refreshed(&tokens);
    assert!(has(&tokens), "the next refresh has it");

    let out = format!("members[value eq \"{linked}\"]");
    directory.patched(&id, &json!([{"op": "remove", "path": out}]));
    assert!(!has(&refreshed(&tokens)), "the next refresh has it no more");
}

/// The user's resource goes, and with the membership every seat.
#[test]
fn a_deleted_user_is_in_no_group() {
    let granite = connected();
    let directory = granite.directory();
    let [ann, ben] = ["ann", "ben"].map(|name| directory.hire(name));
    let id = directory.group("Pilots", &[&ann, &ben]);
    assert_eq!(directory.delete(&format!("/Users/{ann}")).status, 204);
    assert_eq!(directory.members(&id), [ben]);
}

/// As by the groups API: what is below goes with it.
#[test]
fn a_deleted_group_takes_along_what_is_below() {
    let granite = connected();
    let directory = granite.directory();
    let inner = directory.group("Inner", &[]);
    let outer = directory.group("Outer", &[&inner]);
    assert_eq!(directory.delete(&format!("/Groups/{outer}")).status, 204);
    assert_eq!(directory.get(&format!("/Groups/{inner}")).status, 404);
}

#[test]
fn every_change_is_in_the_audit_trail() {
    let granite = connected();
    let directory = granite.directory();
    let ann = directory.hire("ann");
    let id = directory.group("Pilots", &[&ann]);
    let count = || directory.rows("SELECT id FROM event").len();
    let before = count();
    let same = json!([{"op": "add", "path": "members", "value": [{"value": ann}]},
                      {"op": "replace", "value": {"displayName": "Pilots", "id": id}}]);
    directory.patched(&id, &same);
    assert_eq!(count(), before, "nothing changed, nothing told");
    let version = text(&directory.read_group(&id)["meta"]["version"]);
    directory.patched(&id, &json!([{"op": "replace", "path": "externalId", "value": "e"}]));
    assert_eq!(count(), before + 1);
    assert_ne!(text(&directory.read_group(&id)["meta"]["version"]), version);
    directory.delete(&format!("/Groups/{id}"));
    let trail = directory.trail();
    let person = user(&granite.world, "ann@granite.example").unwrap().id;
    for told in [
        format!("organizations/{}/groups/{id}\"", directory.org),
        format!("organizations/{}/groups/{id}/members/{person}\"", directory.org),
        format!("orgs/{}/scim/groups/{id}\"", directory.org),
        "\"clientId\":\"scim\"".to_owned(),
        "ORGANIZATION_GROUP_MEMBERSHIP".to_owned(),
        "SCIM_GROUP".to_owned(),
    ] {
        assert!(trail.contains(&told), "{told}");
    }
}

/// Okta's life of a group: made empty, filled, renamed without a path, deleted.
#[test]
fn okta_pushes_a_group() {
    let granite = connected();
    let directory = granite.directory();
    let [ann, ben] = ["ann", "ben"].map(|name| directory.hire(name));
    let created = directory.push_group(&fixture!("okta/create_group.json"));
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.json()["members"], json!([]));
    let id = text(&created.json()["id"]);
    let named = |body: Value| {
        let told =
            body.to_string().replace("{id}", &id).replace("{ann}", &ann).replace("{ben}", &ben);
        let answer =
            directory.patch(&format!("/Groups/{id}"), &serde_json::from_str(&told).unwrap());
        assert_eq!(answer.status, 200, "{told}: {answer:?}");
        answer.json()
    };
    assert_eq!(values(&named(fixture!("okta/replace_group_members.json"))), sorted(&[&ann, &ben]));
    assert_eq!(values(&named(fixture!("okta/change_group_members.json"))), [ben.as_str()]);
    assert_eq!(named(fixture!("okta/rename_group.json"))["displayName"], "Test SCIMv2 renamed");
    assert_eq!(directory.members(&id), [ben.as_str()], "a new name moves nobody");
}

/// Entra's life of a group.
#[test]
fn entra_pushes_a_group() {
    let granite = connected();
    let directory = granite.directory();
    let [ann, ben] = ["ann", "ben"].map(|name| directory.hire(name));
    let created = directory.push_group(&fixture!("entra/create_group.json"));
    assert_eq!(created.status, 201, "{created:?}");
    let id = text(&created.json()["id"]);
    assert_eq!(directory.found(r#"externalId eq "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159""#).len(), 1);
    assert_eq!(directory.found(r#"displayName eq "displayName""#).len(), 1);
    let sent = |body: Value| {
        let told = body.to_string().replace("{ann}", &ann).replace("{ben}", &ben);
        let at = format!("/Groups/{id}?excludedAttributes=members");
        let answer = directory.patch(&at, &serde_json::from_str(&told).unwrap());
        assert_eq!((answer.status.as_u16(), answer.json().get("members")), (200, None), "{told}");
    };
    sent(fixture!("entra/add_members.json"));
    assert_eq!(directory.members(&id), sorted(&[&ann, &ben]));
    sent(fixture!("entra/remove_member.json"));
    assert_eq!(directory.members(&id), [ben.as_str()]);
    sent(fixture!("entra/rename_group.json"));
    assert_eq!(
        directory.read_group(&id)["displayName"],
        "1879db59-3bdf-4490-ad68-ab880a269474updatedDisplayName"
    );
}

/// Group and its schema are announced.
#[test]
fn groups_are_announced() {
    let granite = connected();
    let directory: Directory<'_> = granite.directory();
    let kind = directory.get("/ResourceTypes/Group").json();
    assert_eq!((&kind["name"], &kind["endpoint"]), (&json!("Group"), &json!("/Groups")));
    let schema = directory.get(&format!("/Schemas/{}", text(&kind["schema"]))).json();
    let names: Vec<String> =
        schema["attributes"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect();
    assert_eq!(names, ["displayName", "members"]);
    assert_eq!(schema["attributes"][0]["required"], json!(true));
}
