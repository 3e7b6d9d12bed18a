//! The local outbox: where mail goes in development, and the pages that show it.
use super::pages::{MAIL_CONTENT_SECURITY_POLICY, OutboxLine, OutboxMailPage, OutboxPage};
use super::store::{self, StoredMail};
use super::{App, pages};
use crate::platform::clock::Clock;
use crate::platform::directory::Directory;
use crate::platform::mail::{Mail, MailError, Mailer};
use crate::platform::row::StoreError;
use crate::web::page::render;
use crate::web::router::Params;
use crate::web::{Request, Response, answer};
use async_trait::async_trait;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use std::rc::Rc;

/// Most mails a list shows.
const LISTED: i64 = 100;

/// Keeps mail in the directory instead of sending it.
pub struct LocalMailer {
    /// Where it is kept.
    pub directory: Rc<dyn Directory>,
    /// When it is sent.
    pub clock: Rc<dyn Clock>,
}

#[async_trait(?Send)]
impl Mailer for LocalMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let kept = store::insert_mail(&*self.directory, mail, self.clock.now()).await;
        kept.map_err(|error| MailError(error.to_string()))
    }
}

/// `GET /dev/outbox`: the newest mails.
pub async fn list(app: &App, request: &Request) -> Response {
    let mails = store::list_mails(&*app.ports.directory, LISTED).await;
    let page = mails.map(|mails| {
        let mails = mails.iter().map(line).collect();
        answer::html(StatusCode::OK, render(&OutboxPage { mails }))
    });
    page.unwrap_or_else(|error| failed(request, &error))
}

/// `GET /dev/outbox.json`: the same, for programs.
pub async fn list_json(app: &App) -> Response {
    match store::list_mails(&*app.ports.directory, LISTED).await {
        Ok(mails) => {
            let mails: Vec<Mail> = mails.into_iter().map(|stored| stored.mail).collect();
            answer::json(StatusCode::OK, &mails)
        }
        Err(error) => {
            tracing::error!("The local outbox failed: {error}");
            answer::keycloak_error(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// `GET /dev/outbox/{id}`: one mail.
pub async fn read(app: &App, request: &Request, params: &Params) -> Response {
    match find(app, params).await {
        Err(error) => failed(request, &error),
        Ok(None) => pages::not_found(request),
        Ok(Some(stored)) => {
            let page = OutboxMailPage {
                sent_at: sent_at(&stored),
                html_url: format!("/dev/outbox/{}/html", stored.id),
                outbox_url: "/dev/outbox".to_owned(),
                mail: stored.mail,
            };
            answer::html(StatusCode::OK, render(&page))
        }
    }
}

/// `GET /dev/outbox/{id}/html`: its HTML part, for the frame on that page.
pub async fn read_html(app: &App, request: &Request, params: &Params) -> Response {
    match find(app, params).await {
        Err(error) => failed(request, &error),
        Ok(None) => pages::not_found(request),
        Ok(Some(stored)) => {
            let page = answer::html(StatusCode::OK, stored.mail.html);
            let page =
                answer::with_header(page, CONTENT_SECURITY_POLICY, MAIL_CONTENT_SECURITY_POLICY);
            answer::with_header(page, X_FRAME_OPTIONS, "SAMEORIGIN")
        }
    }
}

async fn find(app: &App, params: &Params) -> Result<Option<StoredMail>, StoreError> {
    let Ok(id) = params.get("id").parse() else { return Ok(None) };
    store::find_mail(&*app.ports.directory, id).await
}

fn line(stored: &StoredMail) -> OutboxLine {
    OutboxLine {
        href: format!("/dev/outbox/{}", stored.id),
        to: stored.mail.to.clone(),
        subject: stored.mail.subject.clone(),
        sent_at: sent_at(stored),
    }
}

fn sent_at(stored: &StoredMail) -> String {
    stored.sent_at.to_minutes().replace('T', " ").replace('Z', " UTC")
}

fn failed(request: &Request, error: &StoreError) -> Response {
    tracing::error!("The local outbox failed: {error}");
    pages::failed(request)
}
