//! The page on which somebody new makes an account for themselves.
use super::self_registration::{Problems, Typed};
use crate::web::page::{HOSTILE, Layout, Page};
use askama::Template;

/// Everything `templates/register.html` may show.
///
/// The form posts `state`, `csrf`, `email`, `firstName`, `lastName` and `password`, or
/// `back`; the ids are Keycloak's.
#[derive(Template)]
#[template(path = "oidc/templates/register.html")]
pub struct RegisterPage {
    /// The realm's display name.
    pub realm_name: String,
    /// Where the form goes.
    pub action_url: String,
    /// The sealed state of this login, given back by the form.
    pub state: String,
    /// The token that ties the form to this browser.
    pub csrf: String,
    /// What was typed before.
    pub typed: Typed,
    /// Why it cannot be taken.
    pub problems: Problems,
    /// The shortest password the realm takes, in characters.
    pub min_password_chars: u32,
}

impl Page for RegisterPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Create an account", &self.realm_name).reporting(self.problems.is_any())
    }
}

impl RegisterPage {
    /// Whether the typing starts at the field `name`: the first that is wrong, else the
    /// first that is empty.
    fn starts_at(&self, name: &str) -> bool {
        let problems = &self.problems;
        let fields = [
            ("email", problems.email.is_some(), self.typed.email.is_empty()),
            ("firstName", problems.first_name.is_some(), self.typed.first_name.is_empty()),
            ("lastName", problems.last_name.is_some(), self.typed.last_name.is_empty()),
            ("password", problems.password.is_some(), true),
        ];
        let wrong = fields.iter().find(|(_, is_wrong, _)| *is_wrong);
        let first = wrong.or_else(|| fields.iter().find(|(_, _, is_empty)| *is_empty));
        first.is_some_and(|(first, ..)| *first == name)
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |typed: Typed, problems: Problems| Self {
            realm_name: "Travel0".to_owned(),
            action_url: "/realms/travel0/login-actions/registration".to_owned(),
            state: "eyJhbGciOiJIUzI1NiJ9.e30.c3RhdGU".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            typed,
            problems,
            min_password_chars: 12,
        };
        let typed = |text: &str| Typed {
            email: text.to_owned(),
            first_name: text.to_owned(),
            last_name: text.to_owned(),
        };
        let hinted = Typed { email: "marta@freelance.example".to_owned(), ..Typed::default() };
        let said = |text: &str| Some(text.to_owned());
        let every = |text: &str| Problems {
            email: said(text),
            first_name: said(text),
            last_name: said(text),
            password: said(text),
        };
        let short = Problems {
            password: said("The password is shorter than 12 characters."),
            ..Problems::default()
        };
        vec![
            page(Typed::default(), Problems::default()),
            page(hinted, Problems::default()),
            page(typed("marta"), short),
            page(typed(&"w".repeat(250)), every("Enter your first name.")),
            Self { realm_name: HOSTILE.to_owned(), ..page(typed(HOSTILE), every(HOSTILE)) },
        ]
    }
}
