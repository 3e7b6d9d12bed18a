//! Every page in every state its view calls worth looking at, read the way a
//! browser, a screen reader and an attacker would.
use askama::Template;
use guildhall::account::pages::{ConfirmEmailPage, NoticePage, UpdatePasswordPage};
use guildhall::app::pages::{HomePage, LandingPage, OutboxMailPage, OutboxPage};
use guildhall::invitation::mail::InvitationMail;
use guildhall::invitation::pages::{
    AcceptExistingPage, AcceptNewPage, AcceptPasswordPage, AcceptSignedInPage,
    InvitationProblemPage, JoinedPage,
};
use guildhall::oidc::pages::{
    ConsentPage, FormPostPage, LoginPage, OrganizationsPage, SignOutPage, SignedOutPage,
};
use guildhall::oidc::pages_device::{DeviceCodePage, DeviceConfirmPage};
use guildhall::oidc::pages_registration::RegisterPage;
use guildhall::web::assets::{find_asset, stylesheet_path};
use guildhall::web::page::{ErrorPage, Page};
use std::collections::BTreeMap;

/// One sample as the browser gets it.
struct Rendered {
    name: String,
    html: String,
}

impl Rendered {
    fn tags(&self) -> Vec<Tag> {
        read_tags(&self.html)
    }

    fn count(&self, tag: &str) -> usize {
        self.tags().iter().filter(|found| found.name == tag).count()
    }
}

fn every_page() -> Vec<Rendered> {
    let mut pages = Vec::new();
    add(&mut pages, "web-error", &ErrorPage::samples());
    add(&mut pages, "oidc-login", &LoginPage::samples());
    add(&mut pages, "oidc-register", &RegisterPage::samples());
    add(&mut pages, "oidc-organizations", &OrganizationsPage::samples());
    add(&mut pages, "oidc-consent", &ConsentPage::samples());
    add(&mut pages, "oidc-device-code", &DeviceCodePage::samples());
    add(&mut pages, "oidc-device-confirm", &DeviceConfirmPage::samples());
    add(&mut pages, "oidc-form-post", &FormPostPage::samples());
    add(&mut pages, "oidc-sign-out", &SignOutPage::samples());
    add(&mut pages, "oidc-signed-out", &SignedOutPage::samples());
    add(&mut pages, "invitation-new", &AcceptNewPage::samples());
    add(&mut pages, "invitation-existing", &AcceptExistingPage::samples());
    add(&mut pages, "invitation-password", &AcceptPasswordPage::samples());
    add(&mut pages, "invitation-signed-in", &AcceptSignedInPage::samples());
    add(&mut pages, "invitation-joined", &JoinedPage::samples());
    add(&mut pages, "invitation-problem", &InvitationProblemPage::samples());
    add(&mut pages, "account-update-password", &UpdatePasswordPage::samples());
    add(&mut pages, "account-confirm-email", &ConfirmEmailPage::samples());
    add(&mut pages, "account-notice", &NoticePage::samples());
    add(&mut pages, "app-home", &HomePage::samples());
    add(&mut pages, "app-landing", &LandingPage::samples());
    add(&mut pages, "app-outbox", &OutboxPage::samples());
    add(&mut pages, "app-outbox-mail", &OutboxMailPage::samples());
    pages
}

fn add<P: Page>(pages: &mut Vec<Rendered>, view: &str, samples: &[P]) {
    for (number, sample) in samples.iter().enumerate() {
        let html = Template::render(sample).unwrap();
        pages.push(Rendered { name: format!("{view}-{number}"), html });
    }
}

/// An opening tag.
#[derive(Debug)]
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

impl Tag {
    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    fn is_hidden_input(&self) -> bool {
        self.name == "input" && self.get("type") == Some("hidden")
    }
}

/// The opening tags of a page. Enough of HTML for pages in which every
/// attribute value is quoted and every `<` of a text is escaped.
fn read_tags(html: &str) -> Vec<Tag> {
    let opening = |text: &&str| text.starts_with(|c: char| c.is_ascii_alphabetic());
    html.split('<').filter(opening).map(|text| read_tag(text).unwrap()).collect()
}

/// Reads `name key="value" key>...`; `None` when it is not that.
fn read_tag(text: &str) -> Option<Tag> {
    let (name, mut rest) = text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric())?);
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.starts_with('>') {
            return Some(Tag { name: name.to_owned(), attributes });
        }
        let (key, after) = rest.split_at(rest.find(|c: char| " \n=>".contains(c))?);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"')?,
            None => ("", after),
        };
        attributes.insert(key.to_owned(), value.to_owned());
        rest = after;
    }
}

/// The page that brings an answer to an app.
fn posts_itself(page: &Rendered) -> bool {
    page.name.starts_with("oidc-form-post")
}

#[test]
fn no_page_has_script_or_style_of_its_own() {
    for page in every_page() {
        for tag in page.tags() {
            // The one page that posts itself, to whoever asked for that.
            let may_run = posts_itself(&page) && tag.get("nonce").is_some();
            let is_own = tag.name == "style" || (tag.name == "script" && !may_run);
            assert!(!is_own, "{}: {tag:?}", page.name);
            for attribute in tag.attributes.keys() {
                let is_inline = attribute == "style" || attribute.starts_with("on");
                assert!(!is_inline, "{}: {tag:?}", page.name);
            }
        }
    }
}

#[test]
fn every_page_says_its_language_and_has_one_heading_and_the_landmarks() {
    for page in every_page() {
        assert!(page.html.starts_with("<!doctype html>"), "{}", page.name);
        assert!(page.html.contains("<html lang=\"en\">"), "{}", page.name);
        for tag in ["h1", "main", "header", "footer", "title"] {
            assert_eq!(page.count(tag), 1, "{}: <{tag}>", page.name);
        }
    }
}

#[test]
fn every_input_has_a_label() {
    for page in every_page() {
        let tags = page.tags();
        for input in tags.iter().filter(|tag| tag.name == "input" && !tag.is_hidden_input()) {
            let id = input.get("id").unwrap_or_else(|| panic!("{}: {input:?}", page.name));
            let is_label = |tag: &&Tag| tag.name == "label" && tag.get("for") == Some(id);
            assert_eq!(tags.iter().filter(is_label).count(), 1, "{}: {id}", page.name);
            assert!(input.get("autocomplete").is_some(), "{}: {id}", page.name);
        }
    }
}

/// On a page with something to type, the typing starts at once, in one place.
#[test]
fn every_form_starts_at_its_first_open_field() {
    for page in every_page() {
        let tags = page.tags();
        let is_open = |tag: &&Tag| {
            tag.name == "input" && !tag.is_hidden_input() && tag.get("readonly").is_none()
        };
        let focused = tags.iter().filter(|tag| tag.get("autofocus").is_some());
        let wanted = usize::from(tags.iter().any(|tag| is_open(&tag)));
        assert_eq!(focused.clone().count(), wanted, "{}", page.name);
        let is_wrong = |tag: &Tag| tag.get("aria-invalid").is_some();
        if tags.iter().any(is_wrong) {
            assert!(focused.clone().all(is_wrong), "{}", page.name);
        }
    }
}

#[test]
fn every_description_and_every_jump_has_a_target_and_ids_are_unique() {
    for page in every_page() {
        let tags = page.tags();
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        for tag in &tags {
            let described = tag.get("aria-describedby").unwrap_or_default().split_whitespace();
            let jump = tag.get("href").and_then(|href| href.strip_prefix('#'));
            for target in described.chain(jump) {
                let matches = ids.iter().filter(|id| **id == target).count();
                assert_eq!(matches, 1, "{}: {target}", page.name);
            }
        }
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "{}: {ids:?}", page.name);
    }
}

#[test]
fn hostile_text_stays_text() {
    for page in every_page() {
        let html = page.html.to_lowercase();
        let html = if posts_itself(&page) { html.replacen("<script nonce", "", 1) } else { html };
        for hostile in ["<b>", "<script", "\"'>"] {
            assert!(!html.contains(hostile), "{}: {hostile}", page.name);
        }
    }
    let login = LoginPage::samples().into_iter().map(|page| Template::render(&page).unwrap());
    let html: String = login.collect();
    assert!(html.contains("&#60;b&#62;R&#38;D&#60;/b&#62;"), "{html}");
}

#[test]
fn no_template_syntax_is_left_over() {
    for page in every_page() {
        // The hostile samples say this; nothing else may.
        let html = page.html.replace("{{ 7 * 7 }}", "");
        assert!(!html.contains("{{") && !html.contains("{%"), "{}", page.name);
    }
}

#[test]
fn every_form_posts_and_carries_the_token_against_forgery() {
    for page in every_page() {
        let tags = page.tags();
        for form in tags.iter().filter(|tag| tag.name == "form") {
            assert_eq!(form.get("method"), Some("post"), "{}", page.name);
            if posts_itself(&page) {
                // It goes to an app, which knows it by `state`.
                continue;
            }
            let is_csrf = |tag: &&Tag| tag.is_hidden_input() && tag.get("name") == Some("csrf");
            assert_eq!(tags.iter().filter(is_csrf).count(), 1, "{}", page.name);
        }
    }
}

/// Automation written for Keycloak finds the login form by these ids.
#[test]
fn the_login_form_has_the_ids_of_keycloak() {
    let html = Template::render(&LoginPage::samples()[2]).unwrap();
    for id in ["kc-form-login", "username", "password", "kc-login", "kc-error-message"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
}

/// And the one on which somebody registers.
#[test]
fn the_registration_form_has_the_ids_of_keycloak() {
    let html = Template::render(&RegisterPage::samples()[0]).unwrap();
    for id in ["kc-register-form", "email", "firstName", "lastName", "password"] {
        assert!(html.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let login = Template::render(&LoginPage::samples()[1]).unwrap();
    assert!(login.contains("id=\"kc-registration\""), "{login}");
}

#[test]
fn an_organization_is_chosen_by_its_alias_in_the_field_of_keycloak() {
    let html = Template::render(&OrganizationsPage::samples()[0]).unwrap();
    assert!(html.contains("type=\"submit\" name=\"kc.org\" value=\"org-1\""), "{html}");
}

#[test]
fn the_html_mail_escapes_its_names() {
    for sample in InvitationMail::samples() {
        let html = sample.compose("emilio@freelance.example").html;
        assert!(!html.contains("<b>") && !html.contains("<script"), "{html}");
    }
}

/// WCAG 2.2 §1.4.3 (text, 4.5 to 1) and §1.4.11 (the edge of a control, 3 to 1).
#[test]
fn colours_have_the_contrast_of_wcag_aa_in_light_and_dark() {
    const PAIRS: [(&str, &str, f64); 15] = [
        ("ink", "paper", 4.5),
        ("ink", "card", 4.5),
        ("ink", "glow", 4.5),
        ("ink", "tint", 4.5),
        ("muted", "paper", 4.5),
        ("muted", "card", 4.5),
        ("muted", "tint", 4.5),
        ("accent", "card", 4.5),
        ("accent", "paper", 4.5),
        ("accent", "tint", 4.5),
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-over", 4.5),
        ("danger", "danger-paper", 4.5),
        ("danger", "card", 4.5),
        ("edge", "card", 3.0),
    ];
    let css = find_asset(stylesheet_path()).map(|asset| asset.bytes).unwrap_or_default();
    let css = std::str::from_utf8(css).unwrap();
    let (light, dark) = css.split_once("prefers-color-scheme: dark").unwrap();
    for (scheme, css) in [("light", light), ("dark", dark)] {
        for (text, ground, least) in PAIRS {
            let ratio = contrast(luminance(css, text), luminance(css, ground));
            assert!(ratio >= least, "{scheme}: {text} on {ground} is {ratio:.2}");
        }
    }
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Relative luminance (WCAG 2.2) of the custom property `name`.
fn luminance(css: &str, name: &str) -> f64 {
    let (_, from) = css.split_once(&format!("--{name}: #")).unwrap();
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&from[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.0722_f64.mul_add(channel(4), 0.2126_f64.mul_add(channel(0), 0.7152 * channel(2)))
}
