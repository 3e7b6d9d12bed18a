//! `GET /realms/{realm}/orgs` and its count: `search`, `q`, `first`, `max`; among
//! few organizations and among thousands.
use crate::harness::relying_party::RelyingParty;
use crate::harness::world::World;
use crate::scim_setup::{admin, realm, travel0};
use guildhall::kernel::id::RealmId;
use guildhall::platform::sql::{Sql, Statement};
use guildhall::realm::page::Page;
use guildhall::realm::search::{Part, Wanted, Within, read_pairs};
use guildhall::realm::store::organization;
use serde_json::{Value, json};

const ORGS: &str = "/realms/travel0/orgs";

pub fn query(path: &str, fields: &[(&str, &str)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields);
    format!("{path}?{}", text.finish())
}

fn names_of(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// The names that `fields` find; the count must agree.
fn found(world: &World, admin: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let list = world.get(&query(ORGS, fields), admin);
    assert_eq!(list.status, 200, "{fields:?} {list:?}");
    let names = names_of(&list.json());
    let count = world.get(&query(&format!("{ORGS}/count"), fields), admin);
    assert_eq!(count.json(), json!(names.len()), "{fields:?}");
    names
}

/// Travel0 with organizations whose names are hard to find.
fn hard() -> (World, String) {
    let world = travel0();
    let admin = admin(&world);
    let organizations = [
        json!({ "name": "100% Hikes", "displayName": "Say \"Hi\" AND walk*" }),
        json!({ "name": "Über Ürban", "displayName": "ПРИВЕТ Wanderer", "attributes": { "plan": ["pro"] } }),
        json!({ "id": "crab", "name": "crab 🦀 rock", "attributes": { "plan": ["pro", "trial"], "a name": ["a \"value\""] } }),
        json!({ "name": "under_score" }),
        json!({ "name": "underXscore" }),
    ];
    for body in organizations {
        assert_eq!(world.post(ORGS, &admin, &body).status, 201, "{body}");
    }
    (world, admin)
}

#[test]
fn a_search_is_contains_in_either_name_without_case() {
    let (world, admin) = hard();
    let searches: &[(&str, &[&str])] = &[
        ("hikes", &["100% Hikes"]),
        ("HIKES", &["100% Hikes"]),
        ("  ike  ", &["100% Hikes"]),
        ("and walk", &["100% Hikes"]),
        ("über", &["Über Ürban"]),
        ("ÜRBAN", &["Über Ürban"]),
        ("привет", &["Über Ürban"]),
        ("ü", &["Über Ürban"]),
        ("Ür", &["Über Ürban"]),
        ("П", &["Über Ürban"]),
        ("🦀", &["crab 🦀 rock"]),
        ("b 🦀", &["crab 🦀 rock"]),
        ("_s", &["under_score"]),
        ("r_score", &["under_score"]),
        ("RX", &["underXscore"]),
        ("er ür", &["Über Ürban"]),
        ("Hikes Say", &[]),
    ];
    for (search, names) in searches {
        assert_eq!(found(&world, &admin, &[("search", search)]), *names, "{search}");
    }
    assert_eq!(found(&world, &admin, &[("search", "")]).len(), 8);
    assert_eq!(found(&world, &admin, &[("search", "   ")]).len(), 8);
}

/// What means something to FTS5, to LIKE, to SQL or to C is a letter like others.
#[test]
fn a_hostile_search_finds_what_it_says_and_nothing_else() {
    let (world, admin) = hard();
    let searches: &[(&str, &[&str])] = &[
        ("\"Hi\"", &["100% Hikes"]),
        ("\"hi\" and walk*", &["100% Hikes"]),
        ("%", &["100% Hikes"]),
        ("0%", &["100% Hikes"]),
        ("100%", &["100% Hikes"]),
        ("k*", &["100% Hikes"]),
        ("\"\"\"", &[]),
        ("\"", &["100% Hikes"]),
        ("hikes OR crab", &[]),
        ("hikes\" OR name:\"crab", &[]),
        ("NEAR(hikes crab)", &[]),
        ("name : crab", &[]),
        ("crab NOT rock", &[]),
        ("^crab", &[]),
        ("%%%", &[]),
        ("___", &[]),
        ("crab\0", &[]),
        ("\0", &[]),
        ("a\0b\"c", &[]),
        ("'; DROP TABLE organization; --", &[]),
        ("\u{202e}", &[]),
    ];
    for (search, names) in searches {
        assert_eq!(found(&world, &admin, &[("search", search)]), *names, "{search:?}");
    }
    let long = "x".repeat(4000);
    assert!(found(&world, &admin, &[("search", &long)]).is_empty());
}

#[test]
fn an_attribute_query_is_exact_and_all_of_it_counts() {
    let (world, admin) = hard();
    let queries: &[(&str, &[&str])] = &[
        ("plan:pro", &["crab 🦀 rock", "Über Ürban"]),
        ("plan:pro plan:trial", &["crab 🦀 rock"]),
        ("plan:Pro", &[]),
        ("Plan:pro", &[]),
        ("plan:pr", &[]),
        ("\"a name\":\"a \\\"value\\\"\"", &["crab 🦀 rock"]),
        ("plan:pro' OR '1'='1", &[]),
    ];
    for (q, names) in &queries[..6] {
        assert_eq!(found(&world, &admin, &[("q", q)]), *names, "{q}");
    }
    let both = [("q", "plan:pro"), ("search", "crab")];
    assert_eq!(found(&world, &admin, &both), ["crab 🦀 rock"]);
    for q in ["plan", "plan:", "\"plan:pro", queries[6].0] {
        for path in [ORGS.to_owned(), format!("{ORGS}/count")] {
            assert_eq!(world.get(&query(&path, &[("q", q)]), &admin).status, 400, "{q}");
        }
    }
}

#[test]
fn what_is_deleted_is_not_found_any_more() {
    let (world, admin) = hard();
    assert_eq!(world.delete(&format!("{ORGS}/crab"), &admin).status, 204);
    assert!(found(&world, &admin, &[("search", "crab")]).is_empty());
    assert!(found(&world, &admin, &[("search", "🦀")]).is_empty());
    assert_eq!(found(&world, &admin, &[("q", "plan:pro")]), ["Über Ürban"]);
    assert_eq!(found(&world, &admin, &[]).len(), 7);
    let again = json!({ "name": "crab 🦀 rock" });
    assert_eq!(world.post(ORGS, &admin, &again).status, 201);
    assert_eq!(found(&world, &admin, &[("search", "crab")]).len(), 1);
}

/// The triggers keep the indexes, whoever writes the row.
#[test]
fn what_is_renamed_is_found_by_its_new_name_only() {
    let (world, admin) = hard();
    let change = "UPDATE organization SET name = 'Lobster', attributes = '{\"plan\":[\"free\"]}'
                   WHERE id = 'crab'";
    world.directory().sql().execute_batch(change);
    assert_eq!(found(&world, &admin, &[("search", "lobster")]), ["Lobster"]);
    assert!(found(&world, &admin, &[("search", "crab")]).is_empty());
    assert!(found(&world, &admin, &[("search", "cr")]).is_empty());
    assert_eq!(found(&world, &admin, &[("q", "plan:free")]), ["Lobster"]);
    assert_eq!(found(&world, &admin, &[("q", "plan:pro")]), ["Über Ürban"]);
}

#[test]
fn a_member_searches_among_their_own() {
    let (world, _) = hard();
    let tokens = RelyingParty::web(&world).tokens_for("emilio", "openid");
    let emilio = tokens["access_token"].as_str().unwrap();
    let names = |fields: &[(&str, &str)]| names_of(&world.get(&query(ORGS, fields), emilio).json());
    assert_eq!(names(&[("search", "OUT")]), ["granite-outpost"]);
    assert_eq!(names(&[("search", "ky")]), ["rocky-mountain"]);
    assert!(names(&[("search", "adventurez")]).is_empty());
    assert!(names(&[("q", "plan:pro")]).is_empty());
    assert_eq!(names(&[]).len(), 2);
    assert_eq!(world.get(&format!("{ORGS}/count"), emilio).status, 401);
}

#[test]
fn the_count_is_for_who_sees_every_organization() {
    let world = travel0();
    let path = format!("{ORGS}/count");
    for token in ["", "garbage"] {
        assert_eq!(world.get(&path, token).status, 401, "{token}");
    }
    assert_eq!(world.get(&path, &admin(&world)).json(), json!(3));
    assert_eq!(world.get("/realms/master/orgs/count", &admin(&world)).json(), json!(0));
}

#[test]
fn pages_are_cut_at_a_hundred_and_told_when_they_are_none() {
    let world = World::new();
    let admin = admin(&world);
    fill(&world, &realm_of(&world, "master"), 151);
    let orgs = "/realms/master/orgs";
    let len = |fields: &[(&str, &str)]| {
        world.get(&query(orgs, fields), &admin).json().as_array().unwrap().len()
    };
    assert_eq!(len(&[]), 100);
    assert_eq!(len(&[("first", "100")]), 51);
    assert_eq!(len(&[("first", "151")]), 0);
    assert_eq!(len(&[("first", "-1"), ("max", "5")]), 5);
    for (max, rows) in [("0", 0), ("1", 1), ("100", 100), ("101", 100), ("2147483647", 100)] {
        assert_eq!(len(&[("max", max)]), rows, "{max}");
    }
    assert_eq!(len(&[("max", "-1")]), 100);
    for (name, value) in [("first", "x"), ("max", "1.5")] {
        assert_eq!(world.get(&query(orgs, &[(name, value)]), &admin).status, 400, "{name}");
    }
}

fn realm_of(world: &World, name: &str) -> RealmId {
    let name = name.parse().unwrap();
    let find = guildhall::realm::store::realm::find(world.directory(), &name);
    world.run(find).unwrap().unwrap().id
}

/// Puts `count` organizations straight into the directory.
fn fill(world: &World, realm: &RealmId, count: u32) {
    let sql = world.directory().sql();
    sql.execute_batch("BEGIN");
    for number in 0..count {
        let insert = Statement::new(
            "INSERT INTO organization
                    (realm_id, id, name, alias, display_name, attributes, domains, created_at)
             VALUES (?, ?, ?, ?, ?, ?, '[]', 0)",
        );
        let insert = insert
            .bind(realm.as_str())
            .bind(format!("filled-{number}"))
            .bind(format!("Filled {number:06}"))
            .bind(format!("filled-{number:06}"))
            .bind(format!("Organization № {number}"))
            .bind(json!({ "bucket": [(number % 50).to_string()] }).to_string());
        sql.run(insert).unwrap();
    }
    sql.execute_batch("COMMIT");
}

/// A realm of thousands beside one of a few: pages walk on without a gap, and
/// nothing leaks from one realm into the other, though both are in one index.
#[test]
fn thousands_of_organizations_are_listed_searched_and_counted() {
    let world = travel0();
    let admin = admin(&world);
    fill(&world, &realm_of(&world, "master"), 5000);
    let orgs = "/realms/master/orgs";
    let count = |fields: &[(&str, &str)]| {
        world.get(&query(&format!("{orgs}/count"), fields), &admin).json().as_i64().unwrap()
    };
    assert_eq!(count(&[]), 5000);
    assert_eq!(count(&[("search", "filled")]), 5000);
    assert_eq!(count(&[("search", "№ 49")]), 111);
    assert_eq!(count(&[("search", "№")]), 5000);
    assert_eq!(count(&[("q", "bucket:7")]), 100);
    assert_eq!(count(&[("q", "bucket:7"), ("search", "№ 10")]), 3);
    let page = |first: &str| {
        let path = query(orgs, &[("search", "FILLED"), ("first", first), ("max", "100")]);
        names_of(&world.get(&path, &admin).json())
    };
    assert_eq!(page("4900").last().unwrap(), "Filled 004999");
    assert_eq!(page("4999"), ["Filled 004999"]);
    assert!(page("5000").is_empty());
    assert!(found(&world, &admin, &[("search", "filled")]).is_empty());
    assert_eq!(found(&world, &admin, &[("search", "ez")]), ["adventurez"]);
}

/// How SQLite would run each kind of list and count: `harness::plan` refuses a
/// scan in whatever runs; this names the indexes.
#[test]
fn every_kind_of_list_follows_an_index() {
    let world = travel0();
    let realm = realm(&world).id;
    let member = "somebody".parse().unwrap();
    let wanted = |members, search: &str, q: &str| Wanted {
        members,
        part: Part::of(&realm, search, Within::DisplayName),
        attributes: read_pairs(q).unwrap(),
        ..Wanted::all(Page { first: 0, max: 100 })
    };
    let kinds = [
        (wanted(vec![], "", ""), "organization USING INDEX sqlite_autoindex_organization_"),
        (wanted(vec![], "", ""), "organization_tally USING PRIMARY KEY"),
        (wanted(vec![], "moun", ""), "organization_text VIRTUAL TABLE INDEX 0:M"),
        (wanted(vec![], "mo", ""), "organization_gram VIRTUAL TABLE INDEX 0:M"),
        (
            wanted(vec![], "", "a:b c:d"),
            "organization_attribute USING PRIMARY KEY (realm_id=? AND name=? AND value=?)",
        ),
        (wanted(vec![&member], "", ""), "membership USING PRIMARY KEY (realm_id=? AND user_id=?)"),
        (
            wanted(vec![&member], "moun", "a:b"),
            "organization USING PRIMARY KEY (realm_id=? AND id=?)",
        ),
    ];
    for (wanted, index) in kinds {
        let statements =
            [organization::listing(&realm, &wanted), organization::counting(&realm, &wanted)];
        let plans = statements.map(|one| world.directory().sql().plan(&one).join("\n"));
        assert!(plans.iter().any(|plan| plan.contains(index)), "{index}\n{plans:#?}");
    }
}
