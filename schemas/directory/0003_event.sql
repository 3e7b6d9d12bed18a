-- What happened, in every organization and realm, newest first by time.
CREATE TABLE event (
    id       TEXT PRIMARY KEY,
    realm_id TEXT NOT NULL,
    org_id   TEXT,
    at       INTEGER NOT NULL,
    document TEXT NOT NULL -- JSON of event::audit::AuditEvent
) STRICT;

CREATE INDEX event_of_realm ON event (realm_id, at);
CREATE INDEX event_of_org ON event (realm_id, org_id, at);

-- The local outbox of a development server; stays empty in production.
CREATE TABLE dev_mail (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    sent_at   INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    subject   TEXT NOT NULL,
    text      TEXT NOT NULL,
    html      TEXT NOT NULL
) STRICT;
