//! The OpenID Foundation's conformance suite, profile "Form Post OP" with codes
//! (`oidcc-formpost-basic-certification-test-plan`): the modules of Basic OP
//! (`certification_basic.rs`), whose answers come by POST. Here is what differs.
use crate::certification_setup::{
    CALLBACK, Client, certified, check_error_in, clients, discovery, id_of, issuer, log_in,
};
use crate::harness::browser::{Answer, Browser};
use serde_json::{Value, json};

const FORM: (&str, &str) = ("response_mode", "form_post");

/// What the browser would post to the client: nothing travels in an address.
fn posted(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!((answer.status.as_u16(), answer.location()), (200, ""), "{answer:?}");
    assert_eq!(answer.action(), CALLBACK);
    let form = answer.text.split("<form").nth(1).unwrap().split("</form>").next().unwrap();
    assert!(form.contains("method=\"post\"") && !form.contains("enctype"), "{form}");
    let names = form.split("name=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    names.map(|name| (name.to_owned(), answer.field(name))).collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    &pairs.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{pairs:?}")).1
}

fn with_each(check: impl Fn(&Client<'_>)) {
    let world = certified();
    for client in clients(&world, &json!({})) {
        check(&client);
        client.unregister();
    }
}

/// The plan is passed over unless it is advertised.
#[test]
fn the_mode_is_advertised() {
    let modes = discovery(&certified())["response_modes_supported"].clone();
    assert!(modes.as_array().unwrap().contains(&json!("form_post")), "{modes}");
}

/// `oidcc-server`, `oidcc-prompt-none-logged-in` by POST: a page of ours at the first
/// login, and none at the second.
#[test]
fn a_code_comes_by_post() {
    with_each(|client| {
        let browser = Browser::new(client.world);
        let page = client.ask(&browser, &[FORM]);
        let answers = [
            log_in(&browser, &page),
            client.ask(&browser, &[FORM, ("prompt", "none")]),
            browser.submit(&crate::certification_setup::endpoint("auth"), &client.request(&[FORM])),
        ];
        let subjects = answers.map(|answer| {
            let pairs = posted(&answer);
            assert_eq!(value(&pairs, "state"), "state-of-the-suite");
            assert_eq!(value(&pairs, "iss"), issuer());
            id_of(&client.finish(value(&pairs, "code")))["sub"].clone()
        });
        assert!(subjects.iter().all(|sub| *sub == subjects[0] && *sub != Value::Null));
    });
}

/// `oidcc-response-type-missing`, `oidcc-prompt-none-not-logged-in` by POST.
#[test]
fn an_error_comes_by_post() {
    let state = "s".repeat(128);
    with_each(|client| {
        let browser = Browser::new(client.world);
        let missing = posted(&client.ask(&browser, &[FORM, ("response_type", "")]));
        check_error_in(&missing, &["invalid_request", "unsupported_response_type"]);
        assert_eq!(value(&missing, "state"), "state-of-the-suite");

        let silent = [FORM, ("prompt", "none"), ("state", state.as_str())];
        let refused = posted(&client.ask(&browser, &silent));
        check_error_in(&refused, &["login_required", "interaction_required"]);
        assert_eq!(value(&refused, "state"), state);
    });
}
