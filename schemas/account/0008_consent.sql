-- What the person allowed clients (OIDC Core §3.1.2.4).
CREATE TABLE consent (
    client_uuid TEXT NOT NULL,
    org_id      TEXT NOT NULL, -- '' for what concerns the person alone
    scopes      TEXT NOT NULL, -- a JSON list; only grows
    given_at    INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (client_uuid, org_id)
) STRICT, WITHOUT ROWID;

-- Taking a consent back ends what grew from it.
CREATE INDEX family_of_client ON family (client_id);
