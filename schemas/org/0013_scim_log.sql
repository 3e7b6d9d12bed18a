-- The provisioning log: what an organization's directory asked, and what came of it.
-- Neither bodies nor secrets. Numbered in the order of time.
CREATE TABLE scim_log (
    id            INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,
    outcome       TEXT NOT NULL, -- 'success', 'failure' or 'refused'
    method        TEXT NOT NULL,
    path          TEXT NOT NULL, -- below the service, without the query
    status        INTEGER NOT NULL,
    scim_type     TEXT,
    detail        TEXT,
    resource_type TEXT,
    resource_id   TEXT,
    external_id   TEXT,
    user_name     TEXT,
    operations    INTEGER, -- of a PATCH or a bulk request
    failed        INTEGER, -- operations of a bulk request that failed
    credential    TEXT,    -- the kind that was right; NULL: none was
    caller        TEXT,    -- whose access token it was
    address       TEXT
) STRICT;

CREATE INDEX scim_log_by_time ON scim_log (at, id);
CREATE INDEX scim_log_by_outcome ON scim_log (outcome, at, id);
CREATE INDEX scim_log_by_resource ON scim_log (resource_id, at, id) WHERE resource_id IS NOT NULL;
