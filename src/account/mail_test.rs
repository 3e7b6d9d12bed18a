//! The mail by which an administrator sees that mail arrives.
use crate::kernel::email::EmailAddress;
use crate::platform::mail::Mail;
use crate::web::page::{HOSTILE, render};
use askama::Template;

/// Everything the three parts of the mail may show.
#[derive(Clone, Debug)]
pub struct TestMail {
    /// The realm's display name.
    pub realm_name: String,
}

#[derive(Template)]
#[template(path = "account/templates/test.subject.txt")]
struct Subject<'a> {
    mail: &'a TestMail,
}

#[derive(Template)]
#[template(path = "account/templates/test.txt")]
struct Text<'a> {
    mail: &'a TestMail,
}

#[derive(Template)]
#[template(path = "account/templates/test.html")]
struct Html<'a> {
    mail: &'a TestMail,
}

impl TestMail {
    /// The mail as it is sent.
    #[must_use]
    pub fn compose(&self, to: &EmailAddress) -> Mail {
        // A line break would start another header.
        let mail = &Self { realm_name: self.realm_name.replace(char::is_control, " ") };
        Mail {
            to: to.as_str().to_owned(),
            subject: render(&Subject { mail }).trim_end().to_owned(),
            text: format!("{}\n", render(&Text { mail }).trim_end()),
            html: render(&Html { mail }),
        }
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let mail = |realm_name: &str| Self { realm_name: realm_name.to_owned() };
        vec![mail("Travel0"), mail(&format!("{HOSTILE}\r\nBcc: all@example.com"))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_and_markup_is_text() {
        let to = "sumana@travel0.example".parse().unwrap();
        for sample in TestMail::samples() {
            let mail = sample.compose(&to);
            assert!(!mail.subject.contains(char::is_control), "{}", mail.subject);
            assert!(!mail.html.contains(HOSTILE), "{}", mail.html);
        }
    }
}
