//! Sessions as the directory knows them: a projection that accounts tell it by
//! the queue, for the lists of administrators. It may be a moment old; whether a
//! session lives, its account's object says.
use crate::event::message::Message;
use crate::kernel::id::{RealmId, SessionId, UserId};
use crate::kernel::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an account tells of one of its sessions: everything, each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionState {
    /// The realm.
    pub realm: RealmId,
    /// Whose.
    pub user: UserId,
    /// Which.
    pub session: SessionId,
    /// Grows with each state, so that an older one that comes late is passed
    /// over.
    pub version: i64,
    /// The `client_id`s of those to whom something was granted in it.
    pub clients: Vec<String>,
    /// Where it was started from, if that is known.
    pub ip: Option<String>,
    /// When the person proved who they are.
    pub started_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// It is told again before then, or is over.
    pub shown_until: Timestamp,
    /// Whether somebody ended it.
    pub ended: bool,
}

/// "Put this session into the directory's index."
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IndexSession(pub SessionState);

impl Message for IndexSession {
    const KIND: &'static str = "session.index";
}

/// A session of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedSession {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// What they are called.
    pub username: String,
    /// Where it was started from, if that is known.
    pub ip: Option<String>,
    /// When the person proved who they are.
    pub started_at: Timestamp,
    /// When it was last used, as far as it was told.
    pub last_seen_at: Timestamp,
    /// The clients to whom something was granted in it: key to `client_id`.
    pub clients: BTreeMap<String, String>,
}

/// How many sessions a client has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSessions {
    /// The client's key.
    pub client: String,
    /// Its name.
    pub client_id: String,
    /// How many.
    pub sessions: i64,
}
