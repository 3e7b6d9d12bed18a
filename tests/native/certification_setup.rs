//! What the tests of the OpenID Foundation's conformance suite share: a realm, a
//! person and clients as `docs/conformance.md` has them, requests as the suite makes
//! them, and what it looks at in every answer.
use crate::admin_setup::made;
use crate::harness::browser::{Answer, Browser, form_request, request};
use crate::harness::relying_party::{claims_of, parameter, sign_in};
use crate::harness::world::{BASE, World};
use crate::scim_setup::admin;
use crate::token_setup::Signer;
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo;
use guildhall::crypto::digest::sha256;
use guildhall::crypto::jwt::{Expected, PublicKey, verify};
use guildhall::kernel::time::Seconds;
use http::Method;
use serde_json::{Value, json};

/// The realm, administered.
pub const REALM: &str = "/admin/realms/certification";

/// Where the suite listens.
pub const CALLBACK: &str = "https://suite.example/test/a/guildhall/callback";
pub const LOGGED_OUT: &str = "https://suite.example/test/a/guildhall/post_logout_redirect";
pub const BACKCHANNEL: &str = "https://suite.example/test/a/guildhall/backchannel_logout";
pub const FRONTCHANNEL: &str = "https://suite.example/test/a/guildhall/frontchannel_logout";

const USERNAME: &str = "inspector";
const PASSWORD: &str = "a long enough password";

/// A path of the realm's protocol.
pub fn endpoint(name: &str) -> String {
    format!("/realms/certification/protocol/openid-connect/{name}")
}

pub fn issuer() -> String {
    format!("{BASE}/realms/certification")
}

pub fn discovery(world: &World) -> Value {
    let answer = world.get("/realms/certification/.well-known/openid-configuration", "");
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    answer.json()
}

/// A deployment with the realm of `docs/conformance.md`.
pub fn certified() -> World {
    let world = World::new();
    world.run(demo::ensure(world.app())).unwrap();
    let token = admin(&world);
    let realm = json!({
        "realm": "certification", "enabled": true, "defaultSignatureAlgorithm": "RS256",
        "attributes": {
            "clientRegistration.withoutPkce": "true",
            "clientRegistration.anonymous": "true",
            "clientRegistration.trustedHosts": "suite.example",
        },
    });
    made(&world.post("/admin/realms", &token, &realm));
    // What nobody asked for is not told.
    let scopes = world.get(&format!("{REALM}/client-scopes"), &token).json();
    for scope in scopes.as_array().unwrap() {
        if ["profile", "email"].contains(&scope["name"].as_str().unwrap()) {
            let id = scope["id"].as_str().unwrap();
            let [given, asked] = ["default", "optional"]
                .map(|place| format!("{REALM}/default-{place}-client-scopes/{id}"));
            assert_eq!(world.delete(&given, &token).status, 204);
            assert_eq!(world.call(Method::PUT, &asked, &token, None).status, 204);
        }
    }
    let user = json!({
        "username": USERNAME, "enabled": true, "email": "inspector@suite.example",
        "emailVerified": true, "firstName": "Ines", "lastName": "Spector",
        "credentials": [{ "type": "password", "value": PASSWORD, "temporary": false }],
        "attributes": {
            "middleName": ["Maria"], "nickname": ["ins"], "gender": ["female"],
            "profile": ["https://suite.example/ines"], "website": ["https://ines.example"],
            "picture": ["https://suite.example/ines.png"], "birthdate": ["1980-01-02"],
            "zoneinfo": ["Europe/Zurich"], "locale": ["en"], "updatedAt": ["1700000000"],
            "street": ["Main St 1"], "locality": ["Berne"], "region": ["BE"],
            "postal_code": ["3000"], "country": ["CH"], "formatted": ["Main St 1, Berne"],
            "phoneNumber": ["+41 31 000 00 00"], "phoneNumberVerified": ["true"],
        },
    });
    made(&world.post(&format!("{REALM}/users"), &token, &user));
    for client_id in ["suite-1", "suite-2"] {
        let client = json!({
            "clientId": client_id, "secret": secret_of(client_id),
            "redirectUris": [CALLBACK],
            "attributes": {
                "pkce.code.challenge.method": "none",
                "id.token.without.typ": "true",
                "post.logout.redirect.uris": LOGGED_OUT,
            },
        });
        made(&world.post(&format!("{REALM}/clients"), &token, &client));
    }
    world
}

fn secret_of(client_id: &str) -> String {
    format!("a secret of the client {client_id}")
}

/// A client of the suite's.
pub struct Client<'a> {
    pub world: &'a World,
    pub id: String,
    secret: String,
    /// Where it is registered, and its token, if it registered itself.
    pub registration: Option<(String, String)>,
}

/// The clients that every module is run with: one that was made, and one that
/// registers itself, both `with` what the module wants of them.
pub fn clients<'a>(world: &'a World, with: &Value) -> [Client<'a>; 2] {
    [Client::fixed(world, "suite-1"), Client::registered(world, with)]
}

/// What the suite registers in every module.
fn metadata() -> Value {
    let mut jwk = Signer::Rsa("RS256").jwk("suite-key");
    (jwk["use"], jwk["alg"]) = (json!("sig"), json!("RS256"));
    json!({
        "client_name": "guildhall-suite 0123456789",
        "grant_types": ["authorization_code"],
        "jwks": { "keys": [jwk] },
        "token_endpoint_auth_method": "client_secret_basic",
        "response_types": ["code"],
        "redirect_uris": [CALLBACK],
        "contacts": ["certification@suite.example"],
    })
}

/// Registers a client as the suite does, with what a module adds.
pub fn register(world: &World, with: &Value) -> Answer {
    let mut asked = metadata();
    for (name, value) in with.as_object().unwrap() {
        asked[name] = value.clone();
    }
    let path = discovery(world)["registration_endpoint"].as_str().unwrap().to_owned();
    world.post(&path, "", &asked)
}

impl<'a> Client<'a> {
    /// One of the clients that an administrator made.
    pub fn fixed(world: &'a World, client_id: &str) -> Self {
        Self { world, id: client_id.to_owned(), secret: secret_of(client_id), registration: None }
    }

    /// One that registers itself.
    pub fn registered(world: &'a World, with: &Value) -> Self {
        let answer = register(world, with);
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
        let told = answer.json();
        assert!(told.get("error").is_none(), "{told}");
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        let place = (text("registration_client_uri"), text("registration_access_token"));
        Self {
            world,
            id: text("client_id"),
            secret: text("client_secret"),
            registration: Some(place),
        }
    }

    /// Unregisters it again, as every module does in the end.
    pub fn unregister(&self) {
        if let Some((place, token)) = &self.registration {
            assert_eq!(self.world.delete(place, token).status, 204);
        }
    }

    /// The request of every module: with `state` and `nonce`, without PKCE. What is
    /// `with` it takes the place of what is there; what is empty is left out.
    pub fn request<'t>(&'t self, with: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
        let mut all = vec![
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid"),
            ("state", "state-of-the-suite"),
            ("nonce", "nonce-of-the-suite"),
            ("response_type", "code"),
        ];
        all.retain(|(name, _)| with.iter().all(|(changed, _)| changed != name));
        all.extend(with.iter().filter(|(_, value)| !value.is_empty()));
        all
    }

    /// What a browser gets that comes with this request.
    pub fn ask(&self, browser: &Browser<'_>, with: &[(&str, &str)]) -> Answer {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.request(with));
        browser.open(&format!("{}?{}", endpoint("auth"), query.finish()))
    }

    /// Redeems a code with the secret in the header.
    pub fn redeem(&self, code: &str) -> Answer {
        self.post_token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
        ])
    }

    /// A request to the token endpoint with the secret in the header.
    pub fn post_token(&self, fields: &[(&str, &str)]) -> Answer {
        let mut request = form_request(&endpoint("token"), fields);
        let basic = BASE64_STANDARD.encode(format!("{}:{}", self.id, form(&self.secret)));
        request.headers_mut().insert("authorization", format!("Basic {basic}").parse().unwrap());
        Answer::new(self.world.send(request))
    }

    /// The same with the secret in the form.
    pub fn post_token_with_secret(&self, fields: &[(&str, &str)]) -> Answer {
        let own = [("client_id", self.id.as_str()), ("client_secret", self.secret.as_str())];
        self.world.post_form(&endpoint("token"), &[&own, fields].concat())
    }

    /// What every module does with a code: redeems it, looks at the tokens and at
    /// userinfo. Answers the tokens.
    pub fn finish(&self, code: &str) -> Value {
        let answer = self.redeem(code);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let tokens = answer.json();
        assert!(tokens["expires_in"].is_u64() && tokens["token_type"] == "Bearer", "{tokens}");
        self.check_id_token(&tokens);
        let userinfo = userinfo(self.world, &tokens);
        assert_eq!(userinfo.status, 200, "{userinfo:?}");
        tokens
    }

    /// Signs the person in on a fresh browser with a request that has `with`, and
    /// finishes as every module does.
    pub fn run(&self, with: &[(&str, &str)]) -> Value {
        let browser = Browser::new(self.world);
        let page = self.ask(&browser, with);
        self.finish(&code_of(&log_in(&browser, &page)))
    }

    /// The checks of an ID token that every module makes (OIDC Core §2, §3.1.3.7).
    fn check_id_token(&self, tokens: &Value) {
        let header = header_of(&tokens["id_token"]);
        assert_eq!(header["alg"], "RS256");
        assert!(header["kid"].is_string());
        let keys = self.world.get(&endpoint("certs"), "").json();
        let key = |jwk: &Value| PublicKey {
            kid: jwk["kid"].as_str().unwrap().to_owned(),
            algorithm: if jwk["alg"] == "RS256" { "RS256" } else { "ES256" },
            jwk: jwk.clone(),
        };
        let keys: Vec<_> = keys["keys"].as_array().unwrap().iter().map(key).collect();
        let (issuer, audience) = (issuer(), Some(self.id.as_str()));
        let now = self.world.now();
        let expected = Expected { issuer: &issuer, typ: None, now, audience };
        let claims = verify(tokens["id_token"].as_str().unwrap(), &keys, &expected).unwrap();
        assert!(!claims["sub"].as_str().unwrap().is_empty() && claims["iat"].is_u64());
        let hash = sha256(tokens["access_token"].as_str().unwrap().as_bytes());
        assert_eq!(claims["at_hash"], BASE64_URL_SAFE_NO_PAD.encode(&hash[..16]));
    }
}

/// The code in an answer that went well, and all that the suite looks at there.
pub fn code_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(answer.location().starts_with(&format!("{CALLBACK}?")), "{answer:?}");
    assert_eq!(parameter(answer, "state").as_deref(), Some("state-of-the-suite"));
    assert_eq!(parameter(answer, "iss"), Some(issuer()));
    let code = parameter(answer, "code").unwrap_or_else(|| panic!("no code: {answer:?}"));
    assert!(code.len() >= 22, "{code}");
    code
}

/// Client ids and secrets are form-encoded in the header (RFC 6749 §2.3.1).
fn form(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Fills in the login page.
pub fn log_in(browser: &Browser<'_>, page: &Answer) -> Answer {
    sign_in(browser, page, USERNAME, PASSWORD)
}

pub fn header_of(token: &Value) -> Value {
    let header = token.as_str().unwrap().split('.').next().unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

pub fn id_of(tokens: &Value) -> Value {
    claims_of(&tokens["id_token"])
}

/// Userinfo, asked with the token in the header.
pub fn userinfo(world: &World, tokens: &Value) -> Answer {
    world.get(&endpoint("userinfo"), tokens["access_token"].as_str().unwrap())
}

/// A browser in which the person signed in to `client`, and the tokens.
pub fn signed_in<'a>(client: &Client<'a>) -> (Browser<'a>, Value) {
    let browser = Browser::new(client.world);
    let page = client.ask(&browser, &[]);
    let tokens = client.finish(&code_of(&log_in(&browser, &page)));
    client.world.advance(Seconds(2));
    (browser, tokens)
}

/// The suite's checks of an answer that brings an error by a redirection: nothing in
/// it but what may be, and no code.
pub fn check_error(answer: &Answer, errors: &[&str]) {
    assert_eq!(answer.status, 303, "{answer:?}");
    assert!(answer.location().starts_with(&format!("{CALLBACK}?")), "{answer:?}");
    let url = url::Url::parse(answer.location()).unwrap();
    check_error_in(&url.query_pairs().into_owned().collect::<Vec<_>>(), errors);
}

pub fn check_error_in(pairs: &[(String, String)], errors: &[&str]) {
    const MAY: [&str; 6] =
        ["error", "error_description", "error_uri", "state", "session_state", "iss"];
    let value = |wanted: &str| {
        pairs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    };
    assert!(pairs.iter().all(|(name, _)| MAY.contains(&name.as_str())), "{pairs:?}");
    assert!(errors.contains(&value("error").unwrap()), "{pairs:?}");
    assert_eq!(value("iss"), Some(issuer().as_str()));
    check_words(value("error_description").unwrap_or_default());
}

/// What an `error_description` is made of (RFC 6749 §4.1.2.1, §5.2).
pub fn check_words(description: &str) {
    let is_text = |c: char| matches!(c, ' '..='!' | '#'..='[' | ']'..='~');
    assert!(description.chars().all(is_text), "{description}");
}

/// A POST of a form to userinfo, without a header.
pub fn post_userinfo(world: &World, fields: &[(&str, &str)]) -> Answer {
    world.post_form(&endpoint("userinfo"), fields)
}

/// A POST to userinfo without a body.
pub fn post_userinfo_with_header(world: &World, tokens: &Value) -> Answer {
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let request = request(Method::POST, &endpoint("userinfo")).header("authorization", bearer);
    Answer::new(world.send(request.body(bytes::Bytes::new()).unwrap()))
}
