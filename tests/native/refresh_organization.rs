//! A refresh that switches to another organization of the person, or narrows to one.
use crate::authorization_setup::{change_client, set_attributes};
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{
    RelyingParty, claims_of, code_in, sign_in, token_path, travel0_world, userinfo,
};
use crate::harness::world::World;
use crate::org_setup::NOBODY;
use crate::refresh::{directory, leave};
use crate::scim_setup::{admin, org_id};
use crate::token_setup::{REVOKE, post_as, refusal};
use bytes::Bytes;
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use http::Request;
use serde_json::{Value, json};

const GRANITE: &str = "granite-outpost";
const ROCKY: &str = "rocky-mountain";
const ADVENTUREZ: &str = "adventurez";
const WEB: &str = "travel0-web";
const DISABLE: &str = "UPDATE user SET enabled = 0
    WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?";
const ENABLE: &str = "UPDATE user SET enabled = 1
    WHERE realm_id = (SELECT id FROM realm WHERE name = 'travel0') AND username = ?";

fn refresh_token(tokens: &Value) -> &str {
    tokens["refresh_token"].as_str().unwrap()
}

fn fields<'a>(tokens: &'a Value, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let own = [("grant_type", "refresh_token"), ("refresh_token", refresh_token(tokens))];
    [&own, more].concat()
}

/// The web client refreshes with these fields besides.
fn refresh(world: &World, tokens: &Value, more: &[(&str, &str)]) -> Answer {
    RelyingParty::web(world).token(&fields(tokens, more))
}

fn request(tokens: &Value, more: &[(&str, &str)]) -> Request<Bytes> {
    let own = [("client_id", WEB), ("client_secret", guildhall::app::demo::CLIENT_SECRET)];
    form_request(&token_path(), &[&own, fields(tokens, more).as_slice()].concat())
}

/// Emilio belongs to both, and signed in to Rocky Mountain.
fn emilio(world: &World) -> Value {
    RelyingParty::web(world).tokens_for("emilio", &format!("openid organization:{ROCKY}"))
}

fn organizations(tokens: &Value) -> Vec<String> {
    let claim = claims_of(&tokens["access_token"])["organization"].clone();
    claim.as_object().map(|orgs| orgs.keys().cloned().collect()).unwrap_or_default()
}

/// The tokens of an answer, and the organizations they speak for.
fn granted(answer: &Answer) -> (Value, Vec<String>) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let tokens = answer.json();
    let orgs = organizations(&tokens);
    (tokens, orgs)
}

fn denied() -> (u16, String) {
    (400, "access_denied".to_owned())
}

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

#[test]
fn a_refresh_speaks_for_another_organization_of_the_person() {
    let world = travel0_world();
    let id = org_id(&world, GRANITE);
    let first = emilio(&world);
    let mut tokens = first.clone();
    for asked in
        [("organization", id.as_str()), ("organization", GRANITE), ("organization_name", GRANITE)]
    {
        let (next, orgs) = granted(&refresh(&world, &tokens, &[asked]));
        assert_eq!(orgs, [GRANITE], "{asked:?}");
        assert_ne!(refresh_token(&next), refresh_token(&tokens), "it rotates");
        assert_eq!(next["session_state"], first["session_state"], "the same session");
        let told = format!("openid profile email organization:{GRANITE}");
        assert_eq!(next["scope"], json!(told), "{asked:?}");
        let [access, id_token] =
            ["access_token", "id_token"].map(|name| claims_of(&next[name])["organization"].clone());
        assert!(access[GRANITE]["roles"].is_array() && id_token == access, "{access} {id_token}");
        let told = userinfo(&world, &next["access_token"]).json();
        assert!(told["organization"][GRANITE].is_object(), "{told}");
        tokens = next;
    }
    let (tokens, orgs) = granted(&refresh(&world, &tokens, &[]));
    assert_eq!(orgs, [ROCKY], "what was granted stays what it was");
    let both = [("organization", id.as_str()), ("organization_name", GRANITE)];
    let (tokens, orgs) = granted(&refresh(&world, &tokens, &both));
    assert_eq!(orgs, [GRANITE]);
    assert_eq!(granted(&refresh(&world, &tokens, &[("organization", "")])).1, [ROCKY]);
}

/// As at a switch and at an exchange: the client to which the person gave a token
/// opens the person's organizations with it.
#[test]
fn a_grant_for_no_organization_and_one_for_several_switch_too() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    for scope in ["openid", "openid organization:*", "openid offline_access"] {
        let tokens = app.tokens_for("emilio", scope);
        let before = organizations(&tokens);
        let (tokens, orgs) = granted(&refresh(&world, &tokens, &[("organization", GRANITE)]));
        assert_eq!(orgs, [GRANITE], "{scope}");
        assert_eq!(granted(&refresh(&world, &tokens, &[])).1, before, "{scope}");
    }
}

#[test]
fn a_scope_narrows_and_gains_nothing_by_a_switch() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let tokens = app.tokens_for("emilio", "openid organization:* phone");
    let scope = format!("openid organization:{GRANITE}");
    let (tokens, orgs) = granted(&refresh(&world, &tokens, &[("scope", &scope)]));
    assert_eq!(orgs, [GRANITE]);
    let (tokens, orgs) = granted(&refresh(&world, &tokens, &[]));
    assert_eq!(orgs, [GRANITE, ROCKY]);
    let narrow = [("organization", ROCKY), ("scope", "openid")];
    let (mut tokens, orgs) = granted(&refresh(&world, &tokens, &narrow));
    assert_eq!(orgs, [ROCKY]);
    assert_eq!(tokens["scope"], json!(format!("openid profile email organization:{ROCKY}")));
    for scope in ["openid address", "openid organization:adventurez", "openid offline_access"] {
        for more in [&[("scope", scope)][..], &[("scope", scope), ("organization", ROCKY)]] {
            let answer = refresh(&world, &tokens, more);
            assert_eq!(refusal(&answer), (400, "invalid_scope".to_owned()), "{more:?}");
        }
        tokens = granted(&refresh(&world, &tokens, &[])).0;
    }
    let one = emilio(&world);
    let beyond = [("organization", GRANITE), ("scope", &*format!("organization:{GRANITE}"))];
    assert_eq!(refusal(&refresh(&world, &one, &beyond)), (400, "invalid_scope".to_owned()));
}

/// Nobody's, others', another realm's and one that the person left have one answer, and
/// the chain goes on.
#[test]
fn a_refresh_learns_nothing_of_organizations_that_are_not_the_persons() {
    let world = travel0_world();
    let made = world.post("/realms/master/orgs", &admin(&world), &json!({ "name": "elsewhere" }));
    let elsewhere = made.location().rsplit('/').next().unwrap().to_owned();
    let first = emilio(&world);
    leave(&world, "emilio", GRANITE);
    let nowhere = refresh(&world, &first, &[("organization", "nowhere")]);
    assert_eq!(refusal(&nowhere), denied());
    let (foreign, left) = (org_id(&world, ADVENTUREZ), org_id(&world, GRANITE));
    for name in [
        ADVENTUREZ,
        foreign.as_str(),
        GRANITE,
        left.as_str(),
        "elsewhere",
        &elsewhere,
        NOBODY,
        "Rocky-Mountain",
        "not*an*alias",
        "..",
    ] {
        for parameter in ["organization", "organization_name"] {
            let answer = refresh(&world, &first, &[(parameter, name)]);
            assert_eq!((answer.status, &answer.text), (nowhere.status, &nowhere.text), "{name}");
        }
    }
    let contradiction = [("organization", ROCKY), ("organization_name", GRANITE)];
    assert_eq!(refusal(&refresh(&world, &first, &contradiction)), denied());
    let twice = [("organization", ROCKY), ("organization", ROCKY)];
    assert_eq!(refusal(&refresh(&world, &first, &twice)), (400, "invalid_request".to_owned()));
    assert_eq!(granted(&refresh(&world, &first, &[])).1, [ROCKY], "the same token, again");
}

/// Makes a refresh token one that is no good.
type Spoil = fn(&World, &Value);

/// Whoever holds a token that is no good learns nothing by it.
#[test]
fn the_refresh_token_is_judged_before_the_organization() {
    let spoilt: [(&str, Spoil); 5] = [
        ("used", |world, tokens| assert_eq!(refresh(world, tokens, &[]).status, 200)),
        ("revoked", |world, tokens| {
            let token = [("token", refresh_token(tokens))];
            assert_eq!(post_as(world, REVOKE, WEB, &token).status, 200);
        }),
        ("expired", |world, _| world.advance(Seconds::minutes(30))),
        ("of a session that ended", |world, tokens| {
            let user = claims_of(&tokens["access_token"])["sub"].as_str().unwrap().to_owned();
            let path = format!("/admin/realms/travel0/users/{user}/logout");
            assert_eq!(world.post(&path, &admin(world), &json!({})).status, 204);
        }),
        ("of somebody disabled", |world, _| directory(world, DISABLE, "emilio")),
    ];
    for (what, spoil) in spoilt {
        let ask = |more: &[(&str, &str)]| {
            let world = travel0_world();
            let tokens = emilio(&world);
            spoil(&world, &tokens);
            let answer = refresh(&world, &tokens, more);
            (answer.status, answer.text)
        };
        let plain = ask(&[]);
        assert_eq!(plain.0, 400, "{what}");
        for organization in [GRANITE, ROCKY, ADVENTUREZ, "nowhere"] {
            assert_eq!(ask(&[("organization", organization)]), plain, "{what} {organization}");
        }
    }
}

#[test]
fn a_used_token_that_switches_ends_the_chain() {
    for organization in [GRANITE, "nowhere"] {
        let world = travel0_world();
        let first = emilio(&world);
        let (second, _) = granted(&refresh(&world, &first, &[("organization", GRANITE)]));
        let again = refresh(&world, &first, &[("organization", organization)]);
        assert_eq!(refusal(&again), invalid_grant());
        assert_eq!(refusal(&refresh(&world, &second, &[])), invalid_grant(), "{organization}");
    }
}

#[test]
fn another_client_neither_switches_nor_ends_the_chain() {
    let world = travel0_world();
    let tokens = RelyingParty::spa(&world).tokens_for("emilio", "openid");
    for organization in [GRANITE, "nowhere"] {
        let thief = refresh(&world, &tokens, &[("organization", organization)]);
        assert_eq!(refusal(&thief), invalid_grant(), "{organization}");
    }
    let own = RelyingParty::spa(&world).token(&fields(&tokens, &[("organization", GRANITE)]));
    assert_eq!(granted(&own).1, [GRANITE]);
}

#[test]
fn whoever_is_gone_or_has_left_loses_the_chain_by_a_switch_too() {
    let world = travel0_world();
    let tokens = emilio(&world);
    directory(&world, DISABLE, "emilio");
    let answer = refresh(&world, &tokens, &[("organization", GRANITE)]);
    assert_eq!(refusal(&answer), invalid_grant());
    directory(&world, ENABLE, "emilio");
    assert_eq!(refusal(&refresh(&world, &tokens, &[])), invalid_grant(), "it ended");

    let tokens = emilio(&world);
    leave(&world, "emilio", ROCKY);
    let answer = refresh(&world, &tokens, &[("organization", GRANITE)]);
    assert_eq!(refusal(&answer), invalid_grant(), "what it was for is gone");
    assert_eq!(refusal(&refresh(&world, &tokens, &[])), invalid_grant(), "it ended");
}

#[test]
fn the_clients_policy_binds_a_switch() {
    let world = travel0_world();
    let tokens = RelyingParty::web(&world).tokens_for("emilio", "openid");
    let set = |attributes: Value| set_attributes(&world, WEB, &attributes);
    set(json!({ "organizations.allowed": ROCKY }));
    assert_eq!(refusal(&refresh(&world, &tokens, &[("organization", GRANITE)])), denied());
    let (tokens, orgs) = granted(&refresh(&world, &tokens, &[("organization", ROCKY)]));
    assert_eq!(orgs, [ROCKY]);
    set(json!({ "organizations.usage": "none", "organizations.allowed": "" }));
    assert_eq!(refusal(&refresh(&world, &tokens, &[("organization", ROCKY)])), denied());
    assert_eq!(granted(&refresh(&world, &tokens, &[])).1, [""; 0]);
}

/// There is no page to ask on, and that the person belongs to it is not told either.
#[test]
fn a_switch_goes_no_further_than_the_person_allowed() {
    let world = travel0_world();
    assert_eq!(change_client(&world, WEB, &json!({ "consentRequired": true })).status, 204);
    let app = RelyingParty::web(&world);
    let agree = |scope: &str| {
        let browser = Browser::new(&world);
        let page = app.send(&browser, scope);
        let question = sign_in(&browser, &page, "emilio", PASSWORD);
        let (state, csrf) = (question.field("state"), question.field("csrf"));
        let fields = [("state", &*state), ("csrf", &*csrf), ("accept", "yes")];
        app.redeem(&code_in(&browser.submit(&question.action(), &fields))).json()
    };
    let tokens = agree(&format!("openid organization:{ROCKY}"));
    let to_granite = [("organization", GRANITE)];
    let not_allowed = refresh(&world, &tokens, &to_granite);
    assert_eq!(refusal(&not_allowed), denied());
    assert_eq!(not_allowed.text, refresh(&world, &tokens, &[("organization", "nowhere")]).text);
    agree(&format!("openid organization:{GRANITE}"));
    assert_eq!(granted(&refresh(&world, &tokens, &to_granite)).1, [GRANITE]);
}

#[test]
fn an_answer_that_got_lost_may_be_asked_for_elsewhere() {
    let world = travel0_world();
    let grace = json!({ "attributes": { "refresh.token.grace.seconds": "10" } });
    assert_eq!(world.put("/admin/realms/travel0", &admin(&world), &grace).status, 204);
    let tokens = emilio(&world);
    assert_eq!(refresh(&world, &tokens, &[]).status, 200);
    assert_eq!(granted(&refresh(&world, &tokens, &[("organization", GRANITE)])).1, [GRANITE]);
    let again = refresh(&world, &tokens, &[("organization", GRANITE)]);
    assert_eq!(refusal(&again), invalid_grant(), "once");
}

/// In every order, one of the two goes on.
#[test]
fn of_two_switches_at_once_one_chain_goes_on() {
    let mut step = 0;
    loop {
        let world = travel0_world();
        let tokens = emilio(&world);
        let [one, other] =
            [GRANITE, ROCKY].map(|alias| request(&tokens, &[("organization", alias)]));
        let Some(answers) = world.interleaved(step, one, other) else { break };
        let good = answers.iter().filter(|answer| answer.status() == 200).count();
        assert_eq!(good, 1, "held at {step}");
        step += 1;
    }
    assert!(step > 3, "a switch makes {step} steps");
}

#[test]
fn a_switch_takes_four_calls_and_two_queries() {
    let world = travel0_world();
    let tokens = emilio(&world);
    let id = org_id(&world, GRANITE);
    let asked = [("organization", id.as_str())];
    let (answer, trips) = world.trips_of(|| refresh(&world, &tokens, &asked));
    assert_eq!(granted(&answer).1, [GRANITE]);
    // The account, twice; the organization that was granted, and the one that is wanted.
    assert_eq!((trips.objects, trips.directory), (4, 2));
}

/// Each window its own: a switch by refresh is of the token alone.
#[test]
fn the_session_stays_where_it_was() {
    let world = travel0_world();
    let tokens = emilio(&world);
    let active = |tokens: &Value| {
        let path = "/realms/travel0/users/active-organization";
        world.get(path, tokens["access_token"].as_str().unwrap()).json()["name"].clone()
    };
    let before = active(&tokens);
    let other = if before == json!(GRANITE) { ROCKY } else { GRANITE };
    let (next, _) = granted(&refresh(&world, &tokens, &[("organization", other)]));
    assert_eq!(active(&next), before);
}
