//! Whatever is done to roles, groups and members, in whatever order: what members hold
//! is what a plain model says they do.
use crate::harness::dice::Dice;
use crate::harness::sql::MemorySql;
use guildhall::app::schema;
use guildhall::event::audit::{Actor, Operation};
use guildhall::kernel::id::{GroupId, OrgId, RealmId, UserId};
use guildhall::kernel::time::Timestamp;
use guildhall::org::composite::{self, Parent};
use guildhall::org::define::{self, RoleDefinition, Tree};
use guildhall::org::group::{self, GroupDraft};
use guildhall::org::join::{NewMember, join};
use guildhall::org::leave::leave;
use guildhall::org::member::Source;
use guildhall::org::record::Scene;
use guildhall::org::role::{self, OrganizationRole};
use guildhall::org::role_holder::{self, Holder};
use guildhall::org::{effective, effective::Source as Reason};
use guildhall::platform::migrate::migrate;
use guildhall::platform::sql::Sql;
use guildhall::realm::group::Group;
use std::collections::{BTreeMap, BTreeSet};

/// How many things are done to one organization, and to how many.
const STEPS: usize = 2_000;
const ORGANIZATIONS: u64 = 6;

const ROLES: usize = 9;
const USERS: usize = 5;
const GROUPS: usize = 10;

/// What should be.
#[derive(Default)]
struct Model {
    roles: BTreeSet<usize>,
    members: BTreeSet<usize>,
    /// Each group and the one above it.
    groups: BTreeMap<usize, Option<usize>>,
    includes: BTreeSet<(usize, usize)>,
    defaults: BTreeSet<usize>,
    granted: BTreeSet<(usize, usize)>,
    group_granted: BTreeSet<(usize, usize)>,
    seats: BTreeSet<(usize, usize)>,
}

impl Model {
    fn is_within(&self, group: usize, above: usize) -> bool {
        let mut at = Some(group);
        while let Some(one) = at {
            if one == above {
                return true;
            }
            at = self.groups[&one];
        }
        false
    }

    fn down(&self, mut held: BTreeSet<usize>) -> BTreeSet<usize> {
        loop {
            let more: Vec<usize> = self
                .includes
                .iter()
                .filter(|(parent, child)| held.contains(parent) && !held.contains(child))
                .map(|(_, child)| *child)
                .collect();
            if more.is_empty() {
                return held;
            }
            held.extend(more);
        }
    }

    fn held(&self, user: usize) -> BTreeSet<usize> {
        if !self.members.contains(&user) {
            return BTreeSet::new();
        }
        let mut held = self.defaults.clone();
        held.extend(self.granted.iter().filter(|(one, _)| *one == user).map(|(_, role)| *role));
        for (group, _) in self.seats.iter().filter(|(_, one)| *one == user) {
            let of_groups = self.group_granted.iter();
            held.extend(
                of_groups
                    .filter(|(above, _)| self.is_within(*group, *above))
                    .map(|(_, role)| *role),
            );
        }
        self.down(held)
    }

    fn forget_role(&mut self, role: usize) {
        self.roles.remove(&role);
        self.defaults.remove(&role);
        self.includes.retain(|(parent, child)| *parent != role && *child != role);
        self.granted.retain(|(_, one)| *one != role);
        self.group_granted.retain(|(_, one)| *one != role);
    }

    fn forget_group(&mut self, group: usize) {
        let gone: Vec<usize> =
            self.groups.keys().copied().filter(|one| self.is_within(*one, group)).collect();
        self.groups.retain(|one, _| !gone.contains(one));
        self.group_granted.retain(|(one, _)| !gone.contains(one));
        self.seats.retain(|(one, _)| !gone.contains(one));
    }
}

/// What is.
struct World<'a> {
    scene: Scene<'a>,
    numbers: &'a Dice,
    default: OrganizationRole,
    groups: BTreeMap<usize, GroupId>,
    model: Model,
}

fn name(role: usize) -> String {
    format!("role-{role}")
}

fn user(number: usize) -> UserId {
    format!("user-{number}").parse().unwrap()
}

impl World<'_> {
    fn sql(&self) -> &dyn Sql {
        self.scene.sql
    }

    fn role(&self, number: usize) -> OrganizationRole {
        role::find(self.sql(), &name(number)).unwrap().unwrap()
    }

    fn group(&self, number: usize) -> Group {
        group::find(self.sql(), &self.groups[&number]).unwrap().unwrap()
    }

    fn step(&mut self) {
        let n = self.numbers;
        let (role, other) = (n.below(ROLES), n.below(ROLES));
        let (user, group, above) = (n.below(USERS), n.below(GROUPS), n.below(GROUPS));
        let (has_role, has_both) = (
            self.model.roles.contains(&role),
            self.model.roles.contains(&role) && self.model.roles.contains(&other),
        );
        let has_group = self.model.groups.contains_key(&group);
        let is_member = self.model.members.contains(&user);
        match n.below(15) {
            0 if n.below(4) == 0 && has_role => self.delete_role(role),
            0 | 1 if !has_role => self.make_role(role),
            2 | 3 if has_both => self.include(role, other),
            4 if has_both => self.exclude(role, other),
            5 if has_role => self.set_default(role, n.below(3) == 0),
            6 if has_role && is_member => self.grant(user, role, n.below(2) == 0),
            7 | 8 if has_role && has_group => self.grant_to_group(group, role, n.below(2) == 0),
            9 if !has_group => self.make_group(group, above),
            10 if has_group => self.move_group(group, above),
            11 if has_group && n.below(6) == 0 => self.delete_group(group),
            12 if has_group && is_member => self.seat(group, user),
            13 if has_group && is_member => self.unseat(group, user),
            14 if is_member && n.below(4) == 0 => self.part(user),
            _ if !is_member => self.admit(user),
            _ => {}
        }
    }

    fn make_role(&mut self, role: usize) {
        let definition = RoleDefinition { name: Some(name(role)), description: None };
        define::create(&self.scene, definition, Tree::Keycloak).unwrap();
        self.model.roles.insert(role);
    }

    fn delete_role(&mut self, role: usize) {
        define::delete(&self.scene, &name(role), Tree::PhaseTwo).unwrap();
        self.model.forget_role(role);
    }

    /// Refused exactly when it would close a circle.
    fn include(&mut self, parent: usize, child: usize) {
        let whole = Parent::Role(self.role(parent));
        let done = composite::add(&self.scene, &whole, &[self.role(child)]);
        let is_circle = self.model.down(BTreeSet::from([child])).contains(&parent);
        assert_eq!(done.is_err(), is_circle, "{parent} includes {child}: {done:?}");
        if !is_circle {
            self.model.includes.insert((parent, child));
        }
    }

    fn exclude(&mut self, parent: usize, child: usize) {
        let whole = Parent::Role(self.role(parent));
        composite::remove(&self.scene, &whole, &[self.role(child)]).unwrap();
        self.model.includes.remove(&(parent, child));
    }

    fn set_default(&mut self, role: usize, on: bool) {
        let default = Parent::Default(self.default.clone());
        if on {
            composite::add(&self.scene, &default, &[self.role(role)]).unwrap();
            self.model.defaults.insert(role);
        } else {
            composite::remove(&self.scene, &default, &[self.role(role)]).unwrap();
            self.model.defaults.remove(&role);
        }
    }

    fn grant(&mut self, number: usize, role: usize, on: bool) {
        let id = user(number);
        self.change(Holder::Member(&id), role, on);
        change(&mut self.model.granted, (number, role), on);
    }

    fn grant_to_group(&mut self, group: usize, role: usize, on: bool) {
        let id = self.groups[&group].clone();
        self.change(Holder::Group(&id), role, on);
        change(&mut self.model.group_granted, (group, role), on);
    }

    fn change(&self, holder: Holder<'_>, role: usize, on: bool) {
        let operation = if on { Operation::Create } else { Operation::Delete };
        role_holder::change(&self.scene, operation, holder, &[self.role(role)]).unwrap();
    }

    fn make_group(&mut self, number: usize, above: usize) {
        let above = self.model.groups.contains_key(&above).then_some(above);
        let parent = above.map(|above| self.group(above));
        let draft = GroupDraft { name: Some(format!("group-{number}")), ..GroupDraft::default() };
        let made = group::create(&self.scene, draft, parent.as_ref()).unwrap();
        self.groups.insert(number, made.id);
        self.model.groups.insert(number, above);
    }

    /// Refused exactly when it would be below itself.
    fn move_group(&mut self, number: usize, above: usize) {
        let above = self.model.groups.contains_key(&above).then_some(above);
        let parent = above.map(|above| self.group(above));
        let done = group::relocate(&self.scene, &self.group(number), parent.as_ref());
        let is_below = above.is_some_and(|above| self.model.is_within(above, number));
        if above == Some(number) {
            done.unwrap();
            return;
        }
        assert_eq!(done.is_err(), is_below, "{number} below {above:?}: {done:?}");
        if !is_below {
            self.model.groups.insert(number, above);
        }
    }

    fn delete_group(&mut self, number: usize) {
        group::delete(&self.scene, &self.group(number)).unwrap();
        self.model.forget_group(number);
    }

    fn seat(&mut self, group: usize, number: usize) {
        let done = group::add_member(&self.scene, &self.group(group), &user(number));
        assert_eq!(done.is_ok(), self.model.seats.insert((group, number)));
    }

    fn unseat(&mut self, group: usize, number: usize) {
        group::remove_member(&self.scene, &self.group(group), &user(number)).unwrap();
        self.model.seats.remove(&(group, number));
    }

    fn admit(&mut self, number: usize) {
        let id = user(number);
        let new = NewMember { user: &id, source: Source::Admin, roles: &[] };
        assert!(join(&self.scene, &new).unwrap());
        self.model.members.insert(number);
    }

    fn part(&mut self, number: usize) {
        assert!(leave(&self.scene, &user(number)).unwrap());
        self.model.members.remove(&number);
        self.model.granted.retain(|(one, _)| *one != number);
        self.model.seats.retain(|(_, one)| *one != number);
    }

    /// Roles, each with a reason; the reasons are true.
    fn check(&self, number: usize) {
        let expected: Vec<String> = self.model.held(number).into_iter().map(name).collect();
        let id = user(number);
        let told = effective::of(self.sql(), &id).unwrap();
        let held: Vec<&str> = told.roles.iter().map(|(role, _)| role.name.as_str()).collect();
        assert_eq!(held, expected, "user {number}");
        let listed = role_holder::list_effective(self.sql(), Holder::Member(&id)).unwrap();
        assert_eq!(listed.len(), held.len());
        for (role, sources) in &told.roles {
            assert!(!sources.is_empty(), "{} has no reason", role.name);
            for source in sources {
                self.check_reason(number, role, source);
            }
        }
    }

    fn check_reason(&self, number: usize, role: &OrganizationRole, source: &Reason) {
        let model = &self.model;
        let role: usize = role.name["role-".len()..].parse().unwrap();
        let group = |id: &GroupId| {
            let live = self.groups.iter().filter(|(one, _)| model.groups.contains_key(one));
            live.into_iter().find(|(_, known)| *known == id).map(|(one, _)| *one).unwrap()
        };
        let is_true = match source {
            Reason::Grant => model.granted.contains(&(number, role)),
            Reason::Default => model.defaults.contains(&role),
            Reason::Composite(parent) => {
                let parent = parent.name["role-".len()..].parse().unwrap();
                model.includes.contains(&(parent, role)) && model.held(number).contains(&parent)
            }
            Reason::Group { group: seat, inherited_from } => {
                let seat = group(&seat.id);
                let of = inherited_from.as_ref().map_or(seat, |above| group(&above.id));
                model.seats.contains(&(seat, number))
                    && model.group_granted.contains(&(of, role))
                    && model.is_within(seat, of)
            }
        };
        assert!(is_true, "user {number}, role {role}: {source:?}");
    }
}

fn change(set: &mut BTreeSet<(usize, usize)>, pair: (usize, usize), on: bool) {
    if on {
        set.insert(pair);
    } else {
        set.remove(&pair);
    }
}

#[test]
fn what_members_hold_is_what_a_plain_model_says() {
    for organization in 1..=ORGANIZATIONS {
        let sql = MemorySql::blank();
        migrate(&sql, schema::ORG).unwrap();
        let numbers = Dice::new(organization * 0x9E37_79B9);
        let (realm, org): (RealmId, OrgId) = ("realm".parse().unwrap(), "org".parse().unwrap());
        let scene = Scene {
            sql: &sql,
            random: &numbers,
            now: Timestamp::from_unix(1_800_000_000),
            realm: &realm,
            org: &org,
            actor: Actor::default(),
        };
        let default = OrganizationRole {
            id: "org".parse().unwrap(),
            name: "default-roles-org".to_owned(),
            description: None,
        };
        let (groups, model) = (BTreeMap::new(), Model::default());
        let mut world = World { scene, numbers: &numbers, default, groups, model };
        let mut most = 0;
        for step in 0..STEPS {
            world.step();
            most = most.max(world.model.includes.len());
            if step % 4 == 0 {
                world.check(numbers.below(USERS));
            }
        }
        (0..USERS).for_each(|user| world.check(user));
        assert!(most > 5, "the sequence does little: {most} inclusions at most");
    }
}
