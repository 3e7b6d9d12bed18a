//! Telling what a person did, where the realm wants it written down.
use super::actor::Actor;
use super::context::RealmContext;
use crate::event::message::Envelope;
use crate::event::user_event::{IndexUserEvent, Kind, UserEvent};
use crate::kernel::id::{EventId, SessionId, UserId};
use crate::platform::row::StoreError;
use std::collections::BTreeMap;

/// Most characters of a client's name or of a detail: anybody may bring what they
/// like to a login page, and a message of the queue holds 128 KB. Keycloak's
/// column has as many.
pub const MAX_DETAIL_CHARS: usize = 255;

fn bounded(text: &str) -> String {
    text.chars().take(MAX_DETAIL_CHARS).collect()
}

/// What a person did, on its way to the queue.
#[derive(Debug)]
pub struct Happening {
    kind: Kind,
    client: Option<String>,
    user: Option<UserId>,
    session: Option<SessionId>,
    error: Option<&'static str>,
    details: BTreeMap<String, String>,
}

impl Happening {
    /// Something of this kind.
    #[must_use]
    pub const fn of(kind: Kind) -> Self {
        let details = BTreeMap::new();
        Self { kind, client: None, user: None, session: None, error: None, details }
    }

    /// Through this client.
    #[must_use]
    pub fn client(mut self, client_id: &str) -> Self {
        self.client = Some(bounded(client_id));
        self
    }

    /// Through this client, if one is known.
    #[must_use]
    pub fn client_of(self, client_id: Option<&str>) -> Self {
        match client_id {
            Some(client_id) => self.client(client_id),
            None => self,
        }
    }

    /// By this person.
    #[must_use]
    pub fn user(mut self, user: &UserId) -> Self {
        self.user = Some(user.clone());
        self
    }

    /// By whoever calls.
    #[must_use]
    pub fn caller(mut self, actor: &Actor) -> Self {
        self.session.clone_from(&actor.session);
        self.client(&actor.client_id).user(&actor.user)
    }

    /// In this session.
    #[must_use]
    pub fn session(mut self, session: &SessionId) -> Self {
        self.session = Some(session.clone());
        self
    }

    /// In vain, for this reason.
    #[must_use]
    pub const fn error(mut self, error: &'static str) -> Self {
        self.error = Some(error);
        self
    }

    /// There is this to add.
    #[must_use]
    pub fn detail(mut self, name: &str, value: &str) -> Self {
        self.details.insert(name.to_owned(), bounded(value));
        self
    }

    /// Sends it to the queue, if the realm wants it; no I/O if not. What cannot be
    /// sent is logged, and never stands in the person's way.
    pub async fn tell(self, context: &RealmContext<'_>) {
        let kind = self.kind.as_str();
        if !context.realm.settings.events.wants(kind) {
            return;
        }
        if let Err(error) = self.send(context, kind).await {
            tracing::error!("An event of a person was lost: {error}");
        }
    }

    async fn send(self, context: &RealmContext<'_>, kind: &str) -> Result<(), StoreError> {
        let event = UserEvent {
            id: EventId::from(context.ports.random.uuid()),
            realm: context.realm.id.clone(),
            at: context.now,
            kind: kind.to_owned(),
            client: self.client,
            user: self.user,
            session: self.session,
            ip: context.ip.map(str::to_owned),
            error: self.error.map(str::to_owned),
            details: self.details,
        };
        let envelope = Envelope::seal(&IndexUserEvent(event));
        let text = envelope.and_then(|sealed| serde_json::to_string(&sealed));
        let text = text.map_err(|error| StoreError::Refused(error.to_string()))?;
        context.ports.queue.send(vec![text]).await
    }
}
