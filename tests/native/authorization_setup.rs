//! What the tests of authorization requests share.
use crate::admin_setup::{TRAVEL0, client_uuid};
use crate::harness::browser::{Answer, Browser};
use crate::harness::relying_party::{CHALLENGE, RelyingParty, VERIFIER, parameter, travel0};
use crate::harness::world::World;
use crate::scim_setup::admin;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::account::code_redeem::{RedeemCode, Redeemed};
use guildhall::account::grant::Terms;
use guildhall::account::session_rule::SessionRule;
use guildhall::crypto::token::TokenHash;
use guildhall::kernel::route::ObjectName;
use guildhall::kernel::secret::Secret;
use guildhall::kernel::time::Seconds;
use guildhall::platform::object::ask;
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use serde_json::{Value, json};

/// Where clients push requests.
pub fn push_path() -> String {
    travel0("/protocol/openid-connect/ext/par/request")
}

/// Changes a client of realm travel0.
pub fn change_client(world: &World, client_id: &str, change: &Value) -> Answer {
    let uuid = client_uuid(world, TRAVEL0, client_id);
    world.put(&format!("{TRAVEL0}/clients/{uuid}"), &admin(world), change)
}

/// Sets attributes of a client of realm travel0.
pub fn set_attributes(world: &World, client_id: &str, attributes: &Value) {
    let answer = change_client(world, client_id, &json!({ "attributes": attributes }));
    assert_eq!(answer.status, 204, "{answer:?}");
}

/// The `error` that an answer takes to the client.
pub fn error_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    parameter(answer, "error").unwrap_or_else(|| panic!("no error: {answer:?}"))
}

/// Whether the browser sees the login page.
pub fn is_login(answer: &Answer) -> bool {
    answer.status == 200 && answer.text.contains("kc-form-login")
}

/// What a browser gets that comes with these parameters and nothing else.
pub fn open(browser: &Browser<'_>, parameters: &[(&str, &str)]) -> Answer {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    browser.open(&travel0(&format!("/protocol/openid-connect/auth?{}", query.finish())))
}

/// A request of the app in full, to push or to sign.
pub fn request_of<'a>(app: &RelyingParty<'a>) -> Vec<(&'a str, &'a str)> {
    vec![
        ("client_id", app.client_id),
        ("redirect_uri", app.redirect_uri),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "state-2"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
}

/// Pushes a request, with the client's secret.
pub fn push(app: &RelyingParty<'_>, parameters: &[(&str, &str)]) -> Answer {
    let mut fields = parameters.to_vec();
    fields.extend(app.secret.map(|secret| ("client_secret", secret)));
    app.world.post_form(&push_path(), &fields)
}

/// What an authorization code stands for besides a scope. Uses it up.
pub fn terms_of(world: &World, app: &RelyingParty<'_>, code: &str) -> Terms {
    let (user, secret) = code.rsplit_once('.').unwrap();
    let realm = crate::scim_setup::realm(world);
    let question = RedeemCode {
        hash: TokenHash::of(secret),
        client_id: app.client_id.to_owned(),
        redirect_uri: app.redirect_uri.to_owned(),
        code_verifier: Some(Secret::new(VERIFIER)),
        jkt: None,
        family: None,
        offline_family: None,
        token_life: Seconds::minutes(5),
        rule: SessionRule::of(&realm),
    };
    let object = ObjectName::Account(realm.id, user.parse().unwrap());
    match world.run(ask(&*world.app().ports.objects, &object, &question)).unwrap() {
        Redeemed::Granted { grant, .. } => grant.granted.terms,
        Redeemed::Refused(why) => panic!("{why}"),
    }
}

/// A key of a client's.
pub struct ClientKey(SigningKey);

impl ClientKey {
    pub fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    /// The public half, called `kid` unless that is empty.
    pub fn jwk(&self, kid: &str) -> Value {
        let point = self.0.verifying_key().to_sec1_point(false);
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": encode(&point.as_bytes()[1..33]),
            "y": encode(&point.as_bytes()[33..]),
        });
        if !kid.is_empty() {
            jwk["kid"] = json!(kid);
        }
        jwk
    }

    /// Registers it for a client of realm travel0.
    pub fn register(&self, world: &World, client_id: &str, kid: &str) {
        let set = json!({ "keys": [self.jwk(kid)] }).to_string();
        let attributes = json!({ "use.jwks.string": "true", "jwks.string": set });
        set_attributes(world, client_id, &attributes);
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = unsigned(header, claims);
        let signature: Signature = self.0.sign(input.as_bytes());
        format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// The first two parts of a token.
pub fn unsigned(header: &Value, claims: &Value) -> String {
    let [header, claims] =
        [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{claims}")
}
