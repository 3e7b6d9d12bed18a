//! `/realms/{realm}/orgs/import` with documents in Phase Two's forms (reference
//! phasetwo.md §1.2, §7 and §11).
use crate::admin_setup::{holder_of, nobody, outside_holder_of};
use crate::harness::browser::{Answer, request};
use crate::harness::world::World;
use crate::organizations::{names, token_of};
use crate::scim_setup::{admin, org_id, realm, travel0, user};
use crate::transfer_setup::{
    IMPORT, Refusal, below, changed, elsewhere, export, id_of, import, imported, listed, message,
    one, phase_two, provider, ready, rich, set,
};
use bytes::Bytes;
use guildhall::platform::sql::{Sql, Statement};
use http::Method;
use serde_json::{Value, json};

/// The events of the newest import, in the order of the index: kind and path.
fn events(world: &World) -> Vec<String> {
    world.deliver_queue();
    let all = Statement::new("SELECT document FROM event ORDER BY rowid");
    let rows = world.directory().sql().run(all).unwrap();
    let told = rows.iter().map(|row| {
        let event: Value = row.json("document").unwrap();
        let text = |name: &str| event[name].as_str().unwrap().to_owned();
        format!("{} {} {}", text("resourceType"), text("operationType"), text("resourcePath"))
    });
    told.collect()
}

#[test]
fn a_whole_document_is_imported() {
    let world = ready();
    let answer = imported(&world, "", &phase_two());

    assert_eq!(answer.text, "", "Phase Two's servers answer nothing");
    let made = listed(&world, "Blue River").unwrap();
    assert_eq!(made["displayName"], "Blue River Kayaks");
    assert_eq!(made["url"], "https://blue.example");
    assert_eq!(made["domains"], json!(["blue.example"]));
    assert_eq!(made["attributes"], json!({ "plan": ["pro", "trial"] }));
    assert_eq!(below(&world, "Blue River", ""), made, "object and registry agree");

    let roles = below(&world, "Blue River", "/roles");
    assert_eq!(roles.as_array().unwrap().len(), 13);
    assert_eq!(
        roles[3]["description"], "See who belongs to the organization",
        "default roles are skipped"
    );
    assert_eq!(
        (&roles[11]["name"], &roles[11]["description"]),
        (&json!("paddler"), &json!("Paddles"))
    );

    let members = below(&world, "Blue River", "/members?includeOrgs=true");
    let hiroko =
        members.as_array().unwrap().iter().find(|one| one["username"] == "hiroko").unwrap();
    let held = hiroko["organizations"][id_of(&world, "Blue River")].as_array().unwrap();
    let held: Vec<&str> = held.iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(held, ["view-members", "paddler"]);
    assert_eq!(below(&world, "Blue River", "/members/count"), json!(2));

    let invitation = &below(&world, "Blue River", "/invitations")[0];
    assert_eq!(invitation["email"], "guest@blue.example");
    assert_eq!(
        invitation["roles"],
        json!(["paddler", "not-yet"]),
        "roles of invitations are not checked"
    );
    assert_eq!(invitation["invitationUrl"], "https://blue.example/welcome");
    assert_eq!(invitation["attributes"], json!({ "seat": ["1"] }));
    assert_eq!(invitation["inviterId"], json!(user(&world, "hiroko").unwrap().id));
    assert!(world.mails().is_empty(), "nobody is mailed");

    let idps = below(&world, "Blue River", "/idps");
    assert_eq!((&idps[0]["alias"], &idps[0]["hideOnLogin"]), (&json!("blue-idp"), &json!(true)));
    assert_eq!(below(&world, "Red Rocks", "/members"), json!([]));
}

#[test]
fn what_was_imported_counts_at_once() {
    let world = ready();
    let hiroko = token_of(&world, "hiroko");
    imported(&world, "", &phase_two());

    assert_eq!(names(&world, &hiroko), ["Blue River", "granite-outpost"]);
    let path = format!("/realms/travel0/orgs/{}/members", id_of(&world, "Blue River"));
    assert_eq!(world.get(&path, &hiroko).status, 200, "she holds view-members");
    assert_eq!(world.get(&path, &token_of(&world, "emilio")).status, 401, "he does not");
}

#[test]
fn an_import_is_written_down() {
    let world = ready();
    let before = events(&world).len();
    imported(&world, "", &phase_two());

    let told = events(&world).split_off(before);
    let (blue, red) = (id_of(&world, "Blue River"), id_of(&world, "Red Rocks"));
    let hiroko = user(&world, "hiroko").unwrap().id;
    for wanted in [
        "ORGANIZATION_IMPORT CREATE orgs/import".to_owned(),
        format!("ORGANIZATION CREATE orgs/{blue}"),
        format!("ORGANIZATION CREATE orgs/{red}"),
        format!("ORGANIZATION_ROLE CREATE orgs/{blue}/roles/paddler"),
        format!("ORGANIZATION_MEMBERSHIP CREATE orgs/{blue}/members/{hiroko}"),
        format!(
            "IDENTITY_PROVIDER CREATE identity-provider/instances/blue-idp/organizations/{blue}"
        ),
    ] {
        assert_eq!(told.iter().filter(|one| **one == wanted).count(), 1, "{wanted}: {told:#?}");
    }
    assert_eq!(told.iter().filter(|one| one.starts_with("INVITATION CREATE")).count(), 1);
    let path = "/admin/realms/travel0/admin-events?resourceTypes=ORGANIZATION_IMPORT";
    let event = world.get(path, &admin(&world)).json()[0].clone();
    assert_eq!(event["operationType"], "CREATE");
    assert_eq!(event["resourcePath"], "orgs/import");
    assert!(event["representation"].as_str().unwrap().contains("Blue River"));
    let details = &event["authDetails"];
    for name in ["realmId", "clientId", "userId"] {
        assert!(details[name].is_string(), "{name}: {event}");
    }
}

#[test]
fn nothing_to_do_is_204_and_changes_nothing() {
    let world = travel0();
    let before = world.dump();
    let admin = admin(&world);
    let logged_in = world.dump().len() - before.len();
    for document in [json!({}), json!({ "organizations": [] }), json!({ "organizations": null })] {
        let answer = world.post(IMPORT, &admin, &document);
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (204, ""), "{document}");
    }
    assert_eq!(world.dump().len(), before.len() + logged_in);
}

/// What is wrong with a document that [`ready`] would otherwise take.
const REFUSALS: &[Refusal] = &[
    (
        "a name that exists",
        "/organizations/0/organization/name",
        r#""adventurez""#,
        409,
        "Imported organizations duplicate.",
    ),
    (
        "a name twice",
        "/organizations/0/organization/name",
        r#""Red Rocks""#,
        409,
        "Imported organizations duplicate.",
    ),
    (
        "an alias that exists",
        "/organizations/0/organization/name",
        r#""granite outpost""#,
        409,
        "alias granite-outpost",
    ),
    ("no name", "/organizations/0/organization/name", "null", 400, "name is missing"),
    ("an empty name", "/organizations/0/organization/name", r#"" ""#, 400, "name is missing"),
    ("no organization", "/organizations/0/organization", "null", 400, "name is missing"),
    (
        "an id that is a path",
        "/organizations/0/organization/id",
        r#""import""#,
        400,
        "path of ours",
    ),
    ("an id that is none", "/organizations/0/organization/id", r#""a/b""#, 400, "id is not usable"),
    (
        "a role twice",
        "/organizations/0/roles/2/name",
        r#""paddler""#,
        400,
        "paddler is there twice",
    ),
    ("a role without a name", "/organizations/0/roles/2/name", r#""""#, 400, "a role's name"),
    (
        "a provider that is not there",
        "/organizations/0/idpLink",
        r#""nowhere""#,
        400,
        "identity provider nowhere does not exist",
    ),
    (
        "a user who is not there",
        "/organizations/0/members/1/username",
        r#""nobody""#,
        400,
        "user nobody does not exist",
    ),
    (
        "an id that is not there",
        "/organizations/0/members",
        r#"[{"id":"nobody"}]"#,
        400,
        "user nobody does not exist",
    ),
    ("id and username", "/organizations/0/members/1/id", r#""x""#, 400, "id or username, not both"),
    ("neither", "/organizations/0/members", r#"[{"roles":[]}]"#, 400, "neither id nor username"),
    (
        "a name that is none",
        "/organizations/0/members/1/username",
        r#""no body""#,
        400,
        "names no member",
    ),
    (
        "a role that is not there",
        "/organizations/0/members/1/roles",
        r#"["swimmer"]"#,
        400,
        "the role swimmer",
    ),
    (
        "an address that is none",
        "/organizations/0/invitations/0/email",
        r#""guest""#,
        400,
        "Invalid email: guest",
    ),
    (
        "no inviter",
        "/organizations/0/invitations/0/inviterUsername",
        "null",
        400,
        "nobody, who is no member",
    ),
    (
        "an inviter who is not there",
        "/organizations/0/invitations/0/inviterUsername",
        r#""nobody""#,
        400,
        "no member",
    ),
    (
        "an inviter who is no member",
        "/organizations/0/invitations/0/inviterUsername",
        r#""jonno""#,
        400,
        "jonno, who is no member",
    ),
    (
        "an invitation for a member",
        "/organizations/0/invitations/0/email",
        r#""emilio@freelance.example""#,
        400,
        "a member already",
    ),
    (
        "a page that is none",
        "/organizations/0/invitations/0/redirectUri",
        r#""javascript:alert(1)""#,
        400,
        "web address",
    ),
];

/// What is no document to look at.
const SHAPES: &[Refusal] = &[
    ("no list", "/organizations", "{}", 400, "Cannot parse the JSON"),
    ("no objects", "/organizations", "[1]", 400, "Cannot parse the JSON"),
    ("no text", "/organizations/0/organization/name", "7", 400, "Cannot parse the JSON"),
    (
        "no list of roles",
        "/organizations/0/members/1/roles",
        r#""paddler""#,
        400,
        "Cannot parse the JSON",
    ),
    ("no document", "", "[]", 400, "Cannot parse the JSON"),
];

/// What is too much of something.
fn floods() -> [(Value, &'static str); 2] {
    let organizations: Vec<Value> =
        (0..251).map(|number| one(&format!("n{number}"))["organizations"][0].clone()).collect();
    let mut crowd = phase_two();
    crowd["organizations"][0]["members"] =
        (0..10_001).map(|_| json!({ "username": "hiroko" })).collect();
    [
        (json!({ "organizations": organizations }), "250 organizations (MAX_ORGANIZATIONS)"),
        (crowd, "10000 members and SCIM resources (MAX_PEOPLE)"),
    ]
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let world = ready();
    let admin = admin(&world);
    let before = world.dump();
    let refused = |why: &str, document: &Value, status: u16, words: &str| {
        let answer = world.post(IMPORT, &admin, document);
        assert_eq!(answer.status.as_u16(), status, "{why}: {answer:?}");
        assert!(message(&answer).contains(words), "{why}: {answer:?}");
        assert_eq!(world.dump(), before, "{why}");
    };
    for (why, pointer, text, status, words) in REFUSALS.iter().chain(SHAPES) {
        refused(why, &changed(&phase_two(), pointer, text), *status, words);
    }
    for (document, words) in floods() {
        refused(words, &document, 400, words);
    }
    let invitation = phase_two()["organizations"][0]["invitations"][0].clone();
    let twice = json!([invitation, invitation]).to_string();
    let document = changed(&phase_two(), "/organizations/0/invitations", &twice);
    refused("twice", &document, 400, "guest@blue.example is invited twice");
    let long = json!("x".repeat(256)).to_string();
    let document = changed(&phase_two(), "/organizations/0/organization/name", &long);
    refused("a long name", &document, 400, "255");
    assert_eq!(world.post(IMPORT, &admin, &phase_two()).status, 200, "as it is, it can");
}

#[test]
fn a_dry_run_tells_the_same_and_changes_nothing() {
    let world = ready();
    let admin = admin(&world);
    let before = world.dump();
    let objects = world.count_objects();
    // A script in Python may well say True.
    let path = format!("{IMPORT}?dryRun=True");
    for (why, pointer, text, status, words) in REFUSALS {
        let answer = world.post(&path, &admin, &changed(&phase_two(), pointer, text));
        assert_eq!(answer.status, 200, "{why}: {answer:?}");
        let told = answer.json();
        assert_eq!(
            (&told["dryRun"], &told["status"]),
            (&json!(true), &json!(status)),
            "{why}: {told}"
        );
        assert!(told["problems"].to_string().contains(words), "{why}: {told}");
    }
    for (why, pointer, text, status, _) in SHAPES {
        let answer = world.post(&path, &admin, &changed(&phase_two(), pointer, text));
        assert_eq!(answer.status.as_u16(), *status, "{why}");
    }
    let told = world.post(&path, &admin, &phase_two()).json();
    assert_eq!((&told["status"], &told["problems"]), (&json!(200), &json!([])));
    let blue = json!({
        "name": "Blue River", "alias": "Blue-River", "administrator": false, "roles": 2,
        "members": 2, "groups": 0, "invitations": 1, "scimUsers": 0,
        "identityProviders": ["blue-idp"],
    });
    assert_eq!(told["organizations"][0], blue, "no id: none is chosen yet");
    assert_eq!(world.post(&path, &admin, &json!({})).json()["status"], json!(204));
    assert_eq!(world.dump(), before);
    assert_eq!(world.count_objects(), objects);
}

#[test]
fn every_problem_is_told_and_the_first_decides() {
    let world = travel0();
    let mut document = phase_two();
    document["organizations"][0]["members"] =
        json!([{ "username": "nobody" }, { "username": "no-one" }]);
    document["organizations"][1]["organization"]["name"] = json!("adventurez");

    let answer = import(&world, "", &document);

    assert_eq!(answer.status, 400);
    let told = answer.json();
    let problems: Vec<&str> =
        told["problems"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert_eq!(problems.len(), 5, "{problems:#?}");
    assert_eq!(told["errorMessage"], problems[0]);
    for word in ["nobody", "no-one", "hiroko", "blue-idp", "duplicate"] {
        assert!(problems.iter().any(|one| one.contains(word)), "{word}: {problems:#?}");
    }
}

#[test]
fn what_is_missing_is_passed_over_on_request() {
    let world = travel0();
    let mut document = phase_two();
    document["organizations"][0]["members"][0]["username"] = json!("nobody");
    document["organizations"][0]["invitations"][0]["inviterUsername"] = json!("nobody");

    assert_eq!(
        import(&world, "skipMissingMember=true", &document).status,
        400,
        "the provider is missing"
    );
    assert_eq!(
        import(&world, "skipMissingIdp=true", &document).status,
        400,
        "the member is missing"
    );
    let dry =
        import(&world, "skipMissingMember=true&skipMissingIdp=true&dryRun=true", &document).json();
    assert_eq!((dry["status"].clone(), dry["skipped"].as_array().unwrap().len()), (json!(200), 3));
    imported(&world, "skipMissingMember=true&skipMissingIdp=true", &document);

    assert_eq!(below(&world, "Blue River", "/members/count"), json!(1));
    assert_eq!(below(&world, "Blue River", "/invitations"), json!([]));
    assert_eq!(below(&world, "Blue River", "/idps"), json!([]));
}

#[test]
fn members_that_nobody_knows_are_passed_over() {
    let world = ready();
    let mut document = phase_two();
    document["version"] = json!("1.0");
    document["organizations"][0]["unheardOf"] = json!(1);
    for pointer in ["organization", "roles/1", "members/0", "invitations/0"] {
        let place = document.pointer_mut(&format!("/organizations/0/{pointer}")).unwrap();
        place["unheardOf"] = json!({ "a": [] });
    }
    document["organizations"][0]["organization"]["realm"] = json!("elsewhere");
    imported(&world, "", &document);
    assert_eq!(below(&world, "Blue River", "/members/count"), json!(2));
}

#[test]
fn an_id_is_honoured_once() {
    let world = travel0();
    let with_id = |name: &str, id: &str| json!({ "organizations": [{ "organization": { "name": name, "id": id } }] });
    imported(&world, "", &with_id("chosen", "chosen-id"));
    assert_eq!(id_of(&world, "chosen"), "chosen-id");

    let again = import(&world, "", &with_id("another", "chosen-id"));

    assert_eq!(again.status, 409);
    assert!(message(&again).contains("chosen-id"), "{again:?}");
    assert_eq!(listed(&world, "another"), None);
    assert_eq!(import(&world, "", &one("chosen")).status, 409, "repeated");
}

#[test]
fn an_administrator_comes_along_where_the_realm_wants_one() {
    let world = ready();
    set(&world, &[("create_admin_user", "true")]);
    imported(&world, "", &phase_two());

    let id = id_of(&world, "Blue River");
    let members = below(&world, "Blue River", "/members?includeOrgs=true");
    let name = format!("org-admin-{id}");
    let own =
        members.as_array().unwrap().iter().find(|one| one["username"] == json!(name)).unwrap();
    assert_eq!(own["organizations"][&id].as_array().unwrap().len(), 11);
    assert_eq!(below(&world, "Blue River", "/members/count"), json!(3));

    let mut document = one("Another");
    document["organizations"][0]["organization"]["id"] = json!("another");
    let path = "/admin/realms/travel0/users";
    let squatter = json!({ "username": "org-admin-another" });
    assert_eq!(world.post(path, &admin(&world), &squatter).status, 201);
    let answer = import(&world, "", &document);
    assert_eq!(answer.status, 409);
    assert!(message(&answer).contains("org-admin-another"), "{answer:?}");
}

#[test]
fn a_provider_is_not_taken_from_another_organization() {
    let world = ready();
    let admin = admin(&world);
    let path = format!("/realms/travel0/orgs/{}/idps/link", org_id(&world, "adventurez"));
    assert_eq!(world.post(&path, &admin, &json!({ "alias": "blue-idp" })).status, 201);

    let answer = import(&world, "", &phase_two());

    assert_eq!(answer.status, 400);
    assert!(message(&answer).contains("sharedIdpsEnabled"), "{answer:?}");
    let mut both = phase_two();
    both["organizations"][1]["idpLink"] = json!("red-idp");
    both["organizations"][0]["idpLink"] = json!("red-idp");
    provider(&world, "red-idp");
    assert_eq!(import(&world, "", &both).status, 400, "nor between two of the document");
    set(&world, &[("shared_idps", "true")]);
    imported(&world, "", &phase_two());
    assert_eq!(below(&world, "adventurez", "/idps")[0]["alias"], "blue-idp");
    assert_eq!(below(&world, "Blue River", "/idps")[0]["alias"], "blue-idp");
}

#[test]
fn an_export_can_be_imported_elsewhere() {
    let granite = rich();
    let document = export(&granite.world, "exportMembersAndInvitations=true");
    let other = elsewhere(&granite.world);
    set(&other, &[("shared_idps", "true")]);
    provider(&other, "granite-idp");
    provider(&other, "shared-idp");

    imported(&other, "", &document);

    assert_eq!(export(&other, "exportMembersAndInvitations=true"), {
        let mut expected = document;
        // Descriptions of the eleven are not imported, and the order of members is that of their joining.
        expected["organizations"][0]["roles"][5]["description"] =
            json!("See the organization's roles");
        sort_members(&mut expected);
        expected
    });
}

/// All join at once, so they come in the order of their ids.
fn sort_members(document: &mut Value) {
    let world = elsewhere(&rich().world);
    for entry in document["organizations"].as_array_mut().unwrap() {
        let members = entry["members"].as_array_mut().unwrap();
        members.sort_by_key(|one| user(&world, one["username"].as_str().unwrap()).unwrap().id);
    }
}

#[test]
fn who_may_import() {
    let world = travel0();
    let (view, manage) = ("view-organizations", "manage-organizations");
    for (held, status) in [
        (&[][..], 401),
        (&[view][..], 401),
        (&[manage], 401),
        (&["create-organization"], 401),
        (&["create-organization", view], 401),
        (&["manage-realm", "manage-users"], 401),
        (&[view, manage], 200),
        (&["realm-admin"], 200),
    ] {
        let token = if held.is_empty() { nobody(&world) } else { holder_of(&world, held) };
        let dry = world.post(&format!("{IMPORT}?dryRun=true"), &token, &one("x"));
        assert_eq!(dry.status.as_u16(), status, "{held:?}");
        let made = world.post(IMPORT, &token, &one(&format!("by {held:?}")));
        assert_eq!(made.status.as_u16(), status, "{held:?}");
    }
    let outside = outside_holder_of(&world, &[view, manage]);
    assert_eq!(world.post(IMPORT, &outside, &one("of realm master")).status, 200);
}

#[test]
fn strangers_import_nothing() {
    let world = travel0();
    let before = world.count_objects();
    for token in ["", "garbage", &token_of(&world, "jonno"), &token_of(&world, "hiroko")] {
        for document in [one("x"), json!({}), json!([])] {
            let answer = world.post(IMPORT, token, &document);
            assert_eq!(
                (answer.status.as_u16(), answer.error().as_str()),
                (401, "HTTP 401 Unauthorized")
            );
        }
    }
    let here = holder_of(&world, &["realm-admin"]);
    assert_eq!(world.post("/realms/master/orgs/import", &here, &one("x")).status, 401);
    assert_eq!(world.post("/realms/nowhere/orgs/import", &admin(&world), &one("x")).status, 404);
    assert_eq!(world.get(IMPORT, &admin(&world)).status, 405);
    assert_eq!(world.count_objects(), before);
}

/// As Phase Two's `OpenAPI` document, and so its SDKs, write it (reference
/// phasetwo.md §11).
fn flat(world: &World) -> Value {
    json!({
        "version": "1.0", "config": { "createAdminUser": true },
        "organizations": [{
            "id": "flat-one", "name": "Flat One", "displayName": "Flat", "realm": "theirs", "domains": ["flat.example"],
            "attributes": { "a": ["b"] }, "roles": [{ "id": "r", "name": "flattener" }],
            "identityProviders": [{
                "alias": "flat-idp", "providerId": "oidc", "internalId": "their-id",
                "config": { "clientSecret": "open sesame", "home.idp.discovery.org": "their-org" },
            }],
            "members": [
                { "userId": user(world, "hiroko").unwrap().id, "email": "old@mail.example", "roles": ["flattener"] },
                { "userId": "their-emilio", "email": "emilio@freelance.example" },
            ],
        }],
    })
}

#[test]
fn the_flat_form_is_imported_and_answered_as_promised() {
    let world = travel0();
    let answer = imported(&world, "importMembers=true", &flat(&world));

    assert_eq!(answer.json(), json!({ "imported": 1, "updated": 0, "skipped": 0, "errors": [] }));
    assert_eq!(id_of(&world, "Flat One"), "flat-one");
    assert_eq!(below(&world, "Flat One", "/members/count"), json!(2));
    let idp = below(&world, "Flat One", "/idps")[0].clone();
    assert_eq!((&idp["alias"], &idp["hideOnLogin"]), (&json!("flat-idp"), &json!(true)));
    assert_eq!(idp["config"]["home.idp.discovery.org"], "flat-one");
    assert_eq!(idp["config"]["syncMode"], "FORCE", "what an organization's provider is");
    assert!(!world.dump().contains("open sesame"), "nowhere in clear");

    let mut again = flat(&world);
    again["organizations"].as_array_mut().unwrap().push(json!({ "name": "Flat Two" }));
    assert_eq!(import(&world, "", &again).status, 409);
    let answer = imported(&world, "skipExisting=true", &again);
    assert_eq!(answer.json(), json!({ "imported": 1, "updated": 0, "skipped": 1, "errors": [] }));
}

#[test]
fn the_flat_form_brings_members_on_request_only() {
    let world = travel0();
    imported(&world, "", &flat(&world));
    assert_eq!(below(&world, "Flat One", "/members"), json!([]));
}

#[test]
fn who_makes_a_provider_manages_providers() {
    let world = travel0();
    let roles = ["view-organizations", "manage-organizations"];
    let refused = world.post(IMPORT, &holder_of(&world, &roles), &flat(&world));
    assert_eq!(refused.status, 403);
    assert!(message(&refused).contains("manage-identity-providers"), "{refused:?}");
    let roles = ["view-organizations", "manage-organizations", "manage-identity-providers"];
    let token = holder_of(&world, &roles);
    assert_eq!(world.post(IMPORT, &token, &flat(&world)).status, 200);
}

fn upload(world: &World, content_type: &str, body: &str) -> Answer {
    let request = request(Method::POST, IMPORT)
        .header("authorization", format!("Bearer {}", admin(world)))
        .header("content-type", content_type)
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    Answer::new(world.send(request))
}

#[test]
fn a_document_may_be_a_file_of_a_form() {
    let world = travel0();
    let part = |name: &str, text: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"o.json\"\r\n\r\n{text}\r\n--b--\r\n"
        )
    };
    let form = "multipart/form-data; boundary=b";

    assert_eq!(upload(&world, form, &part("file", &one("uploaded").to_string())).status, 200);
    assert!(listed(&world, "uploaded").is_some());
    for (why, body) in [
        ("another field", part("document", "{}")),
        ("no JSON", part("file", "{")),
        ("no form", "file".to_owned()),
    ] {
        let answer = upload(&world, form, &body);
        assert_eq!(answer.status, 400, "{why}");
        assert!(!message(&answer).is_empty());
    }
    assert_eq!(upload(&world, "text/plain", "{}").status, 415);
    assert_eq!(upload(&world, "application/json", &"x".repeat(1024 * 1024 + 1)).status, 413);
}

#[test]
fn nothing_of_another_realm_is_used() {
    let world = ready();
    let admin = admin(&world);
    let document = phase_two();
    let answer = world.post("/realms/master/orgs/import", &admin, &document);
    assert_eq!(answer.status, 400);
    let told = answer.json()["problems"].to_string();
    for word in ["user hiroko does not exist", "identity provider blue-idp does not exist"] {
        assert!(told.contains(word), "{told}");
    }
    let mine = user(&world, "hiroko").unwrap().id;
    let by_id = json!({ "organizations": [{ "organization": { "name": "x" }, "members": [{ "id": mine }] }] });
    assert_eq!(world.post("/realms/master/orgs/import", &admin, &by_id).status, 400);
    assert_ne!(realm(&world).name.as_str(), "master");
}
