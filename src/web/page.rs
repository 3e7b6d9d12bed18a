//! What every server-rendered page shares: the frame, the organization's sign
//! and the error page.
use super::assets;
use askama::Template;

/// What we call ourselves where no realm is known.
pub const PRODUCT: &str = "Guildhall";

/// What a browser sees when a template fails: no page may answer with nothing.
const FALLBACK: &str = "<!doctype html><html lang=\"en\"><title>Something went wrong</title>\
    <h1>Something went wrong</h1><p>This page could not be shown. Please try again.</p></html>";

/// A page inside `web/templates/layout.html`.
pub trait Page: Template {
    /// What the frame around the page shows.
    fn layout(&self) -> Layout<'_>;
}

/// Everything the frame may show.
pub struct Layout<'a> {
    /// What the page is about; the realm's name follows it in the title.
    pub title: String,
    /// The realm's display name, or [`PRODUCT`].
    pub realm_name: &'a str,
    /// The organization the page speaks for.
    pub org: Option<&'a OrgBrand>,
    /// A page of lists and text rather than one form.
    pub is_wide: bool,
}

impl<'a> Layout<'a> {
    /// A frame around one form or message.
    #[must_use]
    pub fn card(title: impl Into<String>, realm_name: &'a str) -> Self {
        Self { title: title.into(), realm_name, org: None, is_wide: false }
    }

    /// A frame around lists and long text.
    #[must_use]
    pub fn wide(title: impl Into<String>, realm_name: &'a str) -> Self {
        Self { is_wide: true, ..Self::card(title, realm_name) }
    }

    /// The same frame under the sign of `org`.
    #[must_use]
    pub fn of_org(self, org: Option<&'a OrgBrand>) -> Self {
        Self { org, ..self }
    }

    /// The title while the page reports a problem: a screen reader says the
    /// title first, so the problem is heard at once.
    #[must_use]
    pub fn reporting(self, has_problem: bool) -> Self {
        if has_problem { Self { title: format!("Error: {}", self.title), ..self } } else { self }
    }

    /// The path of the stylesheet.
    #[must_use]
    pub fn stylesheet(&self) -> &'static str {
        assets::stylesheet_path()
    }

    /// The path of our mark, which is the icon too.
    #[must_use]
    pub fn mark(&self) -> &'static str {
        assets::mark_path()
    }
}

/// How an organization looks to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgBrand {
    /// Its display name.
    pub name: String,
    /// Its logo, an `https:` URL.
    pub logo_url: Option<String>,
}

impl OrgBrand {
    /// The letter that stands for the organization where it has no logo.
    #[must_use]
    pub fn initial(&self) -> String {
        let letter = self.name.chars().find(|c| c.is_alphanumeric());
        letter.map_or_else(|| "#".to_owned(), |c| c.to_uppercase().collect())
    }

    /// Brands worth looking at: with a logo, without, hostile, far too long.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let bare = |name: &str| Self { name: name.to_owned(), logo_url: None };
        vec![
            Self { logo_url: Some(SAMPLE_LOGO.to_owned()), ..bare("AdventureZ") },
            bare("Granite Outpost Rafting and Ziplines"),
            Self { logo_url: Some("\"><script>".to_owned()), ..bare(HOSTILE) },
            bare(&"Rocky Mountain High Adventures ".repeat(8)),
            bare(&"W".repeat(120)),
        ]
    }
}

/// A name as an attacker would choose it, for samples.
pub const HOSTILE: &str = "<b>R&D</b> \"'><script>alert(1)</script> {{ 7 * 7 }}";

/// A logo that needs no network, for samples.
const SAMPLE_LOGO: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' \
    viewBox='0 0 120 40'%3E%3Cpath d='M4 36 24 6l12 18 8-10 16 22z' fill='%23d9622b'/%3E\
    %3Ctext x='64' y='29' font-size='24' font-family='sans-serif' fill='%23222'%3EAdvZ%3C/text%3E%3C/svg%3E";

/// A way on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// What following it does.
    pub label: String,
    /// A path of ours, or a URL its registrant was allowed to set.
    pub href: String,
}

/// Everything `templates/error.html` may show: any clear refusal or failure.
#[derive(Template)]
#[template(path = "web/templates/error.html")]
pub struct ErrorPage {
    /// The realm's display name, or [`PRODUCT`].
    pub realm_name: String,
    /// The HTTP status this page is answered with.
    pub status: u16,
    /// What happened, in a few words.
    pub heading: String,
    /// Why, and what the person can do.
    pub message: String,
    /// What to quote to support; the logs know it.
    pub request_id: String,
    /// The way on, when there is one.
    pub action: Option<Link>,
}

impl Page for ErrorPage {
    fn layout(&self) -> Layout<'_> {
        Layout::card(self.heading.as_str(), &self.realm_name)
    }
}

impl ErrorPage {
    /// Something of ours failed; the log says what.
    #[must_use]
    pub fn ours(realm_name: &str, request_id: &str) -> Self {
        Self {
            realm_name: realm_name.to_owned(),
            status: 500,
            heading: "Something went wrong".to_owned(),
            message: "This is our fault. Please try again in a moment.".to_owned(),
            request_id: request_id.to_owned(),
            action: None,
        }
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let page = |status, heading: &str, message: &str| Self {
            realm_name: "Travel0".to_owned(),
            status,
            heading: heading.to_owned(),
            message: message.to_owned(),
            request_id: "0192f3c1-77aa-7e0e-9d3c-5f0c2f1b9a10".to_owned(),
            action: None,
        };
        let back = Link { label: "Back to Travel0".to_owned(), href: "/realms/travel0".to_owned() };
        vec![
            page(404, "Page not found", "There is nothing at this address. Check the link."),
            Self {
                action: Some(back),
                ..page(400, "This sign-in has expired", "Return to the app and sign in again.")
            },
            Self { realm_name: HOSTILE.to_owned(), ..page(400, HOSTILE, &HOSTILE.repeat(5)) },
            page(400, "A long story", &"x".repeat(400)),
            Self::ours(PRODUCT, "0192f3c1-77aa-7e0e-9d3c-5f0c2f1b9a10"),
        ]
    }
}

/// Renders a page, a part of a mail or anything else with a template.
///
/// A template that fails is our fault: it is logged, and the person reads a
/// short page that says so.
pub fn render(page: &impl Template) -> String {
    page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "A page could not be rendered");
        FALLBACK.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_organization_without_a_logo_shows_its_first_letter() {
        let initial = |name: &str| OrgBrand { name: name.to_owned(), logo_url: None }.initial();

        assert_eq!(initial("  (élan)"), "É");
        assert_eq!(initial("<<>>"), "#");
    }
}
