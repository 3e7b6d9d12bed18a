//! The OpenID Foundation's conformance suite, profile "Back-Channel OP"
//! (`oidcc-backchannel-rp-initiated-logout-certification-test-plan`), with a client
//! that was made and one that registered itself.
use crate::admin_setup::client_uuid;
use crate::certification_rp_logout::{check_is_over, log_out, with_each};
use crate::certification_setup::{
    BACKCHANNEL, Client, LOGGED_OUT, REALM, certified, discovery, endpoint, id_of, issuer,
    signed_in,
};
use crate::scim_setup::admin;
use guildhall::account::announce::TELL_AFTER;
use guildhall::crypto::jwt::{Expected, PublicKey, verify};
use serde_json::{Value, json};

/// `oidcc-backchannel-logout-discovery-endpoint-verification`: with sessions, too.
#[test]
fn it_is_advertised() {
    let document = discovery(&certified());
    for name in ["backchannel_logout_supported", "backchannel_logout_session_supported"] {
        assert_eq!(document[name], true, "{name}");
    }
    assert!(document["end_session_endpoint"].is_string());
}

/// Says it of a client that was made; one that registered has said it itself.
fn want(client: &Client<'_>) {
    if client.registration.is_none() {
        let uuid = client_uuid(client.world, REALM, &client.id);
        let attributes = json!({
            "backchannel.logout.url": BACKCHANNEL, "backchannel.logout.session.required": "true",
        });
        let change = json!({ "attributes": attributes });
        let path = format!("{REALM}/clients/{uuid}");
        assert_eq!(client.world.put(&path, &admin(client.world), &change).status, 204);
    }
}

/// The one logout token that came, and nothing beside it in its form.
fn logout_token(client: &Client<'_>) -> Value {
    client.world.pass(TELL_AFTER);
    client.world.deliver_queue();
    let posts = client.world.posted();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].url, BACKCHANNEL);
    let form: Vec<_> = url::form_urlencoded::parse(posts[0].form.as_bytes()).into_owned().collect();
    let [(name, token)] = form.as_slice() else { panic!("{form:?}") };
    assert_eq!(name, "logout_token");
    let keys = client.world.get(&endpoint("certs"), "").json();
    let key = |jwk: &Value| PublicKey {
        kid: jwk["kid"].as_str().unwrap().to_owned(),
        algorithm: "RS256",
        jwk: jwk.clone(),
    };
    let keys: Vec<_> = keys["keys"].as_array().unwrap().iter().map(key).collect();
    let issuer = issuer();
    let audience = Some(client.id.as_str());
    let expected = Expected { issuer: &issuer, typ: None, now: client.world.now(), audience };
    verify(token, &keys, &expected).unwrap()
}

/// `oidcc-backchannel-rp-initiated-logout`: the logout token is good and about this
/// login, the browser comes back with its state, and the person is signed out.
#[test]
fn the_client_is_told_of_a_logout() {
    let wanted = json!({
        "backchannel_logout_uri": BACKCHANNEL, "backchannel_logout_session_required": true,
    });
    with_each(&wanted, |client| {
        want(client);
        client.world.serve(BACKCHANNEL, 200, "");
        client.world.deliver_queue();
        let (browser, tokens) = signed_in(client);
        let asked = [
            ("id_token_hint", tokens["id_token"].as_str().unwrap()),
            ("post_logout_redirect_uri", LOGGED_OUT),
            ("state", "s"),
        ];
        let answer = log_out(&browser, client, &asked);
        assert_eq!(answer.location(), format!("{LOGGED_OUT}?state=s"));

        let told = logout_token(client);

        for claim in ["sub", "sid"] {
            assert_eq!(told[claim], id_of(&tokens)[claim], "{claim}");
        }
        assert!(told["jti"].is_string() && told["iat"].is_u64());
        let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        assert_eq!(told["events"], event);
        assert!(told.get("nonce").is_none());
        check_is_over(&browser, client);
    });
}
