//! The pages of a login: who are you, and for which organization.
use crate::web::page::{HOSTILE, Layout, OrgBrand, Page};
use askama::Template;

/// From here on the list of organizations is drawn closely and scrolls by
/// itself: about what fits a phone at full size.
const MANY_ORGANIZATIONS: usize = 7;

/// Everything `templates/login.html` may show.
///
/// The form posts `state`, `csrf`, `username` and `password`, and `create` when somebody
/// new wants an account. Element ids are
/// Keycloak's (`kc-form-login`, `username`, `password`, `kc-login`,
/// `kc-error-message`), because people's automation finds them by id.
#[derive(Template)]
#[template(path = "oidc/templates/login.html")]
pub struct LoginPage {
    /// The realm's display name.
    pub realm_name: String,
    /// The organization being logged in to, when the request names one.
    pub org: Option<OrgBrand>,
    /// Where the form goes.
    pub action_url: String,
    /// The sealed state of this login, given back by the form.
    pub state: String,
    /// The token that ties the form to this browser.
    pub csrf: String,
    /// What was typed before, or a `login_hint`.
    pub username: String,
    /// Why the last attempt did not succeed.
    pub problem: Option<String>,
    /// Whether somebody new may make an account.
    pub lets_register: bool,
}

impl Page for LoginPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Sign in", &self.realm_name)
            .of_org(self.org.as_ref())
            .reporting(self.problem.is_some())
    }
}

impl LoginPage {
    /// The typing starts at the first thing that is missing.
    const fn starts_at_password(&self) -> bool {
        !self.username.is_empty()
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let plain = || Self {
            realm_name: "Travel0".to_owned(),
            org: None,
            action_url: "/realms/travel0/login-actions/authenticate".to_owned(),
            state: "eyJhbGciOiJIUzI1NiJ9.e30.c3RhdGU".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            username: String::new(),
            problem: None,
            lets_register: false,
        };
        let mut samples = vec![
            plain(),
            Self { lets_register: true, ..plain() },
            Self {
                username: "jonno".to_owned(),
                problem: Some("Invalid username or password.".to_owned()),
                ..plain()
            },
            Self {
                realm_name: HOSTILE.to_owned(),
                username: HOSTILE.to_owned(),
                problem: Some(HOSTILE.to_owned()),
                ..plain()
            },
        ];
        samples.extend(OrgBrand::samples().into_iter().map(|org| Self {
            org: Some(org),
            username: "hiroko@granite-outpost.example".to_owned(),
            ..plain()
        }));
        samples
    }
}

/// Everything `templates/form_post.html` may show: the answer to an authorization
/// request, on its way to the app (OAuth 2.0 Form Post Response Mode §2).
#[derive(Template)]
#[template(path = "oidc/templates/form_post.html")]
pub struct FormPostPage {
    /// The realm's display name.
    pub realm_name: String,
    /// The client's redirect URI.
    pub action_url: String,
    /// The answer.
    pub fields: Vec<(&'static str, String)>,
    /// What lets the page's one script run; the answer's policy names it.
    pub nonce: String,
}

impl Page for FormPostPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Back to the app", &self.realm_name)
    }
}

impl FormPostPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |realm_name: &str, state: &str| Self {
            realm_name: realm_name.to_owned(),
            action_url: "https://app.example/callback?x=1&y='\"".to_owned(),
            fields: vec![("state", state.to_owned()), ("code", "u.c0de".to_owned())],
            nonce: "bm9uY2U".to_owned(),
        };
        vec![page("Travel0", "xyz"), page(HOSTILE, HOSTILE)]
    }
}

/// One organization a person may log in to.
#[derive(Clone, Debug)]
pub struct OrganizationChoice {
    /// What the form posts.
    pub alias: String,
    /// How it looks.
    pub brand: OrgBrand,
}

/// Everything `templates/organizations.html` may show: the choice among a
/// person's organizations.
///
/// The form posts `state`, `csrf` and `kc.org`, the chosen alias, as
/// Keycloak's does (`reference/keycloak.md`, organization selection).
#[derive(Template)]
#[template(path = "oidc/templates/organizations.html")]
pub struct OrganizationsPage {
    /// The realm's display name.
    pub realm_name: String,
    /// Where the form goes.
    pub action_url: String,
    /// The sealed state of this login, given back by the form.
    pub state: String,
    /// The token that ties the form to this browser.
    pub csrf: String,
    /// Who is logging in.
    pub signed_in_as: String,
    /// What there is to choose from, in the order to show.
    pub organizations: Vec<OrganizationChoice>,
}

impl Page for OrganizationsPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Choose an organization", &self.realm_name)
    }
}

impl OrganizationsPage {
    const fn has_many(&self) -> bool {
        self.organizations.len() >= MANY_ORGANIZATIONS
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |organizations| Self {
            realm_name: "Travel0".to_owned(),
            action_url: "/realms/travel0/login-actions/organization".to_owned(),
            state: "eyJhbGciOiJIUzI1NiJ9.e30.c3RhdGU".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            signed_in_as: "emilio@freelance.example".to_owned(),
            organizations,
        };
        let choice = |(number, brand): (usize, OrgBrand)| OrganizationChoice {
            alias: format!("org-{number}"),
            brand,
        };
        let two = OrgBrand::samples().into_iter().take(2).enumerate().map(choice).collect();
        let odd = OrgBrand::samples().into_iter().enumerate().map(choice).collect();
        let many = (1..=60)
            .map(|n| OrgBrand { name: format!("Outfitter number {n}"), logo_url: None })
            .enumerate()
            .map(choice)
            .collect();
        vec![
            page(two),
            Self { signed_in_as: HOSTILE.to_owned(), realm_name: HOSTILE.to_owned(), ..page(odd) },
            page(many),
        ]
    }
}

/// Everything `templates/consent.html` may show: the question whether an app may
/// have what it asks for.
///
/// The form posts `state`, `csrf` and `accept` or `cancel`; the ids are Keycloak's.
#[derive(Template)]
#[template(path = "oidc/templates/consent.html")]
pub struct ConsentPage {
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
    /// The app's name.
    pub client_name: String,
    /// What it would get.
    pub scopes: Vec<String>,
    /// The organizations it would speak for.
    pub organizations: Vec<String>,
}

impl Page for ConsentPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card(format!("Allow {}?", self.client_name), &self.realm_name)
    }
}

impl ConsentPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |name: &str, organizations: &[&str]| Self {
            realm_name: "Travel0".to_owned(),
            action_url: "/realms/travel0/login-actions/consent".to_owned(),
            state: "eyJhbGciOiJIUzI1NiJ9.e30.c3RhdGU".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            signed_in_as: "emilio@freelance.example".to_owned(),
            client_name: name.to_owned(),
            scopes: vec!["Your email address".to_owned()],
            organizations: organizations.iter().map(|name| (*name).to_owned()).collect(),
        };
        vec![
            page("Trip planner", &[]),
            page("Trip planner", &["Granite Outpost Rafting and Ziplines", "AdventureZ"]),
            Self {
                scopes: vec![HOSTILE.to_owned(); 12],
                signed_in_as: HOSTILE.to_owned(),
                ..page(HOSTILE, &[HOSTILE])
            },
            Self { scopes: Vec::new(), ..page(&"w".repeat(120), &[]) },
        ]
    }
}

/// Everything `templates/sign_out.html` may show: the question whether the
/// person wants to sign out, when no ID token says that their app asks.
#[derive(Template)]
#[template(path = "oidc/templates/sign_out.html")]
pub struct SignOutPage {
    /// The realm's display name.
    pub realm_name: String,
    /// Where the form goes.
    pub action_url: String,
    /// The token that ties the form to this browser.
    pub csrf: String,
    /// What the app asked for, given back by the form.
    pub parameters: Vec<(String, String)>,
}

impl Page for SignOutPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Sign out", &self.realm_name)
    }
}

impl SignOutPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |realm_name: &str, value: &str| Self {
            realm_name: realm_name.to_owned(),
            action_url: "/realms/travel0/protocol/openid-connect/logout".to_owned(),
            csrf: "eyJhbGciOiJIUzI1NiJ9.e30.Y3NyZg".to_owned(),
            parameters: vec![("state".to_owned(), value.to_owned())],
        };
        vec![page("Travel0", "xyz"), page(HOSTILE, HOSTILE)]
    }
}

/// Everything `templates/signed_out.html` may show.
#[derive(Template)]
#[template(path = "oidc/templates/signed_out.html")]
pub struct SignedOutPage {
    /// The realm's display name.
    pub realm_name: String,
    /// What the apps want loaded, unseen.
    pub frames: Vec<String>,
    /// Where the person goes on to, if they do.
    pub continue_url: Option<String>,
}

impl Page for SignedOutPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card("Signed out", &self.realm_name)
    }
}

impl SignedOutPage {
    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |name: &str, frames, continue_url| Self {
            realm_name: name.to_owned(),
            frames,
            continue_url,
        };
        let on = Some("https://app.example/bye?state=xyz".to_owned());
        vec![
            page("Travel0", Vec::new(), None),
            page("Travel0", Vec::new(), on),
            page(HOSTILE, vec![HOSTILE.to_owned()], Some(HOSTILE.to_owned())),
        ]
    }
}
