//! The OpenID Foundation's conformance suite, profile "Front-Channel OP"
//! (`oidcc-frontchannel-rp-initiated-logout-certification-test-plan`), with a client
//! that was made and one that registered itself.
use crate::admin_setup::client_uuid;
use crate::certification_rp_logout::{check_is_over, log_out, with_each};
use crate::certification_setup::{
    Client, FRONTCHANNEL, LOGGED_OUT, REALM, certified, discovery, id_of, issuer, signed_in,
};
use crate::scim_setup::admin;
use serde_json::json;

/// `oidcc-frontchannel-logout-discovery-endpoint-verification`: with sessions, too.
#[test]
fn it_is_advertised() {
    let document = discovery(&certified());
    for name in ["frontchannel_logout_supported", "frontchannel_logout_session_supported"] {
        assert_eq!(document[name], true, "{name}");
    }
    assert!(document["end_session_endpoint"].is_string());
}

/// Says it of a client that was made; one that registered has said it itself.
fn want(client: &Client<'_>) {
    if client.registration.is_none() {
        let uuid = client_uuid(client.world, REALM, &client.id);
        let attributes = json!({
            "frontchannel.logout.url": FRONTCHANNEL, "frontchannel.logout.session.required": "true",
        });
        let change = json!({ "attributes": attributes });
        let path = format!("{REALM}/clients/{uuid}");
        assert_eq!(client.world.put(&path, &admin(client.world), &change).status, 204);
    }
}

/// `oidcc-frontchannel-rp-initiated-logout`: the page loads the client's with `iss` and
/// `sid` of this login and nothing else, goes on to the client with its state, and the
/// person is signed out.
#[test]
fn the_clients_page_is_loaded_at_a_logout() {
    let wanted = json!({
        "frontchannel_logout_uri": FRONTCHANNEL, "frontchannel_logout_session_required": true,
    });
    with_each(&wanted, |client| {
        want(client);
        let (browser, tokens) = signed_in(client);
        let asked = [
            ("id_token_hint", tokens["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", LOGGED_OUT),
            ("state", "s; url=\"x\" &"),
        ];
        let page = log_out(&browser, client, &asked);

        assert_eq!(page.status, 200, "{page:?}");
        let frames: Vec<_> = page.text.split("<iframe").skip(1).collect();
        assert_eq!(frames.len(), 1, "{page:?}");
        let source = frames[0].split("src=\"").nth(1).unwrap().split('"').next().unwrap();
        let source = source.replace("&amp;", "&").replace("&#38;", "&");
        assert!(source.starts_with(&format!("{FRONTCHANNEL}?")), "{source}");
        let url = url::Url::parse(&source).unwrap();
        let mut pairs: Vec<_> = url.query_pairs().into_owned().collect();
        pairs.sort();
        let sid = id_of(&tokens)["sid"].as_str().unwrap().to_owned();
        assert_eq!(pairs, [("iss".to_owned(), issuer()), ("sid".to_owned(), sid)]);
        let goes_on = page.header("refresh").split_once("url=").unwrap().1;
        assert_eq!(goes_on, format!("{LOGGED_OUT}?state=s%3B+url%3D%22x%22+%26"));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-src https://suite.example"), "{policy}");
        check_is_over(&browser, client);
    });
}
