//! `/realms/{realm}/orgs/export` (reference phasetwo.md §1.2 and §7), and our own
//! form.
use crate::admin_setup::{holder_of, nobody, outside_holder_of};
use crate::harness::world::World;
use crate::organizations::token_of;
use crate::scim_setup::{SECRET, admin, org_id, realm, travel0};
use crate::transfer_setup::{EXPORT, export, imported, message, one, ready, rich, set};
use http::Method;
use serde_json::{Value, json};

fn names(document: &Value) -> Vec<&str> {
    let list = document["organizations"].as_array().unwrap().iter();
    list.map(|one| one["organization"]["name"].as_str().unwrap()).collect()
}

fn status(world: &World, query: &str, token: &str) -> u16 {
    world.get(&format!("{EXPORT}?{query}"), token).status.as_u16()
}

#[test]
fn phase_twos_form_has_what_theirs_has() {
    let granite = rich();
    let document = export(&granite.world, "exportMembersAndInvitations=true&max=1");

    let entry = &document["organizations"][0];
    assert_eq!(
        entry["organization"],
        json!({
            "name": "Granite Outpost", "displayName": "Granite \"Outpost\" – Ziplines", "url": "https://granite.example",
            "domains": ["granite-outpost.example", "granite.example"],
            "attributes": { "plan": ["pro", "trial"], "empty": [], "text": ["ü'\"\\ 😀"] },
        })
    );
    assert_eq!(entry["roles"].as_array().unwrap().len(), 11 + 4, "the eleven are listed, too");
    assert_eq!(entry["roles"][0]["name"], "view-organization");
    assert_eq!(entry["idpLink"], "granite-idp", "the first of two");
    let hiroko = json!({ "username": "hiroko", "roles": ["guide", "scheduler"] });
    assert!(entry["members"].as_array().unwrap().contains(&hiroko));
    assert_eq!(
        entry["invitations"],
        json!([{
            "email": "open@mail.example", "inviterUsername": "hiroko", "roles": ["captain"],
            "redirectUri": "https://granite.example/in", "attributes": { "a": ["b"] },
        }])
    );
    assert_eq!(document.as_object().unwrap().len(), 1, "{document}");
}

#[test]
fn members_and_invitations_are_there_when_asked_for() {
    let granite = rich();
    for query in ["", "exportMembersAndInvitations=false", "includeMembers=yes"] {
        let document = export(&granite.world, query);
        for entry in document["organizations"].as_array().unwrap() {
            assert_eq!(
                (&entry["members"], &entry["invitations"]),
                (&json!([]), &json!([])),
                "{query}"
            );
        }
    }
    let whole = export(&granite.world, "exportMembersAndInvitations=true");
    assert_eq!(
        export(&granite.world, "includeMembers=true"),
        whole,
        "as the OpenAPI document has it"
    );
}

#[test]
fn roles_and_the_provider_can_be_left_out() {
    let granite = rich();
    let document = export(&granite.world, "includeRoles=false&includeIdps=false");
    let entry = &document["organizations"][0];
    assert_eq!((&entry["roles"], entry.get("idpLink")), (&json!([]), None));
}

#[test]
fn the_administrator_that_comes_with_an_organization_is_left_out() {
    let world = ready();
    set(&world, &[("create_admin_user", "true")]);
    imported(&world, "", &one("With administrator"));
    let members = "/realms/travel0/orgs/count";
    assert_eq!(world.get(members, &admin(&world)).json(), json!(4));

    for (query, list) in
        [("exportMembersAndInvitations=true", "members"), ("format=guildhall", "members")]
    {
        let document = export(&world, query);
        let mut entries = document["organizations"].as_array().unwrap().iter();
        let made = entries.find(|one| one.to_string().contains("With administrator")).unwrap();
        assert_eq!(made[list], json!([]), "{query}");
    }
}

/// In theirs, a null dereference (reference phasetwo.md §7).
#[test]
fn an_inviter_who_is_gone_leaves_the_invitation() {
    let granite = rich();
    let path = format!("/admin/realms/travel0/users/{}", granite.id_of("hiroko"));
    assert_eq!(granite.world.delete(&path, &granite.admin).status, 204);
    granite.world.deliver_queue();

    let document = export(&granite.world, "exportMembersAndInvitations=true");
    let invitation = &document["organizations"][0]["invitations"][0];
    assert_eq!(
        (&invitation["email"], invitation.get("inviterUsername")),
        (&json!("open@mail.example"), None)
    );
    assert!(!document.to_string().contains("hiroko"));
}

#[test]
fn organizations_are_exported_in_pages_or_one_by_one() {
    let world = travel0();
    let all = export(&world, "");
    assert_eq!(names(&all), ["adventurez", "granite-outpost", "rocky-mountain"]);
    assert_eq!(names(&export(&world, "first=1&max=1")), ["granite-outpost"]);
    assert_eq!(names(&export(&world, "first=3")), [""; 0]);

    let [granite, rocky] = ["granite-outpost", "rocky-mountain"].map(|alias| org_id(&world, alias));
    for query in [format!("orgIds={rocky}&orgIds={granite}"), format!("orgIds={rocky},{granite}")] {
        assert_eq!(names(&export(&world, &query)), ["granite-outpost", "rocky-mountain"]);
    }
    for unknown in ["orgIds=nobody", "orgIds=a%20b"] {
        let answer = world.get(&format!("{EXPORT}?{unknown}"), &admin(&world));
        assert_eq!(answer.status, 404, "{unknown}");
        assert!(message(&answer).starts_with("there is no organization"), "{answer:?}");
    }
    for bad in ["first=one", "max=1.5", "format=yaml"] {
        let answer = world.get(&format!("{EXPORT}?{bad}"), &admin(&world));
        assert_eq!(answer.status, 400, "{bad}");
        assert!(!message(&answer).is_empty());
    }
}

#[test]
fn more_organizations_than_a_document_holds_are_refused_by_name() {
    let world = travel0();
    let more = format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 248)
         INSERT INTO organization (realm_id, id, name, alias, attributes, domains, created_at)
         SELECT '{}', 'many-' || i, 'many ' || i, 'many-' || i, '{{}}', '[]', 1 FROM n",
        realm(&world).id
    );
    world.directory().sql().execute_batch(&more);

    for query in ["", "max=1000", "max=251", "format=guildhall"] {
        let (answer, trips) =
            world.trips_of(|| world.get(&format!("{EXPORT}?{query}"), &admin(&world)));
        assert_eq!(answer.status, 400, "{query}");
        assert!(message(&answer).contains("250 organizations (MAX_ORGANIZATIONS)"), "{answer:?}");
        assert!(trips.objects < 5, "no object is asked: {trips:?}");
    }
    assert_eq!(status(&world, "max=250", &admin(&world)), 200);
    assert_eq!(status(&world, "first=1", &admin(&world)), 200);
    let ids: Vec<String> = (0..251).map(|id| format!("many-{id}")).collect();
    assert_eq!(status(&world, &format!("orgIds={}", ids.join(",")), &admin(&world)), 400);
}

#[test]
fn more_bytes_than_a_document_has_are_refused_by_name() {
    let world = travel0();
    let admin = admin(&world);
    for name in ["heavy one", "heavy two"] {
        let body = json!({ "name": name, "attributes": { "heavy": ["x".repeat(600_000)] } });
        assert_eq!(world.post("/realms/travel0/orgs", &admin, &body).status, 201);
    }
    for query in ["", "format=guildhall"] {
        let answer = world.get(&format!("{EXPORT}?{query}"), &admin);
        assert_eq!(answer.status, 400, "{query}");
        assert!(message(&answer).contains("1048576 bytes (MAX_DOCUMENT_BYTES)"), "{answer:?}");
    }
    assert_eq!(status(&world, "max=3", &admin), 200);
}

#[test]
fn more_members_than_a_document_holds_are_refused_by_name() {
    let granite = crate::org_setup::Granite::new();
    granite.script(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO member (user_id, source, active, joined_at) SELECT 'm-' || i, 'admin', 1, 1 FROM n",
    );
    for query in ["exportMembersAndInvitations=true", "format=guildhall"] {
        let answer = granite.world.get(&format!("{EXPORT}?{query}"), &granite.admin);
        assert_eq!(answer.status, 400, "{query}");
        let told = message(&answer);
        assert!(
            told.contains("granite-outpost has more than 10000 members (MAX_PEOPLE)"),
            "{told}"
        );
    }
    assert_eq!(status(&granite.world, "", &granite.admin), 200, "they were not asked for");
    // Two organizations may have too many together.
    granite.script("DELETE FROM member WHERE user_id > 'm-99' OR user_id < 'm-'");
    granite.script(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
         INSERT INTO member (user_id, source, active, joined_at)
         SELECT 'n-' || i, 'admin', 1, 1 FROM n LIMIT (SELECT 10000 - count(*) FROM member)",
    );
    let query = "includeMembers=true";
    let alone = format!("{query}&orgIds={}", granite.org);
    assert_eq!(status(&granite.world, &alone, &granite.admin), 200, "on the boundary");
    let answer = granite.world.get(&format!("{EXPORT}?{query}"), &granite.admin);
    let told = message(&answer);
    assert!(told.contains("10000 members and SCIM resources (MAX_PEOPLE)"), "{told}");
}

#[test]
fn each_organization_is_asked_once() {
    let world = travel0();
    let admin = admin(&world);
    for query in ["", "exportMembersAndInvitations=true", "format=guildhall"] {
        let (answer, trips) = world.trips_of(|| world.get(&format!("{EXPORT}?{query}"), &admin));
        assert_eq!(answer.status, 200);
        assert_eq!(trips.objects, 3, "{query}");
        assert!(trips.directory <= 6, "{query}: {trips:?}");
    }
}

#[test]
fn an_export_changes_nothing_and_holds_no_secret() {
    let granite = rich();
    let before = granite.world.dump();
    for query in ["format=guildhall", "exportMembersAndInvitations=true"] {
        let text = granite.world.get(&format!("{EXPORT}?{query}"), &granite.admin).text;
        for secret in ["hush-hush", SECRET, "made_by", "$argon2", "ticket", "travel0-demo"] {
            assert!(!text.contains(secret), "{query}: {secret}");
        }
        assert!(!text.contains(realm(&granite.world).id.as_str()), "{query} names the realm");
    }
    assert_eq!(granite.world.dump(), before);
}

#[test]
fn who_may_export() {
    let world = travel0();
    let (view, manage) = ("view-organizations", "manage-organizations");
    let (see, idps) = ("view-identity-providers", "manage-identity-providers");
    for (held, phase_two, ours) in [
        (&[][..], 401, 401),
        (&[view][..], 401, 401),
        (&["create-organization"], 401, 401),
        (&["manage-realm", "manage-users", idps], 401, 401),
        (&[manage], 200, 401),
        (&[view, manage], 200, 401),
        (&[manage, idps], 200, 401),
        (&[view, manage, see], 200, 200),
        (&[view, manage, idps], 200, 200),
        (&["realm-admin"], 200, 200),
    ] {
        let token = if held.is_empty() { nobody(&world) } else { holder_of(&world, held) };
        assert_eq!(status(&world, "", &token), phase_two, "{held:?}");
        assert_eq!(status(&world, "format=guildhall", &token), ours, "{held:?}");
    }
    assert_eq!(status(&world, "", &outside_holder_of(&world, &[manage])), 200, "of realm master");
}

#[test]
fn strangers_learn_nothing() {
    let world = travel0();
    let administers_rocky = token_of(&world, "jonno");
    for token in ["", "garbage", &administers_rocky, &token_of(&world, "hiroko")] {
        let answer = world.get(EXPORT, token);
        assert_eq!(
            (answer.status.as_u16(), answer.error().as_str()),
            (401, "HTTP 401 Unauthorized")
        );
    }
    // Who may here, may not there.
    let here = holder_of(&world, &["realm-admin"]);
    assert_eq!(world.get("/realms/master/orgs/export", &here).status, 401);
    assert_eq!(world.get("/realms/nowhere/orgs/export", &admin(&world)).status, 404);
    let wrong = world.call(Method::DELETE, EXPORT, &admin(&world), None);
    assert_eq!((wrong.status.as_u16(), wrong.header("allow")), (405, "GET"));
}

#[test]
fn only_the_realms_own_organizations_are_exported() {
    let world = travel0();
    let admin = admin(&world);
    assert_eq!(
        world.get("/realms/master/orgs/export", &admin).json(),
        json!({ "organizations": [] })
    );
    let elsewhere = world.get(
        &format!("/realms/master/orgs/export?orgIds={}", org_id(&world, "adventurez")),
        &admin,
    );
    assert_eq!(elsewhere.status, 404);
}
