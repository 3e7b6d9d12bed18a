//! What RFC 7636 asks of an authorization server, end to end.
use crate::harness::browser::Browser;
use crate::harness::relying_party::{
    CHALLENGE, RelyingParty, VERIFIER, code_in, parameter, sign_in, travel0_world,
};
use crate::token_setup::refusal;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo::PASSWORD;

/// §4.4: nobody reads the challenge off the code.
#[test]
fn a_code_shows_nothing_of_its_challenge() {
    let world = travel0_world();
    let code = RelyingParty::spa(&world).code_for("hiroko", "openid");
    for part in code.split('.') {
        let decoded = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        let decoded = String::from_utf8_lossy(&decoded).into_owned();
        assert!(!part.contains(CHALLENGE) && !decoded.contains(CHALLENGE), "{code}");
    }
}

/// §4.6: a verifier is the one, or it is none; and a wrong one takes nothing away.
#[test]
fn only_the_verifier_itself_spends_a_code() {
    let world = travel0_world();
    let app = RelyingParty::spa(&world);
    let code = app.code_for("hiroko", "openid");
    let longer = format!("{VERIFIER}x");
    let padded = format!("{VERIFIER}=");
    for wrong in [CHALLENGE, &longer, &padded, &VERIFIER[1..], &VERIFIER.to_uppercase()] {
        let answer = app.redeem_with(&code, app.redirect_uri, wrong);
        assert_eq!(refusal(&answer), (400, "invalid_grant".to_owned()), "{wrong}");
    }
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", app.redirect_uri),
    ];
    for without in [&fields[..], &[fields[0], fields[1], fields[2], ("code_verifier", "")]] {
        assert_eq!(refusal(&app.token(without)), (400, "invalid_request".to_owned()));
    }
    assert_eq!(app.redeem(&code).status, 200);
}

/// §4.4.1, §7.2, RFC 9700 §4.8.2: no way to ask makes the verifier cross the browser,
/// or makes it unnecessary.
#[test]
fn a_challenge_cannot_be_taken_down() {
    let world = travel0_world();
    for app in [RelyingParty::spa(&world), RelyingParty::web(&world)] {
        let path = app.authorization_path("openid", "");
        let challenge = format!("&code_challenge={CHALLENGE}");
        let method = "&code_challenge_method=S256";
        let downgraded = [
            path.replace(&challenge, "").replace(method, ""),
            path.replace(&challenge, ""),
            path.replace(method, ""),
            path.replace(method, "&code_challenge_method=plain"),
            path.replace(method, "&code_challenge_method=s256"),
            path.replace(method, "&code_challenge_method="),
            path.replace(&challenge, "&code_challenge="),
            format!("{path}&code_challenge_method=plain"),
            format!("{path}{challenge}"),
        ];
        let browser = Browser::new(&world);
        for path in downgraded {
            let answer = browser.open(&path);
            assert_eq!(answer.status, 303, "{path}");
            assert_eq!(parameter(&answer, "error").as_deref(), Some("invalid_request"), "{path}");
        }
        let good = sign_in(&browser, &browser.open(&path), "hiroko", PASSWORD);
        assert_eq!(app.redeem(&code_in(&good)).status, 200);
    }
}
