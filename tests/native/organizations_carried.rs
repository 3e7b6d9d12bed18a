//! Documents in our own form: exported from one deployment and imported into
//! another, or into the same.
use crate::admin_setup::holder_of;
use crate::harness::browser::Browser;
use crate::harness::world::World;
use crate::scim_setup::{
    Directory, SECRET, admin, config_path, org_id, person, realm, travel0, user,
};
use crate::transfer_setup::{
    IMPORT, Refusal, below, changed, elsewhere, export, import, imported, listed, message,
    provider, rich, set,
};
use guildhall::kernel::time::Seconds;
use guildhall::org::role::BuiltIn;
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::group::MAX_GROUP_DEPTH;
use http::Method;
use serde_json::{Value, json};

const OURS: &str = "format=guildhall";

/// Where [`rich`]'s document can be imported.
fn place_for(world: &World) -> World {
    let other = elsewhere(world);
    set(&other, &[("shared_idps", "true"), ("multiple_idps", "true")]);
    other
}

fn problems(answer: &crate::harness::browser::Answer) -> String {
    answer.json()["problems"].to_string()
}

#[test]
fn what_is_exported_and_imported_is_exported_again() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let entry = &document["organizations"][0];
    assert_eq!((&document["format"], &document["version"]), (&json!("guildhall"), &json!(1)));
    // All there is to lose is there.
    for (list, count) in [
        ("domains", 2),
        ("roles", 15),
        ("members", 17),
        ("groups", 7),
        ("invitations", 3),
        ("identityProviders", 2),
        ("scimUsers", 2),
    ] {
        assert_eq!(entry[list].as_array().unwrap().len(), count, "{list}");
    }
    let other = place_for(&granite.world);

    imported(&other, "", &document);

    assert_eq!(export(&other, OURS), document);
    other.ring_alarms();
    assert_eq!(export(&other, OURS), document, "and stays");
}

/// The directory's own key of a group, and who is put into it when they join.
#[test]
fn what_the_directory_said_of_groups_goes_along() {
    let world = travel0();
    let directory = Directory::connect(&world, "granite-outpost");
    let theirs = directory.pushed(&person("jonno", "jonno@rocky-mountain.example"));
    let theirs = theirs.rsplit('/').next().unwrap();
    let id = directory.group("Pushed", &[theirs, &directory.hire("ann")]);
    world.advance(Seconds(60));
    let key = json!([{ "op": "add", "path": "externalId", "value": "their-key" }]);
    assert_eq!(directory.patched(&id, &key).len(), 2);
    let before = directory.read_group(&id);
    let document = export(&world, OURS);
    let orgs = document["organizations"].as_array().unwrap();
    let groups = orgs.iter().flat_map(|org| org["groups"].as_array().unwrap());
    let told: Vec<&Value> = groups.filter_map(|group| group.get("scim")).collect();
    assert_eq!(told.len(), 1, "of which it said something");
    assert_eq!(
        (&told[0]["externalId"], &told[0]["pending"]),
        (&json!("their-key"), &json!([theirs]))
    );
    let other = place_for(&world);

    imported(&other, "", &document);

    assert_eq!(export(&other, OURS), document);
    let settings = json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": SECRET } });
    let path = config_path(&directory.org);
    assert_eq!(other.put(&path, &admin(&other), &settings).status, 200);
    assert_eq!(Directory::at(&other, directory.org.clone()).read_group(&id), before);
    let mut long = document.clone();
    for org in long["organizations"].as_array_mut().unwrap() {
        for group in org["groups"].as_array_mut().unwrap() {
            if let Some(scim) = group.get_mut("scim") {
                scim["externalId"] = json!("x".repeat(5000));
            }
        }
    }
    let refused = import(&place_for(&world), "", &long);
    assert_eq!(refused.status, 400);
    assert!(problems(&refused).contains("4096 bytes"), "{refused:?}");
}

#[test]
fn what_roles_include_and_everybody_holds_goes_along() {
    let granite = rich();
    let mut document = export(&granite.world, OURS);
    let entry = &mut document["organizations"][0];
    let includes = |entry: &mut Value, role: &str, children: &[&str]| {
        let roles = entry["roles"].as_array_mut().unwrap();
        let role = roles.iter_mut().find(|one| one["name"] == role).unwrap();
        role["composites"] = json!(children);
    };
    includes(entry, "manage-members", &["view-members"]);
    includes(entry, "manage-organization", &["manage-members", "view-organization"]);
    entry["defaultRoles"] = json!(["view-organization", "view-roles"]);
    let other = place_for(&granite.world);
    imported(&other, "", &document);
    assert_eq!(export(&other, OURS), document);

    let third = place_for(&granite.world);
    for (role, children, why) in [
        ("view-members", ["manage-organization"], "never themselves"),
        ("view-members", ["view-members"], "never themselves"),
        ("view-members", ["no-such"], "there is no role no-such"),
    ] {
        let mut bad = document.clone();
        includes(&mut bad["organizations"][0], role, &children);
        let refused = import(&third, "dryRun=true", &bad);
        assert!(problems(&refused).contains(why), "{why}: {refused:?}");
        assert_eq!(import(&third, "", &bad).status, 400, "{why}");
    }
}

#[test]
fn what_is_deleted_comes_back_from_its_document() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let again = import(&granite.world, "", &document);
    assert_eq!(
        (again.status.as_u16(), message(&again).as_str()),
        (409, "Imported organizations duplicate.")
    );
    for alias in ["granite-outpost", "adventurez", "rocky-mountain"] {
        let path = format!("/realms/travel0/orgs/{}", org_id(&granite.world, alias));
        assert_eq!(granite.world.delete(&path, &granite.admin).status, 204);
    }

    let report = imported(&granite.world, "", &document).json();

    assert_eq!(export(&granite.world, OURS), document);
    assert_eq!(
        report["identityProvidersUsed"],
        json!(["granite-idp", "shared-idp"]),
        "they stayed with the realm"
    );
    assert_eq!(report["missing"], json!(["organization Granite Outpost: the secret of SCIM"]));
    let people = granite
        .world
        .get(&format!("/realms/travel0/orgs/{}/members/count", granite.org), &granite.admin);
    assert_eq!(people.json(), json!(16), "without the service account");
}

/// A generator of documents: not random, but without a pattern of ours.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick(&mut self, of: &[&'static str]) -> &'static str {
        let sides = u64::try_from(of.len()).unwrap();
        of[usize::try_from(self.roll(sides)).unwrap()]
    }

    fn word(&mut self) -> String {
        const PARTS: [&str; 12] =
            ["a", "Ω", "\"", "'", "\\", " ", "😀", "%", "/", "null", "<b>", "\u{202e}"];
        let length = 1 + self.roll(6);
        let parts: String = (0..length).map(|_| self.pick(&PARTS)).collect();
        format!("w{parts}x")
    }

    fn some<T>(&mut self, most: u64, mut make: impl FnMut(&mut Self, u64) -> T) -> Vec<T> {
        (0..self.roll(most + 1)).map(|number| make(self, number)).collect()
    }

    fn attributes(&mut self) -> Value {
        let pairs =
            self.some(3, |dice, _| (dice.word(), json!(dice.some(3, |dice, _| dice.word()))));
        Value::Object(pairs.into_iter().collect())
    }

    fn moment(&mut self) -> u64 {
        self.roll(2_000_000_000)
    }

    fn organization(&mut self, number: u64, people: &[Value]) -> Value {
        let id = format!("org-{number}");
        let own = self.some(4, |dice, number| format!("{} {number}", dice.word()));
        let names: Vec<String> = BuiltIn::names().chain(own.iter().cloned()).collect();
        let roles: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(place, name)| json!({ "id": format!("{id}-role-{place}"), "name": name, "description": self.word() }))
            .collect();
        let members: Vec<Value> = people
            .iter()
            .filter(|_| self.roll(3) > 0)
            .collect::<Vec<_>>()
            .into_iter()
            .map(|one| json!({
                "id": one["id"], "username": one["username"], "source": self.pick(&["admin", "invitation", "scim"]),
                "active": self.roll(2) == 0, "joinedAt": self.moment(), "attributes": self.attributes(),
                "roles": names.iter().filter(|_| self.roll(3) == 0).collect::<Vec<_>>(),
            }))
            .collect();
        let ids: Vec<&Value> = members.iter().map(|one| &one["id"]).collect();
        let groups = self.some(6, |dice, place| {
            let mut group = json!({
                "id": format!("{id}-group-{}", 9 - place), "name": format!("{}{place}", dice.word()),
                "members": ids.iter().filter(|_| dice.roll(2) == 0).collect::<Vec<_>>(),
            });
            if dice.roll(2) == 0 {
                group["description"] = json!(dice.word());
                let held: Vec<&String> = names.iter().filter(|_| dice.roll(3) == 0).collect();
                // What is empty is not told.
                let attributes = dice.attributes();
                if attributes != json!({}) && !held.is_empty() {
                    group["attributes"] = attributes;
                    group["roles"] = json!(held);
                }
            }
            if place > 0 && dice.roll(2) == 0 {
                group["parentId"] = json!(format!("{id}-group-{}", 9 - dice.roll(place)));
            }
            group
        });
        let invitations = self.some(5, |dice, place| {
            let mut invitation = json!({
                "id": format!("{id}-invitation-{place}"), "email": format!("guest-{place}@mail.example"), "roles": [dice.word()],
                "inviterId": "somebody-gone", "inviterName": dice.word(), "attributes": dice.attributes(),
                "createdAt": dice.moment(), "expiresAt": dice.moment(),
                "history": [{ "at": dice.moment(), "status": "created" }, { "at": dice.moment(), "status": "mailed", "userId": "x" }],
            });
            if dice.roll(2) == 0 {
                let end = dice.pick(&["acceptedAt", "revokedAt"]);
                invitation[end] = json!(dice.moment());
            }
            invitation
        });
        json!({
            "id": id, "name": format!("{} {number}", self.word()), "alias": format!("alias-{number}"),
            "displayName": self.word(), "url": self.word(), "logoUrl": "/logo.svg",
            "enabled": self.roll(2) == 0, "description": self.word(), "redirectUrl": "https://one.example/in",
            "attributes": self.attributes(), "createdAt": self.moment(),
            "domains": self.some(3, |dice, place| json!({ "name": format!("d{number}-{place}.example"), "verified": dice.roll(2) == 0 })),
            "roles": roles, "members": members, "groups": groups, "invitations": invitations,
            "identityProviders": [], "scimUsers": [],
        })
    }
}

/// Lists without an order of their own, in one.
fn sorted(mut document: Value) -> Value {
    fn sort(value: &mut Value) {
        match value {
            Value::Array(list) => {
                list.iter_mut().for_each(sort);
                list.sort_by_key(Value::to_string);
            }
            Value::Object(members) => members.values_mut().for_each(sort),
            _ => {}
        }
    }
    for entry in document["organizations"].as_array_mut().unwrap() {
        for list in ["roles", "members", "groups", "domains"] {
            sort(&mut entry[list]);
        }
        // The order of a history and of an attribute's values is theirs.
        entry["invitations"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    }
    document["organizations"].as_array_mut().unwrap().sort_by_key(Value::to_string);
    document
}

#[test]
fn any_organization_survives_the_journey() {
    let world = elsewhere(&travel0());
    let people: Vec<Value> = ["jonno", "hiroko", "emilio", "sumana"]
        .map(|name| json!({ "id": user(&world, name).unwrap().id, "username": name }))
        .into();
    for seed in 1..=8 {
        let mut dice = Dice(seed);
        let organizations: Vec<Value> =
            (0..=dice.roll(3)).map(|number| dice.organization(number, &people)).collect();
        let document = json!({ "format": "guildhall", "version": 1, "identityProviders": [], "organizations": organizations });

        imported(&world, "", &document);

        let first = export(&world, OURS);
        assert_eq!(sorted(first.clone()), sorted(document), "seed {seed}");
        for organization in first["organizations"].as_array().unwrap() {
            let path = format!("/realms/travel0/orgs/{}", organization["id"].as_str().unwrap());
            assert_eq!(world.delete(&path, &admin(&world)).status, 204);
        }
        imported(&world, "", &first);
        assert_eq!(export(&world, OURS), first, "seed {seed}: and once more");
        for organization in first["organizations"].as_array().unwrap() {
            let path = format!("/realms/travel0/orgs/{}", organization["id"].as_str().unwrap());
            assert_eq!(world.delete(&path, &admin(&world)).status, 204);
        }
    }
}

/// The alias is kept, and need not be made of the name.
#[test]
fn an_organization_may_have_been_renamed_to_anything() {
    let granite = rich();
    assert_eq!(granite.put("", &json!({ "name": "***" })).status, 204);
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    imported(&other, "", &document);
    assert_eq!(export(&other, OURS), document);
    assert_eq!(org_id(&other, "granite-outpost"), granite.org);
}

/// Another organization's administrator is a member like anybody.
#[test]
fn only_ones_own_administrator_is_left_out() {
    let granite = rich();
    set(&granite.world, &[("create_admin_user", "true")]);
    let made = json!({ "id": "with-admin", "name": "with admin" });
    assert_eq!(granite.world.post("/realms/travel0/orgs", &granite.admin, &made).status, 201);
    let theirs = user(&granite.world, "org-admin-with-admin").unwrap().id;
    assert_eq!(granite.put(&format!("/members/{theirs}"), &Value::Null).status, 201);
    for (query, own) in [(OURS, 0), ("includeMembers=true", 0)] {
        let document = export(&granite.world, query);
        let seats =
            |entry: &Value| entry["members"].to_string().matches("org-admin-with-admin").count();
        let organizations = document["organizations"].as_array().unwrap();
        let all: usize = organizations.iter().map(seats).sum();
        let with =
            organizations.iter().find(|one| one.to_string().contains("\"with admin\"")).unwrap();
        assert_eq!((seats(with), all), (own, 1), "{query}");
    }
}

#[test]
fn a_carried_organization_works_like_any_other() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    imported(&other, "", &document);

    let members = below(&other, "Granite Outpost", "/members?max=100");
    assert_eq!(members.as_array().unwrap().len(), 16);
    let domains = below(&other, "Granite Outpost", "/domains");
    let verified: Vec<&Value> =
        domains.as_array().unwrap().iter().map(|one| &one["verified"]).collect();
    assert_eq!(verified, [&json!(false), &json!(true)]);
    let role = below(&other, "Granite Outpost", "/roles/captain");
    assert_eq!(role["description"], "Steers");
    let invitations = below(&other, "Granite Outpost", "/invitations");
    assert_eq!(invitations.as_array().unwrap().len(), 1, "one is open");
    let id = invitations[0]["id"].as_str().unwrap();
    let history = below(&other, "Granite Outpost", &format!("/invitations/{id}/history"));
    assert_eq!(history[1]["status"], "mailed");
    let path = format!("/realms/travel0/orgs/{}/invitations/{id}/resend-email", granite.org);
    assert_eq!(other.call(Method::PUT, &path, &admin(&other), None).status, 204);
    // Its directory goes on where it was, with a new secret.
    let scim = json!({ "auth": { "type": "EXTERNAL_SECRET", "shared_secret": crate::scim_setup::SECRET } });
    let directory = Directory::at(&other, granite.org.clone());
    assert_eq!(directory.list(&[]).status, 401, "the old secret does not open");
    let path = format!("/realms/travel0/orgs/{}/scim", granite.org);
    assert_eq!(other.call(Method::PUT, &path, &admin(&other), Some(&scim)).status, 200);
    assert_eq!(directory.count("userName eq \"pushed\""), 1);
    assert_eq!(directory.push(&person("pushed", "pushed@granite.example")).status, 409);
}

#[test]
fn secrets_that_are_missing_are_told_until_they_are_set() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let idp = &document["identityProviders"][0]["provider"];
    assert_eq!(
        (&idp["alias"], &idp["config"]["clientSecret"]),
        (&json!("granite-idp"), &json!("**********"))
    );
    let other = place_for(&granite.world);
    let missing = json!([
        "identity provider granite-idp: clientSecret",
        "organization Granite Outpost: the secret of SCIM"
    ]);
    assert_eq!(import(&other, "dryRun=true", &document).json()["missing"], missing);

    let mut filled = document.clone();
    filled["identityProviders"][0]["provider"]["config"]["clientSecret"] = json!("a new one");
    let report = imported(&other, "", &filled).json();

    assert_eq!(report["missing"], json!(["organization Granite Outpost: the secret of SCIM"]));
    assert!(!other.dump().contains("a new one"), "kept in clear");
    assert_eq!(export(&other, OURS), document, "nor told");
}

#[test]
fn people_are_found_by_id_or_else_by_username() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    let hiroko = user(&other, "hiroko").unwrap().id;
    other
        .directory()
        .sql()
        .execute_batch(&format!("UPDATE user SET id = 'other-id' WHERE id = '{hiroko}'"));

    imported(&other, "", &document);

    let text = document.to_string().replace(hiroko.as_str(), "other-id");
    let expected = serde_json::from_str(&text).unwrap();
    let again = sorted(export(&other, OURS));
    assert_eq!(again, sorted(expected), "members, groups and inviters");
    let renamed = "UPDATE user SET username = 'renamed' WHERE username = 'emilio'";
    let third = place_for(&granite.world);
    third.directory().sql().execute_batch(renamed);
    imported(&third, "", &document);
    assert!(export(&third, OURS).to_string().contains("renamed"));
}

#[test]
fn people_who_are_missing_are_refused_or_passed_over() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    other
        .directory()
        .sql()
        .execute_batch("DELETE FROM user WHERE username IN ('emilio', 'member-03', 'jonno')");

    let answer = import(&other, "", &document);

    assert_eq!(answer.status, 400);
    for name in ["emilio", "member-03", "jonno"] {
        assert!(problems(&answer).contains(&format!("user {name} does not exist")), "{answer:?}");
    }
    let report = imported(&other, "skipMissingMember=true", &document).json();
    assert_eq!(report["organizations"][0]["members"], json!(15));
    assert_eq!(report["organizations"][0]["scimUsers"], json!(1), "a resource of nobody is none");
    let again = export(&other, OURS);
    assert!(!again.to_string().contains("member-03"));
    assert_eq!(again["organizations"][0]["groups"].as_array().unwrap().len(), 7);
}

/// The keys of providers and mappers are unique among all realms.
#[test]
fn a_document_can_be_imported_into_a_second_realm() {
    let granite = rich();
    let mut document = export(&granite.world, OURS);
    for entry in document["organizations"].as_array_mut().unwrap() {
        for list in ["members", "groups", "scimUsers"] {
            entry[list] = json!([]);
        }
    }
    let body = json!({ "realm": "second", "enabled": true, "attributes": {
        "_providerConfig.orgs.config.sharedIdps": "true", "_providerConfig.orgs.config.multipleIdps": "true",
        "_providerConfig.orgs.config.createAdminUser": "false",
    } });
    assert_eq!(granite.world.post("/admin/realms", &granite.admin, &body).status, 201);

    let answer = granite.world.post("/realms/second/orgs/import", &granite.admin, &document);

    assert_eq!(answer.status, 200, "{answer:?}");
    let again =
        granite.world.get("/realms/second/orgs/export?format=guildhall", &granite.admin).json();
    assert_eq!(again["organizations"], document["organizations"]);
    let [here, there] = [&document, &again]
        .map(|one| one["identityProviders"][0]["provider"]["internalId"].clone());
    assert_ne!(here, there);
}

#[test]
fn a_verified_domain_has_one_owner() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    let path = "/realms/travel0/orgs";
    let owner = other.post(
        path,
        &admin(&other),
        &json!({ "name": "owner", "domains": ["granite.example"] }),
    );
    let owner = owner.location().rsplit('/').next().unwrap().to_owned();
    let claim = format!(
        "INSERT INTO domain_claim VALUES ('{}', 'granite.example', '{owner}', 'c', 1)",
        realm(&other).id
    );
    other.directory().sql().execute_batch(&claim);

    let answer = import(&other, "", &document);

    assert_eq!(answer.status, 409);
    assert!(
        message(&answer).contains("another organization has verified the domain granite.example"),
        "{answer:?}"
    );
    set(&other, &[("shared_domains", "true")]);
    imported(&other, "", &document);
}

/// The document is believed, and then looked up like any other.
#[test]
fn a_carried_domain_is_looked_up_daily() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    imported(&other, "", &document);
    let verified =
        || below(&other, "Granite Outpost", "/domains/granite.example")["verified"].clone();
    let zone = |answer: &Value| {
        let url = "https://cloudflare-dns.com/dns-query?name=_org-domain-ownership.granite.example&type=TXT";
        other.serve(url, 200, answer.to_string());
    };
    zone(&json!({ "Status": 3 }));
    for expected in [true, false] {
        other.ring_alarms();
        assert_eq!(verified(), json!(expected));
    }
    let claims = Statement::new("SELECT domain FROM domain_claim");
    assert!(other.directory().sql().run(claims).unwrap().is_empty(), "others may have it");
}

/// Revocation stays: a document of before brings no ticket of before back.
#[test]
fn an_old_ticket_opens_nothing() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let mails = granite.world.mails();
    let mail = mails.iter().find(|mail| mail.to == "open@mail.example").unwrap();
    let link = mail.text.split_whitespace().find(|word| word.contains("ticket=")).unwrap();
    let open = || Browser::new(&granite.world).open(link).status.as_u16();
    assert_eq!(open(), 200);
    let path = format!("/realms/travel0/orgs/{}", granite.org);
    assert_eq!(granite.world.delete(&path, &granite.admin).status, 204);
    assert_eq!(open(), 404);
    let mut alone = document.clone();
    alone["organizations"].as_array_mut().unwrap().truncate(1);

    imported(&granite.world, "", &alone);

    assert_eq!(open(), 404, "the same organization, the same invitation, another version");
}

#[test]
fn an_open_invitation_is_found_by_whom_it_invites() {
    let granite = rich();
    let mut document = export(&granite.world, OURS);
    for invitation in document["organizations"][0]["invitations"].as_array_mut().unwrap() {
        if invitation["email"] == "open@mail.example" {
            invitation["email"] = json!("jonno@rocky-mountain.example");
        }
    }
    let other = place_for(&granite.world);
    imported(&other, "", &document);
    let path = format!("/realms/travel0/users/{}/invitations", user(&other, "jonno").unwrap().id);
    let mine = other.get(&path, &admin(&other)).json();
    assert_eq!(mine[0]["email"], "jonno@rocky-mountain.example");
}

/// What is wrong with a document that could otherwise be imported.
const REFUSALS: &[Refusal] = &[
    ("another version", "/version", "2", 400, "version 2 of guildhall is not known"),
    ("another format", "/format", r#""csv""#, 400, r#"format "csv" is not known"#),
    ("no format", "/format", "1", 400, "format 1 is not known"),
    ("an unknown member", "/unheardOf", "1", 400, "unheardOf"),
    ("an unknown member of an organization", "/organizations/0/unheardOf", "1", 400, "unheardOf"),
    (
        "an unknown member of a member",
        "/organizations/0/members/0/unheardOf",
        "1",
        400,
        "unheardOf",
    ),
    (
        "an unknown member of a provider",
        "/identityProviders/0/provider/unheardOf",
        "1",
        400,
        "unheardOf",
    ),
    (
        "a secret of SCIM",
        "/organizations/0/scim/auth/shared_secret",
        r#""x""#,
        400,
        "shared_secret",
    ),
    ("a time before time", "/organizations/0/createdAt", "-1", 400, "not a moment"),
    (
        "a time after time",
        "/organizations/0/members/0/joinedAt",
        "9223372036854775807",
        400,
        "not a moment",
    ),
    (
        "a version beyond all",
        "/organizations/0/scimUsers/0/version",
        "1099511627776",
        400,
        "Cannot parse the JSON",
    ),
    ("an id that is none", "/organizations/0/id", r#""a b""#, 400, "not an identifier"),
    ("an alias that is none", "/organizations/0/alias", r#""a b""#, 400, "not an alias"),
    ("an id that is a path", "/organizations/0/id", r#""export""#, 400, "path of ours"),
    ("an id that exists", "/organizations/0/id", r#""there""#, 409, "id there"),
    ("an alias that exists", "/organizations/0/alias", r#""there""#, 409, "alias there"),
    (
        "a name that exists",
        "/organizations/0/name",
        r#""there""#,
        409,
        "Imported organizations duplicate.",
    ),
    ("no name", "/organizations/0/name", r#""""#, 400, "name is missing"),
    ("a script for a logo", "/organizations/0/logoUrl", r#""javascript:alert(1)""#, 400, "logoUrl"),
    ("a logo of elsewhere", "/organizations/0/logoUrl", r#""//evil.example/x""#, 400, "logoUrl"),
    (
        "a role that is not there",
        "/organizations/0/members/0/roles",
        r#"["swimmer"]"#,
        400,
        "the role swimmer",
    ),
    ("a source that is none", "/organizations/0/members/0/source", r#""luck""#, 400, "luck"),
    (
        "a group in none",
        "/organizations/0/groups/0/parentId",
        r#""nowhere""#,
        400,
        "in none that is there",
    ),
    ("a group without a name", "/organizations/0/groups/0/name", r#""""#, 400, "a group's name"),
    (
        "a group with a role that is not there",
        "/organizations/0/groups/0/roles",
        r#"["swimmer"]"#,
        400,
        "the role swimmer",
    ),
    ("a name that is no path", "/organizations/0/groups/0/name", r#""a~""#, 400, "no ~ at its end"),
    (
        "a stranger in a group",
        "/organizations/0/groups/0/members",
        r#"["stranger"]"#,
        400,
        "stranger is in group",
    ),
    (
        "an invitation to nowhere",
        "/organizations/0/invitations/0/redirectUri",
        r#""ftp://x""#,
        400,
        "web address",
    ),
    (
        "a status that is none",
        "/organizations/0/invitations/0/history/0/status",
        r#""lost""#,
        400,
        "lost",
    ),
    (
        "a provider that is not there",
        "/organizations/0/identityProviders/0/alias",
        r#""nowhere""#,
        400,
        "nowhere does not exist",
    ),
    (
        "a resource that is none",
        "/organizations/0/scimUsers/0/resource",
        r#"{"userName":7}"#,
        400,
        "SCIM resource",
    ),
    (
        "a resource on its way",
        "/organizations/0/scimUsers/0/stage",
        r#""provisioning""#,
        400,
        "stage",
    ),
    (
        "a colon in a username",
        "/organizations/0/scim/auth",
        r#"{"type":"EXTERNAL_BASIC","username":"a:b"}"#,
        400,
        "colon",
    ),
    (
        "no username",
        "/organizations/0/scim/auth",
        r#"{"type":"EXTERNAL_BASIC","username":""}"#,
        400,
        "username is missing",
    ),
    ("a kind that is none", "/organizations/0/scim/auth", r#"{"type":"NOBODYS"}"#, 400, "NOBODYS"),
    (
        "any issuer",
        "/organizations/0/scim/auth",
        r#"{"type":"EXTERNAL_JWT","issuer":"*","audience":"scim","jwks_uri":"https://keys.example"}"#,
        400,
        "auth.issuer",
    ),
    (
        "a provider of no kind",
        "/identityProviders/0/provider/providerId",
        r#""kerberos""#,
        400,
        "kerberos",
    ),
    ("a provider without an alias", "/identityProviders/0/provider/alias", "null", 400, "no alias"),
    (
        "a URL that is none",
        "/identityProviders/0/provider/config/tokenUrl",
        r#""nowhere""#,
        400,
        "tokenUrl",
    ),
    (
        "a mapper without a kind",
        "/identityProviders/0/mappers/0/identityProviderMapper",
        r#""""#,
        400,
        "identityProviderMapper",
    ),
    (
        "a mapper twice",
        "/identityProviders/0/mappers/0/name",
        r#""zeta""#,
        400,
        "mapper zeta is there twice",
    ),
];

/// A list of an organization that has something twice, and what is said of it.
const TWICE: &[(&str, &str)] = &[
    ("roles", "is there twice"),
    ("members", "is a member twice"),
    ("groups", "is there twice"),
    ("invitations", "invited twice"),
    ("scimUsers", "is there twice"),
    ("identityProviders", "it uses granite-idp twice"),
];

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    let there = json!({ "id": "there", "name": "there" });
    let token = admin(&other);
    assert_eq!(other.post("/realms/travel0/orgs", &token, &there).status, 201);
    let before = other.dump();
    let refused = |why: &str, changed: &Value, status: u16, words: &str| {
        let answer = other.post(IMPORT, &token, changed);
        assert_eq!(answer.status.as_u16(), status, "{why}: {answer:?}");
        assert!(answer.text.contains(&words.replace('"', "\\\"")), "{why}: {answer:?}");
        assert_eq!(other.dump(), before, "{why}");
    };
    for (why, pointer, text, status, words) in REFUSALS {
        refused(why, &changed(&document, pointer, text), *status, words);
    }
    for (list, words) in TWICE {
        let mut twice = document.clone();
        let list = twice["organizations"][0][list].as_array_mut().unwrap();
        list.push(list[0].clone());
        refused(words, &twice, 400, words);
    }
    let mut circle = document.clone();
    let groups = circle["organizations"][0]["groups"].as_array_mut().unwrap();
    let child = groups.iter_mut().find(|group| group["id"] == "aa-child").unwrap();
    child["parentId"] = json!("bb-child");
    refused("a circle of groups", &circle, 400, "in itself");
    let mut deep = document.clone();
    let groups = deep["organizations"][0]["groups"].as_array_mut().unwrap();
    for depth in 0..=MAX_GROUP_DEPTH {
        let mut group = json!({ "id": format!("deep-{depth}"), "name": "deep", "members": [] });
        if depth > 0 {
            group["parentId"] = json!(format!("deep-{}", depth - 1));
        }
        groups.push(group);
    }
    refused("groups that are too deep", &deep, 400, "MAX_GROUP_DEPTH");
    let huge = json!(format!("https://{}", "x".repeat(16 * 1024))).to_string();
    let huge = changed(&document, "/organizations/0/logoUrl", &huge);
    refused("a huge logo", &huge, 400, "MAX_LOGO_BYTES");
    assert_eq!(other.post(IMPORT, &token, &document).status, 200, "as it is, it can");
}

#[test]
fn settings_of_the_realm_count() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    for (setting, words) in
        [("shared_idps", "sharedIdpsEnabled"), ("multiple_idps", "multipleIdpsEnabled")]
    {
        let other = place_for(&granite.world);
        set(&other, &[(setting, "false")]);
        let answer = import(&other, "", &document);
        assert_eq!(answer.status, 400, "{setting}");
        assert!(problems(&answer).contains(words), "{answer:?}");
    }
    let other = place_for(&granite.world);
    set(&other, &[("create_admin_user", "true")]);
    let report = imported(&other, "", &document).json();
    assert_eq!(report["organizations"][0]["administrator"], json!(true));
    assert_eq!(export(&other, OURS), document, "what comes along stays out");
}

#[test]
fn a_provider_that_is_there_is_used_as_it_is() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    provider(&other, "granite-idp");

    let report = imported(&other, "", &document).json();

    assert_eq!(report["identityProvidersUsed"], json!(["granite-idp"]));
    assert_eq!(report["identityProvidersCreated"], json!(["shared-idp"]));
    let idp = &below(&other, "Granite Outpost", "/idps")[0];
    assert_eq!(
        (&idp["alias"], &idp["config"]["tokenUrl"], &idp["hideOnLogin"]),
        (&json!("granite-idp"), &Value::Null, &json!(false))
    );
}

#[test]
fn who_brings_providers_along_manages_providers() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    let token = holder_of(&other, &["view-organizations", "manage-organizations"]);
    let refused = other.post(IMPORT, &token, &document);
    assert_eq!(refused.status, 403);
    assert!(message(&refused).contains("manage-identity-providers"), "{refused:?}");
    let mut without = document;
    without["identityProviders"] = json!([]);
    let skipping = format!("{IMPORT}?skipMissingIdp=true");
    assert_eq!(other.post(&skipping, &token, &without).status, 200);
    assert!(listed(&other, "Granite Outpost").is_some());
}

#[test]
fn roles_mapped_to_groups_go_by_their_names_and_are_the_callers_to_give() {
    let granite = rich();
    let mut document = export(&granite.world, OURS);
    let at = |document: &Value, id: &str| {
        let groups = document["organizations"][0]["groups"].as_array().unwrap().iter();
        groups.clone().position(|group| group["id"] == id).unwrap()
    };
    let place = at(&document, "bb-child");
    let group = &mut document["organizations"][0]["groups"][place];
    assert_eq!(group["realmRoles"], json!(["offline_access"]));
    group["clientRoles"] = json!({ "realm-management": ["view-users"] });
    let mut unknown = document.clone();
    unknown["organizations"][0]["groups"][place]["realmRoles"] = json!(["no-such-role"]);

    let other = place_for(&granite.world);
    let refused = import(&other, "", &unknown);
    assert_eq!(refused.status, 400);
    assert!(message(&refused).contains("no-such-role, which is not in the realm"), "{refused:?}");
    let roles = ["view-organizations", "manage-organizations", "manage-identity-providers"];
    let token = holder_of(&other, &roles);
    let refused = other.post(IMPORT, &token, &document);
    assert_eq!(refused.status, 403, "{refused:?}");
    assert!(message(&refused).contains("not the caller's to give"), "{refused:?}");

    imported(&other, "", &document);
    let again = export(&other, OURS);
    let group = &again["organizations"][0]["groups"][at(&again, "bb-child")];
    assert_eq!(group["clientRoles"], json!({ "realm-management": ["view-users"] }));
    assert_eq!(group["realmRoles"], json!(["offline_access"]));
}

#[test]
fn more_statements_than_one_batch_has_are_refused_by_name() {
    let granite = rich();
    let mut document = export(&granite.world, OURS);
    let mapper =
        |number: i32| json!({ "name": format!("m{number}"), "identityProviderMapper": "x" });
    document["identityProviders"][0]["mappers"] = (0..950).map(mapper).collect();
    let other = place_for(&granite.world);
    let answer = import(&other, "", &document);
    assert_eq!(answer.status, 400);
    assert!(message(&answer).contains("at most 950 (MAX_STATEMENTS)"), "{answer:?}");
    assert_eq!(import(&other, "dryRun=true", &document).json()["status"], json!(400));
}

#[test]
fn an_import_is_bounded_in_what_it_asks() {
    let granite = rich();
    let document = export(&granite.world, OURS);
    let other = place_for(&granite.world);
    let token = admin(&other);
    let (answer, trips) = other.trips_of(|| other.post(IMPORT, &token, &document));
    assert_eq!(answer.status, 200);
    assert_eq!(trips.objects, 2 * 3, "each is asked twice");
    other.advance(Seconds(1));
    let dry = format!("{IMPORT}?dryRun=true");
    let (_, trips) = other.trips_of(|| other.post(&dry, &token, &document));
    assert_eq!(trips.objects, 0);
    assert!(trips.directory <= 12, "{trips:?}");
}
