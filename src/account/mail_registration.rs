//! The mail to whoever is said to have registered: a link that confirms the address,
//! or the word that it has an account already. Only the mailbox tells which.
use super::action_ticket::ActionTicket;
use crate::crypto::keyring::Keyring;
use crate::event::message::{Envelope, Message};
use crate::kernel::email::EmailAddress;
use crate::kernel::id::{RealmId, RealmName};
use crate::platform::mail::{Mail, MailError, Mailer};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::web::page::{HOSTILE, render};
use askama::Template;
use serde::{Deserialize, Serialize};

/// "Mail what came of a registration."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegistrationMessage {
    realm: RealmId,
    realm_name: RealmName,
    realm_title: String,
    email: EmailAddress,
    outcome: Outcome,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Outcome {
    /// The account waits for this.
    Made(ActionTicket),
    /// There is one already; its owner signs in here.
    Taken(Option<String>),
}

impl Message for RegistrationMessage {
    const KIND: &'static str = "account.registration_mail";
}

/// Asks the queue to mail `ticket`, which confirms the address it goes to.
///
/// # Errors
/// `Refused` when the queue does not take it.
pub async fn send_confirmation(
    context: &RealmContext<'_>,
    ticket: ActionTicket,
) -> Result<(), StoreError> {
    send(context, ticket.email.clone(), Outcome::Made(ticket)).await
}

/// Asks the queue to tell the owner of `email` that somebody tried to register with
/// it. Where it leads, an administrator of the realm said, and nobody else: whoever
/// fills in the form shall not put a link into anybody's mail.
///
/// # Errors
/// As [`send_confirmation`].
pub async fn send_taken(
    context: &RealmContext<'_>,
    email: &EmailAddress,
) -> Result<(), StoreError> {
    let sign_in = context.realm.settings.default_application_uri.clone();
    send(context, email.clone(), Outcome::Taken(sign_in)).await
}

async fn send(
    context: &RealmContext<'_>,
    email: EmailAddress,
    outcome: Outcome,
) -> Result<(), StoreError> {
    let realm = &context.realm;
    let message = RegistrationMessage {
        realm: realm.id.clone(),
        realm_name: realm.name.clone(),
        realm_title: realm.display_name.clone(),
        email,
        outcome,
    };
    let text = Envelope::seal(&message).and_then(|sealed| serde_json::to_string(&sealed));
    let text = text.map_err(|error| StoreError::Refused(error.to_string()))?;
    context.ports.queue.send(vec![text]).await
}

/// Writes the mail and hands it to the post.
///
/// # Errors
/// When the post does not take it; the queue tries again.
pub async fn deliver(
    mailer: &dyn Mailer,
    keyring: &Keyring,
    public_url: &str,
    message: RegistrationMessage,
) -> Result<(), MailError> {
    let mut mail = RegistrationMail {
        realm_name: message.realm_title,
        confirmation: None,
        sign_in_link: None,
    };
    match message.outcome {
        Outcome::Made(ticket) => {
            let sealed = ticket.seal(keyring, &message.realm);
            let sealed = sealed.map_err(|error| MailError(error.to_string()))?;
            let realm = &message.realm_name;
            mail.confirmation = Some(Confirmation {
                link: format!(
                    "{public_url}/realms/{realm}/login-actions/action-token?key={sealed}"
                ),
                expires_on: ticket.ends_at.to_date(),
            });
        }
        Outcome::Taken(link) => mail.sign_in_link = link,
    }
    mailer.send(&mail.compose(message.email.as_str())).await
}

/// A link that confirms an address.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// It carries the ticket.
    pub link: String,
    /// The last day on which it works, as people write it.
    pub expires_on: String,
}

/// Everything the three parts of the mail may show.
#[derive(Clone, Debug)]
pub struct RegistrationMail {
    /// The realm's display name.
    pub realm_name: String,
    /// How to confirm the address; `None` when there was an account already.
    pub confirmation: Option<Confirmation>,
    /// Where that account signs in, if the realm says.
    pub sign_in_link: Option<String>,
}

#[derive(Template)]
#[template(path = "account/templates/registration.subject.txt")]
struct Subject<'a> {
    mail: &'a RegistrationMail,
}

#[derive(Template)]
#[template(path = "account/templates/registration.txt")]
struct Text<'a> {
    mail: &'a RegistrationMail,
}

#[derive(Template)]
#[template(path = "account/templates/registration.html")]
struct Html<'a> {
    mail: &'a RegistrationMail,
}

impl RegistrationMail {
    /// The mail as it is sent to the address `to`.
    #[must_use]
    pub fn compose(&self, to: &str) -> Mail {
        // A line break would start another header.
        let realm_name = self.realm_name.replace(char::is_control, " ");
        let mail = &Self { realm_name, ..self.clone() };
        Mail {
            to: to.to_owned(),
            subject: render(&Subject { mail }).trim_end().to_owned(),
            text: format!("{}\n", render(&Text { mail }).trim_end()),
            html: render(&Html { mail }),
        }
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let confirmation = || Confirmation {
            link: "https://id.travel0.example/realms/travel0/login-actions/action-token?key=e30"
                .to_owned(),
            expires_on: "24 November 2026".to_owned(),
        };
        let mail = |realm_name: &str, confirmation: Option<Confirmation>| Self {
            realm_name: realm_name.to_owned(),
            confirmation,
            sign_in_link: None,
        };
        let hostile = format!("{HOSTILE}\r\nBcc: all@example.com");
        vec![
            mail("Travel0", Some(confirmation())),
            mail("Travel0", None),
            Self {
                sign_in_link: Some("https://app.travel0.example/".to_owned()),
                ..mail("Travel0", None)
            },
            mail(&hostile, Some(confirmation())),
            Self { sign_in_link: Some(HOSTILE.to_owned()), ..mail(&hostile, None) },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_says_one_thing_in_one_line_of_subject() {
        for sample in RegistrationMail::samples() {
            let mail = sample.compose("marta@freelance.example");
            assert!(!mail.subject.contains(char::is_control), "{}", mail.subject);
            let link = sample.confirmation.as_ref().map(|one| one.link.as_str());
            assert_eq!(mail.text.contains("action-token"), link.is_some(), "{}", mail.text);
            let link = link.or(sample.sign_in_link.as_deref()).unwrap_or_default();
            assert!(mail.text.contains(link), "{}", mail.text);
            assert!(!mail.html.contains("<b>") && !mail.html.contains("<script"), "{}", mail.html);
        }
    }
}
