//! Who can be put into a group by an organization's directory: its own users, and
//! groups; and nobody else.
use crate::harness::sql::MemorySql;
use crate::scim_group_setup::{connected, group, sorted, text};
use crate::scim_isolation::furnish;
use crate::scim_setup::{Directory, active, person, user};
use guildhall::platform::sql::{Sql, Statement};
use guildhall::scim::filter::Filter;
use guildhall::scim::group::Telling;
use guildhall::scim::query::{From, Query};
use guildhall::scim::shape::Shape;
use guildhall::scim::store::group::Groups;
use guildhall::scim::store::group_member::{list_of, members_statement};
use guildhall::scim::store::page::{count_statement, list_statement};
use http::Method;
use serde_json::{Value, json};

fn add(id: &str) -> Value {
    json!([{"op": "add", "path": "members", "value": [{"value": id}]}])
}

/// Somebody who exists apart from the organization, and was not asked: the directory
/// sees what it would see of anybody, and they are in the group when they join.
#[test]
fn who_was_not_asked_looks_like_anybody_and_joins_with_the_membership() {
    let granite = connected();
    let directory = granite.directory();
    let jonno = user(&granite.world, "jonno").unwrap();
    let theirs = directory.pushed(&person("jonno", "jonno@rocky-mountain.example"));
    let theirs = theirs.rsplit('/').next().unwrap();
    let ann = directory.hire("ann");
    let shown = |group: &Value| {
        let told = group.to_string().replace(theirs, "X").replace(&ann, "X");
        let mut told: Value = serde_json::from_str(&told).unwrap();
        told["id"].take();
        told["displayName"].take();
        told["meta"]["location"].take();
        told
    };
    let [one, other] = ["One", "Other"].map(|name| directory.group(name, &[]));
    for operations in [
        add,
        |id: &str| json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]),
        |id: &str| json!([{"op": "replace", "path": "members", "value": [{"value": id}]}]),
        |id: &str| json!([{"op": "Remove", "path": "members", "value": [{"value": id}]}]),
        add,
        add,
        |_: &str| json!([{"op": "replace", "path": "members", "value": []}]),
        add,
    ] {
        let [of_ann, of_jonno] = [(&one, ann.as_str()), (&other, theirs)].map(|(id, member)| {
            let answer = directory.patch_group(id, &operations(member));
            assert_eq!(answer.status, 200, "{answer:?}");
            shown(&answer.json())
        });
        assert_eq!(of_ann, of_jonno, "{}", operations("X"));
    }
    let filter = format!("members.value eq \"{theirs}\"");
    assert_eq!(directory.found(&filter), ["Other"]);
    assert_eq!(granite.in_group(&other), Vec::<String>::new(), "no member, in no group");
    assert_eq!(directory.claims(&jonno), None);
    assert!(!directory.trail().contains(jonno.id.as_str()), "the trail names nobody");
    let before = directory.get(&format!("/Groups/{other}")).text;

    furnish(&directory, &jonno);

    assert_eq!(granite.in_group(&other), [jonno.id.as_str()]);
    let told = format!("groups/{other}/members/{}\"", jonno.id);
    assert!(directory.trail().contains(&told), "told with the membership");
    assert_eq!(directory.get(&format!("/Groups/{other}")).text, before, "nothing to see");
    let stage = directory.rows("SELECT stage FROM scim_user WHERE stage = 'awaiting_consent'");
    assert_eq!(stage.len(), 0, "linked");
    assert_eq!(directory.rows("SELECT * FROM scim_group_pending").len(), 0);
    let out = json!([{"op": "remove", "path": "members"}]);
    directory.patched(&other, &out);
    assert_eq!(granite.in_group(&other), Vec::<String>::new());
    assert!(directory.claims(&jonno).is_some(), "still a member");
}

/// The directory said that they have no access: joining another way gives none.
#[test]
fn who_joins_while_the_directory_says_no_has_no_access() {
    let granite = connected();
    let directory = granite.directory();
    let jonno = user(&granite.world, "jonno").unwrap();
    let at = directory.pushed(&person("jonno", "jonno@rocky-mountain.example"));
    directory.patch(&at, &active(false));

    furnish(&directory, &jonno);

    assert_eq!(directory.claims(&jonno), None);
    directory.patch(&at, &active(true));
    assert!(directory.claims(&jonno).is_some());
}

/// A member whom the administrator removed is no member; the directory may go on
/// putting them into groups, and they come back to them.
#[test]
fn who_was_removed_by_hand_comes_back_to_their_groups() {
    let granite = connected();
    let directory = granite.directory();
    let ann = directory.hire("ann");
    let person = user(&granite.world, "ann@granite.example").unwrap();
    let id = directory.group("Pilots", &[&ann]);
    assert_eq!(granite.delete(&format!("/members/{}", person.id)).status, 204);
    assert_eq!(directory.members(&id), Vec::<String>::new());
    assert_eq!(directory.patched(&id, &add(&ann)), [ann.as_str()]);
    assert_eq!(granite.in_group(&id), Vec::<String>::new());
    furnish(&directory, &person);
    assert_eq!(granite.in_group(&id), [person.id.as_str()]);
}

/// People of the organization whom the directory does not know are not told, and
/// nothing that it sends moves them.
#[test]
fn members_whom_the_directory_does_not_know_stay() {
    let granite = connected();
    let directory = granite.directory();
    let hiroko = granite.id_of("hiroko");
    let ann = directory.hire("ann");
    let id = directory.group("Pilots", &[&ann]);
    let seat = format!("/groups/{id}/members/{hiroko}");
    assert_eq!(granite.ask(Method::PUT, &seat, None).status, 204);
    assert_eq!(directory.members(&id), [ann.as_str()]);
    let at = format!("/Groups/{id}");
    assert_eq!(directory.put(&at, &group("Pilots", &[])).status, 200);
    directory.patched(&id, &json!([{"op": "remove", "path": "members"}]));
    let by_their_key = json!([{"op": "remove", "path": format!("members[value eq \"{hiroko}\"]")}]);
    directory.patched(&id, &by_their_key);
    assert_eq!(granite.in_group(&id), [hiroko.as_str()]);
    assert_eq!(directory.patched(&id, &add(hiroko.as_str())), Vec::<String>::new());
    let at = directory.pushed(&person("h.sato", "hiroko@granite-outpost.example"));
    let known = at.rsplit('/').next().unwrap();
    assert_eq!(directory.members(&id), [known], "known from now on");
}

/// Neither another organization's resource nor a user's own key is anybody here.
#[test]
fn nobody_of_another_organization_is_put_into_a_group() {
    let granite = connected();
    let directory = granite.directory();
    let rocky = Directory::connect(&granite.world, "rocky-mountain");
    let theirs = rocky.hire("ben");
    let group_there = rocky.group("Theirs", &[&theirs]);
    let jonno = user(&granite.world, "jonno").unwrap().id;
    let emilio = user(&granite.world, "emilio").unwrap().id;
    let ids = [theirs.as_str(), group_there.as_str(), jonno.as_str(), emilio.as_str()];
    let id = directory.group("Pilots", &ids);
    for stranger in ids {
        assert_eq!(directory.patched(&id, &add(stranger)), Vec::<String>::new(), "{stranger}");
    }
    assert_eq!(directory.put(&format!("/Groups/{id}"), &group("Pilots", &ids)).status, 200);
    assert_eq!(granite.in_group(&id), Vec::<String>::new());
    assert_eq!(directory.rows("SELECT * FROM scim_group_pending").len(), 0);
    assert_eq!(rocky.members(&group_there), [theirs]);
    for method in [Method::GET, Method::DELETE] {
        let answer = directory.send(method, &format!("/Groups/{group_there}"), None);
        assert_eq!(answer.status, 404);
    }
}

#[test]
fn groups_are_nested_and_taken_out() {
    let granite = connected();
    let directory = granite.directory();
    let ann = directory.hire("ann");
    let [inner, second] = ["Inner", "Second"].map(|name| directory.group(name, &[]));
    let outer = directory.group("Outer", &[&inner, &ann]);
    let told = directory.read_group(&outer);
    assert_eq!(told["members"][0]["value"], json!(ann), "users first");
    assert_eq!(told["members"][1]["type"], "Group");
    let at = format!("/Groups/{inner}");
    assert!(text(&told["members"][1]["$ref"]).ends_with(&directory.path(&at)));
    assert_eq!(granite.path_of(&inner), "/Outer/Inner");
    assert_eq!(directory.get(&at).status, 200);

    let both = [inner.as_str(), second.as_str()];
    let replaced = directory.put(&format!("/Groups/{outer}"), &group("Outer", &both));
    assert_eq!(crate::scim_group_setup::values(&replaced.json()), sorted(&both));
    let out = json!([{"op": "remove", "path": format!("members[value eq \"{inner}\"]")}]);
    assert_eq!(directory.patched(&outer, &out), [second.as_str()]);
    assert_eq!(granite.path_of(&inner), "/Inner", "to the top");
    assert_eq!(directory.patched(&outer, &out), [second.as_str()], "twice is once");
    assert_eq!(directory.patched(&outer, &json!([{"op": "remove", "path": "members"}])).len(), 0);
    assert_eq!(granite.path_of(&second), "/Second");
}

/// A group is in one other at most, not in itself and not below itself, and not too
/// deep.
#[test]
fn what_is_no_tree_is_refused() {
    let granite = connected();
    let directory = granite.directory();
    let inner = directory.group("Inner", &[]);
    let outer = directory.group("Outer", &[&inner]);
    let other = directory.group("Other", &[]);
    let refused = [
        (&other, &inner, "is a member of another group"),
        (&inner, &inner, "cannot be a member of itself"),
        (&other, &other, "cannot be a member of itself"),
        (&inner, &outer, "cannot be moved below itself"),
    ];
    for (id, member, why) in refused {
        let answers = [
            directory.patch_group(id, &add(member)),
            directory.put(&format!("/Groups/{id}"), &group("Whatever", &[member])),
        ];
        for answer in answers {
            let told = answer.json();
            assert_eq!((answer.status.as_u16(), &told["scimType"]), (400, &json!("invalidValue")));
            assert!(text(&told["detail"]).contains(why), "{told}");
        }
    }
    assert_eq!(granite.path_of(&inner), "/Outer/Inner");
    let mut top = directory.group("deep 1", &[]);
    for depth in 2..=16 {
        top = directory.group(&format!("deep {depth}"), &[&top]);
    }
    let deeper = directory.push_group(&group("deep 17", &[&top]));
    assert_eq!((deeper.status.as_u16(), &deeper.json()["scimType"]), (400, &json!("invalidValue")));
    assert!(text(&deeper.json()["detail"]).contains("MAX_GROUP_DEPTH"), "{deeper:?}");
    assert_eq!(directory.found("displayName eq \"deep 17\"").len(), 0, "nothing is left of it");
}

/// What a user's own `groups` are to tell.
#[test]
fn a_user_is_in_groups_directly_and_through_others() {
    let granite = connected();
    let directory = granite.directory();
    let theirs = directory.pushed(&person("jonno", "jonno@rocky-mountain.example"));
    let theirs = theirs.rsplit('/').next().unwrap().to_owned();
    let [ann, ben] = ["ann", "ben"].map(|name| directory.hire(name));
    let inner = directory.group("Inner", &[&ann, &theirs]);
    let outer = directory.group("Outer", &[&inner, &ann]);
    let top = directory.group("Top", &[&outer, &ben]);
    let told = |id: &str| {
        let look = |sql: &MemorySql| list_of(sql, &[&id.parse().unwrap()]).unwrap();
        let groups = granite.world.with_object(&directory.object(), look);
        let told = |one: guildhall::scim::group::UserGroup| {
            (one.group.to_string(), one.display, one.direct)
        };
        groups.into_iter().map(told).collect::<Vec<_>>()
    };
    let one = |id: &str, name: &str, direct| (id.to_owned(), name.to_owned(), direct);
    let of_ann = [one(&inner, "Inner", true), one(&outer, "Outer", true), one(&top, "Top", false)];
    assert_eq!(told(&ann), of_ann);
    let of_jonno =
        [one(&inner, "Inner", true), one(&outer, "Outer", false), one(&top, "Top", false)];
    assert_eq!(told(&theirs), of_jonno, "like anybody");
    assert_eq!(told(&ben), [one(&top, "Top", true)]);
    assert_eq!(told("nobody"), []);
}

/// 10,000 people whom the directory knows, in one group.
const MANY: &str = "
    INSERT INTO member (user_id, source, active, joined_at)
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 9999)
    SELECT 'u' || n, 'scim', 1, 0 FROM number;
    INSERT INTO scim_user (id, user_id, stage, user_name_folded, active, document, version,
                           created_at, updated_at)
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 9999)
    SELECT 's' || n, 'u' || n, 'linked', 'name' || n, 1, json_object('userName', 'name' || n), 1, 0, 0
      FROM number;";

#[test]
fn a_group_of_ten_thousand_is_pushed_told_and_changed() {
    let granite = connected();
    let directory = granite.directory();
    granite.world.with_object(&directory.object(), |sql| sql.execute_batch(MANY));
    let all: Vec<String> = (0..10_000).map(|number| format!("s{number}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let events = || directory.rows("SELECT id FROM event").len();
    let before = events();

    let id = directory.group("Everybody", &all);

    assert_eq!(events(), before + 3, "the group, who came into it, and the resource");
    let trail = directory.trail();
    assert!(trail.contains("\"addedCount\":10000"), "counted");
    assert!(trail.len() < 200_000, "not all named: {}", trail.len());
    assert_eq!(directory.members(&id), sorted(&all), "nobody is cut");
    let few: Vec<&str> = all[..9_000].to_vec();
    let before = events();
    let put = directory.put(&format!("/Groups/{id}"), &group("Everybody", &few));
    assert_eq!(crate::scim_group_setup::values(&put.json()), sorted(&few));
    assert_eq!(events(), before + 2, "who left, and the resource");
    assert!(directory.trail().contains("\"removedCount\":1000"));
    let one = directory.patch(
        &format!("/Groups/{id}?excludedAttributes=members"),
        &crate::scim_group_setup::patch(&add("s9999")),
    );
    assert_eq!(one.status, 200);
    assert_eq!(directory.found("members.value eq \"s9999\""), ["Everybody"]);
    let listed = directory.list_groups(&[("excludedAttributes", "members")]);
    assert!(listed.text.len() < 10_000, "{}", listed.text.len());
    granite.world.with_object(&directory.object(), |sql| {
        sql.run(Statement::new("DELETE FROM group_member WHERE user_id = 'u1'")).unwrap();
    });
    assert_eq!(directory.members(&id).len(), 9_000);
}

/// The object dies behind a change of many: it was made, whole, and the retry finds it.
#[test]
fn a_killed_change_is_there_whole_and_the_retry_changes_nothing() {
    for point in ["org.outbox.before_drain", "org.outbox.after_directory"] {
        let granite = connected();
        let directory = granite.directory();
        granite.world.with_object(&directory.object(), |sql| sql.execute_batch(MANY));
        let many: Vec<Value> =
            (0..1_000).map(|number| json!({"value": format!("s{number}")})).collect();
        let id = directory.group("Pilots", &[]);
        let at = format!("/Groups/{id}");
        let body = crate::scim_group_setup::patch(&json!([
            {"op": "add", "path": "members", "value": many},
            {"op": "replace", "path": "displayName", "value": "Many"},
        ]));

        granite.world.crash_at(point, directory.request(Method::PATCH, &at, Some(&body)));

        let found = directory.read_group(&id);
        let members = found["members"].as_array().unwrap().len();
        assert_eq!((members, &found["displayName"]), (1_000, &json!("Many")), "{point}");
        let retried = directory.patch(&at, &body);
        assert_eq!((retried.status.as_u16(), retried.json()), (200, found), "{point}");
    }
}

/// The work of a filter and of an answer is that of what they name. (The harness looks
/// at the plan of every statement; here, that the right index is taken.)
#[test]
fn filters_and_members_are_answered_from_indexes() {
    let granite = connected();
    let directory = granite.directory();
    let plan = |statement: &Statement| {
        granite.world.with_object(&directory.object(), |sql| sql.plan(statement))
    };
    let filters = [
        (r#"displayName eq "x""#, "scim_group_by_name"),
        (r#"displayName sw "x""#, "scim_group_by_name"),
        (r#"externalId eq "x""#, "scim_group_by_external_id"),
        (r#"id eq "x""#, "PRIMARY KEY (group_id=?)"),
        (r#"members.value eq "x""#, "PRIMARY KEY (group_id=?)"),
        (r#"members[value eq "x" and type eq "User"]"#, "PRIMARY KEY (group_id=?)"),
    ];
    let query = |filter| Query { filter, sort: None, from: From::Index(1), count: 100 };
    for (text, index) in filters {
        let query = query(Filter::read(text, &Shape::of_groups()).unwrap());
        for statement in [list_statement(&Groups, &query), count_statement(&Groups, &query)] {
            let steps = plan(&statement);
            assert!(!steps.iter().any(|step| step.starts_with("SCAN scim_")), "{text}: {steps:?}");
            let first = steps.iter().find(|step| step.starts_with("SEARCH scim_group ")).unwrap();
            assert!(first.contains(index), "{text}: {steps:?}");
        }
    }
    let whole = plan(&list_statement(&Groups, &query(Filter::default())));
    assert!(whole[0].contains("scim_group_by_age"), "{whole:?}");
    assert!(!whole.iter().any(|step| step.contains("TEMP B-TREE")), "{whole:?}");
    let members = plan(&members_statement("[]", Telling::Members, 1));
    for index in [
        "SEARCH group_member USING PRIMARY KEY (group_id=?)",
        "SEARCH scim_group_pending USING PRIMARY KEY (group_id=?)",
        "SEARCH org_group USING COVERING INDEX org_group_children (parent_id=?)",
    ] {
        assert!(members.iter().any(|step| step == index), "{index}: {members:?}");
    }
}
