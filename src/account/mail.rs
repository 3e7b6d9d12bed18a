//! The mail that asks a person to do something for their account. The queue
//! carries what it says; the ticket is sealed when the mail is written, and
//! stored nowhere.
use super::action_ticket::ActionTicket;
use crate::crypto::keyring::Keyring;
use crate::event::message::{Envelope, Message};
use crate::kernel::id::{RealmId, RealmName};
use crate::platform::mail::{Mail, MailError, Mailer};
use crate::platform::row::StoreError;
use crate::realm::context::RealmContext;
use crate::realm::user::RequiredAction;
use crate::web::page::{HOSTILE, render};
use askama::Template;
use serde::{Deserialize, Serialize};

/// "Mail this ticket."
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActionMessage {
    realm: RealmId,
    realm_name: RealmName,
    realm_title: String,
    ticket: ActionTicket,
}

impl Message for ActionMessage {
    const KIND: &'static str = "account.mail";
}

/// Asks the queue to mail `ticket`.
///
/// # Errors
/// `Refused` when the queue does not take it.
pub async fn send(context: &RealmContext<'_>, ticket: ActionTicket) -> Result<(), StoreError> {
    let realm = &context.realm;
    let message = ActionMessage {
        realm: realm.id.clone(),
        realm_name: realm.name.clone(),
        realm_title: realm.display_name.clone(),
        ticket,
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
    message: ActionMessage,
) -> Result<(), MailError> {
    let sealed = message.ticket.seal(keyring, &message.realm);
    let sealed = sealed.map_err(|error| MailError(error.to_string()))?;
    let realm = &message.realm_name;
    let mail = ActionMail {
        realm_name: message.realm_title,
        link: format!("{public_url}/realms/{realm}/login-actions/action-token?key={sealed}"),
        expires_on: message.ticket.ends_at.to_date(),
        actions: message.ticket.actions,
    };
    mailer.send(&mail.compose(message.ticket.email.as_str())).await
}

/// Everything the three parts of the mail may show.
#[derive(Clone, Debug)]
pub struct ActionMail {
    /// The realm's display name.
    pub realm_name: String,
    /// The link, which carries the ticket.
    pub link: String,
    /// The last day on which the link works, as people write it.
    pub expires_on: String,
    /// What is to be done.
    pub actions: Vec<RequiredAction>,
}

#[derive(Template)]
#[template(path = "account/templates/actions.subject.txt")]
struct Subject<'a> {
    mail: &'a ActionMail,
}

#[derive(Template)]
#[template(path = "account/templates/actions.txt")]
struct Text<'a> {
    mail: &'a ActionMail,
}

#[derive(Template)]
#[template(path = "account/templates/actions.html")]
struct Html<'a> {
    mail: &'a ActionMail,
}

impl ActionMail {
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

    fn tasks(&self) -> Vec<&'static str> {
        let task = |action: &RequiredAction| match action {
            RequiredAction::UpdatePassword => "Choose a new password",
            RequiredAction::VerifyEmail => "Confirm this address",
        };
        self.actions.iter().map(task).collect()
    }

    /// The states a reviewer should look at.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        let mail = |realm_name: &str, actions: &[RequiredAction]| Self {
            realm_name: realm_name.to_owned(),
            link: "https://id.travel0.example/realms/travel0/login-actions/action-token?key=e30"
                .to_owned(),
            expires_on: "24 November 2026".to_owned(),
            actions: actions.to_vec(),
        };
        vec![
            mail("Travel0", &RequiredAction::ALL),
            mail("Travel0", &[RequiredAction::VerifyEmail]),
            mail(&format!("{HOSTILE}\r\nBcc: all@example.com"), &RequiredAction::ALL),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_whatever_the_realm_is_called() {
        for sample in ActionMail::samples() {
            let mail = sample.compose("emilio@freelance.example");
            assert!(!mail.subject.contains(char::is_control), "{}", mail.subject);
            assert!(mail.text.contains(&sample.link) && mail.text.contains("24 November 2026"));
        }
    }
}
