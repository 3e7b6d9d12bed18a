//! The pages on which a person does what they owe: a new password, a confirmed
//! address.
use crate::web::page::{HOSTILE, Layout, Link, Page};
use askama::Template;

/// Hidden fields of a form, by name.
pub type Fields = Vec<(&'static str, String)>;

fn sample_fields() -> Fields {
    vec![
        ("state", "eyJhbGciOiJIUzI1NiJ9.e30.c3RhdGU".to_owned()),
        ("csrf", "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned()),
    ]
}

/// Everything `templates/update_password.html` may show.
///
/// The form posts `fields`, `password-new` and `password-confirm`; the ids are
/// Keycloak's.
#[derive(Template)]
#[template(path = "account/templates/update_password.html")]
pub struct UpdatePasswordPage {
    /// The realm's display name.
    pub realm_name: String,
    /// Where the form goes.
    pub action_url: String,
    /// What it gives back.
    pub fields: Fields,
    /// Whose password it is.
    pub username: String,
    /// The shortest password the realm takes, in characters.
    pub min_password_chars: u32,
    /// Why the last attempt did not succeed.
    pub problem: Option<String>,
}

impl Page for UpdatePasswordPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("New password", &self.realm_name).reporting(self.problem.is_some())
    }
}

impl UpdatePasswordPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |username: &str, problem: Option<&str>| Self {
            realm_name: "Travel0".to_owned(),
            action_url: "/realms/travel0/login-actions/required-action".to_owned(),
            fields: sample_fields(),
            username: username.to_owned(),
            min_password_chars: 12,
            problem: problem.map(str::to_owned),
        };
        vec![
            page("hiroko", None),
            page("hiroko", Some("The two passwords differ.")),
            Self { realm_name: HOSTILE.to_owned(), ..page(HOSTILE, Some(HOSTILE)) },
            page(&"w".repeat(250), None),
        ]
    }
}

/// Everything `templates/confirm_email.html` may show. A button, because mail is
/// read by machines that follow every link.
#[derive(Template)]
#[template(path = "account/templates/confirm_email.html")]
pub struct ConfirmEmailPage {
    /// The realm's display name.
    pub realm_name: String,
    /// Where the form goes.
    pub action_url: String,
    /// What it gives back.
    pub fields: Fields,
    /// The address.
    pub email: String,
}

impl Page for ConfirmEmailPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Confirm your address", &self.realm_name)
    }
}

impl ConfirmEmailPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |name: &str, email: &str| Self {
            realm_name: name.to_owned(),
            action_url: "/realms/travel0/login-actions/action-token".to_owned(),
            fields: sample_fields(),
            email: email.to_owned(),
        };
        vec![page("Travel0", "emilio@freelance.example"), page(HOSTILE, HOSTILE)]
    }
}

/// Everything `templates/notice.html` may show: something is done, or waits for
/// something else.
#[derive(Template)]
#[template(path = "account/templates/notice.html")]
pub struct NoticePage {
    /// The realm's display name.
    pub realm_name: String,
    /// What is the matter, in a few words.
    pub heading: String,
    /// What the person can do.
    pub message: String,
    /// The way on, when there is one.
    pub continue_link: Option<Link>,
}

impl Page for NoticePage {
    fn layout(&self) -> Layout<'_> {
        Layout::card(self.heading.as_str(), &self.realm_name)
    }
}

impl NoticePage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let link = Link { label: "Continue".to_owned(), href: "https://app.example/".to_owned() };
        let page = |name: &str, heading: &str, message: &str| Self {
            realm_name: name.to_owned(),
            heading: heading.to_owned(),
            message: message.to_owned(),
            continue_link: None,
        };
        vec![
            page("Travel0", "Check your mail", "We sent you a link to emilio@freelance.example."),
            Self { continue_link: Some(link), ..page("Travel0", "Done", "You can sign in now.") },
            page(HOSTILE, HOSTILE, HOSTILE),
        ]
    }
}
