//! The pages of a login on a device: its code, and whether it may.
use super::consent::Question;
use super::device::Device;
use super::flow::Fields;
use crate::realm::context::RealmContext;
use crate::realm::user::User;
use crate::web::page::{HOSTILE, Layout, Page};
use askama::Template;

/// Everything `templates/device_code.html` may show.
///
/// The form posts `csrf` and `device_user_code`; names and ids are Keycloak's.
#[derive(Template)]
#[template(path = "oidc/templates/device_code.html")]
pub struct DeviceCodePage {
    /// The realm's display name.
    pub realm_name: String,
    /// Where the form goes.
    pub action_url: String,
    /// The token that ties the form to this browser.
    pub csrf: String,
    /// The code, as a link brought it or as it was typed before.
    pub user_code: String,
    /// Whether a link brought it.
    pub is_brought: bool,
    /// Why the last attempt did not succeed.
    pub problem: Option<String>,
}

impl Page for DeviceCodePage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Connect a device", &self.realm_name).reporting(self.problem.is_some())
    }
}

impl DeviceCodePage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |user_code: &str, problem: Option<&str>| Self {
            realm_name: "Travel0".to_owned(),
            action_url: "/realms/travel0/device".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            user_code: user_code.to_owned(),
            is_brought: false,
            problem: problem.map(str::to_owned),
        };
        vec![
            page("", None),
            Self { is_brought: true, ..page("WDJB-MJHT", None) },
            page("WDJB", Some("That code is not valid. Look at your device and type it again.")),
            Self { realm_name: HOSTILE.to_owned(), ..page(HOSTILE, Some(HOSTILE)) },
        ]
    }
}

/// Everything `templates/device_confirm.html` may show: the question whether a
/// device may. It is asked each time (RFC 8628 §5.4).
///
/// The form posts `state`, `csrf` and `accept` or `cancel`.
#[derive(Template)]
#[template(path = "oidc/templates/device_confirm.html")]
pub struct DeviceConfirmPage {
    /// The realm's display name.
    pub realm_name: String,
    /// Where the form goes.
    pub action_url: String,
    /// The sealed state of this login, given back by the form.
    pub state: String,
    /// The token that ties the form to this browser.
    pub csrf: String,
    /// Who is asked.
    pub signed_in_as: String,
    /// What the device shows.
    pub user_code: String,
    /// The app's name.
    pub client_name: String,
    /// What it would get.
    pub scopes: Vec<String>,
    /// The organizations it would speak for.
    pub organizations: Vec<String>,
}

impl Page for DeviceConfirmPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card(format!("Connect {}?", self.client_name), &self.realm_name)
    }
}

impl DeviceConfirmPage {
    /// The question to `user` about `device`, in a form that goes to `action_url`.
    #[must_use]
    pub fn of(
        context: &RealmContext<'_>,
        device: &Device,
        (user, question): (&User, Question),
        (action_url, fields): (String, Fields),
    ) -> Self {
        Self {
            realm_name: context.realm.display_name.clone(),
            action_url,
            state: fields.state,
            csrf: fields.csrf,
            signed_in_as: user.display_name(),
            user_code: device.user_code.to_string(),
            client_name: question.client_name,
            scopes: question.scopes,
            organizations: question.orgs,
        }
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |name: &str, organizations: &[&str]| Self {
            realm_name: "Travel0".to_owned(),
            action_url: "/realms/travel0/login-actions/consent".to_owned(),
            state: "eyJhbGciOiJIUzI1NiJ9.e30.c3RhdGU".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            signed_in_as: "emilio@freelance.example".to_owned(),
            user_code: "WDJB-MJHT".to_owned(),
            client_name: name.to_owned(),
            scopes: vec!["Your email address".to_owned()],
            organizations: organizations.iter().map(|name| (*name).to_owned()).collect(),
        };
        vec![
            page("Lobby display", &[]),
            page("Lobby display", &["Granite Outpost Rafting and Ziplines", "AdventureZ"]),
            Self {
                scopes: vec![HOSTILE.to_owned(); 12],
                signed_in_as: HOSTILE.to_owned(),
                user_code: HOSTILE.to_owned(),
                ..page(HOSTILE, &[HOSTILE])
            },
            Self { scopes: Vec::new(), ..page(&"w".repeat(120), &[]) },
        ]
    }
}
