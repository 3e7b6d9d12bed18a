//! Every statement that any test runs is asked how SQLite would run it: work
//! must grow with what is asked, not with what is stored.
use rusqlite::Connection;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

/// Tables that may be read whole, and why.
const SMALL: &[(&str, &str)] = &[
    ("organization", "one row in an object"),
    ("invitation", "the open ones of one organization, when a part of an address is searched"),
    ("hit", "what the indexes found"),
    ("organization_hit", "what the indexes found"),
    ("migration", "a row per file"),
    ("domain", "a hundred rows at most: those of one organization"),
    ("organization_change", "the changes on their way: none as a rule"),
    ("realm", "the list of realms, by the clock only"),
    ("scim_config", "one row"),
    ("scim_schema", "ten rows at most"),
    ("item", "the values of one list of one SCIM resource"),
    ("sqlite_master", "a row per table"),
    ("account", "one row"),
    ("password", "one row"),
    ("lockout", "one row"),
    ("device_guess", "one row"),
    ("reach", "what the recursion has found: the composites of one client's roles"),
    ("held", "what the recursion has found: the roles within some roles or users"),
    ("below", "what the recursion has found: what some roles of an organization include"),
    ("above", "what the recursion has found: the composites of one role"),
    ("mine", "what the recursion has found: one person's roles"),
    ("matched", "what the recursion has found: the parts of one pattern in one name"),
    ("walk", "what the recursion has found: the groups of one path"),
    ("up", "what the recursion has found: one person's groups and those above"),
    ("led", "the domains of one provider's use by one organization"),
    ("dev_mail", "development only"),
    ("outbox", "read in the order of its key, up to a limit; empty as a rule"),
];

/// Statements that were asked about: once is enough for all tests.
static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// Every source file, words separated by one space: what is not in there is a
/// test's own look into a database.
static SHIPPED: LazyLock<String> = LazyLock::new(|| {
    fn read(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, text);
            } else if path.extension().is_some_and(|end| end == "rs") {
                text.push_str(&words(&fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut text = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    text
});

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the product says `statement`: its beginning, for it may have grown.
fn is_shipped(statement: &str) -> bool {
    let beginning: String = words(statement).chars().take(60).collect();
    SHIPPED.contains(&beginning)
}

/// Panics when `statement` reads a table from end to end.
pub fn check(connection: &Connection, statement: &str) {
    let is_new = SEEN.lock().unwrap().insert(statement.to_owned());
    if !is_new || !is_shipped(statement) {
        return;
    }
    for step in steps(connection, statement) {
        assert!(
            !is_full_scan(&step) || in_key_order(&step, statement),
            "full scan: {step}\n{statement}"
        );
        let counts_all = statement.contains("count(") && is_scan_of_index(&step);
        assert!(!counts_all, "reads every row to count them: {step}\n{statement}");
    }
}

/// How SQLite would run `statement`, a line per step.
pub fn steps(connection: &Connection, statement: &str) -> Vec<String> {
    let Ok(mut prepared) = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")) else {
        return Vec::new();
    };
    let values = vec![rusqlite::types::Null; prepared.parameter_count()];
    let steps =
        prepared.query_map(rusqlite::params_from_iter(values), |row| row.get("detail")).unwrap();
    steps.map(Result::unwrap).collect()
}

/// A `SCAN` that follows no index, of a table that can grow. (A scan in the
/// order of an index is how a page is read: it stops at the page's end.)
fn is_full_scan(step: &str) -> bool {
    let harmless = ["INDEX", "VIRTUAL TABLE", "CONSTANT ROW"];
    scanned(step)
        .is_some_and(|table| !harmless.iter().any(|word| step.contains(word)) && !is_small(table))
}

/// A page in the order of the primary key, which is the table's own order.
fn in_key_order(step: &str, statement: &str) -> bool {
    scanned(step).is_some_and(|table| statement.contains(&format!("ORDER BY {table}.id")))
}

fn is_scan_of_index(step: &str) -> bool {
    // A full-text index answers what matches, which a count cannot avoid.
    let is_index = step.contains("INDEX") && !step.contains("VIRTUAL TABLE");
    is_index && scanned(step).is_some_and(|table| !is_small(table))
}

fn scanned(step: &str) -> Option<&str> {
    step.strip_prefix("SCAN ")?.split(' ').next()
}

fn is_small(table: &str) -> bool {
    SMALL.iter().any(|(small, _)| *small == table)
}

#[test]
fn a_full_scan_is_told_from_a_look_up() {
    assert!(is_full_scan("SCAN member"));
    assert!(!is_full_scan("SEARCH member USING PRIMARY KEY (user_id=?)"));
    assert!(!is_full_scan("SCAN member USING INDEX member_by_age"));
    assert!(!is_full_scan("SCAN organization"));
}
