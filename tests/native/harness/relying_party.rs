//! A product's app: sends people to sign in, redeems codes, refreshes.
use super::browser::{Answer, Browser, form_request, request};
use super::world::{BASE, World};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use guildhall::app::demo;
use http::Method;
use serde_json::Value;

/// The verifier printed in RFC 7636 appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// Its challenge.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A client of realm `travel0`.
#[derive(Clone, Copy)]
pub struct RelyingParty<'a> {
    pub world: &'a World,
    pub client_id: &'a str,
    pub secret: Option<&'a str>,
    pub redirect_uri: &'a str,
}

/// The paths of realm `travel0`.
pub fn travel0(path: &str) -> String {
    format!("/realms/travel0{path}")
}

/// A world with the demonstration's realm.
pub fn travel0_world() -> World {
    let world = World::new();
    world.run(demo::ensure(world.app())).unwrap();
    world
}

impl<'a> RelyingParty<'a> {
    /// The confidential client of the demonstration.
    pub const fn web(world: &'a World) -> Self {
        Self {
            world,
            client_id: "travel0-web",
            secret: Some(demo::CLIENT_SECRET),
            redirect_uri: "http://localhost:3000/callback",
        }
    }

    /// The public client of the demonstration.
    pub const fn spa(world: &'a World) -> Self {
        Self {
            world,
            client_id: "travel0-spa",
            secret: None,
            redirect_uri: "http://localhost:5173/callback",
        }
    }

    /// Where it sends a browser; `extra` is added to the query.
    pub fn authorization_path(&self, scope: &str, extra: &str) -> String {
        let query = [
            ("client_id", self.client_id),
            ("redirect_uri", self.redirect_uri),
            ("response_type", "code"),
            ("scope", scope),
            ("state", "state-1"),
            ("nonce", "nonce-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(query);
        travel0(&format!("/protocol/openid-connect/auth?{}{extra}", text.finish()))
    }

    /// What the server answers a browser that comes from the app.
    pub fn send(&self, browser: &Browser<'_>, scope: &str) -> Answer {
        browser.open(&self.authorization_path(scope, ""))
    }

    /// Lets a person sign in on a fresh browser, and answers the code.
    pub fn code_for(&self, username: &str, scope: &str) -> String {
        let browser = Browser::new(self.world);
        let page = self.send(&browser, scope);
        code_in(&sign_in(&browser, &page, username, demo::PASSWORD))
    }

    /// POST to the token endpoint, the client's own way.
    pub fn token(&self, fields: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        fields.push(("client_id", self.client_id));
        fields.extend(self.secret.map(|secret| ("client_secret", secret)));
        self.world.post_form(&token_path(), &fields)
    }

    /// Redeems a code.
    pub fn redeem(&self, code: &str) -> Answer {
        self.redeem_with(code, self.redirect_uri, VERIFIER)
    }

    pub fn redeem_with(&self, code: &str, redirect_uri: &str, verifier: &str) -> Answer {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ])
    }

    pub fn refresh(&self, refresh_token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
    }

    /// Tokens for a person who signs in now.
    pub fn tokens_for(&self, username: &str, scope: &str) -> Value {
        let answer = self.redeem(&self.code_for(username, scope));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// The path of the token endpoint.
pub fn token_path() -> String {
    travel0("/protocol/openid-connect/token")
}

/// POST to the token endpoint with a Basic header.
pub fn token_with_basic(world: &World, basic: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = form_request(&token_path(), fields);
    let value = format!("Basic {}", BASE64_STANDARD.encode(basic));
    request.headers_mut().insert("authorization", value.parse().unwrap());
    Answer::new(world.send(request))
}

/// Fills in the login page and submits it.
pub fn sign_in(browser: &Browser<'_>, page: &Answer, username: &str, password: &str) -> Answer {
    assert_eq!(page.status, 200, "{page:?}");
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    let fields =
        [("state", &*state), ("csrf", &*csrf), ("username", username), ("password", password)];
    browser.submit(&page.action(), &fields)
}

/// The parameter `name` of the URL an answer redirects to.
pub fn parameter(answer: &Answer, name: &str) -> Option<String> {
    let url = url::Url::parse(answer.location()).unwrap_or_else(|_| panic!("no URL: {answer:?}"));
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The code in an answer to a login.
pub fn code_in(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    parameter(answer, "code").unwrap_or_else(|| panic!("no code: {answer:?}"))
}

/// The claims of a token, unverified.
pub fn claims_of(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Asks userinfo with an access token.
pub fn userinfo(world: &World, token: &Value) -> Answer {
    world.get(&travel0("/protocol/openid-connect/userinfo"), token.as_str().unwrap())
}

/// A plain GET with headers.
pub fn get_with(world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
    let builder = headers
        .iter()
        .fold(request(Method::GET, path), |builder, (name, value)| builder.header(*name, *value));
    Answer::new(world.send(builder.body(bytes::Bytes::new()).unwrap()))
}

/// The issuer of realm `travel0`.
pub fn issuer() -> String {
    format!("{BASE}/realms/travel0")
}
