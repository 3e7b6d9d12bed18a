//! A person in several organizations at a time, in very many, and in a very large one:
//! each tab has its own, and tokens cost what they always cost.
use crate::harness::browser::Browser;
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, sign_in, travel0_world, userinfo,
};
use crate::harness::world::{Trips, World};
use crate::refresh::directory;
use crate::scim_setup::{org_id, realm_id};
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::route::ObjectName;
use serde_json::Value;

fn organizations(tokens: &Value) -> Vec<String> {
    let claim = &claims_of(&tokens["access_token"])["organization"];
    claim.as_object().unwrap().keys().cloned().collect()
}

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

#[test]
fn each_tab_of_a_browser_has_an_organization_of_its_own() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let aliases = ["granite-outpost", "rocky-mountain"];
    // Both pages are open before anybody signs in on one of them.
    let scope = |alias: &str| format!("openid organization:{alias}");
    let first = app.send(&browser, &scope(aliases[0]));
    let second = app.send(&browser, &scope(aliases[1]));
    let codes = [sign_in(&browser, &second, "emilio", PASSWORD), {
        let again = sign_in(&browser, &first, "emilio", PASSWORD);
        assert_eq!(again.status, 303, "{again:?}");
        again
    }]
    .map(|answer| code_in(&answer));
    // And one more for each, silently.
    let silent = aliases.map(|alias| code_in(&app.send(&browser, &scope(alias))));

    let expected = [aliases[1], aliases[0], aliases[0], aliases[1]];
    let tabs: Vec<Value> =
        codes.iter().chain(&silent).map(|code| app.redeem(code).json()).collect();

    for _ in 0..2 {
        for (tab, alias) in tabs.iter().zip(expected) {
            assert_eq!(organizations(tab), [alias]);
            assert_eq!(userinfo(&world, &tab["access_token"]).status, 200);
        }
    }
    for (tab, alias) in tabs.iter().zip(expected) {
        assert_eq!(organizations(&app.refresh(refresh_token(tab)).json()), [alias]);
    }
}

/// What tokens in the name of one organization cost `emilio`: by a code, and refreshed.
fn costs(world: &World) -> [Trips; 2] {
    let app = RelyingParty::web(world);
    let code = app.code_for("emilio", "openid organization:granite-outpost");
    let (tokens, by_code) = world.trips_of(|| app.redeem(&code).json());
    assert_eq!(organizations(&tokens), ["granite-outpost"]);
    let (next, refreshed) = world.trips_of(|| app.refresh(refresh_token(&tokens)).json());
    assert_eq!(organizations(&next), ["granite-outpost"]);
    [by_code, refreshed]
}

/// 500 organizations of the person, and 100,000 members beside them.
#[test]
fn tokens_cost_the_same_among_very_many_organizations_and_members() {
    let world = travel0_world();
    costs(&world);
    let small = costs(&world);
    for statement in [
        "INSERT INTO organization (realm_id, id, name, alias, attributes, domains, created_at)
         WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 500)
         SELECT realm_id, 'many-' || n, 'Many ' || n, 'many-' || n, '{}', '[]', 0
           FROM number, user WHERE username = ?",
        "INSERT INTO membership (realm_id, user_id, org_id, present, version)
         SELECT user.realm_id, user.id, organization.id, 1, 1
           FROM organization, user WHERE organization.id LIKE 'many-%' AND username = ?",
    ] {
        directory(&world, statement, "emilio");
    }
    let object = ObjectName::Org(realm_id(&world), org_id(&world, "granite-outpost"));
    world.with_object(&object, |sql| {
        sql.execute_batch(
            "INSERT INTO member (user_id, source, active, joined_at)
             WITH RECURSIVE number (n) AS
                 (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000)
             SELECT 'member-' || n, 'scim', 1, 0 FROM number",
        );
    });

    assert_eq!(costs(&world), small);
}
