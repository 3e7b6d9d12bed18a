-- Filters and sorting of SCIM users by any attribute, and an organization's own
-- schemas.

-- The resource in normal form (scim::normal), which SQL cannot make: it folds case
-- as Unicode does. Without one: to be read again before the next search.
ALTER TABLE scim_user ADD COLUMN search TEXT; -- JSON

CREATE INDEX scim_user_unread ON scim_user (id) WHERE search IS NULL;
CREATE INDEX scim_user_by_change ON scim_user (updated_at, id) WHERE stage <> 'provisioning';

-- Schemas with which the organization extends its users (RFC 7643 §3.3).
CREATE TABLE scim_schema (
    urn_folded TEXT PRIMARY KEY,
    document   TEXT NOT NULL -- JSON, as in RFC 7643 §7
) STRICT, WITHOUT ROWID;
