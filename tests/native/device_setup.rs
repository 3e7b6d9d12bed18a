//! What the tests of logins on devices share.
use crate::authorization_setup::set_attributes;
use crate::harness::browser::{Answer, Browser, form_request};
use crate::harness::relying_party::{RelyingParty, sign_in, travel0, travel0_world};
use crate::harness::world::World;
use bytes::Bytes;
use guildhall::app::demo::PASSWORD;
use guildhall::kernel::time::Seconds;
use http::Request;
use serde_json::{Value, json};

/// RFC 8628 §3.4.
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How often a device asks unless somebody says otherwise.
pub const INTERVAL: Seconds = Seconds(5);

/// The path at which devices ask.
pub fn device_path() -> String {
    travel0("/protocol/openid-connect/auth/device")
}

/// A world whose public and confidential client may be used on devices.
pub fn device_world() -> World {
    let world = travel0_world();
    for client_id in ["travel0-spa", "travel0-web"] {
        allow(&world, client_id, "true");
    }
    world
}

/// Sets whether a client may be used on devices.
pub fn allow(world: &World, client_id: &str, allowed: &str) {
    let name = "oauth2.device.authorization.grant.enabled";
    set_attributes(world, client_id, &json!({ name: allowed }));
}

/// What a device of `app` is answered that asks for a login.
pub fn ask(app: &RelyingParty<'_>, fields: &[(&str, &str)]) -> Answer {
    let mut fields = fields.to_vec();
    fields.push(("client_id", app.client_id));
    fields.extend(app.secret.map(|secret| ("client_secret", secret)));
    app.world.post_form(&device_path(), &fields)
}

/// A device that asked for a login.
pub struct Device<'a> {
    pub app: RelyingParty<'a>,
    pub told: Value,
}

impl<'a> Device<'a> {
    pub fn of(app: RelyingParty<'a>, fields: &[(&str, &str)]) -> Self {
        let answer = ask(&app, fields);
        assert_eq!(answer.status, 200, "{answer:?}");
        Self { app, told: answer.json() }
    }

    /// A device of the public client.
    pub fn new(world: &'a World, scope: &str) -> Self {
        Self::of(RelyingParty::spa(world), &[("scope", scope)])
    }

    pub fn user_code(&self) -> &str {
        self.told["user_code"].as_str().unwrap()
    }

    pub fn code(&self) -> &str {
        self.told["device_code"].as_str().unwrap()
    }

    pub fn poll(&self) -> Answer {
        self.poll_as(&self.app)
    }

    pub fn poll_as(&self, app: &RelyingParty<'_>) -> Answer {
        app.token(&[("grant_type", DEVICE_CODE), ("device_code", self.code())])
    }

    /// Waits as long as it must, and polls.
    pub fn poll_in_time(&self) -> Answer {
        self.app.world.advance(INTERVAL);
        self.poll()
    }

    /// The request of a poll.
    pub fn poll_request(&self) -> Request<Bytes> {
        let fields = [
            ("grant_type", DEVICE_CODE),
            ("device_code", self.code()),
            ("client_id", self.app.client_id),
        ];
        form_request(&travel0("/protocol/openid-connect/token"), &fields)
    }

    /// A browser in which a person typed the code and signed in, and what it shows.
    pub fn signed_in(&self, username: &str) -> (Browser<'a>, Answer) {
        let browser = Browser::new(self.app.world);
        let login = type_code(&browser, self.user_code());
        let page = sign_in(&browser, &login, username, PASSWORD);
        (browser, page)
    }

    /// Lets a person type the code, sign in and allow it.
    pub fn approved_by(&self, username: &str) {
        let (browser, question) = self.signed_in(username);
        assert!(is_connected(&answer(&browser, &question, "accept")));
    }

    /// The tokens of a device that a person allowed.
    pub fn tokens(&self) -> Value {
        let answer = self.poll();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// What a browser gets in which somebody types a device's code.
pub fn type_code(browser: &Browser<'_>, user_code: &str) -> Answer {
    let page = browser.open(&travel0("/device"));
    assert!(is_code_page(&page), "{page:?}");
    submit_code(browser, &page, user_code)
}

pub fn submit_code(browser: &Browser<'_>, page: &Answer, user_code: &str) -> Answer {
    let csrf = page.field("csrf");
    browser.submit(&page.action(), &[("csrf", &csrf), ("device_user_code", user_code)])
}

/// The request that answers the question whether a device may.
pub fn answer_request(browser: &Browser<'_>, page: &Answer, what: &str) -> Request<Bytes> {
    assert!(is_question(page), "{page:?}");
    let (state, csrf) = (page.field("state"), page.field("csrf"));
    let fields = [("state", &*state), ("csrf", &*csrf), (what, "yes")];
    browser.dress(form_request(&page.action(), &fields))
}

/// Answers it, and opens where that leads.
pub fn answer(browser: &Browser<'_>, page: &Answer, what: &str) -> Answer {
    let answer = browser.send(answer_request(browser, page, what));
    assert_eq!(answer.status, 303, "{answer:?}");
    browser.open(answer.location())
}

/// Whether a page asks for a device's code.
pub fn is_code_page(page: &Answer) -> bool {
    page.text.contains("id=\"device-user-code\"")
}

/// Whether it says that the code is wrong.
pub fn is_wrong_code(page: &Answer) -> bool {
    page.status == 200 && is_code_page(page) && page.text.contains("That code is not valid")
}

/// Whether it asks whether a device may.
pub fn is_question(page: &Answer) -> bool {
    page.status == 200 && page.text.contains("A device that shows the code")
}

pub fn is_connected(page: &Answer) -> bool {
    page.status == 200 && page.text.contains("Your device is connected")
}

pub fn is_over(page: &Answer) -> bool {
    page.status == 200 && page.text.contains("This code is not valid any more")
}
