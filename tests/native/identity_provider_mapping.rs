//! Mappers and claims drawn at random, from what is told to what is kept: the realm and
//! the organization hold afterwards what a simple model says, and a second login of the
//! same person changes nothing.
use crate::harness::dice::Dice;
use crate::org_setup::Granite;
use guildhall::federation::mapper::Mapper;
use guildhall::federation::mapper_claim::Told;
use guildhall::federation::mapper_engine::{Effect, Linked, Login, evaluate};
use guildhall::kernel::id::UserId;
use guildhall::org::mapped::OrgEffect;
use guildhall::realm::settings::SyncMode;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const ROUNDS: usize = 40;

const TEAMS: [&str; 3] = ["x", "y", "z"];

/// What mappers give: where it is, and what it is called there.
const GOODS: [(Place, &str); 8] = [
    (Place::OrgGroup, "/Office"),
    (Place::OrgGroup, "/Guides"),
    (Place::OrgGroup, "/Guides/Ziplines"),
    (Place::OrgRole, "guide"),
    (Place::OrgRole, "scheduler"),
    (Place::RealmGroup, "/crew"),
    (Place::RealmRole, "a.pilot"),
    (Place::RealmRole, "rower"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    OrgGroup,
    OrgRole,
    RealmGroup,
    RealmRole,
}

type Held = BTreeSet<(Place, String)>;

/// A mapper that gives a good to who is in a team, or to everybody.
struct Drawn {
    good: (Place, &'static str),
    team: Option<&'static str>,
    forces: bool,
}

impl Drawn {
    fn draw(dice: &Dice) -> Self {
        Self {
            good: GOODS[dice.below(GOODS.len())],
            team: (dice.below(5) > 0).then(|| TEAMS[dice.below(TEAMS.len())]),
            forces: dice.below(4) > 0,
        }
    }

    fn mapper(&self, number: usize) -> Mapper {
        let name = format!("m{number}");
        let (place, good) = self.good;
        let what = match place {
            Place::OrgGroup | Place::RealmGroup => "group",
            Place::OrgRole => "org-role",
            Place::RealmRole => "role",
        };
        let how = if self.team.is_some() { "advanced" } else { "hardcoded" };
        let claims = json!([{ "key": "a.team", "value": self.team }]).to_string();
        let pairs: &[(&str, &str)] = match place {
            Place::OrgGroup => &[("group", good), ("groupType", "ORGANIZATION")],
            Place::RealmGroup => &[("group", good), ("groupType", "REALM")],
            Place::OrgRole => &[("org", "Granite"), ("org_role", good)],
            Place::RealmRole => &[("role", good)],
        };
        let mode = if self.forces { "FORCE" } else { "IMPORT" };
        let synced = [("syncMode", mode)];
        let pairs = pairs.iter().chain(&synced);
        let mut config: BTreeMap<String, String> =
            pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        if self.team.is_some() {
            config.insert("claims".to_owned(), claims);
        }
        let kind = format!("oidc-{how}-{what}-idp-mapper");
        Mapper { id: name.parse().unwrap(), name, kind, config: config.into_iter().collect() }
    }
}

/// What somebody holds after a later login.
fn model(drawn: &[Drawn], teams: &[&str], before: &Held) -> Held {
    let mut after = before.clone();
    let forced: Vec<&Drawn> = drawn.iter().filter(|one| one.forces).collect();
    let good = |one: &Drawn| (one.good.0, one.good.1.to_owned());
    for one in &forced {
        after.remove(&good(one));
    }
    for one in forced {
        if one.team.is_none_or(|team| teams.contains(&team)) {
            after.insert(good(one));
        }
    }
    after
}

impl Granite {
    fn held_by(&self, user: &UserId) -> Held {
        let standing = self.standing_of(user).unwrap();
        let slashed = |name: &String| format!("/{name}");
        let of_realm = self.names_at(&format!("/users/{user}/role-mappings/realm"));
        let in_realm = self.names_at(&format!("/users/{user}/groups"));
        let all = [
            (Place::OrgGroup, standing.groups.clone()),
            (Place::OrgRole, standing.roles.clone()),
            (Place::RealmGroup, in_realm.iter().map(slashed).collect()),
            (Place::RealmRole, of_realm),
        ];
        all.into_iter()
            .flat_map(|(place, names)| names.into_iter().map(move |n| (place, n)))
            .collect()
    }

    /// Does all that mappers made of a login; nothing is passed over.
    fn bring_about(&self, user: &UserId, effects: &[Effect]) {
        let of_org = |effect: &Effect| match effect {
            Effect::Org(org, effect) => {
                assert_eq!(*org, self.org);
                Some(effect.clone())
            }
            _ => None,
        };
        let within: Vec<OrgEffect> = effects.iter().filter_map(of_org).collect();
        assert_eq!(self.make_of(user, &within), Some(vec![]));
        assert_eq!(self.make_in_realm(user, effects), []);
    }
}

#[test]
fn random_mappers_leave_what_a_model_says_and_a_second_login_changes_nothing() {
    let granite = Granite::new();
    granite.make("/groups", "crew");
    granite.make("/roles", "a.pilot");
    granite.make("/roles", "rower");
    let user = granite.id_of("emilio");
    let organizations =
        [Linked { id: granite.org.clone(), name: "Granite".to_owned(), enabled: true }];
    let dice = Dice::new(0x9E37_79B9_7F4A_7C15);
    let mut changed = 0;
    for round in 0..ROUNDS {
        let drawn: Vec<Drawn> = (0..dice.below(9)).map(|_| Drawn::draw(&dice)).collect();
        let numbered = drawn.iter().enumerate();
        let mappers: Vec<Mapper> = numbered.map(|(number, one)| one.mapper(number)).collect();
        let teams: Vec<&str> = TEAMS.into_iter().filter(|_| dice.below(2) == 0).collect();
        let claims = json!({ "a": { "team": teams } });
        let told = Told::Claims(claims.as_object().unwrap().clone());
        let login = Login {
            alias: "granite-idp",
            sync_mode: SyncMode::Import,
            is_first: false,
            email_is_username: false,
            uuid: "u",
            told: &told,
            organizations: &organizations,
            chosen: None,
        };
        let outcome = evaluate(&mappers, &login);
        assert_eq!(outcome.passed_over, [], "round {round}");
        let before = granite.held_by(&user);

        granite.bring_about(&user, &outcome.effects);

        let after = granite.held_by(&user);
        assert_eq!(after, model(&drawn, &teams, &before), "round {round}");
        changed += usize::from(after != before);
        granite.world.deliver_queue();
        let kept = granite.world.dump();
        granite.bring_about(&user, &outcome.effects);
        granite.world.deliver_queue();
        assert_eq!(granite.world.dump(), kept, "round {round}: twice is once");
    }
    assert!(changed > ROUNDS / 2, "{changed} rounds changed something");
}
