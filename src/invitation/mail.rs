//! The mail that carries an invitation: a subject, a text and an HTML part.
use crate::platform::mail::Mail;
use crate::web::page::{HOSTILE, render};
use askama::Template;

/// Longest name in a mail, in characters. A name is somebody's free text; cut
/// here it cannot push the link out of sight, and the subject stays below the
/// 998 bytes of RFC 5322 §2.1.1 in any script.
const MAX_NAME_CHARS: usize = 80;

/// Everything the three templates may show.
#[derive(Clone, Debug)]
pub struct InvitationMail {
    /// The organization's display name.
    pub org_name: String,
    /// The person who sent the invitation, when it was a person.
    pub inviter_name: Option<String>,
    /// The realm's display name.
    pub realm_name: String,
    /// The link with the ticket.
    pub link: String,
    /// The last day, as people write it.
    pub expires_on: String,
    /// The roles the invitation grants.
    pub roles: Vec<String>,
}

#[derive(Template)]
#[template(path = "invitation/templates/invitation.subject.txt")]
struct Subject<'a> {
    mail: &'a InvitationMail,
}

#[derive(Template)]
#[template(path = "invitation/templates/invitation.txt")]
struct Text<'a> {
    mail: &'a InvitationMail,
}

#[derive(Template)]
#[template(path = "invitation/templates/invitation.html")]
struct Html<'a> {
    mail: &'a InvitationMail,
}

impl InvitationMail {
    /// The mail as it is sent to the address `to`.
    #[must_use]
    pub fn compose(&self, to: &str) -> Mail {
        let mail = &self.with_tame_names();
        Mail {
            to: to.to_owned(),
            subject: render(&Subject { mail }).trim_end().to_owned(),
            text: format!("{}\n", render(&Text { mail }).trim_end()),
            html: render(&Html { mail }),
        }
    }

    /// The same mail with names that stay on their line.
    fn with_tame_names(&self) -> Self {
        Self {
            org_name: tame(&self.org_name),
            inviter_name: self.inviter_name.as_deref().map(tame),
            realm_name: tame(&self.realm_name),
            roles: self.roles.iter().map(|role| tame(role)).collect(),
            ..self.clone()
        }
    }

    fn role_list(&self) -> String {
        self.roles.join(", ")
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let mail = Self {
            org_name: "Granite Outpost Rafting and Ziplines".to_owned(),
            inviter_name: Some("Hiroko Sato".to_owned()),
            realm_name: "Travel0".to_owned(),
            link: "https://id.travel0.example/realms/travel0/invitations/accept?ticket=eyJhbGciOiJIUzI1NiJ9.e30.dGlja2V0"
                .to_owned(),
            expires_on: "24 November 2026".to_owned(),
            roles: vec!["guide".to_owned(), "view-members".to_owned()],
        };
        let hostile = || format!("{HOSTILE}\r\nBcc: all@example.com\r\n\r\nhttps://evil.example");
        vec![
            mail.clone(),
            Self { inviter_name: None, roles: Vec::new(), ..mail.clone() },
            Self {
                org_name: hostile(),
                inviter_name: Some(hostile()),
                realm_name: hostile(),
                roles: vec![hostile()],
                ..mail.clone()
            },
            Self { org_name: "Rocky Mountain High Adventures ".repeat(20), ..mail },
        ]
    }
}

/// `name` on one line: a line break would start another header or a paragraph
/// that looks like ours, and direction marks make text read as what it is not.
fn tame(name: &str) -> String {
    let visible: String = name.chars().map(|c| if breaks_the_line(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    cut(&words.join(" "))
}

/// Control characters (CR, LF, NUL ...), line and paragraph separators, and
/// the marks that change the direction of text (Unicode Annex 9 §2).
fn breaks_the_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn cut(name: &str) -> String {
    if name.chars().count() <= MAX_NAME_CHARS {
        return name.to_owned();
    }
    let kept: String = name.chars().take(MAX_NAME_CHARS - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_whatever_the_names_are() {
        for sample in InvitationMail::samples() {
            let subject = sample.compose("emilio@freelance.example").subject;

            assert!(!subject.chars().any(breaks_the_line), "{subject:?}");
            assert!(subject.len() < 998, "{subject:?}");
        }
    }

    #[test]
    fn a_name_keeps_to_its_line_in_the_text() {
        let mut mail = InvitationMail::samples().remove(0);
        mail.org_name = "Acme\r\n\r\nYour password expires:\u{2028}https://evil.example".to_owned();

        let text = mail.compose("a@b.example").text;

        assert!(!text.lines().any(|line| line.starts_with("https://evil")), "{text}");
        assert!(text.contains("Acme Your password expires: https://evil.example"), "{text}");
    }

    #[test]
    fn text_and_html_carry_the_link_the_roles_and_the_last_day() {
        let sample = InvitationMail::samples().remove(0);
        let mail = sample.compose("emilio@freelance.example");

        assert_eq!(mail.to, "emilio@freelance.example");
        assert!(mail.text.lines().any(|line| line == sample.link), "alone on its line");
        assert!(mail.html.contains(&format!("href=\"{}\"", sample.link)));
        for part in [&mail.text, &mail.html] {
            assert!(part.contains("guide, view-members") && part.contains("24 November 2026"));
        }
    }

    #[test]
    fn a_long_name_is_cut_with_a_sign_that_it_was() {
        assert_eq!(cut(&"é".repeat(MAX_NAME_CHARS)).chars().count(), MAX_NAME_CHARS);
        assert!(cut(&"é".repeat(MAX_NAME_CHARS + 1)).ends_with("é…"));
    }
}
