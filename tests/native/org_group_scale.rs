//! A tree of 10,000 groups and twelve levels, and a group of 10,000 members: what is
//! told of them, and what a move does. (That the work is that of look-ups, the plan of
//! every statement says: harness/plan.rs.)
use crate::harness::sql::MemorySql;
use guildhall::app::schema;
use guildhall::event::audit::Actor;
use guildhall::kernel::id::{GroupId, OrgId, RealmId, UserId};
use guildhall::kernel::time::Timestamp;
use guildhall::org::claims::{self, ClaimsOf};
use guildhall::org::group::{self, Among};
use guildhall::org::organization::{Organization, Stage};
use guildhall::org::record::Scene;
use guildhall::platform::migrate::migrate;
use guildhall::platform::random::Random;
use guildhall::realm::group::Group;
use guildhall::realm::page::{MAX_PAGE_ROWS, Page};
use guildhall::realm::registry::Attributes;
use guildhall::realm::store::group::Called;
use std::cell::Cell;

const ALL: Page = Page { first: 0, max: MAX_PAGE_ROWS + 1 };

/// Two above a tree in which each has three below it: twelve levels.
const TREE: &str = "
    INSERT INTO org_group (id, parent_id, name)
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 9999)
    SELECT 'g' || n,
           CASE WHEN n = 0 THEN NULL WHEN n <= 2 THEN 'g' || (n - 1) ELSE 'g' || ((n - 3) / 3 + 2) END,
           'n' || n
      FROM number ORDER BY n;
    INSERT INTO role (id, name, built_in) VALUES ('r', 'from-the-top', 0);
    INSERT INTO group_role (group_id, role_id) VALUES ('g0', 'r');
    INSERT INTO group_mapping (group_id, role_id) VALUES ('g3', 'mapped-in-the-middle');
    INSERT INTO member (user_id, source, active, joined_at)
    WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 9999)
    SELECT 'u' || n, 'admin', 1, 0 FROM number;
    INSERT INTO group_member (group_id, user_id) SELECT 'g9843', user_id FROM member;";

/// Of the group of everybody, the names from the top.
const LINE: [&str; 12] =
    ["n0", "n1", "n2", "n3", "n6", "n15", "n42", "n123", "n366", "n1095", "n3282", "n9843"];

/// Another number each time.
struct Counter(Cell<u8>);

impl Random for Counter {
    fn bytes32(&self) -> [u8; 32] {
        self.0.set(self.0.get() + 1);
        [self.0.get(); 32]
    }
}

/// A tree and what numbers its changes.
struct Forest {
    sql: MemorySql,
    numbers: Counter,
}

impl Forest {
    fn new() -> Self {
        let sql = MemorySql::blank();
        migrate(&sql, schema::ORG).unwrap();
        sql.execute_batch(TREE);
        Self { sql, numbers: Counter(Cell::new(0)) }
    }

    fn relocate(&self, moved: &str, parent: Option<&str>) -> Result<(), String> {
        let (realm, org): (RealmId, OrgId) = ("r".parse().unwrap(), "o".parse().unwrap());
        let (now, actor) = (Timestamp::from_unix(0), Actor::default());
        let random = &self.numbers;
        let scene = Scene { sql: &self.sql, random, now, realm: &realm, org: &org, actor };
        let parent = parent.map(|parent| read(&self.sql, parent));
        let moved = read(&self.sql, moved);
        group::relocate(&scene, &moved, parent.as_ref()).map_err(|error| error.to_string())
    }
}

fn read(sql: &MemorySql, id: &str) -> Group {
    let id: GroupId = id.parse().unwrap();
    group::find(sql, &id).unwrap().unwrap()
}

fn paths(sql: &MemorySql) -> Vec<String> {
    let all = group::list(sql, Among::Anywhere, Called::Anything, &[], ALL).unwrap();
    Page::check(all).unwrap().iter().map(Group::path).collect()
}

fn paths_of(sql: &MemorySql, user: &str) -> Vec<String> {
    group::list_paths(sql, &user.parse().unwrap()).unwrap()
}

#[test]
fn a_large_tree_is_told_and_moved_as_a_small_one() {
    let forest = Forest::new();
    let sql = &forest.sql;
    assert_eq!(group::count(sql).unwrap(), 10_000);
    assert_eq!(read(sql, "g9843").line, LINE);
    assert_eq!(paths_of(sql, "u4711"), [format!("/{}", LINE.join("/"))]);
    let before = paths(sql);
    assert_eq!(before.len(), 10_000);
    let deepest = before.iter().map(|path| path.matches('/').count()).max();
    assert_eq!(deepest, Some(12));

    assert!(forest.relocate("g0", Some("g9999")).is_err(), "below itself");
    forest.relocate("g3", None).unwrap();

    let after = paths(sql);
    let moved = |path: &&String| path.starts_with("/n0/n1/n2/n3/") || *path == "/n0/n1/n2/n3";
    let count = before.iter().filter(moved).count();
    assert!(count > 3_000, "{count} groups are a small part");
    let mut expected: Vec<String> = before
        .iter()
        .map(|path| path.replacen("/n0/n1/n2/n3", "/n3", usize::from(moved(&path))))
        .collect();
    expected.sort();
    let mut told = after.clone();
    told.sort();
    assert_eq!(told, expected);
    assert_eq!(paths_of(sql, "u4711"), [format!("/{}", LINE[3..].join("/"))]);

    forest.relocate("g3", Some("g2")).unwrap();
    assert_eq!(paths(sql), before);
}

#[test]
fn a_group_of_many_is_listed_in_pages_and_gives_each_its_roles() {
    let forest = Forest::new();
    let sql = &forest.sql;
    let group: GroupId = "g9843".parse().unwrap();
    let all = Page::check(group::list_members(sql, &group, ALL).unwrap()).unwrap();
    assert_eq!(all.len(), 10_000);
    let page = Page { first: 9_990, max: 100 };
    assert_eq!(group::list_members(sql, &group, page).unwrap(), all[9_990..]);
    let user: UserId = "u9999".parse().unwrap();
    let of_member = group::list(sql, Among::Of(&user), Called::Anything, &[], ALL).unwrap();
    assert_eq!(of_member, [read(sql, "g9843")]);

    let told = standing(sql, &user);
    assert_eq!((told.roles, told.groups.len()), (vec!["from-the-top".to_owned()], 1));
    assert_eq!(told.mapped, ["mapped-in-the-middle".parse().unwrap()]);
    forest.relocate("g6", None).unwrap();
    let told = standing(sql, &user);
    assert_eq!((told.roles.len(), told.mapped.len()), (0, 0), "it stands below neither now");
}

fn standing(sql: &MemorySql, user: &UserId) -> claims::OrgClaims {
    let organization = Organization {
        id: "o".parse().unwrap(),
        realm: "r".parse().unwrap(),
        name: "big".to_owned(),
        alias: "big".parse().unwrap(),
        display_name: None,
        url: None,
        logo_url: None,
        attributes: Attributes::default(),
        domains: Vec::new(),
        enabled: true,
        description: None,
        redirect_url: None,
        stage: Stage::Active,
        created_at: Timestamp::from_unix(0),
    };
    let question = ClaimsOf { user: user.clone() };
    claims::answer(sql, &organization, &question).unwrap().unwrap()
}
