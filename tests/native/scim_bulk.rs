//! `/Bulk` (RFC 7644 §3.7).
use crate::harness::browser::Answer;
use crate::scim_life::registered;
use crate::scim_setup::{Directory, active, count_people, person, travel0, user};
use guildhall::scim::bulk::MAX_TRIPS;
use http::Method;
use serde_json::{Value, json};

const URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub fn request(operations: &[Value]) -> Value {
    json!({ "schemas": [URN], "Operations": operations })
}

pub fn post(id: &str, data: &Value) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": id, "data": data })
}

/// The creation of `ann` with the address `ann@granite.example`, called `ann`.
pub fn creation(name: &str) -> Value {
    post(name, &person(name, &format!("{name}@granite.example")))
}

fn send(directory: &Directory<'_>, body: &Value) -> Answer {
    directory.send(Method::POST, "/Bulk", Some(body))
}

/// What came of `operations`, each of which is told.
fn outcomes(directory: &Directory<'_>, operations: &[Value]) -> Vec<Value> {
    let answer = send(directory, &request(operations));
    assert_eq!(answer.status, 200, "{answer:?}");
    let told = answer.json()["Operations"].as_array().unwrap().clone();
    assert_eq!(told.len(), operations.len(), "{told:?}");
    told
}

fn statuses(outcomes: &[Value]) -> Vec<&str> {
    outcomes.iter().map(|one| one["status"].as_str().unwrap()).collect()
}

fn at(outcome: &Value) -> String {
    let location = outcome["location"].as_str().unwrap();
    location[location.find("/Users/").unwrap()..].to_owned()
}

#[test]
fn every_operation_is_done_and_told_in_its_place() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let [put, patch, delete] = ["put", "patch", "gone"]
        .map(|name| granite.pushed(&person(name, &format!("{name}@x.example"))));

    let told = outcomes(
        &granite,
        &[
            creation("ann"),
            json!({ "method": "PUT", "path": put, "version": "W/\"1\"",
                    "data": person("renamed", "put@x.example") }),
            json!({ "method": "patch", "path": patch, "data": active(false) }),
            json!({ "method": "DELETE", "path": delete }),
        ],
    );

    assert_eq!(statuses(&told), ["201", "200", "200", "204"]);
    let new = at(&told[0]);
    let base = granite.get(&new).json()["meta"]["location"].clone();
    let wanted = json!({ "method": "POST", "bulkId": "ann", "status": "201",
                         "version": "W/\"1\"", "location": base });
    assert_eq!(told[0], wanted);
    assert_eq!(told[1]["version"], "W/\"2\"");
    assert_eq!(
        (at(&told[1]), at(&told[2]), at(&told[3])),
        (put.clone(), patch.clone(), delete.clone())
    );
    assert!(told[3].get("version").is_none(), "nothing is there");
    assert_eq!(granite.get(&new).json()["userName"], "ann");
    assert_eq!(granite.get(&put).json()["userName"], "renamed");
    assert_eq!(granite.get(&patch).json()["active"], false);
    assert_eq!(granite.get(&delete).status, 404);
    assert!(granite.claims(&user(&world, "ann@granite.example").unwrap()).is_some());
}

#[test]
fn an_answer_is_a_bulk_response() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let answer = send(&granite, &request(&[]));
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    assert_eq!(
        (answer.status.as_u16(), answer.json()),
        (200, json!({ "schemas": [urn], "Operations": [] }))
    );
}

/// RFC 7644 §3.7.2: whatever an operation refers to is there before it runs.
#[test]
fn references_are_followed_forwards_and_into_paths() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let mut report = person("report", "report@granite.example");
    report[ENTERPRISE] = json!({ "manager": { "value": "bulkId:boss" } });

    let told = outcomes(
        &granite,
        &[
            json!({ "method": "PATCH", "path": "/Users/bulkId:report", "data": active(false) }),
            post("report", &report),
            creation("boss"),
        ],
    );

    assert_eq!(statuses(&told), ["200", "201", "201"]);
    let boss = at(&told[2]).replace("/Users/", "");
    let made = granite.get(&at(&told[1])).json();
    assert_eq!(made[ENTERPRISE]["manager"]["value"], json!(boss));
    assert_eq!(made["active"], false);
}

#[test]
fn a_circle_of_references_is_closed() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let managed = |name: &str, by: &str| {
        let mut body = person(name, &format!("{name}@granite.example"));
        body[ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{by}") } });
        post(name, &body)
    };

    let told = outcomes(&granite, &[managed("a", "b"), managed("b", "c"), managed("c", "a")]);

    assert_eq!(statuses(&told), ["201"; 3]);
    let ids: Vec<String> = told.iter().map(|one| at(one).replace("/Users/", "")).collect();
    for (one, manager) in [(0, 1), (1, 2), (2, 0)] {
        let made = granite.get(&at(&told[one])).json();
        assert_eq!(made[ENTERPRISE]["manager"]["value"], json!(ids[manager]));
        assert_eq!(made["meta"]["version"], told[one]["version"], "as told");
    }
}

/// Who cannot be completed is not left half made.
#[test]
fn a_circle_that_breaks_leaves_nothing() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    granite.pushed(&person("b", "taken@granite.example"));
    let people = count_people(&world);
    let managed = |name: &str, by: &str| {
        let mut body = person(name, &format!("{name}@granite.example"));
        body[ENTERPRISE] = json!({ "manager": { "value": format!("bulkId:{by}") } });
        post(name, &body)
    };

    let told = outcomes(&granite, &[managed("b", "a"), managed("a", "b")]);

    assert_eq!(statuses(&told), ["409", "409"]);
    assert_eq!(granite.count(r#"userName eq "a""#), 0);
    assert_eq!(count_people(&world), people);
}

#[test]
fn each_refusal_is_told_and_the_others_are_done() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let taken = granite.pushed(&person("taken", "taken@granite.example"));
    let manager = json!({ "op": "add", "path": "title", "value": "bulkId:nobody" });
    let cases = [
        (creation("ann"), "201", Value::Null),
        (creation("taken"), "409", json!("uniqueness")),
        (post("ann", &person("other", "other@granite.example")), "400", json!("invalidValue")),
        (post("x", &json!({})), "400", json!("invalidValue")),
        (
            json!({ "method": "POST", "path": "/Users", "data": person("y", "y@x.example") }),
            "400",
            json!("invalidSyntax"),
        ),
        (
            json!({ "method": "POST", "path": "/Users/7", "bulkId": "z", "data": {} }),
            "400",
            json!("invalidPath"),
        ),
        (json!({ "method": "GET", "path": taken }), "400", json!("invalidSyntax")),
        (json!({ "method": "DELETE", "path": "/Users" }), "400", json!("invalidPath")),
        (json!({ "method": "DELETE", "path": "/Nothing/7" }), "400", json!("invalidPath")),
        (json!({ "method": "DELETE", "path": "/Users/7" }), "404", Value::Null),
        (json!({ "method": "DELETE", "path": taken, "version": "W/\"9\"" }), "412", Value::Null),
        (
            json!({ "method": "DELETE", "path": "/Users/bulkId:nobody" }),
            "409",
            json!("invalidValue"),
        ),
        (
            json!({ "method": "PATCH", "path": taken, "data": { "Operations": [manager] } }),
            "409",
            json!("invalidValue"),
        ),
        (
            json!({ "method": "PATCH", "path": taken, "data": { "Operations": [] } }),
            "400",
            json!("invalidSyntax"),
        ),
        (creation("bob"), "201", Value::Null),
    ];
    let operations: Vec<Value> = cases.iter().map(|(operation, ..)| operation.clone()).collect();

    let told = outcomes(&granite, &operations);

    for ((operation, status, scim_type), outcome) in cases.iter().zip(&told) {
        assert_eq!(outcome["status"], *status, "{operation} {outcome}");
        assert_eq!(outcome["response"]["scimType"], *scim_type, "{operation}");
        let is_done = outcome.get("response").is_none();
        assert_eq!(outcome.get("location").is_some(), is_done, "{operation}");
        assert!(is_done || outcome["response"]["status"] == *status, "{operation}");
    }
    assert_eq!(granite.count(r#"userName eq "taken""#), 1);
}

#[test]
fn after_so_many_errors_the_rest_is_not_done() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    granite.pushed(&person("taken", "taken@granite.example"));
    let people = count_people(&world);
    // The first is refused for its name, the second for who it is about.
    let same = post("same", &person("same", "taken@granite.example"));
    let operations = [creation("a"), creation("taken"), creation("b"), same, creation("c")];
    for (limit, told, made) in [(1, 2, 1), (2, 4, 2)] {
        let mut body = request(&operations);
        body["failOnErrors"] = json!(limit);

        let answer = send(&granite, &body);

        assert_eq!(answer.json()["Operations"].as_array().unwrap().len(), told, "{limit}");
        assert_eq!(count_people(&world), people + made, "{limit}: nobody more");
        let at = answer.json()["Operations"][0].clone();
        granite.delete(&self::at(&at));
        if limit == 2 {
            granite.delete(&self::at(&answer.json()["Operations"][2]));
        }
        assert_eq!(count_people(&world), people);
    }
    for limit in [json!(0), json!(-1), json!("1"), json!(1.5)] {
        let mut body = request(&[creation("d")]);
        body["failOnErrors"] = limit.clone();
        assert_eq!(send(&granite, &body).status, 400, "{limit}");
    }
}

#[test]
fn what_is_no_bulk_request_is_refused_whole() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let bodies = [
        json!({}),
        json!({ "Operations": {} }),
        request(&[json!("x")]),
        request(&[json!({ "method": 1 })]),
        request(&[json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": [] })]),
    ];
    for body in bodies {
        let answer = send(&granite, &body);
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["scimType"], "invalidSyntax", "{body}");
    }
}

#[test]
fn the_limits_are_stated_and_kept() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let stated = granite.get("/ServiceProviderConfig").json()["bulk"].clone();
    let wanted = json!({ "supported": true, "maxOperations": 1_000, "maxPayloadSize": 1_048_576 });
    assert_eq!(stated, wanted);
    let gone = json!({ "method": "DELETE", "path": "/Users/7" });

    let most = send(&granite, &request(&vec![gone.clone(); 1_000]));
    assert_eq!(most.json()["Operations"].as_array().unwrap().len(), 1_000);
    let more = send(&granite, &request(&vec![gone.clone(); 1_001]));
    assert_eq!((more.status.as_u16(), &more.json()["scimType"]), (413, &json!("tooMany")));
    let fat = send(&granite, &json!({ "Operations": [gone], "x": "x".repeat(1_048_577) }));
    assert_eq!((fat.status.as_u16(), &fat.json()["status"]), (413, &json!("413")));
}

/// Whoever is reached by no push is reached by none of a thousand.
#[test]
fn nobody_is_taken_over() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let own = registered(&world, "mara", "mara@granite-outpost.example", true);
    let jonno = user(&world, "jonno").unwrap();

    let told = outcomes(
        &granite,
        &[
            post("a", &person("x", "mara@granite-outpost.example")),
            post("b", &json!({ "userName": "jonno" })),
            post("c", &person("z", "Jonno@Rocky-Mountain.example")),
            creation("ann"),
        ],
    );

    assert_eq!(statuses(&told), ["201", "201", "409", "201"], "two names for one person");
    for one in [&own, &jonno] {
        assert_eq!(granite.claims(one), None);
        assert_eq!(user(&world, one.username.as_str()).as_ref(), Some(one));
    }
    assert!(!granite.trail().contains(jonno.id.as_str()));
}

/// A name that is somebody's, and none, among many that are free.
#[test]
fn who_cannot_have_their_name_is_made_all_the_same() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    registered(&world, "odd@granite.example", "else@where.example", true);
    let people = count_people(&world);

    let told = outcomes(
        &granite,
        &[creation("odd"), post("n", &json!({ "userName": "Ann Lee / 7" })), creation("ann")],
    );

    assert_eq!(statuses(&told), ["201"; 3]);
    assert_eq!(count_people(&world), people + 3);
}

#[test]
fn a_thousand_users_cost_tens_of_trips() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let people = count_people(&world);
    let operations: Vec<Value> = (0..1_000).map(|number| creation(&format!("u{number}"))).collect();

    let (told, trips) = world.trips_of(|| outcomes(&granite, &operations));

    assert_eq!(statuses(&told), ["201"; 1_000]);
    assert_eq!(count_people(&world), people + 1_000);
    assert!(trips.objects <= 201 && trips.directory <= 100, "{trips:?}");
    let last = user(&world, "u999@granite.example").unwrap();
    assert!(granite.claims(&last).is_some(), "a member");
    for _ in 0..10 {
        world.ring_alarms();
    }
    assert_eq!(granite.rows("SELECT kind FROM scim_errand").len(), 0, "every account is made");
}

/// What mixes so much that the platform would cut it off is told so in time.
#[test]
fn a_request_leaves_the_object_so_often_and_no_more() {
    let world = travel0();
    let granite = Directory::connect(&world, "granite-outpost");
    let gone = json!({ "method": "DELETE", "path": "/Users/7" });
    let operations: Vec<Value> = (0..=MAX_TRIPS)
        .flat_map(|number| [creation(&format!("u{number}")), gone.clone()])
        .collect();

    let told = outcomes(&granite, &operations);

    let (last, before) = (&told[told.len() - 2], &told[told.len() - 4]);
    assert_eq!((&before["status"], &last["status"]), (&json!("201"), &json!("503")));
    assert_eq!(statuses(&outcomes(&granite, &operations[operations.len() - 2..])), ["201", "404"]);
}
