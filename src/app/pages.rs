//! The pages of the deployment itself: what stands at `/`, and the local
//! outbox that takes the place of a mail server in development.
use super::linkify::{TextPart, split_addresses};
use crate::platform::mail::Mail;
use crate::web::page::{ErrorPage, HOSTILE, Layout, PRODUCT, Page, render};
use crate::web::{Request, Response, answer, request_id};
use askama::Template;
use http::StatusCode;

/// The `Content-Security-Policy` of a mail's HTML part at its own address.
/// Mail needs style attributes; the sandbox keeps it from being a page of
/// ours, yet its links may open in a new tab. Its answer needs
/// `X-Frame-Options: SAMEORIGIN` too, or the page around it shows nothing.
pub const MAIL_CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
    img-src https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; \
    sandbox allow-popups allow-popups-to-escape-sandbox";

/// One person to try the demo with.
#[derive(Clone, Debug)]
pub struct DemoAccount {
    /// The name to sign in with.
    pub username: String,
    /// The password, which everybody may know.
    pub password: String,
    /// Who that is: organizations, roles.
    pub about: String,
}

/// One realm of the demo.
#[derive(Clone, Debug)]
pub struct DemoRealm {
    /// Its display name.
    pub name: String,
    /// The OpenID Connect issuer.
    pub issuer: String,
    /// Where the discovery document is.
    pub discovery_url: String,
    /// Whom to sign in as.
    pub accounts: Vec<DemoAccount>,
}

/// Everything `templates/home.html` may show: what a developer finds at `/`.
/// In development only: it prints passwords.
#[derive(Template)]
#[template(path = "app/templates/home.html")]
pub struct HomePage {
    /// The realms.
    pub realms: Vec<DemoRealm>,
    /// Where the outbox is.
    pub outbox_url: String,
}

impl Page for HomePage {
    fn layout(&self) -> Layout<'_> {
        Layout::wide("Development", PRODUCT)
    }
}

impl HomePage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let account = |username: &str, about: &str| DemoAccount {
            username: username.to_owned(),
            password: "travel0-demo".to_owned(),
            about: about.to_owned(),
        };
        let realm = |name: &str, id: &str, accounts| DemoRealm {
            name: name.to_owned(),
            issuer: format!("http://localhost:8787/realms/{id}"),
            discovery_url: format!(
                "http://localhost:8787/realms/{id}/.well-known/openid-configuration"
            ),
            accounts,
        };
        let page = |realms| Self { realms, outbox_url: "/dev/outbox".to_owned() };
        vec![
            page(vec![
                realm("Master", "master", vec![account("admin", "Administrator")]),
                realm(
                    "Travel0",
                    "travel0",
                    vec![
                        account("jonno", "Guide at Rocky Mountain High Adventures"),
                        account("emilio", "Guide at Granite Outpost and Rocky Mountain"),
                    ],
                ),
            ]),
            page(Vec::new()),
            page(vec![realm(HOSTILE, HOSTILE, vec![account(&"W".repeat(200), HOSTILE)])]),
        ]
    }
}

/// Everything `templates/landing.html` may show: `/` of a deployment, which
/// tells a stranger nothing about its realms.
#[derive(Template)]
#[template(path = "app/templates/landing.html")]
pub struct LandingPage;

impl Page for LandingPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Identity server", PRODUCT)
    }
}

impl LandingPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        vec![Self]
    }
}

/// One mail in the list.
#[derive(Clone, Debug)]
pub struct OutboxLine {
    /// Where it can be read.
    pub href: String,
    /// The address it went to.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// When it was sent, as people write it.
    pub sent_at: String,
}

/// Everything `templates/outbox.html` may show. In development only.
#[derive(Template)]
#[template(path = "app/templates/outbox.html")]
pub struct OutboxPage {
    /// The mails, newest first.
    pub mails: Vec<OutboxLine>,
}

impl Page for OutboxPage {
    fn layout(&self) -> Layout<'_> {
        Layout::wide("Outbox", PRODUCT)
    }
}

impl OutboxPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let line = |to: &str, subject: &str| OutboxLine {
            href: "/dev/outbox/7".to_owned(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            sent_at: "17 November 2026, 09:41".to_owned(),
        };
        vec![
            Self { mails: Vec::new() },
            Self {
                mails: vec![
                    line(
                        "emilio@freelance.example",
                        "Hiroko Sato invited you to join Granite Outpost Rafting and Ziplines",
                    ),
                    line(HOSTILE, HOSTILE),
                    line(&"w".repeat(250), &"x".repeat(250)),
                ],
            },
        ]
    }
}

/// Everything `templates/outbox_mail.html` may show. In development only.
#[derive(Template)]
#[template(path = "app/templates/outbox_mail.html")]
pub struct OutboxMailPage {
    /// The mail.
    pub mail: Mail,
    /// When it was sent, as people write it.
    pub sent_at: String,
    /// Where its HTML part is, under [`MAIL_CONTENT_SECURITY_POLICY`].
    pub html_url: String,
    /// Where the list is.
    pub outbox_url: String,
}

impl Page for OutboxMailPage {
    fn layout(&self) -> Layout<'_> {
        Layout::wide(self.mail.subject.as_str(), PRODUCT)
    }
}

impl OutboxMailPage {
    fn text_parts(&self) -> Vec<TextPart> {
        split_addresses(&self.mail.text)
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |mail| Self {
            mail,
            sent_at: "17 November 2026, 09:41".to_owned(),
            html_url: "/dev/outbox/7/html".to_owned(),
            outbox_url: "/dev/outbox".to_owned(),
        };
        let hostile_text = format!("{HOSTILE} https://a.example/\"onclick=x {}", "x".repeat(300));
        vec![
            page(Mail {
                to: "emilio@freelance.example".to_owned(),
                subject: "You are invited to join AdventureZ".to_owned(),
                text: "Hello,\n\nTo accept, open this link:\n\n\
                       https://id.travel0.example/accept?ticket=e30.e30&x=1\n\nThank you."
                    .to_owned(),
                html: "<p>Hello</p>".to_owned(),
            }),
            page(Mail {
                to: HOSTILE.to_owned(),
                subject: HOSTILE.to_owned(),
                text: hostile_text,
                html: String::new(),
            }),
        ]
    }
}

/// The answer at an address where nothing is.
#[must_use]
pub fn not_found(request: &Request) -> Response {
    let page = ErrorPage {
        realm_name: PRODUCT.to_owned(),
        status: 404,
        heading: "Page not found".to_owned(),
        message: "There is nothing at this address. Check the link.".to_owned(),
        request_id: request_id(request).to_owned(),
        action: None,
    };
    answer::html(StatusCode::NOT_FOUND, render(&page))
}

/// The answer when something of ours failed.
#[must_use]
pub fn failed(request: &Request) -> Response {
    let page = ErrorPage::ours(PRODUCT, request_id(request));
    answer::html(StatusCode::INTERNAL_SERVER_ERROR, render(&page))
}
