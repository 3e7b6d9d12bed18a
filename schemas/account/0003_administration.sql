-- What administrators see and settle of an account.

ALTER TABLE password ADD COLUMN credential_id TEXT NOT NULL DEFAULT '';
ALTER TABLE password ADD COLUMN label TEXT; -- NULL unless somebody named it
UPDATE password SET credential_id = lower(hex(randomblob(16)));

ALTER TABLE session ADD COLUMN ip_address TEXT; -- where it was started from, if known

ALTER TABLE lockout ADD COLUMN failed_at INTEGER NOT NULL DEFAULT 0; -- the last failure
ALTER TABLE lockout ADD COLUMN ip_address TEXT; -- and where it came from, if known

-- Links of mails that were used: each works once.
CREATE TABLE used_ticket (
    id         TEXT PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX used_ticket_by_end ON used_ticket (expires_at);
