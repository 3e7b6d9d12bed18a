//! What the mappers of a provider make of a login (reference keycloak.md §6).
use crate::harness::dice::Dice;
use guildhall::federation::mapper::Mapper;
use guildhall::federation::mapper_claim::{Attribute, Told};
use guildhall::federation::mapper_engine::{Effect, Linked, Login, Outcome, Why, evaluate};
use guildhall::federation::mapper_rule::BadMapper;
use guildhall::kernel::id::OrgId;
use guildhall::org::mapped::OrgEffect;
use guildhall::realm::settings::SyncMode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const GROUP: &str = "oidc-hardcoded-group-idp-mapper";
const CLAIM_GROUP: &str = "oidc-advanced-group-idp-mapper";
const ROLE: &str = "oidc-hardcoded-role-idp-mapper";
const CLAIM_ROLE: &str = "oidc-advanced-role-idp-mapper";
const ORG_ROLE: &str = "oidc-hardcoded-org-role-idp-mapper";
const ATTRIBUTE: &str = "oidc-user-attribute-idp-mapper";
const USERNAME: &str = "oidc-username-idp-mapper";

/// Who has the team `x`.
const X: &str = r#"[{"key":"team","value":"x"}]"#;

fn mapper(name: &str, kind: &str, config: &[(&str, &str)]) -> Mapper {
    Mapper {
        id: name.parse().unwrap(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        config: config.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
    }
}

fn claims(value: &Value) -> Told {
    Told::Claims(value.as_object().unwrap().clone())
}

fn org(id: &str) -> OrgId {
    id.parse().unwrap()
}

fn linked(id: &str, enabled: bool) -> Linked {
    Linked { id: org(id), name: format!("{id} Inc"), enabled }
}

fn login<'a>(told: &'a Told, organizations: &'a [Linked]) -> Login<'a> {
    Login {
        alias: "acme-idp",
        sync_mode: SyncMode::Force,
        is_first: false,
        email_is_username: false,
        uuid: "u",
        told,
        organizations,
        chosen: None,
    }
}

fn why(outcome: &Outcome) -> Vec<Why> {
    outcome.passed_over.iter().map(|one| one.why.clone()).collect()
}

#[test]
fn who_meets_all_claims_joins_and_who_does_not_leaves() {
    let both = r#"[{"key":"team","value":"x"},{"key":"a.b","value":"1"}]"#;
    let mappers = [mapper(
        "m",
        CLAIM_GROUP,
        &[("syncMode", "FORCE"), ("claims", both), ("group", "/Guides/Rafting")],
    )];
    let join = [Effect::JoinGroup("/Guides/Rafting".to_owned())];
    let leave = [Effect::LeaveGroup("/Guides/Rafting".to_owned())];
    for (told, effects) in [
        (json!({ "team": ["w", "x"], "a": { "b": 1 } }), &join),
        (json!({ "team": "x" }), &leave),
        (json!({}), &leave),
    ] {
        let told = claims(&told);
        assert_eq!(evaluate(&mappers, &login(&told, &[])).effects, effects);
    }
    let told = claims(&json!({}));
    let first = Login { is_first: true, ..login(&told, &[]) };
    assert_eq!(evaluate(&mappers, &first), Outcome::default(), "a new account has no group");
}

#[test]
fn the_sync_mode_says_when() {
    let met = claims(&json!({ "team": "x" }));
    let unmet = claims(&json!({}));
    let give = Some(Effect::GrantRole("pilot".to_owned()));
    let take = Some(Effect::TakeRole("pilot".to_owned()));
    // The mapper's mode, the provider's, whether the login is the first, what comes of
    // who meets the claims, and of who does not.
    let cases = [
        (Some("IMPORT"), SyncMode::Force, true, &give, &None),
        (Some("IMPORT"), SyncMode::Force, false, &None, &None),
        (Some("FORCE"), SyncMode::Import, false, &give, &take),
        (Some("INHERIT"), SyncMode::Import, false, &None, &None),
        (Some("INHERIT"), SyncMode::Force, false, &give, &take),
        (Some("LEGACY"), SyncMode::Force, true, &give, &None),
        (Some("LEGACY"), SyncMode::Force, false, &None, &take),
        (None, SyncMode::Force, false, &None, &take),
    ];
    for (mode, provider, is_first, of_met, of_unmet) in cases {
        let mut one = mapper("m", CLAIM_ROLE, &[("claims", X), ("role", "pilot")]);
        if let Some(mode) = mode {
            one.config.insert("syncMode".to_owned(), mode.to_owned());
        }
        let effects = |told| {
            let login = Login { sync_mode: provider, is_first, ..login(told, &[]) };
            evaluate(std::slice::from_ref(&one), &login).effects.into_iter().next()
        };
        let said = format!("{mode:?} {provider:?} {is_first}");
        assert_eq!((&effects(&met), &effects(&unmet)), (of_met, of_unmet), "{said}");
    }
}

#[test]
fn what_legacy_means_is_the_types_own() {
    let told = claims(&json!({ "team": "x", "preferred_username": "ann" }));
    let mappers = [
        mapper("a", ROLE, &[("role", "pilot")]),
        mapper("b", USERNAME, &[("template", "${CLAIM.preferred_username}")]),
        mapper("c", GROUP, &[("group", "/a")]),
        mapper("d", ATTRIBUTE, &[("claim", "team"), ("user.attribute", "team")]),
    ];
    let later = evaluate(&mappers, &login(&told, &[])).effects;
    let team = Effect::SetField { name: "team".to_owned(), values: vec!["x".to_owned()] };
    assert_eq!(later, [team, Effect::JoinGroup("/a".to_owned())]);
    let first = Login { is_first: true, ..login(&told, &[]) };
    assert_eq!(evaluate(&mappers, &first).effects.len(), 4);
}

#[test]
fn what_one_mapper_gives_no_other_takes() {
    let told = claims(&json!({ "team": "x" }));
    let y = r#"[{"key":"team","value":"y"}]"#;
    let of = |name, claims| {
        mapper(name, CLAIM_GROUP, &[("syncMode", "FORCE"), ("claims", claims), ("group", "/a")])
    };
    for mappers in [[of("1", X), of("2", y)], [of("1", y), of("2", X)]] {
        let effects = evaluate(&mappers, &login(&told, &[])).effects;
        assert_eq!(effects, [Effect::JoinGroup("/a".to_owned())]);
    }
}

/// Which organizations use the provider, which one is signed in to, and what comes of it.
type Case<'a> = (&'a [Linked], Option<&'a OrgId>, Vec<Effect>, Vec<Why>);

#[test]
fn a_group_of_an_organization_needs_one_that_the_login_is_for() {
    let told = claims(&json!({}));
    let mappers = [mapper("m", GROUP, &[("group", "/a"), ("groupType", "ORGANIZATION")])];
    let two = [linked("o1", true), linked("o2", true)];
    let off = [linked("o1", false)];
    let (o2, o3) = (org("o2"), org("o3"));
    let joins =
        |id: &str| vec![Effect::Org(org(id), OrgEffect::JoinGroup { path: "/a".to_owned() })];
    let cases: [Case<'_>; 6] = [
        (&two[..1], None, joins("o1"), vec![]),
        (&two, Some(&o2), joins("o2"), vec![]),
        (&two, None, vec![], vec![Why::NotChosen]),
        (&two, Some(&o3), vec![], vec![Why::NoOrganization]),
        (&[], None, vec![], vec![Why::NoOrganization]),
        (&off, None, vec![], vec![Why::Disabled]),
    ];
    for (organizations, chosen, effects, passed_over) in cases {
        let outcome = evaluate(&mappers, &Login { chosen, ..login(&told, organizations) });
        assert_eq!((&outcome.effects, why(&outcome)), (&effects, passed_over));
    }
}

#[test]
fn a_role_is_given_in_organizations_of_the_provider_only() {
    let told = claims(&json!({}));
    let all = [linked("o1", true), linked("o2", false)];
    let of = |name: &str, add: &str| {
        mapper(
            "m",
            ORG_ROLE,
            &[("syncMode", "FORCE"), ("org", name), ("org_role", "guide"), ("org_add", add)],
        )
    };
    let grant =
        |join| Effect::Org(org("o1"), OrgEffect::GrantRole { role: "guide".to_owned(), join });
    for (mapper, effects, passed_over) in [
        (of("o1 Inc", "true"), vec![grant(true)], vec![]),
        (of("o1 Inc", "false"), vec![grant(false)], vec![]),
        (of("o2 Inc", "true"), vec![], vec![Why::Disabled]),
        (of("o3 Inc", "true"), vec![], vec![Why::NoOrganization]),
        (of("o1", "true"), vec![], vec![Why::NoOrganization]),
    ] {
        let outcome = evaluate(&[mapper], &login(&told, &all));
        assert_eq!((&outcome.effects, why(&outcome)), (&effects, passed_over));
    }
}

#[test]
fn fields_attributes_names_and_notes() {
    let told = claims(&json!({ "mail": ["a@x", "b@x"], "team": ["x", "y"], "n": "Ann" }));
    let of = |name, claim, field, nullable| {
        mapper(
            name,
            ATTRIBUTE,
            &[
                ("syncMode", "FORCE"),
                ("claim", claim),
                ("user.attribute", field),
                ("allow.nullable.property", nullable),
            ],
        )
    };
    let mappers = [
        of("a", "mail", "EMAIL", "false"),
        of("b", "team", "team", "false"),
        of("c", "none", "gone", "false"),
        of("d", "none", "firstName", "false"),
        of("e", "none", "lastName", "true"),
        mapper(
            "f",
            "hardcoded-user-session-attribute-idp-mapper",
            &[("attribute", "from"), ("attribute.value", "acme"), ("syncMode", "IMPORT")],
        ),
        mapper(
            "g",
            USERNAME,
            &[
                ("template", "${ALIAS}.${CLAIM.n|lowercase}"),
                ("target", "BROKER_ID"),
                ("syncMode", "IMPORT"),
            ],
        ),
        mapper("h", USERNAME, &[("template", "${CLAIM.none}"), ("syncMode", "FORCE")]),
    ];
    let field = |name: &str, values: &[&str]| Effect::SetField {
        name: name.to_owned(),
        values: values.iter().map(|one| (*one).to_owned()).collect(),
    };
    let outcome = evaluate(&mappers, &login(&told, &[]));
    assert_eq!(
        outcome.effects,
        [
            Effect::SetBrokerId("acme-idp.ann".to_owned()),
            field("email", &["a@x"]),
            field("gone", &[]),
            field("lastName", &[]),
            field("team", &["x", "y"]),
            Effect::SessionNote { name: "from".to_owned(), value: "acme".to_owned() },
        ]
    );
    assert_eq!(why(&outcome), [Why::Nameless]);
}

#[test]
fn attributes_of_saml_and_roles_of_keycloak() {
    let team = Attribute {
        name: "urn:team".to_owned(),
        friendly_name: Some("team".to_owned()),
        values: vec!["x-ray".to_owned()],
    };
    let told = Told::Assertion { name_id: "ann".to_owned(), attributes: vec![team] };
    let mappers = [mapper(
        "m",
        "saml-advanced-group-idp-mapper",
        &[
            ("attributes", r#"[{"key":"team","value":"x-.*"}]"#),
            ("are.attribute.values.regex", "true"),
            ("group", "/a"),
        ],
    )];
    let joined = [Effect::JoinGroup("/a".to_owned())];
    assert_eq!(evaluate(&mappers, &login(&told, &[])).effects, joined);

    let told = claims(&json!({ "resource_access": { "app": { "roles": ["boss"] } } }));
    let mappers = [mapper(
        "m",
        "keycloak-oidc-role-to-role-idp-mapper",
        &[("external.role", "app.boss"), ("role", "travel0-web.boss"), ("syncMode", "FORCE")],
    )];
    let granted = [Effect::GrantRole("travel0-web.boss".to_owned())];
    assert_eq!(evaluate(&mappers, &login(&told, &[])).effects, granted);
}

#[test]
fn a_mapper_that_says_nothing_is_passed_over_and_the_others_are_not() {
    let told = claims(&json!({}));
    let mappers = [
        mapper("a", "saml-xpath-attribute-idp-mapper", &[]),
        mapper("b", GROUP, &[]),
        mapper("c", GROUP, &[("group", "/a"), ("groupType", "OTHER")]),
        mapper("d", GROUP, &[("group", "/a"), ("syncMode", "SOMETIMES")]),
        mapper("e", CLAIM_GROUP, &[("group", "/a"), ("claims", "[]")]),
        mapper("f", GROUP, &[("group", "/b")]),
    ];
    let outcome = evaluate(&mappers, &login(&told, &[]));
    assert_eq!(outcome.effects, [Effect::JoinGroup("/b".to_owned())]);
    let names: Vec<&str> = outcome.passed_over.iter().map(|one| one.mapper.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d", "e"]);
    assert_eq!(
        why(&outcome)[..2],
        [Why::Bad(BadMapper::Kind), Why::Bad(BadMapper::Missing("group")),]
    );
}

/// A mapper that gives the group `/good` to who is in `team`, and what the model knows of
/// it.
struct Drawn {
    mapper: Mapper,
    good: usize,
    team: Option<usize>,
    mode: &'static str,
}

const MODES: [&str; 3] = ["IMPORT", "FORCE", "INHERIT"];

fn draw(dice: &Dice, number: usize) -> Drawn {
    let (good, mode) = (dice.below(3), MODES[dice.below(3)]);
    let team = (dice.below(4) > 0).then(|| dice.below(3));
    let group = format!("/{good}");
    let mut config = vec![("syncMode", mode), ("group", group.as_str())];
    let claims = json!([{ "key": "team", "value": team.map(|team| team.to_string()) }]).to_string();
    let kind = if team.is_some() {
        config.push(("claims", &claims));
        CLAIM_GROUP
    } else {
        GROUP
    };
    Drawn { mapper: mapper(&format!("m{number}"), kind, &config), good, team, mode }
}

/// The groups that somebody is in afterwards, said simply.
fn model(
    drawn: &[Drawn],
    before: &BTreeSet<usize>,
    teams: &BTreeSet<usize>,
    (provider, is_first): (SyncMode, bool),
) -> BTreeSet<usize> {
    let forces =
        |one: &Drawn| one.mode == "FORCE" || (one.mode == "INHERIT" && provider == SyncMode::Force);
    let mut asked: BTreeMap<usize, bool> = BTreeMap::new();
    for one in drawn.iter().filter(|one| is_first || forces(one)) {
        let meant = one.team.is_none_or(|team| teams.contains(&team));
        *asked.entry(one.good).or_default() |= meant;
    }
    let mut after = before.clone();
    for (good, meant) in asked {
        if meant {
            after.insert(good);
        } else if !is_first {
            after.remove(&good);
        }
    }
    after
}

fn apply(effects: &[Effect], groups: &mut BTreeSet<usize>) {
    let number = |path: &String| path[1..].parse::<usize>().unwrap();
    for effect in effects {
        match effect {
            Effect::JoinGroup(path) => groups.insert(number(path)),
            Effect::LeaveGroup(path) => groups.remove(&number(path)),
            other => panic!("{other:?}"),
        };
    }
}

#[test]
fn random_mappers_do_what_a_simple_model_does_and_nothing_more_when_repeated() {
    for seed in 1..=500 {
        let dice = Dice::new(seed * 0x9E37_79B9);
        let count = dice.below(7);
        let drawn: Vec<Drawn> = (0..count).map(|number| draw(&dice, number)).collect();
        let mappers: Vec<Mapper> = drawn.iter().map(|one| one.mapper.clone()).collect();
        let teams: BTreeSet<usize> = (0..3).filter(|_| dice.below(2) == 0).collect();
        let is_first = dice.below(2) == 0;
        let provider = [SyncMode::Import, SyncMode::Force][dice.below(2)];
        let before: BTreeSet<usize> = (0..3).filter(|_| !is_first && dice.below(2) == 0).collect();
        let named: Vec<String> = teams.iter().map(ToString::to_string).collect();
        let told = claims(&json!({ "team": named }));
        let login = Login { sync_mode: provider, is_first, ..login(&told, &[]) };

        let effects = evaluate(&mappers, &login).effects;

        let mut after = before.clone();
        apply(&effects, &mut after);
        assert_eq!(after, model(&drawn, &before, &teams, (provider, is_first)), "seed {seed}");
        let once = after.clone();
        apply(&evaluate(&mappers, &login).effects, &mut after);
        assert_eq!(after, once, "seed {seed}");
        let kept: BTreeSet<String> = effects.iter().map(|one| format!("{one:?}")).collect();
        assert_eq!(kept.len(), effects.len(), "seed {seed}: nothing is said twice");
    }
}
