-- What an administrator can change in an organization.

-- Counts the changes of the organization that the registry took.
ALTER TABLE organization ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organization ADD COLUMN domains_version INTEGER NOT NULL DEFAULT 0;

-- A change of the organization between its two stores: written before the
-- registry decides about the name, gone once its decision has been followed.
CREATE TABLE organization_change (
    version   INTEGER PRIMARY KEY,
    document  TEXT NOT NULL, -- JSON of org::replace::Replacement
    staged_at INTEGER NOT NULL
) STRICT;

-- The e-mail domains that the organization names, and what is known of each. (The
-- names stand in `organization.domains` once more, which every request reads.)
CREATE TABLE domain (
    name       TEXT PRIMARY KEY, -- lower case
    stage      TEXT NOT NULL,    -- 'named', 'claiming' or 'verified'
    claim_id   TEXT,             -- of its claim in the directory; NULL while only named
    claimed_at INTEGER,          -- when it was last asked for
    failures   INTEGER NOT NULL, -- scheduled checks in a row that found no record
    problem    TEXT,             -- why the last check did not verify it
    checked_at INTEGER,          -- NULL: never
    check_at   INTEGER           -- when it is checked again; NULL unless verified
) STRICT, WITHOUT ROWID;

CREATE INDEX domain_due ON domain (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX domain_claiming ON domain (claimed_at) WHERE stage = 'claiming';

INSERT OR IGNORE INTO domain (name, stage, failures)
SELECT named.value, 'named', 0 FROM organization, json_each(organization.domains) AS named;

-- What is noted about a member, name -> [value].
ALTER TABLE member ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';

-- The list of members, oldest first; a client's service account is none of them.
CREATE INDEX member_listed ON member (joined_at, user_id) WHERE source <> 'machine';
DROP INDEX member_by_age;

INSERT OR REPLACE INTO tally (kind, total)
SELECT 'member', count(*) FROM member WHERE source <> 'machine';

CREATE TRIGGER member_joined AFTER INSERT ON member WHEN NEW.source <> 'machine'
BEGIN
    UPDATE tally SET total = total + 1 WHERE kind = 'member';
END;

CREATE TRIGGER member_left AFTER DELETE ON member WHEN OLD.source <> 'machine'
BEGIN
    UPDATE tally SET total = total - 1 WHERE kind = 'member';
END;

INSERT OR REPLACE INTO tally (kind, total)
SELECT 'invitation', count(*) FROM invitation WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TRIGGER invitation_opened AFTER INSERT ON invitation
WHEN NEW.accepted_at IS NULL AND NEW.revoked_at IS NULL
BEGIN
    UPDATE tally SET total = total + 1 WHERE kind = 'invitation';
END;

CREATE TRIGGER invitation_closed AFTER UPDATE OF accepted_at, revoked_at ON invitation
WHEN OLD.accepted_at IS NULL AND OLD.revoked_at IS NULL
 AND (NEW.accepted_at IS NOT NULL OR NEW.revoked_at IS NOT NULL)
BEGIN
    UPDATE tally SET total = total - 1 WHERE kind = 'invitation';
END;
