//! The tree of an organization's groups, held against a model of one: whatever is
//! made, moved, renamed, deleted, joined and left, both say the same.
use crate::harness::dice::Dice;
use crate::harness::sql::MemorySql;
use guildhall::app::schema;
use guildhall::event::audit::Actor;
use guildhall::kernel::id::{GroupId, OrgId, RealmId, UserId};
use guildhall::kernel::time::Timestamp;
use guildhall::org::error::OrgError;
use guildhall::org::group::{self, Among, GroupDraft};
use guildhall::org::record::Scene;
use guildhall::platform::migrate::migrate;
use guildhall::realm::group::{Group, MAX_GROUP_DEPTH};
use guildhall::realm::page::{MAX_PAGE_ROWS, Page};
use guildhall::realm::store::group::Called;
use std::collections::{BTreeMap, BTreeSet};

const OPERATIONS: usize = 12_000;

/// After so many, everything is compared.
const LOOK_EVERY: usize = 1_000;

const ALL: Page = Page { first: 0, max: MAX_PAGE_ROWS + 1 };

const PEOPLE: [&str; 4] = ["ada", "ben", "cleo", "dan"];

/// Few names, so that siblings collide.
const NAMES: [&str; 8] = ["a", "b", "c", "d", "A", "a/b", "ü", "e"];

/// What a tree is, without cleverness.
#[derive(Default)]
struct Model {
    groups: BTreeMap<GroupId, (Option<GroupId>, String)>,
    /// The same, by what is above.
    below: BTreeMap<Option<GroupId>, BTreeSet<GroupId>>,
    /// The same, in the order in which they were made.
    all: Vec<GroupId>,
    seats: BTreeSet<(GroupId, &'static str)>,
}

/// Why the model does not do it.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Taken,
    Circle,
    Deep,
}

impl Model {
    fn line(&self, group: &GroupId) -> Vec<String> {
        let (parent, name) = &self.groups[group];
        let mut line = parent.as_ref().map(|parent| self.line(parent)).unwrap_or_default();
        line.push(name.clone());
        line
    }

    fn depth(&self, group: Option<&GroupId>) -> usize {
        group.map_or(0, |group| self.line(group).len())
    }

    fn children(&self, group: Option<&GroupId>) -> Vec<GroupId> {
        self.below.get(&group.cloned()).into_iter().flatten().cloned().collect()
    }

    fn create(&mut self, id: GroupId, parent: Option<GroupId>, name: &str) {
        self.below.entry(parent.clone()).or_default().insert(id.clone());
        self.all.push(id.clone());
        self.groups.insert(id, (parent, name.to_owned()));
    }

    fn height(&self, group: &GroupId) -> usize {
        self.children(Some(group)).iter().map(|child| 1 + self.height(child)).max().unwrap_or(0)
    }

    fn is_taken(&self, parent: Option<&GroupId>, name: &str, except: Option<&GroupId>) -> bool {
        let siblings = self.children(parent);
        siblings.iter().any(|one| Some(one) != except && self.groups[one].1 == name)
    }

    fn is_within(&self, group: &GroupId, above: &GroupId) -> bool {
        group == above
            || self.groups[group].0.as_ref().is_some_and(|parent| self.is_within(parent, above))
    }

    fn may_be_below(
        &self,
        parent: Option<&GroupId>,
        name: &str,
        height: usize,
    ) -> Result<(), Refusal> {
        if self.depth(parent) + 1 + height > MAX_GROUP_DEPTH {
            return Err(Refusal::Deep);
        }
        if self.is_taken(parent, name, None) { Err(Refusal::Taken) } else { Ok(()) }
    }

    fn may_move(&self, group: &GroupId, parent: Option<&GroupId>) -> Result<(), Refusal> {
        if self.groups[group].0.as_ref() == parent || parent == Some(group) {
            return Ok(());
        }
        if parent.is_some_and(|parent| self.is_within(parent, group)) {
            return Err(Refusal::Circle);
        }
        self.may_be_below(parent, &self.groups[group].1, self.height(group))
    }

    fn relocate(&mut self, group: &GroupId, parent: Option<&GroupId>) {
        if parent != Some(group) {
            let place = &mut self.groups.get_mut(group).unwrap().0;
            self.below.get_mut(place).unwrap().remove(group);
            *place = parent.cloned();
            self.below.entry(parent.cloned()).or_default().insert(group.clone());
        }
    }

    fn delete(&mut self, group: &GroupId) {
        for child in self.children(Some(group)) {
            self.delete(&child);
        }
        let (parent, _) = self.groups.remove(group).unwrap();
        self.below.get_mut(&parent).unwrap().remove(group);
        self.all.retain(|one| one != group);
        self.seats.retain(|(seat, _)| seat != group);
    }
}

/// Both trees, and what chooses.
struct Pair {
    sql: MemorySql,
    dice: Dice,
    realm: RealmId,
    org: OrgId,
    model: Model,
}

impl Pair {
    fn new() -> Self {
        let sql = MemorySql::blank();
        migrate(&sql, schema::ORG).unwrap();
        for person in PEOPLE {
            sql.execute_batch(&format!(
                "INSERT INTO member (user_id, source, active, joined_at)
                 VALUES ('{person}', 'admin', 1, 0)"
            ));
        }
        Self {
            sql,
            dice: Dice::new(0x9E37_79B9_7F4A_7C15),
            realm: "r".parse().unwrap(),
            org: "o".parse().unwrap(),
            model: Model::default(),
        }
    }

    fn scene(&self) -> Scene<'_> {
        Scene {
            sql: &self.sql,
            random: &self.dice,
            now: Timestamp::from_unix(0),
            realm: &self.realm,
            org: &self.org,
            actor: Actor::default(),
        }
    }

    fn read(&self, id: &GroupId) -> Group {
        group::find(&self.sql, id).unwrap().unwrap()
    }

    fn any_group(&self) -> Option<GroupId> {
        let all = &self.model.all;
        (!all.is_empty()).then(|| self.dice.one_of(all))
    }

    /// A place: at the top, now and then.
    fn any_place(&self) -> Option<GroupId> {
        if self.dice.below(6) == 0 { None } else { self.any_group() }
    }

    fn step(&mut self) {
        match self.dice.below(100) {
            0..40 => self.create(),
            40..60 => self.relocate(),
            60..72 => self.rename(),
            72..75 => self.delete(),
            75..90 => self.join(),
            _ => self.leave(),
        }
    }

    fn create(&mut self) {
        let (place, name) = (self.any_place(), self.dice.one_of(&NAMES));
        let parent = place.as_ref().map(|place| self.read(place));
        let draft = GroupDraft { name: Some(name.to_owned()), ..GroupDraft::default() };
        let made = group::create(&self.scene(), draft, parent.as_ref());
        let expected = self.model.may_be_below(place.as_ref(), name, 0);
        assert_eq!(verdict(&made), expected);
        if let Ok(made) = made {
            self.model.create(made.id, place, name);
        }
    }

    fn relocate(&mut self) {
        let (Some(moved), place) = (self.any_group(), self.any_place()) else { return };
        let parent = place.as_ref().map(|place| self.read(place));
        let done = group::relocate(&self.scene(), &self.read(&moved), parent.as_ref());
        assert_eq!(verdict(&done), self.model.may_move(&moved, place.as_ref()));
        if done.is_ok() {
            self.model.relocate(&moved, place.as_ref());
        }
    }

    fn rename(&mut self) {
        let Some(id) = self.any_group() else { return };
        let name = self.dice.one_of(&NAMES);
        let draft = GroupDraft { name: Some(name.to_owned()), ..GroupDraft::default() };
        let done = group::change(&self.scene(), &self.read(&id), draft);
        let parent = self.model.groups[&id].0.clone();
        let is_taken = self.model.is_taken(parent.as_ref(), name, Some(&id));
        assert_eq!(verdict(&done), if is_taken { Err(Refusal::Taken) } else { Ok(()) });
        if done.is_ok() {
            name.clone_into(&mut self.model.groups.get_mut(&id).unwrap().1);
        }
    }

    fn delete(&mut self) {
        let Some(id) = self.any_group() else { return };
        // Small ones, so that the tree grows.
        if self.model.height(&id) < 3 {
            group::delete(&self.scene(), &self.read(&id)).unwrap();
            self.model.delete(&id);
        }
    }

    fn join(&mut self) {
        let Some(id) = self.any_group() else { return };
        let person = self.dice.one_of(&PEOPLE);
        let user: UserId = person.parse().unwrap();
        let done = group::add_member(&self.scene(), &self.read(&id), &user);
        assert_eq!(done.is_ok(), self.model.seats.insert((id, person)), "{done:?}");
    }

    fn leave(&mut self) {
        let Some(id) = self.any_group() else { return };
        let person = self.dice.one_of(&PEOPLE);
        group::remove_member(&self.scene(), &self.read(&id), &person.parse().unwrap()).unwrap();
        self.model.seats.remove(&(id, person));
    }

    /// Compares everything, and one path of `share`.
    fn compare(&self, share: usize) {
        let listed = group::list(&self.sql, Among::Anywhere, Called::Anything, &[], ALL).unwrap();
        assert_eq!(listed.len(), self.model.groups.len());
        assert_eq!(group::count(&self.sql).unwrap(), i64::try_from(listed.len()).unwrap());
        for one in &listed {
            assert_eq!(one.line, self.model.line(&one.id));
            assert_eq!(one.parent, self.model.groups[&one.id].0);
            let children = self.model.children(Some(&one.id));
            assert_eq!(one.children, i64::try_from(children.len()).unwrap());
            if self.dice.below(share) == 0 {
                let found = group::find_by_names(&self.sql, &one.line).unwrap();
                assert_eq!(found.as_ref(), Some(one));
            }
        }
        let tops = group::list(&self.sql, Among::Top, Called::Anything, &[], ALL).unwrap();
        let tops: BTreeSet<GroupId> = tops.into_iter().map(|top| top.id).collect();
        assert_eq!(tops, self.model.children(None).into_iter().collect());
        for person in PEOPLE {
            let seats = self.model.seats.iter().filter(|(_, who)| *who == person);
            let mut paths: Vec<String> = seats.map(|(id, _)| self.read(id).path()).collect();
            paths.sort();
            assert_eq!(group::list_paths(&self.sql, &person.parse().unwrap()).unwrap(), paths);
        }
    }
}

fn verdict<T>(result: &Result<T, OrgError>) -> Result<(), Refusal> {
    match result {
        Ok(_) => Ok(()),
        Err(OrgError::Conflict(_) | OrgError::Duplicate) => Err(Refusal::Taken),
        Err(OrgError::Field(why)) if why.contains("below itself") => Err(Refusal::Circle),
        Err(OrgError::Field(why)) if why.contains("deep") => Err(Refusal::Deep),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_tree_is_what_a_simple_model_says_after_every_change() {
    let mut pair = Pair::new();
    for number in 0..OPERATIONS {
        pair.step();
        if number % LOOK_EVERY == 0 {
            pair.compare(20);
        }
    }
    pair.compare(1);
    let (groups, deepest) = (pair.model.groups.len(), pair.model.groups.keys());
    let deepest = deepest.map(|id| pair.model.line(id).len()).max();
    assert!(groups > 500, "only {groups}: the tree is too small to say much");
    assert_eq!(deepest, Some(MAX_GROUP_DEPTH));
}
