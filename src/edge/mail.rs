//! `Mailer` over an HTTP API that takes a mail as JSON.
use super::http::request_out;
use super::meter::{Io, Meter};
use crate::app::config::{Config, Environment, MailSettings};
use crate::app::outbox::LocalMailer;
use crate::platform::clock::Clock;
use crate::platform::directory::Directory;
use crate::platform::mail::{Mail, MailError, Mailer};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, header};
use std::rc::Rc;
use worker::Fetch;

/// Development keeps its mail in the directory; production has an API send it.
pub fn mailer(
    config: &Config,
    directory: &Rc<dyn Directory>,
    clock: &Rc<dyn Clock>,
    meter: &Rc<Meter>,
) -> Rc<dyn Mailer> {
    match config.environment {
        Environment::Development => {
            Rc::new(LocalMailer { directory: Rc::clone(directory), clock: Rc::clone(clock) })
        }
        Environment::Production => {
            Rc::new(HttpMailer { settings: config.mail.clone(), meter: Rc::clone(meter) })
        }
    }
}

/// Posts `{from, to, subject, text, html}` with a bearer token.
struct HttpMailer {
    settings: Option<MailSettings>,
    meter: Rc<Meter>,
}

#[async_trait(?Send)]
impl Mailer for HttpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let settings =
            self.settings.as_ref().ok_or_else(|| MailError("MAIL_URL is not set".to_owned()))?;
        let request = request(settings, mail).map_err(|error| MailError(error.to_string()))?;
        self.meter.count(Io::Fetch);
        let sent = match request_out(&request) {
            Ok(request) => Fetch::Request(request).send().await,
            Err(error) => Err(error),
        };
        match sent.map(|response| response.status_code()) {
            Ok(200..=299) => Ok(()),
            Ok(status) => Err(MailError(format!("MAIL_URL answered {status}"))),
            Err(error) => Err(MailError(error.to_string())),
        }
    }
}

fn request(settings: &MailSettings, mail: &Mail) -> http::Result<Request<Bytes>> {
    let body = serde_json::json!({
        "from": settings.from, "to": mail.to,
        "subject": mail.subject, "text": mail.text, "html": mail.html,
    });
    Request::post(&settings.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {}", settings.token.expose()))
        .body(body.to_string().into())
}
