//! The organization that a request demands (Auth0's `organization`,
//! `organization_name` and `invitation`), and what a client's settings say of
//! organizations (seed 001; reference auth0-and-peers.md §1.3, §1.4, §1.6).
use crate::authorization_setup::{change_client, error_of, is_login, open, set_attributes};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{
    CHALLENGE, RelyingParty, claims_of, code_in, parameter, sign_in, travel0_world,
};
use crate::harness::world::World;
use crate::invitations::{MARTA, accept, invite, link};
use crate::scim_setup::{org_id, travel0};
use guildhall::app::demo::PASSWORD;
use serde_json::{Value, json};

const GRANITE: &str = "granite-outpost";
const ROCKY: &str = "rocky-mountain";
const ADVENTUREZ: &str = "adventurez";

fn ask(browser: &Browser<'_>, world: &World, scope: &str, extra: &str) -> Answer {
    browser.open(&RelyingParty::web(world).authorization_path(scope, extra))
}

/// What a person gets who signs in: the organizations of the token, or the error.
fn result(world: &World, username: &str, scope: &str, extra: &str) -> Result<Vec<String>, String> {
    let browser = Browser::new(world);
    let page = ask(&browser, world, scope, extra);
    let answer =
        if page.status == 200 { sign_in(&browser, &page, username, PASSWORD) } else { page };
    if answer.status == 200 {
        return Err("a page".to_owned());
    }
    if parameter(&answer, "code").is_none() {
        return Err(error_of(&answer));
    }
    let tokens = RelyingParty::web(world).redeem(&code_in(&answer)).json();
    Ok(organizations(&tokens))
}

fn organizations(tokens: &Value) -> Vec<String> {
    let claim = claims_of(&tokens["access_token"])["organization"].clone();
    claim.as_object().map(|orgs| orgs.keys().cloned().collect()).unwrap_or_default()
}

fn denied() -> Result<Vec<String>, String> {
    Err("access_denied".to_owned())
}

#[test]
fn a_demanded_organization_is_the_only_one_by_id_or_alias() {
    let world = travel0_world();
    let id = org_id(&world, GRANITE);
    for named in [GRANITE, id.as_str()] {
        let extra = format!("&organization={named}");
        for scope in ["openid", "openid organization", "openid organization:*"] {
            let got = result(&world, "emilio", scope, &extra);
            assert_eq!(got, Ok(vec![GRANITE.to_owned()]), "{named} {scope}");
        }
    }
    let got = result(&world, "emilio", "openid", &format!("&organization_name={GRANITE}"));
    assert_eq!(got, Ok(vec![GRANITE.to_owned()]));
}

#[test]
fn no_hint_overrides_a_demand() {
    let world = travel0_world();
    let extra = format!("&organization={GRANITE}&login_hint=jonno@rocky-mountain.example");
    let got = result(&world, "emilio", &format!("openid organization:{ROCKY}"), &extra);
    assert_eq!(got, Ok(vec![GRANITE.to_owned()]));
}

/// Seed 001: who is no member gets no tokens; and nobody learns which
/// organizations there are.
#[test]
fn an_organization_of_others_and_one_that_is_not_there_are_answered_alike() {
    let world = travel0_world();
    let foreign = org_id(&world, ADVENTUREZ);
    let named = [
        ADVENTUREZ,
        foreign.as_str(),
        "no-such",
        "0b4c2a52-0000-4000-8000-000000000000",
        "Granite-Outpost",
        "not*an*alias",
        "..",
    ];
    let answers: Vec<_> = named
        .iter()
        .map(|name| {
            let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            let browser = Browser::new(&world);
            let page = ask(&browser, &world, "openid", &format!("&organization={encoded}"));
            let text: Vec<_> = page.text.lines().filter(|line| !line.contains("hidden")).collect();
            let seen = text.join("\n");
            let answer = sign_in(&browser, &page, "hiroko", PASSWORD);
            let location = url::Url::parse(answer.location()).unwrap();
            let told: Vec<_> = location.query_pairs().into_owned().collect();
            assert_eq!(error_of(&answer), "access_denied", "{name}");
            (seen, told)
        })
        .collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn a_silent_request_is_answered_as_one_with_a_page() {
    let world = travel0_world();
    let browser = Browser::new(&world);
    let app = RelyingParty::web(&world);
    sign_in(&browser, &app.send(&browser, "openid"), "hiroko", PASSWORD);
    let silent =
        |org: &str| ask(&browser, &world, "openid", &format!("&prompt=none&organization={org}"));
    code_in(&silent(GRANITE));
    assert_eq!(error_of(&silent(ADVENTUREZ)), "access_denied");
    assert_eq!(error_of(&silent("no-such")), "access_denied");
}

#[test]
fn everything_that_is_said_of_the_organization_must_be_true() {
    let world = travel0_world();
    let id = org_id(&world, GRANITE);
    let got = |name: &str| {
        result(&world, "emilio", "openid", &format!("&organization={id}&organization_name={name}"))
    };
    assert_eq!(got(GRANITE), Ok(vec![GRANITE.to_owned()]));
    assert_eq!(got(ROCKY), denied());
    for twice in ["&organization=a&organization=a", "&organization_name=a&organization_name=b"] {
        let answer = ask(&Browser::new(&world), &world, "openid", twice);
        assert_eq!(error_of(&answer), "invalid_request", "{twice}");
    }
}

#[test]
fn a_refresh_keeps_the_demanded_organization() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let browser = Browser::new(&world);
    let page = ask(&browser, &world, "openid", &format!("&organization={GRANITE}"));
    let tokens = app.redeem(&code_in(&sign_in(&browser, &page, "emilio", PASSWORD))).json();
    let next = app.refresh(tokens["refresh_token"].as_str().unwrap()).json();
    assert_eq!(organizations(&next), [GRANITE]);
    let wider = app.token(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", next["refresh_token"].as_str().unwrap()),
        ("scope", &format!("openid organization:{ROCKY}")),
    ]);
    assert_eq!(wider.error(), "invalid_scope");
}

#[test]
fn a_client_may_have_nothing_to_do_with_organizations() {
    let world = travel0_world();
    set_attributes(&world, "travel0-web", &json!({ "organizations.usage": "none" }));
    for extra in ["&organization=x", "&organization_name=x", "&invitation=x&organization=x"] {
        let answer = ask(&Browser::new(&world), &world, "openid", extra);
        assert_eq!(error_of(&answer), "invalid_request", "{extra}");
    }
    for scope in ["openid", "openid organization", "openid organization:*"] {
        assert_eq!(result(&world, "emilio", scope, ""), Ok(Vec::new()), "{scope}");
    }
}

#[test]
fn a_client_may_require_an_organization() {
    let world = travel0_world();
    set_attributes(&world, "travel0-web", &json!({ "organizations.usage": "require" }));
    assert_eq!(result(&world, "hiroko", "openid", ""), Ok(vec![GRANITE.to_owned()]));
    assert_eq!(result(&world, "emilio", "openid", ""), Err("a page".to_owned()));
    assert_eq!(result(&world, "hiroko", "openid organization:adventurez", ""), denied());
    let silent = Browser::new(&world);
    sign_in(&silent, &ask(&silent, &world, "openid", ""), "emilio", PASSWORD);
    let answer = ask(&silent, &world, "openid", "&prompt=none");
    assert_eq!(error_of(&answer), "interaction_required");
}

#[test]
fn only_some_organizations_may_use_a_client() {
    let world = travel0_world();
    let app = RelyingParty::web(&world);
    let before = app.tokens_for("emilio", "openid organization:*");
    assert_eq!(organizations(&before), [GRANITE, ROCKY]);
    let id = org_id(&world, ROCKY);
    let list = format!("{ADVENTUREZ}##{id}");
    set_attributes(&world, "travel0-web", &json!({ "organizations.allowed": list }));

    assert_eq!(result(&world, "emilio", "openid", &format!("&organization={GRANITE}")), denied());
    for (scope, got) in [
        ("openid organization:*", vec![ROCKY]),
        ("openid organization", vec![ROCKY]),
        ("openid organization:granite-outpost organization:rocky-mountain", vec![ROCKY]),
        ("openid organization:granite-outpost", vec![]),
    ] {
        let got: Vec<String> = got.into_iter().map(str::to_owned).collect();
        assert_eq!(result(&world, "emilio", scope, ""), Ok(got), "{scope}");
    }
    let next = app.refresh(before["refresh_token"].as_str().unwrap()).json();
    assert_eq!(organizations(&next), [ROCKY], "what was granted before is over too");
}

#[test]
fn a_default_organization_spares_its_members_the_choice() {
    let world = travel0_world();
    set_attributes(&world, "travel0-web", &json!({ "organizations.default": ROCKY }));
    let picked = result(&world, "emilio", "openid organization", "");
    assert_eq!(picked, Ok(vec![ROCKY.to_owned()]));
    assert_eq!(result(&world, "emilio", "openid", ""), Ok(Vec::new()), "none was asked for");
    let other = result(&world, "hiroko", "openid organization", "");
    assert_eq!(other, Ok(vec![GRANITE.to_owned()]), "no member of the default");
    let named = result(&world, "emilio", "openid", &format!("&organization={GRANITE}"));
    assert_eq!(named, Ok(vec![GRANITE.to_owned()]));
}

#[test]
fn settings_that_say_nothing_are_refused() {
    let world = travel0_world();
    for attributes in
        [json!({ "organizations.usage": "maybe" }), json!({ "organizations.allowed": "a####b" })]
    {
        let answer = change_client(&world, "travel0-web", &json!({ "attributes": attributes }));
        assert_eq!(answer.status, 400, "{attributes}");
    }
    for uri in [
        "https://{organization_name}.example/cb",
        "https://x{organization_name}.app.example/cb",
        "https://app.example/cb?o={organization_name}",
        "https://{organization_name}.app.example/*",
    ] {
        let answer = change_client(&world, "travel0-web", &json!({ "redirectUris": [uri] }));
        assert_eq!(answer.status, 400, "{uri}");
    }
}

/// A browser on its way to `redirect_uri`.
fn to(world: &World, redirect_uri: &str, extra: &[(&str, &str)]) -> (Answer, Option<Answer>) {
    let browser = Browser::new(world);
    let request = [
        ("client_id", "travel0-web"),
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("scope", "openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let page = open(&browser, &[&request[..], extra].concat());
    let answer = is_login(&page).then(|| sign_in(&browser, &page, "emilio", PASSWORD));
    (page, answer)
}

#[test]
fn an_address_with_a_place_is_that_of_the_organization_and_of_no_other() {
    let world = travel0_world();
    let id = org_id(&world, GRANITE);
    let uris = json!([
        "https://{organization_name}.app.example/cb",
        "https://app.example/{organization_name}/cb",
    ]);
    assert_eq!(change_client(&world, "travel0-web", &json!({ "redirectUris": uris })).status, 204);
    let host = "https://granite-outpost.app.example/cb";
    let path = "https://app.example/granite-outpost/cb";
    for address in [host, path] {
        for named in [
            ("organization", GRANITE),
            ("organization", id.as_str()),
            ("organization_name", GRANITE),
        ] {
            let answer = to(&world, address, &[named]).1.unwrap();
            assert!(answer.location().starts_with(address), "{answer:?}");
            let code = code_in(&answer);
            let app = RelyingParty { redirect_uri: address, ..RelyingParty::web(&world) };
            assert_eq!(organizations(&app.redeem(&code).json()), [GRANITE]);
        }
    }

    let page = |address: &str, extra: &[(&str, &str)]| {
        let answer = to(&world, address, extra).0;
        assert_eq!((answer.status.as_u16(), answer.location()), (400, ""), "{address} {extra:?}");
    };
    page(host, &[]);
    page(host, &[("organization", ROCKY)]);
    for address in [
        "https://{organization_name}.app.example/cb",
        "https://GRANITE-OUTPOST.app.example/cb",
        "https://granite-outpost.app.example./cb",
        "https://x.granite-outpost.app.example/cb",
        "https://granite-outpost.app.example:444/cb",
        "https://granite-outpost.app.example@evil.example/cb",
        "https://evil.example/granite-outpost/cb",
        "https://app.example/granite-outpost/../x/cb",
    ] {
        page(address, &[("organization", GRANITE)]);
    }
    for name in ["evil.example/", "evil.example#", "a.b", "a/b", "xn--80ak6aa92e", "..", "a@b"] {
        page(&format!("https://{name}.app.example/cb"), &[("organization", name)]);
    }
}

/// The name in the address is that of the organization that the tokens speak for.
#[test]
fn a_code_never_goes_to_the_address_of_another_organization() {
    let world = travel0_world();
    let uris = json!(["https://{organization_name}.app.example/cb"]);
    assert_eq!(change_client(&world, "travel0-web", &json!({ "redirectUris": uris })).status, 204);
    let address = "https://rocky-mountain.app.example/cb";
    let mixed = [("organization", GRANITE), ("organization_name", ROCKY)];
    let answer = to(&world, address, &mixed).1.unwrap();
    assert_eq!(error_of(&answer), "access_denied");
    let unknown = "https://nobody.app.example/cb";
    let answer = to(&world, unknown, &[("organization", "nobody")]).1.unwrap();
    assert_eq!(error_of(&answer), "access_denied");
}

/// The app forwards what the mail's link brought it; the person joins, and comes
/// back signed in to the organization.
#[test]
fn an_invited_person_joins_and_comes_back_to_the_app() {
    let world = travel0();
    let app = RelyingParty::web(&world);
    assert_eq!(invite(&world, MARTA).status, 201);
    let mail = url::Url::parse(&link(&world)).unwrap();
    let ticket = mail.query_pairs().find(|(name, _)| name == "ticket").unwrap().1.into_owned();
    let browser = Browser::new(&world);
    let extra = format!("&organization={ROCKY}&invitation={ticket}");

    let away = ask(&browser, &world, "openid", &format!("{extra}&prompt=create"));
    assert_eq!(away.status, 303, "{away:?}");
    let page = browser.open(away.location());
    let joined = accept(&browser, &page);
    assert_eq!(joined.status, 200, "{joined:?}");
    let href = joined.text.split("/protocol/openid-connect/auth?").nth(1).unwrap();
    let query = href.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    let path = format!("/realms/travel0/protocol/openid-connect/auth?{query}");
    let answer = browser.open(&path);

    assert_eq!(parameter(&answer, "state").as_deref(), Some("state-1"));
    assert_eq!(organizations(&app.redeem(&code_in(&answer)).json()), [ROCKY]);
    assert_eq!(browser.open(&path).status, 400, "once");
}

#[test]
fn an_invitation_comes_with_its_organization_and_is_no_way_around_it() {
    let world = travel0();
    assert_eq!(invite(&world, MARTA).status, 201);
    let browser = Browser::new(&world);
    let alone = ask(&browser, &world, "openid", "&invitation=x");
    assert_eq!(error_of(&alone), "invalid_request");
    let silent = ask(&browser, &world, "openid", "&invitation=x&organization=x&prompt=none");
    assert_eq!(error_of(&silent), "interaction_required");
    let forged = ask(&browser, &world, "openid", "&invitation=x&organization=rocky-mountain");
    assert_eq!(browser.open(forged.location()).status, 404);
    assert!(!forged.location().contains("request_uri"), "nothing was kept: {forged:?}");
}
