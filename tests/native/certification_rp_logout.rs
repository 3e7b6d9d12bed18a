//! The OpenID Foundation's conformance suite, profile "RP-Initiated OP"
//! (`oidcc-rp-initiated-logout-certification-test-plan`), with a client that was made
//! and one that registered itself.
use crate::authorization_setup::unsigned;
use crate::certification_setup::{
    CALLBACK, Client, LOGGED_OUT, certified, check_error, clients, discovery, header_of, id_of,
    issuer, signed_in, userinfo,
};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::parameter;
use crate::token_setup::Signer;
use guildhall::kernel::time::Seconds;
use serde_json::{Value, json};

/// The end-session endpoint with these parameters, in the browser.
pub fn log_out(browser: &Browser<'_>, client: &Client<'_>, with: &[(&str, &str)]) -> Answer {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(with);
    let place = discovery(client.world)["end_session_endpoint"].as_str().unwrap().to_owned();
    browser.open(&format!("{place}?{}", query.finish()))
}

/// What each module registers besides.
pub fn with_each(more: &Value, check: impl Fn(&Client<'_>)) {
    let world = certified();
    let mut wanted = json!({ "post_logout_redirect_uris": [LOGGED_OUT] });
    for (name, value) in more.as_object().unwrap() {
        wanted[name] = value.clone();
    }
    for client in clients(&world, &wanted) {
        check(&client);
        client.unregister();
    }
}

/// The login that has to fail after a logout: without a page.
pub fn check_is_over(browser: &Browser<'_>, client: &Client<'_>) {
    let answer = client.ask(browser, &[("prompt", "none")]);
    check_error(&answer, &["login_required", "interaction_required"]);
}

fn hint(tokens: &Value) -> &str {
    tokens["id_token"].as_str().unwrap()
}

/// A page of ours that leads nowhere, whether it asks or refuses; and the session is
/// still there.
fn check_goes_nowhere(client: &Client<'_>, tokens: &Value, answer: &Answer) {
    assert!([200, 400].contains(&answer.status.as_u16()), "{answer:?}");
    assert_eq!((answer.location(), answer.header("refresh")), ("", ""), "{answer:?}");
    assert!(answer.text.contains("<h1"), "{answer:?}");
    assert_eq!(userinfo(client.world, tokens).status, 200);
}

/// `oidcc-rp-initiated-logout-discovery-endpoint-verification`.
#[test]
fn the_endpoint_is_advertised() {
    let document = discovery(&certified());
    let place = document["end_session_endpoint"].as_str().unwrap();
    assert!(place.starts_with(&issuer()), "{place}");
}

/// `oidcc-rp-initiated-logout`, `oidcc-rp-initiated-logout-no-state`: back at the
/// address with `state` as it was and nothing else, and the person is signed out.
#[test]
fn a_logout_leads_back_with_the_state() {
    // Every character that a state can have (RFC 6749 appendix A.5).
    let state = (' '..='~').chain('A'..='Z').take(128).collect::<String>();
    with_each(&json!({}), |client| {
        for state in [Some(&state), None] {
            let (browser, tokens) = signed_in(client);
            let mut asked =
                vec![("id_token_hint", hint(&tokens)), ("post_logout_redirect_uri", LOGGED_OUT)];
            asked.extend(state.map(|state| ("state", state.as_str())));
            let answer = log_out(&browser, client, &asked);
            assert_eq!(answer.status, 303, "{answer:?}");
            let (place, query) = answer.location().split_once('?').unwrap_or((LOGGED_OUT, ""));
            assert_eq!((place, query.contains('&')), (LOGGED_OUT, false), "{answer:?}");
            assert_eq!(parameter(&answer, "state").as_ref(), state);
            check_is_over(&browser, client);
        }
    });
}

/// `oidcc-rp-initiated-logout-bad-post-logout-redirect-uri`,
/// `oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri`: only the
/// registered address, to the letter.
#[test]
fn a_logout_leads_to_no_other_address() {
    with_each(&json!({}), |client| {
        let (browser, tokens) = signed_in(client);
        for uri in
            [format!("{LOGGED_OUT}8hx3bqvp"), format!("{LOGGED_OUT}?foo=bar"), CALLBACK.to_owned()]
        {
            let asked = [
                ("id_token_hint", hint(&tokens)),
                ("post_logout_redirect_uri", uri.as_str()),
                ("state", "s"),
            ];
            let answer = log_out(&browser, client, &asked);
            check_goes_nowhere(client, &tokens, &answer);
        }
    });
}

/// `oidcc-rp-initiated-logout-modified-id-token-hint` (the token with `alg` `none`),
/// `oidcc-rp-initiated-logout-bad-id-token-hint` (one that the client signed itself),
/// `oidcc-rp-initiated-logout-no-id-token-hint`.
#[test]
fn nobody_is_sent_back_for_a_hint_that_is_not_ours() {
    with_each(&json!({}), |client| {
        let (browser, tokens) = signed_in(client);
        let mut header = header_of(&tokens["id_token"]);
        header["alg"] = json!("none");
        let modified = format!("{}.", unsigned(&header, &id_of(&tokens)));
        let now = client.world.now().as_unix();
        let own = json!({
            "iss": client.id, "sub": "SubjectID", "aud": issuer(), "nonce": "flibble",
            "iat": now, "exp": now + 300,
        });
        let signed = Signer::Rsa("RS256").sign("suite-key", &own);
        for hint in [modified.as_str(), &signed, ""] {
            let asked =
                [("id_token_hint", hint), ("post_logout_redirect_uri", LOGGED_OUT), ("state", "s")];
            let answer = log_out(&browser, client, &asked[usize::from(hint.is_empty())..]);
            check_goes_nowhere(client, &tokens, &answer);
            assert_eq!(answer.status, 400, "{hint}");
        }
    });
}

/// Presses the button of the question, if there is one.
fn agree(browser: &Browser<'_>, answer: Answer) -> Answer {
    if !answer.text.contains("name=\"csrf\"") {
        return answer;
    }
    let csrf = answer.field("csrf");
    let mut fields = vec![("csrf", csrf.clone())];
    for name in ["id_token_hint", "post_logout_redirect_uri", "state"] {
        if answer.text.contains(&format!("name=\"{name}\"")) {
            fields.push((name, answer.field(name)));
        }
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.submit(&answer.action(), &fields)
}

/// `oidcc-rp-initiated-logout-no-params`, `oidcc-rp-initiated-logout-only-state`,
/// `oidcc-rp-initiated-logout-no-post-logout-redirect-uri`: the person is signed out,
/// and a page says so, after a question where no hint says who asks.
#[test]
fn without_an_address_a_page_says_that_it_is_done() {
    with_each(&json!({}), |client| {
        for is_hinted in [false, true] {
            let (browser, tokens) = signed_in(client);
            let asked = [("id_token_hint", hint(&tokens)), ("state", "s")];
            let asked = if is_hinted { &asked[..] } else { &asked[1..] };
            let done = agree(&browser, log_out(&browser, client, asked));
            assert_eq!((done.status.as_u16(), done.location()), (200, ""), "{done:?}");
            assert!(done.text.contains("signed out"), "{done:?}");
            assert_eq!(userinfo(client.world, &tokens).status, 401);
            check_is_over(&browser, client);
            client.world.advance(Seconds(1));
        }
        let (browser, _) = signed_in(client);
        let done = agree(&browser, log_out(&browser, client, &[]));
        assert!(done.text.contains("signed out"), "{done:?}");
        check_is_over(&browser, client);
    });
}
