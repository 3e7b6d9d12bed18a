//! An import that is killed between two of its steps, that fails, or that meets
//! another one: all of it or nothing, and the same import again succeeds.
use crate::harness::browser::{Answer, json_request};
use crate::harness::world::World;
use crate::scim_setup::{admin, realm, user};
use crate::transfer_setup::{
    IMPORT, below, elsewhere, export, import, imported, listed, message, one, phase_two, ready,
    rich, set,
};
use bytes::Bytes;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::time::Seconds;
use guildhall::org::stage::STAGED_LIFE;
use guildhall::platform::sql::{Sql, Statement};
use http::{Method, Request};
use serde_json::{Value, json};

/// A document with ids of its own and more organizations than are staged at once.
fn many() -> Value {
    let hiroko = json!([{ "username": "hiroko", "roles": ["view-members"] }]);
    let organization = |number: u32| json!({ "organization": { "id": format!("id-{number}"), "name": format!("org {number}") }, "members": hiroko });
    json!({ "organizations": (0..10).map(organization).collect::<Vec<_>>() })
}

fn request(world: &World, document: &Value) -> Request<Bytes> {
    json_request(Method::POST, IMPORT, &admin(world), Some(document))
}

/// How many of [`many`]'s organizations are seen: in the list, one by one, and by
/// their member.
fn seen(world: &World) -> [usize; 3] {
    let admin = admin(world);
    let list = world.get("/realms/travel0/orgs?search=org&max=100", &admin).json();
    let listed = list.as_array().unwrap().iter();
    let listed = listed.filter(|one| one["id"].as_str().unwrap().starts_with("id-")).count();
    let read = |number: &u32| {
        let path = format!("/realms/travel0/orgs/id-{number}/members/count");
        world.get(&path, &admin).status == 200
    };
    let hiroko = user(world, "hiroko").unwrap().id;
    let hers = world.get(&format!("/realms/travel0/users/{hiroko}/orgs"), &admin).json();
    let hers = hers.as_array().unwrap().iter();
    let hers = hers.filter(|one| one["id"].as_str().unwrap().starts_with("id-")).count();
    [listed, (0..10).filter(read).count(), hers]
}

/// Everything that the directory keeps, but for tokens and events.
fn imports(world: &World) -> usize {
    let all = Statement::new("SELECT id FROM organization_import");
    world.directory().sql().run(all).unwrap().len()
}

const BEFORE_THE_COMMIT: [&str; 2] = ["org.import.after_object", "org.import.after_stage"];

const AFTER_THE_COMMIT: [&str; 4] = [
    "org.import.after_directory",
    "org.create.after_settle",
    "org.outbox.before_drain",
    "org.outbox.after_directory",
];

#[test]
fn an_import_killed_before_its_commit_leaves_nothing() {
    for point in BEFORE_THE_COMMIT {
        let world = ready();
        let objects = world.count_objects();
        world.crash_at(point, request(&world, &many()));

        assert!(world.count_objects() > objects, "{point}: some hold something");
        assert_eq!(seen(&world), [0; 3], "{point}");
        world.ring_alarms();

        assert_eq!(seen(&world), [0; 3], "{point}");
        assert_eq!(world.count_objects(), objects, "{point}: the objects are blank again");
        imported(&world, "", &many());
        assert_eq!(seen(&world), [10; 3], "{point}");
    }
}

#[test]
fn the_same_import_need_not_wait_for_the_alarms() {
    for point in BEFORE_THE_COMMIT {
        let world = ready();
        world.crash_at(point, request(&world, &many()));

        imported(&world, "", &many());

        assert_eq!(seen(&world), [10; 3], "{point}");
        world.ring_alarms();
        assert_eq!(seen(&world), [10; 3], "{point}: the alarms of before undo nothing");
        assert_eq!(below(&world, "org 7", "/members/count"), json!(1));
        assert_eq!(import(&world, "", &many()).status, 409, "{point}: now it is there");
    }
}

#[test]
fn an_import_killed_after_its_commit_is_whole() {
    for point in AFTER_THE_COMMIT {
        let world = ready();
        world.crash_at(point, request(&world, &many()));

        let [listed, read, hers] = seen(&world);
        assert_eq!((listed, hers), (10, 10), "{point}: by the directory");
        assert_eq!(read, 10, "{point}: each object finds out when it is asked");
        world.ring_alarms();

        assert_eq!(seen(&world), [10; 3], "{point}");
        assert_eq!(below(&world, "org 3", "/members/count"), json!(1), "{point}");
        assert_eq!(import(&world, "", &many()).status, 409, "{point}");
    }
}

#[test]
fn what_a_crash_left_untold_is_told_by_the_alarms() {
    for point in AFTER_THE_COMMIT {
        let world = ready();
        world.crash_at(point, request(&world, &phase_two()));

        world.ring_alarms();
        world.deliver_queue();

        let path =
            "/admin/realms/travel0/admin-events?resourceTypes=ORGANIZATION_MEMBERSHIP&max=1000";
        let events = world.get(path, &admin(&world)).json();
        let blue = listed(&world, "Blue River").unwrap()["id"].as_str().unwrap().to_owned();
        let told = events.as_array().unwrap().iter();
        let told = told.filter(|one| one["resourcePath"].as_str().unwrap().contains(&blue)).count();
        assert_eq!(told, 2, "{point}: each once");
        let invited = Statement::new("SELECT email FROM invited");
        let rows = world.directory().sql().run(invited).unwrap();
        assert_eq!(rows.len(), 1, "{point}");
    }
}

#[test]
fn everything_of_ours_survives_a_crash_after_the_commit() {
    let granite = rich();
    let document = export(&granite.world, "format=guildhall");
    for point in AFTER_THE_COMMIT {
        let other = elsewhere(&granite.world);
        set(&other, &[("shared_idps", "true"), ("multiple_idps", "true")]);
        other.crash_at(point, request(&other, &document));
        assert_eq!(export(&other, "format=guildhall"), document, "{point}: before the alarms");
        other.ring_alarms();
        assert_eq!(export(&other, "format=guildhall"), document, "{point}: and after");
    }
}

/// Whoever dies while it takes the place of one that died, is taken the place of.
#[test]
fn a_second_crash_changes_nothing() {
    for point in ["org.import.after_give_up", "org.import.after_object", "org.import.after_stage"] {
        let world = ready();
        let objects = world.count_objects();
        world.crash_at("org.import.after_stage", request(&world, &many()));
        world.crash_at(point, request(&world, &many()));
        assert_eq!(seen(&world), [0; 3], "{point}");

        imported(&world, "", &many());
        assert_eq!(seen(&world), [10; 3], "{point}");
        assert_eq!(world.count_objects(), objects + 10, "{point}");
    }
    let world = ready();
    let objects = world.count_objects();
    world.crash_at("org.import.after_stage", request(&world, &many()));
    world.crash_at("org.import.after_give_up", request(&world, &many()));
    world.ring_alarms();
    assert_eq!(world.count_objects(), objects, "the alarms, too");
}

/// The later import wins, the earlier one makes nothing: never both, never a mix.
#[test]
fn an_import_that_is_overtaken_makes_nothing() {
    let world = ready();
    let mut later = many();
    later["organizations"].as_array_mut().unwrap().truncate(3);
    later["organizations"][1]["organization"]["displayName"] = json!("the later one's");

    let answer = world.meanwhile("org.import.after_stage", request(&world, &many()), || {
        imported(&world, "", &later);
    });

    let answer = Answer::new(answer);
    assert_eq!(answer.status, 409);
    assert_eq!(seen(&world), [3; 3]);
    assert_eq!(listed(&world, "org 1").unwrap()["displayName"], "the later one's");
    assert_eq!(below(&world, "org 1", "")["displayName"], "the later one's");
    world.ring_alarms();
    assert_eq!(seen(&world), [3; 3]);
}

/// The same, when what the later one wants has other names: nothing but the import
/// itself stands in the way, and it says so.
#[test]
fn an_import_that_is_overtaken_is_told() {
    let world = ready();
    let mut later = many();
    for organization in later["organizations"].as_array_mut().unwrap() {
        let name =
            organization["organization"]["name"].as_str().unwrap().replace("org", "later org");
        organization["organization"]["name"] = json!(name);
    }
    let gone = || {
        imported(&world, "", &later);
        for number in 0..10 {
            let path = format!("/realms/travel0/orgs/id-{number}");
            assert_eq!(world.delete(&path, &admin(&world)).status, 204);
        }
    };

    let answer = world.meanwhile("org.import.after_stage", request(&world, &many()), gone);

    let answer = Answer::new(answer);
    assert_eq!(answer.status, 409);
    assert!(message(&answer).contains("a later import"), "{answer:?}");
    assert_eq!(seen(&world), [0; 3]);
    imported(&world, "", &many());
}

/// Of two that want each other's place, one gets it: the one that asked first.
#[test]
fn two_imports_do_not_take_each_others_place() {
    let world = ready();
    let mut later = many();
    for organization in later["organizations"].as_array_mut().unwrap() {
        organization["organization"]["url"] = json!("https://later.example");
    }
    let answer = world.meanwhile("org.import.after_object", request(&world, &many()), || {
        world.crash_at("org.import.after_stage", request(&world, &later));
    });

    let answer = Answer::new(answer);
    assert_eq!(answer.status, 409);
    assert!(message(&answer).contains("a later import"), "{answer:?}");
    let home = realm(&world).id;
    let held = (0..10).filter(|number| {
        let object = ObjectName::Org(home.clone(), format!("id-{number}").parse().unwrap());
        let url =
            Statement::new("SELECT url FROM organization WHERE url = 'https://later.example'");
        !world.with_object(&object, |sql| sql.run(url)).unwrap().is_empty()
    });
    assert_eq!(held.count(), 10, "the earlier one takes nothing from the later one");
    assert_eq!(seen(&world), [0; 3]);
}

/// An object that waited too long gives the import up, and the import learns it.
#[test]
fn an_import_that_takes_too_long_makes_nothing() {
    let world = ready();
    let objects = world.count_objects();
    let answer = world.meanwhile("org.import.after_stage", request(&world, &many()), || {
        world.advance(STAGED_LIFE);
        world.ring_alarms();
    });
    let answer = Answer::new(answer);
    assert_eq!(answer.status, 409);
    assert!(message(&answer).contains("took too long"), "{answer:?}");
    assert_eq!(seen(&world), [0; 3]);
    assert_eq!(world.count_objects(), objects);
}

/// What somebody does meanwhile, and what the import then answers.
type Meanwhile = (&'static str, fn(&World), u16, &'static str);

/// What is taken while the import is on its way: the constraint refuses the batch,
/// and the answer says what it is.
#[test]
fn what_was_made_meanwhile_is_told_by_its_name() {
    let cases: [Meanwhile; 6] = [
        (
            "the name",
            |world| {
                imported(world, "", &one("Red Rocks"));
            },
            409,
            "Imported organizations duplicate.",
        ),
        (
            "the alias",
            |world| {
                imported(world, "", &one("Red Rocks!"));
            },
            409,
            "alias",
        ),
        (
            "the provider",
            |world| {
                let path = "/admin/realms/travel0/identity-provider/instances/blue-idp";
                assert_eq!(world.delete(path, &admin(world)).status, 204);
            },
            400,
            "blue-idp does not exist",
        ),
        (
            "the provider's use",
            |world| {
                let mut document = one("Another");
                document["organizations"][0]["idpLink"] = json!("blue-idp");
                imported(world, "", &document);
            },
            400,
            "sharedIdpsEnabled",
        ),
        (
            "a member",
            |world| {
                let path =
                    format!("/admin/realms/travel0/users/{}", user(world, "emilio").unwrap().id);
                assert_eq!(world.delete(&path, &admin(world)).status, 204);
            },
            400,
            "user emilio does not exist",
        ),
        (
            "the realm",
            |world| {
                assert_eq!(world.delete("/admin/realms/travel0", &admin(world)).status, 204);
            },
            500,
            "unknown_error",
        ),
    ];
    for (why, meanwhile, status, words) in cases {
        let world = ready();
        let home = realm(&world).id;
        let answer =
            world.meanwhile("org.import.after_stage", request(&world, &phase_two()), || {
                meanwhile(&world);
            });
        let answer = Answer::new(answer);
        assert_eq!(answer.status.as_u16(), status, "{why}: {answer:?}");
        assert!(message(&answer).contains(words), "{why}: {answer:?}");
        let made = Statement::new(
            "SELECT id FROM organization WHERE name = 'Blue River' AND realm_id = ?",
        );
        let rows = world.directory().sql().run(made.bind(home.as_str())).unwrap();
        assert!(rows.is_empty(), "{why}");
    }
}

#[test]
fn a_verified_domain_that_was_taken_meanwhile_refuses_the_import() {
    let granite = rich();
    let document = export(&granite.world, "format=guildhall");
    let other = elsewhere(&granite.world);
    set(&other, &[("shared_idps", "true"), ("multiple_idps", "true")]);
    let claim = format!(
        "INSERT INTO domain_claim VALUES ('{}', 'granite.example', 'somebody', 'c', 1)",
        realm(&other).id
    );
    let answer = other.meanwhile("org.import.after_stage", request(&other, &document), || {
        other.directory().sql().execute_batch(&claim);
    });
    let answer = Answer::new(answer);
    assert_eq!(answer.status, 409);
    assert!(message(&answer).contains("granite.example"), "{answer:?}");
    assert_eq!(listed(&other, "Granite Outpost"), None);
    let providers = Statement::new("SELECT alias FROM identity_provider");
    assert!(other.directory().sql().run(providers).unwrap().is_empty());
}

#[test]
fn a_refused_import_killed_before_it_tells_leaves_nothing() {
    let world = ready();
    let objects = world.count_objects();
    // One object cannot be had: it is somebody else's.
    let taken = json!({ "id": "id-8", "name": "taken" });
    let path = "/realms/travel0/orgs";
    let creation = json_request(Method::POST, path, &admin(&world), Some(&taken));
    world.crash_at("org.create.after_object", creation);

    world.crash_at("org.import.before_undo", request(&world, &many()));

    assert_eq!(seen(&world), [0; 3]);
    world.ring_alarms();
    assert_eq!((seen(&world), world.count_objects()), ([0; 3], objects));
    imported(&world, "", &many());
}

#[test]
fn an_id_that_somebody_is_just_taking_is_taken() {
    let world = ready();
    let creation = json!({ "id": "id-8", "name": "taken" });
    let path = "/realms/travel0/orgs";
    let held = json_request(Method::POST, path, &admin(&world), Some(&creation));
    let answer = world.meanwhile("org.create.after_object", held, || {
        let answer = import(&world, "", &many());
        assert_eq!(answer.status, 409);
        assert!(message(&answer).contains("an id of the document is taken"), "{answer:?}");
    });
    assert_eq!(answer.status(), 201);
    assert_eq!(seen(&world), [0, 1, 0], "only that one");
    let staged =
        world.meanwhile("org.import.after_stage", request(&world, &one_with_id("id-9")), || {
            let other = json!({ "id": "id-9", "name": "other" });
            assert_eq!(
                world.post(path, &admin(&world), &other).status,
                409,
                "and the other way round"
            );
        });
    assert_eq!(staged.status(), 200);
}

fn one_with_id(id: &str) -> Value {
    json!({ "organizations": [{ "organization": { "id": id, "name": format!("org {id}") } }] })
}

/// When nobody can say what became of the batch, nobody acts as if they knew.
#[test]
fn a_directory_that_fails_leaves_the_decision_open() {
    let world = ready();
    let objects = world.count_objects();
    let rename = |from: &str, to: &str| {
        world.directory().sql().execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}"));
    };
    let answer = world.meanwhile("org.import.after_stage", request(&world, &many()), || {
        rename("organization_import", "gone");
    });
    assert_eq!(answer.status(), 500);
    rename("gone", "organization_import");

    assert_eq!(seen(&world), [0; 3]);
    assert_eq!(world.count_objects(), objects + 10, "they wait");
    world.ring_alarms();
    assert_eq!((seen(&world), world.count_objects()), ([0; 3], objects));
    imported(&world, "", &many());
}

#[test]
fn ended_imports_are_forgotten_after_a_day() {
    let world = ready();
    imported(&world, "", &one("first"));
    imported(&world, "", &one("second"));
    assert_eq!(imports(&world), 2);
    world.advance(Seconds::days(1));
    imported(&world, "", &one("third"));
    assert_eq!(imports(&world), 3, "on the boundary, all are remembered");
    world.advance(Seconds(1));
    imported(&world, "", &one("fourth"));
    assert_eq!(imports(&world), 2);
}

#[test]
fn a_deleted_user_is_no_member_whenever_they_went() {
    let world = ready();
    let emilio = user(&world, "emilio").unwrap().id;
    world.crash_at("org.import.after_directory", request(&world, &phase_two()));
    let path = format!("/admin/realms/travel0/users/{emilio}");
    assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    world.deliver_queue();
    world.ring_alarms();

    let blue = listed(&world, "Blue River").unwrap()["id"].as_str().unwrap().to_owned();
    let object = ObjectName::Org(realm(&world).id, blue.parse().unwrap());
    let member =
        Statement::new("SELECT user_id FROM member WHERE user_id = ?").bind(emilio.as_str());
    assert!(world.with_object(&object, |sql| sql.run(member)).unwrap().is_empty());
}

#[test]
fn an_imported_organization_is_deleted_like_any_other() {
    let world = ready();
    let objects = world.count_objects();
    imported(&world, "", &many());
    for number in 0..10 {
        let path = format!("/realms/travel0/orgs/id-{number}");
        assert_eq!(world.delete(&path, &admin(&world)).status, 204);
    }
    assert_eq!((seen(&world), world.count_objects()), ([0; 3], objects));
    imported(&world, "", &many());
    assert_eq!(seen(&world), [10; 3]);
}
