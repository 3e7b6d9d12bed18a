-- The registry of organizations and who belongs to them. An organization's own
-- object holds everything else about it.

CREATE TABLE organization (
    realm_id     TEXT NOT NULL,
    id           TEXT NOT NULL,
    name         TEXT NOT NULL,
    alias        TEXT NOT NULL,
    display_name TEXT,
    url          TEXT,
    attributes   TEXT NOT NULL, -- JSON, name -> [value]
    domains      TEXT NOT NULL, -- JSON, [domain]
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, name),
    UNIQUE (realm_id, alias)
) STRICT, WITHOUT ROWID;

-- A projection: the object says who is a member, this says where to look. A row
-- with present = 0 remembers the version at which someone left, so that a late
-- write of an older state changes nothing.
CREATE TABLE membership (
    realm_id TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    org_id   TEXT NOT NULL,
    present  INTEGER NOT NULL,
    version  INTEGER NOT NULL, -- the object's outbox number of this state
    PRIMARY KEY (realm_id, user_id, org_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX membership_of_org ON membership (realm_id, org_id);
